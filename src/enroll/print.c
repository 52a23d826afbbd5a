/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "enroll.h"
#include "string-util.h"

static const char *const outcomes[_OUTCOME_MAX] = {
        [OUTCOME_NONE]    = "found",
        [OUTCOME_SERVED]  = "served",
        [OUTCOME_STARTED] = "started",
        [OUTCOME_LEFT]    = "left",
        [OUTCOME_WAITING] = "waiting",
        [OUTCOME_FAILED]  = "failed",
};

static bool is_configured(const Enroll *e, const char *name) {
        return strv_find_nocase(e->sections.taken, name) >= 0;
}

void enroll_print(const Enroll *e) {
        if (e->plugged.n_devices == 0)
                puts("No power device is plugged in.");

        for (size_t i = 0; i < e->plugged.n_devices; i++) {
                const Plugged *p = e->plugged.devices + i;
                const Enrolled *enrolled = e->enrolled + i;

                printf("%s: %s (%04x:%04x) at %s, %s%s%s\n", enrolled->name, p->naming.description,
                                p->naming.key.vendor_id, p->naming.key.product_id, p->naming.key.place,
                                p->usb->hidraw ?: p->usb->usbfs, p->usb->hidraw ? " " : "",
                                p->usb->hidraw ? p->usb->usbfs : "");
                printf("        for %s, %s, known by its %s\n", enroll_driver(e, i),
                                is_configured(e, enrolled->name) ? "named in ups.conf" : "named by itself",
                                p->naming.key.serial ? "serial number" : "port");
                if (enrolled->rival)
                        printf("        left to %s\n", enrolled->rival);
        }
}

/* All bytes above ASCII are replaced on their way here, but for those of processes. */
static void print_string(const char *s) {
        putchar('"');
        for (; *s; s++)
                if (*s == '"' || *s == '\\')
                        printf("\\%c", *s);
                else
                        putchar(*s < ' ' || *s > '~' ? '?' : *s);
        putchar('"');
}

static void print_member(const char *key, const char *value) {
        if (!value)
                return;
        printf(", \"%s\": ", key);
        print_string(value);
}

void enroll_print_json(const Enroll *e) {
        putchar('[');
        for (size_t i = 0; i < e->plugged.n_devices; i++) {
                const Plugged *p = e->plugged.devices + i;
                const Enrolled *enrolled = e->enrolled + i;

                printf("%s{\"vendorid\": \"%04x\", \"productid\": \"%04x\"", i > 0 ? ",\n " : "",
                                p->naming.key.vendor_id, p->naming.key.product_id);
                print_member("name", enrolled->name);
                print_member("driver", enroll_driver(e, i));
                print_member("description", p->naming.description);
                print_member("serial", p->naming.key.serial);
                print_member("port", p->naming.key.place);
                print_member("hidraw", p->usb->hidraw);
                print_member("usbfs", p->usb->usbfs);
                print_member("left", enrolled->rival);
                print_member("state", outcomes[enrolled->outcome]);
                printf(", \"configured\": %s}", is_configured(e, enrolled->name) ? "true" : "false");
        }
        puts("]");
}
