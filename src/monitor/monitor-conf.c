/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "conf-reading.h"
#include "log.h"
#include "memory.h"
#include "monitor.h"
#include "nut-conf.h"
#include "policy.h"
#include "string-util.h"
#include "time-util.h"

/* More devices than that are not watched by themselves. */
#define IMPLIED_MAX 64U

/*** Files ***/

/* A warning that lasts as long as what it is about. */
static void remark_conf(Monitor *m, const UpsmonConf *conf, bool accepted, bool first, int error) {
        const char *holds = first ? "every UPS of this machine is watched as if there were no such file"
                                  : "what was read before holds";

        free(m->conf_remark);
        m->conf_remark = NULL;
        if (error < 0)
                m->conf_remark = strprintf("upsmon.conf could not be read: %s; %s", strerror(-error), holds);
        else if (!accepted)
                m->conf_remark = strprintf("upsmon.conf has errors or is gone; %s", holds);
        else if (conf->incomplete)
                m->conf_remark = strdup("upsmon.conf has mistakes in its MONITOR lines; every UPS of this "
                                        "machine is watched as well");
}

/* These two return 1 if the file was taken, and 0 if not. */
static int read_upsmon_conf(Monitor *m, bool first) {
        ConfReading f = { .name = "upsmon.conf", .first = first, .existed = m->conf && m->conf->exists };
        _cleanup_(upsmon_conf_freep) UpsmonConf *conf = NULL;

        int r = upsmon_conf_load(conf_reading_report, &f, &conf);
        bool accepted = conf_reading_accept(&f, r, conf && conf->exists);

        remark_conf(m, conf, accepted, first, r);
        if (!accepted) {
                _cleanup_(conf_freep) Conf *nothing = NULL;

                if (m->conf)
                        return 0;
                r = conf_parse("upsmon.conf", "", 0, NULL, NULL, &nothing);
                return r < 0 ? r : upsmon_conf_from_lines(nothing, NULL, NULL, &m->conf);
        }

        upsmon_conf_free(m->conf);
        m->conf = TAKE_PTR(conf);
        return 1;
}

static int read_ups_conf(Monitor *m, bool first) {
        /* Its mistakes are the drivers' to tell; what is wanted of it is sdorder. */
        ConfReading f = {
                .name = "ups.conf", .first = first, .existed = m->ups_conf && m->ups_conf->exists,
                                .quiet = true,
        };
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        int r = ups_conf_load(conf_reading_report, &f, &conf);
        if (!conf_reading_accept(&f, r, conf && conf->exists)) {
                _cleanup_(conf_freep) Conf *nothing = NULL;

                if (m->ups_conf)
                        return 0;
                r = conf_parse("ups.conf", "", 0, NULL, NULL, &nothing);
                return r < 0 ? r : ups_conf_from_lines(nothing, NULL, NULL, &m->ups_conf);
        }

        ups_conf_free(m->ups_conf);
        m->ups_conf = TAKE_PTR(conf);
        return 1;
}

int monitor_read_configuration(Monitor *m, bool first) {
        NutConf nut = {};
        int r, k;

        r = read_upsmon_conf(m, first);
        if (r < 0)
                return r;
        k = read_ups_conf(m, first);
        if (k < 0)
                return k;
        if (nut_conf_load(conf_report_log, NULL, &nut) >= 0)
                m->power_off_wait_sec = (unsigned) MIN(nut.poweroff_wait_usec / USEC_PER_SEC,
                                (uint64_t) 86400);
        return r > 0 && k > 0;
}

/*** Supplies ***/

/* A list that is being made: those that stay are taken over from the monitor. */
typedef struct SupplyList {
        Supply **supplies;
        size_t *from; /* index in the list before, or SIZE_MAX */
        size_t n, n_allocated, n_from_allocated;
} SupplyList;

static void supply_list_done(SupplyList *l) {
        for (size_t i = 0; i < l->n; i++)
                supply_free(l->supplies[i]);
        free(l->supplies);
        free(l->from);
}

