/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kernel writes about itself for tools that read its dumps: lines
 * KEY=VALUE, a page of them.
 * Source: Linux kernel/crash_core.c (kexec.c to 3.x), 2.6.24 to 7.1. */
#include <stdio.h>

#include "formats/modules/elf/dump.h"

#define SCAN_BYTES (256u * 1024)
#define SCAN_LEAD "OSRELEASE="
/* A kernel's own page of it is at most this long. */
#define PAGE_INFO_BYTES 4096u

bool info_find(const struct dump *dump, const char *key, struct text *value)
{
	const char *at = dump->info.at, *end;
	size_t length = strlen(key);

	if (!dump->info.length)
		return false;
	end = at + dump->info.length;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		if ((size_t)(stop - at) > length && at[length] == '=' && !memcmp(at, key, length)) {
			*value = (struct text){ at + length + 1, (size_t)(stop - at) - length - 1 };
			return true;
		}
		at = stop + 1;
	}
	return false;
}

static bool read_number(struct text text, unsigned base, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') :
				 c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;

		if (digit >= base || i >= 20)
			return false;
		*value = *value * base + digit;
	}
	return text.length > 0;
}

int64_t info_number(const struct dump *dump, const char *key, int64_t otherwise)
{
	struct text text;
	bool negative;
	uint64_t value;

	if (!info_find(dump, key, &text))
		return otherwise;
	negative = text_begins(text, TEXT("-"));
	text.at += negative;
	text.length -= negative;
	if (!read_number(text, 10, &value))
		return otherwise;
	return negative ? -(int64_t)value : (int64_t)value;
}

static bool info_symbol(const struct dump *dump, const char *name, uint64_t *address)
{
	char key[64];
	struct text text;

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	return info_find(dump, key, &text) && read_number(text, 16, address);
}

bool dump_symbol(const struct dump *dump, const char *name, uint64_t *address)
{
	struct text text;
	uint64_t moved = 0;

	if (info_symbol(dump, name, address))
		return true;
	if (!dump->image || !dump->image->address_of(dump->image, name, address))
		return false;
	if (info_find(dump, "KERNELOFFSET", &text) && read_number(text, 16, &moved))
		*address += moved;
	return true;
}

/* --- finding it ----------------------------------------------------------- */

/* The format string in the kernel's text begins alike, and so may stray copies:
 * the true one has a page size and symbols. */
static bool take_if_true(struct dump *dump, uint64_t offset)
{
	char bytes[PAGE_INFO_BYTES];
	size_t room = dump->size_bytes - offset < sizeof(bytes) ?
		      (size_t)(dump->size_bytes - offset) : sizeof(bytes);
	struct text info = { bytes, 0 };

	if (!dump_pread(dump, offset, bytes, room))
		return false;
	while (info.length < room && (bytes[info.length] == '\n' ||
				      (bytes[info.length] >= ' ' && bytes[info.length] < 0x7f)))
		info.length++;
	if (!text_contains(info, TEXT("\nPAGESIZE=4096\n")) ||
	    !text_contains(info, TEXT("\nSYMBOL(")) || text_contains(info, TEXT("%s")))
		return false;
	dump->info = (struct text){ arena_copy(dump->arena, info), info.length };
	return true;
}

void info_scan(struct dump *dump)
{
	const size_t lead = sizeof(SCAN_LEAD) - 1;
	char *block = arena_alloc(dump->arena, SCAN_BYTES);
	uint64_t at = 0;

	while (at + lead <= dump->size_bytes) {
		size_t room = dump->size_bytes - at < SCAN_BYTES ? (size_t)(dump->size_bytes - at) :
			      SCAN_BYTES;
		const char *from = block, *found;

		if (!dump_pread(dump, at, block, room))
			return;
		while ((found = memmem(from, room - (size_t)(from - block), SCAN_LEAD, lead))) {
			if (take_if_true(dump, at + (uint64_t)(found - block)))
				return;
			from = found + 1;
		}
		at += room - (room == SCAN_BYTES ? lead : 0);
		if (room < SCAN_BYTES)
			return;
	}
}

/* --- what it tells about page tables --------------------------------------- */

static bool find_top(const struct dump *dump, uint64_t *address)
{
	return dump_symbol(dump, "init_top_pgt", address) ||
	       dump_symbol(dump, "init_level4_pgt", address) ||
	       dump_symbol(dump, "swapper_pg_dir", address);
}

void info_apply(struct dump *dump)
{
	int64_t base = info_number(dump, "NUMBER(phys_base)", INT64_MIN);
	uint64_t top, physical;

	if (dump->kind == DUMP_XEN_PV)
		return;   /* the CPU states tell the roots; the image is at 0 */
	dump->encryption_mask = (uint64_t)info_number(dump, "NUMBER(sme_mask)", 0);
	dump->levels = info_number(dump, "NUMBER(pgtable_l5_enabled)", 0) == 1 ? 5 : 4;
	if (base != INT64_MIN) {
		dump->phys_base = (uint64_t)base;
		dump->has_phys_base = true;
	}
	if (!find_top(dump, &top))
		return;
	if (dump->has_phys_base && dump_translate(dump, top, &physical) &&
	    !(physical & (FRAME_BYTES - 1)))
		dump->roots[dump->root_count++] = (struct root){ physical >> FRAME_SHIFT, 0, false };
}
