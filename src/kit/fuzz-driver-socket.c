/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a client may send to a driver's socket. Requests are answered at once, or after the client has
 * gone. */

#include <sys/socket.h>

#include "driver-client.h"
#include "log.h"
#include "string-util.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Late {
        Request *open[4];
        size_t n;
} Late;

static void on_request(void *userdata, Request *q) {
        Late *late = userdata;

        ASSERT_TRUE(q->name);
        if (late->n < ELEMENTSOF(late->open))
                late->open[late->n++] = q;
        else
                (void) request_done(q, -EBUSY, NULL);
}

static void on_closed(void *userdata, DriverClient *c) {
}

static Model *make_model(void) {
        _cleanup_(update_freep) Update *u = update_new();
        Model *m = model_new();

        ASSERT_TRUE(u && m);
        (void) update_set(u, "ups.id", "a \"b\" \\ #1");
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 16);
        (void) update_status(u, "OL");
        (void) update_command(u, "load.off");
        ASSERT_OK(model_apply(m, u, NULL));
        return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const DriverClientOps ops = { on_request, on_closed };
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(model_freep) Model *model = NULL;
        _cleanup_close_ int other = -EBADF;
        DriverClient *c;
        Late late = {};
        int fds[2];

        log_set_max_level(LOG_EMERG);
        ASSERT_OK(sd_event_new(&event));
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        other = fds[1];
        model = make_model();

        ASSERT_OK(driver_client_new(event, fds[0], model, &ops, &late, &c));
        driver_client_feed(c, (const char *) data, size);
        driver_client_free(c);
        for (size_t i = 0; i < late.n; i++)
                (void) request_done(late.open[i], 0, NULL);
        return 0;
}
