/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "parse-util.h"
#include "snmp-walk-internal.h"

/* How Opaque holds floats: a tag of its own, and the length (draft-perkins-opaque). */
#define OPAQUE_TAG 0x9fU
#define OPAQUE_FLOAT 0x78U
#define OPAQUE_DOUBLE 0x79U

static int set_count(SnmpValue *v, const char *s, uint64_t max) {
        uint64_t count;

        if (parse_uint64(s, 0, max, &count) < 0)
                return -EINVAL;
        v->count = count;
        return 0;
}

int snmp_value_set_number(SnmpValue *v, SnmpType type, const char *s) {
        int r;

        switch (type) {
        case SNMP_TYPE_INTEGER:
                r = parse_int64(s, INT32_MIN, INT32_MAX, &v->integer);
                break;
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_TICKS:
                r = set_count(v, s, UINT32_MAX);
                break;
        case SNMP_TYPE_COUNTER64:
                r = set_count(v, s, UINT64_MAX);
                break;
        case SNMP_TYPE_REAL:
                r = parse_double(s, &v->real);
                break;
        default:
                r = -EINVAL;
        }
        if (r < 0)
                return -EINVAL;
        v->type = type;
        return 0;
}

int snmp_value_set_bytes(SnmpValue *v, SnmpType type, const void *data, size_t n) {
        uint8_t *bytes = malloc(n + 1);

        if (!bytes)
                return -ENOMEM;
        if (n > 0)
                memcpy(bytes, data, n);
        bytes[n] = '\0';
        free(v->bytes);
        v->bytes = bytes;
        v->n_bytes = n;
        v->type = type;
        return 0;
}

int snmp_value_set_address(SnmpValue *v, const char *s) {
        struct in_addr address;

        if (inet_pton(AF_INET, s, &address) != 1)
                return -EINVAL;
        return snmp_value_set_bytes(v, SNMP_TYPE_ADDRESS, &address, sizeof(address));
}

static uint64_t big_endian(const uint8_t *p, size_t n) {
        uint64_t x = 0;

        for (size_t i = 0; i < n; i++)
                x = x << 8 | p[i];
        return x;
}

int snmp_value_set_opaque(SnmpValue *v, const void *data, size_t n) {
        const uint8_t *p = data;

        if (n == 7 && p[0] == OPAQUE_TAG && p[1] == OPAQUE_FLOAT && p[2] == sizeof(float)) {
                uint32_t bits = (uint32_t) big_endian(p + 3, 4);
                float x;

                memcpy(&x, &bits, sizeof(x));
                v->real = (double) x;
                v->type = SNMP_TYPE_REAL;
                return 0;
        }
        if (n == 11 && p[0] == OPAQUE_TAG && p[1] == OPAQUE_DOUBLE && p[2] == sizeof(double)) {
                uint64_t bits = big_endian(p + 3, 8);

                memcpy(&v->real, &bits, sizeof(v->real));
                v->type = SNMP_TYPE_REAL;
                return 0;
        }
        return snmp_value_set_bytes(v, SNMP_TYPE_OPAQUE, data, n);
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -EINVAL;
}

int snmp_walk_hex(const char *s) {
        int high = hex_digit(s[0]), low = high < 0 ? high : hex_digit(s[1]);

        return low < 0 ? low : high << 4 | low;
}
