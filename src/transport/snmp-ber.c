/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-ber.h"

#include "macro.h"

#define USM_MODEL 3

static int read_length(SnmpBer *b, size_t *ret) {
        size_t n, length = 0;

        if (b->p >= b->end)
                return -EBADMSG;
        n = *b->p++;
        if (n < 0x80) {
                *ret = n;
                return 0;
        }

        n -= 0x80;
        if (n == 0 || n > 4 || n > (size_t) (b->end - b->p))
                return -EBADMSG;
        while (n-- > 0)
                length = length << 8 | *b->p++;
        *ret = length;
        return 0;
}

int snmp_ber_next(SnmpBer *b, uint8_t tag, SnmpBer *ret) {
        SnmpBer at = *b;
        size_t n;
        uint8_t found;

        if (at.p >= at.end)
                return -EBADMSG;
        found = *at.p++;
        if (tag != 0 && found != tag)
                return -EBADMSG;
        if (read_length(&at, &n) < 0 || n > (size_t) (at.end - at.p))
                return -EBADMSG;

        *ret = (SnmpBer) { .p = at.p, .end = at.p + n };
        b->p = at.p + n;
        return found;
}

int snmp_ber_integer(SnmpBer *b, int64_t *ret) {
        SnmpBer at = *b, content;
        uint64_t x;

        if (snmp_ber_next(&at, BER_INTEGER, &content) < 0 || content.p == content.end ||
            content.end - content.p > 8)
                return -EBADMSG;
        x = *content.p & 0x80 ? UINT64_MAX : 0;
        while (content.p < content.end)
                x = x << 8 | *content.p++;

        *b = at;
        *ret = (int64_t) x;
        return 0;
}

/* A number in groups of seven bits. */
static int read_id(SnmpBer *b, uint64_t *ret) {
        uint64_t x = 0;

        do {
                if (b->p >= b->end || x > UINT32_MAX >> 7)
                        return -EBADMSG;
                x = x << 7 | (*b->p & 0x7f);
        } while (*b->p++ & 0x80);
        *ret = x;
        return 0;
}

int snmp_ber_oid(SnmpBer *b, SnmpOid *ret) {
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid oid = { .ids = ids, .n = 2 };
        SnmpBer at = *b, content;
        uint64_t first;
        int r;

        if (snmp_ber_next(&at, BER_OID, &content) < 0 || read_id(&content, &first) < 0)
                return -EBADMSG;
        ids[0] = (uint32_t) MIN(first / 40, (uint64_t) 2);
        ids[1] = (uint32_t) (first - ids[0] * 40);
        while (content.p < content.end) {
                uint64_t id;

                if (oid.n >= SNMP_OID_MAX || read_id(&content, &id) < 0)
                        return -EBADMSG;
                ids[oid.n++] = (uint32_t) id;
        }
        r = snmp_oid_copy(&oid, ret);
        if (r >= 0)
                *b = at;
        return r;
}

static int read_security(SnmpBer *parameters, SnmpV3Head *ret) {
        SnmpBer in, engine, user;
        int64_t boots, time;

        if (snmp_ber_next(parameters, BER_SEQUENCE, &in) < 0 ||
                snmp_ber_next(&in, BER_STRING, &engine) < 0 || snmp_ber_integer(&in, &boots) < 0 ||
                snmp_ber_integer(&in, &time) < 0 || snmp_ber_next(&in, BER_STRING, &user) < 0)
                return -EBADMSG;

        ret->engine = engine.p;
        ret->n_engine = (size_t) (engine.end - engine.p);
        ret->user = (const char *) user.p;
        ret->n_user = (size_t) (user.end - user.p);
        return 0;
}

int snmp_ber_v3_head(const uint8_t *data, size_t n, SnmpV3Head *ret) {
        SnmpBer message = { .p = data, .end = data + n }, in, global, flags, security;
        int64_t version, id, size, model;

        if (snmp_ber_next(&message, BER_SEQUENCE, &in) < 0 || snmp_ber_integer(&in, &version) < 0 ||
            version != 3 || snmp_ber_next(&in, BER_SEQUENCE, &global) < 0 ||
            snmp_ber_integer(&global, &id) < 0 || snmp_ber_integer(&global, &size) < 0 ||
            snmp_ber_next(&global, BER_STRING, &flags) < 0 || flags.end - flags.p != 1 ||
            snmp_ber_integer(&global, &model) < 0 || model != USM_MODEL ||
            snmp_ber_next(&in, BER_STRING, &security) < 0)
                return -EBADMSG;

        ret->flags = *flags.p;
        return read_security(&security, ret);
}
