/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal.h"

#include <inttypes.h>

#include "armed.h"
#include "bus-names.h"
#include "call.h"
#include "container.h"
#include "file.h"
#include "gateway-link.h"
#include "log.h"
#include "string-util.h"
#include "switch-off.h"
#include "time-util.h"
#include "units.h"

#define STEPS_MAX 256U

struct Rehearsal {
        Monitor *monitor;
        RehearsalDone done;
        void *userdata;
        sd_event_source *next;
        sd_bus_slot *slot;
        size_t stage, target; /* what is under way */
        uint64_t since_usec;
        RehearsalStep *steps;
        size_t n_steps, n_allocated;
};

/* The text is owned from here on. */
static void add(Rehearsal *h, const char *name, bool ok, uint64_t time_usec, char *text) {
        if (h->n_steps >= STEPS_MAX || !GREEDY_REALLOC(h->steps, h->n_allocated, h->n_steps + 1)) {
                free(text);
                return;
        }
        h->steps[h->n_steps++] = (RehearsalStep) { name, ok, time_usec, text };
}

static uint64_t elapsed(const Rehearsal *h) {
        return usec_sub(now_usec(CLOCK_MONOTONIC), h->since_usec);
}

/* Has the loop go on with the next stage. */
static void go_on(Rehearsal *h) {
        h->slot = sd_bus_slot_unref(h->slot);
        h->stage++;
        (void) sd_event_source_set_enabled(h->next, SD_EVENT_ONESHOT);
}

/*** What can be seen from here ***/

static void look_at_configuration(Rehearsal *h) {
        const Monitor *m = h->monitor;

        if (m->implied && m->conf->n_supplies > 0)
                add(h, "configuration", false, 0,
                                strprintf("MONITOR lines have mistakes: all UPSes here are needed "
                                          "besides the %zu that could be read", m->conf->n_supplies));
        else if (m->implied)
                add(h, "configuration", m->n_supplies > 0, 0,
                                strprintf("No MONITOR lines: all %zu UPSes of this machine are needed",
                                          m->n_supplies));
        else
                add(h, "configuration", true, 0,
                                strprintf("%zu MONITOR lines, MINSUPPLIES %u", m->n_supplies,
                                          m->conf->min_supplies));
        add(h, "sequence", true, monitor_sequence_usec(m), strdup("HOSTSYNC and FINALDELAY, at most"));
        add(h, "stopping", true, monitor_shutdown_time_usec(m), strdup("This machine stops"));
}

static void look_at_devices(Rehearsal *h) {
        const Monitor *m = h->monitor;

        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];
                bool fresh = s->reading.contact == CONTACT_FRESH;

                add(h, "device", fresh, fresh ? usec_sub(now_usec(CLOCK_BOOTTIME), s->reading.heard_usec)
                                : 0,
                                strprintf(fresh ? "%s is heard" : "%s is not heard", s->system));
        }
}

static const char *describe_link(bool heard, bool in, bool tells) {
        if (!heard)
                return "not heard";
        if (!in)
                return "not logged in";
        return tells ? "logged in" : "logged in, but not as the primary";
}

/* Who is heard only may go down unseen by the server, or cannot tell it. */
static void look_at_links(Rehearsal *h) {
        const Monitor *m = h->monitor;

        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];
                const MirrorDevice *d = mirror_find(m->mirror, s->device);
                const Model *model = d ? mirror_device_model(d) : NULL;
                bool heard = s->reading.contact == CONTACT_FRESH;
                bool in = heard && model && model_get(model, "server.numlogins");
                bool tells = in && (!s->policy.primary || model_find_command(model, "server.fsd"));

                if (!supply_is_link(s))
                        continue;
                add(h, "link", tells, 0,
                                strprintf("link %s is %s", s->system, describe_link(heard, in, tells)));
        }
}

static char *describe_power_off(const Monitor *m, const Supply *s, bool *ret_ok) {
        const MirrorDevice *d = mirror_find(m->mirror, s->device);
        bool has = d && model_find_command(mirror_device_model(d), "shutdown.return");
        bool stays = monitor_min_supplies(m) == 0;
        _cleanup_free_ char *why = NULL;

        *ret_ok = true;
        if (!stays && !supply_is_remote(s))
                return strprintf("%s: %s -k once the machine is down%s", s->device, s->driver,
                                has ? "" : "; it has no command shutdown.return now");

        int r = switch_off_check(m, s, &why);
        *ret_ok = r >= 0;
        if (r < 0)
                return strprintf("%s: not switched off: %s", s->device, why ?: strerror(-r));
        return strprintf("%s: shutdown.return%s %s", s->device,
                        r > 0 ? ", once it has taken a longer ups.delay.shutdown," : "",
                        stays ? "at its end, while this machine stays up" : "before the network goes");
}

