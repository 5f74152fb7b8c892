/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a kernel fails: faults and oopses with their registers, BUG, WARN,
 * panic, failed multicalls, the W+X check, and what says that lines are lost.
 * Source: Linux arch/x86/mm/fault.c, arch/x86/kernel/dumpstack*.c,
 * process_64.c, arch/x86/xen/multicalls.c, arch/x86/mm/dump_pagetables.c,
 * kernel/printk; 2.6.23 to 7.1. */
#include "formats/reader.h"

static bool fault_at(struct reader *reader, const struct line *line, uint64_t address, bool null)
{
	struct event event = reader_event(line, EV_FAULT);

	event.u.fault.address = address;
	event.u.fault.null = null;
	event.u.fault.trap = TRAP_PAGE_FAULT;
	reader_emit(reader, &event);
	return true;
}

/* Of another exception CR2 tells nothing: it holds the last page fault's address. */
static bool trapped(struct reader *reader, const struct line *line, uint64_t trap, uint64_t cr2)
{
	struct event event = reader_event(line, EV_FAULT);

	if (trap == TRAP_PAGE_FAULT)
		return fault_at(reader, line, cr2, !cr2);
	event.u.fault.address = UNKNOWN_NUMBER;
	event.u.fault.trap = (uint8_t)(trap > UINT8_MAX ? UINT8_MAX : trap);
	reader_emit(reader, &event);
	return true;
}

/* "BUG: Int 14: CR2 ffcff000", "BUG: Int 6: CR2 (null)": a zero that %p has printed. */
static bool early_trap(struct reader *reader, const struct line *line, const struct match *match)
{
	return trapped(reader, line, match->numbers[0].value,
		       match->number_count > 1 ? match->numbers[1].value : 0);
}

/* "general protection fault, probably for non-canonical address 0x...: 0000 [#1] SMP",
 * "Oops: invalid opcode: 0000 [#1]": the words of die(), which a process's fault
 * ("traps: name[1] general protection fault ip:...") lacks.
 * Source: Linux arch/x86/kernel/dumpstack.c __die(), traps.c; 2.6.23 to 7.1. */
static bool died(struct reader *reader, const struct line *line, const struct match *match)
{
	static const struct { const char *name; uint8_t trap; } names[] = {
		{ "divide error", 0 }, { "int3", 3 }, { "overflow", 4 }, { "bounds", 5 },
		{ "invalid opcode", 6 }, { "double fault", 8 }, { "stack guard page", 8 },
		{ "invalid TSS", 10 },
		{ "segment not present", 11 }, { "stack segment", 12 },
		{ "general protection fault", 13 }, { "alignment check", 17 },
	};
	struct text words = line->message;
	uint64_t trap = UINT8_MAX;

	(void)match;
	if (!text_contains(words, TEXT(" [#")))
		return false;
	if (text_begins(words, TEXT("Oops: ")))
		words = (struct text){ words.at + 6, words.length - 6 };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_begins(words, text_of(names[i].name)))
			trap = names[i].trap;
	return trapped(reader, line, trap, 0);
}

/* "PANIC: double fault, error_code: 0x0" */
static bool double_fault(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return trapped(reader, line, 8, 0);
}

static bool fault(struct reader *reader, const struct line *line, const struct match *match)
{
	return fault_at(reader, line, match->numbers[match->number_count - 1].value, false);
}

/* "NULL pointer dereference at           (null)" */
static bool null_fault(struct reader *reader, const struct line *line, const struct match *match)
{
	uint64_t address = match->number_count ? match->numbers[0].value : 0;

	return fault_at(reader, line, address, true);
}

/* "PANIC: early exception 0x0e IP 10:ffffffff81... error 3 cr2 0xffff..." and
 * the older "PANIC: early exception 0e rip 10:... error 3 cr2 ..." */
