/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --redact: names of machines and people in quoted lines. Every letter and digit
 * of one becomes 'x', so that lines keep their length and carets their place. */
#ifndef FORMATS_REDACT_H
#define FORMATS_REDACT_H

#include <stddef.h>

/* Host names of syslog, builders (root@host), command lines; MAC, IPv4 and IPv6
 * addresses; serial numbers; user names in paths; what follows password=, secret=, token=,
 * key= and the like, and what stands before the '@' of a URL. bytes: whole lines, or a part
 * of one, in place. Addresses of memory and versions of kernels stay. */
void redact(char *bytes, size_t length);

#endif
