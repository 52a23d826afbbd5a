/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ups-conf-links.h"

#include "test-util.h"

static const char *option(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *o = ups_conf_option(c, s, key);

        return o ? o->value : NULL;
}

static UpsConf *parse(const char *ups, const char *upsmon) {
        _cleanup_(conf_freep) Conf *ups_lines = NULL, *upsmon_lines = NULL;
        _cleanup_(upsmon_conf_freep) UpsmonConf *m = NULL;
        UpsConf *c = NULL;

        ASSERT_OK(conf_parse("ups.conf", ups, strlen(ups), NULL, NULL, &ups_lines));
        ASSERT_OK(conf_parse("upsmon.conf", upsmon, strlen(upsmon), NULL, NULL, &upsmon_lines));
        ASSERT_OK(ups_conf_from_lines(ups_lines, NULL, NULL, &c));
        ASSERT_OK(upsmon_conf_from_lines(upsmon_lines, NULL, NULL, &m));
        ASSERT_OK(ups_conf_add_links(c, m));
        return c;
}

static void test_links(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = parse(
                        "pollinterval = 3\n[local]\ndriver = dummy-ups\nport = x.dev\n",
                        "MONITOR local 1 u p primary\n"
                        "MONITOR a@nas 1 me \"the secret\" secondary\n"
                        "MONITOR b@[2001:db8::1]:3500 1 you p2 master\n"
                        "FORCESSL 1\nCERTHOST nas x 1 0\n");
        const UpsSection *s;

        ASSERT_EQ(c->n_sections, 3);
        s = ups_conf_find(c, "A@nas");
        ASSERT_TRUE(s == c->sections + 1);
        ASSERT_STREQ(s->driver, "dummy-ups");
        ASSERT_STREQ(s->port, "a@nas");
        ASSERT_STREQ(s->file, "upsmon.conf");
        ASSERT_EQ(s->line, 2);
        ASSERT_STREQ(option(c, s, "mode"), "repeater");
        ASSERT_STREQ(option(c, s, "username"), "me");
        ASSERT_STREQ(option(c, s, "password"), "the secret");
        ASSERT_STREQ(option(c, s, "login"), "secondary");
        ASSERT_STREQ(option(c, s, "forcessl"), NULL);
        ASSERT_STREQ(option(c, s, "pollinterval"), "3");

        s = ups_conf_find(c, "b@[2001:db8::1]:3500");
        ASSERT_TRUE(s == c->sections + 2);
        ASSERT_STREQ(s->port, "b@[2001:db8::1]:3500");
        ASSERT_STREQ(option(c, s, "login"), "primary");
        ASSERT_STREQ(option(c, s, "forcessl"), "yes");
}

static void test_none(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = parse("", "MONITOR ups 1 u p primary\n");

        ASSERT_EQ(c->n_sections, 0);
}

int main(void) {
        test_links();
        test_none();
        return 0;
}
