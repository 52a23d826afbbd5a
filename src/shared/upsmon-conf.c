/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsmon-conf.h"

#include <math.h>
#include <syslog.h>

#include "duration.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf-internal.h"

#define DAY 86400
#define SECONDS_MAX INT64_C(1000000000)
#define MIN_SUPPLIES_MAX 1000000

#define FIELD(f) offsetof(UpsmonConf, f)
#define RULE(f) offsetof(UpsmonRules, f)

/*** What single lines say ***/

/* 0 is no protection at all: it must stand there. */
static int apply_min_supplies(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        uint64_t v;

        if (c->line->words[1][0] == '-')
                return directive_refuse(c, d, "wants 0 or more");
        if (parse_uint64(c->line->words[1], 0, MIN_SUPPLIES_MAX, &v) >= 0)
                conf->min_supplies_set = true;
        return directive_apply_unsigned(c, d);
}

static int apply_low_battery_duration(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        int64_t v;

        if (directive_number(c, d, 1, &v) >= 0)
                conf->low_battery_duration_usec = v < 0 ? 0 : (uint64_t) v * USEC_PER_SEC;
        return 0;
}

static int apply_shutdown_exit(const DirectiveContext *c, const Directive *d) {
        const char *s = c->line->words[1];
        UpsmonConf *conf = c->settings;
        int64_t v;
        bool b;

        if (parse_int64(s, -SECONDS_MAX, SECONDS_MAX, &v) >= 0)
                conf->shutdown_exit_usec = v < 0 ? UPSMON_NEVER : (uint64_t) v * USEC_PER_SEC;
        else if (parse_boolean(s, &b) >= 0)
                conf->shutdown_exit_usec = b ? 0 : UPSMON_NEVER;
        else
                return directive_refuse(c, d, "wants yes, no or a number of seconds");
        return 0;
}

/* The name of a user, or a number. */
static int apply_user(const DirectiveContext *c, const Directive *d) {
        const char *s = c->line->words[1];

        if (isempty(s) || strlen(s) > 255 || s[0] == '-' || s[0] == '.' ||
            strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(s))
                return directive_refuse(c, d, "wants the name of a user");
        return directive_apply_string(c, d);
}

static int apply_lost_policy(const DirectiveContext *c, const Directive *d) {
        static const char *const names[] = {
                [LOST_COUNTS_ON_BATTERY] = "battery",
                [LOST_COUNTS_ALWAYS]     = "always",
                [LOST_COUNTS_NEVER]      = "never",
        };
        UpsmonConf *conf = c->settings;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcaseeq(c->line->words[1], names[i])) {
                        conf->lost_policy = (LostPolicy) i;
                        return 0;
                }
        return directive_refuse(c, d, "wants battery, always or never");
}

/*** NOTIFYMSG and NOTIFYFLAG ***/

static NotifyType notify_type(const DirectiveContext *c, const Directive *d) {
        NotifyType t = notify_type_from_string(c->line->words[1]);
        const char *names[_NOTIFY_TYPE_MAX + 1] = {}, *nearest;

        if (t >= 0)
                return t;

        for (NotifyType i = 0; i < _NOTIFY_TYPE_MAX; i++)
                names[i] = notify_type_to_string(i);
        nearest = conf_nearest_key(c->line->words[1], names);
        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                        "%s: there are no notices of type \"%s\"%s%s%s, ignoring the line", d->name,
                        c->line->words[1], nearest ? ", did you mean " : "", strempty(nearest),
                        nearest ? "?" : "");
        return t;
}

static int apply_notify_message(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        NotifyType t = notify_type(c, d);
        char *text;

        if (t < 0)
                return 0;
        if (c->line->n_words > 3)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "The text of %s is not in quotes, taking the whole line: write \"...\"",
                                d->name);

        text = strv_join(c->line->words + 2, " ");
        if (!text)
                return -ENOMEM;
        free(conf->notify_messages[t]);
        conf->notify_messages[t] = text;
        return 0;
}

/* Reads SYSLOG+WALL and the like into *flags. False when a word is none of them. */
static bool flags_parse(const char *s, NotifyFlags *flags, bool *ignore) {
        static const struct {
                const char *name;
                NotifyFlags flag;
        } names[] = {
                { "SYSLOG", NOTIFY_TO_SYSLOG },
                { "WALL",   NOTIFY_TO_WALL   },
                { "EXEC",   NOTIFY_TO_EXEC   },
                { "IGNORE", 0                },
        };

        for (size_t n; *s; s += n + (s[n] == '+')) {
                size_t i = 0;

                n = strcspn(s, "+");
                while (i < ELEMENTSOF(names) &&
                       (strlen(names[i].name) != n || strncmp(s, names[i].name, n) != 0))
                        i++;
                if (n > 0 && i == ELEMENTSOF(names))
                        return false;
                if (n > 0)
                        *flags |= names[i].flag;
                *ignore = *ignore || (n > 0 && names[i].flag == 0);
        }

        return true;
}

