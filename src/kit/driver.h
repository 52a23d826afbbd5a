/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "log.h"
#include "macro.h"
#include "model.h"

/* The driver kit: all that drivers have in common. A driver is one const Driver and the hooks it names;
 * its main is driver_main(). The kit owns the command line, ups.conf, the model, the bus object, the
 * driver socket, poll timing, reconnecting, staleness and logging. */

typedef struct Device Device;

typedef enum Transport {
        TRANSPORT_FILE,
        TRANSPORT_NETWORK,
        TRANSPORT_USB,
        TRANSPORT_SERIAL,
        _TRANSPORT_MAX,
} Transport;

typedef enum DriverIO {
        IO_LOOP,     /* hooks run on the event loop and never block */
        IO_BLOCKING, /* hooks run on the device's own thread, one at a time, as straight-line code; a
                      * blocking system call in one is interrupted (EINTR) when the device is taken away, and
                      * the hook is to return soon after */
} DriverIO;

/* What a poll is to read: each hook call names one or both. */
typedef enum PollSet {
        POLL_QUICK = 1 << 0, /* what changes by the second: status, charge, load */
        POLL_FULL  = 1 << 1, /* everything; the first poll after start, and then every pollfreq */
} PollSet;

typedef enum OptionType {
        OPTION_FLAG,    /* given or not, no value */
        OPTION_STRING,
        OPTION_INTEGER, /* within minimum..maximum */
        OPTION_BOOLEAN,
        OPTION_SAFEGUARD, /* a boolean for security's sake: on when it is named at all, unless what is read
                           * says no; it may also stand before all sections */
        OPTION_ENUM,    /* one of values */
        OPTION_REGEX,   /* POSIX extended; a bad one is reported but kept, as without it there would be no
                         * restriction at all: the driver then has to refuse the device */
} OptionType;

typedef struct Option {
        const char *name;
        OptionType type;
        const char *initial; /* value when not given, or NULL */
        int64_t minimum, maximum;
        const char *const *values; /* NULL-terminated, for OPTION_ENUM */
        bool secret;               /* not shown as driver.parameter.* */
        const char *help;          /* one line for -h and -L; each option has a paragraph in the man page */
} Option;

/* A hook returns 0, a negative errno, or DEVICE_PENDING (IO_LOOP only): then it has begun, and
 * device_complete() tells the outcome. The kit runs one hook of a device at a time and, when it is
 * pending for too long, stops and restarts the device. */
#define DEVICE_PENDING 1

typedef struct Driver {
        const char *name;        /* of the program, as in NUT */
        const char *description;
        const char *version;     /* driver.version.internal */
        Transport transport;     /* of its devices, unless transport_of() tells them apart */
        DriverIO io;
        size_t state_size;       /* zeroed memory per device, device_state(); anew for each start */
        const Option *options;   /* ends with a NULL name; NULL for none. It may have a common option, with
                                  * another initial value */
        size_t shared_size;      /* zeroed memory per process, device_shared(); IO_LOOP only */
        bool grouped;            /* the devices of a group, by group= of their sections, share a process */

        /* The transport of one device, by what is configured: only name, port and options may be asked for.
         * Optional. */
        Transport (*transport_of)(const Device *d);

        /* 0: the device is mine, -ENODEV: it is not, other: could not tell. No side effect on the device,
         * nothing kept. Optional. */
        int (*probe)(Device *d);

        /* Opens the device and fills in what is known at once. On failure stop() is called as well and
         * must cope with the half of it. The kit then tries again, with growing delay. What it put into u is
         * published together with the first poll; if that fails, the device is stopped and started anew. */
        int (*start)(Device *d, Update *u);

        /* Reads the device. A failure makes the data stale; after maxretry failures in a row the device
         * is stopped and started anew. u stays valid until the hook returns or completes; on failure it
         * is dropped. */
        int (*poll)(Device *d, PollSet what, Update *u);

        /* Something has arrived on the descriptor of device_watch(): takes it in, without waiting for more.
         * A failure counts like that of a poll. Optional. */
        int (*event)(Device *d, Update *u);

        /* Writes a variable that is there and writable; the value was checked against its description.
         * May put the new value into u. Optional: without it nothing is writable. */
        int (*set)(Device *d, const char *variable, const char *value, Update *u);

        /* Runs a command that the driver has put into its model. argument may be NULL. Optional. */
        int (*command)(Device *d, const char *command, const char *argument, Update *u);

        /* Late shutdown: cut the load. No bus, no loop, root file system read-only; may block for seconds.
         * On a thread of its own, whatever the io; when it takes too long, it is interrupted (EINTR) and
         * then left to itself. Called after probe() on a device that was not started. Optional: without it,
         * and when sdcommands= says so, the device is started, polled and given a command; see
         * power-off.h. */
        int (*power_off)(Device *d);

        /* These commands, separated by blanks: the first that works is it. NULL: "shutdown.return
         * shutdown.stayoff". Only for devices on a line of their own. */
        const char *power_off_commands;

        /* Lets go of everything; a pending hook is over then. Called exactly once per start(). Optional. */
        void (*stop)(Device *d);

        /* Lets go of what the shared memory holds, after the last device was stopped. Optional. */
        void (*shared_done)(void *shared);
} Driver;

