/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gateway.h"

#include "announce.h"
#include "fsd.h"
#include "client.h"
#include "conf-reading.h"
#include "gateway-bus.h"
#include "log.h"
#include "messages.h"
#include "server.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf.h"

/* How long clients may be kept waiting for a bus that does not come. */
#define READY_TIMEOUT_USEC (5 * USEC_PER_SEC)
#define TICK_MIN_USEC (300 * USEC_PER_MSEC)
/* Lock-outs, delays and whatever else ends by the tick is not to be late by more. */
#define TICK_MAX_USEC (5 * USEC_PER_SEC)

/*** Readiness ***/

static uint16_t first_port(const Gateway *g) {
        for (const Listener *l = g->server->listeners; l; l = l->next) {
                uint16_t port = l->leaving ? 0 : listener_port(l);

                if (port != 0)
                        return port;
        }
        return 0;
}

static void notify_ready(Gateway *g) {
        _cleanup_free_ char *text = NULL;
        unsigned port = first_port(g);

        text = strprintf("READY=1\nX_BUSBAR_PORT=%u\nSTATUS=Serving %zu devices on port %u", port,
                        device_table_count(g->devices), port);
        daemon_notify(text ?: "READY=1");
}

static void become_ready(Gateway *g) {
        if (g->ready)
                return;

        g->ready = true;
        g->ready_timeout = sd_event_source_disable_unref(g->ready_timeout);
        server_hold(g->server, false);
        notify_ready(g);
        announcer_update(g->announcer);
}

static int on_ready_timeout(sd_event_source *es, uint64_t usec, void *userdata) {
        Gateway *g = userdata;

        /* While there is a bus the mirror says when it knows the devices, and it does not wait for ever. */
        if (g->bus) {
                (void) sd_event_source_set_time_relative(es, READY_TIMEOUT_USEC);
                return sd_event_source_set_enabled(es, SD_EVENT_ONESHOT);
        }

        log_warning("The bus is not there, going on without: no device can be reached");
        become_ready(g);
        return 0;
}

/*** Devices ***/

/* Nobody can ask for the device any more: what clients had with it ends. */
static void device_gone(void *userdata, Device *d) {
        Gateway *g = userdata;
        bool had_logins = d->n_sessions > 0;

        fsd_clear(g, d, "the device is no more");
        server_drop_device(g->server, d);
        if (had_logins)
                gateway_bus_logins_changed(g->bus, d);
}

/* A device that was plugged in after we have read ups.conf: it is known by name from now on, also when it is
 * unplugged again. */
static void enroll(Device *d) {
        _cleanup_(ups_conf_freep) UpsConf *enrolled = NULL;

        if (!d->configured && ups_conf_load_enrolled(NULL, NULL, &enrolled) >= 0 &&
            device_enroll(d, enrolled) < 0)
                log_oom();
}

static void on_device_changed(void *userdata, MirrorDevice *m, const Change *change) {
        Gateway *g = userdata;
        Device *d = mirror_device_userdata(m);

        if (d && change) {
                device_invalidate(d);
                if (change->status || change->alarms || change->freshness)
                        device_note(d, NEWS_STATE);
                return;
        }

        /* For the monitor only: whoever wants that device asks the server that has it. */
        if (device_name_is_link(mirror_device_name(m)))
                return;

        int r = device_table_present(g->devices, mirror_device_name(m), mirror_device_description(m),
                        mirror_device_model(m), m, &d);
        if (r < 0) {
                log_warning_errno(r, "Cannot serve device %s: %m", mirror_device_name(m));
                return;
        }
        mirror_device_set_userdata(m, d);
        enroll(d);
}

static void on_device_removed(void *userdata, MirrorDevice *m) {
        Gateway *g = userdata;
        Device *d = mirror_device_userdata(m);

        mirror_device_set_userdata(m, NULL);
        if (d)
                enroll(d);
        if (d && d->mirror == m)
                device_table_absent(g->devices, d, device_gone, g);
}

/* Devices that an earlier process knew got a place when its clients were taken over; those that are
 * really not there go now, unless somebody holds on to them. */
static void on_synced(void *userdata) {
        Gateway *g = userdata;

        device_table_prune(g->devices, device_gone, g);
        become_ready(g);
}

static const MirrorOps mirror_ops = {
        .device_changed = on_device_changed,
        .device_removed = on_device_removed,
        .synced = on_synced,
};

