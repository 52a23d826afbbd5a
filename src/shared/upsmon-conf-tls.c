/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <syslog.h>

#include "device-name.h"
#include "parse-util.h"
#include "string-util.h"
#include "upsmon-conf-internal.h"

static void place_done(UpsmonPlace *p) {
        free(p->file);
        *p = (UpsmonPlace) {};
}

static int place_set(UpsmonPlace *p, const ConfLine *l) {
        char *file = strdup(l->file);

        if (!file)
                return -ENOMEM;

        place_done(p);
        *p = (UpsmonPlace) { file, l->line };
        return 0;
}

static void cert_host_done(UpsmonCertHost *h) {
        free(h->host);
        free(h->name);
        place_done(&h->place);
}

/* What is asked for security's sake holds also when it is misspelt, or left out. */
static bool boolean_or_strict(const DirectiveContext *c, const Directive *d, size_t i) {
        bool b;

        if (c->wrong)
                return true;
        if (i < c->line->n_words && parse_boolean(c->line->words[i], &b) >= 0)
                return b;

        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                        "%s wants 0 or 1 as value %zu, taking 1 to be safe", d->name, i);
        return true;
}

/* The name of a file, or of a credential of the service that reads it. */
static int apply_file(const DirectiveContext *c, const Directive *d, char **member, UpsmonPlace *place) {
        const char *s = c->line->words[1];
        int r;

        if (isempty(s))
                return directive_refuse(c, d, "wants the name of a file");

        r = place_set(place, c->line);
        return r < 0 ? r : free_and_strdup(member, s);
}

int upsmon_apply_cert_path(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;

        return apply_file(c, d, &conf->cert_path, &conf->cert_path_place);
}

int upsmon_apply_cert_file(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;

        return apply_file(c, d, &conf->cert_file, &conf->cert_file_place);
}

int upsmon_apply_cert_ident(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;
        _cleanup_free_ char *name = strdup(c->line->words[1]);
        char *password = strdup(c->line->words[2]);

        if (!name || !password || place_set(&conf->cert_ident_place, c->line) < 0) {
                upsmon_secret_free(password);
                return -ENOMEM;
        }

        free(conf->cert_ident_name);
        upsmon_secret_free(conf->cert_ident_password);
        conf->cert_ident_name = TAKE_PTR(name);
        conf->cert_ident_password = password;
        return 0;
}

/* Takes host, host:port, [address] or [address]:port. */
static int cert_host_set_host(UpsmonCertHost *h, const char *s) {
        const char *bracket = strchr(s, ']'), *colon = strchr(bracket ?: s, ':');
        uint16_t port;
        int r;

        r = host_split(s, &h->host, &port);
        if (r < 0)
                return r;
        if (!host_is_valid(h->host))
                return -EINVAL;

        /* More than one, without brackets, is an address. */
        if (colon && !strchr(colon + 1, ':'))
                h->port = port;
        return 0;
}

static int cert_host_set(UpsmonCertHost *h, const DirectiveContext *c, const Directive *d) {
        const char *name;
        int r;

        h->verify = boolean_or_strict(c, d, 3);
        h->force = boolean_or_strict(c, d, 4);
        r = place_set(&h->place, c->line);
        if (r < 0 || c->wrong)
                return r;

        r = cert_host_set_host(h, c->line->words[1]);
        if (r == -EINVAL) {
                free(h->host);
                h->host = NULL;
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "%s wants a host as HOST or HOST:PORT, taking the line for one about every "
                                "host that no other is about, to be safe", d->name);
                return 0;
        }
        if (r < 0)
                return r;

        name = c->line->words[2];
        if (isempty(name))
                return 0;
        h->name = strdup(name);
        return h->name ? 0 : -ENOMEM;
}

int upsmon_apply_cert_host(const DirectiveContext *c, const Directive *d) {
        _cleanup_(cert_host_done) UpsmonCertHost host = {};
        UpsmonConf *conf = c->settings;
        UpsmonCertHost *grown;
        int r;

        r = cert_host_set(&host, c, d);
        if (r < 0)
                return r;

        grown = reallocarray(conf->cert_hosts, conf->n_cert_hosts + 1, sizeof(UpsmonCertHost));
        if (!grown)
                return -ENOMEM;
        conf->cert_hosts = grown;

        grown[conf->n_cert_hosts++] = host;
        host = (UpsmonCertHost) {};
        return 0;
}

int upsmon_apply_cert_verify(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;

        conf->cert_verify = boolean_or_strict(c, d, 1);
        return place_set(&conf->cert_verify_place, c->line);
}

int upsmon_apply_force_ssl(const DirectiveContext *c, const Directive *d) {
        UpsmonConf *conf = c->settings;

        conf->force_ssl = boolean_or_strict(c, d, 1);
        return place_set(&conf->force_ssl_place, c->line);
}

void upsmon_certs_done(UpsmonConf *c) {
        for (size_t i = 0; i < c->n_cert_hosts; i++)
                cert_host_done(c->cert_hosts + i);
        free(c->cert_hosts);
        free(c->cert_path);
        free(c->cert_file);
        free(c->cert_ident_name);
        upsmon_secret_free(c->cert_ident_password);
        place_done(&c->cert_path_place);
        place_done(&c->cert_file_place);
        place_done(&c->cert_ident_place);
        place_done(&c->cert_verify_place);
        place_done(&c->force_ssl_place);
}

/* Whether a line that can be read is about that server. */
static bool cert_host_is_of(const UpsmonCertHost *h, const UpsmonSupply *s) {
        return h->host && (h->port == 0 || h->port == s->port) && host_equal(h->host, s->host);
}

const UpsmonCertHost *upsmon_conf_cert_host(const UpsmonConf *c, const UpsmonSupply *s) {
        const UpsmonCertHost *unread = NULL, *any = NULL, *exact = NULL;

        /* The last line holds, as of all directives. */
        for (size_t i = 0; i < c->n_cert_hosts; i++) {
                const UpsmonCertHost *h = c->cert_hosts + i;

                if (!h->host)
                        unread = h;
                else if (!cert_host_is_of(h, s))
                        continue;
                else if (h->port == s->port)
                        exact = h;
                else
                        any = h;
        }
        return exact ?: any ?: unread;
}

static bool cert_host_is_met(const UpsmonConf *c, const UpsmonCertHost *h) {
        for (size_t i = 0; i < c->n_supplies; i++)
                if (cert_host_is_of(h, c->supplies + i))
                        return true;
        return false;
}

void upsmon_certs_check(const UpsmonConf *c, ConfReport report, void *userdata) {
        for (size_t i = 0; i < c->n_cert_hosts; i++) {
                const UpsmonCertHost *h = c->cert_hosts + i;
                ConfLine place = { .file = h->place.file, .line = h->place.line };

                if (!h->host || cert_host_is_met(c, h))
                        continue;
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "CERTHOST: no MONITOR line is about %s%s, so the line protects nothing: "
                                "write the host as it is written there", h->host,
                                h->port ? " at that port" : "");
        }
}
