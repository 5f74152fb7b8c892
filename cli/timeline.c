/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/timeline.h"

#include <inttypes.h>

#include "cli/map.h"
#include "core/report.h"
#include "formats/screen.h"

void timeline_boot(struct timeline *timeline, const char *input, uint32_t boot, uint16_t domain)
{
	struct screen screen = { .out = timeline->out };

	timeline_end(timeline);
	screen_puts(&screen, input);
	fprintf(timeline->out, ": boot %u", boot);
	if (domain != DOMAIN_NONE)
		fprintf(timeline->out, " (domain %u)", domain);
	fputs(", line by line: byte ranges [start, end), pfn and mfn are frame numbers\n",
	      timeline->out);
}

/* --- what an event is called -------------------------------------------------- */

/* As people of the field call it; a kind without a word has its description. */
static const char *const words_of[EV_COUNT] = {
	[EV_KERNEL_STARTED] = "kernel",
	[EV_XEN_STARTED] = "hypervisor",
	[EV_COMMAND_LINE] = "command line",
	[EV_XEN_COMMAND_LINE] = "Xen command line",
	[EV_XEN_GUEST_LEVEL] = "Xen guest_loglvl",
	[EV_PLATFORM_TOLD] = "platform",
	[EV_KERNEL_BITS] = "word size",
	[EV_MILESTONE] = "step",
	[EV_MAP_ENTRY] = "e820",
	[EV_MAP_UPDATED] = "e820 update",
	[EV_MAP_REMOVED] = "e820 remove",
	[EV_LAST_PFN] = "last_pfn",
	[EV_RANGE_RESERVED] = "memblock reserve",
	[EV_RANGE_RELEASED] = "memblock free",
	[EV_MEMORY_ADDED] = "memblock add",
	[EV_MEMORY_REMOVED] = "memblock remove",
	[EV_ALLOC_REQUESTED] = "memblock request",
	[EV_DUMP_STARTED] = "memblock dump",
	[EV_DUMP_REGION] = "memblock dump",
	[EV_RESERVED_LISTED] = "early reservation",
	[EV_RANGE_SUBTRACTED] = "kept back",
	[EV_RANGE_ABSURD] = "absurd range",
	[EV_RANGE_CLASHED] = "reserved twice",
	[EV_NODE_MEMORY] = "node memory",
	[EV_MAPPED_LIMIT] = "mapped before",
	[EV_MAPPING_STARTED] = "direct map",
	[EV_MAPPING_PART] = "direct map part",
	[EV_POOL_PLANNED] = "page-table pool",
	[EV_POOL_STATE] = "page-table pool",
	[EV_POOL_TAIL_RW] = "tail set RW",
	[EV_TABLE_FROM_BRK] = "page table (brk)",
	[EV_AREA_NAMED] = "area",
	[EV_MEMORY_FREED] = "freed",
	[EV_FRAMES_MOVED] = "frames",
	[EV_COMPLAINT] = "Xen refused",
	[EV_FRAME_LISTED] = "Xen: frame",
	[EV_DOMAIN_CRASHED] = "domain crashed",
	[EV_MULTICALL_FAILED] = "multicall failed",
	[EV_MULTICALL_ENTRY] = "multicall entry",
	[EV_FAULT] = "oops",
	[EV_FAULT_DETAIL] = "oops",
	[EV_KERNEL_BUG] = "kernel BUG",
	[EV_KERNEL_WARNING] = "kernel WARNING",
	[EV_PANIC] = "panic",
	[EV_WX_FOUND] = "W+X mapping",
	[EV_TABLE_AUDITED] = "dump: entry",
	[EV_DUMP_WALKED] = "dump: walked",
	[EV_KERNEL_MOVED] = "kernel offset",
	[EV_IMAGE_GIVEN] = "--vmlinux",
	[EV_DOMAIN_DESCRIBED] = "--domain-xml",
	[EV_MESSAGES_LOST] = "lines lost",
};

