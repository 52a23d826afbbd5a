/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change.h"

#include <stdio.h>

#include "change-words.h"
#include "line-there.h"
#include "mode.h"
#include "notify-type.h"
#include "nut-client.h"
#include "parse-util.h"
#include "string-util.h"
#include "ups-conf.h"

#define NOTIFY_FLAGS_IGNORE ((NotifyFlags) 0)

static const struct {
        const char *name;
        NotifyFlags flag;
} flag_names[] = {
        { "SYSLOG", NOTIFY_TO_SYSLOG },
        { "WALL",   NOTIFY_TO_WALL   },
        { "EXEC",   NOTIFY_TO_EXEC   },
        { "IGNORE", NOTIFY_FLAGS_IGNORE },
};

static int refuse(const char *fmt, ...) _printf_(1, 2);
static int refuse(const char *fmt, ...) {
        va_list ap;

        fputs("Error: ", stderr);
        va_start(ap, fmt);
        (void) vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
        return -EINVAL;
}

static int oom(void) {
        fputs("Error: Out of memory.\n", stderr);
        return -ENOMEM;
}

/* The first of several things that are to replace what is there. */
static bool is_first(const Options *o, const Wish *w) {
        return w == options_find(o, w->kind);
}

static int change_mode(ConfFile *f, const Options *o, const Wish *w) {
        NutMode mode = nut_mode_from_string(w->args[0]);

        if (mode < 0)
                return refuse("Unknown NUT mode: \"%s\"", w->args[0]);

        free(f->text);
        f->text = mode_replace(f->old, mode);
        if (!f->text)
                return oom();
        f->n_text = strlen(f->text);
        return 0;
}

static bool role_is_known(const char *role) {
        static const char *const roles[] = { "primary", "secondary", "master", "slave" };

        for (size_t i = 0; i < ELEMENTSOF(roles); i++)
                if (streq(roles[i], role))
                        return true;
        return false;
}

/* Of "ups" and "host:port". */
static int parse_system(const char *ups, const char *host, char **ret) {
        _cleanup_free_ char *system = strjoin(ups, "@", host), *name = NULL, *server = NULL;
        uint16_t port;

        if (!system)
                return oom();

        int r = nut_device_address_parse(system, &name, &server, &port);
        if (r == -ENOMEM)
                return oom();
        if (r < 0)
                return refuse("failed to parse host specification \"%s\" of the UPS \"%s\": it is HOST or "
                              "HOST:PORT, and an IPv6 address is in brackets", host, ups);
        *ret = TAKE_PTR(system);
        return 0;
}

/* Of things that there may be many of, but each of them only once. */
static int put_unless_there(ConfFile *f, const Options *o, const DirectiveText *d) {
        int r = directive_is_there(f, d);

        if (r == 0)
                return directive_put(f, d);
        if (r > 0 && o->verbose > 0)
                printf("%s %s is there already\n", d->words[0], d->words[1]);
        return MIN(r, 0);
}

static int change_monitor(ConfFile *f, const Options *o, const Wish *w) {
        _cleanup_free_ char *system = NULL;
        uint64_t power;

        int r = parse_system(w->args[0], w->args[1], &system);
        if (r < 0)
                return r;
        if (parse_uint64(w->args[2], 0, 1000, &power) < 0)
                return refuse("failed to parse power value \"%s\"", w->args[2]);
        if (!role_is_known(w->args[5]))
                return refuse("A monitor is primary or secondary, not \"%s\"", w->args[5]);

        if (!w->add && is_first(o, w))
                r = directives_remove(f, "MONITOR");
        const char *words[] = { "MONITOR", system, w->args[2], w->args[3], w->args[4], w->args[5] };
        return r < 0 ? r : put_unless_there(f, o, &(DirectiveText) { words, ELEMENTSOF(words), 0 });
}

static int change_listen(ConfFile *f, const Options *o, const Wish *w) {
        uint64_t port;
        int r = 0;

        if (w->n > 1 && parse_uint64(w->args[1], 1, UINT16_MAX, &port) < 0)
                return refuse("failed to parse port specification \"%s\"", w->args[1]);

        if (!w->add && is_first(o, w))
                r = directives_remove(f, "LISTEN");
        const char *words[] = { "LISTEN", w->args[0], w->n > 1 ? w->args[1] : NULL };
        return r < 0 ? r : put_unless_there(f, o, &(DirectiveText) { words, 1 + w->n, 0 });
}

