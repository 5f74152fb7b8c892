/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Findings on their way to the reader: collected, sorted, traced to a root,
 * fingerprinted; and what hostile bytes become in JSON and on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/rule.h"
#include "formats/drawing.h"
#include "formats/json.h"
#include "formats/printable.h"

/* --- scenery --------------------------------------------------------------- */

struct fixture {
	struct arena arena;
	struct boot_report boot;
	struct report report;
};

static void no_memory(void *context)
{
	(void)context;
	fail_msg("the arena is exhausted");
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, ARENA_BYTES_MAX, no_memory, NULL);
	f->report.arena = &f->arena;
	f->report.boot = &f->boot;
	f->report.tail = &f->boot.findings;
	f->report.count_by_rule = arena_alloc(&f->arena, rule_count * sizeof(uint32_t));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	free(f);
	return 0;
}

static struct loc at_line(uint32_t line)
{
	return (struct loc){ .offset = 100 * (uint64_t)line, .line = line, .length = 50 };
}

/* Rules of the test's own: relations must not depend on the catalogue. */
static const struct rule rule_a = { .id = "TST001", .name = "a", .title = "a" };
static const struct rule rule_b = { .id = "TST002", .name = "b", .title = "b",
				    .roots = "TST001" };
static const struct rule rule_c = { .id = "TST003", .name = "c", .title = "c",
				    .roots = "TST009 TST002" };
static const struct rule rule_d = { .id = "TST004", .name = "d", .title = "d",
				    .roots = "TST005" };
static const struct rule rule_e = { .id = "TST005", .name = "e", .title = "e",
				    .roots = "TST004" };

/* finding_new() without its look-up in the catalogue. */
static struct finding *add(struct fixture *f, const struct rule *rule, uint32_t line,
			   uint64_t start, uint64_t end)
{
	struct finding *finding = ARENA_NEW(&f->arena, struct finding);

	finding->rule = rule;
	finding->notes[0].at = at_line(line);
	finding->note_count = 1;
	finding->where = pfn_range(start, end);
	*f->report.tail = finding;
	f->report.tail = &finding->next;
	return finding;
}

static unsigned count(const struct fixture *f)
{
	unsigned n = 0;

	for (const struct finding *x = f->boot.findings; x; x = x->next)
		n++;
	return n;
}

/* --- collecting ------------------------------------------------------------ */

static void a_new_finding_is_placed_and_proved(void **state)
{
	struct fixture *f = *state;
	struct finding *x = finding_new(&f->report, rule_table[0], at_line(7));

	assert_ptr_equal(x->rule, rule_table[0]);
	assert_int_equal(x->severity, rule_table[0]->severity);
	assert_int_equal(x->certainty, PROVED);
	assert_int_equal(x->note_count, 1);
	assert_int_equal(x->notes[0].at.line, 7);
	finding_at_most(x, SUSPECTED);
	finding_at_most(x, INFERRED);
	assert_int_equal(x->certainty, SUSPECTED);
}

static void a_flood_is_counted_and_keeps_its_words(void **state)
{
	struct fixture *f = *state;
	struct finding *other, *last = NULL;
	uint64_t held;

	other = finding_new(&f->report, rule_table[1], at_line(3));
	for (uint32_t i = 0; i < FINDINGS_PER_RULE_MAX; i++) {
		last = finding_new(&f->report, rule_table[0], at_line(10 + i));
		finding_message(&f->report, last, "number %u", i);
	}
	held = f->arena.held_bytes;
	for (uint32_t i = 0; i < 100000; i++) {
		struct finding *x = finding_new(&f->report, rule_table[0], at_line(1000 + i));

		assert_ptr_equal(x, last);
		finding_message(&f->report, x, "lost %u", i);
		assert_null(finding_note(&f->report, x, at_line(5), "lost"));
	}
	assert_int_equal(last->more, 100000);
	assert_string_equal(last->message, arena_printf(&f->arena, "number %u",
							FINDINGS_PER_RULE_MAX - 1));
	assert_int_equal(f->arena.held_bytes, held);
	/* The list is whole, wherever the flooded one was moved. */
	assert_int_equal(count(f), FINDINGS_PER_RULE_MAX + 1);
	finding_new(&f->report, rule_table[1], at_line(4));
	assert_int_equal(count(f), FINDINGS_PER_RULE_MAX + 2);
	report_close_boot(&f->report);
	assert_ptr_equal(f->boot.findings, other);
}

