/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *   mkcore RECIPE... [-e LINE]...   writes a memory dump to standard output
 *
 * Builds small dumps for the tests from recipes as text: the page tables of a real
 * dump (tests/cores), a log, and what a case patches. The lines, numbers in hex:
 *
 *   kind pv|hvm|vmcore
 *   p2m PFN MFN COUNT            which machine frames the guest's frames are
 *   root FRAME, user FRAME       what the CPU has loaded
 *   table FRAME LEVEL            then its entries: " SLOT ENTRY [COUNT STEP]"
 *   info PFN                     VMCOREINFO: the lines that follow, after "|"
 *   set ADDRESS LEVEL ENTRY      patches the entry that maps ADDRESS at LEVEL
 *   flip ADDRESS LEVEL BITS      changes bits of it
 *   claim PFN FRAME              one more line of the P2M
 *   u32|u64 ADDRESS VALUE        patches memory
 *   page ADDRESS PFN COUNT ORDER gives PFN a struct page at ADDRESS
 *   log prb|records|bytes ADDRESS FILE   a kernel's log there, of the lines of FILE
 *   drop FRAME                   leaves a frame out of the dump
 *   fill COUNT                   so many frames of noise before the others (vmcore)
 *   nonote                       VMCOREINFO stands in memory only (vmcore)
 *   end BYTES                    cuts the dump
 *   damage SEED COUNT            overwrites so many words, drawn from the seed
 */
#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 4096u
#define PAGES_MAX 8192

struct page { uint64_t frame; bool dropped; _Alignas(8) unsigned char bytes[FRAME]; };
struct run { uint64_t pfn, frame, count; };

static struct page *pages[PAGES_MAX];
static unsigned page_count;
static struct run runs[1024], claims[16];
static unsigned run_count, claim_count;
static uint64_t root, user, end_bytes, fill_count, damage_seed, damage_count;
static bool no_note;
static char info[FRAME];
static enum { PV, HVM, VMCORE } kind;

static void fail(const char *what, const char *line)
{
	fprintf(stderr, "mkcore: %s: %s\n", what, line);
	exit(1);
}

static unsigned char *page_of(uint64_t frame)
{
	for (unsigned i = 0; i < page_count; i++)
		if (pages[i]->frame == frame)
			return pages[i]->bytes;
	if (page_count == PAGES_MAX)
		fail("too many pages", "");
	pages[page_count] = calloc(1, sizeof(struct page));
	if (!pages[page_count])
		fail("out of memory", "");
	pages[page_count]->frame = frame;
	return pages[page_count++]->bytes;
}

static uint64_t frame_of(uint64_t pfn)
{
	for (unsigned i = 0; kind == PV && i < run_count; i++)
		if (pfn - runs[i].pfn < runs[i].count)
			return runs[i].frame + pfn - runs[i].pfn;
	return pfn;
}

static uint64_t pfn_of(uint64_t frame)
{
	for (unsigned i = 0; kind == PV && i < run_count; i++)
		if (frame - runs[i].frame < runs[i].count)
			return runs[i].pfn + frame - runs[i].frame;
	return frame;
}

/* The entry that maps `address` at `level`; of a large page the large one. */
static uint64_t *entry_of(uint64_t address, unsigned level, unsigned *found)
{
	uint64_t frame = root, *entry;

	for (unsigned l = 4;; l--) {
		entry = (uint64_t *)(void *)page_of(frame) + (address >> (12 + 9 * (l - 1)) & 511);
		*found = l;
		if (l == level || l == 1 || (l < 4 && (*entry & 0x81) == 0x81))
			return entry;
		if (!(*entry & 1))
			fail("address not mapped", "");
		frame = (*entry & 0xffffffffff000) >> 12;
	}
}

static void store(uint64_t address, const void *bytes, size_t count)
{
	const unsigned char *from = bytes;

	while (count) {
		unsigned level;
		uint64_t entry = *entry_of(address, 1, &level);
		uint64_t mask = (UINT64_C(1) << (12 + 9 * (level - 1))) - 1;
		uint64_t physical = (entry & 0xffffffffff000 & ~mask) | (address & mask);
		size_t part = FRAME - address % FRAME;

		if (!(entry & 1))
			fail("address not mapped", "");
		if (part > count)
			part = count;
		memcpy(page_of(physical / FRAME) + physical % FRAME, from, part);
		from += part;
		address += part;
		count -= part;
	}
}

