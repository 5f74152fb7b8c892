/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Walks the page tables that a dump's CPUs had loaded, and audits them.
 *
 *    roots -> L4 -> L3 -> L2 -> L1 -> pages      level by level: every table is
 *             |tables[], in this order|          read once, whoever names it
 *
 * Tables are collected first, down to L1; then every L1 entry is looked at, since
 * only then it is known which frames are tables. Each frame is a table once, so
 * cycles end and the time is linear in the tables. */
#include <stdio.h>

#include "core/complaints.h"
#include "formats/modules/elf/dump.h"

#define PRESENT UINT64_C(1)
#define WRITABLE UINT64_C(2)
#define HUGE_PAGE UINT64_C(0x80)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define ENTRIES 512u

/* L4 slots that belong to Xen: M2P, its linear map, its text.
 * Source: Xen xen/include/asm-x86/config.h ROOT_PAGETABLE_FIRST_XEN_SLOT. */
#define XEN_SLOT_FIRST 256u
#define XEN_SLOT_LAST 271u

/* Facts of one kind that are told one by one; the rest is counted. */
#define FACTS_MAX 32u
/* Entries of an L1 that no kernel writes: so many make it a page of data. */
#define DATA_ENTRIES_MIN 3u

#define RIGHT_WRITE 1u
#define RIGHT_EXECUTE 2u
#define RIGHTS (RIGHT_WRITE | RIGHT_EXECUTE)

struct table {
	uint64_t frame;
	uint32_t parent;        /* index into tables; its own for a root */
	uint16_t slot;          /* of the parent */
	uint8_t level;
	uint8_t rights;         /* a set of RIGHT_* sets, see pass_rights() */
	bool disputed;          /* named at two levels */
};

struct fact {
	enum audit what;
	uint32_t table;
	unsigned slot;
	uint64_t entry, other, count;
};

struct walk {
	struct dump *dump;
	struct dump_text *text;
	struct table *tables;
	uint32_t count, room;
	uint32_t *table_of;     /* by index of the frame: number in tables, + 1 */
	uint64_t entries, missing, more;
	struct fact facts[AUDIT_COUNT * FACTS_MAX];
	uint32_t fact_count;
	uint32_t by_kind[AUDIT_COUNT];
	struct fact *wx;        /* all W+X pages are one fact */
};

/* --- paths ---------------------------------------------------------------- */

#define PATH_BYTES 160u

struct path {
	char words[PATH_BYTES];
	uint64_t address;       /* of the first byte mapped by the entry */
};

/* "L4[0x111] -> L3[0x000] -> L2[0x032] -> L1[0x0e0]", and what it maps. */
static struct path path_of(const struct walk *walk, uint32_t table, unsigned slot)
{
	unsigned slots[5], levels[5], depth = 0;
	struct path path = { .address = 0 };
	size_t at = 0;

	for (;;) {
		const struct table *t = &walk->tables[table];

		slots[depth] = slot;
		levels[depth++] = t->level;
		if (t->parent == table || depth == 5)
			break;
		slot = t->slot;
		table = t->parent;
	}
	for (unsigned i = depth; i-- > 0;) {
		path.address |= (uint64_t)slots[i] << (FRAME_SHIFT + 9 * (levels[i] - 1));
		at += (size_t)snprintf(path.words + at, sizeof(path.words) - at, "%sL%u[0x%03x]",
				       at ? " -> " : "", levels[i], slots[i]);
	}
	if (path.address >> (FRAME_SHIFT + 9 * walk->dump->levels - 1))
		path.address |= ~UINT64_C(0) << (FRAME_SHIFT + 9 * walk->dump->levels);
	return path;
}

/* --- facts ---------------------------------------------------------------- */

/* Writes a line that a report can quote, and emits the event that stands in it. */
static void put_line(struct walk *walk, const char *line, size_t length, struct event *event)
{
	struct dump_text *text = walk->text;

	fwrite_unlocked(line, 1, length, text->out);
	event->at = (struct loc){ .offset = text->offset, .line = text->line,
				  .length = (uint32_t)length - 1,
				  .input = walk->dump->reader->input->input };
	text->offset += length;
	text->line++;
	reader_emit(walk->dump->reader, event);
}

