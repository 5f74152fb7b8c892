/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines that are not as the kernel wrote them: control codes of a terminal, entities
 * of a web page, escaped tabs, something that a collector put before each, two consoles in one
 * log, side by side or one some lines behind the other. What one line shows by itself is undone in that line; what would need a look
 * into every line of every log is told from the first bytes of the input.
 *
 *   \033[33mBIOS-e820: \033[0m[mem 0x0..      terminal colours
 *   loading 100%\r[    0.000000] Linux ..     a carriage return
 *   [&lt;ffffffff81471e79&gt;]                entities
 *   memory[0x0]#011[0x00000000010000-..       escapes
 *   guest-1  | [    0.000000] Linux ..        a lead                        */
#ifndef FORMATS_MESS_H
#define FORMATS_MESS_H

#include "core/text.h"

/* Bytes in which Xen's banner, and the rest, are looked for: a log of 100 KB is judged
 * in some ten microseconds. */
#define MESS_BANNER_BYTES (256u * 1024)
#define MESS_SNIFF_BYTES (16u * 1024)
#define MESS_LEAD_MAX 128u
/* A second console is so many lines behind when it writes the banner, at most; later there
 * are its own lines in between, too, and it may fall back. */
#define MESS_LAG_LINES 64u
#define MESS_COPY_LINES(lag) ((lag) > 1 ? 4 * (lag) + 16 : 1)
#define MESS_LAG_BYTES (8u * 1024)

struct mess {
	bool any;              /* one of these: */
	bool entities;         /* &lt; and the like; tags */
	bool returns;          /* carriage returns inside of lines */
	bool escapes;          /* a tab is "#011" (rsyslog) or "\x09" (/dev/kmsg) */
	unsigned doubled;      /* from `doubled_from` on each line stands twice, the second
	                        * time so many lines later at most; 0: once */
	uint64_t doubled_from; /* offset in the input */
	size_t lead_length;    /* what stands before each line; 0: nothing */
	char lead[MESS_LEAD_MAX];
	char *room;            /* for a line that was changed: as long as the longest, and
	                        * 64 bytes more; not owned */
};

/* Looks at the input's first block. */
void mess_sniff(struct mess *mess, struct text first);
/* At the first line in which Xen speaks, with which `rest` of a block begins, `offset`
 * bytes into the input: looks for Xen's banner. May set `doubled`. */
void mess_sniff_xen(struct mess *mess, struct text rest, uint64_t offset);

/* For an input with `any`: does the line hide something that its first bytes do not
 * show? `stripped`: the learned prefix was found before its message. */
bool mess_hides(const struct mess *mess, struct text line, bool stripped);

/* The line as a reader would see it: without a lead, control codes, entities. Points
 * into `raw`, or into mess->room with 64 readable bytes behind; carriage returns are
 * left for the caller, who takes what they part as lines. */
struct text mess_clean(const struct mess *mess, struct text raw);

/* What a log said of late, to know what it says again: of messages that fall on one set
 * the newest ones. */
#define SAID_SETS 128u
#define SAID_WAYS 4u
struct said_line { uint64_t hash; uint32_t line; };   /* line 0: none, or its copy was seen */
struct said {
	bool any;   /* false: `sets` mean nothing yet */
	struct said_line sets[SAID_SETS][SAID_WAYS];
};
/* Did the message stand there up to `within` lines before, without a copy of it since?
 * If not, it is noted. Lines count from 1. */
bool mess_is_copy(struct said *said, struct text message, uint16_t domain, uint32_t line,
		  unsigned within);

/* The line without a lead. */
struct text mess_without_lead(const struct mess *mess, struct text raw);

/* Length of the terminal's control sequence that begins at t.at[i], or 0. */
size_t mess_escape(struct text t, size_t i);
void mess_trim_escape(struct text *t);
#define MESS_FINAL(c) (UINT64_C(1) << ((c) & 63))
/* Cuts off blanks and control sequences at the end. */
static inline void mess_trim(struct text *t)
{
	/* What ends a sequence: colours off, the line's rest cleared, the cursor shown; all lie
	 * between '@' and DEL. One question, as a message may end with anything. */
	const uint64_t finals = MESS_FINAL('m') | MESS_FINAL('K') | MESS_FINAL('J') |
				MESS_FINAL('h') | MESS_FINAL('l');
	uint8_t last = 0;

	while (t->length && (last = (uint8_t)t->at[t->length - 1]) <= ' ')
		t->length--;
	if (UNLIKELY(finals >> (last & 63) & last >> 6 & 1))
		mess_trim_escape(t);
}

#endif
