/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "readers.h"

#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#include "conf.h"
#include "log.h"
#include "string-util.h"

static int add_group(Readers *r, gid_t group) {
        for (size_t i = 0; i < r->n_groups; i++)
                if (r->groups[i] == group)
                        return 0;

        if (!GREEDY_REALLOC(r->groups, r->n_allocated, r->n_groups + 1))
                return -ENOMEM;

        r->groups[r->n_groups++] = group;
        return 0;
}

static int add_path(Readers *r, const char *path) {
        struct stat st;
        mode_t needed;

        if (stat(path, &st) < 0)
                return 0;

        /* A directory is entered and listed, a file is read: the bits of others, that is. */
        needed = S_ISDIR(st.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
        if ((st.st_mode & needed) == needed)
                return 0;

        /* Membership in root's group would open more than this file. */
        if (st.st_gid != 0 && (st.st_mode & needed << 3) == needed << 3)
                return add_group(r, st.st_gid);

        log_full(LOG_ERR, 0, &(LogContext) { .file = path },
                        "%s can only be read by root, but the services run without privileges; "
                        "make it readable to a group.", path);
        return 0;
}

int readers_add(Readers *r, const char *name) {
        _cleanup_free_ char *path = NULL, *directory = NULL, *pattern = NULL, *confdir = NULL;
        glob_t found = {};
        int k;

        confdir = conf_path("");
        path = conf_path(name);
        directory = path ? strjoin(path, ".d") : NULL;
        pattern = path ? strjoin(path, ".d/*.conf") : NULL;
        if (!confdir || !directory || !pattern)
                return -ENOMEM;

        k = add_path(r, confdir);
        if (k >= 0)
                k = add_path(r, path);
        if (k >= 0)
                k = add_path(r, directory);

        if (k >= 0 && glob(pattern, 0, NULL, &found) == 0)
                for (size_t i = 0; k >= 0 && i < found.gl_pathc; i++)
                        k = add_path(r, found.gl_pathv[i]);

        globfree(&found);
        return k < 0 ? k : 0;
}

/* What is there of the file that certident_name means in a directory: one of three. */
static int add_ident(Readers *r, const char *directory, const char *name) {
        static const char *const suffixes[] = { "", ".pem", ".p12" };
        int k = 0;

        for (size_t i = 0; k >= 0 && i < ELEMENTSOF(suffixes); i++) {
                _cleanup_free_ char *path = strjoin(directory, "/", name, suffixes[i]);

                k = path ? add_path(r, path) : -ENOMEM;
        }
        return k;
}

int readers_add_certificate(Readers *r, const char *path, const char *file, const char *ident) {
        _cleanup_free_ char *full_path = path ? conf_path(path) : NULL;
        _cleanup_free_ char *full_file = file ? conf_path(file) : NULL;
        int k = 0;

        if ((path && !full_path) || (file && !full_file))
                return -ENOMEM;

        if (path)
                k = add_path(r, full_path);
        if (k >= 0 && file)
                k = add_path(r, full_file);
        if (k >= 0 && path && ident && !file && !strchr(ident, '/'))
                k = add_ident(r, full_path, ident);
        return k;
}

static const char *section_option(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *o = ups_conf_option(c, s, key);

        return o && !isempty(o->value) ? o->value : NULL;
}

int readers_add_certificates(Readers *r, const UpsConf *c, const UpsSection *s) {
        return readers_add_certificate(r, section_option(c, s, "certpath"), section_option(c, s, "certfile"),
                        section_option(c, s, "certident_name"));
}

char *readers_groups(const Readers *r) {
        char *s = strdup("");

        for (size_t i = 0; s && i < r->n_groups; i++) {
                _cleanup_free_ char *rest = s;

                s = strprintf("%s%s%u", rest, i > 0 ? " " : "", r->groups[i]);
        }

        return s;
}

void readers_done(Readers *r) {
        free(r->groups);
        *r = (Readers) {};
}
