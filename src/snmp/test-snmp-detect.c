/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-snmp-fake.h"

/* Which profile is taken, and what is said if there is none. */

static const char *const texts[] = {
        "[profile]\nengine = snmp\ntitle = A\nversion = 1\nmib = a\norder = 10\n"
        "[probe]\nsysobjectid = 1.3.6.1.4.1.99999\nneed = 1.3.6.1.4.1.99999.1.0\n"
        "[variables]\nups.model = 1.3.6.1.4.1.99999.1.0\n",

        "[profile]\nengine = snmp\ntitle = B\nversion = 1\nmib = b\nmib = shared\norder = 20\n"
        "[probe]\nsysobjectid = 1.3.6.1.4.1.99999.2\nneed = 1.3.6.1.4.1.99999.2.0 is-match=\"^ok\"\n"
        "[variables]\nups.model = 1.3.6.1.4.1.99999.2.0\n",

        "[profile]\nengine = snmp\ntitle = C\nversion = 1\nmib = c\nmib = shared\norder = 30\n"
        "[probe]\nneed = 1.3.6.1.2.1.33.1.1.0\n"
        "[variables]\nups.model = 1.3.6.1.2.1.33.1.1.0\n",

        "[profile]\nengine = snmp\ntitle = D\nversion = 1\nmib = d\n"
        "[probe]\nneed = 1.3.6.1.2.1.1.5.0\n"
        "[variables]\nups.model = 1.3.6.1.2.1.1.5.0\n",

        "[profile]\nengine = snmp\ntitle = E\nversion = 1\nmib = e\n"
        "[probe]\nsysobjectid = 1.3.6.1.4.1.99999.3\nneed = 1.3.6.1.4.1.99999.3.0\n"
        "[variables]\nups.model = 1.3.6.1.4.1.99999.3.0\n",
};

typedef struct Outcome {
        bool is_over;
        int result;
        char *title, *why;
} Outcome;

static void on_detected(int r,
        SnmpProfile *profile,
        const SnmpIdentity *identity _unused_,
        const char *why,
        void *userdata) {
        Outcome *o = userdata;

        ASSERT_FALSE(o->is_over);
        o->is_over = true;
        o->result = r;
        o->title = profile ? strdup(profile->title) : NULL;
        o->why = why ? strdup(why) : NULL;
        snmp_profile_unref(profile);
}

typedef struct Manners {
        bool is_v1, dead;
        size_t too_big;
        int error;
        unsigned fail;
        const char *general;
} Manners;

static int detect(
        const char *agent, const char *mib, const Manners *manners, Outcome *o, unsigned *ret_requests) {
        SnmpProfile *profiles[ELEMENTSOF(texts)];
        const SnmpProfiles all = {.profiles = profiles, .n_profiles = ELEMENTSOF(texts)};
        SnmpDetection *d = NULL;
        sd_event *event;
        Fake *f;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                profiles[i] = bench_profile(texts[i]);
        ASSERT_OK(sd_event_new(&event));
        f = fake_new(event, agent, manners->is_v1);
        f->dead = manners->dead;
        f->too_big = manners->too_big;
        f->error = manners->error;
        f->fail = manners->fail;
        f->general = manners->general;
        r = snmp_detect(&f->link, event, &all, mib, on_detected, o, &d);
        while (r >= 0 && !o->is_over)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        if (ret_requests)
                *ret_requests = f->n_requests;
        snmp_detection_free(d);
        snmp_link_free(&f->link);
        sd_event_unref(event);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                snmp_profile_unref(profiles[i]);
        return r < 0 ? r : o->result;
}

static void forget(Outcome *o) {
        free(o->title);
        free(o->why);
        *o = (Outcome){};
}

