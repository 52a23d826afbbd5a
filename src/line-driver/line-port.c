/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-port.h"

#include <fnmatch.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#include "conf.h"
#include "string-util.h"

/* A device that is fed by these lines takes so long to wake up. */
#define SETTLE_NSEC (1100 * 1000 * UINT64_C(1000))

typedef struct Port {
        Device *device;
        int fd; /* borrowed */
        SerialSettings settings;
} Port;

int line_port_recording(const Device *d, char **ret) {
        const char *port = device_port(d);
        _cleanup_free_ char *path = NULL;
        struct stat st;
        bool there;

        *ret = NULL;
        if (startswith(port, "/dev/"))
                return 0;

        path = strchr(port, '/') ? strdup(port) : conf_path(port);
        if (!path)
                return -ENOMEM;
        there = stat(path, &st) >= 0;
        if (there ? S_ISREG(st.st_mode) : fnmatch("*.recording", path, 0) == 0)
                *ret = TAKE_PTR(path);
        return 0;
}

LinePortPower line_port_power(const char *cable_power) {
        static const struct {
                const char *name;
                LinePortPower power;
        } table[] = {
                { "normal", { SERIAL_LINE_ON, SERIAL_LINE_OFF } },
                { "reverse", { SERIAL_LINE_OFF, SERIAL_LINE_ON } },
                { "both", { SERIAL_LINE_ON, SERIAL_LINE_ON } },
                { "none", { SERIAL_LINE_OFF, SERIAL_LINE_OFF } },
        };

        for (size_t i = 0; cable_power && i < ELEMENTSOF(table); i++)
                if (strcaseeq(table[i].name, cable_power))
                        return table[i].power;
        return (LinePortPower){ SERIAL_LINE_KEEP, SERIAL_LINE_KEEP };
}

static int modem_lines(int fd) {
        int lines = 0;

        return ioctl(fd, TIOCMGET, &lines) < 0 ? 0 : lines & (TIOCM_DTR | TIOCM_RTS);
}

/* Interrupted when the device is taken away. */
static int settle(void) {
        const struct timespec pause = {
                .tv_sec = SETTLE_NSEC / 1000000000,
                .tv_nsec = SETTLE_NSEC % 1000000000,
        };

        return nanosleep(&pause, NULL) < 0 ? -errno : 0;
}

static int complain(Device *d, int error) {
        _cleanup_free_ char *text = serial_explain(device_port(d), error);

        return line_driver_complain(d, error, "Cannot open the port: %s", text ?: strerror(-error));
}

/* What the user does not want locked is not ours to unlock: the exclusive mode belongs to the port, whoever
 * set it. */
static bool is_to_lock(const Device *d) {
        return !device_option_boolean(d, "nolock");
}

/* Whether what is said of who has the port is said of this process. */
static bool is_own(const char *holder) {
        _cleanup_free_ char *own = strprintf("PID %d ", (int) getpid());

        return own && startswith(holder, own);
}

static int open_locked(Device *d) {
        _cleanup_close_ int fd = device_open_node(d, device_port(d));
        _cleanup_free_ char *holder = NULL;
        int r;

        if (fd < 0)
                return complain(d, fd);
        if (!isatty(fd))
                return complain(d, -ENOTTY);
        r = is_to_lock(d) ? serial_lock(fd, device_port(d), &holder) : 0;
        if (r == -EBUSY && holder && is_own(holder))
                return line_driver_complain(
                        d, r, "%s is the port of another section of ups.conf already.", device_port(d));
        if (r == -EBUSY && holder)
                return line_driver_complain(d, r, "%s is in use by %s.", device_port(d), holder);
        if (r < 0)
                return complain(d, r);
        return TAKE_FD(fd);
}

/* Gives the port what the profile wants. */
static int prepare(void *userdata, const LineProfile *profile) {
        Port *p = userdata;
        const LineFormat *f = &profile->format;
        SerialSettings wanted = p->settings;
        int r;

        wanted.speed = f->speed;
        wanted.data_bits = f->data_bits;
        wanted.stop_bits = f->stop_bits;
        wanted.parity = f->parity == 'e'   ? SERIAL_PARITY_EVEN
                        : f->parity == 'o' ? SERIAL_PARITY_ODD
                                           : SERIAL_PARITY_NONE;
        if (wanted.speed == p->settings.speed && wanted.data_bits == p->settings.data_bits &&
                wanted.stop_bits == p->settings.stop_bits && wanted.parity == p->settings.parity)
                return 0;

        r = serial_configure(p->fd, &wanted);
        if (r >= 0)
                p->settings = wanted;
        return r;
}

/* Sets it up, and waits if the device has just been given power by that. */
static int configure(Port *p, LinePortPower power) {
        int before = modem_lines(p->fd), r;

        p->settings = (SerialSettings){
                .speed = 2400,
                .data_bits = 8,
                .stop_bits = 1,
                .dtr = power.dtr,
                .rts = power.rts,
        };
        r = serial_configure(p->fd, &p->settings);
        if (r < 0)
                return complain(p->device, r);
        return modem_lines(p->fd) != before ? settle() : 0;
}

static int make_driver(Device *d,
        LineLink *link,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LineDriver **ret) {
        _cleanup_free_ char *why = NULL;
        int r;

        r = line_driver_new(d, link, profiles, setup, ret, &why);
        if (r == -EPROTO || r == -ETIMEDOUT || (r < 0 && r != -EINVAL && r != -EINTR && why))
                return line_driver_complain(
                        d, r, "The device at %s cannot be used: %s.", device_port(d), why ?: strerror(-r));
        return r;
}

int line_port_open(Device *d,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LinePortPower power,
        LineDriver **ret) {
        Port p = { .device = d };
        _cleanup_(line_driver_freep) LineDriver *l = NULL;
        LineDriverSetup own = *setup;
        LineLink *link = NULL;
        int r;

        p.fd = open_locked(d);
        if (p.fd < 0)
                return p.fd;
        r = configure(&p, power);
        if (r >= 0)
                r = line_link_new_serial(device_port(d), p.fd, is_to_lock(d), &link);
        if (r < 0) {
                if (is_to_lock(d))
                        serial_unlock(p.fd);
                (void) safe_close(p.fd);
                return r;
        }

        r = device_set_place(d, device_port(d), device_port(d));
        if (r >= 0 && !device_is_powering_off(d))
                r = device_keep_node(d, p.fd);
        if (r < 0) {
                line_link_free(link);
                return r;
        }
        own.prepare = prepare;
        own.userdata = &p;
        r = make_driver(d, link, profiles, &own, &l);
        if (r >= 0)
                *ret = TAKE_PTR(l);
        return r;
}

int line_port_open_recording(Device *d,
        const char *path,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LineDriver **ret) {
        _cleanup_free_ char *error = NULL;
        LineLink *link = NULL;
        int r;

        r = line_link_new_recording(path, &link, &error);
        if (r < 0 && error)
                return line_driver_complain(d, r, "%s", error);
        if (r < 0)
                return line_driver_complain(d, r, "Cannot read the recording %s: %s", path, strerror(-r));

        r = device_set_place(d, "", path);
        if (r < 0) {
                line_link_free(link);
                return r;
        }
        return make_driver(d, link, profiles, setup, ret);
}
