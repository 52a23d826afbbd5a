/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include <stdarg.h>
#include <sys/resource.h>

#include "string-util.h"
#include "utf8.h"

/* Descriptors that are left for all else: the bus, profiles, a report of a sanitizer. */
#define RESERVE 64U
/* Enough for three kinds with two sockets for each of so many hosts as are asked at a time. */
#define LIMIT_WANTED (6U * SCAN_PARALLEL + RESERVE)
/* From one word about the progress to the next. */
#define TICK_USEC UINT64_C(200000)

static const ScanSearchOps *const all[_SCAN_KIND_MAX] = {
        [SCAN_USB] = &scan_usb_ops,
        [SCAN_SNMP] = &scan_snmp_ops,
        [SCAN_XML] = &scan_xml_ops,
        [SCAN_NUT] = &scan_nut_ops,
        [SCAN_SIMULATION] = &scan_simulation_ops,
        [SCAN_AVAHI] = &scan_avahi_ops,
        [SCAN_IPMI] = &scan_ipmi_ops,
        [SCAN_UPOWER] = &scan_upower_ops,
        [SCAN_SERIAL] = &scan_serial_ops,
};

void scan_say(const Scan *s, int level, ScanKind kind, const char *fmt, ...) {
        _cleanup_free_ char *message = NULL, *clean = NULL;
        va_list ap;

        if (!s->settings->say)
                return;
        va_start(ap, fmt);
        if (vasprintf(&message, fmt, ap) < 0)
                message = NULL;
        va_end(ap);
        clean = message ? text_clean(message) : NULL;
        if (clean)
                s->settings->say(s->settings->userdata, level, kind, clean);
}

uint64_t scan_timeout(const Scan *s) {
        return s->settings->timeout_usec ?: SCAN_TIMEOUT_USEC;
}

/* The kinds that ask hosts share the descriptors. */
static unsigned count_networks(const Scan *s) {
        return (unsigned) __builtin_popcount(s->settings->kinds &
                        (SCAN_KIND(SCAN_SNMP) | SCAN_KIND(SCAN_NUT) | SCAN_KIND(SCAN_XML))) ?: 1;
}

unsigned scan_parallel(const Scan *s, unsigned n_sockets) {
        unsigned wanted = s->settings->parallel ?: SCAN_PARALLEL;
        struct rlimit limit;
        rlim_t possible;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return wanted;
        possible = limit.rlim_cur > 2 * RESERVE ? limit.rlim_cur - RESERVE : limit.rlim_cur / 2;
        possible /= (rlim_t) count_networks(s) * n_sockets;
        return (unsigned) MAX(MIN((rlim_t) wanted, possible), (rlim_t) 1);
}

void scan_raise_limit(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= LIMIT_WANTED)
                return;
        limit.rlim_cur = MIN(limit.rlim_max, (rlim_t) LIMIT_WANTED);
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

int scan_bus(Scan *s, ScanKind kind, sd_bus **ret) {
        int r = 0;

        if (!s->bus) {
                r = sd_bus_open_system(&s->bus);
                if (r >= 0)
                        r = sd_bus_attach_event(s->bus, s->event, 0);
                if (r < 0)
                        s->bus = sd_bus_flush_close_unref(s->bus);
        }
        if (r < 0) {
                scan_say(s, LOG_NOTICE, kind, "the system bus cannot be reached: %s", strerror(-r));
                return r;
        }
        *ret = s->bus;
        return 0;
}

int scan_bus_call(Scan *s, sd_bus_slot **slot, const char *const address[static 4],
                sd_bus_message_handler_t done, void *userdata, const char *types, ...) {
        sd_bus_message *m = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(s->bus, &m, address[0], address[1], address[2], address[3]);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0) {
                va_start(ap, types);
                r = sd_bus_message_appendv(m, types, ap);
                va_end(ap);
        }
        if (r >= 0)
                r = sd_bus_call_async(s->bus, slot, m, done, userdata, scan_timeout(s));
        sd_bus_message_unref(m);
        return r;
}

