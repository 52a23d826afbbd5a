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
        bool end_optional; /* what has come when the time is over is the answer, as if it had an end */
        bool echo;      /* the device repeats each request before its answer: that line is dropped */
        uint64_t timeout_usec; /* for all of it; on a serial line more, while bytes still come */
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
        /* Whether the next exchange of this goes without the device, so that no pause is needed in front of
         * it. NULL: never. */
        bool (*is_immediate)(LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing);
        /* A text that nobody else is to see, as it turns out: a serial number. NULL: nothing is kept. */
        void (*redact)(LineLink *l, const char *secret);
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

/* See LineLinkOps.exchange. -EINVAL for a request that is empty or longer than LINE_SIZE_MAX, and for
 * framing that makes no sense. */
int line_link_exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size);

/* See LineLinkOps.is_immediate. */
bool line_link_is_immediate(LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing);

/* Says that a text is a serial number or the like: a recorder covers it in what it has written and will
 * write, if it is to redact. Whoever learns one from the device says so; NULL is none. */
void line_link_redact(LineLink *l, const char *secret);

/*** For the kinds of links ***/

/* An answer that comes in pieces. Zeroed but for the first three. */
typedef struct LineAnswer {
        const LineFraming *framing;
        const uint8_t *request; /* for the echo */
        size_t n_request;
        uint8_t data[LINE_SIZE_MAX];
        size_t n;       /* what has come in, without the echo */
        size_t n_after; /* of these, what came after the end: it belongs to nothing */
        bool had_echo;
        bool is_cut_off; /* its end was not in it: the link found that it is over */
} LineAnswer;

/* Adds a piece. Returns how long the answer is, with its end; 0 while it is not complete; -EBADMSG: it does
 * not fit. */
int line_answer_add(LineAnswer *a, const uint8_t *data, size_t n);

/* The time is over. Returns how long the answer is, with an end that it has not got; 0: nothing came;
 * -EBADMSG: it needs its end. */
int line_answer_finish(LineAnswer *a);

/*** Links ***/

/* Over an open tty that serial_configure() has made ready. It is closed with the link, and is_locked, for
 * what serial_lock() has locked, unlocked as well. fd is taken over on success. name is its path. */
int line_link_new_serial(const char *name, int fd, bool is_locked, LineLink **ret);

/* Plays a recording (docs/RECORDINGS.md). -EBADMSG with a message in *ret_error (new memory) that names file
 * and line. */
int line_link_new_recording(const char *path, LineLink **ret, char **ret_error);

/* Writes all that goes over a link to a file, in the format that is played. Takes inner over on success.
 * With RECORDER_REDACT the serial number that inner's identity has is covered, and what line_link_redact()
 * says. */
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
        bool no_vendor;        /* novendor: nothing is asked that answers with the vendor's names */
} LineUsbOptions;

/* The table of ids: qx/usb.ids of each directory of $BUSBAR_PROFILES, or of the built-in ones. What an
 * earlier directory has comes before what a later one has, and an id with names before one without. A file
 * with a mistake is reported and counts for nothing. */
typedef struct LineUsbIds LineUsbIds;
int line_usb_ids_load(ConfReport report, void *userdata, LineUsbIds **ret);

/* The same from memory; -EBADMSG when there is a mistake in it. */
int line_usb_ids_parse(
        const char *name, const char *data, size_t n, ConfReport report, void *userdata, LineUsbIds **ret);
LineUsbIds *line_usb_ids_free(LineUsbIds *ids);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineUsbIds *, line_usb_ids_free);

/* Row number i of it, in the order in which they are tried; false past the last. The texts are the table's.
 */
typedef struct LineUsbId {
        uint16_t vendor_id;
        int product_id;              /* -1: any */
        const char *vendor, *product; /* NULL: any */
        const char *way;
        bool certain;
} LineUsbId;
bool line_usb_ids_get(const LineUsbIds *ids, size_t i, LineUsbId *ret);

/* Which way it is for a device with this identity, by the table of ids; NULL for none. certain: whether the
 * ids (with the names, where the table has some) belong to power devices only, so that the device may be
 * asked without having been named. Several ways may fit one id: n counts from 0, and NULL ends them. */
const char *line_usb_ids_find(
        const LineUsbIds *ids, const HidIdentity *identity, size_t n, bool *ret_certain);

/* Whether such an interface may be asked a line without its device having been named: not when the kernel
 * knows it for a keyboard or the like, for a power device of HID, or for something of another class. */
bool line_usb_may_ask(const UsbHidDevice *device);

/* Whether a device is to be asked without having been named: such an interface, of ids that are in the
 * table. Ids that others have as well are enough only where a descriptor tells that it is neither for people
 * nor a power device, as there is little else that such a thing can be. */
bool line_usb_ids_allow(const LineUsbIds *ids, const UsbHidDevice *device);

/* On an open usbfs node. Takes the interface from the kernel's driver while the link lives. fd is taken over
 * on success. -EBUSY: another program has it. -EOPNOTSUPP: no such way. */
int line_link_new_usb(const UsbHidDevice *device,
        int usbfs_fd,
        const char *way,
        const LineUsbOptions *options,
        LineLink **ret);
