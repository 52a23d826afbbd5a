/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gateway-link.h"

#include <inttypes.h>
#include <stdio.h>

#include "bus-names.h"
#include "bus-peer.h"
#include "call.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define PEER_GATEWAY ((Peer) { BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY })

/* What we set is known again after a restart of ours by this beginning of its reason. */
#define REASON_PREFIX "busbar-monitor: "

/* Any number, and a NUL. */
#define DECIMAL_MAX 24

/* What is told of each login by every version: address, user and seconds. */
#define LOGIN_TYPES "ssx"

typedef enum TaskKind { TASK_LOGINS, TASK_FORCE, TASK_CLEAR } TaskKind;

/* A call under way about one device. */
typedef struct Task Task;

struct Task {
        GatewayLink *link;
        TaskKind kind;
        char *device;
        bool again; /* it changed while we asked */
        bool aside; /* nobody waits for it */
        sd_bus_slot *slot;
        Task *next;
};

struct GatewayLink {
        Monitor *monitor;
        sd_bus *bus;
        BusPeer *peer;
        sd_bus_slot *signals, *forced;
        bool forced_again;
        bool met; /* it was seen who the gateway is, if there is one */
        bool told_unreadable; /* see note_unreadable() */
        Task *tasks;
        unsigned n_waiting, n_failed;
        GatewayDone done;
};

/*** Tasks ***/

static Task *task_free(Task *t) {
        if (!t)
                return NULL;

        for (Task **p = &t->link->tasks; *p; p = &(*p)->next)
                if (*p == t) {
                        *p = t->next;
                        break;
                }
        sd_bus_slot_unref(t->slot);
        free(t->device);
        free(t);
        return NULL;
}

static Task *task_find(GatewayLink *g, TaskKind kind, const char *device) {
        for (Task *t = g->tasks; t; t = t->next)
                if (t->kind == kind && strcaseeq(t->device, device))
                        return t;
        return NULL;
}

static Task *task_new(GatewayLink *g, TaskKind kind, const char *device) {
        Task *t = new0(Task, 1);
        char *copy = strdup(device);

        if (!t || !copy) {
                free(t);
                free(copy);
                return NULL;
        }
        *t = (Task) { .link = g, .kind = kind, .device = copy, .next = g->tasks };
        g->tasks = t;
        return t;
}

/*** Logins ***/

/* One of them, of which more may be told than we know. Returns 0 after the last. */
static int read_login(sd_bus_message *m, const char *types, int64_t *ret_seconds, bool *ret_counts) {
        const char *address, *user, *rest = types + strlen(LOGIN_TYPES);
        int counts = true;

        int r = sd_bus_message_enter_container(m, 'r', types);
        if (r <= 0)
                return r;
        r = sd_bus_message_read(m, LOGIN_TYPES, &address, &user, ret_seconds);
        if (r >= 0 && *rest == 'b') {
                r = sd_bus_message_read(m, "b", &counts);
                rest++;
        }
        if (r >= 0 && *rest)
                r = sd_bus_message_skip(m, rest);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        *ret_counts = counts;
        return r < 0 ? r : 1;
}

int gateway_link_read_logins(sd_bus_message *m, unsigned *ret_n, uint64_t *ret_lease_usec) {
        int64_t seconds, longest = 0;
        const char *contents;
        unsigned n = 0;
        bool counts;
        char type;

        int r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (r == 0 || type != 'a' || !startswith(contents, "(" LOGIN_TYPES))
                return -EBADMSG;

        _cleanup_free_ char *types = strndup(contents + 1, strlen(contents) - 2);
        if (!types)
                return -ENOMEM;
        r = sd_bus_message_enter_container(m, 'a', contents);
        while (r >= 0 && (r = read_login(m, types, &seconds, &counts)) > 0)
                if (counts) {
                        longest = MAX(longest, seconds);
                        n++;
                }
        if (r < 0)
                return r;

        *ret_n = n;
        *ret_lease_usec = (uint64_t) MIN(longest, (int64_t) 86400) * USEC_PER_SEC;
        return 0;
}

/* Says so once for each gateway. */
static void note_unreadable(GatewayLink *g, const char *what, int r) {
        if (g->told_unreadable)
                return;

        g->told_unreadable = true;
        log_warning_errno(r, "What the gateway says about %s cannot be read, so the shutdown does not heed "
                        "it. Is it of another version? Restart busbar-gateway and busbar-monitor: %s", what,
                        strerror(-r));
}

