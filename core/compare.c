/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/compare.h"

const char *change_section_name(enum change_section section)
{
	static const char *const names[CHANGED_COUNT] = {
		"system", "memory map", "pool", "page tables", "direct map", "reserved", "end",
	};

	return names[section];
}

const char *change_kind_word(enum change_kind kind)
{
	static const char *const words[] = { "changed", "new", "gone", "moved", "resized" };

	return words[kind];
}

struct comparing {
	struct arena *arena;
	const struct boot_report *good, *bad;
	struct comparison *comparison;
	uint32_t of_section[CHANGED_COUNT];
};

static void add(struct comparing *c, struct change change)
{
	struct comparison *comparison = c->comparison;

	if (!comparison->changes)
		comparison->changes = arena_alloc(c->arena, CHANGES_MAX * sizeof(change));
	if (c->of_section[change.section]++ < (change.section == CHANGED_RESERVED ?
					       CHANGES_OF_RESERVED : CHANGES_OF_SECTION))
		comparison->changes[comparison->count++] = change;
	else
		comparison->more++;
}

static bool same_words(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* --- words ------------------------------------------------------------------- */

static const char *size_words(struct comparing *c, uint64_t bytes)
{
	if (bytes >= 1 << 20 && !(bytes & ((1 << 20) - 1)))
		return arena_printf(c->arena, "%llu MiB", (unsigned long long)bytes >> 20);
	if (bytes >= 1 << 10 && !(bytes & ((1 << 10) - 1)))
		return arena_printf(c->arena, "%llu KiB", (unsigned long long)bytes >> 10);
	if (bytes >= 1 << 20)
		return arena_printf(c->arena, "%llu.%llu MiB", (unsigned long long)bytes >> 20,
				    ((unsigned long long)bytes >> 10) % 1024 * 10 / 1024);
	return arena_printf(c->arena, "%llu bytes", (unsigned long long)bytes);
}

static const char *range_words(struct comparing *c, const struct fact_range *range)
{
	return arena_printf(c->arena, "[%#llx-%#llx), %s", (unsigned long long)range->start,
			    (unsigned long long)range->end,
			    size_words(c, range->end - range->start));
}

/* --- who --------------------------------------------------------------------- */

static void compare_words(struct comparing *c, const char *what, const char *good,
			  const char *bad)
{
	/* Not told is not another one. */
	if (good && bad && !same_words(good, bad))
		add(c, (struct change){ .section = CHANGED_WHO, .what = what, .good = good,
					.bad = bad });
}

/* A version alone is not another one than the same version with its kind of build,
 * which not every log tells. */
static bool same_build(const char *a, const char *b)
{
	size_t length = strcspn(a, " ");

	return length == strcspn(b, " ") && !memcmp(a, b, length) && (!a[length] || !b[length]);
}

static struct text next_word(const char **line)
{
	const char *start = *line + strspn(*line, " \t");
	size_t length = strcspn(start, " \t");

	*line = start + length;
	return (struct text){ start, length };
}

static bool has_word(const char *line, struct text word)
{
	struct text other;

	while ((other = next_word(&line)).length)
		if (text_equal(other, word))
			return true;
	return false;
}

/* Of a command line: words that are looked at, and bytes of those that are told.
 * A kernel takes 2,048 bytes; a hostile line has more. */
#define WORDS_MAX 1024u
#define WORDS_BYTES_MAX 1000u

/* The words of `line` that `other` lacks; NULL: there are none. */
static const char *words_beyond(struct comparing *c, const char *line, const char *other)
{
	const char *words = NULL;
	struct text word;

	for (uint32_t i = 0; i < WORDS_MAX && (word = next_word(&line)).length; i++) {
		if (has_word(other, word))
			continue;
		if (words && strlen(words) + word.length > WORDS_BYTES_MAX)
			return arena_printf(c->arena, "%s ...", words);
		words = words ? arena_printf(c->arena, "%s %.*s", words, TEXT_ARG(word)) :
			arena_copy(c->arena, word);
	}
	return words;
}

static void compare_command_lines(struct comparing *c, const char *what, const char *good,
				  const char *bad)
{
	const char *gone, *new;

	if (!good || !bad)
		return;   /* not told is not another one */
	gone = words_beyond(c, good, bad);
	new = words_beyond(c, bad, good);
	if (gone || new)
		add(c, (struct change){ .section = CHANGED_WHO, .what = what, .good = gone,
					.bad = new });
}

static void compare_who(struct comparing *c)
{
	const struct boot_facts *good = c->good->facts, *bad = c->bad->facts;

	compare_words(c, "kernel", c->good->kernel, c->bad->kernel);
	if (c->good->xen && c->bad->xen && !same_build(c->good->xen, c->bad->xen))
		compare_words(c, "Xen", c->good->xen, c->bad->xen);
	compare_words(c, "platform", c->good->platform, c->bad->platform);
	if (good->bits && bad->bits && good->bits != bad->bits)
		compare_words(c, "word size", arena_printf(c->arena, "%u bits", good->bits),
			      arena_printf(c->arena, "%u bits", bad->bits));
	compare_command_lines(c, "command line", good->command_line, bad->command_line);
	compare_command_lines(c, "Xen's command line", good->xen_command_line,
			      bad->xen_command_line);
}

/* --- ranges ------------------------------------------------------------------ */

static bool alike(const struct fact_range *a, const struct fact_range *b)
{
	return a->value == b->value && !strcmp(a->label, b->label);
}

static bool equal(const struct fact_range *a, const struct fact_range *b)
{
	return a->start == b->start && a->end == b->end && alike(a, b);
}

static bool holds(const struct fact_ranges *ranges, const struct fact_range *range)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		if (equal(&ranges->items[i], range))
			return true;
	return false;
}