static bool early_exception(struct reader *reader, const struct line *line,
			    const struct match *match)
{
	struct event event;

	trapped(reader, line, match->numbers[0].value, match->numbers[4].value);
	event = reader_event(line, EV_FAULT_DETAIL);
	event.u.detail.what = DETAIL_CODE;
	event.u.detail.number = match->numbers[3].value;
	reader_emit(reader, &event);
	event.u.detail.what = DETAIL_RIP;
	event.u.detail.number = match->numbers[2].value;
	reader_emit(reader, &event);
	event = reader_event(line, EV_PANIC);
	event.u.words = TEXT("early exception");
	reader_emit(reader, &event);
	return true;
}

static bool detail(struct reader *reader, const struct line *line, enum fault_detail what,
		   uint64_t number, uint8_t level, struct text words)
{
	struct event event = reader_event(line, EV_FAULT_DETAIL);

	event.u.detail.what = what;
	event.u.detail.level = level;
	event.u.detail.number = number;
	event.u.detail.words = words;
	reader_emit(reader, &event);
	return true;
}

static const struct text no_words = { "", 0 };

static bool code(struct reader *reader, const struct line *line, const struct match *match)
{
	return detail(reader, line, DETAIL_CODE, match->numbers[0].value, 0, no_words);
}

static bool cr2(struct reader *reader, const struct line *line, const struct match *match)
{
	return detail(reader, line, DETAIL_CR2, match->numbers[0].value, 0, no_words);
}

/* "RDX: ... RSI: ... RDI: ..." of the kernel, "rdx: ... rdi: ..." of Xen. */
static bool rdi(struct reader *reader, const struct line *line, const struct match *match)
{
	return detail(reader, line, DETAIL_RDI, match->numbers[2].value, 0, no_words);
}

static bool xen_control(struct reader *reader, const struct line *line,
			const struct match *match)
{
	return detail(reader, line, DETAIL_CR3, match->numbers[0].value, 0, no_words) &&
	       detail(reader, line, DETAIL_CR2, match->numbers[1].value, 0, no_words);
}

static bool hex_of(struct text t, uint64_t *number, size_t *used)
{
	size_t i = 0;

	*number = 0;
	while (i < t.length && i < 16) {
		char c = t.at[i];
		int digit = c >= '0' && c <= '9' ? c - '0'
			  : c >= 'a' && c <= 'f' ? c - 'a' + 10
			  : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			break;
		*number = *number << 4 | (uint64_t)digit;
		i++;
	}
	*used = i;
	return i > 0;
}

/* The last level of "PGD 1a0b067 P4D 1a0b067 PUD 1a0c067 PMD 8000000002622067
 * PTE 1000000009c025": what the walk ended in. */
static bool walk(struct reader *reader, const struct line *line, const struct match *match)
{
	static const struct { const char *name; uint8_t level; } names[] = {
		{ "PTE ", 1 }, { "PMD ", 2 }, { "PUD ", 3 }, { "P4D ", 4 }, { "PGD ", 5 },
		{ "*pte = ", 1 }, { "*pde = ", 2 }, { "*pdpt = ", 3 },
	};
	struct event event = reader_event(line, EV_FAULT_DETAIL);
	struct text words = line->message;
	bool found_last = false;

	(void)match;
	event.u.detail.what = DETAIL_PTE;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct text name = text_of(names[i].name);
		const char *found = memmem(words.at, words.length, name.at, name.length);
		struct text after;
		uint64_t number;
		size_t used;

		if (!found)
			continue;
		after.at = found + name.length;
		after.length = words.length - (size_t)(after.at - words.at);
		if (!hex_of(after, &number, &used))
			continue;
		if (found_last) {
			event.u.detail.above = number;
			break;
		}
		event.u.detail.number = number;
		event.u.detail.level = names[i].level;
		found_last = true;
	}
	if (found_last)
		reader_emit(reader, &event);
	return true;
}

/* "RIP: e030:[<ffffffff81471e79>]  [<ffffffff81471e79>] setup_node_bootmem+0x17b/0x1c2",
 * "RIP: e030:clear_page_orig+0x12/0x40", "IP: [<...>] sym+..", "RIP: 0033:..." */
