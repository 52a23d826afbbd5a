/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dump.h"

#include <stdio.h>

#include "core-variables.h"
#include "daemon.h"
#include "supervisor.h"

typedef struct Dump {
        sd_event *event;
        unsigned left;
        int result;
} Dump;

static void on_changed(void *userdata, const Change *change) {
}

static void on_outcome(void *userdata, int r) {
        Dump *d = userdata;

        d->result = r;
        if (r < 0 || --d->left == 0)
                (void) sd_event_exit(d->event, r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void print_model(const Model *m) {
        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);

                (void) printf("%s: %s\n", v->name, v->value);
        }
}

static int dump_run(sd_event *event, WorkerGroup *workers, DeviceConfig *config, unsigned count) {
        static const SupervisorOps ops = { on_changed, on_outcome };
        _cleanup_(supervisor_freep) Supervisor *s = NULL;
        Dump dump = { event, count, -EINTR };
        int r;

        r = supervisor_new(event, workers, config, &ops, &dump, &s);
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot prepare the device: %m");
        r = supervisor_start(s);
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot start the device: %m");
        r = sd_event_loop(event);
        if (r < 0)
                return log_error_errno(r, "The event loop failed: %m");

        if (dump.result < 0)
                /* The supervisor has said what is wrong with the device. */
                return dump.result;

        print_model(supervisor_model(s));
        return 0;
}

int dump_device(DeviceConfig *config, unsigned count) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(worker_group_freep) WorkerGroup *workers = NULL;
        int r;

        r = daemon_event_new(&event);
        if (r < 0)
                return log_error_errno(r, "Cannot set up the event loop: %m");
        r = worker_group_new(event, &workers);
        if (r < 0)
                return log_error_errno(r, "Cannot set up threads: %m");

        return dump_run(event, workers, config, count);
}