static void a_line_is_noted_once(void **state)
{
	struct fixture *f = *state;
	struct finding *x = finding_new(&f->report, rule_table[0], at_line(7));
	struct note *note = finding_note(&f->report, x, at_line(7), "first");

	assert_ptr_equal(note, &x->notes[0]);
	finding_note(&f->report, x, at_line(7), "first");
	finding_note(&f->report, x, at_line(7), "second");
	assert_string_equal(note->says, "first; second");
	assert_int_equal(x->note_count, 1);
	assert_null(finding_note(&f->report, x, LOC_NONE, "nowhere"));
	for (uint32_t i = 0; i < 2 * NOTES_MAX; i++)
		finding_note(&f->report, x, at_line(20 + i), NULL);
	assert_int_equal(x->note_count, NOTES_MAX);
}

static void carets_are_copied_and_bounded(void **state)
{
	struct fixture *f = *state;
	struct finding *x = finding_new(&f->report, rule_table[0], at_line(7));
	struct note *note = &x->notes[0];
	char mark[] = "mark";

	note_caret(&f->report, NULL, mark, NULL);
	note_caret(&f->report, note, NULL, NULL);
	note_caret(&f->report, note, "", "nothing");
	for (size_t i = 0; i < 5; i++)
		note_caret(&f->report, note, mark, "is %zu", i);
	mark[0] = 'X';
	assert_string_equal(note->carets[0].mark, "mark");
	assert_string_equal(note->carets[2].says, "is 2");
}

/* --- closing --------------------------------------------------------------- */

static void findings_sort_by_place_then_rule(void **state)
{
	struct fixture *f = *state;
	struct finding *third = add(f, &rule_c, 9, 0, 0), *fourth = add(f, &rule_a, 10, 0, 0);
	struct finding *second = add(f, &rule_a, 9, 0, 0), *first = add(f, &rule_d, 2, 0, 0);

	report_close_boot(&f->report);
	assert_ptr_equal(f->boot.findings, first);
	assert_ptr_equal(first->next, second);
	assert_ptr_equal(second->next, third);
	assert_ptr_equal(third->next, fourth);
	assert_null(fourth->next);
	assert_string_equal(first->message, "d");   /* the title, for want of a message */
}

static void many_findings_sort(void **state)
{
	struct fixture *f = *state;
	uint32_t random = 1;

	for (int i = 0; i < 1000; i++) {
		random = random * 1103515245u + 12345u;
		add(f, random & 64 ? &rule_a : &rule_d, random >> 16, 0, 0);
	}
	report_close_boot(&f->report);
	assert_int_equal(count(f), 1000);
	for (const struct finding *x = f->boot.findings; x->next; x = x->next) {
		assert_true(x->notes[0].at.offset <= x->next->notes[0].at.offset);
		if (x->notes[0].at.offset == x->next->notes[0].at.offset)
			assert_true(strcmp(x->rule->id, x->next->rule->id) <= 0);
	}
}

static void notes_sort_behind_the_first(void **state)
{
	struct fixture *f = *state;
	struct finding *x = finding_new(&f->report, rule_table[0], at_line(50));

	finding_note(&f->report, x, at_line(70), NULL);
	finding_note(&f->report, x, at_line(10), NULL);
	finding_note(&f->report, x, at_line(60), NULL);
	report_close_boot(&f->report);
	assert_int_equal(x->notes[0].at.line, 50);
	assert_int_equal(x->notes[1].at.line, 10);
	assert_int_equal(x->notes[2].at.line, 60);
	assert_int_equal(x->notes[3].at.line, 70);
}