static bool rip(struct reader *reader, const struct line *line, const struct match *match)
{
	struct text words = match->words[0], symbol;
	const char *bracket = memmem(words.at, words.length, "[<", 2);
	uint64_t number = 0;
	size_t used = 0;

	/* Code segments that only a Xen PV guest has. Source: Xen public
	 * arch-x86/xen-x86_64.h FLAT_RING3_CS64. */
	if (text_begins(words, TEXT("e030:")) || text_begins(words, TEXT("e033:"))) {
		struct event event = reader_event(line, EV_PLATFORM_TOLD);

		event.u.platform = PLATFORM_XEN_PV;
		reader_emit(reader, &event);
	}
	if (bracket) {
		struct text after = { bracket + 2, words.length - (size_t)(bracket + 2 - words.at) };
		const char *close;

		hex_of(after, &number, &used);
		while ((close = memmem(words.at, words.length, ">]", 2))) {
			words.length -= (size_t)(close + 2 - words.at);
			words.at = close + 2;
		}
	} else {
		const char *colon = memchr(words.at, ':', words.length);

		if (colon) {
			words.length -= (size_t)(colon + 1 - words.at);
			words.at = colon + 1;
		}
	}
	while (words.length && *words.at == ' ') {
		words.at++;
		words.length--;
	}
	/* A kernel without kallsyms has the bare address there. */
	if (text_begins(words, TEXT("0x"))) {
		if (!number)
			hex_of(words, &number, &used);
		words.length = 0;
	}
	symbol = words;
	for (size_t i = 0; i < symbol.length; i++)
		if (symbol.at[i] == '+' || symbol.at[i] == ' ')
			symbol.length = i;
	if (!number && !symbol.length)
		return false;
	return detail(reader, line, DETAIL_RIP, number, 0, symbol);
}

/* A store through RDI at the faulting instruction: "<f3> ab", "<f3> 48 ab" (rep
 * stos), "<48> 89 07" and "<48> c7 07" (mov to (%rdi)). */
static bool code_bytes(struct reader *reader, const struct line *line, const struct match *match)
{
	static const char *const stores[] = {
		"<f3> ab", "<f3> 48 ab", "f3 <48> ab", "<f3> aa", "<48> 89 07", "<48> c7 07",
	};

	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(stores) && !found; i++)
		found = text_contains(match->words[0], text_of(stores[i]));
	return detail(reader, line, DETAIL_STRING_STORE, found, 0, no_words);
}

/* "arch/x86/xen/mmu.c:1101!" or "... xen_mc_flush+0x189/0x1c0" */
static bool at_source(struct reader *reader, const struct line *line, struct text words,
		      enum event_kind kind)
{
	struct event event = reader_event(line, kind);
	const char *colon = memchr(words.at, ':', words.length);
	size_t i;

	if (!colon)
		return false;
	event.u.bug.file = (struct text){ words.at, (size_t)(colon - words.at) };
	for (i = (size_t)(colon + 1 - words.at); i < words.length; i++) {
		char c = words.at[i];

		if (c < '0' || c > '9')
			break;
		if (event.u.bug.line < 10000000)
			event.u.bug.line = event.u.bug.line * 10 + (uint32_t)(c - '0');
	}
	while (i < words.length && (words.at[i] == ' ' || words.at[i] == '!'))
		i++;
	event.u.bug.function = (struct text){ words.at + i, words.length - i };
	for (size_t k = 0; k < event.u.bug.function.length; k++)
		if (event.u.bug.function.at[k] == '+' || event.u.bug.function.at[k] == '(')
			event.u.bug.function.length = k;
	reader_emit(reader, &event);
	return true;
}

static bool bug(struct reader *reader, const struct line *line, const struct match *match)
{
	return at_source(reader, line, match->words[0], EV_KERNEL_BUG);
}

static bool warning(struct reader *reader, const struct line *line, const struct match *match)
{
	return at_source(reader, line, match->words[0], EV_KERNEL_WARNING);
}

static bool panic(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_PANIC);

	event.u.words = match->words[0];
	reader_emit(reader, &event);
	return true;
}

/* A panic whose words begin at `words`, in the line. */
static void panicked_over(struct reader *reader, const struct line *line, const char *words)
{
	struct event event = reader_event(line, EV_PANIC);

	event.u.words = (struct text){ words, (size_t)(line->message.at + line->message.length - words) };
	reader_emit(reader, &event);
}

