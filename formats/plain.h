/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A finding as plain text, for the free-text fields of other formats. */
#ifndef FORMATS_PLAIN_H
#define FORMATS_PLAIN_H

#include "formats/writer.h"

/* file:line: severity: message, the evidence lines with their carets, why, fix
 * and what would raise the certainty. Printable bytes and line ends only. */
void plain_finding(FILE *out, const struct input_report *input, const struct boot_report *boot,
		   const struct finding *finding, struct source *source);

/* The input's name as a URI reference: relative as it was given, without "./";
 * absolute ones begin with "file:///". What is not allowed is percent-encoded. */
void plain_uri(FILE *out, const char *name);

/* As plain_uri() or plain_finding() print it: malloc'ed, or NULL. Give it back
 * with free(). */
char *plain_uri_text(const char *name);
char *plain_finding_text(const struct input_report *input, const struct boot_report *boot,
			 const struct finding *finding, struct source *source);

#endif
