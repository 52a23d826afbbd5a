/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "model.h"

/* A write on its way to a device: a variable to set or a command to run. Whoever asks gets exactly one
 * answer. */

typedef struct Request Request;

typedef enum RequestType {
        REQUEST_SET,
        REQUEST_COMMAND,
} RequestType;

/* The device's verdict: 0 or a negative errno as in bus-error.h. message is for people and may be NULL. */
typedef void (*RequestDone)(void *userdata, int r, const char *message);

struct Request {
        RequestType type;
        char *name;
        char *value; /* or the command's argument, which may be NULL */
        RequestDone done;
        void *userdata;
};

/* NULL without memory. */
Request *request_new(
                RequestType type, const char *name, const char *value, RequestDone done, void *userdata);

/* Gives the answer and frees the request; returns NULL. */
Request *request_done(Request *q, int r, const char *message);

/* Whether the driver may be bothered with it: 0, -ENODEV or -ESTALE for a device without fresh data, or
 * -EOPNOTSUPP, -EROFS, -EMSGSIZE, -EINVAL or -EIO for what the model does not bear. */
int request_check(const Request *q, const Driver *driver, const Model *m);

/* Requests that wait for their device, in order. */

#define REQUEST_QUEUE_MAX 16U

typedef struct RequestQueue {
        Request *items[REQUEST_QUEUE_MAX];
        size_t n;
} RequestQueue;

/* Appends, and owns the request from then on; -EBUSY when full. */
int request_queue_push(RequestQueue *queue, Request *q);

/* Takes the first one out; NULL when empty. */
Request *request_queue_pop(RequestQueue *queue);

/* The name of the variable or command as the model spells it, or as asked if that does not have it. */
const char *request_name(const Request *q, const Model *m) _pure_;
