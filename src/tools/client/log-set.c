/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-set.h"

#include <stdarg.h>
#include <stdio_ext.h>
#include <syslog.h>

#include "string-util.h"

static void system_done(LogSystem *s) {
        tool_client_done(&s->client);
        free(s->spec);
}

void log_set_done(LogSet *s) {
        for (size_t i = 0; i < s->n_systems; i++)
                system_done(&s->systems[i]);
        for (size_t i = 0; i < s->n_targets; i++) {
                if (s->targets[i].f && s->targets[i].f != stdout)
                        (void) fclose(s->targets[i].f);
                free(s->targets[i].name);
        }
        free(s->systems);
        free(s->targets);
        *s = (LogSet) {};
}

static int set_find_target(LogSet *s, const char *name, size_t *ret) {
        char *copy;

        for (size_t i = 0; i < s->n_targets; i++)
                if (streq(s->targets[i].name, name)) {
                        *ret = i;
                        return 0;
                }

        copy = strdup(name);
        if (!copy || !GREEDY_REALLOC(s->targets, s->n_targets_allocated, s->n_targets + 1)) {
                free(copy);
                return -ENOMEM;
        }
        *ret = s->n_targets++;
        s->targets[*ret] = (LogTarget) { .name = copy };
        return 0;
}

/* Puts a system in front of the one at index. Owns the spec from then on, also on failure. */
static int set_insert(LogSet *s, size_t index, char *spec, size_t target) {
        if (!spec || !GREEDY_REALLOC(s->systems, s->n_systems_allocated, s->n_systems + 1)) {
                free(spec);
                return -ENOMEM;
        }

        memmove(s->systems + index + 1, s->systems + index, (s->n_systems - index) * sizeof(LogSystem));
        s->systems[index] = (LogSystem) { .spec = spec, .target = target };
        s->n_systems++;
        return 0;
}

int log_set_add(LogSet *s, const char *spec, const char *target) {
        size_t index;
        int r;

        r = set_find_target(s, target, &index);
        return r < 0 ? r : set_insert(s, s->n_systems, strdup(spec), index);
}

/*** All of a host ***/

typedef struct Names {
        char **names; /* strv */
        int error;
} Names;

static void on_ups(void *userdata, char *const *words, size_t n_words) {
        Names *n = userdata;

        if (n_words >= 2 && n->error >= 0)
                n->error = strv_extend(&n->names, words[1]);
}

static int list_names(ToolClient *c, char ***ret) {
        Names n = {};
        int r;

        fprintf(stderr, "Querying %s:%u for currently served devices\n", c->host, c->port);
        r = tool_client_connect(c);
        if (r >= 0)
                r = tool_client_list(c, on_ups, &n, "UPS", NULL);
        if (r >= 0)
                r = n.error;
        if (r < 0) {
                fprintf(stderr, "Error: %s\n", strempty(c->why));
                strv_free(n.names);
                return r;
        }

        if (!n.names)
                fprintf(stderr, "Data server at %s:%u does not currently serve any devices\n", c->host,
                                c->port);
        *ret = n.names;
        return 0;
}

static int system_init(LogSystem *s, const ToolOptions *options) {
        int r;

        r = tool_client_init_ups(&s->client, options, s->spec);
        if (r < 0)
                fputs("Error: invalid UPS definition.  Required format: upsname[@hostname[:port]]\n\n",
                                stderr);
        return r;
}

/* Replaces the system at index by all those of its host; *ret_n is how many that are. */
static int set_expand(LogSet *s, size_t index, size_t *ret_n) {
        _cleanup_strv_free_ char **names = NULL;
        LogSystem all;
        bool bracket;
        size_t n = 0;
        int r;

        r = list_names(&s->systems[index].client, &names);
        if (r < 0)
                return r;

        all = s->systems[index];
        bracket = strchr(all.client.host, ':');
        s->n_systems--;
        memmove(s->systems + index, s->systems + index + 1, (s->n_systems - index) * sizeof(LogSystem));
        STRV_FOREACH(name, names) {
                r = set_insert(s, index + n,
                                strprintf("%s@%s%s%s:%u", *name, bracket ? "[" : "", all.client.host,
                                                bracket ? "]" : "", all.client.port),
                                all.target);
                if (r < 0)
                        break;
                r = system_init(&s->systems[index + n++], s->options);
                if (r < 0)
                        break;
        }

        system_done(&all);
        *ret_n = n;
        return r;
}

