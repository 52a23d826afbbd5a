/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ups-conf.h"

#include <syslog.h>

#include "string-util.h"

#define NAME_LENGTH_MAX 63U

/* What the functions below work on. */
typedef struct Builder {
        const Conf *lines;
        ConfReport report;
        void *userdata;
        UpsConf *conf;
} Builder;

/* Options of one section, or the globals, as they come in. */
typedef struct Options {
        UpsOption *items;
        size_t n, allocated;
        UpsOption *unread;
        size_t n_unread, n_unread_allocated;
} Options;

static void option_done(UpsOption *o) {
        free(o->key);
        free(o->value);
        free(o->file);
}

static void options_done(Options *o) {
        for (size_t i = 0; i < o->n; i++)
                option_done(o->items + i);
        for (size_t i = 0; i < o->n_unread; i++)
                option_done(o->unread + i);
        free(o->items);
        free(o->unread);
        *o = (Options) {};
}

static void section_done(UpsSection *s) {
        Options o = {
                .items = s->options, .n = s->n_options, .unread = s->unread, .n_unread = s->n_unread,
        };

        options_done(&o);
        free(s->name);
        free(s->driver);
        free(s->port);
        free(s->description);
        free(s->file);
        *s = (UpsSection) {};
}

bool device_name_is_valid(const char *s) {
        size_t n = strlen(s);

        if (n == 0 || n > NAME_LENGTH_MAX)
                return false;

        for (; *s; s++)
                if (*s <= ' ' || *s > '~' || strchr("\"\\#=@:/[]", *s))
                        return false;
        return true;
}

static UpsOption *options_find(const Options *o, const char *key) {
        for (size_t i = o->n; i > 0; i--)
                if (streq(o->items[i - 1].key, key))
                        return o->items + i - 1;
        return NULL;
}

static UpsOption option_of(const ConfLine *l, char *value) {
        return (UpsOption) {
                .key = strdup(l->words[0]),
                .value = value,
                .file = strdup(l->file),
                .line = l->line,
        };
}

static int options_append(Options *o, const ConfLine *l, char *value) {
        UpsOption option = option_of(l, value);

        if (!option.key || !option.file || !GREEDY_REALLOC(o->items, o->allocated, o->n + 1)) {
                option_done(&option);
                return -ENOMEM;
        }

        o->items[o->n++] = option;
        return 0;
}

static int options_append_unread(Options *o, const ConfLine *l) {
        UpsOption option;

        if (o->n_unread >= UPS_OPTIONS_MAX)
                return 0;

        option = option_of(l, NULL);
        if (!option.key || !option.file ||
            !GREEDY_REALLOC(o->unread, o->n_unread_allocated, o->n_unread + 1)) {
                option_done(&option);
                return -ENOMEM;
        }

        o->unread[o->n_unread++] = option;
        return 0;
}

/* A drop-in is there to change what the main file says, but in one file a repetition is a slip. */
static void drop_earlier(const Builder *b, Options *o, const ConfLine *l) {
        UpsOption *earlier = options_find(o, l->words[0]);

        if (!earlier)
                return;

        if (streq(earlier->file, l->file))
                conf_line_report(l, b->report, b->userdata, LOG_WARNING,
                                "%s is given a second time, this one holds and the one in line %u does not: "
                                "remove one", l->words[0], earlier->line);

        option_done(earlier);
        memmove(earlier, earlier + 1, (size_t) (o->items + o->n - earlier - 1) * sizeof(UpsOption));
        o->n--;
}

static int add_option(const Builder *b, Options *o, const ConfLine *l) {
        char *value;
        int r;

        r = conf_line_value(l, &value);
        if (r == -EINVAL) {
                conf_line_report(l, b->report, b->userdata, LOG_ERR,
                                "%s has no %s, ignoring the line: write %s = VALUE", l->words[0],
                                l->assignment ? "value behind its =" : "= before its value", l->words[0]);
                return options_append_unread(o, l);
        }
        if (r < 0)
                return r;

        drop_earlier(b, o, l);
        if (o->n >= UPS_OPTIONS_MAX) {
                conf_line_report(l, b->report, b->userdata, LOG_ERR,
                                "Too many options, ignoring this one: %u is the most", UPS_OPTIONS_MAX);
                free(value);
                return 0;
        }

        return options_append(o, l, value);
}

