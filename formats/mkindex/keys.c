/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mkindex/mkindex.h"

struct pair pairs[KEYS_MAX];
unsigned pair_count;

/* ---- byte sets ---- */

static void set_add(struct byte_set *set, const char *bytes)
{
	for (; *bytes; bytes++)
		set->bits[(unsigned char)*bytes >> 6] |= UINT64_C(1) << (*bytes & 63);
}

bool set_has(const struct byte_set *set, unsigned byte)
{
	return set->bits[byte >> 6] >> (byte & 63) & 1;
}

unsigned set_size(const struct byte_set *set)
{
	unsigned size = 0;

	for (unsigned byte = 0; byte < 256; byte++)
		size += set_has(set, byte);
	return size;
}

void set_join(struct byte_set *set, const struct byte_set *other)
{
	for (unsigned i = 0; i < 4; i++)
		set->bits[i] |= other->bits[i];
}

static struct byte_set set_of(const char *bytes)
{
	struct byte_set set = { { 0 } };

	set_add(&set, bytes);
	return set;
}

struct byte_set set_all(void)
{
	return (struct byte_set){ { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
}

/* ---- what the first four bytes of a line can be ---- */


static void add_pair(uint32_t key, unsigned row)
{
	for (unsigned i = 0; i < pair_count; i++)
		if (pairs[i].key == key && pairs[i].row == row)
			return;
	if (pair_count == KEYS_MAX)
		fail(rows[row].file, rows[row].line, "too many keys");
	pairs[pair_count].key = key;
	pairs[pair_count++].row = row;
}

static void add_keys(const struct path *path, unsigned depth, uint32_t key)
{
	if (depth == KEY_BYTES) {
		add_pair(key, (unsigned)(path->row - rows));
		return;
	}
	for (unsigned byte = 0; byte < 256; byte++)
		if (set_has(&path->sets[depth], byte))
			add_keys(path, depth + 1, key | byte << 8 * depth);
}

/* Every key of a row that has few. */
static void take_keys(struct path *path)
{
	add_keys(path, 0, 0);
}

/* How many keys a row has. */
static void take_variants(struct path *path)
{
	double variants = 1;

	for (unsigned i = 0; i < path->bytes; i++) {
		variants *= set_size(&path->sets[i]);
		set_join(&path->row->sets[i], &path->sets[i]);
	}
	path->variants += variants;
}

/* How far the pattern element at `p` reaches. */
static size_t element_length(const char *p)
{
	if (*p == '<')
		return strcspn(p, ">") + 1;
	return *p == ' ' || *p == '\t' ? strspn(p, " \t") : 1;
}

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"

/* `set` stands at this place; then the element may go on, and may be over. */
static void step(struct path *path, const char *p, struct byte_set set, bool more,
		 unsigned depth)
{
	path->sets[depth] = set;
	if (more)
		walk(path, p, true, depth + 1);
	walk(path, p + element_length(p), false, depth + 1);
}

/* A number that a line begins with, and that begins with a letter, has eight digits:
 * kernel and Xen print lower case and leading zeros, and many words begin with A to F. */
static void step_letters(struct path *path)
{
	path->sets[0] = set_of("abcdef");
	for (unsigned i = 1; i < path->bytes; i++)
		path->sets[i] = set_of(HEX);
	path->take(path);
}

/* Tries every way the pattern can go on at `p`. `inside`: within a blank or
 * number that has begun. Sets may be too large, never too small. */
void walk(struct path *path, const char *p, bool inside, unsigned depth)
{
	if (depth == path->bytes) {
		path->take(path);
	} else if (*p == ' ' || *p == '\t') {
		const char *next = p + element_length(p);
		if (!inside && (!*next || !strcmp(next, "<rest>"))) {
			/* None is needed at the line's end. */
			path->sets[depth] = set_of("\n\r");
			for (unsigned i = depth + 1; i < path->bytes; i++)
				path->sets[i] = set_all();
			path->take(path);
		}
		step(path, p, set_of(" \t"), true, depth);
	} else if (!strncmp(p, "<x>", 3)) {
		if (!depth && !path->no_letters)
			step_letters(path);
		step(path, p, set_of(inside ? HEX "x" : depth ? HEX : DIGITS), true, depth);
	} else if (!strncmp(p, "<range>", 7)) {
		if (!depth && !path->no_letters)
			step_letters(path);
		step(path, p, set_of(inside ? HEX "x-,.> \t" : depth ? HEX : DIGITS), true, depth);
	} else if (!strncmp(p, "<d>", 3)) {
		step(path, p, set_of(inside ? DIGITS : DIGITS "-"), true, depth);
	} else if (!*p || *p == '<') {
		/* The end (anything may follow) or words. */
		for (unsigned i = depth; i < path->bytes; i++)
			path->sets[i] = set_all();
		path->take(path);
	} else {
		step(path, p, set_of((const char[]){ *p, 0 }), false, depth);
	}
}

void index_row(struct row *row)
{
	struct path path = { .row = row, .bytes = KEY_BYTES, .take = take_variants };

	walk(&path, row->pattern, false, 0);
	row->is_class = path.variants > VARIANTS_MAX;
	path.take = take_keys;
	if (!row->is_class)
		walk(&path, row->pattern, false, 0);
}
