/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mmutrace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/cursor.h"
#include "formats/publish.h"
#include "formats/redact.h"

/* Each step is reversible: a change of one u64 always shows. */
static uint64_t checksum_on(uint64_t sum, const unsigned char *at, size_t words)
{
#pragma GCC unroll 8
	for (size_t i = 0; i < words; i++)
		sum = (sum << 23 | sum >> 41) + load_le(at + 8 * i, 8);
	return sum;
}

uint64_t mmutrace_checksum(const unsigned char *block, size_t words)
{
	return checksum_on(checksum_on(1, block, 2), block + MMUTRACE_BLOCK_HEADER_BYTES, words);
}

_Static_assert((int)MMU_UPDATE + 1 == MMUTRACE_UPDATE, "the file's numbers stand for ever");
_Static_assert((int)MMU_OPS_LOST + 1 == MMUTRACE_OPS_LOST, "the file's numbers stand for ever");
_Static_assert((int)MMU_OP_COUNT == MMUTRACE_OPS_LOST, "every operation has a number");

const enum platform mmutrace_platforms[MMUTRACE_PLATFORMS] = {
	PLATFORM_UNKNOWN, PLATFORM_NATIVE, PLATFORM_XEN_PV, PLATFORM_XEN_PVH, PLATFORM_XEN_HVM,
	PLATFORM_OTHER_VM,
};

const enum milestone mmutrace_steps[MMUTRACE_STEPS] = {
	STEP_DIRECT_MAP_DONE, STEP_ZONES, STEP_MEMORY_LINE, STEP_INIT_MEMORY_FREED, STEP_USERSPACE,
	STEP_XEN_BUILDS_DOM0, STEP_XEN_DONE, STEP_POWER_OFF,
};

/* --- writing --------------------------------------------------------------- */

struct mmutrace_writer {
	char *path, *temporary;    /* owned */
	int number;                /* formats/publish.h */
	FILE *out;
	uint64_t written;          /* operations */
	uint64_t before;           /* ... of them before this block */
	uint16_t domain;           /* of the last record in this block */
	uint32_t line;             /* ... of the next one, as a reader will take it; 0: none */
	size_t used;               /* bytes of `block` */
	unsigned char block[MMUTRACE_BLOCK_BYTES_MAX];
	char redacted[LINE_BYTES_MAX];
};

static void store_le(unsigned char *at, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (unsigned char)(n >> 8 * i);
}

static void begin_block(struct mmutrace_writer *writer)
{
	writer->used = MMUTRACE_BLOCK_HEADER_BYTES;
	writer->before = writer->written;
	writer->domain = DOMAIN_NONE;
	writer->line = 0;
}

static void put_block(struct mmutrace_writer *writer, uint32_t magic)
{
	size_t payload = writer->used - MMUTRACE_BLOCK_HEADER_BYTES;

	store_le(writer->block, magic, 4);
	store_le(writer->block + 4, payload, 4);
	store_le(writer->block + 8, writer->before, 8);
	store_le(writer->block + 16, mmutrace_checksum(writer->block, payload / 8), 8);
	fwrite_unlocked(writer->block, 1, writer->used, writer->out);
	begin_block(writer);
}

/* What stands there is replaced, if it is a file. */
static bool may_replace(const char *path, const char **trouble)
{
	struct stat about;

	if (stat(path, &about) || S_ISREG(about.st_mode))
		return true;
	*trouble = "is not a regular file";
	return false;
}

static void free_writer(struct mmutrace_writer *writer)
{
	free(writer->path);
	free(writer->temporary);
	free(writer);
}

/* mkostemp() gives 0600; the trace is a file like any other. */
static bool open_temporary(struct mmutrace_writer *writer)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	fd = mkostemp(writer->temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	writer->number = publish_plan(writer->temporary, writer->path);
	if (writer->number >= 0 && !fchmod(fd, 0666 & ~mask) && (writer->out = fdopen(fd, "w")))
		return true;
	unlink(writer->temporary);
	close(fd);
	return false;
}

struct mmutrace_writer *mmutrace_create(const char *path, const char **trouble)
{
	static const unsigned char header[MMUTRACE_HEADER_BYTES] =
		MMUTRACE_MAGIC "\1\0\0\0\0\0\0";
	struct mmutrace_writer *writer;

	if (!may_replace(path, trouble))
		return NULL;
	writer = calloc(1, sizeof(*writer));
	if (!writer) {
		*trouble = strerror(errno);
		return NULL;
	}
	writer->path = strdup(path);
	if (!writer->path || asprintf(&writer->temporary, "%s.XXXXXX", path) < 0 ||
	    !open_temporary(writer)) {
		*trouble = strerror(errno);
		free_writer(writer);
		return NULL;
	}
	setvbuf(writer->out, NULL, _IOFBF, 256 * 1024);
	fwrite_unlocked(header, 1, sizeof(header), writer->out);
	begin_block(writer);
	return writer;
}