static int apply_notify_flag(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        NotifyType t = notify_type(c, d);
        NotifyFlags flags = 0;
        bool ignore = false;

        if (t < 0)
                return 0;
        if (c->line->n_words > 3)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "The flags of %s are not one word: write them with + and without blanks, "
                                "such as SYSLOG+WALL", d->name);

        for (size_t i = 2; i < c->line->n_words; i++)
                if (!flags_parse(c->line->words[i], &flags, &ignore))
                        return directive_refuse(c, d, "takes SYSLOG, WALL, EXEC, joined by +, or IGNORE");
        if (!flags && !ignore)
                return directive_refuse(c, d, "wants flags");

        conf->notify_flags[t] = ignore ? 0 : flags;
        return 0;
}

/*** Limits ***/

/* Reads the limit of a line into the rules. False if it is none, which is reported. */
static bool limit_parse(const DirectiveContext *c, const Directive *d, UpsmonRules *rules) {
        bool percent = d->offset == RULE(charge_limit_percent);
        bool off = strcaseeq(c->line->words[1], "off");
        _cleanup_free_ char *number = NULL;
        uint64_t usec = UPSMON_NEVER;
        double v = NAN;

        if (percent && !off) {
                const char *sign = endswith(c->line->words[1], "%");

                number = strndup(c->line->words[1], strlen(c->line->words[1]) - (sign ? 1 : 0));
                if (!number || parse_double(number, &v) < 0 || v < 0 || v > 100) {
                        (void) directive_refuse(c, d, "wants a charge from 0 to 100 %, or off");
                        return false;
                }
        } else if (!off && (duration_parse(c->line->words[1], &usec) < 0)) {
                (void) directive_refuse(c, d, "wants a number of seconds, or off");
                return false;
        }

        if (percent)
                rules->charge_limit_percent = v;
        else
                *(d->offset == RULE(runtime_limit_usec) ? &rules->runtime_limit_usec
                                                        : &rules->on_battery_limit_usec) = usec;
        return true;
}

/* Those for a system are taken when all systems are known. */
static int apply_limit(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;

        if (c->line->n_words == 2)
                (void) limit_parse(c, d, &conf->rules);
        return 0;
}

static const Directive limits[] = {
        { "CHARGELIMIT",  1, 2, apply_limit, RULE(charge_limit_percent)  },
        { "RUNTIMELIMIT", 1, 2, apply_limit, RULE(runtime_limit_usec)    },
        { "ONBATTLIMIT",  1, 2, apply_limit, RULE(on_battery_limit_usec) },
};

static int apply_system_limit(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        UpsmonSupply *s = NULL;
        int r;

        /* Without MONITOR lines every device of this host is watched, by its own name. */
        r = conf->n_supplies > 0 ? upsmon_supply_by_system(conf, c->line->words[2], &s)
                                 : upsmon_implied_by_system(conf, c->line->words[2], &s);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !s) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "%s: no MONITOR line is about \"%s\", ignoring the line", d->name,
                                c->line->words[2]);
                return 0;
        }

        (void) limit_parse(c, d, &s->rules);
        return 0;
}

/* Gives each supply the limits that hold for it. */
static int conf_set_limits(UpsmonConf *conf, const Conf *lines, ConfReport report, void *userdata) {
        for (size_t i = 0; i < conf->n_supplies; i++)
                conf->supplies[i].rules = conf->rules;

        for (size_t i = 0; i < conf_n_lines(lines); i++) {
                const ConfLine *l = conf_line(lines, i);
                DirectiveContext c = { .line = l, .report = report, .userdata = userdata, .settings = conf };

                if (l->section || l->assignment || l->n_words < 3)
                        continue;
                for (size_t k = 0; k < ELEMENTSOF(limits); k++)
                        if (streq(l->words[0], limits[k].name)) {
                                int r = apply_system_limit(&c, limits + k);

                                if (r < 0)
                                        return r;
                        }
        }

        return 0;
}

/*** The whole ***/

