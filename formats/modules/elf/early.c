/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kernel that died before it freed its init memory still knew: how far its
 * page-table pool was used, and memblock's lists. Their variables are found by
 * the kernel's symbols (--vmlinux).
 *
 *   struct memblock {
 *           [bool bottom_up;]                        3.13 and later
 *           phys_addr_t current_limit;
 *           struct memblock_type memory, reserved; } each {cnt, max, [total_size,]
 *                                                    regions, [name]}
 *   struct memblock_region { base, size, [flags,] [nid] }   16, 24 or 32 bytes
 *
 * The layout is read off the values: `regions` of memory points to the static
 * array of which the symbol is known, and counts and sums must fit.
 * Source: Linux include/linux/memblock.h 2.6.37, 3.2, 3.10, 4.14, 6.1. */
#include <stdio.h>
#include <stdlib.h>

#include "formats/modules/elf/dump.h"

#define MEMBLOCK_WORDS 24u
#define REGIONS_MAX 4096u

struct regions {
	uint64_t address, count, total;
	bool has_total;
};

/* One line of the text, and the event that stands in it. */
static void tell(struct dump_text *text, struct dump *dump, struct event *event, const char *words)
{
	size_t length = strlen(words);

	fwrite_unlocked(words, 1, length, text->out);
	putc_unlocked('\n', text->out);
	event->at = (struct loc){ .offset = text->offset, .line = text->line,
				  .length = (uint32_t)length,
				  .input = dump->reader->input->input };
	text->offset += length + 1;
	text->line++;
	reader_emit(dump->reader, event);
}

static struct event event_of(enum event_kind kind)
{
	return (struct event){ .kind = kind, .certainty = PROVED, .domain = DOMAIN_NONE };
}

/* --- the pool ---------------------------------------------------------------- */

/* Was the release one that had a pool of this kind? From 3.9 on variables of the
 * same names bound the brk's. */
static bool has_buffer(const struct dump *dump)
{
	const char *words = dump->image->version;
	unsigned major, minor;
	struct text release;
	char copy[32];

	if (info_find(dump, "OSRELEASE", &release) && release.length < sizeof(copy)) {
		memcpy(copy, release.at, release.length);
		copy[release.length] = '\0';
		words = copy;
	}
	return words && sscanf(words, "%u.%u", &major, &minor) == 2 &&
	       (major < 3 || (major == 3 && minor < 9));
}

static bool read_symbol(struct dump *dump, const char *lead, const char *name, uint64_t *value)
{
	char symbol[32];
	uint64_t address;

	snprintf(symbol, sizeof(symbol), "%s_%s", lead, name);
	return dump_symbol(dump, symbol, &address) && dump_read_u64(dump, address, value);
}

static void tell_pool(struct dump *dump, struct dump_text *text)
{
	static const char *const leads[] = { "pgt_buf", "e820_table", "table" };
	struct event event = event_of(EV_POOL_STATE);
	uint64_t start, end, top;
	char words[128];

	for (size_t i = 0; i < ARRAY_LEN(leads) && has_buffer(dump); i++) {
		if (!read_symbol(dump, leads[i], "start", &start) ||
		    !read_symbol(dump, leads[i], "end", &end) ||
		    !read_symbol(dump, leads[i], "top", &top))
			continue;
		if (!start || start >= top || end < start || end > top || top >= PFN_LIMIT)
			return;   /* no pool yet, or its memory was given away */
		snprintf(words, sizeof(words), "memory: %s_start 0x%llx, _end 0x%llx, _top 0x%llx",
			 leads[i], (unsigned long long)start, (unsigned long long)end,
			 (unsigned long long)top);
		event.u.pool_state.step = POOL_PAGE_TAKEN;
		event.u.pool_state.plan = pfn_range(start, top);
		event.u.pool_state.used_end = to_pfn(end);
		tell(text, dump, &event, words);
		return;
	}
}

/* --- memblock ---------------------------------------------------------------- */

