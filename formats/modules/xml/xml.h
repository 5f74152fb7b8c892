/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the module does: the formats that libxml2 writes, each used by the writer
 * of its name, formats/out_NAME.c; and the description of a guest. */
#ifndef FORMATS_MODULES_XML_XML_H
#define FORMATS_MODULES_XML_XML_H

#include "core/arena.h"
#include "core/domain_description.h"
#include "formats/module.h"
#include "formats/writer.h"

struct xml_format {
	void (*begin)(FILE *out, const struct write_options *options);
	void (*input)(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source);
	void (*late)(FILE *out, const struct write_options *options,
		     const struct input_report *input);
	void (*end)(FILE *out, const struct write_options *options,
		    const struct summary *summary);
};

/* A testsuite begins (rule NULL), or one of its findings, by its rule's ID. */
typedef void junit_take(void *context, const char *file, const char *rule, uint64_t fingerprint);

/* Bytes of a description. The largest that libvirt itself keeps is some 100 KiB. */
#define DOMAIN_XML_BYTES_MAX (1024u * 1024)

struct xml_module {
	const struct xml_format *junit, *junit_gitlab, *svg, *html;
	/* Reads a guest's description (libvirt's domain XML). False: it is none, damaged,
	 * or larger than DOMAIN_XML_BYTES_MAX; *trouble says why. Strings live in `arena`. */
	bool (*domain_read)(struct text words, struct domain_description *told,
			    struct arena *arena, const char **trouble);
	/* Reads JUnit XML of ours. False: it is none, or damaged, and *trouble says
	 * why (in `arena`); what stood before was taken. */
	bool (*junit_read)(FILE *in, junit_take *take, void *context,
			   struct arena *arena, const char **trouble);
};

/* The module, loaded before: a writer with `.module = "xml"` is begun only
 * when that succeeded. */
static inline const struct xml_module *xml_module(void)
{
	const char *trouble;
	const struct xml_module *module = module_load("xml", &trouble);

	ASSERT(module);
	return module;
}

#endif
