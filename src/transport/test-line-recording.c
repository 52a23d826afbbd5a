/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <sys/stat.h>

#include "io-util.h"
#include "line-recording.h"
#include "test-file.h"
#include "time-util.h"

#define HEAD "busbar-recording 1 line\n"

static const LineFraming text = { .end = { '\r' }, .n_end = 1, .timeout_usec = USEC_PER_SEC };

static LineLink *replay(const char *s) {
        LineRecording *recording = NULL;
        LineLink *link = NULL;
        char *error = NULL;

        if (line_recording_parse("test", s, strlen(s), &recording, &error) < 0)
                TEST_FAIL("%s", error);
        ASSERT_OK(line_link_new_replay(recording, "test", &link));
        return link;
}

static void assert_ask_by(LineLink *l, const LineFraming *framing, const char *request, int result,
                          const char *expected) {
        uint8_t answer[64];
        int r = line_link_exchange(l, (const uint8_t *) request, strlen(request), framing, answer,
                                   sizeof(answer));

        if (r != (expected ? (int) strlen(expected) : result))
                TEST_FAIL("%s: %d, not %d \"%s\"", request, r, result, strempty(expected));
        if (expected && memcmp(answer, expected, strlen(expected)) != 0)
                TEST_FAIL("%s: \"%.*s\", not \"%s\"", request, r, (char *) answer, expected);
}

static void assert_ask(LineLink *l, const char *request, int result, const char *expected) {
        assert_ask_by(l, &text, request, result, expected);
}

/*** Playing ***/

static void test_order(void) {
        _cleanup_(line_link_freep) LineLink *l =
                replay(HEAD "ask \"Q1\\r\" -> \"(1\\r\"\nask \"Q1\\r\" -> silence\n"
                            "ask \"Q1\\r\" -> refused # no\n"
                            "ask \"Q1\\x0d\" -> \"\"\n"
                            "ask \"Q1\\r\" -> damaged\nask \"Q1\\r\" -> error\n"
                            "ask \"Q1\\r\" -> \"(2\\r(3\\r\"\n"
                            "ask \"F\\r\" -> \"#cut\"\nask \"A\\r\" -> \"\\\"\\\\\\x41\\n\\r\"\n");

        ASSERT_STREQ(l->ops->name, "recording");
        ASSERT_STREQ(l->identity.path, "test");
        ASSERT_FALSE(l->is_usb);
        assert_ask(l, "Q1\r", 0, "(1\r");
        assert_ask(l, "Q1\r", 0, NULL);
        assert_ask(l, "Q1\r", -EPIPE, NULL);
        assert_ask(l, "Q1\r", 0, NULL);
        assert_ask(l, "Q1\r", -EBADMSG, NULL);
        assert_ask(l, "Q1\r", -EIO, NULL);
        assert_ask(l, "Q1\r", 0, "(2\r");
        assert_ask(l, "Q1\r", 0, "(2\r");
        assert_ask(l, "F\r", -EBADMSG, NULL);
        assert_ask(l, "A\r", 0, "\"\\A\n\r");
        assert_ask(l, "Q2\r", -EPIPE, NULL);
        assert_ask(l, "Q", -EPIPE, NULL);
}

static void test_unknown(void) {
        _cleanup_(line_link_freep) LineLink *silence = replay(HEAD "unknown silence\n"),
                                             *echo = replay(HEAD "unknown echo\n"),
                                             *nak = replay(HEAD "unknown echo\nunknown \"NAK\\r\"\n");

        assert_ask(silence, "Q1\r", 0, NULL);
        assert_ask(echo, "Q1\r", 0, "Q1\r");
        assert_ask(nak, "Q1\r", 0, "NAK\r");
}

static void test_binary(void) {
        const LineFraming binary = { .end = { '\r' }, .n_end = 1, .binary = 4 },
                          echo = { .end = { '\r' }, .n_end = 1, .echo = true };
        _cleanup_(line_link_freep) LineLink *l =
                replay(HEAD "ask \"QS\\r\" -> \"#\\r\\r\\x41\\r\"\nask \"E\\r\" -> \"E\\r(1\\r\"\n");

        assert_ask(l, "QS\r", 0, "#\r");
        assert_ask_by(l, &binary, "QS\r", 0, "#\r\rA\r");
        assert_ask(l, "E\r", 0, "E\r");
        assert_ask_by(l, &echo, "E\r", 0, "(1\r");
}

static void test_identity(void) {
        _cleanup_(line_link_freep) LineLink *l =
                replay(HEAD "link \"cypress\"\nvendor-id 0665\nproduct-id 5161\nvendor \"INNO TECH\"\n");

        ASSERT_STREQ(l->ops->name, "cypress");
        ASSERT_TRUE(l->is_usb);
        ASSERT_EQ(l->identity.vendor_id, 0x665);
        ASSERT_STREQ(l->identity.vendor, "INNO TECH");
}

