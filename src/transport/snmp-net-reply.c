/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-net-internal.h"

/*** Requests ***/

int net_request_copy(const SnmpRequest *request, SnmpRequest *ret) {
        _cleanup_(net_request_done) SnmpRequest q = *request;
        SnmpOid *oids = NULL;
        SnmpValue *values = NULL;
        int r = 0;

        q.oids = NULL;
        q.values = NULL;
        q.n = 0;
        if (request->operation == SNMP_SET)
                q.values = values = new0(SnmpValue, request->n);
        else
                q.oids = oids = new0(SnmpOid, request->n);
        if (!values && !oids)
                return -ENOMEM;
        for (; q.n < request->n; q.n++) {
                r = values ? snmp_value_copy(request->values + q.n, values + q.n) :
                             snmp_oid_copy(request->oids + q.n, oids + q.n);
                if (r < 0)
                        return r;
        }

        *ret = q;
        q = (SnmpRequest) {};
        return 0;
}

void net_request_done(SnmpRequest *q) {
        if (q->values)
                snmp_values_done((SnmpValue *) q->values, q->n);
        if (q->oids)
                for (size_t i = 0; i < q->n; i++)
                        snmp_oid_done((SnmpOid *) q->oids + i);
        free((SnmpOid *) q->oids);
        *q = (SnmpRequest) {};
}

static const SnmpOid *request_oid(const SnmpRequest *q, size_t i) {
        return q->operation == SNMP_SET ? &q->values[i].oid : q->oids + i;
}

static size_t oid_size(const SnmpOid *oid) {
        size_t n = 3; /* tag, length, and the first two in one */

        for (size_t i = 2; i < oid->n; i++)
                for (uint32_t id = oid->ids[i]; ; id >>= 7) {
                        n++;
                        if (id < 0x80)
                                break;
                }
        return n;
}

size_t net_request_size(const SnmpRequest *q) {
        size_t n = 0;

        for (size_t i = 0; i < q->n; i++) {
                n += 2 + oid_size(request_oid(q, i)) + 2;
                if (q->operation == SNMP_SET)
                        n += q->values[i].n_bytes +
                             (q->values[i].object.ids ? oid_size(&q->values[i].object) : 0);
        }
        return n;
}

static size_t copy_ids(const SnmpOid *from, oid *to) {
        for (size_t i = 0; i < from->n; i++)
                to[i] = from->ids[i];
        return from->n;
}

static bool add_number(netsnmp_pdu *pdu, const oid *name, size_t n, u_char tag, uint64_t x) {
        u_long number = (u_long) x;

        return snmp_pdu_add_variable(pdu, name, n, tag, &number, sizeof(number));
}

/* One object of SNMP_SET. */
static bool add_value(netsnmp_pdu *pdu, const oid *name, size_t n, const SnmpValue *v) {
        oid object[SNMP_OID_MAX];
        struct counter64 c64 = {.high = (u_long) (v->count >> 32), .low = (u_long) (v->count & UINT32_MAX)};
        double real = v->real;

        switch (v->type) {
        case SNMP_TYPE_INTEGER:
                return add_number(pdu, name, n, ASN_INTEGER, (uint64_t) v->integer);
        case SNMP_TYPE_COUNTER:
                return add_number(pdu, name, n, ASN_COUNTER, v->count);
        case SNMP_TYPE_GAUGE:
                return add_number(pdu, name, n, ASN_GAUGE, v->count);
        case SNMP_TYPE_TICKS:
                return add_number(pdu, name, n, ASN_TIMETICKS, v->count);
        case SNMP_TYPE_COUNTER64:
                return snmp_pdu_add_variable(pdu, name, n, ASN_COUNTER64, &c64, sizeof(c64));
        case SNMP_TYPE_REAL: {
                float f = (float) real;

                return snmp_pdu_add_variable(pdu, name, n, ASN_OPAQUE_FLOAT, &f, sizeof(f));
        }
        case SNMP_TYPE_OID:
                return snmp_pdu_add_variable(pdu, name, n, ASN_OBJECT_ID, object,
                                             copy_ids(&v->object, object) * sizeof(oid));
        case SNMP_TYPE_ADDRESS:
                return snmp_pdu_add_variable(pdu, name, n, ASN_IPADDRESS, v->bytes, v->n_bytes);
        case SNMP_TYPE_OPAQUE:
                return snmp_pdu_add_variable(pdu, name, n, ASN_OPAQUE, v->bytes, v->n_bytes);
        default:
                return snmp_pdu_add_variable(
                        pdu, name, n, ASN_OCTET_STR, v->bytes ?: (uint8_t *) "", v->n_bytes);
        }
}

