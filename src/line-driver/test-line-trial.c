/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "line-stand-in.h"
#include "line-trial.h"
#include "string-util.h"
#include "test-line-fake.h"
#include "test-util.h"
#include "time-util.h"

/* What stands between the engine and a device: what it remembers, what it answers itself. */

#define TIMEOUT_USEC (5 * USEC_PER_MSEC)

static const LineFraming framing = { .end = "\r", .n_end = 1, .timeout_usec = TIMEOUT_USEC };

static int ask(LineLink *l, const char *request, char answer[static LINE_SIZE_MAX]) {
        _cleanup_free_ char *line = strjoin(request, "\r");
        int r;

        ASSERT_TRUE(line);
        r = line_link_exchange(l, (const uint8_t *) line, strlen(line), &framing, (uint8_t *) answer,
                LINE_SIZE_MAX);
        answer[r > 0 ? r - 1 : 0] = '\0';
        return r;
}

static void assert_ask(LineLink *l, const char *request, const char *expected) {
        char answer[LINE_SIZE_MAX];

        ASSERT_EQ(ask(l, request, answer), (int) strlen(expected) + (*expected != '\0'));
        ASSERT_STREQ(answer, expected);
}

static void assert_error(LineLink *l, const char *request, int expected) {
        char answer[LINE_SIZE_MAX];

        ASSERT_EQ(ask(l, request, answer), expected);
}

static void assert_sent(FakeLine *f, const char *expected) {
        _cleanup_free_ char *sent = fake_line_sent(f);

        ASSERT_STREQ(sent, expected);
}

static bool is_immediate(LineLink *l, const char *request) {
        _cleanup_free_ char *line = strjoin(request, "\r");

        ASSERT_TRUE(line);
        return line_link_is_immediate(l, (const uint8_t *) line, strlen(line), &framing);
}

static void test_answers_are_used_again(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        l = line_trial_link(t);
        ASSERT_STREQ(l->ops->name, "fake");
        ASSERT_FALSE(line_trial_is_heard(t));
        ASSERT_FALSE(is_immediate(l, "Q1"));

        /* Who asks again did not like it. */
        fake_line_answer(f, "Q1\r", "(2\r");
        fake_line_answer_once(f, "Q1\r", "(1\r");
        assert_ask(l, "Q1", "(1");
        ASSERT_TRUE(line_trial_is_heard(t));
        ASSERT_FALSE(is_immediate(l, "Q1"));
        assert_sent(f, "Q1");

        line_trial_next(t, NULL);
        ASSERT_TRUE(is_immediate(l, "Q1"));
        assert_ask(l, "Q1", "(1");
        assert_sent(f, "");
        assert_ask(l, "Q1", "(2");
        assert_sent(f, "Q1");

        /* The same twice is what it says. */
        assert_ask(l, "Q1", "(2");
        assert_sent(f, "Q1");
        assert_ask(l, "Q1", "(2");
        assert_sent(f, "");
}

static void test_refusals(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        fake_line_fail(f, "X\r", -EPIPE);
        fake_line_fail(f, "Y\r", -EBADMSG);
        fake_line_fail(f, "Z\r", -ENODEV);
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        l = line_trial_link(t);
        for (unsigned i = 0; i < 4; i++)
                assert_error(l, "X", -EPIPE);
        assert_sent(f, "X X");
        /* What did not come whole may come whole the next time. */
        for (unsigned i = 0; i < 3; i++)
                assert_error(l, "Y", -EBADMSG);
        assert_sent(f, "Y Y Y");
        assert_error(l, "Z", -ENODEV);
        line_trial_next(t, NULL);
        assert_error(l, "Z", -ENODEV);
        assert_sent(f, "Z Z");
}

static void test_silences(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        fake_line_answer(f, "Q1\r", "(1\r");
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        l = line_trial_link(t);
        for (unsigned i = 0; i < 3; i++)
                assert_ask(l, "A", "");
        assert_sent(f, "A");
        ASSERT_EQ(line_trial_silences(t), 1U);

        /* From now on it might be that an answer was lost. */
        assert_ask(l, "Q1", "(1");
        for (unsigned i = 0; i < 3; i++)
                assert_ask(l, "B", "");
        assert_sent(f, "Q1 B B");
        ASSERT_FALSE(line_trial_take_hasty(t));
}