static void tell(struct walk *walk, struct event *event)
{
	char line[512];
	int length;

	length = snprintf(line, sizeof(line), "page-table walk: %.*s = 0x%016llx\n",
			  TEXT_ARG(event->u.audit.path), (unsigned long long)event->u.audit.entry);
	if (length < 0 || (size_t)length >= sizeof(line))
		return;
	put_line(walk, line, (size_t)length, event);
}

static struct event fact_of(const struct walk *walk, enum audit what, uint32_t table,
			    uint64_t entry, const struct path *path)
{
	uint64_t frame = (entry & ADDRESS) >> FRAME_SHIFT;

	return (struct event){
		.kind = EV_TABLE_AUDITED,
		.certainty = PROVED,
		.domain = DOMAIN_NONE,
		.u.audit = {
			.what = what,
			.level = walk->tables[table].level,
			.entry = entry,
			.frame = frame,
			.pfn = dump_pfn(walk->dump, frame),
			.table_pfn = dump_pfn(walk->dump, walk->tables[table].frame),
			.address = path->address,
			.count = 1,
			.path = text_of(path->words),
		},
	};
}

static void tell_fact(struct walk *walk, const struct fact *fact)
{
	struct path path = path_of(walk, fact->table, fact->slot);
	struct event event = fact_of(walk, fact->what, fact->table, fact->entry, &path);

	event.u.audit.other = fact->other;
	event.u.audit.count = fact->count;
	tell(walk, &event);
}

/* Keeps a fact until all is known. */
static void found(struct walk *walk, enum audit what, uint32_t table, unsigned slot,
		  uint64_t entry, uint64_t other)
{
	if (walk->by_kind[what]++ >= FACTS_MAX)
		walk->more++;
	else
		walk->facts[walk->fact_count++] = (struct fact){
			.what = what, .table = table, .slot = slot, .entry = entry,
			.other = other, .count = 1,
		};
}

/* Where a frame is named at two levels, its entries were read at the wrong one, and
 * so was all that hangs on them: then this alone can be told. Of several such
 * frames those count that a table names which is not in dispute itself. */
static bool is_sound(const struct walk *walk, const struct fact *fact, bool undisputed_seen)
{
	if (!walk->by_kind[AUDIT_WRONG_LEVEL])
		return true;
	return fact->what == AUDIT_WRONG_LEVEL &&
	       (!undisputed_seen || !walk->tables[fact->table].disputed);
}

static void tell_facts(struct walk *walk)
{
	bool undisputed = false;

	for (uint32_t i = 0; i < walk->fact_count; i++)
		undisputed |= walk->facts[i].what == AUDIT_WRONG_LEVEL &&
			      !walk->tables[walk->facts[i].table].disputed;
	for (uint32_t i = 0; i < walk->fact_count; i++)
		if (is_sound(walk, &walk->facts[i], undisputed))
			tell_fact(walk, &walk->facts[i]);
}

/* --- rights --------------------------------------------------------------- */

/* A table may be reached by several ways, with different rights; bit r of the set
 * says that one way has the rights r. Parents come before children, so the set
 * is whole when a table's entries are looked at. User space passes none on: what a
 * process does to itself is its own matter. (The U bit tells nothing: Xen sets it
 * in a PV kernel's entries too.) */
static uint8_t pass_rights(uint8_t ways, uint64_t entry)
{
	unsigned rights = (entry & WRITABLE ? RIGHT_WRITE : 0) |
			  (entry & NO_EXECUTE ? 0 : RIGHT_EXECUTE);
	uint8_t passed = 0;

	for (unsigned way = 0; way <= RIGHTS; way++)
		if (ways & 1u << way)
			passed |= (uint8_t)(1u << (way & rights));
	return passed;
}

static bool is_wx(uint8_t ways, uint64_t entry)
{
	return pass_rights(ways, entry) & 1u << RIGHTS;
}

static void note_wx(struct walk *walk, uint32_t table, unsigned slot, uint64_t entry)
{
	uint64_t pages = UINT64_C(1) << (9 * (walk->tables[table].level - 1));

	if (walk->wx) {
		walk->wx->count += pages;
		return;
	}
	found(walk, AUDIT_WX, table, slot, entry, 0);
	walk->wx = &walk->facts[walk->fact_count - 1];
	walk->wx->count = pages;
}

/* --- tables --------------------------------------------------------------- */

