/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-auth.h"

#include <syslog.h>

#include "device-name.h"
#include "nut-protocol.h"
#include "parse-util.h"
#include "string-util.h"

/* Those of TLS come first, with the numbers of NutTlsKey. */
typedef enum AuthKey {
        AUTH_TLS,
        AUTH_USER = _NUT_TLS_KEY_MAX,
        AUTH_PASSWORD,
        _AUTH_KEPT,
        AUTH_OTHER = _AUTH_KEPT,
} AuthKey;

static const struct {
        const char *name;
        AuthKey key;
} auth_keys[] = {
        { "USER",           AUTH_USER                         },
        { "USERNAME",       AUTH_USER                         },
        { "PASS",           AUTH_PASSWORD                     },
        { "PASSWORD",       AUTH_PASSWORD                     },
        { "CERTPATH",       AUTH_TLS + NUT_TLS_CERT_PATH      },
        { "CERTFILE",       AUTH_TLS + NUT_TLS_CERT_FILE      },
        { "CERTIDENT_NAME", AUTH_TLS + NUT_TLS_IDENT_NAME     },
        { "CERTIDENT_PASS", AUTH_TLS + NUT_TLS_IDENT_PASSWORD },
        { "CERTHOST",       AUTH_TLS + NUT_TLS_CERT_HOST      },
        { "CERTVERIFY",     AUTH_TLS + NUT_TLS_VERIFY         },
        { "FORCESSL",       AUTH_TLS + NUT_TLS_FORCE          },
        { "SSLBACKEND",     AUTH_OTHER                        },
};

/* How closely a line is meant for the server asked about; the closest one counts. */
typedef enum AuthRank {
        RANK_NONE,
        RANK_GLOBAL,
        RANK_HOST,
        RANK_USER,
} AuthRank;

typedef struct AuthQuery {
        const char *host, *user;
        uint16_t port;
        char *values[_AUTH_KEPT], *places[_AUTH_KEPT];
        AuthRank ranks[_AUTH_KEPT];
} AuthQuery;

/* Any value may be a secret. */
static char *secret_free(char *s) {
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
        return NULL;
}

static void secret_freep(char **s) {
        *s = secret_free(*s);
}

void nut_credentials_done(NutCredentials *c) {
        free(c->user);
        secret_free(c->password);
        for (size_t i = 0; i < _NUT_TLS_KEY_MAX; i++) {
                secret_free(c->tls[i]);
                free(c->tls_places[i]);
        }
        *c = (NutCredentials) {};
}

static void auth_query_done(AuthQuery *q) {
        for (size_t i = 0; i < _AUTH_KEPT; i++) {
                secret_free(q->values[i]);
                free(q->places[i]);
        }
}

static bool host_matches(const AuthQuery *q, const char *s) {
        const char *colon = strrchr(s, ':'), *end;
        uint64_t port = NUT_PORT;
        char host[256];
        size_t n;

        /* [::1]:3493, host:3493, host; a bare IPv6 address has more than one colon and no port. */
        end = s + strlen(s);
        if (colon && (colon == strchr(s, ':') || colon[-1] == ']')) {
                if (colon[1] && parse_uint64(colon + 1, 1, UINT16_MAX, &port) < 0)
                        return false;
                end = colon;
        }
        if (*s == '[' && end > s + 1 && end[-1] == ']') {
                s++;
                end--;
        }
        if (port != q->port)
                return false;
        if (s == end)
                return strcaseeq(q->host, "localhost");

        n = (size_t) (end - s);
        if (n >= sizeof(host))
                return false;
        memcpy(host, s, n);
        host[n] = '\0';
        return host_equal(host, q->host);
}

/* *ret_user is what stands before the @ of a user section, else NULL; new memory. */
static AuthRank section_rank(const AuthQuery *q, const char *section, char **ret_user) {
        const char *at;
        char *user;

        *ret_user = NULL;
        if (isempty(section) || streq(section, "_global_defaults"))
                return RANK_GLOBAL;

        at = strrchr(section, '@');
        if (!host_matches(q, at ? at + 1 : section))
                return RANK_NONE;
        if (!at || at == section)
                return RANK_HOST;

        user = strndup(section, (size_t) (at - section));
        if (!user || (q->user && !streq(q->user, user))) {
                free(user);
                return RANK_NONE;
        }

        *ret_user = user;
        return RANK_USER;
}

static bool auth_key_find(const char *name, AuthKey *ret) {
        for (size_t i = 0; i < ELEMENTSOF(auth_keys); i++)
                if (strcaseeq(auth_keys[i].name, name)) {
                        *ret = auth_keys[i].key;
                        return true;
                }
        return false;
}

/* Keeps the value, which it owns from then on, unless a closer one is there. */
static int query_take(AuthQuery *q, const ConfLine *l, AuthKey key, AuthRank rank, char *value) {
        _cleanup_(secret_freep) char *owned = value;
        char *place;

        if (rank < q->ranks[key])
                return 0;
        place = strprintf("%s:%u", l->file, l->line);
        if (!place)
                return -ENOMEM;

        secret_free(q->values[key]);
        free(q->places[key]);
        q->values[key] = TAKE_PTR(owned);
        q->places[key] = place;
        q->ranks[key] = rank;
        return 0;
}

