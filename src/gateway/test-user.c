/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "user.h"

#include <stdio.h>
#include <arpa/inet.h>
#include <sys/stat.h>
#include <syslog.h>

#include "test-util.h"

typedef struct Report {
        size_t n_errors, n_warnings;
        char *last;
} Report;

static void collect(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Report *r = userdata;

        if (level <= LOG_ERR)
                r->n_errors++;
        else
                r->n_warnings++;
        ASSERT_OK(free_and_strdup(&r->last, message));
}

static UserTable *parse(const char *text, Report *report) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        UserTable *t = NULL;

        ASSERT_OK(conf_parse("upsd.users", text, strlen(text), collect, report, &lines));
        ASSERT_OK(user_table_from_lines(lines, collect, report, &t));
        return t;
}

static void test_rights(void) {
        static const struct {
                const char *lines;
                unsigned rights;
                bool load_off, test;
        } table[] = {
                { "", 0, false, false },
                { "upsmon primary\n", USER_LOGIN | USER_PRIMARY | USER_FSD, false, false },
                { "upsmon = MASTER\n", USER_LOGIN | USER_PRIMARY | USER_FSD, false, false },
                { "upsmon secondary\n", USER_LOGIN, false, false },
                { "upsmon = slave\n", USER_LOGIN, false, false },
                { "actions = SET FSD\n", USER_SET | USER_FSD, false, false },
                { "actions = set\nactions = fsd\n", USER_SET | USER_FSD, false, false },
                { "instcmds = ALL\n", 0, true, true },
                { "instcmds = all\n", 0, true, true },
                { "instcmds = load.off\n", 0, true, false },
                { "instcmds = beeper.mute Load.Off\ninstcmds = TEST.battery.start\n", 0, true, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Report report = {};
                _cleanup_free_ char *text = strjoin("[u]\npassword = p\n", table[i].lines);
                _cleanup_(user_table_freep) UserTable *t = parse(text, &report);
                const User *u = user_table_verify(t, "u", "p", NULL);

                ASSERT_TRUE(u);
                ASSERT_EQ(report.n_errors + report.n_warnings, 0);
                ASSERT_EQ(u->rights, table[i].rights);
                ASSERT_EQ(user_may_run(u, "load.off"), table[i].load_off);
                ASSERT_EQ(user_may_run(u, "test.battery.start"), table[i].test);
        }
}

static void test_mistakes(void) {
        static const struct {
                const char *text;
                size_t errors, warnings;
                const char *message;
        } table[] = {
                { "[u]\npasword = x\n", 1, 0, "did you mean password?" },
                { "[u]\nxyzzyxyzzy = x\n", 1, 0, "Unknown key" },
                { "password = x\n", 1, 0, "before the first [user]" },
                { "[u]\nactions = SET KILL\n", 1, 0, "Unknown action \"KILL\"" },
                { "[u]\nupsmon tertiary\n", 1, 0, "primary or secondary" },
                { "[u]\nupsmon primary secondary\n", 1, 0, "primary or secondary" },
                { "[u]\nactions\n", 1, 0, "wants a value" },
                { "[u]\npassword = a b\n", 1, 0, "in quotes" },
                { "[u]\npassword = a\npassword = b\n", 0, 1, "second password" },
                { "[u]\nallowfrom = lan\n", 1, 0, "\"lan\" is none of these" },
                { "[u]\nallowfrom = 192.0.2.0/33\n", 1, 0, "\"192.0.2.0/33\" is none" },
                { "[u]\nallowfrom = 2001:db8::/129 ::1\n", 1, 0, "\"2001:db8::/129\" is none" },
                { "[u]\nallowfrom = fe80::1%eth0\n", 1, 0, "is none of these" },
                { "[u]\nallowfrom\n", 1, 0, "wants a value" },
                { "[u]\ncounts = perhaps\n", 1, 0, "yes or no" },
                { "[u]\ncounts = no no\n", 1, 0, "yes or no" },
                { "[u]\nstale = away\n", 1, 0, "hide or show" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Report report = {};
                _cleanup_(user_table_freep) _unused_ UserTable *t = parse(table[i].text, &report);

                ASSERT_EQ(report.n_errors, table[i].errors);
                ASSERT_EQ(report.n_warnings, table[i].warnings);
                if (!strstr(report.last, table[i].message))
                        TEST_FAIL("\"%s\" lacks \"%s\"", report.last, table[i].message);
                free(report.last);
        }
}

/* The hashes are crypt(3)'s of "secret". */
static const char hashed[] =
        "[plain]\npassword = secret\n"
        "[md5]\npassword = $1$ab$dslkcXxVH.x8LwW1W/oAB/\n"
        "[sha512]\npassword = "
        "$6$busbar$KbUrJMR58HbWDgrdLeskxZoyKkwb7N0aHG10mzydEiM1sJTASmbQUORiJvrk83ZR0H.hpq1/J.Bvoum70SWPz1\n"
        "[yescrypt]\npassword = $y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8\n"
        "[empty]\npassword = \"\"\n"
        "[none]\nactions = SET\n"
        "[broken]\npassword = $nonsense$\n"
        "[dollar]\npassword = $5bill\n";

static void test_passwords(void) {
        static const struct {
                const char *name, *password;
                bool match;
        } table[] = {
                { "plain", "secret", true },
                { "plain", "secret1", false },
                { "plain", "secre", false },
                { "plain", "", false },
                { "Plain", "secret", false },
                { "md5", "secret", true },
                { "md5", "Secret", false },
                { "md5", "$1$ab$dslkcXxVH.x8LwW1W/oAB/", false },
                { "sha512", "secret", true },
                { "sha512", "x", false },
                { "yescrypt", "secret", true },
                { "yescrypt", "x", false },
                { "empty", "", true },
                { "empty", "x", false },
                { "none", "", false },
                { "nobody", "", false },
                { "nobody", "secret", false },
                { "broken", "$nonsense$", false },
                { "dollar", "$5bill", true },
        };
        Report report = {};
        _cleanup_(user_table_freep) UserTable *t = parse(hashed, &report);

        ASSERT_EQ(report.n_errors + report.n_warnings, 0);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if ((user_table_verify(t, table[i].name, table[i].password, NULL) != NULL) != table[i].match)
                        TEST_FAIL("%s with \"%s\" is expected to be %s", table[i].name, table[i].password,
                                        table[i].match ? "right" : "wrong");
}

static void key_from_text(const char *text, struct in6_addr *ret) {
        char mapped[64];

        (void) snprintf(mapped, sizeof(mapped), strchr(text, ':') ? "%s" : "::ffff:%s", text);
        ASSERT_EQ(inet_pton(AF_INET6, mapped, ret), 1);
}

static void test_addresses(void) {
        static const struct {
                const char *list, *address;
                bool allowed;
        } table[] = {
                { "192.0.2.7", "192.0.2.7", true },
                { "192.0.2.7", "192.0.2.6", false },
                { "192.0.2.7", "2001:db8::1", false },
                { "192.0.2.0/24", "192.0.2.255", true },
                { "192.0.2.99/24", "192.0.2.1", true },
                { "192.0.2.0/24", "192.0.3.0", false },
                { "192.0.2.0/25", "192.0.2.128", false },
                { "192.0.2.128/31 10.1.2.3", "192.0.2.129", true },
                { "192.0.2.128/31 10.1.2.3", "192.0.2.130", false },
                { "192.0.2.128/31 10.1.2.3", "10.1.2.3", true },
                { "0.0.0.0/0", "8.8.8.8", true },
                { "0.0.0.0/0", "2001:db8::1", false },
                { "::/0", "2001:db8::1", true },
                { "::/0", "8.8.8.8", false },
                { "::ffff:192.0.2.0/120", "192.0.2.9", true },
                { "[2001:db8::1]", "2001:db8::1", true },
                { "2001:db8::/32", "2001:db8:ffff::1", true },
                { "2001:db8::/33", "2001:db8:8000::1", false },
                { "2001:db8::/127", "2001:db8::1", true },
                { "2001:db8::/127", "2001:db8::2", false },
                { "localhost", "127.0.0.1", true },
                { "localhost", "127.255.1.1", true },
                { "LOCALHOST", "::1", true },
                { "localhost", "::2", false },
                { "any", "8.8.8.8", true },
                { "all", "2001:db8::1", true },
                { "nonsense", "127.0.0.1", false }, /* a mistake does not open it for everybody */
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Report report = {};
                _cleanup_free_ char *text = strjoin("[u]\npassword = p\nallowfrom = ", table[i].list, "\n");
                _cleanup_(user_table_freep) UserTable *t = parse(text, &report);
                struct in6_addr key;

                key_from_text(table[i].address, &key);
                if (!!user_table_verify(t, "u", "p", &key) != table[i].allowed)
                        TEST_FAIL("%s of %s", table[i].address, table[i].list);
                ASSERT_FALSE(user_table_verify(t, "u", "x", &key));
                ASSERT_FALSE(user_table_verify(t, "u", "p", NULL)); /* no address is in no list */
                free(report.last);
        }
}

/* An account whose address is wrong is as good as none, also when its password is that of the one whose
 * hash is compared in its place. */
static void test_elsewhere(void) {
        static const char text[] =
                "[first]\npassword = $1$ab$dslkcXxVH.x8LwW1W/oAB/\n"
                "[second]\npassword = other\nallowfrom = 192.0.2.1\n";
        Report report = {};
        _cleanup_(user_table_freep) UserTable *t = parse(text, &report);
        struct in6_addr here, there;

        key_from_text("192.0.2.1", &here);
        key_from_text("192.0.2.2", &there);
        ASSERT_TRUE(user_table_verify(t, "second", "other", &here));
        ASSERT_FALSE(user_table_verify(t, "second", "other", &there));
        ASSERT_FALSE(user_table_verify(t, "second", "secret", &there));
        ASSERT_TRUE(user_table_verify(t, "first", "secret", &there));
        ASSERT_FALSE(user_table_verify(t, "second", "secret", &there)); /* and when that is known */
}

static bool is_ups(void *userdata, const char *name) {
        return streq(name, "ups");
}

static void test_scope(void) {
        static const char text[] =
                "\n[u]\npassword = p\nups = ups Second\nups = third\ncounts = no\nstale = hide\n"
                "[v]\npassword = p\ncounts = yes\nstale = show\n";
        Report report = {};
        _cleanup_(user_table_freep) UserTable *t = parse(text, &report);
        const User *u = user_table_find(t, "u"), *v = user_table_find(t, "v");

        ASSERT_EQ(report.n_errors + report.n_warnings, 0);
        ASSERT_TRUE(user_may_use(u, "UPS"));
        ASSERT_TRUE(user_may_use(u, "second"));
        ASSERT_TRUE(user_may_use(u, "third"));
        ASSERT_FALSE(user_may_use(u, "fourth"));
        ASSERT_TRUE(user_may_use(v, "fourth"));
        ASSERT_TRUE(u->uncounted);
        ASSERT_TRUE(u->hides_stale);
        ASSERT_TRUE(t->hides_stale);
        ASSERT_FALSE(v->uncounted);
        ASSERT_FALSE(v->hides_stale);
        ASSERT_EQ(u->line, 2);

        user_table_report_devices(t, is_ups, NULL, collect, &report);
        ASSERT_EQ(report.n_warnings, 2);
        ASSERT_TRUE(strstr(report.last, "User u is to have the device \"third\", which is not there"));
        free(report.last);
}

static void test_readable_by_all(void) {
        char directory[] = "/tmp/test-user-XXXXXX";

        ASSERT_TRUE(mkdtemp(directory));
        _cleanup_free_ char *path = strjoin(directory, "/upsd.users");
        FILE *f = fopen(path, "w");
        ASSERT_TRUE(f);
        fputs("[a]\npassword = b\n", f);
        fclose(f);
        ASSERT_EQ(setenv("NUT_CONFPATH", directory, true), 0);

        for (mode_t mode = 0600; mode <= 0604; mode += 4) {
                Report report = {};
                _cleanup_(user_table_freep) UserTable *t = NULL;

                ASSERT_EQ(chmod(path, mode), 0);
                ASSERT_OK(user_table_load(collect, &report, &t));
                ASSERT_EQ(t->n_users, 1);
                ASSERT_EQ(report.n_warnings, mode == 0604);
                ASSERT_EQ(report.n_errors, 0);
                free(report.last);
        }

        (void) unlink(path);
        (void) rmdir(directory);
}

int main(void) {
        test_rights();
        test_mistakes();
        test_passwords();
        test_addresses();
        test_elsewhere();
        test_scope();
        test_readable_by_all();
        return 0;
}
