/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* MIB files, and drafts of profiles from walks. */

#include "snmp-draft.h"
#include "snmp-profile.h"
#include "test-conf-report.h"

static const char mib_text[] =
        "EXAMPLE-MIB DEFINITIONS ::= BEGIN\n"
        "IMPORTS MODULE-IDENTITY, OBJECT-TYPE FROM SNMPv2-SMI\n  enterprises FROM RFC1155-SMI;\n"
        "exampleMIB MODULE-IDENTITY LAST-UPDATED \"x\" DESCRIPTION \"no ::= { here 1 } \"\n"
        "  ::= { enterprises 99999 } -- and { no more -- ident OBJECT IDENTIFIER ::= { exampleMIB 1 }\n"
        "OnOff ::= TEXTUAL-CONVENTION STATUS current DESCRIPTION \"\" SYNTAX INTEGER { turnedOn(1), off(2) "
        "}\n"
        "identModel OBJECT-TYPE SYNTAX DisplayString (SIZE(0..31)) MAX-ACCESS read-only ::= { ident 1 }\n"
        "outputSource OBJECT-TYPE SYNTAX INTEGER { other(1), normal(3), battery(5), bypass(4) }\n"
        "  ACCESS read-only ::= { ident 2 }\n"
        "batteryVoltage OBJECT-TYPE SYNTAX Integer32 UNITS \"0.1 Volt DC\" MAX-ACCESS read-only\n"
        "  ::= { ident 3 }\n"
        "outletTable OBJECT-TYPE SYNTAX SEQUENCE OF OutletEntry ::= { exampleMIB 2 }\n"
        "outletEntry OBJECT-TYPE SYNTAX OutletEntry INDEX { outletIndex } ::= { outletTable 1 }\n"
        "OutletEntry ::= SEQUENCE { outletIndex INTEGER, outletName DisplayString }\n"
        "outletIndex OBJECT-TYPE SYNTAX INTEGER ::= { outletEntry 1 }\n"
        "outletName OBJECT-TYPE SYNTAX DisplayString MAX-ACCESS read-write ::= { outletEntry 2 }\n"
        "outletState OBJECT-TYPE SYNTAX OnOff MAX-ACCESS read-only ::= { outletEntry 3 }\n"
        "outletCurrent OBJECT-TYPE SYNTAX Gauge32 ::= { outletEntry 4 }\n"
        "lost OBJECT-TYPE SYNTAX INTEGER ::= { nowhere 4 }\n"
        "onBattery NOTIFICATION-TYPE STATUS current ::= { iso org(3) dod(6) 1 4 1 99999 0 7 }\n"
        "oldTrap TRAP-TYPE ENTERPRISE exampleMIB DESCRIPTION \"x\" ::= 9\nEND\n";

static const char walk_text[] =
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7\n"
        "1.3.6.1.4.1.99999.1.1.0|4|Example # 1\n"
        "1.3.6.1.4.1.99999.1.2.0|2|3\n"
        "1.3.6.1.4.1.99999.1.3.0|2|271\n"
        "1.3.6.1.4.1.99999.1.4.0|2|12\n"
        "1.3.6.1.4.1.99999.2.1.1.1|2|1\n1.3.6.1.4.1.99999.2.1.1.2|2|2\n"
        "1.3.6.1.4.1.99999.2.1.2.1|4|First\n1.3.6.1.4.1.99999.2.1.2.2|4|Second\n"
        "1.3.6.1.4.1.99999.2.1.3.1|2|1\n1.3.6.1.4.1.99999.2.1.3.2|2|2\n"
        "1.3.6.1.4.1.99999.2.1.4.1|66|3\n1.3.6.1.4.1.99999.2.1.4.2|66|4\n"
        "1.3.6.1.4.1.99998.1.1.1.1|2|1\n1.3.6.1.4.1.99998.1.1.1.2|2|1\n";

