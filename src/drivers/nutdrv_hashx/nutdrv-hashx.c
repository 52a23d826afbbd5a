/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutdrv-hashx.h"

#include "line-port.h"

/* Serial protocols that are families of their own have their profiles together; this one is the driver's. */
#define PROFILES "serial"
#define PROTOCOL "hashx"

typedef struct HashxState {
        LineDriver *line; /* NULL until the device has been found */
} HashxState;

static LineDriver *line_of(Device *d) {
        return ((HashxState *) device_state(d))->line;
}

static int open_line(Device *d, LineDriver **ret) {
        const LineDriverSetup setup = { .protocol = PROTOCOL, .is_drivers_own = true };
        _cleanup_free_ char *recording = NULL;
        LineProfiles profiles = {};
        int r;

        r = line_port_recording(d, &recording);
        if (r < 0)
                return r;
        r = line_driver_load_profiles(d, PROFILES, &profiles);
        if (r < 0)
                return r;
        r = recording ? line_port_open_recording(d, recording, &profiles, &setup, ret)
                      : line_port_open(d, &profiles, &setup, line_port_power(NULL), ret);
        line_profiles_done(&profiles);
        return r;
}

static int hashx_start(Device *d, Update *u) {
        HashxState *s = device_state(d);
        int r;

        r = open_line(d, &s->line);
        return r < 0 ? r : line_driver_start(s->line, u);
}

static int hashx_poll(Device *d, PollSet what, Update *u) {
        return line_driver_poll(line_of(d), what, u);
}

static int hashx_set(Device *d, const char *variable, const char *value, Update *u) {
        return line_driver_set(line_of(d), variable, value, u);
}

static int hashx_command(Device *d, const char *command, const char *argument, Update *u) {
        return line_driver_command(line_of(d), command, argument, u);
}

/* By which command these devices do that is not known. */
static int hashx_power_off(Device *d) {
        device_explain(d, "this device cannot be told to cut the load");
        return -EOPNOTSUPP;
}

static void hashx_stop(Device *d) {
        HashxState *s = device_state(d);

        s->line = line_driver_free(s->line);
}

static Transport hashx_transport(const Device *d) {
        _cleanup_free_ char *recording = NULL;

        return line_port_recording(d, &recording) >= 0 && recording ? TRANSPORT_FILE : TRANSPORT_SERIAL;
}

static const Option options[] = { LINE_DRIVER_OPTIONS, {} };

const Driver nutdrv_hashx_driver = {
        .name = "nutdrv_hashx",
        .description = "Driver for UPS with the #* protocol of Cyber Energy, on a serial line",
        .version = "1.0",
        .transport = TRANSPORT_SERIAL,
        .transport_of = hashx_transport,
        .io = IO_BLOCKING,
        .state_size = sizeof(HashxState),
        .options = options,
        .start = hashx_start,
        .poll = hashx_poll,
        .set = hashx_set,
        .command = hashx_command,
        .power_off = hashx_power_off,
        .stop = hashx_stop,
};
