/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every file may rely on: assertions that stay on, a few attributes. */
#ifndef CORE_BASE_H
#define CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Our own mistake, never the input's: one message, then exit status 3
 * (abort() in a test build, so that a debugger or a fuzzer sees it).
 * One condition per ASSERT. */
#define ASSERT(condition) \
	(LIKELY(condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))

_Noreturn void assert_failed(const char *condition, const char *file, int line);

#endif