static uint32_t add_table(struct walk *walk, uint32_t index, uint64_t frame, unsigned level,
			  uint32_t parent, unsigned slot)
{
	if (walk->count == walk->room) {
		uint32_t room = walk->room ? walk->room * 2 : 1024;
		struct table *tables = arena_alloc(walk->dump->arena, room * sizeof(*tables));

		if (walk->count)
			memcpy(tables, walk->tables, walk->count * sizeof(*tables));
		walk->tables = tables;
		walk->room = room;
	}
	walk->tables[walk->count] = (struct table){
		.frame = frame, .parent = parent == INDEX_NONE ? walk->count : parent,
		.slot = (uint16_t)slot, .level = (uint8_t)level,
	};
	walk->table_of[index] = ++walk->count;
	return walk->count - 1;
}

/* A frame that is a table of another level already. A root that is named by a root
 * is a linear map; else one of the two places that name the frame is wrong. */
static void take_odd_child(struct walk *walk, uint32_t parent, unsigned slot, uint64_t entry,
			   uint32_t child)
{
	unsigned level = walk->tables[child].level;

	if (level == walk->dump->levels && level == walk->tables[parent].level) {
		found(walk, AUDIT_LINEAR, parent, slot, entry, level);
		return;
	}
	walk->tables[child].disputed = true;
	found(walk, AUDIT_WRONG_LEVEL, parent, slot, entry, level);
}

/* An entry that names a table. */
static void take_child(struct walk *walk, uint32_t parent, unsigned slot, uint64_t entry)
{
	uint64_t frame = (entry & ADDRESS) >> FRAME_SHIFT;
	unsigned level = walk->tables[parent].level - 1u;
	uint32_t index = dump_index(walk->dump, frame), child;

	if (index == INDEX_NONE) {
		/* A dump of a guest holds all its memory; a vmcore leaves pages out. */
		if (walk->dump->kind == DUMP_XEN_PV && !walk->dump->cut_bytes)
			found(walk, AUDIT_FOREIGN_TABLE, parent, slot, entry, 0);
		else
			walk->missing++;
		return;
	}
	if (!walk->table_of[index]) {
		child = add_table(walk, index, frame, level, parent, slot);
	} else {
		child = walk->table_of[index] - 1;
		if (walk->tables[child].level != level) {
			take_odd_child(walk, parent, slot, entry, child);
			return;
		}
	}
	if (walk->tables[parent].level < walk->dump->levels || slot >= ENTRIES / 2)
		walk->tables[child].rights |= pass_rights(walk->tables[parent].rights, entry);
}

static bool is_xen_slot(const struct walk *walk, const struct table *table, unsigned slot)
{
	return walk->dump->kind == DUMP_XEN_PV && table->level == 4 && slot >= XEN_SLOT_FIRST &&
	       slot <= XEN_SLOT_LAST;
}

static const uint64_t *entries_of(struct walk *walk, uint32_t table)
{
	const unsigned char *bytes = dump_frame(walk->dump, walk->tables[table].frame);

	if (!bytes)
		walk->missing++;
	return (const uint64_t *)(const void *)bytes;
}

static void walk_upper(struct walk *walk, uint32_t number)
{
	const uint64_t *entries = entries_of(walk, number);

	for (unsigned slot = 0; entries && slot < ENTRIES; slot++) {
		uint64_t entry = entries[slot] & ~walk->dump->encryption_mask;

		if (!(entry & PRESENT) || is_xen_slot(walk, &walk->tables[number], slot))
			continue;
		walk->entries++;
		if (walk->tables[number].level <= 3 && (entry & HUGE_PAGE)) {
			if (walk->dump->kind == DUMP_XEN_PV)
				found(walk, AUDIT_SUPERPAGE, number, slot, entry, 0);
			else if (is_wx(walk->tables[number].rights, entry))
				note_wx(walk, number, slot, entry);
			continue;
		}
		take_child(walk, number, slot, entry);
	}
}

/* --- L1 ------------------------------------------------------------------- */

/* Entries whose frame is none of the guest's and cannot be any: nothing that a
 * kernel, or a driver with a granted or foreign page, writes. */
static bool is_nonsense(const struct walk *walk, uint64_t entry)
{
	return walk->dump->kind == DUMP_XEN_PV && entry_is_malformed(entry) &&
	       dump_index(walk->dump, (entry & ADDRESS) >> FRAME_SHIFT) == INDEX_NONE;
}

