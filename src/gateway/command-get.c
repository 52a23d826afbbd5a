/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "names.h"
#include "string-util.h"
#include "version.h"
#include "view.h"

typedef struct Getter {
        const char *name;
        size_t min_args; /* with the kind itself; more are ignored, as stock upsd does */
        void (*handler)(const Request *q, const char *kind);
} Getter;

/* Stock upsd answers for the server itself whatever device is named, known or not, and with the name of the
 * variable in its own spelling. */
static void get_server_variable(const Request *q, const char *name) {
        if (strcaseeq(name, "server.info"))
                buffer_add(q->out, "VAR ", request_arg(q, 1), " server.info \"" GATEWAY_VERSION_LINE "\"\n");
        else if (strcaseeq(name, "server.version"))
                buffer_add(q->out, "VAR ", request_arg(q, 1),
                                " server.version \"" NUT_COMPAT_VERSION "\"\n");
        else
                request_error(q, "VAR-NOT-SUPPORTED");
}

static const Variable *find_variable(const Request *q, const Device *d, const char *name) {
        const Variable *v = view_find_variable(d, name);

        if (!v)
                request_error(q, "VAR-NOT-SUPPORTED");
        return v;
}

static void get_variable(const Request *q, const char *kind) {
        const char *ups = request_arg(q, 1), *name = request_arg(q, 2);

        if (startswith_nocase(name, "server.")) {
                get_server_variable(q, name);
                return;
        }

        Device *d = request_live_device(q, ups);
        const Variable *v = d ? find_variable(q, d, name) : NULL;
        if (!v)
                return;
        view_variable(d, v, ups, name, q->out);
        request_share(q, d, NULL);
}

static void get_type(const Request *q, const char *kind) {
        Device *d = request_live_device(q, request_arg(q, 1));
        const Variable *v = d ? find_variable(q, d, request_arg(q, 2)) : NULL;

        if (v)
                view_type(v, request_arg(q, 1), request_arg(q, 2), q->out);
}

static void describe(const Request *q, const char *kind, const Name *name) {
        if (!request_live_device(q, request_arg(q, 1)))
                return;

        buffer_add(q->out, kind, " ", request_arg(q, 1), " ", request_arg(q, 2), " ");
        buffer_quoted(q->out, name ? name->description : "Description unavailable");
        buffer_append(q->out, "\n", 1);
}

static void get_description(const Request *q, const char *kind) {
        describe(q, kind, variable_name_find(request_arg(q, 2)));
}

static void get_command_description(const Request *q, const char *kind) {
        const char *name = request_arg(q, 2);

        describe(q, kind, view_hides(name) ? NULL : command_name_find(name));
}

static void get_ups_description(const Request *q, const char *kind) {
        Device *d = request_device(q, request_arg(q, 1));
        if (!d)
                return;

        buffer_add(q->out, "UPSDESC ", request_arg(q, 1), " ");
        buffer_quoted(q->out, device_title(d) ?: "Unavailable");
        buffer_append(q->out, "\n", 1);
}

static void get_count(const Request *q, const char *kind) {
        Device *d = request_live_device(q, request_arg(q, 1));
        if (!d)
                return;

        buffer_add(q->out, kind, " ", request_arg(q, 1), " ");
        buffer_number(q->out, d->n_sessions);
        buffer_append(q->out, "\n", 1);
}

static void get_tracking(const Request *q, const char *kind) {
        const char *id = request_arg(q, 1);

        if (!id)
                buffer_add(q->out, q->session->tracking ? "ON\n" : "OFF\n");
        else if (!q->session->tracking)
                request_error(q, "FEATURE-NOT-CONFIGURED");
        else
                buffer_add(q->out, tracking_result(q->gateway->tracking, id), "\n");
}

static const Getter getters[] = {
        { "VAR", 3, get_variable },
        { "TYPE", 3, get_type },
        { "DESC", 3, get_description },
        { "CMDDESC", 3, get_command_description },
        { "UPSDESC", 2, get_ups_description },
        { "NUMLOGINS", 2, get_count },
        { "NUMATTACH", 2, get_count }, /* RFC 9271 */
        { "TRACKING", 1, get_tracking },
};

void command_get(const Request *q) {
        for (size_t i = 0; i < ELEMENTSOF(getters); i++)
                if (strcaseeq(getters[i].name, request_arg(q, 0)) &&
                    request_n_args(q) >= getters[i].min_args) {
                        getters[i].handler(q, getters[i].name);
                        return;
                }

        request_error(q, "INVALID-ARGUMENT");
}
