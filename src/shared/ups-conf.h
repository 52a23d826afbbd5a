/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* ups.conf: global defaults and one section per device. Which option names a driver knows is for the kit to
 * check; here they are kept with their places. */

/* The most options that a section, or the part before all sections, may have. */
#define UPS_OPTIONS_MAX 1000U

typedef struct UpsOption {
        char *key;
        char *value;   /* NULL for a flag */
        char *file;
        unsigned line; /* 0: from the command line */
} UpsOption;

typedef struct UpsSection {
        char *name;
        char *driver;
        char *port;
        char *description; /* desc=, or NULL */
        UpsOption *options; /* all others, in order, each key once; keys are told apart by case */
        size_t n_options;
        char *file;
        unsigned line;
} UpsSection;

typedef struct UpsConf {
        UpsOption *globals;
        size_t n_globals;
        UpsSection *sections; /* in file order; complete ones (driver and port) only */
        size_t n_sections;
        bool exists;
} UpsConf;

/* Reads ups.conf from the configuration directory. A drop-in may go on with a section of another file and
 * change its options; twice in one file a section is refused. Sections without driver or port, or with a
 * name that no client could ask for, are reported and left out; the rest is taken. Errors as conf_load(). */
int ups_conf_load(ConfReport report, void *userdata, UpsConf **ret);

/* The same from lines that were read before. */
int ups_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsConf **ret);

UpsConf *ups_conf_free(UpsConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsConf *, ups_conf_free);

/* The section of that name, ignoring case, or NULL. */
const UpsSection *ups_conf_find(const UpsConf *c, const char *name) _pure_;

/* The last option of that key in the section, else among the globals, else NULL. */
const UpsOption *ups_conf_option(const UpsConf *c, const UpsSection *s, const char *key) _pure_;

/* Whether s can be a device name: 1 to 63 printable ASCII characters that are none of white space " \ # =
 * @ : / [ ]. */
bool device_name_is_valid(const char *s) _pure_;
