/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/json/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "formats/module.h"

/* jansson takes most allocations that fail for a fault in the bytes. */
static bool refused;

static void *allocate(size_t bytes)
{
	void *memory = malloc(bytes);

	refused = refused || !memory;
	return memory;
}

static void *parse(const char *bytes, size_t length, bool *no_memory)
{
	json_t *value;

	json_set_alloc_funcs(allocate, free);
	refused = false;
	value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	*no_memory = refused;
	if (json_is_object(value))
		return value;
	json_decref(value);
	return NULL;
}

static void release(void *object)
{
	json_decref(object);
}

static const char *string(const void *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static uint64_t number(const void *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static size_t count(const void *object, const char *key)
{
	return json_array_size(json_object_get(object, key));
}

static const void *item(const void *object, const char *key, size_t index)
{
	const json_t *value = json_array_get(json_object_get(object, key), index);

	return json_is_object(value) ? value : NULL;
}

static const struct json_module functions = {
	.parse = parse, .release = release, .string = string, .number = number,
	.count = count, .item = item,
};

MODULE(json, &functions);
