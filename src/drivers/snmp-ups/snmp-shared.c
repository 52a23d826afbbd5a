/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-shared.h"

#include <glob.h>
#include <sys/stat.h>

#include "hash-util.h"
#include "profile-loader.h"
#include "string-util.h"
#include "time-util.h"

#define PROFILES "snmp"
/* Hundreds of devices start together. */
#define LOOK_USEC (2 * USEC_PER_SEC)

static uint64_t hash_text(uint64_t hash, const char *s) {
        return hash_part(hash, s, strlen(s));
}

SnmpProfileSet *snmp_profile_set_ref(SnmpProfileSet *s) {
        s->n_ref++;
        return s;
}

SnmpProfileSet *snmp_profile_set_unref(SnmpProfileSet *s) {
        if (!s || --s->n_ref > 0)
                return NULL;

        snmp_profiles_done(&s->profiles);
        free(s);
        return NULL;
}

SnmpProfile *snmp_profile_set_find(const SnmpProfileSet *s, const char *id) {
        for (size_t i = 0; i < s->profiles.n_profiles; i++)
                if (streq(s->profiles.profiles[i]->id, id))
                        return s->profiles.profiles[i];
        return NULL;
}

static uint64_t profiles_mark(const SnmpProfiles *p) {
        uint64_t hash = HASH_BEGIN;

        for (size_t i = 0; i < p->n_profiles; i++) {
                hash = hash_text(hash, p->profiles[i]->id);
                hash = hash_bytes(hash, &p->profiles[i]->hash, sizeof(p->profiles[i]->hash));
        }
        return hash;
}

static uint64_t stamp_file(uint64_t hash, const char *path) {
        struct stat st;

        if (stat(path, &st) < 0)
                return hash;
        hash = hash_text(hash, path);
        hash = hash_bytes(hash, &st.st_ino, sizeof(st.st_ino));
        hash = hash_bytes(hash, &st.st_size, sizeof(st.st_size));
        hash = hash_bytes(hash, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
        return hash_bytes(hash, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
}

/* Of all files that a profile can be made of. */
static int profiles_stamp(uint64_t *ret) {
        _cleanup_strv_free_ char **parents = NULL;
        uint64_t hash = HASH_BEGIN;
        int r;

        r = loader_parents(&parents);
        if (r < 0)
                return r;

        STRV_FOREACH(parent, parents) {
                _cleanup_free_ char *pattern = strjoin(*parent, "/" PROFILES "/*");
                glob_t found = {};

                if (!pattern)
                        return -ENOMEM;
                if (glob(pattern, 0, NULL, &found) == 0)
                        for (size_t i = 0; i < found.gl_pathc; i++)
                                hash = stamp_file(hash, found.gl_pathv[i]);
                globfree(&found);
        }

        *ret = hash;
        return 0;
}

static int profile_set_load(uint64_t stamp, SnmpProfileSet **ret) {
        _cleanup_(snmp_profile_set_unrefp) SnmpProfileSet *s = new0(SnmpProfileSet, 1);
        int r;

        if (!s)
                return -ENOMEM;
        s->n_ref = 1;
        s->stamp = stamp;

        r = snmp_profiles_load(conf_report_log, NULL, &s->profiles);
        if (r < 0)
                return r;
        if (s->profiles.n_profiles == 0)
                return -ENOPKG;

        s->mark = profiles_mark(&s->profiles);
        *ret = TAKE_PTR(s);
        return 0;
}

static int look_at_profiles(SnmpShared *s) {
        SnmpProfileSet *set;
        uint64_t stamp;
        int r;

        r = profiles_stamp(&stamp);
        if (r < 0 || (s->profiles && s->profiles->stamp == stamp))
                return r;

        r = profile_set_load(stamp, &set);
        if (r < 0)
                return r;
        snmp_profile_set_unref(s->profiles);
        s->profiles = set;
        return 0;
}

int snmp_shared_profiles(SnmpShared *s, SnmpProfileSet **ret) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        int r = 0;

        if (!s->profiles || now >= usec_add(s->looked_usec, LOOK_USEC)) {
                r = look_at_profiles(s);
                s->looked_usec = now;
        }
        /* Old ones are better than none. */
        if (!s->profiles)
                return r < 0 ? r : -ENOPKG;

        *ret = snmp_profile_set_ref(s->profiles);
        return 0;
}

static bool is_known(const struct sockaddr *from, void *userdata) {
        const SnmpShared *s = userdata;

        for (const SnmpListener *l = s->listeners; l; l = l->next)
                if (l->link && snmp_net_is_from(l->link, from))
                        return true;
        return false;
}

/* An address may be that of several devices, which differ by port or community. */
static void on_trap(const struct sockaddr *from, const SnmpOid *oid, void *userdata) {
        const SnmpShared *s = userdata;

        for (SnmpListener *l = s->listeners, *next; l; l = next) {
                next = l->next;
                if (l->link && snmp_net_is_from(l->link, from))
                        l->trapped(l, oid);
        }
}

static SnmpTrapSink trap_sink(SnmpShared *s) {
        return (SnmpTrapSink){ is_known, on_trap, s };
}

SnmpShared *snmp_shared_get(Device *d) {
        SnmpShared *s = device_shared(d);
        SnmpTrapSink sink;
        int r;

        if (!s)
                return NULL;
        sink = trap_sink(s);
        if (!s->event)
                s->event = sd_event_ref(device_event(d));
        if (!s->net) {
                r = snmp_net_new(s->event, &s->net);
                if (r < 0)
                        return NULL;
        }
        if (!s->passed) {
                s->passed = true;
                r = snmp_trap_ports_take_passed(&s->ports, s->event, &sink);
                if (r < 0)
                        (void) log_device(d, LOG_WARNING, r, "Cannot listen for traps: %m");
        }
        return s;
}

void snmp_shared_done(void *shared) {
        SnmpShared *s = shared;

        s->ports = snmp_trap_ports_free(s->ports);
        s->profiles = snmp_profile_set_unref(s->profiles);
        s->net = snmp_net_free(s->net);
        s->event = sd_event_unref(s->event);
}

void snmp_shared_join(SnmpShared *s, SnmpListener *l) {
        l->next = s->listeners;
        l->previous = NULL;
        if (l->next)
                l->next->previous = l;
        s->listeners = l;
}

void snmp_shared_leave(SnmpShared *s, SnmpListener *l) {
        if (l->next)
                l->next->previous = l->previous;
        if (l->previous)
                l->previous->next = l->next;
        else if (s->listeners == l)
                s->listeners = l->next;
        l->next = l->previous = NULL;
}

int snmp_shared_open_port(SnmpShared *s, uint16_t port) {
        SnmpTrapSink sink = trap_sink(s);

        return snmp_trap_ports_open(&s->ports, s->event, &sink, port);
}
