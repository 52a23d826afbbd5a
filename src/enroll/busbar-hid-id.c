/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "hid-descriptor.h"
#include "io-util.h"
#include "string-util.h"

/* For udev's IMPORT{program}: says whether a hidraw device is a UPS or the like. It does not touch the
 * device, only what the kernel has read of it. Says nothing, and succeeds, for all others. */

int main(int argc, char *argv[]) {
        _cleanup_free_ char *path = NULL, *buffer = malloc(HID_DESCRIPTOR_SIZE_MAX + 1);
        const char *driver = getenv("BUSBAR_DRIVER");
        bool known = driver && streq(driver, "usbhid-ups"), line = getenv("BUSBAR_LINE");
        HidUse use;
        ssize_t n;

        if (argc != 2 || argv[1][0] != '/') {
                fprintf(stderr, "Usage: %s /devices/...\n"
                                "The argument is the DEVPATH of a hidraw device.\n", argv[0]);
                return EXIT_FAILURE;
        }

        path = strjoin(startswith(argv[1], "/sys/") ? "" : "/sys", argv[1], "/device/report_descriptor");
        n = path && buffer ? path_read(path, buffer, HID_DESCRIPTOR_SIZE_MAX + 1) : -ENOMEM;
        if (n < 0) {
                fprintf(stderr, "Cannot read %s: %s\n", strempty(path), strerror((int) -n));
                return EXIT_FAILURE;
        }

        use = hid_use((const uint8_t *) buffer, (size_t) n);
        if (use == HID_USE_POWER || (known && use == HID_USE_UNCLEAR))
                fputs("BUSBAR_HID=1\nBUSBAR_DRIVER=usbhid-ups\n", stdout);
        else if (line && n > 0 && !hid_is_for_people((const uint8_t *) buffer, (size_t) n))
                fputs("BUSBAR_HID=1\n", stdout);
        return EXIT_SUCCESS;
}
