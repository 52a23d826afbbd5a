/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>

#include "test-line-bench.h"

/* A device whose line spoils every tenth answer: what is published is right or not there, and all of it is
 * there again once the line is good. The disturbances are always the same. That a digit becomes another is
 * among them only where it says that the mains went: else only a check can tell that. Nor can anything tell
 * two answers that were spoiled alike, one right after the other. */

#define POLLS 3000U
#define SPOILED_PERCENT 10U

typedef struct Noisy {
        LineLink link;
        uint32_t seed;
        bool quiet;
        char before[LINE_SIZE_MAX]; /* the answer to the question before */
        size_t n_before;
        uint8_t spoiled[LINE_SIZE_MAX]; /* the last answer that was */
        size_t n_spoiled;
        unsigned asked, flipped;
} Noisy;

static uint32_t chance(Noisy *n, uint32_t below) {
        n->seed ^= n->seed << 13;
        n->seed ^= n->seed >> 17;
        n->seed ^= n->seed << 5;
        return (uint32_t) (((uint64_t) n->seed * below) >> 32);
}

static const char *right_answer(const uint8_t *request, size_t n) {
        static const char *const answers[][2] = {
                {"Q1\r", "(230.1 000.0 229.9 016 50.0 2.25 25.0 00001001\r"},
                {"F\r", "#230.0 004 024.0 50.0\r"},
                {"I\r", "#NAME OF MAKER   EXAMPLE 1K V1.2      \r"},
                {"S?\r", "1\r"},
                {"T?\r", "020\r"},
                {"N?\r", "NAK\r"},
        };

        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                if (strlen(answers[i][0]) == n && memcmp(answers[i][0], request, n) == 0)
                        return answers[i][1];
        return NULL;
}

/* Returns the new length; 0 for silence. */
static size_t spoil(Noisy *l, uint8_t *s, size_t n) {
        size_t at = chance(l, (uint32_t) n - 1);

        switch (chance(l, 8)) {
        case 0:
                return 0;
        case 1: /* a byte is another */
                s[at] = (uint8_t) (chance(l, 255) + 1);
                if (isdigit(s[at]))
                        s[at] |= 0x80;
                return n;
        case 2: /* is lost */
                memmove(s + at, s + at + 1, n - at - 1);
                return n - 1;
        case 3: /* comes from nowhere */
                memmove(s + at + 1, s + at, n - at);
                s[at] = (uint8_t) (chance(l, 255) + 1);
                return n + 1;
        case 4: /* the end is lost */
                return at + 1;
        case 5: /* the beginning is lost */
                memmove(s, s + at, n - at);
                return n - at;
        case 6: /* the mains are gone */
                if (n > 40 && l->asked - l->flipped > 4) {
                        s[n - 9] = '1';
                        l->flipped = l->asked;
                }
                return n;
        default: /* the answer before comes once more */
                memcpy(s, l->before, l->n_before);
                return l->n_before;
        }
}

static size_t spoil_anew(Noisy *l, uint8_t *s, size_t n) {
        uint8_t right[LINE_SIZE_MAX];
        size_t m;

        memcpy(right, s, n);
        m = spoil(l, s, n);
        if (m == l->n_spoiled && memcmp(s, l->spoiled, m) == 0) {
                memcpy(s, right, n);
                l->n_spoiled = 0;
                return n;
        }
        memcpy(l->spoiled, s, m);
        l->n_spoiled = m;
        return m;
}

static int exchange(LineLink *link,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        Noisy *l = (Noisy *) link;
        const char *right = right_answer(request, n);
        const uint8_t *end;

        if (!right)
                return 0;
        n = strlen(right);
        l->asked++;
        memcpy(answer, right, n);
        if (!l->quiet && chance(l, 100) < SPOILED_PERCENT)
                n = spoil_anew(l, answer, n);
        memcpy(l->before, right, strlen(right));
        l->n_before = strlen(right);
        if (n == 0)
                return 0;
        end = memchr(answer, '\r', n);
        return end ? (int) (end - answer) + 1 : -EBADMSG;
}

static const LineLinkOps noisy_ops = {.name = "noisy", .exchange = exchange};

static unsigned count_wrong(const Model *m, const Model *right) {
        unsigned wrong = 0;

        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);

                if (!streq_ptr(v->value, model_get(right, v->name))) {
                        fprintf(stderr, "%s is %s\n", v->name, v->value);
                        wrong++;
                }
        }
        return wrong;
}

static void open_noisy(Bench *b, Noisy *l) {
        _cleanup_(line_profile_unrefp) LineProfile *p = fake_profile(example_text);
        LineEngineOptions options = fake_options(&b->settings);

        l->link.ops = &noisy_ops;
        ASSERT_OK(line_engine_new(&l->link, p, &options, &b->engine));
        b->model = model_new();
        ASSERT_TRUE(b->model);
}

static void test_noise(uint32_t seed) {
        _cleanup_(bench_close) Bench clean = {}, b = {};
        Noisy *l = new0(Noisy, 1), *quiet = new0(Noisy, 1);
        unsigned failed = 0, wrong = 0;

        ASSERT_TRUE(l && quiet);
        quiet->quiet = true;
        open_noisy(&clean, quiet);
        ASSERT_OK(bench_start(&clean));

        l->seed = seed;
        open_noisy(&b, l);
        while (bench_start(&b) < 0)
                ASSERT_TRUE(failed++ < 20);
        failed = 0;
        for (unsigned i = 0; i < POLLS; i++) {
                failed += bench_poll(&b, i % 3 == 0) < 0;
                wrong += count_wrong(b.model, clean.model);
                wrong += !streq_ptr(GET(&b, "ups.status"), "OL");
        }
        ASSERT_EQ(wrong, 0);
        ASSERT_TRUE(failed < POLLS / 100);

        l->quiet = true;
        for (unsigned i = 0; i < 11; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_EQ(model_n_variables(b.model), model_n_variables(clean.model));
        ASSERT_EQ(count_wrong(b.model, clean.model), 0);
}

int main(void) {
        for (uint32_t seed = 1; seed <= 5; seed++)
                test_noise(seed * 2654435761U);
        return 0;
}
