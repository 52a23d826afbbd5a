/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-list.h"

#include <stdio.h>
#include <stdlib.h>

#include "snmp-profile.h"
#include "string-util.h"

bool snmp_list_is_wanted(int argc, char *const argv[]) {
        for (int i = 1; i < argc; i++) {
                const char *pair = startswith(argv[i], "-x") ?: argv[i];

                if (strcaseeq(pair, "mibs=--list"))
                        return true;
        }
        return false;
}

int snmp_list_print(void) {
        SnmpProfiles profiles = {};

        if (snmp_profiles_load(conf_report_log, NULL, &profiles) < 0)
                return EXIT_FAILURE;

        for (size_t i = 0; i < profiles.n_profiles; i++) {
                const SnmpProfile *p = profiles.profiles[i];

                STRV_FOREACH(mib, p->mibs)
                        (void) printf("%-24s %s %s (%s)\n", *mib, p->title, p->version, p->id);
        }

        snmp_profiles_done(&profiles);
        return EXIT_SUCCESS;
}
