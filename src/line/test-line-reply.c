/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-checksum.h"
#include "line-link.h"
#include "line-reply.h"
#include "test-util.h"

static char *refused[] = {(char *) "NAK", (char *) "(NAK", NULL};
static char *accepted[] = {(char *) "ACK", (char *) "(ACK", NULL};

static const LineFormat plain = {
        .end_request = "\r",
        .end_answer = "\r",
        .n_end_request = 1,
        .n_end_answer = 1,
        .refused = refused,
};
static const LineFormat checked = {
        .end_request = "\r",
        .end_answer = "\r",
        .n_end_request = 1,
        .n_end_answer = 1,
        .refused = refused,
        .check_request = LINE_CHECK_CRC16_XMODEM,
        .check_answer = LINE_CHECK_CRC16_XMODEM,
};
static const LineFormat skipping = {
        .end_request = "\r",
        .end_answer = "\r",
        .n_end_request = 1,
        .n_end_answer = 1,
        .echo_is_skipped = true,
};

#define Q1 "(230.1 000.0 230.1 016 50.0 27.0 25.0 00001001"

static LineVerdict judge(const LineFormat *f, const LineQuery *q, const char *s, size_t n, LineReply **ret) {
        *ret = line_reply_free(*ret);
        return (LineVerdict) ASSERT_OK(
                line_reply_judge(f, q, (const uint8_t *) "Q1", 2, (const uint8_t *) s, n, ret));
}

static void test_answers(void) {
        static const struct {
                const char *answer;
                LineVerdict verdict;
        } cases[] = {
                {Q1 "\r", LINE_GOOD},
                {"\n" Q1 "\r", LINE_GOOD},
                {"\x80\xff" Q1 "\r", LINE_GOOD},
                {"(230.1 00" Q1 "\r", LINE_GOOD},
                {"((" Q1 "\r", LINE_GOOD},
                {Q1, LINE_BAD},
                {Q1 "0\r", LINE_BAD},
                {"230.1 000.0 230.1 016 50.0\r", LINE_BAD},
                {"(230.1 000.0 230.1 016 50.0\r", LINE_BAD},
                {Q1 Q1 "\r", LINE_GOOD},
                {"(230.1 000.0 230.1 016 50.0 27.0 25.0 000010\x81"
                 "1\r",
                        LINE_DOUBTFUL},
                {"\r", LINE_BAD},
                {"Q1\r", LINE_REFUSED},
                {"\nQ1\r", LINE_REFUSED},
                {"q1\r", LINE_BAD},
                {"NAK\r", LINE_REFUSED},
                {"(NAK\r", LINE_REFUSED},
                {"\x80"
                 "NAK\r",
                        LINE_REFUSED},
                {"NACK\r", LINE_BAD},
        };
        const LineQuery q = {
                .begin = (char *) "(", .length_min = 46, .length_max = 46, .words_min = 8, .words_max = 8};

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(line_reply_freep) LineReply *a = NULL;
                LineVerdict v = judge(&plain, &q, cases[i].answer, strlen(cases[i].answer), &a);

                if (v != cases[i].verdict)
                        TEST_FAIL("%s is %d", cases[i].answer, (int) v);
                ASSERT_EQ(a != NULL, v == LINE_GOOD || v == LINE_DOUBTFUL);
                if (v == LINE_GOOD) {
                        ASSERT_STREQ(a->text, Q1);
                        ASSERT_STREQ(a->words[0], "230.1");
                        ASSERT_STREQ(a->words[7], "00001001");
                }
        }
}

static void test_separator(void) {
        const LineQuery q = {.separator = (char *) ",", .words_min = 2, .words_max = 4};
        _cleanup_(line_reply_freep) LineReply *a = NULL;

        ASSERT_EQ(judge(&plain, &q, "FOR,,120,\r", 10, &a), LINE_GOOD);
        ASSERT_EQ(a->n_words, 4);
        ASSERT_STREQ(a->words[1], "");
        ASSERT_STREQ(a->words[3], "");
        ASSERT_EQ(judge(&plain, &q, "FOR\r", 4, &a), LINE_BAD);
}

static void test_binary(void) {
        static const char answer[] = "#\x6C\x01 \x0d \x00\x09\r";
        unsigned widths[] = {2, 1, 2};
        const LineQuery q = {
                .begin = (char *) "#", .binary = widths, .n_binary = 3, .length_min = 8, .length_max = 8};
        _cleanup_(line_reply_freep) LineReply *a = NULL;

        ASSERT_EQ(line_reply_binary(&plain, &q), 8);
        ASSERT_EQ(judge(&plain, &q, answer, 9, &a), LINE_GOOD);
        ASSERT_EQ(a->n_words, 3);
        ASSERT_STREQ(a->words[0], "6c01");
        ASSERT_STREQ(a->words[1], "0d");
        ASSERT_STREQ(a->words[2], "0009");
        ASSERT_EQ(judge(&plain, &q, "#\x6C\x01 \r", 5, &a), LINE_BAD);
}