static const char *word_of(const struct event *event)
{
	const char *word = words_of[event->kind];

	if (event->kind == EV_MAP_ENTRY && event->u.map.view == VIEW_HOST)
		return "Xen e820";
	if (event->kind == EV_MMU_OP)
		return mmu_op_word(event->u.mmu.kind);
	return word ? word : event_doc(event->kind);
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

/* "saw writable, count 1; wanted L1 table" */
static void put_types(FILE *out, const struct replay *replay, const struct event *event)
{
	struct type_word saw = event->u.complaint.saw, expected = event->u.complaint.expected;
	enum type_layout layout = type_layout_of(saw, expected, &replay->xen);
	struct type_info was = type_decode(saw, layout), wanted = type_decode(expected, layout);

	fprintf(out, " a type change: is %s%s, count %" PRIu64 "; wanted %s",
		type_kind_name(was.kind), was.pinned ? ", pinned" : "", was.count,
		type_kind_name(wanted.kind));
}

static void put_complaint(FILE *out, const struct replay *replay, const struct event *event)
{
	const char *doc = complaint_doc(event->u.complaint.what);

	if (event->u.complaint.what == COMPLAINT_BAD_TYPE)
		put_types(out, replay, event);
	else   /* What follows the colon tells programmers which fields are set. */
		fprintf(out, " %.*s", (int)strcspn(doc, ":"), doc);
	if (event->u.complaint.mfn != UNKNOWN_NUMBER || event->u.complaint.pfn != UNKNOWN_NUMBER)
		putc(';', out);
	put_number(out, "mfn", event->u.complaint.mfn);
	put_number(out, "pfn", event->u.complaint.pfn);
}

static void put_listed(FILE *out, const struct replay *replay, const struct event *event)
{
	struct type_word none = { 0, 0 }, word = event->u.listed.type;
	struct type_info type = type_decode(word, type_layout_of(word, none, &replay->xen));

	put_number(out, "mfn", event->u.listed.mfn);
	if (event->u.listed.owner != DOMAIN_NONE)
		fprintf(out, " of domain %u", event->u.listed.owner);
	fprintf(out, ": %s%s%s, count %" PRIu64, type_kind_name(type.kind),
		type.pinned ? ", pinned" : "", type.validated ? ", validated" : "", type.count);
}

static void put_call(FILE *out, const struct event *event)
{
	static const struct { uint32_t op; const char *name; } names[] = {
		{ 1, "mmu_update" }, { 3, "stack_switch" }, { 12, "memory_op" },
		{ 14, "update_va_mapping" }, { 26, "mmuext_op" },
	};
	const char *name = "hypercall";

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].op == event->u.call.op)
			name = names[i].name;
	fprintf(out, " %u", event->u.call.index);
	if (event->u.call.total)
		fprintf(out, " of %u", event->u.call.total);
	fprintf(out, ": %s (op %u), argument 0x%" PRIx64 ", result %" PRId64, name,
		event->u.call.op, event->u.call.argument, event->u.call.result);
}

