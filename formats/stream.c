/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/stream.h"

#include <stdarg.h>
#include <stdio.h>

size_t stream_fail(struct stream *stream, enum status status, const char *format, ...)
{
	va_list args;

	if (stream->status != ST_OK)
		return 0;
	stream->status = status;
	va_start(args, format);
	vsnprintf(stream->trouble, sizeof(stream->trouble), format, args);
	va_end(args);
	return 0;
}
