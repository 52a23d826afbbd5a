/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include <stdio.h>

#define DEVICES_MAX 16U

/* Power supplies of servers are none that a machine is shut down for, and there is no driver for them: that
 * is said, rather than to find nothing. */
static int begin(Scan *s, ScanSearch **ret _unused_) {
        char path[32];

        for (unsigned i = 0; i < DEVICES_MAX; i++) {
                (void) snprintf(path, sizeof(path), "/dev/ipmi%u", i);
                if (access(path, F_OK) >= 0) {
                        scan_say(s, LOG_NOTICE, SCAN_IPMI, "this machine has a management controller (%s), "
                                        "which \"ipmitool sdr type 'Power Supply'\" asks for its power "
                                        "supplies; there is no driver for them", path);
                        return 0;
                }
        }
        scan_say(s, LOG_NOTICE, SCAN_IPMI, "this machine has no management controller that the kernel knows "
                        "(/dev/ipmi0); those of others are not searched for");
        return 0;
}

const ScanSearchOps scan_ipmi_ops = { .kind = SCAN_IPMI, .begin = begin };
