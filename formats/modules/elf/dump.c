/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "core/secret.h"
#include "formats/modules/elf/dump.h"
#include "formats/modules/elf/image.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes of notes that are looked at, of all segments: a note for each CPU, and VMCOREINFO. */
#define NOTES_BYTES_MAX (16u * 1024 * 1024)
/* Entries of .xen_p2m read at once. */
#define P2M_CHUNK 4096u
/* Program headers of a dump "with paging": one for each mapped run. */
#define SEGMENTS_MAX (8u * 1024 * 1024)
#define SECTIONS_MAX 4096u

/* The image may be mapped up to here; modules and the fixmap lie above.
 * Source: Linux Documentation/arch/x86/x86_64/mm.rst. */
#define KERNEL_IMAGE_END UINT64_C(0xffffffffa0000000)

/* struct vcpu_guest_context of x86-64.
 * Source: Xen include/public/arch-x86/xen.h, 3.4 to 4.20. */
#define CONTEXT_BYTES 5168u
#define CONTEXT_CR1 4992u
#define CONTEXT_CR3 5008u

bool dump_pread(struct dump *dump, uint64_t offset, void *into, size_t bytes)
{
	size_t got = 0;

	if (offset > dump->size_bytes || bytes > dump->size_bytes - offset)
		return false;
	while (got < bytes) {
		ssize_t count = pread(dump->fd, (char *)into + got, bytes - got,
				      (off_t)(offset + got));

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			dump->read_error = count < 0 ? errno : EIO;   /* it has become shorter */
			return false;
		}
		got += (size_t)count;
	}
	return true;
}

/* libelf has failed. It sets errno only when a read or an allocation did, not of what
 * the file says. */
static void blame_the_world(struct dump *dump)
{
	if (errno)
		dump->read_error = errno;
}

static void add_root(struct dump *dump, uint64_t frame, uint32_t cpu, bool user)
{
	for (uint32_t i = 0; i < dump->root_count; i++)
		if (dump->roots[i].frame == frame)
			return;
	if (frame && dump->root_count < DUMP_ROOTS_MAX)
		dump->roots[dump->root_count++] = (struct root){ frame, cpu, user };
}

/* --- frames --------------------------------------------------------------- */

