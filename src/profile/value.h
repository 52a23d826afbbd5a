/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "profile.h"
#include "value-function.h"

/* From a text that a device gave to the one that is shown: what the engines of line protocols and of SNMP
 * have in common. Pure. */

/* [lookup:NAME]: words or numbers and texts, both ways. */
typedef struct ValueLookupEntry {
        char *word;     /* as in the file; NULL: "*", all that is not named */
        bool is_number; /* then number counts for what is a number and no word of the lookup as it stands */
        double number;
        char *text;
} ValueLookupEntry;

typedef struct ValueLookup {
        char *name;
        ValueLookupEntry *entries;
        size_t n_entries;
        unsigned line; /* 0: built in */
        bool used;
} ValueLookup;

/* A number, or the variable that it is. */
typedef struct ValueNumber {
        double value;   /* or, with a variable: while that is not known, NaN for unknown */
        char *variable; /* or NULL */
} ValueNumber;

typedef struct ValueRange {
        ValueNumber min, max;
} ValueRange;

/* What is done to a text from its selector on, in this order. What is not given is zero; divide and scale
 * are 1 then. */
typedef struct ValueConversion {
        char *trim;
        char **invalid; /* strv, with * for any characters */
        ProfilePattern match;
        const ValueFunction *function;
        char *function_argument;
        unsigned base; /* 2, 10, 16; 0: not given */
        bool has_clamp, has_plausible;
        bool numeric; /* it must be a number, see the grammar */
        uint64_t mask; /* 0: none */
        ValueNumber scale, offset;
        double divide;
        double clamp_min, clamp_max, plausible_min, plausible_max;
        const ValueLookup *lookup;
        const ValueLookup *unlook;
        const ProfileNames *names;
        char *format; /* checked, or NULL */
} ValueConversion;

/* is=, is-match=, is-range=, invert. */
typedef struct ValueTest {
        char **is; /* strv */
        ProfilePattern match;
        bool has_range;
        bool invert;
        double min, max;
} ValueTest;

/* [lookup:NAME] and [names:NAME] of a profile. */
typedef struct ValueDefinitions {
        ValueLookup *lookups;
        size_t n_lookups;
        ProfileNames *names;
        size_t n_names;
} ValueDefinitions;

/* Does to *s (new memory, replaced as needed) what the conversion says. scale and offset stand for what the
 * conversion has; NaN: it is not known. 1; 0: the value is not known; -ENOMEM. */
int value_convert(const ValueConversion *c, double scale, double offset, char **s);

/* Whether a text passes. Without is=, is-match= and is-range= it does when it is a number but not 0. */
bool value_test_holds(const ValueTest *t, const char *text);

/* Whether a test says anything about a text: one of numbers says nothing about what is none. */
bool value_test_applies(const ValueTest *t, const char *text);

/* Whether nothing is done to a text. */
bool value_conversion_is_empty(const ValueConversion *c);

/* A conversion that does nothing, which is not all zeros. */
void value_conversion_init(ValueConversion *c);
void value_conversion_done(ValueConversion *c);
void value_test_done(ValueTest *t);
void value_range_done(ValueRange *r);
void value_ranges_done(ValueRange *ranges, size_t n);
void value_definitions_done(ValueDefinitions *d);
