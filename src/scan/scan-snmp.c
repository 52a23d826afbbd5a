/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include "snmp-engine.h"
#include "string-util.h"

/* Each host is asked for sysObjectID by version 1 and by version 2c at the same time (or by version 3
 * alone), and what answers is then looked at by the same detection that the driver has. */

/* Objects that may say what a device is called, of which so many are asked. */
#define NAMES_MAX 6U

typedef enum Try {
        TRY_FIRST,  /* version 1, or 3 */
        TRY_SECOND, /* version 2c */
        _TRY_MAX,
} Try;

typedef struct SnmpSearch {
        ScanSearch head;
        Scan *scan;
        SnmpNet *net;
        SnmpProfiles profiles;
        ScanWalk *walk;
} SnmpSearch;

typedef struct SnmpProbe {
        ScanProbe head;
        SnmpSearch *search;
        SnmpLink *links[_TRY_MAX];
        bool over[_TRY_MAX], answers[_TRY_MAX];
        Try chosen;
        SnmpDetection *detection;
        SnmpProfile *profile;
        char *description;
        size_t n_names; /* objects that were asked for it */
} SnmpProbe;

static const uint32_t sys_object_id[] = { 1, 3, 6, 1, 2, 1, 1, 2, 0 };

static SnmpCredentials credentials_of(const Scan *s, Try t) {
        SnmpCredentials c = s->settings->snmp;

        if (c.version != SNMP_V3) {
                c.version = t == TRY_FIRST ? SNMP_V1 : SNMP_V2C;
                c.community = c.community ?: "public";
        } else {
                c.auth_protocol = c.auth_protocol ?: "MD5";
                c.priv_protocol = c.priv_protocol ?: "DES";
        }
        return c;
}

/*** What was found ***/

static int add_user(ScanDevice *d, const SnmpCredentials *c) {
        static const char *const levels[] = {
                [SNMP_LEVEL_NO_AUTH] = "noAuthNoPriv",
                [SNMP_LEVEL_AUTH] = "authNoPriv",
                [SNMP_LEVEL_PRIV] = "authPriv",
        };
        const struct {
                const char *name, *value;
        } options[] = {
                { "snmp_version", "v3"             },
                { "secLevel",     levels[c->level] },
                { "secName",      c->user          },
                { "authPassword", c->auth_password },
                { "privPassword", c->priv_password },
                { "authProtocol", c->auth_protocol },
                { "privProtocol", c->priv_protocol },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(options) && r >= 0; i++)
                r = scan_device_add(d, options[i].name, options[i].value, NULL);
        return r;
}

static int add_community(ScanDevice *d, const SnmpCredentials *c) {
        int r = 0;

        /* Version 1 is what the driver takes where nothing is said. */
        if (c->version == SNMP_V2C)
                r = scan_device_add(d, "snmp_version", "v2c", NULL);
        return r < 0 ? r : scan_device_add(d, "community", c->community, NULL);
}

static char *port_text(const Scan *s, const char *address) {
        bool brackets = strchr(address, ':');
        uint16_t port = s->settings->snmp_port;

        if (port != 0 && port != SCAN_SNMP_PORT)
                return strprintf("%s%s%s:%u", brackets ? "[" : "", address, brackets ? "]" : "", port);
        return strprintf("%s%s%s", brackets ? "udp6:[" : "", address, brackets ? "]" : "");
}

static int add(SnmpProbe *p) {
        Scan *s = p->search->scan;
        SnmpCredentials c = credentials_of(s, p->chosen);
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        _cleanup_free_ char *port = port_text(s, p->head.address);
        int r = port ? scan_device_new(SCAN_SNMP, "snmp-ups", port, &d) : -ENOMEM;

        if (r < 0)
                return r;
        d->order = p->head.order;
        r = scan_device_add(d, "desc", isempty(p->description) ? NULL : p->description, NULL);
        if (r >= 0)
                r = scan_device_add(
                        d, "mibs", strv_length(p->profile->mibs) > 0 ? p->profile->mibs[0] : NULL, NULL);
        if (r >= 0)
                r = c.version == SNMP_V3 ? add_user(d, &s->settings->snmp) : add_community(d, &c);
        return r < 0 ? r : scan_devices_add(&s->devices, TAKE_PTR(d));
}