static void take_logins(GatewayLink *g, Supply *s, sd_bus_message *m) {
        uint64_t lease;
        unsigned n;

        int r = gateway_link_read_logins(m, &n, &lease);
        if (r < 0) {
                note_unreadable(g, "who is logged in", r);
                return;
        }
        s->n_logins = n;
        s->lease_usec = lease;
}

static void ask_logins(GatewayLink *g, const char *device);

static int on_logins(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Task *t = userdata;
        GatewayLink *g = t->link;
        Supply *s = monitor_find(g->monitor, t->device);
        _cleanup_free_ char *device = t->again ? strdup(t->device) : NULL;

        /* Without an answer the last one holds: better to wait for somebody who is gone than not at all. */
        if (sd_bus_message_is_method_error(m, NULL))
                log_debug("Cannot ask who is logged in to [%s]: %s", t->device, call_failure(m));
        else if (s)
                take_logins(g, s, m);

        task_free(t);
        if (device)
                ask_logins(g, device);
        monitor_kick(g->monitor);
        return 0;
}

static void ask_logins(GatewayLink *g, const char *device) {
        Task *t = task_find(g, TASK_LOGINS, device);

        if (t) {
                t->again = true;
                return;
        }
        t = task_new(g, TASK_LOGINS, device);
        if (t && call_method(g->bus, &t->slot, PEER_GATEWAY, "ListLogins", STEP_TIMEOUT_USEC, on_logins, t,
                        "s",
                             device) < 0)
                task_free(t);
}

/*** Forced shutdowns ***/

static bool is_ours(const char *owner, const char *reason) {
        _cleanup_free_ char *prefix = strprintf("uid %u@", (unsigned) geteuid());

        return prefix && startswith(owner, prefix) && startswith(reason, REASON_PREFIX);
}

static void ask_aside(GatewayLink *g, const char *device, TaskKind kind, const char *reason);

/* Nobody else takes it back, and whoever follows that device would go down at each start. In a host that
 * watches what is there, a device that is not there yet may come to be watched. */
static void judge_stranger(Monitor *m, const char *device) {
        if (!m->ready || (m->implied && !mirror_find(m->mirror, device)))
                return;
        log_notice("[%s] has a forced shutdown of ours and is not watched any more: taking it back", device);
        ask_aside(m->gateway, device, TASK_CLEAR, NULL);
}

static int read_forced(Monitor *m, sd_bus_message *message) {
        const char *device, *owner, *reason;
        uint64_t since;

        int r = sd_bus_message_enter_container(message, 'v', "a(ssst)");
        if (r >= 0)
                r = sd_bus_message_enter_container(message, 'a', "(ssst)");
        if (r < 0)
                return r;

        for (size_t i = 0; i < m->n_supplies; i++)
                if (!supply_is_link(m->supplies[i])) {
                        (void) free_and_strdup(&m->supplies[i]->forced_by, NULL);
                        m->supplies[i]->reading.forced = false;
                }
        while ((r = sd_bus_message_read(message, "(ssst)", &device, &owner, &reason, &since)) > 0) {
                Supply *s = monitor_find(m, device);

                if (!s) {
                        if (is_ours(owner, reason))
                                judge_stranger(m, device);
                        continue;
                }
                (void) free_and_strdup(&s->forced_by, owner);
                s->reading.forced = true;
                s->set_by_us = s->set_by_us || is_ours(owner, reason);
        }
        return r;
}

/* Who is not told yet must still be told: taking the FSD back does not stop a shutdown of ours. */
static void keep_forced(GatewayLink *g) {
        Monitor *m = g->monitor;

        for (size_t i = 0; decision_state(m->decision) >= HOST_WAITING && i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];

                if (supply_is_link(s) || !decision_forced(m->decision, i) || !s->set_by_us ||
                    s->reading.forced || task_find(g, TASK_FORCE, s->device))
                        continue;
                log_warning("[%s]: somebody took the forced shutdown back, but this machine goes on "
                            "shutting down, so it is set again. To call it off: busbarctl shutdown "
                            "--cancel", s->device);
                ask_aside(g, s->device, TASK_FORCE, REASON_PREFIX "as before");
        }
}

static void ask_forced(GatewayLink *g);

