/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text traces: each dialect's line gives the same operation; hashed pointers, stale
 * buffers, lost records, cut lines and hostile columns do no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "formats/in_text.h"

#define SEEN_MAX 64

static struct { struct mmu_op op; enum certainty certainty; uint32_t line; uint16_t domain;
		enum event_kind kind; } seen[SEEN_MAX];
static unsigned seen_count;
static unsigned losses;           /* each told of the operation before it */
static struct arena arena;
static struct input_report input;

static enum status note(void *context, const struct event *event)
{
	(void)context;
	if (event->kind == EV_MESSAGES_LOST && event->u.lost.what == LOSS_EVENTS) {
		assert_int_equal(seen[seen_count - 1].op.kind, MMU_OPS_LOST);
		losses++;
	} else if (seen_count < SEEN_MAX) {
		seen[seen_count].kind = event->kind;
		seen[seen_count].certainty = event->certainty;
		seen[seen_count].line = event->at.line;
		seen[seen_count].domain = event->domain;
		if (event->kind == EV_MMU_OP)
			seen[seen_count].op = event->u.mmu;
		seen_count++;
	}
	return ST_OK;
}

static void out_of_memory(void *context)
{
	(void)context;
	fail();
}

/* Reads the text as a file of its own. */
static void read_with(struct reader reader, const char *text)
{
	char path[] = "/tmp/pgtcheck-unit-XXXXXX";
	struct source source = { .buffer = source_buffer_new() };
	const char *trouble = NULL;
	int fd = mkstemp(path);
	size_t got;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	arena_release(&arena);
	arena_init(&arena, 1 << 20, out_of_memory, NULL);
	seen_count = losses = 0;
	memset(seen, 0, sizeof(seen));
	input = (struct input_report){ .name = "trace" };
	assert_int_equal(source_open(&source, path, &trouble), ST_OK);
	assert_int_equal(source_read(&source, source_data(&source), READ_BYTES, &got, &trouble),
			 ST_OK);
	assert_int_equal(in_text_run(&reader, &source, got, &trouble), ST_OK);
	source_close(&source);
	free(source.buffer);
	close(fd);
	unlink(path);
}

static void read_text(const char *text)
{
	read_with((struct reader){ .emit = note, .input = &input, .arena = &arena }, text);
}

static bool is_diagnosed(const char *words)
{
	for (const struct diagnostic *d = input.diagnostics; d; d = d->next)
		if (strstr(d->says, words))
			return true;
	return false;
}

/* --- one event in every dialect ------------------------------------------ */

#define EVENT "ptep ffff888011660680 pteval 8000000001025063 (raw 8000000121025063)"
#define SECOND "xen_mc_flush: flushing 0 hypercalls, 0 arg bytes, 0 callbacks"

