/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>

#include "driver.h"
#include "ups-conf.h"

/* What is configured for one device: its section of ups.conf, completed by the globals and the command
 * line and checked against the option tables. Never changed once made, and counted, so that a device's
 * thread can keep it. */

typedef struct OptionValue {
        const Option *option;
        char *value;
        char *place; /* FILE:LINE, NULL for the command line */
} OptionValue;

typedef struct FixedValue {
        char *name, *value;
} FixedValue;

typedef struct DeviceConfig {
        atomic_uint n_ref;
        const Driver *driver;
        Transport transport;
        char *name, *port, *description; /* description may be NULL */
        OptionValue *values;             /* those given, each option at most once */
        size_t n_values;
        FixedValue *defaults, *overrides; /* default.NAME and override.NAME */
        size_t n_defaults, n_overrides;
        bool powering_off; /* set before anything is started, when the load is to be cut */
} DeviceConfig;

/* Where options come from: a section with the globals around it, and pairs of the command line, which
 * win. */
typedef struct ConfigSource {
        const char *name;          /* of the device */
        const UpsConf *conf;       /* NULL without ups.conf */
        const UpsSection *section; /* likewise */
        char *const *pairs;        /* strv of key=value and of flags */
} ConfigSource;

/* Makes the configuration of a device. What is wrong in the file is reported, left out, and replaced by
 * the default. A mistake on the command line is logged and gives -EINVAL, as does a device without port. */
int device_config_new(const Driver *driver, const ConfigSource *source, ConfReport report, void *userdata,
                DeviceConfig **ret);

/* Another reference, and one less. unref takes NULL and returns NULL. */
DeviceConfig *device_config_ref(DeviceConfig *c);
DeviceConfig *device_config_unref(DeviceConfig *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(DeviceConfig *, device_config_unref);

/* Reports the keys among the globals that neither the kit nor the driver knows. */
void config_check_globals(const Driver *driver, const UpsConf *conf, ConfReport report, void *userdata);

/* The value of an option: as given, else its initial one, else NULL. Knows the common options too. */
const char *device_config_get(const DeviceConfig *c, const char *name) _pure_;

/* The value if it was given, else NULL. */
const char *device_config_given(const DeviceConfig *c, const char *name) _pure_;

/* Where the value was given, as FILE:LINE; NULL when it was not, or on the command line. */
const char *device_config_place(const DeviceConfig *c, const char *name) _pure_;

/* As a number; 0 when there is none. */
int64_t device_config_integer(const DeviceConfig *c, const char *name) _pure_;

/* As a truth value; false when there is none. */
bool device_config_boolean(const DeviceConfig *c, const char *name) _pure_;

/* A number of seconds in microseconds. */
uint64_t device_config_usec(const DeviceConfig *c, const char *name) _pure_;

/* The value that override.NAME or default.NAME gives a variable, or NULL. */
const char *device_config_override(const DeviceConfig *c, const char *name) _pure_;
const char *device_config_default(const DeviceConfig *c, const char *name) _pure_;

/* Whether two configurations say the same. */
bool device_config_equal(const DeviceConfig *a, const DeviceConfig *b) _pure_;
