/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-claim.h"

#include "bus-names.h"
#include "log.h"
#include "string-util.h"

/* The answer to RequestName that another has the name, as the D-Bus specification numbers them. */
#define NAME_REPLY_EXISTS 3U

struct BusClaim {
        char *name;
        sd_bus_slot *name_slot, *marker_slot, *pid_slot;
        BusClaimTaken taken;
        void *userdata;
};

static char *encode(const char *s) {
        _cleanup_free_ char *path = NULL;

        /* The escaping of object paths does for bus names as well: letters, digits, _ and no digit in
         * front. */
        return sd_bus_path_encode("/", s, &path) < 0 ? NULL : strdup(path + 1);
}

char *bus_claim_instance(const char *device) {
        return encode(device);
}

char *bus_claim_instance_all(const char *driver) {
        _cleanup_free_ char *encoded = encode(driver);

        /* No escaped device name begins like this, as it has no _ but before two hexadecimal digits. */
        return encoded ? strjoin("_all_", encoded) : NULL;
}

char *bus_claim_instance_group(const char *driver, const char *group) {
        _cleanup_free_ char *a = encode(driver), *b = encode(group);

        /* Likewise there is no _ behind another one in either. */
        return a && b ? strjoin("_group_", a, "__", b) : NULL;
}

static int on_pid(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        BusClaim *c = userdata;
        uint32_t pid = 0;

        if (!sd_bus_message_is_method_error(m, NULL))
                (void) sd_bus_message_read(m, "u", &pid);

        c->taken(c->userdata, c->name, (pid_t) pid);
        return 0;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        BusClaim *c = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        uint32_t reply = 0;
        int r;

        if (e) {
                log_error("The bus does not give us the name %s: %s", c->name, strempty(e->message));
                return 0;
        }

        r = sd_bus_message_read(m, "u", &reply);
        if (r < 0 || reply != NAME_REPLY_EXISTS)
                return 0;

        r = sd_bus_call_method_async(sd_bus_message_get_bus(m), &c->pid_slot, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                        on_pid, c, "s", c->name);
        if (r < 0)
                c->taken(c->userdata, c->name, 0);
        return 0;
}

static int on_marker(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *e = sd_bus_message_get_error(m);

        if (e)
                log_error("The bus does not let us queue for %s, so its policy may keep clients from us: %s",
                                BUS_NAME_DRIVER, strempty(e->message));
        return 0;
}

int bus_claim_new(sd_bus *bus, const char *instance, BusClaimTaken taken, void *userdata, BusClaim **ret) {
        _cleanup_(bus_claim_freep) BusClaim *c = new0(BusClaim, 1);
        int r;

        if (!c)
                return -ENOMEM;

        c->taken = taken;
        c->userdata = userdata;
        c->name = strjoin(BUS_NAME_DRIVER ".", instance);
        if (!c->name)
                return -ENOMEM;

        /* Without SD_BUS_NAME_QUEUE the answer is at once ours or another's: two processes for a device
         * are a mistake. */
        r = sd_bus_request_name_async(bus, &c->name_slot, c->name, 0, on_name, c);
        if (r < 0)
                return r;
        r = sd_bus_request_name_async(
                        bus, &c->marker_slot, BUS_NAME_DRIVER, SD_BUS_NAME_QUEUE, on_marker, c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

BusClaim *bus_claim_free(BusClaim *c) {
        if (!c)
                return NULL;

        sd_bus_slot_unref(c->name_slot);
        sd_bus_slot_unref(c->marker_slot);
        sd_bus_slot_unref(c->pid_slot);
        free(c->name);
        free(c);
        return NULL;
}
