/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of the ndjson and json formats: finding,
 * against, file, summary. Keys
 * are only ever added; a key keeps its type and its place. A key without a
 * value is left out. Addresses and frame numbers are hex strings. */
#ifndef FORMATS_RECORDS_H
#define FORMATS_RECORDS_H

#include "formats/json.h"
#include "formats/writer.h"

#define RECORDS_SCHEMA 1

/* `after` ends each record: a line end, or what an array wants. */

/* The shown findings of the input, then its one file record. */
void records_input(FILE *out, const struct input_report *input, const char *after);
void records_summary(FILE *out, const struct summary *summary, const char *after);

#endif
