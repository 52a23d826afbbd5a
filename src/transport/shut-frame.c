/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shut-frame.h"

#include <string.h>

#define LAST 0x80U

static uint8_t checksum(const uint8_t *data, size_t n) {
        uint8_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum ^= data[i];
        return sum;
}

static bool is_token(uint8_t byte) {
        return byte == SHUT_ACK || byte == SHUT_NAK || (byte >= SHUT_SYNC_COMPLETE && byte <= SHUT_SYNC_OFF);
}

static bool is_frame_start(uint8_t byte) {
        return (byte & ~LAST) == SHUT_RESPONSE || (byte & ~LAST) == SHUT_NOTIFY;
}

ShutScan shut_scan(const uint8_t *data, size_t n, ShutFrame *ret_frame, ShutToken *ret_token,
                   size_t *ret_used) {
        size_t length;

        *ret_used = 0;
        if (n == 0)
                return SHUT_SCAN_MORE;
        if (is_token(data[0])) {
                *ret_used = 1;
                *ret_token = data[0];
                return SHUT_SCAN_TOKEN;
        }
        if (n < 2 && is_frame_start(data[0]))
                return SHUT_SCAN_MORE;

        /* The length is there twice, which tells a frame from noise. */
        if (!is_frame_start(data[0]) || data[1] >> 4 != (data[1] & 15U) ||
            (data[1] & 15U) > SHUT_PAYLOAD_MAX) {
                *ret_used = 1;
                return SHUT_SCAN_NOISE;
        }

        length = data[1] & 15U;
        if (n < length + 3)
                return SHUT_SCAN_MORE;
        *ret_used = length + 3;
        if (checksum(data + 2, length) != data[length + 2])
                return SHUT_SCAN_DAMAGED;

        *ret_frame = (ShutFrame) {
                .type = data[0] & ~LAST,
                .last = (data[0] & LAST) != 0,
                .n = (uint8_t) length,
        };
        memcpy(ret_frame->data, data + 2, length);
        return SHUT_SCAN_FRAME;
}

size_t shut_frame_build(const ShutFrame *frame, uint8_t buffer[static SHUT_FRAME_MAX]) {
        buffer[0] = (uint8_t) (frame->type | (frame->last ? LAST : 0));
        buffer[1] = (uint8_t) (frame->n << 4 | frame->n);
        memcpy(buffer + 2, frame->data, frame->n);
        buffer[frame->n + 2] = checksum(frame->data, frame->n);
        return frame->n + 3U;
}
