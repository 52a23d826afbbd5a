/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor-internal.h"

static void request_begin(Supervisor *s, Request *q) {
        _cleanup_free_ char *name = strdup(request_name(q, s->model));
        _cleanup_free_ char *argument = q->value ? strdup(q->value) : NULL;

        if (!name || (q->value && !argument)) {
                (void) request_done(q, -ENOMEM, NULL);
                return;
        }

        s->request = q;
        supervisor_begin(s, &(Job) {
                .type = q->type == REQUEST_SET ? JOB_SET : JOB_COMMAND,
                .name = TAKE_PTR(name),
                .argument = TAKE_PTR(argument),
        });
}

bool supervisor_serve(Supervisor *s) {
        Request *q;
        int r;

        while (!s->busy && (q = request_queue_pop(&s->queue))) {
                /* Again, as the device may have changed while the request waited. */
                r = request_check(q, s->config->driver, s->model);
                if (r < 0)
                        (void) request_done(q, r, NULL);
                else
                        request_begin(s, q);
        }

        return s->busy;
}

void supervisor_refuse(Supervisor *s, int r) {
        Request *q;

        while ((q = request_queue_pop(&s->queue)))
                (void) request_done(q, r, NULL);
}

void supervisor_request(Supervisor *s, Request *q) {
        int r;

        r = request_check(q, s->config->driver, s->model);
        if (r >= 0)
                r = request_queue_push(&s->queue, q);
        if (r < 0) {
                (void) request_done(q, r, NULL);
                return;
        }

        /* While an answer is given it only waits: a poll may come first. */
        if (s->state == STATE_UP && !s->busy && !s->answering)
                (void) supervisor_serve(s);
}
