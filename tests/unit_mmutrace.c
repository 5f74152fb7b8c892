/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pgtcheck's own binary trace: what was written comes back, whatever is cut or
 * damaged is told, and never becomes another operation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "formats/mmu_text.h"
#include "formats/mmutrace.h"
#include "tests/binary.h"

#define OPS 3000u

static struct event written[OPS];
static unsigned char file[OPS * 64];
static size_t file_bytes;

static uint64_t random_state = 7;

static uint64_t random_64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

static bool one_in(unsigned n)
{
	return random_64() >> 33 & 1 ? random_64() % n == 0 : random_64() % (2 * n) < 2;
}

/* Any operation whatsoever, not only those that a kernel makes. */
static struct event random_event(void)
{
	static const int32_t verdicts[] = { 0, 0, 0, -22, -16, -1, -4095, 32767, -32768, 1 << 20,
					    INT32_MAX, MMU_VERDICT_UNKNOWN };
	struct event event = { .kind = EV_MMU_OP, .speaker = one_in(4), .domain = DOMAIN_NONE };
	struct mmu_op *op = &event.u.mmu;

	event.certainty = (enum certainty)(random_64() % 3);
	if (one_in(3))
		event.domain = (uint16_t)(random_64() % 3);
	op->kind = (enum mmu_op_kind)(random_64() % MMU_OP_COUNT);
	op->command = (enum mmu_command)(random_64() % 4);
	op->level = random_64() % 5;
	op->vcpu = (uint8_t)random_64();
	op->has_ptr = !one_in(4);
	op->init_phase = one_in(3);
	op->pinned = one_in(3);
	op->partial = one_in(3);
	op->foreign = one_in(5) ? (uint16_t)random_64() : DOMID_SELF_WORD;
	op->verdict = verdicts[random_64() % ARRAY_LEN(verdicts)];
	op->flags = one_in(5) ? (uint32_t)random_64() : 0;
	op->ptr = op->has_ptr ? random_64() : 0;
	op->val = one_in(5) ? 0 : random_64();
	op->mfn = to_mfn(one_in(2) ? MMU_NO_FRAME : random_64() >> 20);
	op->pfn = to_pfn(one_in(2) ? MMU_NO_FRAME : random_64() >> 20);
	return event;
}

static void assert_same(const struct event *a, const struct event *b)
{
	const struct mmu_op *x = &a->u.mmu, *y = &b->u.mmu;

	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->certainty, b->certainty);
	assert_int_equal(a->speaker, b->speaker);
	assert_int_equal(a->domain, b->domain);
	assert_int_equal(x->kind, y->kind);
	assert_int_equal(x->command, y->command);
	assert_int_equal(x->level, y->level);
	assert_int_equal(x->vcpu, y->vcpu);
	assert_int_equal(x->has_ptr, y->has_ptr);
	assert_int_equal(x->init_phase, y->init_phase);
	assert_int_equal(x->pinned, y->pinned);
	assert_int_equal(x->partial, y->partial);
	assert_int_equal(x->foreign, y->foreign);
	assert_int_equal(x->verdict, y->verdict);
	assert_int_equal(x->flags, y->flags);
	assert_int_equal(x->ptr, y->ptr);
	assert_int_equal(x->val, y->val);
	assert_int_equal(x->mfn.n, y->mfn.n);
	assert_int_equal(x->pfn.n, y->pfn.n);
}

static void write_trace(uint32_t count)
{
	struct mmutrace_writer *writer;
	const char *trouble = NULL;
	FILE *in;

	writer = mmutrace_create(scratch_path(), &trouble);
	assert_non_null(writer);
	random_state = 7;
	for (uint32_t i = 0; i < count; i++) {
		written[i] = random_event();
		mmutrace_put(writer, &written[i]);
	}
	assert_int_equal(mmutrace_written(writer), count);
	assert_int_equal(mmutrace_finish(writer, true, &trouble), ST_OK);
	in = fopen(scratch_path(), "rb");
	assert_non_null(in);
	file_bytes = fread(file, 1, sizeof(file), in);
	fclose(in);
	assert_true(file_bytes < sizeof(file));
	unlink(scratch_path());
}