static void test_decode(void) {
        static const char answer[] = "#\x6C\x01 \x35 \x28\x02\xD0\r";
        const LineQuery q = {.begin = (char *) "#",
                .decode = value_function_find("hex-words"),
                .words_min = 3,
                .words_max = 3};
        _cleanup_(line_reply_freep) LineReply *a = NULL;

        ASSERT_EQ(judge(&plain, &q, answer, sizeof(answer) - 1, &a), LINE_GOOD);
        ASSERT_STREQ(a->text, "#6c01 35 13d0");
        ASSERT_STREQ(a->words[2], "13d0");
}

/* Frames of inverters, as mpp-solar has them. */
static void test_check(void) {
        const LineQuery q = {.begin = (char *) "(", .words_min = 1};
        _cleanup_(line_reply_freep) LineReply *a = NULL;
        uint8_t request[32];

        ASSERT_EQ(line_request_build(&checked, (const uint8_t *) "QPI", 3, request, sizeof(request)), 6);
        ASSERT_EQ(memcmp(request, "QPI\xbe\xac\r", 6), 0);

        ASSERT_EQ(judge(&checked, &q, "(PI30\x9a\x0b\r", 8, &a), LINE_GOOD);
        ASSERT_STREQ(a->text, "(PI30");
        ASSERT_EQ(judge(&checked, &q, "\xff(PI30\x9a\x0b\r", 9, &a), LINE_GOOD);
        ASSERT_EQ(judge(&checked, &q, "(PI31\x9a\x0b\r", 8, &a), LINE_BAD);
        ASSERT_EQ(judge(&checked, &q, "(PI30\r", 6, &a), LINE_BAD);
        ASSERT_EQ(judge(&checked, &q, "(NAK\x73\x73\r", 7, &a), LINE_REFUSED);
        ASSERT_EQ(judge(&checked, &q, "(NAK\r", 5, &a), LINE_REFUSED);
        ASSERT_EQ(line_reply_accepts(&checked, accepted, (const uint8_t *) "X", 1,
                          (const uint8_t *) "(ACK\x39\x20\r", 7),
                0);
}

static void test_checks(void) {
        uint8_t check[LINE_CHECK_SIZE_MAX];

        ASSERT_EQ(
                line_check_make(LINE_CHECK_CRC16_XMODEM_PLAIN, (const uint8_t *) "123456789", 9, check), 2);
        ASSERT_EQ(check[0], 0x31);
        ASSERT_EQ(check[1], 0xc3);
        ASSERT_EQ(line_check_make(LINE_CHECK_SUM8, (const uint8_t *) "\xff\x02", 2, check), 1);
        ASSERT_EQ(check[0], 1);
        ASSERT_EQ(line_check_make(LINE_CHECK_SUM8_HEX, (const uint8_t *) "\xff\xac", 2, check), 2);
        ASSERT_EQ(memcmp(check, "AB", 2), 0);
        ASSERT_TRUE(line_check_fits(
                LINE_CHECK_SUM8_HEX, (const uint8_t *) "\xff\xac", 2, (const uint8_t *) "ab"));
        ASSERT_TRUE(line_check_fits(LINE_CHECK_NONE, NULL, 0, NULL));

        /* Of two bytes that would be a line end none is left. */
        for (unsigned i = 0; i < 65536; i++) {
                uint8_t data[2] = {(uint8_t) (i >> 8), (uint8_t) i};

                (void) line_check_make(LINE_CHECK_CRC16_XMODEM, data, 2, check);
                for (size_t k = 0; k < 2; k++)
                        ASSERT_TRUE(check[k] != '(' && check[k] != '\r' && check[k] != '\n');
        }
}

static void test_orders(void) {
        static const struct {
                const char *answer;
                int result;
        } cases[] = {
                {"ACK\r", 0},
                {"(ACK\r", 0},
                {"\xff"
                 "ACK\r",
                        0},
                {"NAK\r", -EPIPE},
                {"S01\r", -EPIPE},
                {"NACK\r", -EBADMSG},
                {"ACK", -EBADMSG},
                {"\r", -EBADMSG},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                ASSERT_EQ(line_reply_accepts(&plain, accepted, (const uint8_t *) "S01", 3,
                                  (const uint8_t *) cases[i].answer, strlen(cases[i].answer)),
                        cases[i].result);
        ASSERT_EQ(line_reply_accepts(
                          &skipping, accepted, (const uint8_t *) "S01", 3, (const uint8_t *) "S01\r", 4),
                -EBADMSG);
}

static void test_requests(void) {
        uint8_t text[LINE_SIZE_MAX] = {'a'}, request[LINE_SIZE_MAX];

        ASSERT_ERROR(line_request_build(&plain, text, 0, request, sizeof(request)), EINVAL);
        ASSERT_ERROR(line_request_build(&plain, text, sizeof(text), request, sizeof(request)), EINVAL);
        ASSERT_EQ(line_request_build(&plain, text, 100, request, sizeof(request)), 101);
}

int main(void) {
        test_answers();
        test_separator();
        test_binary();
        test_decode();
        test_check();
        test_checks();
        test_orders();
        test_requests();
        return 0;
}
