/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supply.h"

#include <math.h>

#include "string-util.h"
#include "time-util.h"

#define LOGINS_VARIABLE "server.numlogins"

/* Volts: below, there are no mains anywhere; above, there are some everywhere. */
#define VOLTAGE_NONE 20.0
#define VOLTAGE_SOME 60.0

/* Parts of the nominal voltage. */
#define FRACTION_NONE 0.1
#define FRACTION_SOME 0.5

int supply_new(const char *device, const char *system, Supply **ret) {
        _cleanup_(supply_freep) Supply *s = new0(Supply, 1);

        if (!s)
                return -ENOMEM;
        s->device = strdup(device);
        s->system = strdup(system);
        s->driver = strdup("");
        s->transport = strdup("");
        if (!s->device || !s->system || !s->driver || !s->transport)
                return -ENOMEM;

        s->reading.charge_percent = s->reading.runtime_sec = s->load_percent = NAN;
        s->configured.rules = (UpsmonRules) {
                .charge_limit_percent = NAN,
                .runtime_limit_usec = UPSMON_NEVER,
                .on_battery_limit_usec = UPSMON_NEVER,
        };
        s->policy = s->configured;
        *ret = TAKE_PTR(s);
        return 0;
}

Supply *supply_free(Supply *s) {
        if (!s)
                return NULL;

        notice_state_done(&s->notices);
        strv_free(s->status);
        free(s->alarms);
        free(s->others);
        free(s->driver);
        free(s->transport);
        strv_free(s->nodes);
        free(s->forced_by);
        free(s->device);
        free(s->system);
        free(s);
        return NULL;
}

bool supply_is_link(const Supply *s) {
        return device_name_is_link(s->device);
}

bool supply_is_remote(const Supply *s) {
        return streq(s->transport, "network");
}

StatusBits status_from_tokens(char *const *tokens, char **ret_others) {
        _cleanup_strv_free_ char **others = NULL;
        StatusBits bits = 0;

        STRV_FOREACH(t, tokens) {
                StatusBits bit = status_bit_from_token(*t);

                bits |= bit;
                if (bit == STATUS_OTHER)
                        (void) strv_extend(&others, *t);
        }

        if (ret_others)
                *ret_others = others ? strv_join(others, " ") : NULL;
        return bits;
}

Mains mains_from_voltage(double voltage, double nominal) {
        if (isnan(voltage))
                return MAINS_UNKNOWN;
        if (isnan(nominal) || nominal <= 0)
                return voltage < VOLTAGE_NONE ? MAINS_ABSENT
                     : voltage > VOLTAGE_SOME ? MAINS_PRESENT
                                              : MAINS_UNKNOWN;

        if (voltage < VOLTAGE_NONE || voltage < nominal * FRACTION_NONE)
                return MAINS_ABSENT;
        return voltage > nominal * FRACTION_SOME ? MAINS_PRESENT : MAINS_UNKNOWN;
}

/* Words look like "vendor:apc:ECO"; only the last part is of a known kind. */
static bool word_is_eco(const char *word) {
        static const char *const modes[] = { "ECO", "ESS", "HE", "SMART" };
        const char *colon = strrchr(word, ':');

        for (size_t i = 0; i < ELEMENTSOF(modes); i++)
                if (strcaseeq(colon ? colon + 1 : word, modes[i]))
                        return true;
        return false;
}

bool model_is_eco(const Model *m) {
        static const char *const variables[] = { "ups.mode.buzzwords", "experimental.ups.mode.buzzwords" };

        for (size_t i = 0; i < ELEMENTSOF(variables); i++) {
                _cleanup_strv_free_ char **words = NULL;
                const char *value = model_get(m, variables[i]);

                if (!value || strv_split(value, " ,;", &words) < 0)
                        continue;
                STRV_FOREACH(w, words)
                        if (word_is_eco(*w))
                                return true;
        }
        return false;
}

unsigned model_other_logins(const Model *m) {
        double n = model_get_number(m, LOGINS_VARIABLE);

        if (!(n >= 0 && n < 1e6))
                return 1;
        return n >= 1 ? (unsigned) n - 1 : 0;
}

static bool contains_nocase(const char *text, const char *part) {
        return text && strcasestr(text, part);
}

bool test_is_running(StatusBits bits, const char *result, double charge, uint64_t now_usec, uint64_t *since,
                bool *ret_disbelieved) {
        bool said = contains_nocase(result, "in progress");

        *ret_disbelieved = false;
        if (!said)
                *since = 0;
        else if (*since == 0)
                *since = MAX(now_usec, UINT64_C(1));
        if (bits & (STATUS_CAL | STATUS_TEST))
                return true;
        if (!said)
                return false;

        *ret_disbelieved = usec_sub(now_usec, *since) >= TEST_RESULT_MAX_USEC ||
                           ((bits & STATUS_LB) && charge < TEST_CHARGE_MIN);
        return !*ret_disbelieved;
}

static void take_texts(Supply *s, const Model *m, char *others) {
        const char *alarm = model_get(m, "ups.alarm");
        char **status;

        if (strv_copy(model_status(m), &status) >= 0) {
                strv_free(s->status);
                s->status = status;
        }
        (void) free_and_strdup(&s->alarms, isempty(alarm) ? NULL : alarm);
        free(s->others);
        s->others = others;
        s->eco = model_is_eco(m);
        s->load_percent = model_get_number(m, "ups.load");
}

static void take_nodes(Supply *s, char *const *nodes) {
        char **copy;

        if (!nodes || strv_equal(s->nodes, nodes) || strv_copy(nodes, &copy) < 0)
                return;
        strv_free(s->nodes);
        s->nodes = copy;
}

void supply_look(Supply *s, const MirrorDevice *d, uint64_t max_age_usec, uint64_t now_usec) {
        SupplyReading *r = &s->reading;

        if (d) {
                (void) free_and_strdup(&s->driver, mirror_device_driver(d));
                (void) free_and_strdup(&s->transport, mirror_device_transport(d));
                take_nodes(s, mirror_device_nodes(d));
        }

        const Model *m = d ? mirror_device_model(d) : NULL;
        uint64_t age = d ? mirror_device_age_usec(d) : 0;
        _cleanup_free_ char *others = NULL;
        StatusBits bits = m ? status_from_tokens(model_status(m), &others) : 0;

        /* A device that says nothing of its state might as well be silent. */
        if (!m || model_freshness(m) != FRESHNESS_FRESH || age > max_age_usec || bits == 0) {
                r->contact = r->contact == CONTACT_NEVER ? CONTACT_NEVER : CONTACT_LOST;
                return;
        }

        r->contact = CONTACT_FRESH;
        r->status = bits;
        r->charge_percent = model_get_number(m, "battery.charge");
        r->testing = test_is_running(bits, model_get(m, "ups.test.result"), r->charge_percent, now_usec,
                        &s->test_usec, &s->test_disbelieved);
        r->mains = mains_from_voltage(model_get_number(m, "input.voltage"),
                        model_get_number(m, "input.voltage.nominal"));
        r->runtime_sec = model_get_number(m, "battery.runtime");
        r->heard_usec = usec_sub(now_usec, age);
        r->on_battery_usec = model_on_battery_since_usec(m);
        take_texts(s, m, TAKE_PTR(others));

        if (supply_is_link(s))
                s->n_logins = model_other_logins(m);
}
