/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <syslog.h>

#include "string-util.h"

/* Address and scope as text that is the same for the same address; NULL when s is none. */
static char *canonical_address(const char *s, int *ret_family) {
        char text[INET6_ADDRSTRLEN], address[INET6_ADDRSTRLEN];
        struct in6_addr buffer;
        const char *scope = strchr(s, '%');
        size_t n = scope ? (size_t) (scope - s) : strlen(s);

        if (n >= sizeof(address))
                return NULL;
        memcpy(address, s, n);
        address[n] = '\0';

        *ret_family = strchr(address, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(*ret_family, address, &buffer) != 1 ||
                        !inet_ntop(*ret_family, &buffer, text, sizeof(text)))
                return NULL;

        /* What is no name of an interface must not get into a unit file. */
        if (scope && (*ret_family != AF_INET6 || isempty(scope + 1) || strlen(scope + 1) >= IF_NAMESIZE ||
                                      strpbrk(scope + 1, " \t\r\n%/[]:=")))
                return NULL;

        return strjoin(text, strempty(scope));
}

static bool is_wildcard(const char *address) {
        return streq(address, "0.0.0.0") || streq(address, "::");
}

static int add_stream(char ***streams, int family, const char *address, uint16_t port) {
        _cleanup_free_ char *stream = NULL, *wildcard = NULL;

        stream = strprintf(family == AF_INET6 ? "[%s]:%" PRIu16 : "%s:%" PRIu16, address, port);
        wildcard = strprintf(family == AF_INET6 ? "[::]:%" PRIu16 : "0.0.0.0:%" PRIu16, port);
        if (!stream || !wildcard)
                return -ENOMEM;
        if (strv_contains(*streams, stream) || strv_contains(*streams, wildcard))
                return 0;

        return strv_extend(streams, stream);
}

/* Adds the line if it is, or is not, about every address. */
static int add_listen(char ***streams, const UpsdListen *l, bool wildcards, ConfReport report,
                void *userdata) {
        static const char *const every[] = { "0.0.0.0", "::" }, *const loopback[] = { "127.0.0.1", "::1" };
        const char *const *both = NULL;
        _cleanup_free_ char *address = NULL;
        int family, r;

        if (streq(l->address, "*"))
                both = every;
        else if (strcaseeq(l->address, "localhost"))
                both = loopback;

        if (both) {
                if ((both == every) != wildcards)
                        return 0;
                r = add_stream(streams, AF_INET, both[0], l->port);
                return r < 0 ? r : add_stream(streams, AF_INET6, both[1], l->port);
        }

        address = canonical_address(l->address, &family);
        if (address)
                return is_wildcard(address) == wildcards ? add_stream(streams, family, address, l->port) : 0;

        if (!wildcards)
                report(userdata, LOG_ERR, l->file, l->line,
                                "LISTEN wants an address, as names cannot be looked up at boot: left out.");
        return 0;
}

int listen_streams(const UpsdConf *c, ConfReport report, void *userdata, char ***ret) {
        _cleanup_strv_free_ char **streams = NULL;
        int r;

        /* Wildcards first, since they make others unneeded wherever those stand. */
        for (int wildcards = 1; wildcards >= 0; wildcards--)
                for (size_t i = 0; i < c->n_listens; i++) {
                        r = add_listen(&streams, c->listens + i, wildcards, report, userdata);
                        if (r < 0)
                                return r;
                }

        *ret = TAKE_PTR(streams);
        return 0;
}
