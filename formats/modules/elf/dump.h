/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A memory dump as frames: where each is in the file, and reads by physical
 * and by virtual address. Nothing is mapped or loaded whole; every read is a
 * checked pread().
 *
 *    xl dump-core, PV     .xen_p2m   {pfn, mfn}[]   frames are machine frames
 *    xl dump-core, HVM    .xen_pfn   pfn[]          frames are guest frames
 *    vmcore               PT_LOAD: paddr -> offset  frames are physical frames
 *
 * Source: Xen docs/misc/dump-core-format.txt; Linux fs/proc/vmcore.c, QEMU
 * dump/dump.c (e_phnum 0xffff, overlapping segments), makedumpfile 1.7
 * (p_filesz < p_memsz: pages left out). */
#ifndef MODULES_ELF_DUMP_H
#define MODULES_ELF_DUMP_H

#include "formats/kernel_image.h"
#include "formats/reader.h"

/* Frames of a dump that are indexed: 12 to 20 bytes each. 64 GiB of memory. */
#ifndef DUMP_FRAMES_MAX
#define DUMP_FRAMES_MAX (16u * 1024 * 1024)
#endif
/* Roots of page tables: two for each CPU. */
#define DUMP_ROOTS_MAX 1024u
/* VMCOREINFO is one page, its note a little more. */
#define VMCOREINFO_BYTES_MAX (64u * 1024)

#define FRAME_NONE UINT64_MAX
#define INDEX_NONE UINT32_MAX

enum dump_kind { DUMP_XEN_PV, DUMP_XEN_HVM, DUMP_VMCORE };

/* A run of frames that lie one after the other in the file. */
struct extent {
	uint64_t start, end;     /* frames, end out */
	uint64_t offset;         /* of the first one, in the file */
	uint32_t index;          /* of the first one among all frames of the dump */
};

/* A root table, and which CPU had it loaded. */
struct root { uint64_t frame; uint32_t cpu; bool user; };

struct dump {
	int fd;
	uint64_t size_bytes;     /* of the file */
	uint64_t cut_bytes;      /* of its memory, that the file does not hold */
	int read_error;          /* errno of a read that failed; 0: none did */
	enum dump_kind kind;
	struct arena *arena;
	struct reader *reader;   /* for diagnostics */
	const struct kernel_image *image;   /* of --vmlinux, or NULL */

	/* xl dump-core: page i of .xen_pages is frame frame_of[i] */
	uint64_t pages_offset;
	uint32_t frame_count;
	uint64_t *frame_of;      /* FRAME_NONE: none */
	uint64_t *pfn_of;        /* PV */
	uint32_t *slots;         /* hash of frame_of: index + 1 */
	uint32_t slot_mask;
	unsigned slot_shift;
	uint64_t secret;         /* of the hash */
	uint32_t twice;          /* frames that two pfns claim */
	/* vmcore */
	struct extent *extents;  /* sorted, disjoint */
	uint32_t extent_count;

	struct root roots[DUMP_ROOTS_MAX];
	uint32_t root_count;
	unsigned levels;         /* 4 or 5 */
	uint64_t encryption_mask;   /* AMD's, to be taken off every entry */
	uint64_t phys_base;      /* of the kernel image; vmcore and HVM */
	bool has_phys_base;
	struct text info;        /* VMCOREINFO, or empty */
	uint32_t note_bytes;     /* of notes that were looked at */
	uint64_t log_bytes;      /* of the kernel's log, as far as it was read */
	bool start_logged;       /* the log is there from its first line on ... */
	bool init_freed;         /* ... and says so: init data are overwritten */

	/* The last pages read, by frame. */
	struct {
		uint64_t frame;
		bool held;
		_Alignas(8) unsigned char bytes[FRAME_BYTES];
	} cache[8];
};

/* Recognises and indexes; false: not such a file, or damaged beyond use.
 * *trouble: one sentence for people (may be in the arena). */
bool dump_open(struct dump *dump, const char **trouble);

/* Exactly `bytes` bytes at `offset` of the file; false when they are not all there, or
 * cannot be read: dump->read_error. */
bool dump_pread(struct dump *dump, uint64_t offset, void *into, size_t bytes);
/* Where a frame stands among the dump's frames, from 0; INDEX_NONE: not in it. */
uint32_t dump_index(const struct dump *dump, uint64_t frame);
/* One whole frame. The pointer is good until the next call. */
const unsigned char *dump_frame(struct dump *dump, uint64_t frame);
/* The guest's number of a machine frame; the frame itself outside Xen PV. */
uint64_t dump_pfn(const struct dump *dump, uint64_t frame);
/* The frame behind a kernel virtual address, by the first root; false: not
 * mapped, or a table is not in the dump. */
bool dump_translate(struct dump *dump, uint64_t address, uint64_t *physical);
bool dump_read(struct dump *dump, uint64_t address, void *into, size_t bytes);
bool dump_read_u64(struct dump *dump, uint64_t address, uint64_t *value);
bool dump_read_u32(struct dump *dump, uint64_t address, uint32_t *value);

/* vmcoreinfo.c: KEY=VALUE. key: "SYMBOL(prb)". */
bool info_find(const struct dump *dump, const char *key, struct text *value);
/* Decimal, as NUMBER(), SIZE() and OFFSET() are; else `otherwise`. */
int64_t info_number(const struct dump *dump, const char *key, int64_t otherwise);
/* The address of a symbol: VMCOREINFO's, else --vmlinux's. */
bool dump_symbol(const struct dump *dump, const char *name, uint64_t *address);
/* Looks through all pages for VMCOREINFO; for dumps that have no note of it. */
void info_scan(struct dump *dump);
/* Takes what VMCOREINFO tells about the page tables: root, levels, phys_base. */
void info_apply(struct dump *dump);

/* printk.c: writes the kernel's log as `dmesg` prints it. False: not found, and
 * *trouble says what is missing. */
bool dump_log(struct dump *dump, FILE *out, const char **trouble);

/* The text that reports quote: what of the dump is no line of its log. */
struct dump_text {
	FILE *out;
	uint64_t offset;         /* of the next line */
	uint32_t line;
};

/* early.c: emits the page-table pool's and memblock's state, of a kernel that died
 * before it freed its init memory; needs its symbols. */
void dump_early(struct dump *dump, struct dump_text *text);

/* walk.c: walks the live page tables and emits what is wrong with them, last
 * EV_DUMP_WALKED. Every fact is one line of `text` as well. */
void dump_audit(struct dump *dump, struct dump_text *text);

#endif
