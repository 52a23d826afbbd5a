/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>

#include "command.h"
#include "string-util.h"
#include "view.h"

typedef struct Lister {
        const char *name;
        size_t min_args; /* with the kind itself; more are ignored, as stock upsd does */
        void (*handler)(const Request *q); /* NULL: the view below is all there is to it */
        ViewList view;
} Lister;

/* What the client is to call the device in its list; NULL when it is not to be there: it must not be read or
 * is hidden while it has no data, or its name means another one for this client. */
static const char *listed_name(const Request *q, const Device *d) {
        const User *u = request_user(q);

        if (!request_may_read(q, d) || (u && u->hides_stale && device_unavailable(d)))
                return NULL;
        return request_name(q, d);
}

static void list_own_devices(const Request *q) {
        const DeviceTable *t = q->gateway->devices;

        buffer_add(q->out, "BEGIN LIST UPS\n");
        for (size_t i = 0; i < device_table_count(t); i++) {
                const Device *d = device_table_get(t, i);
                const char *name = listed_name(q, d);

                if (!name)
                        continue;
                buffer_add(q->out, "UPS ", name, " ");
                buffer_quoted(q->out, device_title(d) ?: "Description unavailable");
                buffer_append(q->out, "\n", 1);
        }
        buffer_add(q->out, "END LIST UPS\n");
}

static void list_devices(const Request *q) {
        if (!command_may_repeat(q->gateway, q->session)) {
                list_own_devices(q);
                return;
        }
        request_share(q, NULL, view_devices(q->gateway->devices, q->out));
}

static const Variable *find_variable(const Request *q) {
        Device *d = request_live_device(q, request_arg(q, 1));
        if (!d)
                return NULL;

        const Variable *v = view_find_variable(d, request_arg(q, 2));
        if (!v)
                request_error(q, "VAR-NOT-SUPPORTED");
        return v;
}

static void list_values(const Request *q) {
        const char *ups = request_arg(q, 1), *name = request_arg(q, 2);
        const Variable *v = find_variable(q);

        if (!v)
                return;

        buffer_add(q->out, "BEGIN LIST ENUM ", ups, " ", name, "\n");
        STRV_FOREACH(e, v->enums) {
                buffer_add(q->out, "ENUM ", ups, " ", name, " ");
                buffer_quoted(q->out, *e);
                buffer_append(q->out, "\n", 1);
        }
        buffer_add(q->out, "END LIST ENUM ", ups, " ", name, "\n");
}

static void list_ranges(const Request *q) {
        const char *ups = request_arg(q, 1), *name = request_arg(q, 2);
        const Variable *v = find_variable(q);

        if (!v)
                return;

        buffer_add(q->out, "BEGIN LIST RANGE ", ups, " ", name, "\n");
        for (size_t i = 0; i < v->n_ranges; i++) {
                buffer_add(q->out, "RANGE ", ups, " ", name, " \"");
                buffer_number(q->out, v->ranges[i].min);
                buffer_add(q->out, "\" \"");
                buffer_number(q->out, v->ranges[i].max);
                buffer_add(q->out, "\"\n");
        }
        buffer_add(q->out, "END LIST RANGE ", ups, " ", name, "\n");
}

static void list_clients(const Request *q) {
        const char *ups = request_arg(q, 1);
        Device *d = request_device(q, ups);

        if (!d)
                return;

        buffer_add(q->out, "BEGIN LIST CLIENT ", ups, "\n");
        for (const Session *s = d->sessions; s; s = s->next)
                buffer_add(q->out, "CLIENT ", ups, " ", s->address, "\n");
        buffer_add(q->out, "END LIST CLIENT ", ups, "\n");
}

static const Lister listers[] = {
        { "VAR", 2, .view = VIEW_VARIABLES },
        { "UPS", 1, list_devices },
        { "RW", 2, .view = VIEW_WRITABLE },
        { "CMD", 2, .view = VIEW_COMMANDS },
        { "ENUM", 3, list_values },
        { "RANGE", 3, list_ranges },
        { "CLIENT", 2, list_clients },
};

static void list_view(const Request *q, ViewList list) {
        Device *d = request_live_device(q, request_arg(q, 1));

        if (d)
                request_share(q, d, view_list(d, list, request_arg(q, 1), q->out));
}

void command_list(const Request *q) {
        for (size_t i = 0; i < ELEMENTSOF(listers); i++) {
                const Lister *l = listers + i;

                if (!strcaseeq(l->name, request_arg(q, 0)) || request_n_args(q) < l->min_args)
                        continue;
                if (l->handler)
                        l->handler(q);
                else
                        list_view(q, l->view);
                return;
        }

        request_error(q, "INVALID-ARGUMENT");
}
