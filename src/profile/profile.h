/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* What profiles of all engines have in common. */

/* Bounds that no profile meets: bytes of a file, rows and commands of it, numbers that each= stands for,
 * characters of a regular expression. */
#define PROFILE_SIZE_MAX (1U << 20)
#define PROFILE_ROWS_MAX 20000U
#define PROFILE_EACH_MAX 64U
#define PROFILE_PATTERN_MAX 256U

/* A regular expression: extended, found anywhere, case ignored. text is NULL for none. Of the hundreds that
 * profiles have most are never looked for, so it is compiled when it is needed first. */
typedef struct ProfilePattern {
        char *text;
        struct ProfileRegex *regex;
} ProfilePattern;

typedef struct ProfilePatterns {
        ProfilePattern *patterns;
        size_t n_patterns;
} ProfilePatterns;

/* [names:NAME]: texts for texts. */
typedef struct ProfileNames {
        char *name;
        char **pairs; /* strv: from, to, from, to, ... */
        unsigned line;
        bool used;
} ProfileNames;

typedef struct ProfileUsb {
        int vendor_id, product_id; /* -1: any */
} ProfileUsb;

/* A line of [derived]: a product of variables and numbers, for a variable that no row gives. */
typedef struct ProfileFactor {
        char *variable; /* or NULL: the number alone */
        bool has_number;
        double number;  /* of a variable: its value while it is not known */
} ProfileFactor;

typedef struct ProfileDerived {
        char *name;
        ProfileFactor *factors;
        size_t n_factors;
        char *format;
        const struct ProfileWhen *when; /* of a HID profile; see hid-profile.h */
        bool when_not;
        const char *file;
        unsigned line;
} ProfileDerived;

/* Whether the expression is found in s; never when s is NULL. */
bool profile_pattern_matches(const ProfilePattern *p, const char *s);

/* Whether one of the expressions is found in s (which may be NULL); true as well when there are none. */
bool profile_patterns_match(const ProfilePatterns *p, const char *s);

/* What an expression finds in s: its first group, or all of it without groups. New memory; -ENOENT when it
 * is not found. */
int profile_pattern_extract(const ProfilePattern *p, const char *s, char **ret);

/* The engine that a file is for, by its "engine =": "hid", "line", or something else that stands there; new
 * memory. Without such a line it is "hid". Other errors than -ENOMEM mean that the file cannot be read. */
int profile_file_engine(const char *path, char **ret);

/* Whether a profile has a line "include = NAME". Negative errno if it cannot be read. */
int profile_file_includes(const char *path, const char *name);
