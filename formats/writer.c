/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/writer.h"

const struct writer *writer_find(struct text name)
{
	for (size_t i = 0; i < writer_count; i++)
		if (text_equal(name, text_of(writer_table[i]->name)))
			return writer_table[i];
	return NULL;
}
