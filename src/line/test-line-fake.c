/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-line-fake.h"

#include <syslog.h>

#include "string-util.h"
#include "test-util.h"

static void let_go(LineLink *l) {
        FakeLine *f = (FakeLine *) l;

        f->sent = strv_free(f->sent);
}

static int exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        FakeLine *f = (FakeLine *) l;
        FakeAnswer *found = NULL;
        char *text = strndup((const char *) request, n - 1);

        ASSERT_EQ(request[n - 1], '\r');
        ASSERT_EQ(framing->end[0], '\r');
        ASSERT_TRUE(framing->timeout_usec > 0);
        ASSERT_OK(strv_consume(&f->sent, text));
        for (size_t i = 0; i < f->n_answers && !found; i++)
                if (!f->answers[i].gone && strlen(f->answers[i].request) == n &&
                        memcmp(f->answers[i].request, request, n) == 0)
                        found = &f->answers[i];
        if (!found)
                return 0;

        found->gone = found->once;
        if (found->error < 0)
                return found->error;
        if (!found->answer)
                return 0;
        ASSERT_TRUE(found->n <= size);
        memcpy(answer, found->answer, found->n);
        return answer[found->n - 1] == '\r' ? (int) found->n : -EBADMSG;
}

static const LineLinkOps fake_ops = {.name = "fake", .exchange = exchange, .free = let_go};

FakeLine *fake_line_new(void) {
        FakeLine *f = new0(FakeLine, 1);

        ASSERT_TRUE(f);
        f->link.ops = &fake_ops;
        return f;
}

static void add(FakeLine *f, FakeAnswer answer) {
        answer.n = answer.answer ? strlen(answer.answer) : 0;
        ASSERT_TRUE(f->n_answers < FAKE_ANSWERS_MAX);
        f->answers[f->n_answers++] = answer;
}

static void forget(FakeLine *f, const char *request) {
        for (size_t i = 0; i < f->n_answers; i++)
                if (streq(f->answers[i].request, request))
                        f->answers[i].gone = true;
}

void fake_line_answer(FakeLine *f, const char *request, const char *answer) {
        forget(f, request);
        add(f, (FakeAnswer){.request = request, .answer = answer});
}

void fake_line_fail(FakeLine *f, const char *request, int error) {
        forget(f, request);
        add(f, (FakeAnswer){.request = request, .error = error});
}

void fake_line_answer_once(FakeLine *f, const char *request, const char *answer) {
        FakeAnswer later[FAKE_ANSWERS_MAX];
        size_t n = 0;

        /* Those that stay come behind it. */
        for (size_t i = 0; i < f->n_answers; i++)
                if (!f->answers[i].gone && !f->answers[i].once && streq(f->answers[i].request, request)) {
                        f->answers[i].gone = true;
                        later[n] = f->answers[i];
                        later[n++].gone = false;
                }
        add(f, (FakeAnswer){.request = request, .answer = answer, .once = true});
        for (size_t i = 0; i < n; i++)
                f->answers[f->n_answers++] = later[i];
        ASSERT_TRUE(f->n_answers < FAKE_ANSWERS_MAX);
}

char *fake_line_sent(FakeLine *f) {
        char *s = strv_join(f->sent, " ");

        ASSERT_TRUE(s);
        f->sent = strv_free(f->sent);
        return s;
}

/*** Options and profiles ***/

static const char *option(const void *userdata, const char *name) {
        const FakeSettings *s = userdata;

        for (size_t i = 0; i + 1 < ELEMENTSOF(s->options) && s->options[i]; i += 2)
                if (streq(s->options[i], name))
                        return s->options[i + 1];
        return NULL;
}

static void take_log(const void *userdata, int level, int error, const char *message) {
        FakeSettings *s = (FakeSettings *) userdata;

        if (level < LOG_DEBUG)
                ASSERT_OK(free_and_strdup(&s->logged, message));
}

static bool is_cancelled(const void *userdata) {
        return ((const FakeSettings *) userdata)->cancelled;
}

static void take_pause(const void *userdata, uint64_t usec) {
        ((FakeSettings *) userdata)->paused_usec += usec;
}

LineEngineOptions fake_options(FakeSettings *s) {
        return (LineEngineOptions){
                .option = option,
                .log = take_log,
                .is_cancelled = is_cancelled,
                .pause = take_pause,
                .is_known_not_ready = s->is_known_not_ready,
                .userdata = s,
        };
}

static void complain(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_ERR)
                TEST_FAIL("%s:%u: %s", file, line, message);
}

LineProfile *fake_profile(const char *text) {
        LineProfile *p;

        ASSERT_OK(line_profile_parse("fake.profile", text, strlen(text), complain, NULL, &p));
        return p;
}

LineEngine *fake_engine(FakeLine *f, const char *text, FakeSettings *s) {
        LineProfile *p = fake_profile(text);
        LineEngineOptions options = fake_options(s);
        LineEngine *e;

        ASSERT_OK(line_engine_new(&f->link, p, &options, &e));
        line_profile_unref(p);
        return e;
}