static const struct { const char *text, *format; } dialects[] = {
	/* trace, trace_pipe: 5 flags, 4 flags, tgid, none (3.1), pid of 5 columns */
	{ "            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	{ "            bash-107   [000] d..1    60.652497: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	{ "            bash-107     (    107) [000] d..1.    60.652497: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	{ "            bash-107     (-------) [012] d..1.    60.652497: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	{ "# tracer: nop\n#\n"
	  "            bash-107   [000]    60.652497: xen_mmu_set_pte: " EVENT "\n", "ftrace text" },
	/* a clock without a point */
	{ "            bash-107     [000] d..1. 123456789012: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	/* a command with everything in it */
	{ "   a b-1 [000] :-107     [000] d..1.    60.652497: xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	/* trace-cmd report: formatted, not parsed (decimal), raw */
	{ "cpus=1\n              sh-191   [000]    48.764959: xen_mmu_set_pte:      " EVENT "\n",
	  "trace-cmd report" },
	{ "cpus=1\n              sh-191   [000]    48.764959: xen_mmu_set_pte:      "
	  "[FAILED TO PARSE] ptep=0xffff888011660680 pteval=9223372041703542883\n",
	  "trace-cmd report" },
	{ "cpus=1\n              sh-191   [000]    48.764959: xen_mmu_set_pte:       "
	  "ptep=0xffff888011660680 pteval=9223372041703542883\n", "trace-cmd report" },
	{ "cpus=1\n              sh-191   [000]    48.764959: xen_mmu_set_pte:      "
	  "[FAILED TO PARSE] ptep=0xffff888011660680 pteval=-9223372032006008733\n",
	  "trace-cmd report" },
	/* perf script: microseconds, nanoseconds, pid/tid */
	{ "            bash   107 [000]    60.652497: xen:xen_mmu_set_pte: " EVENT "\n",
	  "perf script" },
	{ "            bash   107 [000]    60.652497123:         xen:xen_mmu_set_pte: " EVENT "\n",
	  "perf script" },
	{ "            bash   107/108   [000]    60.652497: xen:xen_mmu_set_pte: " EVENT "\n",
	  "perf script" },
	/* ftrace_dump, in an oops and alone */
	{ "[   12.345678] Dumping ftrace buffer:\n"
	  "[   12.345679] ---------------------------------\n"
	  "[   12.345680]   <idle>-0         0d..2. 11166333us : xen_mmu_set_pte: " EVENT "\n",
	  "ftrace text" },
	{ "    bash-107       0d..1. 11166333us+: xen_mmu_set_pte: " EVENT "\n", "ftrace text" },
	/* tp_printk */
	{ "[   12.345680] xen_mmu_set_pte: " EVENT "\n", "ftrace text" },
	{ "xen_mmu_set_pte: " EVENT "\n", "ftrace text" },
	{ "<6>[   12.345680][    T1] xen_mmu_set_pte: " EVENT "\r\n", "ftrace text" },
	/* trace_pipe written to the log */
	{ "[   61.000000]             bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: "
	  EVENT "\n", "ftrace text" },
};

static void dialects_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
		read_text(dialects[i].text);
		if (seen_count != 1 || strcmp(input.format, dialects[i].format))
			print_message("%s%s: %u events\n", dialects[i].text, input.format, seen_count);
		assert_int_equal(seen_count, 1);
		assert_string_equal(input.format, dialects[i].format);
		assert_int_equal(seen[0].kind, EV_MMU_OP);
		assert_int_equal(seen[0].op.kind, MMU_STORE);
		assert_int_equal(seen[0].op.level, 1);
		assert_true(seen[0].op.has_ptr);
		assert_true(seen[0].op.partial);
		assert_int_equal(seen[0].op.ptr, 0xffff888011660680);
		assert_int_equal(seen[0].op.val, 0x8000000121025063);
		assert_int_equal(seen[0].op.verdict, MMU_VERDICT_UNKNOWN);
		assert_null(input.diagnostics);
	}
}

/* --- each event ------------------------------------------------------------ */

#define LEAD "            bash-107     [003] d..1.    60.652497: "

struct one {
	const char *event;
	enum mmu_op_kind kind;
	uint8_t level;
	uint64_t ptr, val, mfn, pfn;
};
#define NONE MMU_NO_FRAME

static const struct one ones[] = {
	{ "xen_mmu_alloc_ptpage: mm ffffffff82b5c940  pfn 4f1c  level 4  pinned",
	  MMU_TABLE_TAKEN, 1, 0, 0, NONE, 0x4f1c },
	{ "xen_mmu_release_ptpage: pfn 1081c  level 2  unpinned",
	  MMU_TABLE_DROPPED, 3, 0, 0, NONE, 0x1081c },
	{ "xen_mmu_write_cr3: kernel cr3 15118000", MMU_NEW_BASE, 0, 0, 0, NONE, 0x15118 },
	{ "xen_mmu_write_cr3: user cr3 0", MMU_NEW_USER_BASE, 0, 0, 0, 0, NONE },
	{ "xen_mmu_write_cr3: kernel=1 cr3=0x15118000", MMU_NEW_BASE, 0, 0, 0, NONE, 0x15118 },
	{ "xen_mc_entry: op 14(update_va_mapping) args [ffff888006e52000, 8000000126e52061, 0, 0, 0, 0]",
	  MMU_VA_MAPPING, 0, 0xffff888006e52000, 0x8000000126e52061, NONE, NONE },
	{ "xen_mc_entry: op=14 nargs=3 args=ARRAY[00, 20, e5, 06, 80, 88, ff, ff, 61, 20, e5, 26, 01, "
	  "00, 00, 80, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, "
	  "00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00]",
	  MMU_VA_MAPPING, 0, 0xffff888006e52000, 0x8000000126e52061, NONE, NONE },
	{ "xen_mmu_ptep_modify_prot_commit: mm ffff888004c58d80 addr 7fffffffe000 "
	  "ptep ffff88801088dff0 pteval 8000000001025063 (raw 8000000121025063)",
	  MMU_STORE, 1, 0xffff88801088dff0, 0x8000000121025063, NONE, NONE },
	{ "xen_mmu_set_pte_at: mm ffff888004c58d80 addr 7fffffffe000 ptep ffff88801088dff0 "
	  "pteval 0000000000000000 (raw 0000000000000000)",
	  MMU_STORE, 1, 0xffff88801088dff0, 0, NONE, NONE },
	{ "xen_mmu_pmd_clear: pmdp ffff880001025ff8", MMU_STORE, 2, 0xffff880001025ff8, 0, NONE, NONE },
	{ "mmuupd: (xen_extend_mmu_update+0x0/0xd0) ptr=0x12513a910 val=0x125142067",
	  MMU_UPDATE, 0, 0x12513a910, 0x125142067, NONE, NONE },
	{ "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=2 mfn=0x13f0d9",
	  MMU_PIN, 3, 0, 0, 0x13f0d9, NONE },
	{ "mmuext: (ffffffff810257e0) cmd=4 mfn=0x13f0d9", MMU_UNPIN, 0, 0, 0, 0x13f0d9, NONE },
	{ "mmuext: (ffffffff810257e0) cmd=15 mfn=0x12513c",
	  MMU_NEW_USER_BASE, 0, 0, 0, 0x12513c, NONE },
};

static void events_are_read(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
		const struct one *one = &ones[i];

		snprintf(text, sizeof(text), LEAD "%s\n", one->event);
		read_text(text);
		if (seen_count != 1 || seen[0].op.kind != one->kind)
			print_message("%s\n", one->event);
		assert_int_equal(seen_count, 1);
		assert_int_equal(seen[0].op.kind, one->kind);
		assert_int_equal(seen[0].op.level, one->level);
		assert_int_equal(seen[0].op.has_ptr, one->ptr != 0);
		assert_int_equal(seen[0].op.ptr, one->ptr);
		assert_int_equal(seen[0].op.val, one->val);
		assert_int_equal(seen[0].op.mfn.n, one->mfn);
		assert_int_equal(seen[0].op.pfn.n, one->pfn);
	}
}

/* A table's entry joins pfn and mfn: told once. */
static void table_entries_join_frames(void **state)
{
	(void)state;
	read_text(LEAD "xen_mmu_set_pud: pudp ffff88801fee5008 pudval 0000000004f1b067 (raw 0000000034f1b067)\n"
		  LEAD "xen_mmu_set_pud: pudp ffff88801fee5010 pudval 0000000004f1b067 (raw 0000000034f1b067)\n");
	assert_int_equal(seen_count, 3);
	assert_int_equal(seen[0].op.kind, MMU_P2M);
	assert_int_equal(seen[0].op.pfn.n, 0x4f1b);
	assert_int_equal(seen[0].op.mfn.n, 0x34f1b);
	assert_int_equal(seen[1].op.level, 3);
	assert_int_equal(seen[2].op.ptr, 0xffff88801fee5010);
}

/* The p4d event prints pfns only; the user half has a table of its own. */
static void p4d_values_are_made_machine(void **state)
{
	(void)state;
	read_text(LEAD "xen_mmu_set_p4d: p4dp ffff8880064bc7f8 user_p4dp ffff8880064a17f8 "
		       "p4dval 0000000000000066 (raw 0000000004f1b067)\n"
		  LEAD "xen_mmu_set_pud: pudp ffff88801fee5008 pudval 0000000004f1b067 (raw 0000000034f1b067)\n"
		  LEAD "xen_mmu_set_p4d: p4dp ffff8880064bc7f8 user_p4dp ffff8880064a17f8 "
		       "p4dval 0000000000000066 (raw 0000000004f1b067)\n"
		  LEAD "xen_mmu_set_p4d: p4dp ffff8880064bc7f8 user_p4dp 0000000000000000 "
		       "p4dval 0000000000000000 (raw 0000000000000000)\n");
	assert_int_equal(seen_count, 6);
	assert_int_equal(seen[0].op.kind, MMU_STORE);
	assert_false(seen[0].op.has_ptr);
	assert_int_equal(seen[3].op.ptr, 0xffff8880064bc7f8);
	assert_int_equal(seen[3].op.val, 0x34f1b067);
	assert_int_equal(seen[4].op.ptr, 0xffff8880064a17f8);
	assert_int_equal(seen[4].op.val, 0x34f1b067);
	assert_int_equal(seen[5].op.ptr, 0xffff8880064bc7f8);
	assert_int_equal(seen[5].op.val, 0);
}

static void levels_follow_the_kernel(void **state)
{
	static const char event[] = "xen_mmu_alloc_ptpage: mm ffffffff82b5c940  pfn 4f1c  level 3  pinned\n";
	char text[512];

	(void)state;
	/* Nobody says which kernel it is. */
	snprintf(text, sizeof(text), LEAD "%s", event);
	read_text(text);
	assert_int_equal(seen[0].op.level, 2);
	assert_int_equal(seen[0].certainty, INFERRED);
	assert_true(is_diagnosed("no kernel version"));
	snprintf(text, sizeof(text), "[    0.000000] Linux version 4.9.0 (a@b)\n[    1.000000] %s", event);
	read_text(text);
	assert_int_equal(seen[1].op.level, 1);
	assert_int_equal(seen[1].certainty, PROVED);
	snprintf(text, sizeof(text), "[    0.000000] Linux version 4.14.0 (a@b)\n[    1.000000] %s", event);
	read_text(text);
	assert_int_equal(seen[1].op.level, 2);
	assert_int_equal(seen[1].certainty, PROVED);
	/* Only kernels with a p4d have this event. */
	snprintf(text, sizeof(text), LEAD "xen_mmu_set_p4d: p4dp ffff888002a10ff8 user_p4dp "
		 "0000000000000000 p4dval 0000000000000000 (raw 0000000000000000)\n" LEAD "%s", event);
	read_text(text);
	assert_int_equal(seen[1].op.level, 2);
	assert_int_equal(seen[1].certainty, PROVED);
}

/* --- pointers that are none ------------------------------------------------ */

static void hashed_pointers_degrade(void **state)
{
	static const char *const slots[] = { "(____ptrval____)", "00000000a1b2c3d4", "(efault)" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		snprintf(text, sizeof(text),
			 LEAD "xen_mmu_set_pmd: pmdp %s pmdval 0000000006e53067 (raw 0000000126e53067)\n"
			 LEAD "xen_mmu_set_pmd: pmdp %s pmdval 0000000006e53067 (raw 0000000126e53067)\n",
			 slots[i], slots[i]);
		read_text(text);
		assert_int_equal(seen_count, 3);
		assert_int_equal(seen[1].op.kind, MMU_STORE);
		assert_false(seen[1].op.has_ptr);
		assert_int_equal(seen[1].op.ptr, 0);
		assert_int_equal(seen[1].op.val, 0x126e53067);
		assert_true(is_diagnosed("no_hash_pointers"));
		assert_int_equal(input.diagnostic_count, 1);
	}
}

/* A user's address is no hash. */
static void user_addresses_are_no_hashes(void **state)
{
	(void)state;
	read_text(LEAD "xen_mmu_flush_tlb_one_user: addr 7f9d1234\n"
		  LEAD "xen_mmu_pte_clear: mm ffff888004c58d80 addr 400000 ptep ffff88801088dff0\n");
	assert_int_equal(seen_count, 1);
	assert_null(input.diagnostics);
}

/* --- what counts once ------------------------------------------------------ */

#define CALL "xen_mc_entry: op "
#define BATCH LEAD "xen_mc_batch: start batch LAZY_NONE\n"
#define ISSUE LEAD "xen_mc_issue: start batch LAZY_NONE\n"
#define RO_L1 LEAD CALL "14(update_va_mapping) args [ffff88801088d000, 800000013f140061, 0, 0, 0, 0]\n"
#define RO_L4 LEAD CALL "14(update_va_mapping) args [ffff8880115e6000, 800000013fe99061, 1, 0, 0, 0]\n"
#define OP_26 LEAD CALL "26(mmuext_op) args [ffff88809f01ead0, 1, 0, 7ff0, 0, 0]\n"

/* A pin is told by a multicall behind the mapping of what it pins. */
static void pins_come_after_their_mapping(void **state)
{
	(void)state;
	read_text(LEAD "xen_mmu_pgd_pin: mm ffff888004c58d80 pgd ffff8880115e6000\n"
		  BATCH RO_L1 OP_26 RO_L4 OP_26 ISSUE
		  /* a batch of its own: no pin */
		  BATCH OP_26 ISSUE);
	assert_int_equal(seen_count, 6);
	assert_int_equal(seen[0].op.kind, MMU_P2M);
	assert_int_equal(seen[0].op.pfn.n, 0x1088d);
	assert_int_equal(seen[1].op.kind, MMU_VA_MAPPING);
	assert_int_equal(seen[2].op.kind, MMU_PIN);
	assert_int_equal(seen[2].op.level, 1);
	assert_int_equal(seen[2].op.mfn.n, 0x13f140);
	assert_int_equal(seen[2].certainty, INFERRED);
	assert_int_equal(seen[4].op.kind, MMU_VA_MAPPING);
	assert_int_equal(seen[5].op.kind, MMU_PIN);
	assert_int_equal(seen[5].op.level, 4);
	assert_int_equal(seen[5].op.mfn.n, 0x13fe99);
}

/* With the kprobe they come from it alone. */
static void pins_count_once(void **state)
{
	(void)state;
	read_text(LEAD "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=3 mfn=0x13fe99\n"
		  LEAD "xen_mmu_pgd_pin: mm ffff888004c58d80 pgd ffff8880115e6000\n" BATCH RO_L1
		  LEAD "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=0 mfn=0x13f140\n" OP_26 ISSUE
		  LEAD "xen_mmu_write_cr3: kernel cr3 115e6000\n"
		  LEAD "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=5 mfn=0x13fe99\n");
	assert_int_equal(seen_count, 5);
	assert_int_equal(seen[1].op.kind, MMU_VA_MAPPING);
	assert_int_equal(seen[2].op.kind, MMU_PIN);
	assert_int_equal(seen[2].certainty, PROVED);
	/* cr3 names the pfn, the hypercall behind it the mfn of the same table. */
	assert_int_equal(seen[3].op.kind, MMU_P2M);
	assert_int_equal(seen[3].op.pfn.n, 0x115e6);
	assert_int_equal(seen[3].op.mfn.n, 0x13fe99);
	assert_int_equal(seen[4].op.kind, MMU_NEW_BASE);
	assert_int_equal(seen[4].op.vcpu, 3);
}

/* Only the first n of the buffer are this batch, in the batch's order. */
static void stale_buffer_entries_are_left(void **state)
{
	(void)state;
	read_text(LEAD "mcflush: (xen_mc_flush+0x0/0x1c0) n=0 op0=14 a0=0xffff888005132000 "
		       "b0=0x8000000125132061 c0=0x0\n"
		  LEAD "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=0 mfn=0x125132\n"
		  LEAD "mcflush: (xen_mc_flush+0x0/0x1c0) n=2 op0=14 a0=0xffff888005132000 "
		       "b0=0x8000000125132061 c0=0x0 op1=26 a1=0xffff88809f01ead0 b1=0x1 c1=0x0 "
		       "op2=14 a2=0xffff888015103000 b2=0x800000004349f063 c2=0x0\n");
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0].op.kind, MMU_VA_MAPPING);
	assert_int_equal(seen[0].op.ptr, 0xffff888005132000);
	assert_int_equal(seen[0].line, 3);
	assert_int_equal(seen[1].op.kind, MMU_PIN);
	assert_int_equal(seen[1].line, 2);
	/* What the probe does not show of a batch is lost, before what waits for it. */
	read_text(LEAD "mcflush: (x) n=0 op0=3 a0=0x0 b0=0x0 c0=0x0\n"
		  LEAD "mmuext: (x) cmd=0 mfn=0x125132\n"
		  LEAD "mcflush: (x) n=3 op0=3 a0=0x0 b0=0x0 c0=0x0\n");
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0].op.kind, MMU_OPS_LOST);
	assert_int_equal(seen[0].op.flags, 2);
	assert_int_equal(seen[1].op.kind, MMU_PIN);
	/* Nothing waits for ever. */
	read_text(LEAD "mcflush: (x) n=0 op0=3 a0=0x0 b0=0x0 c0=0x0\n"
		  LEAD "mmuext: (x) cmd=0 mfn=0x125132\n");
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].line, 2);
}