static void nothing_is_proved_without_a_line(void **state)
{
	struct fixture *f = *state;
	struct finding *x = finding_new(&f->report, rule_table[0], LOC_NONE);

	report_close_boot(&f->report);
	assert_int_equal(x->certainty, INFERRED);
}

static void a_cause_overlaps_rather_than_comes_first(void **state)
{
	struct fixture *f = *state;
	struct finding *early = add(f, &rule_a, 1, 10, 20), *same = add(f, &rule_a, 2, 100, 110);
	struct finding *effect = add(f, &rule_b, 3, 105, 106);
	struct finding *elsewhere = add(f, &rule_b, 4, 500, 501);

	report_close_boot(&f->report);
	assert_ptr_equal(effect->cause, same);
	assert_ptr_equal(elsewhere->cause, early);
	assert_null(early->cause);
	assert_null(same->cause);
}

static void a_cause_is_followed_to_its_root(void **state)
{
	struct fixture *f = *state;
	struct finding *last = add(f, &rule_c, 3, 0, 0), *middle = add(f, &rule_b, 2, 0, 0);
	struct finding *root = add(f, &rule_a, 1, 0, 0);
	/* What comes before the root is no consequence of it. */
	struct finding *before = add(f, &rule_c, 0, 0, 0);

	report_close_boot(&f->report);
	assert_ptr_equal(last->cause, root);
	assert_ptr_equal(middle->cause, root);
	assert_null(before->cause);
}

static void causes_have_no_cycle(void **state)
{
	struct fixture *f = *state;
	struct finding *root = NULL;

	/* Each rule takes the other for its root. */
	add(f, &rule_d, 1, 1, 2);
	add(f, &rule_e, 2, 1, 2);
	add(f, &rule_d, 3, 1, 2);
	report_close_boot(&f->report);
	for (struct finding *x = f->boot.findings; x; x = x->next) {
		if (x->cause)
			continue;
		assert_null(root);
		root = x;
	}
	assert_non_null(root);
	for (struct finding *x = f->boot.findings; x; x = x->next)
		assert_true(x == root || x->cause == root);
}

static void fingerprints_are_rule_and_facts(void **state)
{
	struct fixture *f = *state;
	struct finding *x = add(f, &rule_a, 1, 1, 2), *moved = add(f, &rule_a, 9, 300, 400);
	struct finding *other = add(f, &rule_a, 2, 1, 2), *rule = add(f, &rule_b, 3, 1, 2);
	struct finding *none = add(f, &rule_a, 4, 1, 2);

	x->facts = moved->facts = rule->facts = "pool 1, page 3, level 1";
	x->message = "at 0x1000";
	moved->message = "at 0x2000";
	other->facts = "pool 1, page 4, level 1";
	report_close_boot(&f->report);
	/* Baselines hold these numbers: they never change. */
	assert_true(x->fingerprint == UINT64_C(0x502f50436b4cb7e5));
	assert_true(none->fingerprint == UINT64_C(0x6b32d13aa4e1055f));
	assert_true(x->fingerprint == moved->fingerprint);
	assert_true(x->fingerprint != other->fingerprint);
	assert_true(x->fingerprint != rule->fingerprint);
}

/* --- bytes ----------------------------------------------------------------- */

static char *json_of(const char *bytes, size_t length)
{
	char *document = NULL;
	size_t size;
	FILE *out = open_memstream(&document, &size);
	struct json json = { .out = out };

	json_text(&json, NULL, (struct text){ bytes, length });
	fclose(out);
	return document;
}

static void check_json(const char *bytes, size_t length, const char *expected)
{
	char *document = json_of(bytes, length);

	assert_string_equal(document, expected);
	free(document);
}