static int add_supply(Monitor *m, SupplyList *l, const char *device, const char *system, Supply **ret) {
        size_t from = SIZE_MAX;
        Supply *s = NULL;

        if (!GREEDY_REALLOC(l->supplies, l->n_allocated, l->n + 1) ||
            !GREEDY_REALLOC(l->from, l->n_from_allocated, l->n + 1))
                return -ENOMEM;
        for (size_t i = 0; i < m->n_supplies && !s; i++)
                if (m->supplies[i] && strcaseeq(m->supplies[i]->device, device)) {
                        s = TAKE_PTR(m->supplies[i]);
                        from = i;
                }
        int r = s ? free_and_strdup(&s->system, system) : supply_new(device, system, &s);
        if (r < 0 && s)
                m->supplies[from] = s;
        if (r < 0)
                return r;

        l->from[l->n] = from;
        l->supplies[l->n++] = s;
        *ret = s;
        return 0;
}

static int add_configured(Monitor *m, SupplyList *l) {
        for (size_t i = 0; i < m->conf->n_supplies; i++) {
                const UpsmonSupply *c = m->conf->supplies + i;
                Supply *s;

                int r = add_supply(m, l, c->device, c->system, &s);
                if (r < 0)
                        return r;
                s->implied = false;
                s->configured = (SupplyPolicy) {
                        .power_value = c->power_value,
                        .primary = c->primary,
                        .rules = c->rules,
                };
        }
        return 0;
}

bool monitor_wants_implied(const Monitor *m, const MirrorDevice *d) {
        const char *type = model_get(mirror_device_model(d), "device.type");

        return m->implied && (!type || strcaseeq(type, "ups")) &&
                        !device_name_is_link(mirror_device_name(d)) &&
               !streq(mirror_device_transport(d), "network");
}

/* How much of what the MONITOR lines have is needed. */
static unsigned configured_need(const UpsmonConf *c, unsigned *ret_sum) {
        uint64_t sum = 0;

        for (size_t i = 0; i < c->n_supplies; i++)
                sum += c->supplies[i].power_value;
        *ret_sum = (unsigned) MIN(sum, (uint64_t) UINT32_MAX / 2);
        return MIN(c->min_supplies, *ret_sum);
}

/* Each is needed: no other can make up for one. */
static unsigned implied_power_value(const UpsmonConf *c) {
        unsigned sum, needed = configured_need(c, &sum);

        return sum - needed + 1;
}

unsigned monitor_min_supplies(const Monitor *m) {
        unsigned sum, needed = configured_need(m->conf, &sum), n = 0;

        if (!m->implied)
                return m->conf->min_supplies;
        for (size_t i = 0; i < m->n_supplies; i++)
                n += m->supplies[i]->implied;
        if (m->conf->n_supplies == 0 && m->conf->min_supplies_set)
                return MIN(m->conf->min_supplies, n);
        needed += n * implied_power_value(m->conf);
        return m->conf->n_supplies > 0 ? MAX(needed, 1U) : needed;
}

static int add_implied_one(Monitor *m, SupplyList *l, const char *device) {
        Supply *s;

        int r = add_supply(m, l, device, device, &s);
        if (r < 0)
                return r;
        s->implied = true;
        s->configured = (SupplyPolicy) {
                .power_value = implied_power_value(m->conf),
                .primary = true,
                .rules = *upsmon_conf_implied_rules(m->conf, device),
        };
        return 0;
}

/* Neither on the bus nor in the configuration any more. */
static bool is_withdrawn(const Monitor *m, const Supply *s) {
        return !mirror_find(m->mirror, s->device) && !ups_conf_find(m->ups_conf, s->device);
}