/* --- lost and damaged ------------------------------------------------------ */

static void losses_are_told(void **state)
{
	(void)state;
	read_text("# tracer: nop\n# entries-in-buffer/entries-written: 140080/250280   #P:4\n"
		  "CPU:1 [LOST 12 EVENTS]\nCPU:0 [LOST EVENTS]\nCPU:3 [7 EVENTS DROPPED]\n");
	assert_int_equal(seen_count, 4);
	assert_int_equal(seen[0].op.flags, 110200);
	assert_int_equal(seen[1].op.flags, 12);
	assert_int_equal(seen[2].op.flags, 0);
	assert_int_equal(seen[3].op.flags, 7);
	assert_int_equal(losses, 4);
	assert_true(is_diagnosed("overwritten"));
	read_text("# tracer: nop\n# entries-in-buffer/entries-written: 7456/7456   #P:1\n");
	assert_int_equal(seen_count, 0);
	read_text("            bash   107 [000]    60.652497: xen:xen_mmu_write_cr3: kernel cr3 15118000\n"
		  "            bash   107 [000]    60.652498: PERF_RECORD_LOST lost 12\nPERF_RECORD_LOST lost 3\n");
	assert_int_equal(losses, 2);
}

/* Every cut of a good line is read as less or told, never as something else. */
static void cut_lines_are_told(void **state)
{
	static const char whole[] =
		LEAD "xen_mmu_set_pmd: pmdp ffff888010831ff8 pmdval 0000000006e53067 (raw 0000000126e53067)";
	char text[512];

	(void)state;
	for (size_t length = 1; length <= sizeof(whole) - 1; length++) {
		snprintf(text, sizeof(text), LEAD SECOND "\n%.*s\n", (int)length, whole);
		read_text(text);
		if (length == sizeof(whole) - 1) {
			assert_int_equal(seen_count, 2);
			continue;
		}
		assert_int_equal(seen_count, 0);
		if (length >= sizeof(LEAD "xen_mmu_set_pmd:") - 1)
			assert_true(is_diagnosed("could not be read"));
	}
}

