/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>

#include "doctor.h"
#include "io-util.h"
#include "parse-util.h"
#include "string-util.h"

#define OUR_SLICE "/system-busbar.slice/"
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

/* Of one hierarchy of groups a line, and of each version of them; systemd's has services in it. */
static char *find_unit(const char *cgroup) {
        while (*cgroup) {
                size_t n = strcspn(cgroup, "\n");
                _cleanup_free_ char *line = strndup(cgroup, n);
                const char *slash = line ? strrchr(line, '/') : NULL;

                if (slash && endswith(slash, ".service"))
                        return strdup(slash + 1);
                cgroup += n;
                cgroup += *cgroup == '\n';
        }
        return NULL;
}

static void add_process(Doctor *d, const char *pid, uint64_t number) {
        _cleanup_free_ char *name = read_process(d, pid, "comm"), *cgroup = NULL, *unit = NULL;

        if (!name)
                return;
        cgroup = read_process(d, pid, "cgroup");
        unit = cgroup ? find_unit(cgroup) : NULL;
        if (!GREEDY_REALLOC(d->processes, d->n_processes_allocated, d->n_processes + 1)) {
                d->error = -ENOMEM;
                return;
        }
        d->processes[d->n_processes++] = (Process){
                .pid = (pid_t) number,
                .name = TAKE_PTR(name),
                .unit = TAKE_PTR(unit),
                .ours = cgroup && strstr(cgroup, OUR_SLICE),
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
