/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsd-users.h"

#include <sys/stat.h>
#include <syslog.h>

#include "parse-util.h"
#include "string-util.h"

typedef struct Context {
        const ConfLine *line;
        ConfReport report;
        void *userdata;
        User *user;
} Context;

typedef struct Key {
        const char *name;
        int (*apply)(const Context *c, char *const *values, size_t n); /* 0, or -ENOMEM */
} Key;

static int apply_password(const Context *c, char *const *values, size_t n) {
        if (n != 1) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "A password of several words stands in quotes, ignoring it");
                return 0;
        }
        if (c->user->password)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "User %s has a second password, which wins", c->user->name);
        return free_and_strdup(&c->user->password, values[0]);
}

static int apply_actions(const Context *c, char *const *values, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (strcaseeq(values[i], "SET"))
                        c->user->rights |= USER_SET;
                else if (strcaseeq(values[i], "FSD"))
                        c->user->rights |= USER_FSD;
                else
                        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                        "Unknown action \"%s\": there are SET and FSD", values[i]);
        return 0;
}

static int apply_commands(const Context *c, char *const *values, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (strcaseeq(values[i], "ALL")) {
                        c->user->all_commands = true;
                        continue;
                }

                int r = strv_extend(&c->user->commands, values[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int apply_upsmon(const Context *c, char *const *values, size_t n) {
        static const struct {
                const char *word;
                UserRights rights;
        } roles[] = {
                { "primary", USER_LOGIN | USER_PRIMARY | USER_FSD },
                { "master", USER_LOGIN | USER_PRIMARY | USER_FSD },
                { "secondary", USER_LOGIN },
                { "slave", USER_LOGIN },
        };

        for (size_t i = 0; n == 1 && i < ELEMENTSOF(roles); i++)
                if (strcaseeq(values[0], roles[i].word)) {
                        c->user->rights |= roles[i].rights;
                        return 0;
                }

        conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "upsmon wants primary or secondary");
        return 0;
}

/* With a mistake in it the list stays shorter than it was meant to be, down to nobody: never wider. */
static int apply_allowfrom(const Context *c, char *const *values, size_t n) {
        c->user->somewhere = true;
        for (size_t i = 0; i < n; i++) {
                int r = address_list_add(&c->user->from, values[i]);
                if (r == -EINVAL)
                        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                        "allowfrom wants ADDRESS[/PREFIX], localhost or any, and \"%s\" is "
                                        "none of these. Names are not looked up", values[i]);
                else if (r < 0)
                        return r;
        }
        return 0;
}

static int apply_devices(const Context *c, char *const *values, size_t n) {
        c->user->some_devices = true;
        for (size_t i = 0; i < n; i++) {
                int r = strv_extend(&c->user->devices, values[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int apply_counts(const Context *c, char *const *values, size_t n) {
        bool b;

        if (n != 1 || parse_boolean(values[0], &b) < 0)
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "counts wants yes or no");
        else
                c->user->uncounted = !b;
        return 0;
}

static int apply_stale(const Context *c, char *const *values, size_t n) {
        if (n == 1 && (strcaseeq(values[0], "hide") || strcaseeq(values[0], "show")))
                c->user->hides_stale = strcaseeq(values[0], "hide");
        else
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "stale wants hide or show");
        return 0;
}

static const Key keys[] = {
        { "password", apply_password },
        { "actions", apply_actions },
        { "instcmds", apply_commands },
        { "upsmon", apply_upsmon },
        { "allowfrom", apply_allowfrom },
        { "ups", apply_devices },
        { "counts", apply_counts },
        { "stale", apply_stale },
};

static void report_unknown(const Context *c) {
        const char *names[ELEMENTSOF(keys) + 1] = {};

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                names[i] = keys[i].name;

        conf_line_report_unknown_key(c->line, c->report, c->userdata, "key", names);
}

static int apply_line(const Context *c) {
        size_t first = c->line->assignment ? 2 : 1;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                if (!strcaseeq(keys[i].name, c->line->words[0]))
                        continue;
                if (c->line->n_words <= first) {
                        conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "%s wants a value",
                                        keys[i].name);
                        return 0;
                }
                return keys[i].apply(c, c->line->words + first, c->line->n_words - first);
        }

        report_unknown(c);
        return 0;
}

User *user_table_find(const UserTable *t, const char *name) {
        for (size_t i = 0; i < t->n_users; i++)
                if (streq(t->users[i].name, name))
                        return t->users + i;
        return NULL;
}

static int add_users(UserTable *t, const Conf *c) {
        size_t n = strv_length(conf_sections(c));

        t->users = new0(User, n);
        if (!t->users)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                const ConfLine *place = conf_section_place(c, i);
                User *u = t->users + t->n_users++;

                *u = (User) {
                        .name = strdup(conf_sections(c)[i]),
                        .file = strdup(place->file),
                        .line = place->section_line,
                };
                if (!u->name || !u->file)
                        return -ENOMEM;
        }
        return 0;
}

