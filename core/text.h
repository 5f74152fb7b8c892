/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A slice of somebody else's bytes: pointer and length, no terminating NUL. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <string.h>

#include "core/base.h"

struct text {
	const char *at;
	size_t length;   /* bytes */
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
/* For printf: printf("%.*s", TEXT_ARG(t)). */
#define TEXT_ARG(t) (int)(t).length, (t).at

static inline struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.length == b.length && (a.length == 0 || !memcmp(a.at, b.at, a.length));
}

static inline bool text_begins(struct text t, struct text lead)
{
	return t.length >= lead.length && !memcmp(t.at, lead.at, lead.length);
}

/* True when `needle` stands anywhere in `t`. An empty needle always does. */
static inline bool text_contains(struct text t, struct text needle)
{
	return !needle.length || (t.length && memmem(t.at, t.length, needle.at, needle.length));
}

#endif
