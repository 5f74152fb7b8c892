/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory dumps. The kernel's log is taken out of the dump and judged as a log;
 * then the live page tables are walked. Both become lines of a text that stands in
 * for the dump when a report quotes them:
 *
 *    dump --> [    0.000000] Linux version ...     line 1      --> in_text
 *             ...                                  line N
 *             page-table walk: L4[..] -> ...       line N + 1  --> audit events
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/in_text.h"
#include "formats/input.h"
#include "formats/module.h"
#include "formats/modules/elf/elf.h"
#include "formats/packing.h"
#include "formats/spool.h"

static enum status read_dump(struct reader *reader, const struct elf_module *elf,
			     struct dump *dump, FILE *out, struct source *text,
			     const char **trouble)
{
	struct input_report *input = reader->input;
	const char *missing = NULL;
	enum status status = ST_OK;

	if (elf->dump_log(dump, out, &missing) && !fflush(out))
		status = in_text_run_made(reader, text, trouble);
	else if (missing)
		reader_diagnose(reader, LOC_NONE, "%s", missing);
	if (status == ST_OK && reader->status == ST_OK && lseek(text->fd, 0, SEEK_END) >= 0)
		elf->dump_audit(dump, out, input->bytes, (uint32_t)input->lines + 1);
	if (status == ST_OK && (fflush(out) || elf->dump_read_error(dump))) {
		*trouble = strerror(elf->dump_read_error(dump) ? elf->dump_read_error(dump) : errno);
		status = ST_IO;
	}
	if (status != ST_OK || reader->status != ST_OK || !elf->dump_cut(dump))
		return status == ST_OK ? reader->status : status;
	*trouble = arena_printf(reader->arena, "the dump is cut: %llu bytes of memory are not in "
				"the file", (unsigned long long)elf->dump_cut(dump));
	return ST_IO;
}

static enum status read_elf(struct reader *reader, struct source *source, size_t first,
			    const char **trouble)
{
	const struct elf_module *elf = module_load("elf", trouble);
	struct source text = { .fd = -1, .spool_fd = -1, .seekable = true,
			       .name = source->name, .buffer = source->buffer };
	struct dump *dump;
	struct stat about;
	enum status status;
	FILE *out;
	int fd;

	if (!elf)
		return ST_NOT_FOUND;
	status = source_whole_fd(source, first, &fd, trouble);
	if (status != ST_OK)
		return status;
	if (fstat(fd, &about)) {
		*trouble = strerror(errno);
		return ST_IO;
	}
	dump = elf->dump_open(reader, fd, (uint64_t)about.st_size, trouble);
	if (!dump)
		return ST_IO;
	text.fd = spool_new();
	out = text.fd >= 0 ? fdopen(dup(text.fd), "w") : NULL;
	if (!out) {
		source_close(&text);
		*trouble = "no room for the dump's log in TMPDIR";
		return ST_IO;
	}
	status = read_dump(reader, elf, dump, out, &text, trouble);
	fclose(out);
	source_stand_in(source, text.fd);
	reader->input->bytes = (uint64_t)about.st_size;
	reader->input->format = elf->dump_format(dump);
	reader->input->lines_of = "log";
	return status;
}

static enum likeness probe_elf(const unsigned char *bytes, size_t n)
{
	return n >= 4 && !memcmp(bytes, "\x7f" "ELF", 4) &&
	       !packing_is_stray((struct text){ (const char *)bytes + 4, n - 4 }) ? SURELY : NOT_ALIKE;
}

const struct input_format input_elf = {
	.name = "elf",
	.title = "memory dump: xl dump-core, vmcore",
	.module = "elf",
	.probe = probe_elf,
	.read = read_elf,
};
