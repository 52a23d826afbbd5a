/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* The configuration files of NUT, all of which are in one directory. */

typedef enum ConfigFileKind {
        CONFIG_FILE_NUT,
        CONFIG_FILE_UPS,
        CONFIG_FILE_UPSD,
        CONFIG_FILE_USERS,
        CONFIG_FILE_UPSMON,
        CONFIG_FILE_UPSSCHED,
        _CONFIG_FILE_MAX,
} ConfigFileKind;

typedef struct ConfigFile {
        const char *name;
        bool secret; /* what passwords and communities are written to: never for everybody to read */
} ConfigFile;

extern const ConfigFile nut_config_files[_CONFIG_FILE_MAX];
