/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"

#include <stdarg.h>
#include <stdio.h>

#include "string-util.h"
#include "time-util.h"
#include "ups-conf.h"

/* A driver answers from memory; one that takes longer hangs. The mirror gives up later, and in silence. */
#define SYNC_TIMEOUT_USEC (2 * USEC_PER_SEC)

#define NAMES_LISTED_MAX 8U

int ctl_error(int r, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL, *clean = NULL;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vasprintf(&text, fmt, ap);
        va_end(ap);

        if (n < 0)
                text = NULL;
        else
                clean = text_clean(text);

        fprintf(stderr, "busbarctl: %s\n", clean ?: "Out of memory.");
        return r;
}

void ctl_print(const Ctl *c, Color color, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL, *clean = NULL;
        bool colored = c->color && color != COLOR_NONE;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vasprintf(&text, fmt, ap);
        va_end(ap);

        if (n < 0)
                text = NULL;
        else
                clean = text_clean(text);

        printf("%s%s%s\n", color_sequence(colored, color), clean ?: "Out of memory.",
               color_sequence(colored, COLOR_NONE));
}

int ctl_open_bus(Ctl *c) {
        int r;

        r = sd_event_default(&c->event);
        if (r < 0)
                return ctl_error(r, "Cannot make an event loop: %s.", strerror(-r));

        r = sd_bus_open_system(&c->bus);
        if (r < 0 && !isempty(getenv("DBUS_SYSTEM_BUS_ADDRESS")))
                return ctl_error(r,
                                 "Cannot connect to the bus that DBUS_SYSTEM_BUS_ADDRESS names, \"%s\": %s. "
                                 "For the system bus, unset DBUS_SYSTEM_BUS_ADDRESS.",
                                 getenv("DBUS_SYSTEM_BUS_ADDRESS"), strerror(-r));
        if (r == -ENOENT || r == -ECONNREFUSED)
                return ctl_error(r, "No system bus is running. Start it with \"systemctl start dbus\".");
        if (r < 0)
                return ctl_error(r, "Cannot connect to the system bus: %s.", strerror(-r));

        (void) sd_bus_set_allow_interactive_authorization(c->bus, c->ask_password);

        r = sd_bus_attach_event(c->bus, c->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return ctl_error(r, "Cannot listen to the system bus: %s.", strerror(-r));

        return 0;
}

/* One turn of the loop, until the deadline at most. -ECONNRESET when the bus is gone. */
static int run_loop(Ctl *c, uint64_t deadline) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        int r;

        r = sd_event_run(c->event, deadline == USEC_INFINITY ? USEC_INFINITY : usec_sub(deadline, now));
        if (r < 0)
                return r;

        return sd_bus_is_open(c->bus) > 0 ? 0 : -ECONNRESET;
}

static void on_changed(void *userdata, MirrorDevice *d, const Change *change) {
        /* The verbs look at the devices once, when all are there. */
}

static void on_removed(void *userdata, MirrorDevice *d) {
}

static void on_synced(void *userdata) {
}

int ctl_connect(Ctl *c) {
        static const MirrorOps ops = {
                .device_changed = on_changed,
                .device_removed = on_removed,
                .synced = on_synced,
        };
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + SYNC_TIMEOUT_USEC;
        int r;

        r = ctl_open_bus(c);
        if (r < 0)
                return r;

        r = mirror_new(&ops, NULL, &c->mirror);
        if (r >= 0)
                r = mirror_attach(c->mirror, c->bus);
        if (r < 0)
                return ctl_error(r, "Cannot follow the drivers on the bus: %s.", strerror(-r));

        while (!mirror_is_synced(c->mirror)) {
                r = run_loop(c, deadline);
                if (r < 0)
                        return ctl_error(r, "Lost the system bus: %s.", strerror(-r));

                if (!mirror_is_synced(c->mirror) && now_usec(CLOCK_MONOTONIC) >= deadline) {
                        ctl_error(0, "A driver on the bus does not answer; its devices are missing here.");
                        break;
                }
        }

        return 0;
}

void ctl_disconnect(Ctl *c) {
        ctl_agent_close(c);
        c->mirror = mirror_free(c->mirror);
        c->bus = sd_bus_flush_close_unref(c->bus);
        c->event = sd_event_unref(c->event);
}

