/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-ups.h"

#include "snmp-open.h"
#include "snmp-options.h"
#include "snmp-session.h"
#include "time-util.h"

#define VERSION "1.0"

/* That may get lost in a reading until it is given up. */
#define READING_REQUESTS 2U

/* All attempts of one request. */
static uint64_t request_usec(const Device *d) {
        uint64_t attempts = (uint64_t) device_option_integer(d, "snmp_retries") + 1;

        return (uint64_t) device_option_integer(d, "snmp_timeout") * USEC_PER_SEC * attempts;
}

static int ups_start(Device *d, Update *u) {
        device_set_patience(d, READING_REQUESTS * request_usec(d));
        return snmp_session_start(device_state(d), d, u);
}

static int begun(int r) {
        return r < 0 ? r : DEVICE_PENDING;
}

static const char *reason(const SnmpEngine *e) {
        return snmp_engine_why(e) ?: snmp_link_why(snmp_engine_link(e));
}

static void on_polled(SnmpEngine *e, int r, void *userdata) {
        SnmpSession *s = userdata;

        if (r == -ENXIO)
                snmp_session_forget(s);
        if (r < 0)
                snmp_session_explain(s, r, reason(e));
        else {
                snmp_session_finish_update(s, s->update);
                if (snmp_engine_is_news(e))
                        snmp_session_remember(s);
                if (device_option(s->device, "record"))
                        snmp_open_redact(e);
        }
        device_complete(s->device, r);
}

static int ups_poll(Device *d, PollSet what, Update *u) {
        SnmpSession *s = device_state(d);

        s->update = u;
        device_set_patience(d, READING_REQUESTS * request_usec(d));
        return begun(snmp_engine_poll(s->engine, what & POLL_FULL, u, on_polled, s));
}

static void on_written(SnmpEngine *e, int r, void *userdata) {
        SnmpSession *s = userdata;
        const char *why = r < 0 ? reason(e) : NULL;

        if (why)
                device_explain(s->device, why);
        if (r >= 0)
                snmp_session_finish_update(s, s->update);
        device_complete(s->device, r);
}

static int ups_set(Device *d, const char *variable, const char *value, Update *u) {
        SnmpSession *s = device_state(d);

        s->update = u;
        device_set_patience(d, snmp_engine_set_usec(s->engine, request_usec(d)));
        return begun(snmp_engine_set(s->engine, variable, value, u, on_written, s));
}

static int ups_command(Device *d, const char *command, const char *argument, Update *u) {
        SnmpSession *s = device_state(d);

        s->update = u;
        device_set_patience(d, snmp_engine_command_usec(s->engine, command, request_usec(d)));
        return begun(snmp_engine_command(s->engine, command, argument, u, on_written, s));
}

static void ups_stop(Device *d) {
        snmp_session_end(device_state(d));
}

const Driver snmp_ups_driver = {
        .name = "snmp-ups",
        .description = "Driver for UPSes, PDUs and power supplies with SNMP",
        .version = VERSION,
        .transport = TRANSPORT_NETWORK,
        .transport_of = snmp_open_transport,
        .io = IO_LOOP,
        .state_size = sizeof(SnmpSession),
        .shared_size = sizeof(SnmpShared),
        .grouped = true,
        .options = snmp_options,
        .start = ups_start,
        .poll = ups_poll,
        .set = ups_set,
        .command = ups_command,
        .stop = ups_stop,
        .shared_done = snmp_shared_done,
};
