/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mkindex/mkindex.h"

/* Beginnings that line_strip() may take off although they look like text, in
 * logs whose lines have no prefix at first: syslog's month names, dmesg -x,
 * "dom0 kernel:", source tags without "(XEN)", dmesg --json, the time of an installer. */
static const char *const markers[] = {
	"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ",
	"Oct ", "Nov ", "Dec ", "Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ",
	"Sun ", "kern", "dom0", "mm.c", "traps.c", "arch/x86", "\"msg",
	"<d>:<d>:",
};

static void add_markers(void)
{
	for (unsigned i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		rows[row_count++] = (struct row){ .pattern = strdup(markers[i]),
						  .file = "mkindex", .marker = true };
}

int main(int argc, char **argv)
{
	static struct slot slots[2 * KEYS_MAX];
	unsigned size;

	for (int i = 1; i < argc; i++)
		read_family(argv[i]);
	real_row_count = row_count;
	if (row_count + sizeof(markers) / sizeof(*markers) > ROWS_MAX)
		fail("mkindex", 0, "too many rows");
	add_markers();
	for (unsigned r = 0; r < row_count; r++)
		index_row(&rows[r]);
	group_classes();
	list_groups();
	index_begins();
	place_keys(slots, &size);

	write_index(slots, size);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