static void ignore_problem(void *userdata, int level, const char *file, unsigned line, const char *message) {
        /* "busbarctl check" is there to tell them. */
}

void ctl_hint_no_devices(void) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        if (ups_conf_load(ignore_problem, NULL, &conf) < 0)
                fprintf(stderr, "No driver is running, and ups.conf cannot be read. Try again as root.\n");
        else if (conf->n_sections > 0)
                fprintf(stderr,
                        "No driver is running, though ups.conf names %zu device%s. Start them with\n"
                        "\"systemctl start busbar\", and see \"systemctl status 'busbar-*'\".\n",
                        conf->n_sections, conf->n_sections == 1 ? "" : "s");
        else
                fprintf(stderr, "There is no device. Describe one in ups.conf: see ups.conf(5).\n");
}

/* Whether the section exists: then it is the driver that is missing. */
static bool explain_configured(const char *name) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        const UpsSection *section;

        if (ups_conf_load(ignore_problem, NULL, &conf) < 0)
                return false;

        section = ups_conf_find(conf, name);
        if (!section)
                return false;

        ctl_error(0, "%s is in ups.conf, but its driver, %s, does not run or does not answer. "
                     "After a change, \"systemctl reload-or-restart busbar\" starts what is new.",
                  section->name, section->driver);
        return true;
}

static bool is_near(const char *name, const char *candidate) {
        return startswith_nocase(candidate, name) || string_distance(name, candidate) <= 2;
}

/* The device names that are near, or all of them when none is. */
static char *perhaps_meant(Ctl *c, const char *name) {
        _cleanup_strv_free_ char **near = NULL, **all = NULL;
        _cleanup_free_ char *joined = NULL;
        bool any_near;

        for (size_t i = 0; i < mirror_n_devices(c->mirror); i++) {
                const char *candidate = mirror_device_name(mirror_device(c->mirror, i));

                if (strv_length(all) < NAMES_LISTED_MAX && strv_extend(&all, candidate) < 0)
                        return NULL;
                if (is_near(name, candidate) && strv_length(near) < NAMES_LISTED_MAX &&
                    strv_extend(&near, candidate) < 0)
                        return NULL;
        }

        any_near = near;
        joined = strv_join(any_near ? near : all, ", ");
        if (!joined)
                return NULL;

        return strprintf(any_near ? "Did you mean %s?" : "There is %s%s.", joined,
                         !any_near && mirror_n_devices(c->mirror) > NAMES_LISTED_MAX ? ", ..." : "");
}

MirrorDevice *ctl_find_device(Ctl *c, const char *name) {
        _cleanup_free_ char *hint = NULL;
        MirrorDevice *d;

        d = mirror_find(c->mirror, name);
        if (d)
                return d;

        if (explain_configured(name))
                return NULL;

        if (strchr(name, '@')) {
                ctl_error(0, "There is no device \"%s\". busbarctl knows the devices of this machine only: "
                             "leave out the @ and what follows.", name);
                return NULL;
        }

        if (mirror_n_devices(c->mirror) == 0) {
                ctl_error(0, "There is no device \"%s\".", name);
                ctl_hint_no_devices();
                return NULL;
        }

        hint = perhaps_meant(c, name);
        ctl_error(0, "There is no device \"%s\". %s", name, strempty(hint));
        return NULL;
}

void ctl_reply(void *userdata, int r, const char *message) {
        CtlReply *reply = userdata;

        reply->done = true;
        reply->r = r;
        reply->message = message ? strdup(message) : NULL; /* without memory it is the verdict alone */
}

int ctl_wait_reply(Ctl *c, CtlReply *reply) {
        while (!reply->done) {
                int r = run_loop(c, USEC_INFINITY);

                if (r < 0 && !reply->done)
                        return ctl_error(r, "Lost the bus before the device answered: %s.", strerror(-r));
        }

        return 0;
}

void ctl_reply_done(CtlReply *reply) {
        free(reply->message);
        *reply = (CtlReply) {};
}

void ctl_hint_denied(const Ctl *c, const char *action) {
        if (c->ask_password)
                fprintf(stderr, "That needs the polkit action %s. Run busbarctl as root,\n"
                                "or allow the action with a rule: see polkit(8).\n", action);
        else
                fprintf(stderr, "That needs the polkit action %s. Run busbarctl as root,\n"
                                "or without --no-ask-password.\n", action);
}
