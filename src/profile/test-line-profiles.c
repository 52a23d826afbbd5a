/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles side by side: ones that are made for it, and those of the tree, whose directory $BUSBAR_PROFILES
 * names. */

#include "line-profile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test-conf-report.h"

#define HEAD(name, order)                                                                                   \
        "[profile]\nengine = line\ntitle = " name "\nversion = 1\nprotocol = " name "\n" order
#define QUERY "[query:Q]\nsend = Q1\nbegin = (\nwords = 8\n"
#define PROBE "[probe]\nneed = Q:8\n"
/* A profile that asks nothing: what it sends are orders. */
#define QUIET HEAD("b", "")

static void load_text(LineProfiles *p, const char *file, const char *text) {
        _cleanup_(test_report_done) TestReport report = {};

        p->profiles = reallocarray(p->profiles, p->n_profiles + 1, sizeof(LineProfile *));
        ASSERT_TRUE(p->profiles);
        if (line_profile_parse(file, text, strlen(text), test_report_collect, &report,
                            &p->profiles[p->n_profiles]) < 0)
                TEST_FAIL("%s:\n%s", strempty(report.all), text);
        p->n_profiles++;
}

/* What is said about two profiles; NULL for nothing. */
static const struct {
        const char *a, *b;
        const char *message;
} pairs[] = {
        { HEAD("a", "") QUERY PROBE, HEAD("b", "") QUERY PROBE, NULL },
        { HEAD("a", ""), HEAD("b", "protocol = A\n"), "The protocol \"A\" is also that of a.profile" },
        { HEAD("a", "order = 1\n") QUERY PROBE, HEAD("b", "order = 1\n") QUERY PROBE,
                "The order 1 is also that of a.profile" },

        /* The automatic detection. */
        {HEAD("a", "order = 1\n") QUERY PROBE, HEAD("b", "order = 2\n") QUERY PROBE, "never comes to this"},
        { HEAD("a", "order = 2\n") QUERY PROBE, HEAD("b", "order = 1\n") QUERY PROBE,
                "b.profile has its turn" },
        { HEAD("a", "order = 1\n") QUERY PROBE,
                HEAD("b", "order = 2\n") QUERY "[query:F]\nsend = F\n" PROBE "need = F:1\n",
                "never comes to this" },
        { HEAD("a", "order = 1\n") QUERY "[query:F]\nsend = F\n" PROBE "need = F:1\n",
                HEAD("b", "order = 2\n") QUERY PROBE, NULL },
        { HEAD("a", "order = 1\n") "[query:Q]\nsend = Q1\n[probe]\nneed = Q:1\n",
                HEAD("b", "order = 2\n") QUERY PROBE, "never comes to this" },
        { HEAD("a", "order = 1\n") QUERY "[probe]\nneed = Q:8 is=1\n", HEAD("b", "order = 2\n") QUERY PROBE,
                NULL },
        { HEAD("a", "order = 1\n") QUERY "[probe]\nneed = Q:8 is=1\n",
                HEAD("b", "order = 2\n") QUERY "[probe]\nneed = Q:8 is=1\n", "never comes to this" },
        { HEAD("a", "order = 1\n") QUERY "length = 46\n" PROBE, HEAD("b", "order = 2\n") QUERY PROBE, NULL },
        { HEAD("a", "order = 1\n") QUERY PROBE, HEAD("b", "order = 2\n") QUERY "length = 46\n" PROBE,
                "never comes to this" },
        {HEAD("a", "order = 1\n") "[line]\ncheck = sum8\n" QUERY PROBE, HEAD("b", "order = 2\n") QUERY PROBE,
                NULL },
        {HEAD("a", "order = 1\n") QUERY PROBE "usb = 0590:*\n", HEAD("b", "order = 2\n") QUERY PROBE, NULL},
        { HEAD("a", "order = 1\n") QUERY PROBE "usb = 0590:*\n",
                HEAD("b", "order = 2\n") QUERY PROBE "usb = 0590:0080\n", "never comes to this" },
        { HEAD("a", "order = 1\n") QUERY PROBE "link = x\n",
                HEAD("b", "order = 2\n") QUERY PROBE "link = y\n", NULL },

        /* Questions that are orders to others, or to the device itself. */
        { HEAD("a", "") "[query:Q]\nsend = Q\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nbeeper.toggle = Q\n",
                "[query:Q] sends what b.profile:7 sends for beeper.toggle" },
        { HEAD("a", "") "[query:T]\nsend = T\n[variables]\nups.load = T:1\n[commands]\ntest.battery.start = "
                       "T\n",
                QUIET, "sends what a.profile:11 sends for test.battery.start" },
        { HEAD("a", "") QUERY "[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"Q{argument format=%d}\"\n", "for load.off" },
        { HEAD("a", "") QUERY "[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"Q{argument format=%02d}\"\n", NULL },
        { HEAD("a", "") "[query:Q]\nsend = QA\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"Q{argument format=%d}\"\n", NULL },
        { HEAD("a", "") "[query:Q]\nsend = QA\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"Q{argument}\"\n", "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = SS?\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"S{argument function=tenths-or-minutes}\"\n", NULL },
        { HEAD("a", "") "[query:Q]\nsend = SX\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"S{argument function=upper}\"\n", "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = S1R1\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"S{argument divide=6}R{argument divide=60}\"\n",
                "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = \"S{$ups.id divide=2}X\"\n[variables]\nups.id = held=3\nups.load "
                       "= Q:1\n",
                QUIET "[commands]\nload.off = \"S1{argument}\"\n", "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = PX\n[variables]\nups.load = Q:1\n",
                QUIET "[variables]\nups.id = held=x\nups.type = $ups.id rw write=\"P{argument}\"\n",
                "for ups.type" },
        { HEAD("a", "") "[query:Q]\nsend = PX\n[variables]\nups.load = Q:1\n",
                QUIET "[variables]\nups.id = held=x\nups.type = $ups.id rw enum lookup=l "
                      "write=\"P{argument unlook=l}\"\n[lookup:l]\nE = on\nD = off\n",
                NULL },
        { HEAD("a", "") "[query:Q]\nsend = PD\n[variables]\nups.load = Q:1\n",
                QUIET "[variables]\nups.id = held=x\nups.type = $ups.id rw enum lookup=l "
                      "write=\"P{argument unlook=l}\"\n[lookup:l]\nE = on\nD = off\n",
                "for ups.type" },

        /* Every attribute that makes another text counts, in the order in which they are applied. */
        { HEAD("a", "") "[query:Q]\nsend = P7\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"P{argument unlook=l function=digits}\"\n"
                      "[lookup:l]\nE9 = on\nD8 = off\n",
                "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = PX\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"P{argument divide=2 names=n}\"\n[names:n]\n1 = X\n",
                "for load.off" },
        { HEAD("a", "") "[query:Q]\nsend = PY\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"P{argument divide=2 names=n}\"\n[names:n]\n1 = X\n", NULL },
        { HEAD("a", "") "[query:Q]\nsend = P+5\n[variables]\nups.load = Q:1\n",
                QUIET "[commands]\nload.off = \"P{argument plausible=1..9}\"\n", "for load.off" },
};

