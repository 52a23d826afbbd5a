/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "armed-flag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"

static bool char_is_alphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool char_is_plain(char c) {
        return char_is_alphanumeric(c) || (c != '\0' && strchr("._@:-", c));
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -EINVAL;
}

static bool driver_is_valid(const char *s) {
        if (!char_is_alphanumeric(s[0]))
                return false;
        for (const char *p = s; *p; p++)
                if (!char_is_alphanumeric(*p) && !strchr("._+-", *p))
                        return false;
        return true;
}

static bool node_is_valid(const char *s) {
        const char *p = startswith(s, "/dev/");

        if (!p || *p == '\0')
                return false;
        for (; *p; p++) {
                if (!char_is_alphanumeric(*p) && !strchr("._+:-/", *p))
                        return false;
                /* No part is empty, or begins with a dot: that leaves no way out of /dev. */
                if (p[-1] == '/' && (*p == '/' || *p == '.'))
                        return false;
        }
        return p[-1] != '/';
}

int armed_flag_boot_id(const char *text, char ret[static 33]) {
        char id[33];
        size_t n = 0;

        for (const char *p = text; *p && !(p[0] == '\n' && p[1] == '\0'); p++) {
                if (*p == '-')
                        continue;
                if (n >= 32 || hex_digit(*p) < 0)
                        return -EINVAL;
                id[n++] = *p;
        }
        if (n != 32)
                return -EINVAL;

        id[n] = '\0';
        memcpy(ret, id, sizeof(id));
        return 0;
}

int armed_flag_init(ArmedFlag *f, const char *boot_id, uint64_t time_usec, unsigned wait_sec) {
        char id[33];
        int r;

        r = armed_flag_boot_id(boot_id, id);
        if (r < 0)
                return r;

        memcpy(f->boot_id, id, sizeof(id));
        f->time_usec = time_usec;
        f->wait_sec = MIN(wait_sec, ARMED_FLAG_WAIT_MAX);
        f->n_devices = 0;
        return 0;
}

int armed_flag_add(ArmedFlag *f, int32_t sdorder, const char *driver, const char *name, ArmedDevice **ret) {
        ArmedDevice *d;

        if (sdorder < -1 || isempty(driver) || isempty(name) || !driver_is_valid(driver))
                return -EINVAL;
        if (strlen(driver) >= sizeof(d->driver) || strlen(name) >= sizeof(d->name))
                return -EINVAL;
        if (f->n_devices >= ARMED_FLAG_DEVICES_MAX)
                return -E2BIG;

        d = &f->devices[f->n_devices++];
        d->sdorder = sdorder;
        d->n_nodes = 0;
        strcpy(d->driver, driver);
        strcpy(d->name, name);

        if (ret)
                *ret = d;
        return 0;
}

int armed_device_add_node(ArmedDevice *d, const char *path) {
        if (strlen(path) >= sizeof(d->nodes[0]) || !node_is_valid(path))
                return -EINVAL;
        if (d->n_nodes >= ARMED_FLAG_NODES_MAX)
                return -E2BIG;

        strcpy(d->nodes[d->n_nodes++], path);
        return 0;
}

typedef struct Output {
        char *buf;
        size_t size;
        size_t length;
} Output;

_printf_(2, 3) static bool output_printf(Output *o, const char *fmt, ...) {
        size_t left = o->size - o->length;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(o->buf + o->length, left, fmt, ap);
        va_end(ap);
        if (n < 0 || (size_t) n >= left)
                return false;

        o->length += (size_t) n;
        return true;
}

static bool output_device(Output *o, const ArmedDevice *d) {
        if (!output_printf(o, "device %" PRIi32 " %s ", d->sdorder, d->driver))
                return false;
        for (const char *p = d->name; *p; p++)
                if (!(char_is_plain(*p) ? output_printf(o, "%c", *p)
                                        : output_printf(o, "\\x%02x", (unsigned char) *p)))
                        return false;
        if (!output_printf(o, "\n"))
                return false;

        for (size_t i = 0; i < d->n_nodes; i++)
                if (!output_printf(o, "node %s\n", d->nodes[i]))
                        return false;
        return true;
}

int armed_flag_format(const ArmedFlag *f, char *buf, size_t size, size_t *ret_length) {
        Output o = { .buf = buf, .size = MIN(size, (size_t) ARMED_FLAG_SIZE_MAX + 1) };

        if (f->n_devices == 0)
                return -EINVAL;
        if (!output_printf(&o, "busbar-armed 1\nboot %s\ntime %" PRIu64 "\nwait %u\n",
                           f->boot_id, f->time_usec, f->wait_sec))
                return -E2BIG;
        for (size_t i = 0; i < f->n_devices; i++)
                if (!output_device(&o, &f->devices[i]))
                        return -E2BIG;

        *ret_length = o.length;
        return 0;
}

/* A line without its newline. The longest one is that of a device whose name has all bytes escaped. */
typedef struct Line {
        char text[sizeof("device 2147483647 ") + 64 + 4 * 256];
} Line;

