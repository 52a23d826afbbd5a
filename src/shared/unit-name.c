/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-name.h"

#include <stdio.h>

#include "string-util.h"

/* isalnum() would ask the locale. */
static bool is_letter_or_digit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A path is what systemd had in mind: / becomes -, so that a - must not stay one, and no name begins with a
 * dot. */
static bool stays_as_it_is(const char *s, const char *c) {
        return is_letter_or_digit(*c) || *c == ':' || *c == '_' || (*c == '.' && c != s);
}

char *unit_name_escape(const char *s) {
        char *escaped = new(char, strlen(s) * 4 + 1), *t = escaped;

        if (!escaped)
                return NULL;

        for (const char *c = s; *c != '\0'; c++)
                if (*c == '/')
                        *t++ = '-';
                else if (stays_as_it_is(s, c))
                        *t++ = *c;
                else
                        t += sprintf(t, "\\x%02x", (unsigned char) *c);

        *t = '\0';
        return escaped;
}

bool unit_name_is_valid(const char *s) {
        const char *dot = strrchr(s, '.');

        if (!dot || dot == s || dot[1] == '\0' || *s == '.' || strlen(s) > UNIT_NAME_LENGTH_MAX)
                return false;
        for (; *s != '\0'; s++)
                if (!is_letter_or_digit(*s) && !strchr(":-_.\\@", *s))
                        return false;
        return true;
}

static bool driver_name_is_valid(const char *s) {
        if (isempty(s))
                return false;

        for (; *s != '\0'; s++)
                if (!is_letter_or_digit(*s) && *s != '-' && *s != '_')
                        return false;

        return true;
}

static int unit_name(const char *driver, const char *kind, const char *device, char **ret) {
        _cleanup_free_ char *instance = NULL, *name = NULL;

        if (!driver_name_is_valid(driver))
                return -EINVAL;

        instance = unit_name_escape(device);
        if (!instance)
                return -ENOMEM;

        name = strjoin("busbar-", driver, kind, "@", instance, ".service");
        if (!name)
                return -ENOMEM;
        if (strlen(name) > UNIT_NAME_LENGTH_MAX)
                return -ENAMETOOLONG;

        *ret = TAKE_PTR(name);
        return 0;
}

int unit_name_for_device(const char *driver, const char *device, char **ret) {
        return unit_name(driver, "", device, ret);
}

int unit_name_for_group(const char *driver, const char *group, char **ret) {
        return unit_name(driver, "-group", group, ret);
}
