/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-open.h"

#include <sys/stat.h>

#include "snmp-options.h"
#include "snmp-recorder.h"
#include "snmp-walk.h"
#include "string-util.h"
#include "time-util.h"

/* A host that is out of reach is said to be so in time, whatever its retries would take. */
#define VERDICT_USEC (3500 * USEC_PER_MSEC)

static void report_walk(void *userdata, unsigned line, const char *message) {
        const Device *d = userdata;

        (void) log_device(d, device_is_retry(d) || device_is_restart(d) ? LOG_DEBUG : LOG_WARNING, 0,
                "%s:%u: %s", device_port(d), line, message);
}

static int open_walk(Device *d, SnmpShared *shared, const char *path, SnmpLink **ret) {
        const char *version = device_option(d, "snmp_version");
        _cleanup_free_ char *text = NULL;
        SnmpWalk walk = {};
        struct stat st;
        int r;

        if (stat(path, &st) >= 0 && !S_ISREG(st.st_mode))
                r = S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
        else
                r = snmp_walk_load(path, report_walk, d, &walk);
        if (r < 0) {
                text = strprintf("Cannot read the walk %s: %s.", path,
                        r == -EBADMSG ? "there is nothing in it that could be a value" :
                        r == -ENOTSUP ? "it is no file" : strerror(-r));
                if (text)
                        device_explain(d, text);
                return r;
        }

        r = snmp_walk_link_new(shared->event, path, &walk,
                device_option_place(d, "snmp_version") && strcaseeq(version, "v1"), ret);
        if (r < 0)
                snmp_walk_done(&walk);
        return r;
}

static int open_trap_port(Device *d, SnmpShared *shared) {
        uint16_t port = (uint16_t) device_option_integer(d, "trapport");
        int r = port > 0 ? snmp_shared_open_port(shared, port) : 0;

        if (r < 0)
                (void) log_device(d, device_is_retry(d) || device_is_restart(d) ? LOG_DEBUG : LOG_WARNING, r,
                        "Cannot listen for traps on UDP port %u: %m", port);
        return 0;
}

static int open_net(Device *d, SnmpShared *shared, SnmpLink **ret) {
        _cleanup_free_ char *why = NULL;
        SnmpSettings settings = {};
        int r;

        r = snmp_settings_read(d, &settings, &why);
        if (r >= 0)
                r = snmp_net_open(
                        shared->net, device_port(d), &settings.credentials, &settings.net, ret, &why);
        if (r < 0 && why)
                device_explain(d, why);
        snmp_settings_done(&settings);
        return r < 0 ? r : open_trap_port(d, shared);
}

/* The device is worth more than a record of it. */
static void start_recording(const Device *d, SnmpLink **link) {
        const char *path = device_option(d, "record");
        bool again = device_is_restart(d);
        SnmpLink *recorder;
        int r;

        if (isempty(path) || device_is_powering_off(d))
                return;

        r = snmp_recorder_new(*link, path, RECORDER_REDACT | (again ? RECORDER_RESUME : 0), &recorder);
        if (r < 0)
                (void) log_device(d, device_is_retry(d) || again ? LOG_DEBUG : LOG_WARNING, r,
                        "Cannot record in %s: %m", path);
        else
                *link = recorder;
}

int snmp_open_link(Device *d, SnmpShared *shared, SnmpLink **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = snmp_port_walk(d, &path);
        if (r >= 0)
                r = path ? open_walk(d, shared, path, ret) : open_net(d, shared, ret);
        if (r >= 0)
                start_recording(d, ret);
        return r;
}

static void redact(const char *name, const char *value, void *userdata) {
        if (endswith(name, ".serial"))
                snmp_recorder_redact(userdata, value);
}

void snmp_open_redact(const SnmpEngine *e) {
        snmp_engine_values(e, redact, (SnmpLink *) (uintptr_t) snmp_engine_link(e));
}

int snmp_open_ask(SnmpLink *link, const Device *d, SnmpDone done, void *userdata) {
        uint32_t description[] = { 1, 3, 6, 1, 2, 1, 1, 1, 0 }, object[] = { 1, 3, 6, 1, 2, 1, 1, 2, 0 };
        const SnmpOid oids[] = {
                { description, ELEMENTSOF(description) },
                { object, ELEMENTSOF(object) },
        };
        uint64_t once_usec = (uint64_t) device_option_integer(d, "snmp_timeout") * USEC_PER_SEC;
        const SnmpRequest request = {
                .operation = SNMP_GET,
                .oids = oids,
                .n = ELEMENTSOF(oids),
                /* Who says that answers take long, means it. */
                .timeout_usec = MAX(VERDICT_USEC, once_usec + once_usec / 2),
        };

        return snmp_link_request(link, &request, done, userdata);
}

char *snmp_open_explain(const Device *d, int r, const char *why) {
        const char *port = device_port(d), *version = device_option(d, "snmp_version");
        const char *context = device_option(d, "context");
        bool user = version && strcaseeq(version, "v3");

        switch (r) {
        case -ETIMEDOUT:
                return strprintf("No answer from %s by SNMP %s. Check that the address is right, that the "
                        "card has SNMP %s enabled, that %s is one that may read, and that neither a "
                        "firewall (UDP port 161) nor the access list of the card keeps this host out.%s%s",
                        port, version, version, user ? "secName" : "community", why ? " " : "",
                        strempty(why));
        case -ECONNREFUSED:
                return strprintf("%s is there, but nothing listens on its SNMP port%s: enable SNMP on the "
                        "card, or correct port=.", port, startswith_nocase(port, "tcp") ?
                        " by TCP, which hardly a card has" : "");
        case -ENETUNREACH:
        case -EHOSTUNREACH:
                return strprintf("There is no way to %s: %s. Check the address and the network.", port,
                        why ?: strerror(-r));
        case -EACCES:
                return why ? strprintf(
                        "%s refuses us: %s. Check %s%s%s, and what the card lets %s read.", port, why,
                        user ? "secName, its passwords" : "community",
                        user && context ? ", context=" : "", user ? strempty(context) : "",
                        user ? "that user" : "it") :
                        strprintf("%s refuses us. Check secName, the passwords and the protocols.", port);
        case -EINVAL:
                return why ? strdup(why) :
                        strprintf("No profile has the name mibs=%s; snmp-ups -x mibs=--list prints all "
                        "names.", device_option(d, "mibs"));
        default:
                return why ? strdup(why) : NULL;
        }
}

Transport snmp_open_transport(const Device *d) {
        _cleanup_free_ char *path = NULL;

        return snmp_port_walk(d, &path) >= 0 && path ? TRANSPORT_FILE : TRANSPORT_NETWORK;
}
