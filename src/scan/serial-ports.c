/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glob.h>
#include <termios.h>

#include "scan.h"
#include "string-util.h"

/* How ports are called; the digit of "-E 0" goes behind it. */
static const char *const prefixes[] = { "/dev/ttyS", "/dev/ttyUSB", "/dev/ttyACM" };

/* The kernel makes nodes for ports that the machine does not have: these refuse to say how they are set. */
static bool is_there(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        struct termios t;

        /* What cannot be opened for another reason is reported when it is tried. */
        return fd < 0 ? errno == EACCES || errno == EPERM || errno == EBUSY : tcgetattr(fd, &t) >= 0;
}

static int add_all(const char *prefix, char ***ports) {
        _cleanup_free_ char *pattern = strjoin(prefix, "[0-9]*");
        glob_t found = {};
        int r = 0;

        if (!pattern)
                return -ENOMEM;
        if (glob(pattern, 0, NULL, &found) == 0)
                for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
                        if (is_there(found.gl_pathv[i]))
                                r = strv_extend(ports, found.gl_pathv[i]);
        globfree(&found);
        return r;
}

static int add_numbered(char from, char to, char ***ports) {
        for (char c = from; c <= to; c++)
                for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                        _cleanup_free_ char *path = strprintf("%s%c", prefixes[i], c);
                        int r;

                        if (!path)
                                return -ENOMEM;
                        r = is_there(path) ? strv_extend(ports, path) : 0;
                        if (r < 0)
                                return r;
                }
        return 0;
}

static bool is_port(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static int add_named(const char *text, char ***ports) {
        int r = strv_split(text, ", ", ports);

        if (r < 0)
                return r;
        STRV_FOREACH(path, *ports)
                if ((*path)[0] != '/')
                        return -EINVAL;
        return *ports ? 0 : -EINVAL;
}

int scan_serial_ports(const char *text, char ***ret) {
        _cleanup_strv_free_ char **ports = NULL;
        int r = 0;

        if (streq(text, "auto"))
                for (size_t i = 0; i < ELEMENTSOF(prefixes) && r >= 0; i++)
                        r = add_all(prefixes[i], &ports);
        else if (is_port(text[0]) && text[1] == '\0')
                r = add_numbered(text[0], text[0], &ports);
        else if (is_port(text[0]) && text[1] == '-' && is_port(text[2]) && text[3] == '\0')
                r = add_numbered(MIN(text[0], text[2]), MAX(text[0], text[2]), &ports);
        else
                r = add_named(text, &ports);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(ports);
        return 0;
}
