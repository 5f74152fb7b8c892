/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/writer.h"

#include "formats/number.h"

const struct writer *writer_find(struct text name)
{
	for (size_t i = 0; i < writer_count; i++)
		if (text_equal(name, text_of(writer_table[i]->name)))
			return writer_table[i];
	return NULL;
}

static void put(FILE *out, struct text bytes)
{
	fwrite_unlocked(bytes.at, 1, bytes.length, out);
}

static void put_after(const struct writer *writer, const struct writer_join *join, FILE *out,
		      bool *any, struct text part)
{
	if (!part.length)
		return;
	if (*any && writer->between)
		fputs_unlocked(writer->between, out);
	*any = true;
	if (writer->numbered)
		number_put(out, part, join->inputs - 1);
	else
		put(out, part);
}

/* Passes the lines on whose kind has not been seen too often. */
static void put_some(const struct writer *writer, struct writer_join *join, FILE *out,
		     struct text part)
{
	while (part.length) {
		const char *end = memchr(part.at, '\n', part.length);
		size_t length = end ? (size_t)(end - part.at) + 1 : part.length;
		struct text line = { part.at, length };
		unsigned kind = writer->kind_of(line);

		ASSERT(kind < LINE_KINDS_MAX);
		if (join->seen[kind]++ < writer->lines_of_a_kind)
			put(out, line);
		part.at += length;
		part.length -= length;
	}
}

void writer_join_part(const struct writer *writer, struct writer_join *join, FILE *out,
		      struct text part)
{
	join->inputs++;
	if (writer->kind_of)
		put_some(writer, join, out, part);
	else
		put_after(writer, join, out, &join->any, part);
}

void writer_join_late(const struct writer *writer, struct writer_join *join, FILE *out,
		      struct text part)
{
	put_after(writer, join, out, &join->any_late, part);
}

void writer_join_end(const struct writer *writer, const struct writer_join *join, FILE *out)
{
	uint32_t counts[LINE_KINDS_MAX], total = 0;

	if (!writer->kind_of)
		return;
	for (unsigned i = 0; i < LINE_KINDS_MAX; i++) {
		counts[i] = join->seen[i] > writer->lines_of_a_kind ?
			    join->seen[i] - writer->lines_of_a_kind : 0;
		total += counts[i];
	}
	if (total)
		writer->left_out(out, counts);
}
