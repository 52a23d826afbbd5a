/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-walk.h"
#include "test-util.h"

typedef struct Reports {
        unsigned n, lines[8];
} Reports;

static void on_report(void *userdata, unsigned line, const char *message) {
        Reports *r = userdata;

        ASSERT_TRUE(message);
        if (r->n < ELEMENTSOF(r->lines))
                r->lines[r->n] = line;
        r->n++;
}

static SnmpWalk walk_of(const char *text, size_t n, unsigned n_reports) {
        Reports reports = {};
        SnmpWalk walk;

        ASSERT_OK(snmp_walk_parse(text, n, on_report, &reports, &walk));
        ASSERT_EQ(reports.n, n_reports);
        return walk;
}

static const SnmpValue *value_of(const SnmpWalk *w, const char *s) {
        _cleanup_(snmp_oid_done) SnmpOid oid = {};

        ASSERT_OK(snmp_oid_parse(s, &oid));
        return snmp_walk_find(w, &oid);
}

/* One line in, one line of ours out. */
typedef struct Case {
        const char *line, *own;
} Case;

static void check_cases(const Case *cases, size_t n) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_(snmp_walk_done) SnmpWalk walk = {};
                _cleanup_free_ char *text = NULL;
                size_t length;
                FILE *f = open_memstream(&text, &length);
                int r = snmp_walk_parse(cases[i].line, strlen(cases[i].line), NULL, NULL, &walk);

                ASSERT_TRUE(f);
                if (r >= 0)
                        ASSERT_OK(snmp_walk_write(&walk, f));
                ASSERT_EQ(fclose(f), 0);
                if (!cases[i].own) {
                        if (r >= 0)
                                TEST_FAIL("%s: read as %s", cases[i].line, text);
                        ASSERT_EQ(r, -EBADMSG);
                        continue;
                }
                if (r < 0)
                        TEST_FAIL("%s: %s", cases[i].line, strerror(-r));

                const char *own = strchr(text, '\n') + 1;

                if (strlen(own) != strlen(cases[i].own) + 1 || !startswith(own, cases[i].own))
                        TEST_FAIL("%s: read as %s", cases[i].line, own);
        }
}

