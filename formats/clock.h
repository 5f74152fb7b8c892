/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The time that a kernel or its tracer has put on a line. Both take it from one clock
 * (local_clock(), unless trace_clock says otherwise), so that a log and a trace of one
 * boot can be put in order.
 * Source: Linux kernel/printk/printk.c print_time(), kernel/trace/trace_output.c
 * trace_print_context(), 3.1 to 6.12. */
#ifndef FORMATS_CLOCK_H
#define FORMATS_CLOCK_H

#include "core/text.h"

/* "[    0.371250] ", "d..1. 60.652497: ", "6,1018,371250,-;": microseconds since the
 * boot. False: there is none, or it is another's (the hypervisor's, xenalyze's). */
bool clock_of(struct text line, uint64_t *microseconds);

#endif