static void look_at_power_off(Rehearsal *h) {
        const Monitor *m = h->monitor;
        _cleanup_free_ char *path = monitor_runtime_path(m, "");

        if (machine_is_container("")) {
                add(h, "power-off", true, 0, strdup("This is a container: its UPS is left to its host"));
                return;
        }
        add(h, "flag", path && access(path, W_OK) >= 0, 0,
                        strprintf("Flag for the late power-off in %s", path ?: "no directory"));
        for (size_t i = 0; i < m->n_supplies; i++) {
                bool ok;
                char *text;

                if (!supply_wants_power_off(m, i) &&
                    !(monitor_min_supplies(m) == 0 && supply_is_ours_to_switch(m->supplies[i])))
                        continue;
                text = describe_power_off(m, m->supplies[i], &ok);
                add(h, "power-off", ok, 0, text);
        }
}

/*** What others say ***/

static int on_gateway(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rehearsal *h = userdata;
        unsigned n = 0;

        for (size_t i = 0; i < h->monitor->n_supplies; i++)
                if (h->monitor->supplies[i]->policy.primary)
                        n += h->monitor->supplies[i]->n_logins;
        if (streq_ptr(call_error_name(m), SD_BUS_ERROR_SERVICE_UNKNOWN) ||
            streq_ptr(call_error_name(m), SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                add(h, "gateway", true, elapsed(h), strdup("The gateway does not run, nobody is logged in"));
        else if (call_error_name(m))
                add(h, "gateway", false, elapsed(h),
                                strprintf("The gateway does not answer, nobody is told: %s",
                                call_failure(m)));
        else
                add(h, "gateway", true, elapsed(h), strprintf("%u machines are logged in", n));
        go_on(h);
        return 0;
}

static int ask_gateway(Rehearsal *h) {
        return call_method(h->monitor->bus, &h->slot,
                        (Peer) { BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, "org.freedesktop.DBus.Peer" }, "Ping",
                        STEP_TIMEOUT_USEC, on_gateway, h, NULL);
}

static int on_can_power_off(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *answer = "no answer";
        Rehearsal *h = userdata;

        if (call_error_name(m))
                add(h, "logind", false, elapsed(h), strprintf("logind: %s", call_failure(m)));
        else if (sd_bus_message_read(m, "s", &answer) >= 0)
                add(h, "logind", streq(answer, "yes"), elapsed(h),
                                strprintf("logind says that we may power off: %s", answer));
        go_on(h);
        return 0;
}

static int ask_can_power_off(Rehearsal *h) {
        return call_method(h->monitor->bus, &h->slot, PEER_LOGIN, "CanPowerOff", STEP_TIMEOUT_USEC,
                        on_can_power_off, h, NULL);
}

static int on_limit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rehearsal *h = userdata;
        uint64_t usec;

        if (call_error_name(m))
                add(h, "delay", false, elapsed(h), strprintf("InhibitDelayMaxSec= is not known: %s",
                                call_failure(m)));
        else if (sd_bus_message_read(m, "v", "t", &usec) >= 0)
                add(h, "delay", !h->monitor->shown.delay_too_short, usec,
                                strdup(h->monitor->shown.delay_too_short
                                                ? "logind delays a shutdown for less time than ours takes: "
                                                  "see InhibitDelayMaxSec= in logind.conf(5)"
                                                : "So long logind lets us delay somebody's shutdown"));
        go_on(h);
        return 0;
}

static int ask_limit(Rehearsal *h) {
        return call_get(h->monitor->bus, &h->slot, PEER_LOGIN, "InhibitDelayMaxUSec", STEP_TIMEOUT_USEC,
                        on_limit, h);
}

static bool blocks_shutdown(const char *what, const char *mode) {
        _cleanup_strv_free_ char **words = NULL;

        return startswith(mode, "block") && strv_split(what, ":", &words) >= 0 && strv_contains(words,
                        "shutdown");
}

static int on_inhibitors(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *what, *who, *why, *mode;
        Rehearsal *h = userdata;
        uint32_t uid, pid;
        unsigned n = 0;

        if (call_error_name(m) || sd_bus_message_enter_container(m, 'a', "(ssssuu)") < 0) {
                add(h, "inhibitors", false, elapsed(h), strprintf("Locks are not known: %s",
                                call_failure(m)));
                go_on(h);
                return 0;
        }
        while (sd_bus_message_read(m, "(ssssuu)", &what, &who, &why, &mode, &uid, &pid) > 0)
                if (blocks_shutdown(what, mode)) {
                        add(h, "inhibitors", true, elapsed(h),
                                        strprintf("%s blocks a shutdown (%s); it will be overridden", who,
                                        why));
                        n++;
                }
        if (n == 0)
                add(h, "inhibitors", true, elapsed(h), strdup("Nobody blocks a shutdown"));
        go_on(h);
        return 0;
}

static int ask_inhibitors(Rehearsal *h) {
        return call_method(h->monitor->bus, &h->slot, PEER_LOGIN, "ListInhibitors", STEP_TIMEOUT_USEC,
                        on_inhibitors, h, NULL);
}

/* The last two are what the monitor starts when logind does not help, or a command is configured. */
static const char *unit_name(const Rehearsal *h, size_t i) {
        const UpsmonConf *c = h->monitor->conf;

        if (i < 3)
                return units_targets()[i];
        if (i == 3)
                return "poweroff.target";
        return i == 4 && (c->shutdown_command || c->power_down_flag) ? "busbar-shutdowncmd.service" : NULL;
}

static int ask_unit(Rehearsal *h);

static int on_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rehearsal *h = userdata;
        const char *name = unit_name(h, h->target);

        if (call_error_name(m))
                add(h, "unit", false, elapsed(h), strprintf("%s: %s", name, call_failure(m)));
        else
                add(h, "unit", true, elapsed(h), strprintf("%s is there", name));
        h->target++;
        if (!unit_name(h, h->target) || ask_unit(h) < 0)
                go_on(h);
        return 0;
}