static int write_variable(Device *d, const char *name, const char *value, MirrorReply reply,
                void *userdata) {
        return mirror_device_set(d->mirror, name, value, reply, userdata);
}

static int write_command(Device *d, const char *command, const char *argument, MirrorReply reply,
                void *userdata) {
        return mirror_device_run(d->mirror, command, argument, reply, userdata);
}

static const DeviceOps device_ops = { .set = write_variable, .run = write_command };

/*** News ***/

static void tell(void *userdata, Device *d, unsigned news) {
        Gateway *g = userdata;

        if (news & NEWS_STATE)
                server_tell_watchers(g->server, d);
        if (news & NEWS_LOGINS)
                gateway_bus_logins_changed(g->bus, d);
}

/* Whatever comes together is told once. */
static int on_news(sd_event_source *es, void *userdata) {
        Gateway *g = userdata;

        device_table_tell(g->devices, tell, g);
        if (g->room)
                server_give_room(g->server);
        g->room = false;
        server_reap(g->server);
        return 0;
}

static void on_news_pending(void *userdata) {
        Gateway *g = userdata;

        g->touched = true;
        (void) sd_event_source_set_enabled(g->news, SD_EVENT_ONESHOT);
}

void gateway_room(Gateway *g) {
        if (!g->news || !g->server || !g->server->clients[CLIENT_WAITING].first)
                return;

        g->room = true;
        on_news_pending(g);
}

int gateway_start_news(Gateway *g) {
        int r = sd_event_add_defer(g->event, &g->news, on_news, g);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(g->news, "news");
        r = sd_event_source_set_enabled(g->news, SD_EVENT_OFF);
        if (r < 0)
                return r;

        device_table_on_news(g->devices, on_news_pending, g);
        return 0;
}

/*** Bus ***/

static void on_bus_lost(void *userdata) {
        Gateway *g = userdata;

        g->announcer = announcer_free(g->announcer);
        g->bus = gateway_bus_free(g->bus);
        mirror_detach(g->mirror);
}

static int on_bus_connected(void *userdata, sd_bus *bus) {
        Gateway *g = userdata;

        int r = gateway_bus_new(g, bus, &g->bus);
        if (r < 0)
                return r;

        r = mirror_attach(g->mirror, bus);
        if (r >= 0)
                r = announcer_new(bus, g, &g->announcer);
        if (r < 0)
                on_bus_lost(g);
        return r;
}

static const BusLinkOps link_ops = { .connected = on_bus_connected, .lost = on_bus_lost };

/*** Time ***/

static void note_silence(Device *d, bool silent) {
        if (d->silent == silent)
                return;

        d->silent = silent;
        device_invalidate(d);
        device_note(d, NEWS_STATE);
        (void) log_full(silent ? LOG_WARNING : LOG_NOTICE, 0,
                        &(LogContext) {
                                .message_id = silent ? MESSAGE_DEVICE_STALE_STR : MESSAGE_DEVICE_FRESH_STR,
                                .device = d->name,
                        },
                        silent ? "UPS [%s]: its driver does not answer, data are stale"
                               : "UPS [%s]: its driver answers again",
                        d->name);
}

static uint64_t tick_interval(const Gateway *g) {
        return CLAMP(g->conf->max_age_usec / 3, TICK_MIN_USEC, TICK_MAX_USEC);
}

static int on_tick(sd_event_source *es, uint64_t usec, void *userdata) {
        Gateway *g = userdata;
        uint64_t now = now_usec(CLOCK_BOOTTIME);

        for (size_t i = 0; i < device_table_count(g->devices); i++) {
                Device *d = device_table_get(g->devices, i);

                if (d->mirror)
                        note_silence(d, mirror_device_age_usec(d->mirror) > g->conf->max_age_usec);
        }
        mirror_ping(g->mirror);
        server_warn_of_expiry(g->server);
        server_tell_unlogged(g->server);
        fsd_tick(g, now);
        lockouts_expire(g->lockouts, now);
        if (g->ready)
                device_table_prune(g->devices, device_gone, g);
        tracking_expire(g->tracking, usec_sub(now, g->conf->tracking_delay_usec));
        announcer_update(g->announcer);

        int r = sd_event_source_set_time_relative(g->tick, tick_interval(g));
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(g->tick, SD_EVENT_ONESHOT);
}

