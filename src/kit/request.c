/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

Request *request_new(RequestType type, const char *name, const char *value, RequestDone done, void *userdata) {
        Request *q = new0(Request, 1);

        if (!q)
                return NULL;

        *q = (Request) { type, strdup(name), value ? strdup(value) : NULL, done, userdata };
        if (!q->name || (value && !q->value)) {
                free(q->name);
                free(q->value);
                free(q);
                return NULL;
        }

        return q;
}

Request *request_done(Request *q, int r, const char *message) {
        q->done(q->userdata, r, message);
        free(q->name);
        free(q->value);
        free(q);
        return NULL;
}

int request_queue_push(RequestQueue *queue, Request *q) {
        if (queue->n >= REQUEST_QUEUE_MAX)
                return -EBUSY;

        queue->items[queue->n++] = q;
        return 0;
}

Request *request_queue_pop(RequestQueue *queue) {
        Request *q;

        if (queue->n == 0)
                return NULL;

        q = queue->items[0];
        queue->n--;
        memmove(queue->items, queue->items + 1, queue->n * sizeof(queue->items[0]));
        return q;
}
