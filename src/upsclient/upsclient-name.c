/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "nut-protocol.h"
#include "parse-util.h"
#include "string-util.h"
#include "upsclient-internal.h"

static int complain(const char *function, const char *message) {
        fprintf(stderr, "%s: %s\n", function, message);
        return -1;
}

/* Takes ":PORT", or nothing. */
static int parse_port(const char *s, uint16_t *ret) {
        uint64_t port = NUT_PORT;

        if (s[0] != '\0' && (s[0] != ':' || parse_uint64(s + 1, 1, UINT16_MAX, &port) < 0))
                return complain("upscli_splitaddr", "no port specified after ':' separator");

        *ret = (uint16_t) port;
        return 0;
}

int upscli_splitaddr(const char *buf, char **hostname, uint16_t *port) {
        const char *host = buf, *end;
        _cleanup_free_ char *copy = NULL;
        uint16_t n;

        if (!buf || !hostname || !port)
                return -1;
        if (buf[0] == '\0')
                return complain("upscli_splitaddr", "can't parse empty string");

        if (buf[0] == '[') {
                host = buf + 1;
                end = strchr(host, ']');
                if (!end)
                        return complain("upscli_splitaddr", "missing closing bracket in [domain literal]");
        } else
                end = buf + strcspn(buf, ":");
        if (end == host)
                return complain("upscli_splitaddr", "no host specified before ':' separator");
        if (parse_port(end + (buf[0] == '['), &n) < 0)
                return -1;

        copy = strndup(host, (size_t) (end - host));
        if (!copy)
                return complain("upscli_splitaddr", "strdup failed");

        *hostname = TAKE_PTR(copy);
        *port = n;
        return 0;
}

int upscli_splitname(const char *buf, char **upsname, char **hostname, uint16_t *port) {
        _cleanup_free_ char *name = NULL;
        size_t n;

        if (!buf || !upsname || !hostname || !port)
                return -1;
        if (buf[0] == '\0')
                return complain("upscli_splitname", "can't parse empty string");

        n = strcspn(buf, "@");
        if (n == 0)
                return complain("upscli_splitname", "no UPS specified before '@' separator");
        name = strndup(buf, n);
        if (!name)
                return complain("upscli_splitname", "strdup failed");
        if (upscli_splitaddr(buf[n] == '\0' ? "localhost" : buf + n + 1, hostname, port) < 0)
                return -1;

        *upsname = TAKE_PTR(name);
        return 0;
}