static const char *const hostile[] = {
	"                -", "                 ", "        -1       0", "                -1 [",
	"                -1 [0", "                -1 [0] ", "                -1 [0] 1.", "]",
	"                -1 (", "                -1 [99999999999999999999999] d..1. 1.000000: x: y",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte:",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: ptep",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: [FAILED TO PARSE]",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: [FAILED TO PARSE] pteval=99999999999999999999",
	"            bash-107     [000] d..1.    60.652497: xen_mc_entry: op 14(update_va_mapping) args [1, 2",
	"            bash-107     [000] d..1.    60.652497: xen_mc_entry: op 14(x) args [11111111111111111, 0, 0, 0, 0, 0]",
	"            bash-107     [000] d..1.    60.652497: xen_mc_entry: op=14 args=ARRAY[00, 11",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_alloc_ptpage: mm 1  pfn fffffffffffffff  level 4  pinned",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_alloc_ptpage: mm 1  pfn 1  level 77  pinned",
	"            bash-107     [000] d..1.    60.652497: mcflush: (x) n=4294967295",
	"            bash-107     [000] d..1.    60.652497: mmuext: (x) cmd=0 mfn=(fault)",
	"            bash-107     [000] d..1.    60.652497: xen_mmu_write_cr3: kernel cr3 zz",
	"   0.000003034 x d99999999999999999999v0 ptwr l1e", "   0.000003034 x d0v0 ptwr l1e zz addr 1",
	"   0.000003034 x d0v0 ", "   0.000003034 -|x. d?v? hypercall  1",
};

