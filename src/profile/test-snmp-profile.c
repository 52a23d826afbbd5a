/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-profile.h"

#include <syslog.h>

#include "test-conf-report.h"

#define HEAD "[profile]\nengine = snmp\ntitle = Example\nversion = 1.0\nmib = example\n"
/* What stands behind it is in line 12 and so on. */
#define BEGIN                                                                                               \
        HEAD "[objects]\nexample = 1.3.6.1.4.1.99999\nload = example.1.1 integer\nname = example.2.1 "      \
             "string\ngauge = example.3 gauge\noid = example.4 oid\n"
/* Likewise 15. */
#define TABLE BEGIN "[table:t]\nindex = name\n"

static SnmpProfile *parse(const char *text) {
        _cleanup_(test_report_done) TestReport report = {};
        SnmpProfile *p = NULL;
        int r;

        r = snmp_profile_parse("/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
        if (r < 0 || report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%d: %s\n%s", r, strempty(report.all), text);
        return p;
}

static void check_oid(const SnmpOid *oid, const char *expected) {
        _cleanup_free_ char *text = snmp_oid_text(oid);

        ASSERT_STREQ(text, expected);
}

static void test_head(void) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(
                HEAD "mib = other\nvendor = Maker\ntype = pdu\norder = 7\n[probe]\nsysobjectid = "
                     ".1.3.6.1.4.1.5\nsysobjectid = example.2\nneed = example.1.0 is-match=x\n"
                     "need = agent:sysdescr is-match=y\n[objects]\nexample = below.1\nbelow = 1.3.6\n");
        SnmpOid oid = {};

        ASSERT_STREQ(p->id, "example");
        ASSERT_TRUE(streq(p->title, "Example") && streq(p->version, "1.0") && streq(p->vendor, "Maker"));
        ASSERT_TRUE(streq(p->type, "pdu") && p->order == 7);
        ASSERT_TRUE(snmp_profile_has_mib(p, "EXAMPLE") && snmp_profile_has_mib(p, "other"));
        ASSERT_TRUE(!snmp_profile_has_mib(p, "exampl"));
        check_oid(&p->sysobjectids[1], "1.3.6.1.2");
        ASSERT_TRUE(p->n_rows[SNMP_ROW_NEED] == 2 && p->rows[SNMP_ROW_NEED][0].expression.has_test);
        ASSERT_TRUE(p->n_objects == 2 && streq(p->objects[0].name, "below"));
        check_oid(&p->objects[1].oid, "1.3.6.1");

        ASSERT_OK(snmp_oid_parse("1.3.6.1.4.1.5.9", &oid));
        ASSERT_EQ(snmp_profile_match(p, &oid), 7);
        snmp_oid_done(&oid);
        ASSERT_OK(snmp_oid_parse("1.3.6.1.4", &oid));
        ASSERT_EQ(snmp_profile_match(p, &oid), 0);
        snmp_oid_done(&oid);
}

static void test_tables(void) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(
                BEGIN "[table:outlets]\nparent = units\nindex = name.*\ndepth = 2\nnumber = position\n"
                      "first = 0\nselect = name.* is=1,2\nselect = gauge.{units} is-range=1..3\n"
                      "count = gauge.{units}\nask = once\nmax = 300\nwhen = w\n"
                      "[table:units]\nchain\nindex = example.9\nnumber = value\n"
                      "[table:phases]\nmembers = 1..3\nparent = outlets\n"
                      "[variables]\noutlet.count = table:outlets\n"
                      "outlet.*.name = name.* table=outlets\n"
                      "outlet.*.id = number:units table=outlets\n"
                      "outlet.*.voltage = example.7.{units}.2.{outlets}.*.5 table=phases\n"
                      "ups.id = $outlet.2.name\n"
                      "[when:w]\noption = x\n");
        const SnmpTable *t = p->tables;
        const SnmpRow *rows = p->rows[SNMP_ROW_VARIABLE];

        ASSERT_EQ(p->n_tables, 3);
        ASSERT_TRUE(streq(t[0].name, "units") && t[0].is_chain && t[0].numbering == SNMP_NUMBER_VALUE);
        ASSERT_TRUE(t[0].parent == SNMP_NO_TABLE && t[0].first == 1 && t[0].max == 128);
        ASSERT_TRUE(t[0].ask == SNMP_ASK_SLOW && !t[0].has_count);
        ASSERT_TRUE(streq(t[1].name, "outlets") && t[1].parent == 0 && t[1].depth == 2);
        check_oid(&t[1].index.parts[0].ids, "1.3.6.1.4.1.99999.2.1");
        ASSERT_TRUE(t[1].index.n_parts == 1 && t[1].numbering == SNMP_NUMBER_POSITION && t[1].first == 0);
        ASSERT_TRUE(t[1].n_selects == 2 && t[1].selects[0].selector.object.parts[0].table == 1);
        ASSERT_TRUE(t[1].selects[1].selector.object.parts[0].table == 0 && t[1].selects[1].test.max == 3);
        ASSERT_TRUE(t[1].has_count && t[1].count.selector.object.parts[0].table == 0);
        ASSERT_TRUE(t[1].ask == SNMP_ASK_ONCE && t[1].max == 300 && t[1].whens.n_uses == 1);
        ASSERT_TRUE(t[2].index.n_parts == 0 && t[2].member_first == 1 && t[2].member_last == 3);
        ASSERT_TRUE(t[2].parent == 1);

        ASSERT_TRUE(rows[0].expression.selector.source == SNMP_SOURCE_COUNT);
        ASSERT_TRUE(rows[0].table == SNMP_NO_TABLE && rows[0].expression.selector.table == 1);
        ASSERT_TRUE(rows[1].table == 1 && rows[2].expression.selector.source == SNMP_SOURCE_NUMBER);
        const SnmpPattern *object = &rows[3].expression.selector.object;
        ASSERT_EQ(object->n_parts, 4);
        ASSERT_TRUE(object->parts[0].table == 0 && object->parts[1].table == 1 &&
                        object->parts[2].table == 2);
        ASSERT_TRUE(object->parts[3].table == SNMP_NO_TABLE && object->parts[2].ids.n == 0);
        ASSERT_TRUE(object->parts[1].ids.ids[0] == 2 && object->parts[3].ids.ids[0] == 5);
}