/*** Configuration ***/

/* Accounts of appliances point into the settings. */
static void take_settings(Gateway *g, UpsdConf *conf) {
        g->appliances = appliance_table_free(g->appliances);
        upsd_conf_free(g->conf);
        g->conf = conf;
        g->user_generation++;
        if (appliance_table_new(conf, &g->appliances) < 0)
                log_oom();
}

/* These three return whether the file was taken. */
static bool read_settings(Gateway *g, bool first) {
        ConfReading f = { .name = "upsd.conf", .first = first, .existed = g->conf->exists };
        UpsdConf *conf = NULL;

        int r = upsd_conf_load(conf_reading_report, &f, &conf);
        if (!conf_reading_accept(&f, r, conf && conf->exists)) {
                upsd_conf_free(conf);
                return false;
        }

        take_settings(g, conf);
        log_set_max_level(conf->debug_min > 0 ? LOG_DEBUG : g->log_level);
        return true;
}

static bool read_users(Gateway *g, bool first) {
        ConfReading f = { .name = "upsd.users", .first = first, .existed = g->users->exists };
        UserTable *users = NULL;

        int r = user_table_load(conf_reading_report, &f, &users);
        if (!conf_reading_accept(&f, r, users && users->exists)) {
                user_table_free(users);
                return false;
        }

        user_table_free(g->users);
        g->users = users;
        g->user_generation++;
        return true;
}

static bool read_devices(Gateway *g, bool first) {
        ConfReading f = { .name = "ups.conf", .first = first, .existed = g->has_ups_conf };
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        int r = ups_conf_load(conf_reading_report, &f, &conf);
        if (!conf_reading_accept(&f, r, conf && conf->exists))
                return false;
        if (device_table_configure(g->devices, conf, device_gone, g) < 0) {
                log_oom();
                return false;
        }
        g->has_ups_conf = conf->exists;
        return true;
}

static bool is_device(void *userdata, const char *name) {
        return device_table_find(userdata, name);
}

/* Such a device may still be plugged in, but more often its name is misspelt. What is in force although its
 * file has changed is not looked at: its lines are not there any more. */
static void warn_of_devices(const Gateway *g, bool settings, bool users) {
        if (users)
                user_table_report_devices(g->users, is_device, g->devices, conf_report_log, NULL);
        if (settings)
                upsd_conf_report_devices(g->conf, is_device, g->devices, conf_report_log, NULL);
}

/* The last word of a reload must not sound as if all were well when it is not. */
static void log_reloaded(bool settings, bool users, bool devices, bool certificates) {
        if (settings && users && devices && certificates)
                log_info("Configuration reloaded");
        else
                log_error("Configuration reloaded, but without%s%s%s%s: see above; there all stays as it "
                          "was",
                          settings ? "" : " upsd.conf", users ? "" : " upsd.users",
                          devices ? "" : " ups.conf", certificates ? "" : " certificates");
}

void gateway_reload(Gateway *g) {
        daemon_notify_reloading();
        bool settings = read_settings(g, false), users = read_users(g, false);
        lockouts_lift(g->lockouts);
        bool devices = read_devices(g, false);
        warn_of_devices(g, settings, users);
        server_configure(g->server, g->conf);
        bool certificates = server_read_certificates(g->server, g->conf);
        (void) server_listen(g->server, g->conf, g->port); /* has said what went wrong */
        gateway_bus_listening_changed(g->bus);
        announcer_update(g->announcer);
        log_reloaded(settings, users, devices, certificates);
        notify_ready(g);
}

static int on_reload(sd_event_source *es, const struct signalfd_siginfo *si, void *userdata) {
        gateway_reload(userdata);
        return 0;
}

/*** Life ***/

/* What must be there even when a file cannot be read. */
static int set_up_defaults(Gateway *g) {
        _cleanup_(conf_freep) Conf *nothing = NULL;

        g->devices = device_table_new();
        g->tracking = tracking_table_new();
        g->lockouts = lockouts_new();
        g->device_ops = &device_ops;
        if (!g->devices || !g->tracking || !g->lockouts)
                return -ENOMEM;
        g->answers = answers_new(g->devices);
        if (!g->answers)
                return -ENOMEM;

        int r = conf_parse("upsd.conf", "", 0, NULL, NULL, &nothing);
        if (r < 0)
                return r;
        r = upsd_conf_from_lines(nothing, NULL, NULL, &g->conf);
        if (r < 0)
                return r;
        return user_table_from_lines(nothing, NULL, NULL, &g->users);
}

