/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-internal.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#include "core-variables.h"
#include "string-util.h"
#include "supervisor.h"
#include "time-util.h"

int device_new(DeviceConfig *config, sd_event *event, Supervisor *supervisor, Device **ret) {
        _cleanup_(device_freep) Device *d = new0(Device, 1);

        if (!d)
                return -ENOMEM;

        d->config = device_config_ref(config);
        d->event = event;
        d->supervisor = supervisor;
        d->watch_fd = -1;
        d->kept_fd = -EBADF;
        atomic_init(&d->cancelled, false);
        atomic_init(&d->handed_over, false);
        atomic_init(&d->patience_usec, 0);
        d->state = calloc(1, config->driver->state_size ?: 1);
        if (!d->state)
                return -ENOMEM;
        if (config->powering_off && device_memo_load(config, &d->memo) == -ENOMEM)
                return -ENOMEM;

        *ret = TAKE_PTR(d);
        return 0;
}

Device *device_free(Device *d) {
        if (!d)
                return NULL;

        free(d->state);
        free(d->nodes);
        free(d->native_path);
        free(d->memo);
        free(d->explanation);
        safe_close(d->kept_fd);
        device_config_unref(d->config);
        free(d);
        return NULL;
}

const char *device_name(const Device *d) {
        return d->config->name;
}

const Driver *device_driver(const Device *d) {
        return d->config->driver;
}

const char *device_port(const Device *d) {
        return d->config->port;
}

void *device_state(Device *d) {
        return d->state;
}

void *device_shared(Device *d) {
        return d->supervisor ? supervisor_shared(d->supervisor) : NULL;
}

void device_watch(Device *d, int fd) {
        d->watch_fd = fd;
}

int device_set_place(Device *d, const char *nodes, const char *native_path) {
        int r;

        r = free_and_strdup(&d->nodes, nodes);
        return r < 0 ? r : free_and_strdup(&d->native_path, native_path);
}

int device_keep_node(Device *d, int fd) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

        if (copy < 0)
                return -errno;

        safe_close(d->kept_fd);
        d->kept_fd = copy;
        d->keeps = true;
        return 0;
}

void device_set_handed_over(Device *d) {
        atomic_store(&d->handed_over, true);
}

void device_set_patience(Device *d, uint64_t usec) {
        if (atomic_exchange(&d->patience_usec, usec) != usec && d->supervisor)
                supervisor_follow_patience(d->supervisor);
}

bool device_is_retry(const Device *d) {
        return d->retry;
}

bool device_is_restart(const Device *d) {
        return d->restart;
}

uint64_t device_time_left(const Device *d) {
        return d->end_usec > 0 ? usec_sub(d->end_usec, now_usec(CLOCK_MONOTONIC)) : USEC_INFINITY;
}

bool device_is_powering_off(const Device *d) {
        return d->config->powering_off;
}

sd_event *device_event(Device *d) {
        return d->event;
}

const char *device_option(const Device *d, const char *name) {
        return device_config_get(d->config, name);
}

const char *device_option_place(const Device *d, const char *name) {
        return device_config_place(d->config, name);
}

bool device_option_boolean(const Device *d, const char *name) {
        return device_config_boolean(d->config, name);
}

int64_t device_option_integer(const Device *d, const char *name) {
        return device_config_integer(d->config, name);
}

const char *device_fixed(const Device *d, const char *name) {
        const char *rest = startswith_nocase(name, "override.");

        if (rest)
                return device_config_override(d->config, rest);
        rest = startswith_nocase(name, "default.");
        return rest ? device_config_default(d->config, rest) : NULL;
}

const Model *device_model(const Device *d) {
        return d->supervisor ? supervisor_model(d->supervisor) : NULL;
}

void device_complete(Device *d, int r) {
        if (d->supervisor)
                supervisor_complete(d->supervisor, r);
}

void device_poll_within(Device *d, uint64_t usec) {
        if (d->supervisor)
                supervisor_poll_within(d->supervisor, usec);
}

void device_explain(Device *d, const char *text) {
        if (d->supervisor)
                supervisor_explain(d->supervisor, text);
        else
                (void) free_and_strdup(&d->explanation, text);
}

const char *device_memo(const Device *d) {
        return d->supervisor ? supervisor_memo(d->supervisor) : d->memo;
}

int device_set_memo(Device *d, const char *text) {
        return d->supervisor ? supervisor_set_memo(d->supervisor, text) : free_and_strdup(&d->memo, text);
}

void device_publish(Device *d, Update *u) {
        if (d->supervisor)
                supervisor_publish(d->supervisor, u);
        else
                update_free(u);
}

bool device_is_cancelled(const Device *d) {
        return atomic_load(&d->cancelled);
}

int log_device(const Device *d, int level, int error, const char *fmt, ...) {
        const LogContext context = device_log_context(d->config, NULL);
        char text[1024];
        va_list ap;

        if (!log_enabled(level))
                return -abs(error);

        errno = abs(error);
        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);

        return log_full(level, error, &context, "%s", text);
}
