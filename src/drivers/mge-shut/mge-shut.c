/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mge-shut.h"

#include "hid-driver.h"
#include "serial.h"
#include "string-util.h"

/* The profile for what speaks SHUT and is not known otherwise: there is one family of these. */
#define PROFILE_ID "mge"

typedef struct ShutState {
        HidDriver *hid; /* NULL until the device has answered */
} ShutState;

static HidDriver *driver_of(Device *d) {
        return ((ShutState *) device_state(d))->hid;
}

/* Says why the port cannot be had, which is freed; NULL without memory. */
static int log_port(const Device *d, int error, char *why) {
        _cleanup_free_ char *text = why;

        return log_device(d, hid_driver_complaint_level(d), error, "Cannot open the port: %s",
                          text ?: strerror(abs(error)));
}

/* Opens the port, for this process alone. */
static int open_port(const Device *d, int *ret) {
        _cleanup_free_ char *holder = NULL;
        const char *port = device_port(d);
        _cleanup_close_ int fd = device_open_node(d, port);
        int r;

        if (fd < 0)
                return log_port(d, fd, serial_explain(port, fd));
        if (!isatty(fd))
                return log_port(d, ENOTTY, serial_explain(port, ENOTTY));
        r = serial_lock(fd, port, &holder);
        if (r == -EBUSY && holder)
                return log_port(d, r, strjoin(port, " is in use by ", holder));
        if (r < 0)
                return log_port(d, r, serial_explain(port, r));

        *ret = TAKE_FD(fd);
        return 0;
}

static int open_link(Device *d, HidLink **ret) {
        unsigned level = device_option_boolean(d, "pollonly")
                                 ? 1
                                 : (unsigned) device_option_integer(d, "notification");
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = open_port(d, &fd);
        if (r < 0)
                return r;
        r = device_keep_node(d, fd);
        if (r < 0)
                return r;
        r = hid_link_new_shut(device_port(d), fd, level, ret);
        if (r == -ETIMEDOUT)
                return log_device(d, hid_driver_complaint_level(d), r, "Nothing at %s answers.",
                                  device_port(d));
        if (r == -EBADMSG)
                return log_device(d, hid_driver_complaint_level(d), r, "What answers at %s makes no sense.",
                                  device_port(d));
        if (r < 0)
                return log_device(d, hid_driver_complaint_level(d), r,
                                  "Cannot speak to the device at %s: %m", device_port(d));

        (void) TAKE_FD(fd);
        return 0;
}

static int choose_profile(const Device *d, const HidProfiles *profiles, const HidLink *l, HidProfile **ret) {
        int r = hid_driver_choose(d, profiles, &l->identity, l->descriptor, l->descriptor_size, ret);

        for (size_t i = 0; r == -ENODEV && !device_option(d, "subdriver") && i < profiles->n_profiles; i++)
                if (streq(profiles->profiles[i]->id, PROFILE_ID)) {
                        *ret = profiles->profiles[i];
                        r = 0;
                }
        if (r == -ENODEV)
                return log_device(d, hid_driver_complaint_level(d), r, "No profile fits the device at %s.",
                                  device_port(d));
        return r;
}

static int make_driver(Device *d, const HidProfiles *profiles, HidDriver **ret) {
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        HidProfile *profile = NULL;
        int r;

        r = open_link(d, &l);
        if (r < 0)
                return r;
        r = choose_profile(d, profiles, l, &profile);
        if (r < 0)
                return r;
        r = device_set_place(d, device_port(d), device_port(d));
        if (r < 0)
                return r;

        r = hid_driver_new(d, TAKE_PTR(l), profile, ret);
        if (r == -ENODEV)
                return log_device(d, hid_driver_complaint_level(d), r,
                                  "The device at %s has nothing that is known.", device_port(d));
        return r;
}

static int shut_start(Device *d, Update *u) {
        ShutState *s = device_state(d);
        HidProfiles profiles = {};
        int r;

        r = hid_driver_load_profiles(d, &profiles);
        if (r < 0)
                return r;
        r = make_driver(d, &profiles, &s->hid);
        hid_profiles_done(&profiles);
        return r < 0 ? r : hid_driver_start(s->hid, u);
}

static int shut_poll(Device *d, PollSet what, Update *u) {
        return hid_driver_poll(driver_of(d), what, u);
}

static int shut_event(Device *d, Update *u) {
        return hid_driver_event(driver_of(d), u);
}

static int shut_set(Device *d, const char *variable, const char *value, Update *u) {
        return hid_driver_set(driver_of(d), variable, value, u);
}

static int shut_command(Device *d, const char *command, const char *argument, Update *u) {
        return hid_driver_command(driver_of(d), command, argument, u);
}

static void shut_stop(Device *d) {
        ShutState *s = device_state(d);

        s->hid = hid_driver_free(s->hid);
}

static const Option options[] = {
        HID_DRIVER_OPTIONS,
        { "notification", OPTION_INTEGER, "1", 1, 3,
          .help = "what the device sends by itself: 1 nothing, 2 what matters, 3 everything" },
        {}
};

const Driver mge_shut_driver = {
        .name = "mge-shut",
        .description = "Driver for MGE and Eaton UPS on a serial line (SHUT)",
        .version = "1.0",
        .transport = TRANSPORT_SERIAL,
        .io = IO_BLOCKING,
        .state_size = sizeof(ShutState),
        .options = options,
        .start = shut_start,
        .poll = shut_poll,
        .event = shut_event,
        .set = shut_set,
        .command = shut_command,
        .power_off_commands = HID_DRIVER_POWER_OFF_COMMANDS,
        .stop = shut_stop,
};
