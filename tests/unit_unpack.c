/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The readers of packed inputs against damage: each sample of testdata/unpack/ is
 * truncated at every byte and has bytes flipped. A truncated input must never pass
 * as whole; damage must end, within the limits, and without a sanitizer's word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/ahead.h"
#include "formats/module.h"
#include "formats/modules/unpack/unpack.h"
#include "formats/packing.h"

extern const struct module pgtcheck_module_unpack;

#define SAMPLE_MAX (64u * 1024)
#define OUTPUT_MAX (4u * 1024 * 1024)

static const struct unpack_limits limits = {
	.bytes = OUTPUT_MAX, .members = 64, .depth = 8, .ratio = 100000,
};

/* What came out of one input. */
struct outcome {
	uint64_t bytes;
	uint32_t members, failed;    /* members that failed; +1 for between them */
	uint64_t hash;               /* of names and bytes */
	bool lacks;                  /* this build has no library for it */
};

static char *buffer;
static int file;

static void mix(struct outcome *outcome, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		outcome->hash = (outcome->hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
}

static void read_member(struct outcome *outcome, const struct unpack_member *member)
{
	static char bytes[8192];
	size_t got;

	outcome->members++;
	assert_true(strlen(member->name) < 8192);
	mix(outcome, member->name, strlen(member->name));
	while ((got = stream_read(member->stream, bytes, sizeof(bytes)))) {
		mix(outcome, bytes, got);
		outcome->bytes += got;
	}
	if (member->stream->status != ST_OK) {
		assert_true(member->stream->trouble[0]);
		outcome->lacks |= strstr(member->stream->trouble, "was missing") != NULL;
		outcome->failed++;
	}
}

/* Unpacks the bytes, through a file, or as a pipe would give them. */
static struct outcome unpack_bytes(const char *bytes, size_t count, bool seekable)
{
	const struct unpack_module *module = pgtcheck_module_unpack.functions;
	struct source source = { .name = "sample", .fd = file, .seekable = seekable,
				 .spool_fd = -1, .read_once = true, .buffer = buffer };
	struct outcome outcome = { 0 };
	struct unpack_member member;
	struct unpack *unpack;
	enum status status;
	const char *trouble;
	uint32_t more;
	size_t first;

	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, bytes, count, 0), count);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_int_equal(source_read(&source, source_data(&source), READ_BYTES, &first, &trouble),
			 ST_OK);
	unpack = module->open(&source, first, &limits);
	assert_non_null(unpack);
	while (module->next(unpack, &member) == ST_OK)
		read_member(&outcome, &member);
	outcome.failed += module->trouble(unpack, &status, &more) != NULL;
	module->close(unpack);
	assert_true(outcome.members <= limits.members);
	return outcome;
}

/* --- samples --------------------------------------------------------------- */

static const char *const samples[] = {
	"gzip/boot.log.gz", "gzip-several/boot.log.gz", "xz/boot.log.xz", "zstd/boot.log.zst",
	"bzip2/boot.log.bz2", "tar-ustar/report.tar", "tar-pax/report.tar", "tar-gnu/report.tar",
	"tar-sparse/report.tar", "zip/report.zip", "zip-stored/report.zip", "zip64/report.zip",
	"nested/outer.zip", "member/report.tar.gz", "mail/report.eml", "mbox/list.mbox",
	"utf16le/boot.txt", "utf16be/boot.txt", "journal-export/boot.export",
	"journal-json/boot.json", "docker-json/container.log", "dmesg-json/dmesg.json",
};

static size_t load(const char *name, char *bytes)
{
	char path[256];
	size_t count;
	FILE *in;

	snprintf(path, sizeof(path), "testdata/unpack/%s", name);
	in = fopen(path, "rb");
	if (!in)
		fail_msg("%s cannot be opened", path);
	count = fread(bytes, 1, SAMPLE_MAX, in);
	fclose(in);
	assert_true(count > 100);
	assert_true(count < SAMPLE_MAX);
	return count;
}

/* Those that say of themselves how long they are. */
static bool knows_its_end(const char *name, size_t at)
{
	static const char *const streams[] = { "gzip/", "xz", "zstd", "bzip2", "zip", "nested",
					       "member" };

	/* Too short to be recognised. */
	if (at < 8)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		if (!strncmp(name, streams[i], strlen(streams[i])))
			return true;
	return false;
}

static void whole_samples(void **state)
{
	static char bytes[SAMPLE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t count = load(samples[i], bytes);
		struct outcome sought = unpack_bytes(bytes, count, true);
		struct outcome piped = unpack_bytes(bytes, count, false);

		if (sought.lacks)
			continue;
		if (sought.hash != piped.hash || sought.members != piped.members)
			fail_msg("%s: a file and a pipe differ", samples[i]);
		if (sought.failed != !strncmp(samples[i], "tar-sparse", 10) || !sought.bytes)
			fail_msg("%s: does not unpack", samples[i]);
	}
}

