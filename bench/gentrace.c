/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes traces of page-table operations for the benchmark, the same ones for the
 * same seed, to standard output:
 *
 *   gentrace xenmmu   N SEED    our text lines, with Xen's answers
 *   gentrace ftrace   N SEED    Linux tracepoints as tracefs prints them
 *   gentrace binary   N SEED    an mmutrace
 *   gentrace xentrace N SEED    what xentrace writes of such a guest
 *   gentrace tracedat N SEED    a trace.dat (version 6) with xen_mmu_set_pte alone
 *
 * A healthy 64-bit PV guest of 16 GiB. Its processes come and go: each has tables
 * that are taken, made read-only, pinned, hooked, filled and cleared, and in the end
 * unhooked, unpinned and given back writable. The format writers are made from the
 * manual, not from the program's own sources, so that they check each other. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES (4 << 20)
#define DIRECT_MAP UINT64_C(0xffff888000000000)
#define MFN_BASE UINT64_C(0x100000)
#define FRAMES (UINT64_C(4) << 20)          /* 16 GiB */
#define TABLE_FRAMES UINT64_C(0x8000)       /* pfns below: tables */
#define FIRST_TABLE UINT64_C(0x1000)
#define PROCESSES 64
#define L1_TABLES 200                       /* of one process: 12,800 are alive */
#define LIFE 60000                          /* entries set before a process ends */

#define RW_NX UINT64_C(0x8000000000000067)
#define RO_NX UINT64_C(0x8000000000000065)
#define TABLE_BITS UINT64_C(0x067)
#define DOMID_SELF 0x7ff0u

static uint64_t seed;

/* splitmix64. */
static uint64_t rnd(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t below(uint64_t n)
{
	return rnd() % n;
}

/* Machine frames lie in another order than the guest's. */
static uint64_t mfn_of(uint64_t pfn)
{
	return MFN_BASE + (pfn ^ 0x2a5);
}

static uint64_t entry(uint64_t pfn, uint64_t bits)
{
	return mfn_of(pfn) << 12 | bits;
}

static void put(const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, stdout) != n) {
		perror("standard output");
		exit(3);
	}
}

static void put_u32(uint32_t n) { put(&n, 4); }
static void put_u64(uint64_t n) { put(&n, 8); }

/* What one output format does with the guest's operations. */
struct format {
	const char *name;
	void (*begin)(uint64_t operations);
	void (*taken)(unsigned level, uint64_t pfn);
	void (*dropped)(unsigned level, uint64_t pfn);
	void (*protect)(uint64_t pfn, bool writable);   /* in the direct map */
	void (*pin)(unsigned level, uint64_t pfn);
	void (*unpin)(unsigned level, uint64_t pfn);
	void (*base)(uint64_t pfn);
	void (*set)(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value, uint64_t guest);
	void (*end)(void);
};

static uint64_t left;            /* operations still to be written */

/* --- xenmmu ---------------------------------------------------------------- */

static uint64_t clock_us = 1000000;

static void stamp(void)
{
	clock_us += 1 + below(30);
	printf("[%5u.%06u] xenmmu: ", (unsigned)(clock_us / 1000000), (unsigned)(clock_us % 1000000));
}

/* There are lines for L1 and L2 tables alone. */
static void xenmmu_taken(unsigned level, uint64_t pfn)
{
	if (level > 2) {
		left++;
		return;
	}
	stamp();
	printf("alloc_%s_init pfn=0x%" PRIx64 " mfn=0x%" PRIx64 "\n", level == 1 ? "pte" : "pmd", pfn,
	       mfn_of(pfn));
}

static void xenmmu_protect(uint64_t pfn, bool writable)
{
	stamp();
	printf("update_va_mapping va=0x%" PRIx64 " val=0x%" PRIx64 " flags=0x0 ret=0\n",
	       DIRECT_MAP + (pfn << 12), entry(pfn, writable ? RW_NX : RO_NX));
}

static void xenmmu_ext(unsigned command, const char *name, uint64_t pfn)
{
	stamp();
	printf("mmuext_op cmd=%u(%s) mfn=0x%" PRIx64 " dom=0x7ff0 ret=0\n", command, name, mfn_of(pfn));
}

static void xenmmu_pin(unsigned level, uint64_t pfn)
{
	static const char *const names[] = { "", "PIN_L1_TABLE", "PIN_L2_TABLE", "PIN_L3_TABLE",
					     "PIN_L4_TABLE" };

	xenmmu_ext(level - 1, names[level], pfn);
}