static void put_page_size(FILE *out, uint64_t bytes)
{
	if (bytes >= 1u << 30)
		fprintf(out, " in %" PRIu64 " GiB pages", bytes >> 30);
	else if (bytes >= 1u << 20)
		fprintf(out, " in %" PRIu64 " MiB pages", bytes >> 20);
	else if (bytes)
		fprintf(out, " in %" PRIu64 " KiB pages", bytes >> 10);
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

static void put_oops_detail(FILE *out, const struct event *event)
{
	if (event->u.detail.what == DETAIL_STRING_STORE) {
		fputs(event->u.detail.number ? " the code is a string store: RDI is the address" :
		      " the code is no string store", out);
		return;
	}
	/* New kernels print the symbol alone. */
	if (event->u.detail.words.length && !event->u.detail.number)
		fprintf(out, " %s", detail_name(event->u.detail.what));
	else
		put_number(out, detail_name(event->u.detail.what), event->u.detail.number);
	put_words(out, " ", event->u.detail.words);
}

static void put_description(FILE *out, const struct domain_description *told)
{
	static const char *const kinds[] = {
		[DESCRIBED_UNKNOWN] = "kind not told", [DESCRIBED_PV] = "PV", [DESCRIBED_PVH] = "PVH",
		[DESCRIBED_HVM] = "HVM",
	};

	fprintf(out, " %s: %s", told->name ? told->name : "no name", kinds[told->kind]);
	if (told->memory_bytes)
		fprintf(out, ", %" PRIu64 " of %" PRIu64 " MiB", told->current_bytes >> 20,
			told->memory_bytes >> 20);
	if (told->hotplug_bytes)
		fprintf(out, ", up to %" PRIu64 " MiB", told->hotplug_bytes >> 20);
	if (told->vcpus)
		fprintf(out, ", %" PRIu32 " vcpu", told->vcpus);
	if (told->e820_host)
		fputs(", e820_host", out);
	if (told->passthrough || told->hostdevs)
		fprintf(out, ", passthrough of %" PRIu32, told->hostdevs);
	if (told->kernel)
		put_words(out, ", kernel ", text_of(told->kernel));
}

/* One switch over all kinds, so that a new one is not forgotten here. */
static void put_details(FILE *out, const struct replay *replay, const struct event *event)
{
	switch (event->kind) {
	case EV_KERNEL_STARTED:
		put_words(out, " Linux ", event->u.kernel.words);
		break;
	case EV_XEN_STARTED:
		if (event->u.xen.words.length)
			put_words(out, " Xen ", event->u.xen.words);
		else
			fprintf(out, " Xen %u.%u", event->u.xen.major, event->u.xen.minor);
		break;
	case EV_COMMAND_LINE:
	case EV_XEN_COMMAND_LINE:
	case EV_PANIC:
	case EV_DOMAIN_CRASHED:
		put_words(out, " ", event->u.words);
		break;
	case EV_MESSAGES_LOST:
		put_words(out, " ", event->u.lost.words.length ? event->u.lost.words
					: text_of(loss_doc(event->u.lost.what)));
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
	case EV_NODE_MEMORY:
		put_bytes(out, event->u.range.bytes);
		put_words(out, " ", event->u.range.label);
		break;
	case EV_RANGE_CLASHED:
		put_bytes(out, event->u.clash.bytes);
		put_words(out, " ", event->u.clash.label);
		if (paddr_range_empty(event->u.clash.other))
			break;
		fputs(" over", out);
		put_bytes(out, event->u.clash.other);
		put_words(out, " ", event->u.clash.other_label);
		break;
	case EV_ALLOC_REQUESTED:
		fprintf(out, " %" PRIu64 " bytes", event->u.request.size_bytes);
		put_words(out, " for ", event->u.request.label);
		break;
	case EV_DUMP_STARTED:
		fputs(" begins", out);
		break;
	case EV_MULTICALL_ENTRY:
		put_call(out, event);
		break;
	case EV_DUMP_REGION:
		fputs(event->u.region.reserved ? " reserved" : " memory", out);
		put_bytes(out, event->u.region.bytes);
		break;
	case EV_MAPPED_LIMIT:
		put_number(out, "up to", event->u.limit.n);
		break;
	case EV_MAPPING_STARTED:
		put_bytes(out, event->u.mapping.bytes);
		break;
	case EV_MAPPING_PART:
		put_bytes(out, event->u.mapping.bytes);
		put_page_size(out, event->u.mapping.page_bytes);
		break;
	case EV_POOL_PLANNED:
		put_frames(out, event->u.pool.plan);
		break;
	case EV_POOL_STATE:
		put_frames(out, event->u.pool_state.plan);
		put_number(out, "used to", event->u.pool_state.used_end.n);
		break;
	case EV_POOL_TAIL_RW:
	case EV_TABLE_FROM_BRK:
		put_bytes(out, event->u.bytes);
		break;
	case EV_AREA_NAMED:
		fprintf(out, " %s%s", area_name(event->u.area.area),
			event->u.area.is_virtual ? ", virtual" : "");
		put_bytes(out, event->u.area.bytes);
		fputs(event->u.area.relocation ? " (moved here)" : "", out);
		break;
	case EV_MEMORY_FREED:
		put_freed(out, event);
		break;
	case EV_FRAMES_MOVED:
		put_moved(out, event);
		break;
	case EV_COMPLAINT:
		put_complaint(out, replay, event);
		break;
	case EV_FRAME_LISTED:
		put_listed(out, replay, event);
		break;
	case EV_MULTICALL_FAILED:
		fprintf(out, " %u", event->u.multicall.failed);
		if (event->u.multicall.total)
			fprintf(out, " of %u", event->u.multicall.total);
		break;
	case EV_FAULT:
		if (event->u.fault.trap != TRAP_PAGE_FAULT)
			fprintf(out, " %s (exception %u)", trap_name(event->u.fault.trap),
				event->u.fault.trap);
		fputs(event->u.fault.null ? " NULL pointer" : "", out);
		if (event->u.fault.address == UNKNOWN_NUMBER)
			fputs(" begins", out);
		put_number(out, "address", event->u.fault.address);
		break;
	case EV_FAULT_DETAIL:
		put_oops_detail(out, event);
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
	case EV_MMU_OP:
		break;   /* by put_mmu_op() */
	case EV_TABLE_AUDITED:
		fprintf(out, " %.*s = 0x%llx: %s", TEXT_ARG(event->u.audit.path),
			(unsigned long long)event->u.audit.entry, audit_doc(event->u.audit.what));
		break;
	case EV_DUMP_WALKED:
		fprintf(out, " %llu tables, %llu entries",
			(unsigned long long)event->u.walked.tables,
			(unsigned long long)event->u.walked.entries);
		break;
	case EV_KERNEL_MOVED:
		if (event->u.moved_bytes)
			fprintf(out, " 0x%llx above where it was linked",
				(unsigned long long)event->u.moved_bytes);
		else
			fputs(" none", out);
		break;
	case EV_IMAGE_GIVEN:
		fprintf(out, " kernel 0x%llx-0x%llx, brk 0x%llx-0x%llx",
			(unsigned long long)event->u.image.kernel.start.n,
			(unsigned long long)event->u.image.kernel.end.n,
			(unsigned long long)event->u.image.brk.start.n,
			(unsigned long long)event->u.image.brk.end.n);
		if (event->u.image.init_p2m)
			fprintf(out, "; wants the p2m list at 0x%llx",
				(unsigned long long)event->u.image.init_p2m);
		if (event->u.image.features)
			put_words(out, "; for Xen: ", text_of(event->u.image.features));
		break;
	case EV_DOMAIN_DESCRIBED:
		put_description(out, event->u.described);
		break;
	case EV_COUNT:
		break;
	}
}

/* --- what it did to the pool ------------------------------------------------ */

static bool here(struct loc a, const struct event *event)
{
	return loc_known(a) && a.input == event->at.input && a.line == event->at.line &&
	       a.offset == event->at.offset;
}

static void put_pool_reserved(FILE *out, const struct pool *pool)
{
	fprintf(out, "; pool %u: used to pfn 0x%" PRIx64 ", %" PRIu64 " tables, %" PRIu64
		" pages in the tail", pool->number, pool->used_end.n,
		pfn_range_size(pool_used(pool)), pfn_range_size(pool_tail(pool)));
}

/* The pools remember which line did what to them. */
static bool put_pool_changes(FILE *out, const struct replay *replay, const struct event *event)
{
	bool changed = false;

	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];
		bool begins = here(pool->planned_at, event) && event->kind == EV_POOL_PLANNED;
		bool reserved = here(pool->reserved_at, event) &&
				pool->used_end_from != USED_UNKNOWN;
		bool writable = here(pool->rw_at, event), over = here(pool->closed_at, event);

		if (begins)
			fprintf(out, "; pool %u begins", pool->number);
		if (reserved)
			put_pool_reserved(out, pool);
		if (writable)
			fprintf(out, "; pool %u: %" PRIu64 " pages writable again", pool->number,
				pfn_range_size(pfns_touched(pool->made_rw)));
		if (over)
			fprintf(out, "; pool %u is over", pool->number);
		changed |= begins || reserved || writable || over;
	}
	return changed;
}

