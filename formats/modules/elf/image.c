/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's ELF image: symbols, where its parts lie, its Xen notes. */
#include <stdio.h>

#include "formats/modules/elf/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <unistd.h>

/* A large distribution kernel has 200,000; allyesconfig 900,000. */
#define SYMBOLS_MAX (4u * 1024 * 1024)
#define NAMES_BYTES_MAX (256u * 1024 * 1024)
/* Of all notes: a kernel has a page of them. Headers may name the same bytes many times. */
#define NOTES_BYTES_MAX (1024u * 1024)

#define NT_BUILD_ID 3

struct symbol {
	uint64_t address, size;
	const char *name;
	bool function;
};

struct symbols {
	struct symbol *items;    /* by address, then name */
	uint32_t count;
};

/* --- symbols --------------------------------------------------------------- */

static int by_address(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	/* Aliases: functions first, the larger first. */
	if (a->function != b->function)
		return a->function ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* How many symbols have an address below this one. */
static uint32_t count_below(const struct symbols *symbols, uint64_t address)
{
	uint32_t low = 0, high = symbols->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (symbols->items[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *name_of(const struct kernel_image *image, uint64_t address, uint64_t *offset,
			   uint64_t *size)
{
	const struct symbols *symbols = image->symbols;
	uint32_t up_to = !symbols ? 0 : address == UINT64_MAX ? symbols->count :
			 count_below(symbols, address + 1);

	/* The nearest before it that can hold it; of aliases the first, a function. */
	for (uint32_t i = up_to, tries = 0; i-- > 0 && tries < 64; tries++) {
		const struct symbol *s = &symbols->items[i];

		if (!s->function || address - s->address >= (s->size ? s->size : 1))
			continue;
		s = &symbols->items[count_below(symbols, s->address)];
		*offset = address - s->address;
		*size = s->size;
		return s->name;
	}
	return NULL;
}

static bool address_of(const struct kernel_image *image, const char *name, uint64_t *address)
{
	const struct symbols *symbols = image->symbols;

	for (uint32_t i = 0; symbols && i < symbols->count; i++)
		if (!strcmp(symbols->items[i].name, name)) {
			*address = symbols->items[i].address;
			return true;
		}
	return false;
}

static bool is_wanted(const GElf_Sym *symbol)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_name && (symbol->st_shndx != SHN_UNDEF) &&
	       (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

static void read_symbols(struct kernel_image *image, Elf *elf, Elf_Scn *section,
			 const GElf_Shdr *header, struct arena *arena)
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	struct symbols *symbols;
	uint64_t name_bytes = 0;
	GElf_Sym symbol;

	if (!data || !count || count > SYMBOLS_MAX)
		return;
	symbols = ARENA_NEW(arena, struct symbols);
	symbols->items = arena_alloc(arena, (size_t)count * sizeof(*symbols->items));
	for (uint64_t i = 0; i < count && gelf_getsym(data, (int)i, &symbol); i++) {
		const char *name = is_wanted(&symbol) ?
				   elf_strptr(elf, header->sh_link, symbol.st_name) : NULL;
		size_t length = name ? strlen(name) : 0;

		name_bytes += length;
		if (name_bytes > NAMES_BYTES_MAX)
			break;
		if (!length)
			continue;
		symbols->items[symbols->count++] = (struct symbol){
			.address = symbol.st_value, .size = symbol.st_size,
			.name = arena_copy(arena, (struct text){ name, length }),
			.function = GELF_ST_TYPE(symbol.st_info) != STT_OBJECT,
		};
	}
	qsort(symbols->items, symbols->count, sizeof(*symbols->items), by_address);
	if (symbols->count)
		image->symbols = symbols;
}

/* --- notes ------------------------------------------------------------------ */

static const char *hex_of(struct arena *arena, const unsigned char *bytes, size_t count)
{
	char *hex = arena_alloc(arena, count * 2 + 1);

	for (size_t i = 0; i < count; i++)
		sprintf(hex + i * 2, "%02x", bytes[i]);
	return hex;
}

static uint64_t note_number(const unsigned char *bytes, size_t size)
{
	uint64_t value = 0;
	size_t width = size >= 8 ? 8 : 4;

	if (width > size)
		return UINT64_MAX;
	memcpy(&value, bytes, width);   /* x86: little endian */
	return value;
}

/* What pgtcheck uses of them; the others (which levels Xen may take, which entries hold
 * machine frames, who wrote the kernel) tell nothing about where its parts lie. Source: Xen include/public/elfnote.h. */
static void take_xen_note(struct kernel_image *image, uint32_t type, const unsigned char *bytes,
			  size_t size, struct arena *arena)
{
	struct text words = { (const char *)bytes, strnlen((const char *)bytes, size) };

	switch (type) {
	case 3: image->virt_base = note_number(bytes, size); break;
	case 4: image->paddr_offset = note_number(bytes, size); break;
	case 10: image->features = arena_copy(arena, words); break;
	case 15: image->init_p2m = note_number(bytes, size); break;
	}
}

static void read_notes(struct kernel_image *image, Elf_Data *data, struct arena *arena)
{
	size_t at = 0, next, name, desc;
	GElf_Nhdr note;

	while (data && data->d_buf && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		const unsigned char *bytes = data->d_buf;

		if (note.n_namesz == 4 && !memcmp(bytes + name, "Xen", 4))
			take_xen_note(image, note.n_type, bytes + desc, note.n_descsz, arena);
		else if (note.n_namesz == 4 && !memcmp(bytes + name, "GNU", 4) &&
			 note.n_type == NT_BUILD_ID && note.n_descsz && note.n_descsz <= 64)
			image->build_id = hex_of(arena, bytes + desc, note.n_descsz);
		at = next;
	}
}

/* --- the file --------------------------------------------------------------- */

static bool take_bytes(uint64_t *left, uint64_t bytes)
{
	bool fits = bytes <= *left;

	*left -= fits ? bytes : 0;
	return fits;
}

static void read_sections(struct kernel_image *image, Elf *elf, struct arena *arena)
{
	uint64_t notes = NOTES_BYTES_MAX;
	bool has_symbols = false;   /* of one table: ELF allows no second */
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_SYMTAB && !has_symbols) {
			has_symbols = true;
			read_symbols(image, elf, section, &header, arena);
		} else if (header.sh_type == SHT_NOTE && take_bytes(&notes, header.sh_size)) {
			read_notes(image, elf_getdata(section, NULL), arena);
		}
	}
}

/* A payload of a bzImage has its notes in a segment and no section. */
static void read_segments(struct kernel_image *image, Elf *elf, struct arena *arena)
{
	uint64_t notes = NOTES_BYTES_MAX;
	GElf_Phdr header;
	size_t count = 0;

	if (elf_getphdrnum(elf, &count) || count > 256)
		return;
	for (size_t i = 0; i < count && gelf_getphdr(elf, (int)i, &header); i++) {
		if (header.p_type == PT_NOTE && take_bytes(&notes, header.p_filesz))
			read_notes(image, elf_getdata_rawchunk(elf, (int64_t)header.p_offset,
				header.p_filesz, ELF_T_NHDR), arena);
		if (header.p_type != PT_LOAD || header.p_vaddr < KERNEL_IMAGE_BASE)
			continue;
		if (image->segment_virtual == UINT64_MAX) {
			image->image = vaddr_range(header.p_vaddr, header.p_vaddr);
			image->segment_virtual = header.p_vaddr;
			image->segment_physical = header.p_paddr;
		}
		if (header.p_vaddr < image->image.start.n)
			image->image.start.n = header.p_vaddr;
		if (header.p_vaddr + header.p_memsz > image->image.end.n)
			image->image.end.n = header.p_vaddr + header.p_memsz;
	}
}

static void set_bounds(struct kernel_image *image)
{
	uint64_t start, end;

	if (address_of(image, "__brk_base", &start) && address_of(image, "__brk_limit", &end) &&
	    start < end)
		image->brk = vaddr_range(start, end);
	if (address_of(image, "_text", &start) && address_of(image, "_end", &end) && start < end)
		image->image = vaddr_range(start, end);
}

/* The bytes of a file-backed address, as many as are there. */
static size_t bytes_behind(Elf *elf, int fd, uint64_t address, char *into, size_t room)
{
	GElf_Phdr header;
	size_t count = 0;

	if (elf_getphdrnum(elf, &count) || count > 256)
		return 0;
	for (size_t i = 0; i < count && gelf_getphdr(elf, (int)i, &header); i++) {
		uint64_t inside = address - header.p_vaddr;
		ssize_t got;

		if (header.p_type != PT_LOAD || address < header.p_vaddr || inside >= header.p_filesz)
			continue;
		if (room > header.p_filesz - inside)
			room = (size_t)(header.p_filesz - inside);
		got = pread(fd, into, room, (off_t)(header.p_offset + inside));
		return got > 0 ? (size_t)got : 0;
	}
	return 0;
}

#define BANNER "Linux version "

/* "Linux version 6.1.0-56-amd64 (...": the banner, which a stripped image keeps
 * too. A .debug file has no bytes behind its addresses. */
static void read_version(struct kernel_image *image, Elf *elf, int fd, struct arena *arena)
{
	char bytes[256] = { 0 };
	uint64_t address;
	const char *words;

	if (!address_of(image, "linux_banner", &address) ||
	    !bytes_behind(elf, fd, address, bytes, sizeof(bytes) - 1) ||
	    strncmp(bytes, BANNER, sizeof(BANNER) - 1))
		return;
	words = bytes + sizeof(BANNER) - 1;
	image->version = arena_copy(arena, (struct text){ words, strcspn(words, " ") });
}

static bool read_elf(struct kernel_image *image, int fd, struct arena *arena, const char **trouble)
{
	Elf *elf;
	GElf_Ehdr header;
	bool good;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	good = elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header) &&
	       (header.e_type == ET_EXEC || header.e_type == ET_DYN) &&
	       (header.e_machine == EM_X86_64 || header.e_machine == EM_386);
	if (good) {
		read_sections(image, elf, arena);
		read_segments(image, elf, arena);
		set_bounds(image);
		read_version(image, elf, fd, arena);
	} else {
		*trouble = "is no kernel for x86: neither an ELF image nor a bzImage";
	}
	elf_end(elf);
	return good;
}

/* The ELF image in the file, unpacked where it must be; -1: *trouble says why. Takes fd. */
static int image_in(int fd, const char **version, struct arena *arena, const char **trouble)
{
	int payload;

	if (!payload_is_there(fd))
		return fd;
	*version = payload_version(fd, arena);
	payload = payload_open(fd, trouble);
	close(fd);
	return payload;
}

struct kernel_image *image_read(int fd, const char *path, struct arena *arena,
				const char **trouble)
{
	struct kernel_image *image = ARENA_NEW(arena, struct kernel_image);
	const char *version = NULL;
	bool good;

	fd = image_in(fd, &version, arena, trouble);
	if (fd < 0)
		return NULL;
	*image = (struct kernel_image){
		.path = arena_copy(arena, text_of(path)), .version = version,
		.virt_base = UINT64_MAX, .paddr_offset = UINT64_MAX, .init_p2m = UINT64_MAX,
		.segment_virtual = UINT64_MAX, .segment_physical = UINT64_MAX,
		.name_of = name_of, .address_of = address_of,
	};
	good = read_elf(image, fd, arena, trouble);
	close(fd);
	return good ? image : NULL;
}

struct kernel_image *image_open(const char *path, struct arena *arena, const char **trouble)
{
	/* A pipe in a folder would have us wait for somebody who writes. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		return image_read(fd, path, arena, trouble);
	*trouble = strerror(errno);
	return NULL;
}
