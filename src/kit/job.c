/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job.h"

#include "device-internal.h"

static int run_power_off(Device *d) {
        const Driver *driver = d->config->driver;
        int r;

        r = driver->probe ? driver->probe(d) : 0;
        return r < 0 ? r : driver->power_off(d);
}

int job_run(const Job *j, Device *d) {
        const Driver *driver = d->config->driver;

        switch (j->type) {
        case JOB_START:
                return driver->start ? driver->start(d, j->update) : 0;
        case JOB_POLL:
                return driver->poll ? driver->poll(d, j->what, j->update) : 0;
        case JOB_EVENT:
                return driver->event(d, j->update);
        case JOB_SET:
                return driver->set(d, j->name, j->argument, j->update);
        case JOB_COMMAND:
                return driver->command(d, j->name, j->argument, j->update);
        case JOB_POWER_OFF:
                return run_power_off(d);
        }

        return -EINVAL;
}

const char *job_type_to_string(JobType type) {
        static const char *const table[] = {
                [JOB_START] = "start",
                [JOB_POLL] = "poll",
                [JOB_EVENT] = "event",
                [JOB_SET] = "set",
                [JOB_COMMAND] = "command",
                [JOB_POWER_OFF] = "power-off",
        };

        return table[type];
}

void job_done(Job *j) {
        free(j->name);
        free(j->argument);
        update_free(j->update);
        *j = (Job) {};
}