static int on_forced(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        GatewayLink *g = userdata;

        g->forced = sd_bus_slot_unref(g->forced);
        if (sd_bus_message_is_method_error(m, NULL))
                log_debug("The gateway does not say which devices shut down: %s", call_failure(m));
        else {
                int r = read_forced(g->monitor, m);

                if (r < 0)
                        note_unreadable(g, "forced shutdowns", r);
        }
        keep_forced(g);

        if (g->forced_again)
                ask_forced(g);
        monitor_kick(g->monitor);
        return 0;
}

static void ask_forced(GatewayLink *g) {
        g->forced_again = g->forced;
        if (!g->forced)
                (void) call_get(g->bus, &g->forced, PEER_GATEWAY, "ForcedShutdowns", STEP_TIMEOUT_USEC,
                                on_forced, g);
}

void gateway_link_refresh(GatewayLink *g) {
        if (!g)
                return;

        ask_forced(g);
        for (size_t i = 0; i < g->monitor->n_supplies; i++)
                if (!supply_is_link(g->monitor->supplies[i]))
                        ask_logins(g, g->monitor->supplies[i]->device);
}

bool gateway_link_is_settled(const GatewayLink *g) {
        return !g || (!g->forced && !g->tasks);
}

static void one_done(GatewayLink *g, bool failed) {
        if (g->n_waiting == 0)
                return;
        if (failed)
                g->n_failed++;
        if (--g->n_waiting == 0 && g->done) {
                GatewayDone done = g->done;

                g->done = NULL;
                done(g->monitor, g->n_failed);
        }
}

static int on_set(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Task *t = userdata;
        GatewayLink *g = t->link;
        bool failed = sd_bus_message_is_method_error(m, NULL);
        bool force = t->kind == TASK_FORCE;

        if (failed)
                log_warning("Cannot %s the forced shutdown of [%s]: %s", force ? "set" : "take back",
                                t->device, call_failure(m));
        Supply *s = monitor_find(g->monitor, t->device);
        if (s && !failed)
                s->set_by_us = force;
        bool aside = t->aside;
        task_free(t);
        if (!aside)
                one_done(g, failed);
        return 0;
}

/* A reply of a link may come when the supply, and the connection, are others. */
static void on_link_forced(void *userdata, int r, const char *message) {
        Monitor *m = userdata;

        if (r < 0)
                log_warning_errno(r, "A server did not take the forced shutdown: %s",
                                message ?: strerror(-r));
        if (m->gateway)
                one_done(m->gateway, r < 0);
}

static bool ask_gateway(GatewayLink *g, const char *device, TaskKind kind, const char *reason) {
        Task *t = task_find(g, kind, device);

        task_free(t);
        t = task_new(g, kind, device);
        if (!t)
                return false;

        int r = kind == TASK_FORCE
                ? call_method(g->bus, &t->slot, PEER_GATEWAY, "SetForcedShutdown", STEP_TIMEOUT_USEC, on_set,
                                t, "ss", device, reason)
                : call_method(g->bus, &t->slot, PEER_GATEWAY, "ClearForcedShutdown", STEP_TIMEOUT_USEC,
                                on_set, t, "s", device);
        if (r < 0)
                task_free(t);
        return r >= 0;
}

static void ask_aside(GatewayLink *g, const char *device, TaskKind kind, const char *reason) {
        if (!task_find(g, kind, device) && ask_gateway(g, device, kind, reason))
                task_find(g, kind, device)->aside = true;
}

static bool ask_link(Monitor *m, Supply *s) {
        MirrorDevice *d = mirror_find(m->mirror, s->device);

        if (!d || !model_find_command(mirror_device_model(d), "server.fsd")) {
                log_warning("[%s]: its server cannot be told of the shutdown now", s->device);
                return false;
        }
        if (mirror_device_run(d, "server.fsd", NULL, on_link_forced, m) < 0)
                return false;
        s->set_by_us = true;
        return true;
}

static void on_need(void *userdata, int r, const char *message) {
        if (r < 0)
                log_debug_errno(r, "A relay did not take what we need: %s", message ?: strerror(-r));
}