/* Room for a record of `bytes` in this block, after its domain. */
static unsigned char *record_room(struct mmutrace_writer *writer, uint16_t domain, size_t bytes)
{
	unsigned char *at;

	if (writer->used + 8 + bytes > MMUTRACE_BLOCK_BYTES_MAX)
		put_block(writer, MMUTRACE_BLOCK);
	if (domain != writer->domain) {
		store_le(writer->block + writer->used, MMUTRACE_DOMAIN | (uint64_t)domain << 32, 8);
		writer->used += 8;
		writer->domain = domain;
	}
	at = writer->block + writer->used;
	writer->used += bytes;
	return at;
}

/* ... of one that has a line of its own. */
static unsigned char *placed_room(struct mmutrace_writer *writer, uint16_t domain, uint32_t line,
				  size_t bytes)
{
	if (writer->used + 24 + bytes > MMUTRACE_BLOCK_BYTES_MAX)
		put_block(writer, MMUTRACE_BLOCK);
	if (line != writer->line)
		store_le(record_room(writer, domain, 8),
			 MMUTRACE_PLACE | (uint64_t)line << 32, 8);
	writer->line = line ? line + 1 : 0;
	return record_room(writer, domain, bytes);
}

static uint64_t verdict_bits(const struct mmu_op *op, bool *more)
{
	int32_t verdict = op->verdict;

	if (verdict == MMU_VERDICT_UNKNOWN)
		verdict = MMUTRACE_VERDICT_UNKNOWN;
	else if (verdict <= INT16_MIN || verdict >= INT16_MAX)
		verdict = MMUTRACE_VERDICT_MORE;
	*more = op->flags || verdict == MMUTRACE_VERDICT_MORE;
	return (uint64_t)(uint16_t)verdict << 48;
}

static unsigned by_xen(const struct event *event)
{
	return event->speaker == SPEAKER_XEN ? MMUTRACE_BY_XEN : 0;
}

static void put_op(struct mmutrace_writer *writer, const struct event *event)
{
	const struct mmu_op *op = &event->u.mmu;
	uint64_t words[5];
	unsigned count = 0, parts = 0;
	unsigned char *at;
	uint64_t verdict;
	bool more;

	verdict = verdict_bits(op, &more);
	if (op->has_ptr)
		words[count++] = op->ptr, parts |= MMUTRACE_PTR;
	/* Also where it is 0: alike records read faster. */
	if (op->val || op->kind == MMU_UPDATE)
		words[count++] = op->val, parts |= MMUTRACE_VAL;
	if (op->mfn.n != MMU_NO_FRAME)
		words[count++] = op->mfn.n, parts |= MMUTRACE_MFN;
	if (op->pfn.n != MMU_NO_FRAME)
		words[count++] = op->pfn.n, parts |= MMUTRACE_PFN;
	if (more)
		words[count++] = op->flags | (uint64_t)(uint32_t)op->verdict << 32,
		parts |= MMUTRACE_MORE;
	parts |= (unsigned)event->certainty << MMUTRACE_CERTAINTY_SHIFT | by_xen(event);
	at = placed_room(writer, event->domain, event->at.line, 8 + 8 * count);
	store_le(at, (uint64_t)(op->kind + MMUTRACE_UPDATE) |
		 (uint64_t)(op->level | (unsigned)op->command << MMUTRACE_COMMAND_SHIFT |
			    (op->init_phase ? MMUTRACE_INIT_PHASE : 0) |
			    (op->pinned ? MMUTRACE_PINNED : 0) |
			    (op->partial ? MMUTRACE_PARTIAL : 0)) << 8 |
		 (uint64_t)parts << 16 | (uint64_t)op->vcpu << 24 |
		 (uint64_t)op->foreign << 32 | verdict, 8);
	for (unsigned i = 0; i < count; i++)
		store_le(at + 8 + 8 * i, words[i], 8);
	writer->written++;
}

/* A fact: its head, with `vcpu` and `foreign` as its kind says. */
static void put_fact(struct mmutrace_writer *writer, const struct event *event,
		     enum mmutrace_kind kind, unsigned vcpu, unsigned foreign)
{
	store_le(record_room(writer, event->domain, 8),
		 kind | (uint64_t)by_xen(event) << 16 | (uint64_t)(uint8_t)vcpu << 24 |
		 (uint64_t)(uint16_t)foreign << 32, 8);
}

/* At most this much of "2.6.39-rc5" and the like; the kernel's own is 64. */
#define VERSION_WORDS_MAX 128u

static void put_version(struct mmutrace_writer *writer, const struct event *event,
			enum mmutrace_kind kind, unsigned vcpu, uint64_t numbers, struct text words)
{
	size_t length = words.length < VERSION_WORDS_MAX ? words.length : VERSION_WORDS_MAX;
	size_t count = 1 + (length + 7) / 8;
	unsigned char *at = record_room(writer, event->domain, 8 + 8 * count);

	store_le(at, kind | (uint64_t)count << 8 | (uint64_t)by_xen(event) << 16 |
		 (uint64_t)(uint8_t)vcpu << 24, 8);
	store_le(at + 8, numbers, 8);
	memset(at + 16, 0, 8 * (count - 1));
	if (length)
		memcpy(at + 16, words.at, length);
}

