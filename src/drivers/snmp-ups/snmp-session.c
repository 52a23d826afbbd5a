/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-session.h"

#include "snmp-memory.h"
#include "snmp-open.h"
#include "string-util.h"
#include "time-util.h"

/* What traps can cause. A poll that is refused for that comes a little later. */
#define TRAP_POLLS { .interval_usec = 10 * USEC_PER_SEC, .burst = 3 }
#define TRAP_TEXTS { .interval_usec = 60 * USEC_PER_SEC, .burst = 10 }
#define TRAP_LATER_USEC (3 * USEC_PER_SEC)

static int session_detect(SnmpSession *s);

static const char *session_option(const void *userdata, const char *name) {
        const SnmpSession *s = userdata;

        return device_option(s->device, name);
}

static void session_log(const void *userdata, int level, int error, const char *message) {
        const SnmpSession *s = userdata;

        (void) log_device(s->device, level, error, error ? "%s: %m" : "%s", message);
}

/*** Memory ***/

static int remember(SnmpSession *s) {
        const SnmpProfile *p = snmp_engine_profile(s->engine);
        _cleanup_free_ char *object = NULL, *engine = NULL, *text = NULL;
        int r;

        object = s->identity.object_id.n > 0 ? snmp_oid_text(&s->identity.object_id) : strdup("");
        if (!object)
                return -ENOMEM;
        r = snmp_engine_save(s->engine, &engine);
        if (r < 0)
                return r;
        r = snmp_memory_format(
                &(SnmpMemory){ p->id, p->version, object, (char *) device_option(s->device, "mibs"),
                        s->profiles->mark, engine }, &text);
        if (r < 0)
                return r;
        r = device_save(s->device, text);
        /* Without the tables it is still quicker. */
        return r == -E2BIG ? device_save(s->device, NULL) : r;
}

void snmp_session_remember(SnmpSession *s) {
        int r = remember(s);

        if (r < 0)
                (void) log_device(s->device, LOG_DEBUG, r, "Cannot keep what is known of the device: %m");
}

/* Whether a memory is that of the agent that answers now, and nothing better can have come since. */
static SnmpProfile *recall(const SnmpSession *s, const SnmpMemory *m) {
        const char *mib = device_option(s->device, "mibs");
        _cleanup_free_ char *object = NULL;
        SnmpProfile *p;

        object = s->identity.object_id.n > 0 ? snmp_oid_text(&s->identity.object_id) : strdup("");
        p = snmp_profile_set_find(s->profiles, m->profile);
        if (!object || !p || !streq(object, m->object_id) || m->profiles != s->profiles->mark ||
            !streq(strempty(p->version), m->version))
                return NULL;
        return strcaseeq(mib, m->mibs) ? p : NULL;
}

/*** Start ***/

static void fail(SnmpSession *s, int r, const char *why) {
        snmp_session_explain(s, r, why);
        device_complete(s->device, r);
}

static int on_again(sd_event_source *source, void *userdata) {
        SnmpSession *s = userdata;
        int r;

        s->engine = snmp_engine_free(s->engine);
        s->known = false;
        r = snmp_open_link(s->device, s->shared, &s->link);
        if (r >= 0)
                r = session_detect(s);
        if (r < 0)
                fail(s, r, NULL);
        return 0;
}

/* Options that are for what only some devices have. */
static void tell_without_effect(const SnmpSession *s) {
        static const char *const options[] = { "offdelay", "ondelay" };

        if (device_is_restart(s->device))
                return;
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (device_option(s->device, options[i]) &&
                    !snmp_engine_takes_option(s->engine, options[i]))
                        (void) log_device(s->device, LOG_WARNING, 0, "%s has no effect: the device "
                                "has no such delay that could be set.", options[i]);
}

static void on_started(SnmpEngine *e, int r, void *userdata) {
        SnmpSession *s = userdata;

        if (r < 0 && s->known && r != -ETIMEDOUT) {
                snmp_session_forget(s);
                r = sd_event_add_defer(s->shared->event, &s->again, on_again, s);
                if (r >= 0)
                        return;
        }
        if (r < 0) {
                fail(s, r, snmp_engine_why(e) ?: snmp_link_why(snmp_engine_link(e)));
                return;
        }

        s->listener.link = snmp_engine_link(e);
        if (!s->known || snmp_engine_is_news(e))
                snmp_session_remember(s);
        snmp_session_finish_update(s, s->update);
        if (device_option(s->device, "record"))
                snmp_open_redact(e);
        tell_without_effect(s);
        device_complete(s->device, 0);
}

/* Makes a device of link and profile, and has it read. */
static int session_use(
        SnmpSession *s, SnmpProfile *profile, const SnmpIdentity *identity, const char *known) {
        const SnmpEngineOptions options = {
                .slow_every = (unsigned) device_option_integer(s->device, "semistaticfreq"),
                .option = session_option,
                .log = session_log,
                .userdata = s,
        };
        int r;

        r = snmp_engine_new(s->link, s->shared->event, profile, identity, &options, known, &s->engine);
        if (r < 0)
                return r;
        s->link = NULL;
        s->known = known;
        return snmp_engine_start(s->engine, s->update, on_started, s);
}

static int copy_identity(const SnmpIdentity *from, SnmpIdentity *to) {
        if (from->description) {
                to->description = strdup(from->description);
                if (!to->description)
                        return -ENOMEM;
        }
        return from->object_id.n > 0 ? snmp_oid_copy(&from->object_id, &to->object_id) : 0;
}

