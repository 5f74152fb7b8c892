/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/pstore.h"

#include <stdlib.h>

/* Lines of a dump that are looked for in the one before. */
#define OVERLAP_LINES_MAX 65536u

/* Stands where a part is missing; the reader knows it: formats/lines_fault.c. */
#define GAP_LINE TEXT("pstore: a part of the log is missing here\n")

/* "Oops#1 Part5" and the lines behind it. */
struct piece {
	struct text title, lines;
	uint32_t crash;          /* the files of several may have been put together */
	uint32_t dump, part;
	uint32_t order;          /* among all */
};

struct pieces {
	struct piece *items;
	uint32_t count, room;
};

/* --- reading ------------------------------------------------------------------- */

static bool take_number(struct text *t, uint32_t *number)
{
	size_t i = 0;

	*number = 0;
	for (; i < t->length && t->at[i] >= '0' && t->at[i] <= '9'; i++)
		if (*number < 1000000)
			*number = *number * 10 + (uint32_t)(t->at[i] - '0');
	t->at += i;
	t->length -= i;
	return i > 0;
}

static bool take_words(struct text *t, struct text words)
{
	if (!text_begins(*t, words))
		return false;
	t->at += words.length;
	t->length -= words.length;
	return true;
}

static bool is_title(struct text line, uint32_t *dump, uint32_t *part)
{
	size_t i = 0;

	while (i < line.length && ((line.at[i] >= 'A' && line.at[i] <= 'Z') ||
				   (line.at[i] >= 'a' && line.at[i] <= 'z')))
		i++;
	if (!i || i > 16)
		return false;
	line = (struct text){ line.at + i, line.length - i };
	return take_words(&line, TEXT("#")) && take_number(&line, dump) &&
	       take_words(&line, TEXT(" Part")) && take_number(&line, part) &&
	       (!line.length || text_equal(line, TEXT("\r")));
}

/* The first line with its end; what is left begins behind it. */
static struct text take_line(struct text *t)
{
	const char *end = memchr(t->at, '\n', t->length);
	struct text line = { t->at, end ? (size_t)(end + 1 - t->at) : t->length };

	t->at += line.length;
	t->length -= line.length;
	return line;
}

static struct text without_end(struct text line)
{
	if (line.length && line.at[line.length - 1] == '\n')
		line.length--;
	return line;
}

bool pstore_begins(struct text head)
{
	uint32_t dump, part;

	head.length = head.length < 64 ? head.length : 64;
	return head.length && is_title(without_end(take_line(&head)), &dump, &part);
}

/* --- crashes ------------------------------------------------------------------- */

static bool same(const struct piece *a, const struct piece *b)
{
	return a->crash == b->crash && a->dump == b->dump && a->part == b->part;
}

/* Is the last piece one of another crash than those before? It is there already; or
 * the pieces come with the highest part first, and begin anew. */
static bool is_next_crash(const struct pieces *pieces)
{
	const struct piece *last = &pieces->items[pieces->count - 1], *before = last - 1;

	if (pieces->count > 2 && before->part == 1 && last->part > 1 &&
	    before->dump == last->dump && before[-1].part == 2 && before[-1].dump == last->dump)
		return true;
	for (const struct piece *p = pieces->items; p < last; p++)
		if (same(p, last))
			return true;
	return false;
}

static bool add_piece(struct pieces *pieces, struct piece piece)
{
	if (pieces->count == pieces->room) {
		uint32_t room = pieces->room ? pieces->room * 2 : 64;
		struct piece *items = realloc(pieces->items, room * sizeof(*items));

		if (!items)
			return false;
		pieces->items = items;
		pieces->room = room;
	}
	piece.order = pieces->count;
	piece.crash = pieces->count ? pieces->items[pieces->count - 1].crash : 0;
	pieces->items[pieces->count++] = piece;
	if (pieces->count > 1 && is_next_crash(pieces))
		pieces->items[pieces->count - 1].crash++;
	return true;
}

/* Nobody has more parts than this: the search for one is not to take its square. */
#define PIECES_MAX 4096u

/* A line of ours at a piece's end, from before its neighbours were known. */
static bool is_old_gap(struct text line, struct text rest)
{
	return text_equal(line, GAP_LINE) && (!rest.length || pstore_begins(rest));
}

static bool part_it(struct text all, struct pieces *pieces)
{
	while (all.length) {
		struct text line = take_line(&all);
		struct piece piece = { .title = line, .lines = { all.at, 0 } };

		if (pieces->count < PIECES_MAX && is_title(without_end(line), &piece.dump, &piece.part)) {
			if (!add_piece(pieces, piece))
				return false;
		} else if (pieces->count && !is_old_gap(line, all)) {
			pieces->items[pieces->count - 1].lines.length += line.length;
		}
	}
	return true;
}

