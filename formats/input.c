/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/input.h"

const struct input_format *input_find(struct text name)
{
	for (size_t i = 0; i < input_count; i++)
		if (text_equal(name, text_of(input_table[i]->name)))
			return input_table[i];
	return NULL;
}

const struct input_format *input_recognise(const unsigned char *bytes, size_t n)
{
	const struct input_format *likeliest = NULL;
	enum likeness most = NOT_ALIKE;

	for (size_t i = 0; i < input_count && most < SURELY; i++) {
		enum likeness likeness = input_table[i]->probe(bytes, n);

		if (likeness > most) {
			most = likeness;
			likeliest = input_table[i];
		}
	}
	return likeliest;
}
