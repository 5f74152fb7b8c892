/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mmu_counts.h"

#include <inttypes.h>

static void put_doubts(FILE *out, unsigned indent, const uint64_t *unsure)
{
	for (unsigned i = 0; i < MMU_DOUBT_COUNT; i++)
		if (unsure[i])
			fprintf(out, "%*s%" PRIu64 " unknown: %s\n", (int)indent, "", unsure[i],
				mmu_doubt_doc((enum mmu_doubt)i));
}

static void put_answered(FILE *out, unsigned indent, const struct mmu_counts *counts)
{
	if (counts->refused)
		fprintf(out, "%*sXen refused %" PRIu64 "; the replay refuses %" PRIu64
			" of them too\n", (int)indent, "", counts->refused, counts->agreed_refused);
	if (counts->agreed_presumed || counts->not_as_presumed)
		fprintf(out, "%*spresumed: that the direct map is as the kernel announced it; where "
			"that decides, nothing can disagree\n", (int)indent, "");
	put_doubts(out, indent, counts->unsure);
}

static void put_unanswered(FILE *out, unsigned indent, const struct mmu_counts *counts)
{
	uint64_t unknown = mmu_doubts(counts->untold_unsure);

	fprintf(out, "%*sby its rules alone: %" PRIu64 " legal, %" PRIu64 " to be refused, %" PRIu64
		" unknown\n", (int)indent, "",
		counts->unanswered - counts->untold_refused - unknown, counts->untold_refused,
		unknown);
	put_doubts(out, indent, counts->untold_unsure);
}

void mmu_counts_put(FILE *out, unsigned indent, const char *operations,
		    const struct mmu_counts *counts)
{
	uint64_t answered = counts->operations - counts->unanswered;

	fprintf(out, "%*s%" PRIu64 " %s", (int)indent, "", counts->operations, operations);
	if (answered) {
		fprintf(out, "; against Xen's answer: %" PRIu64 " agreed", counts->agreed);
		if (counts->agreed_presumed)
			fprintf(out, " (%" PRIu64 " of them on what was presumed)",
				counts->agreed_presumed);
		fprintf(out, ", %" PRIu64 " disagreed", counts->disagreed);
		if (counts->agreed_presumed || counts->not_as_presumed)
			fprintf(out, ", %" PRIu64 " not as presumed", counts->not_as_presumed);
		fprintf(out, ", %" PRIu64 " unknown\n", mmu_unsure(counts));
	}
	if (answered)
		put_answered(out, indent + 2, counts);
	if (answered && counts->unanswered)
		fprintf(out, "%*s%" PRIu64 " others", (int)indent, "", counts->unanswered);
	if (counts->unanswered) {
		fputs("; Xen's answer to them is not told\n", out);
		put_unanswered(out, indent + 2, counts);
	}
}