int log_set_resolve(LogSet *s) {
        for (size_t i = 0; i < s->n_systems;) {
                LogSystem *system = &s->systems[i];
                size_t n = 0;
                int r;

                r = system_init(system, s->options);
                if (r >= 0 && streq(system->client.ups, "*"))
                        r = set_expand(s, i, &n);
                else
                        n = 1;
                if (r < 0)
                        return r;
                i += n;
        }

        if (s->n_systems > 0)
                return 0;
        fputs("Queries failed to find anything\n", stderr);
        return -ENOENT;
}

/*** Files ***/

/* Says it where it is seen. */
static void set_complain(const LogSet *s, const char *fmt, ...) _printf_(2, 3);
static void set_complain(const LogSet *s, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (n < 0)
                text = NULL;

        if (s->background)
                syslog(LOG_ERR, "%s", strempty(text));
        fprintf(stderr, "%s\n", strempty(text));
}

bool log_set_has_stdout(const LogSet *s) {
        for (size_t i = 0; i < s->n_targets; i++)
                if (streq(s->targets[i].name, "-"))
                        return true;
        return false;
}

static int target_open(const LogSet *s, LogTarget *t, bool again) {
        FILE *f;

        if (streq(t->name, "-")) {
                t->f = stdout;
                return 0;
        }
        f = fopen(t->name, "ae");
        if (!f) {
                int r = -errno;

                set_complain(s, "could not %s logfile %s: %s", again ? "reopen" : "open", t->name,
                                strerror(-r));
                return r;
        }

        if (t->f)
                (void) fclose(t->f);
        t->f = f;
        return 0;
}

void log_set_reopen(LogSet *s) {
        for (size_t i = 0; i < s->n_targets; i++)
                (void) target_open(s, &s->targets[i], true);
}

int log_set_open(LogSet *s, int interval) {
        int r;

        for (size_t i = 0; i < s->n_systems; i++) {
                LogSystem *system = &s->systems[i];
                LogTarget *target = &s->targets[system->target];

                printf("logging status of %s to %s (%is intervals)\n", system->spec, target->name, interval);
                (void) fflush(stdout);
                r = tool_client_connect(&system->client);
                if (r == -EINTR)
                        return r;
                if (r < 0)
                        fprintf(stderr, "Warning: initial connect failed: %s\n",
                                        strempty(system->client.why));
                if (!target->f) {
                        r = target_open(s, target, false);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static void target_write(LogSet *s, LogTarget *t, const char *line) {
        int r = 0;

        if (fprintf(t->f, "%s\n", line) < 0 || fflush(t->f) != 0) {
                r = -errno;
                /* Half a line that is kept would be written in front of a later one. */
                clearerr(t->f);
                __fpurge(t->f);
                s->lost_lines = true;
        }

        if (r < 0 && !t->failing)
                set_complain(s, "could not write to logfile %s: %s; trying on", t->name, strerror(-r));
        if (r >= 0 && t->failing)
                set_complain(s, "logfile %s can be written to again", t->name);
        t->failing = r < 0;
}

/*** Lines ***/

typedef struct Line {
        ToolClient *client;
        bool interrupted;
} Line;

static char *get_value(void *userdata, const char *variable) {
        Line *l = userdata;
        _cleanup_strv_free_ char **words = NULL;
        int r;

        if (!l->client->session || l->interrupted)
                return NULL;
        r = tool_client_ask(l->client, 4, &words, "GET", "VAR", l->client->ups, variable, NULL);
        if (r >= 0)
                return strdup(words[3]);

        /* What goes on there can only be told by connecting anew. */
        if (!words && r != -EINVAL)
                tool_client_leave(l->client);
        l->interrupted = r == -EINTR;
        return NULL;
}

static int system_write(LogSet *set, LogSystem *s, const LogFormat *format) {
        Line line = { .client = &s->client };
        LogSubject subject = { .ups_host = s->spec, .get = get_value, .userdata = &line };
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        if (!s->client.session && tool_client_connect(&s->client) == -EINTR)
                return -EINTR;

        f = open_memstream(&text, &size);
        if (!f)
                return 0;
        log_format_print(format, &subject, f);
        if (fclose(f) == 0 && !line.interrupted)
                target_write(set, &set->targets[s->target], text);
        return line.interrupted ? -EINTR : 0;
}

int log_set_write(LogSet *s, const LogFormat *format, bool leave) {
        for (size_t i = 0; i < s->n_systems; i++) {
                LogSystem *system = &s->systems[i];
                int r;

                r = system_write(s, system, format);
                if (r < 0)
                        return r;
                if (leave)
                        tool_client_leave(&system->client);
        }
        return 0;
}
