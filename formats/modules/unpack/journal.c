/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * journalctl -o export: of each record the message. A line stays a line; all others
 * become empty ones, but for those that are no field: they are handed on.
 *
 *   __CURSOR=s=..           MESSAGE=Linux version ..
 *   _TRANSPORT=kernel       MESSAGE\n <length, 8 bytes> <bytes> \n
 *
 * Source: systemd, docs/JOURNAL_EXPORT_FORMATS.md. */
#include "formats/modules/unpack/convert.h"

struct journal {
	struct converter converter;
	uint64_t left;           /* of a field with a length, and its line end */
	bool is_message;         /* ... that is the message */
	bool in_line;            /* its end is still to come, */
	bool plain;              /* and it is no field */
};

static void put_text(struct converter *converter, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		converter_put(converter, (unsigned char)text.at[i]);
}

/* Bytes of a field that may hold any, line ends too. */
static bool take_counted(struct layer *layer, struct journal *journal)
{
	size_t there = feed_fill(&layer->feed, 1);
	const unsigned char *at = feed_at(&layer->feed);

	if (!there)
		return false;
	if (there > journal->left)
		there = (size_t)journal->left;
	for (size_t i = 0; i < there; i++)
		if (journal->is_message || at[i] == '\n')
			converter_put(&journal->converter, at[i]);
	journal->left -= there;
	feed_skip(&layer->feed, there);
	return true;
}

/* Of a name as fields have them; 0: the line begins with none.
 * Source: systemd, src/libsystemd/sd-journal/journal-file.c journal_field_valid(). */
static size_t name_length(struct text line)
{
	size_t i = 0;

	while (i < line.length && i <= 64 && ((line.at[i] >= 'A' && line.at[i] <= 'Z') || line.at[i] == '_' ||
					       (i && line.at[i] >= '0' && line.at[i] <= '9')))
		i++;
	return i;
}

/* No field is longer. Source: systemd, src/basic/journal-importer.h DATA_SIZE_MAX. */
#define VALUE_BYTES_MAX (UINT64_C(768) << 20)

/* Behind a name alone stand the value's length and its bytes. The length may hold the
 * byte of a line end, which is no line. False: no such length follows. */
static bool begin_counted(struct layer *layer, struct journal *journal, bool is_message)
{
	uint64_t length = 0;
	const unsigned char *at;

	if (feed_fill(&layer->feed, 8) < 8)
		return false;
	at = feed_at(&layer->feed);
	for (int i = 7; i >= 0; i--)
		length = length << 8 | at[i];
	if (length > VALUE_BYTES_MAX)
		return false;
	feed_skip(&layer->feed, 8);
	journal->left = length + 1;
	journal->is_message = is_message;
	return true;
}

static void take_line(struct layer *layer, struct journal *journal, struct text line, bool whole)
{
	struct converter *converter = &journal->converter;
	size_t name = name_length(line);
	bool alone = name && name == line.length && whole && !journal->in_line;
	bool is_message = alone && text_equal(line, TEXT("MESSAGE"));

	if (!journal->in_line)
		journal->plain = !name || alone || line.at[name] != '=';
	if (journal->plain)
		put_text(converter, line);
	else if (!journal->in_line && text_begins(line, TEXT("MESSAGE=")))
		put_text(converter, (struct text){ line.at + 8, line.length - 8 });
	if (alone && begin_counted(layer, journal, is_message))
		converter->end = 0;
	converter_put(converter, whole ? '\n' : ' ');
	journal->in_line = !whole;
}

static bool journal_more(struct layer *layer)
{
	struct journal *journal = layer->state;
	struct text line;
	bool whole;

	while (journal->left && !journal->converter.end)
		if (!take_counted(layer, journal))
			return false;
	if (journal->converter.end)
		return true;
	if (!feed_line(&layer->feed, &line, &whole))
		return false;
	take_line(layer, journal, line, whole);
	return true;
}

static bool journal_open(struct layer *layer)
{
	((struct converter *)layer->state)->more = journal_more;
	return true;
}

const struct layer_kind journal_layer = {
	.state_bytes = sizeof(struct journal),
	.open = journal_open,
	.read = converter_read,
};