static void store64(uint64_t address, uint64_t value)
{
	store(address, &value, 8);
}

static void store32(uint64_t address, uint32_t value)
{
	store(address, &value, 4);
}

static uint64_t symbol(const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "SYMBOL(%s)=", name);
	at = strstr(info, key);
	if (!at)
		fail("VMCOREINFO has no symbol", name);
	return strtoull(at + strlen(key), NULL, 16);
}

/* --- logs ------------------------------------------------------------------- */

/* "[    1.670332] text": the stamp in nanoseconds, and the text. */
static const char *split(const char *line, uint64_t *stamp)
{
	unsigned long long seconds, micro;
	int length = 0;

	if (sscanf(line, "[%llu.%llu] %n", &seconds, &micro, &length) != 2 || !length)
		fail("not a line of dmesg", line);
	*stamp = seconds * 1000000000 + micro * 1000;
	length = (int)(strchr(line, ']') - line) + 2;
	return line + length;
}

struct prb { uint64_t base, text, used; uint32_t count; };

#define PRB_BITS 9        /* descriptors */
#define PRB_TEXT_BITS 16  /* bytes */

/* The layout of printk_ringbuffer in 6.1; ids and positions start as there, just
 * below a wrap, so that the test meets one. */
static void add_prb(struct prb *prb, const char *line)
{
	uint64_t descs = prb->base, infos = descs + (24u << PRB_BITS), stamp;
	uint64_t size = 1u << PRB_TEXT_BITS, id = -(uint64_t)(1 << PRB_BITS) + prb->count;
	const char *text = split(line, &stamp);
	uint64_t length = strlen(text), block = (8 + length + 7) / 8 * 8;
	uint64_t begin = prb->used, next = begin + block, at, slot = id & ((1u << PRB_BITS) - 1);
	uint16_t told = (uint16_t)length;

	at = begin & (size - 1);
	if (at + block > size) {   /* does not fit before the end: at the start */
		next = (begin & ~(size - 1)) + size + block;
		at = 0;
	}
	store64(descs + slot * 24, (id & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62);
	store64(descs + slot * 24 + 8, begin);
	store64(descs + slot * 24 + 16, next);
	store64(infos + slot * 88, prb->count);
	store64(infos + slot * 88 + 8, stamp);
	store(infos + slot * 88 + 16, &told, 2);
	store64(prb->text + at, id);
	store(prb->text + at + 8, text, length);
	prb->used = next;
	prb->count++;
}

static void close_prb(const struct prb *prb)
{
	uint64_t ring = symbol("printk_rb_static"), first = -(uint64_t)(1 << PRB_BITS);

	store64(symbol("prb"), ring);
	store32(ring, PRB_BITS);
	store64(ring + 8, prb->base);
	store64(ring + 16, prb->base + (24u << PRB_BITS));
	store64(ring + 24, (first + prb->count - 1) & ~(UINT64_C(3) << 62));
	store64(ring + 32, first & ~(UINT64_C(3) << 62));
	store32(ring + 48, PRB_TEXT_BITS);
	store64(ring + 56, prb->text);
}

static void put_log(const char *form, uint64_t address, const char *name)
{
	struct prb prb = { .base = address, .text = address + 0x20000,
			   .used = (1u << PRB_TEXT_BITS) - 4096 };
	uint32_t bytes = 1 << 14, first = bytes - 1024, at = first, chars = 0;
	uint64_t buffer = address;
	char line[1024];
	FILE *in = fopen(name, "r");

	if (!in)
		fail("cannot open", name);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(form, "prb")) {
			add_prb(&prb, line);
		} else if (!strcmp(form, "records")) {
			uint64_t stamp;
			const char *text = split(line, &stamp);
			uint16_t length = (uint16_t)strlen(text), whole = (uint16_t)((16 + length + 3) & ~3);

			if (at + whole + 16u > bytes) {   /* a header of length 0: go on at 0 */
				uint16_t none = 0;

				store(buffer + at + 8, &none, 2);
				at = 0;
			}
			store64(buffer + at, stamp);
			store(buffer + at + 8, &whole, 2);
			store(buffer + at + 10, &length, 2);
			store(buffer + at + 16, text, length);
			at += whole;
		} else {
			char stamped[1100];
			int length = snprintf(stamped, sizeof(stamped), "<6>%s\n", line);

			for (int i = 0; i < length; i++)
				store(buffer + (at++ & (bytes - 1)), stamped + i, 1);
			chars += (uint32_t)length;
		}
	}
	fclose(in);
	if (!strcmp(form, "prb")) {
		close_prb(&prb);
		return;
	}
	store64(symbol("log_buf"), buffer);
	store32(symbol("log_buf_len"), bytes);
	if (!strcmp(form, "records")) {
		store32(symbol("log_first_idx"), first);
		store32(symbol("log_next_idx"), at);
	} else {
		store32(symbol("log_end"), at);
		store32(symbol("logged_chars"), chars);
	}
}