static const Directive directives[] = {
        { "MONITOR",        4, 5, upsmon_apply_monitor },
        { "MINSUPPLIES",    1, 1, apply_min_supplies, FIELD(min_supplies), 0, MIN_SUPPLIES_MAX },
        { "SHUTDOWNCMD",    1, 31, directive_apply_command, FIELD(shutdown_command) },
        { "SHUTDOWNEXIT",   1, 1, apply_shutdown_exit },
        { "POWERDOWNFLAG",  1, 1, directive_apply_path,    FIELD(power_down_flag) },
        { "NOTIFYCMD",      1, 31, directive_apply_command, FIELD(notify_command) },
        { "NOTIFYMSG",      2, 31, apply_notify_message },
        { "NOTIFYFLAG",     2, 31, apply_notify_flag },
        { "POLLFREQ",       1, 1, directive_apply_seconds, FIELD(poll_usec), 1, 3600 },
        { "POLLFREQALERT",  1, 1, directive_apply_seconds, FIELD(poll_alert_usec), 1, 3600 },
        { "DEADTIME",       1, 1, directive_apply_seconds, FIELD(dead_time_usec), 1, DAY },
        { "HOSTSYNC",       1, 1, directive_apply_seconds, FIELD(host_sync_usec), 0, DAY },
        { "FINALDELAY",     1, 1, directive_apply_seconds, FIELD(final_delay_usec), 0, DAY },
        { "RBWARNTIME",     1, 1, directive_apply_seconds, FIELD(replace_battery_warn_usec), 1,
                                                             SECONDS_MAX },
        { "NOCOMMWARNTIME", 1, 1, directive_apply_seconds, FIELD(no_comm_warn_usec), 1, SECONDS_MAX },
        { "OFFDURATION",    1, 1, directive_apply_seconds, FIELD(off_duration_usec), -SECONDS_MAX,
                                                             SECONDS_MAX },
        { "OVERDURATION",   1, 1, directive_apply_seconds, FIELD(over_duration_usec), -SECONDS_MAX,
                                                             SECONDS_MAX },
        { "OBLBDURATION",   1, 1, apply_low_battery_duration, 0, -SECONDS_MAX, SECONDS_MAX },
        { "ALARMCRITICAL",  1, 1, directive_apply_boolean, FIELD(alarm_critical) },
        { "RUN_AS_USER",    1, 1, apply_user, FIELD(run_as_user) },
        { "CERTPATH",       1, 1, upsmon_apply_cert_path },
        { "CERTFILE",       1, 1, upsmon_apply_cert_file },
        { "CERTIDENT",      2, 2, upsmon_apply_cert_ident },
        { "CERTHOST",       2, 4, upsmon_apply_cert_host, .safeguard = true },
        { "CERTVERIFY",     0, 1, upsmon_apply_cert_verify, .safeguard = true },
        { "FORCESSL",       0, 1, upsmon_apply_force_ssl, .safeguard = true },
        { "CHARGELIMIT",    1, 2, apply_limit, RULE(charge_limit_percent)  },
        { "RUNTIMELIMIT",   1, 2, apply_limit, RULE(runtime_limit_usec)    },
        { "ONBATTLIMIT",    1, 2, apply_limit, RULE(on_battery_limit_usec) },
        { "ONBATTDELAY",    1, 1, directive_apply_seconds, FIELD(on_battery_delay_usec), 0, DAY },
        { "LOSTPOLICY",     1, 1, apply_lost_policy },
        { "LEASEMAX",       1, 1, directive_apply_seconds, FIELD(lease_max_usec), 0, DAY },
        { "MAINSSTABLE",    1, 1, directive_apply_seconds, FIELD(mains_stable_usec), 0, DAY },
        { "SLEEPONBATTERY", 1, 1, directive_apply_boolean, FIELD(allow_sleep_on_battery) },
        { "POLLFAIL_LOG_THROTTLE_MAX", 1, 1, directive_apply_nothing },
        { "DEBUG_MIN",      1, 1, directive_apply_nothing },
};

