/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-conf.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "armed-flag.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define SIZE_MAX_BYTES (64U << 10)
#define WAIT_MAX_SECONDS 86400.0

static const char *const mode_names[_NUT_MODE_MAX] = {
        [NUT_MODE_NONE]       = "none",
        [NUT_MODE_STANDALONE] = "standalone",
        [NUT_MODE_NETSERVER]  = "netserver",
        [NUT_MODE_NETCLIENT]  = "netclient",
        [NUT_MODE_CONTROLLED] = "controlled",
        [NUT_MODE_MANUAL]     = "manual",
};

const char *nut_mode_to_string(NutMode m) {
        return m >= 0 && m < _NUT_MODE_MAX ? mode_names[m] : NULL;
}

NutMode nut_mode_from_string(const char *s) {
        for (NutMode m = 0; m < _NUT_MODE_MAX; m++)
                if (strcaseeq(s, mode_names[m]))
                        return m;

        return _NUT_MODE_INVALID;
}

/* What the functions below work on. */
typedef struct Reader {
        ConfLine place;
        ConfReport report;
        void *userdata;
        NutConf *conf;
} Reader;

static void complain(const Reader *r, int level, const char *what) {
        conf_line_report(&r->place, r->report, r->userdata, level, "%s", what);
}

static bool is_name(const char *s, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!(s[i] >= 'A' && s[i] <= 'Z') && !(s[i] >= 'a' && s[i] <= 'z') && s[i] != '_' &&
                    !(i > 0 && s[i] >= '0' && s[i] <= '9'))
                        return false;
        return n > 0;
}

/* Takes one character of a value, or an escaped one, at *s. False for what a shell works on: a variable,
 * a command, a second word. */
static bool take_character(const char **s, char quote, char **t) {
        if (quote != '\'' && **s == '\\' && (!quote || strchr("\"\\$`", (*s)[1])) && (*s)[1] != '\0')
                (*s)++;
        else if (quote != '\'' && strchr("$`", **s))
                return false;
        else if (!quote && strchr("&|;<>()*?[", **s))
                return false;

        *(*t)++ = *(*s)++;
        return true;
}

/* The value of an assignment, up to white space outside of quotes, which only a comment may follow. Takes it
 * out of its quotes in place, so that s is written over. False if it is more than that. */
static bool take_value(char *s) {
        const char *p = s;
        char *t = s, quote = '\0';

        while (*p && (quote || (*p != ' ' && *p != '\t')))
                if (quote && *p == quote) {
                        quote = '\0';
                        p++;
                } else if (!quote && (*p == '"' || *p == '\'')) {
                        quote = *p++;
                } else if (!take_character(&p, quote, &t))
                        return false;

        p += strspn(p, " \t");
        if (quote || (*p != '\0' && *p != '#'))
                return false;

        *t = '\0';
        return true;
}

/* As sleep(1) takes it: a number, and s, m, h or d. */
static int wait_parse(const char *s, uint64_t *ret_usec) {
        static const struct {
                const char *suffix;
                double seconds;
        } units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
        _cleanup_free_ char *number = strdup(s);
        double v, unit = 1;

        if (!number)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (endswith(s, units[i].suffix)) {
                        number[strlen(number) - 1] = '\0';
                        unit = units[i].seconds;
                        break;
                }

        if (parse_double(number, &v) < 0 || v < 0)
                return -EINVAL;
        *ret_usec = (uint64_t) (MIN(v * unit, WAIT_MAX_SECONDS) * (double) USEC_PER_SEC);
        return 0;
}

static int apply_mode(const Reader *r, const char *value) {
        NutMode m = *value ? nut_mode_from_string(value) : NUT_MODE_NONE;

        if (m < 0)
                complain(r, LOG_ERR, "MODE wants none, standalone, netserver, netclient, controlled or "
                                "manual, ignoring the line");
        else
                r->conf->mode = m;
        return 0;
}

static int apply_wait(const Reader *r, const char *value) {
        int k = *value ? wait_parse(value, &r->conf->poweroff_wait_usec) : 0;

        if (k == -EINVAL)
                complain(r, LOG_ERR, "POWEROFF_WAIT wants a number of seconds, or one with s, m or h "
                                "behind it, ignoring the line");
        if (*value && k >= 0 && r->conf->poweroff_wait_usec > ARMED_FLAG_WAIT_MAX * USEC_PER_SEC)
                complain(r, LOG_WARNING, "POWEROFF_WAIT is cut to 75 seconds, as a watchdog may not wait "
                                "for longer");
        return k == -ENOMEM ? k : 0;
}