/* Copies the next line and moves *text behind it. */
static int line_next(const char **text, const char *end, Line *ret) {
        const char *newline = memchr(*text, '\n', (size_t) (end - *text));
        size_t n;

        if (!newline)
                return -EINVAL;
        n = (size_t) (newline - *text);
        if (n >= sizeof(ret->text) || memchr(*text, '\0', n))
                return -EINVAL;

        memcpy(ret->text, *text, n);
        ret->text[n] = '\0';
        *text = newline + 1;
        return 0;
}

/* The number in the canonical form only: no leading zeros. */
static int parse_canonical(const char *s, int64_t min, uint64_t max, uint64_t *ret) {
        bool negative = s[0] == '-';
        const char *digits = s + negative;
        uint64_t u;
        int r;

        if (digits[0] == '0' && (negative || digits[1] != '\0'))
                return -EINVAL;
        r = parse_uint64(digits, 0, negative ? (uint64_t) -min : max, &u);
        if (r < 0)
                return -EINVAL;

        *ret = negative ? -u : u;
        return 0;
}

/* A line of one key and one number. */
static int line_number(const char **text, const char *end, const char *key, uint64_t max, uint64_t *ret) {
        const char *value;
        Line line;
        int r;

        r = line_next(text, end, &line);
        if (r < 0)
                return r;
        value = startswith(line.text, key);
        return value ? parse_canonical(value, 0, max, ret) : -EINVAL;
}

static int name_unescape(const char *s, char *ret, size_t size) {
        size_t n = 0;

        while (*s) {
                char c = *s;

                if (n + 1 >= size)
                        return -EINVAL;
                if (c == '\\') {
                        int high, low;

                        if (s[1] != 'x' || (high = hex_digit(s[2])) < 0 || (low = hex_digit(s[3])) < 0)
                                return -EINVAL;
                        c = (char) (high << 4 | low);
                        if (c == '\0' || char_is_plain(c))
                                return -EINVAL;
                        s += 4;
                } else {
                        if (!char_is_plain(c))
                                return -EINVAL;
                        s++;
                }
                ret[n++] = c;
        }

        ret[n] = '\0';
        return 0;
}

/* The rest of a line of a device: three words. */
static int parse_device(char *words, ArmedFlag *f) {
        char name[sizeof(f->devices[0].name)], *driver, *escaped;
        uint64_t sdorder;
        int r;

        driver = strchr(words, ' ');
        escaped = driver ? strchr(driver + 1, ' ') : NULL;
        if (!escaped)
                return -EINVAL;
        *driver++ = '\0';
        *escaped++ = '\0';

        r = parse_canonical(words, -1, INT32_MAX, &sdorder);
        if (r < 0)
                return r;
        r = name_unescape(escaped, name, sizeof(name));
        if (r < 0)
                return r;

        return armed_flag_add(f, (int32_t) (int64_t) sdorder, driver, name, NULL);
}

static int parse_head(const char **text, const char *end, ArmedFlag *f) {
        char boot_id[33];
        uint64_t time_usec, wait_sec;
        const char *id;
        Line line;
        int r;

        r = line_next(text, end, &line);
        if (r < 0)
                return r;
        if (!streq(line.text, "busbar-armed 1"))
                return -EINVAL;

        r = line_next(text, end, &line);
        if (r < 0)
                return r;
        id = startswith(line.text, "boot ");
        if (!id || strlen(id) != 32)
                return -EINVAL;
        r = armed_flag_boot_id(id, boot_id);
        if (r < 0)
                return r;

        r = line_number(text, end, "time ", UINT64_MAX, &time_usec);
        if (r < 0)
                return r;
        r = line_number(text, end, "wait ", ARMED_FLAG_WAIT_MAX, &wait_sec);
        if (r < 0)
                return r;

        return armed_flag_init(f, boot_id, time_usec, (unsigned) wait_sec);
}

int armed_flag_parse(const char *text, size_t length, ArmedFlag *ret) {
        const char *end = text + length;
        int r;

        if (length > ARMED_FLAG_SIZE_MAX)
                return -E2BIG;
        if (length == 0)
                return -EINVAL;

        r = parse_head(&text, end, ret);
        if (r < 0)
                return r;

        while (text < end) {
                Line line;

                r = line_next(&text, end, &line);
                if (r < 0)
                        return r;
                if (startswith(line.text, "device "))
                        r = parse_device(line.text + strlen("device "), ret);
                else if (startswith(line.text, "node ") && ret->n_devices > 0)
                        r = armed_device_add_node(&ret->devices[ret->n_devices - 1],
                                                  line.text + strlen("node "));
                else
                        r = -EINVAL;
                if (r < 0)
                        return -EINVAL;
        }

        return ret->n_devices > 0 ? 0 : -EINVAL;
}

bool armed_flag_is_current(const ArmedFlag *f, const char *boot_id, uint64_t now_usec) {
        return streq(f->boot_id, boot_id) && f->time_usec <= now_usec &&
                now_usec - f->time_usec <= ARMED_FLAG_AGE_MAX_USEC;
}