static int add_globals(const Builder *b) {
        _cleanup_(options_done) Options globals = {};

        for (size_t i = 0; i < conf_n_lines(b->lines); i++) {
                const ConfLine *l = conf_line(b->lines, i);
                int r = l->section ? 0 : add_option(b, &globals, l);

                if (r < 0)
                        return r;
        }

        b->conf->n_globals = globals.n;
        b->conf->globals = TAKE_PTR(globals.items);
        b->conf->n_unread = globals.n_unread;
        b->conf->unread = TAKE_PTR(globals.unread);
        globals.n = globals.n_unread = 0;
        return 0;
}

/* Whether a line belongs to the section that begins at place. In the same file a second header of that name
 * is refused, in other files it goes on with the section. */
static bool line_is_of(const Builder *b, const ConfLine *l, const ConfLine *place, unsigned *refused) {
        if (l->section != place->section)
                return false;
        if (l->file != place->file || l->section_line == place->line)
                return true;

        if (*refused != l->section_line) {
                ConfLine second = { .file = l->file, .line = l->section_line };

                conf_line_report(&second, b->report, b->userdata, LOG_ERR,
                                "Section [%s] is there already in line %u, ignoring this one: "
                                "rename it or put the lines together", l->section, place->line);
                *refused = l->section_line;
        }
        return false;
}

static int read_options(const Builder *b, const ConfLine *place, Options *o) {
        unsigned refused = 0;

        for (size_t i = 0; i < conf_n_lines(b->lines); i++) {
                const ConfLine *l = conf_line(b->lines, i);
                int r = line_is_of(b, l, place, &refused) ? add_option(b, o, l) : 0;

                if (r < 0)
                        return r;
        }

        return 0;
}

/* Moves the value of an option into a member of the section, if it has one. */
static void take_value(Options *o, const char *key, char **member) {
        UpsOption *option = options_find(o, key);

        if (!option)
                return;

        *member = TAKE_PTR(option->value);
        option_done(option);
        memmove(option, option + 1, (size_t) (o->items + o->n - option - 1) * sizeof(UpsOption));
        o->n--;
}

static int read_section(const Builder *b, const ConfLine *place, UpsSection *s) {
        _cleanup_(options_done) Options o = {};
        int r;

        r = read_options(b, place, &o);
        if (r < 0)
                return r;

        take_value(&o, "driver", &s->driver);
        take_value(&o, "port", &s->port);
        take_value(&o, "desc", &s->description);
        s->n_options = o.n;
        s->options = TAKE_PTR(o.items);
        s->n_unread = o.n_unread;
        s->unread = TAKE_PTR(o.unread);
        o.n = o.n_unread = 0;

        s->name = strdup(place->section);
        s->file = strdup(place->file);
        s->line = place->line;
        return s->name && s->file ? 0 : -ENOMEM;
}

static bool name_is_taken(const Builder *b, const ConfLine *place) {
        const UpsSection *same;

        if (strcaseeq(place->section, "default")) {
                conf_line_report(place, b->report, b->userdata, LOG_ERR,
                                "No device can be called \"default\", ignoring the section: rename it");
                return true;
        }

        same = ups_conf_find(b->conf, place->section);
        if (same)
                conf_line_report(place, b->report, b->userdata, LOG_ERR,
                                "Section [%s] is [%s] at %s:%u but for case, ignoring it: rename it",
                                place->section, same->name, same->file, same->line);
        return same;
}

static bool section_is_complete(const Builder *b, const ConfLine *place, const UpsSection *s) {
        bool driver = !isempty(s->driver), port = !isempty(s->port);

        if (driver && port)
                return true;

        conf_line_report(place, b->report, b->userdata, LOG_ERR,
                        "Section [%s] has no %s, ignoring the device: add a line \"%s\"", s->name,
                        !driver && !port ? "driver and no port" : driver ? "port" : "driver",
                        driver ? "port = auto" : "driver = NAME");
        return false;
}

static int add_section(const Builder *b, const ConfLine *place) {
        _cleanup_(section_done) UpsSection s = {};
        UpsConf *c = b->conf;
        UpsSection *grown;
        int r;

        if (!device_name_is_valid(place->section)) {
                conf_line_report(place, b->report, b->userdata, LOG_ERR,
                                "\"%s\" cannot be the name of a device, ignoring the section: "
                                "use 1 to %u letters, digits or signs, but none of \" \\ # = @ : / [ ]",
                                place->section, NAME_LENGTH_MAX);
                return 0;
        }
        if (name_is_taken(b, place))
                return 0;

        r = read_section(b, place, &s);
        if (r < 0)
                return r;
        if (!section_is_complete(b, place, &s))
                return 0;

        grown = reallocarray(c->sections, c->n_sections + 1, sizeof(UpsSection));
        if (!grown)
                return -ENOMEM;

        c->sections = grown;
        c->sections[c->n_sections++] = s;
        s = (UpsSection) {};
        return 0;
}

