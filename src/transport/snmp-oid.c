/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-oid.h"

#include <stdio.h>

#include "macro.h"

/* The longest text of a sub-identifier, with the dot. */
#define ID_TEXT_MAX sizeof(".4294967295")

/* A sub-identifier; *s is behind it afterwards. */
static int parse_id(const char **s, uint32_t *ret) {
        uint64_t id = 0;

        if (**s < '0' || **s > '9')
                return -EINVAL;
        for (; **s >= '0' && **s <= '9'; (*s)++) {
                id = id * 10 + (uint64_t) (**s - '0');
                if (id > UINT32_MAX)
                        return -ERANGE;
        }
        *ret = (uint32_t) id;
        return 0;
}

int snmp_oid_parse(const char *s, SnmpOid *ret) {
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid oid = { .ids = ids };
        int r;

        if (*s == '.')
                s++;
        for (;;) {
                if (oid.n >= SNMP_OID_MAX)
                        return -EINVAL;
                r = parse_id(&s, ids + oid.n);
                if (r < 0)
                        return r;
                oid.n++;
                if (*s == '\0')
                        return snmp_oid_copy(&oid, ret);
                if (*s++ != '.')
                        return -EINVAL;
        }
}

char *snmp_oid_text(const SnmpOid *oid) {
        char *text = malloc(oid->n * ID_TEXT_MAX + 1), *p = text;

        if (!text)
                return NULL;
        *p = '\0';
        for (size_t i = 0; i < oid->n; i++)
                p += sprintf(p, "%s%u", i > 0 ? "." : "", (unsigned) oid->ids[i]);
        return text;
}

static int copy_two(const SnmpOid *a, const SnmpOid *b, SnmpOid *ret) {
        size_t n = a->n + b->n;
        uint32_t *ids = new(uint32_t, MAX(n, (size_t) 1));

        if (!ids)
                return -ENOMEM;
        if (a->n > 0)
                memcpy(ids, a->ids, a->n * sizeof(uint32_t));
        if (b->n > 0)
                memcpy(ids + a->n, b->ids, b->n * sizeof(uint32_t));
        *ret = (SnmpOid) { .ids = ids, .n = n };
        return 0;
}

int snmp_oid_copy(const SnmpOid *from, SnmpOid *ret) {
        return copy_two(from, &(SnmpOid) {}, ret);
}

int snmp_oid_join(const SnmpOid *a, const SnmpOid *more, SnmpOid *ret) {
        if (a->n > SNMP_OID_MAX || more->n > SNMP_OID_MAX - a->n)
                return -E2BIG;
        return copy_two(a, more, ret);
}

int snmp_oid_order(const SnmpOid *a, const SnmpOid *b) {
        for (size_t i = 0; i < MIN(a->n, b->n); i++)
                if (a->ids[i] != b->ids[i])
                        return a->ids[i] < b->ids[i] ? -1 : 1;
        return a->n < b->n ? -1 : a->n > b->n;
}

bool snmp_oid_equal(const SnmpOid *a, const SnmpOid *b) {
        return a->n == b->n && snmp_oid_order(a, b) == 0;
}

bool snmp_oid_has_prefix(const SnmpOid *oid, const SnmpOid *prefix) {
        return oid->n >= prefix->n &&
                (prefix->n == 0 || memcmp(oid->ids, prefix->ids, prefix->n * sizeof(uint32_t)) == 0);
}

void snmp_oid_done(SnmpOid *oid) {
        free(oid->ids);
        *oid = (SnmpOid) {};
}