static const SnmpMibObject *find(const SnmpMib *m, const char *oid) {
        SnmpOid parsed;
        const SnmpMibObject *o;

        ASSERT_OK(snmp_oid_parse(oid, &parsed));
        o = snmp_mib_find(m, &parsed);
        snmp_oid_done(&parsed);
        return o;
}

static void read_mib(SnmpMib *m) {
        ASSERT_OK(snmp_mib_read(m, mib_text, strlen(mib_text)));
        ASSERT_EQ(snmp_mib_resolve(m), 1);
        ASSERT_TRUE(strv_length(m->missing) == 1 && streq(m->missing[0], "nowhere"));
}

static void test_mib(void) {
        _cleanup_(snmp_mib_done) SnmpMib m = {};
        const SnmpMibObject *o;

        read_mib(&m);
        o = find(&m, "1.3.6.1.4.1.99999.1.1.0");
        ASSERT_TRUE(o && streq(o->name, "identModel") && o->is_object && !o->is_writable);
        o = find(&m, "1.3.6.1.4.1.99999.1.2");
        ASSERT_TRUE(streq(o->name, "outputSource") && strv_length(o->words) == 8);
        ASSERT_TRUE(streq(o->words[2], "3") && streq(o->words[3], "normal"));
        o = find(&m, "1.3.6.1.4.1.99999.1.3");
        ASSERT_STREQ(o->units, "0.1 Volt DC");
        o = find(&m, "1.3.6.1.4.1.99999.2.1.3.7");
        ASSERT_TRUE(streq(o->name, "outletState") && streq(o->words[1], "turnedOn"));
        ASSERT_TRUE(find(&m, "1.3.6.1.4.1.99999.2.1.2")->is_writable);
        o = find(&m, "1.3.6.1.4.1.99999.0.7");
        ASSERT_TRUE(streq(o->name, "onBattery") && o->is_notification);
        ASSERT_STREQ(find(&m, "1.3.6.1.4.1.99999.0.9")->name, "oldTrap");
        ASSERT_TRUE(!find(&m, "1.3.6.1.2.1"));
}

static char *draft(const SnmpMib *mib, const SnmpDraftOptions *options, int expected) {
        _cleanup_(snmp_walk_done) SnmpWalk w = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ASSERT_OK(snmp_walk_parse(walk_text, strlen(walk_text), NULL, NULL, &w));
        ASSERT_TRUE(f);
        ASSERT_EQ(snmp_draft_write(&w, mib, options, f), expected);
        ASSERT_EQ(fclose(f), 0);
        return text;
}

