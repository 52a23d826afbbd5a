/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"

/* The ways in which lines are hidden behind USB. A way is a row of a table: parameters of one of a few
 * mechanisms, and a function where it is one of its own. What it asks of USB goes through LineUsbIo, so that
 * a way knows neither libusb nor that it is tested. */

typedef struct LineUsb LineUsb;

/* Each returns how many bytes went over, or a negative errno: -EPIPE (STALL), -ETIMEDOUT (nothing went
 * over), -ENODEV, -EIO, -EINTR. */
typedef struct LineUsbIo {
        int (*control)(void *userdata,
                uint8_t type,
                uint8_t request,
                uint16_t value,
                uint16_t index,
                uint8_t *data,
                size_t size,
                uint64_t timeout_usec);
        /* A packet from or to an endpoint. */
        int (*transfer)(void *userdata, uint8_t endpoint, uint8_t *data, size_t size, uint64_t timeout_usec);
        void (*clear_halt)(void *userdata, uint8_t endpoint);
        int (*wait)(void *userdata, uint64_t usec);
        void (*close)(void *userdata);
} LineUsbIo;

/* An endpoint; address 0: the interface has none. */
typedef struct LineUsbEndpoint {
        uint8_t address;
        bool is_interrupt;
        uint16_t packet; /* wMaxPacketSize */
        uint64_t interval_usec; /* between two questions of the host whether there is a packet; 0: none */
} LineUsbEndpoint;

#define LINE_USB_PACKET_MAX 1024U

/* A line that a string descriptor stands for: devices that answer GET_DESCRIPTOR as others answer a line. */
typedef struct LineUsbString {
        const char *line; /* without its end */
        uint8_t index;
        char begin; /* what the answer begins with, whatever the device says there; 0: as it says; CR: it
                     * says nothing that matters */
        bool acts;  /* a command: asked once */
} LineUsbString;

typedef struct LineUsbWay {
        const char *name;

        /* Sends a->request, which is n_line bytes and its end, and gathers the answer. Its length with its
         * end, 0, or a negative errno, as LineLinkOps.exchange; -ETIMEDOUT: what was to be written. */
        int (*exchange)(LineUsb *u, LineAnswer *a, size_t n_line);

        /* Takes what is a line out of a packet, for ways that read packets. As line_answer_add(). */
        int (*unpack)(LineAnswer *a, const uint8_t *packet, size_t n);

        uint8_t in, out;      /* endpoints that such devices have, else others are taken. 0: none needed */
        uint16_t report;      /* wValue of SET_REPORT */
        uint8_t frame;        /* bytes of a report */
        bool counted;         /* the first byte of a frame is head, more the number of bytes that follow */
        uint8_t head;
        bool may_lack_end;    /* an answer without its end is one */
        unsigned settle_msec; /* how long nothing may come before a request is sent */
        const LineUsbString *strings;
        bool has_delays; /* "S", "SnRm" are strings by a formula */
} LineUsbWay;

extern const LineUsbWay *const line_usb_ways[]; /* ends in NULL */

struct LineUsb {
        LineLink link;
        const LineUsbWay *way;
        const LineUsbIo *io;
        void *userdata;
        uint8_t interface;
        LineUsbEndpoint in, out;
        int language; /* of strings; -1: not known yet */
        bool no_vendor;
        bool is_unquiet; /* there may be more to come of what was asked before */
        bool is_torn;    /* part of a request may be in the device */
        unsigned step;   /* of ways in which one thing is to follow another */
};

/* A link over io, which it owns on success. setup holds what is known: interface, endpoints, language. */
int line_usb_new(const char *way, const LineUsb *setup, const HidIdentity *identity, LineLink **ret);

/* The way with this name (case ignored), or NULL. */
const LineUsbWay *line_usb_way_find(const char *name);

/*** For ways ***/

/* What a request may take to be sent, and a descriptor to be read. */
#define LINE_USB_WRITE_USEC (2 * USEC_PER_SEC)

/* Has all of it go to the control endpoint; -EIO when the device takes less. */
int line_usb_send(LineUsb *u, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
        const uint8_t *data, size_t n);

/* The next packet; 0 when there was none in time. A STALL is cleared and is -EIO. */
int line_usb_read(LineUsb *u, uint8_t packet[static LINE_USB_PACKET_MAX], uint64_t timeout_usec);

/* Drops what comes in, until nothing does for that long, and for as long as a packet may take to be fetched.
 */
int line_usb_settle(LineUsb *u, uint64_t quiet_usec);

/* Sends a request in frames, by SET_REPORT. When one does not get through, the next request is preceded by
 * what makes nothing of those that did. */
int line_usb_send_frames(LineUsb *u, const LineAnswer *a);

/* Gathers packets until they are an answer. */
int line_usb_receive(LineUsb *u, LineAnswer *a);

/* line_answer_finish() without the zeros that fill a packet up. */
int line_usb_finish(LineAnswer *a);

/* Ends an answer that lacks its end. As line_answer_add(). */
int line_usb_end(LineAnswer *a);

/* line_answer_add() without the zeros before an answer. */
int line_usb_add(LineAnswer *a, const uint8_t *data, size_t n);

/* LineUsbWay.exchange by frames, and by strings. */
int line_usb_exchange_frames(LineUsb *u, LineAnswer *a, size_t n_line);
int line_usb_exchange_string(LineUsb *u, LineAnswer *a, size_t n_line);

extern const LineUsbWay line_usb_fabula, line_usb_hunnox, line_usb_krauler, line_usb_snr; /* strings */
extern const LineUsbWay line_usb_ablerex, line_usb_armac, line_usb_fuji, line_usb_phoenixtec;