static void check(const char *agent, const char *mib, const char *title, unsigned requests_max) {
        static const Manners manners[] = {{}, {.is_v1 = true}, {.too_big = 1}};

        for (size_t i = 0; i < ELEMENTSOF(manners); i++) {
                Outcome outcome = {};
                unsigned requests;

                ASSERT_OK(detect(agent, mib, &manners[i], &outcome, &requests));
                ASSERT_STREQ(outcome.title, title);
                /* Version 1 has a word for each that lies behind all that it has. */
                if (i < 2)
                        ASSERT_TRUE(requests <= requests_max + 2 * i);
                forget(&outcome);
        }
}

#define SYSTEM(id) "1.3.6.1.2.1.1.1.0|4|Some agent\n1.3.6.1.2.1.1.2.0|6|" id "\n1.3.6.1.2.1.1.5.0|4|name\n"

int main(void) {
        static const char other[] = SYSTEM("1.3.6.1.4.1.1.1");
        Outcome outcome = {};

        /* The longest identifier first, if it has what that profile needs. */
        check(SYSTEM("1.3.6.1.4.1.99999.2.7") "1.3.6.1.4.1.99999.1.0|4|x\n1.3.6.1.4.1.99999.2.0|4|ok\n",
                NULL, "B", 2);
        check(SYSTEM("1.3.6.1.4.1.99999.2.7") "1.3.6.1.4.1.99999.1.0|4|x\n1.3.6.1.4.1.99999.2.0|4|no\n",
                "auto", "A", 2);
        /* Then all others by what they need, but none without an order. */
        check(SYSTEM("1.3.6.1.4.1.1.1") "1.3.6.1.2.1.33.1.1.0|4|x\n", NULL, "C", 2);
        check("1.3.6.1.2.1.33.1.1.0|4|x\n", "", "C", 3);
        /* By name: whatever it says it is. */
        check(SYSTEM("1.3.6.1.4.1.1.1") "1.3.6.1.2.1.33.1.1.0|4|x\n", "shared", "C", 2);
        check(SYSTEM("1.3.6.1.4.1.1.1") "1.3.6.1.2.1.33.1.1.0|4|x\n", "D", "D", 2);

        /* However long it takes to come to itself, it is what it says in the end, or nothing yet. */
        for (unsigned i = 0; i < 20; i++) {
                int r = detect(SYSTEM("1.3.6.1.4.1.99999.3")
                               "1.3.6.1.4.1.99999.3.0|4|x\n1.3.6.1.2.1.33.1.1.0|4|x\n",
                        NULL, &(Manners){.fail = i}, &outcome, NULL);

                if (r >= 0)
                        ASSERT_STREQ(outcome.title, "E");
                else
                        ASSERT_TRUE(i > 0);
                forget(&outcome);
        }
        /* What cannot be asked for at all hinders nobody. */
        ASSERT_OK(detect(SYSTEM("1.3.6.1.4.1.99999.2.7") "1.3.6.1.2.1.33.1.1.0|4|x\n", NULL,
                &(Manners){.general = "1.3.6.1.4.1.99999"}, &outcome, NULL));
        ASSERT_STREQ(outcome.title, "C");
        forget(&outcome);

        ASSERT_ERROR(detect(other, "nonsense", &(Manners){}, &outcome, NULL), EINVAL);
        ASSERT_ERROR(detect(other, NULL, &(Manners){}, &outcome, NULL), EPROTO);
        ASSERT_TRUE(strstr(outcome.why, "1.3.6.1.4.1.1.1"));
        ASSERT_TRUE(strstr(outcome.why, "Some agent"));
        ASSERT_TRUE(strstr(outcome.why, "mibs="));
        ASSERT_TRUE(strstr(outcome.why, "busbarctl profile import"));
        forget(&outcome);
        ASSERT_ERROR(detect(other, "a", &(Manners){}, &outcome, NULL), EPROTO);
        forget(&outcome);
        ASSERT_ERROR(detect(other, NULL, &(Manners){.dead = true}, &outcome, NULL), ETIMEDOUT);
        ASSERT_TRUE(outcome.why);
        forget(&outcome);
        ASSERT_ERROR(detect(other, NULL, &(Manners){.error = -EACCES}, &outcome, NULL), EACCES);
        forget(&outcome);
        return 0;
}
