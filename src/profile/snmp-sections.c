/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [profile], [probe], [lookup:NAME] and [traps]. */

#include <syslog.h>

#include "snmp-profile-internal.h"
#include "string-util.h"

#define TEXTS_MAX 64U
#define ORDER_MAX 100000

int snmp_loader_once(Loader *l, const ConfLine *line, const char *key) {
        SnmpLoader *loader = snmp_loader(l);
        _cleanup_free_ char *name = strjoin(line->section, " ", key);
        int r;

        if (!name)
                return -ENOMEM;
        if (strv_contains(loader->given, name))
                return loader_error(l, line, "%s stands here twice", key);

        r = strv_extend(&loader->given, name);
        return r < 0 ? r : 1;
}

static int add_mib(Loader *l, const ConfLine *line, const char *value) {
        SnmpProfile *p = snmp_loader_profile(l);

        if (isempty(value))
                return loader_error(l, line, "mib is empty");
        if (strv_find_nocase(p->mibs, value) >= 0)
                return loader_error(l, line, "\"%s\" stands here twice", value);
        if (strv_length(p->mibs) >= TEXTS_MAX)
                return loader_error(l, line, "There are at most %u lines mib = ...", TEXTS_MAX);
        return strv_extend(&p->mibs, value);
}

static int read_type(Loader *l, const ConfLine *line, const char *value) {
        if (isempty(value) || value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")])
                return loader_error(l, line, "A type is made of a-z, 0-9 and -: ups, pdu, ats, ...");
        return loader_text(l, line, value, &snmp_loader_profile(l)->type);
}

int snmp_loader_read_profile(Loader *l, const ConfLine *line) {
        static const char *const keys[] = {
                "engine", "title", "version", "vendor", "mib", "type", "order", NULL
        };
        SnmpProfile *p = snmp_loader_profile(l);
        const char *key = line->words[0], *value;
        int64_t order;
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;

        if (streq(key, "title"))
                return loader_text(l, line, value, &p->title);
        if (streq(key, "version"))
                return loader_text(l, line, value, &p->version);
        if (streq(key, "vendor"))
                return loader_text(l, line, value, &p->vendor);
        if (streq(key, "type"))
                return read_type(l, line, value);
        if (streq(key, "mib"))
                return add_mib(l, line, value);
        if (streq(key, "engine"))
                return streq(value, "snmp") ? 0
                        : loader_error(l, line, "There is no engine \"%s\" for this: write engine = snmp",
                                        value);
        if (!streq(key, "order"))
                return loader_error_unknown(l, line, "key", key, keys);
        if (p->order >= 0)
                return loader_error(l, line, "order stands here twice");

        r = loader_integer(l, line, key, value, 0, ORDER_MAX, &order);
        if (r > 0)
                p->order = (int) order;
        return MIN(r, 0);
}

static int add_sysobjectid(Loader *l, const ConfLine *line, const char *value) {
        SnmpProfile *p = snmp_loader_profile(l);
        SnmpOid oid, *grown;
        int r;

        if (p->n_sysobjectids >= TEXTS_MAX)
                return loader_error(l, line, "There are at most %u lines sysobjectid = ...", TEXTS_MAX);
        r = snmp_loader_oid(l, line, value, &oid, NULL);
        if (r <= 0)
                return r;

        for (size_t i = 0; i < p->n_sysobjectids; i++)
                if (snmp_oid_equal(&p->sysobjectids[i], &oid)) {
                        snmp_oid_done(&oid);
                        return loader_error(l, line, "\"%s\" stands here twice", value);
                }
        grown = reallocarray(p->sysobjectids, p->n_sysobjectids + 1, sizeof(*grown));
        if (!grown) {
                snmp_oid_done(&oid);
                return -ENOMEM;
        }
        p->sysobjectids = grown;
        grown[p->n_sysobjectids++] = oid;
        return 0;
}

int snmp_loader_read_probe(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "sysobjectid", "need", NULL };
        const char *key = line->words[0], *value;
        int r;

        if (streq(key, "need"))
                return snmp_loader_read_row(l, line, SNMP_ROW_NEED);
        if (!streq(key, "sysobjectid"))
                return loader_error_unknown(l, line, "key", key, keys);

        r = loader_value(l, line, &value);
        return r <= 0 ? r : add_sysobjectid(l, line, value);
}

/* The name of an object in front of a line stands for its identifier; other words are left as they are. */
int snmp_loader_read_lookup(Loader *l, const ConfLine *line, const char *name) {
        SnmpLoader *loader = snmp_loader(l);
        const char *word = line->words[0];
        _cleanup_free_ char **words = NULL;
        _cleanup_free_ char *text = NULL;
        ConfLine resolved = *line;
        SnmpOid oid = {};
        int r;

        if (!snmp_profile_has_object(loader->profile, word, strcspn(word, ".")))
                return loader_read_value_lookup(l, line, name);

        r = snmp_loader_oid(l, line, word, &oid, NULL);
        if (r <= 0)
                return r;
        text = snmp_oid_text(&oid);
        snmp_oid_done(&oid);
        words = new0(char *, line->n_words + 1);
        if (!text || !words)
                return -ENOMEM;
        memcpy(words, line->words, line->n_words * sizeof(char *));
        words[0] = text;
        resolved.words = words;
        if (!strv_contains(loader->oid_lookups, name)) {
                r = strv_extend(&loader->oid_lookups, name);
                if (r < 0)
                        return r;
        }
        return loader_read_value_lookup(l, &resolved, name);
}

static int parse_level(Loader *l, const ConfLine *line, const char *s, int *ret) {
        static const char *const levels[] = {
                [LOG_EMERG] = "emerg", [LOG_ALERT] = "alert", [LOG_CRIT] = "crit",
                [LOG_ERR] = "err", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
                [LOG_INFO] = "info", [LOG_DEBUG] = "debug", NULL
        };

        for (int i = 0; levels[i]; i++)
                if (streq(levels[i], s)) {
                        *ret = i;
                        return 1;
                }
        return loader_error_unknown(l, line, "level", s, levels);
}

static int add_trap(Loader *l, const ConfLine *line, void *userdata) {
        static const char *const names[] = { "level", NULL };
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        SnmpTrapText trap = { .level = LOG_NOTICE };
        int r;

        if (!line->assignment || line->n_words < 3 || (line->n_words > 3 &&
            (line->n_words != 6 || !streq(line->words[4], "="))) || isempty(line->words[2]))
                return loader_error(l, line, "A line of [traps] is OID = \"Text\", perhaps with level=NAME");
        if (line->n_words > 3) {
                r = streq(line->words[3], "level") ? parse_level(l, line, line->words[5], &trap.level)
                        : loader_error_unknown(l, line, "attribute", line->words[3], names);
                if (r <= 0)
                        return r;
        }
        if (p->n_traps >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u traps", PROFILE_ROWS_MAX);
        if (!GREEDY_REALLOC(p->traps, loader->traps_allocated, p->n_traps + 1))
                return -ENOMEM;
        r = snmp_loader_oid(l, line, line->words[0], &trap.oid, NULL);
        if (r <= 0)
                return r;

        trap.text = strdup(line->words[2]);
        p->traps[p->n_traps++] = trap;
        return trap.text ? 0 : -ENOMEM;
}

int snmp_loader_read_trap(Loader *l, const ConfLine *line) {
        return loader_each(l, line, add_trap, NULL);
}