int user_table_from_lines(const Conf *c, ConfReport report, void *userdata, UserTable **ret) {
        _cleanup_(user_table_freep) UserTable *t = new0(UserTable, 1);
        if (!t)
                return -ENOMEM;

        int r = add_users(t, c);
        if (r < 0)
                return r;

        t->exists = conf_exists(c);
        for (size_t i = 0; i < conf_n_lines(c); i++) {
                Context context = { .line = conf_line(c, i), .report = report, .userdata = userdata };

                if (!context.line->section) {
                        conf_line_report(context.line, report, userdata, LOG_ERR,
                                        "Stands before the first [user], ignoring the line");
                        continue;
                }
                context.user = user_table_find(t, context.line->section);
                if (!context.user)
                        continue; /* cannot be: each section became a user */
                r = apply_line(&context);
                if (r < 0)
                        return r;
                t->hides_stale = t->hides_stale || context.user->hides_stale;
        }

        *ret = TAKE_PTR(t);
        return 0;
}

bool password_is_hash(const char *password) {
        return password[0] == '$' && strchr(password + 1, '$');
}

static bool has_plain_password(const UserTable *t) {
        for (size_t i = 0; i < t->n_users; i++)
                if (t->users[i].password && !password_is_hash(t->users[i].password))
                        return true;
        return false;
}

int user_table_load(ConfReport report, void *userdata, UserTable **ret) {
        _cleanup_free_ char *path = conf_path("upsd.users");
        if (!path)
                return -ENOMEM;

        _cleanup_(conf_freep) Conf *lines = NULL;
        int r = conf_load(path, report, userdata, &lines);
        if (r < 0)
                return r;

        UserTable *t;
        r = user_table_from_lines(lines, report, userdata, &t);
        if (r < 0)
                return r;

        struct stat st;
        if (report && stat(path, &st) >= 0 && (st.st_mode & S_IROTH) && has_plain_password(t))
                report(userdata, LOG_WARNING, path, 0, "Everybody on this machine can read the passwords");

        *ret = t;
        return 0;
}

static void erase(char *secret) {
        if (secret)
                explicit_bzero(secret, strlen(secret));
        free(secret);
}

UserTable *user_table_free(UserTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_users; i++) {
                User *u = t->users + i;

                free(u->name);
                erase(u->password);
                erase(u->known);
                strv_free(u->commands);
                address_list_done(&u->from);
                strv_free(u->devices);
                free(u->file);
        }
        free(t->users);
        free(t);
        return NULL;
}

void user_table_report_devices(const UserTable *t, bool (*is_known)(void *userdata, const char *name),
                void *known_userdata, ConfReport report, void *userdata) {
        for (size_t i = 0; i < t->n_users; i++) {
                const User *u = t->users + i;

                STRV_FOREACH(name, u->devices) {
                        const ConfLine place = { .file = u->file, .line = u->line };

                        if (!is_known(known_userdata, *name))
                                conf_line_report(&place, report, userdata, LOG_WARNING,
                                                "User %s is to have the device \"%s\", which is not there",
                                                u->name, *name);
                }
        }
}

bool user_may_come_from(const User *u, const struct in6_addr *a) {
        return !u->somewhere || (a && address_list_contains(&u->from, a));
}

bool user_may_use(const User *u, const char *device) {
        return !u->some_devices || strv_find_nocase(u->devices, device) >= 0;
}

bool user_may_run(const User *u, const char *command) {
        return u->all_commands || strv_find_nocase(u->commands, command) >= 0;
}
