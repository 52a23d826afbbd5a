/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which files of the profile directories are read. */

#include <dirent.h>
#include <sys/stat.h>
#include <syslog.h>

#include "profile-loader.h"
#include "string-util.h"

#define PROFILES_MAX 1000U

typedef struct Collection {
        const LoaderCollector *collector;
        char **hidden; /* strv: files of these names are not wanted */
        size_t n_added;
} Collection;

static void collection_done(Collection *c) {
        strv_free(c->hidden);
}

static int is_profile(const struct dirent *e) {
        return e->d_name[0] != '.' && endswith(e->d_name, ".profile");
}

/* Whether a file is for the engine that is asked for. What cannot be read is told by who tries to. */
static int is_wanted(const LoaderCollector *c, const char *path) {
        static char *const own[] = { (char *) "line", (char *) "snmp", NULL };
        _cleanup_free_ char *engine = NULL;
        int r;

        if (!c->engine)
                return true;
        r = profile_file_engine(path, &engine);
        if (r == -ENOMEM)
                return r;

        STRV_FOREACH(name, own)
                if (streq(strempty(engine), *name) || streq(c->engine, *name))
                        return streq(strempty(engine), c->engine);
        return true;
}

static int collect_file(Collection *c, const char *directory, const char *name) {
        const LoaderCollector *collector = c->collector;
        _cleanup_free_ char *path = strjoin(directory, "/", name);
        struct stat st;
        int r;

        if (!path)
                return -ENOMEM;
        if (strv_contains(c->hidden, name) || c->n_added >= PROFILES_MAX ||
            collector->has(collector->userdata, name, strlen(name) - strlen(".profile")))
                return 0;
        if (stat(path, &st) >= 0 && (S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0)))
                return strv_extend(&c->hidden, name);

        r = is_wanted(collector, path);
        if (r <= 0)
                return r;
        r = collector->add(collector->userdata, path);
        c->n_added += r >= 0;
        return r == -ENOMEM ? r : 0;
}

static int collect_directory(Collection *c, const char *directory) {
        struct dirent **entries = NULL;
        int n, r = 0;

        n = scandir(directory, &entries, is_profile, alphasort);
        if (n < 0)
                return -errno;

        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = collect_file(c, directory, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return r;
}

static void report_directory(const LoaderCollector *c, const char *directory, int error) {
        conf_line_report(&(ConfLine) { .file = directory }, c->report, c->report_userdata, LOG_ERR,
                        "The directory cannot be read: %s", strerror(-error));
}

int loader_collect_path(const char *path, const LoaderCollector *collector) {
        _cleanup_(collection_done) Collection c = { .collector = collector };
        int r = collect_directory(&c, path);

        if (r < 0)
                report_directory(collector, path, r);
        return r;
}

int loader_parents(char ***ret) {
        const char *configured = getenv("BUSBAR_PROFILES");

        return strv_split(isempty(configured) ? LOCALPROFILEDIR ":" PROFILEDIR : configured, ":", ret);
}

int loader_collect(const char *directory, const LoaderCollector *collector) {
        _cleanup_(collection_done) Collection c = { .collector = collector };
        _cleanup_strv_free_ char **parents = NULL;
        int r;

        r = loader_parents(&parents);
        if (r < 0)
                return r;

        STRV_FOREACH(parent, parents) {
                _cleanup_free_ char *path = strjoin(*parent, "/", directory);

                if (!path)
                        return -ENOMEM;
                r = collect_directory(&c, path);
                if (r == -ENOMEM)
                        return r;
                if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                        report_directory(collector, path, r);
        }

        return 0;
}