static void xenmmu_unpin(unsigned level, uint64_t pfn)
{
	(void)level;
	xenmmu_ext(4, "UNPIN_TABLE", pfn);
}

static void xenmmu_base(uint64_t pfn)
{
	xenmmu_ext(5, "NEW_BASEPTR", pfn);
}

static void xenmmu_set(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value,
		       uint64_t guest)
{
	(void)level;
	(void)guest;
	stamp();
	printf("mmu_update ptr=0x%" PRIx64 " val=0x%" PRIx64 " dom=0x7ff0 ret=0\n",
	       mfn_of(table_pfn) << 12 | slot * 8, value);
}

/* --- ftrace ---------------------------------------------------------------- */

static void task(const char *event)
{
	static const char *const names[] = { "bash", "systemd-udevd", "cron", "kworker/0:1", "sh" };
	unsigned who = (unsigned)below(5);

	clock_us += 1 + below(30);
	printf("%16s-%-7u [%03u] d..1. %5u.%06u: %s: ", names[who], 100 + who, who & 3,
	       (unsigned)(clock_us / 1000000), (unsigned)(clock_us % 1000000), event);
}

static void ftrace_begin(uint64_t operations)
{
	printf("# tracer: nop\n#\n# entries-in-buffer/entries-written: %" PRIu64 "/%" PRIu64
	       "   #P:4\n#\n#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n", operations,
	       operations);
}

static void ftrace_taken(unsigned level, uint64_t pfn)
{
	task("xen_mmu_alloc_ptpage");
	printf("mm %016" PRIx64 "  pfn %" PRIx64 "  level %u  pinned\n", DIRECT_MAP + 0x4c58d80, pfn,
	       level == 4 ? 0 : 5 - level);
}

static void ftrace_dropped(unsigned level, uint64_t pfn)
{
	task("xen_mmu_release_ptpage");
	printf("pfn %" PRIx64 "  level %u  pinned\n", pfn, level == 4 ? 0 : 5 - level);
}

static void ftrace_pin_as(const char *event, uint64_t pfn)
{
	task(event);
	printf("mm %016" PRIx64 " pgd %016" PRIx64 "\n", DIRECT_MAP + 0x4c58d80, DIRECT_MAP + (pfn << 12));
}

static void ftrace_pin(unsigned level, uint64_t pfn)
{
	if (level == 4)
		ftrace_pin_as("xen_mmu_pgd_pin", pfn);
}

static void ftrace_unpin(unsigned level, uint64_t pfn)
{
	if (level == 4)
		ftrace_pin_as("xen_mmu_pgd_unpin", pfn);
}

static void ftrace_base(uint64_t pfn)
{
	task("xen_mmu_write_cr3");
	printf("kernel cr3 %" PRIx64 "\n", pfn << 12);
}

static void ftrace_set(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value,
		       uint64_t guest)
{
	static const char *const events[] = { "", "xen_mmu_set_pte", "xen_mmu_set_pmd",
					      "xen_mmu_set_pud", "xen_mmu_set_p4d" };
	static const char *const names[] = { "", "pte", "pmd", "pud", "p4d" };
	uint64_t at = DIRECT_MAP + (table_pfn << 12) + slot * 8;

	task(events[level]);
	if (level == 4)
		printf("p4dp %016" PRIx64 " user_p4dp %016x p4dval %016" PRIx64 " (raw %016" PRIx64 ")\n",
		       at, 0, guest, value);
	else
		printf("%sp %016" PRIx64 " %sval %016" PRIx64 " (raw %016" PRIx64 ")\n", names[level],
		       at, names[level], guest, value);
}

/* --- mmutrace -------------------------------------------------------------- */

static unsigned char block[4096];
static size_t used = 24;
static uint64_t done, done_before;

static void word(uint64_t n)
{
	memcpy(block + used, &n, 8);
	used += 8;
}

static void put_block(uint32_t magic)
{
	uint32_t payload = (uint32_t)used - 24;
	uint64_t sum = 1, n;

	memcpy(block, &magic, 4);
	memcpy(block + 4, &payload, 4);
	memcpy(block + 8, &done_before, 8);
	for (size_t i = 0; i < used; i += i == 8 ? 16 : 8) {
		memcpy(&n, block + i, 8);
		sum = (sum << 23 | sum >> 41) + n;
	}
	memcpy(block + 16, &sum, 8);
	put(block, used);
	used = 24;
	done_before = done;
}

