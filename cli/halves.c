/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/halves.h"

#include <stdlib.h>

/* Longer ones are no "dmesg": the rings have 16 KiB to some MiB. */
#define HALF_BYTES_MAX (8u * 1024 * 1024)

/* "dmesg.out", "xl_dmesg", "xl-dmesg.txt": the rings as they were when the report was
 * made, hence of one boot. Not "dmesg.old", "dmesg.1.gz" or files of syslogd. */
static bool is_ring(const char *name)
{
	const char *last = strrchr(name, '/'), *at;

	last = last ? last + 1 : name;
	at = strstr(last, "dmesg");
	if (!at || strstr(last, ".old"))
		return false;
	for (at += strlen("dmesg"); *at; at++)
		if (*at == '.' && at[1] >= '0' && at[1] <= '9')
			return false;
	return true;
}

/* The only boot of the log, or NULL. */
static const struct boot_report *only_boot(const struct run *run)
{
	const struct boot_report *boot = run->input.boots;

	return boot && !boot->next && !run->input.clean_boots_more ? boot : NULL;
}

static bool take(struct half *half, struct run *run, const char *name)
{
	size_t length = (size_t)run->input.bytes;
	struct loc whole = { .length = (uint32_t)length };
	char *bytes;

	if (half->name || length > HALF_BYTES_MAX)
		return false;
	bytes = malloc(length + 1);
	half->name = strdup(name);
	if (bytes && half->name && source_reread(&run->source, whole, bytes, length) == length) {
		half->bytes = bytes;
		half->length = length;
		half->lines = (uint32_t)run->input.lines;
		return true;
	}
	if (!bytes || !half->name)
		run->over = "out of memory";
	free(bytes);
	free(half->name);
	half->name = NULL;
	return false;
}

bool halves_take(struct halves *halves, struct run *run, const char *name)
{
	const struct boot_report *boot = only_boot(run);
	bool xen_speaks;

	if (run->input.status != ST_OK || !boot || !is_ring(name))
		return false;
	xen_speaks = strstr(boot->evidence, "Xen page-type") != NULL;
	if (!boot->kernel && boot->xen)
		return take(&halves->xen, run, name);
	if (boot->kernel && boot->has_start && !xen_speaks && !strncmp(boot->platform, "Xen PV", 6))
		return take(&halves->kernel, run, name);
	return false;
}

static size_t halves_read(struct stream *stream, char *into, size_t room)
{
	struct halves_stream *halves = (struct halves_stream *)stream;

	while (halves->part < 2 && halves->parts[halves->part]) {
		const struct half *half = halves->parts[halves->part];
		size_t got = half->length - halves->at;

		if (got) {
			if (got > room)
				got = room;
			memcpy(into, half->bytes + halves->at, got);
			halves->at += got;
			return got;
		}
		halves->part++;
		halves->at = 0;
		if (half->length && half->bytes[half->length - 1] != '\n') {
			*into = '\n';
			return 1;
		}
	}
	return 0;
}

void halves_stream_init(struct halves_stream *stream, const struct half *first,
			const struct half *second)
{
	*stream = (struct halves_stream){ .stream.read = halves_read, .parts = { first, second } };
}

void halves_free(struct halves *halves)
{
	free(halves->xen.name);
	free(halves->xen.bytes);
	free(halves->kernel.name);
	free(halves->kernel.bytes);
	*halves = (struct halves){ { 0 }, { 0 } };
}
