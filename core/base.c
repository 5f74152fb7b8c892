/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/status.h"

/* One write() and no stream: the heap may be what is broken, another thread
 * may hold a stream's lock, and half a report must not be flushed. */
void assert_failed(const char *condition, const char *file, int line)
{
	char message[512];
	int length = snprintf(message, sizeof(message),
			      "pgtcheck: %s:%d: this should hold but does not: %s\n"
			      "pgtcheck: this is our mistake, not your input's; please report it\n",
			      file, line, condition);

	if (length >= (int)sizeof(message))
		length = sizeof(message) - 1;
	if (length > 0 && write(STDERR_FILENO, message, (size_t)length) < 0) {
		/* Nobody listens; the exit status still tells. */
	}
#ifdef TEST_BUILD
	abort();
#else
	_exit(status_code(EXIT_TROUBLE));
#endif
}
