/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"
#include "string-util.h"

/* A driver without hardware, for the tests of the kit: its device is a file of "name value" lines, which
 * it reads at each poll. A file that is not there is a device that is not there; a first line with a word
 * alone makes it misbehave: "hang" blocks, "fail" fails; "slow NAME" has a command take its time and fail,
 * "stuck NAME" has it never return. "nodes LIST" says where the device is, and "input FIFO" where it says
 * something by itself: lines of the same kind, and "gone", with which it is gone. A device that was "handed
 * over" ends the process then. A device node is told instead of read. Built WITHOUT_HOOK, it cannot cut the
 * load by a hook, runs on the loop, or with ON_THREAD on a thread, and says that it is on a serial line or
 * has what TRANSPORT says. */

#ifndef TRANSPORT
#define TRANSPORT TRANSPORT_SERIAL
#endif

typedef struct State {
        unsigned polls;
        FILE *input;
} State;

static const char *const modes[] = { "plain", "strict", NULL };

static const Option options[] = { { "mode", OPTION_ENUM, "plain", .values = modes,
                                                  .help = "How the file is read" },
        { "secret", OPTION_STRING, .secret = true, .help = "A password that nobody is to see" },
        { "shiny", OPTION_FLAG, .help = "Whether the device shines" },
        { "limit", OPTION_INTEGER, "10", 1, 99,
                        .help = "A number with a long explanation that does not fit into the width of "
                                "a terminal and so has to be wrapped" },
        {} };

static void take_line(Update *u, char *line) {
        char *rest, *name = strtok_r(line, " \n", &rest), *value = strtok_r(NULL, "\n", &rest);

        if (!name || !value)
                return;
        if (streq(name, "slow") || streq(name, "stuck") || streq(name, "nodes") || streq(name, "input") ||
            streq(name, "handed"))
                return;
        if (streq(name, "command"))
                (void) update_command(u, value);
        else if (streq(name, "alarm"))
                (void) update_alarm(u, value);
        else {
                (void) update_set(u, name, value);
                if (streq(name, "ups.id"))
                        (void) update_describe(u, name, VARIABLE_WRITABLE | VARIABLE_STRING, 16);
                if (streq(name, "ups.delay.shutdown")) {
                        (void) update_describe(u, name, VARIABLE_WRITABLE, 0);
                        (void) update_range(u, name, 0, 600);
                }
        }
}

/* The test sees where we are by a file beside the device. */
static void leave_mark(Device *d) {
        _cleanup_free_ char *path = strjoin(device_port(d), ".hanging");
        FILE *f = path ? fopen(path, "we") : NULL;

        if (f)
                (void) fclose(f);
}

/* Blocks until it is interrupted. */
static void hang(Device *d) {
        leave_mark(d);
        while (!device_is_cancelled(d))
                (void) usleep(60 * 1000 * 1000);
}

static int read_device(Device *d, Update *u) {
        char line[512];
        FILE *f = fopen(device_port(d), "re");
        int r = 0;

        if (!f)
                return -errno;

        (void) update_replace(u, "driver.");
        (void) update_alarm(u, "");
        while (fgets(line, sizeof(line), f)) {
                if (streq(line, "hang\n"))
                        hang(d);
                if (streq(line, "fail\n"))
                        r = -EIO;
                take_line(u, line);
        }
        (void) fclose(f);
        return r;
}

/* Whether the device has that line. */
static bool device_says(Device *d, const char *word, const char *name) {
        _cleanup_free_ char *wanted = strjoin(word, " ", name, "\n");
        FILE *f = fopen(device_port(d), "re");
        char line[512];
        bool found = false;

        while (f && wanted && fgets(line, sizeof(line), f))
                found = found || streq(line, wanted);
        if (f)
                (void) fclose(f);
        return found;
}

static int probe(Device *d) {
        return access(device_port(d), F_OK) < 0 ? -ENODEV : 0;
}