/* The range of the other boot that this one became: of its kind, and it shares an
 * end or some bytes. */
static const struct fact_range *partner(const struct fact_ranges *ranges,
					const struct fact_ranges *own,
					const struct fact_range *range)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct fact_range *other = &ranges->items[i];

		if (alike(other, range) && other->start < range->end && other->end > range->start &&
		    !holds(own, other))
			return other;
	}
	return NULL;
}

static const char *map_words(struct comparing *c, const struct fact_range *range)
{
	return arena_printf(c->arena, "%s %s", memory_type_name((enum memory_type)range->value),
			    range_words(c, range));
}

static void compare_maps(struct comparing *c)
{
	const struct fact_ranges *good = &c->good->facts->map, *bad = &c->bad->facts->map;

	if (!good->count || !bad->count)
		return;   /* a map that is not told */
	for (uint32_t i = 0; i < good->count; i++) {
		const struct fact_range *range = &good->items[i], *other;

		if (holds(bad, range))
			continue;
		other = partner(bad, good, range);
		/* Each range of the bad boot is told once: by the first that became it. */
		if (other && partner(good, bad, other) != range)
			other = NULL;
		add(c, (struct change){
			.section = CHANGED_MAP, .what = "entry",
			.kind = other ? CHANGE_RESIZED : CHANGE_GONE, .good = map_words(c, range),
			.bad = other ? map_words(c, other) : NULL, .good_at = range->at,
			.bad_at = other ? other->at : LOC_NONE });
	}
	for (uint32_t i = 0; i < bad->count; i++) {
		const struct fact_range *range = &bad->items[i], *other;

		if (holds(good, range))
			continue;
		other = partner(good, bad, range);
		if (other && partner(bad, good, other) == range)
			continue;
		add(c, (struct change){ .section = CHANGED_MAP, .kind = CHANGE_NEW, .what = "entry",
					.bad = map_words(c, range), .bad_at = range->at });
	}
}

/* --- pools, tables, direct map ----------------------------------------------- */

static const char *pool_words(struct comparing *c, const struct pool *pool)
{
	const char *words = arena_printf(c->arena, "frames [%#llx-%#llx), %llu pages",
					 (unsigned long long)pool->plan.start.n,
					 (unsigned long long)pool->plan.end.n,
					 (unsigned long long)(pool->plan.end.n - pool->plan.start.n));

	if (pool->used_end_from != USED_UNKNOWN)
		words = arena_printf(c->arena, "%s, used to %#llx (%llu)", words,
				     (unsigned long long)pool->used_end.n,
				     (unsigned long long)(pool->used_end.n - pool->plan.start.n));
	if (pool->rw_line_seen)
		words = arena_printf(c->arena, "%s, tail made RW", words);
	return words;
}

static void compare_pools(struct comparing *c)
{
	const struct boot_facts *good = c->good->facts, *bad = c->bad->facts;
	uint32_t most = good->pool_count > bad->pool_count ? good->pool_count : bad->pool_count;

	for (uint32_t i = 0; i < most; i++) {
		const struct pool *a = i < good->pool_count ? &good->pools[i] : NULL;
		const struct pool *b = i < bad->pool_count ? &bad->pools[i] : NULL;
		const char *a_words = a ? pool_words(c, a) : NULL;
		const char *b_words = b ? pool_words(c, b) : NULL;
		enum change_kind kind = CHANGE_OTHER;

		if (same_words(a_words, b_words))
			continue;
		if (!a || !b)
			kind = a ? CHANGE_GONE : CHANGE_NEW;
		add(c, (struct change){ .section = CHANGED_POOL, .kind = kind, .good = a_words,
					.bad = b_words,
					.what = arena_printf(c->arena, "pool %u", i + 1),
					.good_at = a ? a->planned_at : LOC_NONE,
					.bad_at = b ? b->planned_at : LOC_NONE });
	}
}

