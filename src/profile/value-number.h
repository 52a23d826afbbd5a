/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "value.h"

/* Numbers and the texts for them, both ways. Pure. */

/* The whole text is a number of that base (0 is 10): with a sign, zeros in front or none. */
bool value_number_parse(const char *s, unsigned base, double *ret);

/* By a checked format of profiles; NULL: as few digits as it needs. "" for what no format shows. NULL
 * without memory. */
char *value_number_text(const char *format, double v);

/* The text for a word or number; NULL for none. */
const char *value_lookup_text(const ValueLookup *l, const char *word);

/* The word for a text; case counts only if two texts differ in nothing else. NULL for none. */
const char *value_lookup_word(const ValueLookup *l, const char *text);

/* The entry for a text, likewise. */
const ValueLookupEntry *value_lookup_entry(const ValueLookup *l, const char *text);