/* The frames that the event is about, when it may concern a pool: empty for
 * the others. */
static struct pfn_range frames_of(const struct event *event)
{
	struct pfn_range none = { { 0 }, { 0 } };

	switch (event->kind) {
	case EV_RANGE_RESERVED:
	case EV_RANGE_RELEASED:
	case EV_MEMORY_REMOVED:
		return pfns_touched(event->u.range.bytes);
	case EV_AREA_NAMED:
		return event->u.area.is_virtual ? none : pfns_touched(event->u.area.bytes);
	case EV_MAP_UPDATED:
	case EV_MAP_REMOVED:
		return pfns_touched(event->u.map_edit.bytes);
	case EV_FRAMES_MOVED:
		return event->u.moved.frames;
	case EV_COMPLAINT:
		if (event->u.complaint.pfn == UNKNOWN_NUMBER)
			return none;
		return (struct pfn_range){ { event->u.complaint.pfn },
					   { event->u.complaint.pfn + 1 } };
	default:
		return none;
	}
}

/* Neither begins nor ends a pool, but is about its frames. */
static void put_pool_touched(FILE *out, const struct replay *replay, const struct event *event)
{
	struct pfn_range frames = frames_of(event);

	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];
		const char *part = "";

		if (pool->kind != POOL_BUFFER || !pfn_range_overlap(pool->plan, frames))
			continue;
		if (pool->used_end_from != USED_UNKNOWN)
			part = frames.start.n >= pool->used_end.n ? "the tail of " :
			       frames.end.n <= pool->used_end.n ? "the tables of " : "";
		fprintf(out, "; in %spool %u", part, pool->number);
	}
}

