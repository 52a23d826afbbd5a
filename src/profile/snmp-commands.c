/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [commands]. */

#include "snmp-profile-internal.h"
#include "string-util.h"
#include "time-util.h"

void snmp_command_done(SnmpCommand *c) {
        for (size_t i = 0; i < c->n_sets; i++)
                snmp_set_done(&c->sets[i]);
        free(c->sets);
        free(c->whens.uses);
        value_ranges_done(c->ranges, c->n_ranges);
        snmp_expression_done(&c->verify);
        free(c->name);
        *c = (SnmpCommand) {};
}

static int add_set(Loader *l, const ConfLine *line, const char *s, SnmpCommand *c) {
        SnmpSet *grown;

        if (c->n_sets >= SNMP_SETS_MAX)
                return loader_error(l, line, "A command sets at most %u objects", SNMP_SETS_MAX);
        grown = reallocarray(c->sets, c->n_sets + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        c->sets = grown;
        grown[c->n_sets] = (SnmpSet) {};
        return snmp_loader_set(l, line, s, &grown[c->n_sets++], NULL);
}

static int set_check(Loader *l, const ConfLine *line, const char *s, SnmpCommand *c) {
        SnmpProfile *p = snmp_loader_profile(l);
        size_t i;
        int r = loader_find(l, line, "condition", s, p->whens, p->n_whens, sizeof(SnmpWhen), &i);

        if (r <= 0)
                return r;
        p->whens[i].used = true;
        c->check = &p->whens[i];
        return 1;
}

static int set_verify(Loader *l, const ConfLine *line, const char *s, SnmpCommand *c) {
        SnmpLoader *loader = snmp_loader(l);
        int r;

        c->has_verify = true;
        loader->has_argument = false;
        r = snmp_loader_selector(l, line, s, &c->verify.selector);
        loader->has_argument = true;
        return r;
}

const char *const snmp_command_attributes[] = {
        "set", "together", "pause", "check", "range", "lookup", "verify", "within", "table",
        "unread", NULL
};

static int own_command(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        SnmpCommand *c = userdata;
        const char *s = a->value;
        bool known = false;

        for (size_t i = 0; snmp_command_attributes[i]; i++)
                known = known || streq(snmp_command_attributes[i], a->name);
        if (!known)
                return -ENOENT;
        if (streq(a->name, "together") || streq(a->name, "unread")) {
                *(streq(a->name, "unread") ? &c->unread : &c->together) = true;
                return !s ? 1 : loader_error(l, line, "%s takes no value", a->name);
        }
        if (!s)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        if (streq(a->name, "set"))
                return add_set(l, line, s, c);
        if (streq(a->name, "pause"))
                return loader_seconds(l, line, a->name, s, 60, &c->pause_usec);
        if (streq(a->name, "within"))
                return loader_seconds(l, line, a->name, s, 60, &c->within_usec);
        if (streq(a->name, "check"))
                return set_check(l, line, s, c);
        if (streq(a->name, "range"))
                return loader_value_range(l, line, s, &c->ranges, &c->n_ranges);
        if (streq(a->name, "lookup"))
                return loader_value_lookup(l, line, s, &c->lookup);
        return streq(a->name, "verify") ? set_verify(l, line, s, c) : 1; /* table */
}

static bool uses_argument(const SnmpCommand *c) {
        for (size_t i = 0; i < c->n_sets; i++)
                if (!c->sets[i].value.text &&
                    c->sets[i].value.expression.selector.source == SNMP_SOURCE_ARGUMENT)
                        return true;

        return false;
}

static bool has_types(const SnmpCommand *c) {
        for (size_t i = 0; i < c->n_sets; i++)
                if (c->sets[i].object.type < 0)
                        return false;

        return true;
}

/* What does not go together; NULL when all does. */
static const char *find_conflict(const SnmpCommand *c) {
        if (c->n_sets == 0)
                return "It is not said what is set: set=OBJECT:VALUE";
        if (c->together && c->pause_usec > 0)
                return "together and pause exclude each other";
        if (c->unread && !has_types(c))
                return "With unread, the type of each object that is set has to stand in [objects]";
        if (c->lookup && c->n_ranges > 0)
                return "lookup and range exclude each other";
        if ((c->lookup || c->n_ranges > 0) && !uses_argument(c))
                return "lookup and range are of the argument, which is not set anywhere";
        if (c->has_verify != c->verify.has_test)
                return "verify=SELECTOR wants is=, is-match= or is-range=, and they want it";
        if (c->verify.test.invert && !c->has_verify)
                return "invert belongs to verify";
        if (c->within_usec > 0 && !c->has_verify)
                return "within belongs to verify";
        return NULL;
}

static int parse_command(Loader *l, const ConfLine *line, SnmpCommand *c) {
        const ValueTarget target = {
                .test = &c->verify.test,
                .has_test = &c->verify.has_test,
                .whens = &c->whens,
                .own = own_command,
                .own_names = snmp_command_attributes,
                .userdata = c,
        };
        SnmpLoader *loader = snmp_loader(l);
        const char *conflict;
        int r;

        r = snmp_loader_enter_table(l, line, &c->table);
        if (r > 0)
                r = snmp_loader_check_name(l, line, "command", line->words[0], false);
        if (r <= 0)
                return r;
        c->name = strdup(line->words[0]);
        if (!c->name)
                return -ENOMEM;

        loader->has_argument = true;
        r = loader_value_attributes(l, line, 2, &target);
        loader->has_argument = false;
        if (r <= 0)
                return r;

        if (c->has_verify && c->within_usec == 0)
                c->within_usec = 5 * USEC_PER_SEC;
        conflict = find_conflict(c);
        return conflict ? loader_error(l, line, "%s", conflict) : 1;
}

static int add_command(Loader *l, const ConfLine *line, void *userdata) {
        _cleanup_(snmp_command_done) SnmpCommand c = { .file = line->file, .line = line->line };
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        int r;

        if (p->n_commands >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u commands", PROFILE_ROWS_MAX);

        snmp_expression_init(&c.verify);
        r = parse_command(l, line, &c);
        loader->table = SNMP_NO_TABLE;
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->commands, loader->commands_allocated, p->n_commands + 1))
                return -ENOMEM;
        p->commands[p->n_commands++] = c;
        c = (SnmpCommand) {};
        return 0;
}

int snmp_loader_read_command(Loader *l, const ConfLine *line) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [commands] is NAME = set=OBJECT:VALUE ATTRIBUTES");

        return loader_each(l, line, add_command, NULL);
}
