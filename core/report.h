/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was found: findings with their evidence, diagnostics about the input,
 * and for each boot which rules could be judged. Rules write here; writers
 * (formats/out_*.c) only read. */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "core/arena.h"
#include "core/event.h"
#include "core/limits.h"
#include "core/mmu.h"
#include "core/status.h"

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };
const char *severity_word(enum severity severity);     /* "error", ... */
const char *certainty_word(enum certainty certainty);  /* "proved", ... */

/* How a finding stands to those of an earlier run. */
enum standing { STANDING_NONE, STANDING_NEW, STANDING_UNCHANGED };

struct rule;
struct picture;
struct boot_facts;
struct comparison;

/* One evidence line. Carets underline parts of it. */
struct note {
	struct loc at;
	const char *says;           /* what the line shows; NULL: it speaks itself */
	struct caret {
		const char *mark;   /* the words to underline, as they stand in the
		                     * line; NULL: no caret */
		const char *says;
	} carets[3];
};

/* What the drawing of a pool needs; see struct pool of core/replay.h. */
struct drawing {
	bool wanted;
	struct pfn_range plan;
	pfn_t used_end;             /* plan.start when unknown */
	bool used_end_known;
	const char *used_says;      /* "1557 tables, RO" */
	const char *tail_says;      /* "777 pages, mapped RW" */
	bool mark_wanted;
	pfn_t mark;                 /* the frame that failed */
	const char *mark_says;
};

struct finding {
	const struct rule *rule;
	enum severity severity;
	enum certainty certainty;
	struct pfn_range where;     /* empty: no frame named */
	const char *message;        /* one line, no full stop */
	struct note notes[NOTES_MAX];  /* [0] is where the finding is placed;
	                                * the rest by position */
	uint32_t note_count;
	const char *why;            /* of these facts; NULL: the rule's; finding_why() */
	const char *fix;            /* ..., "": none is known; finding_fix() */
	const char *raise;          /* what evidence would raise the certainty; or NULL */
	/* For the fingerprint: the level, the phase, what became of it; relative to
	 * the pool. Never an address, a time, a line number, nor what follows from the
	 * size of the memory: how many pools there are, which page of one it is. */
	const char *facts;
	struct drawing drawing;
	uint32_t more;              /* alike but not listed one by one */
	bool unexplained;           /* a refusal that nothing explains: no verdict without an
	                             * error */
	/* Set by report_close_boot(). */
	struct finding *cause;      /* root finding of the same boot, or NULL */
	uint64_t fingerprint;
	bool shown;                 /* passes the minima and --enable/--disable, and is
	                             * not suppressed */
	const char *suppressed;     /* it would be shown, but is accepted: why; or NULL */
	enum standing standing;     /* STANDING_NONE: there is no baseline */
	struct finding *next;
};

/* Does it count: for the exit status, for a test that fails? */
static inline bool finding_is_open(const struct finding *finding)
{
	return finding->shown && finding->standing != STANDING_UNCHANGED;
}

/* A finding of an earlier run that this one has not, although it looked. */
struct absent {
	const struct rule *rule;
	enum severity severity;
	const char *message;        /* as it was told then; NULL: not known */
	uint64_t fingerprint;
	const struct absent *next;
};

/* Room for the EVIDENCE_* bits of core/rule.h. */
#define EVIDENCE_BITS 24u

/* Was a rule judged on this boot? */
enum judgement { JUDGED, NOT_CHECKED, NOT_APPLICABLE };

struct rule_result {
	enum judgement judgement;
	uint32_t lacking;           /* EVIDENCE_* bits of core/rule.h, when NOT_CHECKED */
	const char *reason;         /* NOT_APPLICABLE: "a native boot has no type rules" */
	bool left_out;              /* what it found is not shown: set by who asked for that */
};

struct boot_report {
	uint32_t number;            /* from 1, in order of appearance in the input */
	struct loc start, end;      /* first and last line */
	const char *kernel;         /* "2.6.39-rc5", or NULL */
	const char *platform;       /* "Xen PV dom0", "native", ... never NULL */
	const char *xen;            /* "4.1.0 (debug)", or NULL */
	const char *evidence;       /* "e820, memblock=debug, Xen console"; never NULL */
	const char *missing;        /* "value-level trace", ...; may be "" */
	uint16_t domain;
	bool has_start;             /* banner or memory map seen */
	bool has_end;               /* page-table set-up over, or a crash */
	bool has_evidence;          /* a rule was judged from page-table evidence */
	const char *how_it_ended;   /* "reached init", "crashed: ...", "log ends in ..." */
	bool failure_untold;        /* it crashed, and no error or warning about it stands on
	                             * the crash's lines or quotes one */
	struct loc trace_behind;    /* where a trace of the boot stands behind its log; or unknown */
	bool in_order;              /* what several inputs told came in order of time */
	const char *no_verdict;     /* why not, for people; NULL when sufficient */
	struct rule_result *results;  /* one for each rule, in rule_table order */
	uint32_t judged, not_checked, not_applicable;
	uint32_t lacking;             /* EVIDENCE_* bits that some rule lacked */
	/* How to get each of those, on this kernel; by bit number; NULL for the others. */
	const char *remedies[EVIDENCE_BITS];
	const struct mmu_counts *trace;   /* against Xen's answers; NULL: no trace */
	uint32_t oracle_dumps, oracle_agreed;   /* MEMBLOCK dumps compared, and equal */
	struct finding *findings;   /* sorted: place, then rule */
	struct picture *picture;    /* core/picture.h; NULL unless the judge was asked for it */
	struct boot_facts *facts;       /* core/compare.h; NULL unless the judge was asked for them */
	const struct comparison *against;   /* with a good boot; or NULL */
	struct boot_report *next;
};

