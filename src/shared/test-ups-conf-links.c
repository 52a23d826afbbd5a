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

static void test_tls(void) {
        static const struct {
                const char *device, *ssl, *force, *verify, *name;
                unsigned verify_line;
        } rows[] = {
                { "a@nas",            NULL,  "yes", "yes", NULL,      8 },
                { "a@nas:3500",       NULL,  "yes", "yes", NULL,      8 },
                { "a@any",            "yes", NULL,  "yes", "Any One", 9 },
                { "a@any:3500",       "yes", "yes", NULL,  NULL,      0 },
                { "a@[2001:db8::1]",  "yes", "yes", "yes", "six",    12 },
        };
        _cleanup_(ups_conf_freep) UpsConf *c = parse("",
                        "CERTPATH /etc/ca\nFORCESSL 1\n"
                        "MONITOR a@nas 1 u p secondary\nMONITOR a@nas:3500 1 u p secondary\n"
                        "MONITOR a@any 1 u p secondary\nMONITOR a@any:3500 1 u p secondary\n"
                        "MONITOR a@[2001:db8::1] 1 u p secondary\n"
                        "CERTVERIFY 1\nCERTHOST any \"Any One\" 1 0\nCERTHOST any:3500 \"\" 0 1\n"
                        "CERTHOST 2001:db8::1 five 0 0\nCERTHOST [2001:db8::1]:3493 six perhaps\n"
                        "CERTFILE me.pem\nCERTIDENT me secret\n");

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const UpsSection *s = ups_conf_find(c, rows[i].device);
                const UpsOption *o = ups_conf_option(c, s, "certverify");

                ASSERT_TRUE(s);
                ASSERT_STREQ(option(c, s, "ssl"), rows[i].ssl);
                ASSERT_STREQ(option(c, s, "forcessl"), rows[i].force);
                ASSERT_STREQ(option(c, s, "certverify"), rows[i].verify);
                ASSERT_STREQ(option(c, s, "certhost"), rows[i].name);
                ASSERT_EQ(o ? o->line : 0, rows[i].verify_line);
                ASSERT_STREQ(option(c, s, "certpath"), "/etc/ca");
                ASSERT_EQ(ups_conf_option(c, s, "certpath")->line, 1);
                ASSERT_STREQ(option(c, s, "certfile"), "me.pem");
                ASSERT_STREQ(option(c, s, "certident_name"), "me");
                ASSERT_STREQ(option(c, s, "certident_pass"), "secret");
        }
}

/* A line about no host that there is may have meant any that no other line is about. */
static void test_unread(void) {
        static const struct {
                const char *line, *force, *verify;
        } rows[] = {
                { "CERTHOST nas:99999 x 0 1\n", "yes", NULL  },
                { "CERTHOST -nas x 1 0\n",      NULL,  "yes" },
                { "CERTHOST nas\n",             "yes", "yes" },
                { "CERTHOST = nas x 0 0\n",     "yes", "yes" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = strjoin("MONITOR a@nas 1 u p secondary\n"
                                                    "MONITOR a@other 1 u p secondary\n"
                                                    "CERTHOST other \"\" 0 0\n", rows[i].line);
                _cleanup_(ups_conf_freep) UpsConf *c = parse("", text);
                const UpsSection *nas = ups_conf_find(c, "a@nas"), *other = ups_conf_find(c, "a@other");

                ASSERT_STREQ(option(c, nas, "forcessl"), rows[i].force);
                ASSERT_STREQ(option(c, nas, "certverify"), rows[i].verify);
                ASSERT_STREQ(option(c, nas, "certhost"), NULL);
                ASSERT_STREQ(option(c, other, "forcessl"), NULL);
        }
}

/* The same host in another spelling. */
static void test_spelling(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = parse("",
                        "MONITOR a@[2001:db8::1] 1 u p secondary\nMONITOR a@nas.example. 1 u p secondary\n"
                        "CERTHOST [2001:DB8:0::1] x 1 1\nCERTHOST nas.example y 1 1\n");

        ASSERT_STREQ(option(c, ups_conf_find(c, "a@[2001:db8::1]"), "certhost"), "x");
        ASSERT_STREQ(option(c, ups_conf_find(c, "a@nas.example."), "forcessl"), "yes");
}

static void test_none(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = parse("", "MONITOR ups 1 u p primary\n");

        ASSERT_EQ(c->n_sections, 0);
}

int main(void) {
        test_links();
        test_tls();
        test_unread();
        test_spelling();
        test_none();
        return 0;
}
