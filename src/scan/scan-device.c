/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-device.h"

#include "string-util.h"
#include "utf8.h"

static const struct {
        const char *name, *tag, *title;
} kinds[_SCAN_KIND_MAX] = {
        [SCAN_USB]        = { "usb",        "USB",            "USB devices"                },
        [SCAN_SNMP]       = { "snmp",       "SNMP",           "SNMP agents"                },
        [SCAN_XML]        = { "xml",        "XML",            "XML/HTTP network cards"     },
        [SCAN_NUT]        = { "nut",        "NUT",            "NUT servers"                },
        [SCAN_SIMULATION] = { "simulation", "NUT_SIMULATION", "simulation files"           },
        [SCAN_AVAHI]      = { "avahi",      "AVAHI",          "servers that announce themselves" },
        [SCAN_IPMI]       = { "ipmi",       "IPMI",           "power supplies behind IPMI" },
        [SCAN_UPOWER]     = { "upower",     "UPOWER",         "devices of UPower"          },
        [SCAN_SERIAL]     = { "serial",     "EATON_SERIAL",   "serial ports"               },
};

const char *scan_kind_name(ScanKind kind) {
        return kinds[kind].name;
}

const char *scan_kind_tag(ScanKind kind) {
        return kinds[kind].tag;
}

const char *scan_kind_title(ScanKind kind) {
        return kinds[kind].title;
}

ScanKind scan_kind_from_name(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (streq(kinds[i].name, name))
                        return (ScanKind) i;
        return _SCAN_KIND_INVALID;
}

/* Texts come from devices and servers, and go between quotes. */
static char *make_harmless(const char *s) {
        char *copy = text_clean_with(s, ' ');

        for (char *p = copy; p && *p; p++)
                if (*p == '"' || *p == '\\')
                        *p = '\'';
        return copy;
}

ScanDevice *scan_device_free(ScanDevice *d) {
        if (!d)
                return NULL;

        for (size_t i = 0; i < d->n_options; i++) {
                free(d->options[i].name);
                free(d->options[i].value);
                free(d->options[i].tag);
        }
        free(d->options);
        free(d->driver);
        free(d->alternatives);
        free(d->port);
        free(d);
        return NULL;
}

int scan_device_new(ScanKind kind, const char *driver, const char *port, ScanDevice **ret) {
        _cleanup_(scan_device_freep) ScanDevice *d = new0(ScanDevice, 1);

        if (!d)
                return -ENOMEM;
        d->kind = kind;
        d->driver = strdup(driver);
        d->port = make_harmless(port);
        if (!d->driver || !d->port)
                return -ENOMEM;

        *ret = TAKE_PTR(d);
        return 0;
}

int scan_device_add(ScanDevice *d, const char *name, const char *value, const char *tag) {
        ScanOption o;

        if (!value)
                return 0;
        if (!GREEDY_REALLOC(d->options, d->n_allocated, d->n_options + 1))
                return -ENOMEM;
        o = (ScanOption) {
                .name = strdup(name),
                .value = make_harmless(value),
                .tag = tag ? strdup(tag) : NULL,
        };
        if (!o.name || !o.value || (tag && !o.tag)) {
                free(o.name);
                free(o.value);
                free(o.tag);
                return -ENOMEM;
        }
        d->options[d->n_options++] = o;
        return 0;
}

const char *scan_device_option(const ScanDevice *d, const char *name) {
        for (size_t i = 0; i < d->n_options; i++)
                if (!d->options[i].tag && streq(d->options[i].name, name))
                        return d->options[i].value;
        return NULL;
}

int scan_devices_add(ScanDevices *l, ScanDevice *d) {
        if (!GREEDY_REALLOC(l->devices, l->n_allocated, l->n_devices + 1)) {
                scan_device_free(d);
                return -ENOMEM;
        }
        l->devices[l->n_devices++] = d;
        return 0;
}

static int compare(const void *a, const void *b) {
        const ScanDevice *x = *(ScanDevice *const *) a, *y = *(ScanDevice *const *) b;

        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        if (x->order != y->order)
                return x->order < y->order ? -1 : 1;
        return strcmp(x->port, y->port);
}

void scan_devices_sort(ScanDevices *l) {
        if (l->n_devices > 0)
                qsort(l->devices, l->n_devices, sizeof(ScanDevice *), compare);
}

void scan_devices_done(ScanDevices *l) {
        for (size_t i = 0; i < l->n_devices; i++)
                scan_device_free(l->devices[i]);
        free(l->devices);
        *l = (ScanDevices) {};
}
