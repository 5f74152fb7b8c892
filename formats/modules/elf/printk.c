/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log buffer, in its three generations, written as dmesg does.
 *
 *   to 3.4     log_buf[log_buf_len]: bytes; the last logged_chars of them,
 *              up to log_end, are the log
 *   3.5-5.9    log_buf: records {ts, len, text_len, dict_len, ...} text; from
 *              log_first_idx to log_next_idx, len 0: go on at 0
 *   5.10-      prb: descs[], infos[] and text blocks, from tail_id to head_id
 *
 * Source: Linux kernel/printk.c 2.6.39, kernel/printk/printk.c 3.10, 4.14;
 * kernel/printk/printk_ringbuffer.h 5.10, 6.1, 7.1. */
#include <stdio.h>

#include "formats/modules/elf/dump.h"

/* The kernel's own bound is 2 GiB; what people set is some MiB. */
#define LOG_BYTES_MAX (UINT64_C(1) << 31)
#define RECORDS_BITS_MAX 26u
/* printk() cuts a message at 1 KiB, older kernels and dictionaries a little
 * above. */
#define TEXT_BYTES_MAX 8192u

/* What the log tells of the kernel's init data: they are whole, or somebody else's. */
static void look_at(struct dump *dump, const void *bytes, size_t length)
{
	struct text text = { bytes, length };

	dump->start_logged |= text_contains(text, TEXT("Linux version "));
	dump->init_freed |= text_contains(text, TEXT("Freeing unused kernel"));
}

/* Of a log each byte stands in the dump once. One that claims more has its pages mapped
 * many times: 70 KB would become gigabytes. */
static bool has_room_for(struct dump *dump, uint64_t bytes)
{
	dump->log_bytes += bytes;
	return dump->log_bytes <= dump->size_bytes;
}

/* The log itself tells that it is not whole (PGT062); its last line may be half of one. */
static void tell_lost(struct dump *dump, FILE *out, const char *what)
{
	fputs("\ndump: a part of the log is missing here\n", out);
	reader_diagnose(dump->reader, LOC_NONE, "%s", what);
	dump->reader->input->unread = "a part of the kernel's log could not be read from the dump";
}

/* --- dmesg's form ---------------------------------------------------------- */

static void put_stamp(FILE *out, uint64_t nanoseconds)
{
	fprintf(out, "[%5llu.%06llu] ", (unsigned long long)(nanoseconds / 1000000000),
		(unsigned long long)(nanoseconds % 1000000000 / 1000));
}

/* One record; its further lines get the same clock. What no text holds is
 * escaped, as the kernel's own syslog does. */
static void put_record(struct dump *dump, FILE *out, uint64_t nanoseconds,
		       const unsigned char *text, size_t length)
{
	look_at(dump, text, length);
	put_stamp(out, nanoseconds);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			putc_unlocked('\n', out);
			if (i + 1 < length)
				put_stamp(out, nanoseconds);
		} else if ((text[i] < ' ' && text[i] != '\t') || text[i] >= 0x7f) {
			fprintf(out, "\\x%02x", text[i]);
		} else {
			putc_unlocked(text[i], out);
		}
	}
	if (!length || text[length - 1] != '\n')
		putc_unlocked('\n', out);
}

/* --- 5.10 and later ---------------------------------------------------------- */

struct prb {
	uint64_t descs, infos, data;
	uint64_t tail, head;             /* descriptor ids; head is the newest */
	uint32_t count_mask, size_mask;  /* descriptors; text bytes */
	uint32_t desc_bytes, info_bytes;
	uint32_t desc_state, desc_begin, desc_next;
	uint32_t info_stamp, info_length;
	uint64_t lost;                   /* records that could not be read */
};

static uint32_t field(const struct dump *dump, const char *key, uint32_t otherwise)
{
	int64_t value = info_number(dump, key, otherwise);

	return value >= 0 && value < 65536 ? (uint32_t)value : otherwise;
}

/* The offsets of 6.1 stand in where VMCOREINFO is missing: they have not
 * changed from 5.10 to 7.1. */
