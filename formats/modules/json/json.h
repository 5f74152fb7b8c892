/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading JSON, by jansson: records of our own that come back as a baseline, to
 * be merged, or to be skipped. Strict: one value, no NUL, no key twice. */
#ifndef FORMATS_MODULES_JSON_JSON_H
#define FORMATS_MODULES_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_module {
	/* One JSON object, or NULL: it is none; with *no_memory neither is known. Give it
	 * back with release(). */
	void *(*parse)(const char *bytes, size_t length, bool *no_memory);
	void (*release)(void *object);
	/* Its string, NULL when there is none; lives as long as the object. */
	const char *(*string)(const void *object, const char *key);
	/* Its number, if it is a whole one and not negative; else 0. */
	uint64_t (*number)(const void *object, const char *key);
	/* Items of its array; 0 when there is none. An item that is no object is
	 * NULL; it lives as long as the object. */
	size_t (*count)(const void *object, const char *key);
	const void *(*item)(const void *object, const char *key, size_t index);
};

#endif
