/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mkindex/mkindex.h"

static unsigned lead_length(const char *pattern)
{
	return (unsigned)strcspn(pattern, "<");
}

/* What follows the number that the row begins with. */
static unsigned after_number(const struct row *row)
{
	const char *p = row->pattern;
	char next;

	if (!strncmp(p, "<range>", 7))
		return AFTER_SIGN;
	if (strncmp(p, "<x>", 3) && strncmp(p, "<d>", 3))
		return AFTER_ANY;
	next = p[3];
	if (!next || next == '<')
		return AFTER_ANY;
	return (unsigned)next | (p[1] == 'd' ? AFTER_DECIMAL : 0);
}

/* As a string of C. */
static void write_string(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\t')
			fputs("\\t", stdout);
		else
			printf(strchr("\"\\?", text[i]) ? "\\%c" : "%c", text[i]);
	}
	putchar('"');
}

/* What follows a capture, as a character of C. */
static void write_next(char next)
{
	printf(next ? strchr("'\\", next) ? ", '\\%c')" : ", '%c')" : ", 0)", next);
}

/* The row's pattern as the steps of formats/steps.h. */
static void write_matcher(unsigned r)
{
	const char *p = rows[r].pattern;
	unsigned numbers = 0, ranges = 0, words = 0;

	printf("MATCHER(%u)\n\tLEAD(", r);
	write_string(p, lead_length(p));
	for (p += lead_length(p); *p; p += lead_length(p)) {
		const char *capture = p;

		p += strcspn(p, ">") + 1;
		printf(")\n");
		if (!strncmp(capture, "<x>", 3))
			printf("\tHEX(%u", numbers++), write_next(*p);
		else if (!strncmp(capture, "<d>", 3))
			printf("\tDECIMAL(%u", numbers++), write_next(*p);
		else if (!strncmp(capture, "<range>", 7))
			printf("\tRANGE(%u, %s", ranges++, rows[r].ends), write_next(*p);
		else if (!strncmp(capture, "<w>", 3))
			printf("\tWORD(%u", words++), write_next(*p);
		else if (!strncmp(capture, "<rest>", 6))
			printf("\tREST(%u)", words++);
		if (!strncmp(capture, "<any>", 5))
			printf("\tANY(%u, ", words++);
		else
			printf(" RUN(");
		write_string(p, lead_length(p));
	}
	printf(")\n\tMATCHED(%u, %u, %u)\n\n", numbers, ranges, words);
}

static void write_matchers(void)
{
	for (unsigned r = 0; r < real_row_count; r++)
		write_matcher(r);
	/* No table of functions: it would hold an address for each. */
	printf("bool line_match(struct text message, struct match *match, struct text *left,\n"
	       "\t\tbool *lead_matched, unsigned row)\n{\n\tswitch (row) {\n");
	for (unsigned r = 0; r < real_row_count; r++)
		printf("\tcase %u: return match_%u(message, match, left, lead_matched);\n", r, r);
	printf("\t}\n\t__builtin_unreachable();\n}\n\n");
}

static void write_patterns(void)
{
	printf("const char line_patterns[] =\n");
	for (unsigned r = 0; r < real_row_count; r++) {
		printf("\t");
		write_string(rows[r].pattern, strlen(rows[r].pattern));
		printf(" \"\\0\"\n");
	}
	printf(";\n_Static_assert(sizeof(line_patterns) <= UINT16_MAX, \"line_row.pattern\");\n\n");
}

static void write_rows(void)
{
	size_t pattern = 0;

	write_patterns();
	for (unsigned f = 0; f < family_count; f++)
		printf("extern const struct line_shape %s[];\n", families[f]);
	printf("\nconst struct line_shape *const line_families[] = {");
	for (unsigned f = 0; f < family_count; f++)
		printf(" %s,", families[f]);
	printf(" NULL };\n\nconst struct line_row line_rows[] = {\n");
	for (unsigned r = 0; r < real_row_count; r++) {
		printf("\t{ %u, %u, %s, %u, %zu },\n", rows[r].family,
		       lead_length(rows[r].pattern), rows[r].ends, rows[r].number, pattern);
		pattern += strlen(rows[r].pattern) + 1;
	}
	printf("};\nconst unsigned line_row_count = %u;\n\n"
	       "const struct line_candidate line_candidates[] = {\n", real_row_count);
	for (unsigned c = 0; c < candidate_count; c++)
		printf("\t{ 0x%016llxu, 0x%016llxu, %u, %u, %u },\n",
		       (unsigned long long)candidates[c].value,
		       (unsigned long long)candidates[c].mask, candidates[c].row,
		       candidates[c].blank, after_number(&rows[candidates[c].row]));
	printf("};\n\n");
}

