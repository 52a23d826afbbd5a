/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Speaks SHUT on a terminal, for test-shut.py: shut-probe TTY LEVEL [get:ID | set:BYTES | string:N |
 * wait]... prints what the device is, and one line for each thing done. */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "hid-link.h"
#include "string-util.h"
#include "time-util.h"

static size_t bytes_from_hex(const char *s, uint8_t *buffer, size_t size) {
        size_t n = 0;
        unsigned byte;

        while (n < size && sscanf(s, "%2x", &byte) == 1) {
                buffer[n++] = (uint8_t) byte;
                s += 2;
        }
        return n;
}

static void print_result(const char *what, const uint8_t *data, int r) {
        printf("%s:", what);
        if (r < 0)
                printf(" %s", strerrorname_np(-r));
        for (int i = 0; i < r; i++)
                printf(" %02x", data[i]);
        printf("\n");
}

static int wait_input(HidLink *link, uint8_t *buffer, size_t size) {
        struct pollfd p = { .fd = hid_link_fd(link), .events = POLLIN };
        uint64_t end = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;
        int r = 0;

        while (r == 0 && now_usec(CLOCK_MONOTONIC) < end)
                if (poll(&p, 1, 1000) > 0)
                        r = hid_link_read_input(link, buffer, size);
        return r;
}

static void run(HidLink *link, const char *command) {
        uint8_t buffer[256];
        const char *s;
        int r = -EINVAL;

        if ((s = startswith(command, "get:")))
                r = hid_link_get_report(link, HID_FEATURE, (uint8_t) strtoul(s, NULL, 16), buffer,
                                        sizeof(buffer));
        else if ((s = startswith(command, "set:")))
                r = hid_link_set_report(link, HID_FEATURE, buffer,
                                        bytes_from_hex(s, buffer, sizeof(buffer)));
        else if (streq(command, "wait"))
                r = wait_input(link, buffer, sizeof(buffer));
        else if ((s = startswith(command, "string:"))) {
                _cleanup_free_ char *text = NULL;

                r = hid_link_get_string(link, (uint8_t) strtoul(s, NULL, 10), &text);
                if (r >= 0) {
                        printf("%s: %s\n", command, text);
                        return;
                }
        }
        print_result(command, buffer, r);
}

int main(int argc, char *argv[]) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        int fd, r;

        if (argc < 3)
                return EXIT_FAILURE;
        fd = open(argv[1], O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return EXIT_FAILURE;

        setvbuf(stdout, NULL, _IOLBF, 0);
        r = hid_link_new_shut(argv[1], fd, (unsigned) strtoul(argv[2], NULL, 10), &link);
        if (r < 0) {
                safe_close(fd);
                printf("open: %s\n", strerrorname_np(-r));
                return EXIT_SUCCESS;
        }

        printf("open: %04x:%04x %04x %s|%s|%s %zu\n", link->identity.vendor_id, link->identity.product_id,
               link->identity.release, strempty(link->identity.vendor), strempty(link->identity.product),
               strempty(link->identity.serial), link->descriptor_size);
        for (int i = 3; i < argc; i++)
                run(link, argv[i]);
        return EXIT_SUCCESS;
}
