/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Build-time tool: reads the tables of formats/lines_*.c and writes
 * line_index.c, the index of formats/line_index.h, to standard output.
 *
 *   mkindex formats/lines_a.c formats/lines_b.c >line_index.c
 *
 * It reads no C but the tables:
 *
 *   const struct line_shape lines_NAME[] = {     NAME as in the file's name
 *           LINE("pattern" "goes on", ends, handler),
 *   };
 *
 * with comments between the rows. Anything else in a table, a pattern that
 * cannot be indexed, and captures that do not fit `ends` end the build. It
 * runs on the build machine, so it includes nothing of ours; line_index.c
 * holds static assertions that both agree on the hash.
 *
 *   tables.c   the rows, from the tables
 *   keys.c     which four bytes a row's lines begin with, or which class
 *   slots.c    the rows of one key or class, and the window that tells them apart
 *   tell.c     the one byte that tells which of them to try
 *   begins.c   which lines are of no row
 *   write.c    all that as C, and each row's pattern */
#ifndef MKINDEX_H
#define MKINDEX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 4096
#define FAMILIES_MAX 64
#define KEYS_MAX 16384
#define CANDIDATES_MAX 65000
#define ALIKE_MAX 32u       /* rows of one key or class */
#define TELLS_MAX 1024u
#define TELL_AT_MAX 40u
#define WINDOW_MAX 32u
#define AFTER_ANY 0u
#define AFTER_SIGN 1u
#define AFTER_DECIMAL 0x80u
#define KEY_BYTES 4
#define BEGIN_BYTES 8       /* that tell lines of no row */
#define BEGIN_BITS 18       /* of the hash of those */
#define BEGIN_MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)
#define BEGINNINGS 1024     /* kinds of a line's first two bytes */
#define BEGIN_VARIANTS_MAX 256   /* of those that have the first two bytes alike */
#define VARIANTS_MAX 96     /* keys one row may have; more make it a class */
#define GROUPS_MAX 6
#define SLOT_BITS 15
#define HASH_MULTIPLIER 0x9e3779b1u
#define CAPTURES_MAX 12
#define RANGES_MAX 4

#define CLASS_AGAIN 0x80u

struct byte_set {
	uint64_t bits[4];
};

struct row {
	char *pattern;
	unsigned family, number;     /* in its file, from 0 */
	const char *file;
	unsigned line;
	bool marker;                 /* no row: makes the hot loop look closer */
	bool is_class;
	struct byte_set sets[KEY_BYTES];   /* of a class: what may stand where */
	unsigned group;
	char ends[32];               /* "ENDS_INCLUSIVE" */
};

/* The rows of one key or class, and the window that tells them apart. */
struct slot {
	uint32_t key;
	unsigned first, count, window;
	unsigned tell_at, tells;     /* see tell.c */
	bool prefix;
};

extern struct row rows[ROWS_MAX];
extern unsigned row_count, real_row_count;
extern char *families[FAMILIES_MAX];
extern unsigned family_count;
/* Keys and whose they are. */
extern struct pair { uint32_t key; unsigned row; } pairs[KEYS_MAX];
extern unsigned pair_count;
extern struct candidate { uint64_t value, mask; unsigned row, blank; } candidates[CANDIDATES_MAX];
extern unsigned candidate_count;
/* Classes of rows without a key. */
extern struct group { struct byte_set sets[KEY_BYTES]; struct slot slot; } groups[ROWS_MAX];
extern unsigned group_count;
/* See begins.c. */
extern uint64_t begin_mask[BEGINNINGS];
extern bool begins[1u << BEGIN_BITS];

/* One way that a pattern's first bytes can be, and who wants to know it. */
struct path {
	struct row *row;
	unsigned bytes;              /* BEGIN_BYTES at most */
	void (*take)(struct path *path);
	struct byte_set sets[BEGIN_BYTES];
	double variants;             /* take_variants() */
	bool no_letters;             /* a number that begins with a letter was taken before */
};

/* tables.c */
_Noreturn void fail(const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void read_family(const char *file);

/* keys.c */
bool set_has(const struct byte_set *set, unsigned byte);
unsigned set_size(const struct byte_set *set);
void set_join(struct byte_set *set, const struct byte_set *other);
struct byte_set set_all(void);
/* Tries every way the pattern can go on at `p`. `inside`: within a blank or
 * number that has begun. Sets may be too large, never too small. */
void walk(struct path *path, const char *p, bool inside, unsigned depth);
void index_row(struct row *row);

/* slots.c */
void group_classes(void);
void list_groups(void);
/* The slot table, its size a power of two at most half full. */
void place_keys(struct slot *slots, unsigned *size);

/* tell.c */
extern uint32_t tells[TELLS_MAX][32];
extern unsigned tells_count;
/* Chooses the byte of a slot whose candidates are made. */
void choose_tell(struct slot *slot);

/* begins.c */
unsigned always(unsigned byte);
void index_begins(void);

/* write.c */
void write_index(const struct slot *slots, unsigned size);

#endif