/* --- recipes ---------------------------------------------------------------- */

static void take_line(const char *line)
{
	static uint64_t table, info_pfn;
	unsigned long long a, b, c, d;
	unsigned level;
	char word[32], name[512];
	int got;

	if (*line == '|') {
		strncat(info, line + 1, sizeof(info) - strlen(info) - 2);
		strcat(info, "\n");
		memcpy(page_of(frame_of(info_pfn)), info, FRAME);
	} else if (*line == ' ') {
		c = 1, d = 0;
		if (sscanf(line, "%llx %llx %llx %llx", &a, &b, &c, &d) < 2 || a + c > 512)
			fail("bad entries", line);
		for (unsigned i = 0; i < c; i++)
			((uint64_t *)(void *)page_of(table))[a + i] = b + i * d;
	} else if (sscanf(line, "kind %31s", word) == 1) {
		kind = !strcmp(word, "pv") ? PV : !strcmp(word, "hvm") ? HVM : VMCORE;
	} else if (sscanf(line, "p2m %llx %llx %llx", &a, &b, &c) == 3 && run_count < 1024) {
		runs[run_count++] = (struct run){ a, b, c };
	} else if (sscanf(line, "claim %llx %llx", &a, &b) == 2 && claim_count < 16) {
		claims[claim_count++] = (struct run){ a, b, 1 };
	} else if (sscanf(line, "root %llx", &a) == 1) {
		root = a;
	} else if (sscanf(line, "user %llx", &a) == 1) {
		user = a;
	} else if (sscanf(line, "table %llx", &a) == 1) {
		table = a;
		page_of(table);
	} else if (sscanf(line, "info %llx", &a) == 1) {
		info_pfn = a;
		info[0] = '\0';
	} else if (sscanf(line, "set %llx %llx %llx", &a, &b, &c) == 3) {
		*entry_of(a, (unsigned)b, &level) = c;
	} else if (sscanf(line, "flip %llx %llx %llx", &a, &b, &c) == 3) {
		*entry_of(a, (unsigned)b, &level) ^= c;
	} else if (sscanf(line, "u32 %llx %llx", &a, &b) == 2) {
		store32(a, (uint32_t)b);
	} else if (sscanf(line, "u64 %llx %llx", &a, &b) == 2) {
		store64(a, b);
	} else if (sscanf(line, "page %llx %llx %llx %llx", &a, &b, &c, &d) == 4) {
		store32(a + b * 64 + 48, (uint32_t)c);
		store64(a + b * 64 + 40, d);
	} else if (sscanf(line, "drop %llx", &a) == 1) {
		page_of(a);
		for (unsigned i = 0; i < page_count; i++)
			pages[i]->dropped |= pages[i]->frame == a;
	} else if (sscanf(line, "end %llx", &a) == 1) {
		end_bytes = a;
	} else if (sscanf(line, "fill %llx", &a) == 1) {
		fill_count = a;
	} else if (!strcmp(line, "nonote")) {
		no_note = true;
	} else if (sscanf(line, "damage %llx %llx", &a, &b) == 2) {
		damage_seed = a;
		damage_count = b;
	} else if (sscanf(line, "log %31s %llx %511s%n", word, &a, name, &got) == 3) {
		put_log(word, a, name);
	} else if (*line && *line != '#') {
		fail("what is this", line);
	}
}

