/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen.h"

#include <inttypes.h>

#include "string-util.h"

static bool is_wildcard(const char *address) {
        return streq(address, "0.0.0.0") || streq(address, "::");
}

static int add_stream(char ***streams, const char *address, uint16_t port) {
        bool ipv6 = strchr(address, ':');
        _cleanup_free_ char *stream = NULL, *wildcard = NULL;

        stream = strprintf(ipv6 ? "[%s]:%" PRIu16 : "%s:%" PRIu16, address, port);
        wildcard = strprintf(ipv6 ? "[::]:%" PRIu16 : "0.0.0.0:%" PRIu16, port);
        if (!stream || !wildcard)
                return -ENOMEM;
        if (strv_contains(*streams, stream) || strv_contains(*streams, wildcard))
                return 0;

        return strv_extend(streams, stream);
}

/* The service manager looks for the interface when it reads the unit, at boot before there is any. */
bool listen_needs_interface(const UpsdListen *l) {
        return strchr(l->address, '%');
}

/* Adds the line if it is, or is not, about every address. */
static int add_listen(char ***streams, const UpsdListen *l, bool wildcards) {
        static const char *const every[] = { "0.0.0.0", "::" }, *const loopback[] = { "127.0.0.1", "::1" };
        const char *const *both = NULL;

        if (listen_needs_interface(l))
                return 0;
        if (streq(l->address, "*"))
                both = every;
        else if (streq(l->address, "localhost"))
                both = loopback;

        if ((both == every || is_wildcard(l->address)) != wildcards)
                return 0;
        if (!both)
                return add_stream(streams, l->address, l->port);

        int r = add_stream(streams, both[0], l->port);
        return r < 0 ? r : add_stream(streams, both[1], l->port);
}

int listen_streams(const UpsdConf *c, char ***ret) {
        _cleanup_strv_free_ char **streams = NULL;
        int r;

        /* Wildcards first, since they make others unneeded wherever those stand. */
        for (int wildcards = 1; wildcards >= 0; wildcards--)
                for (size_t i = 0; i < c->n_listens; i++) {
                        r = add_listen(&streams, c->listens + i, wildcards);
                        if (r < 0)
                                return r;
                }

        *ret = TAKE_PTR(streams);
        return 0;
}
