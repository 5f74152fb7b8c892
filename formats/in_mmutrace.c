/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads pgtcheck's own binary trace (formats/mmutrace.h).
 *
 *    block good? --> its number as expected? --> records --> one event each
 *        | no              | no: operations lost
 *        v
 *    look for the next good block */
#include "formats/cursor.h"
#include "formats/in_text.h"
#include "formats/input.h"
#include "formats/mmu_text.h"
#include "formats/mmutrace.h"

const struct input_format input_mmutrace;

struct trace_run {
	struct reader *reader;
	struct cursor cursor;
	struct event event;       /* the next one: what does not change stays */
	uint64_t usual;           /* the head it has, if that is one of PTR and VAL; or 0 */
	uint64_t expected;        /* number of the next operation */
	uint32_t step;            /* lines from one record to the next: 1, or 0: none are told */
	uint32_t last_line;       /* the highest one */
	bool xen_seen;            /* of the log's lines: formats/in_text.h */
	struct { char *bytes; size_t length; struct loc at; } line;   /* its parts so far */
	struct loc lost_at;       /* of the last MMU_OPS_LOST, which a loss follows */
	uint64_t strange;         /* records of unknown kinds */
	struct loc first_strange;
	bool damaged;             /* looking for a good block; told */
};

static enum likeness probe_mmutrace(const unsigned char *bytes, size_t n)
{
	return n >= MMUTRACE_MAGIC_BYTES && !memcmp(bytes, MMUTRACE_MAGIC, MMUTRACE_MAGIC_BYTES)
		? SURELY : NOT_ALIKE;
}

static struct loc loc_at(const struct trace_run *run, uint64_t offset, size_t length)
{
	return (struct loc){ .offset = offset, .length = (uint32_t)length,
			     .input = run->reader->input->input };
}

/* --- records --------------------------------------------------------------- */

/* Word by word without a branch: a part that is not there costs no step. The
 * source's slack lies behind the last record. */
static inline const unsigned char *take_part(const unsigned char *at, uint64_t there,
					     uint64_t *value)
{
	*value = load_le(at, 8);
	return at + 8 * there;
}

static const unsigned char *decode_op(struct event *event, uint64_t head, const unsigned char *at)
{
	struct mmu_op *op = &event->u.mmu;
	uint64_t ptr = head >> 16 & 1, val = head >> 17 & 1, mfn = head >> 18 & 1;
	uint64_t pfn = head >> 19 & 1, more = head >> 20 & 1, word;
	int16_t verdict = (int16_t)(head >> 48);

	event->certainty = (enum certainty)(head >> (16 + MMUTRACE_CERTAINTY_SHIFT) & 3);
	event->speaker = head >> 23 & 1 ? SPEAKER_XEN : SPEAKER_KERNEL;
	op->kind = (enum mmu_op_kind)((head & 0xff) - MMUTRACE_UPDATE);
	op->level = head >> 8 & MMUTRACE_LEVEL;
	op->command = (enum mmu_command)(head >> (8 + MMUTRACE_COMMAND_SHIFT) & 3);
	op->init_phase = head >> 13 & 1;
	op->pinned = head >> 14 & 1;
	op->partial = head >> 15 & 1;
	op->vcpu = (uint8_t)(head >> 24);
	op->foreign = (uint16_t)(head >> 32);
	op->has_ptr = ptr;
	at = take_part(at, ptr, &word);
	op->ptr = word & -ptr;
	at = take_part(at, val, &word);
	op->val = word & -val;
	at = take_part(at, mfn, &word);
	op->mfn = to_mfn(word | (mfn - 1));
	at = take_part(at, pfn, &word);
	op->pfn = to_pfn(word | (pfn - 1));
	at = take_part(at, more, &word);
	op->flags = (uint32_t)(word & -more);
	op->verdict = verdict;
	if (verdict == MMUTRACE_VERDICT_UNKNOWN)
		op->verdict = MMU_VERDICT_UNKNOWN;
	else if (UNLIKELY(verdict == MMUTRACE_VERDICT_MORE))
		op->verdict = more ? (int32_t)(word >> 32) : MMU_VERDICT_UNKNOWN;
	return at;
}

