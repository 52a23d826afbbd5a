/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "log.h"
#include "string-util.h"

/* How the data of a device are read and kept. The bus keeps what one process sends in order: a signal that
 * arrives before an answer was sent before it, so what it says is in the answer already, and it can be
 * dropped. So one call at a time reads a snapshot, and what comes behind its answer goes on top.
 *
 *      GetAll ──▶ Details ──▶ List ──▶ steady, and the consumer is told
 *
 * A gap in the revisions makes what we have void: read again. */

static int device_call(MirrorDevice *d, const char *interface, const char *member, char *const *names,
                MirrorCallDone done) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(d->mirror->bus, &m, d->driver->unique, d->path, interface,
                        member);
        if (r < 0)
                return r;
        if (streq(member, "Describe")) {
                r = sd_bus_message_append_strv(m, (char **) names);
                if (r < 0)
                        return r;
        }

        return mirror_call_read(d->mirror, NULL, d, m, done);
}

/* The consumer keeps what it has until the device can be read. */
static void device_fail(MirrorDevice *d, int r) {
        /* Once is what happens to a driver that ends while it is read. */
        if (++d->n_failures == 2)
                log_full(LOG_WARNING, r, &(LogContext) { .device = d->name, .driver = d->driver_name },
                                "Cannot read the device, trying again and again: %m");
        d->batch = update_free(d->batch);
        d->stage = STAGE_FAILED;
        d->read_again = false;
        mirror_driver_retry(d->driver);
}

static void complain_of_names(MirrorDevice *d, bool bad) {
        if (!bad || d->complained)
                return;

        d->complained = true;
        log_full(LOG_WARNING, 0, &(LogContext) { .device = d->name, .driver = d->driver_name },
                        "The device has names that cannot be ones, leaving them out.");
}

static int answer_error(sd_bus_message *m) {
        return sd_bus_message_is_method_error(m, NULL) ? -sd_bus_message_get_errno(m) : 0;
}

static int device_finish(MirrorDevice *d) {
        _cleanup_(update_freep) Update *u = TAKE_PTR(d->batch);
        int r;

        STRV_FOREACH(text, d->alarms)
                (void) update_alarm(u, *text);
        (void) update_freshness(u, d->freshness);

        r = model_apply(d->model, u, NULL);
        if (r < 0)
                return r;

        model_set_revision(d->model, d->revision);
        model_set_on_battery_since_usec(d->model, d->since_usec);
        d->stage = STAGE_STEADY;
        d->n_failures = 0;
        return 0;
}

static void on_commands(MirrorCall *c, sd_bus_message *m) {
        MirrorDevice *d = c->device;
        bool bad = false;
        int r;

        r = answer_error(m);
        if (r >= 0)
                r = mirror_parse_commands(m, d->batch, &bad);
        if (r >= 0 && !d->read_again)
                r = device_finish(d);
        if (r < 0) {
                device_fail(d, r);
                return;
        }

        complain_of_names(d, bad);
        if (d->read_again) {
                d->read_again = false;
                d->batch = update_free(d->batch);
                mirror_device_read(d);
        } else
                mirror_device_show(d);
}

static void on_descriptions(MirrorCall *c, sd_bus_message *m) {
        MirrorDevice *d = c->device;
        bool bad = false;
        int r;

        /* A driver of an earlier version, which runs on beside a new consumer. */
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_UNKNOWN_METHOD) && !d->describes) {
                d->describes = true;
                r = device_call(d, BUS_INTERFACE_VARIABLES, "Describe", NULL, on_descriptions);
                if (r < 0)
                        device_fail(d, r);
                return;
        }

        r = answer_error(m);
        if (r >= 0)
                r = d->describes ? mirror_parse_descriptions(m, d->batch, &bad)
                                 : mirror_parse_details(m, d->batch, &bad);
        if (r >= 0) {
                d->stage = STAGE_COMMANDS;
                r = device_call(d, BUS_INTERFACE_COMMANDS, "List", NULL, on_commands);
        }
        if (r < 0)
                device_fail(d, r);
        complain_of_names(d, bad);
}

static void on_variables(MirrorCall *c, sd_bus_message *m) {
        MirrorDevice *d = c->device;
        bool bad = false;
        int r;

        r = answer_error(m);
        if (r >= 0)
                r = sd_bus_message_read(m, "t", &d->revision);
        if (r >= 0)
                r = mirror_parse_variables(m, d->batch, &bad);
        if (r >= 0) {
                d->stage = STAGE_DESCRIPTIONS;
                r = device_call(d, BUS_INTERFACE_VARIABLES, d->describes ? "Describe" : "Details", NULL,
                                on_descriptions);
        }
        if (r < 0)
                device_fail(d, r);
        complain_of_names(d, bad);
}

static int device_begin(MirrorDevice *d) {
        int r;

        d->batch = update_new();
        if (!d->batch)
                return -ENOMEM;
        r = update_replace(d->batch, NULL);
        if (r < 0)
                return r;

        d->stage = STAGE_VARIABLES;
        return device_call(d, BUS_INTERFACE_VARIABLES, "GetAll", NULL, on_variables);
}

