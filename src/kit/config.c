/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "device-internal.h"
#include "names.h"
#include "option.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* What is being made, and where its mistakes go. */
typedef struct Builder {
        DeviceConfig *config;
        ConfReport report; /* NULL: in silence */
        void *userdata;
} Builder;

/* One key with its value (NULL for a flag) and its place; file is NULL on the command line. */
typedef struct Given {
        const char *key, *value, *file;
        unsigned line;
} Given;

/* Any value may be a secret. */
static void option_value_done(OptionValue *v) {
        if (v->value)
                explicit_bzero(v->value, strlen(v->value));
        free(v->value);
        free(v->place);
}

static DeviceConfig *config_free(DeviceConfig *c) {
        for (size_t i = 0; i < c->n_values; i++)
                option_value_done(c->values + i);
        for (size_t i = 0; i < c->n_defaults; i++) {
                free(c->defaults[i].name);
                free(c->defaults[i].value);
        }
        for (size_t i = 0; i < c->n_overrides; i++) {
                free(c->overrides[i].name);
                free(c->overrides[i].value);
        }
        free(c->values);
        free(c->defaults);
        free(c->overrides);
        free(c->name);
        free(c->port);
        free(c->description);
        free(c);
        return NULL;
}

DeviceConfig *device_config_ref(DeviceConfig *c) {
        atomic_fetch_add(&c->n_ref, 1);
        return c;
}

DeviceConfig *device_config_unref(DeviceConfig *c) {
        if (c && atomic_fetch_sub(&c->n_ref, 1) == 1)
                return config_free(c);
        return NULL;
}

/* Tells of a mistake: in a file it is reported, with how we get over it; on the command line it is logged
 * and fatal. */
static int complain(const Builder *b, const Given *g, int level, const char *message, const char *remedy) {
        _cleanup_free_ char *whole = NULL;

        if (!message)
                return -ENOMEM;
        if (g->file) {
                whole = strjoin(message, isempty(remedy) ? "" : " ", remedy);
                if (!whole)
                        return -ENOMEM;
                if (b->report)
                        b->report(b->userdata, level, g->file, g->line, whole);
                return 0;
        }

        (void) log_full(level, 0, NULL, "-x %s%s%s: %s", g->key, g->value ? "=" : "", strempty(g->value),
                        message);
        return level <= LOG_ERR ? -EINVAL : 0;
}

static int complain_unknown(const Builder *b, const Given *g) {
        const char *nearest = option_nearest(b->config->driver->options, g->key);
        _cleanup_free_ char *message = NULL;

        if (nearest)
                message = strprintf("%s does not know the option %s, did you mean %s?",
                                b->config->driver->name, g->key, nearest);
        else
                message = strprintf("%s does not know the option %s (%s -L lists all).",
                                b->config->driver->name, g->key, b->config->driver->name);
        return complain(b, g, LOG_ERR, message, "It is left out.");
}

static int complain_value(const Builder *b, const Given *g, const Option *o) {
        _cleanup_free_ char *expectation = option_expectation(o), *message = NULL;

        if (!expectation)
                return -ENOMEM;

        if (!g->value)
                message = strprintf("%s needs a value: %s.", o->name, expectation);
        else
                message = strprintf("%s must be %s, not %s.", o->name, expectation,
                                isempty(g->value) ? "empty" : g->value);
        if (o->type == OPTION_SAFEGUARD)
                return complain(b, g, LOG_ERR, message, "Yes is taken, to be safe.");
        if (o->type == OPTION_REGEX && g->value)
                return complain(b, g, LOG_ERR, message, "The device is not served.");
        return complain(b, g, LOG_ERR, message, o->initial ? "The default is used." : "It is left out.");
}

