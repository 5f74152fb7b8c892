/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A number that no input can know, for hashes of what a stranger chose: else he chooses
 * keys that all meet, and the time grows as their square. Nothing that is reported may
 * depend on it. */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include <stdint.h>

/* Odd, and the same for the whole process. */
uint64_t secret_number(void);

#endif
