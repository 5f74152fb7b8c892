/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a guest's description as virsh dumpxml prints it. A stranger's file: no
 * network, no DTD, no entity, bounded size and depth.
 * Source: libvirt docs/formatdomain.rst, libvirt 9. */
#include "formats/modules/xml/formats.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libxml2 compares every attribute of a tag with all others. libvirt's tags have some 100
 * bytes. */
#define TAG_KIB_MAX 16u

static char *text_at(xmlNode *node, struct arena *arena)
{
	xmlChar *content = node ? xmlNodeGetContent(node) : NULL;
	char *copy = content ? arena_copy(arena, text_of((const char *)content)) : NULL;

	xmlFree(content);
	return copy;
}

static const char *attribute(xmlNode *node, const char *name, struct arena *arena)
{
	xmlChar *value = node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
	const char *copy = value ? arena_copy(arena, text_of((const char *)value)) : NULL;

	xmlFree(value);
	return copy;
}

static xmlNode *child(xmlNode *node, const char *name)
{
	for (node = node ? node->children : NULL; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name))
			return node;
	return NULL;
}

/* libvirt's units of memory; KiB when there is none. 0: not a number, or absurd. */
static uint64_t bytes_at(xmlNode *node, struct arena *arena)
{
	static const struct { const char *name; uint64_t bytes; } units[] = {
		{ "b", 1 }, { "bytes", 1 }, { "KB", 1000 }, { "k", 1024 }, { "KiB", 1024 },
		{ "MB", 1000000 }, { "M", 1 << 20 }, { "MiB", 1 << 20 },
		{ "GB", 1000000000 }, { "G", 1 << 30 }, { "GiB", 1 << 30 },
		{ "TB", UINT64_C(1000000000000) }, { "T", UINT64_C(1) << 40 },
		{ "TiB", UINT64_C(1) << 40 },
	};
	const char *words = text_at(node, arena), *unit = attribute(node, "unit", arena);
	unsigned long long number;
	char *end;

	if (!words)
		return 0;
	while (*words == ' ' || *words == '\n' || *words == '\t')
		words++;
	errno = 0;
	number = *words >= '0' && *words <= '9' ? strtoull(words, &end, 10) : 0;
	for (size_t i = 0; i < ARRAY_LEN(units) && !errno; i++)
		if (!strcmp(unit ? unit : "KiB", units[i].name))
			return number <= (UINT64_C(1) << 52) / units[i].bytes ?
			       number * units[i].bytes : 0;
	return 0;
}

static bool is_on(xmlNode *node, struct arena *arena)
{
	const char *state = attribute(node, "state", arena);

	return state && !strcmp(state, "on");
}

static enum described_kind kind_at(xmlNode *type, struct arena *arena)
{
	const char *words = text_at(type, arena);

	if (words && (!strcmp(words, "xen") || !strcmp(words, "linux")))
		return DESCRIBED_PV;
	if (words && !strcmp(words, "xenpvh"))
		return DESCRIBED_PVH;
	return words && !strcmp(words, "hvm") ? DESCRIBED_HVM : DESCRIBED_UNKNOWN;
}

static void read_domain(xmlNode *domain, struct domain_description *told, struct arena *arena)
{
	xmlNode *os = child(domain, "os"), *xen = child(child(domain, "features"), "xen");
	xmlNode *devices = child(domain, "devices");
	const char *vcpus = text_at(child(domain, "vcpu"), arena);

	*told = (struct domain_description){
		.name = text_at(child(domain, "name"), arena),
		.hypervisor = attribute(domain, "type", arena),
		.kind = kind_at(child(os, "type"), arena),
		.memory_bytes = bytes_at(child(domain, "memory"), arena),
		.current_bytes = bytes_at(child(domain, "currentMemory"), arena),
		.hotplug_bytes = bytes_at(child(domain, "maxMemory"), arena),
		.vcpus = vcpus ? (uint32_t)strtoul(vcpus, NULL, 10) : 0,
		.e820_host = is_on(child(xen, "e820_host"), arena),
		.passthrough = is_on(child(xen, "passthrough"), arena),
		.kernel = text_at(child(os, "kernel"), arena),
		.command_line = text_at(child(os, "cmdline"), arena),
	};
	if (!told->current_bytes)
		told->current_bytes = told->memory_bytes;
	for (xmlNode *node = devices ? devices->children : NULL; node; node = node->next)
		told->hostdevs += node->type == XML_ELEMENT_NODE &&
				  !strcmp((const char *)node->name, "hostdev");
}