static int put_option(ConfFile *f, const char *device, const char *argument) {
        const char *equals = strchr(argument, '=');
        _cleanup_free_ char *key = strndup(argument,
                equals ? (size_t) (equals - argument) : strlen(argument));

        if (!key)
                return oom();
        if (isempty(key) || strpbrk(key, " \t\"\\#[]"))
                return refuse("\"%s\" of the device %s is no KEY=VALUE", argument, device);
        return section_put(f, &(KeyText) { .section = device, .key = key,
                .value = equals ? equals + 1 : NULL });
}

static int change_device(ConfFile *f, const Options *o, const Wish *w) {
        const char *name = w->args[0];
        int r = 0;

        if (!device_name_is_valid(name))
                return refuse("\"%s\" cannot be the name of a device: 1 to 63 characters, without blanks "
                              "and "
                              "\"\\#=@:/[]", name);

        if (!w->add && is_first(o, w))
                r = sections_remove(f);
        if (r >= 0 && !section_exists(f, name))
                r = section_add(f, name);
        if (r >= 0)
                r = section_put(f, &(KeyText) { .section = name, .key = "driver", .value = w->args[1] });
        if (r >= 0)
                r = section_put(f, &(KeyText) { .section = name, .key = "port", .value = w->args[2] });
        for (size_t i = 3; r >= 0 && i < w->n; i++)
                r = put_option(f, name, w->args[i]);
        return r;
}

static int check_type(const char *name, const char **ret) {
        NotifyType t = notify_type_from_string(name);

        if (t < 0)
                return refuse("failed to parse notification type specification \"%s\"; "
                              "\"nutconf --help\" has them all", name);
        *ret = notify_type_to_string(t);
        return 0;
}

/* Flags as words, each of which may be several with + between. */
static int parse_flags(const char *words, NotifyFlags *flags) {
        _cleanup_strv_free_ char **list = NULL;

        if (strv_split(words, "+", &list) < 0)
                return oom();

        STRV_FOREACH(word, list) {
                size_t i = 0;

                while (i < ELEMENTSOF(flag_names) && !strcaseeq(flag_names[i].name, *word))
                        i++;
                if (i == ELEMENTSOF(flag_names))
                        return refuse("failed to parse notification flag \"%s\": it is SYSLOG, WALL, EXEC "
                                      "or "
                                      "IGNORE", *word);
                *flags |= flag_names[i].flag;
        }
        return 0;
}

static char *flags_to_string(NotifyFlags flags) {
        char *s = NULL;

        if (flags == NOTIFY_FLAGS_IGNORE)
                return strdup("IGNORE");

        for (size_t i = 0; i < ELEMENTSOF(flag_names); i++) {
                _cleanup_free_ char *before = s;

                if (!(flags & flag_names[i].flag)) {
                        s = TAKE_PTR(before);
                        continue;
                }
                s = strjoin(strempty(before), before ? "+" : "", flag_names[i].name);
                if (!s)
                        return NULL;
        }
        return s;
}

static int change_notifyflags(ConfFile *f, const Options *o, const Wish *w) {
        NotifyFlags flags = NOTIFY_FLAGS_IGNORE;
        const ConfEditLine *old;
        const char *type = NULL;
        int r;

        r = check_type(w->args[0], &type);
        if (r < 0)
                return r;

        old = directive_find(f, "NOTIFYFLAG", type);
        if (w->add && !old)
                flags = NOTIFY_FLAGS_DEFAULT;
        if (w->add && old && old->n_words > 2)
                r = parse_flags(old->words[2], &flags);
        for (size_t i = 1; r >= 0 && i < w->n; i++)
                r = parse_flags(w->args[i], &flags);
        if (r < 0)
                return r;

        _cleanup_free_ char *text = flags_to_string(flags);
        if (!text)
                return oom();
        const char *words[] = { "NOTIFYFLAG", type, text };
        return directive_put(f, &(DirectiveText) { words, ELEMENTSOF(words), 2 });
}

static int change_notifymsg(ConfFile *f, const Options *o, const Wish *w) {
        const char *type = NULL;

        int r = check_type(w->args[0], &type);
        if (r < 0)
                return r;

        const char *words[] = { "NOTIFYMSG", type, w->args[1] };
        return directive_put(f, &(DirectiveText) { words, ELEMENTSOF(words), 2 });
}

static int change_one(ConfFile *f, const char *keyword, const char *value) {
        const char *words[] = { keyword, value };

        return directive_put(f, &(DirectiveText) { words, ELEMENTSOF(words), 1 });
}

