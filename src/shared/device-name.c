/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-name.h"

#include <arpa/inet.h>
#include <netdb.h>

#include "parse-util.h"
#include "string-util.h"
#include "ups-conf.h"

/* Enough for the longest name of a device and the longest name of a host. */
#define LINK_NAME_LENGTH_MAX 512U
#define HOST_LENGTH_MAX 253U

bool host_is_valid(const char *s) {
        size_t n = strlen(s);
        struct in6_addr buffer;

        if (n == 0 || n > HOST_LENGTH_MAX || s[0] == '-' || s[0] == '.')
                return false;
        if (strchr(s, ':')) {
                size_t bare = strcspn(s, "%");
                _cleanup_free_ char *address = strndup(s, bare);

                if (!address || inet_pton(AF_INET6, address, &buffer) != 1)
                        return false;
                s += bare;
        }

        for (; *s; s++)
                if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') && !(*s >= '0' && *s <= '9') &&
                    !strchr("-._%", *s))
                        return false;
        return true;
}

/* An address of IPv4 is, as one of IPv6, the same that dual sockets show. The scope is 0 for none. False for
 * a name. */
static bool parse_address(const char *s, struct in6_addr *ret, uint32_t *ret_scope) {
        static const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
        struct addrinfo *l;
        bool found = true;

        if (getaddrinfo(s, NULL, &hints, &l) != 0)
                return false;

        *ret_scope = 0;
        if (l->ai_family == AF_INET6) {
                const struct sockaddr_in6 *six = (const void *) l->ai_addr;

                *ret = six->sin6_addr;
                *ret_scope = six->sin6_scope_id;
        } else if (l->ai_family == AF_INET) {
                const struct sockaddr_in *four = (const void *) l->ai_addr;

                *ret = (struct in6_addr) { .s6_addr = { [10] = 0xff, [11] = 0xff } };
                memcpy(ret->s6_addr + 12, &four->sin_addr, sizeof(four->sin_addr));
        } else
                found = false;

        freeaddrinfo(l);
        return found;
}

/* A dot at the end only says that the name is complete. */
static size_t name_length(const char *s) {
        size_t n = strlen(s);

        return n > 1 && s[n - 1] == '.' ? n - 1 : n;
}

bool host_equal(const char *a, const char *b) {
        struct in6_addr first, second;
        uint32_t first_scope, second_scope;
        size_t n = name_length(a);

        if (n == name_length(b) && strncasecmp(a, b, n) == 0)
                return true;
        return parse_address(a, &first, &first_scope) && parse_address(b, &second, &second_scope) &&
               first_scope == second_scope && memcmp(&first, &second, sizeof(first)) == 0;
}

int host_split(const char *s, char **ret_host, uint16_t *ret_port) {
        const char *first = strchr(s, ':'), *end, *port = NULL;
        uint64_t n = NUT_PORT;

        if (*s == '[') {
                end = strchr(++s, ']');
                if (!end || (end[1] != '\0' && end[1] != ':'))
                        return -EINVAL;
                port = end[1] == ':' ? end + 2 : NULL;
        } else if (first && !strchr(first + 1, ':')) {
                end = first;
                port = first + 1;
        } else
                end = s + strlen(s);

        if (port && parse_uint64(port, 1, UINT16_MAX, &n) < 0)
                return -EINVAL;

        *ret_host = strndup(s, (size_t) (end - s));
        *ret_port = (uint16_t) n;
        return *ret_host ? 0 : -ENOMEM;
}

bool bus_device_name_is_valid(const char *s) {
        const char *at = strchr(s, '@');

        if (!at)
                return device_name_is_valid(s);
        if (strlen(s) > LINK_NAME_LENGTH_MAX)
                return false;

        _cleanup_free_ char *ups = strndup(s, (size_t) (at - s)), *host = NULL;
        uint16_t port;

        return ups && device_name_is_valid(ups) && host_split(at + 1, &host, &port) >= 0 &&
               host_is_valid(host);
}

/* Length of the name without the host that is meant when there is none. */
static size_t system_name_length(const char *s) {
        const char *at = strchr(s, '@');

        if (at && at > s && (strcaseeq(at, "@localhost") || strcaseeq(at, "@localhost:3493")))
                return (size_t) (at - s);
        return strlen(s);
}

bool system_name_equal(const char *a, const char *b) {
        size_t n = system_name_length(a);

        return n == system_name_length(b) && strncasecmp(a, b, n) == 0;
}