/* Puts a normalized value in place of an earlier one of the same option; NULL takes the earlier one away. */
static int config_put(DeviceConfig *c, const Option *o, char *value, const Given *g) {
        char *place = value && g->file ? strprintf("%s:%u", g->file, g->line) : NULL;
        OptionValue *grown;

        if (value && g->file && !place) {
                free(value);
                return -ENOMEM;
        }

        for (size_t i = 0; i < c->n_values; i++)
                if (c->values[i].option == o) {
                        option_value_done(c->values + i);
                        if (value)
                                c->values[i] = (OptionValue) { o, value, place };
                        else
                                c->values[i] = c->values[--c->n_values];
                        return 0;
                }

        if (!value)
                return 0;

        grown = reallocarray(c->values, c->n_values + 1, sizeof(OptionValue));
        if (!grown) {
                free(value);
                free(place);
                return -ENOMEM;
        }

        c->values = grown;
        c->values[c->n_values++] = (OptionValue) { o, value, place };
        return 0;
}

/* Whether it can be a value of that variable. */
static bool fixed_is_plausible(const char *name, const char *value) {
        const Name *row = variable_name_find(name);
        double number;

        return !row || row->kind != NAME_NUMBER || parse_double(value, &number) >= 0;
}

static int take_fixed(Builder *b, const Given *g, const char *name, FixedValue **list, size_t *n) {
        FixedValue *grown;

        if (isempty(name) || !g->value)
                return complain(b, g, LOG_ERR, "this needs the name of a variable and a value.",
                                "It is left out.");
        if (!fixed_is_plausible(name, g->value)) {
                _cleanup_free_ char *message = strprintf("%s is a number, not %s.", name,
                                isempty(g->value) ? "empty" : g->value);

                return complain(b, g, LOG_ERR, message, "It is left out.");
        }

        for (size_t i = 0; i < *n; i++)
                if (strcaseeq((*list)[i].name, name))
                        return free_and_strdup(&(*list)[i].value, g->value);

        grown = reallocarray(*list, *n + 1, sizeof(FixedValue));
        if (!grown)
                return -ENOMEM;
        *list = grown;

        grown[*n] = (FixedValue) { strdup(name), strdup(g->value) };
        if (!grown[*n].name || !grown[*n].value) {
                free(grown[*n].name);
                free(grown[*n].value);
                return -ENOMEM;
        }

        (*n)++;
        return 0;
}

static const Option *known_option(const Driver *driver, const char *key) {
        return option_find(driver->options, key) ?: option_find(common_options, key);
}

static bool serves_all(const Driver *driver, const char *key) {
        const Option *o = known_option(driver, key);

        return option_find(common_options, key) || (o && o->type == OPTION_SAFEGUARD);
}

static int take_option(Builder *b, const Given *g) {
        DeviceConfig *c = b->config;
        _cleanup_free_ char *value = NULL;
        const Option *o;
        const char *name;
        int r;

        name = startswith_nocase(g->key, "default.");
        if (name)
                return take_fixed(b, g, name, &c->defaults, &c->n_defaults);
        name = startswith_nocase(g->key, "override.");
        if (name)
                return take_fixed(b, g, name, &c->overrides, &c->n_overrides);

        o = known_option(c->driver, g->key);
        if (!o)
                return complain_unknown(b, g);
        if (streq(o->name, "sddelay"))
                (void) complain(b, g, LOG_WARNING, "sddelay is obsolete and has no effect.", "");

        r = option_normalize(o, g->value, &value);
        if (r == -ENOMEM)
                return r;
        if (r < 0 && o->type == OPTION_REGEX && g->value) {
                r = complain_value(b, g, o);
                value = r < 0 ? NULL : strdup(g->value);
                return value ? config_put(c, o, TAKE_PTR(value), g) : r < 0 ? r : -ENOMEM;
        }
        if (r < 0) {
                r = complain_value(b, g, o);
                if (r < 0 || !value)
                        return r;
        }
        return config_put(c, o, TAKE_PTR(value), g);
}

