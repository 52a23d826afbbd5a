/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-checksum.h"

#include <ctype.h>
#include <stdio.h>

#define CRC16_XMODEM_POLYNOMIAL 0x1021U

static uint16_t crc16_xmodem(const uint8_t *data, size_t n) {
        unsigned crc = 0;

        for (size_t i = 0; i < n; i++) {
                crc ^= (unsigned) data[i] << 8;
                for (unsigned bit = 0; bit < 8; bit++)
                        crc = (crc << 1) ^ (crc & 0x8000 ? CRC16_XMODEM_POLYNOMIAL : 0);
        }
        return (uint16_t) crc;
}

static uint8_t sum8(const uint8_t *data, size_t n) {
        unsigned sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += data[i];
        return (uint8_t) sum;
}

/* A byte of a check that would be taken for the begin or end of a line is sent as the next one. */
static uint8_t evade(uint8_t byte) {
        return byte == '(' || byte == '\r' || byte == '\n' ? (uint8_t) (byte + 1) : byte;
}

size_t line_check_size(LineCheck check) {
        switch (check) {
        case LINE_CHECK_CRC16_XMODEM:
        case LINE_CHECK_CRC16_XMODEM_PLAIN:
        case LINE_CHECK_SUM8_HEX:
                return 2;
        case LINE_CHECK_SUM8:
                return 1;
        case LINE_CHECK_NONE:
        case _LINE_CHECK_MAX:
                break;
        }
        return 0;
}

size_t line_check_make(LineCheck check, const uint8_t *data, size_t n, uint8_t *ret) {
        uint16_t crc;
        char hex[3];

        switch (check) {
        case LINE_CHECK_CRC16_XMODEM:
        case LINE_CHECK_CRC16_XMODEM_PLAIN:
                crc = crc16_xmodem(data, n);
                ret[0] = (uint8_t) (crc >> 8);
                ret[1] = (uint8_t) crc;
                for (size_t i = 0; i < 2 && check == LINE_CHECK_CRC16_XMODEM; i++)
                        ret[i] = evade(ret[i]);
                break;
        case LINE_CHECK_SUM8:
                ret[0] = sum8(data, n);
                break;
        case LINE_CHECK_SUM8_HEX:
                (void) snprintf(hex, sizeof(hex), "%02X", sum8(data, n));
                memcpy(ret, hex, 2);
                break;
        case LINE_CHECK_NONE:
        case _LINE_CHECK_MAX:
                break;
        }
        return line_check_size(check);
}

bool line_check_fits(LineCheck check, const uint8_t *data, size_t n, const uint8_t *is) {
        uint8_t right[LINE_CHECK_SIZE_MAX];
        size_t size = line_check_make(check, data, n, right);

        for (size_t i = 0; i < size; i++)
                if (check == LINE_CHECK_SUM8_HEX ? toupper(is[i]) != right[i] : is[i] != right[i])
                        return false;
        return true;
}