bool scan_bus_is_absent(const sd_bus_error *error) {
        return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

void scan_search_over(ScanSearch *search) {
        Scan *s = search->scan;

        if (--s->running == 0 && s->began)
                (void) sd_event_source_set_enabled(s->over, SD_EVENT_ONESHOT);
}

static int on_over(sd_event_source *source, void *userdata) {
        Scan *s = userdata;

        if (s->running > 0)
                return 0;
        scan_devices_sort(&s->devices);
        s->done(s, s->userdata);
        return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        Scan *s = userdata;

        s->settings->progress(s->settings->userdata, s->n_asked, s->n_to_ask);
        (void) sd_event_source_set_time_relative(source, TICK_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

Scan *scan_free(Scan *s) {
        if (!s)
                return NULL;

        for (size_t i = 0; i < ELEMENTSOF(s->searches); i++)
                if (s->searches[i])
                        s->searches[i]->ops->free(s->searches[i]);
        sd_event_source_disable_unref(s->over);
        sd_event_source_disable_unref(s->tick);
        if (s->bus)
                sd_bus_detach_event(s->bus);
        sd_bus_flush_close_unref(s->bus);
        scan_devices_done(&s->devices);
        sd_event_unref(s->event);
        free(s->why);
        free(s);
        return NULL;
}

static int begin(Scan *s, ScanKind kind) {
        ScanSearch *search = NULL;
        int r = all[kind]->begin(s, &search);

        if (search) {
                search->ops = all[kind];
                search->scan = s;
                s->searches[kind] = search;
        }
        if (r == -EINVAL || r == -ENOMEM)
                return r;
        if (r < 0)
                scan_say(
                        s, LOG_WARNING, kind, "cannot look for %s: %s", scan_kind_title(kind), strerror(-r));
        s->running += r > 0;
        return 0;
}

int scan_new(sd_event *event, const ScanSettings *settings, ScanDone done, void *userdata, Scan **ret,
                char **ret_why) {
        _cleanup_(scan_freep) Scan *s = new0(Scan, 1);
        int r;

        if (!s)
                return -ENOMEM;
        s->event = sd_event_ref(event);
        s->settings = settings;
        s->done = done;
        s->userdata = userdata;
        r = sd_event_add_defer(event, &s->over, on_over, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->over, SD_EVENT_OFF);
        if (r >= 0 && settings->progress)
                r = sd_event_add_time_relative(event, &s->tick, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick, s);
        for (int kind = 0; kind < _SCAN_KIND_MAX && r >= 0; kind++)
                if (settings->kinds & SCAN_KIND(kind))
                        r = begin(s, (ScanKind) kind);
        if (r >= 0 && s->running == 0)
                r = sd_event_source_set_enabled(s->over, SD_EVENT_ONESHOT);
        if (r < 0) {
                if (ret_why)
                        *ret_why = TAKE_PTR(s->why);
                return r;
        }
        s->began = true;
        *ret = TAKE_PTR(s);
        return 0;
}

ScanDevices *scan_devices(Scan *s) {
        return &s->devices;
}

static void end_loop(Scan *s, void *userdata) {
        (void) sd_event_exit(s->event, 0);
}

int scan_run(const ScanSettings *settings, ScanDevices *ret, char **ret_why) {
        _cleanup_(scan_freep) Scan *s = NULL;
        sd_event *event = NULL;
        int r;

        r = sd_event_new(&event);
        if (r >= 0)
                r = scan_new(event, settings, end_loop, NULL, &s, ret_why);
        if (r >= 0)
                r = sd_event_loop(event);
        if (r >= 0) {
                *ret = s->devices;
                s->devices = (ScanDevices) {};
        }
        s = scan_free(s);
        sd_event_unref(event);
        return r < 0 ? r : 0;
}
