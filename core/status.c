/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/status.h"

const char *status_sentence(enum status status)
{
	static const char *const sentences[] = {
#define S(name, sentence) sentence,
		STATUSES(S)
#undef S
	};
	return (size_t)status < ARRAY_LEN(sentences) ? sentences[status] : "unknown status";
}

bool status_for_bisect;

int status_code(enum exit_status status)
{
	if (!status_for_bisect || status == EXIT_CLEAN || status == EXIT_FINDINGS)
		return (int)status;
	return status == EXIT_USAGE ? BISECT_ABORT : BISECT_SKIP;
}