static void record(unsigned kind, unsigned detail, unsigned parts)
{
	if (used + 48 > sizeof(block))
		put_block(0x4b4c4250);
	word(kind | detail << 8 | parts << 16 | (uint64_t)DOMID_SELF << 32);
	done++;
}

static void binary_begin(uint64_t operations)
{
	(void)operations;
	put("\x89PGTMMU\n\1\0\0\0\0\0\0\0", 16);
}

static void binary_taken(unsigned level, uint64_t pfn)
{
	record(10, level, 0xc);
	word(mfn_of(pfn));
	word(pfn);
}

static void binary_protect(uint64_t pfn, bool writable)
{
	record(3, 0, 3);
	word(DIRECT_MAP + (pfn << 12));
	word(entry(pfn, writable ? RW_NX : RO_NX));
}

static void binary_pin(unsigned level, uint64_t pfn)
{
	record(4, level, 4);
	word(mfn_of(pfn));
}

static void binary_unpin(unsigned level, uint64_t pfn)
{
	(void)level;
	record(5, 0, 4);
	word(mfn_of(pfn));
}

static void binary_base(uint64_t pfn)
{
	record(6, 0, 4);
	word(mfn_of(pfn));
}

static void binary_set(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value,
		       uint64_t guest)
{
	(void)level;
	(void)guest;
	record(1, 0, 3);
	word(mfn_of(table_pfn) << 12 | slot * 8);
	word(value);
}

static void binary_end(void)
{
	if (used > 24)
		put_block(0x4b4c4250);
	put_block(0x444e4550);
}

/* --- xentrace -------------------------------------------------------------- */

/* Two CPUs, whose windows take turns. */
static unsigned char window[64 * 1024 + 64];
static size_t window_used;
static uint64_t tsc = UINT64_C(0x5900000000);
static uint32_t cpu;

static void window_word(uint32_t n)
{
	memcpy(window + window_used, &n, 4);
	window_used += 4;
}

static void close_window(void)
{
	put_u32(0x2001f003);
	put_u32(cpu);
	put_u32((uint32_t)window_used);
	put(window, window_used);
	window_used = 0;
	cpu ^= 1;
}

static void xen_record(uint32_t event, unsigned words)
{
	if (window_used + 40 > 64 * 1024)
		close_window();
	if (!window_used && event != 0x2800f) {
		/* Who runs. */
		xen_record(0x2800f, 4);
		for (int i = 0; i < 4; i++)
			window_word(0);
	}
	tsc += 300 + below(4000);
	window_word(event | words << 28 | 1u << 31);
	window_word((uint32_t)tsc);
	window_word((uint32_t)(tsc >> 32));
}

static void xen_call(uint32_t op, uint32_t count)
{
	xen_record(0x20100d, count ? 2 : 1);
	window_word(op | (count ? 1u << 22 : 0));
	if (count)
		window_word(count);
}

static void xentrace_protect(uint64_t pfn, bool writable)
{
	(void)pfn;
	(void)writable;
	xen_call(14, 0);
}

static void xentrace_pin(unsigned level, uint64_t pfn)
{
	(void)level;
	(void)pfn;
	xen_call(26, 1);
}

static void xentrace_base(uint64_t pfn)
{
	xentrace_pin(0, pfn);
}

/* Every second entry is stored, and its fault emulated. */
static void xentrace_set(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value,
			 uint64_t guest)
{
	uint64_t at = DIRECT_MAP + (table_pfn << 12) + slot * 8;
	uint32_t words[6] = { (uint32_t)value, (uint32_t)(value >> 32), (uint32_t)at,
			      (uint32_t)(at >> 32), 0x812cb845, 0xffffffff };

	(void)guest;
	if (level > 1 || below(2)) {
		xen_call(1, 1);
		return;
	}
	xen_record(0x20110b, 6);
	for (int i = 0; i < 6; i++)
		window_word(words[i]);
}

static void xentrace_end(void)
{
	if (window_used)
		close_window();
}

/* --- trace.dat ------------------------------------------------------------- */

#define PAGE 4096u
#define EVENT_ID 41u
static unsigned char page[PAGE];
static size_t page_used;         /* bytes of data behind its 16-byte head */
static uint64_t page_time, event_time = UINT64_C(1000000000);

static const char header_page[] =
	"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";
static const char header_event[] =
	"# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n"
	"\tarray       :   32 bits\n\n\tpadding     : type == 29\n\ttime_extend : type == 30\n"
	"\ttime_stamp : type == 31\n\tdata max type_len  == 28\n";