/* The main() of a driver program: parses the command line, runs until told to stop, and returns the exit
 * status. */
int driver_main(const Driver *driver, int argc, char *argv[]);

/*** For hooks ***/

/* Name of the section. */
const char *device_name(const Device *d) _pure_;
/* The driver that serves it. */
const Driver *device_driver(const Device *d) _pure_;
/* port= of the section. */
const char *device_port(const Device *d) _pure_;
/* The memory of state_size bytes. */
void *device_state(Device *d);
/* The memory of shared_size bytes that all devices of the process have in common; NULL without memory. From
 * start() on, with IO_LOOP only. */
void *device_shared(Device *d);

/* Opens a device node, /dev/ttyS0 say, for reading and writing, not blocking, not as a controlling
 * terminal. Late at shutdown, a node that the driver's user may not open has been opened for it, and this
 * is how to get hold of that. Returns a descriptor of the caller's own, or a negative errno. */
int device_open_node(const Device *d, const char *path);

/* Keeps an open node, and with it whatever holds as long as it is open: the lines of a serial port. It
 * outlives sessions, and with the service manager's help the process: device_open_node() of the same node
 * then gives a descriptor of the same open file. The node is let go when it is gone or has hung up, when
 * the device is taken out of the configuration, or its service is stopped. In start(), for one node; it
 * counts also when start() fails. fd stays the caller's. 0 or a negative errno. */
int device_keep_node(Device *d, int fd);

/* Has event() called, after the hook that is running, whenever fd is readable, until the device is stopped
 * or fd is -1. fd stays the driver's. From start() on, in any hook. */
void device_watch(Device *d, int fd);

/* Says by which nodes below /dev the device is reached, separated by spaces, and what names its place
 * (Device1.NativePath). The nodes are opened for the driver late at shutdown. In start(). Copies both. */
int device_set_place(Device *d, const char *nodes, const char *native_path);

/* Whether the device was handed over by the service manager: when it is gone (-ENODEV), it cannot be opened
 * again by this process, which then ends; the next one comes with the device. In start(). */
void device_set_handed_over(Device *d);

/* The nodes that the service manager, or the late power-off, has opened for this process: how many, and the
 * device number of each. device_open_node() on such a node gives a descriptor of it. */
size_t device_n_handed_over(const Device *d);
dev_t device_handed_over(const Device *d, size_t i);

/* How long a hook may take at the most, if that is longer than what the kit allows by itself: from start()
 * on, in any hook, for that one and those that follow, until something else is said. Bounded by ten minutes;
 * what cuts the load does not wait for it. */
void device_set_patience(Device *d, uint64_t usec);