static void truncated_samples(void **state)
{
	static char bytes[SAMPLE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t count = load(samples[i], bytes), step = count > 8000 ? 7 : 1;
		struct outcome whole = unpack_bytes(bytes, count, true);

		for (size_t at = 0; !whole.lacks && at < count; at += step) {
			struct outcome cut = unpack_bytes(bytes, at, at & 1);

			if (knows_its_end(samples[i], at) && !cut.failed)
				fail_msg("%s: cut at byte %zu passes as whole", samples[i], at);
			/* As it stands, when nothing is recognised any more. */
			assert_true(cut.bytes <= whole.bytes + at);
		}
	}
}

/* A flipped byte in a compressed stream is found by its checksum. */
static void flipped_samples(void **state)
{
	static char bytes[SAMPLE_MAX];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t count = load(samples[i], bytes), step = count > 3000 ? 11 : 1;

		for (size_t at = 0; at < count; at += step) {
			char kept = bytes[at];

			seed = seed * 1103515245 + 12345;
			bytes[at] ^= (char)(1 + (seed >> 16) % 255);
			unpack_bytes(bytes, count, at & 1);
			bytes[at] = kept;
		}
	}
}

/* Several bytes at once, where lengths and offsets stand together. */
static void scrambled_samples(void **state)
{
	static char bytes[SAMPLE_MAX], scrambled[SAMPLE_MAX];
	uint32_t seed = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		size_t count = load(samples[i], bytes);

		for (unsigned turn = 0; turn < 150; turn++) {
			memcpy(scrambled, bytes, count);
			for (unsigned n = 0; n < 1 + turn % 12; n++) {
				seed = seed * 1103515245 + 12345;
				scrambled[(seed >> 8) % count] =
					turn & 1 ? (char)0xff : (char)(seed >> 24);
			}
			unpack_bytes(scrambled, count, turn & 2);
		}
	}
}

/* --- reading ahead --------------------------------------------------------- */

struct numbers {
	struct stream stream;
	uint32_t next, end;
	bool fails;
};

static size_t numbers_read(struct stream *stream, char *into, size_t room)
{
	struct numbers *numbers = (struct numbers *)stream;
	size_t count = 0;

	if (numbers->next == numbers->end && numbers->fails)
		return stream_fail(stream, ST_IO, "the numbers are out");
	for (; count + 4 <= room && count < 4000 && numbers->next < numbers->end; count += 4)
		memcpy(into + count, &(uint32_t){ numbers->next++ }, 4);
	return count;
}

/* The same bytes in the same order, and the failure behind them. */
static void ahead_gives_all(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 4; turn++) {
		struct numbers numbers = { .stream.read = numbers_read,
					   .end = turn < 2 ? 3u : 1000001u, .fails = turn & 1 };
		struct stream *ahead = ahead_start(&numbers.stream);
		uint32_t expected = 0, got[1000];
		size_t count;

		assert_non_null(ahead);
		while ((count = stream_read(ahead, (char *)got, sizeof(got)))) {
			assert_int_equal(count % 4, 0);
			for (size_t i = 0; i < count / 4; i++)
				assert_int_equal(got[i], expected++);
		}
		assert_int_equal(expected, numbers.end);
		assert_int_equal(ahead->status, turn & 1 ? ST_IO : ST_OK);
		ahead_stop(ahead);
	}
}

/* Nobody wants the rest: the thread ends all the same. */
static void ahead_stops(void **state)
{
	(void)state;
	for (unsigned blocks = 0; blocks < 6; blocks++) {
		struct numbers numbers = { .stream.read = numbers_read, .end = 100000000 };
		struct stream *ahead = ahead_start(&numbers.stream);
		static char bytes[READ_BYTES];

		assert_non_null(ahead);
		for (unsigned i = 0; i < blocks; i++)
			assert_true(stream_read(ahead, bytes, sizeof(bytes)) > 0);
		ahead_stop(ahead);
	}
}

/* --- recognising ----------------------------------------------------------- */

static void plain_logs_are_plain(void **state)
{
	static const char *const plain[] = {
		"", "x", "[    0.000000] Linux version 2.6.39\n", "{ \"a\": 1 }\n",
		"From the start: this is prose\nSubject: none\n",
		"Subject: a mail as it stands\nFrom: me\n\n[    0.000000] Linux version\n",
		"BZhello\n", "PK is a name\n", "data: nothing\n",
		"[    0.000000] {\"log\":\"x\"}\n", "{\"log\":\"x\"}\n[    0.000000] Linux version\n",
		"__CURSOR=s=1\n[    0.000000] Linux version\n",
		"\x1f\x8b\b[    0.000000] Linux version\n", "BZh9\033[2J\r\n", "PK\3\4\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		assert_int_equal(packing_probe((const unsigned char *)plain[i], strlen(plain[i])),
				 PACKING_NONE);
}

static int set_up(void **state)
{
	(void)state;
	buffer = source_buffer_new();
	file = memfd_create("sample", MFD_CLOEXEC);
	return buffer && file >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(buffer);
	return close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_samples),
		cmocka_unit_test(truncated_samples),
		cmocka_unit_test(flipped_samples),
		cmocka_unit_test(scrambled_samples),
		cmocka_unit_test(ahead_gives_all),
		cmocka_unit_test(ahead_stops),
		cmocka_unit_test(plain_logs_are_plain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
