/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-peer.h"

#include "string-util.h"
#include "time-util.h"

#define BUS_DRIVER "org.freedesktop.DBus"

/* Between two questions, when the bus does not say who it is. */
#define RETRY_MIN_USEC (1 * USEC_PER_SEC)
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)

struct BusPeer {
        char *name, *owner;
        sd_event_source *retry;
        uint64_t pause_usec;
        sd_bus_slot *changes, *question;
        bool known; /* changed() was told of the first one */
        BusPeerChanged changed;
        void *userdata;
};

bool bus_message_is_from_bus(sd_bus_message *m) {
        return streq_ptr(sd_bus_message_get_sender(m), BUS_DRIVER);
}

static int peer_found(BusPeer *p, const char *owner) {
        bool news = !p->known || !streq_ptr(p->owner, owner);
        int r;

        r = free_and_strdup(&p->owner, owner);
        if (r < 0) {
                /* Believe nobody rather than the one of before. */
                (void) free_and_strdup(&p->owner, NULL);
                return r;
        }

        p->known = true;
        if (news && p->changed)
                p->changed(p->userdata, p->owner);
        return 0;
}

static int on_change(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        BusPeer *p = userdata;

        if (!bus_message_is_from_bus(m) || sd_bus_message_read(m, "sss", &name, &before, &after) < 0 ||
            !streq(name, p->name))
                return 0;

        /* An answer that is still to come is older. */
        p->question = sd_bus_slot_unref(p->question);
        p->retry = sd_event_source_disable_unref(p->retry);
        (void) peer_found(p, isempty(after) ? NULL : after);
        return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error);

static int ask(BusPeer *p) {
        return sd_bus_call_method_async(sd_bus_slot_get_bus(p->changes), &p->question, BUS_DRIVER,
                        "/org/freedesktop/DBus", BUS_DRIVER, "GetNameOwner", on_answer, p, "s", p->name);
}

static int on_retry(sd_event_source *es, uint64_t usec, void *userdata) {
        BusPeer *p = userdata;

        p->retry = sd_event_source_disable_unref(p->retry);
        if (ask(p) < 0)
                (void) peer_found(p, NULL);
        return 0;
}

/* 0, or a negative errno when there is nobody to ask any more. */
static int ask_again(BusPeer *p) {
        sd_bus *bus = sd_bus_slot_get_bus(p->changes);
        sd_event *event = sd_bus_get_event(bus);

        if (!event || sd_bus_is_open(bus) <= 0)
                return -ENOTCONN;
        p->pause_usec = p->pause_usec == 0 ? RETRY_MIN_USEC : MIN(p->pause_usec * 2, RETRY_MAX_USEC);
        return sd_event_add_time_relative(event, &p->retry, CLOCK_MONOTONIC, p->pause_usec, 0, on_retry, p);
}

/* That there is nobody is believed of no other error: one of a bus that is short of something, say. */
static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *e = sd_bus_message_get_error(m);
        BusPeer *p = userdata;
        const char *owner = NULL;

        p->question = sd_bus_slot_unref(p->question);
        if (e && !sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER) && ask_again(p) >= 0)
                return 0;
        if (!e)
                (void) sd_bus_message_read(m, "s", &owner);
        (void) peer_found(p, owner);
        return 0;
}

int bus_peer_new(sd_bus *bus, const char *name, BusPeerChanged changed, void *userdata, BusPeer **ret) {
        _cleanup_(bus_peer_freep) BusPeer *p = new0(BusPeer, 1);
        _cleanup_free_ char *match = NULL;
        int r;

        if (!p)
                return -ENOMEM;

        p->changed = changed;
        p->userdata = userdata;
        p->name = strdup(name);
        match = strjoin("type='signal',sender='" BUS_DRIVER "',interface='" BUS_DRIVER "',"
                        "member='NameOwnerChanged',arg0='", name, "'");
        if (!p->name || !match)
                return -ENOMEM;

        r = sd_bus_add_match_async(bus, &p->changes, match, on_change, NULL, p);
        if (r < 0)
                return r;

        r = ask(p);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

BusPeer *bus_peer_free(BusPeer *p) {
        if (!p)
                return NULL;

        sd_event_source_disable_unref(p->retry);
        sd_bus_slot_unref(p->changes);
        sd_bus_slot_unref(p->question);
        free(p->name);
        free(p->owner);
        free(p);
        return NULL;
}

const char *bus_peer_owner(const BusPeer *p) {
        return p ? p->owner : NULL;
}

bool bus_peer_sent(const BusPeer *p, sd_bus_message *m) {
        return p && p->owner && streq_ptr(p->owner, sd_bus_message_get_sender(m));
}
