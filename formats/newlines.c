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

/* Writes the positions of two newlines, `from` and what the mask tells, needed or not:
 * few have more. Returns what is left of the mask. */
WITH_AVX2
static ALWAYS_INLINE uint64_t put_two(uint64_t mask, size_t from, uint16_t *to)
{
	to[0] = (uint16_t)(from + _tzcnt_u64(mask));
	mask = _blsr_u64(mask);
	to[1] = (uint16_t)(from + _tzcnt_u64(mask));
	return _blsr_u64(mask);
}

/* The others. */
WITH_AVX2
static void put_more(uint64_t mask, size_t from, uint16_t *to)
{
	for (; mask; mask = _blsr_u64(mask))
		*to++ = (uint16_t)(from + _tzcnt_u64(mask));
}

/* Reads whole 128-byte steps: the buffer's slack covers what lies past the end, and
 * newlines there are dropped. A branch that goes the same way each time costs nothing. */
WITH_AVX2
static unsigned scan_avx2(const char *bytes, unsigned length, uint16_t *positions)
{
	uint16_t *to = positions;
	unsigned count;

	for (size_t i = 0; i < length; i += 128) {
		uint64_t low = newlines_of_64(bytes + i), high = newlines_of_64(bytes + i + 64);
		uint64_t more = put_two(low, i, to);

		if (UNLIKELY(more))
			put_more(more, i, to + 2);
		to += _mm_popcnt_u64(low);
		more = put_two(high, i + 64, to);
		if (UNLIKELY(more))
			put_more(more, i + 64, to + 2);
		to += _mm_popcnt_u64(high);
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
