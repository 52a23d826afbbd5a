/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "serial.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "time-util.h"

/* The least that belongs to a port in which all this has to be the same before it is left alone. */
#define CFLAGS (CSIZE | CSTOPB | PARENB | PARODD | CMSPAR | CRTSCTS | CLOCAL | CREAD | HUPCL)

/* What is thrown away at once, at most: a device that never stops talking must not keep us. */
#define FLUSH_MAX 65536U

static const struct {
        unsigned speed;
        speed_t code;
} speeds[] = {
        { 300,    B300    },
        { 600,    B600    },
        { 1200,   B1200   },
        { 1800,   B1800   },
        { 2400,   B2400   },
        { 4800,   B4800   },
        { 9600,   B9600   },
        { 19200,  B19200  },
        { 38400,  B38400  },
        { 57600,  B57600  },
        { 115200, B115200 },
        { 230400, B230400 },
};

/* What a line says that is no more: an adapter that was unplugged. */
static int tty_error(int error) {
        return error == EIO || error == ENXIO || error == ENODEV || error == EBADF ? -ENODEV : -error;
}

/*** Settings ***/

static int speed_find(unsigned speed, speed_t *ret) {
        for (size_t i = 0; i < ELEMENTSOF(speeds); i++)
                if (speeds[i].speed == speed) {
                        *ret = speeds[i].code;
                        return 0;
                }
        return -EINVAL;
}

static int termios_make(const SerialSettings *s, struct termios *t) {
        speed_t speed;
        int r;

        r = speed_find(s->speed, &speed);
        if (r < 0)
                return r;
        if (s->data_bits < 7 || s->data_bits > 8 || s->stop_bits < 1 || s->stop_bits > 2)
                return -EINVAL;

        cfmakeraw(t);
        t->c_cflag &= ~(tcflag_t) CFLAGS;
        t->c_cflag |= (tcflag_t) (CLOCAL | CREAD | (s->data_bits == 7 ? CS7 : CS8));
        if (s->stop_bits == 2)
                t->c_cflag |= CSTOPB;
        if (s->parity != SERIAL_PARITY_NONE)
                t->c_cflag |= (tcflag_t) (PARENB | (s->parity == SERIAL_PARITY_ODD ? PARODD : 0));
        t->c_iflag &= ~(tcflag_t) (IXOFF | IXANY | INPCK);
        t->c_cc[VMIN] = 1;
        t->c_cc[VTIME] = 0;
        return cfsetspeed(t, speed) < 0 ? -errno : 0;
}

static bool termios_equal(const struct termios *a, const struct termios *b) {
        return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
                (a->c_cflag & CFLAGS) == (b->c_cflag & CFLAGS) && cfgetispeed(a) == cfgetispeed(b) &&
                cfgetospeed(a) == cfgetospeed(b) && a->c_cc[VMIN] == b->c_cc[VMIN] &&
                a->c_cc[VTIME] == b->c_cc[VTIME];
}

/* Whether a port has taken what tells one byte from the next. Pseudo terminals take nothing else than eight
 * bits, and it makes no difference to them. */
static bool termios_took(int fd, const struct termios *wanted) {
        const tcflag_t frame = CSIZE | PARENB | PARODD;
        struct termios t;
        int lines;

        if (ioctl(fd, TIOCMGET, &lines) < 0)
                return true;
        return tcgetattr(fd, &t) >= 0 && cfgetospeed(&t) == cfgetospeed(wanted) &&
                (t.c_cflag & frame) == (wanted->c_cflag & frame);
}

static int lines_set(int fd, const SerialSettings *s) {
        const struct {
                SerialLine wanted;
                int bit;
        } lines[] = { { s->dtr, TIOCM_DTR }, { s->rts, TIOCM_RTS } };
        int now;

        /* There are none, as of a pseudo terminal. */
        if (ioctl(fd, TIOCMGET, &now) < 0)
                return errno == EIO || errno == ENODEV ? -ENODEV : 0;

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                bool on = lines[i].wanted == SERIAL_LINE_ON;

                if (lines[i].wanted == SERIAL_LINE_KEEP || on == !!(now & lines[i].bit))
                        continue;
                if (ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &lines[i].bit) < 0)
                        return tty_error(errno);
        }
        return 0;
}

static int set_nonblocking(int fd) {
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0)
                return -errno;
        return flags & O_NONBLOCK || fcntl(fd, F_SETFL, flags | O_NONBLOCK) >= 0 ? 0 : -errno;
}

int serial_configure(int fd, const SerialSettings *settings) {
        struct termios present, wanted;
        int r;

        if (tcgetattr(fd, &present) < 0)
                return errno == ENOTTY || errno == EINVAL ? -ENOTTY : tty_error(errno);
        wanted = present;
        r = termios_make(settings, &wanted);
        if (r < 0)
                return r;

        if (!termios_equal(&present, &wanted) && tcsetattr(fd, TCSANOW, &wanted) < 0)
                return tty_error(errno);
        if (!termios_took(fd, &wanted))
                return -EINVAL;
        r = lines_set(fd, settings);
        return r < 0 ? r : set_nonblocking(fd);
}

/*** Bytes ***/

/* Waits for the line; 0 when the time is over. */
static int tty_wait(int fd, short events, uint64_t deadline_usec) {
        struct pollfd p = { .fd = fd, .events = events };
        uint64_t left = usec_sub(deadline_usec, now_usec(CLOCK_MONOTONIC));
        struct timespec ts = {
                .tv_sec = (time_t) (left / USEC_PER_SEC),
                .tv_nsec = (long) (left % USEC_PER_SEC * NSEC_PER_USEC),
        };
        int r = ppoll(&p, 1, &ts, NULL);

        if (r < 0)
                return -errno;
        return r > 0 && (p.revents & events) == 0 ? -ENODEV : r;
}

int serial_write(int fd, const void *data, size_t n, uint64_t deadline_usec) {
        const uint8_t *p = data;

        while (n > 0) {
                ssize_t k = write(fd, p, n);
                int r;

                if (k > 0) {
                        p += k;
                        n -= (size_t) k;
                        continue;
                }
                if (k < 0 && errno != EAGAIN)
                        return errno == EINTR ? -EINTR : tty_error(errno);
                r = tty_wait(fd, POLLOUT, deadline_usec);
                if (r <= 0)
                        return r < 0 ? r : -ETIMEDOUT;
        }

        return 0;
}

int serial_read(int fd, void *buffer, size_t size, uint64_t deadline_usec) {
        for (;;) {
                ssize_t k;
                int r;

                r = tty_wait(fd, POLLIN, deadline_usec);
                if (r <= 0)
                        return r;
                k = read(fd, buffer, MIN(size, (size_t) INT32_MAX));
                if (k > 0)
                        return (int) k;
                if (k == 0)
                        return -ENODEV;
                if (errno != EAGAIN)
                        return errno == EINTR ? -EINTR : tty_error(errno);
        }
}

int serial_flush(int fd) {
        uint8_t buffer[4096];

        if (tcflush(fd, TCIFLUSH) < 0)
                return tty_error(errno);

        /* What the kernel was about to hand over when it was told to forget the rest. */
        for (size_t n = 0; n < FLUSH_MAX;) {
                int r = serial_read(fd, buffer, sizeof(buffer), 0);

                if (r <= 0)
                        return r;
                n += (size_t) r;
        }
        return 0;
}