static void test_selectors(void) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(
                BEGIN "zero = example.5.0\n[variables]\nups.load = load.0\nups.power = 1.3.6.1.0\n"
                      "ups.id = $ups.load\nups.type = option:x\nups.mfr = agent:sysdescr\nups.model = "
                      "zero\n");
        static const SnmpSource sources[] = {
                SNMP_SOURCE_OBJECT, SNMP_SOURCE_OBJECT, SNMP_SOURCE_VARIABLE, SNMP_SOURCE_OPTION,
                SNMP_SOURCE_AGENT, SNMP_SOURCE_OBJECT
        };

        for (size_t i = 0; i < ELEMENTSOF(sources); i++)
                ASSERT_EQ(p->rows[SNMP_ROW_VARIABLE][i].expression.selector.source, sources[i]);
        ASSERT_EQ(p->rows[SNMP_ROW_VARIABLE][0].expression.selector.object.type, SNMP_TYPE_INTEGER);
        ASSERT_EQ(p->rows[SNMP_ROW_VARIABLE][1].expression.selector.object.type, _SNMP_TYPE_INVALID);
        check_oid(&p->rows[SNMP_ROW_VARIABLE][0].expression.selector.object.parts[0].ids,
                        "1.3.6.1.4.1.99999.1.1.0");
        ASSERT_STREQ(p->rows[SNMP_ROW_VARIABLE][4].expression.selector.name, "sysdescr");
}

