/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes JSON: commas, escaping and well-formed UTF-8 in one place. The
 * caller's duty is to close what it opens. Write errors are seen by ferror()
 * of `out`. */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <stdio.h>

#include "core/text.h"

struct json {
	FILE *out;
	bool comma;   /* a value stands before the next one */
};

/* key NULL: an element of an array, or the document itself. */
void json_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_array(struct json *json, const char *key);
void json_end_array(struct json *json);

/* Any bytes: what is not UTF-8 becomes U+FFFD, one for each byte. */
void json_text(struct json *json, const char *key, struct text value);
/* As above; NULL writes nothing at all: a key's type never changes. */
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
/* "0x7f2fd": a string, for readers whose numbers end at 2^53. */
void json_hex(struct json *json, const char *key, uint64_t value);
/* "7c1e5a0d9b3f4466": always sixteen digits, without 0x. */
void json_hash(struct json *json, const char *key, uint64_t value);

#endif
