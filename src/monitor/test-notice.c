/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "notice.h"
#include "notice-log.h"
#include "string-util.h"
#include "test-util.h"
#include "time-util.h"

/* What was said, as "TYPE TYPE(matter)". */
typedef struct Said {
        char text[4096];
        unsigned n, n_suppressed;
} Said;

static void on_said(void *userdata, NotifyType t, const char *matter, unsigned n_suppressed) {
        Said *s = userdata;
        size_t used = strlen(s->text);

        (void) snprintf(s->text + used, sizeof(s->text) - used, "%s%s%s%s%s", used > 0 ? " " : "",
                        notify_type_to_string(t), matter ? "(" : "", strempty(matter), matter ? ")" : "");
        s->n++;
        s->n_suppressed += n_suppressed;
}

static NoticeInput input(uint64_t seconds, bool contact, StatusBits status) {
        return (NoticeInput) {
                .now_usec = seconds * USEC_PER_SEC,
                .contact = contact,
                .status = status,
                .grace_usec = 15 * USEC_PER_SEC,
                .replace_battery_warn_usec = 3600 * USEC_PER_SEC,
                .no_comm_warn_usec = 300 * USEC_PER_SEC,
        };
}

static const struct {
        uint64_t seconds;
        bool contact;
        StatusBits status;
        const char *alarms, *others, *said;
} steps[] = {
        { 100, true, STATUS_OL, NULL, NULL, "" }, /* the first good news are none */
        { 101, true, STATUS_OL | STATUS_CHRG | STATUS_HB | STATUS_DISCHRG | STATUS_TEST, NULL, NULL, "" },
        { 102, true, STATUS_OB, NULL, NULL, "ONBATT" },
        { 103, true, STATUS_OB, NULL, NULL, "" },
        { 104, true, STATUS_OB | STATUS_LB, NULL, NULL, "LOWBATT" },
        { 105, true, STATUS_OB | STATUS_LB | STATUS_FSD, NULL, NULL, "FSD" },
        { 106, true, STATUS_OL, NULL, NULL, "ONLINE" },
        { 107, true, STATUS_OL | STATUS_OB, NULL, NULL, "ONBATT" }, /* contradictory: the worse one */
        { 108, true, STATUS_OL, NULL, NULL, "ONLINE" },
        { 109, true, STATUS_OL | STATUS_CAL | STATUS_OFF | STATUS_BYPASS, NULL, NULL, "CAL OFF BYPASS" },
        { 110, true, STATUS_OL | STATUS_BYPASS, NULL, NULL, "NOTCAL NOTOFF" },
        { 111, true, STATUS_OL | STATUS_ECO | STATUS_OVER, NULL, NULL, "NOTBYPASS ECO OVER" },
        { 112, true, STATUS_OL | STATUS_TRIM, NULL, NULL, "NOTECO NOTOVER TRIM" },
        { 113, true, STATUS_OL | STATUS_BOOST, NULL, NULL, "NOTTRIM BOOST" },
        { 114, true, STATUS_OL, NULL, NULL, "NOTBOOST" },
        { 115, true, STATUS_OL | STATUS_ALARM, NULL, NULL, "ALARM(n/a)" },
        { 116, true, STATUS_OL | STATUS_ALARM, "Fan", NULL, "ALARM(Fan)" },
        { 117, true, STATUS_OL | STATUS_ALARM, "Fan", NULL, "" },
        { 118, true, STATUS_OL | STATUS_ALARM, "Heat", NULL, "ALARM(Heat)" },
        { 119, true, STATUS_OL, NULL, NULL, "NOTALARM" },
        { 120, true, STATUS_OL | STATUS_OTHER, NULL, "FOO", "OTHER(FOO)" },
        { 121, true, STATUS_OL | STATUS_OTHER, NULL, "FOO BAR", "OTHER(FOO BAR)" },
        { 122, true, STATUS_OL, NULL, NULL, "NOTOTHER" },
        { 123, true, STATUS_OL | STATUS_RB, NULL, NULL, "REPLBATT" },
        { 3722, true, STATUS_OL | STATUS_RB, NULL, NULL, "" },
        { 3723, true, STATUS_OL | STATUS_RB, NULL, NULL, "REPLBATT" },
        { 3724, true, STATUS_OL, NULL, NULL, "" },
        { 3725, false, 0, NULL, NULL, "" }, /* back within the grace time: not a word */
        { 3738, false, 0, NULL, NULL, "" },
        { 3739, true, STATUS_OL, NULL, NULL, "" },
        { 3999, true, STATUS_OL, NULL, NULL, "" },
        { 4000, false, 0, NULL, NULL, "" },
        { 4013, false, 0, NULL, NULL, "" },
        { 4014, false, 0, NULL, NULL, "COMMBAD" },
        { 4015, false, 0, NULL, NULL, "" },
        { 4016, false, STATUS_FSD, NULL, NULL, "FSD" }, /* the gateway says it, not the device */
        { 4298, false, STATUS_FSD, NULL, NULL, "" },
        { 4299, false, STATUS_FSD, NULL, NULL, "NOCOMM" },
        { 4598, false, STATUS_FSD, NULL, NULL, "" },
        { 4599, false, STATUS_FSD, NULL, NULL, "NOCOMM" },
        { 4700, true, STATUS_OB, NULL, NULL, "COMMOK ONBATT" },
        { 4715, false, 0, NULL, NULL, "COMMBAD" },
        { 4716, true, STATUS_OL, NULL, NULL, "COMMOK ONLINE" },
};

