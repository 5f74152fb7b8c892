/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pgtcheck's own binary trace. Blocks get the checksum that belongs to them. */
#include <string.h>

#include "formats/cursor.h"
#include "formats/mmutrace.h"
#include "tests/fuzz.h"

static void seal(unsigned char *bytes, size_t size)
{
	size_t at = MMUTRACE_HEADER_BYTES;

	while (at + MMUTRACE_BLOCK_HEADER_BYTES <= size) {
		unsigned char *block = bytes + at;
		size_t payload = load_le(block + 4, 4);
		uint64_t sum;

		if (payload % 8 || payload > size - at - MMUTRACE_BLOCK_HEADER_BYTES)
			return;
		sum = mmutrace_checksum(block, payload / 8);
		/* One block in 256 stays as it is: damage is to be read too. */
		if (block[16] != 0x5a)
			memcpy(block + 16, &sum, sizeof(sum));
		at += MMUTRACE_BLOCK_HEADER_BYTES + payload;
	}
}

const struct fuzz_target fuzz_target = {
	.options = { "--type=mmutrace", "-v" },
	.mend = seal,
};
