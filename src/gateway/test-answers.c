/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "answers.h"

#include "fake-gateway.h"
#include "fsd.h"
#include "test-server-util.h"

#define GET "GET VAR zeta ups.status\n"
#define ANSWER "VAR zeta ups.status \"OL CHRG\"\n"

static Device *device(FakeGateway *f) {
        return device_table_find(f->gateway.devices, "zeta");
}

static void keep(FakeGateway *f, const char *line, const Device *d, const char *answer) {
        answers_keep(f->gateway.answers, line, strlen(line), &(AnswerScope) { .shared = true, .device = d },
                        answer, strlen(answer));
}

/* The size of the line that was answered, and with which answer. */
static void assert_repeats(FakeGateway *f, const char *data, size_t size, const char *answer) {
        Buffer out = {};

        ASSERT_EQ(answers_repeat(f->gateway.answers, data, strlen(data), &out), size);
        ASSERT_EQ(out.size, strlen(answer));
        ASSERT_TRUE(out.size == 0 || memcmp(out.data, answer, out.size) == 0);
        buffer_done(&out);
}

static void test_bytes(void) {
        FakeGateway *f = fake_gateway_new();
        char longest[ANSWERS_LINE_MAX + 2], answer[512];

        assert_repeats(f, GET, 0, "");
        keep(f, GET, device(f), ANSWER);
        assert_repeats(f, GET, strlen(GET), ANSWER);
        assert_repeats(f, GET "and more", strlen(GET), ANSWER);
        assert_repeats(f, "GET VAR zeta ups.status", 0, "");
        assert_repeats(f, "get VAR zeta ups.status\n", 0, "");
        assert_repeats(f, " " GET, 0, "");
        assert_repeats(f, "\n" GET, 0, "");
        assert_repeats(f, "", 0, "");
        ASSERT_EQ(answers_repeat(NULL, GET, strlen(GET), NULL), 0);
        answers_keep(NULL, GET, strlen(GET), &(AnswerScope) { .shared = true }, "", 0);

        /* Lines are kept up to their limit, answers as far as there is room. */
        memset(longest, 'x', sizeof(longest));
        longest[ANSWERS_LINE_MAX - 1] = '\n';
        longest[ANSWERS_LINE_MAX] = '\0';
        keep(f, longest, NULL, "OK\n");
        assert_repeats(f, longest, ANSWERS_LINE_MAX, "OK\n");
        memset(longest, 'y', sizeof(longest));
        longest[ANSWERS_LINE_MAX] = '\n';
        longest[ANSWERS_LINE_MAX + 1] = '\0';
        keep(f, longest, NULL, "OK\n");
        assert_repeats(f, longest, 0, "");
        memset(answer, 'z', sizeof(answer));
        answer[sizeof(answer) - 1] = '\0';
        keep(f, "LIST x\n", NULL, answer);
        assert_repeats(f, "LIST x\n", 0, "");

        /* What is not for all is not kept. */
        answers_keep(f->gateway.answers, "VER\n", 4, &(AnswerScope) {}, "OK\n", 3);
        assert_repeats(f, "VER\n", 0, "");
        fake_gateway_free(f);
}

/* More lines than there are places: what is found is right. */
static void test_full(void) {
        FakeGateway *f = fake_gateway_new();
        size_t n_found = 0;

        for (unsigned i = 0; i < 10000; i++) {
                _cleanup_free_ char *line = strprintf("GET VAR zeta x.%u\n", i);

                keep(f, line, device(f), line);
        }
        for (unsigned i = 0; i < 10000; i++) {
                _cleanup_free_ char *line = strprintf("GET VAR zeta x.%u\n", i);
                Buffer out = {};

                if (answers_repeat(f->gateway.answers, line, strlen(line), &out) > 0) {
                        ASSERT_TRUE(out.size == strlen(line) && memcmp(out.data, line, out.size) == 0);
                        n_found++;
                }
                buffer_done(&out);
        }
        ASSERT_TRUE(n_found > 1000 && n_found < 10000);
        fake_gateway_free(f);
}

/* An answer ends with what it is about. */
static void test_changes(void) {
        FakeGateway *f = fake_gateway_new();
        DeviceTable *t = f->gateway.devices;
        Device *other = device_table_find(t, "Alpha"), *d;

        keep(f, GET, device(f), ANSWER);
        keep(f, "LIST UPS\n", NULL, "ups\n");
        device_invalidate(other);
        assert_repeats(f, GET, strlen(GET), ANSWER);
        device_invalidate(device(f));
        assert_repeats(f, GET, 0, "");
        assert_repeats(f, "LIST UPS\n", strlen("LIST UPS\n"), "ups\n");

        /* One comes on the bus: it may be in the place of one that went. */
        keep(f, GET, device(f), ANSWER);
        ASSERT_OK(device_table_present(t, "new", "text", f->models[0], NULL, &d));
        assert_repeats(f, GET, 0, "");
        assert_repeats(f, "LIST UPS\n", 0, "");
        keep(f, "GET VAR new x\n", d, "VAR\n");
        fake_gateway_free(f);
}

/* All clients see each change at once, whatever was kept before it. */
static void test_clients(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int a = connect_client(&s, NULL), b = connect_client(&s, NULL);
        Device *d = device(s.fake);

        for (unsigned i = 0; i < 3; i++) {
                say(a, GET);
                expect(&s, a, ANSWER);
                say(b, GET GET "GET VAR zeta ups.sta");
                expect(&s, b, ANSWER ANSWER);
                say(b, "tus\n");
                expect(&s, b, ANSWER);
        }
        fake_gateway_update(s.fake, "ups.status", "OB");
        say(a, GET);
        expect(&s, a, "VAR zeta ups.status \"OB\"\n");
        say(b, GET);
        expect(&s, b, "VAR zeta ups.status \"OB\"\n");

        ASSERT_OK(fsd_set(s.gateway, d, "test", "test"));
        say(a, GET);
        expect(&s, a, "VAR zeta ups.status \"FSD OB\"\n");
        fsd_clear(s.gateway, d, "test");
        say(b, GET);
        expect(&s, b, "VAR zeta ups.status \"OB\"\n");

        /* Who may read nothing does not get what others were answered. */
        s.gateway->conf->require_login = true;
        say(a, GET);
        expect(&s, a, "ERR USERNAME-REQUIRED\n");
        s.gateway->conf->require_login = false;
        say(a, GET);
        expect(&s, a, "VAR zeta ups.status \"OB\"\n");

        close(a);
        close(b);
        teardown(&s);
}

int main(int argc, char *argv[]) {
        test_bytes();
        test_full();
        test_changes();
        test_clients();
        return EXIT_SUCCESS;
}
