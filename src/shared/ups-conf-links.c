/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ups-conf-links.h"

#include "string-util.h"

/* Whether a server must be spoken to in cipher only. */
static bool must_encrypt(const UpsmonConf *m, const UpsmonSupply *s) {
        for (size_t i = 0; i < m->n_cert_hosts; i++)
                if (strcaseeq(m->cert_hosts[i].host, s->host))
                        return m->cert_hosts[i].force;
        return m->force_ssl;
}

static bool option_set(UpsOption *o, const UpsmonSupply *s, const char *key, const char *value) {
        *o = (UpsOption) {
                .key = strdup(key),
                .value = strdup(value),
                .file = strdup(s->file),
                .line = s->line,
        };
        return o->key && o->value && o->file;
}

/* Fills a section whose owner frees what there is of it. */
static int section_set(UpsSection *section, const UpsmonConf *m, const UpsmonSupply *s) {
        const struct {
                const char *key, *value;
                bool wanted;
        } options[] = {
                { "mode",     "repeater", true },
                { "username", s->user, !isempty(s->user) },
                { "password", s->password, !isempty(s->user) },
                { "login",    s->primary ? "primary" : "secondary", !isempty(s->user) },
                { "forcessl", "yes", must_encrypt(m, s) },
        };

        *section = (UpsSection) {
                .name = strdup(s->device),
                .driver = strdup(LINK_DRIVER),
                .port = strdup(s->device),
                .options = new0(UpsOption, ELEMENTSOF(options)),
                .file = strdup(s->file),
                .line = s->line,
        };
        if (!section->name || !section->driver || !section->port || !section->options || !section->file)
                return -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].wanted &&
                    !option_set(section->options + section->n_options++, s, options[i].key,
                                options[i].value))
                        return -ENOMEM;
        return 0;
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
