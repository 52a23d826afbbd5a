/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "string-util.h"

int mirror_parse_entries(sd_bus_message *m, const char *types, MirrorEntry each, void *userdata) {
        char entry[16];
        int r;

        (void) snprintf(entry, sizeof(entry), "{%s}", types);
        r = sd_bus_message_enter_container(m, 'a', entry);
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(m, 'e', types)) > 0) {
                const char *key;

                r = sd_bus_message_read_basic(m, types[0], &key);
                if (r < 0)
                        return r;
                r = each(m, key, userdata);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

void device_facts_done(DeviceFacts *f) {
        free(f->name);
        free(f->driver);
        free(f->description);
        free(f->transport);
        strv_free(f->alarms);
        strv_free(f->nodes);
        *f = (DeviceFacts) DEVICE_FACTS_INIT;
}

static int read_string(sd_bus_message *m, char **field) {
        const char *s;
        int r;

        r = sd_bus_message_read(m, "v", "s", &s);
        return r < 0 ? r : free_and_strdup(field, s);
}

static int read_strv(sd_bus_message *m, char ***field, bool *ret_given) {
        int r;

        r = sd_bus_message_enter_container(m, 'v', "as");
        if (r < 0)
                return r;
        *field = strv_free(*field);
        r = sd_bus_message_read_strv(m, field);
        if (r < 0)
                return r;

        *ret_given = true;
        return sd_bus_message_exit_container(m);
}

static int read_freshness(DeviceFacts *f, sd_bus_message *m) {
        const char *s;
        int r;

        r = sd_bus_message_read(m, "v", "s", &s);
        if (r < 0)
                return r;

        f->freshness = freshness_from_string(s);
        return f->freshness == _FRESHNESS_INVALID ? -EBADMSG : 0;
}

static int read_property(sd_bus_message *m, const char *property, void *userdata) {
        DeviceFacts *f = userdata;

        if (streq(property, "Name"))
                return read_string(m, &f->name);
        if (streq(property, "Driver"))
                return read_string(m, &f->driver);
        if (streq(property, "Description"))
                return read_string(m, &f->description);
        if (streq(property, "Transport"))
                return read_string(m, &f->transport);
        if (streq(property, "Freshness"))
                return read_freshness(f, m);
        if (streq(property, "Alarms"))
                return read_strv(m, &f->alarms, &f->alarms_given);
        if (streq(property, "Nodes"))
                return read_strv(m, &f->nodes, &f->nodes_given);
        if (streq(property, "OnBatterySinceUSec"))
                return sd_bus_message_read(m, "v", "t", &f->since_usec);

        return sd_bus_message_skip(m, "v");
}

int device_facts_read(DeviceFacts *f, sd_bus_message *m) {
        return mirror_parse_entries(m, "sv", read_property, f);
}

/* Where names from a message go. */
typedef struct Target {
        Update *update;
        bool *bad;
} Target;

/* The bus takes any text for a name. What cannot be one is left out, and *bad tells. */
static bool name_is_usable(const char *name, bool *bad) {
        if (variable_name_is_valid(name))
                return true;

        *bad = true;
        return false;
}

int mirror_parse_variables(sd_bus_message *m, Update *u, bool *bad) {
        const char *name, *value;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{ss}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0)
                if (name_is_usable(name, bad)) {
                        r = update_set(u, name, value);
                        if (r < 0)
                                return r;
                }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int mirror_parse_removed(sd_bus_message *m, Update *u, bool *bad) {
        const char *name;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(m, "s", &name)) > 0)
                if (name_is_usable(name, bad)) {
                        r = update_unset(u, name);
                        if (r < 0)
                                return r;
                }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* An a{sv} of Describe(); its entries may stand in any order, those of an update may not. */
typedef struct Description {
        VariableFlags flags;
        uint32_t length_max;
        char **enums;
        Range *ranges;
        size_t n_ranges, n_ranges_allocated;
} Description;

static void description_done(Description *x) {
        strv_free(x->enums);
        free(x->ranges);
}

static int read_flag(sd_bus_message *m, Description *x, VariableFlags flag) {
        int b, r;

        r = sd_bus_message_read(m, "v", "b", &b);
        if (r >= 0 && b)
                x->flags |= flag;
        return r;
}

