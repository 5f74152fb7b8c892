/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Opens inputs and hands out their bytes in blocks; gives any record's bytes
 * again until the report is out. Of what cannot be sought (a pipe, an unpacked
 * member) the first block stays in the buffer; when there are more, all are kept
 * in an unlinked temporary file as they are read. */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "core/limits.h"
#include "core/loc.h"
#include "core/status.h"
#include "core/text.h"
#include "formats/stream.h"

/* The buffer. Blocks are read to source_data(); the last two lines of the block
 * before are moved in front of it, so a line never crosses a border; scanners
 * look up to SOURCE_SLACK bytes past the end.
 *
 *   |slack|  two lines  | READ_BYTES ......................... |slack|
 *                       ^ source_data(), page-aligned
 * Pages that a small input does not reach are never touched. */
#define SOURCE_SLACK 4096u
#define SOURCE_FRONT_BYTES (SOURCE_SLACK + (2 * LINE_BYTES_MAX + 4095u) / 4096u * 4096u)
#define SOURCE_BUFFER_BYTES (SOURCE_FRONT_BYTES + READ_BYTES + SOURCE_SLACK)

/* Gives the bytes of an input once more: what is unpacked from a file needs no copy
 * as long as nobody asks for a line again, which of a healthy log nobody does. */
struct source_maker {
	struct stream *(*begin)(struct source_maker *maker);   /* NULL: it cannot */
	void (*end)(struct source_maker *maker);
};

struct source {
	const char *name;      /* as given; "-" is standard input */
	int fd;                /* -1: closed */
	bool seekable;         /* can be read again itself */
	bool is_kmsg;          /* /dev/kmsg: ends when there is nothing to read */
	bool redact;           /* source_quote() hides names */
	/* input_format.words of its format, or NULL: source_quote() gives these. */
	size_t (*words)(const unsigned char *record, size_t bytes, char *into, size_t room);
	bool read_once;        /* nothing will be read again: keep no copy */
	struct stream *stream; /* the bytes come from here, not from fd; not owned */
	struct stream *ahead;  /* ... read by a thread; owned */
	struct source_maker *maker;  /* instead of a copy; NULL: none. Not owned */
	int spool_fd;          /* copy of what cannot be sought, or -1 */
	size_t kept;           /* bytes of the first block that stand in the buffer, while
	                        * they need no other copy */
	uint64_t bytes;        /* read so far */
	uint64_t bytes_max;    /* --max-bytes, --max-line; 0: none */
	uint32_t line_max, line_bytes;
	uint64_t size;         /* of all of it; 0: not known */
	/* Called after each block; NULL: by nobody. */
	void (*watch)(void *context, const struct source *source);
	void *watch_context;
	struct stream failure; /* that came after good bytes: source_failure() */
	char *buffer;          /* SOURCE_BUFFER_BYTES; shared, not owned */
	uint32_t input;        /* the loc.input of its lines; set after source_open() */
	struct source *next;   /* read together with it (a trace); or NULL */
	uint32_t quoted;       /* the input whose line was quoted last */
};

/* The source that a place is in: this one, or one of the next. */
struct source *source_of(struct source *source, struct loc at);

/* Bytes that all sources of this process have given: it gets on. */
extern volatile uint64_t source_progress;

/* A buffer for any number of sources, one after the other. NULL: out of
 * memory. Give it back with free(). */
char *source_buffer_new(void);
static inline char *source_data(const struct source *source)
{
	return source->buffer + SOURCE_FRONT_BYTES;
}

/* Opens `name` ("-": standard input). A directory, a missing or unreadable file
 * fails with ST_NOT_FOUND or ST_IO and *trouble (static or strerror text).
 * Keeps `buffer` and `watch` as they are. */
MUST_USE enum status source_open(struct source *source, const char *name, const char **trouble);
/* The same in two steps, which may be taken by two processes: a descriptor for `name`
 * (below 0: -errno); and a source of it, which closes it unless it is standard input. */
int source_descriptor(const char *name);
MUST_USE enum status source_open_fd(struct source *source, const char *name, int fd,
				    const char **trouble);
/* The same for bytes that a stream makes. */
void source_open_stream(struct source *source, const char *name, struct stream *stream);
/* Reads `room` bytes to `into`, fewer only at the end (*got < room). Retries
 * EINTR and short reads of pipes. */
MUST_USE enum status source_read(struct source *source, char *into, size_t room, size_t *got,
				 const char **trouble);
/* Goes on by up to n bytes that are not read, but count as if they were; by how many:
 * none where that cannot be done. */
uint64_t source_skip(struct source *source, uint64_t n);
/* Did the bytes end because of a failure: an unpacked input that is damaged, a limit?
 * What came before is good, but for a last line without its end. */
enum status source_failure(const struct source *source, const char **trouble);
/* A descriptor of the whole input that can be sought: its own or a copy's, read to
 * the end; the source's to close. `first` bytes were read already. */
MUST_USE enum status source_whole_fd(struct source *source, size_t first, int *fd,
				     const char **trouble);
/* From here on source_reread() reads from fd, the source's from now on: text that
 * stands in for the input. */
void source_stand_in(struct source *source, int fd);
/* The bytes of a record again, up to `room`; returns how many. Works after the
 * last read, until source_close(). 0 when they cannot be had. */
size_t source_reread(struct source *source, struct loc at, char *into, size_t room);
/* The same for a reader of the report: a binary record in words, which may be more than
 * its bytes; with --redact, names are hidden. */
size_t source_quote(struct source *source, struct loc at, char *into, size_t room);
/* Its stream is read and goes away; source_reread() works on. */
void source_end_stream(struct source *source);
void source_close(struct source *source);

#endif
