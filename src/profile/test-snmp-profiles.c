/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles side by side: ones that are made for it, and those of the tree, whose directory $BUSBAR_PROFILES
 * names. */

#include "snmp-profile.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>

#include "names.h"
#include "test-conf-report.h"
#include "value-number.h"

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

static bool is_number_variable(const char *name) {
        _cleanup_free_ char *first = strdup(name);
        const Name *known;

        ASSERT_TRUE(first);
        for (char *c = first; *c; c++)
                if (*c == '*')
                        *c = '1';
        known = variable_name_find(first);
        return known && known->kind == NAME_NUMBER;
}

/* What clients take for a number is one, or a text that the profile has chosen. */
static void check_numbers(const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                const ValueConversion *c = &row->expression.conversion;
                const char *text = row->held ?: row->value;
                double n;

                if (!is_number_variable(row->name))
                        continue;
                if (text ? !value_number_parse(text, 10, &n) : !c->numeric && !c->lookup)
                        TEST_FAIL("%s:%u: %s may be no number", row->file, row->line, row->name);
        }
}

static bool patterns_same(const SnmpPattern *a, const SnmpPattern *b) {
        if (a->n_parts != b->n_parts)
                return false;
        for (size_t i = 0; i < a->n_parts; i++)
                if (a->parts[i].table != b->parts[i].table ||
                    !snmp_oid_equal(&a->parts[i].ids, &b->parts[i].ids))
                        return false;
        return true;
}

/* Where a row that can be written is written to; NULL: to no object. */
static const SnmpPattern *written_object(const SnmpRow *row) {
        if (!row->writable || row->held)
                return NULL;
        return row->write ? &row->write->object : &row->expression.selector.object;
}

/* Who may set variables may not by that switch power. A delay may be written that a command sets before the
 * object that makes it act; what acts is the last one. Whether the device starts by itself is no order
 * either. */
static void check_switch(const SnmpProfile *p, const SnmpCommand *command) {
        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                const SnmpPattern *object = written_object(row);

                for (size_t k = 0; object && k < command->n_sets; k++)
                        if (patterns_same(object, &command->sets[k].object) &&
                            (!strstr(row->name, ".delay.") || k + 1 == command->n_sets) &&
                            !startswith(row->name, "ups.start.auto"))
                                TEST_FAIL("%s:%u: %s does what %s (line %u) does", row->file, row->line,
                                                row->name, command->name, command->line);
        }
}

/* All devices that have a countdown to start let it run from the order on, when the one to switch off begins
 * as well: with the delay alone the output could be back before it is cut. */
static void check_countdown(const SnmpCommand *command) {
        for (size_t i = 0; i < command->n_sets; i++) {
                const SnmpOperand *o = &command->sets[i].value;

                if (o->text || !streq_ptr(o->expression.selector.name, "ups.delay.start"))
                        continue;
                if (!streq_ptr(o->expression.conversion.offset.variable, "ups.delay.shutdown"))
                        TEST_FAIL("%s:%u: %s does not say when the output is cut", command->file,
                                        command->line, command->name);
        }
}

static void check_commands(const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_commands; i++) {
                const SnmpCommand *command = &p->commands[i];

                check_countdown(command);
                if (startswith(command->name, "load.") || startswith(command->name, "shutdown.") ||
                    startswith(command->name, "outlet."))
                        check_switch(p, command);
        }
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
        for (size_t i = 0; i < p.n_profiles; i++) {
                check_numbers(p.profiles[i]);
                check_commands(p.profiles[i]);
        }
}

/* A process that serves SNMP agents has all of them. (A sanitizer's memory is not seen.) */
static void test_memory(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(snmp_profiles_done) SnmpProfiles p = {};
        size_t before = mallinfo2().uordblks;

        ASSERT_OK(snmp_profiles_load(test_report_collect, &report, &p));
        ASSERT_TRUE(mallinfo2().uordblks - before < 8U << 20);
}

int main(void) {
        test_pairs();
        test_load();
        test_tree();
        test_memory();
        return EXIT_SUCCESS;
}