static bool op_is_sane(uint64_t head)
{
	uint64_t kind = head & 0xff;

	return kind >= MMUTRACE_UPDATE && kind <= MMUTRACE_OPS_LOST &&
	       (head >> 8 & MMUTRACE_LEVEL) <= 4 &&
	       (head >> (16 + MMUTRACE_CERTAINTY_SHIFT) & 3) <= SUSPECTED;
}

static void strange_record(struct trace_run *run, struct loc at)
{
	if (!run->strange++)
		run->first_strange = at;
}

/* A version's words stand behind its numbers, with NULs to the next 8 bytes. */
static struct text version_words(const unsigned char *at, size_t words)
{
	const char *text = (const char *)at + 16;

	return (struct text){ text, words > 1 ? strnlen(text, 8 * (words - 1)) : 0 };
}

static bool take_version(struct event *event, uint64_t head, const unsigned char *at)
{
	size_t words = head >> 8 & 0xff;
	uint64_t numbers = words ? load_le(at + 8, 8) : 0;

	if (!words)
		return false;
	if ((head & 0xff) == MMUTRACE_KERNEL) {
		event->kind = EV_KERNEL_STARTED;
		event->u.kernel.major = (uint16_t)numbers;
		event->u.kernel.minor = (uint16_t)(numbers >> 16);
		event->u.kernel.patch = (uint16_t)(numbers >> 32);
		event->u.kernel.rc = (int16_t)(numbers >> 48);
		event->u.kernel.by_oops = head >> 24 & 1;
		event->u.kernel.words = version_words(at, words);
		return true;
	}
	event->kind = EV_XEN_STARTED;
	event->u.xen.major = (uint16_t)numbers;
	event->u.xen.minor = (uint16_t)(numbers >> 16);
	event->u.xen.debug = (int8_t)(head >> 24);
	event->u.xen.words = version_words(at, words);
	return event->u.xen.debug >= -1 && event->u.xen.debug <= 1;
}

/* The line of the next record. */
static void place_next(struct trace_run *run, uint32_t line)
{
	run->event.at.line = line;
	run->step = line != 0;
}

static void step_on(struct trace_run *run)
{
	if (run->event.at.line > run->last_line)
		run->last_line = run->event.at.line;
	run->event.at.line += run->step;
}

/* Operations of a log stand in records of their own. */
static enum status take_told(void *context, const struct event *event)
{
	const struct reader *own = context;

	return event->kind == EV_MMU_OP ? ST_OK : own->emit(own->context, event);
}

/* A line of the log, whole. Its events stand at its first record. */
static void read_line(struct trace_run *run)
{
	struct reader *reader = run->reader, own = *reader;
	struct text line = { run->line.bytes, run->line.length };

	reader->emit = take_told;
	reader->context = &own;
	reader->open_queue = NULL;
	reader->queue = NULL;
	reader->keep_line = NULL;
	/* Two writers' lines, where one wrote into the other's. */
	for (struct text left = line; left.length;) {
		const char *newline = memchr(left.at, '\n', left.length);
		size_t length = newline ? (size_t)(newline - left.at) : left.length;

		in_text_line(reader, &run->xen_seen, (struct text){ left.at, length }, run->line.at);
		length += newline != NULL;
		left = (struct text){ left.at + length, left.length - length };
	}
	reader->emit = own.emit;
	reader->context = own.context;
	reader->open_queue = own.open_queue;
	reader->keep_line = own.keep_line;
	if (reader->keep_line)
		reader->keep_line(reader->context, line, run->line.at);
	run->line.at = LOC_NONE;
}