static void json_escapes_what_it_must(void **state)
{
	(void)state;
	check_json("", 0, "\"\"");
	check_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
	check_json("\0\1\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
	check_json("\r\n\t\b", 4, "\"\\r\\n\\t\\u0008\"");
	check_json("\xc3\xa9", 2, "\"\xc3\xa9\"");
	check_json("\xe9", 1, "\"\\ufffd\"");
	check_json("\xc3", 1, "\"\\ufffd\"");                    /* cut off */
	check_json("\xc0\xaf", 2, "\"\\ufffd\\ufffd\"");         /* overlong */
	check_json("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"");   /* surrogate */
	check_json("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	check_json("\xf0\x9f\x90\xa7", 4, "\"\xf0\x9f\x90\xa7\"");
	check_json("\x1b[31m", 5, "\"\\u001b[31m\"");
}

/* RFC 8259's string, bytes well-formed UTF-8. */
static bool is_json_string(const char *at)
{
	if (*at++ != '"')
		return false;
	while (*at != '"') {
		size_t length = utf8_length(at, strlen(at));

		if (!length || (unsigned char)*at < 0x20)
			return false;
		if (*at == '\\') {
			at++;
			if (*at == 'u' && strspn(at + 1, "0123456789abcdef") < 4)
				return false;
			if (!strchr("\"\\/bfnrtu", *at))
				return false;
		}
		at += length;
	}
	return at[1] == '\0';
}

static void json_is_legal_whatever_comes(void **state)
{
	uint64_t random = 88172645463325252u;
	char bytes[40];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)round % sizeof(bytes);
		char *document;

		for (size_t i = 0; i < length; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			bytes[i] = (char)(round & 1 ? random : (random & 0x3f) | 0x80 |
					  (random >> 8 & 0x70));
		}
		document = json_of(bytes, length);
		assert_true(is_json_string(document));
		free(document);
	}
}

static void json_puts_commas_between(void **state)
{
	char *document = NULL;
	size_t size;
	FILE *out = open_memstream(&document, &size);
	struct json json = { .out = out };

	(void)state;
	json_object(&json, NULL);
	json_array(&json, "empty");
	json_end_array(&json);
	json_string(&json, "absent", NULL);
	json_array(&json, "two");
	json_number(&json, NULL, UINT64_MAX);
	json_object(&json, NULL);
	json_bool(&json, "b", false);
	json_end_object(&json);
	json_end_array(&json);
	json_hex(&json, "hex", 0x7f2fd);
	json_hash(&json, "hash", 0xabc);
	json_end_object(&json);
	fclose(out);
	assert_string_equal(document, "{\"empty\":[],\"two\":[18446744073709551615,{\"b\":false}],"
			    "\"hex\":\"0x7f2fd\",\"hash\":\"0000000000000abc\"}");
	free(document);
}

static void terminals_get_no_commands(void **state)
{
	(void)state;
	assert_int_equal(printable_length("a", 1), 1);
	assert_int_equal(printable_length("\x1b", 1), 0);
	assert_int_equal(printable_length("\x7f", 1), 0);
	assert_int_equal(printable_length("\n", 1), 0);
	assert_int_equal(printable_length("\xc2\x9b", 2), 0);         /* C1: CSI */
	assert_int_equal(printable_length("\xe2\x80\xae", 3), 0);     /* right-to-left */
	assert_int_equal(printable_length("\xe2\x81\xa6", 3), 0);     /* isolate */
	assert_int_equal(printable_length("\xc3\xa9", 2), 2);
	assert_int_equal(printable_length("\xe2\x82\xac", 3), 3);
	assert_int_equal(printable_length("\xf0\x9f\x90\xa7", 4), 4);
	assert_int_equal(printable_length("\xff", 1), 0);
}

/* --- the drawing ------------------------------------------------------------ */

#define PAGE_BYTES 2000

static void draw(const struct drawing *drawing, char page[PAGE_BYTES])
{
	FILE *out = fmemopen(page, PAGE_BYTES, "w");
	struct screen screen = { .out = out };

	page[0] = '\0';
	drawing_put(&screen, drawing, 4);
	fclose(out);
}

