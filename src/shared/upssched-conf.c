/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upssched-conf.h"

#include <syslog.h>

#include "device-name.h"
#include "directive.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define DELAY_MAX INT64_C(1000000000)

static const char *const action_names[_UPSSCHED_ACTION_MAX] = {
        [UPSSCHED_START_TIMER]          = "START-TIMER",
        [UPSSCHED_START_TIMER_SHARED]   = "START-TIMER-SHARED",
        [UPSSCHED_CANCEL_TIMER]         = "CANCEL-TIMER",
        [UPSSCHED_CANCEL_TIMER_MATCHED] = "CANCEL-TIMER-MATCHED",
        [UPSSCHED_EXECUTE]              = "EXECUTE",
};

const char *upssched_action_to_string(UpsschedAction a) {
        return a >= 0 && a < _UPSSCHED_ACTION_MAX ? action_names[a] : NULL;
}

UpsschedAction upssched_action_from_string(const char *s) {
        for (UpsschedAction a = 0; a < _UPSSCHED_ACTION_MAX; a++)
                if (streq(s, action_names[a]))
                        return a;

        return _UPSSCHED_ACTION_INVALID;
}

static void rule_done(UpsschedRule *r) {
        free(r->system);
        free(r->name);
        free(r->command);
        free(r->file);
        *r = (UpsschedRule) {};
}

static bool action_starts_timer(UpsschedAction a) {
        return a == UPSSCHED_START_TIMER || a == UPSSCHED_START_TIMER_SHARED;
}

/* Takes what stands behind the action. False, reported, if it does not fit. */
static bool rule_set_delay(UpsschedRule *r, const DirectiveContext *c, const Directive *d) {
        bool timer = action_starts_timer(r->action);
        int64_t seconds;

        if (isempty(c->line->words[4])) {
                (void) directive_refuse(c, d, r->action == UPSSCHED_EXECUTE ?
                                "wants a command behind EXECUTE" : "wants the name of a timer");
                return false;
        }
        if (timer && c->line->n_words < 6) {
                (void) directive_refuse(c, d, "wants a number of seconds behind the name of the timer");
                return false;
        }
        if (timer && directive_number(c, d, 5, &seconds) < 0)
                return false;

        if (timer)
                r->delay_usec = (uint64_t) seconds * USEC_PER_SEC;
        else if (r->action == UPSSCHED_EXECUTE && c->line->n_words > 5)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "EXECUTE takes one word, ignoring the rest: put it into quotes");
        return true;
}

static int rule_copy(UpsschedRule *r, const ConfLine *l) {
        bool command = l->n_words > 5 && !isempty(l->words[5]) &&
                (r->action == UPSSCHED_CANCEL_TIMER || r->action == UPSSCHED_CANCEL_TIMER_MATCHED);

        r->line = l->line;
        r->file = strdup(l->file);
        r->name = strdup(l->words[4]);
        if (!r->file || !r->name)
                return -ENOMEM;
        if (!streq(l->words[2], "*") && !(r->system = strdup(l->words[2])))
                return -ENOMEM;
        if (command && !(r->command = strdup(l->words[5])))
                return -ENOMEM;
        return 0;
}

static int conf_add_rule(UpsschedConf *c, UpsschedRule *r) {
        UpsschedRule *grown = reallocarray(c->rules, c->n_rules + 1, sizeof(UpsschedRule));

        if (!grown)
                return -ENOMEM;

        c->rules = grown;
        c->rules[c->n_rules++] = *r;
        *r = (UpsschedRule) {};
        return 0;
}

/* AT type system action name [seconds|command] */
static int apply_at(const DirectiveContext *c, const Directive *d) {
        _cleanup_(rule_done) UpsschedRule rule = {
                .type = notify_type_from_string(c->line->words[1]),
                .action = upssched_action_from_string(c->line->words[3]),
        };
        int r;

        if (rule.type < 0) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "AT: there are no notices of type \"%s\", ignoring the line",
                                c->line->words[1]);
                return 0;
        }
        if (rule.action < 0) {
                const char *names[_UPSSCHED_ACTION_MAX + 1] = {}, *nearest;

                memcpy(names, action_names, sizeof(action_names));
                nearest = conf_nearest_key(c->line->words[3], names);
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "AT: unknown action \"%s\"%s%s%s, ignoring the line", c->line->words[3],
                                nearest ? ", did you mean " : "", strempty(nearest), nearest ? "?" : "");
                return 0;
        }
        if (isempty(c->line->words[2]))
                return directive_refuse(c, d, "wants a device, or *");
        if (!rule_set_delay(&rule, c, d))
                return 0;

        r = rule_copy(&rule, c->line);
        return r < 0 ? r : conf_add_rule(c->settings, &rule);
}

#define FIELD(f) offsetof(UpsschedConf, f)

static const Directive directives[] = {
        { "CMDSCRIPT", 1, 31, directive_apply_command, FIELD(command_script) },
        { "PIPEFN",    1, 1,  directive_apply_string,  FIELD(pipe) },
        { "LOCKFN",    1, 1,  directive_apply_string,  FIELD(lock) },
        { "AT",        4, 5,  apply_at, 0, 0, DELAY_MAX },
        { "DEBUG_MIN", 1, 1,  directive_apply_nothing },
};

int upssched_conf_from_lines(const Conf *lines, ConfReport report, void *userdata, UpsschedConf **ret) {
        _cleanup_(upssched_conf_freep) UpsschedConf *c = new0(UpsschedConf, 1);
        int r;

        if (!c)
                return -ENOMEM;

        c->exists = conf_exists(lines);
        r = directives_apply(directives, ELEMENTSOF(directives), lines, report, userdata, c);
        if (r < 0)
                return r;

        if (c->n_rules > 0 && !c->command_script)
                conf_line_report(&(ConfLine) { .file = c->rules[0].file, .line = c->rules[0].line }, report,
                                userdata, LOG_ERR,
                                "There is no CMDSCRIPT, so that AT lines have nothing to run");

        *ret = TAKE_PTR(c);
        return 0;
}

int upssched_conf_load(ConfReport report, void *userdata, UpsschedConf **ret) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_free_ char *path = conf_path("upssched.conf");
        int r;

        if (!path)
                return -ENOMEM;

        r = conf_load(path, report, userdata, &lines);
        return r < 0 ? r : upssched_conf_from_lines(lines, report, userdata, ret);
}

UpsschedConf *upssched_conf_free(UpsschedConf *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < c->n_rules; i++)
                rule_done(c->rules + i);
        free(c->rules);
        free(c->command_script);
        free(c->pipe);
        free(c->lock);
        free(c);
        return NULL;
}

bool upssched_rule_matches(const UpsschedRule *r, NotifyType type, const char *system) {
        return r->type == type && (!r->system || system_name_equal(r->system, system));
}
