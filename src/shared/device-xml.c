/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device.h"
#include "log.h"
#include "string-util.h"

int main(int argc, char *argv[]) {
        int r;

        r = argc > 1 && streq(argv[1], "--outlet") ? bus_outlet_introspect(stdout) :
                argc > 1 && streq(argv[1], "--member") ? bus_member_introspect(stdout) :
                bus_device_introspect(stdout);
        if (r < 0) {
                log_error_errno(r, "Cannot describe the bus interfaces of a device: %m");
                return EXIT_FAILURE;
        }

        return EXIT_SUCCESS;
}
