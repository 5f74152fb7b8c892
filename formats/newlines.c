/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/newlines.h"

#include <string.h>

unsigned newlines_plain(const char *bytes, unsigned length, uint16_t *positions)
{
	unsigned count = 0;

	for (unsigned i = 0; i < length;) {
		const char *newline = memchr(bytes + i, '\n', length - i);

		if (!newline)
			break;
		i = (unsigned)(newline - bytes);
		positions[count++] = (uint16_t)i++;
	}
	return count;
}

#if defined(__x86_64__) && !defined(NO_SIMD)
#include <immintrin.h>

/* Tuned for one of those that have all three and count bits without waiting for what
 * stood in the register before. */
#define WITH_AVX2 __attribute__((target("avx2,bmi,popcnt,tune=znver2")))

WITH_AVX2
static ALWAYS_INLINE uint64_t newlines_of_64(const char *bytes)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	__m256i low = _mm256_loadu_si256((const __m256i *)bytes);
	__m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, newline)) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, newline)) << 32;
}

/* Writes the positions of all newlines that the mask tells of; returns where more go. */
WITH_AVX2
static uint16_t *put_all(uint64_t mask, size_t from, uint16_t *to)
{
	for (; mask; mask = _blsr_u64(mask))
		*to++ = (uint16_t)(from + _tzcnt_u64(mask));
	return to;
}

/* The same, where two are written whether there are any or not: few have more. */
WITH_AVX2
static ALWAYS_INLINE uint16_t *put_two(uint64_t mask, size_t from, uint16_t *to)
{
	uint64_t others = _blsr_u64(mask);

	to[0] = (uint16_t)(from + _tzcnt_u64(mask));
	to[1] = (uint16_t)(from + _tzcnt_u64(others));
	others = _blsr_u64(others);
	if (UNLIKELY(others))
		put_all(others, from, to + 2);
	return to + _mm_popcnt_u64(mask);
}

/* A branch that goes the same way each time costs nothing, so most blocks of 16 KiB are
 * done by the first of these loops: lines of a log are longer than 64 bytes. When several
 * were not, the second does the rest. Both read whole steps of 128 bytes: the buffer's slack
 * covers what lies past the end, and newlines there are dropped. */
#define SHORT_FEW 8u

WITH_AVX2
static size_t scan_long(const char *bytes, size_t length, uint16_t **to)
{
	uint16_t *next = *to;
	unsigned shorts = 0;
	size_t i;

	for (i = 0; i < length; i += 128) {
		uint64_t low = newlines_of_64(bytes + i), high = newlines_of_64(bytes + i + 64);
		unsigned lows = (unsigned)_mm_popcnt_u64(low), highs = (unsigned)_mm_popcnt_u64(high);

		if (UNLIKELY((lows | highs) > 1)) {
			if (++shorts > SHORT_FEW)
				break;
			next = put_all(high, i + 64, put_all(low, i, next));
			continue;
		}
		*next = (uint16_t)(_tzcnt_u64(low) + i);
		next += lows;
		*next = (uint16_t)(_tzcnt_u64(high) + i + 64);
		next += highs;
	}
	*to = next;
	return i;
}

WITH_AVX2
static unsigned scan_avx2(const char *bytes, unsigned length, uint16_t *positions)
{
	uint16_t *to = positions;
	unsigned count;

	for (size_t i = scan_long(bytes, length, &to); i < length; i += 128) {
		uint64_t low = newlines_of_64(bytes + i), high = newlines_of_64(bytes + i + 64);

		to = put_two(high, i + 64, put_two(low, i, to));
	}
	count = (unsigned)(to - positions);
	while (count && positions[count - 1] >= length)
		count--;
	return count;
}
#endif

#if defined(__x86_64__) && !defined(NO_SIMD)
#if defined(__has_include) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

/* The loader has asked the processor already. The compiler's own way asks again, 13
 * times when the program starts, and in a virtual machine each is a way out of it.
 * Source: glibc 2.34, manual/platform.texi, "X86-specific Facilities". */
static bool has_avx2(void)
{
#ifdef CPU_FEATURE_ACTIVE
	return CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) && CPU_FEATURE_ACTIVE(POPCNT);
#else
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
#endif
}
#endif

newline_scanner newlines_scanner(void)
{
#if defined(__x86_64__) && !defined(NO_SIMD)
	if (has_avx2())
		return scan_avx2;
#endif
	return newlines_plain;
}
