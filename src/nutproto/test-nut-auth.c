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
        "[@:3496]\n"
        "PASS = local\n";

static void count_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *lines = userdata;

        *lines += line;
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
        ASSERT_ERROR(nut_credentials_load(path, "tls.example", 3493, NULL, count_report, &lines, &c),
                        EPROTONOSUPPORT);

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