static const char event_format[] =
	"name: xen_mmu_set_pte\nID: 41\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:pte_t * ptep;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:pteval_t pteval;\toffset:16;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"ptep %p pteval %0*llx (raw %0*llx)\", REC->ptep, (int)8 * 2, "
	"(unsigned long long)pte_val(native_make_pte(REC->pteval)), (int)8 * 2, "
	"(unsigned long long)REC->pteval\n";

#define EVENT_BYTES 28u          /* u32 head, 24 bytes of data */
#define EVENTS_PER_PAGE ((PAGE - 16) / EVENT_BYTES)

static void put_named(const char *name, const char *text)
{
	put(name, strlen(name) + 1);
	put_u64(strlen(text));
	put(text, strlen(text));
}

static void tracedat_begin(uint64_t operations)
{
	static const char zeros[PAGE];
	uint64_t pages = (operations + EVENTS_PER_PAGE - 1) / EVENTS_PER_PAGE, at;
	static const char command_lines[] = "107 bash\n";

	put("\x17\x08\x44tracing6\0\0\x08", 14);
	put_u32(PAGE);
	put_named("header_page", header_page);
	put_named("header_event", header_event);
	put_u32(0);                    /* ftrace's own formats */
	put_u32(1);                    /* systems */
	put("xen", 4);
	put_u32(1);
	put_u64(sizeof(event_format) - 1);
	put(event_format, sizeof(event_format) - 1);
	put_u32(0);                    /* kallsyms */
	put_u32(0);                    /* printk formats */
	put_u64(sizeof(command_lines) - 1);
	put(command_lines, sizeof(command_lines) - 1);
	put_u32(1);                    /* cpus */
	put("options  ", 10);
	put("\0\0", 2);
	put("flyrecord", 10);
	at = 14 + 4 + sizeof("header_page") + 8 + sizeof(header_page) - 1 + sizeof("header_event") +
	     8 + sizeof(header_event) - 1 + 4 + 4 + 4 + 4 + 8 + sizeof(event_format) - 1 + 4 + 4 + 8 +
	     sizeof(command_lines) - 1 + 4 + 10 + 2 + 10 + 16;
	put_u64((at + PAGE - 1) & ~(uint64_t)(PAGE - 1));
	put_u64(pages * PAGE);
	put(zeros, -at & (PAGE - 1));
	page_time = event_time;
}

static void close_page(void)
{
	uint64_t commit = page_used;

	memcpy(page, &page_time, 8);
	memcpy(page + 8, &commit, 8);
	memset(page + 16 + page_used, 0, PAGE - 16 - page_used);
	put(page, PAGE);
	page_used = 0;
	page_time = event_time;
}

static void tracedat_set(unsigned level, uint64_t table_pfn, unsigned slot, uint64_t value,
			 uint64_t guest)
{
	uint64_t at = DIRECT_MAP + (table_pfn << 12) + slot * 8;
	uint32_t delta = page_used ? 500 + (uint32_t)below(30000) : 0;
	uint32_t words[3] = { 24 / 4 | delta << 5, EVENT_ID, 107 };
	unsigned char *to;

	(void)level;
	(void)guest;
	event_time += delta;
	to = page + 16 + page_used;
	memcpy(to, words, 12);
	memcpy(to + 12, &at, 8);
	memcpy(to + 20, &value, 8);
	page_used += EVENT_BYTES;
	if (page_used + EVENT_BYTES > PAGE - 16)
		close_page();
}

static void tracedat_end(void)
{
	if (page_used)
		close_page();
}

static const struct format formats[] = {
	{ "xenmmu", NULL, xenmmu_taken, NULL, xenmmu_protect, xenmmu_pin, xenmmu_unpin, xenmmu_base,
	  xenmmu_set, NULL },
	{ "ftrace", ftrace_begin, ftrace_taken, ftrace_dropped, NULL, ftrace_pin, ftrace_unpin,
	  ftrace_base, ftrace_set, NULL },
	{ "binary", binary_begin, binary_taken, NULL, binary_protect, binary_pin, binary_unpin,
	  binary_base, binary_set, binary_end },
	{ "xentrace", NULL, NULL, NULL, xentrace_protect, xentrace_pin, xentrace_pin, xentrace_base,
	  xentrace_set, xentrace_end },
	{ "tracedat", tracedat_begin, NULL, NULL, NULL, NULL, NULL, NULL, tracedat_set, tracedat_end },
};

/* --- the guest ------------------------------------------------------------- */

static const struct format *out;