static void walk_leaves(struct walk *walk, uint32_t number)
{
	const uint64_t *entries = entries_of(walk, number);
	unsigned nonsense = 0, first = 0;

	for (unsigned slot = 0; entries && slot < ENTRIES; slot++) {
		uint64_t entry = entries[slot] & ~walk->dump->encryption_mask;
		uint32_t index;

		if (!(entry & PRESENT))
			continue;
		walk->entries++;
		if (is_nonsense(walk, entry)) {
			first = nonsense++ ? first : slot;
			continue;
		}
		if (is_wx(walk->tables[number].rights, entry))
			note_wx(walk, number, slot, entry);
		if (walk->dump->kind != DUMP_XEN_PV || !(entry & WRITABLE))
			continue;
		index = dump_index(walk->dump, (entry & ADDRESS) >> FRAME_SHIFT);
		if (index != INDEX_NONE && walk->table_of[index])
			found(walk, AUDIT_WRITABLE_TABLE, number, slot, entry,
			      walk->tables[walk->table_of[index] - 1].level);
	}
	if (nonsense)
		found(walk, nonsense >= DATA_ENTRIES_MIN ? AUDIT_DATA_IN_TABLE : AUDIT_BAD_ENTRY,
		      number, first, entries[first], nonsense);
}

/* --- what is not a table's own matter --------------------------------------- */

/* Two pfns that claim one machine frame. */
static void audit_p2m(struct walk *walk)
{
	const struct dump *dump = walk->dump;

	if (dump->kind != DUMP_XEN_PV || !dump->twice)
		return;
	for (uint32_t i = 0; i < dump->frame_count; i++) {
		uint32_t first = dump->frame_of[i] == FRAME_NONE ? i :
				 dump_index(dump, dump->frame_of[i]);
		struct event event;
		char words[96];

		if (first == i || first == INDEX_NONE)
			continue;
		if (walk->by_kind[AUDIT_CLAIMED_TWICE]++ >= FACTS_MAX) {
			walk->more++;
			continue;
		}
		snprintf(words, sizeof(words), "P2M[0x%llx] and P2M[0x%llx]",
			 (unsigned long long)dump->pfn_of[first],
			 (unsigned long long)dump->pfn_of[i]);
		event = (struct event){
			.kind = EV_TABLE_AUDITED, .certainty = PROVED, .domain = DOMAIN_NONE,
			.u.audit = {
				.what = AUDIT_CLAIMED_TWICE, .entry = dump->frame_of[i],
				.level = walk->table_of[first] ?
					 walk->tables[walk->table_of[first] - 1].level : 0,
				.frame = dump->frame_of[i], .pfn = dump->pfn_of[first],
				.other = dump->pfn_of[i], .table_pfn = UNKNOWN_NUMBER,
				.count = 1, .path = text_of(words),
			},
		};
		tell(walk, &event);
	}
}

/* struct page of a frame, by the sections of the memory map.
 * Source: Linux include/linux/mmzone.h (SPARSEMEM), 4.14 to 7.1. */
struct page_map {
	uint64_t sections;      /* mem_section[] */
	uint64_t page_bytes, section_bytes, sections_per_root, roots;
	uint64_t section_bits;  /* of a pfn */
	uint64_t map_at, count_at, private_at;
	int64_t buddy;
};