static int ask_unit(Rehearsal *h) {
        h->since_usec = now_usec(CLOCK_MONOTONIC);
        return call_method(h->monitor->bus, &h->slot, PEER_SYSTEMD, "GetUnitFileState", STEP_TIMEOUT_USEC,
                        on_unit, h, "s", unit_name(h, h->target));
}

static int on_notify(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rehearsal *h = userdata;

        if (call_error_name(m))
                add(h, "notify", false, elapsed(h), strprintf("busbar-notify is not running: %s",
                                call_failure(m)));
        else
                add(h, "notify", true, elapsed(h), strdup("busbar-notify tells the users"));
        go_on(h);
        return 0;
}

static int ask_notify(Rehearsal *h) {
        return call_method(h->monitor->bus, &h->slot, PEER_SYSTEMD, "GetUnit", STEP_TIMEOUT_USEC, on_notify,
                        h, "s", "busbar-notify.service");
}

static const struct {
        const char *name;
        int (*ask)(Rehearsal *h);
} stages[] = {
        { "gateway",    ask_gateway       },
        { "logind",     ask_can_power_off },
        { "delay",      ask_limit         },
        { "inhibitors", ask_inhibitors    },
        { "unit",       ask_unit          },
        { "notify",     ask_notify        },
};

static int on_next(sd_event_source *es, void *userdata) {
        Rehearsal *h = userdata;

        if (h->stage >= ELEMENTSOF(stages)) {
                h->done(h->userdata, h->steps, h->n_steps);
                return 0;
        }

        h->since_usec = now_usec(CLOCK_MONOTONIC);
        int r = stages[h->stage].ask(h);
        if (r < 0) {
                add(h, stages[h->stage].name, false, 0, strprintf("Cannot ask: %s", strerror(-r)));
                go_on(h);
        }
        return 0;
}

int rehearsal_new(Monitor *m, RehearsalDone done, void *userdata, Rehearsal **ret) {
        _cleanup_(rehearsal_freep) Rehearsal *h = new0(Rehearsal, 1);

        if (!h)
                return -ENOMEM;
        h->monitor = m;
        h->done = done;
        h->userdata = userdata;

        int r = sd_event_add_defer(m->event, &h->next, on_next, h);
        if (r < 0)
                return r;
        look_at_configuration(h);
        look_at_devices(h);
        look_at_links(h);
        look_at_power_off(h);
        *ret = TAKE_PTR(h);
        return 0;
}

Rehearsal *rehearsal_free(Rehearsal *h) {
        if (!h)
                return NULL;

        for (size_t i = 0; i < h->n_steps; i++)
                free(h->steps[i].text);
        free(h->steps);
        sd_bus_slot_unref(h->slot);
        sd_event_source_disable_unref(h->next);
        free(h);
        return NULL;
}
