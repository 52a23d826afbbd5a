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
        UpsOption *unread; /* lines of it that made no sense, without value */
        size_t n_unread;
        char *file;
        unsigned line;
        bool enrolled; /* no administrator wrote it: the device was plugged in, and no section is for it */
} UpsSection;

typedef struct UpsConf {
        UpsOption *globals;
        size_t n_globals;
        UpsOption *unread; /* likewise */
        size_t n_unread;
        UpsSection *sections; /* in file order; complete ones (driver and port) only; enrolled ones last */
        size_t n_sections;
        bool exists; /* as an administrator's file */
} UpsConf;

/* Reads ups.conf from the configuration directory. A drop-in may go on with a section of another file and
 * change its options; twice in one file a section is refused. Sections without driver or port, or with a
 * name that no client could ask for, are reported and left out; the rest is taken. Behind them come the
 * sections of devices that were plugged in, from ENROLLED_CONF (or $BUSBAR_ENROLLED_CONF), but for those
 * whose name is there already: what goes wrong with that file is reported, and no failure. Errors as
 * conf_load(). */
int ups_conf_load(ConfReport report, void *userdata, UpsConf **ret);

/* The same from lines that were read before. */
int ups_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsConf **ret);

/* The enrolled sections alone, all of them, without their mark. Errors as conf_load(). */
int ups_conf_load_enrolled(ConfReport report, void *userdata, UpsConf **ret);

/* Takes over the sections of other whose names c does not have, as enrolled ones; other keeps the rest. 0 or
 * -ENOMEM, with c as it was. */
int ups_conf_add_enrolled(UpsConf *c, UpsConf *other);

/* Whether the section's driver is started when its device is plugged in, and not when the machine is. */
bool ups_section_is_plugged(const UpsSection *s) _pure_;

/* The options, NULL at the end, by which a section of nutdrv_qx is for a device on USB, whatever its port:
 * as with NUT, they can only be said of such. */
const char *const *ups_conf_usb_keys(void) _const_;

/* The drivers whose devices are plugged in, NULL at the end, and whether one is among them. */
const char *const *ups_conf_plugged_drivers(void) _const_;
bool ups_conf_driver_is_plugged(const char *driver) _pure_;

/* The group of devices that are served by one process, for drivers that have such: group= of the section or
 * of all, unless that is one of the groups of the system, for whom NUT has the option (those of
 * ROOT/etc/group: nobody else is asked); UPS_GROUP_DEFAULT when there is none. s is of c. */
#define UPS_GROUP_DEFAULT "default"
const char *ups_conf_process_group(const UpsConf *c, const UpsSection *s, const char *root);

/* Whether the system has a group, by that file. */
bool ups_conf_is_system_group(const char *name, const char *root);

UpsConf *ups_conf_free(UpsConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsConf *, ups_conf_free);

/* The section of that name, ignoring case, or NULL. */
const UpsSection *ups_conf_find(const UpsConf *c, const char *name) _pure_;

/* The last option of that key in the section, else among the globals, else NULL. */
const UpsOption *ups_conf_option(const UpsConf *c, const UpsSection *s, const char *key) _pure_;

/* Whether s can be a device name: 1 to 63 printable ASCII characters that are none of white space " \ # =
 * @ : / [ ]. */
bool device_name_is_valid(const char *s) _pure_;
