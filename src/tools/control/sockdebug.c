/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "banner.h"
#include "control.h"
#include "driver-link.h"
#include "output.h"
#include "string-util.h"

static void help(void) {
        puts("Talks to a driver on its socket: lines that are typed go there, what it says is\n"
             "shown.\n"
             "\n"
             "usage: sockdebug <socket>\n"
             "\n"
             "  <socket>  a path, or a name in the directory of driver sockets, as in\n"
             "            sockdebug dummy-ups-myups; a device's name will do\n"
             "  -V        show the version\n"
             "  -h        show this help\n"
             "\n"
             "See sockdebug(8).");
}

static bool is_socket(const char *path) {
        return path && access(path, F_OK) >= 0;
}

/* By the name of a device; there is one driver for it. */
static char *find_by_device(const char *name) {
        _cleanup_(selection_done) Selection s = {};

        if (!device_name_is_valid(name) || selection_load(name, &s) < 0)
                return NULL;
        for (size_t i = 0; i < s.n_targets; i++)
                if (s.targets[i].selected)
                        return TAKE_PTR(s.targets[i].socket);
        return NULL;
}

/* As it is, else in the directory of sockets, else by the device. */
static char *find_socket(const char *name) {
        _cleanup_free_ char *path = NULL;

        if (is_socket(name))
                return strdup(name);
        path = strjoin(conf_state_path(), "/", name);
        if (strchr(name, '/') || is_socket(path))
                return strdup(strchr(name, '/') ? name : path);
        return find_by_device(name);
}

static int write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = write(fd, data, n);

                if (k < 0)
                        return -errno;
                data += k;
                n -= (size_t) k;
        }
        return 0;
}

/* Moves what there is. 1, 0 at the end, or a negative errno. */
static int move(int from, int to) {
        char data[4096];
        ssize_t n = read(from, data, sizeof(data));

        if (n < 0)
                return errno == EINTR ? 1 : -errno;
        if (n == 0)
                return 0;
        int r = write_all(to, data, (size_t) n);
        return r < 0 ? r : 1;
}

/* Says whose fault it is. */
static int complain_of(const char *who, int r) {
        fprintf(stderr, "%s: %s\n", who, r == -ECONNRESET || r == -EPIPE ? "the driver has closed the "
                        "connection"
                                                                       : strerror(-r));
        return r;
}

/* What the driver says, onwards to whoever started us. 1, 0 at the end, or a negative errno, which is
 * said. */
static int show(int fd, const char *path) {
        char data[4096];
        ssize_t n = read(fd, data, sizeof(data));

        if (n < 0)
                return errno == EINTR ? 1 : complain_of(path, -errno);
        (void) fwrite(data, 1, (size_t) n, stdout);
        int r = output_end("sockdebug");
        return r < 0 ? r : n > 0;
}

/* Until the driver closes the connection; it is told when there is no more to type. What fails is said. */
static int converse(int fd, const char *path) {
        struct pollfd fds[] = {
                { .fd = fd, .events = POLLIN },
                { .fd = STDIN_FILENO, .events = POLLIN },
        };
        bool ended = false;

        for (;;) {
                int r = 1;

                if (poll(fds, ELEMENTSOF(fds), -1) < 0)
                        continue;
                if (fds[0].revents != 0) {
                        r = show(fd, path);
                        if (r <= 0)
                                return r < 0 ? r : ended ? 0 : complain_of(path, -ECONNRESET);
                }
                if (fds[1].revents == 0)
                        continue;
                r = move(STDIN_FILENO, fd);
                if (r < 0)
                        return complain_of(path, r);
                if (r == 0) {
                        /* Answers that are under way still come. */
                        fds[1].fd = -1;
                        ended = true;
                        r = write_all(fd, "LOGOUT\n", strlen("LOGOUT\n"));
                        if (r < 0)
                                return complain_of(path, r);
                }
        }
}

int main(int argc, char *argv[]) {
        static const struct option options[] = { { "help", no_argument, NULL, 'h' }, {} };
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;
        int c, r;

        output_begin();
        while ((c = getopt_long(argc, argv, "+hV", options, NULL)) >= 0) {
                if (c == 'V') {
                        print_banner("sockdebug");
                        puts(BANNER_OWN_VERSION);
                } else
                        help();
                return output_end("sockdebug") < 0 || c == '?' ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        if (optind + 1 != argc) {
                help();
                return EXIT_FAILURE;
        }

        path = find_socket(argv[optind]);
        if (!path)
                return EXIT_FAILURE;
        fd = driver_link_open(path);
        if (fd < 0) {
                (void) control_complain(fd, path, NULL);
                return EXIT_FAILURE;
        }
        r = converse(fd, path);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
