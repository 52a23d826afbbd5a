/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-files.h"

const ConfigFile nut_config_files[_CONFIG_FILE_MAX] = {
        [CONFIG_FILE_NUT]      = { "nut.conf",      false },
        [CONFIG_FILE_UPS]      = { "ups.conf",      true  },
        [CONFIG_FILE_UPSD]     = { "upsd.conf",     false },
        [CONFIG_FILE_USERS]    = { "upsd.users",    true  },
        [CONFIG_FILE_UPSMON]   = { "upsmon.conf",   true  },
        [CONFIG_FILE_UPSSCHED] = { "upssched.conf", false },
};