static void hostile_lines_do_no_harm(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		snprintf(text, sizeof(text), LEAD SECOND "\n%s\n" LEAD "xen_mmu_set_pte: " EVENT "\n",
			 hostile[i]);
		read_text(text);
		/* The good line is read; the bad one gives at most a loss. */
		assert_true(seen_count >= 1 && seen_count <= 2);
		assert_int_equal(seen[seen_count - 1].op.kind, MMU_STORE);
		assert_true(seen_count == 1 || seen[0].op.kind == MMU_OPS_LOST);
	}
}

/* --- xenalyze -------------------------------------------------------------- */

static void xenalyze_is_read(void **state)
{
	(void)state;
	read_text("scan_for_new_pcpu: Activating pcpu 0 at offset 0\n"
		  "                x d32768v0 hypercall 19 (set_segment_base)\n"
		  "   1.014758524 x d0v0 hypercall 17 (iret)\n"
		  "   1.015224883 -x- d1v0 hypercall  1 (mmu_update) 4 updates\n"
		  "   1.015224884 -x- d1v0 hypercall  1 (mmu_update) 9 updates\n"
		  "]  1.015336450 x d1v0 ptwr l1e 800000013b90c965 eip ffffffff812d12c5 addr ffff888011619d48\n"
		  "   1.015336451 x d1v0 hypercall 1a (mmuext_op) 2 ops\n"
		  "   1.015336452 x d?v? lost_records count 12 d0v0 (cur d0v0) first_tsc 99\n");
	assert_string_equal(input.format, "xenalyze text");
	assert_int_equal(seen_count, 4);
	assert_int_equal(seen[0].op.kind, MMU_OPS_LOST);
	assert_int_equal(seen[0].op.flags, 4);
	assert_int_equal(seen[0].domain, 1);
	assert_int_equal(seen[1].op.kind, MMU_PTWR);
	assert_int_equal(seen[1].op.ptr, 0xffff888011619d48);
	assert_int_equal(seen[1].op.val, 0x800000013b90c965);
	assert_int_equal(seen[2].op.flags, 2);
	assert_int_equal(seen[3].op.flags, 12);
	assert_int_equal(seen[3].domain, DOMAIN_NONE);
	assert_int_equal(losses, 1);
}

