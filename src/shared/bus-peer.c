/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-peer.h"

#include "string-util.h"

#define BUS_DRIVER "org.freedesktop.DBus"

struct BusPeer {
        char *name, *owner;
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
        (void) peer_found(p, isempty(after) ? NULL : after);
        return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        BusPeer *p = userdata;
        const char *owner = NULL;

        p->question = sd_bus_slot_unref(p->question);
        if (!sd_bus_message_is_method_error(m, NULL))
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

        r = sd_bus_call_method_async(bus, &p->question, BUS_DRIVER, "/org/freedesktop/DBus", BUS_DRIVER,
                        "GetNameOwner", on_answer, p, "s", name);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

BusPeer *bus_peer_free(BusPeer *p) {
        if (!p)
                return NULL;

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
