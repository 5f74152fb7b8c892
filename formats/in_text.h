/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a text log: bytes to lines, prefixes stripped, every line family
 * tried, events out. */
#ifndef FORMATS_IN_TEXT_H
#define FORMATS_IN_TEXT_H

#include "formats/reader.h"
#include "formats/source.h"

/* Runs the whole source through `reader`. On return input->bytes, lines,
 * lines_used, diagnostics and format are set. `first` are bytes that were
 * already read (for recognising the format), standing at the buffer's data
 * start. Fails with what emit or the source failed with. */
MUST_USE enum status in_text_run(struct reader *reader, struct source *source,
				 size_t first, const char **trouble);

/* The same of text that was written to text->fd in place of another input. Writer and
 * reader share the place in the file: it is read from its start, and left at its end. */
MUST_USE enum status in_text_run_made(struct reader *reader, struct source *text,
				      const char **trouble);

/* One line of a log that is not read as a whole: its events stand at `at`. 64 bytes
 * behind it are readable. *xen_seen: the state between lines; false at first. */
void in_text_line(struct reader *reader, bool *xen_seen, struct text line, struct loc at);

/* For tests and --explain: splits prefixes off one line, as in_text_run does.
 * line->message points into `raw`. */
void line_strip(struct text raw, struct line *line);
/* Does it begin with the kernel's clock, "[    0.000000]"? */
bool line_has_clock(struct text text);

#endif