static void on_detected(
        int r, SnmpProfile *profile, const SnmpIdentity *identity, const char *why, void *userdata) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *owned = r >= 0 ? profile : NULL;
        _cleanup_free_ char *words = why ? strdup(why) : NULL;
        _cleanup_(snmp_identity_done) SnmpIdentity seen = {};
        SnmpSession *s = userdata;

        if (r >= 0)
                r = copy_identity(identity, &seen);
        s->detection = snmp_detection_free(s->detection); /* and its identity */
        if (r >= 0) {
                (void) log_device(s->device, LOG_INFO, 0, "It is served by the profile %s (%s %s).",
                        owned->id, owned->title, owned->version);
                r = session_use(s, owned, &seen, NULL);
        }
        if (r < 0)
                fail(s, r, words);
}

static int session_detect(SnmpSession *s) {
        return snmp_detect(s->link, s->shared->event, &s->profiles->profiles,
                device_option(s->device, "mibs"), on_detected, s, &s->detection);
}

void snmp_session_forget(SnmpSession *s) {
        (void) log_device(s->device, LOG_INFO, 0,
                "The device is not what it was the last time, finding out what it is.");
        (void) device_save(s->device, NULL);
}

static int session_identify(SnmpSession *s) {
        _cleanup_free_ char *text = NULL;
        SnmpProfile *profile = NULL;
        SnmpMemory memory = {};
        int r;

        if (device_load_saved(s->device, &text) >= 0 && snmp_memory_parse(text, &memory) >= 0)
                profile = recall(s, &memory);
        r = profile ? session_use(s, profile, &s->identity, memory.engine) : session_detect(s);
        snmp_memory_done(&memory);
        return r;
}

/* Takes over what the agent says of itself; what it does not say stays unknown. */
static int take_identity(SnmpSession *s, const SnmpReply *reply) {
        const SnmpValue *description = reply->values, *object = reply->values + 1;

        if (reply->status != SNMP_STATUS_OK || reply->n_values != 2)
                return 0;
        if (description->type == SNMP_TYPE_STRING) {
                s->identity.description = strndup((const char *) description->bytes, description->n_bytes);
                if (!s->identity.description)
                        return -ENOMEM;
        }
        return object->type == SNMP_TYPE_OID ? snmp_oid_copy(&object->object, &s->identity.object_id) : 0;
}

static void on_answer(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        SnmpSession *s = userdata;

        if (r >= 0)
                r = take_identity(s, reply);
        if (r >= 0)
                r = session_identify(s);
        if (r < 0)
                fail(s, r, s->link ? snmp_link_why(s->link) : NULL);
}

/*** Traps ***/

static const SnmpTrapText *find_trap(const SnmpSession *s, const SnmpOid *oid) {
        const SnmpProfile *p = s->engine ? snmp_engine_profile(s->engine) : NULL;

        for (size_t i = 0; p && i < p->n_traps; i++)
                if (snmp_oid_equal(&p->traps[i].oid, oid))
                        return p->traps + i;
        return NULL;
}

static void log_trap(SnmpSession *s, const SnmpOid *oid, uint64_t now) {
        const SnmpTrapText *trap = oid ? find_trap(s, oid) : NULL;
        _cleanup_free_ char *text = oid ? snmp_oid_text(oid) : NULL;
        unsigned n_suppressed;

        if (!rate_limit_allow(&s->texts, now, &n_suppressed))
                return;
        if (trap)
                (void) log_device(s->device, trap->level, 0, "Trap: %s", trap->text);
        else
                (void) log_device(s->device, LOG_DEBUG, 0, "Trap: %s", text ?: "not to be read");
}

static void on_trap(SnmpListener *l, const SnmpOid *oid) {
        SnmpSession *s = (void *) ((char *) l - offsetof(SnmpSession, listener));
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        unsigned n_suppressed;

        log_trap(s, oid, now);
        device_poll_within(
                s->device, rate_limit_allow(&s->polls, now, &n_suppressed) ? 0 : TRAP_LATER_USEC);
}

/*** The outside ***/

int snmp_session_start(SnmpSession *s, Device *d, Update *u) {
        int r;

        s->device = d;
        s->update = u;
        s->polls = (RateLimit) TRAP_POLLS;
        s->texts = (RateLimit) TRAP_TEXTS;
        s->shared = snmp_shared_get(d);
        if (!s->shared)
                return -ENOMEM;
        s->listener.trapped = on_trap;
        snmp_shared_join(s->shared, &s->listener);

        r = snmp_open_link(d, s->shared, &s->link);
        if (r < 0)
                return r;
        r = snmp_shared_profiles(s->shared, &s->profiles);
        if (r == -ENOPKG)
                device_explain(d, "There is no profile of an SNMP agent that could be used; see "
                                  "busbar-profile(5) for where they are.");
        if (r < 0)
                return r;
        r = snmp_open_ask(s->link, d, on_answer, s);
        if (r < 0)
                return r;
        return DEVICE_PENDING;
}

void snmp_session_end(SnmpSession *s) {
        if (!s->shared)
                return;

        snmp_shared_leave(s->shared, &s->listener);
        sd_event_source_disable_unref(s->again);
        snmp_detection_free(s->detection);
        snmp_engine_free(s->engine);
        snmp_link_free(s->link);
        snmp_identity_done(&s->identity);
        snmp_profile_set_unref(s->profiles);
        *s = (SnmpSession){};
}

void snmp_session_explain(SnmpSession *s, int r, const char *why) {
        _cleanup_free_ char *text = snmp_open_explain(s->device, r, why);

        if (text)
                device_explain(s->device, text);
}

void snmp_session_finish_update(const SnmpSession *s, Update *u) {
        static const char *const names[] = { "input.transfer.low", "input.transfer.high" };

        if (!device_option(s->device, "notransferoids"))
                return;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) update_unset(u, names[i]);
}
