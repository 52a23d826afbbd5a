/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "nut-auth.h"
#include "test-util.h"

static const char text[] =
        "user = anyone\n"
        "PASS = \"top secret\"\n"
        "CERTVERIFY = 1\n"
        "NONSENSE = 1\n"
        "[@far]\n"
        "USERNAME = farmer\n"
        "PASSWORD = far1\n"
        "[far:3494]\n"
        "PASS = far2\n"
        "[admin@near]\n"
        "USER = ignored\n"
        "PASS = near1\n"
        "[other@near]\n"
        "PASS = near2\n"
        "[@[::1]:3495]\n"
        "PASS = six\n"
        "[@near]\n"
        "PASS = near3\n"
        "[tls.example]\n"
        "FORCESSL = on\n"
        "CERTPATH = /etc/ca.pem\n"
        "CERTFILE = me.pem\n"
        "CERTIDENT_NAME = me\n"
        "CERTIDENT_PASS = \"key secret\"\n"
        "CERTHOST = nas.example\n"
        "CERTVERIFY = 0\n"
        "[@odd.example]\n"
        "FORCESSL = perhaps\n"
        "[@:3496]\n"
        "PASS = local\n"
        "[bare.example.]\n"
        "FORCESSL\n"
        "CERTVERIFY =\n"
        "[@empty.example]\n"
        "FORCESSL = \"\"\n"
        "CERTVERIFY 0\n";

static void count_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *lines = userdata;

        *lines += line;
}

static void test_tls(const char *path) {
        static const char *const expected[_NUT_TLS_KEY_MAX] = {
                "/etc/ca.pem", "me.pem", "me", "key secret", "nas.example", "no", "yes",
        };
        static const struct {
                const char *host;
                unsigned lines;
        } unread[] = {
                { "bare.example",  4 + 32 + 33 },
                { "empty.example", 4 + 35 + 36 },
        };
        _cleanup_(nut_credentials_done) NutCredentials tls = {}, odd = {};
        unsigned lines = 0;

        ASSERT_OK(nut_credentials_load(path, "tls.example", 3493, NULL, count_report, &lines, &tls));
        for (size_t i = 0; i < _NUT_TLS_KEY_MAX; i++) {
                ASSERT_STREQ(tls.tls[i], expected[i]);
                ASSERT_TRUE(startswith(tls.tls_places[i], path));
        }
        ASSERT_TRUE(endswith(tls.tls_places[NUT_TLS_FORCE], "nutauth.conf:20"));

        /* What cannot be read is taken for the safe side, and reported. */
        lines = 0;
        ASSERT_OK(nut_credentials_load(path, "odd.example", 3493, NULL, count_report, &lines, &odd));
        ASSERT_EQ(lines, 4 + 28);
        ASSERT_STREQ(odd.tls[NUT_TLS_FORCE], "yes");
        ASSERT_STREQ(odd.tls[NUT_TLS_VERIFY], "yes");
        ASSERT_FALSE(odd.tls[NUT_TLS_CERT_PATH]);

        for (size_t i = 0; i < ELEMENTSOF(unread); i++) {
                _cleanup_(nut_credentials_done) NutCredentials c = {};

                lines = 0;
                ASSERT_OK(nut_credentials_load(path, unread[i].host, 3493, NULL, count_report, &lines, &c));
                ASSERT_EQ(lines, unread[i].lines);
                ASSERT_STREQ(c.tls[NUT_TLS_FORCE], "yes");
                ASSERT_STREQ(c.tls[NUT_TLS_VERIFY], "yes");
        }
}

int main(void) {
        static const struct {
                const char *host;
                uint16_t port;
                const char *wanted, *user, *password;
        } rows[] = {
                { "elsewhere", 3493, NULL,    "anyone", "top secret" },
                { "far",       3493, NULL,    "farmer", "far1"       },
                { "FAR",       3493, NULL,    "farmer", "far1"       },
                { "far",       3494, NULL,    "anyone", "far2"       },
                { "near",      3493, NULL,    "admin",  "near1"      },
                { "near",      3493, "other", "other",  "near2"      },
                { "near",      3493, "third", "anyone", "near3"      },
                { "near",      3494, NULL,    "anyone", "top secret" },
                { "::1",       3495, NULL,    "anyone", "six"        },
                { "localhost", 3496, NULL,    "anyone", "local"      },
        };
        char directory[] = "/tmp/test-nut-auth-XXXXXX";
        _cleanup_free_ char *path = NULL;
        NutCredentials c = {};
        unsigned lines = 0;
        FILE *f;

        ASSERT_TRUE(mkdtemp(directory));
        ASSERT_TRUE((path = strjoin(directory, "/nutauth.conf")));
        ASSERT_ERROR(nut_credentials_load(path, "far", 3493, NULL, count_report, &lines, &c), ENOENT);
        ASSERT_TRUE((f = fopen(path, "we")));
        ASSERT_TRUE(fputs(text, f) >= 0);
        ASSERT_EQ(fclose(f), 0);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                lines = 0;
                ASSERT_OK(nut_credentials_load(path, rows[i].host, rows[i].port, rows[i].wanted,
                                count_report, &lines, &c));
                ASSERT_EQ(lines, 4); /* NONSENSE */
                ASSERT_STREQ(c.user, rows[i].user);
                ASSERT_STREQ(c.password, rows[i].password);
                nut_credentials_done(&c);
                ASSERT_FALSE(c.user);
        }
        test_tls(path);

        /* NUT's search. */
        ASSERT_EQ(setenv("NUT_AUTHCONF_PATH", directory, 1), 0);
        ASSERT_EQ(unsetenv("NUT_AUTHCONF_FILE"), 0);
        ASSERT_OK(nut_credentials_load(NULL, "far", 3493, NULL, count_report, &lines, &c));
        ASSERT_STREQ(c.user, "farmer");
        nut_credentials_done(&c);

        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(rmdir(directory), 0);
        return 0;
}
