/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration file, read as upsmon.conf and as upssched.conf. */

#include <math.h>

#include "test-conf-report.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        ASSERT_STREQ(file, "fuzz.conf");
        ASSERT_TRUE(level >= LOG_ERR && level <= LOG_NOTICE);
        ASSERT_FALSE(isempty(message));
}

static void check_rules(const UpsmonRules *r) {
        ASSERT_TRUE(isnan(r->charge_limit_percent) ||
                    (r->charge_limit_percent >= 0 && r->charge_limit_percent <= 100));
}

static void check_monitor(const UpsmonConf *c) {
        uint64_t sum = 0;

        check_rules(&c->rules);
        for (size_t i = 0; i < c->n_supplies; i++) {
                const UpsmonSupply *s = c->supplies + i;

                ASSERT_TRUE(upsmon_conf_find(c, s->device) == s);
                ASSERT_EQ(device_name_is_link(s->device), !s->local);
                ASSERT_TRUE(s->user && s->password && !isempty(s->host) && !isempty(s->ups) && s->port > 0);
                ASSERT_TRUE(s->line > 0);
                check_rules(&s->rules);
                sum += s->power_value;
        }

        ASSERT_TRUE(c->n_supplies == 0 || c->min_supplies <= sum || (sum == 0 && c->min_supplies == 1));
        ASSERT_TRUE(c->n_supplies == 0 || c->min_supplies == 0 || sum > 0 || c->incomplete);
        ASSERT_TRUE(c->poll_usec > 0 && c->poll_alert_usec > 0);
        ASSERT_TRUE(!c->power_down_flag || c->power_down_flag[0] == '/');
}

static void check_timers(const UpsschedConf *c) {
        for (size_t i = 0; i < c->n_rules; i++) {
                const UpsschedRule *r = c->rules + i;

                ASSERT_TRUE(r->type >= 0 && r->type < _NOTIFY_TYPE_MAX);
                ASSERT_FALSE(isempty(r->name));
                ASSERT_TRUE(!r->command || r->action == UPSSCHED_CANCEL_TIMER ||
                            r->action == UPSSCHED_CANCEL_TIMER_MATCHED);
                ASSERT_TRUE(upssched_rule_matches(r, r->type, r->system ?: "any"));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(upssched_conf_freep) UpsschedConf *timers = NULL;
        _cleanup_(upsmon_conf_freep) UpsmonConf *monitor = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;

        ASSERT_OK(conf_parse("fuzz.conf", (const char *) data, size, on_report, NULL, &c));
        ASSERT_OK(upsmon_conf_from_lines(c, on_report, NULL, &monitor));
        check_monitor(monitor);
        ASSERT_OK(upssched_conf_from_lines(c, on_report, NULL, &timers));
        check_timers(timers);
        return 0;
}