struct process {
	uint64_t l4, l3, l2, l1[L1_TABLES];   /* pfns */
	uint32_t life;                        /* entries still to be set */
	bool alive;
};

static uint64_t free_tables[TABLE_FRAMES];
static uint64_t free_count;

/* One operation, while there are any left; a format that does not tell it has no
 * use for it. */
#define OP(verb, ...) do { \
	if (left && out->verb) { \
		left--; \
		out->verb(__VA_ARGS__); \
	} \
} while (0)

static uint64_t take_table(unsigned level)
{
	uint64_t i = below(free_count), pfn = free_tables[i];

	free_tables[i] = free_tables[--free_count];
	OP(taken, level, pfn);
	OP(protect, pfn, false);
	return pfn;
}

static void drop_table(unsigned level, uint64_t pfn)
{
	OP(dropped, level, pfn);
	OP(protect, pfn, true);
	free_tables[free_count++] = pfn;
}

static void set_table(unsigned level, uint64_t table, unsigned slot, uint64_t pfn)
{
	OP(set, level, table, slot, pfn ? entry(pfn, TABLE_BITS) : 0,
	   pfn ? pfn << 12 | TABLE_BITS : 0);
}

static void begin(struct process *process)
{
	process->l4 = take_table(4);
	OP(pin, 4, process->l4);
	process->l3 = take_table(3);
	set_table(4, process->l4, 0, process->l3);
	process->l2 = take_table(2);
	set_table(3, process->l3, 1, process->l2);
	for (unsigned i = 0; i < L1_TABLES; i++) {
		process->l1[i] = take_table(1);
		OP(pin, 1, process->l1[i]);
		set_table(2, process->l2, i, process->l1[i]);
	}
	OP(base, process->l4);
	process->life = LIFE / 2 + (uint32_t)below(LIFE);
	process->alive = true;
}

static void end(struct process *process, uint64_t another)
{
	OP(base, another);
	for (unsigned i = 0; i < L1_TABLES; i++) {
		set_table(2, process->l2, i, 0);
		OP(unpin, 1, process->l1[i]);
		drop_table(1, process->l1[i]);
	}
	set_table(3, process->l3, 1, 0);
	drop_table(2, process->l2);
	set_table(4, process->l4, 0, 0);
	drop_table(3, process->l3);
	OP(unpin, 4, process->l4);
	drop_table(4, process->l4);
	process->alive = false;
}

/* A page is mapped, or an entry cleared. */
static void set_one(struct process *process)
{
	uint64_t table = process->l1[below(L1_TABLES)], page_pfn;
	unsigned slot = (unsigned)below(512);

	if (!below(4)) {
		OP(set, 1, table, slot, 0, 0);
		return;
	}
	page_pfn = TABLE_FRAMES + below(FRAMES - TABLE_FRAMES);
	OP(set, 1, table, slot, entry(page_pfn, below(3) ? RW_NX : RO_NX),
	   page_pfn << 12 | 0x67);
}

static void live(void)
{
	static struct process processes[PROCESSES];

	for (uint64_t pfn = FIRST_TABLE; pfn < TABLE_FRAMES; pfn++)
		free_tables[free_count++] = pfn;
	for (unsigned i = 0; i < PROCESSES && left; i++)
		begin(&processes[i]);
	while (left) {
		unsigned i = (unsigned)below(PROCESSES);
		/* A process sets a run of entries before another runs. */
		unsigned run = 1 + (unsigned)below(32);

		for (; run && left; run--)
			set_one(&processes[i]);
		processes[i].life -= processes[i].life < 32 ? processes[i].life : 32;
		if (!processes[i].life && left) {
			end(&processes[i], processes[(i + 1) % PROCESSES].l4);
			begin(&processes[i]);
		}
	}
}

int main(int argc, char **argv)
{
	char *rest = NULL;

	for (size_t i = 0; argc == 4 && i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(argv[1], formats[i].name))
			out = &formats[i];
	if (out) {
		left = strtoull(argv[2], &rest, 10);
		seed = strtoull(argv[3], NULL, 10);
	}
	if (!out || !left || *rest) {
		fputs("usage: gentrace xenmmu|ftrace|binary|xentrace|tracedat N SEED\n"
		      "Pipe what is large: gentrace ... | dd bs=4M iflag=fullblock of=FILE\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOFBF, OUT_BYTES);
	if (out->begin)
		out->begin(left);
	live();
	if (out->end)
		out->end();
	if (fflush(stdout)) {
		perror("standard output");
		return 3;
	}
	return 0;
}