/* From each '<' to the last '>' before the next one: an attribute's value has no '<'.
 * The line of a tag that is too long, or 0. */
static unsigned long_tag_line(const char *content, size_t bytes)
{
	const char *end = content + bytes, *at = memchr(content, '<', bytes), *next;
	unsigned line = 1;

	for (; at; at = next) {
		const char *stop, *last;

		next = memchr(at + 1, '<', (size_t)(end - at - 1));
		stop = next ? next : end;
		last = memrchr(at, '>', (size_t)(stop - at));
		if ((last ? last : stop) - at >= (ptrdiff_t)(TAG_KIB_MAX * 1024))
			break;
	}
	for (next = content; at && next < at; next++)
		line += *next == '\n';
	return at ? line : 0;
}

/* An allocation that failed looks as if a part were absent. */
static bool memory_failed(const xmlParserCtxt *parser)
{
	const xmlError *last = xmlGetLastError();

	return !parser || parser->lastError.code == XML_ERR_NO_MEMORY ||
	       (last && last->code == XML_ERR_NO_MEMORY);
}

/* By which libxml2 knows EBCDIC. */
#define EBCDIC_XML "\x4c\x6f\xa7\x94"

static const char has_dtd[] = "has a DTD, which no description of a domain has: not read";

bool xml_domain_read(struct text words, struct domain_description *told, struct arena *arena,
		     const char **trouble)
{
	const char *content = words.at;
	size_t bytes = words.length;
	xmlParserCtxt *parser;
	unsigned line;
	xmlNode *root;
	xmlDoc *doc;

	*trouble = NULL;
	if (bytes > DOMAIN_XML_BYTES_MAX) {
		*trouble = "larger than any description of a domain is (1 MiB)";
		return false;
	}
	/* Only text whose markup is ASCII is looked through for a DTD, where entities come
	 * from; libvirt writes UTF-8, and no DTD. */
	if (memchr(content, '\0', bytes) || (bytes > 4 && !memcmp(content, EBCDIC_XML, 4))) {
		*trouble = "is not UTF-8 text, as virsh dumpxml writes it (UTF-16?): not read";
		return false;
	}
	if (memmem(content, bytes, "<!DOCTYPE", 9) || memmem(content, bytes, "<!ENTITY", 8)) {
		*trouble = has_dtd;
		return false;
	}
	line = long_tag_line(content, bytes);
	if (line) {
		*trouble = arena_printf(arena, "line %u: a tag longer than %u KiB, which no "
					"description of a domain has: not read", line, TAG_KIB_MAX);
		return false;
	}
	xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)xml_keep_quiet);
	xmlResetLastError();
	parser = xmlNewParserCtxt();
	/* What the file says of its encoding is ignored: only these '<' are tags. */
	doc = parser ? xmlCtxtReadMemory(parser, content, (int)bytes, NULL, NULL, XML_PARSE_IGNORE_ENC |
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT) : NULL;
	if (!doc && parser && parser->lastError.line > 0)
		*trouble = arena_printf(arena, "line %d: not well-formed XML", parser->lastError.line);
	else if (!doc)
		*trouble = "not well-formed XML";
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (doc && doc->intSubset)
		*trouble = has_dtd;   /* in another encoding, which the file names */
	else if (root && !strcmp((const char *)root->name, "domain"))
		read_domain(root, told, arena);
	else if (doc)
		*trouble = "not the description of a domain (virsh dumpxml DOMAIN): its root is no "
			   "<domain>";
	if (memory_failed(parser))
		*trouble = "out of memory";
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(parser);
	return !*trouble;
}