static uint32_t hash_of(uint64_t frame)
{
	return (uint32_t)((frame * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* By a number that no file can know: whatever frames a dump lists, few meet. */
static uint32_t slot_of(const struct dump *dump, uint64_t frame)
{
	return (uint32_t)((frame * dump->secret) >> dump->slot_shift);
}

static const struct extent *extent_of(const struct dump *dump, uint64_t frame)
{
	uint32_t low = 0, high = dump->extent_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (dump->extents[middle].end <= frame)
			low = middle + 1;
		else
			high = middle;
	}
	return low < dump->extent_count && dump->extents[low].start <= frame ?
	       &dump->extents[low] : NULL;
}

uint32_t dump_index(const struct dump *dump, uint64_t frame)
{
	const struct extent *extent;

	if (dump->kind != DUMP_VMCORE) {
		for (uint32_t at = slot_of(dump, frame); dump->slots[at];
		     at = (at + 1) & dump->slot_mask)
			if (dump->frame_of[dump->slots[at] - 1] == frame)
				return dump->slots[at] - 1;
		return INDEX_NONE;
	}
	extent = extent_of(dump, frame);
	return extent ? extent->index + (uint32_t)(frame - extent->start) : INDEX_NONE;
}

uint64_t dump_pfn(const struct dump *dump, uint64_t frame)
{
	uint32_t index;

	if (dump->kind != DUMP_XEN_PV)
		return frame;
	index = dump_index(dump, frame);
	return index == INDEX_NONE ? FRAME_NONE : dump->pfn_of[index];
}

static bool offset_of(const struct dump *dump, uint64_t frame, uint64_t *offset)
{
	const struct extent *extent;
	uint32_t index;

	if (dump->kind == DUMP_VMCORE) {
		extent = extent_of(dump, frame);
		if (extent)
			*offset = extent->offset + (frame - extent->start) * FRAME_BYTES;
		return extent != NULL;
	}
	index = dump_index(dump, frame);
	*offset = dump->pages_offset + (uint64_t)index * FRAME_BYTES;
	return index != INDEX_NONE;
}

const unsigned char *dump_frame(struct dump *dump, uint64_t frame)
{
	size_t at = hash_of(frame) % ARRAY_LEN(dump->cache);
	uint64_t offset;

	if (dump->cache[at].held && dump->cache[at].frame == frame)
		return dump->cache[at].bytes;
	dump->cache[at].held = offset_of(dump, frame, &offset) &&
			       dump_pread(dump, offset, dump->cache[at].bytes, FRAME_BYTES);
	dump->cache[at].frame = frame;
	return dump->cache[at].held ? dump->cache[at].bytes : NULL;
}

/* --- virtual addresses ---------------------------------------------------- */

#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_HUGE UINT64_C(0x80)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

static bool read_entry(struct dump *dump, uint64_t table, unsigned slot, uint64_t *entry)
{
	const unsigned char *bytes = dump_frame(dump, table);

	if (!bytes)
		return false;
	memcpy(entry, bytes + slot * sizeof(*entry), sizeof(*entry));
	*entry &= ~dump->encryption_mask;
	return *entry & ENTRY_PRESENT;
}

static bool walk(struct dump *dump, uint64_t root, uint64_t address, uint64_t *physical)
{
	uint64_t table = root, entry;

	for (unsigned level = dump->levels; level >= 1; level--) {
		unsigned shift = FRAME_SHIFT + 9 * (level - 1);

		if (!read_entry(dump, table, (unsigned)(address >> shift) & 511, &entry))
			return false;
		if (level == 1 || (level <= 3 && (entry & ENTRY_HUGE))) {
			uint64_t mask = (UINT64_C(1) << shift) - 1;

			*physical = (entry & ENTRY_ADDRESS & ~mask) | (address & mask);
			return true;
		}
		table = (entry & ENTRY_ADDRESS) >> FRAME_SHIFT;
	}
	return false;
}

bool dump_translate(struct dump *dump, uint64_t address, uint64_t *physical)
{
	if (dump->has_phys_base && address >= KERNEL_IMAGE_BASE) {
		*physical = address - KERNEL_IMAGE_BASE + dump->phys_base;
		if (dump_index(dump, *physical >> FRAME_SHIFT) != INDEX_NONE)
			return true;
	}
	for (uint32_t i = 0; i < dump->root_count && i < 2; i++)
		if (!dump->roots[i].user && walk(dump, dump->roots[i].frame, address, physical))
			return true;
	return false;
}

bool dump_read(struct dump *dump, uint64_t address, void *into, size_t bytes)
{
	while (bytes) {
		size_t inside = address % FRAME_BYTES, part = FRAME_BYTES - inside;
		const unsigned char *frame;
		uint64_t physical;

		if (part > bytes)
			part = bytes;
		if (!dump_translate(dump, address, &physical))
			return false;
		frame = dump_frame(dump, physical >> FRAME_SHIFT);
		if (!frame)
			return false;
		memcpy(into, frame + inside, part);
		into = (char *)into + part;
		address += part;
		bytes -= part;
	}
	return true;
}

bool dump_read_u64(struct dump *dump, uint64_t address, uint64_t *value)
{
	return dump_read(dump, address, value, sizeof(*value));
}

bool dump_read_u32(struct dump *dump, uint64_t address, uint32_t *value)
{
	return dump_read(dump, address, value, sizeof(*value));
}

/* --- xl dump-core --------------------------------------------------------- */

struct section { uint64_t offset, size_bytes; bool there; };

/* Notes every frame's place; a frame that two pages claim keeps its first. */
static void index_frames(struct dump *dump)
{
	uint32_t room = 16;

	while (room < dump->frame_count * 2u)
		room *= 2;
	dump->slots = arena_alloc(dump->arena, (size_t)room * sizeof(*dump->slots));
	dump->slot_mask = room - 1;
	dump->slot_shift = 64 - (unsigned)__builtin_ctz(room);
	dump->secret = secret_number();
	for (uint32_t i = 0; i < dump->frame_count; i++) {
		uint32_t at;

		if (dump->frame_of[i] == FRAME_NONE)
			continue;
		for (at = slot_of(dump, dump->frame_of[i]); dump->slots[at];
		     at = (at + 1) & dump->slot_mask)
			if (dump->frame_of[dump->slots[at] - 1] == dump->frame_of[i])
				break;
		if (dump->slots[at])
			dump->twice++;
		else
			dump->slots[at] = i + 1;
	}
}

static bool read_frame_list(struct dump *dump, const struct section *list, unsigned words)
{
	uint64_t chunk[P2M_CHUNK * 2];
	uint32_t done = 0;

	dump->frame_of = arena_alloc(dump->arena, (size_t)dump->frame_count * 8);
	dump->pfn_of = words == 2 ? arena_alloc(dump->arena, (size_t)dump->frame_count * 8) :
		       dump->frame_of;
	while (done < dump->frame_count) {
		uint32_t count = dump->frame_count - done;

		if (count > P2M_CHUNK)
			count = P2M_CHUNK;
		if (!dump_pread(dump, list->offset + (uint64_t)done * words * 8, chunk,
				(size_t)count * words * 8))
			return false;
		for (uint32_t i = 0; i < count; i++) {
			dump->pfn_of[done + i] = chunk[i * words];
			dump->frame_of[done + i] = chunk[i * words + words - 1];
		}
		done += count;
	}
	return true;
}

static bool read_contexts(struct dump *dump, const struct section *contexts)
{
	uint64_t cpus = contexts->size_bytes / CONTEXT_BYTES;

	for (uint64_t i = 0; i < cpus && dump->root_count < DUMP_ROOTS_MAX; i++) {
		uint64_t at = contexts->offset + i * CONTEXT_BYTES, kernel, user;

		if (!dump_pread(dump, at + CONTEXT_CR3, &kernel, 8) ||
		    !dump_pread(dump, at + CONTEXT_CR1, &user, 8))
			return false;
		add_root(dump, (kernel & ENTRY_ADDRESS) >> FRAME_SHIFT, (uint32_t)i, false);
		add_root(dump, (user & ENTRY_ADDRESS) >> FRAME_SHIFT, (uint32_t)i, true);
	}
	return true;
}

static bool open_xen(struct dump *dump, Elf *elf, size_t names, const char **trouble)
{
	struct section pages = { 0 }, p2m = { 0 }, pfn = { 0 }, contexts = { 0 };
	const struct { const char *name; struct section *section; } wanted[] = {
		{ ".xen_pages", &pages }, { ".xen_p2m", &p2m }, { ".xen_pfn", &pfn },
		{ ".xen_prstatus", &contexts },
	};
	const struct section *list;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	uint64_t count;

	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, &header) ?
				   elf_strptr(elf, names, header.sh_name) : NULL;

		for (size_t i = 0; name && i < ARRAY_LEN(wanted); i++)
			if (!strcmp(name, wanted[i].name) && !wanted[i].section->there)
				*wanted[i].section = (struct section){ header.sh_offset,
								       header.sh_size, true };
	}
	list = p2m.there ? &p2m : &pfn;
	if (!elf_strptr(elf, names, 1)) {
		*trouble = "the dump is cut: the names of its sections are not there";
		return false;
	}
	if (!pages.there || !list->there) {
		*trouble = "an ELF core file with neither program headers nor the sections of xl "
			   "dump-core (.xen_pages with .xen_p2m or .xen_pfn)";
		return false;
	}
	dump->kind = p2m.there ? DUMP_XEN_PV : DUMP_XEN_HVM;
	dump->pages_offset = pages.offset;
	count = list->size_bytes / (p2m.there ? 16 : 8);
	if (count > pages.size_bytes / FRAME_BYTES) {
		dump->cut_bytes = (count - pages.size_bytes / FRAME_BYTES) * FRAME_BYTES;
		count = pages.size_bytes / FRAME_BYTES;
	}
	if (pages.offset > dump->size_bytes || count * FRAME_BYTES > dump->size_bytes - pages.offset)
		dump->cut_bytes += count * FRAME_BYTES;
	if (count > DUMP_FRAMES_MAX) {
		*trouble = "a dump of more memory than can be indexed (64 GiB)";
		return false;
	}
	dump->frame_count = (uint32_t)count;
	if (!read_frame_list(dump, list, p2m.there ? 2 : 1)) {
		*trouble = "the dump is cut: its list of frames is not all there";
		return false;
	}
	index_frames(dump);
	if (p2m.there && (!contexts.there || !read_contexts(dump, &contexts)))
		reader_diagnose(dump->reader, LOC_NONE,
				"the dump has no CPU states: no page table can be walked");
	return true;
}