/* False: longer than its record or than any line, or without its beginning. */
static bool take_line(struct trace_run *run, uint64_t head, const unsigned char *at)
{
	size_t length = head >> 32 & 0xffff;
	unsigned joints = head >> 24 & 0xff;

	if (!(joints & MMUTRACE_CONTINUES)) {
		run->line.length = 0;
		run->line.at = run->event.at;
		step_on(run);
	}
	if (!loc_known(run->line.at) || length > 8 * (head >> 8 & 0xff) ||
	    run->line.length + length > LINE_BYTES_MAX)
		return false;
	if (!run->line.bytes)
		run->line.bytes = arena_alloc(run->reader->arena, LINE_BYTES_MAX + SOURCE_SLACK);
	memcpy(run->line.bytes + run->line.length, at + 8, length);
	run->line.length += length;
	memset(run->line.bytes + run->line.length, 0, 64);
	if (!(joints & MMUTRACE_GOES_ON))
		read_line(run);
	return true;
}

/* What a trace tells of the machine. False: not understood. */
static bool take_fact(struct trace_run *run, uint64_t head, const unsigned char *at)
{
	struct event event = {
		.certainty = PROVED,
		.speaker = head >> 23 & 1 ? SPEAKER_XEN : SPEAKER_KERNEL,
		.domain = run->event.domain,
		.at = { run->event.at.offset, 0, run->event.at.length, run->event.at.input },
	};
	unsigned small = head >> 24 & 0xff, wide = head >> 32 & 0xffff;

	switch (head & 0xff) {
	case MMUTRACE_DOMAIN:
		run->event.domain = (uint16_t)wide;
		return true;
	case MMUTRACE_KERNEL:
	case MMUTRACE_XEN:
		if (!take_version(&event, head, at))
			return false;
		break;
	case MMUTRACE_PLATFORM:
		if (small >= MMUTRACE_PLATFORMS)
			return false;
		event.kind = EV_PLATFORM_TOLD;
		event.u.platform = mmutrace_platforms[small];
		break;
	case MMUTRACE_BITS:
		if (small != 0 && small != 32 && small != 64)
			return false;
		event.kind = EV_KERNEL_BITS;
		event.u.word_size.bits = (uint8_t)small;
		event.u.word_size.pae = wide & 1;
		event.u.word_size.nx = wide >> 1 & 1;
		break;
	case MMUTRACE_STEP:
		if (small >= MMUTRACE_STEPS)
			return false;
		event.kind = EV_MILESTONE;
		event.u.milestone.step = mmutrace_steps[small];
		break;
	case MMUTRACE_MESSAGES_LOST:
		if (small >= LOSS_COUNT)
			return false;
		event.kind = EV_MESSAGES_LOST;
		event.u.lost.what = (enum loss)small;
		if (loss_of_trace((enum loss)small))
			event.at = run->lost_at;
		break;
	case MMUTRACE_LINE:
		return take_line(run, head, at);
	case MMUTRACE_PLACE:
		place_next(run, (uint32_t)(head >> 32));
		return true;
	default:
		return false;
	}
	reader_emit(run->reader, &event);
	return true;
}

/* Bytes of the record that begins with `head`. */
static size_t record_bytes(uint64_t head)
{
	static const uint8_t bits[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };

	if ((head & 0xff) >= MMUTRACE_FACT)
		return 8 + 8 * (head >> 8 & 0xff);
	return 8 + 8 * (bits[head >> 16 & 0xf] + (size_t)(head >> 20 & 1));
}

/* Of a record with PTR and VAL. */
#define USUAL_BYTES 24

/* Operations of one kind come in runs: another slot, another entry. Those of [at, end)
 * that have the usual head go into the queue; returns what is behind them. */
static const unsigned char *take_usual(struct trace_run *run, const unsigned char *at,
				       const unsigned char *end)
{
	struct mmu_queue *queue = run->reader->queue;
	struct mmu_queued *to = &queue->items[queue->count];
	const struct mmu_op op = run->event.u.mmu;
	const unsigned char *first = at, *last = end - USUAL_BYTES;
	const uint64_t usual = run->usual;
	const uint32_t step = run->step;
	struct loc place = run->event.at;
	uint64_t count;

	place.length = USUAL_BYTES;
	for (; at <= last && load_le(at, 8) == usual; at += USUAL_BYTES) {
		to->op = op;
		to->op.ptr = load_le(at + 8, 8);
		to->op.val = load_le(at + 16, 8);
		to->at = place;
		to = mmu_queue_next(queue, to);
		place.offset += USUAL_BYTES;
		place.line += step;
	}
	queue->count = (uint32_t)(to - queue->items);
	count = (uint64_t)(at - first) / USUAL_BYTES;
	run->expected += count;
	run->reader->emitted += count;
	run->event.at.line = place.line;
	if (count && place.line - step > run->last_line)
		run->last_line = place.line - step;
	return at;
}

