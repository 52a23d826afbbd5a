/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles that include files *.rows, for either engine. */

#include "hid-profile.h"
#include "line-profile.h"
#include "snmp-profile.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-conf-report.h"
#include "test-file.h"

#define HEAD "[profile]\nengine = line\ntitle = x\nversion = 1\nprotocol = x\ninclude = "
#define FAMILY                                                                                     \
        "[line]\naccepted = ACK\naccepted = OK\nrefused = NAK\n"                                   \
        "[query:STATUS]\nsend = Q1\nbegin = (\n[query:F]\nsend = F\n[when:never]\noption = n\n"    \
        "[variables]\nups.load = STATUS:4\nups.load = STATUS:5\nups.id = STATUS:6\n"              \
        "[status]\nonline = STATUS:8@0 is=0\n[alarms]\nText = STATUS:8@1\n"                       \
        "[commands]\nload.on = C\nload.off = S\nshutdown.stop = C\n"

/* With the place in front. */
static void collect(void *userdata, int level, const char *file, unsigned line, const char *message) {
        _cleanup_free_ char *placed = NULL;

        ASSERT_TRUE(asprintf(&placed, "%s:%u: %s", file, line, message) >= 0);
        test_report_collect(userdata, level, file, line, placed);
}

static char *write_in(const char *directory, const char *name, const char *text) {
        char *path = strjoin(directory, "/", name);

        ASSERT_TRUE(path);
        test_write_file(path, text);
        return path;
}

static LineProfile *load(const char *path) {
        _cleanup_(test_report_done) TestReport report = {};
        LineProfile *p = NULL;

        if (line_profile_load(path, collect, &report, &p) < 0 || report.all)
                TEST_FAIL("%s", strempty(report.all));
        return p;
}

static void expect_mistake(const char *directory, const char *text, const char *message) {
        _cleanup_free_ char *path = write_in(directory, "bad.profile", text);
        _cleanup_(test_report_done) TestReport report = {};
        LineProfile *p = NULL;

        ASSERT_EQ(line_profile_load(path, collect, &report, &p), -EBADMSG);
        if (!strstr(strempty(report.all), message))
                TEST_FAIL("expected \"%s\", but it was\n%s", message, strempty(report.all));
        ASSERT_TRUE(unlink(path) >= 0);
}

/* What is not said otherwise is taken, and what is said takes its place, by definition or by name. */
static void test_line(const char *directory) {
        _cleanup_free_ char *rows = write_in(directory, "family.rows", FAMILY);
        _cleanup_free_ char *path = write_in(directory, "own.profile",
                        HEAD "family\n[line]\naccepted = YES\n[query:STATUS]\nsend = D\n"
                             "[variables]\nups.load = STATUS:1\n[status]\noffline = STATUS:8@0 is=1\n"
                             "[commands]\nload.off = X\n[command:load.on]\nsend = Y\n");
        _cleanup_(line_profile_unrefp) LineProfile *p = load(path);
        const LineRow *rows_of = p->rows[LINE_ROW_VARIABLE];

        ASSERT_TRUE(strv_length(p->format.accepted) == 1 && streq(p->format.accepted[0], "YES"));
        ASSERT_TRUE(strv_length(p->format.refused) == 1);
        ASSERT_TRUE(p->n_queries == 2 && streq(p->queries[0].name, "F") && !p->queries[1].begin);
        ASSERT_STREQ(p->queries[1].send.pieces[0].text, "D");
        ASSERT_TRUE(streq(p->queries[0].file, rows) && p->queries[0].line == 8);
        ASSERT_TRUE(streq(p->queries[1].file, path) && p->queries[1].line == 9);

        ASSERT_EQ(p->n_rows[LINE_ROW_VARIABLE], 2);
        ASSERT_TRUE(streq(rows_of[0].name, "ups.id") && streq(rows_of[0].file, rows));
        ASSERT_EQ(rows_of[0].line, 15);
        ASSERT_TRUE(streq(rows_of[1].name, "ups.load") && streq(rows_of[1].file, path));
        ASSERT_EQ(rows_of[1].line, 12);
        ASSERT_TRUE(p->n_rows[LINE_ROW_STATUS] == 2 && p->n_rows[LINE_ROW_ALARM] == 1);

        ASSERT_EQ(p->n_commands, 3);
        ASSERT_STREQ(p->commands[0].name, "shutdown.stop");
        ASSERT_STREQ(p->commands[1].steps[0].send.pieces[0].text, "X");
        ASSERT_TRUE(streq(p->commands[2].name, "load.on") && streq(p->commands[2].file, path));
        ASSERT_TRUE(unlink(path) >= 0);
}

