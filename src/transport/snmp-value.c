/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-value.h"

#include "parse-util.h"
#include "string-util.h"

/* Texts that are longer are no numbers. */
#define NUMBER_SIZE 64U

static const char *const types[_SNMP_TYPE_MAX] = {
        [SNMP_TYPE_INTEGER]     = "integer",
        [SNMP_TYPE_STRING]      = "string",
        [SNMP_TYPE_OID]         = "oid",
        [SNMP_TYPE_ADDRESS]     = "address",
        [SNMP_TYPE_COUNTER]     = "counter",
        [SNMP_TYPE_GAUGE]       = "gauge",
        [SNMP_TYPE_TICKS]       = "ticks",
        [SNMP_TYPE_COUNTER64]   = "counter64",
        [SNMP_TYPE_OPAQUE]      = "opaque",
        [SNMP_TYPE_REAL]        = "real",
        [SNMP_TYPE_NULL]        = "null",
        [SNMP_TYPE_NO_OBJECT]   = "no-object",
        [SNMP_TYPE_NO_INSTANCE] = "no-instance",
        [SNMP_TYPE_END]         = "end",
};

const char *snmp_type_to_string(SnmpType t) {
        return t >= 0 && t < _SNMP_TYPE_MAX ? types[t] : NULL;
}

SnmpType snmp_type_from_string(const char *s) {
        for (SnmpType t = 0; t < _SNMP_TYPE_MAX; t++)
                if (streq(types[t], s))
                        return t;
        return _SNMP_TYPE_INVALID;
}

bool snmp_value_is_there(const SnmpValue *v) {
        return v->type < SNMP_TYPE_NULL;
}

/*** Numbers ***/

static bool is_blank(uint8_t c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Agents that send numbers as strings pad them with blanks, or with zero bytes behind. */
static bool string_number(const uint8_t *s, size_t n, double *ret) {
        char text[NUMBER_SIZE];

        while (n > 0 && (s[n - 1] == '\0' || is_blank(s[n - 1])))
                n--;
        while (n > 0 && is_blank(*s)) {
                s++;
                n--;
        }
        if (n > 1 && *s == '+' && s[1] != '-') {
                s++;
                n--;
        }
        if (n == 0 || n >= sizeof(text) || memchr(s, '\0', n))
                return false;
        memcpy(text, s, n);
        text[n] = '\0';
        return parse_double(text, ret) >= 0;
}

bool snmp_value_number(const SnmpValue *v, double *ret) {
        switch (v->type) {
        case SNMP_TYPE_INTEGER:
                *ret = (double) v->integer;
                return true;
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_TICKS:
        case SNMP_TYPE_COUNTER64:
                *ret = (double) v->count;
                return true;
        case SNMP_TYPE_REAL:
                if (!__builtin_isfinite(v->real))
                        return false;
                *ret = v->real;
                return true;
        case SNMP_TYPE_STRING:
                return string_number(v->bytes, v->n_bytes, ret);
        default:
                return false;
        }
}

/*** Objects ***/

static int copy_bytes(const SnmpValue *v, SnmpValue *to) {
        if (!v->bytes)
                return 0;
        to->bytes = malloc(v->n_bytes + 1);
        if (!to->bytes)
                return -ENOMEM;
        memcpy(to->bytes, v->bytes, v->n_bytes);
        to->bytes[v->n_bytes] = '\0';
        return 0;
}

int snmp_value_copy(const SnmpValue *v, SnmpValue *ret) {
        _cleanup_(snmp_value_done) SnmpValue to = *v;
        int r;

        to.oid = to.object = (SnmpOid) {};
        to.bytes = NULL;
        r = copy_bytes(v, &to);
        if (r >= 0)
                r = snmp_oid_copy(&v->oid, &to.oid);
        if (r >= 0 && v->object.ids)
                r = snmp_oid_copy(&v->object, &to.object);
        if (r < 0)
                return r;

        *ret = to;
        to = (SnmpValue) {};
        return 0;
}

static bool content_equal(const SnmpValue *a, const SnmpValue *b) {
        switch (a->type) {
        case SNMP_TYPE_INTEGER:
                return a->integer == b->integer;
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_TICKS:
        case SNMP_TYPE_COUNTER64:
                return a->count == b->count;
        case SNMP_TYPE_REAL:
                return memcmp(&a->real, &b->real, sizeof(a->real)) == 0 || a->real == b->real;
        case SNMP_TYPE_STRING:
        case SNMP_TYPE_ADDRESS:
        case SNMP_TYPE_OPAQUE:
                return a->n_bytes == b->n_bytes &&
                        (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0);
        case SNMP_TYPE_OID:
                return snmp_oid_equal(&a->object, &b->object);
        default:
                return true;
        }
}

bool snmp_value_equal(const SnmpValue *a, const SnmpValue *b) {
        return a->type == b->type && snmp_oid_equal(&a->oid, &b->oid) && content_equal(a, b);
}

void snmp_value_done(SnmpValue *v) {
        snmp_oid_done(&v->oid);
        snmp_oid_done(&v->object);
        free(v->bytes);
        *v = (SnmpValue) {};
}

void snmp_values_done(SnmpValue *values, size_t n) {
        for (size_t i = 0; i < n; i++)
                snmp_value_done(values + i);
        free(values);
}
