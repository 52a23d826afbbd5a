/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "hid-link.h"

/* A way to a device that answers a line with a line: a serial port, one of the protocols in which such
 * devices hide that behind USB, a recording. Calls block, at most for their deadline; a link is used by one
 * thread at a time. */

/* Bytes of a request or an answer, with all that belongs to it. No device comes near. */
#define LINE_SIZE_MAX 1024U

/* How an answer is told to be complete. */
typedef struct LineFraming {
        uint8_t end[4]; /* what ends it */
        size_t n_end;   /* 1..4 */
        size_t binary;  /* this many bytes may be anything, also what looks like an end; 0: it is text */
        uint64_t timeout_usec; /* for all of it */
} LineFraming;

typedef struct LineLink LineLink;

typedef struct LineLinkOps {
        const char *name; /* "serial", "cypress", ..., "recording" */

        /* Sends a request and waits for its answer. Whatever came in before is dropped first. Returns the
         * bytes of the answer with its end, 0 when there was none in time (nothing at all came). What came
         * without an end is -EBADMSG, and so is what does not fit. -EPIPE: the device refused it in the way
         * of the link; -ENODEV: it is gone; -EIO; -EINTR. */
        int (*exchange)(LineLink *l,
                const uint8_t *request,
                size_t n,
                const LineFraming *framing,
                uint8_t *answer,
                size_t size);
        void (*free)(LineLink *l); /* what is the kind's own; the head and the memory go after it */
} LineLinkOps;

/* The common head of all links: each kind embeds it as its first member of an object from malloc(), which
 * line_link_free() gives back. */
struct LineLink {
        const LineLinkOps *ops;
        HidIdentity identity; /* what is known before it is spoken to; for a serial port only the path */
        bool is_usb;
};

/* Takes and returns NULL; lets go of the device. */
LineLink *line_link_free(LineLink *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineLink *, line_link_free);

/* See LineLinkOps.exchange. -EINVAL for a request that is empty or longer than LINE_SIZE_MAX. */
int line_link_exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size);

/*** Links ***/

/* Over an open tty that serial_open() has made ready. fd is taken over on success. name is its path. */
int line_link_new_serial(const char *name, int fd, LineLink **ret);

/* Plays a recording (docs/RECORDINGS.md). -EBADMSG with a message in *ret_error (new memory) that names file
 * and line. */
int line_link_new_recording(const char *path, LineLink **ret, char **ret_error);

/* Writes all that goes over a link to a file, in the format that is played. Takes inner over on success. */
int line_link_new_recorder(LineLink *inner, const char *path, RecorderFlags flags, LineLink **ret);

/*** Links over USB (line-usb*.c) ***/

/* The ways in which lines are hidden behind USB, by the names of NUT's subdriver=: "cypress", "krauler", ...
 * A table in the code, one row each; NULL at the end. */
const char *const *line_usb_names(void);

/* How a device is to be spoken to, by the options of its section. */
typedef struct LineUsbOptions {
        const char *subdriver; /* one of the above, or NULL: by the ids of the device */
        UsbOverrides overrides;
        int language_id;       /* langid_fix; -1: not given */
        bool no_scan_language; /* noscanlangid */
} LineUsbOptions;

/* Which way it is for a device with this identity, by the table of ids in profiles/qx/usb.ids; NULL for
 * none. certain: whether the ids (with the names, where the table has some) belong to power devices only, so
 * that the device may be asked without having been named. Several ways may fit one id: n counts from 0, and
 * NULL ends them. */
typedef struct LineUsbIds LineUsbIds;
int line_usb_ids_load(ConfReport report, void *userdata, LineUsbIds **ret);
LineUsbIds *line_usb_ids_free(LineUsbIds *ids);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineUsbIds *, line_usb_ids_free);
const char *line_usb_ids_find(
        const LineUsbIds *ids, const HidIdentity *identity, size_t n, bool *ret_certain);

/* On an open usbfs node. Takes the interface from the kernel's driver while the link lives. fd is taken over
 * on success. -EBUSY: another program has it. -EOPNOTSUPP: no such way. */
int line_link_new_usb(const UsbHidDevice *device,
        int usbfs_fd,
        const char *way,
        const LineUsbOptions *options,
        LineLink **ret);