static int by_age(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->crash != y->crash)
		return x->crash < y->crash ? -1 : 1;
	if (x->dump != y->dump)
		return x->dump < y->dump ? -1 : 1;
	if (x->part != y->part)
		return x->part > y->part ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* --- dumps of one crash ----------------------------------------------------------- */

struct lines {
	struct text *items;
	uint32_t count;
};

/* The lines of the dump that begins at `piece`. */
static void take_lines(const struct piece *piece, const struct piece *end, struct lines *lines)
{
	uint32_t crash = piece->crash, dump = piece->dump;

	lines->count = 0;
	for (; piece < end && piece->crash == crash && piece->dump == dump; piece++)
		for (struct text left = piece->lines; left.length && lines->count < OVERLAP_LINES_MAX;)
			lines->items[lines->count++] = without_end(take_line(&left));
}

/* How many lines the second begins with that the first ends with: Knuth, Morris and
 * Pratt's search, of the second's beginning at the first's end. `border` has room for
 * as many numbers as the second has lines. */
static uint32_t overlap(const struct lines *first, const struct lines *second, uint32_t *border)
{
	uint32_t fits = 0;

	if (!second->count)
		return 0;
	border[0] = 0;
	for (uint32_t i = 1; i < second->count; i++) {
		while (fits && !text_equal(second->items[i], second->items[fits]))
			fits = border[fits - 1];
		fits += text_equal(second->items[i], second->items[fits]);
		border[i] = fits;
	}
	fits = 0;
	for (uint32_t i = 0; i < first->count; i++) {
		while (fits && (fits == second->count ||
				!text_equal(first->items[i], second->items[fits])))
			fits = border[fits - 1];
		fits += text_equal(first->items[i], second->items[fits]);
	}
	return fits;
}

static void drop_lines(struct piece *piece, const struct piece *end, uint32_t count)
{
	for (; piece < end; piece++)
		for (; piece->lines.length && count; count--)
			take_line(&piece->lines);
}

/* False: out of memory. */
static bool drop_what_is_told_again(struct pieces *pieces)
{
	struct piece *end = pieces->items + pieces->count, *begun = pieces->items;
	struct lines before = { malloc(OVERLAP_LINES_MAX * sizeof(struct text)), 0 };
	struct lines after = { malloc(OVERLAP_LINES_MAX * sizeof(struct text)), 0 };
	uint32_t *border = malloc(OVERLAP_LINES_MAX * sizeof(*border));
	bool enough = before.items && after.items && border;

	for (struct piece *p = begun + 1; enough && p < end; p++) {
		if (p->crash == begun->crash && p->dump == begun->dump)
			continue;
		if (p->crash == begun->crash) {
			take_lines(begun, end, &before);
			take_lines(p, end, &after);
			drop_lines(p, end, overlap(&before, &after, border));
		}
		begun = p;
	}
	free(before.items);
	free(after.items);
	free(border);
	return enough;
}

/* --- all ------------------------------------------------------------------------ */

static size_t put(char *to, size_t at, struct text text)
{
	memcpy(to + at, text.at, text.length);
	at += text.length;
	if (text.length && to[at - 1] != '\n')
		to[at++] = '\n';
	return at;
}

/* Is a part missing before `piece`, or, when it is the end, behind the last one? */
static bool is_gap(const struct pieces *pieces, const struct piece *piece)
{
	const struct piece *end = pieces->items + pieces->count, *before = piece - 1;
	bool same_dump = piece > pieces->items && piece < end && before->crash == piece->crash &&
			 before->dump == piece->dump;

	if (piece == pieces->items)
		return false;
	return same_dump ? before->part > piece->part + 1 : before->part > 1;
}

char *pstore_in_order(struct text all, size_t *length)
{
	struct pieces pieces = { NULL, 0, 0 };
	char *ordered = malloc(all.length * 6 + 64);

	*length = 0;
	if (!ordered || !part_it(all, &pieces)) {
		free(ordered);
		free(pieces.items);
		return NULL;
	}
	if (pieces.count) {
		qsort(pieces.items, pieces.count, sizeof(*pieces.items), by_age);
		if (pieces.items[0].dump != pieces.items[pieces.count - 1].dump &&
		    !drop_what_is_told_again(&pieces)) {
			free(ordered);
			free(pieces.items);
			return NULL;
		}
	}
	for (uint32_t i = 0; i < pieces.count; i++) {
		if (is_gap(&pieces, &pieces.items[i]))
			*length = put(ordered, *length, GAP_LINE);
		*length = put(ordered, *length, pieces.items[i].title);
		*length = put(ordered, *length, pieces.items[i].lines);
	}
	if (pieces.count && is_gap(&pieces, pieces.items + pieces.count))
		*length = put(ordered, *length, GAP_LINE);
	free(pieces.items);
	return ordered;
}
