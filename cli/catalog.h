/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules, for people and for scripts. Knows no inputs. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include <stdio.h>

#include "formats/writer.h"

void catalog_list(FILE *out);
/* One JSON array, an object for each rule, in the order of IDs. */
void catalog_list_json(FILE *out);
/* Everything about one rule. */
void catalog_explain(FILE *out, const struct rule *rule,
		     const struct write_options *options);

/* The program itself, as one JSON object: schema numbers, options, modules. */
void catalog_version_json(FILE *out);

#endif
