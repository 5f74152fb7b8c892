/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/timeline.h"

#include <inttypes.h>

#include "cli/map.h"
#include "core/report.h"
#include "formats/screen.h"

void timeline_boot(FILE *out, const char *input, uint32_t boot, uint16_t domain)
{
	struct screen screen = { .out = out };

	screen_puts(&screen, input);
	fprintf(out, ": boot %u", boot);
	if (domain != DOMAIN_NONE)
		fprintf(out, " (domain %u)", domain);
	fputs(", event by event\n", out);
}

/* --- what an event says ---------------------------------------------------- */

static void put_words(FILE *out, const char *lead, struct text words)
{
	struct screen screen = { .out = out };

	if (!words.length)
		return;
	fputs(lead, out);
	screen_put(&screen, words);
}

static void put_bytes(FILE *out, struct paddr_range bytes)
{
	fprintf(out, " 0x%" PRIx64 "-0x%" PRIx64, bytes.start.n, bytes.end.n);
}

static void put_frames(FILE *out, struct pfn_range frames)
{
	fprintf(out, " pfn 0x%" PRIx64 "-0x%" PRIx64 " (%" PRIu64 " pages)", frames.start.n,
		frames.end.n, pfn_range_size(frames));
}

static void put_number(FILE *out, const char *name, uint64_t number)
{
	if (number != UNKNOWN_NUMBER)
		fprintf(out, " %s 0x%" PRIx64, name, number);
}

static void put_complaint(FILE *out, const struct event *event)
{
	const char *doc = complaint_doc(event->u.complaint.what);

	/* What follows the colon tells programmers which fields are set. */
	fprintf(out, " %.*s", (int)strcspn(doc, ":"), doc);
	put_number(out, "mfn", event->u.complaint.mfn);
	put_number(out, "pfn", event->u.complaint.pfn);
}

static void put_freed(FILE *out, const struct event *event)
{
	static const char *const names[] = {
		[FREED_INIT] = "init memory", [FREED_INITRD] = "initrd", [FREED_OTHER] = "other",
	};

	fprintf(out, " %s", names[event->u.freed.what]);
	if (!vaddr_range_empty(event->u.freed.where))
		fprintf(out, " at virtual 0x%" PRIx64 "-0x%" PRIx64, event->u.freed.where.start.n,
			event->u.freed.where.end.n);
	else if (event->u.freed.size_bytes)
		fprintf(out, " %" PRIu64 " bytes", event->u.freed.size_bytes);
}

static void put_moved(FILE *out, const struct event *event)
{
	static const char *const names[] = {
		[MOVE_RELEASED] = "released", [MOVE_POPULATED] = "populated",
		[MOVE_IDENTITY] = "set 1:1", [MOVE_REMAPPED] = "remapped",
	};

	fprintf(out, " %s", names[event->u.moved.what]);
	if (!pfn_range_empty(event->u.moved.frames))
		put_frames(out, event->u.moved.frames);
	else
		fprintf(out, " %" PRIu64 " pages", event->u.moved.count);
}

static const char *step_name(enum milestone step)
{
	switch (step) {
	case STEP_MAP_HEADER:
		return "a memory map follows";
	case STEP_DIRECT_MAP_DONE:
		return "the direct map is done";
	case STEP_ZONES:
		return "zones";
	case STEP_MEMORY_LINE:
		return "page-table set-up is over";
	case STEP_INIT_MEMORY_FREED:
		return "init memory freed";
	case STEP_USERSPACE:
		return "user space";
	case STEP_XEN_BUILDS_DOM0:
		return "Xen builds dom0";
	case STEP_XEN_DONE:
		return "Xen freed its init memory";
	case STEP_POWER_OFF:
		return "power off";
	}
	return "";
}

static const char *platform_name(enum platform platform)
{
	static const char *const names[] = {
		[PLATFORM_UNKNOWN] = "unknown", [PLATFORM_NATIVE] = "native",
		[PLATFORM_XEN_PV] = "Xen PV", [PLATFORM_XEN_PVH] = "Xen PVH",
		[PLATFORM_XEN_HVM] = "Xen HVM", [PLATFORM_OTHER_VM] = "another hypervisor",
	};

	return names[platform];
}

static const char *detail_name(enum fault_detail what)
{
	switch (what) {
	case DETAIL_CODE:
		return "error code";
	case DETAIL_CR2:
		return "CR2";
	case DETAIL_RDI:
		return "RDI";
	case DETAIL_RIP:
		return "RIP";
	case DETAIL_CR3:
		return "CR3";
	case DETAIL_PTE:
		return "page-table entry";
	case DETAIL_STRING_STORE:
		return "string store";
	}
	return "";
}