static void comes_back(void **state)
{
	(void)state;
	write_trace(OPS);
	read_bytes(NULL, file, file_bytes);
	assert_int_equal(binary_status, ST_OK);
	assert_string_equal(binary_input.format, "mmutrace");
	assert_int_equal(binary_input.bytes, file_bytes);
	assert_int_equal(binary_diagnostics, 0);
	assert_int_equal(binary_count, OPS);
	for (uint32_t i = 0; i < OPS; i++) {
		assert_same(&binary_events[i], &written[i]);
		assert_int_equal(binary_events[i].at.line, 0);
		assert_true(binary_events[i].at.length >= 8);
	}
}

/* What the machine is, in between. */
static void facts_come_back(void **state)
{
	const struct event facts[] = {
		{ .kind = EV_XEN_STARTED, .speaker = SPEAKER_XEN, .domain = DOMAIN_NONE,
		  .u.xen = { 4, 17, -1, TEXT("4.17.5-pre") } },
		{ .kind = EV_KERNEL_STARTED, .domain = 3,
		  .u.kernel = { 2, 6, 39, 5, TEXT("2.6.39-rc5"), false } },
		{ .kind = EV_PLATFORM_TOLD, .domain = 3, .u.platform = PLATFORM_XEN_PV },
		{ .kind = EV_KERNEL_BITS, .domain = 3, .u.word_size = { 32, true, true } },
		{ .kind = EV_MILESTONE, .domain = 3, .u.milestone.step = STEP_MEMORY_LINE },
		{ .kind = EV_MESSAGES_LOST, .domain = 3, .u.lost.what = LOSS_MAP_FULL },
	};
	const char *trouble = NULL;
	struct mmutrace_writer *writer = mmutrace_create(scratch_path(), &trouble);
	struct event other = { .kind = EV_COMMAND_LINE, .u.words = TEXT("quiet") };

	(void)state;
	assert_non_null(writer);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		mmutrace_put(writer, &facts[i]);
	mmutrace_put(writer, &other);   /* not for a trace */
	assert_int_equal(mmutrace_written(writer), 0);
	assert_int_equal(mmutrace_finish(writer, true, &trouble), ST_OK);
	read_file(NULL, scratch_path());
	unlink(scratch_path());
	assert_int_equal(binary_count, ARRAY_LEN(facts));
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		assert_int_equal(binary_events[i].kind, facts[i].kind);
		assert_int_equal(binary_events[i].domain, facts[i].domain);
		assert_int_equal(binary_events[i].speaker, facts[i].speaker);
	}
	assert_int_equal(binary_events[0].u.xen.minor, 17);
	assert_int_equal(binary_events[0].u.xen.debug, -1);
	assert_int_equal(binary_events[1].u.kernel.rc, 5);
	assert_int_equal(binary_events[1].u.kernel.patch, 39);
	assert_int_equal(binary_events[2].u.platform, PLATFORM_XEN_PV);
	assert_int_equal(binary_events[3].u.word_size.bits, 32);
	assert_true(binary_events[3].u.word_size.pae);
	assert_int_equal(binary_events[4].u.milestone.step, STEP_MEMORY_LINE);
	assert_int_equal(binary_events[5].u.lost.what, LOSS_MAP_FULL);
}

/* --- lines of a log between ------------------------------------------------- */

#define LINES 40u

static void put_line(struct mmutrace_writer *writer, const char *words, uint32_t number)
{
	mmutrace_put_line(writer, text_of(words), (struct loc){ .line = number, .length = 1 },
			  false);
}

/* A line that tells a fact, another of operations alone, a command line longer than a
 * block, and operations on lines one behind the other, or not. */
static void write_lines(void)
{
	static char command[6000];
	const char *trouble = NULL;
	struct mmutrace_writer *writer = mmutrace_create(scratch_path(), &trouble);
	struct event event = written[0];
	FILE *in;

	assert_non_null(writer);
	memset(command, 'x', sizeof(command) - 1);
	memcpy(command, "Command line: ", 14);
	put_line(writer, "[    0.000000] Linux version 6.1.0 (a@b) #1", 1);
	put_line(writer, "xenmmu: set_pte_init ptep=0xffffffff82b5c940 val=0x67", 2);
	put_line(writer, command, 7);
	for (uint32_t i = 0; i < LINES; i++) {
		event.at.line = 100 + i + (i > 20);
		mmutrace_put(writer, &event);
	}
	put_line(writer, "[    0.000000] Zone ranges:", 200);
	event.at.line = 0;
	mmutrace_put(writer, &event);
	assert_int_equal(mmutrace_finish(writer, true, &trouble), ST_OK);
	in = fopen(scratch_path(), "rb");
	assert_non_null(in);
	file_bytes = fread(file, 1, sizeof(file), in);
	fclose(in);
	unlink(scratch_path());
}

