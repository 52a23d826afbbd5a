/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-introspect.h"

#include <sys/socket.h>

#include "string-util.h"

/* libsystemd renders a vtable as XML only in answer to a call. So the object is put on one end of a private
 * connection and asked over the other. */

typedef struct Exchange {
        sd_bus *server, *client;
        char *xml;
        int result; /* 1 while the answer is outstanding */
} Exchange;

static void exchange_done(Exchange *x) {
        sd_bus_close_unref(x->client);
        sd_bus_close_unref(x->server);
        free(x->xml);
}

static int bus_on_fd(int fd, bool server, sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        sd_id128_t id = {};
        int r;

        r = sd_bus_new(&bus);
        if (r < 0) {
                safe_close(fd);
                return r;
        }
        r = sd_bus_set_fd(bus, fd, fd);
        if (r < 0) {
                safe_close(fd);
                return r;
        }
        if (server) {
                r = sd_bus_set_server(bus, true, id);
                if (r < 0)
                        return r;
        }
        r = sd_bus_set_anonymous(bus, true);
        if (r < 0)
                return r;
        r = sd_bus_start(bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

static int exchange_open(Exchange *x) {
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
                return -errno;

        r = bus_on_fd(fds[0], true, &x->server);
        if (r < 0) {
                safe_close(fds[1]);
                return r;
        }

        return bus_on_fd(fds[1], false, &x->client);
}

static int on_xml(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        Exchange *x = userdata;
        const char *xml;

        x->result = sd_bus_message_is_method_error(reply, NULL) ?
                -sd_bus_message_get_errno(reply) : sd_bus_message_read(reply, "s", &xml);
        if (x->result < 0)
                return 0;

        x->xml = strdup(xml);
        x->result = x->xml ? 0 : -ENOMEM;
        return 0;
}

static int exchange_run(Exchange *x) {
        while (x->result > 0) {
                int s, c;

                s = sd_bus_process(x->server, NULL);
                if (s < 0)
                        return s;
                c = sd_bus_process(x->client, NULL);
                if (c < 0)
                        return c;
                if (s == 0 && c == 0) {
                        /* Both wait for bytes of the other, which are on their way. */
                        int r = sd_bus_wait(x->client, 1000);
                        if (r < 0)
                                return r;
                }
        }

        return x->result;
}

/* Leaves out what every object has. */
static int write_own_interfaces(FILE *f, char *xml) {
        bool skip = false;

        for (char *line = xml, *next; line; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';

                if (startswith(line, " <interface name=\"org.freedesktop."))
                        skip = true;
                if (!skip && line[0] && fprintf(f, "%s\n", line) < 0)
                        return -EIO;
                if (streq(line, " </interface>"))
                        skip = false;
        }

        return 0;
}

int bus_introspect(FILE *f, const BusInterface *interfaces) {
        static const char path[] = "/object";
        _cleanup_(exchange_done) Exchange x = { .result = 1 };
        int r;

        r = exchange_open(&x);
        if (r < 0)
                return r;

        for (const BusInterface *i = interfaces; i->name; i++) {
                r = sd_bus_add_object_vtable(x.server, NULL, path, i->name, i->vtable, NULL);
                if (r < 0)
                        return r;
        }

        r = sd_bus_call_method_async(x.client, NULL, NULL, path, "org.freedesktop.DBus.Introspectable",
                        "Introspect", on_xml, &x, NULL);
        if (r < 0)
                return r;
        r = exchange_run(&x);
        if (r < 0)
                return r;

        return write_own_interfaces(f, x.xml);
}
