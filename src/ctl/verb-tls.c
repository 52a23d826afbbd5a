/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verb-tls.h"

#include <stdio.h>
#include <time.h>

#include "json.h"
#include "string-util.h"
#include "text.h"
#include "tls-info.h"
#include "tls-store.h"

#define DAY INT64_C(86400)

/* Enough time for whoever sees it to do something. */
#define WARNING_DAYS 30

/* Where certificates are shown. */
typedef struct Show {
        Ctl *ctl;
        Table *table;
        Json json;
        int64_t now;
        unsigned n, n_bad;
} Show;

static void on_report(void *userdata, const char *file, const char *message) {
        ctl_error(0, "%s: %s", file, message);
}

static const char *kind_of(const TlsInfo *info) {
        if (info->authority)
                return "authority";
        return info->server && info->client ? "server, client" : info->server ? "server" : "client";
}

/* Whole days; 0 on the last one, negative afterwards. */
static int64_t days_left(const TlsInfo *info, int64_t now) {
        int64_t left = info->end - now;

        return left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
}

static void format_date(char *buffer, size_t size, int64_t seconds) {
        time_t t = (time_t) seconds;
        struct tm tm;

        if (!gmtime_r(&t, &tm) || strftime(buffer, size, "%Y-%m-%d", &tm) == 0)
                (void) snprintf(buffer, size, "?");
}

static void put_json(Show *show, const char *file, const TlsInfo *info) {
        Json *j = &show->json;

        json_object(j, NULL);
        json_string(j, "file", file);
        json_string(j, "kind", kind_of(info));
        json_string(j, "name", info->name);
        json_string(j, "issuer", info->issuer);
        json_strv(j, "names", info->names);
        json_integer(j, "begin_usec", info->begin * 1000000);
        json_integer(j, "end_usec", info->end * 1000000);
        json_integer(j, "days_left", days_left(info, show->now));
        json_object_end(j);
}

static void put_row(Show *show, const char *file, const TlsInfo *info) {
        _cleanup_free_ char *names = strv_join(info->names, " ");
        int64_t days = days_left(info, show->now);
        bool valid = show->now >= info->begin && show->now <= info->end;
        char begin[32], end[32];

        format_date(begin, sizeof(begin), info->begin);
        format_date(end, sizeof(end), info->end);
        table_add(show->table, COLOR_BOLD, info->name);
        table_add(show->table, COLOR_NONE, kind_of(info));
        table_add(show->table, COLOR_NONE, info->issuer);
        table_add(show->table, COLOR_NONE, begin);
        table_add(show->table, COLOR_NONE, end);
        table_addf(show->table,
                !valid                ? COLOR_BAD
                : days < WARNING_DAYS ? COLOR_WARNING
                                      : COLOR_GOOD,
                "%lld", (long long) days);
        table_add(show->table, COLOR_NONE, isempty(names) ? "-" : names);
        table_add(show->table, COLOR_FAINT, file);
}

/* How to renew the certificate in a file, if it is of a directory that "init" has filled. */
static char *how_to_renew(const char *file) {
        _cleanup_free_ char *directory = strdup(file), *key = NULL, *usual = tls_store_path(NULL);
        const char *slash;

        if (!directory || !usual)
                return NULL;
        for (int i = 0; i < 2; i++) {
                char *end = strrchr(directory, '/');

                if (!end)
                        return strdup("");
                *end = '\0';
                slash = strrchr(directory, '/');
                if (!streq(slash ? slash + 1 : directory, TLS_STORE_CLIENTS))
                        break;
        }

        key = strjoin(directory, "/" TLS_STORE_CA_KEY);
        if (!key || (access(key, F_OK) < 0 && errno == ENOENT))
                return key ? strdup("") : NULL;
        if (streq(directory, usual))
                return strdup(" \"busbarctl tls init --renew\" makes a new one.");
        return strprintf(" \"busbarctl tls init --renew --directory=%s\" makes a new one.", directory);
}