static int apply_quiet(const Reader *r, const char *value) {
        if (*value && parse_boolean(value, &r->conf->poweroff_quiet) < 0)
                complain(r, LOG_ERR, "POWEROFF_QUIET wants true or false, ignoring the line");
        return 0;
}

static const struct {
        const char *name;
        int (*apply)(const Reader *r, const char *value);
} variables[] = {
        { "MODE",           apply_mode  },
        { "POWEROFF_WAIT",  apply_wait  },
        { "POWEROFF_QUIET", apply_quiet },
};

/* One line, which is written over. */
static int take_line(const Reader *r, char *line) {
        const char *export = startswith(line, "export");
        char *name = line + (export && strspn(export, " \t") > 0 ? 6 + strspn(export, " \t") : 0);
        char *equals = strchr(name, '='), *value;
        size_t n = equals ? (size_t) (equals - name) : 0;

        if (*line == '\0' || *line == '#')
                return 0;

        while (n > 0 && strchr(" \t", name[n - 1]))
                n--;
        if (!equals || !is_name(name, n)) {
                complain(r, LOG_WARNING, "This is no NAME=value, ignoring the line: "
                                "nothing here is executed");
                return 0;
        }

        value = equals + 1 + strspn(equals + 1, " \t");
        if (name + n != equals || (value != equals + 1 && *value != '\0' && *value != '#'))
                complain(r, LOG_WARNING, "There should be no blanks around the =, "
                                "a shell would not take that");

        for (size_t i = 0; i < ELEMENTSOF(variables); i++) {
                if (strlen(variables[i].name) != n || strncmp(name, variables[i].name, n) != 0)
                        continue;
                if (*value == '#' && value != equals + 1)
                        *value = '\0';
                if (take_value(value))
                        return variables[i].apply(r, value);
                complain(r, LOG_ERR, "The value is no plain text, ignoring the line: "
                                "nothing here is executed");
        }

        return 0;
}

/* One line of a file with its end cut off. */
static int take_bytes(const Reader *r, const char *data, size_t n) {
        _cleanup_free_ char *line = NULL;

        if (memchr(data, '\0', n)) {
                complain(r, LOG_ERR, "There is a NUL in the line, ignoring it");
                return 0;
        }

        while (n > 0 && strchr(" \t\r", data[n - 1]))
                n--;
        while (n > 0 && strchr(" \t", *data)) {
                data++;
                n--;
        }

        line = strndup(data, n);
        return line ? take_line(r, line) : -ENOMEM;
}

int nut_conf_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata,
                NutConf *ret) {
        NutConf conf = { .exists = true };
        Reader reader = {
                .place = { .file = name },
                .report = report,
                .userdata = userdata,
                .conf = &conf,
        };

        while (n > 0) {
                const char *end = memchr(data, '\n', n);
                size_t length = end ? (size_t) (end - data) : n;
                int r;

                reader.place.line++;
                r = take_bytes(&reader, data, length);
                if (r < 0)
                        return r;

                data += length + (end ? 1 : 0);
                n -= length + (end ? 1 : 0);
        }

        *ret = conf;
        return 0;
}

/* Reads all of a small file into the buffer. */
static ssize_t read_small(int fd, char *buffer, size_t size) {
        struct stat st;
        size_t n = 0;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;

        while (n < size) {
                ssize_t k = read(fd, buffer + n, size - n);

                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        return (ssize_t) n;
                if (k > 0)
                        n += (size_t) k;
        }

        return -EFBIG;
}

int nut_conf_load(ConfReport report, void *userdata, NutConf *ret) {
        _cleanup_free_ char *path = conf_path("nut.conf"), *buffer = new(char, SIZE_MAX_BYTES);
        ssize_t n;

        if (!path || !buffer)
                return -ENOMEM;

        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
                *ret = (NutConf) {};
                return 0;
        }

        n = fd < 0 ? -errno : read_small(fd, buffer, SIZE_MAX_BYTES);
        if (n >= 0)
                return nut_conf_parse(path, buffer, (size_t) n, report, userdata, ret);

        conf_line_report(&(ConfLine) { .file = path }, report, userdata, LOG_ERR,
                        "The file cannot be read: %s", strerror((int) -n));
        return (int) n;
}
