/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"

/* Numbers of devices and the texts for them, both ways. Pure. */

/* A number by a format of profiles (NULL: %.0f); "" for what no device means. NULL without memory. */
char *number_to_text(const char *format, double v);

/* The text for a raw value, else for the physical one, else that for all others; NULL for none. */
const char *lookup_text(const ProfileLookup *l, double raw, double physical);

/* The reverse; case counts only if two texts differ in nothing else. */
bool lookup_raw(const ProfileLookup *l, const char *text, double *ret);

/* The value of a curve at x. */
double curve_at(const ProfileCurve *c, double x);

/* What a text is replaced by, or itself. */
const char *names_text(const ProfileNames *n, const char *s);

/* A delay in seconds, from and to the form of the three functions for packed ones. */
double delay_unpack(ProfileFunction function, int64_t raw);
int64_t delay_pack(ProfileFunction function, double seconds);

/* The text that a function makes of a raw value: dates, hexadecimal, bytes. "" for no value, and for
 * functions that make numbers; NULL without memory. */
char *function_text(ProfileFunction function, int64_t raw, unsigned size_bits);
bool function_makes_text(ProfileFunction function) _const_;

/* "2024/05/31" to the raw value of one of the two date functions. -EINVAL. */
int date_parse(ProfileFunction function, const char *text, int64_t *ret);