static void lines_come_back(void **state)
{
	uint32_t at = 0;

	(void)state;
	write_trace(1);
	write_lines();
	read_bytes(NULL, file, file_bytes);
	assert_int_equal(binary_status, ST_OK);
	assert_int_equal(binary_diagnostics, 0);
	assert_int_equal(binary_count, 1 + 1 + LINES + 1 + 1);
	assert_int_equal(binary_events[at].kind, EV_KERNEL_STARTED);
	assert_int_equal(binary_events[at].u.kernel.minor, 1);
	assert_int_equal(binary_events[at++].at.line, 1);
	/* What stands in records of its own is not told twice. */
	assert_int_equal(binary_events[at].kind, EV_COMMAND_LINE);
	assert_int_equal(binary_events[at].u.words.length, 5999 - 14);
	assert_int_equal(binary_events[at++].at.line, 7);
	for (uint32_t i = 0; i < LINES; i++, at++) {
		assert_same(&binary_events[at], &written[0]);
		assert_int_equal(binary_events[at].at.line, 100 + i + (i > 20));
	}
	assert_int_equal(binary_events[at].kind, EV_MILESTONE);
	assert_int_equal(binary_events[at++].at.line, 200);
	assert_int_equal(binary_events[at].at.line, 0);
	assert_int_equal(binary_input.lines, 200);
}

/* The block with the middle of the long line is damaged: the rest of the line is none,
 * and the trace says that something is missing. */
static void lines_damaged(void **state)
{
	(void)state;
	write_trace(1);
	write_lines();
	file[MMUTRACE_HEADER_BYTES + 3000] ^= 1;
	read_bytes(NULL, file, file_bytes);
	assert_int_equal(binary_status, ST_OK);
	assert_true(binary_diagnostics > 0);
	assert_int_equal(binary_events[0].kind, EV_KERNEL_STARTED);
	assert_int_equal(binary_events[1].kind, EV_MMU_OP);
	assert_int_equal(binary_events[1].u.mmu.kind, MMU_OPS_LOST);
	assert_int_equal(binary_losses, 1);
	for (uint32_t i = 2; i < binary_count; i++)
		assert_int_not_equal(binary_events[i].kind, EV_COMMAND_LINE);
	assert_int_equal(binary_count + binary_events[1].u.mmu.flags, 2 + LINES + 1 + 1);
}

/* Every event is one of those written, in order; where some are missing the
 * trace says that operations were lost. Returns how many came. */
static uint32_t assert_part_of(uint32_t count)
{
	uint32_t next = 0, came = 0;

	for (uint32_t i = 0; i < binary_count; i++) {
		const struct mmu_op *op = &binary_events[i].u.mmu;
		struct event event = binary_events[i];

		event.at = LOC_NONE;
		if (next < count && !memcmp(&event, &written[next], sizeof(event))) {
			next++;
			came++;
			continue;
		}
		assert_int_equal(op->kind, MMU_OPS_LOST);
		assert_true(binary_diagnostics > 0);
		next += op->flags;
		assert_true(next <= count);
	}
	return came;
}

/* The trace ends at each byte in turn. */
static void cut_anywhere(void **state)
{
	const uint32_t count = 320;

	(void)state;
	write_trace(count);
	for (size_t n = MMUTRACE_MAGIC_BYTES; n < file_bytes; n++) {
		read_bytes(NULL, file, n);
		if (n < MMUTRACE_HEADER_BYTES) {
			assert_int_equal(binary_status, ST_IO);
			continue;
		}
		assert_int_equal(binary_status, ST_OK);
		assert_true(binary_diagnostics > 0);
		assert_part_of(count);
		/* All whole records are used: at most one, and the end, is not. */
		assert_true(binary_count > 0);
		assert_int_equal(binary_events[binary_count - 1].u.mmu.kind, MMU_OPS_LOST);
		if (n > 4000)
			assert_true(binary_count > 50);
	}
}

/* Each byte in turn is another one: its block is left out, the others come. */
static void damaged_anywhere(void **state)
{
	const uint32_t count = 320;

	(void)state;
	write_trace(count);
	for (size_t i = MMUTRACE_HEADER_BYTES; i < file_bytes; i++) {
		unsigned char was = file[i];

		file[i] ^= (unsigned char)(1 + random_64() % 255);
		read_bytes(NULL, file, file_bytes);
		file[i] = was;
		assert_int_equal(binary_status, ST_OK);
		assert_true(binary_diagnostics > 0);
		/* Three blocks and the end mark. */
		assert_true(assert_part_of(count) >= 150);
	}
}