/* Of a line that could not be read nothing is left but its name, which is enough for a safeguard. */
static int take_unread(Builder *b, const UpsOption *l, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const Option *o = known_option(b->config->driver, l[i].key);
                int r = 0;

                if (o && o->type == OPTION_SAFEGUARD)
                        r = take_option(b, &(Given) { o->name, "", l[i].file, l[i].line });
                if (r < 0)
                        return r;
        }

        return 0;
}

/* A global key serves a section only if it is a common one, or one that protects. Mistakes in it are
 * reported once per file, not once per device: see config_check_globals(). */
static int take_globals(const Builder *b, const UpsConf *conf) {
        Builder silent = { .config = b->config };

        for (size_t i = 0; i < conf->n_globals; i++) {
                const UpsOption *o = &conf->globals[i];
                int r;

                if (!serves_all(b->config->driver, o->key))
                        continue;
                r = take_option(&silent, &(Given) { o->key, o->value, o->file, o->line });
                if (r < 0)
                        return r;
        }

        return take_unread(&silent, conf->unread, conf->n_unread);
}

static int take_section(Builder *b, const UpsSection *s) {
        int r;

        r = free_and_strdup(&b->config->port, s->port);
        if (r < 0)
                return r;
        r = free_and_strdup(&b->config->description, s->description);
        if (r < 0)
                return r;

        for (size_t i = 0; i < s->n_options; i++) {
                const UpsOption *o = &s->options[i];

                r = take_option(b, &(Given) { o->key, o->value, o->file, o->line });
                if (r < 0)
                        return r;
        }

        return take_unread(b, s->unread, s->n_unread);
}

static int take_pair(Builder *b, const char *pair) {
        const char *equals = strchr(pair, '=');
        _cleanup_free_ char *key = equals ? strndup(pair, (size_t) (equals - pair)) : strdup(pair);
        const char *value = equals ? equals + 1 : NULL;

        if (!key)
                return -ENOMEM;
        if (value && strcaseeq(key, "port"))
                return free_and_strdup(&b->config->port, value);
        if (value && strcaseeq(key, "desc"))
                return free_and_strdup(&b->config->description, value);

        return take_option(b, &(Given) { .key = key, .value = value });
}

int device_config_new(const Driver *driver, const ConfigSource *source, ConfReport report, void *userdata,
                DeviceConfig **ret) {
        _cleanup_(device_config_unrefp) DeviceConfig *c = new0(DeviceConfig, 1);
        Builder b = { c, report, userdata };
        int r;

        if (!c)
                return -ENOMEM;

        atomic_init(&c->n_ref, 1);
        c->driver = driver;
        c->name = strdup(source->name);
        if (!c->name)
                return -ENOMEM;

        if (source->conf) {
                r = take_globals(&b, source->conf);
                if (r < 0)
                        return r;
        }
        if (source->section) {
                r = take_section(&b, source->section);
                if (r < 0)
                        return r;
        }
        STRV_FOREACH(pair, source->pairs) {
                r = take_pair(&b, *pair);
                if (r < 0)
                        return r;
        }

        if (isempty(c->port)) {
                log_error("Device %s has no port; give it with -x port=VALUE.", c->name);
                return -EINVAL;
        }

        const Device d = { .config = c };
        c->transport = driver->transport_of ? driver->transport_of(&d) : driver->transport;
        *ret = TAKE_PTR(c);
        return 0;
}

static char *global_problem(const Driver *driver, const UpsOption *given) {
        const Option *o = option_find(common_options, given->key) ?: option_find(global_options, given->key);
        _cleanup_free_ char *expectation = NULL, *value = NULL;
        const char *nearest;

        if (!o && serves_all(driver, given->key))
                o = known_option(driver, given->key);
        if (!o && option_find(driver->options, given->key))
                return NULL;

        if (!o) {
                nearest = option_nearest(global_options, given->key);
                if (nearest)
                        return strprintf("unknown global option %s, did you mean %s? It is left out.",
                                        given->key, nearest);
                return strprintf("unknown global option %s. It is left out.", given->key);
        }

        if (option_normalize(o, given->value, &value) >= 0)
                return NULL;
        expectation = option_expectation(o);
        return strprintf("%s must be %s. %s", o->name, strempty(expectation),
                        o->type == OPTION_SAFEGUARD ? "Yes is taken, to be safe." : "The default is used.");
}