/* Sorted, apart, not empty, and of the sum that was told. */
static bool fits(struct dump *dump, const struct regions *regions, unsigned stride)
{
	uint64_t last = 0, sum = 0, pair[2];

	for (uint64_t i = 0; i < regions->count; i++) {
		if (!dump_read(dump, regions->address + i * stride, pair, sizeof(pair)) ||
		    pair[0] < last || !pair[1] || pair[1] > UINT64_C(1) << 52 ||
		    pair[0] > UINT64_C(1) << 52)
			return false;
		last = pair[0] + pair[1];
		sum += pair[1];
	}
	return regions->count && (!regions->has_total || sum == regions->total);
}

/* The words around a pointer to the regions: {cnt, max, [total]} before it. */
static bool take_type(const uint64_t *words, unsigned at, bool has_total, struct regions *regions)
{
	unsigned before = has_total ? 3 : 2;

	if (at < before || words[at - before + 1] < 16 || words[at - before + 1] > REGIONS_MAX ||
	    words[at - before] > words[at - before + 1])
		return false;
	*regions = (struct regions){ words[at], words[at - before], words[at - 1], has_total };
	return true;
}

static bool find_lists(struct dump *dump, struct regions *memory, struct regions *reserved,
		       unsigned *stride)
{
	static const unsigned strides[] = { 24, 16, 32 };
	/* Words of a struct memblock_type: with total_size, and name behind. */
	static const struct { bool total; unsigned words; } types[] = {
		{ true, 5 }, { true, 4 }, { false, 3 },
	};
	uint64_t words[MEMBLOCK_WORDS], memblock, regions;
	unsigned at = 0;

	if (!dump_symbol(dump, "memblock", &memblock) ||
	    !dump_symbol(dump, "memblock_memory_init_regions", &regions) ||
	    !dump_read(dump, memblock, words, sizeof(words)))
		return false;
	while (at < MEMBLOCK_WORDS - 5 && words[at] != regions)
		at++;
	for (size_t i = 0; at < MEMBLOCK_WORDS - 5 && i < ARRAY_LEN(types); i++) {
		if (!take_type(words, at, types[i].total, memory) ||
		    !take_type(words, at + types[i].words, types[i].total, reserved))
			continue;
		for (size_t k = 0; k < ARRAY_LEN(strides); k++) {
			*stride = strides[k];
			if (fits(dump, memory, *stride) && fits(dump, reserved, *stride))
				return true;
		}
	}
	return false;
}

static void tell_regions(struct dump *dump, struct dump_text *text, const struct regions *regions,
			 unsigned stride, bool reserved)
{
	struct event event = event_of(EV_DUMP_REGION);
	uint64_t pair[2];
	char words[128];

	for (uint32_t i = 0; i < regions->count; i++) {
		if (!dump_read(dump, regions->address + (uint64_t)i * stride, pair, sizeof(pair)))
			return;
		snprintf(words, sizeof(words), "memory: memblock.%s[0x%x] 0x%llx-0x%llx",
			 reserved ? "reserved" : "memory", i, (unsigned long long)pair[0],
			 (unsigned long long)(pair[0] + pair[1]));
		event.u.region.reserved = reserved;
		event.u.region.index = i;
		event.u.region.bytes = paddr_range(pair[0], pair[0] + pair[1]);
		tell(text, dump, &event, words);
	}
}

static void tell_memblock(struct dump *dump, struct dump_text *text)
{
	struct event event = event_of(EV_DUMP_STARTED);
	struct regions memory, reserved;
	unsigned stride;
	char words[128];

	if (!find_lists(dump, &memory, &reserved, &stride))
		return;
	snprintf(words, sizeof(words), "memory: memblock: %llu ranges of memory, %llu reserved",
		 (unsigned long long)memory.count, (unsigned long long)reserved.count);
	tell(text, dump, &event, words);
	tell_regions(dump, text, &memory, stride, false);
	tell_regions(dump, text, &reserved, stride, true);
}

void dump_early(struct dump *dump, struct dump_text *text)
{
	if (!dump->image || !dump->start_logged || dump->init_freed)
		return;
	tell_pool(dump, text);
	tell_memblock(dump, text);
}
