/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads what `trace-cmd record` writes, by libtracecmd. The records become a text
 * that stands in for the file, a line each as `trace-cmd report` has them, so line
 * numbers are the same and a report can quote them:
 *
 *    trace.dat --> child process: libtracecmd --> text --> in_text
 *
 * In a process of its own (formats/apart.h), because the library trusts the file. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/apart.h"
#include "formats/in_text.h"
#include "formats/input.h"
#include "formats/module.h"
#include "formats/modules/tracecmd/tracecmd.h"
#include "formats/spool.h"

const struct input_format input_tracedat;

static enum likeness probe_tracedat(const unsigned char *bytes, size_t n)
{
	return n >= 10 && !memcmp(bytes, "\x17\x08\x44tracing", 10) ? SURELY : NOT_ALIKE;
}

/* The work apart. */
static int decode_apart(int in, int out, bool careful)
{
	const char *trouble;
	const struct tracecmd_module *tracecmd = module_load("tracecmd", &trouble);
	FILE *text = fdopen(out, "w");
	enum tracecmd_outcome outcome;

	if (!tracecmd)
		return TRACECMD_NO_MODULE;
	if (!text || lseek(in, 0, SEEK_SET) || ftruncate(out, 0) ||
	    lseek(out, 0, SEEK_SET))
		return TRACECMD_NO_WRITE;
	setvbuf(text, NULL, careful ? _IOLBF : _IOFBF, 256 * 1024);
	outcome = tracecmd->decode(in, text);
	return fclose(text) ? TRACECMD_NO_WRITE : (int)outcome;
}

/* What went wrong in the child; NULL: nothing. *partly: some text may be there. */
static const char *decode(int in, int out, bool *partly)
{
	int how = apart_run(decode_apart, in, out, false);

	/* It fell over the trace: every line up to there is wanted. */
	if (how >= 0 && WIFSIGNALED(how))
		how = apart_run(decode_apart, in, out, true);
	*partly = how >= 0;
	if (how < 0)
		return "the process that reads a trace.dat could not be started";
	if (WIFSIGNALED(how))
		return "is cut or damaged: libtracecmd could not read it whole";
	if (WEXITSTATUS(how) == TRACECMD_DONE)
		return NULL;
	if (WEXITSTATUS(how) == TRACECMD_NO_MODULE) {
		*partly = false;
		return "the module for it cannot be loaded (is its library installed?)";
	}
	if (WEXITSTATUS(how) == TRACECMD_NO_WRITE)
		return "no room for the trace's text in TMPDIR";
	*partly = false;
	return "is cut or damaged: libtracecmd cannot open it";
}

static enum status read_tracedat(struct reader *reader, struct source *source, size_t first,
				 const char **trouble)
{
	struct source text = { .fd = -1, .spool_fd = -1, .seekable = true,
			       .name = source->name, .buffer = source->buffer };
	struct stat about;
	enum status status;
	const char *wrong;
	bool partly;
	int in;

	if (!apart_elsewhere && !module_load("tracecmd", trouble))
		return ST_NOT_FOUND;
	status = source_whole_fd(source, first, &in, trouble);
	if (status != ST_OK)
		return status;
	text.fd = spool_new();
	if (text.fd < 0 || fstat(in, &about)) {
		*trouble = "no room for the trace's text in TMPDIR";
		source_close(&text);
		return ST_IO;
	}
	wrong = decode(in, text.fd, &partly);
	if (partly)
		status = in_text_run_made(reader, &text, trouble);
	source_stand_in(source, text.fd);
	reader->input->bytes = (uint64_t)about.st_size;
	reader->input->format = input_tracedat.name;
	if (status != ST_OK || !wrong)
		return status;
	*trouble = wrong;
	return ST_IO;
}

const struct input_format input_tracedat = {
	.name = "trace.dat",
	.title = "binary trace of Linux, as trace-cmd records it",
	.module = "tracecmd",
	.apart = decode_apart,
	.probe = probe_tracedat,
	.read = read_tracedat,
};