netsnmp_pdu *net_request_pdu(const SnmpRequest *q) {
        static const int commands[] = {
                [SNMP_GET]      = SNMP_MSG_GET,
                [SNMP_GET_NEXT] = SNMP_MSG_GETNEXT,
                [SNMP_GET_BULK] = SNMP_MSG_GETBULK,
                [SNMP_SET]      = SNMP_MSG_SET,
        };
        netsnmp_pdu *pdu = snmp_pdu_create(commands[q->operation]);

        if (!pdu)
                return NULL;
        if (q->operation == SNMP_GET_BULK) {
                pdu->non_repeaters = 0;
                pdu->max_repetitions = (long) MIN(q->repetitions, (unsigned) INT16_MAX);
        }
        for (size_t i = 0; i < q->n; i++) {
                oid name[SNMP_OID_MAX];
                size_t n = copy_ids(request_oid(q, i), name);
                bool ok = q->operation == SNMP_SET ? add_value(pdu, name, n, q->values + i) :
                                                     snmp_add_null_var(pdu, name, n) != NULL;

                if (!ok) {
                        snmp_free_pdu(pdu);
                        return NULL;
                }
        }
        return pdu;
}

/*** Values ***/

static int oid_from(const oid *ids, size_t n, SnmpOid *ret) {
        uint32_t copy[SNMP_OID_MAX];

        if (n > SNMP_OID_MAX)
                return -EPROTO;
        for (size_t i = 0; i < n; i++)
                copy[i] = (uint32_t) ids[i];
        return snmp_oid_copy(&(SnmpOid) { .ids = copy, .n = n }, ret);
}

static int bytes_from(const netsnmp_variable_list *var, SnmpType type, SnmpValue *v) {
        v->type = type;
        v->bytes = malloc(var->val_len + 1);
        if (!v->bytes)
                return -ENOMEM;
        if (var->val_len > 0)
                memcpy(v->bytes, var->val.string, var->val_len);
        v->bytes[var->val_len] = '\0';
        v->n_bytes = var->val_len;
        return 0;
}

static int count_from(const netsnmp_variable_list *var, SnmpType type, SnmpValue *v) {
        v->type = type;
        v->count = (uint32_t) *var->val.integer;
        return 0;
}

static uint64_t counter64_of(const netsnmp_variable_list *var) {
        return (uint64_t) var->val.counter64->high << 32 | (uint32_t) var->val.counter64->low;
}

/* What net-snmp has read out of an Opaque already. */
static int special_from(const netsnmp_variable_list *var, SnmpValue *v) {
        switch (var->type) {
        case ASN_OPAQUE_FLOAT:
                *v = (SnmpValue){.oid = v->oid, .type = SNMP_TYPE_REAL, .real = (double) *var->val.floatVal};
                return 0;
        case ASN_OPAQUE_DOUBLE:
                *v = (SnmpValue) { .oid = v->oid, .type = SNMP_TYPE_REAL, .real = *var->val.doubleVal };
                return 0;
        case ASN_OPAQUE_COUNTER64:
        case ASN_OPAQUE_U64:
                *v = (SnmpValue) { .oid = v->oid, .type = SNMP_TYPE_COUNTER64, .count = counter64_of(var) };
                return 0;
        case ASN_OPAQUE_I64:
                *v = (SnmpValue) { .oid = v->oid, .type = SNMP_TYPE_INTEGER,
                                   .integer = (int64_t) counter64_of(var) };
                return 0;
        case SNMP_NOSUCHOBJECT:
                v->type = SNMP_TYPE_NO_OBJECT;
                return 0;
        case SNMP_NOSUCHINSTANCE:
                v->type = SNMP_TYPE_NO_INSTANCE;
                return 0;
        case SNMP_ENDOFMIBVIEW:
                v->type = SNMP_TYPE_END;
                return 0;
        default:
                v->type = SNMP_TYPE_NULL;
                return 0;
        }
}

