#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Would the model notice? The type engine is built with one fault at a time, and
# its test must fail each time: an engine that accepts everything first of all.
set -u
cd "$(dirname "$0")/.."
cc=${CC:-cc}
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
if ! echo '#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
int main(void) { return 0; }' | $cc -x c -o "$work/probe" - -lcmocka 2>/dev/null; then
	echo "no cmocka: skipped"
	echo "0 passed, 0 failed"
	exit 0
fi

compile() { $cc -std=gnu11 -D_GNU_SOURCE -O0 -w -I. -c -o "$work/$1.o" "$2"; }

link_and_run() {
	$cc -o "$work/unit" "$work"/*.o -lcmocka || exit 3   # nothing would be tested
	MMU_OPS=10000 timeout 60 "$work/unit" >/dev/null 2>&1
}

# WHAT FILE SED: the fault, where it is made, how.
faulty() {
	sed "$3" "core/$2.c" >"$work/$2.c"
	if cmp -s "core/$2.c" "$work/$2.c"; then
		echo "$1: the fault could not be made"; failed=$((failed + 1)); return
	fi
	if ! compile "$2" "$work/$2.c" 2>"$work/trouble"; then
		echo "$1: does not build: $(head -1 "$work/trouble")"; failed=$((failed + 1)); return
	fi
	if link_and_run; then
		echo "$1: the test did not notice"; failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
	compile "$2" "core/$2.c"
}

for file in tests/unit_mmu.c core/mmu*.c core/event.c core/base.c core/secret.c core/status.c; do
	compile "$(basename "$file" .c)" "$file" || exit 3
done
if link_and_run; then
	passed=$((passed + 1))
else
	echo "the engine itself fails its test"; failed=$((failed + 1))
fi
faulty "accepts everything" mmu_types \
	's/^	j->answer = MMU_REFUSE;/	j->answer = MMU_ACCEPT;/'
faulty "knows no conflict of types" mmu_types \
	's/if (frame->count && frame->type != wanted) {/if (0) {/'
faulty "forgets to put the old entry" mmu_types \
	's/^	put(mmu, mfn, level, old, true);//'
faulty "does not tear a table down" mmu_types \
	's/^		demote(mmu, mfn, frame, type, SLOTS);/		;/'
faulty "does not validate below L4" mmu_types \
	's/^	for (unsigned i = 0; table && i < SLOTS; i++) {/	for (unsigned i = 0; table \&\& level == 4 \&\& i < SLOTS; i++) {/'
faulty "leaves half a refused table behind" mmu_types \
	's/^			demote(mmu, mfn, frame, level, i);/			;/'
faulty "counts a read-only mapping as writable" mmu_types \
	's/^	if (entry & PTE_RW)$/	if (1)/'
faulty "takes an L4 slot of the hypervisor" mmu_types \
	's/^	if (is_xen_slot(level, slot)) {/	if (0) {/'
faulty "lets a table be pinned twice" mmu \
	's/if (pinned && frame->pinned) {/if (0) {/'
faulty "does not take back what Xen refused" mmu \
	's/^		take_back(mmu, undo);//'
faulty "keeps the old base" mmu \
	's/^		mmu_put_type(mmu, old, MMU_L4, true);/		;/'
faulty "loses the accessed bit" mmu \
	's/entry |= old & (PTE_A | PTE_D);/;/'
faulty "forgets the old entry on the short way" mmu_queue \
	's/^		put(loses, old);/		;/'
faulty "counts no read-only mapping on the short way" mmu_queue \
	's/^		page->ro++;/		;/'
faulty "presumes nothing on the short way" mmu_queue \
	's/page->presumed = !answered && !page->exact;/page->presumed = 0;/'
faulty "overlooks the tables above on the short way" mmu_queue \
	's/run.way == BY_ADDRESS && mmu->base.*)$/0)/'
faulty "loses the place on the short way" mmu_queue \
	's/frame->table <= MMU_PLACED_TABLES_MAX/0/'
faulty "takes the page at its word on the short way" mmu_queue \
	's/if (page->table || /if (0 || /'
faulty "writes what is no table on the short way" mmu_queue \
	's/if (entry == MMU_UNKNOWN_ENTRY || (frame->count.*)$/if (0)/'
faulty "writes to a slot that is another table's by now" mmu_queue \
	's/if (mmu->given_back != given_back)/if (0)/'
faulty "keeps the pages of an L1 table that is torn down" mmu_types \
	's/put_page(pages.*/;/'
faulty "hands out a table with what another held" mmu_frames \
	's/^	mmu_forget_entries(table);/	;/'
faulty "keeps contents of what became writable" mmu_types \
	's/^			mmu_forget_contents(mmu, frame);/			;/'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