/* --- vmcore --------------------------------------------------------------- */

static void take_notes(struct dump *dump, Elf *elf, const GElf_Phdr *header)
{
	size_t at = 0, next, name, desc;
	GElf_Nhdr note;
	Elf_Data *data;

	if (header->p_filesz > NOTES_BYTES_MAX - dump->note_bytes)
		return;
	dump->note_bytes += (uint32_t)header->p_filesz;
	errno = 0;
	data = elf_getdata_rawchunk(elf, (int64_t)header->p_offset, header->p_filesz, ELF_T_NHDR);
	if (!data)
		blame_the_world(dump);
	while (data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		const char *bytes = data->d_buf;

		if (!dump->info.length && note.n_namesz >= 11 &&
		    !memcmp(bytes + name, "VMCOREINFO", 11) && note.n_descsz &&
		    note.n_descsz <= VMCOREINFO_BYTES_MAX)
			dump->info = (struct text){ arena_copy(dump->arena,
				(struct text){ bytes + desc, note.n_descsz }), note.n_descsz };
		at = next;
	}
}

static int by_start(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	/* The longest first; the same place in the file for equal input. */
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Segments may lie over each other, and a dump with paging has one for each
 * mapping: what came first in memory keeps its frames. */
static void make_disjoint(struct dump *dump)
{
	uint64_t end = 0, frames = 0;
	uint32_t kept = 0;

	qsort(dump->extents, dump->extent_count, sizeof(*dump->extents), by_start);
	for (uint32_t i = 0; i < dump->extent_count; i++) {
		struct extent extent = dump->extents[i];

		if (extent.start < end) {
			uint64_t drop = (extent.end < end ? extent.end : end) - extent.start;

			extent.start += drop;
			extent.offset += drop * FRAME_BYTES;
		}
		if (extent.start >= extent.end || frames + (extent.end - extent.start) >= INDEX_NONE)
			continue;
		extent.index = (uint32_t)frames;
		frames += extent.end - extent.start;
		end = extent.end;
		dump->extents[kept++] = extent;
	}
	dump->extent_count = kept;
	dump->frame_count = (uint32_t)frames;
}

/* What of a segment is in the file: [paddr, paddr + filesz), whole frames. */
static void take_segment(struct dump *dump, const GElf_Phdr *header)
{
	uint64_t there = header->p_filesz, head = -header->p_paddr & (FRAME_BYTES - 1);

	if (!dump->has_phys_base && header->p_vaddr >= KERNEL_IMAGE_BASE &&
	    header->p_vaddr < KERNEL_IMAGE_END) {
		/* Old kernels do not tell it otherwise. */
		dump->phys_base = header->p_paddr - (header->p_vaddr - KERNEL_IMAGE_BASE);
		dump->has_phys_base = true;
	}
	if (header->p_offset > dump->size_bytes || there > dump->size_bytes - header->p_offset) {
		there = header->p_offset > dump->size_bytes ? 0 : dump->size_bytes -
			header->p_offset;
		dump->cut_bytes += header->p_filesz - there;
	}
	if (there < head + FRAME_BYTES || header->p_paddr >= UINT64_C(1) << 52)
		return;
	there = (there - head) / FRAME_BYTES;
	dump->extents[dump->extent_count++] = (struct extent){
		.start = (header->p_paddr + head) / FRAME_BYTES,
		.end = (header->p_paddr + head) / FRAME_BYTES + there,
		.offset = header->p_offset + head,
	};
}

static bool open_vmcore(struct dump *dump, Elf *elf, size_t count, const char **trouble)
{
	GElf_Phdr header;

	if (count > SEGMENTS_MAX || count > dump->size_bytes / 32) {
		*trouble = "an ELF file with more program headers than it has room for";
		return false;
	}
	dump->kind = DUMP_VMCORE;
	dump->extents = arena_alloc(dump->arena, count * sizeof(*dump->extents));
	for (size_t i = 0; i < count; i++) {
		errno = 0;
		if (!gelf_getphdr(elf, (int)i, &header)) {
			blame_the_world(dump);
			break;
		}
		if (header.p_type == PT_NOTE)
			take_notes(dump, elf, &header);
		else if (header.p_type == PT_LOAD)
			take_segment(dump, &header);
	}
	make_disjoint(dump);
	if (!dump->extent_count) {
		*trouble = "an ELF core file without memory in it";
		return false;
	}
	return true;
}

/* --- the file ------------------------------------------------------------- */

/* libelf keeps a record of every section; a real dump has seven. */
static bool sections_in_bounds(struct dump *dump)
{
	Elf64_Ehdr header;
	Elf64_Shdr first;

	if (!dump_pread(dump, 0, &header, sizeof(header)))
		return false;
	if (header.e_shnum || !header.e_shoff)
		return header.e_shnum <= SECTIONS_MAX;
	return dump_pread(dump, header.e_shoff, &first, sizeof(first)) &&
	       first.sh_size <= SECTIONS_MAX;
}

static bool open_elf(struct dump *dump, Elf *elf, const char **trouble)
{
	size_t segments, names;
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
		*trouble = "an ELF file whose header is damaged";
		return false;
	}
	if (header.e_type != ET_CORE) {
		*trouble = "an ELF file that is no memory dump; a kernel with its symbols is given by "
			   "--vmlinux=FILE";
		return false;
	}
	if (gelf_getclass(elf) != ELFCLASS64 || header.e_machine != EM_X86_64 ||
	    header.e_ident[EI_DATA] != ELFDATA2LSB) {
		*trouble = "a memory dump of another machine than x86-64";
		return false;
	}
	if (elf_getphdrnum(elf, &segments)) {
		*trouble = "an ELF core file whose program headers are not all there";
		return false;
	}
	if (segments)
		return open_vmcore(dump, elf, segments, trouble);
	if (elf_getshdrstrndx(elf, &names)) {
		*trouble = "an ELF core file whose section headers are not all there";
		return false;
	}
	return open_xen(dump, elf, names, trouble);
}