/* Those that were there stay while their driver is away, since it may be away because something is wrong. */
static int add_implied(Monitor *m, SupplyList *l, bool reload) {
        for (size_t i = 0; i < m->n_supplies && l->n < IMPLIED_MAX; i++)
                if (m->supplies[i] && m->supplies[i]->implied && !(reload && is_withdrawn(m,
                                m->supplies[i]))) {
                        int r = add_implied_one(m, l, m->supplies[i]->device);
                        if (r < 0)
                                return r;
                }

        for (size_t i = 0; i < mirror_n_devices(m->mirror); i++) {
                const MirrorDevice *d = mirror_device(m->mirror, i);
                bool known = false;

                for (size_t j = 0; j < l->n; j++)
                        known = known || strcaseeq(l->supplies[j]->device, mirror_device_name(d));
                if (known || !monitor_wants_implied(m, d))
                        continue;
                if (l->n >= IMPLIED_MAX) {
                        log_warning("More than %u UPSes are there: %s and those behind it are not watched",
                                        IMPLIED_MAX, mirror_device_name(d));
                        break;
                }
                int r = add_implied_one(m, l, mirror_device_name(d));
                if (r < 0)
                        return r;
        }
        return 0;
}

static void say_what_is_protected(const Monitor *m) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];

                if (s->implied && !s->notices.begun)
                        (void) log_full(LOG_INFO, 0, &(LogContext) { .device = s->device },
                                        "This machine shuts down when this UPS comes to its end. To have it "
                                        "otherwise, write MONITOR lines into upsmon.conf");
        }
}

static int list_supplies(Monitor *m, SupplyList *l, bool reload) {
        m->implied = m->conf->n_supplies == 0 || m->conf->incomplete;
        int r = add_configured(m, l);
        return r >= 0 && m->implied ? add_implied(m, l, reload) : r;
}

int monitor_make_supplies(Monitor *m, bool reload) {
        _cleanup_(supply_list_done) SupplyList l = {};
        _cleanup_(decision_freep) Decision *decision = NULL;

        int r = list_supplies(m, &l, reload);
        decision = r < 0 ? NULL : decision_new(l.n, !m->decision && monitor_is_early(m));
        if (!decision) {
                /* What was taken over is given back. */
                for (size_t i = 0; i < l.n; i++)
                        if (l.from[i] != SIZE_MAX)
                                m->supplies[l.from[i]] = TAKE_PTR(l.supplies[i]);
                return r < 0 ? r : -ENOMEM;
        }

        if (m->decision)
                decision_inherit(decision, m->decision, l.from);
        decision_free(m->decision);
        m->decision = TAKE_PTR(decision);

        SupplyList old = { .supplies = m->supplies, .n = m->n_supplies };
        m->supplies = TAKE_PTR(l.supplies);
        m->n_supplies = l.n;
        for (size_t i = 0; i < m->n_supplies; i++)
                if (l.from[i] == SIZE_MAX)
                        memory_recall(m, i);
        l.n = 0;
        supply_list_done(&old);

        monitor_apply_policy(m);
        say_what_is_protected(m);
        return 0;
}

/*** Policy ***/

static double policy_of(const Monitor *m, const Supply *s, PolicyRule rule) {
        double value;

        return policy_table_get(m->policy, s->device, rule, &value) || policy_table_get(m->policy, "", rule,
                        &value)
                ? value : NAN;
}

static uint64_t seconds_or(double value, uint64_t otherwise) {
        return isnan(value) ? otherwise : value < 0 ? UPSMON_NEVER : (uint64_t) (value * USEC_PER_SEC);
}

void monitor_apply_policy(Monitor *m) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];
                UpsmonRules *r = &s->policy.rules;
                double charge = policy_of(m, s, RULE_CHARGE);

                s->policy = s->configured;
                if (!isnan(charge))
                        r->charge_limit_percent = charge < 0 ? NAN : charge;
                r->runtime_limit_usec = seconds_or(policy_of(m, s, RULE_RUNTIME), r->runtime_limit_usec);
                r->on_battery_limit_usec = seconds_or(policy_of(m, s, RULE_ON_BATTERY),
                                r->on_battery_limit_usec);
        }
        monitor_kick(m);
}