/* The records of [at, end), which is `offset` in the input. */
static void take_records(struct trace_run *run, const unsigned char *at, const unsigned char *end,
			 uint64_t offset)
{
	struct event *event = &run->event;

	event->domain = DOMAIN_NONE;
	place_next(run, 0);
	while (at < end && LIKELY(run->reader->status == ST_OK)) {
		uint64_t head = load_le(at, 8);
		size_t bytes;

		event->at.offset = offset;
		if (LIKELY(head == run->usual) && LIKELY(end - at >= USUAL_BYTES) &&
		    reader_may_queue(run->reader, &event->u.mmu, event->speaker, event->domain)) {
			const unsigned char *first = at;

			at = take_usual(run, at, end);
			offset += (uint64_t)(at - first);
			continue;
		}
		bytes = record_bytes(head);
		event->at.length = (uint32_t)bytes;
		if (UNLIKELY(bytes > (size_t)(end - at))) {
			reader_diagnose(run->reader, loc_at(run, offset, (size_t)(end - at)),
					"a record goes past the end of its block");
			return;
		}
		if (LIKELY(op_is_sane(head))) {
			decode_op(event, head, at + 8);
			run->usual = (head >> 16 & MMUTRACE_WORDS) == (MMUTRACE_PTR | MMUTRACE_VAL)
				? head : 0;
			run->expected++;
			if (UNLIKELY(event->u.mmu.kind == MMU_OPS_LOST))
				run->lost_at = event->at;
			reader_emit(run->reader, event);
			step_on(run);
		} else if (!(head >> 7 & 1) || !take_fact(run, head, at)) {
			run->expected += !(head >> 7 & 1);
			strange_record(run, event->at);
		}
		at += bytes;
		offset += bytes;
	}
}

/* --- blocks ---------------------------------------------------------------- */

static void lost(struct trace_run *run, uint64_t count, struct loc at)
{
	struct event event = {
		.kind = EV_MMU_OP,
		.certainty = PROVED,
		.domain = DOMAIN_NONE,
		.at = at,
		.u.mmu = { .kind = MMU_OPS_LOST, .verdict = MMU_VERDICT_UNKNOWN,
			   .flags = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX,
			   .mfn = to_mfn(MMU_NO_FRAME), .pfn = to_pfn(MMU_NO_FRAME) },
	};

	reader_emit(run->reader, &event);
	event.kind = EV_MESSAGES_LOST;
	event.u.lost.what = LOSS_EVENTS;
	event.u.lost.words = TEXT("");
	reader_emit(run->reader, &event);
}

struct block {
	uint32_t magic;
	size_t payload;           /* bytes */
	uint64_t number;          /* of its first operation */
	uint64_t checksum;
};

/* The header of a block at the cursor. False: there is none, or it is cut. */
static bool block_header(struct cursor *cursor, struct block *block)
{
	if (!cursor_have(cursor, MMUTRACE_BLOCK_HEADER_BYTES))
		return false;
	block->magic = (uint32_t)load_le(cursor->at, 4);
	block->payload = load_le(cursor->at + 4, 4);
	block->number = load_le(cursor->at + 8, 8);
	block->checksum = load_le(cursor->at + 16, 8);
	return (block->magic == MMUTRACE_BLOCK || block->magic == MMUTRACE_END) &&
	       block->payload <= MMUTRACE_BLOCK_BYTES_MAX - MMUTRACE_BLOCK_HEADER_BYTES &&
	       !(block->payload % 8) && (block->magic == MMUTRACE_BLOCK || !block->payload);
}

static void tell_damage(struct trace_run *run)
{
	if (!run->damaged)
		reader_diagnose(run->reader, loc_at(run, run->cursor.offset, 8),
				"at byte %llu: damaged; left out up to the next good block",
				(unsigned long long)run->cursor.offset);
	run->damaged = true;
}

