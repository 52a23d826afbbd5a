/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announced.h"

#include "string-util.h"
#include "ups-conf.h"

/* A server with more is none. */
#define DEVICES_MAX 1000U
#define LABEL_MAX 63U
#define TYPE_PTR 12U
/* Type, class, time to live and length of what follows. */
#define RECORD_HEAD 10

int announced_devices(const char *entry, size_t n, char ***devices) {
        _cleanup_free_ char *text = strndup(entry, n);
        _cleanup_strv_free_ char **names = NULL;
        const char *list;
        int r;

        if (!text)
                return -ENOMEM;
        list = startswith_nocase(text, "device_list=");
        if (!list)
                list = startswith_nocase(text, "ups=");
        if (!list)
                return 0;
        r = strv_split(list, ",;\"", &names);
        if (r < 0)
                return r;
        for (char **name = names; name && *name; name++)
                if (device_name_is_valid(*name) && !strv_contains(*devices, *name) &&
                    strv_length(*devices) < DEVICES_MAX) {
                        r = strv_extend(devices, *name);
                        if (r < 0)
                                return r;
                }
        return 0;
}

/* Where a name ends, or NULL. */
static const uint8_t *skip_name(const uint8_t *p, const uint8_t *end) {
        while (p < end && *p != 0) {
                if (*p > LABEL_MAX || end - p <= *p)
                        return NULL;
                p += 1 + *p;
        }
        return p < end ? p + 1 : NULL;
}

int announced_instance(const void *record, size_t n, char **ret) {
        const uint8_t *p = record, *end = p + n;
        char *instance;

        p = skip_name(p, end);
        if (!p || end - p < RECORD_HEAD + 2 || p[0] != 0 || p[1] != TYPE_PTR)
                return -EBADMSG;
        p += RECORD_HEAD;
        if (!skip_name(p, end) || p[0] == 0 || memchr(p + 1, '\0', p[0]))
                return -EBADMSG;

        instance = strndup((const char *) p + 1, p[0]);
        if (!instance)
                return -ENOMEM;
        *ret = instance;
        return 0;
}
