/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "profile.h"

/* A profile of any engine on its way from lines to what it means. Functions that find a mistake in the file
 * report it, mark the profile as failed and return 0, so that the rest is looked at too; what they return is
 * want of memory. The loader of an engine embeds this as its first member. */

/* Conditions, lookups, curves, queries and lists of names of one profile. */
#define DEFINITIONS_MAX 512U

typedef struct Loader {
        ConfLine *lines;   /* what it consists of, with what it includes; numbered, see profile_place() */
        ConfLine *headers; /* where each section first stands */
        size_t n_lines, n_headers;
        Conf **confs;      /* the files: the profile itself, and those that it includes */
        char **included;   /* strv: the paths of these */
        char *file; /* as given, and the id in it */
        char *id;
        uint64_t hash; /* of the text of all files */
        ConfReport report;
        void *userdata;
        const struct ValueScope *values; /* see value-loader.h; NULL for engines without them */
        bool failed;
        size_t derived_allocated;
} Loader;

/* A kind of section: "variables", or with a name behind the colon "when:". Tables of them end in one without
 * name. Sections of a lower phase are read before those of a higher one, wherever they stand. */
typedef struct LoaderSection LoaderSection;
struct LoaderSection {
        const char *name;
        unsigned phase;
        /* Called for each section that is there, before any line is read; or NULL. */
        int (*define)(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name);
        /* Either of them: a line, or lines first..last of the Loader, which are all of the section. */
        int (*read)(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name);
        int (*read_whole)(Loader *l, const char *name, size_t first, size_t last);
        int argument; /* of the engine's own */
        bool replaces; /* a row of a name takes the place of those of that name that are included */
};

/* What an engine does with a profile as a whole. */
typedef struct LoaderEngine {
        const LoaderSection *sections;
        int (*begin)(Loader *l); /* before the sections; file and id are there */
        int (*check)(Loader *l);
} LoaderEngine;

/* word=value, or a word alone (value NULL). */
typedef struct Attribute {
        const char *name, *value;
} Attribute;

#define ATTRIBUTES_MAX 32U

/* Reads all. 0, -EBADMSG after reports, or -ENOMEM; l is to be passed to loader_done() in any case. */
int loader_run(Loader *l, const LoaderEngine *engine, const char *name, const char *data, size_t n);
void loader_done(Loader *l);

/* The kind of a section, and the name behind its colon; NULL for none. */
const LoaderSection *loader_find_section(
        const LoaderSection *sections, const char *section, const char **ret_name);

/* A profile is strict: a ConfReport, with a Loader, for which that is an error of which readers of lines
 * only warn. */
void loader_report_line(
        void *userdata, int level, const char *file, unsigned line, const char *message);

/* Reads the lines of a profile and of what it includes. -EBADMSG after reports. */
int loader_read_conf(Loader *l, const LoaderSection *sections, const char *data, size_t n);
void loader_conf_done(Loader *l);

/* The directories above those that profiles are in; strv. */
int loader_parents(char ***ret);

/* Numbers of lines are the loader's own, as they say the file as well. While a profile is read, they stand
 * in each ConfLine and all that takes its line from one; loader_error() and its like know that. This makes
 * file and line of one, whose file is owned by one of the first two. */
void profile_place(const char *file, char *const *included, unsigned line, ConfLine *ret);
unsigned profile_line_number(unsigned line) _const_;
bool profile_line_is_included(unsigned line) _const_;

/* "line 7", or "FILE:7" in another file than here; new memory, NULL without. */
char *loader_describe_line(const Loader *l, const ConfLine *here, unsigned line);

/* All of a file, at most one byte more than PROFILE_SIZE_MAX, in new memory. What fails is reported. */
int loader_read_file(const char *path, ConfReport report, void *userdata, char **ret, size_t *ret_n);

/* How files *.profile are taken: those in the directory of a name below each directory of $BUSBAR_PROFILES,
 * or of the built-in ones. A file of an earlier directory hides later ones of the same name, unless add()
 * cannot use it. */
typedef struct LoaderCollector {
        bool (*has)(void *userdata, const char *id, size_t n); /* one with these n bytes as its id */
        int (*add)(void *userdata, const char *path); /* -ENOMEM, or anything else to go on */
        void *userdata;
        const char *engine; /* or NULL: only files for the engine "line", or "snmp"; any other
                         * word: those for neither */
        ConfReport report;
        void *report_userdata;
} LoaderCollector;

/* 0, or -ENOMEM. A directory that is not there is empty, one that cannot be read is reported. */
int loader_collect(const char *directory, const LoaderCollector *c);

/* Those of one directory, which has to be there. */
int loader_collect_path(const char *path, const LoaderCollector *c);

/* Reports an error about a line; returns 0. */
int loader_error(Loader *l, const ConfLine *line, const char *fmt, ...) _printf_(3, 4);

/* The same for something that is unknown, with the nearest of what is known; known ends in NULL. */
int loader_error_unknown(Loader *l, const ConfLine *line, const char *kind, const char *name,
                const char *const *known);
void loader_warn(Loader *l, const ConfLine *line, const char *fmt, ...) _printf_(3, 4);