void gateway_tell_need(Monitor *m) {
        uint64_t usec = usec_add(monitor_shutdown_time_usec(m), m->conf->final_delay_usec);
        uint64_t sec = CLAMP(usec / USEC_PER_SEC + (usec % USEC_PER_SEC > 0), UINT64_C(1), UINT64_C(86400));
        char argument[DECIMAL_MAX];

        (void) snprintf(argument, sizeof(argument), "%" PRIu64, sec);
        for (size_t i = 0; i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];
                MirrorDevice *d = supply_is_link(s) ? mirror_find(m->mirror, s->device) : NULL;

                /* A relay that is new knows nothing. */
                if (!d || !model_find_command(mirror_device_model(d), "server.need"))
                        s->need_sec = 0;
                else if (s->need_sec != sec &&
                         mirror_device_run(d, "server.need", argument, on_need, NULL) >= 0)
                        s->need_sec = sec;
        }
}

int gateway_force(Monitor *m, GatewayLink *g, const char *reason, GatewayDone done) {
        _cleanup_free_ char *text = strjoin(REASON_PREFIX, strempty(reason));
        unsigned n = 0;

        for (size_t i = 0; i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];

                if (!decision_forced(m->decision, i))
                        continue;
                if (supply_is_link(s))
                        n += ask_link(m, s);
                else if (g)
                        n += ask_gateway(g, s->device, TASK_FORCE, text ?: REASON_PREFIX);
        }
        if (!g || n == 0)
                return 0;

        g->n_waiting = n;
        g->n_failed = 0;
        g->done = done;
        return 1;
}

int gateway_clear(Monitor *m, GatewayLink *g, GatewayDone done) {
        unsigned n = 0;

        if (!g)
                return 0;
        for (size_t i = 0; i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];

                if (s->set_by_us && supply_is_link(s)) {
                        log_warning("[%s]: its server keeps the forced shutdown until it is started anew",
                                        s->device);
                        s->set_by_us = false;
                } else if (s->set_by_us)
                        n += ask_gateway(g, s->device, TASK_CLEAR, NULL);
        }
        g->n_waiting = n;
        g->n_failed = 0;
        g->done = n > 0 ? done : NULL;
        return n > 0;
}

/*** Signals ***/

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        GatewayLink *g = userdata;
        const char *device;

        if (!bus_peer_sent(g->peer, m))
                return 0;
        if (sd_bus_message_is_signal(m, BUS_INTERFACE_GATEWAY, "LoginsChanged") > 0) {
                if (sd_bus_message_read(m, "s", &device) >= 0 && monitor_find(g->monitor, device))
                        ask_logins(g, device);
        } else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") > 0)
                ask_forced(g);
        return 0;
}

/* A gateway that is new may have lost what the one before it was told. */
static void on_gateway_there(GatewayLink *g) {
        Monitor *m = g->monitor;

        gateway_link_refresh(g);
        for (size_t i = 0; i < m->n_supplies; i++)
                if (decision_forced(m->decision, i) && !supply_is_link(m->supplies[i]))
                        ask_aside(g, m->supplies[i]->device, TASK_FORCE, REASON_PREFIX "as before");
}

static void on_owner(void *userdata, const char *owner) {
        GatewayLink *g = userdata;
        bool first = !g->met;

        g->met = true;
        if (first)
                return;
        g->told_unreadable = false;
        if (owner)
                on_gateway_there(g);
        else
                log_info("The gateway left the bus");
}

/*** Life ***/

int gateway_link_new(Monitor *m, GatewayLink **ret) {
        _cleanup_(gateway_link_freep) GatewayLink *g = new0(GatewayLink, 1);

        if (!g)
                return -ENOMEM;
        g->monitor = m;
        g->bus = sd_bus_ref(m->bus);

        /* Who it is is asked for first, so that it is known when the first signal comes. */
        int r = bus_peer_new(g->bus, BUS_NAME_GATEWAY, on_owner, g, &g->peer);
        if (r < 0)
                return r;
        r = sd_bus_add_match_async(g->bus, &g->signals,
                        "type='signal',sender='" BUS_NAME_GATEWAY "',path='" BUS_PATH_GATEWAY "'", on_signal,
                        NULL, g);
        if (r < 0)
                return r;

        gateway_link_refresh(g);
        *ret = TAKE_PTR(g);
        return 0;
}

GatewayLink *gateway_link_free(GatewayLink *g) {
        if (!g)
                return NULL;

        while (g->tasks)
                task_free(g->tasks);
        sd_bus_slot_unref(g->signals);
        bus_peer_free(g->peer);
        sd_bus_slot_unref(g->forced);
        sd_bus_unref(g->bus);
        free(g);
        return NULL;
}