static void test_steps(void) {
        NoticeState state = {};

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                NoticeInput in = input(steps[i].seconds, steps[i].contact, steps[i].status);
                Said said = {};

                in.alarms = steps[i].alarms;
                in.others = steps[i].others;
                notice_step(&state, &in, on_said, &said);
                if (!streq(said.text, steps[i].said))
                        TEST_FAIL("at %" PRIu64 " s: \"%s\", expected \"%s\"", steps[i].seconds, said.text,
                                        steps[i].said);
        }
        notice_state_done(&state);
}

/* A device that is on battery when we start is news; one that is never heard is, after a while. */
static void test_start(void) {
        NoticeState state = {};
        Said said = {};
        NoticeInput in = input(10, true, STATUS_OB | STATUS_LB);

        notice_step(&state, &in, on_said, &said);
        ASSERT_STREQ(said.text, "ONBATT LOWBATT");
        notice_state_done(&state);

        said = (Said) {};
        for (uint64_t s = 100; s < 115; s++) {
                in = input(s, false, 0);
                notice_step(&state, &in, on_said, &said);
        }
        ASSERT_STREQ(said.text, "");
        in = input(115, false, 0);
        notice_step(&state, &in, on_said, &said);
        ASSERT_STREQ(said.text, "COMMBAD");
        notice_state_done(&state);
}

/* What flaps is said a few times, and what it comes to in the end is said too. */
static void test_flapping(void) {
        NoticeState state = {};
        Said said = {};
        NoticeInput in;

        for (uint64_t s = 0; s < 50; s++) {
                in = input(100 + s, true, s % 2 == 0 ? STATUS_OL : STATUS_OB);
                notice_step(&state, &in, on_said, &said);
        }
        ASSERT_EQ(said.n, 2 * NOTICE_BURST);

        /* It is on line when the rest is silence. */
        ASSERT_TRUE(state.said & STATUS_OL);
        for (uint64_t s = 50; s < 200; s++) {
                in = input(100 + s, true, STATUS_OB);
                notice_step(&state, &in, on_said, &said);
        }
        ASSERT_EQ(said.n, 2 * NOTICE_BURST + 1);
        ASSERT_TRUE(said.n_suppressed > 0);
        ASSERT_TRUE(state.said & STATUS_OB);
        notice_state_done(&state);
}

static void test_types(void) {
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++) {
                ASSERT_TRUE(notice_message_id(t));
                ASSERT_EQ(strlen(notice_message_id(t)), 32);
                ASSERT_TRUE(notice_level(t) >= LOG_CRIT && notice_level(t) <= LOG_NOTICE);
        }
        ASSERT_TRUE(!notice_message_id(_NOTIFY_TYPE_MAX));
}

static void test_log(void) {
        _cleanup_(notice_log_freep) NoticeLog *l = notice_log_new();
        const Notice *n;

        ASSERT_TRUE(!notice_log_after(l, 0));
        for (uint64_t i = 1; i <= 3 * NOTICES_MAX; i++) {
                _cleanup_free_ char *text = strprintf("%" PRIu64, i);

                ASSERT_OK(notice_log_add(l, NOTIFY_ONBATT, "ups", text, i, &n));
                ASSERT_EQ(n->number, i);
                n = notice_log_after(l, i - 1);
                ASSERT_STREQ(n->text, text);
        }
        ASSERT_EQ(notice_log_after(l, 0)->number, 2 * NOTICES_MAX + 1);
        ASSERT_EQ(notice_log_after(l, 2 * NOTICES_MAX + 7)->number, 2 * NOTICES_MAX + 8);
        ASSERT_TRUE(!notice_log_after(l, 3 * NOTICES_MAX));
        ASSERT_TRUE(!notice_log_after(l, UINT64_MAX));
}

int main(void) {
        test_steps();
        test_start();
        test_flapping();
        test_types();
        test_log();
        return 0;
}