/* 2.6.24 and 2.6.25-rc: neither of the two owners is told. Its end is out.
 * Source: Linux arch/x86/kernel/e820_64.c reserve_early(), and the corpus. */
static bool reserved_twice(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_CLASHED);
	const char *words = memmem(line->message.at, line->message.length, "Duplicated", 10);

	ASSERT(words);   /* the row has it */
	if (!match->ranges[0].absurd) {
		event.u.clash.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
		reader_emit(reader, &event);
	}
	panicked_over(reader, line, words);
	return true;
}

/* 2.6.26 to 2.6.36: "8000-9fff PGTABLE to 9000-bfff EX TRAMPOLINE", what is wanted and
 * what is held. Source: Linux arch/x86/kernel/e820.c, kernel/early_res.c
 * __reserve_early(). */
static bool reservations_overlap(struct reader *reader, const struct line *line,
				 const struct match *match)
{
	const char *words = memmem(line->message.at, line->message.length, "Overlapping", 11);
	struct event event = reader_event(line, EV_RANGE_CLASHED);
	struct paddr_range wanted = paddr_range(match->ranges[0].start, match->ranges[0].end);
	struct paddr_range held = paddr_range(match->ranges[1].start, match->ranges[1].end);

	ASSERT(words);   /* the row has it */
	if (match->ranges[0].absurd || match->ranges[1].absurd ||
	    !paddr_range_overlap(wanted, held)) {
		reader_diagnose(reader, line->at, "two ranges are said to overlap, and do not: "
				"garbled");
	} else {
		event.u.clash.bytes = wanted;
		event.u.clash.other = held;
		event.u.clash.label = match->words[0];
		event.u.clash.other_label = match->words[1];
		reader_emit(reader, &event);
	}
	panicked_over(reader, line, words);
	return true;
}

/* The page-table allocator's own last words, when the panic's lead is missing. */
static bool pool_panic(struct reader *reader, const struct line *line,
		       const struct match *match)
{
	struct event event = reader_event(line, EV_PANIC);

	(void)match;
	event.u.words = line->message;
	reader_emit(reader, &event);
	return true;
}

static bool multicall(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MULTICALL_FAILED);
	bool total = match->number_count == 3;

	event.u.multicall.failed = (uint32_t)match->numbers[0].value;
	event.u.multicall.total = total ? (uint32_t)match->numbers[1].value : 0;
	event.u.multicall.cpu = (uint32_t)match->numbers[total ? 2 : 1].value;
	reader_emit(reader, &event);
	return true;
}

static bool call(struct reader *reader, const struct line *line, uint64_t index, uint64_t total,
		 uint64_t op, uint64_t argument, uint64_t result)
{
	struct event event = reader_event(line, EV_MULTICALL_ENTRY);

	event.u.call.index = (uint32_t)index;
	event.u.call.total = (uint32_t)total;
	event.u.call.op = (uint32_t)op;
	event.u.call.argument = argument;
	event.u.call.result = (int64_t)result;
	reader_emit(reader, &event);
	return true;
}

static bool call_of(struct reader *reader, const struct line *line, const struct match *match)
{
	return call(reader, line, match->numbers[0].value, match->numbers[1].value,
		    match->numbers[2].value, match->numbers[3].value, match->numbers[4].value);
}

static bool call_arg(struct reader *reader, const struct line *line, const struct match *match)
{
	return call(reader, line, match->numbers[0].value, 0, match->numbers[1].value,
		    match->numbers[2].value, match->numbers[3].value);
}

static bool call_debug(struct reader *reader, const struct line *line, const struct match *match)
{
	return call(reader, line, match->numbers[0].value, 0, match->numbers[1].value,
		    UNKNOWN_NUMBER, match->numbers[2].value);
}

static bool wx(struct reader *reader, const struct line *line, uint64_t address, uint64_t pages,
	       bool passed)
{
	struct event event = reader_event(line, EV_WX_FOUND);

	event.u.wx.address = address;
	event.u.wx.pages = pages;
	event.u.wx.passed = passed;
	reader_emit(reader, &event);
	return true;
}

