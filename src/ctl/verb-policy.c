/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-names.h"
#include "duration.h"
#include "monitor.h"
#include "policy.h"
#include "string-util.h"

static int list_rules(Ctl *c) {
        _cleanup_(records_done) Records rules = { .kind = &monitor_policy_kind };
        _cleanup_(table_freep) Table *t = table_new(4);
        Json j = { .f = stdout };
        int r;

        r = monitor_read(c, "GetPolicy", NULL, (Records *[]) { &rules }, 1);
        if (r < 0)
                return r;

        if (c->json) {
                records_json(&j, NULL, &rules);
                return json_finish(&j);
        }

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (c->terminal)
                table_add_titles(t, "RULE", "VALUE", "DEVICE", "SET BY");

        for (size_t i = 0; i < rules.n; i++) {
                const MonitorPolicy *rule = RECORD(MonitorPolicy, &rules, i);
                char value[DURATION_TEXT_MAX];

                policy_value_format(value, sizeof(value), strempty(rule->rule), rule->value);
                table_add(t, COLOR_BOLD, strempty(rule->rule));
                table_add(t, COLOR_NONE, value);
                table_add(t, COLOR_NONE, isempty(rule->device) ? "all" : rule->device);
                table_add(t, COLOR_FAINT, strempty(rule->source));
        }

        if (rules.n == 0)
                fprintf(stderr, "No rule is set: this machine goes down when the UPS says that its battery "
                                "is low.\n");

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static int report_done(Ctl *c, const char *device, const PolicySetting *settings, size_t n) {
        Json j = { .f = stdout };

        if (!c->json)
                return 0;

        json_object(&j, NULL);
        json_string(&j, "device", strempty(device));
        for (size_t i = 0; i < n; i++)
                json_number(&j, settings[i].rule, settings[i].value);
        json_string(&j, "result", "ok");
        json_object_end(&j);
        return json_finish(&j);
}

static int set_rules(Ctl *c, const char *device, const PolicySetting *settings, size_t n) {
        int r;

        ctl_agent_open(c);
        for (size_t i = 0; i < n; i++) {
                r = monitor_call(c, POLKIT_CONFIGURE, NULL, "SetPolicy", "ssd", strempty(device),
                                 settings[i].rule, settings[i].value);
                if (r < 0)
                        return i == 0 ? r : ctl_error(r, "What stands before %s is set.", settings[i].rule);
        }

        return report_done(c, device, settings, n);
}

/* Returns 0 or, after a word on it, CTL_EXIT_USAGE. */
static int check_setting(const PolicySetting *settings, size_t n, const char *device) {
        const PolicySetting *s = &settings[n];

        for (size_t i = 0; i < n; i++)
                if (streq(settings[i].rule, s->rule)) {
                        ctl_error(0, "%s is there twice.", s->rule);
                        return CTL_EXIT_USAGE;
                }

        if (device && policy_rule_is_global(s->rule)) {
                ctl_error(0, "%s is one for the machine and not for %s: say it without a device.", s->rule,
                          device);
                return CTL_EXIT_USAGE;
        }

        return 0;
}

int verb_policy(Ctl *c, char **args) {
        size_t n_args = strv_length(args), n;
        const char *device = n_args > 0 && !strchr(args[n_args - 1], '=') ? args[n_args - 1] : NULL;
        _cleanup_free_ PolicySetting *settings = new0(PolicySetting, n_args);
        const char *problem;
        int r;

        if (!settings)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (device && n_args == 1) {
                ctl_error(0, "What is to be set? Such as: busbarctl policy charge=30%% runtime=5min %s",
                          device);
                return CTL_EXIT_USAGE;
        }

        for (n = 0; n < n_args - (device != NULL); n++) {
                if (policy_setting_parse(args[n], &settings[n], &problem) < 0) {
                        ctl_error(0, "Cannot use \"%s\": %s.", args[n], problem);
                        return CTL_EXIT_USAGE;
                }
                r = check_setting(settings, n, device);
                if (r > 0)
                        return r;
        }

        r = ctl_open_bus(c);
        if (r < 0)
                return r;

        return n == 0 ? list_rules(c) : set_rules(c, device, settings, n);
}