static void finish(SnmpProbe *p) {
        if (p->profile)
                (void) add(p);
        scan_probe_over(&p->head);
}

/*** What it calls itself ***/

static const SnmpOid *object_of(const SnmpRow *row) {
        const SnmpSelector *selector = &row->expression.selector;

        return row->table == SNMP_NO_TABLE && selector->source == SNMP_SOURCE_OBJECT &&
                selector->object.n_parts == 1 && selector->object.parts[0].table == SNMP_NO_TABLE ?
                &selector->object.parts[0].ids : NULL;
}

/* Object i that may say it: what the profile is told by, then where it has the model, then the maker. */
static const SnmpOid *name_object(const SnmpProfile *profile, size_t i) {
        static const char *const names[] = { "ups.model", "device.model", "ups.mfr", "device.mfr" };
        const SnmpOid *oid;

        for (size_t k = 0; k < profile->n_rows[SNMP_ROW_NEED]; k++) {
                oid = object_of(profile->rows[SNMP_ROW_NEED] + k);
                if (oid && i-- == 0)
                        return oid;
        }
        for (size_t n = 0; n < ELEMENTSOF(names); n++)
                for (size_t k = 0; k < profile->n_rows[SNMP_ROW_VARIABLE]; k++) {
                        const SnmpRow *row = profile->rows[SNMP_ROW_VARIABLE] + k;

                        oid = streq(row->name, names[n]) ? object_of(row) : NULL;
                        if (oid && i-- == 0)
                                return oid;
                }
        return NULL;
}

static void ask_name(SnmpProbe *p);

static void on_name(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        SnmpProbe *p = userdata;
        const SnmpValue *v = r >= 0 && reply->status == SNMP_STATUS_OK && reply->n_values == 1 ?
                reply->values : NULL;
        char *text;

        if (r < 0 || !v || v->type != SNMP_TYPE_STRING || v->n_bytes == 0) {
                ask_name(p);
                return;
        }
        text = strndup((const char *) v->bytes, v->n_bytes);
        if (text) {
                free(p->description);
                p->description = text;
        }
        finish(p);
}

/* When nothing says it, what the agent says of itself has to do. */
static void ask_name(SnmpProbe *p) {
        const SnmpOid *oid = p->n_names < NAMES_MAX ? name_object(p->profile, p->n_names++) : NULL;
        const SnmpRequest request = { .operation = SNMP_GET, .oids = oid, .n = 1 };

        if (!oid || snmp_link_request(p->links[p->chosen], &request, on_name, p) < 0)
                finish(p);
}

/*** Its profile ***/

static void on_detected(int r, SnmpProfile *profile, const SnmpIdentity *identity, const char *why,
                void *userdata) {
        SnmpProbe *p = userdata;
        Scan *s = p->search->scan;

        if (r < 0) {
                scan_say(s, LOG_NOTICE, SCAN_SNMP, "%s speaks SNMP, but %s", p->head.address,
                                why ?: strerror(-r));
                finish(p);
                return;
        }
        p->profile = profile;
        p->description = identity->description ? strdup(identity->description) : NULL;
        /* What it said is its own. */
        p->detection = snmp_detection_free(p->detection);
        ask_name(p);
}

/* Once both are over, or the better one has answered. */
static void choose(SnmpProbe *p) {
        Scan *s = p->search->scan;

        if (!p->over[TRY_FIRST] || (!p->answers[TRY_FIRST] && !p->over[TRY_SECOND]))
                return;
        if (!p->answers[TRY_FIRST] && !p->answers[TRY_SECOND]) {
                finish(p);
                return;
        }
        p->chosen = p->answers[TRY_FIRST] ? TRY_FIRST : TRY_SECOND;
        if (p->links[!p->chosen])
                snmp_link_cancel(p->links[!p->chosen]);
        if (snmp_detect(p->links[p->chosen], s->event, &p->search->profiles, NULL, on_detected, p,
                        &p->detection) < 0)
                finish(p);
}