/* Operations between the last good block and this one. False: it stands where
 * it cannot belong. */
static bool in_order(struct trace_run *run, const struct block *block)
{
	uint64_t offset = run->cursor.offset;

	if (block->number < run->expected) {
		reader_diagnose(run->reader, loc_at(run, offset, MMUTRACE_BLOCK_HEADER_BYTES),
				"at byte %llu: a block that was read before, or out of order: left out",
				(unsigned long long)offset);
		return false;
	}
	if (block->number > run->expected) {
		reader_diagnose(run->reader, loc_at(run, offset, MMUTRACE_BLOCK_HEADER_BYTES),
				"at byte %llu: %llu operations are missing before it",
				(unsigned long long)offset,
				(unsigned long long)(block->number - run->expected));
		lost(run, block->number - run->expected,
		     loc_at(run, offset, MMUTRACE_BLOCK_HEADER_BYTES));
		run->expected = block->number;
	}
	return true;
}

/* The input ends within a block, or without an end mark. */
static void tell_cut(struct trace_run *run, const struct block *block)
{
	struct cursor *cursor = &run->cursor;
	size_t left = (size_t)(cursor->end - cursor->at);
	uint64_t offset = cursor->offset, end = offset + left;

	if (block && left > MMUTRACE_BLOCK_HEADER_BYTES && in_order(run, block)) {
		size_t whole = MMUTRACE_BLOCK_HEADER_BYTES;

		while (whole + 8 <= left &&
		       record_bytes(load_le(cursor->at + whole, 8)) <= left - whole)
			whole += record_bytes(load_le(cursor->at + whole, 8));
		take_records(run, cursor->at + MMUTRACE_BLOCK_HEADER_BYTES, cursor->at + whole,
			     offset + MMUTRACE_BLOCK_HEADER_BYTES);
	}
	cursor_skip(cursor, left);
	reader_diagnose(run->reader, loc_at(run, end, 0),
			"the trace is cut at byte %llu, after %llu operations: it has no end mark",
			(unsigned long long)end, (unsigned long long)run->expected);
	lost(run, 0, loc_at(run, offset, left));
}

/* Takes the block at the cursor. False: the trace is over. */
static bool take_block(struct trace_run *run)
{
	struct cursor *cursor = &run->cursor;
	struct block block;
	size_t bytes;

	if (!block_header(cursor, &block)) {
		if (!cursor_have(cursor, MMUTRACE_BLOCK_HEADER_BYTES)) {
			tell_cut(run, NULL);
			return false;
		}
		tell_damage(run);
		cursor_skip(cursor, 8);
		return true;
	}
	bytes = MMUTRACE_BLOCK_HEADER_BYTES + block.payload;
	if (!cursor_have(cursor, bytes)) {
		tell_cut(run, run->damaged ? NULL : &block);
		return false;
	}
	if (mmutrace_checksum(cursor->at, block.payload / 8) != block.checksum) {
		tell_damage(run);
		cursor_skip(cursor, 8);
		return true;
	}
	/* What was left out held lines of the log alone. */
	if (run->damaged && block.number == run->expected)
		lost(run, 0, loc_at(run, cursor->offset, MMUTRACE_BLOCK_HEADER_BYTES));
	run->damaged = false;
	if (in_order(run, &block))
		take_records(run, cursor->at + MMUTRACE_BLOCK_HEADER_BYTES, cursor->at + bytes,
			     cursor->offset + MMUTRACE_BLOCK_HEADER_BYTES);
	cursor_skip(cursor, bytes);
	return block.magic != MMUTRACE_END;
}

/* --- the file -------------------------------------------------------------- */

