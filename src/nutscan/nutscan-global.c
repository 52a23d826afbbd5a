/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "macro.h"
#include "nut-scan.h"
#include "nutscan-internal.h"

/* The variables that are part of the interface: programs look at them and set them. A program has them in
 * its own memory, without the room that a sanitizer of the library would want around each. */
#ifdef __clang__
#define _in_program_ __attribute__((no_sanitize("address")))
#else
#define _in_program_
#endif

_in_program_ const char *nutscan_device_type_strings[TYPE_END - 1] = {
        [TYPE_USB - 1] = "USB",
        [TYPE_SNMP - 1] = "SNMP",
        [TYPE_XML - 1] = "XML",
        [TYPE_NUT - 1] = "NUT",
        [TYPE_IPMI - 1] = "IPMI",
        [TYPE_AVAHI - 1] = "AVAHI",
        [TYPE_EATON_SERIAL - 1] = "EATON_SERIAL",
};

_in_program_ int nutscan_avail_avahi = 0;
_in_program_ int nutscan_avail_ipmi = 0;
_in_program_ int nutscan_avail_nut = 0;
_in_program_ int nutscan_avail_snmp = 0;
_in_program_ int nutscan_avail_usb = 0;
_in_program_ int nutscan_avail_xml_http = 0;
_in_program_ size_t max_threads = DEFAULT_THREAD;
_in_program_ size_t curr_threads = 0;
_in_program_ size_t max_threads_netxml = 1021;
_in_program_ size_t max_threads_oldnut = 1021;
_in_program_ size_t max_threads_netsnmp = 0;

/* Not in a header, but Debian's nut-scanner uses them. */
extern int nut_debug_level;
void s_upsdebugx(int level, const char *fmt, ...) _printf_(2, 3);

_in_program_ int nut_debug_level = 0;

void s_upsdebugx(int level, const char *fmt, ...) {
        va_list ap;

        if (nut_debug_level < level)
                return;
        va_start(ap, fmt);
        (void) vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
}

static sem_t semaphore;

sem_t *nutscan_semaphore(void) {
        return &semaphore;
}

void nutscan_init(void) {
        (void) sem_init(&semaphore, 0, (unsigned) MIN(max_threads, (size_t) INT_MAX));
        nutscan_avail_avahi = nutscan_avail_nut = nutscan_avail_snmp = nutscan_avail_usb = 1;
        nutscan_avail_xml_http = 1;
        nutscan_avail_ipmi = 0;
}

void nutscan_free(void) {
        (void) sem_destroy(&semaphore);
}

size_t nutscan_next_number(void) {
        static size_t number = 0;

        return __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
}
