/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include "string-util.h"

#define UPOWER "org.freedesktop.UPower"
#define UPOWER_PATH "/org/freedesktop/UPower"
#define UPOWER_DEVICE UPOWER ".Device"

/* UpDeviceKind */
#define KIND_BATTERY 2U
#define KIND_UPS 3U
/* Nobody has so many. */
#define DEVICES_MAX 256U

typedef struct UpowerSearch {
        ScanSearch head;
        Scan *scan;
        sd_bus_slot *list;
        struct UpowerDevice {
                struct UpowerSearch *search;
                char *path;
                size_t order;
                sd_bus_slot *slot;
        } *devices;
        size_t n_devices, n_waiting;
} UpowerSearch;

/* What is of interest of a device. Strings are those of the message. */
typedef struct Properties {
        uint32_t kind;
        const char *vendor, *model, *serial, *native_path;
} Properties;

static int read_property(sd_bus_message *m, Properties *p) {
        const struct {
                const char *name;
                const char **value;
        } texts[] = {
                { "Vendor", &p->vendor },
                { "Model", &p->model },
                { "Serial", &p->serial },
                { "NativePath", &p->native_path },
        };
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (streq(name, texts[i].name))
                        return sd_bus_message_read(m, "v", "s", texts[i].value);
        if (streq(name, "Type"))
                return sd_bus_message_read(m, "v", "u", &p->kind);
        return sd_bus_message_skip(m, "v");
}

static int read_properties(sd_bus_message *m, Properties *p) {
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0) {
                r = sd_bus_message_enter_container(m, 'e', "sv");
                if (r <= 0)
                        break;
                r = read_property(m, p);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int add(const struct UpowerDevice *u, const Properties *p) {
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        const struct {
                const char *name, *value;
        } options[] = {
                { "vendor",      p->vendor      },
                { "product",     p->model       },
                { "serial",      p->serial      },
                { "native_path", p->native_path },
                { "bus",         "upower"       },
        };
        int r = scan_device_new(SCAN_UPOWER, "upower", u->path, &d);

        if (r < 0)
                return r;
        d->order = u->order;
        for (size_t i = 0; i < ELEMENTSOF(options) && r >= 0; i++)
                r = scan_device_add(d, options[i].name, options[i].value, NULL);
        return r < 0 ? r : scan_devices_add(&u->search->scan->devices, TAKE_PTR(d));
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        struct UpowerDevice *u = userdata;
        Properties p = {};

        if (!sd_bus_message_is_method_error(m, NULL) && read_properties(m, &p) >= 0 &&
            (p.kind == KIND_BATTERY || p.kind == KIND_UPS))
                (void) add(u, &p);
        if (--u->search->n_waiting == 0)
                scan_search_over(&u->search->head);
        return 0;
}

static int ask_device(UpowerSearch *u, const char *path, size_t i) {
        struct UpowerDevice *d = u->devices + i;
        int r;

        d->search = u;
        d->order = i;
        d->path = strdup(path);
        if (!d->path)
                return -ENOMEM;
        r = scan_bus_call(u->scan, &d->slot, (const char *const[]) { UPOWER, d->path,
                        "org.freedesktop.DBus.Properties", "GetAll" }, on_properties, d, "s", UPOWER_DEVICE);
        u->n_waiting += r >= 0;
        return r;
}

static int ask_devices(UpowerSearch *u, sd_bus_message *m) {
        const char *path;
        int r = sd_bus_message_enter_container(m, 'a', "o");

        u->devices = new0(struct UpowerDevice, DEVICES_MAX);
        if (!u->devices)
                return -ENOMEM;
        while (r >= 0 && u->n_devices < DEVICES_MAX) {
                r = sd_bus_message_read(m, "o", &path);
                if (r <= 0)
                        break;
                r = ask_device(u, path, u->n_devices++);
        }
        return r;
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        UpowerSearch *u = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        if (error && scan_bus_is_absent(error))
                scan_say(u->scan, LOG_NOTICE, SCAN_UPOWER,
                        "UPower does not run, and is not started for this");
        else if (error)
                scan_say(u->scan, LOG_NOTICE, SCAN_UPOWER, "UPower does not answer: %s",
                                error->message ?: error->name);
        else
                (void) ask_devices(u, m);
        if (u->n_waiting == 0)
                scan_search_over(&u->head);
        return 0;
}

static void search_free(ScanSearch *head) {
        UpowerSearch *u = (UpowerSearch *) head;

        sd_bus_slot_unref(u->list);
        for (size_t i = 0; i < u->n_devices; i++) {
                sd_bus_slot_unref(u->devices[i].slot);
                free(u->devices[i].path);
        }
        free(u->devices);
        free(u);
}

static int begin(Scan *s, ScanSearch **ret) {
        UpowerSearch *u;
        sd_bus *bus;
        int r;

        if (scan_bus(s, SCAN_UPOWER, &bus) < 0)
                return 0;
        u = new0(UpowerSearch, 1);
        if (!u)
                return -ENOMEM;
        u->scan = s;
        r = scan_bus_call(s, &u->list, (const char *const[]) { UPOWER, UPOWER_PATH, UPOWER,
                        "EnumerateDevices" }, on_list, u, "");
        if (r < 0) {
                search_free(&u->head);
                return r;
        }
        *ret = &u->head;
        return 1;
}

const ScanSearchOps scan_upower_ops = { .kind = SCAN_UPOWER, .begin = begin, .free = search_free };