struct diagnostic {
	struct loc at;
	const char *says;
	struct diagnostic *next;
};

/* One input: a file, or an archive's member. */
struct input_report {
	uint32_t input;             /* the loc.input of its lines */
	const char *name;           /* as given */
	const char *format;         /* "text log", "gzip", "empty", ...; never NULL */
	enum status status;         /* how reading ended */
	const char *trouble;        /* one sentence, or NULL */
	const char *unread;         /* what of it, or of its traces, could not be read, so that there
	                             * is no verdict: a sentence, or NULL */
	uint64_t bytes, lines;
	const char *lines_of;       /* what the lines are of, when not of the input
	                             * itself: "log", taken out of a dump; or NULL */
	uint64_t lines_used;        /* that became events */
	struct boot_report *boots;
	uint32_t boot_count;        /* listed and not listed */
	uint32_t clean_boots_more;  /* beyond CLEAN_BOOTS_MAX: judged, nothing but notes */
	uint32_t notes_more;        /* their notes */
	struct diagnostic *diagnostics;  /* by position */
	uint32_t diagnostic_count;       /* kept and not kept */
	const struct absent *absent;     /* to its earlier run; by fingerprint */
	const char *packing;        /* what it was unpacked from: "tar in gzip"; or NULL */
	const char *archive;        /* the input that it is a member of; or NULL */
	/* An archive itself, whose members have records of their own when they are
	 * logs of a boot; all zero for others. */
	struct members {
		uint32_t all;       /* looked at */
		uint32_t judged;    /* with a record */
		uint32_t other_text;     /* no boot in them */
		uint32_t other_bytes;    /* images, firmware, programs */
		uint32_t not_wanted;     /* --member names others */
		const char *joined;      /* two that were judged as one, and where the
		                          * second begins; or NULL */
	} members;
	enum exit_status verdict;   /* this input's own exit status */
	/* A trace that was read into the input's last boot, and in it the next
	 * one; NULL: none. Its own boots and verdict are empty. */
	struct input_report *trace;
};
/* The input, or its trace, that a place is in; and its name. */
const struct input_report *report_of(const struct input_report *input, struct loc at);
const char *report_file(const struct input_report *input, struct loc at);

/* Has a rule found an error, shown or not? */
bool boot_has_error(const struct boot_report *boot);

/* Collects one boot's findings. Everything lives in `arena`. */
struct report {
	struct arena *arena;
	struct boot_report *boot;
	struct finding **tail;
	uint32_t *count_by_rule;    /* one for each rule, in rule_table order */
};

/* A new finding of `rule`, PROVED, with the rule's severity, placed at `at`.
 * Never NULL; past FINDINGS_PER_RULE_MAX the last one is returned again with
 * its `more` raised (set fields are then overwritten: call finding_new() last,
 * or test finding->more). */
struct finding *finding_new(struct report *report, const struct rule *rule, struct loc at);
void finding_message(struct report *report, struct finding *finding,
		     const char *format, ...) PRINTF_LIKE(3, 4);
/* Adds an evidence line; says NULL or a format. Ignored past NOTES_MAX, or
 * when loc is unknown. Returns the note, or NULL. */
struct note *finding_note(struct report *report, struct finding *finding, struct loc at,
			  const char *format, ...) PRINTF_LIKE(4, 5);
/* Underlines `mark` (copied) in that note; a NULL note is ignored. */
void note_caret(struct report *report, struct note *note, const char *mark,
		const char *format, ...) PRINTF_LIKE(4, 5);
/* Weakens the certainty: a finding is no better than its worst evidence. */
void finding_at_most(struct finding *finding, enum certainty certainty);
/* printf into the report's arena. */
const char *report_text(struct report *report, const char *format, ...) PRINTF_LIKE(2, 3);

/* Is it placed before its root? One fault has several signs, and the earliest is not
 * always what tells the cause: such a sign does not follow from it. */
bool finding_is_earlier(const struct finding *finding, const struct finding *root);

/* In words, for a report; NULL: not known, and nothing is to be said of it. */
const char *finding_why(const struct finding *finding);
const char *finding_fix(const struct finding *finding);

/* Is one of its evidence lines there? */
bool finding_quotes(const struct finding *finding, struct loc at);

/* Has another rule's finding its first line there? */
bool report_has_at(const struct report *report, struct loc at);

/* Sorts the findings, finds each one's root cause, computes fingerprints. */
void report_close_boot(struct report *report);

#endif