static uint64_t version_numbers(unsigned major, unsigned minor, unsigned patch, int rc)
{
	return (uint64_t)(uint16_t)major | (uint64_t)(uint16_t)minor << 16 |
	       (uint64_t)(uint16_t)patch << 32 | (uint64_t)(uint16_t)rc << 48;
}

static void put_platform(struct mmutrace_writer *writer, const struct event *event)
{
	for (unsigned i = 0; i < MMUTRACE_PLATFORMS; i++)
		if (mmutrace_platforms[i] == event->u.platform)
			put_fact(writer, event, MMUTRACE_PLATFORM, i, 0);
}

static void put_step(struct mmutrace_writer *writer, const struct event *event)
{
	for (unsigned i = 0; i < MMUTRACE_STEPS; i++)
		if (mmutrace_steps[i] == event->u.milestone.step)
			put_fact(writer, event, MMUTRACE_STEP, i, 0);
}

/* One of the parts of a line; the first has its place. A line says itself whose it is. */
static void put_part(struct mmutrace_writer *writer, struct text part, uint32_t line,
		     unsigned joints)
{
	size_t bytes = (part.length + 7) / 8 * 8;
	unsigned char *at = joints & MMUTRACE_CONTINUES
		? record_room(writer, writer->domain, 8 + bytes)
		: placed_room(writer, writer->domain, line, 8 + bytes);

	store_le(at, MMUTRACE_LINE | (uint64_t)(bytes / 8) << 8 | (uint64_t)joints << 24 |
		 (uint64_t)part.length << 32, 8);
	memset(at + 8, 0, bytes);
	memcpy(at + 8, part.at, part.length);
}

void mmutrace_put_line(struct mmutrace_writer *writer, struct text line, struct loc at,
		       bool redacted)
{
	unsigned joints = MMUTRACE_GOES_ON;

	if (redacted && line.length <= sizeof(writer->redacted)) {
		line.at = memcpy(writer->redacted, line.at, line.length);
		redact(writer->redacted, line.length);
	}
	while (line.length > MMUTRACE_LINE_PART_MAX) {
		put_part(writer, (struct text){ line.at, MMUTRACE_LINE_PART_MAX }, at.line, joints);
		joints |= MMUTRACE_CONTINUES;
		line.at += MMUTRACE_LINE_PART_MAX;
		line.length -= MMUTRACE_LINE_PART_MAX;
	}
	put_part(writer, line, at.line, joints & MMUTRACE_CONTINUES);
}

void mmutrace_put(struct mmutrace_writer *writer, const struct event *event)
{
	if (event->kind == EV_MMU_OP)
		put_op(writer, event);
	else if (event->at.line && !event_of_trace(event))
		return;   /* with its line, which is not kept of a trace */
	else if (event->kind == EV_KERNEL_STARTED)
		put_version(writer, event, MMUTRACE_KERNEL, event->u.kernel.by_oops,
			    version_numbers(event->u.kernel.major, event->u.kernel.minor,
					    event->u.kernel.patch, event->u.kernel.rc),
			    event->u.kernel.words);
	else if (event->kind == EV_XEN_STARTED)
		put_version(writer, event, MMUTRACE_XEN, (unsigned)event->u.xen.debug,
			    version_numbers(event->u.xen.major, event->u.xen.minor, 0, 0),
			    event->u.xen.words);
	else if (event->kind == EV_PLATFORM_TOLD)
		put_platform(writer, event);
	else if (event->kind == EV_KERNEL_BITS)
		put_fact(writer, event, MMUTRACE_BITS, event->u.word_size.bits,
			 event->u.word_size.pae | (unsigned)event->u.word_size.nx << 1);
	else if (event->kind == EV_MILESTONE)
		put_step(writer, event);
	else if (event->kind == EV_MESSAGES_LOST)
		put_fact(writer, event, MMUTRACE_MESSAGES_LOST, event->u.lost.what, 0);
}

uint64_t mmutrace_written(const struct mmutrace_writer *writer)
{
	return writer->written;
}

static bool flush_all(struct mmutrace_writer *writer)
{
	if (writer->used > MMUTRACE_BLOCK_HEADER_BYTES)
		put_block(writer, MMUTRACE_BLOCK);
	put_block(writer, MMUTRACE_END);
	return !fflush(writer->out) && !ferror(writer->out) && !fsync(fileno(writer->out));
}

enum status mmutrace_finish(struct mmutrace_writer *writer, bool keep, const char **trouble)
{
	enum status status = ST_OK;
	bool good;

	errno = 0;
	good = keep && flush_all(writer);
	if (fclose(writer->out))
		good = false;
	if (good && !publish_end(writer->number, true))
		good = false;
	if (keep && !good) {
		*trouble = errno ? strerror(errno) : "write error";
		status = ST_IO;
	}
	if (!good)
		(void)publish_end(writer->number, false);
	free_writer(writer);
	return status;
}