static SnmpProfile *parse(const char *text) {
        _cleanup_(test_report_done) TestReport report = {};
        SnmpProfile *p = NULL;
        int r;

        r = snmp_profile_parse("draft.profile", text, strlen(text), test_report_collect, &report, &p);
        if (r < 0 || report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%d: %s\n%s", r, strempty(report.all), text);
        return p;
}

static void expect(const char *text, const char *const *lines) {
        for (; *lines; lines++)
                if (!strstr(text, *lines))
                        TEST_FAIL("The draft lacks \"%s\":\n%s", *lines, text);
}

static void test_with_mib(void) {
        static const char *const lines[] = {
                "\nmib = example\ntype = ups\n",
                "\nsysobjectid = 1.3.6.1.4.1.99999.7\nneed = identModel.0\n",
                "\nexampleMIB = 1.3.6.1.4.1.99999\n", "\noutletName = exampleMIB.2.1.2 string\n",
                "\n[table:outlet]    # 2 here\nindex = outletIndex\n",
                "\nups.model = identModel.0    # \"Example # 1\"\n",
                "\nbattery.voltage = batteryVoltage.0 scale=0.1    # 271, in \"0.1 Volt DC\"\n",
                "\noutlet.*.name = outletName.* table=outlet    # \"First\", can be set\n",
                "\noutlet.*.status = outletState.* table=outlet lookup=outletState    # 1 (turnedOn)\n",
                "\n[lookup:outletState]\n1 = \"on\"\n2 = \"off\"\n", "\n# ? = object-1-4.0    # 12\n",
                "\nonline = outputSource.0 is=3    # normal\ndischarging = outputSource.0 is=5    # "
                "battery\n",
                "\nexampleMIB.0.7 = \"onBattery\"\n", NULL
        };
        _cleanup_(snmp_mib_done) SnmpMib m = {};
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
        _cleanup_free_ char *text = NULL;

        read_mib(&m);
        text = draft(&m, &(SnmpDraftOptions) { .name = "example" }, 0);
        expect(text, lines);
        p = parse(text);
        ASSERT_TRUE(p->n_tables == 1 && p->n_rows[SNMP_ROW_VARIABLE] == 5 && p->n_traps == 2);
}

static void test_without_mib(void) {
        static const char *const lines[] = {
                "\nmib = enterprise-99999\n", "\nobject-2-1-4 = enterprise.2.1.4\n",
                "\n# [table:table-2-1]    # 2 here\n# index = object-2-1-1\n",
                "\n# ? = object-2-1-2.* table=table-2-1    # \"First\"\n", NULL
        };
        static const char *const others[] = { "\nenterprise = 1.3.6.1.4.1.99998\n", "# Of others, too?",
                        NULL };
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL, *other = NULL;
        _cleanup_free_ char *text = draft(NULL, &(SnmpDraftOptions) {}, 0), *second = NULL, *none = NULL;
        SnmpOid oid;

        expect(text, lines);
        p = parse(text);

        ASSERT_OK(snmp_oid_parse("1.3.6.1.4.1.99998", &oid));
        second = draft(NULL, &(SnmpDraftOptions) { .enterprise = &oid }, 0);
        expect(second, others);
        other = parse(second);
        oid.ids[oid.n - 1] = 1;
        none = draft(NULL, &(SnmpDraftOptions) { .enterprise = &oid }, -ENOENT);
        free(none);
        none = draft(NULL, &(SnmpDraftOptions) { .name = "Not good" }, -EINVAL);
        snmp_oid_done(&oid);
}

/* What stands in a MIB where a number or a unit should does not become lines of a profile. */
static void test_odd_mib(void) {
        static const char odd[] =
                "m MODULE-IDENTITY ::= { iso org(3) dod(6) 1 4 1 99999 }\n"
                "outputSource OBJECT-TYPE SYNTAX INTEGER { normal(\"3\nload.on = x\"), off(2x), "
                "no(--\n- 1), battery(-5), bypass(4), last(\"4\") } "
                "UNITS \"V\nups.model = x\" ACCESS read-only "
                "::= { m 1 2 }\n"
                "other OBJECT-TYPE SYNTAX INTEGER { empty(} UNITS \"V\" ACCESS read-only ::= { m 1 4 }\n";
        _cleanup_(snmp_mib_done) SnmpMib m = {};
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
        _cleanup_free_ char *text = NULL;
        const SnmpMibObject *o;

        ASSERT_OK(snmp_mib_read(&m, odd, strlen(odd)));
        ASSERT_EQ(snmp_mib_resolve(&m), 0);
        o = find(&m, "1.3.6.1.4.1.99999.1.2");
        ASSERT_TRUE(o && strv_length(o->words) == 4);
        ASSERT_TRUE(streq(o->words[0], "-5") && streq(o->words[2], "4"));
        o = find(&m, "1.3.6.1.4.1.99999.1.4");
        ASSERT_TRUE(o && strv_length(o->words) == 0 && streq(o->units, "V"));

        text = draft(&m, &(SnmpDraftOptions) {}, 0);
        ASSERT_TRUE(!strstr(text, "= x"));
        p = parse(text);
}

int main(void) {
        test_mib();
        test_with_mib();
        test_without_mib();
        test_odd_mib();
        return EXIT_SUCCESS;
}