static uint64_t bytes_in(const struct fact_ranges *ranges)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < ranges->count; i++)
		bytes += ranges->items[i].end - ranges->items[i].start;
	return bytes;
}

#define PLACES_SHOWN 3u

/* "36 pages in 3 ranges: [..), [..), ..." */
static const char *extent_words(struct comparing *c, const struct fact_ranges *ranges,
				bool pages)
{
	uint64_t bytes = bytes_in(ranges);
	const char *words;

	if (!ranges->count)
		return NULL;
	words = pages ? arena_printf(c->arena, "%llu pages", (unsigned long long)bytes >> 12) :
		size_words(c, bytes);
	if (ranges->count > 1)
		words = arena_printf(c->arena, "%s in %u ranges", words, ranges->count + ranges->more);
	for (uint32_t i = 0; i < ranges->count && i < PLACES_SHOWN; i++)
		words = arena_printf(c->arena, "%s%s [%#llx-%#llx)", words, i ? "," : ":",
				     (unsigned long long)ranges->items[i].start,
				     (unsigned long long)ranges->items[i].end);
	if (ranges->count > PLACES_SHOWN)
		words = arena_printf(c->arena, "%s, ...", words);
	return words;
}

static bool same_ranges(const struct fact_ranges *a, const struct fact_ranges *b)
{
	if (a->count != b->count || a->more != b->more)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}

static void compare_extent(struct comparing *c, enum change_section section, const char *what,
			   const struct fact_ranges *good, const struct fact_ranges *bad, bool pages)
{
	enum change_kind kind = CHANGE_RESIZED;

	if (same_ranges(good, bad))
		return;
	if (!good->count || !bad->count)
		kind = good->count ? CHANGE_GONE : CHANGE_NEW;
	else if (bytes_in(good) == bytes_in(bad))
		kind = CHANGE_MOVED;
	add(c, (struct change){ .section = section, .kind = kind, .what = what,
				.good = extent_words(c, good, pages),
				.bad = extent_words(c, bad, pages),
				.good_at = good->count ? good->items[0].at : LOC_NONE,
				.bad_at = bad->count ? bad->items[0].at : LOC_NONE });
}

/* --- reservations, by caller --------------------------------------------------- */

/* Those of one caller, in a list of their own. */
static struct fact_ranges ranges_of(struct comparing *c, const struct fact_ranges *ranges,
				    const char *label)
{
	struct fact_ranges own = { .count = 0 };

	for (uint32_t i = 0; i < ranges->count; i++)
		own.count += !strcmp(ranges->items[i].label, label);
	own.items = arena_alloc(c->arena, (own.count + 1) * sizeof(*own.items));
	own.count = 0;
	for (uint32_t i = 0; i < ranges->count; i++)
		if (!strcmp(ranges->items[i].label, label))
			own.items[own.count++] = ranges->items[i];
	return own;
}

static bool is_first(const struct fact_ranges *ranges, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (ranges->items[i].label == ranges->items[index].label)
			return false;
	return true;
}

static bool has_label(const struct fact_ranges *ranges, const char *label)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		if (!strcmp(ranges->items[i].label, label))
			return true;
	return false;
}

static void compare_caller(struct comparing *c, const char *label)
{
	struct fact_ranges good = ranges_of(c, &c->good->facts->reserved, label);
	struct fact_ranges bad = ranges_of(c, &c->bad->facts->reserved, label);
	uint64_t good_bytes = bytes_in(&good), bad_bytes = bytes_in(&bad);
	uint32_t before = c->comparison->count;
	struct change *change;

	compare_extent(c, CHANGED_RESERVED, *label ? label : "(caller not told)", &good, &bad, false);
	if (c->comparison->count == before)
		return;
	change = &c->comparison->changes[before];
	change->weight_bytes = good_bytes > bad_bytes ? good_bytes : bad_bytes;
	change->slight = change->kind == CHANGE_RESIZED &&
			 2 * change->weight_bytes - good_bytes - bad_bytes < FRAME_BYTES;
	/* The largest first; what only moved comes last. */
	for (; change > c->comparison->changes && change[-1].section == CHANGED_RESERVED; change--) {
		struct change larger = change[0];
		bool later = change[0].kind == CHANGE_MOVED && change[-1].kind != CHANGE_MOVED;
		bool sooner = change[0].kind != CHANGE_MOVED && change[-1].kind == CHANGE_MOVED;

		if (later || (!sooner && change[-1].weight_bytes >= larger.weight_bytes))
			break;
		change[0] = change[-1];
		change[-1] = larger;
	}
}