static UpsmonConf *conf_new(void) {
        UpsmonConf *c = new0(UpsmonConf, 1);

        if (!c)
                return NULL;

        c->min_supplies = 1;
        c->rules = (UpsmonRules) { NAN, UPSMON_NEVER, UPSMON_NEVER };
        c->on_battery_delay_usec = 15 * USEC_PER_SEC;
        c->poll_usec = c->poll_alert_usec = 5 * USEC_PER_SEC;
        c->dead_time_usec = c->host_sync_usec = 15 * USEC_PER_SEC;
        c->final_delay_usec = 5 * USEC_PER_SEC;
        c->lease_max_usec = 300 * USEC_PER_SEC;
        c->replace_battery_warn_usec = 43200 * USEC_PER_SEC;
        c->no_comm_warn_usec = 300 * USEC_PER_SEC;
        c->off_duration_usec = 30 * USEC_PER_SEC;
        c->over_duration_usec = UPSMON_NEVER;
        c->mains_stable_usec = 60 * USEC_PER_SEC;
        c->alarm_critical = true;
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++)
                c->notify_flags[t] = NOTIFY_FLAGS_DEFAULT;
        return c;
}

/* Whether a line was meant to be a MONITOR line, however it is spelt. */
static bool line_is_monitor(const ConfLine *l) {
        static const char *const keys[] = { "MONITOR", NULL };

        return strcaseeq(l->words[0], keys[0]) || conf_nearest_key(l->words[0], keys);
}

/* A machine that can never have what it needs would shut down at each start; one that needs nothing never
 * does, so that a mistake must not amount to that. */
static void check_power_values(UpsmonConf *c, const Conf *lines, ConfReport report, void *userdata) {
        ConfLine file = { .file = conf_n_lines(lines) > 0 ? conf_line(lines, 0)->file : "upsmon.conf" };
        unsigned needed;
        uint64_t sum = 0;
        size_t n = 0;

        for (size_t i = 0; i < conf_n_lines(lines); i++)
                n += line_is_monitor(conf_line(lines, i));
        for (size_t i = 0; i < c->n_supplies; i++)
                sum += c->supplies[i].power_value;

        c->incomplete = c->min_supplies > 0 && (n > c->n_monitor_lines || (c->n_supplies > 0 && sum == 0));
        if (c->n_supplies == 0 || sum >= c->min_supplies)
                return;

        needed = MAX((unsigned) sum, 1U);
        conf_line_report(&file, report, userdata, LOG_ERR,
                        "MINSUPPLIES is %u, but the power values of all MONITOR lines make %u: taking %u%s",
                        c->min_supplies, (unsigned) sum, needed,
                        sum > 0 ? "" : ", and protecting the UPSes of this machine");
        c->min_supplies = needed;
}

int upsmon_conf_from_lines(const Conf *lines, ConfReport report, void *userdata, UpsmonConf **ret) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = conf_new();
        int r;

        if (!c)
                return -ENOMEM;

        c->exists = conf_exists(lines);
        r = directives_apply(directives, ELEMENTSOF(directives), lines, report, userdata, c);
        if (r >= 0)
                r = conf_set_limits(c, lines, report, userdata);
        if (r < 0)
                return r;

        check_power_values(c, lines, report, userdata);
        upsmon_certs_check(c, report, userdata);
        if (c->shutdown_command && upsmon_command_is_power_off(c->shutdown_command)) {
                free(c->shutdown_command);
                c->shutdown_command = NULL;
        }

        *ret = TAKE_PTR(c);
        return 0;
}

int upsmon_conf_load(ConfReport report, void *userdata, UpsmonConf **ret) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_free_ char *path = conf_path("upsmon.conf");
        int r;

        if (!path)
                return -ENOMEM;

        r = conf_load(path, report, userdata, &lines);
        return r < 0 ? r : upsmon_conf_from_lines(lines, report, userdata, ret);
}

UpsmonConf *upsmon_conf_free(UpsmonConf *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < c->n_supplies; i++)
                upsmon_supply_done(c->supplies + i);
        free(c->supplies);
        for (size_t i = 0; i < c->n_implied; i++)
                upsmon_supply_done(c->implied + i);
        free(c->implied);
        upsmon_certs_done(c);
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++)
                free(c->notify_messages[t]);
        free(c->shutdown_command);
        free(c->power_down_flag);
        free(c->notify_command);
        free(c->run_as_user);
        free(c);
        return NULL;
}

const UpsmonRules *upsmon_conf_implied_rules(const UpsmonConf *c, const char *device) {
        for (size_t i = 0; i < c->n_implied; i++)
                if (strcaseeq(c->implied[i].device, device))
                        return &c->implied[i].rules;
        return &c->rules;
}

const UpsmonSupply *upsmon_conf_find(const UpsmonConf *c, const char *device) {
        for (size_t i = 0; i < c->n_supplies; i++)
                if (strcaseeq(c->supplies[i].device, device))
                        return c->supplies + i;
        return NULL;
}