/* The thing of this name among n, which begin with their name (char *), as an index. Returns 1, or 0 after a
 * report with the nearest name. */
int loader_find(Loader *l,
        const ConfLine *line,
        const char *kind,
        const char *name,
        const void *first,
        size_t n,
        size_t size,
        size_t *ret);

/* Whether a line belongs to the definition that stands in line defined; else it is told. A definition is in
 * one piece. */
bool loader_belongs(Loader *l, const ConfLine *line, unsigned defined);

/* What is defined has to be used, and not to be empty. line 0 is built in. That it is not used is not told
 * of a profile with mistakes, as what uses it may be among them. */
void loader_check_used(Loader *l, unsigned line, bool used, bool empty, const char *kind, const char *name);

/* Splits the words from first on. Returns how many attributes there are, or -EINVAL after a report. */
int loader_attributes(Loader *l, const ConfLine *line, size_t first,
                Attribute attributes[static ATTRIBUTES_MAX]);

/* Runs a parser on each line that each= in it stands for, without the each=. */
typedef int (*LoaderLine)(Loader *l, const ConfLine *line, void *userdata);
int loader_each(Loader *l, const ConfLine *line, LoaderLine run, void *userdata);

/* The same with a number for % that is known. */
int loader_each_number(Loader *l, const ConfLine *line, int64_t number, LoaderLine run, void *userdata);

/* A whole section that may have one line "each = 1..8". run() is called for each number with a line whose
 * third word is the name of the section, complete, and the number; NULL for none. */
typedef int (*LoaderWhole)(
        Loader *l, const ConfLine *head, size_t first, size_t last, const int64_t *number);
int loader_each_section(Loader *l, const char *name, size_t first, size_t last, LoaderWhole run);

/* Whether a line is that "each = ...". */
bool loader_is_each(const ConfLine *line);

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
int loader_names(Loader *l, const ConfLine *line, const char *s, ProfileNames *names, size_t n,
                const ProfileNames **ret);
int loader_variable(Loader *l, const ConfLine *line, const char *s, char **ret);
int loader_command_name(Loader *l, const ConfLine *line, const char *s, char **ret);
int loader_condition(Loader *l, const ConfLine *line, const char *s, int *ret);
int loader_alarm(Loader *l, const ConfLine *line, const char *s);
int loader_integer(Loader *l, const ConfLine *line, const char *what, const char *s, int64_t min,
                int64_t max,
                int64_t *ret);
int loader_usb(Loader *l, const ConfLine *line, const char *s, ProfileUsb *ret);
int loader_pattern(Loader *l, const ConfLine *line, const char *s, ProfilePattern *ret);
int loader_seconds(
        Loader *l, const ConfLine *line, const char *what, const char *s, unsigned max, uint64_t *ret);
int loader_number(Loader *l, const ConfLine *line, const char *what, const char *s, double *ret);
int loader_range(Loader *l, const ConfLine *line, const char *what, const char *s, double *ret_min,
                double *ret_max);
int loader_format(Loader *l, const ConfLine *line, const char *s, char **ret);

/* Sets a text that can stand there once. */
int loader_text(Loader *l, const ConfLine *line, const char *value, char **field);

/* The value of "key = value", for sections whose lines have nothing behind it. 1 when there is one. */
int loader_value(Loader *l, const ConfLine *line, const char **ret);

/* Decimal, or hexadecimal behind 0x. 0, -EINVAL or -ERANGE. */
int profile_number_parse(const char *s, double *ret);
int profile_integer_parse(const char *s, int64_t *ret);
int profile_range_parse(const char *s, double *ret_min, double *ret_max);
int profile_integer_range_parse(const char *s, int64_t *ret_min, int64_t *ret_max);

/* Numbers with commas between them; 64 at most. */
int profile_numbers_parse(const char *s, double **ret, size_t *ret_n);

/* A line of [names:NAME]. */
int loader_read_names(Loader *l, const ConfLine *line, ProfileNames *names);

/* A line of [derived], once each= is seen to. An attribute that it does not know is given to the function,
 * which returns 1 when it was fine, 0 after a report, and whose known ones are named. Returns 1 when *ret is
 * complete, 0 after a report. */
typedef int (*LoaderAttribute)(Loader *l, const ConfLine *line, const Attribute *a, void *userdata);
int loader_read_derived(Loader *l, const ConfLine *line, LoaderAttribute when, void *userdata,
                ProfileDerived *ret);

/* The lookups that profiles have without defining them: names, and the text of a number; NULL at the end of
 * either. */
typedef struct ProfileBuiltinLookup {
        const char *name;
        unsigned first; /* the number of the first text */
        const char *texts[8];
} ProfileBuiltinLookup;

/* All of them. */
const ProfileBuiltinLookup *profile_builtin_lookups(size_t *ret_n);

/* Warns of a variable that nobody knows, unless its name begins with experimental. */
void profile_check_name(Loader *l, const ConfLine *line, const char *s);

/* The same expression, or none in both. */
bool profile_patterns_equal(const ProfilePattern *a, const ProfilePattern *b);

void profile_pattern_done(ProfilePattern *p);
void profile_patterns_done(ProfilePatterns *p);
void profile_derived_done(ProfileDerived *d);
void profile_names_done(ProfileNames *n);