/* The address may be a number, "hash/0xd0000000", or a symbol. */
static bool wx_at(struct reader *reader, const struct line *line, const struct match *match)
{
	struct text words = match->words[0];
	const char *hex = memmem(words.at, words.length, "0x", 2);
	uint64_t address = UNKNOWN_NUMBER;
	size_t used;

	if (hex && (hex == words.at || hex[-1] == '/')) {
		struct text after = { hex + 2, words.length - (size_t)(hex + 2 - words.at) };

		if (!hex_of(after, &address, &used))
			address = UNKNOWN_NUMBER;
	}
	return wx(reader, line, address, 0, false);
}

static bool wx_count(struct reader *reader, const struct line *line, const struct match *match)
{
	return wx(reader, line, UNKNOWN_NUMBER, match->numbers[0].value, false);
}

static bool wx_passed(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return wx(reader, line, UNKNOWN_NUMBER, 0, true);
}

static bool loss(struct reader *reader, const struct line *line, enum loss what)
{
	struct event event = reader_event(line, EV_MESSAGES_LOST);

	event.u.lost.what = what;
	event.u.lost.words = line->message;
	reader_emit(reader, &event);
	return true;
}

static bool dropped(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return loss(reader, line, LOSS_DROPPED);
}

static bool map_full(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return loss(reader, line, LOSS_MAP_FULL);
}