/* What an earlier process left: its listeners, its clients and what they had said. */
static int take_over(Gateway *g) {
        int state_fd = -EBADF;

        int r = server_take_passed(g->server, &state_fd);
        if (r < 0)
                return r;

        r = state_new(state_fd, &g->state);
        if (r < 0)
                log_warning_errno(r, "Connections will not survive a restart: %m");
        if (r <= 0)
                server_drop_passed(g->server);
        state_restore_forced(g->state, g);
        server_resume_clients(g->server);
        state_collect(g->state);
        return 0;
}

static int start_timers(Gateway *g) {
        int r = sd_event_add_time_relative(g->event, &g->tick, CLOCK_BOOTTIME, tick_interval(g),
                        50 * USEC_PER_MSEC, on_tick, g);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(g->tick, "tick");

        r = sd_event_add_time_relative(g->event, &g->ready_timeout, CLOCK_MONOTONIC, READY_TIMEOUT_USEC, 0,
                        on_ready_timeout, g);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(g->ready_timeout, "ready");
        return daemon_on_reload(g->event, on_reload, g);
}

static int start(Gateway *g) {
        int r = set_up_defaults(g);
        if (r < 0)
                return r;

        r = verifier_new(g->event, &g->verifier);
        if (r < 0)
                return r;
        r = server_new(g, &SERVER_LIMITS_DEFAULT, &g->server);
        if (r < 0)
                return r;

        r = gateway_start_news(g);
        if (r < 0)
                return r;

        /* Often a client had us started; before the devices are known it would get wrong answers. */
        server_hold(g->server, true);

        (void) read_settings(g, true);
        (void) read_users(g, true);
        (void) read_devices(g, true);
        warn_of_devices(g, true, true);
        server_configure(g->server, g->conf);
        (void) server_read_certificates(g->server, g->conf);
        r = take_over(g);
        if (r < 0)
                return r;
        r = server_listen(g->server, g->conf, g->port);
        if (r < 0)
                return r;

        r = start_timers(g);
        if (r < 0)
                return r;
        r = bus_gate_new(&g->gate);
        if (r < 0)
                return r;
        r = mirror_new(&mirror_ops, g, &g->mirror);
        if (r < 0)
                return r;
        return bus_link_new(g->event, &link_ops, g, &g->link);
}

int gateway_run(Gateway *g) {
        int code;

        while (sd_event_get_state(g->event) != SD_EVENT_FINISHED) {
                int r = server_turn(g->server, -1);
                if (r < 0)
                        return r;
        }

        int r = sd_event_get_exit_code(g->event, &code);
        return r < 0 ? r : code;
}

int gateway_new(sd_event *event, int port, int log_level, Gateway **ret) {
        _cleanup_(gateway_freep) Gateway *g = new0(Gateway, 1);
        if (!g)
                return log_oom();

        g->event = sd_event_ref(event);
        g->port = port;
        g->log_level = log_level;

        int r = start(g);
        if (r < 0)
                return log_error_errno(r, "Cannot start: %m");

        *ret = TAKE_PTR(g);
        return 0;
}

Gateway *gateway_free(Gateway *g) {
        if (!g)
                return NULL;

        /* Clients first: what the others do on their way out is none of their business. */
        if (g->devices)
                device_table_on_news(g->devices, NULL, NULL);
        server_free(g->server);
        g->server = NULL;
        for (size_t i = 0; g->devices && i < device_table_count(g->devices); i++)
                fsd_free(device_table_get(g->devices, i));
        bus_link_free(g->link);
        bus_gate_free(g->gate);
        mirror_free(g->mirror);
        sd_event_source_disable_unref(g->tick);
        sd_event_source_disable_unref(g->ready_timeout);
        sd_event_source_disable_unref(g->news);
        state_free(g->state);
        verifier_free(g->verifier);
        answers_free(g->answers);
        device_table_free(g->devices);
        tracking_table_free(g->tracking);
        user_table_free(g->users);
        appliance_table_free(g->appliances);
        lockouts_free(g->lockouts);
        upsd_conf_free(g->conf);
        sd_event_unref(g->event);
        free(g);
        return NULL;
}
