/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ups-conf-links.h"

#include "string-util.h"

#define LINK_OPTIONS_MAX 12U

/* Adds an option; value NULL: there is none. Frees nothing, as the section has an owner. */
static int section_add(UpsSection *section, const char *key, const char *value, const char *file,
                unsigned line) {
        UpsOption *o;

        if (!value)
                return 0;

        assert(section->n_options < LINK_OPTIONS_MAX);
        o = section->options + section->n_options++;
        *o = (UpsOption) {
                .key = strdup(key),
                .value = strdup(value),
                .file = strdup(file),
                .line = line,
        };
        return o->key && o->value && o->file ? 0 : -ENOMEM;
}

/* How the server is spoken to, and who it must be. */
static int section_add_tls(UpsSection *section, const UpsmonConf *m, const UpsmonSupply *s) {
        const UpsmonCertHost *h = upsmon_conf_cert_host(m, s);
        const UpsmonPlace *verify = h ? &h->place : &m->cert_verify_place;
        const UpsmonPlace *force = h ? &h->place : &m->force_ssl_place;
        const struct {
                const char *key, *value;
                const UpsmonPlace *place;
        } options[] = {
                { "ssl",            h ? "yes" : NULL,                                verify               },
                { "forcessl",       (h ? h->force : m->force_ssl) ? "yes" : NULL,    force                },
                { "certverify",     (h ? h->verify : m->cert_verify) ? "yes" : NULL, verify               },
                { "certhost",       h ? h->name : NULL,                              verify               },
                { "certpath",       m->cert_path,                                    &m->cert_path_place  },
                { "certfile",       m->cert_file,                                    &m->cert_file_place  },
                { "certident_name", m->cert_ident_name,                              &m->cert_ident_place },
                { "certident_pass", m->cert_ident_password,                          &m->cert_ident_place },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(options); i++)
                r = section_add(section, options[i].key, options[i].value, options[i].place->file,
                                options[i].place->line);
        return r;
}

/* Fills a section whose owner frees what there is of it. */
static int section_set(UpsSection *section, const UpsmonConf *m, const UpsmonSupply *s) {
        bool named = !isempty(s->user);
        const struct {
                const char *key, *value;
        } options[] = {
                { "mode",     "repeater"                                           },
                { "username", named ? s->user : NULL                               },
                { "password", named ? s->password : NULL                           },
                { "login",    !named ? NULL : s->primary ? "primary" : "secondary" },
        };
        int r = 0;

        *section = (UpsSection) {
                .name = strdup(s->device),
                .driver = strdup(LINK_DRIVER),
                .port = strdup(s->device),
                .options = new0(UpsOption, LINK_OPTIONS_MAX),
                .file = strdup(s->file),
                .line = s->line,
        };
        if (!section->name || !section->driver || !section->port || !section->options || !section->file)
                return -ENOMEM;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(options); i++)
                r = section_add(section, options[i].key, options[i].value, s->file, s->line);
        return r < 0 ? r : section_add_tls(section, m, s);
}

int ups_conf_add_links(UpsConf *c, const UpsmonConf *m) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                UpsSection *grown;
                int r;

                if (m->supplies[i].local)
                        continue;

                grown = reallocarray(c->sections, c->n_sections + 1, sizeof(UpsSection));
                if (!grown)
                        return -ENOMEM;

                c->sections = grown;
                r = section_set(grown + c->n_sections++, m, m->supplies + i);
                if (r < 0)
                        return r;
        }

        return 0;
}
