/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is given beside the inputs: the kernel's image (--vmlinux) and the guest's
 * description (--domain-xml). They may be a stranger's: both are opened first, and read
 * as any input is, behind the doors of cli/sandbox.h, by each process that reads inputs.
 *
 *     given_open() --> [doors shut] --> given_read() --> the first input */
#ifndef CLI_GIVEN_H
#define CLI_GIVEN_H

#include "cli/options.h"
#include "formats/kernel_image.h"

struct elf_module;
struct xml_module;
struct folder_image;

struct given {
	struct arena arena;
	const struct options *options;
	const char *folder;                         /* --vmlinux=DIR, or NULL */
	/* What was read: */
	const struct kernel_image *image;           /* --vmlinux=FILE; or NULL */
	const struct domain_description *domain;    /* --domain-xml; or NULL */
	struct folder_image *found;                 /* in the folder, for the boots so far */
	/* What was opened: */
	const struct elf_module *elf;               /* NULL: no --vmlinux */
	const struct xml_module *xml;               /* NULL: no --domain-xml */
	int image_fd;                               /* -1: none, or it is read. Owned */
	char *words;                                /* of the description */
	size_t words_bytes;
	const char *trouble;                        /* why it is of no use; or NULL */
	bool is_read;
};

/* Opens what the options name: *given, or NULL when they name nothing. Fails with a
 * message on `errors` when a file cannot be opened. */
MUST_USE enum status given_open(struct given **given, const struct options *options, FILE *errors);
/* Reads it, the first time. NULL; or a sentence that says what is of no use, which lives as
 * long as *given. given may be NULL. */
const char *given_read(struct given *given);
void given_close(struct given *given);   /* NULL is ignored */

/* Shows the event to the guest's judge, and what the image adds to it. */
struct run;
struct guest;
MUST_USE enum status given_judge(struct run *run, struct guest *guest, const struct event *event);

#endif