static int read_enums(sd_bus_message *m, Description *x) {
        int r;

        r = sd_bus_message_enter_container(m, 'v', "as");
        if (r < 0)
                return r;
        x->enums = strv_free(x->enums);
        r = sd_bus_message_read_strv(m, &x->enums);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_range_array(sd_bus_message *m, Description *x) {
        Range range;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(xx)");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(m, "(xx)", &range.min, &range.max)) > 0) {
                if (!GREEDY_REALLOC(x->ranges, x->n_ranges_allocated, x->n_ranges + 1))
                        return -ENOMEM;
                x->ranges[x->n_ranges++] = range;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_ranges(sd_bus_message *m, Description *x) {
        int r;

        r = sd_bus_message_enter_container(m, 'v', "a(xx)");
        if (r < 0)
                return r;
        r = read_range_array(m, x);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_description(sd_bus_message *m, const char *key, void *userdata) {
        Description *x = userdata;

        if (streq(key, "writable"))
                return read_flag(m, x, VARIABLE_WRITABLE);
        if (streq(key, "string"))
                return read_flag(m, x, VARIABLE_STRING);
        if (streq(key, "immutable"))
                return read_flag(m, x, VARIABLE_IMMUTABLE);
        if (streq(key, "max-length"))
                return sd_bus_message_read(m, "v", "u", &x->length_max);
        if (streq(key, "enum"))
                return read_enums(m, x);
        if (streq(key, "ranges"))
                return read_ranges(m, x);

        return sd_bus_message_skip(m, "v");
}

static int update_take_description(Update *u, const char *name, const Description *x) {
        /* Each keeps the first error in the update. */
        (void) update_describe(u, name, x->flags, x->length_max);
        STRV_FOREACH(e, x->enums)
                (void) update_enum(u, name, *e);
        for (size_t i = 0; i < x->n_ranges; i++)
                (void) update_range(u, name, x->ranges[i].min, x->ranges[i].max);

        return update_error(u);
}

static int parse_description(sd_bus_message *m, const char *name, void *userdata) {
        _cleanup_(description_done) Description x = {};
        const Target *t = userdata;
        int r;

        r = mirror_parse_entries(m, "sv", read_description, &x);
        if (r < 0)
                return r;

        return name_is_usable(name, t->bad) ? update_take_description(t->update, name, &x) : 0;
}

int mirror_parse_descriptions(sd_bus_message *m, Update *u, bool *bad) {
        return mirror_parse_entries(m, "sa{sv}", parse_description, &(Target) { u, bad });
}

static int parse_detail(sd_bus_message *m, const Target *t) {
        _cleanup_(description_done) Description x = {};
        const char *name;
        uint32_t flags;
        int r;

        r = sd_bus_message_read(m, "suu", &name, &flags, &x.length_max);
        if (r < 0)
                return r;
        x.flags = (flags & BUS_DETAIL_WRITABLE ? VARIABLE_WRITABLE : 0) |
                (flags & BUS_DETAIL_STRING ? VARIABLE_STRING : 0) |
                (flags & BUS_DETAIL_IMMUTABLE ? VARIABLE_IMMUTABLE : 0);
        r = sd_bus_message_read_strv(m, &x.enums);
        if (r < 0)
                return r;
        r = read_range_array(m, &x);
        if (r < 0)
                return r;

        return name_is_usable(name, t->bad) ? update_take_description(t->update, name, &x) : 0;
}

int mirror_parse_details(sd_bus_message *m, Update *u, bool *bad) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(" BUS_DETAIL_TYPES ")");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'r', BUS_DETAIL_TYPES)) > 0) {
                r = parse_detail(m, &(Target) { u, bad });
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int parse_command(sd_bus_message *m, const char *name, void *userdata) {
        const Target *t = userdata;
        int r;

        r = sd_bus_message_skip(m, "a{sv}");
        if (r < 0)
                return r;

        return name_is_usable(name, t->bad) ? update_command(t->update, name) : 0;
}

int mirror_parse_commands(sd_bus_message *m, Update *u, bool *bad) {
        return mirror_parse_entries(m, "sa{sv}", parse_command, &(Target) { u, bad });
}