/* What is asked for security's sake holds also when it is misspelt, or has no value. */
static int read_safeguard(const ConfLine *l, ConfReport report, void *userdata, char **ret) {
        _cleanup_free_ char *value = NULL;
        bool b = true;
        int r;

        r = conf_line_value(l, &value);
        if (r == -ENOMEM)
                return r;
        if (!value || parse_boolean(value, &b) < 0)
                conf_line_report(l, report, userdata, LOG_ERR,
                                "%s wants yes or no, taking yes to be safe.", l->words[0]);

        *ret = strdup(b ? "yes" : "no");
        return *ret ? 0 : -ENOMEM;
}

static bool is_safeguard(AuthKey key) {
        return key == AUTH_TLS + NUT_TLS_VERIFY || key == AUTH_TLS + NUT_TLS_FORCE;
}

/* *ret is NULL when there is none, which is reported. */
static int read_value(const ConfLine *l, AuthKey key, ConfReport report, void *userdata, char **ret) {
        int r;

        if (is_safeguard(key))
                return read_safeguard(l, report, userdata, ret);

        r = conf_line_value(l, ret);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !*ret)
                conf_line_report(l, report, userdata, LOG_ERR, "%s wants a value.", l->words[0]);
        return 0;
}

static int query_take_line(AuthQuery *q, const ConfLine *l, ConfReport report, void *userdata) {
        _cleanup_(secret_freep) char *value = NULL;
        _cleanup_free_ char *user = NULL;
        AuthRank rank;
        AuthKey key;
        int r;

        if (!auth_key_find(l->words[0], &key)) {
                conf_line_report(l, report, userdata, LOG_ERR, "Unknown key %s.", l->words[0]);
                return 0;
        }

        rank = section_rank(q, l->section, &user);
        if (rank == RANK_NONE && is_safeguard(key))
                return 0;
        r = read_value(l, key, report, userdata, &value);
        if (r < 0 || !value || rank == RANK_NONE || key == AUTH_OTHER)
                return r;

        if (user) {
                /* Without a user asked for, the first section for the host says who we are. */
                if (q->ranks[AUTH_USER] == RANK_USER && !streq(q->values[AUTH_USER], user))
                        return 0;
                r = query_take(q, l, AUTH_USER, RANK_USER, TAKE_PTR(user));
                if (r < 0)
                        return r;
        }
        if (key != AUTH_USER || rank != RANK_USER)
                return query_take(q, l, key, rank, TAKE_PTR(value));
        return 0;
}

/* The places of NUT's search as a strv. */
static int default_paths(char ***ret) {
        _cleanup_strv_free_ char **paths = NULL;
        const char *file = getenv("NUT_AUTHCONF_FILE"), *directory = getenv("NUT_AUTHCONF_PATH");
        const char *home = getenv("HOME");
        int r = 0;

        if (!isempty(file))
                r = strv_extend(&paths, file);
        if (r >= 0 && !isempty(directory))
                r = strv_consume(&paths, strjoin(directory, "/nutauth.conf"));
        if (r >= 0 && !isempty(home))
                r = strv_consume(&paths, strjoin(home, "/.config/nut/nutauth.conf"));
        if (r >= 0 && !isempty(home))
                r = strv_consume(&paths, strjoin(home, "/.nutauth.conf"));
        if (r >= 0)
                r = strv_consume(&paths, conf_path("nutauth.conf"));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(paths);
        return 0;
}

/* Reads the first of the files that is there. */
static int load_first(char *const *paths, ConfReport report, void *userdata, Conf **ret) {
        STRV_FOREACH(path, paths) {
                _cleanup_(conf_freep) Conf *conf = NULL;
                int r;

                r = conf_load(*path, report, userdata, &conf);
                if (r < 0)
                        return r;
                if (conf_exists(conf)) {
                        *ret = TAKE_PTR(conf);
                        return 0;
                }
        }

        return -ENOENT;
}

int nut_credentials_load(const char *path, const char *host, uint16_t port, const char *user,
                ConfReport report, void *userdata, NutCredentials *ret) {
        _cleanup_(auth_query_done) AuthQuery q = { .host = host, .port = port, .user = user };
        _cleanup_strv_free_ char **paths = NULL;
        _cleanup_(conf_freep) Conf *conf = NULL;
        int r;

        r = path ? strv_extend(&paths, path) : default_paths(&paths);
        if (r < 0)
                return r;
        r = load_first(paths, report, userdata, &conf);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf_n_lines(conf); i++) {
                r = query_take_line(&q, conf_line(conf, i), report, userdata);
                if (r < 0)
                        return r;
        }

        *ret = (NutCredentials) { TAKE_PTR(q.values[AUTH_USER]), TAKE_PTR(q.values[AUTH_PASSWORD]) };
        for (size_t i = 0; i < _NUT_TLS_KEY_MAX; i++) {
                ret->tls[i] = TAKE_PTR(q.values[AUTH_TLS + i]);
                ret->tls_places[i] = TAKE_PTR(q.places[AUTH_TLS + i]);
        }
        return 0;
}