/* Blocks that are repeated or left out. */
static void blocks_move(void **state)
{
	size_t second;
	uint32_t payload;

	(void)state;
	write_trace(400);
	memcpy(&payload, file + MMUTRACE_HEADER_BYTES + 4, 4);
	second = MMUTRACE_HEADER_BYTES + MMUTRACE_BLOCK_HEADER_BYTES + payload;
	/* The first one is missing. */
	memmove(file + MMUTRACE_HEADER_BYTES, file + second, file_bytes - second);
	read_bytes(NULL, file, file_bytes - (second - MMUTRACE_HEADER_BYTES));
	assert_int_equal(binary_events[0].u.mmu.kind, MMU_OPS_LOST);
	assert_true(binary_events[0].u.mmu.flags > 50);
	assert_true(assert_part_of(400) + binary_events[0].u.mmu.flags == 400);
	/* The whole comes twice, without a second header. */
	write_trace(400);
	memcpy(file + file_bytes, file + MMUTRACE_HEADER_BYTES, file_bytes - MMUTRACE_HEADER_BYTES);
	read_bytes(NULL, file, 2 * file_bytes - MMUTRACE_HEADER_BYTES);
	assert_int_equal(assert_part_of(400), 400);
	assert_int_equal(binary_count, 400);
	assert_int_equal(binary_diagnostics, 1);
}

/* Bytes from nowhere behind a good header. */
static void noise(void **state)
{
	(void)state;
	write_trace(1);
	for (unsigned round = 0; round < 200; round++) {
		for (size_t i = MMUTRACE_HEADER_BYTES; i < 16000; i += 8) {
			uint64_t n = random_64();

			if (n % 8 == 0)
				n = MMUTRACE_BLOCK | n << 32 >> 20;
			memcpy(file + i, &n, 8);
		}
		read_bytes(NULL, file, 16000 - round);
		assert_int_equal(binary_count, 1);
		assert_int_equal(binary_events[0].u.mmu.kind, MMU_OPS_LOST);
	}
}

/* A file that is there is replaced when all is written, and not before. */
static void replaced_at_the_end(void **state)
{
	const char *trouble = NULL;
	struct mmutrace_writer *writer;
	struct stat about;
	FILE *old = fopen(scratch_path(), "w");

	(void)state;
	assert_non_null(old);
	fputs("old", old);
	fclose(old);
	writer = mmutrace_create(scratch_path(), &trouble);
	assert_non_null(writer);
	assert_int_equal(mmutrace_finish(writer, false, &trouble), ST_OK);
	assert_int_equal(stat(scratch_path(), &about), 0);
	assert_int_equal(about.st_size, 3);
	writer = mmutrace_create(scratch_path(), &trouble);
	assert_non_null(writer);
	assert_int_equal(mmutrace_finish(writer, true, &trouble), ST_OK);
	assert_int_equal(stat(scratch_path(), &about), 0);
	assert_int_equal(about.st_size, MMUTRACE_HEADER_BYTES + MMUTRACE_BLOCK_HEADER_BYTES);
	unlink(scratch_path());
	assert_null(mmutrace_create("/dev/null", &trouble));
	assert_null(mmutrace_create("/nonexistent/trace", &trouble));
	assert_non_null(trouble);
}

static void as_words(void **state)
{
	const struct mmu_op op = { .kind = MMU_UPDATE, .has_ptr = true, .ptr = 0x1234000,
				   .val = 0x80067, .foreign = DOMID_SELF_WORD, .verdict = -22 };
	char words[96], small[8];

	int length = mmu_text(&op, words, sizeof(words));

	(void)state;
	assert_string_equal(words, "mmu_update ptr=0x1234000 val=0x80067 ret=-22");
	assert_int_equal(length, (int)strlen(words));
	assert_int_equal(mmu_text(&op, small, sizeof(small)), length);
	assert_string_equal(small, "mmu_upd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(facts_come_back),
		cmocka_unit_test(lines_come_back),
		cmocka_unit_test(lines_damaged),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(damaged_anywhere),
		cmocka_unit_test(blocks_move),
		cmocka_unit_test(noise),
		cmocka_unit_test(replaced_at_the_end),
		cmocka_unit_test(as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
