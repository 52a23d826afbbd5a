/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process-unit.h"

#include "string-util.h"
#include "unit-name.h"

#define OUR_SLICE "system-busbar.slice"

/* The path in the hierarchy that systemd names units in: that of the second version, or in a hybrid setup
 * the one of its own, which is then told first. Returns its length, 0 for none. */
static size_t find_path(const char *cgroup, const char **ret) {
        while (*cgroup) {
                size_t n = strcspn(cgroup, "\n");
                const char *controllers = memchr(cgroup, ':', n);

                if (controllers) {
                        const char *path =
                                startswith(controllers, ":name=systemd:") ?: startswith(cgroup, "0::");

                        if (path && path < cgroup + n && *path == '/' && path + 1 < cgroup + n) {
                                *ret = path;
                                return (size_t) (cgroup + n - path);
                        }
                }
                cgroup += n;
                cgroup += *cgroup == '\n';
        }
        return 0;
}

static bool is_of_others(const char *slice) {
        return streq(slice, "user.slice") || startswith(slice, "user-") || streq(slice, "machine.slice") ||
                startswith(slice, "machine-");
}

/* The part of the path that *s is at, in new memory, and goes on to the next; NULL at the end. */
static char *next_part(const char **s, const char *end) {
        const char *part = *s;

        while (part < end && *part == '/')
                part++;
        *s = part;
        while (*s < end && **s != '/')
                (*s)++;
        /* So do those begin that the kernel would take for files of its own. */
        if (part < *s && *part == '_')
                part++;
        return part < *s ? strndup(part, (size_t) (*s - part)) : NULL;
}

/* Services are in slices, and what is below a service is that one's affair. */
static char *walk(const char *cgroup, bool *ret_ours) {
        const char *path = NULL, *end;
        size_t n = find_path(cgroup, &path);

        *ret_ours = false;
        if (n == 0)
                return NULL;
        end = path + n;
        for (size_t depth = 0;; depth++) {
                _cleanup_free_ char *part = next_part(&path, end);

                if (!part || !unit_name_is_valid(part))
                        return NULL;
                if (endswith(part, ".slice")) {
                        if (is_of_others(part))
                                return NULL;
                        *ret_ours = *ret_ours || streq(part, OUR_SLICE);
                } else
                        return depth > 0 && endswith(part, ".service") ? TAKE_PTR(part) : NULL;
        }
}

char *process_unit(const char *cgroup) {
        bool ours;

        return walk(cgroup, &ours);
}

bool process_unit_is_ours(const char *cgroup) {
        bool ours;
        _cleanup_free_ char *unit = walk(cgroup, &ours);

        return unit && ours;
}

/* "NSpid:" has a number for each namespace, from the reader's on. */
bool process_is_contained(const char *status) {
        const char *line = strstr(status, "\nNSpid:");

        if (!line)
                return false;
        line += strlen("\nNSpid:");
        line += strspn(line, " \t");
        line += strspn(line, "0123456789");
        line += strspn(line, " \t");
        return *line != '\0' && *line != '\n';
}