static const char *bad_header(struct trace_run *run)
{
	struct cursor *cursor = &run->cursor;

	if (!cursor_have(cursor, MMUTRACE_HEADER_BYTES) ||
	    memcmp(cursor->at, MMUTRACE_MAGIC, MMUTRACE_MAGIC_BYTES))
		return "is not a trace of pgtcheck (mmutrace)";
	if (load_le(cursor->at + 8, 4) != MMUTRACE_VERSION || load_le(cursor->at + 12, 4))
		return "is a trace of a newer pgtcheck; this one reads version 1";
	cursor_skip(cursor, MMUTRACE_HEADER_BYTES);
	return NULL;
}

static void tell_rest(struct trace_run *run)
{
	struct cursor *cursor = &run->cursor;

	if (run->strange)
		reader_diagnose(run->reader, run->first_strange,
				"at byte %llu: a record of unknown kind; %llu such records",
				(unsigned long long)run->first_strange.offset,
				(unsigned long long)run->strange);
	if (run->reader->status == ST_OK && cursor_have(cursor, 1))
		reader_diagnose(run->reader, loc_at(run, cursor->offset, 1),
				"at byte %llu: what follows the trace's end mark is not read",
				(unsigned long long)cursor->offset);
}

/* --- in words ---------------------------------------------------------------- */

/* What snprintf() made, without the NUL. */
static size_t fitting(int length, size_t room)
{
	return length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

static size_t fact_words(uint64_t head, const unsigned char *at, size_t bytes, char *into,
			 size_t room)
{
	size_t words = head >> 8 & 0xff;
	struct text version = { "", 0 };
	int length = 0;

	if (8 + 8 * words > bytes)
		return 0;
	switch (head & 0xff) {
	case MMUTRACE_LINE:
		if ((head >> 32 & 0xffff) <= 8 * words)
			length = snprintf(into, room, "%.*s", (int)(head >> 32 & 0xffff), at + 8);
		break;
	case MMUTRACE_KERNEL:
	case MMUTRACE_XEN:
		version = version_words(at, words);
		length = snprintf(into, room, "%s version %.*s",
				  (head & 0xff) == MMUTRACE_KERNEL ? "Linux" : "Xen",
				  TEXT_ARG(version));
		break;
	case MMUTRACE_MESSAGES_LOST:
		if ((head >> 24 & 0xff) < LOSS_COUNT)
			length = snprintf(into, room, "%s", loss_doc((enum loss)(head >> 24 & 0xff)));
		break;
	}
	return fitting(length, room);
}

static size_t words_mmutrace(const unsigned char *record, size_t bytes, char *into, size_t room)
{
	uint64_t head = bytes >= 8 ? load_le(record, 8) : 0;
	unsigned char whole[MMUTRACE_RECORD_BYTES_MAX] = { 0 };
	struct event event = { .kind = EV_MMU_OP };

	if ((uint32_t)head == MMUTRACE_BLOCK || (uint32_t)head == MMUTRACE_END)
		return fitting(snprintf(into, room, "the trace has lost what stood before this "
					"block"), room);
	if (!op_is_sane(head))
		return fact_words(head, record, bytes, into, room);
	memcpy(whole, record, bytes < sizeof(whole) ? bytes : sizeof(whole));
	decode_op(&event, head, whole + 8);
	return fitting(mmu_text(&event.u.mmu, into, room), room);
}

static enum status read_mmutrace(struct reader *reader, struct source *source, size_t first,
				 const char **trouble)
{
	struct trace_run run = { .reader = reader, .event = { .kind = EV_MMU_OP } };

	cursor_init(&run.cursor, source, first, trouble);
	reader->input->format = input_mmutrace.name;
	run.event.at.input = reader->input->input;
	*trouble = bad_header(&run);
	if (*trouble)
		return ST_IO;
	while (reader->status == ST_OK && take_block(&run))
		;
	tell_rest(&run);
	reader->input->bytes = run.cursor.offset;
	reader->input->lines = run.last_line;
	if (run.last_line)
		reader->input->lines_of = "log";
	reader->input->lines_used = reader->emitted;
	return run.cursor.status == ST_OK ? reader->status : run.cursor.status;
}

const struct input_format input_mmutrace = {
	.name = "mmutrace",
	.title = "page-table operations, as --write-trace writes them",
	.probe = probe_mmutrace,
	.read = read_mmutrace,
	.words = words_mmutrace,
};