static void take_file(const char *name)
{
	FILE *in = fopen(name, "r");
	char line[1024];

	if (!in)
		fail("cannot open", name);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		take_line(line);
	}
	fclose(in);
}

/* --- the file --------------------------------------------------------------- */

static unsigned char *out;
static size_t out_bytes;

static void put_at(size_t offset, const void *bytes, size_t count)
{
	if (offset + count > out_bytes) {
		out = realloc(out, offset + count);
		if (!out)
			fail("out of memory", "");
		memset(out + out_bytes, 0, offset + count - out_bytes);
		out_bytes = offset + count;
	}
	memcpy(out + offset, bytes, count);
}

static int by_pfn(const void *left, const void *right)
{
	const struct page *a = *(struct page *const *)left, *b = *(struct page *const *)right;
	uint64_t x = pfn_of(a->frame), y = pfn_of(b->frame);

	return x < y ? -1 : x > y;
}

static Elf64_Ehdr elf_header(void)
{
	Elf64_Ehdr header = { .e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			      .e_ehsize = sizeof(header), .e_phentsize = sizeof(Elf64_Phdr),
			      .e_shentsize = sizeof(Elf64_Shdr) };

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	return header;
}

/* As Xen's libs/ctrl xc_domain_dumpcore writes it: pages before the P2M. */
static void write_xen(void)
{
	static const char names[] = "\0.shstrtab\0.xen_prstatus\0.xen_pages\0.xen_p2m\0.xen_pfn";
	unsigned char context[5168] = { 0 };
	uint64_t cr3 = root << 12, cr1 = user << 12, list = 0x3000 + (uint64_t)page_count * FRAME;
	unsigned width = kind == PV ? 16 : 8, count = page_count;
	Elf64_Ehdr header = elf_header();
	Elf64_Shdr sections[5] = { 0 };

	memcpy(context + 5008, &cr3, 8);
	memcpy(context + 4992, &cr1, 8);
	put_at(0x800, context, sizeof(context));
	for (unsigned i = 0; i < page_count; i++) {
		uint64_t pair[2] = { pfn_of(pages[i]->frame), pages[i]->frame };

		put_at(0x3000 + (size_t)i * FRAME, pages[i]->bytes, FRAME);
		put_at(list + (size_t)i * width, kind == PV ? pair : pair + 1, width);
	}
	for (unsigned i = 0; i < claim_count; i++, count++) {
		uint64_t pair[2] = { claims[i].pfn, claims[i].frame };

		put_at(list + (size_t)count * width, pair, width);
	}
	/* A claim is a page more; its bytes are whatever follows. */
	put_at(list + (size_t)count * width + (size_t)claim_count * FRAME, names, sizeof(names));
	sections[1] = (Elf64_Shdr){ .sh_name = 1, .sh_type = SHT_STRTAB, .sh_size = sizeof(names),
		.sh_offset = list + (size_t)count * width + (size_t)claim_count * FRAME };
	sections[2] = (Elf64_Shdr){ .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = 0x800,
		.sh_size = sizeof(context) };
	sections[3] = (Elf64_Shdr){ .sh_name = 25, .sh_type = SHT_PROGBITS, .sh_offset = 0x3000,
		.sh_size = (uint64_t)count * FRAME };
	sections[4] = (Elf64_Shdr){ .sh_name = kind == PV ? 36 : 45, .sh_type = SHT_PROGBITS,
		.sh_offset = list, .sh_size = (uint64_t)count * width };
	header.e_shoff = 64;
	header.e_shnum = 5;
	header.e_shstrndx = 1;
	put_at(64, sections, sizeof(sections));
	put_at(0, &header, sizeof(header));
}

static uint64_t drawn(void)
{
	damage_seed ^= damage_seed << 13;
	damage_seed ^= damage_seed >> 7;
	return damage_seed ^= damage_seed << 17;
}