/* A boot log stays one, whatever its lines look like. */
static void logs_are_no_traces(void **state)
{
	(void)state;
	read_text("[    0.000000] Linux version 6.1.0 (a@b)\n"
		  "[    1.000000] xen_mmu_set_pte: " EVENT "\n"
		  "[    1.000001] BRK [0x00001000, 0x00001fff] PGTABLE\n");
	assert_string_equal(input.format, "text log");
	assert_int_equal(seen_count, 3);
	read_text("           a line-1 that [is] 1.0 no: trace at all, only indented\n"
		  "[    0.000000] BRK [0x00001000, 0x00001fff] PGTABLE\n");
	assert_int_equal(seen_count, 1);
	assert_string_equal(input.format, "text log");
}

/* --- many lines in a row --------------------------------------------------- */

#define ROW_LINES 3000
#define ROW_BYTES (ROW_LINES * 200u)

struct told { struct mmu_op op; struct loc at; };
static struct rows { struct told told[ROW_LINES * 2]; unsigned count; struct mmu *mmu; }
	alone, in_rows;

static void tell(struct rows *rows, const struct mmu_op *op, struct loc at)
{
	if (rows->count < ARRAY_LEN(rows->told))
		rows->told[rows->count++] = (struct told){ *op, at };
}

static enum status tell_event(void *context, const struct event *event)
{
	struct rows *rows = context;

