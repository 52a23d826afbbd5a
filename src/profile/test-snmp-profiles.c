/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles side by side: ones that are made for it, and those of the tree, whose directory $BUSBAR_PROFILES
 * names. */

#include "snmp-profile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test-conf-report.h"

#define HEAD(name, order)                                                                                   \
        "[profile]\nengine = snmp\ntitle = " name "\nversion = 1\nmib = " name "\n" order "[objects]\n"     \
        "example = 1.3.6.1.4.1.99999\n[probe]\n"
#define NEED "need = example.1.0\n"

static void load_text(SnmpProfiles *p, const char *file, const char *text) {
        _cleanup_(test_report_done) TestReport report = {};

        p->profiles = reallocarray(p->profiles, p->n_profiles + 1, sizeof(SnmpProfile *));
        ASSERT_TRUE(p->profiles);
        if (snmp_profile_parse(file, text, strlen(text), test_report_collect, &report,
                            &p->profiles[p->n_profiles]) < 0)
                TEST_FAIL("%s:\n%s", strempty(report.all), text);
        p->n_profiles++;
}

/* What is said about two profiles, of which a comes first; NULL for nothing. */
static const struct {
        const char *a, *b;
        const char *message;
} pairs[] = {
        { HEAD("a", ""), HEAD("b", ""), NULL },
        { HEAD("a", ""), HEAD("b", "mib = a\n"), NULL },
        { HEAD("a", "order = 1\n") NEED, HEAD("b", "order = 1\n") "need = example.2.0\n",
                "The order 1 is also that of a.profile" },

        /* The same identifier. */
        { HEAD("a", "") "sysobjectid = example\n", HEAD("b", "") "sysobjectid = example.1\n", NULL },
        { HEAD("a", "") "sysobjectid = example\n", HEAD("b", "") "sysobjectid = example\n",
                "Agents of 1.3.6.1.4.1.99999 never come to this: a.profile" },
        { HEAD("a", "") "sysobjectid = example\n" NEED, HEAD("b", "") "sysobjectid = example\n", NULL },
        { HEAD("a", "") "sysobjectid = example\n" NEED,
                HEAD("b", "") "sysobjectid = example\nneed = example.2.0\n", NULL },
        { HEAD("a", "") "sysobjectid = example\n" NEED,
                HEAD("b", "") "sysobjectid = example\nneed = example.2.0\n" NEED, "never come to this" },
        { HEAD("a", "") "sysobjectid = example\nneed = example.1.0 is=1\n",
                HEAD("b", "") "sysobjectid = example\nneed = example.1.0 is=2\n", NULL },
        { HEAD("a", "") "sysobjectid = example\nneed = example.1.0 is-match=x\n",
                HEAD("b", "") "sysobjectid = example\nneed = example.1.0 is-match=x\n",
                                "never come to this" },
        { HEAD("a", "") "sysobjectid = example\nneed = example.1.0\n",
                HEAD("b", "") "sysobjectid = example\nneed = example.1.0 is=2\n", "never come to this" },

        /* Tried in turn. */
        { HEAD("a", "order = 1\n") NEED, HEAD("b", "order = 2\n") NEED, "No agent ever comes to this" },
        { HEAD("a", "order = 1\n") NEED, HEAD("b", "order = 2\n") "sysobjectid = example\n" NEED, NULL },
        { HEAD("a", "order = 1\n") NEED, HEAD("b", "order = 2\n") "need = example.2.0\n", NULL },
        { HEAD("a", "order = 1\n") "need = agent:sysdescr is=1\n",
                HEAD("b", "order = 2\n") "need = agent:host is=1\n", NULL },
};

static void test_pairs(void) {
        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(snmp_profiles_done) SnmpProfiles p = {};

                load_text(&p, "a.profile", pairs[i].a);
                load_text(&p, "b.profile", pairs[i].b);
                snmp_profiles_check(&p, test_report_collect, &report);
                if (report.n_errors != (pairs[i].message ? 1 : 0) ||
                    (pairs[i].message && !strstr(report.last, pairs[i].message)))
                        TEST_FAIL("\"%s\", expected \"%s\":\n%s\n%s", strempty(report.all),
                                        strempty(pairs[i].message), pairs[i].a, pairs[i].b);
        }
}

static void write_file(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = strjoin(directory, "/", name);
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ASSERT_TRUE(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
}

/* In the order in which they have their turn; what is for another engine is none of them. */
static void test_load(void) {
        static const char *const names[] = {
                "a.profile", "b.profile", "bad.profile", "c.profile", "line.profile", "usb.profile"
        };
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(snmp_profiles_done) SnmpProfiles p = {}, read = {};
        _cleanup_free_ char *saved = strdup(getenv("BUSBAR_PROFILES")), *path = NULL;
        char directory[] = "/tmp/test-snmp-profiles-XXXXXX";

        ASSERT_TRUE(mkdtemp(directory) && saved);
        path = strjoin(directory, "/snmp");
        ASSERT_TRUE(path && mkdir(path, 0700) == 0);
        write_file(path, "a.profile", HEAD("a", ""));
        write_file(path, "b.profile", HEAD("b", "order = 20\n") NEED);
        write_file(path, "c.profile", HEAD("c", "order = 10\n") NEED);
        write_file(path, "bad.profile", HEAD("bad", "oder = 10\n") NEED);

        ASSERT_OK(setenv("BUSBAR_PROFILES", directory, 1));
        ASSERT_OK(snmp_profiles_load(test_report_collect, &report, &p));
        test_report_check(&report, 1, 0, "did you mean order?");
        ASSERT_EQ(p.n_profiles, 3);
        ASSERT_TRUE(streq(p.profiles[0]->id, "c") && streq(p.profiles[1]->id, "b"));
        ASSERT_TRUE(streq(p.profiles[2]->id, "a"));

        test_report_done(&report);
        write_file(path, "usb.profile", "[profile]\nengine = hid\ntitle = x\n");
        write_file(path, "line.profile", "[profile]\nengine = line\ntitle = x\n");
        ASSERT_OK(snmp_profiles_read(path, test_report_collect, &report, &read));
        test_report_check(&report, 1, 0, "did you mean order?");
        ASSERT_EQ(read.n_profiles, 3);

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *file = strjoin(path, "/", names[i]);

                ASSERT_OK(unlink(file));
        }
        ASSERT_TRUE(rmdir(path) == 0 && rmdir(directory) == 0);
        ASSERT_ERROR(snmp_profiles_read(directory, test_report_collect, &report, &read), ENOENT);
        ASSERT_OK(setenv("BUSBAR_PROFILES", saved, 1));
}

/* Those that are installed are without a flaw, alone and together. */
static void test_tree(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(snmp_profiles_done) SnmpProfiles p = {};

        ASSERT_TRUE(getenv("BUSBAR_PROFILES"));
        ASSERT_OK(snmp_profiles_load(test_report_collect, &report, &p));
        snmp_profiles_check(&p, test_report_collect, &report);
        if (report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%s", report.all);
        ASSERT_TRUE(p.n_profiles > 0);
}

int main(void) {
        test_pairs();
        test_load();
        test_tree();
        return EXIT_SUCCESS;
}