static bool open_prb(struct dump *dump, struct prb *prb, uint64_t address)
{
	uint64_t ring = address + field(dump, "OFFSET(printk_ringbuffer.desc_ring)", 0);
	uint64_t text = address + field(dump, "OFFSET(printk_ringbuffer.text_data_ring)", 48);
	uint32_t count_bits, size_bits;
	uint32_t block = field(dump, "OFFSET(prb_desc.text_blk_lpos)", 8);

	*prb = (struct prb){
		.desc_bytes = field(dump, "SIZE(prb_desc)", 24),
		.info_bytes = field(dump, "SIZE(printk_info)", 88),
		.desc_state = field(dump, "OFFSET(prb_desc.state_var)", 0),
		.desc_begin = block + field(dump, "OFFSET(prb_data_blk_lpos.begin)", 0),
		.desc_next = block + field(dump, "OFFSET(prb_data_blk_lpos.next)", 8),
		.info_stamp = field(dump, "OFFSET(printk_info.ts_nsec)", 8),
		.info_length = field(dump, "OFFSET(printk_info.text_len)", 16),
	};
	if (!dump_read_u32(dump, ring + field(dump, "OFFSET(prb_desc_ring.count_bits)", 0),
			   &count_bits) ||
	    !dump_read_u64(dump, ring + field(dump, "OFFSET(prb_desc_ring.descs)", 8), &prb->descs) ||
	    !dump_read_u64(dump, ring + field(dump, "OFFSET(prb_desc_ring.infos)", 16), &prb->infos) ||
	    !dump_read_u64(dump, ring + field(dump, "OFFSET(prb_desc_ring.head_id)", 24), &prb->head) ||
	    !dump_read_u64(dump, ring + field(dump, "OFFSET(prb_desc_ring.tail_id)", 32), &prb->tail) ||
	    !dump_read_u32(dump, text + field(dump, "OFFSET(prb_data_ring.size_bits)", 0),
			   &size_bits) ||
	    !dump_read_u64(dump, text + field(dump, "OFFSET(prb_data_ring.data)", 8), &prb->data))
		return false;
	if (count_bits > RECORDS_BITS_MAX || size_bits > 31)
		return false;
	prb->count_mask = (1u << count_bits) - 1;
	prb->size_mask = (1u << size_bits) - 1;
	return true;
}

#define STATE_BITS 62

/* The state word of a record: id in the low bits, and 1 committed, 2 finalized. */
static bool is_readable(uint64_t state_word, uint64_t id)
{
	uint64_t mask = (UINT64_C(1) << STATE_BITS) - 1, state = state_word >> STATE_BITS;

	return (state == 1 || state == 2) && (state_word & mask) == (id & mask);
}

/* A block is {id, text}; one that would cross the end of the ring begins at its
 * start instead. */
static bool read_text(struct dump *dump, const struct prb *prb, uint64_t begin, uint64_t next,
		      unsigned char *text, size_t *length)
{
	uint64_t wrap = begin & ~(uint64_t)prb->size_mask, from = begin - wrap;
	uint64_t room = next - begin, size = (uint64_t)prb->size_mask + 1;

	if ((next & ~(uint64_t)prb->size_mask) == wrap + size && next - wrap > size) {
		from = 0;
		room = next - wrap - size;
	} else if (next - wrap > size) {
		return false;
	}
	if (room < 8 || room > size)
		return false;
	if (*length > room - 8)
		*length = (size_t)room - 8;
	if (*length > TEXT_BYTES_MAX)
		*length = TEXT_BYTES_MAX;
	return dump_read(dump, prb->data + from + 8, text, *length);
}

static void put_prb_record(struct dump *dump, struct prb *prb, uint64_t id, FILE *out)
{
	uint64_t desc = prb->descs + (id & prb->count_mask) * prb->desc_bytes;
	uint64_t info = prb->infos + (id & prb->count_mask) * prb->info_bytes;
	uint64_t state, begin, next, stamp;
	unsigned char text[TEXT_BYTES_MAX];
	uint16_t told;
	size_t length;

	if (!dump_read_u64(dump, desc + prb->desc_state, &state)) {
		prb->lost++;
		return;
	}
	if (!is_readable(state, id))
		return;   /* being written, or already given up */
	if (!dump_read_u64(dump, desc + prb->desc_begin, &begin) ||
	    !dump_read_u64(dump, desc + prb->desc_next, &next) ||
	    !dump_read_u64(dump, info + prb->info_stamp, &stamp) ||
	    !dump_read(dump, info + prb->info_length, &told, sizeof(told))) {
		prb->lost++;
		return;
	}
	length = told;
	if ((begin & 1) && (next & 1)) {
		/* No data: 3 is an empty line, others had no room. */
		if (begin == 3 && next == 3)
			put_record(dump, out, stamp, text, 0);
		else
			prb->lost++;
		return;
	}
	if (!read_text(dump, prb, begin, next, text, &length) || !has_room_for(dump, length)) {
		prb->lost++;
		return;
	}
	put_record(dump, out, stamp, text, length);
}

static bool log_from_prb(struct dump *dump, uint64_t variable, FILE *out, const char **trouble)
{
	struct prb prb;
	uint64_t address, count;

	if (!dump_read_u64(dump, variable, &address) || !open_prb(dump, &prb, address)) {
		*trouble = "the kernel's log buffer is not in the dump, or damaged";
		return false;
	}
	count = prb.head - prb.tail + 1;
	if (count > (uint64_t)prb.count_mask + 1)
		count = (uint64_t)prb.count_mask + 1;
	for (uint64_t i = 0; i < count; i++) {
		if (!has_room_for(dump, 1)) {
			prb.lost += count - i;
			break;
		}
		put_prb_record(dump, &prb, prb.head - (count - 1) + i, out);
	}
	if (prb.lost)
		tell_lost(dump, out, arena_printf(dump->reader->arena, "%llu messages of the kernel's "
						  "log could not be read from the dump",
						  (unsigned long long)prb.lost));
	return true;
}

/* --- 3.5 to 5.9 -------------------------------------------------------------- */

