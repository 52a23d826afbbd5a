/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* NUT's configuration files as lines of words, read from FILE and then from FILE.d/ *.conf in version order.
 * Nothing is lost in silence: each thing that cannot be taken is reported with its file and line. */

/* Bounds that no real configuration meets: bytes of a file, and sections of all files of a Conf. */
#define CONF_SIZE_MAX (4U << 20)
#define CONF_SECTIONS_MAX 10000U

typedef struct ConfLine {
        const char *file;    /* path as opened; owned by the Conf */
        unsigned line;       /* from 1 */
        const char *section; /* name inside [...] that this line stands in, or NULL */
        unsigned section_line; /* where in the file that [...] stands, 0 without */
        char **words;        /* strv; never empty; section headers are not lines */
        size_t n_words;
        bool assignment;     /* words[1] was an unquoted = */
} ConfLine;

typedef struct Conf Conf;

/* Called for each problem, with the place it stands at (line 0: the file as a whole). level is a syslog
 * level: LOG_ERR for what is refused, LOG_WARNING for what is taken nonetheless. */
typedef void (*ConfReport)(void *userdata, int level, const char *file, unsigned line, const char *message);

/* The ConfReport of daemons: logs with the fields of the place. userdata is ignored. */
void conf_report_log(void *userdata, int level, const char *file, unsigned line, const char *message);

/* Formats a message about a line and reports it. Here and below report may be NULL: nobody wants to know. */
void conf_line_report(const ConfLine *l, ConfReport report, void *userdata, int level, const char *fmt, ...)
        _printf_(5, 6);

/* Reports as an error that the first word of a line is none of the keys, which end in NULL, and names the
 * nearest of them. kind is what the file calls them. */
void conf_line_report_unknown_key(const ConfLine *l, ConfReport report, void *userdata, const char *kind,
                const char *const *keys);

/* Reads path and its drop-ins. A file that does not exist is empty: *ret has no lines, the return is 0
 * and conf_exists() is false. Problems inside files are reported and the rest is taken. Returns a
 * negative errno only when a file that is there cannot be read (reported as well) or memory is short.
 * Free with conf_free(). */
int conf_load(const char *path, ConfReport report, void *userdata, Conf **ret);

/* The same from memory; name stands in for the file in messages. */
int conf_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata, Conf **ret);

Conf *conf_free(Conf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(Conf *, conf_free);

/* Whether the main file or a drop-in was there. */
bool conf_exists(const Conf *c) _pure_;

/* The lines, in order. */
size_t conf_n_lines(const Conf *c) _pure_;
const ConfLine *conf_line(const Conf *c, size_t i) _pure_;

/* Sections in order of first appearance, also those without lines; strv owned by the Conf. */
char *const *conf_sections(const Conf *c) _pure_;

/* Where section i of conf_sections() first stands. */
const ConfLine *conf_section_place(const Conf *c, size_t i) _pure_;

/* For "key = value" lines: the value words joined by one space (NUT takes "a b" and a b alike), in new
 * memory. NULL ret for a flag, a line of one word. -EINVAL for "key =" and for words behind a flag. */
int conf_line_value(const ConfLine *l, char **ret);

/* The known key nearest to a mistyped one, or NULL when none is near. keys is a strv or ends in NULL. */
const char *conf_nearest_key(const char *key, const char *const *keys);

/* Path of a configuration file: $NUT_CONFPATH or the built-in directory, with name; NULL without memory.
 * An absolute name is copied as it is. */
char *conf_path(const char *name);

/* Directory of the drivers' programs: $BUSBAR_DRIVER_PATH, else the built-in one. */
const char *conf_driver_path(void);

/* Directory of driver sockets: $NUT_STATEPATH, else the built-in one. */
const char *conf_state_path(void);
