/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <pthread.h>
#include <stdio.h>

#include "string-util.h"
#include "upsclient-internal.h"

/* upscli_init() and upscli_add_host_cert() have no object: what they say counts for all connections of the
 * program, on whatever thread. This is the one place with variables of such a life. */

/* What was said of one host. */
typedef struct HostRule HostRule;
struct HostRule {
        char *host;
        char *certificate_name; /* may be NULL */
        bool verify, force_tls;
        HostRule *next;
};

typedef struct Settings {
        bool is_initialized, verify;
        char *path, *name, *password;
        TlsContext *contexts[2]; /* made when first wanted; the second one verifies */
        HostRule *rules;
} Settings;

static pthread_mutex_t settings_mutex = PTHREAD_MUTEX_INITIALIZER;
static Settings settings;

static Settings *settings_lock(void) {
        (void) pthread_mutex_lock(&settings_mutex);
        return &settings;
}

static void settings_unlockp(Settings **s) {
        (void) pthread_mutex_unlock(&settings_mutex);
}

static HostRule *host_rule_free(HostRule *rule) {
        if (!rule)
                return NULL;

        free(rule->host);
        free(rule->certificate_name);
        free(rule);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(HostRule *, host_rule_free);

/* All but the rules of hosts, which are for the life of the program. */
static void settings_clear(Settings *s) {
        for (size_t i = 0; i < ELEMENTSOF(s->contexts); i++)
                s->contexts[i] = tls_context_unref(s->contexts[i]);
        if (s->password)
                explicit_bzero(s->password, strlen(s->password));
        (void) free_and_strdup(&s->path, NULL);
        (void) free_and_strdup(&s->name, NULL);
        (void) free_and_strdup(&s->password, NULL);
        s->is_initialized = s->verify = false;
}

static void report(void *userdata, const char *file, const char *message) {
        fprintf(stderr, "libupsclient: %s: %s\n", file, message);
}

/* The context is the settings' own. */
static int settings_context(Settings *s, bool verify, TlsContext **ret) {
        TlsFiles files = { .path = s->path, .ident_name = s->name, .ident_password = s->password };
        int r;

        if (!s->contexts[verify]) {
                r = tls_context_new_client(&files, verify, report, NULL, &s->contexts[verify]);
                if (r < 0)
                        return r;
        }

        *ret = s->contexts[verify];
        return 0;
}

static int settings_fill(Settings *s, bool verify, const char *path, const char *name,
                const char *password) {
        TlsContext *c;
        int r;

        s->is_initialized = true;
        s->verify = verify;
        r = free_and_strdup(&s->path, isempty(path) ? NULL : path);
        if (r >= 0)
                r = free_and_strdup(&s->name, isempty(name) ? NULL : name);
        if (r >= 0)
                r = free_and_strdup(&s->password, password);
        /* Now is the time to complain; what is never wanted need not be good. */
        if (r >= 0 && (s->verify || s->name))
                r = settings_context(s, s->verify, &c);
        return r;
}

int upscli_init(int certverify, const char *certpath, const char *certname, const char *certpasswd) {
        _cleanup_(settings_unlockp) Settings *s = settings_lock();

        if (s->is_initialized) {
                fprintf(stderr, "upscli already initialized\n");
                return -1;
        }

        /* A connection may have been made without it. */
        settings_clear(s);
        if (settings_fill(s, certverify != 0, certpath, certname, certpasswd) < 0) {
                fprintf(stderr, "Can not initialize SSL context\n");
                settings_clear(s);
                return -1;
        }
        return 1;
}

int upscli_cleanup(void) {
        _cleanup_(settings_unlockp) Settings *s = settings_lock();

        settings_clear(s);
        return 1;
}

void upscli_add_host_cert(const char *hostname, const char *certname, int certverify, int forcessl) {
        _cleanup_(settings_unlockp) Settings *s = settings_lock();
        _cleanup_(host_rule_freep) HostRule *rule = NULL;

        if (isempty(hostname))
                return;
        rule = new0(HostRule, 1);
        if (!rule || free_and_strdup(&rule->host, hostname) < 0 ||
            free_and_strdup(&rule->certificate_name, isempty(certname) ? NULL : certname) < 0) {
                report(NULL, hostname, "There is no memory to note how to connect to it.");
                return;
        }
        rule->verify = certverify != 0;
        rule->force_tls = forcessl != 0;

        /* The newer one counts. */
        for (HostRule **p = &s->rules; *p; p = &(*p)->next)
                if (streq((*p)->host, hostname)) {
                        HostRule *old = *p;

                        rule->next = old->next;
                        *p = TAKE_PTR(rule);
                        (void) host_rule_free(old);
                        return;
                }
        rule->next = s->rules;
        s->rules = TAKE_PTR(rule);
}

int connection_rules_find(const char *host, int flags, ConnectionRules *ret) {
        _cleanup_(settings_unlockp) Settings *s = settings_lock();
        bool verify = s->verify || (flags & UPSCLI_CONN_CERTVERIF);
        ConnectionRules rules = {
                .try_tls = flags & UPSCLI_CONN_TRYSSL,
                .force_tls = flags & UPSCLI_CONN_REQSSL,
        };
        const char *name = NULL;
        TlsContext *c = NULL;
        int r;

        for (const HostRule *rule = s->rules; rule; rule = rule->next)
                if (streq(rule->host, host)) {
                        verify = rule->verify;
                        rules.force_tls = rule->force_tls;
                        name = rule->certificate_name;
                        break;
                }

        if (!rules.try_tls && !rules.force_tls) {
                *ret = rules;
                return 0;
        }
        /* A server without TLS has no certificate to be good. */
        rules.force_tls = rules.force_tls || verify;

        r = settings_context(s, verify, &c);
        if (r >= 0 && name) {
                rules.host = strdup(name);
                r = rules.host ? 0 : -ENOMEM;
        }
        if (r < 0)
                return r;

        rules.context = tls_context_ref(c);
        *ret = rules;
        return 0;
}

void connection_rules_done(ConnectionRules *rules) {
        rules->context = tls_context_unref(rules->context);
        free(rules->host);
        rules->host = NULL;
}