/* What the device has behind that word, in new memory, or NULL. */
static char *device_gives(Device *d, const char *word) {
        FILE *f = fopen(device_port(d), "re");
        char line[512], *found = NULL;

        while (f && !found && fgets(line, sizeof(line), f)) {
                const char *rest = startswith(line, word);

                if (rest && rest[0] == ' ')
                        found = strndup(rest + 1, strcspn(rest + 1, "\n"));
        }
        if (f)
                (void) fclose(f);
        return found;
}

static int start(Device *d, Update *u) {
        _cleanup_free_ char *nodes = device_gives(d, "nodes"), *input = device_gives(d, "input");
        State *s = device_state(d);
        int fd;

        if (device_says(d, "handed", "over"))
                device_set_handed_over(d);
        if (device_says(d, "gone", "already"))
                return -ENODEV;
        if (nodes && device_set_place(d, nodes, "/sys/devices/test") < 0)
                return -ENOMEM;
        if (input) {
                fd = open(input, O_RDWR | O_NONBLOCK | O_CLOEXEC);
                s->input = fd < 0 ? NULL : fdopen(fd, "r");
                if (!s->input)
                        return -errno;
                device_watch(d, fd);
        }
        return probe(d) < 0 ? -ENOENT : 0;
}

static int event(Device *d, Update *u) {
        State *s = device_state(d);
        char line[512];
        int r = 0;

        while (fgets(line, sizeof(line), s->input)) {
                if (streq(line, "gone\n"))
                        r = -ENODEV;
                take_line(u, line);
        }
        clearerr(s->input);
        return r;
}

static void stop(Device *d) {
        State *s = device_state(d);

        if (s->input)
                (void) fclose(s->input);
}

static int poll_device(Device *d, PollSet what, Update *u) {
        State *s = device_state(d);

        s->polls++;
        return read_device(d, u);
}

static int set(Device *d, const char *variable, const char *value, Update *u) {
        if (streq(value, "bad"))
                return -EINVAL;
        return update_set(u, variable, value);
}

static int command(Device *d, const char *name, const char *argument, Update *u) {
        if (streq(name, "test.panel.start"))
                return update_set(u, "ups.test.result", argument ? argument : "none");
        if (device_says(d, "slow", name)) {
                leave_mark(d);
                (void) usleep(1500 * 1000);
                return -EIO;
        }
        if (device_says(d, "stuck", name)) {
#if defined(WITHOUT_HOOK) && !defined(ON_THREAD)
                return DEVICE_PENDING;
#else
                hang(d);
                return -EINTR;
#endif
        }
        if (startswith(name, "shutdown.")) {
                (void) printf("cut %s by %s\n", device_name(d), name);
                return 0;
        }
        return -EIO;
}

#ifndef WITHOUT_HOOK
static int power_off(Device *d) {
        _cleanup_close_ int fd = device_open_node(d, device_port(d));
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fd < 0 ? fd : -errno;
        if (S_ISCHR(st.st_mode))
                return write(fd, "off\n", 4) == 4 ? 0 : -EIO;
        if (device_says(d, "stuck", "hook")) {
                hang(d);
                return -EINTR;
        }
        if (device_option_boolean(d, "shiny"))
                return -EIO;
        (void) printf("cut %s\n", device_name(d));
        return 0;
}
#endif

int main(int argc, char *argv[]) {
        static const Driver driver = {
                .name = "test-driver",
                .description = "Driver of a device that is a file",
                .version = "0.7",
#ifdef WITHOUT_HOOK
                .transport = TRANSPORT,
#ifdef ON_THREAD
                .io = IO_BLOCKING,
#else
                .io = IO_LOOP,
#endif
#else
                .transport = TRANSPORT_FILE,
                .io = IO_BLOCKING,
                .power_off = power_off,
#endif
                .state_size = sizeof(State),
                .options = options,
                .probe = probe,
                .start = start,
                .poll = poll_device,
                .event = event,
                .stop = stop,
                .set = set,
                .command = command,
        };

        return driver_main(&driver, argc, argv);
}
