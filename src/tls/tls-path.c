/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls-path.h"

#include "conf.h"
#include "string-util.h"

int tls_credential_path(const char *name, char **ret) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;

        *ret = NULL;
        if (isempty(directory) || strchr(name, '/'))
                return 0;

        path = strjoin(directory, "/", name);
        if (!path)
                return -ENOMEM;

        /* One that is there but cannot be looked at is for the reader to complain of. */
        if (access(path, F_OK) >= 0 || errno != ENOENT)
                *ret = TAKE_PTR(path);
        return 0;
}

int tls_path(const char *name, char **ret) {
        int r;

        *ret = NULL;
        if (isempty(name))
                return 0;

        r = tls_credential_path(name, ret);
        if (r < 0 || *ret)
                return r;

        *ret = conf_path(name);
        return *ret ? 0 : -ENOMEM;
}

bool tls_name_may_be_credential(const char *name) {
        _cleanup_free_ char *path = NULL;

        if (isempty(name) || strchr(name, '/'))
                return false;

        path = conf_path(name);
        return path && access(path, F_OK) < 0 && errno == ENOENT;
}
