/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every bound on work and memory, each with its reason. Reaching one is
 * always reported (a diagnostic, PGT062, or status 3), never silent. All can
 * be set at build time (-DLINE_BYTES_MAX=128), so a tiny-limits build drives
 * the tests over every edge. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

/* Bytes of one read(): large enough that system calls do not show, small
 * enough to stay in the L2 cache. */
#ifndef READ_BYTES
#define READ_BYTES (256u * 1024)
#endif
/* Bytes of one text line, without its end. printk stops at about 1 KiB; the
 * longest line of the corpus is 2.6 KiB. A longer one is cut, and said. */
#ifndef LINE_BYTES_MAX
#define LINE_BYTES_MAX (64u * 1024)
#endif
/* Spans one range map may hold. The richest real log has 3,105. */
#ifndef SPANS_MAX
#define SPANS_MAX (4u * 1024 * 1024)
#endif
/* Spans of a memory map. The kernel's holds 128 entries from the firmware and
 * three more for each of 1024 nodes. Rules walk it, so this bounds their work. */
#ifndef MAP_SPANS_MAX
#define MAP_SPANS_MAX 4096u
#endif
/* Lists of the kernel (MEMBLOCK configuration, Subtract) that are compared with
 * the lines before them: each comparison walks all that is known. */
#ifndef DUMPS_MAX
#define DUMPS_MAX 64u
#endif
/* Page-table pools of one boot: two until 3.8, one a node or RAM range in
 * between. */
#ifndef POOLS_MAX
#define POOLS_MAX 256u
#endif
/* Hypervisor complaints, faults, failed multicalls and the like that are kept
 * one by one for each boot; the rest is counted. */
#ifndef INCIDENTS_MAX
#define INCIDENTS_MAX 1024u
#endif
/* Named areas (kernel, initrd, Xen's tables, ...) of one boot. */
#ifndef AREAS_MAX
#define AREAS_MAX 1024u
#endif
/* Different reservation labels and callers of one boot. */
#ifndef LABELS_MAX
#define LABELS_MAX 4096u
#endif
/* Guests on one console, each with a replay of its own. */
#ifndef DOMAINS_MAX
#define DOMAINS_MAX 64u
#endif
/* Boots of one input that are listed although nothing is wrong with them; more
 * clean ones are counted, so that a capture of any length takes the same
 * memory. */
#ifndef CLEAN_BOOTS_MAX
#define CLEAN_BOOTS_MAX 256u
#endif
/* Findings of one rule in one boot; the rest is counted in the last one. */
#ifndef FINDINGS_PER_RULE_MAX
#define FINDINGS_PER_RULE_MAX 64u
#endif
/* Evidence lines of one finding. */
#ifndef NOTES_MAX
#define NOTES_MAX 12u
#endif
/* Bytes an arena may hold before the input is given up with status 3. */
#ifndef ARENA_BYTES_MAX
#define ARENA_BYTES_MAX (512ull * 1024 * 1024)
#endif
/* Machine frames that a trace may name: 64 TiB, the most that Linux and Xen
 * address with four levels. A larger number is told, never allocated. */
#ifndef MMU_MFN_LIMIT
#define MMU_MFN_LIMIT (UINT64_C(1) << 34)
#endif
/* Bytes of frames and table contents of one boot: a guest of 512 GiB takes
 * 1.9 GiB. */
#ifndef MMU_BYTES_MAX
#define MMU_BYTES_MAX (3ull * 1024 * 1024 * 1024)
#endif
/* ... of which so many at once, and so many for each operation told. A dense guest
 * takes 16 an operation. */
#ifndef MMU_BYTES_FIRST
#define MMU_BYTES_FIRST (64u * 1024 * 1024)
#endif
#ifndef MMU_BYTES_EACH
#define MMU_BYTES_EACH 256u
#endif
/* Tables of which it is kept which line wrote each entry: 10 KiB each. */
#ifndef MMU_PLACED_TABLES_MAX
#define MMU_PLACED_TABLES_MAX 384u
#endif
/* Address space of a process that reads inputs: MMU_BYTES_MAX, one ARENA_BYTES_MAX,
 * and as much again for what is made of them. */
#ifndef SANDBOX_MEMORY_BYTES
#define SANDBOX_MEMORY_BYTES (16ull * 1024 * 1024 * 1024)
#endif
/* CPU seconds after which an input of which no byte was read meanwhile is given up. A
 * block takes less than a second; no rule's work at the end of a boot took one. */
#ifndef SANDBOX_STALL_SECONDS
#define SANDBOX_STALL_SECONDS 600
#endif
/* Located diagnostics kept for each input; the rest is counted. */
#ifndef DIAGNOSTICS_MAX
#define DIAGNOSTICS_MAX 64u
#endif

#endif
