/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notify-files.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lexer.h"
#include "log.h"
#include "string-util.h"

/* No name of a unit: systemd passes it over. */
#define DIRECTORY_NAME "busbar-notify"
#define SIZE_MAX_BYTES (1U << 20)
#define TIMERS "upssched.conf"

/* Closed to all but the group, from the beginning. */
static FILE *open_private(const char *path, gid_t group) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "we");

        if (!f) {
                if (fd >= 0)
                        (void) close(fd);
                return NULL;
        }
        if (fchown(fd, (uid_t) -1, group) < 0)
                log_warning_errno(-errno, "Cannot give %s to group %u: %m", path, (unsigned) group);
        else
                (void) fchmod(fd, 0640);
        return f;
}

static void put_word(FILE *f, const char *word) {
        char escaped[2 * LEXER_WORD_LENGTH_MAX + 1];

        (void) lexer_escape(escaped, sizeof(escaped), word);
        fprintf(f, " \"%s\"", escaped);
}

/* What stands in other lines, misspelt ones too, may be a password. */
static bool concerns_notify(const ConfLine *l) {
        static const char *const keys[] = { "NOTIFYCMD", "NOTIFYMSG", "NOTIFYFLAG", "POWERDOWNFLAG" };

        for (size_t i = 0; i < ELEMENTSOF(keys) && !l->section && !l->assignment; i++)
                if (streq(l->words[0], keys[i]))
                        return true;
        return false;
}

static int write_upsmon_conf(const char *path, const UpsmonConf *m, const Conf *lines, gid_t group) {
        FILE *f = open_private(path, group);

        if (!f)
                return -errno;

        /* Scripts know a device by the name that its line has. */
        for (size_t i = 0; i < m->n_supplies; i++) {
                fputs("MONITOR", f);
                put_word(f, m->supplies[i].system);
                fprintf(f, " %u - - %s\n", m->supplies[i].power_value,
                                m->supplies[i].primary ? "primary" : "secondary");
        }
        /* So that no sum is found wanting. */
        fputs("MINSUPPLIES 0\n", f);

        for (size_t i = 0; i < conf_n_lines(lines); i++) {
                const ConfLine *l = conf_line(lines, i);

                if (!concerns_notify(l))
                        continue;
                fputs(l->words[0], f);
                for (size_t k = 1; k < l->n_words; k++)
                        put_word(f, l->words[k]);
                fputc('\n', f);
        }

        return fclose(f) == EOF ? -errno : 0;
}

/* A file as it is, so that a message about line 12 is about line 12. One that cannot be read is left out. */
static int copy_file(const char *from, const char *to, gid_t group) {
        _cleanup_close_ int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        char buffer[4096];
        size_t total = 0;
        ssize_t n = 0;
        struct stat st;
        FILE *f;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        f = open_private(to, group);
        if (!f)
                return -errno;

        while (total < SIZE_MAX_BYTES && (n = read(fd, buffer, sizeof(buffer))) > 0) {
                (void) fwrite(buffer, 1, (size_t) n, f);
                total += (size_t) n;
        }

        return fclose(f) == EOF ? -errno : n < 0 ? -EIO : 0;
}

static int copy_timers(const char *directory, gid_t group) {
        _cleanup_free_ char *from = conf_path(TIMERS), *to = strjoin(directory, "/" TIMERS);
        _cleanup_free_ char *more = to ? strjoin(to, ".d") : NULL;
        _cleanup_free_ char *pattern = from ? strjoin(from, ".d/*.conf") : NULL;
        glob_t found = {};
        int r;

        if (!more || !pattern)
                return -ENOMEM;

        r = copy_file(from, to, group);
        if (r >= 0 && glob(pattern, 0, NULL, &found) == 0 && mkdir(more, 0755) < 0 && errno != EEXIST)
                r = -errno;
        for (size_t i = 0; r >= 0 && i < found.gl_pathc; i++) {
                _cleanup_free_ char *path = strjoin(more, strrchr(found.gl_pathv[i], '/'));

                r = path ? copy_file(found.gl_pathv[i], path, group) : -ENOMEM;
        }

        globfree(&found);
        return r;
}

int write_notify_files(const Generator *g, const UpsmonConf *m, gid_t group, char **ret_directory) {
        _cleanup_free_ char *directory = strjoin(g->output, "/" DIRECTORY_NAME);
        _cleanup_free_ char *path = NULL, *source = NULL;
        _cleanup_(conf_freep) Conf *lines = NULL;
        int r;

        *ret_directory = NULL;
        if (!m->exists)
                return 0;

        path = directory ? strjoin(directory, "/upsmon.conf") : NULL;
        source = conf_path("upsmon.conf");
        if (!path || !source)
                return -ENOMEM;
        /* The monitor says what is wrong. */
        r = conf_load(source, NULL, NULL, &lines);
        if (r >= 0 && mkdir(directory, 0755) < 0 && errno != EEXIST)
                r = -errno;
        if (r >= 0)
                r = write_upsmon_conf(path, m, lines, group);
        if (r >= 0)
                r = copy_timers(directory, group);
        if (r >= 0)
                *ret_directory = TAKE_PTR(directory);
        return r;
}
