/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What moved between a good and a bad boot. A boot leaves its facts, when the
 * judge was asked for them: its last memory map, reservations, tables and pools,
 * and one small key for each event.
 *
 *    replay, events --> boot_facts (good) --+
 *    replay, events --> boot_facts (bad)  --+--> comparison --> writers */
#ifndef CORE_COMPARE_H
#define CORE_COMPARE_H

#include "core/replay.h"
#include "core/report.h"

/* Ranges of a kind, and events of a speaker, that are kept of a boot. The richest
 * real log has 3,105 reservations and 5,000 events. */
#define FACT_RANGES_MAX 4096u
#define FACT_EVENTS_MAX 16384u

struct fact_range {
	uint64_t start, end;    /* bytes, end out */
	uint32_t value;         /* of the memory map: enum memory_type */
	const char *label;      /* who; one pointer for each name of a boot */
	struct loc at;
};

struct fact_ranges { struct fact_range *items; uint32_t count, more; };

struct fact_event {
	uint64_t key;           /* alike for events that differ in clocks and places only */
	enum event_kind kind;
	struct loc at;
	const char *line;       /* filled in by who can read it; NULL: not yet */
};

struct boot_facts {
	uint8_t bits;
	const char *command_line, *xen_command_line;   /* or NULL */
	struct loc kernel_at, command_line_at;
	struct fact_ranges map, reserved, tables, mapped;
	struct pool *pools;
	uint32_t pool_count;
	struct step steps[STEP_POWER_OFF + 1];
	uint32_t complaints;
	struct loc first_complaint;
	struct fact_events { struct fact_event *items; uint32_t count, room, more; }
		events[2];      /* by enum speaker */
};

/* After the replay applied the event. */
void facts_event(struct boot_facts *facts, struct arena *arena, const struct event *event);
/* The boot is over. */
void facts_end(struct boot_facts *facts, struct arena *arena, const struct replay *replay);

enum change_section {
	CHANGED_WHO,        /* kernel, Xen, platform, command lines */
	CHANGED_MAP,
	CHANGED_POOL,
	CHANGED_TABLES,
	CHANGED_MAPPED,
	CHANGED_RESERVED,   /* by caller; `what` is the caller */
	CHANGED_END,        /* how far the boot came */
	CHANGED_COUNT
};
const char *change_section_name(enum change_section section);   /* "memory map" */

enum change_kind { CHANGE_OTHER, CHANGE_NEW, CHANGE_GONE, CHANGE_MOVED, CHANGE_RESIZED };
const char *change_kind_word(enum change_kind kind);   /* "new", ... */

struct change {
	enum change_section section;
	enum change_kind kind;
	const char *what;           /* "kernel", "pool 1", "alloc_low_pages" */
	const char *good, *bad;     /* NULL: not there */
	struct loc good_at, bad_at; /* where it is told first; may be unknown */
	uint64_t weight_bytes;      /* the larger of both; orders reservations */
	bool slight;                /* a reservation: resized by less than a page */
};

/* The first event of a speaker that the other boot does not have in its place. */
struct divergence {
	enum speaker speaker;
	const struct fact_event *good, *bad;   /* one may be NULL: nothing more was said */
	const char *bad_line;       /* filled in by who can read it; NULL: not yet */
};

/* Changes of a section that are told one by one; reservations have as many callers
 * as a kernel has. */
#define CHANGES_OF_SECTION 64u
#define CHANGES_OF_RESERVED 256u
#define CHANGES_MAX (CHANGES_OF_RESERVED + (CHANGED_COUNT - 1) * CHANGES_OF_SECTION)

struct comparison {
	const char *good_name;
	uint32_t good_boot;
	bool good_blamed;           /* the good boot has an error of its own */
	struct change *changes;     /* by section */
	uint32_t count, more;       /* more: beyond these bounds */
	struct divergence divergences[2];
	uint32_t divergence_count;
};

/* Both have facts, which live as long as the result. Nothing is ever NULL but
 * where it says so. The name and number of the good boot are the caller's. */
struct comparison *compare_boots(struct arena *arena, const struct boot_report *good,
				 const struct boot_report *bad);

#endif