/* A later file counts before an earlier one. */
static void test_several(const char *directory) {
        _cleanup_free_ char *rows = write_in(directory, "more.rows", "[variables]\nups.id = STATUS:7\n");
        _cleanup_free_ char *path = write_in(directory, "own.profile", HEAD "family\ninclude = more\n");
        _cleanup_(line_profile_unrefp) LineProfile *p = load(path);

        ASSERT_EQ(p->n_rows[LINE_ROW_VARIABLE], 3);
        ASSERT_TRUE(p->rows[LINE_ROW_VARIABLE][2].selector.word == 7);
        ASSERT_STREQ(p->rows[LINE_ROW_VARIABLE][2].file, rows);
        ASSERT_TRUE(unlink(path) >= 0 && unlink(rows) >= 0);
}

static void test_mistakes(const char *directory) {
        static const struct {
                const char *rows, *own, *message;
        } mistakes[] = {
                { "\n[variables]\nups.load = STATUS:4\n", "", "/bad.rows:3: Unknown query \"STATUS\"" },
                { "[sensors]\n", "", "/bad.rows:1: Unknown section \"sensors\"" },
                { "\"\n", "", "/bad.rows:1: " },
                { "[profile]\ninclude = family\n", "", "/bad.rows:1: [profile] stands in a profile" },
                { "[when:a]\n", "", "/bad.rows:1: [when:a] is empty" },
                { "[query:A]\nsend = A\n[line]\n[query:B]\nsend = B\n[query:A]\nbegin = (\n", "",
                  "/bad.rows:7: [query:A] stands in line 1 already" },
                { "[variables]\nups.%.id = held=1 each=1..2\n",
                  "[query:Q]\nsend = Q\n[variables]\nups.1.id = Q:1\n", "/bad.rows:2 always has" },
                { "[query:A]\nsend = A{$ups.id}\n[variables]\nups.id = A:1\n", "",
                  "/bad.rows:1: [query:A] depends on itself" },
                { "", "include = bad\n", "/bad.profile:7: bad is included already" },
                { "", "include = none\n", "/bad.profile:7: There is no none.rows" },
                { "", "include = ../family\n", "/bad.profile:7: A line is include = NAME" },
                { "", "include = a b\n", "/bad.profile:7: A line is include = NAME" },
        };

        for (size_t i = 0; i < ELEMENTSOF(mistakes); i++) {
                _cleanup_free_ char *rows = write_in(directory, "bad.rows", mistakes[i].rows);
                _cleanup_free_ char *text = strjoin(HEAD "bad\n", mistakes[i].own);

                expect_mistake(directory, text, mistakes[i].message);
                ASSERT_TRUE(unlink(rows) >= 0);
        }
}