int ups_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsConf **ret) {
        _cleanup_(ups_conf_freep) UpsConf *conf = new0(UpsConf, 1);
        Builder b = {
                .lines = c,
                .report = report,
                .userdata = userdata,
                .conf = conf,
        };
        int r;

        if (!conf)
                return -ENOMEM;

        conf->exists = conf_exists(c);
        r = add_globals(&b);
        if (r < 0)
                return r;

        for (size_t i = 0; conf_section_place(c, i); i++) {
                r = add_section(&b, conf_section_place(c, i));
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(conf);
        return 0;
}

static int load_file(const char *path, ConfReport report, void *userdata, UpsConf **ret) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        int r;

        r = conf_load(path, report, userdata, &lines);
        return r < 0 ? r : ups_conf_from_lines(lines, report, userdata, ret);
}

int ups_conf_load_enrolled(ConfReport report, void *userdata, UpsConf **ret) {
        return load_file(getenv("BUSBAR_ENROLLED_CONF") ?: ENROLLED_CONF, report, userdata, ret);
}

int ups_conf_load(ConfReport report, void *userdata, UpsConf **ret) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL, *enrolled = NULL;
        _cleanup_free_ char *path = conf_path("ups.conf");
        int r;

        if (!path)
                return -ENOMEM;

        r = load_file(path, report, userdata, &conf);
        if (r < 0)
                return r;
        r = ups_conf_load_enrolled(report, userdata, &enrolled);
        if (r >= 0)
                r = ups_conf_add_enrolled(conf, enrolled);
        if (r == -ENOMEM)
                return r;

        *ret = TAKE_PTR(conf);
        return 0;
}

int ups_conf_add_enrolled(UpsConf *c, UpsConf *other) {
        size_t n_left = 0, n = c->n_sections + other->n_sections;
        UpsSection *grown = reallocarray(c->sections, n + 1, sizeof(UpsSection));

        if (!grown)
                return -ENOMEM;
        c->sections = grown;

        for (size_t i = 0; i < other->n_sections; i++) {
                UpsSection *s = other->sections + i;

                if (ups_conf_find(c, s->name)) {
                        other->sections[n_left++] = *s;
                        continue;
                }
                s->enrolled = true;
                c->sections[c->n_sections++] = *s;
        }
        other->n_sections = n_left;
        return 0;
}

static const char *const plugged_drivers[] = { "usbhid-ups", "nutdrv_qx", "blazer_usb", NULL };

static const char *const usb_keys[] = { "subdriver", "vendorid", "productid", "vendor", "product", "serial",
        "bus", "busport", "langid_fix", NULL };

const char *const *ups_conf_usb_keys(void) {
        return usb_keys;
}

/* One driver serves serial lines as well. */
static bool is_serial(const UpsSection *s) {
        if (!streq(s->driver, "nutdrv_qx") || strcaseeq(s->port, "auto") ||
            startswith(s->port, "/dev/hidraw") || startswith(s->port, "/dev/bus/usb/"))
                return false;
        for (size_t i = 0; i < s->n_options; i++)
                if (strv_contains((char *const *) usb_keys, s->options[i].key))
                        return false;
        return true;
}

const char *const *ups_conf_plugged_drivers(void) {
        return plugged_drivers;
}

bool ups_conf_driver_is_plugged(const char *driver) {
        return strv_contains((char *const *) plugged_drivers, driver);
}

bool ups_section_is_plugged(const UpsSection *s) {
        /* A recording is always there. */
        if ((s->port[0] == '/' && !startswith(s->port, "/dev/")) || is_serial(s))
                return false;
        return s->enrolled || ups_conf_driver_is_plugged(s->driver);
}

UpsConf *ups_conf_free(UpsConf *c) {
        if (!c)
                return NULL;

        Options globals = {
                .items = c->globals, .n = c->n_globals, .unread = c->unread, .n_unread = c->n_unread,
        };
        options_done(&globals);
        for (size_t i = 0; i < c->n_sections; i++)
                section_done(c->sections + i);
        free(c->sections);
        free(c);
        return NULL;
}

const UpsSection *ups_conf_find(const UpsConf *c, const char *name) {
        for (size_t i = 0; i < c->n_sections; i++)
                if (strcaseeq(c->sections[i].name, name))
                        return c->sections + i;
        return NULL;
}

const UpsOption *ups_conf_option(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *found = NULL;

        if (s)
                found = options_find(&(Options) { .items = s->options, .n = s->n_options }, key);
        return found ?: options_find(&(Options) { .items = c->globals, .n = c->n_globals }, key);
}
