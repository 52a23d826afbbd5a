/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container.h"

#include <limits.h>
#include <stdio.h>

#include "io-util.h"
#include "macro.h"
#include "string-util.h"

static bool join(const char *root, const char *path, char ret[static PATH_MAX]) {
        return snprintf(ret, PATH_MAX, "%s%s", root, path) < PATH_MAX;
}

static bool path_exists(const char *root, const char *path) {
        char full[PATH_MAX];

        return join(root, path, full) && access(full, F_OK) >= 0;
}

bool machine_is_container(const char *root) {
        char full[PATH_MAX], environment[16 * 1024];
        ssize_t n;

        if (path_exists(root, "/run/systemd/container") || path_exists(root, "/run/host/container-manager"))
                return true;

        n = join(root, "/proc/1/environ", full) ? path_read(full, environment, sizeof(environment) - 1) : -1;
        if (n <= 0)
                return false;
        environment[n] = '\0';
        for (const char *s = environment; s < environment + n; s += strlen(s) + 1)
                if (startswith(s, "container="))
                        return true;
        return false;
}