void mirror_device_read(MirrorDevice *d) {
        int r;

        if (d->batch) {
                d->read_again = true;
                return;
        }

        r = device_begin(d);
        if (r < 0)
                device_fail(d, r);
}

/* Where news go: on top of the snapshot being read, or into an update of their own, which is made here.
 * NULL if what is being read will have them in it. */
static Update *device_news(MirrorDevice *d, DeviceStage from, Update **own) {
        if (d->stage == STAGE_STEADY)
                return *own = update_new();

        return d->batch && d->stage >= from ? d->batch : NULL;
}

static int on_changed(MirrorDevice *d, sd_bus_message *m) {
        _cleanup_(update_freep) Update *own = NULL;
        Update *u = device_news(d, STAGE_DESCRIPTIONS, &own);
        bool bad = false;
        uint64_t revision;
        int r;

        r = sd_bus_message_read(m, "t", &revision);
        if (r < 0)
                return r;
        if (!u || revision <= d->revision)
                return 0;
        if (revision != d->revision + 1) {
                mirror_device_read(d);
                return 0;
        }

        r = mirror_parse_variables(m, u, &bad);
        if (r >= 0)
                r = mirror_parse_removed(m, u, &bad);
        if (r < 0) {
                mirror_device_read(d);
                return r;
        }

        complain_of_names(d, bad);
        d->revision = revision;
        if (own)
                mirror_device_apply(d, own);
        return 0;
}

static void on_some_descriptions(MirrorCall *c, sd_bus_message *m) {
        _cleanup_(update_freep) Update *own = NULL;
        MirrorDevice *d = c->device;
        Update *u = device_news(d, STAGE_COMMANDS, &own);
        bool bad = false;
        int r;

        if (!u)
                return;

        r = answer_error(m);
        if (r >= 0)
                r = mirror_parse_descriptions(m, u, &bad);
        complain_of_names(d, bad);
        if (r < 0)
                mirror_device_read(d);
        else if (own)
                mirror_device_apply(d, own);
}

static int on_metadata_changed(MirrorDevice *d, sd_bus_message *m) {
        _cleanup_strv_free_ char **names = NULL;
        uint64_t revision;
        int r;

        /* Before that, Describe of the snapshot is yet to answer. */
        if (d->stage != STAGE_STEADY && d->stage != STAGE_COMMANDS)
                return 0;

        r = sd_bus_message_read(m, "t", &revision);
        if (r < 0)
                return r;
        r = sd_bus_message_read_strv(m, &names);
        if (r < 0 || !names || !names[0])
                return r;

        return device_call(d, BUS_INTERFACE_VARIABLES, "Describe", names, on_some_descriptions);
}

/* Makes the commands of an update the only ones. */
static int replace_commands(MirrorDevice *d, Update *u, sd_bus_message *m, bool *bad) {
        int r;

        STRV_FOREACH(command, model_commands(d->model)) {
                r = update_command_remove(u, *command);
                if (r < 0)
                        return r;
        }

        return mirror_parse_commands(m, u, bad);
}

static void on_commands_again(MirrorCall *c, sd_bus_message *m) {
        _cleanup_(update_freep) Update *u = NULL;
        MirrorDevice *d = c->device;
        bool bad = false;
        int r;

        /* The snapshot's List is the later one. */
        if (d->stage != STAGE_STEADY)
                return;

        u = update_new();
        r = u ? answer_error(m) : -ENOMEM;
        if (r >= 0)
                r = replace_commands(d, u, m, &bad);
        complain_of_names(d, bad);
        if (r < 0)
                mirror_device_read(d);
        else
                mirror_device_apply(d, u);
}

static int on_list_changed(MirrorDevice *d) {
        if (d->stage != STAGE_STEADY)
                return 0;

        return device_call(d, BUS_INTERFACE_COMMANDS, "List", NULL, on_commands_again);
}

static int on_properties_changed(MirrorDevice *d, sd_bus_message *m) {
        _cleanup_(device_facts_done) DeviceFacts facts = DEVICE_FACTS_INIT;
        _cleanup_strv_free_ char **invalidated = NULL;
        const char *interface;
        int r;

        r = sd_bus_message_read(m, "s", &interface);
        if (r < 0 || !streq(interface, BUS_INTERFACE_DEVICE))
                return r;
        r = device_facts_read(&facts, m);
        if (r < 0)
                return r;
        r = sd_bus_message_read_strv(m, &invalidated);
        if (r < 0)
                return r;

        if (invalidated && invalidated[0]) {
                r = mirror_driver_read(d->driver);
                if (r < 0)
                        return r;
        }

        return mirror_device_take_facts(d, &facts);
}

int mirror_device_signal(MirrorDevice *d, sd_bus_message *m) {
        if (sd_bus_message_is_signal(m, BUS_INTERFACE_VARIABLES, "Changed") > 0)
                return on_changed(d, m);
        if (sd_bus_message_is_signal(m, BUS_INTERFACE_VARIABLES, "MetadataChanged") > 0)
                return on_metadata_changed(d, m);
        if (sd_bus_message_is_signal(m, BUS_INTERFACE_COMMANDS, "ListChanged") > 0)
                return on_list_changed(d);
        if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") > 0)
                return on_properties_changed(d, m);

        return 0;
}