static void test_rows(void) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(
                BEGIN "[variables]\nups.delay.shutdown = held=30 rw range=0..600 step=6 option=offdelay\n"
                      "battery.packs = load.0 decimals=gauge.0 scale=0.1 format=%.1f ask=once when=a "
                      "when=!b\n"
                      "ups.type = value=\"line interactive\"\nups.mfr.date = name.0 form=date hidden\n"
                      "ups.beeper.status = load.0 rw enum lookup=l write=gauge.0\n"
                      "ups.id = name.0 rw length=8\n"
                      "ups.load.high = load.0 mask=3 rw write=\"gauge.0:{argument divide=60}\" range=1..9\n"
                      "input.L%.voltage = load.% each=1..3\n"
                      "[lookup:l]\n1 = off\n2 = on\n[when:a]\noption = a\n[when:b]\noption = b\n"
                      "[status]\nonline = load.0 is=0,1\noffline = load.0 is-range=2..3 else ask=full\n"
                      "[alarms]\n\"All is lost!\" = load.0 is=7\n* = oid.0 lookup=oids\n"
                      "[lookup:oids]\nexample.5 = five\n1.3.6.1.4.1.99999.6 = six\n* = other\n"
                      "[derived]\nups.realpower = 0.01 ups.id:2 battery.packs format=%.1f when=!a\n"
                      "[commands]\nload.off.delay = set=load.0:{$ups.delay.shutdown}\n"
                      "[traps]\nexample.1 = \"On battery\" level=warning\n1.3.6.1.9 = x\n");
        const SnmpRow *rows = p->rows[SNMP_ROW_VARIABLE];

        ASSERT_TRUE(rows[0].writable && rows[0].step == 6 && rows[0].ranges[0].max.value == 600);
        ASSERT_TRUE(streq(rows[0].held, "30") && streq(rows[0].option, "offdelay"));
        ASSERT_TRUE(rows[1].expression.decimals && rows[1].expression.conversion.numeric);
        ASSERT_TRUE(rows[1].expression.decimals->source == SNMP_SOURCE_OBJECT &&
                        rows[1].ask == SNMP_ASK_ONCE);
        ASSERT_TRUE(rows[1].whens.n_uses == 2 && rows[1].whens.uses[1].negate &&
                        rows[2].ask == SNMP_ASK_FULL);
        ASSERT_TRUE(streq(rows[2].value, "line interactive") && rows[3].hidden);
        ASSERT_TRUE(rows[3].expression.form == SNMP_FORM_DATE && rows[4].enumerated && rows[4].write);
        ASSERT_TRUE(!rows[4].has_write_value && rows[5].length_max == 8 && !rows[5].write);
        ASSERT_TRUE(rows[6].has_write_value && rows[6].write->value.expression.conversion.divide == 60);
        ASSERT_TRUE(rows[6].write->value.expression.selector.source == SNMP_SOURCE_ARGUMENT);
        ASSERT_STREQ(rows[9].name, "input.L3.voltage");
        ASSERT_TRUE(rows[9].line == 20 && streq(rows[9].file, "/x/example.profile"));

        rows = p->rows[SNMP_ROW_STATUS];
        ASSERT_TRUE(rows[0].condition == CONDITION_ONLINE && rows[0].ask == SNMP_ASK_QUICK);
        ASSERT_TRUE(rows[1].alternative && rows[1].expression.test.has_range &&
                        rows[1].ask == SNMP_ASK_FULL);
        ASSERT_STREQ(p->rows[SNMP_ROW_ALARM][0].name, "All is lost!");
        ASSERT_TRUE(!p->rows[SNMP_ROW_ALARM][1].name);
        ASSERT_STREQ(p->rows[SNMP_ROW_ALARM][1].expression.conversion.lookup->entries[0].word,
                        "1.3.6.1.4.1.99999.5");
        ASSERT_TRUE(p->n_derived == 1 && p->derived[0].n_factors == 3 && p->derived_whens[0].n_uses == 1);
        ASSERT_TRUE(p->n_traps == 2 && p->traps[0].level == LOG_WARNING && p->traps[1].level == LOG_NOTICE);
        ASSERT_STREQ(p->traps[0].text, "On battery");
        check_oid(&p->traps[0].oid, "1.3.6.1.4.1.99999.1");
}

static void test_commands(void) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(
                TABLE "[variables]\noutlet.*.name = name.* table=t\nups.delay.start = held=1\n"
                      "[commands]\nload.on = set=load.0:1 set=gauge.0:2 together check=ready when=rack "
                      "when=!no\n"
                      "load.on.delay = set=\"load.0:{argument:120 divide=60 format=%d}\" range=1..99 "
                      "pause=0.5\n"
                      "outlet.*.load.off = set=load.*:2 table=t verify=load.* is=2 within=9\n"
                      "outlet.*.load.on = set=load.*:1 table=t verify=load.* is=1 when=member\n"
                      "test.battery.start = set=oid.0:example.7 set=\"name.0:a b\" set=load.0:{gauge.0}\n"
                      "beeper.enable = set=load.0:{$ups.delay.start} set=name.0:{argument} lookup=yes-no\n"
                      "[when:ready]\nexists = load.0\nvalue = load.0 mask=1 is=1\nvariable = "
                      "ups.delay.start\n"
                      "variable = ups.delay.start 1..3\nvariable = ups.delay.start on,off\ntable = t 2..5\n"
                      "sysobjectid = example.3\nsysdescr = \"^x\"\nall = rack !no\nany = no\n"
                      "[when:rack]\noption = rack\n[when:no]\noption = no\n"
                      "[when:member]\nvalue = name.* is-match=x\nvariable = outlet.*.name\nexists = "
                      "load.{t}\n");
        const SnmpCommand *c = p->commands;

        ASSERT_EQ(p->n_commands, 6);
        ASSERT_TRUE(c[0].n_sets == 2 && c[0].together && c[0].whens.n_uses == 2);
        ASSERT_TRUE(c[0].check && streq(c[0].check->name, "ready") && c[0].check->n_facts == 10);
        ASSERT_STREQ(c[0].sets[1].value.text, "2");
        ASSERT_TRUE(c[1].n_ranges == 1 && c[1].pause_usec == 500000 && !c[1].sets[0].value.text);
        ASSERT_STREQ(c[1].sets[0].value.expression.selector.name, "120");
        ASSERT_STREQ(c[1].sets[0].value.expression.conversion.format, "%d");
        ASSERT_TRUE(c[2].has_verify && c[2].within_usec == 9000000 && c[2].table == 0);
        ASSERT_TRUE(c[3].within_usec == 5000000 && c[2].sets[0].object.parts[0].table == 0);
        ASSERT_STREQ(c[4].sets[0].value.text, "1.3.6.1.4.1.99999.7");
        ASSERT_STREQ(c[4].sets[1].value.text, "a b");
        ASSERT_TRUE(c[4].sets[2].value.expression.selector.source == SNMP_SOURCE_OBJECT);
        ASSERT_TRUE(c[5].lookup && c[5].sets[0].value.expression.selector.source == SNMP_SOURCE_VARIABLE);

        const SnmpWhen *when = &p->whens[3];
        ASSERT_STREQ(when->name, "member");
        ASSERT_EQ(when->facts[0].expression.selector.object.parts[0].table, SNMP_ROW_TABLE);
        ASSERT_EQ(when->facts[2].expression.selector.object.parts[0].table, 0);
}

