/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules, for people and for scripts. Knows no inputs. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include <stdio.h>

#include "core/rule.h"

void catalog_list(FILE *out);
/* One JSON array, an object for each rule, in the order of IDs. */
void catalog_list_json(FILE *out);
/* Everything about one rule. */
void catalog_explain(FILE *out, const struct rule *rule, bool color);

#endif