/* With little time for each answer, the first one that comes is asked for again, and so is what was
 * silent. */
static void test_brisk(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        fake_line_answer(f, "Q1\r", "(1\r");
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_BRISK, &t));
        l = line_trial_link(t);
        assert_ask(l, "A", "");
        ASSERT_FALSE(line_trial_take_hasty(t));
        assert_ask(l, "Q1", "(1");
        assert_sent(f, "A Q1 Q1");
        ASSERT_TRUE(line_trial_take_hasty(t));
        ASSERT_FALSE(line_trial_take_hasty(t));
        assert_ask(l, "A", "");
        assert_ask(l, "A", "");
        assert_sent(f, "A");
        ASSERT_EQ(line_trial_knock(t), 0);
}

static void test_knock(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_BRISK, &t));
        l = line_trial_link(t);
        ASSERT_EQ(line_trial_knock(t), 0);
        assert_ask(l, "A", "");
        for (unsigned i = 0; i < 3; i++)
                assert_ask(l, "Q1", "");
        assert_sent(f, "A Q1");
        ASSERT_EQ(line_trial_knock(t), 0);
        assert_sent(f, "Q1");
        ASSERT_FALSE(line_trial_is_heard(t));

        fake_line_answer(f, "Q1\r", "(1\r");
        ASSERT_EQ(line_trial_knock(t), 1);
        ASSERT_TRUE(line_trial_is_heard(t));
        assert_sent(f, "Q1");
        assert_ask(l, "Q1", "(1");
        assert_sent(f, "Q1");
}

/* What was silent once may answer at another speed, or when it has more time. */
static void test_silence_of_another_kind(void) {
        LineProfile slow = { .format = { .speed = 2400, .parity = 'n' } };
        LineProfile fast = { .format = { .speed = 9600, .parity = 'n' } };
        LineProfile odd = { .format = { .speed = 2400, .parity = 'o' } };
        const LineProfile *const profiles[] = { &slow, &fast, &odd };
        const LineFraming longer = { .end = "\r", .n_end = 1, .timeout_usec = 3 * TIMEOUT_USEC };
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        uint8_t answer[LINE_SIZE_MAX];
        LineLink *l;

        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        l = line_trial_link(t);
        for (size_t i = 0; i < ELEMENTSOF(profiles); i++) {
                line_trial_next(t, profiles[i]);
                assert_ask(l, "A", "");
                assert_ask(l, "A", "");
                assert_sent(f, "A");
        }

        line_trial_next(t, &slow);
        for (unsigned i = 0; i < 2; i++)
                ASSERT_EQ(line_link_exchange(l, (const uint8_t *) "A\r", 2, &longer, answer, sizeof(answer)),
                        0);
        assert_ask(l, "A", "");
        assert_sent(f, "A");

        f->link.is_usb = true;
        line_trial_next(t, &fast);
        assert_ask(l, "A", "");
        assert_sent(f, "");
}

/* Everything once; and once more when there is time. */
static void test_hurried(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        fake_line_answer(f, "Q1\r", "(1\r");
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_HURRIED, &t));
        l = line_trial_link(t);
        assert_ask(l, "Q1", "(1");
        for (unsigned i = 0; i < 3; i++)
                assert_ask(l, "A", "");
        assert_sent(f, "Q1 A");
        line_trial_set_pace(t, LINE_TRIAL_PATIENT);
        for (unsigned i = 0; i < 3; i++)
                assert_ask(l, "A", "");
        assert_sent(f, "A");
}

static void test_text(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        _cleanup_free_ char *text = NULL;

        fake_line_answer(f, "Q1\r", "(\x80\\\r");
        fake_line_fail(f, "B\r", -EPIPE);
        fake_line_fail(f, "C\r", -EBADMSG);
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        assert_ask(line_trial_link(t), "Q1", "(\x80\\");
        assert_ask(line_trial_link(t), "A", "");
        assert_error(line_trial_link(t), "B", -EPIPE);
        assert_error(line_trial_link(t), "C", -EBADMSG);
        text = line_trial_text(t);
        ASSERT_STREQ(text, "Q1: \"(\\x80\\x5c\"; A: nothing; B: refused; C: no whole answer");
}

