/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"

/* A profile on its way from lines to rows. Functions that find a mistake in the file report it, mark the
 * profile as failed and return 0, so that the rest is looked at too; what they return is want of memory. */

/* A name of [usages]. */
typedef struct LoaderUsage {
        char *name;
        uint32_t usage;
} LoaderUsage;

typedef struct Loader {
        HidProfile *profile;
        Conf *conf;
        ConfReport report;
        void *userdata;
        bool failed;

        LoaderUsage *usages;
        size_t n_usages, usages_allocated;
        size_t rows_allocated[_PROFILE_ROW_TYPE_MAX];
        size_t commands_allocated, matches_allocated, derived_allocated;
} Loader;

/* word=value, or a word alone (value NULL). */
typedef struct Attribute {
        const char *name, *value;
} Attribute;

#define ATTRIBUTES_MAX 32U

/* Reports an error about a line; returns 0. */
int loader_error(Loader *l, const ConfLine *line, const char *fmt, ...) _printf_(3, 4);

/* The same for something that is unknown, with the nearest of what is known; known ends in NULL. */
int loader_error_unknown(Loader *l, const ConfLine *line, const char *kind, const char *name,
                const char *const *known);
void loader_warn(Loader *l, const ConfLine *line, const char *fmt, ...) _printf_(3, 4);

/* Splits the words from first on. Returns how many attributes there are, or -EINVAL after a report. */
int loader_attributes(Loader *l, const ConfLine *line, size_t first,
                Attribute attributes[static ATTRIBUTES_MAX]);

/* Runs a parser on each line that each= in it stands for, without the each=. */
typedef int (*LoaderLine)(Loader *l, const ConfLine *line, void *userdata);
int loader_each(Loader *l, const ConfLine *line, LoaderLine run, void *userdata);

/* The same with a number for % that is known. */
int loader_each_number(Loader *l, const ConfLine *line, int64_t number, LoaderLine run, void *userdata);

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
int loader_path(Loader *l, const ConfLine *line, const char *s, bool any, ProfilePath *ret);
int loader_kind(Loader *l, const ConfLine *line, const char *s, int *ret);
int loader_when(Loader *l, const ConfLine *line, const char *s, const ProfileWhen **ret, bool *ret_not);
int loader_lookup(Loader *l, const ConfLine *line, const char *s, const ProfileLookup **ret);
int loader_curve(Loader *l, const ConfLine *line, const char *s, const ProfileCurve **ret);
int loader_names(Loader *l, const ConfLine *line, const char *s, const ProfileNames **ret);
int loader_function(Loader *l, const ConfLine *line, const char *s, ProfileFunction *ret);
int loader_format(Loader *l, const ConfLine *line, const char *s, char **ret);
int loader_variable(Loader *l, const ConfLine *line, const char *s, char **ret);
int loader_integer(Loader *l, const ConfLine *line, const char *what, const char *s, int64_t min,
                int64_t max,
                int64_t *ret);
int loader_usb(Loader *l, const ConfLine *line, const char *s, ProfileUsb *ret);
int loader_pattern(Loader *l, const ConfLine *line, const char *s, ProfilePattern *ret);
int loader_number(Loader *l, const ConfLine *line, const char *what, const char *s, double *ret);

/* Decimal, or hexadecimal behind 0x. 0, -EINVAL or -ERANGE. */
int profile_number_parse(const char *s, double *ret);
int profile_integer_parse(const char *s, int64_t *ret);
int profile_range_parse(const char *s, double *ret_min, double *ret_max);
int profile_integer_range_parse(const char *s, int64_t *ret_min, int64_t *ret_max);

/* Numbers with commas between them; 64 at most. */
int profile_numbers_parse(const char *s, double **ret, size_t *ret_n);

/* Readers of sections. */
int loader_read_profile(Loader *l, const ConfLine *line);
int loader_read_match(Loader *l, const ConfLine *line);
int loader_read_usage(Loader *l, const ConfLine *line);
int loader_read_when(Loader *l, const ConfLine *line, ProfileWhen *w);
int loader_read_lookup(Loader *l, const ConfLine *line, ProfileLookup *lookup);
int loader_read_curve(Loader *l, const ConfLine *line, ProfileCurve *curve);
int loader_read_names(Loader *l, const ConfLine *line, ProfileNames *names);
int loader_read_derived(Loader *l, const ConfLine *line);
int loader_read_link(Loader *l, const ConfLine *line);
int loader_read_row(Loader *l, const ConfLine *line, ProfileRowType type);
int loader_read_command(Loader *l, const ConfLine *line);

/* Lines first..last of the Conf are a [command:NAME]. */
int loader_read_command_section(Loader *l, const char *name, size_t first, size_t last);

/* Warns of a variable that nobody knows, unless its name begins with experimental. */
void profile_check_name(Loader *l, const ConfLine *line, const char *s);

/* The value of "key = value", for sections whose lines have nothing behind it. 1 when there is one. */
int loader_value(Loader *l, const ConfLine *line, const char **ret);

/* The lookups that each profile has. */
int profile_add_builtin_lookups(HidProfile *p);

/* The same expression, or none in both. */
bool profile_patterns_equal(const ProfilePattern *a, const ProfilePattern *b);

void profile_path_done(ProfilePath *path);
void profile_pattern_done(ProfilePattern *p);
void profile_row_done(ProfileRow *row);
void profile_derived_done(ProfileDerived *d);
void profile_when_done(ProfileWhen *w);
void profile_command_done(ProfileCommand *c);