static void test_pairs(void) {
        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(line_profiles_done) LineProfiles p = {};

                load_text(&p, "a.profile", pairs[i].a);
                load_text(&p, "b.profile", pairs[i].b);
                line_profiles_check(&p, test_report_collect, &report);
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

static void remove_file(const char *directory, const char *name) {
        _cleanup_free_ char *path = strjoin(directory, "/", name);

        ASSERT_OK(unlink(path));
}

/* Two directories, of which the first one hides: a good file, one with a mistake, and an empty one. */
static void test_load(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(line_profiles_done) LineProfiles p = {}, read = {};
        _cleanup_free_ char *first = NULL, *second = NULL, *both = NULL;
        char directory[] = "/tmp/test-line-profiles-XXXXXX";

        ASSERT_TRUE(mkdtemp(directory));
        first = strjoin(directory, "/qx");
        second = strjoin(directory, "/more");
        ASSERT_TRUE(mkdir(first, 0700) == 0 && mkdir(second, 0700) == 0);
        both = strjoin(second, "/qx");
        ASSERT_TRUE(mkdir(both, 0700) == 0);
        write_file(first, "late.profile", HEAD("late", ""));
        write_file(first, "b.profile", HEAD("b", "order = 20\n") QUERY PROBE);
        write_file(first, "bad.profile", "[profil]\n");
        write_file(first, "gone.profile", "");
        write_file(both, "b.profile", HEAD("other", ""));
        write_file(both, "bad.profile", HEAD("bad", "order = 10\n") QUERY PROBE);
        write_file(both, "gone.profile", HEAD("gone", ""));
        write_file(both, "usb.profile", "[profile]\nengine = hid\ntitle = x\nversion = 1\ngeneric = yes\n");

        _cleanup_free_ char *list = strjoin(directory, ":", second);
        ASSERT_OK(setenv("BUSBAR_PROFILES", list, 1));
        ASSERT_OK(line_profiles_load("qx", test_report_collect, &report, &p));
        test_report_check(&report, 3, 0, NULL); /* bad, and the one for another engine */
        ASSERT_EQ(p.n_profiles, 3);
        ASSERT_TRUE(streq(p.profiles[0]->id, "bad") && streq(p.profiles[1]->protocols[0], "b"));
        ASSERT_TRUE(streq(p.profiles[2]->id, "late") && line_profiles_find(&p, "BAD") == p.profiles[0]);

        test_report_done(&report);
        ASSERT_OK(line_profiles_read(both, test_report_collect, &report, &read));
        test_report_check(&report, 0, 0, NULL);
        ASSERT_EQ(read.n_profiles, 3);

        for (size_t i = 0; i < 4; i++) {
                static const char *const names[][2] = {
                        { "late.profile", "usb.profile" }, { "b.profile", "b.profile" },
                        { "bad.profile", "bad.profile" }, { "gone.profile", "gone.profile" }
                };

                remove_file(first, names[i][0]);
                remove_file(both, names[i][1]);
        }
        ASSERT_TRUE(rmdir(both) == 0 && rmdir(second) == 0 && rmdir(first) == 0 && rmdir(directory) == 0);
        ASSERT_ERROR(line_profiles_read(directory, test_report_collect, &report, &read), ENOENT);
}

/* Those that are installed are without a flaw, alone and together. */
static void test_tree(void) {
        static const char *const directories[] = { "qx", "serial" };

        ASSERT_TRUE(getenv("BUSBAR_PROFILES"));
        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(line_profiles_done) LineProfiles p = {};

                ASSERT_OK(line_profiles_load(directories[i], test_report_collect, &report, &p));
                line_profiles_check(&p, test_report_collect, &report);
                if (report.n_errors + report.n_warnings > 0)
                        TEST_FAIL("%s", report.all);
                ASSERT_TRUE(p.n_profiles > 0);
        }
}

int main(void) {
        test_tree();
        test_pairs();
        test_load();
        return EXIT_SUCCESS;
}
