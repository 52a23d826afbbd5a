/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "macro.h"
#include "nut-scan.h"
#include "nutscan-internal.h"

nutscan_device_t *nutscan_new_device(void) {
        return calloc(1, sizeof(nutscan_device_t));
}

nutscan_device_t *nutscan_rewind_device(nutscan_device_t *device) {
        while (device && device->prev)
                device = device->prev;
        return device;
}

static void free_options(nutscan_options_t *o) {
        while (o) {
                nutscan_options_t *next = o->next;

                free(o->option);
                free(o->value);
                free(o);
                o = next;
        }
}

void nutscan_free_device(nutscan_device_t *device) {
        device = nutscan_rewind_device(device);
        while (device) {
                nutscan_device_t *next = device->next;

                free_options(device->opt);
                free(device->driver);
                free(device->port);
                free(device);
                device = next;
        }
}

void nutscan_add_option_to_device(nutscan_device_t *device, char *option, char *value) {
        nutscan_options_t **end = &device->opt, *o = calloc(1, sizeof(*o));

        if (!o)
                return;
        o->option = option ? strdup(option) : NULL;
        o->value = value ? strdup(value) : NULL;
        while (*end)
                end = &(*end)->next;
        *end = o;
}

static nutscan_device_t *last(nutscan_device_t *device) {
        while (device && device->next)
                device = device->next;
        return device;
}

nutscan_device_t *nutscan_add_device_to_device(nutscan_device_t *first, nutscan_device_t *second) {
        nutscan_device_t *end = last(first), *begin = nutscan_rewind_device(second);

        if (!end)
                return last(second);
        if (!begin)
                return end;
        end->next = begin;
        begin->prev = end;
        return last(begin);
}

/*** On standard output ***/

static const char *section_name(nutscan_device_type_t type) {
        static const char *const names[TYPE_END] = {
                "none", "usb", "snmp", "xml", "nut", "ipmi", "avahi", "serial",
        };

        return type < TYPE_END ? names[type] : names[TYPE_NONE];
}

void nutscan_display_ups_conf(nutscan_device_t *device) {
        for (nutscan_device_t *d = nutscan_rewind_device(device); d; d = d->next) {
                printf("[nutdev-%s%zu]\n\tdriver = \"%s\"\n\tport = \"%s\"\n", section_name(d->type),
                        nutscan_next_number(), d->driver ?: "", d->port ?: "");
                for (nutscan_options_t *o = d->opt; o; o = o->next) {
                        if (!o->option)
                                continue;
                        printf("\t%s", o->option);
                        if (o->value)
                                printf(" = \"%s\"", o->value);
                        putchar('\n');
                }
        }
}

void nutscan_display_parsable(nutscan_device_t *device) {
        for (nutscan_device_t *d = nutscan_rewind_device(device); d; d = d->next) {
                printf("%s:driver=\"%s\",port=\"%s\"",
                        d->type > TYPE_NONE && d->type < TYPE_END ? nutscan_device_type_strings[d->type - 1]
                                                                  : "NONE",
                        d->driver ?: "", d->port ?: "");
                for (nutscan_options_t *o = d->opt; o; o = o->next) {
                        if (!o->option)
                                continue;
                        printf(",%s", o->option);
                        if (o->value)
                                printf("=\"%s\"", o->value);
                }
                putchar('\n');
        }
}
