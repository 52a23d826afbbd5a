/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdio_ext.h>
#include <time.h>

#include "ctl.h"
#include "daemon.h"
#include "json-model.h"
#include "log.h"
#include "model.h"
#include "monitor.h"
#include "snapshot.h"
#include "string-util.h"
#include "text.h"

typedef struct Watch {
        const Ctl *ctl;
        const char *only; /* name of the device to watch; NULL: all */
        Mirror *mirror;
        MonitorWatch *monitor;
        bool synced;      /* what was there from the beginning has been told */
} Watch;

/*** Writing ***/

static struct tm local_now(void) {
        time_t now = time(NULL);
        struct tm tm = {};

        (void) localtime_r(&now, &tm);
        return tm;
}

/* Ends when the line could not be written: who reads may have gone. */
static void check_written(Watch *w, int r) {
        if (r < 0)
                (void) sd_event_exit(w->ctl->event, r);
}

static void flush_line(Watch *w) {
        check_written(w, fflush(stdout) == EOF ? -errno : 0);
}

static void begin_line(const Watch *w, const char *device) {
        const char *end = color_sequence(w->ctl->color, COLOR_NONE);
        _cleanup_free_ char *clean = text_clean(device);
        struct tm tm = local_now();
        char now[32];

        (void) strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S", &tm);
        printf("%s%s%s %s%s%s ", color_sequence(w->ctl->color, COLOR_FAINT), now, end,
               color_sequence(w->ctl->color, COLOR_BOLD), strempty(clean), end);
}

static void begin_json(Json *j, const char *device, const char *event) {
        struct tm tm = local_now();
        char now[32];

        (void) strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%S%z", &tm);
        json_object(j, NULL);
        json_string(j, "time", now);
        json_string(j, "device", device);
        json_string(j, "event", event);
}

static void tell_present(Watch *w, const MirrorDevice *d) {
        const Model *m = mirror_device_model(d);
        const char *freshness = freshness_to_string(model_freshness(m));
        Json j = { .f = stdout };

        if (w->ctl->json) {
                begin_json(&j, mirror_device_name(d), "present");
                json_string(&j, "freshness", freshness);
                json_strv(&j, "status", model_status(m));
                json_variables(&j, "variables", m);
                json_object_end(&j);
                check_written(w, json_finish(&j));
        } else {
                _cleanup_free_ char *words = status_words(model_status(m));
                _cleanup_free_ char *clean = words ? text_clean(words) : NULL;

                begin_line(w, mirror_device_name(d));
                printf("is present, %s%s%s\n", freshness, isempty(clean) ? "" : ": ", strempty(clean));
                flush_line(w);
        }
}

static void tell_gone(Watch *w, const MirrorDevice *d) {
        Json j = { .f = stdout };

        if (w->ctl->json) {
                begin_json(&j, mirror_device_name(d), "gone");
                json_object_end(&j);
                check_written(w, json_finish(&j));
        } else {
                begin_line(w, mirror_device_name(d));
                puts("is gone: its driver ended");
                flush_line(w);
        }
}

static void tell_freshness(Watch *w, const MirrorDevice *d, Freshness f) {
        Json j = { .f = stdout };

        if (w->ctl->json) {
                begin_json(&j, mirror_device_name(d), "freshness");
                json_string(&j, "freshness", freshness_to_string(f));
                json_object_end(&j);
                check_written(w, json_finish(&j));
        } else {
                begin_line(w, mirror_device_name(d));
                printf("is %s\n", freshness_to_string(f));
                flush_line(w);
        }
}

static void tell_difference_text(Watch *w, const MirrorDevice *d, const Difference *difference) {
        for (const Difference *e = difference; e->name; e++) {
                _cleanup_free_ char *before = e->before ? text_clean(e->before) : NULL;
                _cleanup_free_ char *after = e->after ? text_clean(e->after) : NULL;

                begin_line(w, mirror_device_name(d));
                if (!e->after)
                        printf("%s: no longer there\n", e->name);
                else if (e->before)
                        printf("%s: %s (was %s)\n", e->name, strempty(after), strempty(before));
                else
                        printf("%s: %s\n", e->name, strempty(after));
        }

        flush_line(w);
}

static void tell_difference_json(Watch *w, const MirrorDevice *d, const Difference *difference) {
        Json j = { .f = stdout };

        begin_json(&j, mirror_device_name(d), "changed");

        json_object(&j, "variables");
        for (const Difference *e = difference; e->name; e++)
                if (e->after)
                        json_string(&j, e->name, e->after);
        json_object_end(&j);

        json_array(&j, "removed");
        for (const Difference *e = difference; e->name; e++)
                if (!e->after)
                        json_string(&j, NULL, e->name);
        json_array_end(&j);

        json_object_end(&j);
        check_written(w, json_finish(&j));
}

