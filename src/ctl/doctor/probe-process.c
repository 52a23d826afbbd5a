/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>

#include "doctor.h"
#include "io-util.h"
#include "parse-util.h"
#include "process-unit.h"
#include "string-util.h"

#define TABLE_MAX (1U << 20)
#define PROCESSES_MAX 100000U

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

static char *read_process(Doctor *d, const char *pid, const char *file) {
        _cleanup_free_ char *path = strjoin("/proc/", pid, "/", file);

        return path ? doctor_read(d, path) : NULL;
}

/* What the manager says of it, which knows whom it gave a group to. */
static bool is_confirmed(Doctor *d, uint64_t pid, const char *unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        _cleanup_free_ char *name = NULL;
        const char *path;
        int r;

        /* It cannot be asked, or not about this machine. */
        if (d->bus_error < 0 || d->systemd_error < 0 || !isempty(d->root))
                return true;
        r = sd_bus_call_method(d->ctl->bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager", "GetUnitByPID", NULL, &answer, "u", (uint32_t) pid);
        /* One that hangs is waited for once. */
        if (r == -ETIMEDOUT)
                d->systemd_error = r;
        return r >= 0 && sd_bus_message_read(answer, "o", &path) >= 0 &&
               sd_bus_path_decode(path, "/org/freedesktop/systemd1/unit", &name) > 0 && streq(name, unit);
}

static void add_process(Doctor *d, const char *pid, uint64_t number) {
        _cleanup_free_ char *name = read_process(d, pid, "comm"), *unit = NULL;
        _cleanup_free_ char *status = NULL, *cgroup = NULL;

        if (!name)
                return;
        status = read_process(d, pid, "status");
        if (status && process_is_contained(status))
                return;
        cgroup = read_process(d, pid, "cgroup");
        unit = cgroup ? process_unit(cgroup) : NULL;
        /* systemctl would take the second kind for an option. */
        if (unit && (*unit == '-' || !is_confirmed(d, number, unit))) {
                free(unit);
                unit = NULL;
        }
        if (!GREEDY_REALLOC(d->processes, d->n_processes_allocated, d->n_processes + 1)) {
                d->error = -ENOMEM;
                return;
        }
        d->processes[d->n_processes++] = (Process){
                .pid = (pid_t) number,
                .name = TAKE_PTR(name),
                .unit = TAKE_PTR(unit),
                .ours = cgroup && process_unit_is_ours(cgroup),
        };
}

void doctor_load_processes(Doctor *d) {
        _cleanup_free_ char *path = doctor_path(d, "/proc");
        _cleanup_(closedirp) DIR *list = path ? opendir(path) : NULL;
        uint64_t number;

        for (struct dirent *e; list && d->n_processes < PROCESSES_MAX && (e = readdir(list));)
                if (parse_uint64(e->d_name, 1, INT32_MAX, &number) >= 0)
                        add_process(d, e->d_name, number);
}

const Process *doctor_process(const Doctor *d, const char *name) {
        for (size_t i = 0; i < d->n_processes; i++)
                if (streq(d->processes[i].name, name))
                        return d->processes + i;
        return NULL;
}

static void load_table(Doctor *d, const char *file) {
        _cleanup_free_ char *path = doctor_path(d, file), *text = malloc(TABLE_MAX);
        ssize_t n = path && text ? path_read(path, text, TABLE_MAX - 1) : -1;

        if (n < 0)
                return;
        text[n] = '\0';
        for (char *line = text, *next; line; line = next) {
                Listener l;

                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (!listener_parse(line, &l))
                        continue;
                if (!GREEDY_REALLOC(d->listeners, d->n_listeners_allocated, d->n_listeners + 1)) {
                        d->error = -ENOMEM;
                        return;
                }
                d->listeners[d->n_listeners++] = l;
        }
}

void doctor_load_listeners(Doctor *d) {
        load_table(d, "/proc/net/tcp");
        load_table(d, "/proc/net/tcp6");
}
