/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * journalctl -o export: of each record the message. A line stays a line; all others
 * become empty ones.
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

/* A name alone: the value's length and bytes follow. The length may hold the byte
 * of a line end, which is no line. */
static void begin_counted(struct layer *layer, struct journal *journal, struct text name)
{
	bool is_message = text_equal(name, TEXT("MESSAGE"));
	uint64_t length = 0;
	const unsigned char *at;

	if (feed_fill(&layer->feed, 8) < 8)
		return;
	at = feed_at(&layer->feed);
	for (int i = 7; i >= 0; i--)
		length = length << 8 | at[i];
	feed_skip(&layer->feed, 8);
	journal->left = length < UINT64_MAX ? length + 1 : length;
	journal->is_message = is_message;
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
	if (text_begins(line, TEXT("MESSAGE=")))
		put_text(&journal->converter, (struct text){ line.at + 8, line.length - 8 });
	converter_put(&journal->converter, whole ? '\n' : ' ');
	if (whole && line.length && !memchr(line.at, '=', line.length))
		begin_counted(layer, journal, line);
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