static int change_notifycmd(ConfFile *f, const Options *o, const Wish *w) {
        return change_one(f, "NOTIFYCMD", w->args[0]);
}

static int change_shutdowncmd(ConfFile *f, const Options *o, const Wish *w) {
        return change_one(f, "SHUTDOWNCMD", w->args[0]);
}

static int change_powerdownflag(ConfFile *f, const Options *o, const Wish *w) {
        return change_one(f, "POWERDOWNFLAG", w->args[0]);
}

static int change_minsupplies(ConfFile *f, const Options *o, const Wish *w) {
        uint64_t n;

        if (parse_uint64(w->args[0], 0, 1000, &n) < 0)
                return refuse("invalid min. power supplies specification: \"%s\"", w->args[0]);
        return change_one(f, "MINSUPPLIES", w->args[0]);
}

static int put_role(ConfFile *f, const char *user, const char *role) {
        if (!role_is_known(role))
                return refuse("Invalid upsmon mode specification: \"%s\"; it is primary or secondary", role);
        return section_put(f, &(KeyText) { .section = user, .key = "upsmon", .value = role, .plain = true });
}

static int put_attribute(ConfFile *f, const char *user, const char *argument) {
        static const struct {
                const char *key;
                bool add;
        } keys[] = { { "password", false }, { "actions", true }, { "instcmds", true } };
        const char *role = startswith(argument, "upsmon=");

        if (role)
                return put_role(f, user, role);
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const char *value = startswith(argument, keys[i].key);

                if (value && *value == '=')
                        return section_put(f, &(KeyText) { user, keys[i].key, value + 1,
                                .add = keys[i].add });
        }

        /* What is wrong may be a password, so it is not repeated. */
        if (strchr(argument, '='))
                return refuse("Unknown user attribute: \"%.*s\"", (int) strcspn(argument, "="), argument);
        return refuse("Illegal user attribute specification: it is KEY=VALUE");
}

static int change_user(ConfFile *f, const Options *o, const Wish *w) {
        const char *role = startswith(w->args[0], "upsmon="), *name = role ? "upsmon" : w->args[0];
        int r = 0;

        if (streq(w->args[0], "upsmon"))
                return refuse("upsmon user specification requires monitor mode");
        if (isempty(name) || strpbrk(name, " \t\"\\#=[]"))
                return refuse("\"%s\" cannot be the name of a user: it has blanks or any of \"\\#=[]", name);

        if (!w->add && is_first(o, w))
                r = sections_remove(f);
        if (r >= 0 && !section_exists(f, name))
                r = section_add(f, name);
        for (size_t i = 1; r >= 0 && i < w->n; i++)
                r = put_attribute(f, name, w->args[i]);
        return r < 0 || !role ? r : put_role(f, name, role);
}

static const struct {
        int (*change)(ConfFile *f, const Options *o, const Wish *w);
        ConfigFileKind file;
} changes[_KIND_MAX] = {
        [KIND_MODE]          = { change_mode,          CONFIG_FILE_NUT    },
        [KIND_MONITOR]       = { change_monitor,       CONFIG_FILE_UPSMON },
        [KIND_LISTEN]        = { change_listen,        CONFIG_FILE_UPSD   },
        [KIND_DEVICE]        = { change_device,        CONFIG_FILE_UPS    },
        [KIND_NOTIFYFLAGS]   = { change_notifyflags,   CONFIG_FILE_UPSMON },
        [KIND_NOTIFYMSG]     = { change_notifymsg,     CONFIG_FILE_UPSMON },
        [KIND_NOTIFYCMD]     = { change_notifycmd,     CONFIG_FILE_UPSMON },
        [KIND_SHUTDOWNCMD]   = { change_shutdowncmd,   CONFIG_FILE_UPSMON },
        [KIND_MINSUPPLIES]   = { change_minsupplies,   CONFIG_FILE_UPSMON },
        [KIND_POWERDOWNFLAG] = { change_powerdownflag, CONFIG_FILE_UPSMON },
        [KIND_USER]          = { change_user,          CONFIG_FILE_USERS  },
};

int change_all(ConfFiles *files, const Options *o) {
        for (size_t i = 0; i < o->n_wishes; i++) {
                const Wish *w = o->wishes + i;
                ConfFile *f;

                if (!changes[w->kind].change)
                        continue;

                int r = conf_files_get(files, changes[w->kind].file, &f);
                if (r >= 0)
                        r = changes[w->kind].change(f, o, w);
                if (r < 0)
                        return r;
        }
        return 0;
}