const struct line_shape lines_fault[] = {
	LINE("BUG: unable to handle kernel NULL pointer dereference at <x>", ENDS_NONE, null_fault),
	LINE("BUG: unable to handle kernel NULL pointer dereference at <rest>", ENDS_NONE, null_fault),
	LINE("BUG: kernel NULL pointer dereference, address: <x>", ENDS_NONE, null_fault),
	LINE("BUG: unable to handle kernel paging request at virtual address <x>", ENDS_NONE, fault),
	LINE("BUG: unable to handle kernel paging request at <x>", ENDS_NONE, fault),
	LINE("BUG: unable to handle page fault for address: <x>", ENDS_NONE, fault),
	LINE("BUG: Int <d>: CR2 <x>", ENDS_NONE, early_trap),
	LINE("BUG: Int <d>: CR2 (null)", ENDS_NONE, early_trap),
	LINE("Int <d>: CR2 <x> <rest>", ENDS_NONE, early_trap),
	LINE("Checking if this processor honours the WP bit even in supervisor mode...BUG: Int <d>: "
	     "CR2 <x>", ENDS_NONE, early_trap),
	LINE("PANIC: early exception <x> IP <x>:<x> error <x> cr2 <x>", ENDS_NONE, early_exception),
	LINE("PANIC: early exception <x> rip <x>:<x> error <x> cr2 <x>", ENDS_NONE, early_exception),
	LINE("Oops: Oops: <x> [<rest>", ENDS_NONE, code),
	LINE("Oops: <x> [<rest>", ENDS_NONE, code),
	LINE("Oops: <rest>", ENDS_NONE, died),
	LINE("divide error: <x> [<rest>", ENDS_NONE, died),
	LINE("int3: <x> [<rest>", ENDS_NONE, died),
	LINE("invalid opcode: <x> [<rest>", ENDS_NONE, died),
	LINE("double fault: <x> [<rest>", ENDS_NONE, died),
	LINE("stack segment: <x> [<rest>", ENDS_NONE, died),
	LINE("general protection fault: <x> [<rest>", ENDS_NONE, died),
	LINE("general protection fault, <rest>", ENDS_NONE, died),
	LINE("PANIC: double fault<rest>", ENDS_NONE, double_fault),
	LINE("traps: PANIC: double fault<rest>", ENDS_NONE, double_fault),
	LINE("#PF: error_code(<x>) <rest>", ENDS_NONE, code),
	LINE("PGD <rest>", ENDS_NONE, walk),
	LINE("*pdpt = <rest>", ENDS_NONE, walk),
	LINE("*pde = <rest>", ENDS_NONE, walk),
	LINE("RIP: <rest>", ENDS_NONE, rip),
	LINE("IP: <rest>", ENDS_NONE, rip),
	LINE("EIP is at <w><rest>", ENDS_NONE, rip),
	LINE("EIP: <w>+<rest>", ENDS_NONE, rip),
	LINE("RDX: <x> RSI: <x> RDI: <x>", ENDS_NONE, rdi),
	LINE("rdx: <x> rsi: <x> rdi: <x>", ENDS_NONE, rdi),
	LINE("CR2: <x> CR3: <x> <rest>", ENDS_NONE, cr2),
	LINE("CR2: <x>", ENDS_NONE, cr2),
	LINE("cr3: <x> cr2: <x>", ENDS_NONE, xen_control),
	LINE("Code: <rest>", ENDS_NONE, code_bytes),
	LINE("kernel BUG at <rest>", ENDS_NONE, bug),
	LINE("WARNING: at <rest>", ENDS_NONE, warning),
	LINE("WARNING: CPU: <d> PID: <d> at <rest>", ENDS_NONE, warning),
	LINE("Kernel panic - not syncing: Duplicated early reservation <range>", ENDS_EXCLUSIVE,
	     reserved_twice),
	LINE("Kernel panic - not syncing: Overlapping early reservations <range> <any> to <range> <rest>",
	     ENDS_INCLUSIVE, reservations_overlap),
	LINE("Kernel panic - not syncing: <rest>", ENDS_NONE, panic),
	LINE("Kernel panic: <rest>", ENDS_NONE, panic),
	LINE("alloc_low_page: ran out of memory", ENDS_NONE, pool_panic),
	LINE("alloc_low_pages: ran out of memory", ENDS_NONE, pool_panic),
	LINE("alloc_low_page: can not alloc memory", ENDS_NONE, pool_panic),
	LINE("alloc_low_pages: can not alloc memory", ENDS_NONE, pool_panic),
	LINE("Cannot find space for the kernel page tables", ENDS_NONE, pool_panic),
	LINE("<d> of <d> multicall(s) failed: cpu <d>", ENDS_NONE, multicall),
	LINE("<d> multicall(s) failed: cpu <d>", ENDS_NONE, multicall),
	LINE("call <d>/<d>: op=<d> arg=[<x>] result=<d> <rest>", ENDS_NONE, call_of),
	LINE("call <d>: op=<d> arg=[<x>] result=<d> <rest>", ENDS_NONE, call_arg),
	LINE("call <d>: op=<d> result=<d> caller=<rest>", ENDS_NONE, call_debug),
	LINE("x86/mm: Found insecure W+X mapping at address <rest>", ENDS_NONE, wx_at),
	LINE("x86/mm: Checked W+X mappings: FAILED, <d> W+X pages found.", ENDS_NONE, wx_count),
	LINE("x86/mm: Checked W+X mappings: passed, no W+X pages found.", ENDS_NONE, wx_passed),
	LINE("Checked W+X mappings: FAILED, <d> W+X pages found.", ENDS_NONE, wx_count),
	LINE("Checked W+X mappings: passed, no W+X pages found.", ENDS_NONE, wx_passed),
	LINE("** <d> printk messages dropped **<rest>", ENDS_NONE, dropped),
	LINE("printk: <d> messages suppressed.", ENDS_NONE, dropped),
	LINE("<d> printk messages dropped", ENDS_NONE, dropped),
	/* Entries of the memory map that its table has no room for.
	 * Source: Linux arch/x86/kernel/e820.c, 2.6.30-7.1. */
	LINE("Ooops! Too many entries in the memory map!", ENDS_NONE, map_full),
	LINE("e820: too many entries; ignoring [mem <range>]", ENDS_INCLUSIVE, map_full),
	LINE("too many entries; ignoring [mem <range>]", ENDS_INCLUSIVE, map_full),
	LINE("E820 table full; ignoring [mem <range>]", ENDS_INCLUSIVE, map_full),
	LINE("*** <d> printk messages dropped ***", ENDS_NONE, dropped),
	LINE("printk: <d> messages dropped", ENDS_NONE, dropped),
	LINE("pstore: a part of the log is missing here", ENDS_NONE, dropped),
	LINE("dump: a part of the log is missing here", ENDS_NONE, dropped),
};
