/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf.h"
#include "nut-auth.h"
#include "nut-conf.h"
#include "test-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"
#include "user.h"

/* The examples that are installed must be taken without a word: they are what people start from. */

static void fail_on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        TEST_FAIL("%s:%u: %s", file, line, message);
}

static void test_ups_conf(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        _cleanup_free_ char *port = NULL;

        ASSERT_OK(ups_conf_load(fail_on_report, NULL, &c));
        ASSERT_TRUE(c->exists);
        ASSERT_EQ(c->n_sections, 3);

        const UpsSection *s = ups_conf_find(c, "sim");
        ASSERT_TRUE(s);
        ASSERT_STREQ(s->driver, "dummy-ups");

        port = conf_path(s->port);
        ASSERT_OK(access(port, R_OK));
}

static void test_upsd_conf(void) {
        _cleanup_(upsd_conf_freep) UpsdConf *c = NULL;

        ASSERT_OK(upsd_conf_load(fail_on_report, NULL, &c));
        ASSERT_TRUE(c->exists);
        ASSERT_EQ(c->n_listens, 2);
}

static void test_upsd_users(void) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(user_table_freep) UserTable *t = NULL;
        _cleanup_free_ char *path = conf_path("upsd.users");

        /* Not the table's own way to its file, which would complain that everybody can read this one. */
        ASSERT_OK(conf_load(path, fail_on_report, NULL, &lines));
        ASSERT_OK(user_table_from_lines(lines, fail_on_report, NULL, &t));
        ASSERT_TRUE(user_table_verify(t, "admin", "change-me", NULL));
        ASSERT_FALSE(user_table_verify(t, "admin", "", NULL));
}

static void test_upsmon_conf(void) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = NULL;

        ASSERT_OK(upsmon_conf_load(fail_on_report, NULL, &c));
        ASSERT_EQ(c->n_supplies, 1);
        ASSERT_TRUE(upsmon_conf_find(c, "sim") && c->supplies[0].local);
}

static void test_upssched_conf(void) {
        _cleanup_(upssched_conf_freep) UpsschedConf *c = NULL;

        ASSERT_OK(upssched_conf_load(fail_on_report, NULL, &c));
        ASSERT_EQ(c->n_rules, 2);
}

static void test_nut_conf(void) {
        NutConf c;

        ASSERT_OK(nut_conf_load(fail_on_report, NULL, &c));
        ASSERT_TRUE(c.exists);
        ASSERT_EQ(c.mode, NUT_MODE_NONE);
}

static void test_nutauth_conf(void) {
        _cleanup_(nut_credentials_done) NutCredentials c = {};
        _cleanup_free_ char *path = conf_path("nutauth.conf");

        /* Everybody can read this one, which is said. */
        ASSERT_OK(nut_credentials_load(path, "nas.example", 3493, "admin", NULL, NULL, &c));
        ASSERT_STREQ(c.password, "change-me");
        ASSERT_TRUE(!c.tls[NUT_TLS_FORCE]);
}

int main(void) {
        test_ups_conf();
        test_upsd_conf();
        test_upsd_users();
        test_upsmon_conf();
        test_upssched_conf();
        test_nut_conf();
        test_nutauth_conf();
        return EXIT_SUCCESS;
}