static void test_records(void) {
        static const Case cases[] = {
                { "1.3.6|2|-5",                        "1.3.6 integer -5"                },
                { ".1.3.6|2|5\r",                      "1.3.6 integer 5"                 },
                { "1.3.6|2|2147483648",                NULL                              },
                { "1.3.6|2|",                          NULL                              },
                { "1.3.6|2|5V",                        NULL                              },
                { "1.3.6|4|",                          "1.3.6 string \"\""               },
                { "1.3.6|4|a|b \"c\\",                 "1.3.6 string \"a|b \\\"c\\\\\""  },
                { "1.3.6|4|\xc3\xa4",                  "1.3.6 string \"\\xc3\\xa4\""     },
                { "1.3.6|4x|00410d0a",                 "1.3.6 string \"\\x00A\\r\\n\""   },
                { "1.3.6|4x|0",                        NULL                              },
                { "1.3.6|4e|\\x07\\t\\\\(\\101",       "1.3.6 string \"\\x07\\x09\\\\(A\"" },
                { "1.3.6|4e|\\q",                      NULL                              },
                { "1.3.6|4e|\\",                       NULL                              },
                { "1.3.6|5|",                          "1.3.6 null"                      },
                { "1.3.6|6|.1.3.6.1.4.1.318",          "1.3.6 oid 1.3.6.1.4.1.318"       },
                { "1.3.6|64|192.0.2.1",                "1.3.6 address 192.0.2.1"         },
                { "1.3.6|64x|c0000201",                "1.3.6 address 192.0.2.1"         },
                { "1.3.6|64x|c00002",                  NULL                              },
                { "1.3.6|65|4294967295",               "1.3.6 counter 4294967295"        },
                { "1.3.6|66|-1",                       NULL                              },
                { "1.3.6|67|123",                      "1.3.6 ticks 123"                 },
                { "1.3.6|70|18446744073709551615",     "1.3.6 counter64 18446744073709551615" },
                { "1.3.6|68x|9f780442f68000",          "1.3.6 real 123.25"               },
                { "1.3.6|68x|9f7908405edd2f1a9fbe77",  "1.3.6 real 123.456"              },
                { "1.3.6|68x|9f780342f680",            "1.3.6 opaque \"\\x9fx\\x03B\\xf6\\x80\"" },
                { "1.3.6|2:numeric|min=1,initial=2",   "1.3.6 integer 2"                 },
                { "1.3.6|4:writecache|value=a, b",     "1.3.6 string \"a, b\""           },
                { "1.3.6|2:numeric|min=1",             NULL                              },
                { "1.3.6|128|",                        NULL                              },
                { "1.3.6|99|1",                        NULL                              },
                { "sysDescr.0|4|x",                    NULL                              },
                { "1.3.6|4",                           NULL                              },
                { "1.3.6",                             NULL                              },
                { "# 1.3.6|2|1",                       NULL                              },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

static void test_printed(void) {
        static const Case cases[] = {
                { ".1.3.6 = INTEGER: 2",               "1.3.6 integer 2"                 },
                { ".1.3.6 = INTEGER: up(1)",           "1.3.6 integer 1"                 },
                { ".1.3.6 = INTEGER: -23.5 degrees (C)", "1.3.6 integer -235"            },
                { "iso.3.6 = INTEGER: 230 Volts",      "1.3.6 integer 230"               },
                { "iso.3.6 = INTEGER: up",             NULL                              },
                { "SNMPv2-SMI::enterprises.318.1 = Gauge32: 7", "1.3.6.1.4.1.318.1 gauge 7" },
                { ".iso.org.dod.internet.mgmt.mib-2.33.1 = Counter64: 7", "1.3.6.1.2.1.33.1 counter64 7" },
                { "Vendor-MIB::object.1 = INTEGER: 2", NULL                              },
                { ".1.3.6 = Timeticks: (123) 0:00:01.23", "1.3.6 ticks 123"              },
                { ".1.3.6 = 123",                      "1.3.6 ticks 123"                 },
                { ".1.3.6 = Hex-STRING: 00 FF 0a ",    "1.3.6 string \"\\x00\\xff\\n\""  },
                { ".1.3.6 = Hex-STRING: 41 42\n43 44\n", "1.3.6 string \"ABCD\""         },
                { ".1.3.6 = Hex-STRING: zz",           NULL                              },
                { ".1.3.6 = BITS: 80 0 first(0) ",     "1.3.6 string \"\\x80\\x00\""     },
                { ".1.3.6 = \"\"",                     "1.3.6 string \"\""               },
                { ".1.3.6 = STRING: ",                 "1.3.6 string \"\""               },
                { ".1.3.6 = STRING: \"a = \\\"b\\\"\"", "1.3.6 string \"a = \\\"b\\\"\"" },
                { ".1.3.6 = STRING: \"a\nb\n\"",       "1.3.6 string \"a\\nb\\n\""       },
                { ".1.3.6 = STRING: not quoted\n",     "1.3.6 string \"not quoted\""     },
                { ".1.3.6 = STRING: \"a\\\\\"",        "1.3.6 string \"a\\\\\""          },
                { ".1.3.6 = OID: .1.3.6.1",            "1.3.6 oid 1.3.6.1"               },
                { ".1.3.6 = OID: SNMPv2-SMI::enterprises.318", "1.3.6 oid 1.3.6.1.4.1.318" },
                { ".1.3.6 = IpAddress: 192.0.2.1",     "1.3.6 address 192.0.2.1"         },
                { ".1.3.6 = Network Address: C0:00:02:01", "1.3.6 address 192.0.2.1"     },
                { ".1.3.6 = Opaque: Float: 1.500000",  "1.3.6 real 1.5"                  },
                { ".1.3.6 = NULL",                     "1.3.6 null"                      },
                { ".1.3.6 = Wrong Type (should be INTEGER): Gauge32: 4", "1.3.6 gauge 4" },
                { ".1.3.6 = No Such Instance currently exists at this OID", NULL         },
                { ".1.3.6 = Thing: 4",                 NULL                              },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

/* A text that is never closed takes no other object with it. */
static void test_not_closed(void) {
        static const char text[] = ".1.3.1 = STRING: \"open\nstill\n.1.3.2 = INTEGER: 2\n";
        _cleanup_(snmp_walk_done) SnmpWalk walk = walk_of(text, strlen(text), 1);

        ASSERT_EQ(walk.n_values, 1);
        ASSERT_TRUE(value_of(&walk, "1.3.2"));
}

static void test_order(void) {
        static const char text[] = "1.3.10|2|1\n1.3.2|2|2\n\n# comment\n1.3.10|2|3\nx\0y|2|1\n1.3|2|4";
        _cleanup_(snmp_walk_done) SnmpWalk walk = walk_of(text, sizeof(text) - 1, 2);
        _cleanup_(snmp_oid_done) SnmpOid oid = {};

        ASSERT_EQ(walk.n_values, 3);
        ASSERT_EQ(walk.values[0].integer, 4);
        ASSERT_EQ(walk.values[1].integer, 2);
        ASSERT_EQ(walk.values[2].integer, 1);
        ASSERT_TRUE(!value_of(&walk, "1.3.3"));
        ASSERT_OK(snmp_oid_parse("1.3.3", &oid));
        ASSERT_EQ(snmp_walk_next(&walk, &oid)->integer, 1);
        ASSERT_TRUE(!snmp_walk_next(&walk, &walk.values[2].oid));
}

static void test_own(void) {
        static const char text[] = "busbar-recording 1 snmp\n"
                                   "1.3.1 string \"a\\x00\\n\" # comment\n"
                                   "# comment\n\n"
                                   "1.3.2 real -1.5e3\n"
                                   "1.3.3 integer\n"
                                   "1.3.4 integer 5 6\n"
                                   "1.3.5 string \"a\n"
                                   "1.3.6 thing 5\n"
                                   "1.3.7 no-object\n";
        _cleanup_(snmp_walk_done) SnmpWalk walk = walk_of(text, strlen(text), 4);

        ASSERT_EQ(walk.n_values, 2);
        ASSERT_EQ(walk.values[0].n_bytes, 3);
        ASSERT_EQ(memcmp(walk.values[0].bytes, "a\0\n", 4), 0);
        ASSERT_TRUE(walk.values[1].real == -1500);
}

/*** The link ***/

typedef struct Answer {
        bool is_there;
        int r;
        unsigned status;
        size_t index, n;
        char text[8][32];
} Answer;

static void write_value(const SnmpValue *v, char *s, size_t size) {
        _cleanup_free_ char *oid = snmp_oid_text(&v->oid);

        (void) snprintf(s, size, "%s %s %lld", oid, snmp_type_to_string(v->type), (long long) v->integer);
}

static void on_done(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        Answer *a = userdata;

        ASSERT_FALSE(a->is_there);
        *a = (Answer) { .is_there = true, .r = r };
        if (r < 0)
                return;
        a->status = reply->status;
        a->index = reply->index;
        a->n = reply->n_values;
        for (size_t i = 0; i < MIN(a->n, ELEMENTSOF(a->text)); i++)
                write_value(reply->values + i, a->text[i], sizeof(a->text[i]));
}

static SnmpLink *link_new(sd_event *event, bool is_v1) {
        static const char text[] = "1.3.1.0|2|1\n1.3.2.0|70|1\n1.3.3.1|2|3\n1.3.3.2|2|4\n";
        _cleanup_(snmp_walk_done) SnmpWalk walk = walk_of(text, strlen(text), 0);
        SnmpLink *link;

        ASSERT_OK(snmp_walk_link_new(event, "test", &walk, is_v1, &link));
        ASSERT_TRUE(!walk.values);
        ASSERT_STREQ(link->peer, "test");
        return link;
}

static Answer ask(SnmpLink *link, sd_event *event, SnmpOperation operation, unsigned repetitions,
                  const char *first, const char *second) {
        _cleanup_(snmp_oid_done) SnmpOid a = {}, b = {};
        Answer answer = {};

        ASSERT_OK(snmp_oid_parse(first, &a));
        if (second)
                ASSERT_OK(snmp_oid_parse(second, &b));
        ASSERT_OK(snmp_link_request(link,
                &(SnmpRequest) {
                        .operation = operation,
                        .oids = (SnmpOid[]) { a, b },
                        .n = second ? 2 : 1,
                        .repetitions = repetitions },
                on_done, &answer));
        ASSERT_FALSE(answer.is_there);
        while (!answer.is_there)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        return answer;
}

static Answer set(SnmpLink *link, sd_event *event, const char *oid, int64_t integer, SnmpType type) {
        _cleanup_(snmp_value_done) SnmpValue v = { .type = type, .integer = integer };
        Answer answer = {};

        ASSERT_OK(snmp_oid_parse(oid, &v.oid));
        ASSERT_OK(snmp_link_request(
                link, &(SnmpRequest) { .operation = SNMP_SET, .values = &v, .n = 1 }, on_done, &answer));
        while (!answer.is_there)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        return answer;
}

static void test_link(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        Answer a;

        ASSERT_OK(sd_event_new(&event));
        link = link_new(event, false);

        a = ask(link, event, SNMP_GET, 0, "1.3.1.0", "1.3.3.7");
        ASSERT_EQ(a.n, 2);
        ASSERT_STREQ(a.text[0], "1.3.1.0 integer 1");
        ASSERT_STREQ(a.text[1], "1.3.3.7 no-instance 0");
        a = ask(link, event, SNMP_GET, 0, "1.3.9.0", NULL);
        ASSERT_STREQ(a.text[0], "1.3.9.0 no-object 0");
        a = ask(link, event, SNMP_GET_NEXT, 0, "1.3.1", "1.3.3.2");
        ASSERT_STREQ(a.text[0], "1.3.1.0 integer 1");
        ASSERT_STREQ(a.text[1], "1.3.3.2 end 0");
        a = ask(link, event, SNMP_GET_BULK, 5, "1.3.2", NULL);
        ASSERT_EQ(a.n, 4);
        ASSERT_STREQ(a.text[2], "1.3.3.2 integer 4");
        ASSERT_STREQ(a.text[3], "1.3.3.2 end 0");

        a = set(link, event, "1.3.3.1", 9, SNMP_TYPE_INTEGER);
        ASSERT_EQ(a.status, 0);
        a = set(link, event, "1.3.3.2", 9, SNMP_TYPE_GAUGE);
        ASSERT_EQ(a.status, 7);
        a = set(link, event, "1.3.3.3", 9, SNMP_TYPE_INTEGER);
        ASSERT_EQ(a.status, 17);
        ASSERT_EQ(a.index, 1);
        a = ask(link, event, SNMP_GET, 0, "1.3.3.1", "1.3.3.2");
        ASSERT_STREQ(a.text[0], "1.3.3.1 integer 9");
        ASSERT_STREQ(a.text[1], "1.3.3.2 integer 4");
}

static void test_link_v1(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        Answer a;

        ASSERT_OK(sd_event_new(&event));
        link = link_new(event, true);

        a = ask(link, event, SNMP_GET, 0, "1.3.1.0", "1.3.2.0");
        ASSERT_EQ(a.status, SNMP_STATUS_NO_SUCH_NAME);
        ASSERT_EQ(a.index, 2);
        ASSERT_EQ(a.n, 2);
        a = ask(link, event, SNMP_GET_BULK, 5, "1.3.1.0", NULL);
        ASSERT_EQ(a.n, 1);
        ASSERT_STREQ(a.text[0], "1.3.3.1 integer 3");
        a = ask(link, event, SNMP_GET_NEXT, 0, "1.3.3.2", NULL);
        ASSERT_EQ(a.status, SNMP_STATUS_NO_SUCH_NAME);
}

static void test_cancel(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        SnmpOid oid = { .ids = (uint32_t[]) { 1, 3, 1, 0 }, .n = 4 };
        SnmpRequest q = { .operation = SNMP_GET, .oids = &oid, .n = 1 };
        Answer answer = {};

        ASSERT_OK(sd_event_new(&event));
        link = link_new(event, false);
        ASSERT_OK(snmp_link_request(link, &q, on_done, &answer));
        ASSERT_EQ(snmp_link_request(link, &q, on_done, &answer), -EBUSY);
        snmp_link_cancel(link);
        ASSERT_EQ(sd_event_run(event, 0), 0);
        ASSERT_FALSE(answer.is_there);
        q.n = 0;
        ASSERT_EQ(snmp_link_request(link, &q, on_done, &answer), -EINVAL);
        q.n = 1;
        ASSERT_OK(snmp_link_request(link, &q, on_done, &answer));
}

int main(void) {
        test_records();
        test_printed();
        test_not_closed();
        test_order();
        test_own();
        test_link();
        test_link_v1();
        test_cancel();
        return 0;
}
