/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-trap.h"

#include <arpa/inet.h>

#include "snmp-ber.h"
#include "test-util.h"

/* Enterprise 1.3.6.1.4.1.99999.2, from 192.0.2.1. */
#define V1 \
        "\x30\x29\x02\x01\x00\x04\x06public\xa4\x1c\x06\x09\x2b\x06\x01\x04\x01\x86\x8d\x1f\x02\x40\x04" \
        "\xc0\x00\x02\x01\x02\x01\x06\x02\x01\x07\x43\x01\x05\x30\x00"
#define V1_COLD \
        "\x30\x29\x02\x01\x00\x04\x06public\xa4\x1c\x06\x09\x2b\x06\x01\x04\x01\x86\x8d\x1f\x02\x40\x04" \
        "\xc0\x00\x02\x01\x02\x01\x00\x02\x01\x00\x43\x01\x05\x30\x00"
#define V2(tag) \
        "\x30\x4a\x02\x01\x01\x04\x06public" tag "\x3d\x02\x04\x01\x02\x03\x04\x02\x01\x00\x02\x01\x00\x30" \
        "\x2f\x30\x0d\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x43\x01\x05\x30\x1e\x06\x0a\x2b\x06\x01\x06" \
        "\x03\x01\x01\x04\x01\x00\x06\x10\x2b\x06\x01\x04\x01\x86\x8d\x1f\x02\x00\x07\x8f\xff\xff\xff\x7f"

static void assert_trap(const char *data, size_t n, int result, const char *oid, bool is_inform) {
        _cleanup_(snmp_trap_done) SnmpTrap t = {};
        _cleanup_free_ char *text = NULL;

        ASSERT_EQ(snmp_trap_parse((const uint8_t *) data, n, &t), result);
        if (result < 0)
                return;
        text = snmp_oid_text(&t.oid);
        ASSERT_STREQ(text, oid);
        ASSERT_EQ(t.is_inform, is_inform);
}

static void test_parse(void) {
        static const char trap[] = V2("\xa7"), inform[] = V2("\xa6"), get[] = V2("\xa0");

        assert_trap(V1, sizeof(V1) - 1, 0, "1.3.6.1.4.1.99999.2.0.7", false);
        assert_trap(V1_COLD, sizeof(V1_COLD) - 1, 0, "1.3.6.1.6.3.1.1.5.1", false);
        assert_trap(trap, sizeof(trap) - 1, 0, "1.3.6.1.4.1.99999.2.0.7.4294967295", false);
        assert_trap(inform, sizeof(inform) - 1, 0, "1.3.6.1.4.1.99999.2.0.7.4294967295", true);
        assert_trap(get, sizeof(get) - 1, -EBADMSG, NULL, false);
        for (size_t i = 0; i < sizeof(trap) - 1; i++)
                assert_trap(trap, i, -EBADMSG, NULL, false);
        for (size_t i = 0; i < sizeof(V1) - 1; i++)
                assert_trap(V1, i, -EBADMSG, NULL, false);
}

static void test_head(void) {
        static const uint8_t report[] =
                "\x30\x27\x02\x01\x03\x30\x0e\x02\x01\x07\x02\x03\x00\xff\xe3\x04\x01\x00\x02\x01"
                "\x03\x04\x12\x30\x10\x04\x05\x80\x00\x1f\x88\x04\x02\x01\x01\x02\x01\x09\x04\x01u";
        SnmpV3Head head;

        ASSERT_OK(snmp_ber_v3_head(report, sizeof(report) - 1, &head));
        ASSERT_EQ(head.flags, 0);
        ASSERT_EQ(head.n_engine, 5);
        ASSERT_EQ(memcmp(head.engine, "\x80\x00\x1f\x88\x04", 5), 0);
        ASSERT_EQ(head.n_user, 1);
        ASSERT_EQ(*head.user, 'u');
        for (size_t i = 0; i < sizeof(report) - 1; i++)
                ASSERT_EQ(snmp_ber_v3_head(report, i, &head), -EBADMSG);
}

/*** Listening ***/

typedef struct Seen {
        unsigned n, n_read;
        bool is_known;
} Seen;

static bool is_known(const struct sockaddr *from, void *userdata) {
        return ((Seen *) userdata)->is_known;
}

static void on_trap(const struct sockaddr *from, const SnmpOid *oid, void *userdata) {
        Seen *seen = userdata;

        seen->n++;
        seen->n_read += !!oid;
}

static void test_listen(void) {
        static const char inform[] = V2("\xa6");
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_trap_listener_freep) SnmpTrapListener *l = NULL;
        _cleanup_close_ int fd = ASSERT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        struct sockaddr_in6 own;
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(own);
        char answer[128];
        Seen seen = { .is_known = true };
        int listening = ASSERT_OK(snmp_trap_bind(0));

        ASSERT_OK(sd_event_new(&event));
        /* The port is at the same place in both kinds of addresses. */
        ASSERT_EQ(getsockname(listening, (struct sockaddr *) &own, &size), 0);
        to.sin_port = own.sin6_port;
        ASSERT_OK(snmp_trap_listener_new(event, listening, is_known, on_trap, &seen, &l));
        ASSERT_EQ(connect(fd, (struct sockaddr *) &to, sizeof(to)), 0);
        ASSERT_EQ(send(fd, "?", 1, 0), 1);
        ASSERT_EQ(send(fd, inform, sizeof(inform) - 1, 0), sizeof(inform) - 1);
        while (seen.n < 2)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        ASSERT_EQ(seen.n_read, 1);
        ASSERT_EQ(recv(fd, answer, sizeof(answer), 0), sizeof(inform) - 1);
        ASSERT_EQ((uint8_t) answer[13], BER_RESPONSE);

        seen.is_known = false;
        ASSERT_EQ(send(fd, inform, sizeof(inform) - 1, 0), sizeof(inform) - 1);
        ASSERT_OK(sd_event_run(event, UINT64_MAX));
        ASSERT_EQ(seen.n, 2);
}

int main(void) {
        test_parse();
        test_head();
        test_listen();
        return 0;
}
