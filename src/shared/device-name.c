/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-name.h"

#include <arpa/inet.h>

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
