/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-net-internal.h"
#include "test-util.h"

/* What an agent may send. The first byte says for which kind of session; bit 3: what follows is the objects
 * of an answer to what was asked, else it is all of a message. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_MAX 4096U
#define ANSWER 8U
#define SNMP_V1_KIND 1U
#define COMMUNITY "public"
/* Where the number of a request is, which has four bytes then. */
#define PDU_AT (2U + 3U + 2U + sizeof(COMMUNITY) - 1)
#define ID_AT (PDU_AT + 4U)

static const SnmpOid oids[] = {
        { .ids = (uint32_t[]) { 1, 3, 6, 1, 2, 1, 1, 1, 0 }, .n = 9 },
        { .ids = (uint32_t[]) { 1, 3, 6, 1, 2, 1, 1, 2, 0 }, .n = 9 },
};

static size_t put_head(uint8_t *to, uint8_t tag, size_t n) {
        to[0] = tag;
        to[1] = 0x82;
        to[2] = (uint8_t) (n >> 8);
        to[3] = (uint8_t) n;
        return 4;
}

/* An answer with these objects. */
static size_t make_answer(const uint8_t *request, const uint8_t *data, size_t n, uint8_t *to) {
        static const uint8_t no_error[] = { 0x02, 0x01, 0x00, 0x02, 0x01, 0x00 };
        size_t in_pdu = 6 + sizeof(no_error) + 4 + n, before = 3 + 2 + sizeof(COMMUNITY) - 1, at;

        at = put_head(to, 0x30, before + 4 + in_pdu);
        memcpy(to + at, request + 2, before);
        at += before;
        at += put_head(to + at, 0xa2, in_pdu);
        memcpy(to + at, request + ID_AT - 2, 6);
        at += 6;
        memcpy(to + at, no_error, sizeof(no_error));
        at += sizeof(no_error);
        at += put_head(to + at, 0x30, n);
        memcpy(to + at, data, n);
        return at + n;
}

static void check(const NetAnswer *a) {
        ASSERT_TRUE(a->kind == NET_ANSWER_REPLY || (!a->reply.values && a->reply.n_values == 0));
        for (size_t i = 0; i < a->reply.n_values; i++) {
                const SnmpValue *v = a->reply.values + i;

                ASSERT_TRUE(v->oid.n <= SNMP_OID_MAX && v->object.n <= SNMP_OID_MAX);
                ASSERT_TRUE(v->type >= 0 && v->type < _SNMP_TYPE_MAX);
                ASSERT_TRUE(v->type != SNMP_TYPE_STRING || v->bytes[v->n_bytes] == '\0');
                ASSERT_TRUE(v->type != SNMP_TYPE_ADDRESS || v->n_bytes == 4);
        }
}

static void talk(NetSession *s, NetUsm *usm, int peer, uint8_t kind, const uint8_t *data, size_t n) {
        const SnmpRequest q = {
                /* There are no bulks in version 1. */
                .operation = (kind & 7) == (4 | SNMP_V1_KIND) || !(kind & 4) ? SNMP_GET : SNMP_GET_BULK,
                .oids = oids,
                .n = ELEMENTSOF(oids),
                .repetitions = 3,
        };
        uint8_t request[MESSAGE_MAX], message[MESSAGE_MAX];
        NetAnswer a = {};

        net_session_renew(s);
        ASSERT_OK(net_session_ask(s, usm && !net_usm_has_engine(usm) ? NULL : &q));
        ASSERT_TRUE(recv(peer, request, sizeof(request), 0) > 0);
        if (kind & ANSWER && !usm && request[ID_AT - 1] == 4) {
                n = make_answer(request, data, n, message);
                data = message;
        }
        ASSERT_EQ(send(peer, data, n, 0), n);
        if (net_session_read(s, &a) >= 0) {
                check(&a);
                if (usm && a.kind == NET_ANSWER_REPORT)
                        (void) net_usm_set_engine(usm, a.engine, a.n_engine);
        }
        net_answer_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const SnmpCredentials credentials[] = {
                { .version = SNMP_V2C, .community = COMMUNITY },
                { .version = SNMP_V1, .community = COMMUNITY },
                { .version = SNMP_V3, .user = "user", .level = SNMP_LEVEL_NO_AUTH },
                { .version = SNMP_V3, .user = "user", .level = SNMP_LEVEL_NO_AUTH },
        };
        _cleanup_(net_session_freep) NetSession *s = NULL;
        _cleanup_(net_usm_freep) NetUsm *usm = NULL;
        _cleanup_free_ char *why = NULL;
        const SnmpCredentials *c;
        int fds[2];

        if (size < 1 || size > MESSAGE_MAX / 2)
                return 0;
        c = credentials + (data[0] & 3);
        net_session_init();
        if (c->version == SNMP_V3) {
                ASSERT_OK(net_usm_new(c, &usm, &why));
                if ((data[0] & 3) == 3)
                        ASSERT_OK(net_usm_set_engine(usm, (const uint8_t *) "\x80\x00\x1f\x88\x04", 5));
        }
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);

        _cleanup_close_ int peer = fds[1];

        ASSERT_OK(net_session_new(fds[0], false, c, usm, &s));
        talk(s, usm, peer, data[0], data + 1, size - 1);
        talk(s, usm, peer, data[0], data + 1, size - 1);
        return 0;
}
