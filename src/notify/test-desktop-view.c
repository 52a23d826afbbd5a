/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop-view.h"
#include "test-util.h"
#include "time-util.h"

#define NOW (1000 * USEC_PER_SEC)

static const struct {
        const char *state, *reason, *cancellation;
        uint64_t left; /* UINT64_MAX: never */
        bool shown;
        const char *body;
        Urgency urgency;
        bool cancel;
        uint64_t refresh; /* from now on */
} cases[] = {
        { "online", NULL, "mains", UINT64_MAX, .refresh = UINT64_MAX },
        { NULL, NULL, NULL, UINT64_MAX, .refresh = UINT64_MAX },
        { "nonsense", NULL, NULL, 5 * USEC_PER_SEC, .refresh = UINT64_MAX },
        { "on-battery", NULL, "mains", UINT64_MAX, true, "The mains power failed.", URGENCY_NORMAL, false,
          UINT64_MAX },
        { "on-battery", "UPS rack is on battery.", "mains", 300 * USEC_PER_SEC, true,
          "UPS rack is on battery.\nThis computer shuts down in 5 min.", URGENCY_NORMAL, false,
          30 * USEC_PER_SEC },
        { "on-battery", NULL, "mains", 61 * USEC_PER_SEC, true,
          "The mains power failed.\nThis computer shuts down in 1 min 30 s.", URGENCY_NORMAL, false,
          USEC_PER_SEC },
        { "on-battery", NULL, "mains", 60 * USEC_PER_SEC, true,
          "The mains power failed.\nThis computer shuts down in 1 min.", URGENCY_CRITICAL, false,
          USEC_PER_SEC },
        { "final-delay", NULL, "administrator", 4500 * USEC_PER_MSEC, true,
          "Save your work now.\nThis computer shuts down in 5 s.", URGENCY_CRITICAL, true,
          500 * USEC_PER_MSEC },
        { "waiting-for-secondaries", NULL, "none", 0, true,
          "Other computers are shut down first.\nAt the latest this computer follows in 0 s.",
          URGENCY_CRITICAL, false, UINT64_MAX },
        { "waiting-for-secondaries", NULL, "mains", UINT64_MAX, true, "Other computers are shut down first.",
          URGENCY_CRITICAL, true, UINT64_MAX },
        { "powering-off", NULL, "none", 7, true, "This computer is being switched off.", URGENCY_CRITICAL,
          false, UINT64_MAX },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                MonitorState s = {
                        .state = cases[i].state ? strdup(cases[i].state) : NULL,
                        .reason = cases[i].reason ? strdup(cases[i].reason) : NULL,
                        .cancellation = cases[i].cancellation ? strdup(cases[i].cancellation) : NULL,
                        .deadline_usec = usec_add(NOW, cases[i].left),
                };
                DesktopView v = {};

                ASSERT_OK(desktop_view_make(&s, NOW, &v));
                ASSERT_EQ(v.shown, cases[i].shown);
                ASSERT_STREQ(v.body, cases[i].body);
                ASSERT_EQ(v.urgency, cases[i].urgency);
                ASSERT_EQ(v.cancel, cases[i].cancel);
                ASSERT_EQ(v.refresh_usec, usec_add(NOW, cases[i].refresh));
                ASSERT_TRUE(desktop_view_equal(&v, &v));
                ASSERT_EQ(desktop_view_equal(&v, &(DesktopView) {}), !v.shown);
                desktop_view_done(&v);
                monitor_state_done(&s);
        }
}

/* As time goes by no text stands for too long, and none is made twice. */
static void test_countdown(void) {
        MonitorState s = { .state = strdup("on-battery"), .deadline_usec = NOW + 200 * USEC_PER_SEC };
        DesktopView before = {}, v;
        unsigned n = 0;

        for (uint64_t now = NOW; now != UINT64_MAX; now = before.refresh_usec) {
                ASSERT_OK(desktop_view_make(&s, now, &v));
                ASSERT_FALSE(desktop_view_equal(&before, &v));
                desktop_view_done(&before);
                before = v;
                n++;
        }
        ASSERT_TRUE(n > 60 && n < 70);
        desktop_view_done(&before);
        monitor_state_done(&s);
}

static void test_notices(void) {
        Urgency urgency = URGENCY_NORMAL;

        ASSERT_TRUE(!desktop_notice_summary(NOTIFY_ONBATT, &urgency));
        ASSERT_TRUE(!desktop_notice_summary(_NOTIFY_TYPE_INVALID, &urgency));
        ASSERT_TRUE(desktop_notice_summary(NOTIFY_REPLBATT, &urgency));
        ASSERT_EQ(urgency, URGENCY_CRITICAL);
}

int main(void) {
        test_cases();
        test_countdown();
        test_notices();
        return EXIT_SUCCESS;
}
