/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One kind of input. A file formats/in_NAME.c defines `const struct
 * input_format input_NAME` and make finds it: text logs, and each binary format
 * by itself. A format that needs a library keeps probe and read here and has
 * its work done by a module (formats/module.h). */
#ifndef FORMATS_INPUT_H
#define FORMATS_INPUT_H

#include "formats/apart.h"
#include "formats/reader.h"
#include "formats/source.h"

/* How much the first bytes look like a format. */
enum likeness {
	NOT_ALIKE,
	MAY_BE,      /* nothing speaks against it: text, headerless records */
	SURELY,      /* a magic number */
};

struct input_format {
	const char *name;    /* as typed after --type=, and as reports call it */
	const char *title;   /* one line for --help */
	const char *module;  /* that it needs (formats/module.h), or NULL */
	apart_work *apart;   /* what it has done in a process of its own, or NULL */
	/* `bytes`: the first n of the input, READ_BYTES unless it is shorter; n may
	 * be 0. Looks only; bounded work. */
	enum likeness (*probe)(const unsigned char *bytes, size_t n);
	/* Reads the whole source and makes events with reader_emit(). The first
	 * `first` bytes are read already and stand at source_data(source); the
	 * input is longer only if first == READ_BYTES.
	 *
	 * Sets input->bytes, format and, of text, lines; lines_used counts lines
	 * or records that became events. Damage is a diagnostic with its place, and
	 * what is good around it is used. Fails with what emit or the source
	 * failed with, or *trouble (static or in the reader's arena) says why
	 * nothing can be read; ends early when reader->status is not ST_OK. */
	enum status (*read)(struct reader *reader, struct source *source, size_t first,
			    const char **trouble);
	/* What the record at an event's place says, for a report that quotes it: up to
	 * `room` bytes to `into`; returns how many, 0: nothing. NULL: it is text. */
	size_t (*words)(const unsigned char *record, size_t bytes, char *into, size_t room);
};

/* Written by make, by name. */
extern const struct input_format *const input_table[];
extern const size_t input_count;

/* By name; NULL: there is none. */
const struct input_format *input_find(struct text name);
/* The likeliest format of an input that begins so; NULL: none of ours. */
const struct input_format *input_recognise(const unsigned char *bytes, size_t n);

#endif