	if (rows->mmu)
		mmu_flush(rows->mmu);
	/* The engine's observer is shown no facts. */
	if (event->kind == EV_MMU_OP && event->u.mmu.kind < MMU_TABLE_TAKEN)
		tell(rows, &event->u.mmu, event->at);
	return ST_OK;
}

static void tell_queued(void *context, const struct mmu_queued *queued,
			const struct mmu_judgement *judgement)
{
	(void)judgement;
	tell(context, &queued->op, queued->at);
}

static struct mmu_queue *open_queue(void *context, const struct event *event)
{
	struct rows *rows = context;

	(void)event;
	return mmu_queue_from(rows->mmu, 0);
}

static uint32_t any(uint32_t below)
{
	static uint64_t state = 39;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static uint64_t any_number(void)
{
	return ((uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX)) >> 4 * any(16);
}

/* One in five is spoilt: another byte, one that is missing, what stands at its end. */
static size_t spoil(char *line, size_t length)
{
	static const char bytes[] = "0123456789abcdefABCDEF gx:=()[]-.\r";
	size_t at = any((uint32_t)length);

	switch (any(24)) {
	case 0: case 1:
		line[at] = bytes[any(sizeof(bytes) - 1)];
		return length;
	case 2:
		memmove(line + at, line + at + 1, length - at);
		return length - 1;
	case 3:
		line[length++] = any(2) ? '\r' : ' ';
		return length;
	case 4:
		line[length - 1] = bytes[any(sizeof(bytes) - 1)];
		return length;
	default:
		return length;
	}
}

static size_t put_line(char *to, bool tracers)
{
	unsigned clock = any(1000000), cpu = any(4);
	unsigned long long slot = 0xffff888000000000ull | any(1 << 30), raw = any_number();
	int length;

	if (tracers)
		length = sprintf(to, "            bash-107     [%03u] d..1.    60.%06u: xen_mmu_set_pte: "
			"ptep %016llx pteval %016llx (raw %016llx)", cpu, clock, slot,
			(unsigned long long)any_number(), raw);
	else
		length = sprintf(to, "[    1.%06u] xenmmu: mmu_update ptr=0x%llx val=0x%llx dom=0x7ff0 "
			"ret=%d", clock, (unsigned long long)any_number() & ~7ull, raw, any(9) ? 0 : -22);
	return spoil(to, (size_t)length);
}

static void same_told(const struct told *a, const struct told *b)
{
	assert_true(mmu_same_form(&a->op, &b->op));
	assert_int_equal(a->op.flags, b->op.flags);
	assert_int_equal(a->op.ptr, b->op.ptr);
	assert_int_equal(a->op.val, b->op.val);
	assert_int_equal(a->op.mfn.n, b->op.mfn.n);
	assert_int_equal(a->op.pfn.n, b->op.pfn.n);
	assert_int_equal(a->at.offset, b->at.offset);
	assert_int_equal(a->at.line, b->at.line);
	assert_int_equal(a->at.length, b->at.length);
	assert_int_equal(a->at.input, b->at.input);
}

/* Whatever stands in them, lines that are taken in a row tell what they tell alone. */
static void rows_tell_the_same(void **state)
{
	char *text = malloc(ROW_BYTES), *to;

	(void)state;
	in_rows.mmu = mmu_new(false);
	assert_non_null(text);
	assert_non_null(in_rows.mmu);
	mmu_observe(in_rows.mmu, tell_queued, &in_rows, true);
	for (unsigned round = 0; round < 4; round++) {
		struct reader reader = { .emit = tell_event, .context = &alone, .input = &input,
					 .arena = &arena };
		uint64_t used, diagnosed;

		to = text;
		for (unsigned i = 0; i < ROW_LINES; i++) {
			to += put_line(to, round % 2);
			*to++ = '\n';
		}
		*to = '\0';
		alone.count = in_rows.count = 0;
		read_with(reader, text);
		used = input.lines_used;
		diagnosed = input.diagnostic_count;
		reader.context = &in_rows;
		reader.open_queue = open_queue;
		read_with(reader, text);
		mmu_flush(in_rows.mmu);
		assert_true(alone.count > ROW_LINES / 2);
		assert_int_equal(in_rows.count, alone.count);
		for (unsigned i = 0; i < alone.count; i++)
			same_told(&in_rows.told[i], &alone.told[i]);
		assert_int_equal(input.lines_used, used);
		assert_int_equal(input.diagnostic_count, diagnosed);
	}
	mmu_free(in_rows.mmu);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects_agree),
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(table_entries_join_frames),
		cmocka_unit_test(p4d_values_are_made_machine),
		cmocka_unit_test(levels_follow_the_kernel),
		cmocka_unit_test(hashed_pointers_degrade),
		cmocka_unit_test(user_addresses_are_no_hashes),
		cmocka_unit_test(pins_come_after_their_mapping),
		cmocka_unit_test(pins_count_once),
		cmocka_unit_test(stale_buffer_entries_are_left),
		cmocka_unit_test(losses_are_told),
		cmocka_unit_test(cut_lines_are_told),
		cmocka_unit_test(hostile_lines_do_no_harm),
		cmocka_unit_test(xenalyze_is_read),
		cmocka_unit_test(logs_are_no_traces),
		cmocka_unit_test(rows_tell_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
