/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What goes over a line that speaks SHUT, the USB HID protocol on a serial line: frames of up to 8 bytes
 * of a transfer, each answered by a byte. Frames are type, length (in both nibbles), bytes, and their sum
 * by xor. */

#define SHUT_PAYLOAD_MAX 8U
#define SHUT_FRAME_MAX (SHUT_PAYLOAD_MAX + 3U)

typedef enum ShutType {
        SHUT_REQUEST = 0x01,
        SHUT_RESPONSE = 0x04,
        SHUT_NOTIFY = 0x05, /* a report that the device sends by itself */
} ShutType;

typedef enum ShutToken { /* bytes that stand alone */
        SHUT_ACK = 0x06,
        SHUT_NAK = 0x15,
        SHUT_SYNC_COMPLETE = 0x16, /* say hello, and choose which reports are sent unasked: all, */
        SHUT_SYNC_LIGHT = 0x17,    /* some, */
        SHUT_SYNC_OFF = 0x18,      /* none */
} ShutToken;

typedef struct ShutFrame {
        ShutType type;
        bool last; /* of its transfer */
        uint8_t n;
        uint8_t data[SHUT_PAYLOAD_MAX];
} ShutFrame;

typedef enum ShutScan {
        SHUT_SCAN_MORE,    /* the bytes are the beginning of something */
        SHUT_SCAN_FRAME,
        SHUT_SCAN_TOKEN,
        SHUT_SCAN_NOISE,   /* a byte that has no meaning here */
        SHUT_SCAN_DAMAGED, /* a frame whose sum is wrong */
} ShutScan;

/* What the bytes from the device begin with, and how many of them that are. *ret_frame is set for a frame,
 * *ret_token for a token. */
ShutScan shut_scan(const uint8_t *data, size_t n, ShutFrame *ret_frame, ShutToken *ret_token,
                   size_t *ret_used);

/* The bytes of a frame; returns how many. */
size_t shut_frame_build(const ShutFrame *frame, uint8_t buffer[static SHUT_FRAME_MAX]);