/* The machine as such has no name to stand there. */
static void tell_notice(void *userdata, const MonitorNotice *n) {
        _cleanup_free_ char *type = text_clean(n->type), *text = text_clean(n->text);
        Json j = { .f = stdout };
        Watch *w = userdata;

        if (w->only && !strcaseeq(w->only, n->device))
                return;

        if (w->ctl->json) {
                begin_json(&j, isempty(n->device) ? NULL : n->device, "notice");
                json_string(&j, "type", n->type);
                json_string(&j, "text", n->text);
                json_object_end(&j);
                check_written(w, json_finish(&j));
        } else {
                begin_line(w, isempty(n->device) ? "monitor" : n->device);
                printf("%s: %s\n", strempty(type), strempty(text));
                flush_line(w);
        }
}

/*** Devices ***/

static bool wanted(const Watch *w, const MirrorDevice *d) {
        return !w->only || strcaseeq(w->only, mirror_device_name(d));
}

static void device_changed(void *userdata, MirrorDevice *d, const Change *change) {
        _cleanup_(snapshot_freep) Snapshot *now = NULL;
        _cleanup_free_ Difference *difference = NULL;
        Snapshot *before = mirror_device_userdata(d);
        Watch *w = userdata;

        if (!wanted(w, d))
                return;

        now = snapshot_new(mirror_device_model(d));
        if (!now) {
                (void) sd_event_exit(w->ctl->event, -ENOMEM);
                return;
        }

        if (!before)
                tell_present(w, d);
        else {
                if (before->freshness != now->freshness)
                        tell_freshness(w, d, now->freshness);

                difference = snapshot_compare(before, now);
                if (difference && difference->name) {
                        if (w->ctl->json)
                                tell_difference_json(w, d, difference);
                        else
                                tell_difference_text(w, d, difference);
                }
        }

        snapshot_free(before); /* difference, which points into it, is not looked at again */
        mirror_device_set_userdata(d, TAKE_PTR(now));
}

static void device_removed(void *userdata, MirrorDevice *d) {
        Snapshot *before = mirror_device_userdata(d);
        Watch *w = userdata;

        if (!before)
                return;

        tell_gone(w, d);
        snapshot_free(before);
        mirror_device_set_userdata(d, NULL);
}

static void synced(void *userdata) {
        Watch *w = userdata;

        if (w->synced)
                return;

        w->synced = true;
        if (w->only && !mirror_find(w->mirror, w->only))
                ctl_error(0, "There is no device \"%s\" yet; waiting for it.", w->only);
        else if (mirror_n_devices(w->mirror) == 0)
                ctl_error(0, "There is no device yet; waiting for one.");
}

/*** Bus ***/

static int connected(void *userdata, sd_bus *bus) {
        Watch *w = userdata;
        int r;

        monitor_watch_freep(&w->monitor);
        r = monitor_watch_new(bus, tell_notice, w, &w->monitor);
        return r < 0 ? r : mirror_attach(w->mirror, bus);
}

static void lost(void *userdata) {
        Watch *w = userdata;

        w->monitor = monitor_watch_free(w->monitor);
        mirror_detach(w->mirror);
}

static void free_snapshots(Mirror *m) {
        for (size_t i = 0; i < mirror_n_devices(m); i++) {
                MirrorDevice *d = mirror_device(m, i);

                snapshot_free(mirror_device_userdata(d));
                mirror_device_set_userdata(d, NULL);
        }
}

static int watch(Ctl *c, Watch *w) {
        static const MirrorOps mirror_ops = {
                .device_changed = device_changed,
                .device_removed = device_removed,
                .synced = synced,
        };
        static const BusLinkOps link_ops = { .connected = connected, .lost = lost };
        _cleanup_(bus_link_freep) BusLink *link = NULL;
        int r;

        r = daemon_event_new(&c->event);
        if (r < 0)
                return ctl_error(r, "Cannot make an event loop: %s.", strerror(-r));

        r = mirror_new(&mirror_ops, w, &c->mirror);
        if (r < 0)
                return ctl_error(r, "Out of memory.");
        w->mirror = c->mirror;

        r = bus_link_new(c->event, &link_ops, w, &link);
        if (r < 0)
                return ctl_error(r, "Cannot follow the system bus: %s.", strerror(-r));

        r = sd_event_loop(c->event);
        if (r == -EPIPE) {
                /* As in "busbarctl watch | head -1": the rest is for nobody. */
                __fpurge(stdout);
                clearerr(stdout);
                return 0;
        }

        return r < 0 ? ctl_error(r, "Cannot go on: %s.", strerror(-r)) : 0;
}

int verb_watch(Ctl *c, char **args) {
        Watch w = { .ctl = c, .only = args[0] };
        int r;

        r = watch(c, &w);
        monitor_watch_free(w.monitor);
        if (c->mirror)
                free_snapshots(c->mirror);

        return r;
}