static bool open_page_map(struct dump *dump, struct page_map *map)
{
	int64_t page = info_number(dump, "SIZE(page)", 0);
	int64_t section = info_number(dump, "SIZE(mem_section)", 0);
	int64_t bits = info_number(dump, "NUMBER(SECTION_SIZE_BITS)", 0);

	if (!dump_symbol(dump, "mem_section", &map->sections) || page < 16 || page > 4096 ||
	    section < 8 || section > 4096 || bits < 12 || bits > 40)
		return false;
	map->page_bytes = (uint64_t)page;
	map->section_bytes = (uint64_t)section;
	map->sections_per_root = FRAME_BYTES / (uint64_t)section;
	map->roots = (uint64_t)info_number(dump, "LENGTH(mem_section)", 0);
	map->section_bits = (uint64_t)bits - FRAME_SHIFT;
	map->map_at = (uint64_t)info_number(dump, "OFFSET(mem_section.section_mem_map)", 0);
	map->count_at = (uint64_t)info_number(dump, "OFFSET(page._mapcount)", 4096);
	map->private_at = (uint64_t)info_number(dump, "OFFSET(page.private)", 4096);
	map->buddy = info_number(dump, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", 0);
	return map->buddy && map->count_at < 4096 && map->private_at < 4096;
}

static bool read_page(struct dump *dump, const struct page_map *map, uint64_t pfn,
		      uint32_t *count, uint64_t *order)
{
	uint64_t section = pfn >> map->section_bits, root, encoded, page;

	/* The low bits of the encoded address are flags. */
	if (section / map->sections_per_root >= map->roots ||
	    !dump_read_u64(dump, map->sections + section / map->sections_per_root * 8, &root) ||
	    !root ||
	    !dump_read_u64(dump, root + section % map->sections_per_root * map->section_bytes +
			   map->map_at, &encoded))
		return false;
	page = (encoded & ~UINT64_C(0x3f)) + pfn * map->page_bytes;
	return dump_read_u32(dump, page + map->count_at, count) &&
	       dump_read_u64(dump, page + map->private_at, order);
}

#define ORDER_MAX 10u

/* On a free list: itself, or in a free block that begins before it. A block's
 * first page tells its size. Until 6.11 a page says so by a count of -129, then
 * by its type, the top byte. */
static bool is_free(struct dump *dump, const struct page_map *map, uint64_t pfn)
{
	for (unsigned order = 0; order <= ORDER_MAX; order++) {
		uint64_t head = pfn & ~((UINT64_C(1) << order) - 1), told;
		uint32_t count, value = (uint32_t)map->buddy;
		bool buddy;

		if (!read_page(dump, map, head, &count, &told))
			continue;
		buddy = map->buddy < 0 && map->buddy >= -4096 ? count == value :
			(count & 0xff000000) == (value & 0xff000000);
		if (buddy && told >= order && told <= ORDER_MAX)
			return true;
	}
	return false;
}

static void audit_free_lists(struct walk *walk)
{
	struct page_map map;

	if (!open_page_map(walk->dump, &map))
		return;
	for (uint32_t i = 0; i < walk->count; i++) {
		const struct table *t = &walk->tables[i];
		const uint64_t *entries;

		if (!is_free(walk->dump, &map, dump_pfn(walk->dump, t->frame)))
			continue;
		entries = t->parent == i ? NULL : entries_of(walk, t->parent);
		found(walk, AUDIT_FREE_TABLE, t->parent, t->slot,
		      entries ? entries[t->slot] : t->frame << FRAME_SHIFT, t->level);
	}
}

/* --- the whole -------------------------------------------------------------- */

static void add_roots(struct walk *walk)
{
	struct dump *dump = walk->dump;

	for (uint32_t i = 0; i < dump->root_count; i++) {
		uint32_t index = dump_index(dump, dump->roots[i].frame), table;

		if (index == INDEX_NONE) {
			walk->missing++;
			continue;
		}
		if (walk->table_of[index])
			continue;
		table = add_table(walk, index, dump->roots[i].frame, dump->levels, INDEX_NONE, 0);
		walk->tables[table].rights = 1u << RIGHTS;
	}
}

static void tell_walked(struct walk *walk)
{
	struct event event = {
		.kind = EV_DUMP_WALKED, .certainty = PROVED, .domain = DOMAIN_NONE,
		.u.walked = { .tables = walk->count, .entries = walk->entries,
			      .missing = walk->missing, .more = walk->more,
			      .pv = walk->dump->kind == DUMP_XEN_PV },
	};
	char line[160];
	int length = snprintf(line, sizeof(line), "page-table walk: %u tables, %llu entries, %llu "
			      "tables not in the dump\n", walk->count,
			      (unsigned long long)walk->entries, (unsigned long long)walk->missing);

	put_line(walk, line, (size_t)length, &event);
}

void dump_audit(struct dump *dump, struct dump_text *text)
{
	struct walk walk = { .dump = dump, .text = text };

	if (!dump->root_count || !dump->frame_count)
		return;
	walk.table_of = arena_alloc(dump->arena, dump->frame_count * sizeof(*walk.table_of));
	add_roots(&walk);
	for (uint32_t i = 0; i < walk.count && walk.tables[i].level > 1; i++)
		walk_upper(&walk, i);
	for (uint32_t i = 0; i < walk.count; i++)
		if (walk.tables[i].level == 1)
			walk_leaves(&walk, i);
	audit_free_lists(&walk);
	tell_facts(&walk);
	audit_p2m(&walk);
	if (walk.count)
		tell_walked(&walk);
}