static void on_answer(SnmpProbe *p, Try t, int r) {
        p->over[t] = true;
        p->answers[t] = r >= 0;
        if (r == -EACCES && t == TRY_FIRST)
                scan_say(p->search->scan, LOG_NOTICE, SCAN_SNMP, "%s refuses us: %s", p->head.address,
                                strempty(snmp_link_why(p->links[t])));
        choose(p);
}

static void on_first(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        on_answer(userdata, TRY_FIRST, r);
}

static void on_second(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        on_answer(userdata, TRY_SECOND, r);
}

static int try(SnmpProbe *p, Try t) {
        static const SnmpDone done[_TRY_MAX] = { on_first, on_second };
        Scan *s = p->search->scan;
        SnmpCredentials c = credentials_of(s, t);
        const SnmpOid oid = { (uint32_t *) (uintptr_t) sys_object_id, ELEMENTSOF(sys_object_id) };
        const SnmpRequest request = { .operation = SNMP_GET, .oids = &oid, .n = 1 };
        /* An attempt may be lost. */
        const SnmpNetOptions options = {.timeout_usec = MAX(scan_timeout(s) / 2, UINT64_C(1)), .retries = 1};
        _cleanup_free_ char *peer = port_text(s, p->head.address), *why = NULL;
        int r = peer ? snmp_net_open(p->search->net, peer, &c, &options, &p->links[t], &why) : -ENOMEM;

        return r < 0 ? r : snmp_link_request(p->links[t], &request, done[t], p);
}

static int ask(ScanProbe *head, void *userdata) {
        SnmpProbe *p = (SnmpProbe *) head;
        int r;

        p->search = userdata;
        r = try(p, TRY_FIRST);
        if (r >= 0 && p->search->scan->settings->snmp.version != SNMP_V3)
                return try(p, TRY_SECOND);
        p->over[TRY_SECOND] = true;
        return r;
}

static void probe_done(ScanProbe *head) {
        SnmpProbe *p = (SnmpProbe *) head;

        p->detection = snmp_detection_free(p->detection);
        for (size_t i = 0; i < _TRY_MAX; i++)
                p->links[i] = snmp_link_free(p->links[i]);
        snmp_profile_unref(p->profile);
        p->profile = NULL;
        free(p->description);
        p->description = NULL;
}

/*** The search ***/

static void on_walked(void *userdata) {
        SnmpSearch *search = userdata;

        scan_search_over(&search->head);
}

static void search_free(ScanSearch *head) {
        SnmpSearch *search = (SnmpSearch *) head;

        scan_walk_free(search->walk);
        snmp_net_free(search->net);
        snmp_profiles_done(&search->profiles);
        free(search);
}

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        scan_say(userdata, level, SCAN_SNMP, "%s:%u: %s", file, line, message);
}

/* Credentials that make no sense are so for all hosts. */
static int check_credentials(SnmpSearch *search) {
        Scan *s = search->scan;
        SnmpCredentials c = credentials_of(s, TRY_FIRST);
        const SnmpNetOptions options = {};
        SnmpLink *link = NULL;
        int r = snmp_net_open(search->net, "127.0.0.1", &c, &options, &link, &s->why);

        snmp_link_free(link);
        return r;
}

static int prepare(SnmpSearch *search) {
        Scan *s = search->scan;
        int r = snmp_net_new(s->event, &search->net);

        if (r >= 0)
                r = check_credentials(search);
        if (r >= 0)
                r = snmp_profiles_load(report, s, &search->profiles);
        return r;
}

static int begin(Scan *s, ScanSearch **ret) {
        static const ScanWalkOps ops = {
                .probe_size = sizeof(SnmpProbe),
                .ask = ask,
                .done = probe_done,
                .over = on_walked,
        };
        SnmpSearch *search = new0(SnmpSearch, 1);
        int r;

        if (!search)
                return -ENOMEM;
        search->scan = s;
        r = prepare(search);
        if (r >= 0)
                r = scan_walk_new(s, s->settings->ranges, scan_parallel(s, 2), &ops, search, &search->walk);
        if (r <= 0) {
                search_free(&search->head);
                return r;
        }
        *ret = &search->head;
        return 1;
}

const ScanSearchOps scan_snmp_ops = { .kind = SCAN_SNMP, .begin = begin, .free = search_free };