/* The bar between its outer '|', for a pool of 16 frames from 0x100. */
static void check_bar(uint64_t used, bool known, char fill, bool both)
{
	struct drawing drawing = { .wanted = true, .plan = pfn_range(0x100, 0x110),
				   .used_end = to_pfn(0x100 + used), .used_end_known = known };
	char page[PAGE_BYTES], *bar, *line_end, *middle;

	draw(&drawing, page);
	bar = strchr(page, '|');
	line_end = strchr(page, '\n');
	middle = strchr(bar + 1, '|');
	assert_int_equal(line_end[-1], '|');
	assert_int_equal(bar[1], fill);
	assert_int_equal(middle + 1 < line_end, both);
	assert_int_equal(line_end - bar, 62 + 2 + both);
}

static void a_pool_is_drawn_at_its_edges(void **state)
{
	(void)state;
	check_bar(0, true, '.', false);
	check_bar(1, true, '=', true);
	check_bar(15, true, '=', true);
	check_bar(16, true, '=', false);
	check_bar(40, true, '=', false);   /* past the top: drawn as full */
	check_bar(0, false, '?', false);
}

/* Column of the caret, counted in the bar's row. */
static char marked(uint64_t used, uint64_t mark, uint64_t size)
{
	struct drawing drawing = { .wanted = true, .plan = pfn_range(0x100, 0x100 + size),
				   .used_end = to_pfn(0x100 + used), .used_end_known = true,
				   .used_says = "u", .tail_says = "t", .mark_wanted = true,
				   .mark = to_pfn(0x100 + mark) };
	char page[PAGE_BYTES], *second, *caret;

	draw(&drawing, page);
	second = strchr(page, '\n') + 1;
	caret = strchr(second, '^');
	return caret ? page[caret - second] : 0;
}

static void the_caret_stands_in_its_part(void **state)
{
	(void)state;
	assert_int_equal(marked(1003, 1003, 1027), '.');
	assert_int_equal(marked(1003, 1002, 1027), '=');
	assert_int_equal(marked(1, 0, 100000), '=');
	assert_int_equal(marked(1, 99999, 100000), '.');
	assert_int_equal(marked(99999, 99999, 100000), '.');
	assert_int_equal(marked(0, 0, 5), '.');
	assert_int_equal(marked(5, 4, 5), '=');
	assert_int_equal(marked(5, 70, 5), 0);   /* outside: no caret */
}

static void an_empty_pool_is_not_drawn(void **state)
{
	struct drawing drawing = { .wanted = true, .plan = pfn_range(7, 7) };
	char page[PAGE_BYTES];

	(void)state;
	draw(&drawing, page);
	assert_string_equal(page, "");
}

#define WITH_REPORT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REPORT(a_new_finding_is_placed_and_proved),
		WITH_REPORT(a_flood_is_counted_and_keeps_its_words),
		WITH_REPORT(a_line_is_noted_once),
		WITH_REPORT(carets_are_copied_and_bounded),
		WITH_REPORT(findings_sort_by_place_then_rule),
		WITH_REPORT(many_findings_sort),
		WITH_REPORT(notes_sort_behind_the_first),
		WITH_REPORT(nothing_is_proved_without_a_line),
		WITH_REPORT(a_cause_overlaps_rather_than_comes_first),
		WITH_REPORT(a_cause_is_followed_to_its_root),
		WITH_REPORT(causes_have_no_cycle),
		WITH_REPORT(fingerprints_are_rule_and_facts),
		cmocka_unit_test(json_escapes_what_it_must),
		cmocka_unit_test(json_is_legal_whatever_comes),
		cmocka_unit_test(json_puts_commas_between),
		cmocka_unit_test(terminals_get_no_commands),
		cmocka_unit_test(a_pool_is_drawn_at_its_edges),
		cmocka_unit_test(the_caret_stands_in_its_part),
		cmocka_unit_test(an_empty_pool_is_not_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