/* More questions than there is room for are simply asked. */
static void test_many(void) {
        FakeLine *f = fake_line_new();
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        _cleanup_free_ char *sent = NULL;

        fake_line_answer(f, "Q1\r", "(1\r");
        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        for (unsigned i = 0; i < 100; i++) {
                _cleanup_free_ char *request = strprintf("X%u", i);

                assert_ask(line_trial_link(t), request, "");
        }
        assert_ask(line_trial_link(t), "Q1", "(1");
        line_trial_next(t, NULL);
        assert_ask(line_trial_link(t), "Q1", "(1");
        sent = fake_line_sent(f);
        ASSERT_TRUE(strstr(sent, "X99 Q1 Q1"));
}

static void test_steal(void) {
        FakeLine *f = fake_line_new();
        LineTrial *t = NULL;
        LineLink *l;

        ASSERT_OK(line_trial_new(&f->link, LINE_TRIAL_PATIENT, &t));
        l = line_trial_steal(t);
        ASSERT_TRUE(l == &f->link);
        ASSERT_TRUE(line_trial_free(t) == NULL);
        line_link_free(l);
}

static void test_stand_in(void) {
        char *answers[] = { (char *) "ID=610,1500", (char *) "X=", (char *) "odd", NULL };
        FakeLine *f = fake_line_new();
        _cleanup_(line_link_freep) LineLink *l = NULL;
        uint8_t small[4];

        fake_line_answer(f, "ID\r", "wrong\r");
        fake_line_answer(f, "IDX\r", "(1\r");
        fake_line_answer(f, "odd\r", "(2\r");
        ASSERT_OK(line_stand_in_new(&f->link, answers, &l));
        ASSERT_STREQ(l->ops->name, "fake");
        ASSERT_TRUE(is_immediate(l, "ID"));
        ASSERT_FALSE(is_immediate(l, "IDX"));
        assert_ask(l, "ID", "610,1500");
        assert_sent(f, "");
        assert_error(l, "X", 1);
        assert_ask(l, "IDX", "(1");
        assert_ask(l, "odd", "(2");
        assert_ask(l, "I", "");
        assert_sent(f, "IDX odd I");
        ASSERT_EQ(line_link_exchange(l, (const uint8_t *) "ID\r", 3, &framing, small, sizeof(small)),
                -EBADMSG);
}

typedef struct Confidant {
        LineLink link;
        char **secrets;
} Confidant;

static void take_secret(LineLink *l, const char *secret) {
        ASSERT_OK(strv_extend(&((Confidant *) l)->secrets, secret));
}

static void forget_secrets(LineLink *l) {
        ((Confidant *) l)->secrets = strv_free(((Confidant *) l)->secrets);
}

/* What is not to be seen has to come to the recorder. */
static void test_redact(void) {
        static const LineLinkOps ops = { .name = "x", .redact = take_secret, .free = forget_secrets };
        char *answers[] = { (char *) "ID=1", NULL };
        Confidant *c = new0(Confidant, 1);
        _cleanup_(line_trial_freep) LineTrial *t = NULL;
        LineLink *l;

        ASSERT_TRUE(c != NULL);
        c->link.ops = &ops;
        ASSERT_OK(line_stand_in_new(&c->link, answers, &l));
        ASSERT_OK(line_trial_new(l, LINE_TRIAL_PATIENT, &t));
        line_link_redact(line_trial_link(t), "1234567");
        ASSERT_EQ(strv_length(c->secrets), 1U);
        ASSERT_STREQ(c->secrets[0], "1234567");
}

int main(void) {
        test_answers_are_used_again();
        test_refusals();
        test_silences();
        test_brisk();
        test_knock();
        test_silence_of_another_kind();
        test_hurried();
        test_text();
        test_many();
        test_steal();
        test_stand_in();
        test_redact();
        return EXIT_SUCCESS;
}