static void write_slot(unsigned at, const struct slot *slot)
{
	printf("\t[%u] = { 0x%08xu, %u, %u, %u, %u, %u, %u },\n", at, slot->key, slot->first,
	       slot->tells, slot->count, slot->window, slot->tell_at, slot->prefix);
}

static void write_classes(void)
{
	printf("const uint8_t line_class[4][256] = {\n");
	for (unsigned i = 0; i < KEY_BYTES; i++) {
		printf("\t{");
		for (unsigned byte = 0; byte < 256; byte++) {
			unsigned bits = i ? CLASS_AGAIN : always(byte);
			for (unsigned g = 0; g < group_count; g++)
				bits |= (unsigned)set_has(&groups[g].sets[i], byte) << g;
			printf("%s0x%02x,", byte % 16 ? " " : "\n\t\t", bits);
		}
		printf("\n\t},\n");
	}
	printf("};\n\nconst struct line_slot line_class_slots[LINE_CLASS_COUNT] = {\n");
	for (unsigned g = 0; g < group_count; g++)
		write_slot(g, &groups[g].slot);
	printf("};\n\n");
}

static void write_tells(void)
{
	printf("const uint32_t line_tells[][32] = {\n");
	for (unsigned t = 0; t < tells_count; t++) {
		printf("\t{");
		for (unsigned i = 0; i < 32; i++)
			printf(" 0x%x,", tells[t][i]);
		printf(" },\n");
	}
	printf("};\n\n");
}

static void write_begins(void)
{
	printf("const uint64_t line_begin_mask[LINE_BEGINNINGS] = {");
	for (unsigned i = 0; i < BEGINNINGS; i++)
		printf("%s0x%llxu,", i % 4 ? " " : "\n\t", (unsigned long long)begin_mask[i]);
	printf("\n};\n\nconst bool line_begins[1u << LINE_BEGIN_BITS] = {\n");
	for (unsigned i = 0; i < 1u << BEGIN_BITS; i++)
		if (begins[i])
			printf("\t[%u] = true,\n", i);
	printf("};\n\n");
}

static void write_keys(const struct slot *slots, unsigned size)
{
	printf("const struct line_slot line_slots[] = {\n");
	for (unsigned i = 0; i < size; i++)
		if (slots[i].count || slots[i].prefix)
			write_slot(i, &slots[i]);
	printf("\t[%u] = { 0, 0, 0, 0, 0, 0, 0 },\n};\nconst uint32_t line_slot_mask = %u;\n\n", size,
	       size - 1);
}

void write_index(const struct slot *slots, unsigned size)
{
	printf("/* Written by formats/mkindex; do not edit. */\n"
	       "#include \"formats/line_index.h\"\n#include \"formats/steps.h\"\n\n"
	       "_Static_assert(LINE_SLOT_BITS == %d, \"mkindex.h: SLOT_BITS\");\n"
	       "_Static_assert(LINE_HASH_MULTIPLIER == 0x%xu, \"mkindex.h: HASH_MULTIPLIER\");\n"
	       "_Static_assert(LINE_BEGIN_BITS == %d, \"mkindex.h: BEGIN_BITS\");\n"
	       "_Static_assert(LINE_BEGINNINGS == %d, \"mkindex.h: BEGINNINGS\");\n"
	       "_Static_assert(LINE_BEGIN_MULTIPLIER == 0x%llxu, \"mkindex.h: BEGIN_MULTIPLIER\");\n"
	       "_Static_assert(LINE_CLASS_COUNT == %d, \"mkindex.h: GROUPS_MAX\");\n"
	       "_Static_assert(CAPTURES_MAX == %d, \"mkindex.h: CAPTURES_MAX\");\n"
	       "_Static_assert(LINE_WINDOW_MAX == %u, \"mkindex.h: WINDOW_MAX\");\n"
	       "_Static_assert(LINE_TELL_MAX == %u, \"mkindex.h: TELL_AT_MAX\");\n"
	       "_Static_assert(LINE_AFTER_SIGN == %u, \"mkindex.h: AFTER_SIGN\");\n"
	       "_Static_assert(LINE_DECIMAL == %u, \"mkindex.h: AFTER_DECIMAL\");\n\n",
	       SLOT_BITS, HASH_MULTIPLIER, BEGIN_BITS, BEGINNINGS, (unsigned long long)BEGIN_MULTIPLIER,
	       GROUPS_MAX, CAPTURES_MAX, WINDOW_MAX, TELL_AT_MAX, AFTER_SIGN,
	       AFTER_DECIMAL);
	write_matchers();
	write_rows();
	write_classes();
	write_begins();
	write_tells();
	write_keys(slots, size);
}
