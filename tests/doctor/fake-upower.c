/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* UPower with one UPS, and the critical action that is its argument, until its input ends. */

#include <stdio.h>
#include <sys/epoll.h>
#include <systemd/sd-bus.h>

#include "macro.h"

#define NAME "org.freedesktop.UPower"
#define PATH "/org/freedesktop/UPower"
#define DEVICE PATH "/devices/ups_hiddev0"

static int on_enumerate(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, "ao", 1, DEVICE);
}

static int on_action(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, "s", (const char *) userdata);
}

static int get_type(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "u", 3U);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("EnumerateDevices", "", "ao", on_enumerate, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetCriticalAction", "", "s", on_action, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable device_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "u", get_type, 0, 0),
        SD_BUS_VTABLE_END,
};

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

int main(int argc, char **argv) {
        sd_event *event = NULL;
        sd_bus *bus = NULL;
        int r;

        r = argc == 2 ? sd_event_default(&event) : -EINVAL;
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, 0);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, PATH, NAME, manager_vtable, argv[1]);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, DEVICE, NAME ".Device", device_vtable, NULL);
        if (r >= 0)
                r = sd_bus_request_name(bus, NAME, 0);
        if (r >= 0)
                r = sd_event_add_io(event, NULL, STDIN_FILENO, EPOLLIN | EPOLLHUP, on_input, NULL);
        if (r >= 0) {
                puts("ready");
                fflush(stdout);
                r = sd_event_loop(event);
        }
        sd_bus_flush_close_unref(bus);
        sd_event_unref(event);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
