/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "line-detect.h"
#include "string-util.h"
#include "test-line-fake.h"
#include "test-util.h"

/* Which profile it is, and what is said when it is none. */

#define PROFILE(name, order, probe)                                                                        \
        "[profile]\nengine = line\ntitle = " name "\nversion = 1.0\nprotocol = " name "\n" order           \
        "[line]\nend = cr\ntimeout = 0.005\n" probe

#define QUERY(name) "[query:" name "]\nsend = " name "\nbegin = \"(\"\nask = quick\n"

static const char *const texts[] = {
        PROFILE("first", "order = 1\n", "[probe]\nneed = A:1\n") QUERY("A"),
        PROFILE("second", "order = 2\n", "[probe]\nneed = B:1 is=2\n") QUERY("B"),
        PROFILE("third", "order = 3\n", "[probe]\nneed = B:1\nneed = C:1\n") QUERY("B") QUERY("C"),
        PROFILE("named", "", "[probe]\nneed = D:1\nneed = D:1 is=1 why=\"D is not one\"\n") QUERY("D"),
        PROFILE("plugged", "order = 4\n", "[probe]\nusb = 0001:*\nneed = D:1\n") QUERY("D"),
};

typedef struct Bench {
        FakeLine *line;
        LineLink *link;
        LineProfile *list[ELEMENTSOF(texts)];
        LineProfiles profiles;
        FakeSettings settings;
        LineEngineOptions options;
        LineDriverSetup setup;
        LineDetection detection;
        char *prepared;
        LineProfile *found;
        char *why;
} Bench;

static int prepare(void *userdata, const LineProfile *p) {
        Bench *b = userdata;
        char *all = strjoin(strempty(b->prepared), b->prepared ? " " : "", p->title);

        free(b->prepared);
        b->prepared = all;
        return all ? 0 : -ENOMEM;
}

static void ignore_log(const void *userdata, int level, int error, const char *message) {
        ASSERT_TRUE(message != NULL);
}

static void setup(Bench *b) {
        *b = (Bench){ .line = fake_line_new() };
        b->link = &b->line->link;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                b->list[i] = fake_profile(texts[i]);
                ASSERT_OK(free_and_strdup(&b->list[i]->id, b->list[i]->title));
        }
        b->profiles = (LineProfiles){ .profiles = b->list, .n_profiles = ELEMENTSOF(texts) };
        b->options = fake_options(&b->settings);
        b->setup = (LineDriverSetup){ .prepare = prepare, .userdata = b };
        b->detection = (LineDetection){
                .profiles = &b->profiles,
                .setup = &b->setup,
                .options = &b->options,
                .log = ignore_log,
        };
}

static void done(Bench *b) {
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                line_profile_unref(b->list[i]);
        line_link_free(b->link);
        free(b->prepared);
        free(b->why);
        free(b->settings.logged);
}

static int detect(Bench *b) {
        free(b->why);
        free(b->prepared);
        b->why = b->prepared = NULL;
        b->found = NULL;
        return line_detect(&b->detection, &b->link, &b->found, &b->why);
}

static void assert_sent(Bench *b, const char *expected) {
        _cleanup_free_ char *sent = fake_line_sent(b->line);

        ASSERT_STREQ(sent, expected);
}

static void assert_found(Bench *b, const char *title) {
        ASSERT_OK(detect(b));
        ASSERT_TRUE(b->link == &b->line->link);
        ASSERT_STREQ(b->found->title, title);
        ASSERT_TRUE(b->why == NULL);
}

static void test_in_order(void) {
        Bench b;

        setup(&b);
        fake_line_fail(b.line, "A\r", -EPIPE);
        fake_line_answer(b.line, "B\r", "(1\r");
        fake_line_answer(b.line, "C\r", "(3\r");
        assert_found(&b, "third");
        ASSERT_STREQ(b.prepared, "first second third");
        assert_sent(&b, "A A B C");
        fake_line_answer(b.line, "B\r", "(2\r");
        assert_found(&b, "second");
        done(&b);
}

static void test_demanded(void) {
        Bench b;

        setup(&b);
        fake_line_answer(b.line, "D\r", "(1\r");
        b.setup.protocol = "named";
        assert_found(&b, "named");
        assert_sent(&b, "D");
        fake_line_answer(b.line, "D\r", "(2\r");
        ASSERT_EQ(detect(&b), -EPROTO);
        ASSERT_STREQ(b.why, "D is not one (D: \"(2\")");
        b.setup.protocol = "first";
        ASSERT_EQ(detect(&b), -ETIMEDOUT);
        ASSERT_STREQ(b.why, "it does not answer (asked: A: nothing)");
        fake_line_answer(b.line, "A\r", "odd\r");
        ASSERT_EQ(detect(&b), -EPROTO);
        ASSERT_TRUE(strstr(b.why, "does not speak the protocol first that is demanded (A: \"odd\")"));
        b.setup.protocol = "nothing";
        ASSERT_EQ(detect(&b), -EINVAL);
        ASSERT_STREQ(b.why,
                "there is no protocol nothing; these there are: first, second, third, named, plugged");
        done(&b);
}

