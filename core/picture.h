/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A boot's memory at its telling moments, copied out of the replay before it
 * moves on, for whoever draws it. Kept only when it is asked for; all memory is
 * the report's. Ranges are bytes, half-open. */
#ifndef CORE_PICTURE_H
#define CORE_PICTURE_H

#include "core/replay.h"

enum picture_layer {
	LAYER_MAP,        /* the memory map in force; value: enum memory_type */
	LAYER_AREAS,      /* kernel, initrd, ...; value: enum area; label: its name */
	LAYER_RESERVED,   /* early reservations; label: who, "" when not told */
	LAYER_TABLES,     /* page-table pages, whoever gave them; label likewise */
	LAYER_COUNT
};

struct picture_span {
	uint64_t start, end;
	uint32_t value;
	const char *label;      /* never NULL */
	struct loc at;          /* the line that set it; areas and map too */
};

/* How a range of a pool may be written through the direct map. */
enum protection {
	PROTECTION_UNTYPED,     /* no hypervisor looks at it */
	PROTECTION_UNKNOWN,
	PROTECTION_RO,
	PROTECTION_RW,
};

struct picture_pool {
	uint32_t number;
	enum pool_kind kind;
	struct pfn_range plan;  /* [start, top) */
	pfn_t used_end;         /* plan.start when not known */
	bool used_end_known;
	enum protection used, tail;
	struct loc at;
};

/* The state after the line `at`. */
struct moment {
	struct loc at;
	const char *says;       /* "page-table pool 1 chosen" */
	bool bad;               /* a failure */
	struct picture_layer_list {
		struct picture_span *items;   /* shared with the moment before, when alike */
		uint32_t count, more;    /* more: not kept */
	} layers[LAYER_COUNT];
	struct picture_pool *pools;
	uint32_t pool_count;
};

/* Moments of one boot: the first of each kind that tell most, and the last. */
#define MOMENTS_MAX 16u
/* Spans of one layer of one moment. A picture cannot show more; the richest
 * real log has 3,105 reservations. */
#ifndef PICTURE_SPANS_MAX
#define PICTURE_SPANS_MAX 4096u
#endif

struct picture {
	struct moment moments[MOMENTS_MAX];
	uint32_t count;
	uint8_t kept[EV_COUNT];  /* moments of each kind of event */
	const char **labels;     /* copies of the replay's, by number; NULL: not copied yet */
};

/* Do both lists say the same of the bytes [from, to)? */
bool picture_same(const struct picture_layer_list *a, const struct picture_layer_list *b,
		  uint64_t from, uint64_t to);

/* After the replay applied the event: keeps the moment when it tells something. */
void picture_event(struct picture *picture, struct arena *arena, const struct replay *replay,
		   const struct event *event);
/* The boot is over. */
void picture_end(struct picture *picture, struct arena *arena, const struct replay *replay);

#endif
