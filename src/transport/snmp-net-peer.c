/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "parse-util.h"
#include "snmp-net-internal.h"
#include "string-util.h"

#define PORT_DEFAULT 161

static const struct {
        const char *prefix;
        int family;
        bool is_stream;
} transports[] = {
        { "udp:",     AF_UNSPEC, false },
        { "udp4:",    AF_INET,   false },
        { "udp6:",    AF_INET6,  false },
        { "udpv6:",   AF_INET6,  false },
        { "udpipv6:", AF_INET6,  false },
        { "tcp:",     AF_UNSPEC, true  },
        { "tcp4:",    AF_INET,   true  },
        { "tcp6:",    AF_INET6,  true  },
        { "tcpv6:",   AF_INET6,  true  },
        { "tcpipv6:", AF_INET6,  true  },
};

/* Others that net-snmp knows, which are no names of hosts. */
static const char *const unknown_transports[] = {
        "unix:", "alias:", "ipx:", "dtlsudp:", "tlstcp:", "ssh:", "std:", "callback:", "dtls:", "tls:",
};

static int fail(char **ret_why, const char *s, const char *what) {
        *ret_why = strprintf("\"%s\": %s", s, what);
        return *ret_why ? -EINVAL : -ENOMEM;
}

static const char *skip_transport(const char *s, NetPeer *p) {
        for (size_t i = 0; i < ELEMENTSOF(transports); i++) {
                const char *rest = startswith_nocase(s, transports[i].prefix);

                if (rest) {
                        p->family = transports[i].family;
                        p->is_stream = transports[i].is_stream;
                        return rest;
                }
        }
        for (size_t i = 0; i < ELEMENTSOF(unknown_transports); i++)
                if (startswith_nocase(s, unknown_transports[i]))
                        return NULL;
        return s;
}

/* HOST, HOST:PORT, [v6], [v6]:PORT, v6: splits it in place; *ret_port is NULL without a port, or what should
 * be one. False: brackets that do not match. */
static bool split(char *s, char **ret_host, char **ret_port) {
        char *end, *colon = strchr(s, ':');

        *ret_host = s;
        *ret_port = NULL;
        if (*s == '[') {
                end = strchr(s, ']');
                if (!end || (end[1] != '\0' && end[1] != ':'))
                        return false;
                *ret_host = s + 1;
                *ret_port = end[1] == ':' ? end + 2 : NULL;
                *end = '\0';
        } else if (colon && !strchr(colon + 1, ':')) {
                *colon = '\0';
                *ret_port = colon + 1;
        }
        return true;
}

int net_peer_parse(const char *s, NetPeer *ret, char **ret_why) {
        _cleanup_(net_peer_done) NetPeer p = { .family = AF_UNSPEC, .port = PORT_DEFAULT };
        const char *rest = skip_transport(s, &p);
        _cleanup_free_ char *copy = strdup(strempty(rest));
        char *host, *port;
        uint64_t number;

        if (!copy)
                return -ENOMEM;
        if (!rest)
                return fail(ret_why, s, "only udp, udp6, tcp and tcp6 are ways to an agent");
        if (!split(copy, &host, &port))
                return fail(ret_why, s, "[ and ] belong around an address, with :PORT behind it");
        if (*host == '\0')
                return fail(ret_why, s, "there is no host");
        if (port) {
                if (parse_uint64(port, 1, UINT16_MAX, &number) < 0)
                        return fail(ret_why, s, "the port is no number from 1 to 65535");
                p.port = (uint16_t) number;
        }
        if (strpbrk(host, " \t\r\n/"))
                return fail(ret_why, s, "this is no name of a host");

        p.host = strdup(host);
        if (!p.host)
                return -ENOMEM;
        *ret = p;
        p.host = NULL;
        return 0;
}

void net_peer_done(NetPeer *p) {
        free(p->host);
        p->host = NULL;
}

char *net_peer_text(const NetPeer *p) {
        const char *open = strchr(p->host, ':') ? "[" : "", *close = *open ? "]" : "";

        return strprintf("%s%s:%s%s%s:%u", p->is_stream ? "tcp" : "udp", p->family == AF_INET6 ? "6" : "",
                open, p->host, close, (unsigned) p->port);
}

/*** Addresses ***/

/* The bytes of an address; those of an IPv4 one also when it comes as IPv6. */
static size_t address_bytes(const struct sockaddr *address, const uint8_t **ret) {
        if (address->sa_family == AF_INET) {
                *ret = (const uint8_t *) &((const struct sockaddr_in *) (const void *) address)->sin_addr;
                return 4;
        }
        if (address->sa_family != AF_INET6)
                return 0;

        const struct in6_addr *a = &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr;

        *ret = a->s6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(a))
                return 16;
        *ret += 12;
        return 4;
}

bool net_address_equal(const struct sockaddr *a, const struct sockaddr *b) {
        const uint8_t *x, *y;
        size_t n = address_bytes(a, &x);

        return n > 0 && address_bytes(b, &y) == n && memcmp(x, y, n) == 0;
}

char *net_address_text(const struct sockaddr *address) {
        const struct sockaddr_in *in = (const struct sockaddr_in *) (const void *) address;
        const uint8_t *bytes;
        char s[INET6_ADDRSTRLEN] = "";
        size_t n = address_bytes(address, &bytes);

        if (n == 0 || !inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, s, sizeof(s)))
                return strdup("?");
        /* The port is at the same place in both. */
        return strprintf(
                "%s%s%s:%u", n == 4 ? "" : "[", s, n == 4 ? "" : "]", (unsigned) ntohs(in->sin_port));
}
