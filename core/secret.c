/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/secret.h"

#include <string.h>
#include <sys/auxv.h>

uint64_t secret_number(void)
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);   /* 16 of the kernel's */
	uint64_t number = UINT64_C(0x9e3779b97f4a7c15);

	if (bytes)
		memcpy(&number, bytes, sizeof(number));
	return number | 1;
}