/* Words that a parser stumbles over, half of them among the headers and lists. */
static void damage(void)
{
	damage_seed = damage_seed * 0x9e3779b97f4a7c15 + 1;
	while (damage_count-- && out_bytes > 16) {
		uint64_t values[] = { 0, 1, ~UINT64_C(0), UINT64_C(1) << 63, 0xffffffff, 4096,
				      out_bytes, drawn(), drawn() % out_bytes,
				      0xffffffff80000000 + drawn() % 0x5000000 };
		uint64_t where = drawn() & 1 ? drawn() % out_bytes : drawn() & 1 ?
				 drawn() % (out_bytes < 0x3000 ? out_bytes : 0x3000) :
				 out_bytes - 1 - drawn() % (out_bytes < 0x4000 ? out_bytes : 0x4000);

		where &= ~UINT64_C(7);
		if (where + 8 <= out_bytes)
			memcpy(out + where, &values[drawn() % 10], drawn() & 1 ? 8 : 4);
	}
}

/* Noise goes straight out: it may be large. */
static void write_noise(size_t offset)
{
	uint64_t words[512], state = 88172645463325252;

	put_at(offset - 1, "", 1);
	if (fwrite(out, 1, offset, stdout) != offset)
		exit(1);
	memmove(out, out + offset, out_bytes - offset);
	out_bytes -= offset;
	for (uint64_t i = 0; i < fill_count; i++) {
		for (unsigned k = 0; k < 512; k++) {
			state ^= state << 13;
			state ^= state >> 7;
			words[k] = state ^= state << 17;
		}
		if (fwrite(words, 1, sizeof(words), stdout) != sizeof(words))
			exit(1);
	}
}

/* Segments of neighbouring frames, and VMCOREINFO as a note. The noise lies above
 * 4 GiB, and in the file between the headers and all else. */
static void write_vmcore(void)
{
	struct { Elf64_Nhdr head; char name[12]; char info[FRAME]; } note = { 0 };
	Elf64_Ehdr header = elf_header();
	Elf64_Phdr segments[4096] = { 0 };
	size_t at, head, shift;
	unsigned count = 1;

	note.head = (Elf64_Nhdr){ 11, (Elf64_Word)strlen(info), 0 };
	memcpy(note.name, "VMCOREINFO", 11);
	memcpy(note.info, info, sizeof(info));
	at = sizeof(header) + sizeof(segments);
	if (fill_count)
		segments[count++] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = at,
			.p_paddr = UINT64_C(1) << 32, .p_filesz = fill_count * FRAME,
			.p_memsz = fill_count * FRAME };
	shift = fill_count * FRAME;
	head = at;
	segments[0] = (Elf64_Phdr){ .p_type = no_note ? PT_NULL : PT_NOTE, .p_offset = at + shift,
				    .p_filesz = 24 + ((strlen(info) + 3) & ~3ul) };
	put_at(at, &note, sizeof(note));
	at += sizeof(note);
	for (unsigned i = 0; i < page_count; i++) {
		Elf64_Phdr *last = &segments[count - 1];

		if (pages[i]->dropped)
			continue;
		put_at(at, pages[i]->bytes, FRAME);
		if (last->p_paddr && last->p_paddr + last->p_filesz == pages[i]->frame * FRAME) {
			last->p_filesz += FRAME;
			last->p_memsz += FRAME;
		} else if (count < 4096) {
			segments[count++] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = at + shift,
				.p_paddr = pages[i]->frame * FRAME, .p_filesz = FRAME,
				.p_memsz = FRAME };
		}
		at += FRAME;
	}
	header.e_phoff = sizeof(header);
	header.e_phnum = (Elf64_Half)count;
	put_at(sizeof(header), segments, sizeof(segments));
	put_at(0, &header, sizeof(header));
	if (fill_count)
		write_noise(head);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "-e") && i + 1 < argc)
			take_line(argv[++i]);
		else
			take_file(argv[i]);
	qsort(pages, page_count, sizeof(*pages), by_pfn);
	if (kind == VMCORE)
		write_vmcore();
	else
		write_xen();
	if (end_bytes && end_bytes < out_bytes)
		out_bytes = end_bytes;
	damage();
	return fwrite(out, 1, out_bytes, stdout) == out_bytes && !fflush(stdout) ? 0 : 1;
}
