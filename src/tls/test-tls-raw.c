/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-link.h"
#include "test-util.h"
#include "tls-internal.h"

/* A client of the library's own, which does what ours never would. */
typedef struct Raw {
        gnutls_session_t session;
        gnutls_certificate_credentials_t credentials;
        gnutls_datum_t resume;
        Link link;
} Raw;

static void raw_begin(Raw *raw, Fixture *f, const char *priority) {
        int r, code = GNUTLS_E_AGAIN;

        link_begin(&raw->link, f->server, NULL, NULL, false);
        ASSERT_EQ(gnutls_certificate_allocate_credentials(&raw->credentials), 0);
        ASSERT_EQ(gnutls_init(&raw->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), 0);
        ASSERT_EQ(gnutls_priority_set_direct(raw->session, priority, NULL), 0);
        ASSERT_EQ(gnutls_credentials_set(raw->session, GNUTLS_CRD_CERTIFICATE, raw->credentials), 0);
        gnutls_transport_set_int(raw->session, raw->link.client_fd);
        if (raw->resume.data)
                ASSERT_EQ(gnutls_session_set_data(raw->session, raw->resume.data, raw->resume.size), 0);

        for (r = 0; r == 0 || code == GNUTLS_E_AGAIN;) {
                if (code != 0)
                        code = gnutls_handshake(raw->session);
                ASSERT_TRUE(code == 0 || code == GNUTLS_E_AGAIN);
                if (r == 0)
                        r = tls_session_handshake(raw->link.server);
                ASSERT_TRUE(r >= 0);
        }
}

static void raw_end(Raw *raw) {
        gnutls_deinit(raw->session);
        gnutls_certificate_free_credentials(raw->credentials);
        link_end(&raw->link);
}

static void test_key_update(Fixture *f) {
        Raw raw = {};
        char c;
        int r;

        raw_begin(&raw, f, "NORMAL:-VERS-ALL:+VERS-TLS1.3");
        for (unsigned i = 0; i < 4; i++) {
                ASSERT_EQ(gnutls_session_key_update(raw.session, GNUTLS_KU_PEER), 0);
                ASSERT_EQ(gnutls_record_send(raw.session, "VER\n", 4), 4);
                expect_recv(&raw.link, raw.link.server, "VER\n");
                ASSERT_EQ(tls_session_send(raw.link.server, "x", 1), 1);
                while ((r = (int) gnutls_record_recv(raw.session, &c, 1)) == GNUTLS_E_AGAIN)
                        ;
                ASSERT_EQ(r, 1);
        }

        /* It has its limit. */
        for (r = -EAGAIN; r == -EAGAIN; r = (int) tls_session_recv(raw.link.server, &c, 1))
                ASSERT_EQ(gnutls_session_key_update(raw.session, 0), 0);
        ASSERT_EQ(r, -EPROTO);
        ASSERT_STREQ(tls_session_error(raw.link.server), "it asked for new keys too often");
        raw_end(&raw);
}

static void test_rehandshake(Fixture *f) {
        Raw raw = {};
        char c;

        raw_begin(&raw, f, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
        ASSERT_EQ(gnutls_handshake(raw.session), GNUTLS_E_AGAIN);
        ASSERT_ERROR(tls_session_recv(raw.link.server, &c, 1), EPROTO);
        ASSERT_STREQ(tls_session_error(raw.link.server), "it wanted to negotiate anew");
        ASSERT_EQ(gnutls_handshake(raw.session), GNUTLS_E_WARNING_ALERT_RECEIVED);
        ASSERT_EQ(gnutls_alert_get(raw.session), GNUTLS_A_NO_RENEGOTIATION);
        raw_end(&raw);
}

/* Whoever sends nothing but messages without data is let go. */
static void test_idle_messages(Fixture *f) {
        unsigned n = 0;
        Raw raw = {};
        char c;
        int r;

        raw_begin(&raw, f, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
        do
                ASSERT_EQ(gnutls_alert_send(raw.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
        while ((r = (int) tls_session_recv(raw.link.server, &c, 1)) == -EAGAIN && n++ < 100);
        ASSERT_EQ(r, -EPROTO);
        raw_end(&raw);
}

static void test_resumption(Fixture *f) {
        static const char *const priorities[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                                  "NORMAL:-VERS-ALL:+VERS-TLS1.3" };

        for (size_t i = 0; i < ELEMENTSOF(priorities); i++) {
                Raw raw = {};
                char c;

                raw_begin(&raw, f, priorities[i]);
                ASSERT_FALSE(gnutls_session_is_resumed(raw.session));
                /* Tickets come after the handshake. */
                ASSERT_EQ(gnutls_record_recv(raw.session, &c, 1), GNUTLS_E_AGAIN);
                ASSERT_EQ(gnutls_session_get_data2(raw.session, &raw.resume), 0);
                raw_end(&raw);

                raw_begin(&raw, f, priorities[i]);
                ASSERT_TRUE(gnutls_session_is_resumed(raw.session));
                ASSERT_EQ(gnutls_record_send(raw.session, "VER\n", 4), 4);
                expect_recv(&raw.link, raw.link.server, "VER\n");
                gnutls_free(raw.resume.data);
                raw_end(&raw);
        }
}

int main(void) {
        Fixture f;

        fixture_begin(&f);
        test_key_update(&f);
        test_rehandshake(&f);
        test_idle_messages(&f);
        test_resumption(&f);
        fixture_end(&f);
        return EXIT_SUCCESS;
}
