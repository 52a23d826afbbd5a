/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-name.h"

#include "string-util.h"
#include "ups-conf.h"

/* Enough for the longest name of a device and the longest name of a host. */
#define LINK_NAME_LENGTH_MAX 512U

/* What is in names and addresses of hosts, of IPv6 with brackets and scope. */
static bool is_host(const char *s) {
        static const char characters[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%[]";

        return *s && strspn(s, characters) == strlen(s);
}

bool bus_device_name_is_valid(const char *s) {
        const char *at = strchr(s, '@');

        if (!at)
                return device_name_is_valid(s);
        if (strlen(s) > LINK_NAME_LENGTH_MAX)
                return false;

        _cleanup_free_ char *ups = strndup(s, (size_t) (at - s));
        return ups && device_name_is_valid(ups) && is_host(at + 1);
}
