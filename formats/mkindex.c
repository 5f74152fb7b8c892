/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Build-time tool: reads the tables of formats/lines_*.c and writes
 * line_index.c, the index of formats/line_index.h, to standard output.
 *
 *   mkindex formats/lines_a.c formats/lines_b.c >line_index.c
 *
 * It reads no C but the tables:
 *
 *   const struct line_shape lines_NAME[] = {     NAME as in the file's name
 *           LINE("pattern" "goes on", ends, handler),
 *   };
 *
 * with comments between the rows. Anything else in a table, a pattern that
 * cannot be indexed, and captures that do not fit `ends` end the build. It
 * runs on the build machine, so it includes nothing of ours; line_index.c
 * holds static assertions that both agree on the hash. */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 4096
#define FAMILIES_MAX 64
#define KEYS_MAX 16384
#define LISTS_MAX 65000
#define KEY_BYTES 4
#define VARIANTS_MAX 96     /* keys one row may have; more make it a class */
#define GROUPS_MAX 6
#define FILTER_BITS 15
#define HASH_MULTIPLIER 0x9e3779b1u
#define LIST_END 0xffffu
#define CAPTURES_MAX 12
#define RANGES_MAX 4

#define CLASS_LOWER 0x40u
#define CLASS_AGAIN 0x80u

struct byte_set {
	uint64_t bits[4];
};

struct row {
	char *pattern;
	unsigned family, number;     /* in its file, from 0 */
	const char *file;
	unsigned line;
	bool marker;                 /* no row: makes the hot loop look closer */
	bool is_class;
	struct byte_set sets[KEY_BYTES];   /* of a class: what may stand where */
	unsigned group;
};

struct key {
	uint32_t key;
	unsigned list;
};

static struct row rows[ROWS_MAX];
static unsigned row_count, real_row_count;
static char *families[FAMILIES_MAX];
static unsigned family_count;
static struct { uint32_t key; unsigned row; } pairs[KEYS_MAX];
static unsigned pair_count;
static uint16_t lists[LISTS_MAX];
static unsigned list_used;
static struct { struct byte_set sets[KEY_BYTES]; unsigned list; } groups[ROWS_MAX];
static unsigned group_count;

/* Beginnings that line_strip() may take off although they look like text, in
 * logs whose lines have no prefix at first: syslog's month names, dmesg -x,
 * "dom0 kernel:", source tags without "(XEN)", dmesg --json. */
static const char *const markers[] = {
	"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ",
	"Oct ", "Nov ", "Dec ", "Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ",
	"Sun ", "kern", "dom0", "mm.c", "traps.c", "arch/x86", "d<d>v<d> ", "\"msg",
};