/* Table pages that are no part of a pool: of the brk, or of memblock. */
static void put_lone_tables(FILE *out, const struct replay *replay, const struct event *event)
{
	if (event->kind == EV_TABLE_FROM_BRK)
		fprintf(out, "; brk pool: tables so far: %" PRIu64,
			range_map_held(&replay->brk_pages, 0, UINT64_MAX) >> FRAME_SHIFT);
	else if (event->kind == EV_RANGE_RESERVED &&
		 range_map_covers(&replay->tables, event->u.range.bytes.start.n,
				  event->u.range.bytes.end.n))
		fputs("; becomes a page table", out);
	else if (event->kind == EV_COMPLAINT && event->u.complaint.pfn != UNKNOWN_NUMBER &&
		 range_map_at(&replay->tables, event->u.complaint.pfn << FRAME_SHIFT))
		fputs("; taken as a page table before", out);
}

/* --- lines ------------------------------------------------------------------ */

void timeline_end(struct timeline *timeline)
{
	if (timeline->open)
		putc('\n', timeline->out);
	timeline->open = false;
}

void timeline_close(struct timeline *timeline, const struct replay *replay)
{
	timeline_end(timeline);
	put_mmu_counts(timeline->out, replay);
	timeline->seen = (struct mmu_seen){ .judged = false };
}

/* The number of a line, or of a byte; of a trace beside the log with the trace's name. */
static void put_place(const struct timeline *timeline, struct loc at)
{
	struct screen screen = { .out = timeline->out };

	if (timeline->trace && at.input == timeline->trace_input) {
		screen_puts(&screen, timeline->trace);
		putc(':', timeline->out);
	}
	fprintf(timeline->out, "%6" PRIu64, loc_number(at));
}

/* What one line told in several events stands in one entry. */
void timeline_event(void *context, const struct replay *replay, const struct event *event)
{
	struct timeline *timeline = context;
	FILE *out = timeline->out;

	if (event->kind != EV_MMU_OP || event->u.mmu.kind >= MMU_TABLE_TAKEN)
		timeline->seen.judged = false;
	/* The operation before it says so. */
	if (event->kind == EV_MESSAGES_LOST && event->u.lost.what == LOSS_EVENTS)
		return;
	if (timeline->frame.on &&
	    !frame_concerned(&timeline->frame, replay, event, &timeline->seen))
		return;
	if (timeline->open && here(timeline->at, event)) {
		fprintf(out, "; %s",
			!strcmp(word_of(event), timeline->word) ? "and" : word_of(event));
	} else {
		timeline_end(timeline);
		put_place(timeline, event->at);
		fprintf(out, " %-17s", word_of(event));
	}
	timeline->at = event->at;
	timeline->word = word_of(event);
	timeline->open = true;
	put_details(out, replay, event);
	if (event->kind == EV_MMU_OP) {
		put_mmu_op(out, replay, event, &timeline->seen);
		if (timeline->frame.on)
			put_frame_state(out, &timeline->frame, replay);
	}
	if (!put_pool_changes(out, replay, event)) {
		put_pool_touched(out, replay, event);
		put_lone_tables(out, replay, event);
	}
	if (event->certainty != PROVED)
		fprintf(out, " (%s)", certainty_word(event->certainty));
}