/* An own profile in another place includes what is installed in the directory of the same name. */
static void test_place(const char *directory) {
        _cleanup_free_ char *parent = strjoin(directory, "/else"), *below = strjoin(parent, "/qx");
        _cleanup_free_ char *installed = strjoin(directory, "/qx");
        _cleanup_free_ char *path = NULL, *rows = NULL;
        LineProfile *p;

        ASSERT_TRUE(mkdir(parent, 0700) >= 0 && mkdir(below, 0700) >= 0 && mkdir(installed, 0700) >= 0);
        rows = write_in(installed, "far.rows", FAMILY);
        path = write_in(below, "own.profile", HEAD "far\n");
        ASSERT_TRUE(setenv("BUSBAR_PROFILES", directory, 1) >= 0);
        p = load(path);
        ASSERT_STREQ(p->rows[LINE_ROW_VARIABLE][0].file, rows);
        line_profile_unref(p);
        ASSERT_TRUE(unsetenv("BUSBAR_PROFILES") >= 0);
        ASSERT_TRUE(unlink(path) >= 0 && unlink(rows) >= 0);
        ASSERT_TRUE(rmdir(below) >= 0 && rmdir(parent) >= 0 && rmdir(installed) >= 0);
}

static void test_hid(const char *directory) {
        _cleanup_free_ char *rows = write_in(directory, "hid.rows",
                        "[lookup:a]\n1 = one\n[lookup:b]\n1 = two\n[match]\nusb = 1234:5678\n"
                        "[variables]\nups.load = UPS.PercentLoad\nbattery.charge = "
                        "UPS.PowerSummary.RemainingCapacity\n");
        _cleanup_free_ char *path = write_in(directory, "hid.profile",
                        "[profile]\ntitle = x\nversion = 1\ninclude = hid\n[match]\nusb = 1234:5679\n"
                        "[variables]\nups.load = UPS.PowerSummary.PercentLoad\n");
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(hid_profile_unrefp) HidProfile *p = NULL;

        if (hid_profile_load(path, collect, &report, &p) < 0 || report.all)
                TEST_FAIL("%s", strempty(report.all));
        ASSERT_TRUE(p->n_matches == 2 && p->n_rows[PROFILE_ROW_VARIABLE] == 2);
        ASSERT_TRUE(streq(p->matches[0].file, rows) && p->matches[0].line == 6);
        ASSERT_TRUE(streq(p->matches[1].file, path) && p->matches[1].line == 6);
        ASSERT_TRUE(streq(p->rows[PROFILE_ROW_VARIABLE][0].file, rows));
        ASSERT_TRUE(unlink(path) >= 0 && unlink(rows) >= 0);
}

static uint64_t hash_of(const char *path) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;

        if (snmp_profile_load(path, collect, &report, &p) < 0 || report.all)
                TEST_FAIL("%s", strempty(report.all));
        return p->hash;
}

/* Whatever changes in one of its files makes it another one, whether it says so or not. */
static void test_hash(const char *directory) {
        static const char own[] =
                "[profile]\nengine = snmp\ntitle = x\nversion = 1\nmib = x\ninclude = snmp\n"
                "[probe]\nneed = 1.3.6.1.4.1.99999.1\n";
        static const char family[] = "[variables]\nups.load = 1.3.6.1.4.1.99999.2\n";
        _cleanup_free_ char *rows = write_in(directory, "snmp.rows", family);
        _cleanup_free_ char *path = write_in(directory, "snmp.profile", own);
        uint64_t hash = hash_of(path);

        ASSERT_TRUE(hash_of(path) == hash);
        test_write_file(rows, "[variables]\nups.load = 1.3.6.1.4.1.99999.3\n");
        ASSERT_TRUE(hash_of(path) != hash);
        test_write_file(rows, family);
        ASSERT_TRUE(hash_of(path) == hash);
        test_write_file(path, "[profile]\nengine = snmp\ntitle = y\nversion = 1\nmib = x\ninclude = snmp\n"
                              "[probe]\nneed = 1.3.6.1.4.1.99999.1\n");
        ASSERT_TRUE(hash_of(path) != hash);
        ASSERT_TRUE(unlink(path) >= 0 && unlink(rows) >= 0);
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        test_line(directory);
        test_several(directory);
        test_mistakes(directory);
        test_place(directory);
        test_hid(directory);
        test_hash(directory);
        return EXIT_SUCCESS;
}