struct records {
	uint64_t buffer;
	uint32_t bytes, first, next;
	uint32_t stamp, length, text_length, header_bytes;
};

static uint32_t record_field(const struct dump *dump, const char *name, uint32_t otherwise)
{
	char key[64];

	snprintf(key, sizeof(key), "OFFSET(printk_log.%s)", name);   /* from 3.11 */
	otherwise = field(dump, key, otherwise);
	snprintf(key, sizeof(key), "OFFSET(log.%s)", name);
	return field(dump, key, otherwise);
}

static bool log_from_records(struct dump *dump, const struct records *r, FILE *out)
{
	uint32_t at = r->first;
	uint64_t walked = 0;
	bool wrapped = false;

	while (at != r->next && walked < (uint64_t)r->bytes + r->header_bytes) {
		unsigned char text[TEXT_BYTES_MAX];
		uint16_t length, text_length;
		uint64_t stamp;

		if (at > r->bytes - r->header_bytes ||
		    !dump_read(dump, r->buffer + at + r->length, &length, 2) ||
		    !dump_read(dump, r->buffer + at + r->text_length, &text_length, 2) ||
		    !dump_read_u64(dump, r->buffer + at + r->stamp, &stamp))
			return false;
		if (!length) {
			if (wrapped)
				return false;
			wrapped = true;
			at = 0;
			continue;
		}
		if (length < r->header_bytes || text_length > length - r->header_bytes ||
		    text_length > TEXT_BYTES_MAX ||
		    !dump_read(dump, r->buffer + at + r->header_bytes, text, text_length) ||
		    !has_room_for(dump, length))
			return false;
		put_record(dump, out, stamp, text, text_length);
		at += length;
		walked += length;
	}
	return at == r->next;
}

/* --- to 3.4 ------------------------------------------------------------------ */

/* Text as the console got it, "<6>[    0.000000] ...". */
static bool log_from_bytes(struct dump *dump, uint64_t buffer, uint32_t bytes, uint32_t end,
			   uint32_t chars, FILE *out)
{
	uint32_t left = chars < bytes ? chars : bytes, at = end - left;

	while (left) {
		uint32_t inside = at & (bytes - 1);
		char part[TEXT_BYTES_MAX];
		uint32_t count = left < sizeof(part) ? left : (uint32_t)sizeof(part);

		if (count > bytes - inside)
			count = bytes - inside;
		if (!dump_read(dump, buffer + inside, part, count) || !has_room_for(dump, count))
			return false;
		look_at(dump, part, count);
		fwrite_unlocked(part, 1, count, out);
		at += count;
		left -= count;
	}
	return true;
}

static bool log_from_buffer(struct dump *dump, uint64_t variable, FILE *out,
			    const char **trouble)
{
	uint64_t length_at, first_at, next_at, end_at, chars_at, buffer;
	uint32_t bytes = 0, first, next, end, chars;
	bool whole;

	*trouble = "the kernel's log buffer is not in the dump, or damaged";
	if (!dump_read_u64(dump, variable, &buffer) ||
	    !dump_symbol(dump, "log_buf_len", &length_at) ||
	    !dump_read_u32(dump, length_at, &bytes) || bytes < 4096 || bytes > LOG_BYTES_MAX)
		return false;
	if (dump_symbol(dump, "log_first_idx", &first_at) &&
	    dump_symbol(dump, "log_next_idx", &next_at)) {
		struct records records = {
			.buffer = buffer, .bytes = bytes,
			.stamp = record_field(dump, "ts_nsec", 0),
			.length = record_field(dump, "len", 8),
			.text_length = record_field(dump, "text_len", 10),
			.header_bytes = field(dump, "SIZE(printk_log)", field(dump, "SIZE(log)", 16)),
		};

		if (!dump_read_u32(dump, first_at, &first) || !dump_read_u32(dump, next_at, &next) ||
		    !records.header_bytes)
			return false;
		records.first = first;
		records.next = next;
		whole = log_from_records(dump, &records, out);
	} else {
		if (!dump_symbol(dump, "log_end", &end_at) ||
		    !dump_symbol(dump, "logged_chars", &chars_at) ||
		    !dump_read_u32(dump, end_at, &end) || !dump_read_u32(dump, chars_at, &chars) ||
		    (bytes & (bytes - 1)))
			return false;
		whole = log_from_bytes(dump, buffer, bytes, end, chars, out);
	}
	if (!whole)
		tell_lost(dump, out, "the kernel's log could be read from the dump in part only");
	return true;
}

bool dump_log(struct dump *dump, FILE *out, const char **trouble)
{
	uint64_t variable;

	if (dump_symbol(dump, "prb", &variable))
		return log_from_prb(dump, variable, out, trouble);
	if (dump_symbol(dump, "log_buf", &variable))
		return log_from_buffer(dump, variable, out, trouble);
	*trouble = dump->info.length ?
		   "VMCOREINFO in the dump names no log buffer: give --vmlinux=FILE" :
		   "no VMCOREINFO in the dump tells where the kernel's log is: give --vmlinux=FILE";
	return false;
}