void config_check_globals(const Driver *driver, const UpsConf *conf, ConfReport report, void *userdata) {
        for (size_t i = 0; i < conf->n_globals; i++) {
                const UpsOption *o = &conf->globals[i];
                _cleanup_free_ char *problem = global_problem(driver, o);

                if (problem)
                        report(userdata, LOG_ERR, o->file, o->line, problem);
                else if (strcaseeq(o->key, "chroot"))
                        report(userdata, LOG_WARNING, o->file, o->line,
                                        "chroot has no effect; set RootDirectory= in the driver's unit.");
        }
}

const char *device_config_place(const DeviceConfig *c, const char *name) {
        for (size_t i = 0; i < c->n_values; i++)
                if (strcaseeq(c->values[i].option->name, name))
                        return c->values[i].place;
        return NULL;
}

const char *device_config_given(const DeviceConfig *c, const char *name) {
        for (size_t i = 0; i < c->n_values; i++)
                if (strcaseeq(c->values[i].option->name, name))
                        return c->values[i].value;
        return NULL;
}

const char *device_config_get(const DeviceConfig *c, const char *name) {
        const char *given = device_config_given(c, name);
        const Option *o;

        if (given)
                return given;

        o = option_find(c->driver->options, name) ?: option_find(common_options, name);
        return o ? o->initial : NULL;
}

int64_t device_config_integer(const DeviceConfig *c, const char *name) {
        const char *value = device_config_get(c, name);
        int64_t n = 0;

        if (value)
                (void) parse_int64(value, INT64_MIN, INT64_MAX, &n);
        return n;
}

bool device_config_boolean(const DeviceConfig *c, const char *name) {
        const char *value = device_config_get(c, name);
        bool b = false;

        if (value)
                (void) parse_boolean(value, &b);
        return b;
}

uint64_t device_config_usec(const DeviceConfig *c, const char *name) {
        int64_t n = device_config_integer(c, name);

        return n > 0 ? (uint64_t) n * USEC_PER_SEC : 0;
}

static const char *find_fixed(const FixedValue *list, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcaseeq(list[i].name, name))
                        return list[i].value;
        return NULL;
}

const char *device_config_override(const DeviceConfig *c, const char *name) {
        return find_fixed(c->overrides, c->n_overrides, name);
}

const char *device_config_default(const DeviceConfig *c, const char *name) {
        return find_fixed(c->defaults, c->n_defaults, name);
}

static bool fixed_equal(const FixedValue *a, size_t n_a, const FixedValue *b, size_t n_b) {
        if (n_a != n_b)
                return false;

        for (size_t i = 0; i < n_a; i++)
                if (!strcaseeq(a[i].name, b[i].name) || !streq(a[i].value, b[i].value))
                        return false;
        return true;
}

bool device_config_equal(const DeviceConfig *a, const DeviceConfig *b) {
        if (a->driver != b->driver || !streq(a->name, b->name) || !streq(a->port, b->port) ||
            !streq_ptr(a->description, b->description) || a->n_values != b->n_values)
                return false;

        for (size_t i = 0; i < a->n_values; i++)
                if (!streq_ptr(a->values[i].value, device_config_given(b, a->values[i].option->name)))
                        return false;

        return fixed_equal(a->defaults, a->n_defaults, b->defaults, b->n_defaults) &&
                fixed_equal(a->overrides, a->n_overrides, b->overrides, b->n_overrides);
}
