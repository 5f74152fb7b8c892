/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/elf/elf.h"

#include "formats/module.h"
#include "formats/modules/elf/dump.h"
#include "formats/modules/elf/image.h"

static struct dump *open_dump(struct reader *reader, int fd, uint64_t size_bytes,
			      const char **trouble)
{
	struct dump *dump = ARENA_NEW(reader->arena, struct dump);

	dump->fd = fd;
	dump->size_bytes = size_bytes;
	dump->arena = reader->arena;
	dump->reader = reader;
	dump->image = reader->image;
	return dump_open(dump, trouble) ? dump : NULL;
}

static const char *format_of(const struct dump *dump)
{
	switch (dump->kind) {
	case DUMP_XEN_PV:
		return "xl dump-core of a PV guest";
	case DUMP_XEN_HVM:
		return "xl dump-core of an HVM guest";
	case DUMP_VMCORE:
		break;
	}
	return "vmcore";
}

static uint64_t cut_of(const struct dump *dump)
{
	return dump->cut_bytes;
}

static int read_error_of(const struct dump *dump)
{
	return dump->read_error;
}

static void audit(struct dump *dump, FILE *out, uint64_t offset, uint32_t line)
{
	struct dump_text text = { out, offset, line };

	dump_early(dump, &text);
	dump_audit(dump, &text);
}

static const struct elf_module functions = {
	.dump_open = open_dump,
	.dump_format = format_of,
	.dump_cut = cut_of,
	.dump_read_error = read_error_of,
	.dump_log = dump_log,
	.dump_audit = audit,
	.image_open = image_open,
	.image_read = image_read,
};

MODULE(elf, &functions);
