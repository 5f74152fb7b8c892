/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts that need a library which most runs do without: libxml2 alone would
 * cost a plain run 16 times its instructions. Each is a folder
 * formats/modules/NAME/ that make builds into pgtcheck-NAME.so, loaded when
 * first needed (and before the sandbox closes):
 *
 *   formats/modules/NAME/packages   pkg-config names, one a line; "name?" is
 *                                   optional. HAVE_NAME is defined for what is
 *                                   there; one that must be and is not: no module.
 *                                   "name:header.h:-llib" names what to look for
 *                                   where pkg-config does not know it;
 *                                   "name@package" Debian's package
 *   formats/modules/NAME/gives      what it is for, in a few words
 *   formats/modules/NAME/NAME.h     struct NAME_module, what the module can do
 *   formats/modules/NAME/x.c        MODULE(NAME, &functions)
 *
 * `make LINKED=1` links them into the program instead. A module may call
 * everything in core/ and formats/. */
#ifndef FORMATS_MODULE_H
#define FORMATS_MODULE_H

#include <stddef.h>

struct module {
	const char *name;
	const char *version;     /* of the build; another one's is refused */
	const void *functions;   /* struct NAME_module */
};

/* Defines the module's one symbol; `functions` is a struct NAME_module. */
#define MODULE(module_name, module_functions) \
	extern const struct module pgtcheck_module_##module_name; \
	const struct module pgtcheck_module_##module_name = \
		{ #module_name, VERSION, (module_functions) }

/* The functions of a module: linked in, loaded now, or loaded before. Looked
 * for beside the program (build/modules, modules), then in ../lib/pgtcheck
 * from there, then where `make install` put it. NULL: not there, and *trouble
 * says so in one sentence (static). Not for use by two threads at once. */
const void *module_load(const char *name, const char **trouble);

/* Is it there? Opens nothing: for --version=json. */
int module_exists(const char *name);

/* Written by make. The modules that this build knows, and whether their
 * packages were there. */
struct module_row {
	const char *name;
	const struct module *linked;   /* NULL: to be loaded */
	int built;
	const char *libraries;         /* it was built with, of `packages`; blanks between */
	const char *lacks;             /* those of them that were missing: why it was not
	                                * built, or what it does without */
};
extern const struct module_row module_table[];
extern const size_t module_count;

#endif