/* One switch over all kinds, so that a new one is not forgotten here. */
static void put_details(FILE *out, const struct event *event)
{
	switch (event->kind) {
	case EV_KERNEL_STARTED:
		put_words(out, " Linux ", event->u.kernel.words);
		break;
	case EV_XEN_STARTED:
		put_words(out, " Xen ", event->u.xen.words);
		break;
	case EV_COMMAND_LINE:
	case EV_XEN_COMMAND_LINE:
	case EV_PANIC:
	case EV_MESSAGES_LOST:
		put_words(out, " ", event->u.words);
		break;
	case EV_XEN_GUEST_LEVEL:
		fputs(event->u.all ? " all messages" : " not all messages", out);
		break;
	case EV_PLATFORM_TOLD:
		fprintf(out, " %s", platform_name(event->u.platform));
		break;
	case EV_KERNEL_BITS:
		if (event->u.word_size.bits)
			fprintf(out, " %u bits", event->u.word_size.bits);
		fputs(event->u.word_size.pae ? " PAE" : "", out);
		break;
	case EV_MILESTONE:
		fprintf(out, " %s", step_name(event->u.milestone.step));
		break;
	case EV_MAP_ENTRY:
		put_bytes(out, event->u.map.bytes);
		fprintf(out, " %s", memory_type_name(event->u.map.type));
		break;
	case EV_MAP_UPDATED:
	case EV_MAP_REMOVED:
		put_bytes(out, event->u.map_edit.bytes);
		fprintf(out, " %s", memory_type_name(event->u.map_edit.from));
		if (event->kind == EV_MAP_UPDATED)
			fprintf(out, " -> %s", memory_type_name(event->u.map_edit.to));
		break;
	case EV_LAST_PFN:
		put_number(out, "pfn", event->u.last.n);
		break;
	case EV_RANGE_RESERVED:
	case EV_RANGE_RELEASED:
	case EV_MEMORY_ADDED:
	case EV_MEMORY_REMOVED:
	case EV_RESERVED_LISTED:
	case EV_RANGE_SUBTRACTED:
	case EV_RANGE_ABSURD:
		put_bytes(out, event->u.range.bytes);
		put_words(out, " ", event->u.range.label);
		break;
	case EV_ALLOC_REQUESTED:
		fprintf(out, " %" PRIu64 " bytes", event->u.request.size_bytes);
		put_words(out, " for ", event->u.request.label);
		break;
	case EV_DUMP_STARTED:
	case EV_MULTICALL_ENTRY:
	case EV_DOMAIN_CRASHED:
		break;
	case EV_DUMP_REGION:
		put_bytes(out, event->u.region.bytes);
		fputs(event->u.region.reserved ? " reserved" : " memory", out);
		break;
	case EV_MAPPED_LIMIT:
		put_number(out, "up to", event->u.limit.n);
		break;
	case EV_MAPPING_STARTED:
	case EV_MAPPING_PART:
		put_bytes(out, event->u.mapping.bytes);
		break;
	case EV_POOL_PLANNED:
		put_frames(out, event->u.pool.plan);
		break;
	case EV_POOL_TAIL_RW:
	case EV_TABLE_FROM_BRK:
		put_bytes(out, event->u.bytes);
		break;
	case EV_AREA_NAMED:
		fprintf(out, " %s", area_name(event->u.area.area));
		put_bytes(out, event->u.area.bytes);
		break;
	case EV_MEMORY_FREED:
		put_freed(out, event);
		break;
	case EV_FRAMES_MOVED:
		put_moved(out, event);
		break;
	case EV_COMPLAINT:
		put_complaint(out, event);
		break;
	case EV_MULTICALL_FAILED:
		fprintf(out, " %u of %u", event->u.multicall.failed, event->u.multicall.total);
		break;
	case EV_FAULT:
		put_number(out, "address", event->u.fault.address);
		break;
	case EV_FAULT_DETAIL:
		put_number(out, detail_name(event->u.detail.what), event->u.detail.number);
		put_words(out, " ", event->u.detail.words);
		break;
	case EV_KERNEL_BUG:
	case EV_KERNEL_WARNING:
		put_words(out, " ", event->u.bug.file);
		fprintf(out, ":%u", event->u.bug.line);
		break;
	case EV_WX_FOUND:
		fputs(event->u.wx.passed ? " none" : "", out);
		put_number(out, "address", event->u.wx.address);
		break;
	case EV_COUNT:
		break;
	}
}

/* --- what it did to the pool ------------------------------------------------ */

static bool here(struct loc a, const struct event *event)
{
	return a.line && a.line == event->at.line && a.offset == event->at.offset;
}

static void put_pool_reserved(FILE *out, const struct pool *pool)
{
	fprintf(out, "; pool %u: used to pfn 0x%" PRIx64 ", %" PRIu64 " tables, %" PRIu64
		" pages in the tail", pool->number, pool->used_end.n,
		pfn_range_size(pool_used(pool)), pfn_range_size(pool_tail(pool)));
}

/* The pools remember which line did what to them. */
static void put_pool_changes(FILE *out, const struct replay *replay, const struct event *event)
{
	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (here(pool->planned_at, event) && event->kind == EV_POOL_PLANNED)
			fprintf(out, "; pool %u begins", pool->number);
		if (here(pool->reserved_at, event) && pool->used_end_from != USED_UNKNOWN)
			put_pool_reserved(out, pool);
		if (here(pool->rw_at, event))
			fprintf(out, "; pool %u: %" PRIu64 " pages writable again", pool->number,
				pfn_range_size(pfns_touched(pool->made_rw)));
		if (here(pool->closed_at, event))
			fprintf(out, "; pool %u is over", pool->number);
	}
}

void timeline_event(void *context, const struct replay *replay, const struct event *event)
{
	FILE *out = context;

	fprintf(out, "%6u %-18s", event->at.line, event_name(event->kind));
	put_details(out, event);
	put_pool_changes(out, replay, event);
	if (event->certainty != PROVED)
		fprintf(out, " (%s)", certainty_word(event->certainty));
	putc('\n', out);
}
