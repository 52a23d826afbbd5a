/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device.h"
#include "log.h"

int main(int argc, char *argv[]) {
        int r;

        r = bus_device_introspect(stdout);
        if (r < 0) {
                log_error_errno(r, "Cannot describe the bus interfaces of a device: %m");
                return EXIT_FAILURE;
        }

        return EXIT_SUCCESS;
}
