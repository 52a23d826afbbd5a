/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "driver.h"
#include "string-util.h"
#include "time-util.h"

/* A stand-in, for this test only: a driver that has to open a real line and talk over it at the very end of
 * a shutdown. It knows two requests of the Megatec protocol, which many UPSs speak: Q1 for the state, and S
 * to go off after a while and come back with the mains. */

#define LINE_SIZE 128
#define ANSWER_USEC (2 * USEC_PER_SEC)

typedef struct State {
        int fd;
} State;

static const Option options[] = {
        { "hang", OPTION_FLAG, .help = "Never come back from cutting the load" },
        {}
};

static int line_open(Device *d) {
        struct termios t;
        int fd = device_open_node(d, device_port(d));

        if (fd < 0)
                return fd;
        if (tcgetattr(fd, &t) < 0) {
                safe_close(fd);
                return -ENOTTY;
        }
        cfmakeraw(&t);
        t.c_cflag |= CLOCAL | CREAD;
        (void) cfsetspeed(&t, B2400);
        if (tcsetattr(fd, TCSANOW, &t) < 0) {
                safe_close(fd);
                return -EIO;
        }
        (void) tcflush(fd, TCIOFLUSH);
        return fd;
}

/* Up to the carriage return. */
static int line_read(int fd, char ret[static LINE_SIZE]) {
        uint64_t end_usec = now_usec(CLOCK_MONOTONIC) + ANSWER_USEC;
        size_t n = 0;

        while (n < LINE_SIZE - 1) {
                uint64_t left = usec_sub(end_usec, now_usec(CLOCK_MONOTONIC));
                struct pollfd p = { .fd = fd, .events = POLLIN };

                if (left == 0)
                        return -ETIMEDOUT;
                if (poll(&p, 1, (int) (left / USEC_PER_MSEC) + 1) <= 0)
                        continue;
                if (read(fd, ret + n, 1) != 1)
                        return -EIO;
                if (ret[n++] == '\r') {
                        ret[n] = '\0';
                        return 0;
                }
        }

        return -EBADMSG;
}

/* The eight bits at the end of the answer to Q1, the first one for "utility fail". */
static int query(int fd, char ret_bits[static 9], double *ret_input) {
        char line[LINE_SIZE];
        int r;

        if (write(fd, "Q1\r", 3) != 3)
                return -EIO;
        r = line_read(fd, line);
        if (r < 0)
                return r;
        return sscanf(line, "(%lf %*f %*f %*f %*f %*f %*f %8[01]", ret_input, ret_bits) == 2 ? 0 : -EBADMSG;
}

static int start(Device *d, Update *u) {
        State *s = device_state(d);

        s->fd = line_open(d);
        return s->fd < 0 ? s->fd : 0;
}

static void stop(Device *d) {
        State *s = device_state(d);

        s->fd = safe_close(s->fd);
}

static int poll_device(Device *d, PollSet what, Update *u) {
        State *s = device_state(d);
        char bits[9], text[16];
        double input;
        int r;

        r = query(s->fd, bits, &input);
        if (r < 0)
                return r;
        (void) snprintf(text, sizeof(text), "%.1f", input);
        (void) update_set(u, "device.type", "ups");
        (void) update_set(u, "input.voltage", text);
        (void) update_set(u, "ups.status", bits[0] == '0' ? "OL" : bits[1] == '0' ? "OB" : "OB LB");
        return 0;
}

/* What the line of a mount table says of the root file system: "ro" or "rw". */
static void print_root_state(void) {
        char line[512], place[256], mode[3];
        FILE *f = fopen("/proc/mounts", "re");

        while (f && fgets(line, sizeof(line), f))
                if (sscanf(line, "%*s %255s %*s %2s", place, mode) == 2 && streq(place, "/"))
                        (void) fprintf(stderr, "root is %s\n", mode);
        if (f)
                (void) fclose(f);
}

/* There is no answer to S, so the state has to tell whether it was heard. */
static int command_off(int fd) {
        char bits[9] = "";
        double input;
        int r;

        if (write(fd, "S.3R0001\r", 9) != 9)
                return -EIO;
        (void) tcdrain(fd);
        r = query(fd, bits, &input);
        if (r < 0)
                return r;
        return bits[6] == '1' ? 0 : -EIO;
}

static int power_off(Device *d) {
        _cleanup_close_ int fd = -EBADF;

        print_root_state();
        (void) fprintf(stderr, "uid %d\n", (int) geteuid());
        /* All of the process, as one that waits for the kernel: out of a mere hook the kit has a way. */
        if (device_option_boolean(d, "hang"))
                for (;;)
                        (void) raise(SIGSTOP);

        fd = line_open(d);
        return fd < 0 ? fd : command_off(fd);
}

int main(int argc, char *argv[]) {
        static const Driver driver = {
                .name = "serial-ups",
                .description = "Stand-in driver of the late power-off test",
                .version = "1",
                .transport = TRANSPORT_SERIAL,
                .io = IO_BLOCKING,
                .state_size = sizeof(State),
                .options = options,
                .start = start,
                .poll = poll_device,
                .power_off = power_off,
                .stop = stop,
        };

        return driver_main(&driver, argc, argv);
}