static void compare_reserved(struct comparing *c)
{
	const struct fact_ranges *good = &c->good->facts->reserved;
	const struct fact_ranges *bad = &c->bad->facts->reserved;

	if (!good->count || !bad->count)
		return;   /* not printed by one of them */
	for (uint32_t i = 0; i < good->count; i++)
		if (is_first(good, i))
			compare_caller(c, good->items[i].label);
	for (uint32_t i = 0; i < bad->count; i++)
		if (is_first(bad, i) && !has_label(good, bad->items[i].label))
			compare_caller(c, bad->items[i].label);
}

/* --- the end ------------------------------------------------------------------- */

static const char *const step_words[] = {
	[STEP_MAP_HEADER] = "the memory map", [STEP_DIRECT_MAP_DONE] = "the direct map's end",
	[STEP_ZONES] = "the zones", [STEP_MEMORY_LINE] = "the end of page-table set-up",
	[STEP_INIT_MEMORY_FREED] = "the freeing of init memory", [STEP_USERSPACE] = "init",
	[STEP_XEN_BUILDS_DOM0] = "Xen building dom0", [STEP_XEN_DONE] = "the end of Xen's own start",
	[STEP_POWER_OFF] = "power-off",
};

/* The steps that `own` reached and `other` did not; NULL: none. */
static const char *steps_beyond(struct comparing *c, const struct boot_facts *own,
				const struct boot_facts *other)
{
	const char *words = NULL;

	for (size_t i = 0; i < ARRAY_LEN(step_words); i++)
		if (own->steps[i].reached && !other->steps[i].reached)
			words = words ? arena_printf(c->arena, "%s, %s", words, step_words[i]) :
				step_words[i];
	return words;
}

/* The same but for numbers, which are lines and addresses? */
static bool same_but_numbers(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	while (*a && *b) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b)
			return false;
		a += *a != '\0';
		b += *b != '\0';
	}
	return !a[strspn(a, digits)] && !b[strspn(b, digits)];
}

static const char *count_words(struct comparing *c, uint32_t count)
{
	return arena_printf(c->arena, "%u complaint%s", count, count == 1 ? "" : "s");
}

static void compare_ends(struct comparing *c)
{
	const struct boot_facts *good = c->good->facts, *bad = c->bad->facts;
	const char *only_good = steps_beyond(c, good, bad), *only_bad = steps_beyond(c, bad, good);

	if (good->complaints != bad->complaints)
		add(c, (struct change){ .section = CHANGED_END, .what = "Xen refuses",
					.good = good->complaints ? count_words(c, good->complaints) : NULL,
					.bad = bad->complaints ? count_words(c, bad->complaints) : NULL,
					.good_at = good->first_complaint,
					.bad_at = bad->first_complaint });
	if (only_good || only_bad)
		add(c, (struct change){ .section = CHANGED_END, .what = "reached only there",
					.good = only_good, .bad = only_bad });
	if (!same_but_numbers(c->good->how_it_ended, c->bad->how_it_ended))
		add(c, (struct change){ .section = CHANGED_END, .what = "how it ended",
					.good = c->good->how_it_ended, .bad = c->bad->how_it_ended });
}

/* --- the first divergence -------------------------------------------------------- */

static void compare_events(struct comparing *c, enum speaker speaker)
{
	const struct fact_events *good = &c->good->facts->events[speaker];
	const struct fact_events *bad = &c->bad->facts->events[speaker];
	struct divergence *divergence;
	uint32_t i = 0;

	if (!good->count || !bad->count)
		return;   /* one of them is not in its input */
	while (i < good->count && i < bad->count && good->items[i].key == bad->items[i].key)
		i++;
	if (i == good->count && i == bad->count)
		return;
	divergence = &c->comparison->divergences[c->comparison->divergence_count++];
	*divergence = (struct divergence){ speaker, i < good->count ? &good->items[i] : NULL,
					   i < bad->count ? &bad->items[i] : NULL, NULL };
}

static bool is_blamed(const struct boot_report *boot)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->shown && f->severity == SEV_ERROR)
			return true;
	return false;
}

struct comparison *compare_boots(struct arena *arena, const struct boot_report *good,
				 const struct boot_report *bad)
{
	struct comparing c = { arena, good, bad, ARENA_NEW(arena, struct comparison), { 0 } };

	compare_who(&c);
	compare_maps(&c);
	compare_pools(&c);
	compare_extent(&c, CHANGED_TABLES, "where", &good->facts->tables, &bad->facts->tables, true);
	compare_extent(&c, CHANGED_MAPPED, "ranges", &good->facts->mapped, &bad->facts->mapped, false);
	compare_reserved(&c);
	compare_ends(&c);
	compare_events(&c, SPEAKER_KERNEL);
	compare_events(&c, SPEAKER_XEN);
	c.comparison->good_boot = good->number;
	c.comparison->good_blamed = is_blamed(good);
	return c.comparison;
}