/* The dump's word for a build-id becomes part of a path. */
static bool is_build_id(struct text id)
{
	for (size_t i = 0; i < id.length; i++)
		if (!isxdigit((unsigned char)id.at[i]))
			return false;
	return id.length >= BUILD_ID_DIGITS_MIN && id.length <= BUILD_ID_DIGITS_MAX;
}

/* The image that VMCOREINFO's build-id names: of a folder, or the one that was
 * given, if it is that. */
static void choose_image(struct dump *dump)
{
	const struct kernel_image *image = dump->image;
	const char *misnamed;
	struct text id;

	if (!info_find(dump, "BUILD-ID", &id))
		return;
	if (!is_build_id(id)) {
		reader_diagnose(dump->reader, LOC_NONE, "the dump's BUILD-ID is not 8 to 64 hex digits: "
				"no kernel image is looked for by it");
		return;
	}
	if (image && image->build_id && !text_equal(id, text_of(image->build_id))) {
		reader_diagnose(dump->reader, LOC_NONE, "the dump's kernel has the build-id %.*s, that "
				"of --vmlinux %s: its symbols are not used", TEXT_ARG(id),
				image->build_id);
		dump->image = NULL;
	}
	if (dump->image || !dump->reader->image_folder)
		return;
	dump->image = image_in_folder(dump->reader->image_folder, id, dump->arena, &misnamed);
	if (misnamed)
		reader_diagnose(dump->reader, LOC_NONE, "%s does not have the build-id that it is "
				"named by: its symbols are not used", misnamed);
}

static bool open_file(struct dump *dump, const char **trouble)
{
	bool opened;
	Elf *elf;

	if (!sections_in_bounds(dump)) {
		*trouble = "an ELF file whose headers are damaged";
		return false;
	}
	elf_version(EV_CURRENT);
	errno = 0;
	elf = elf_begin(dump->fd, ELF_C_READ, NULL);
	if (!elf)
		blame_the_world(dump);
	opened = open_elf(dump, elf, trouble);
	elf_end(elf);
	return opened;
}

bool dump_open(struct dump *dump, const char **trouble)
{
	bool opened;

	dump->levels = 4;
	opened = open_file(dump, trouble);
	if (dump->read_error)
		*trouble = strerror(dump->read_error);
	if (!opened || dump->read_error)
		return false;
	if (!dump->info.length)
		info_scan(dump);
	choose_image(dump);
	dump->reader->image = dump->image;
	info_apply(dump);
	return true;
}