/* In start(): whether the log knows already that the device is absent, so that a reason why it cannot be
 * opened is no news. */
bool device_is_retry(const Device *d) _pure_;

/* In start(): whether it is not the first of this process for the device. */
bool device_is_restart(const Device *d) _pure_;

/* In start(): whether the device is opened to cut the load (-k): nothing but that matters, and the file
 * system may be read-only. */
bool device_is_powering_off(const Device *d) _pure_;

/* In power_off(): microseconds until it has to be over, from now. USEC_INFINITY elsewhere. */
uint64_t device_time_left(const Device *d);

/* The event loop, for IO_LOOP drivers; NULL in probe() and power_off(). */
sd_event *device_event(Device *d);

/* Option by name, of the driver's table or a common one (sdcommands, ...): its value in ups.conf or on
 * the command line, else its initial value, else NULL, false or 0. */
const char *device_option(const Device *d, const char *name) _pure_;
/* Where that stands, as FILE:LINE; NULL when it was not given, or on the command line. */
const char *device_option_place(const Device *d, const char *name) _pure_;
bool device_option_boolean(const Device *d, const char *name) _pure_;
int64_t device_option_integer(const Device *d, const char *name) _pure_;

/* What ups.conf or the command line says for "default.NAME" or "override.NAME", NULL when it says nothing;
 * name is the whole of that. The model sees to it; this is for what is calculated from such values. */
const char *device_fixed(const Device *d, const char *name) _pure_;

/* The longest text that device_save() takes. */
#define DEVICE_SAVED_MAX 65536U

/* What was saved last for a device of that name, by whatever process, also before a reboot. The caller
 * frees it. -ENOENT: nothing. From start() on. It comes from disk, and is to be read as such. */
int device_load_saved(const Device *d, char **ret);

/* Keeps a text for the device, in place of the one before, as a whole or not at all. In the state directory
 * of the service, or as long as that cannot be written, in the directory of the driver sockets, where it
 * lasts until a reboot; nowhere for a driver that was started by hand without NUT_STATEPATH, and not when
 * the load is being cut: 0 then too. NULL forgets it. Does not wait for the disk. -E2BIG, or errors of the
 * file system. */
int device_save(const Device *d, const char *text);

/* The device as last published, for IO_LOOP hooks; NULL in IO_BLOCKING ones, in probe() and in
 * power_off(). */
const Model *device_model(const Device *d) _pure_;

/* Ends the pending hook with 0 or a negative errno. On the loop thread. */
void device_complete(Device *d, int r);

/* Has the next poll begin within that time, as soon as no hook is pending, if it would come later. On the
 * loop thread; may be called from a hook. */
void device_poll_within(Device *d, uint64_t usec);

/* Says in words why the device cannot be had. That is logged when it is not what was said last, or the
 * device has answered since; what the kit itself says of the loss is then without the errno. With IO_LOOP on
 * the loop thread. In an IO_BLOCKING hook, and in power_off(), it counts if the hook fails, the last one
 * said. While set() or command() is under way it goes to who asked, in place of what the errno means. */
void device_explain(Device *d, const char *text);

/* A text of the driver's that outlives sessions, as long as the process serves a device of that name, and
 * also when its configuration changes; NULL at first. With IO_BLOCKING it is kept when start() is over,
 * whether it has worked or not. When the load is cut, it is what the service had last, if the driver has
 * power_off(): from disk, and to be read as such. 0 or a negative errno. */
const char *device_memo(const Device *d) _pure_;
int device_set_memo(Device *d, const char *text);

/* Publishes changes outside of a hook, as events come in. Takes u over. On the loop thread. */
void device_publish(Device *d, Update *u);

/* In IO_BLOCKING hooks and in power_off(): whether the device is being taken away and the hook should
 * return. */
bool device_is_cancelled(const Device *d);

/* Logs about the device, with its fields. error of either sign, 0 for none; returns -error. */
int log_device(const Device *d, int level, int error, const char *fmt, ...) _printf_(4, 5);