/* After all else, where it is seen. */
static void warn(Show *show, const char *file, const TlsInfo *info) {
        int64_t days = days_left(info, show->now);
        _cleanup_free_ char *how = how_to_renew(file);

        if (show->now < info->begin)
                ctl_error(0, "%s: The certificate of \"%s\" is not valid yet. Is the clock right?", file,
                          info->name);
        else if (show->now > info->end)
                ctl_error(0,
                        "%s: The certificate of \"%s\" has expired.%s", file, info->name, strempty(how));
        else if (days < WARNING_DAYS)
                ctl_error(0, "%s: The certificate of \"%s\" expires in %lld day%s.%s", file, info->name,
                          (long long) days, days == 1 ? "" : "s", strempty(how));
        else
                return;

        show->n_bad++;
}

/* Shows the first certificate of a file, whose it is; the others are the authorities of that one. */
static int show_file(Show *show, const char *file) {
        TlsInfo *l;
        size_t n;
        int r;

        r = tls_info_read(file, on_report, NULL, &l, &n);
        if (r < 0)
                return r;
        if (n == 0)
                return ctl_error(-EINVAL, "%s: It holds no certificate in PEM form.", file);

        if (show->ctl->json)
                put_json(show, file, &l[0]);
        else
                put_row(show, file, &l[0]);
        warn(show, file, &l[0]);
        show->n++;
        tls_info_free(l, n);
        return 0;
}

static int show_clients(Show *show, const char *path) {
        _cleanup_strv_free_ char **names = NULL;
        int r, first;

        first = tls_store_list_clients(path, &names);
        if (first < 0)
                return ctl_error(first, "Cannot read %s/" TLS_STORE_CLIENTS ": %s.", path, strerror(-first));

        STRV_FOREACH(name, names) {
                _cleanup_free_ char *file = strjoin(path, "/" TLS_STORE_CLIENTS "/", *name, ".pem");

                r = file ? show_file(show, file) : -ENOMEM;
                first = first < 0 ? first : r;
        }
        return first;
}

/* All of the directory that "init" fills. */
static int show_store(Show *show) {
        static const char *const names[] = { TLS_STORE_CA, TLS_STORE_SERVER };
        _cleanup_free_ char *path = tls_store_path(show->ctl->directory);
        int r, first = 0;

        if (!path)
                return -ENOMEM;
        if (access(path, F_OK) < 0)
                return ctl_error(-errno, "Cannot read %s: %s. \"busbarctl tls init\" makes certificates.",
                        path, strerror(errno));

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *file = strjoin(path, "/", names[i]);

                r = file ? show_file(show, file) : -ENOMEM;
                first = first < 0 ? first : r;
        }

        r = show_clients(show, path);
        return first < 0 ? first : r;
}

static int show_all(Show *show, char **files) {
        int r, first = 0;

        if (!files[0])
                return show_store(show);

        STRV_FOREACH(file, files) {
                r = show_file(show, *file);
                first = first < 0 ? first : r;
        }
        return first;
}

static int verb_tls_show(Ctl *c, char **files) {
        _cleanup_(table_freep) Table *t = table_new(8);
        Show show = { .ctl = c, .table = t, .json = { .f = stdout }, .now = time(NULL) };
        int r, k;

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (c->json)
                json_array(&show.json, NULL);
        else if (c->terminal)
                table_add_titles(t, "NAME", "KIND", "AUTHORITY", "FROM", "UNTIL", "DAYS", "FOR", "FILE");

        table_align_right(t, 5);
        r = show_all(&show, files);

        if (c->json) {
                json_array_end(&show.json);
                k = json_finish(&show.json);
        } else
                k = show.n > 0 ? table_print(t, stdout, c->terminal, c->color) : 0;
        if (r == -ENOMEM || k == -ENOMEM)
                return ctl_error(-ENOMEM, "Out of memory.");

        return r < 0 ? r : k < 0 ? k : show.n_bad > 0 ? -EKEYEXPIRED : 0;
}

int verb_tls(Ctl *c, char **args) {
        if (args[0] && streq(args[0], "init"))
                return verb_tls_init(c, args + 1);
        if (!args[0] || streq(args[0], "show")) {
                if (!(c->given & ~CTL_OPTION_DIRECTORY))
                        return verb_tls_show(c, args[0] ? args + 1 : args);
                ctl_error(0, "Of the options of this verb, \"tls show\" takes --directory alone.");
                return CTL_EXIT_USAGE;
        }

        ctl_error(0, "Usage: busbarctl tls init [CLIENT...] | show [FILE...]");
        return CTL_EXIT_USAGE;
}