static void test_none(void) {
        Bench b;

        setup(&b);
        ASSERT_EQ(detect(&b), -ETIMEDOUT);
        ASSERT_STREQ(b.why, "it does not answer (asked: A: nothing; B: nothing)");
        assert_sent(&b, "A B");
        fake_line_fail(b.line, "A\r", -EPIPE);
        fake_line_answer(b.line, "B\r", "(1\r");
        fake_line_fail(b.line, "C\r", -EPIPE);
        ASSERT_EQ(detect(&b), -EPROTO);
        ASSERT_TRUE(startswith(b.why,
                "it answers, but in no protocol that is known (A: refused; B: \"(1\"; C: refused); "));
        b.settings.cancelled = true;
        ASSERT_EQ(detect(&b), -EINTR);
        done(&b);
}

/* One that is known is tried first, others if it is none, and not all if the device is just off. */
static void test_known(void) {
        Bench b;

        setup(&b);
        fake_line_answer(b.line, "B\r", "(1\r");
        fake_line_answer(b.line, "C\r", "(3\r");
        b.detection.known = "third";
        assert_found(&b, "third");
        assert_sent(&b, "B C");
        fake_line_answer(b.line, "B\r", "(2\r");
        fake_line_fail(b.line, "C\r", -EPIPE);
        assert_found(&b, "second");

        fake_line_answer(b.line, "B\r", NULL);
        ASSERT_EQ(detect(&b), -ETIMEDOUT);
        ASSERT_TRUE(b.why != NULL);
        fake_line_answer(b.line, "A\r", "(1\r");
        b.detection.thorough = true;
        assert_found(&b, "first");
        done(&b);
}

/* Noise makes a device of one that asks for more look like one of another: what it had is tried again. */
static void test_noise(void) {
        Bench b;

        setup(&b);
        fake_line_answer(b.line, "A\r", "(1\r");
        fake_line_answer(b.line, "B\r", "(2\r");
        b.detection.known = "first";
        for (size_t i = 0; i < 6; i++)
                fake_line_answer_once(b.line, "A\r", "x\r");
        assert_found(&b, "first");

        /* It has really changed; and the other one is still tried, in case it has not. */
        fake_line_answer(b.line, "A\r", "x\r");
        assert_found(&b, "second");
        ASSERT_STREQ(line_detect_stronger(&b.profiles, b.found, NULL, "first"), "first");
        ASSERT_TRUE(!line_detect_stronger(&b.profiles, b.found, "third", "second"));
        b.detection.known = "second";
        b.detection.before = "first";
        assert_found(&b, "second");
        fake_line_answer(b.line, "A\r", "(1\r");
        assert_found(&b, "first");

        /* One that asks for more is not found by chance. */
        b.detection.known = "second";
        b.detection.before = NULL;
        fake_line_answer(b.line, "B\r", "x\r");
        free(fake_line_sent(b.line));
        assert_found(&b, "first");
        assert_sent(&b, "B B A");
        done(&b);
}

/* A driver that is for one protocol has no protocol= to speak of. */
static void test_drivers_own(void) {
        Bench b;

        setup(&b);
        fake_line_answer(b.line, "A\r", "odd\r");
        b.setup.protocol = "first";
        b.setup.is_drivers_own = true;
        ASSERT_EQ(detect(&b), -EPROTO);
        ASSERT_STREQ(b.why, "it does not speak the protocol first (A: \"odd\")");
        done(&b);
}

/* A device that could not answer in the little time that it was given at first. */
static void test_brisk(void) {
        Bench b;

        setup(&b);
        b.detection.brisk = true;
        fake_line_answer(b.line, "A\r", "(1\r");
        fake_line_answer_once(b.line, "A\r", NULL);
        fake_line_answer(b.line, "B\r", "(2\r");
        assert_found(&b, "first");
        assert_sent(&b, "A B B A");

        /* Nothing but the last question of all. */
        fake_line_answer(b.line, "A\r", NULL);
        fake_line_answer(b.line, "B\r", "(2\r");
        fake_line_answer_once(b.line, "B\r", NULL);
        assert_found(&b, "second");
        assert_sent(&b, "A B B A B");

        fake_line_answer(b.line, "B\r", NULL);
        ASSERT_EQ(detect(&b), -ETIMEDOUT);
        assert_sent(&b, "A B B");
        done(&b);
}

static void test_only_on_usb(void) {
        Bench b;

        setup(&b);
        fake_line_answer(b.line, "D\r", "(1\r");
        b.link->is_usb = true;
        b.link->identity.vendor_id = 2;
        ASSERT_EQ(detect(&b), -ETIMEDOUT);
        b.link->identity.vendor_id = 1;
        assert_found(&b, "plugged");
        done(&b);
}

int main(void) {
        test_in_order();
        test_demanded();
        test_none();
        test_known();
        test_noise();
        test_drivers_own();
        test_brisk();
        test_only_on_usb();
        return EXIT_SUCCESS;
}