static int content_from(const netsnmp_variable_list *var, SnmpValue *v) {
        switch (var->type) {
        case ASN_INTEGER:
                v->type = SNMP_TYPE_INTEGER;
                v->integer = *var->val.integer;
                return 0;
        case ASN_COUNTER:
                return count_from(var, SNMP_TYPE_COUNTER, v);
        case ASN_GAUGE: /* and Unsigned32 */
        case ASN_UINTEGER:
                return count_from(var, SNMP_TYPE_GAUGE, v);
        case ASN_TIMETICKS:
                return count_from(var, SNMP_TYPE_TICKS, v);
        case ASN_COUNTER64:
                v->type = SNMP_TYPE_COUNTER64;
                v->count = counter64_of(var);
                return 0;
        case ASN_OCTET_STR:
        case ASN_BIT_STR:
        case ASN_NSAP:
                return bytes_from(var, SNMP_TYPE_STRING, v);
        case ASN_OPAQUE:
                return bytes_from(var, SNMP_TYPE_OPAQUE, v);
        case ASN_IPADDRESS:
                return bytes_from(var, var->val_len == 4 ? SNMP_TYPE_ADDRESS : SNMP_TYPE_STRING, v);
        case ASN_OBJECT_ID:
                v->type = SNMP_TYPE_OID;
                return oid_from(var->val.objid, var->val_len / sizeof(oid), &v->object);
        default:
                return special_from(var, v);
        }
}

static int value_from(const netsnmp_variable_list *var, SnmpValue *ret) {
        _cleanup_(snmp_value_done) SnmpValue v = {};
        int r = oid_from(var->name, var->name_length, &v.oid);

        if (r >= 0)
                r = content_from(var, &v);
        if (r < 0)
                return r;
        *ret = v;
        v = (SnmpValue) {};
        return 0;
}

/*** Replies ***/

void net_reply_done(SnmpReply *reply) {
        snmp_values_done(reply->values, reply->n_values);
        *reply = (SnmpReply) {};
}

static bool is_behind(const SnmpValue *v, const SnmpOid *before) {
        return v->type == SNMP_TYPE_END || snmp_oid_order(&v->oid, before) > 0;
}

/* How many of the values of a reply are answers to a request: an agent may have something else in mind. */
static size_t count_answers(const SnmpRequest *q, const SnmpReply *reply) {
        size_t i;

        for (i = 0; i < reply->n_values; i++) {
                const SnmpValue *v = reply->values + i;

                if (q->operation == SNMP_GET_BULK) {
                        const SnmpValue *above = i < q->n ? NULL : v - q->n;

                        if (i >= (size_t) q->repetitions * q->n ||
                                !is_behind(v, above ? &above->oid : q->oids + i))
                                break;
                } else if (i >= q->n)
                        break;
                else if (q->operation == SNMP_GET_NEXT ? !is_behind(v, q->oids + i) :
                                                         !snmp_oid_equal(&v->oid, request_oid(q, i)))
                        break;
        }
        return i;
}

/* Of a bulk what is right up to there can be used, as long as it begins. */
static int check_reply(const SnmpRequest *q, SnmpReply *reply) {
        size_t n;

        if (reply->status != SNMP_STATUS_OK)
                return 0;
        n = count_answers(q, reply);
        if (q->operation == SNMP_GET_BULK ? n == 0 : n != q->n || n != reply->n_values)
                return -EPROTO;
        while (reply->n_values > n)
                snmp_value_done(reply->values + --reply->n_values);
        return 0;
}

int net_reply_from_pdu(const struct snmp_pdu *pdu, const SnmpRequest *request, SnmpReply *ret) {
        _cleanup_(net_reply_done) SnmpReply reply = {
                .status = (unsigned) pdu->errstat,
                .index = pdu->errindex > 0 ? (size_t) pdu->errindex : 0,
        };
        size_t n = 0;
        int r;

        for (const netsnmp_variable_list *var = pdu->variables; var; var = var->next_variable)
                n++;
        reply.values = new0(SnmpValue, n);
        if (!reply.values)
                return -ENOMEM;
        for (const netsnmp_variable_list *var = pdu->variables; var; var = var->next_variable) {
                r = value_from(var, reply.values + reply.n_values);
                if (r < 0)
                        return r;
                reply.n_values++;
        }
        r = check_reply(request, &reply);
        if (r < 0)
                return r;

        *ret = reply;
        reply = (SnmpReply) {};
        return 0;
}
