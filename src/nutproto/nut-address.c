/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-client.h"
#include "nut-protocol.h"
#include "parse-util.h"
#include "string-util.h"
#include "ups-conf.h"

int nut_host_address_parse(const char *s, char **ret_host, uint16_t *ret_port) {
        _cleanup_free_ char *host = NULL;
        const char *rest;
        uint64_t port = NUT_PORT;
        int r;

        if (*s == '[') {
                rest = strchr(s, ']');
                if (!rest)
                        return -EINVAL;
                host = strndup(s + 1, (size_t) (rest - s - 1));
                rest++;
        } else {
                size_t n = strcspn(s, ":");

                rest = s + n;
                host = strndup(s, n);
        }
        if (!host)
                return -ENOMEM;
        if (isempty(host) || strpbrk(host, " \t@[]"))
                return -EINVAL;

        if (*rest == ':') {
                r = parse_uint64(rest + 1, 1, UINT16_MAX, &port);
                if (r < 0)
                        return -EINVAL;
        } else if (*rest)
                return -EINVAL;

        *ret_host = TAKE_PTR(host);
        *ret_port = (uint16_t) port;
        return 0;
}

int nut_device_address_parse(const char *s, char **ret_name, char **ret_host, uint16_t *ret_port) {
        _cleanup_free_ char *name = NULL, *host = NULL;
        uint16_t port = NUT_PORT;
        const char *at;
        int r;

        at = strchr(s, '@');
        name = at ? strndup(s, (size_t) (at - s)) : strdup(s);
        if (!name)
                return -ENOMEM;
        if (!device_name_is_valid(name))
                return -EINVAL;

        if (at)
                r = nut_host_address_parse(at + 1, &host, &port);
        else
                r = (host = strdup("localhost")) ? 0 : -ENOMEM;
        if (r < 0)
                return r;

        *ret_name = TAKE_PTR(name);
        *ret_host = TAKE_PTR(host);
        *ret_port = port;
        return 0;
}