static _Noreturn void __attribute__((format(printf, 3, 4)))
fail(const char *file, unsigned line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: mkindex: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---- byte sets ---- */

static void set_add(struct byte_set *set, const char *bytes)
{
	for (; *bytes; bytes++)
		set->bits[(unsigned char)*bytes >> 6] |= UINT64_C(1) << (*bytes & 63);
}

static bool set_has(const struct byte_set *set, unsigned byte)
{
	return set->bits[byte >> 6] >> (byte & 63) & 1;
}

static unsigned set_size(const struct byte_set *set)
{
	unsigned size = 0;

	for (unsigned byte = 0; byte < 256; byte++)
		size += set_has(set, byte);
	return size;
}

static void set_join(struct byte_set *set, const struct byte_set *other)
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

static struct byte_set set_all(void)
{
	return (struct byte_set){ { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
}

/* ---- reading the tables ---- */

struct scan {
	const char *file, *at;
	unsigned line;
};

static void scan_advance(struct scan *scan, size_t bytes)
{
	while (bytes--)
		if (*scan->at++ == '\n')
			scan->line++;
}

static void scan_skip(struct scan *scan)
{
	for (;;) {
		const char *end;

		if (isspace((unsigned char)*scan->at)) {
			scan_advance(scan, 1);
		} else if (!strncmp(scan->at, "/*", 2)) {
			end = strstr(scan->at, "*/");
			if (!end)
				fail(scan->file, scan->line, "a comment does not end");
			scan_advance(scan, (size_t)(end - scan->at) + 2);
		} else if (!strncmp(scan->at, "//", 2)) {
			scan_advance(scan, strcspn(scan->at, "\n"));
		} else {
			return;
		}
	}
}

static void scan_expect(struct scan *scan, const char *words)
{
	scan_skip(scan);
	if (strncmp(scan->at, words, strlen(words)))
		fail(scan->file, scan->line, "expected `%s', found `%.20s'", words, scan->at);
	scan_advance(scan, strlen(words));
}

static char unescape(struct scan *scan)
{
	char c = *scan->at;

	scan_advance(scan, 1);
	switch (c) {
	case '"': case '\\': case '\'': case '?': return c;
	case 't': return '\t';
	}
	fail(scan->file, scan->line, "escape `\\%c' is not known here", c);
}

/* One or more string literals side by side; the caller frees. */
static char *scan_strings(struct scan *scan)
{
	char text[512];
	size_t length = 0;

	scan_expect(scan, "\"");
	for (;;) {
		char c = *scan->at;
		if (!c || c == '\n')
			fail(scan->file, scan->line, "a string does not end");
		scan_advance(scan, 1);
		if (c == '"') {
			scan_skip(scan);
			if (*scan->at != '"')
				break;
			scan_advance(scan, 1);
			continue;
		}
		if (c == '\\')
			c = unescape(scan);
		if (length == sizeof(text) - 1)
			fail(scan->file, scan->line, "the pattern is too long");
		text[length++] = c;
	}
	return strndup(text, length);
}

static void check_pattern(const struct row *row, const char *ends)
{
	unsigned numbers = 0, ranges = 0, words = 0;

	for (const char *p = strchr(row->pattern, '<'); p; p = strchr(p + 1, '<')) {
		bool first = p == row->pattern;
		if (!strncmp(p, "<x>", 3) || !strncmp(p, "<d>", 3)) {
			numbers++;
			continue;
		}
		if (!strncmp(p, "<range>", 7)) {
			ranges++;
			continue;
		}
		if (strncmp(p, "<w>", 3) && strncmp(p, "<any>", 5) && strncmp(p, "<rest>", 6))
			fail(row->file, row->line, "unknown capture `%.8s'", p);
		if (!strncmp(p, "<rest>", 6) && p[6])
			fail(row->file, row->line, "<rest> is not the last thing");
		if (first)
			fail(row->file, row->line, "a pattern begins with a literal or a number");
		words++;
	}
	if (numbers > CAPTURES_MAX || ranges > RANGES_MAX || words > CAPTURES_MAX)
		fail(row->file, row->line, "too many captures");
	if (!row->pattern[0] || strchr(" \t", row->pattern[0]))
		fail(row->file, row->line, "the pattern begins with a blank, or is empty");
	if (!ranges != !strcmp(ends, "ENDS_NONE"))
		fail(row->file, row->line, "%s and %u <range> do not go together", ends, ranges);
}

static void scan_row(struct scan *scan, unsigned number)
{
	struct row *row = &rows[row_count];
	char ends[32];
	size_t length;

	if (row_count == ROWS_MAX)
		fail(scan->file, scan->line, "too many rows");
	row_count++;
	*row = (struct row){ .family = family_count, .number = number, .file = scan->file,
			     .line = scan->line };
	scan_expect(scan, "(");
	row->pattern = scan_strings(scan);
	scan_expect(scan, ",");
	scan_skip(scan);
	length = strcspn(scan->at, ", \t\n)");
	if (strncmp(scan->at, "ENDS_", 5) || length >= sizeof(ends))
		fail(scan->file, scan->line, "expected ENDS_...");
	memcpy(ends, scan->at, length);
	ends[length] = 0;
	scan_advance(scan, length);
	scan_expect(scan, ",");
	scan_skip(scan);
	scan_advance(scan, strspn(scan->at, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"));
	scan_expect(scan, ")");
	check_pattern(row, ends);
}

static char *read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t room = 1 << 20, got;
	char *text = malloc(room);

	if (!file || !text)
		fail(name, 0, "cannot be read");
	got = fread(text, 1, room - 1, file);
	if (got == room - 1 || ferror(file))
		fail(name, 0, "cannot be read, or is too large");
	fclose(file);
	text[got] = 0;
	return text;
}

/* "formats/lines_e820.c" gives "lines_e820"; the caller frees. */
static char *family_name(const char *file)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	const char *dot = strrchr(base, '.');

	if (strncmp(base, "lines_", 6) || !dot || strcmp(dot, ".c"))
		fail(file, 0, "not a lines_NAME.c");
	return strndup(base, (size_t)(dot - base));
}

static void read_family(const char *file)
{
	struct scan scan = { file, read_file(file), 1 };
	char *name = family_name(file), head[128];
	const char *table;
	unsigned number = 0;

	snprintf(head, sizeof(head), "\nconst struct line_shape %s[] = {", name);
	table = strstr(scan.at, head);
	if (!table)
		fail(file, 0, "no table `%s'", head + 1);
	if (family_count == FAMILIES_MAX)
		fail(file, 0, "too many families");
	scan_advance(&scan, (size_t)(table - scan.at) + strlen(head));
	for (scan_skip(&scan); strncmp(scan.at, "};", 2); scan_skip(&scan)) {
		scan_expect(&scan, "LINE");
		scan_row(&scan, number++);
		scan_expect(&scan, ",");
	}
	if (!number || number > UINT16_MAX)
		fail(file, scan.line, "the table is empty or too long");
	families[family_count++] = name;
}

/* ---- what the first four bytes of a line can be ---- */

struct path {
	struct row *row;
	struct byte_set sets[KEY_BYTES];
	bool fits;                   /* few enough variants so far */
	unsigned variants;
};

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

/* Every key of one path, when the row is not a class. */
static void add_keys(const struct path *path, unsigned depth, uint32_t key)
{
	if (depth == KEY_BYTES) {
		add_pair(key, (unsigned)(path->row - rows));
		return;
	}
	for (unsigned byte = 0; byte < 256; byte++)
		if (set_has(&path->sets[depth], byte))
			add_keys(path, depth + 1, key | (uint32_t)byte << 8 * depth);
}

static void end_path(struct path *path, bool adding)
{
	unsigned variants = 1;

	if (adding) {
		add_keys(path, 0, 0);
		return;
	}
	for (unsigned i = 0; i < KEY_BYTES; i++) {
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

static void walk(struct path *path, const char *p, bool inside, unsigned depth, bool adding);

/* `set` stands at this place; then the element may go on, and may be over. */
static void step(struct path *path, const char *p, struct byte_set set, bool more,
		 unsigned depth, bool adding)
{
	path->sets[depth] = set;
	if (more)
		walk(path, p, true, depth + 1, adding);
	walk(path, p + element_length(p), false, depth + 1, adding);
}

/* Tries every way the pattern can go on at `p`. `inside`: within a blank or
 * number that has begun. Sets may be too large, never too small. */
static void walk(struct path *path, const char *p, bool inside, unsigned depth, bool adding)
{
	if (depth == KEY_BYTES) {
		end_path(path, adding);
	} else if (*p == ' ' || *p == '\t') {
		const char *next = p + element_length(p);
		if (!inside && (!*next || !strcmp(next, "<rest>"))) {
			/* None is needed at the line's end. */
			path->sets[depth] = set_of("\n\r");
			for (unsigned i = depth + 1; i < KEY_BYTES; i++)
				path->sets[i] = set_all();
			end_path(path, adding);
		}
		step(path, p, set_of(" \t"), true, depth, adding);
	} else if (!strncmp(p, "<x>", 3)) {
		/* Kernel and Xen print lower case, and many words begin with A. */
		step(path, p, set_of(inside ? HEX "x" : depth ? HEX : DIGITS "abcdef"), true,
		     depth, adding);
	} else if (!strncmp(p, "<range>", 7)) {
		step(path, p, set_of(inside ? HEX "x-,.> \t" : depth ? HEX : DIGITS "abcdef"),
		     true, depth, adding);
	} else if (!strncmp(p, "<d>", 3)) {
		step(path, p, set_of(inside ? DIGITS : DIGITS "-"), true, depth, adding);
	} else if (!*p || *p == '<') {
		/* The end (anything may follow) or words. */
		for (unsigned i = depth; i < KEY_BYTES; i++)
			path->sets[i] = set_all();
		end_path(path, adding);
	} else {
		step(path, p, set_of((const char[]){ *p, 0 }), false, depth, adding);
	}
}

static void index_row(struct row *row)
{
	struct path path = { .row = row };

	walk(&path, row->pattern, false, 0, false);
	row->is_class = path.variants > VARIANTS_MAX;
	if (!row->is_class)
		walk(&path, row->pattern, false, 0, true);
}

/* ---- classes ---- */

static void add_to_group(struct row *row)
{
	for (row->group = 0; row->group < group_count; row->group++)
		if (!memcmp(groups[row->group].sets, row->sets, sizeof(row->sets)))
			return;
	memcpy(groups[group_count++].sets, row->sets, sizeof(row->sets));
}

/* How many byte combinations a line of either group would be let through by
 * mistake: small when one group is much like the other. */
static double merge_cost(unsigned a, unsigned b)
{
	double first = 1, second = 1, joined = 1;

	for (unsigned i = 0; i < KEY_BYTES; i++) {
		struct byte_set set = groups[a].sets[i];
		first *= set_size(&set);
		second *= set_size(&groups[b].sets[i]);
		set_join(&set, &groups[b].sets[i]);
		joined *= set_size(&set);
	}
	return joined - (first > second ? first : second);
}

static void merge_groups(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < KEY_BYTES; i++)
		set_join(&groups[a].sets[i], &groups[b].sets[i]);
	groups[b] = groups[--group_count];
	for (unsigned r = 0; r < row_count; r++) {
		if (rows[r].group == b)
			rows[r].group = a;
		if (rows[r].group == group_count)
			rows[r].group = b;
	}
}

static void group_classes(void)
{
	for (unsigned r = 0; r < row_count; r++) {
		rows[r].group = ROWS_MAX;
		if (rows[r].is_class)
			add_to_group(&rows[r]);
	}
	while (group_count > GROUPS_MAX) {
		unsigned best_a = 0, best_b = 1;
		for (unsigned a = 0; a < group_count; a++)
			for (unsigned b = a + 1; b < group_count; b++)
				if (merge_cost(a, b) < merge_cost(best_a, best_b)) {
					best_a = a;
					best_b = b;
				}
		merge_groups(best_a, best_b);
	}
}

/* ---- lists ---- */

/* The index of a list equal to list[0..count), which is added when new. */
static unsigned intern_list(const uint16_t *list, unsigned count)
{
	for (unsigned i = 0; i + count < list_used; i++)
		if (!memcmp(&lists[i], list, count * sizeof(*list)) &&
		    lists[i + count] == LIST_END && i)
			return i;
	if (list_used + count + 1 > LISTS_MAX)
		fail("mkindex", 0, "the lists are too long");
	memcpy(&lists[list_used], list, count * sizeof(*list));
	lists[list_used + count] = LIST_END;
	list_used += count + 1;
	return list_used - count - 1;
}

static int compare_pairs(const void *a, const void *b)
{
	return memcmp(a, b, 0) ? 0 :
	       ((const uint32_t *)a)[0] != ((const uint32_t *)b)[0] ?
	       (((const uint32_t *)a)[0] < ((const uint32_t *)b)[0] ? -1 : 1) :
	       (((const unsigned *)a)[1] < ((const unsigned *)b)[1] ? -1 : 1);
}

/* The slot table, its size a power of two at most half full. */
static unsigned place_keys(struct key *slots, unsigned *size)
{
	uint16_t list[ROWS_MAX];
	unsigned keys = 0, placed = 0;

	for (unsigned i = 0; i < pair_count; i++)
		keys += !i || pairs[i].key != pairs[i - 1].key;
	for (*size = 16; *size < 2 * keys; *size *= 2)
		;
	for (unsigned i = 0, count; i < pair_count; i += count ? count : 1) {
		uint32_t key = pairs[i].key;
		unsigned slot = (key * HASH_MULTIPLIER >> (32 - FILTER_BITS)) & (*size - 1);
		unsigned real = 0;
		for (count = 0; i + count < pair_count && pairs[i + count].key == key; count++)
			if (!rows[pairs[i + count].row].marker)
				list[real++] = (uint16_t)pairs[i + count].row;
		if (!real)
			continue;
		while (slots[slot].list)
			slot = (slot + 1) & (*size - 1);
		slots[slot] = (struct key){ key, intern_list(list, real) };
		placed++;
	}
	return placed;
}

/* May one line be of both groups? */
static bool groups_meet(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < KEY_BYTES; i++) {
		bool common = false;

		for (unsigned byte = 0; byte < 256; byte++)
			common |= set_has(&groups[a].sets[i], byte) && set_has(&groups[b].sets[i], byte);
		if (!common)
			return false;
	}
	return true;
}

/* A reader looks up one group only: its list has the rows of every group that
 * such a line may belong to as well. */
static void list_groups(void)
{
	uint16_t list[ROWS_MAX];

	for (unsigned g = 0; g < group_count; g++) {
		unsigned count = 0;
		for (unsigned r = 0; r < row_count; r++)
			if (rows[r].is_class && !rows[r].marker && groups_meet(g, rows[r].group))
				list[count++] = (uint16_t)r;
		groups[g].list = count ? intern_list(list, count) : 0;
	}
}

/* ---- writing ---- */

static unsigned lead_length(const char *pattern)
{
	return (unsigned)strcspn(pattern, "<");
}

static void write_rows(void)
{
	for (unsigned f = 0; f < family_count; f++)
		printf("extern const struct line_shape %s[];\n", families[f]);
	printf("\nconst struct line_shape *const line_families[] = {");
	for (unsigned f = 0; f < family_count; f++)
		printf(" %s,", families[f]);
	printf(" NULL };\n\nconst struct line_row line_rows[] = {\n");
	for (unsigned r = 0; r < real_row_count; r++) {
		const char *p = rows[r].pattern;
		unsigned lead = lead_length(p), literal = (unsigned)strcspn(p, "< \t");
		uint64_t value = 0, mask = 0;
		for (unsigned i = 4; i < 12 && i < literal; i++) {
			value |= (uint64_t)(unsigned char)p[i] << 8 * (i - 4);
			mask |= UINT64_C(0xff) << 8 * (i - 4);
		}
		printf("\t{ %u, %u, %u, 0x%016llxu, 0x%016llxu },\n", rows[r].family,
		       lead < 255 ? lead : 255, rows[r].number, (unsigned long long)value,
		       (unsigned long long)mask);
	}
	printf("\t{ 0, 0, 0, 0, 0 },\n};\nconst unsigned line_row_count = %u;\n\n",
	       real_row_count);
}

/* Bytes at which the hot loop looks closer, whatever the rows are. */
static unsigned always(unsigned byte)
{
	if (byte >= 'a' && byte <= 'z')
		return CLASS_LOWER;
	/* Blanks; what begins a clock, a level, a quoted or diffed line; control
	 * bytes and line noise. */
	if (byte < 0x20 || byte >= 0x7f || strchr(" [(<>+-|{", (int)byte))
		return byte == '\n' ? 0 : CLASS_AGAIN;
	return 0;
}

static void write_classes(void)
{
	printf("const uint8_t line_class[4][256] = {\n");
	for (unsigned i = 0; i < KEY_BYTES; i++) {
		printf("\t{");
		for (unsigned byte = 0; byte < 256; byte++) {
			unsigned bits = i ? 0 : always(byte);
			for (unsigned g = 0; g < group_count; g++)
				bits |= (unsigned)set_has(&groups[g].sets[i], byte) << g;
			printf("%s0x%02x,", byte % 16 ? " " : "\n\t\t", bits);
		}
		printf("\n\t},\n");
	}
	printf("};\n\nconst uint16_t line_class_lists[LINE_CLASS_COUNT] = {");
	for (unsigned g = 0; g < group_count; g++)
		printf(" %u,", groups[g].list);
	printf(" };\n\n");
}

static void write_keys(const struct key *slots, unsigned size)
{
	uint64_t filter[1u << (FILTER_BITS - 6)] = { 0 };

	for (unsigned i = 0; i < pair_count; i++) {
		uint32_t hash = pairs[i].key * HASH_MULTIPLIER >> (32 - FILTER_BITS);
		filter[hash >> 6] |= UINT64_C(1) << (hash & 63);
	}
	printf("const uint64_t line_filter[1u << (LINE_FILTER_BITS - 6)] = {\n");
	for (unsigned i = 0; i < 1u << (FILTER_BITS - 6); i++)
		if (filter[i])
			printf("\t[%u] = 0x%016llxu,\n", i, (unsigned long long)filter[i]);
	printf("};\n\nconst struct line_key_slot line_keys[] = {\n");
	for (unsigned i = 0; i < size; i++)
		if (slots[i].list)
			printf("\t[%u] = { 0x%08xu, %u },\n", i, (unsigned)slots[i].key,
			       slots[i].list);
	printf("\t[%u] = { 0, 0 },\n};\nconst uint32_t line_key_mask = %u;\n\n", size, size - 1);
}

static void write_lists(void)
{
	printf("const uint16_t line_lists[] = {");
	for (unsigned i = 0; i < list_used; i++)
		printf("%s%u,", i % 12 ? " " : "\n\t", lists[i]);
	printf("\n};\n");
}

static void add_markers(void)
{
	for (unsigned i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		rows[row_count++] = (struct row){ .pattern = strdup(markers[i]),
						  .file = "mkindex", .marker = true };
}

int main(int argc, char **argv)
{
	static struct key slots[2 * KEYS_MAX];
	unsigned size;

	for (int i = 1; i < argc; i++)
		read_family(argv[i]);
	real_row_count = row_count;
	if (row_count + sizeof(markers) / sizeof(*markers) > ROWS_MAX)
		fail("mkindex", 0, "too many rows");
	add_markers();
	for (unsigned r = 0; r < row_count; r++)
		index_row(&rows[r]);
	group_classes();
	lists[list_used++] = LIST_END;
	list_groups();
	qsort(pairs, pair_count, sizeof(*pairs), compare_pairs);
	place_keys(slots, &size);

	printf("/* Written by formats/mkindex.c; do not edit. */\n"
	       "#include \"formats/line_index.h\"\n\n"
	       "_Static_assert(LINE_FILTER_BITS == %d, \"mkindex.c: FILTER_BITS\");\n"
	       "_Static_assert(LINE_HASH_MULTIPLIER == 0x%xu, \"mkindex.c: HASH_MULTIPLIER\");\n"
	       "_Static_assert(LINE_CLASS_COUNT == %d, \"mkindex.c: GROUPS_MAX\");\n"
	       "_Static_assert(CAPTURES_MAX == %d, \"mkindex.c: CAPTURES_MAX\");\n\n",
	       FILTER_BITS, HASH_MULTIPLIER, GROUPS_MAX, CAPTURES_MAX);
	write_rows();
	write_classes();
	write_keys(slots, size);
	write_lists();
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