static void test_clock(void) {
        _cleanup_(line_link_freep) LineLink *l =
                replay(HEAD "clock time\nspeed 1000\nask \"Q1\\r\" -> \"(1\\r\"\n"
                            "+60 ask \"Q1\\r\" -> \"(2\\r\"\n"
                            "+120 gone\n");
        uint8_t answer[8] = {};
        int r = 3;

        assert_ask(l, "Q1\r", 0, "(1\r");
        while (r == 3 && answer[1] != '2') {
                (void) poll(NULL, 0, 1);
                r = line_link_exchange(l, (const uint8_t *) "Q1\r", 3, &text, answer, sizeof(answer));
        }
        while (r == 3) {
                (void) poll(NULL, 0, 1);
                r = line_link_exchange(l, (const uint8_t *) "Q1\r", 3, &text, answer, sizeof(answer));
        }
        ASSERT_ERROR(r, ENODEV);
}

static void test_errors(void) {
        static const struct {
                const char *text, *error;
        } cases[] = {
                { "",                                      "test:0: the file is empty" },
                { "busbar-recording 1 hid\n",              "test:1: the first line is not" },
                { HEAD "ask",                              "test:2: a text in quotation marks is missing" },
                { HEAD "ask \"\" -> silence\n",            "test:2: ask is followed by" },
                { HEAD "ask \"Q\\r\"\n",                   "test:2: ask is followed by" },
                { HEAD "ask \"Q\\r\" -> nothing\n",        "test:2: \"nothing\" is no text" },
                { HEAD "ask \"Q\\r\" ->\n",                "test:2: \"\" is no text" },
                { HEAD "ask \"Q\\q\" -> silence\n",        "test:2: a backslash stands before" },
                { HEAD "\nask \"Q\\r\" -> \"1\\r\" 2\n",   "test:3: \"2\" is too much" },
                { HEAD "ask \"Q\\r\" -> \"1\\r\n",         "test:2: the text has no quotation mark" },
                { HEAD "unknown what\n",                   "test:2: \"what\" is no text" },
                { HEAD "vendor \"\\x00\"\n",               "test:2: this text cannot hold" },
                { HEAD "link \"a\"\nlink \"a\"\n",         "test:3: link is given twice" },
                { HEAD "+2 gone\n+1 gone\n",               "test:3: \"+1\" is earlier" },
                { HEAD "get feature 01 -> stall\n",        "test:2: \"get\" is not known here" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *error = NULL;
                LineRecording *recording;

                ASSERT_ERROR(line_recording_parse("test", cases[i].text, strlen(cases[i].text), &recording,
                                                  &error), EBADMSG);
                if (!startswith(error, cases[i].error))
                        TEST_FAIL("\"%s\" is not \"%s\"", error, cases[i].error);
        }
}

static void test_bounds(void) {
        _cleanup_free_ char *many = NULL, *error = NULL;
        LineRecording *recording;
        size_t size;
        FILE *f = open_memstream(&many, &size);

        fputs(HEAD, f);
        for (unsigned i = 0; i <= LINE_RECORDING_REQUESTS_MAX; i++)
                fprintf(f, "ask \"%u\" -> silence\n", i * 7919 % 100003);
        fclose(f);
        ASSERT_ERROR(line_recording_parse("test", many, size, &recording, &error), EBADMSG);
        ASSERT_TRUE(strstr(error, "more than 4096 different requests"));
}

/*** Recording ***/

static char *read_text(const char *path) {
        char *s = malloc(65536);
        ssize_t n = path_read(path, s, 65535);

        ASSERT_TRUE(n >= 0);
        s[n] = '\0';
        return s;
}

/* The lines without their times. */
static void assert_recorded(const char *path, const char *expected) {
        _cleanup_free_ char *s = read_text(path);
        char *to = s;

        for (char *line = s, *next; *line; line = next) {
                next = line + strcspn(line, "\n");
                next += *next == '\n';
                if (*line == '+')
                        line += strcspn(line, " ") + 1;
                memmove(to, line, (size_t) (next - line));
                to += next - line;
        }
        *to = '\0';
        ASSERT_STREQ(s, expected);
}

#define DEVICE                                                                                              \
        HEAD "link \"cypress\"\nvendor-id 0665\nproduct-id 5161\nserial \"SN-77123\"\n" \
        "ask \"Q1\\r\" -> \"(1\\xff\\x00\\\"\\r\"\nask \"Q1\\r\" -> silence\nask \"Q1\\r\" -> refused\n" \
        "ask \"S\\r\" -> \"SN-77123 AB123456 AB123456\\r\"\nask \"D\\r\" -> damaged\n"

#define RECORDED                                                                                            \
        HEAD "link \"cypress\"\nvendor-id 0665\nproduct-id 5161\nrelease 0000\nserial \"XXXXXXXX\"\n" \
        "ask \"Q1\\r\" -> \"(1\\xff\\x00\\x22\\r\"\nask \"Q1\\r\" -> silence\nask \"Q1\\r\" -> refused\n" \
        "ask \"S\\r\" -> \"XXXXXXXX XXXXXXXX XXXXXXXX\\r\"\nask \"D\\r\" -> damaged\n"

static void ask_all(LineLink *l) {
        uint8_t answer[64];

        ASSERT_EQ(line_link_exchange(l, (const uint8_t *) "Q1\r", 3, &text, answer, sizeof(answer)), 6);
        assert_ask(l, "Q1\r", 0, NULL);
        assert_ask(l, "Q1\r", -EPIPE, NULL);
        assert_ask(l, "S\r", 0, "SN-77123 AB123456 AB123456\r");
        line_link_redact(l, "AB123456");
        line_link_redact(l, "(1");
        line_link_redact(l, "111111111");
        line_link_redact(l, NULL);
        assert_ask(l, "D\r", -EBADMSG, NULL);
}

static void test_recorder(void) {
        LineLink *l = NULL;
        _cleanup_free_ char *error = NULL;
        struct stat st;

        ASSERT_OK(line_link_new_recorder(replay(DEVICE), "one", RECORDER_REDACT, &l));
        ASSERT_STREQ(l->ops->name, "cypress");
        ASSERT_EQ(l->identity.product_id, 0x5161);
        ask_all(l);
        l = line_link_free(l);
        assert_recorded("one", RECORDED);
        ASSERT_OK(stat("one", &st));
        ASSERT_EQ(st.st_mode & 0777, 0600);

        /* It can be played. */
        ASSERT_OK(line_link_new_recording("one", &l, &error));
        ASSERT_STREQ(l->ops->name, "cypress");
        uint8_t answer[8] = {};
        ASSERT_EQ(line_link_exchange(l, (const uint8_t *) "Q1\r", 3, &text, answer, sizeof(answer)), 6);
        ASSERT_EQ(memcmp(answer, "(1\xff\0\"\r", 6), 0);
        assert_ask(l, "Q1\r", 0, NULL);
        assert_ask(l, "Q1\r", -EPIPE, NULL);
        assert_ask(l, "S\r", 0, "XXXXXXXX XXXXXXXX XXXXXXXX\r");
        l = line_link_free(l);
}

static void test_recorder_resume(void) {
        LineLink *l = NULL;

        ASSERT_OK(line_link_new_recorder(replay(DEVICE), "two", RECORDER_REDACT, &l));
        ask_all(l);
        l = line_link_free(l);
        ASSERT_OK(line_link_new_recorder(replay(DEVICE), "two", RECORDER_REDACT | RECORDER_RESUME, &l));
        assert_ask(l, "S\r", 0, "SN-77123 AB123456 AB123456\r");
        line_link_redact(l, "AB123456");
        l = line_link_free(l);
        assert_recorded("two", RECORDED "ask \"S\\r\" -> \"XXXXXXXX XXXXXXXX XXXXXXXX\\r\"\n");

        /* Another device: anew. */
        ASSERT_OK(line_link_new_recorder(replay(HEAD), "two", RECORDER_RESUME, &l));
        assert_ask(l, "Q1\r", -EPIPE, NULL);
        l = line_link_free(l);
        assert_recorded("two", HEAD "link \"recording\"\nask \"Q1\\r\" -> refused\n");
}

static void test_recorder_no_file(void) {
        _cleanup_(line_link_freep) LineLink *inner = replay(DEVICE);
        LineLink *l = NULL;

        ASSERT_TRUE(mkdir("directory", 0700) >= 0);
        ASSERT_ERROR(line_link_new_recorder(inner, "directory", 0, &l), EEXIST);
        ASSERT_ERROR(line_link_new_recorder(inner, "no/file", 0, &l), ENOENT);
        assert_ask(inner, "S\r", 0, "SN-77123 AB123456 AB123456\r");
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        ASSERT_TRUE(directory != NULL);
        test_order();
        test_unknown();
        test_binary();
        test_identity();
        test_clock();
        test_errors();
        test_bounds();
        test_recorder();
        test_recorder_resume();
        test_recorder_no_file();
        return EXIT_SUCCESS;
}
