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
#include "core/status.h"

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };
const char *severity_word(enum severity severity);     /* "error", ... */
const char *certainty_word(enum certainty certainty);  /* "proved", ... */

struct rule;

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
	const char *why;            /* of these facts; NULL: the rule's */
	const char *fix;            /* of these facts; NULL: the rule's */
	const char *raise;          /* what evidence would raise the certainty; or NULL */
	const char *facts;          /* for the fingerprint: relative to the pool,
	                             * never an address, a time or a line number */
	struct drawing drawing;
	uint32_t more;              /* alike but not listed one by one */
	/* Set by report_close_boot(). */
	struct finding *cause;      /* root finding of the same boot, or NULL */
	uint64_t fingerprint;
	bool shown;                 /* passes the minima and --enable/--disable */
	struct finding *next;
};

/* Was a rule judged on this boot? */
enum judgement { JUDGED, NOT_CHECKED, NOT_APPLICABLE };

struct rule_result {
	enum judgement judgement;
	uint32_t lacking;           /* EVIDENCE_* bits of core/rule.h, when NOT_CHECKED */
	const char *reason;         /* NOT_APPLICABLE: "a native boot has no type rules" */
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
	const char *no_verdict;     /* why not, for people; NULL when sufficient */
	struct rule_result *results;  /* one for each rule, in rule_table order */
	uint32_t judged, not_checked, not_applicable;
	uint32_t oracle_dumps, oracle_agreed;   /* MEMBLOCK dumps compared, and equal */
	struct finding *findings;   /* sorted: place, then rule */
	struct boot_report *next;
};

struct diagnostic {
	struct loc at;
	const char *says;
	struct diagnostic *next;
};

/* One input (a file, later an archive's member). */
struct input_report {
	uint32_t input;             /* the loc.input of its lines */
	const char *name;           /* as given */
	const char *format;         /* "text log", "gzip", "empty", ...; never NULL */
	enum status status;         /* how reading ended */
	const char *trouble;        /* one sentence, or NULL */
	uint64_t bytes, lines;
	uint64_t lines_used;        /* that became events */
	struct boot_report *boots;
	uint32_t boot_count;        /* listed and not listed */
	uint32_t clean_boots_more;  /* beyond CLEAN_BOOTS_MAX: judged, nothing but notes */
	uint32_t notes_more;        /* their notes */
	struct diagnostic *diagnostics;  /* by position */
	uint32_t diagnostic_count;       /* kept and not kept */
	enum exit_status verdict;   /* this input's own exit status */
};

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

/* Sorts the findings, finds each one's root cause, computes fingerprints. */
void report_close_boot(struct report *report);

#endif