#include "test-snmp-mistakes.h"

static void test_mistakes(void) {
        for (size_t i = 0; i < ELEMENTSOF(mistakes); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
                const char *text = mistakes[i].text;
                int r;

                r = snmp_profile_parse(
                        "/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
                if (r != -EBADMSG || report.n_errors != 1 || report.last_line != mistakes[i].line ||
                    !strstr(report.last, mistakes[i].message))
                        TEST_FAIL("%d, %zu errors, line %u, \"%s\", expected line %u, \"%s\":\n%s", r,
                                        report.n_errors, report.last_line, strempty(report.all),
                                        mistakes[i].line, mistakes[i].message, text);
        }
}

/* What is only told, and the profile is used. */
static void test_warnings(void) {
        static const struct {
                const char *text, *message;
        } warnings[] = {
                { TABLE, "[table:t] is not used" },
                { BEGIN "[when:w]\noption = x\n", "[when:w] is not used" },
                { BEGIN "[lookup:l]\n1 = x\n", "[lookup:l] is not used" },
                { BEGIN "[variables]\nups.nonsense = load.0\n", "no variable of busbar-names(7)" },
                { BEGIN "[commands]\nload.explode = set=load.0:1\n", "no command of busbar-names(7)" },
                { BEGIN "[variables]\nups.delay.start = held=1 rw\n", "has no effect" },
        };

        for (size_t i = 0; i < ELEMENTSOF(warnings); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
                const char *text = warnings[i].text;

                ASSERT_OK(snmp_profile_parse(
                        "/x/example.profile", text, strlen(text), test_report_collect, &report, &p));
                test_report_check(&report, 0, 1, warnings[i].message);
        }
}

/* What is one of several words. */
static void test_choices(void) {
        static const char *const asks[_SNMP_ASK_MAX] = { "quick", "full", "slow", "once" };
        static const char *const forms[_SNMP_FORM_MAX] = { "text", "hex", "mac", "date", "bits", "bytes" };

        for (SnmpAsk a = 0; a < _SNMP_ASK_MAX; a++) {
                _cleanup_free_ char *text = strjoin(BEGIN "[variables]\nups.load = load.0 ask=", asks[a],
                                "\n");
                _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(text);

                ASSERT_EQ(p->rows[SNMP_ROW_VARIABLE][0].ask, a);
        }
        for (SnmpForm f = 0; f < _SNMP_FORM_MAX; f++) {
                _cleanup_free_ char *text = strjoin(BEGIN "[variables]\nups.load = load.0 form=", forms[f],
                                "\n");
                _cleanup_(snmp_profile_unrefp) SnmpProfile *p = parse(text);

                ASSERT_EQ(p->rows[SNMP_ROW_VARIABLE][0].expression.form, f);
        }
}

int main(void) {
        test_head();
        test_tables();
        test_selectors();
        test_rows();
        test_commands();
        test_warnings();
        test_choices();
        test_mistakes();
        return EXIT_SUCCESS;
}
