/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-profile.h"

#include <math.h>

#include "line-link.h"
#include "test-conf-report.h"

#define HEAD "[profile]\nengine = line\ntitle = Example\nversion = 1.0\nprotocol = example\n"
/* What stands behind it is in line 8 and so on. */
#define BEGIN HEAD "[query:Q]\nsend = Q1\n"

static LineProfile *parse(const char *text) {
        _cleanup_(test_report_done) TestReport report = {};
        LineProfile *p = NULL;
        int r;

        r = line_profile_parse("/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
        if (r < 0 || report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%s:\n%s%s", strerror(-r), text, strempty(report.all));
        return p;
}

static void check_pieces(const LineTemplate *t, const char *first, size_t n) {
        ASSERT_EQ(t->n_pieces, n);
        ASSERT_STREQ(t->pieces[0].text, first);
        ASSERT_EQ(t->pieces[0].n, strlen(first));
}

static void test_format(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p =
                parse(HEAD "protocol = other\norder = 7\nvendor = Example\n"
                           "[line]\nspeed = 9600 7e1\nend = lf\nend-answer = 0D0a00\ncheck = "
                           "sum8-hex\ncheck-answer = none\n"
                           "accepted = \"(ACK\"\naccepted = OK\nrefused = NAK\nsilence = done\necho = "
                           "skip\ntimeout = 1.5\n"
                           "pause = 0.1\ntries = 5\n"
                           "[query:Q]\nsend = Q1\nsteady\neven-refused\n"
                           "[probe]\nneed = Q:1\nready = Q:2 is=1\nusb = 0590:*\nlink = serial\n");
        const LineFormat *f = &p->format;

        ASSERT_STREQ(p->id, "example");
        ASSERT_TRUE(strv_length(p->protocols) == 2 && p->order == 7 && streq(p->vendor, "Example"));
        ASSERT_TRUE(f->speed == 9600 && f->data_bits == 7 && f->parity == 'e' && f->stop_bits == 1);
        ASSERT_TRUE(f->n_end_request == 1 && f->end_request[0] == '\n');
        ASSERT_TRUE(f->n_end_answer == 3 && memcmp(f->end_answer, "\r\n", 3) == 0);
        ASSERT_TRUE(f->check_request == LINE_CHECK_SUM8_HEX && f->check_answer == LINE_CHECK_NONE);
        ASSERT_TRUE(strv_length(f->accepted) == 2 && streq(f->refused[0], "NAK"));
        ASSERT_TRUE(f->silence_is_done && f->echo_is_skipped && f->tries == 5);
        ASSERT_TRUE(f->timeout_usec == 1500000 && f->pause_usec == 100000);
        ASSERT_TRUE(p->n_probe_usb == 1 && p->probe_usb[0].product_id == -1);
        ASSERT_STREQ(p->probe_links[0], "serial");
        ASSERT_TRUE(p->n_rows[LINE_ROW_NEED] == 1 && p->rows[LINE_ROW_READY][0].has_test);
        ASSERT_TRUE(p->queries[0].steady && p->queries[0].even_refused);
}

static void test_defaults(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                BEGIN "[variables]\nups.load = Q:1\n");
        const LineQuery *q = &p->queries[0];

        ASSERT_TRUE(p->format.speed == 2400 && p->format.tries == 3 && p->format.timeout_usec == 1000000);
        ASSERT_TRUE(p->format.end_request[0] == '\r' && p->format.n_end_answer == 1 && p->order == -1);
        ASSERT_TRUE(q->length_max == LINE_SIZE_MAX && q->words_max == UINT32_MAX && q->ask == LINE_ASK_FULL);
        ASSERT_TRUE(!q->begin && !q->optional && q->n_binary == 0);
        check_pieces(&q->send, "Q1", 1);
}

static void test_queries(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                HEAD "[query:A]\nsend = \"{{A}}{$battery.packs format=%02d}{hex:00ff}\"\nbegin = \"\\#\"\n"
                "length = 46..47\nwords = 3..4\nseparator = \",\"\nanswer = \"^[0-9]\"\nask = quick\n"
                "when = !rack\nwhen = tower\ntimeout = 3\noptional\nvital\n"
                "[query:B]\nsend = B\nbinary = 2 1 3\nask = written\n"
                "[when:rack]\noption = rack\n[when:tower]\nanswered = B\n"
                "[variables]\nbattery.packs = B:-1 base=16\nups.load = A:4\n");
        const LineQuery *a = &p->queries[0], *b = &p->queries[1];

        check_pieces(&a->send, "{A}", 3);
        ASSERT_TRUE(a->send.pieces[1].selector.source == LINE_SOURCE_VARIABLE);
        ASSERT_STREQ(a->send.pieces[1].selector.name, "battery.packs");
        ASSERT_TRUE(a->send.pieces[2].n == 2 && memcmp(a->send.pieces[2].text, "\0\xff", 2) == 0);
        ASSERT_STREQ(a->begin, "#");
        ASSERT_TRUE(a->length_min == 46 && a->length_max == 47 && a->words_min == 3 && a->words_max == 4);
        ASSERT_TRUE(streq(a->separator, ",") && a->answer.text && a->ask == LINE_ASK_QUICK && a->optional);
        ASSERT_TRUE(a->vital && !b->vital);
        ASSERT_TRUE(a->whens.n_uses == 2 && a->whens.uses[0].negate && a->timeout_usec == 3000000);
        ASSERT_TRUE(b->n_binary == 3 && b->binary[2] == 3 && b->ask == LINE_ASK_WRITTEN);
        ASSERT_TRUE(p->whens[1].facts[0].type == LINE_FACT_ANSWERED && p->whens[1].facts[0].query == 1);
}

static void check_selector(
        const LineSelector *s, int word, int word_last, bool characters, int first, int last) {
        ASSERT_TRUE(s->source == LINE_SOURCE_ANSWER && s->query == 0);
        ASSERT_TRUE(s->word == word && s->word_last == word_last && s->has_characters == characters);
        ASSERT_TRUE(s->first == first && s->last == last);
}

static void test_selectors(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                BEGIN "[variables]\n"
                "ups.load = Q:3\nups.load = Q:-1\nups.load = Q:3-\nups.load = Q:8@0\nups.load = Q:8@2-4\n"
                "ups.load = Q:8@2-\nups.load = Q:8@-1\nups.load = Q@1-15\nups.load = Q\n"
                "ups.model = \"{Q:1 trim='\\#}' invalid=\\\"a b\\\"} {Q:2}\"\nups.id = option:name\n"
                "ups.mfr = link:vendor\nups.status = $ups.id\n");
        const LineRow *rows = p->rows[LINE_ROW_VARIABLE];

        check_selector(&rows[0].selector, 3, 3, false, 0, 0);
        check_selector(&rows[1].selector, -1, -1, false, 0, 0);
        check_selector(&rows[2].selector, 3, LINE_END, false, 0, 0);
        check_selector(&rows[3].selector, 8, 8, true, 0, 0);
        check_selector(&rows[4].selector, 8, 8, true, 2, 4);
        check_selector(&rows[5].selector, 8, 8, true, 2, LINE_END);
        check_selector(&rows[6].selector, 8, 8, true, -1, -1);
        check_selector(&rows[7].selector, 0, 0, true, 1, 15);
        check_selector(&rows[8].selector, 0, 0, false, 0, 0);
        ASSERT_TRUE(
                rows[9].selector.source == LINE_SOURCE_TEMPLATE && rows[9].selector.template->n_pieces == 3);
        ASSERT_STREQ(rows[9].selector.template->pieces[0].conversion.trim, "#}");
        ASSERT_STREQ(rows[9].selector.template->pieces[0].conversion.invalid[0], "a b");
        ASSERT_TRUE(rows[10].selector.source == LINE_SOURCE_OPTION && streq(rows[10].selector.name, "name"));
        ASSERT_TRUE(rows[11].selector.source == LINE_SOURCE_LINK && streq(rows[11].selector.name, "vendor"));
        ASSERT_TRUE(rows[12].selector.source == LINE_SOURCE_VARIABLE);
}

static void test_conversions(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(BEGIN
                "[variables]\n"
                "ups.load = Q:1 trim=\"\\#\" invalid=---.- invalid=@@ match=\"^(.*)$\" base=16 mask=0x18\n"
                "battery.voltage = Q:1 scale=$battery.packs:1 divide=60 offset=-273.15 plausible=0..100 "
                "format=%06.2f\n"
                "battery.packs = Q:2 clamp=1..4 scale=0.1 offset=$ups.load:2 format=%d\n"
                "ups.model = Q:1 lookup=models names=names\nups.beeper.status = Q:2 lookup=beeper "
                "format=%s\n"
                "[lookup:models]\n1 = one\n01 = another\nXL = large\n* = other\n[names:names]\none = two\n");
        const LineRow *rows = p->rows[LINE_ROW_VARIABLE];
        const ValueConversion *c = &rows[0].conversion;

        ASSERT_TRUE(streq(c->trim, "#") && strv_length(c->invalid) == 2 && c->match.text);
        ASSERT_TRUE(c->base == 16 && c->mask == 0x18 && c->numeric && c->scale.value == 1 && c->divide == 1);
        c = &rows[1].conversion;
        ASSERT_STREQ(c->scale.variable, "battery.packs");
        ASSERT_TRUE(c->scale.value == 1 && c->divide == 60 && c->has_plausible);
        ASSERT_TRUE(c->offset.value == -273.15 && !c->offset.variable);
        ASSERT_STREQ(c->format, "%06.2f");
        c = &rows[2].conversion;
        ASSERT_TRUE(c->has_clamp && c->clamp_max == 4 && c->scale.value == 0.1 && !c->scale.variable);
        ASSERT_TRUE(c->offset.value == 2 && streq(c->offset.variable, "ups.load"));
        c = &rows[3].conversion;
        ASSERT_TRUE(!c->numeric && c->lookup->n_entries == 4 && c->names == &p->values.names[0]);
        ASSERT_TRUE(c->lookup->entries[0].is_number && c->lookup->entries[1].number == 1);
        ASSERT_TRUE(!c->lookup->entries[2].is_number && !c->lookup->entries[3].word);
        ASSERT_TRUE(!rows[4].conversion.numeric);
        ASSERT_STREQ(rows[4].conversion.lookup->entries[2].text, "muted");
}

/* What is kept and changes nothing. */
static void test_no_effect(void) {
        static const char text[] = BEGIN "[variables]\nups.load = Q:1\nups.delay.start = held=1 rw\n";
        _cleanup_(line_profile_unrefp) LineProfile *p = NULL;
        _cleanup_(test_report_done) TestReport report = {};

        ASSERT_OK(line_profile_parse("x.profile", text, strlen(text), test_report_collect, &report, &p));
        ASSERT_TRUE(report.n_errors == 0 && report.n_warnings == 1);
        ASSERT_TRUE(strstr(report.last, "ups.delay.start has no effect"));
}

static void test_rows(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                BEGIN "[variables]\n"
                      "ups.delay.shutdown = held=30 rw range=12..600 step=6 step=60:60 option=offdelay\n"
                      "ups.delay.start = held=180 range=0..599940 option=ondelay\n"
                      "ups.type = value=online when=!rack\nups.type = value=\"line interactive\"\n"
                      "input.transfer.low = Q:1 rw write=\"L{argument format=%03d}\" "
                      "range=$input.transfer.low.min..120 "
                      "range=130..140\n"
                      "input.transfer.low.min = Q:2 hidden\n"
                      "input.sensitivity = Q:3 rw enum lookup=levels write=\"S{argument unlook=levels}\"\n"
                      "ups.id = Q:4 rw length=8 write=\"I{argument}\"\n"
                      "outlet.%.status = Q:%+1@%-1 each=1..2 lookup=on-off\n"
                      "ups.test.result = \"{Q:% format=%02d}%\" each=3..3\n"
                      "[commands]\nload.off = \"S{$ups.delay.shutdown}\"\n"
                      "[lookup:levels]\nL = low\nH = high\n[when:rack]\noption = rack\n"
                      "[status]\nonline = Q:1 is=0,1\noffline = Q:1 is-range=2..3 else\nlow-battery = Q:1 "
                      "is-match=\"^x\" invert when=rack\nboost = Q:2 mask=0x2\n"
                      "[alarms]\n\"All is lost!\" = Q:3 is=7\n* = Q:4 lookup=levels\n"
                      "[derived]\nups.realpower = 0.01 ups.id:2 ups.type format=%.1f when=!rack\n");
        const LineRow *rows = p->rows[LINE_ROW_VARIABLE];

        ASSERT_TRUE(rows[0].step == 6 && rows[0].step_above == 60 && rows[0].step_from == 60);
        ASSERT_TRUE(streq(rows[0].held, "30") && streq(rows[0].option, "offdelay") && rows[0].writable);
        ASSERT_TRUE(rows[0].selector.source == LINE_SOURCE_NONE && rows[0].ranges[0].max.value == 600);
        ASSERT_TRUE(rows[2].whens.n_uses == 1 && streq(rows[3].value, "line interactive"));
        ASSERT_TRUE(rows[4].has_write && rows[4].n_ranges == 2 && isnan(rows[4].ranges[0].min.value));
        ASSERT_STREQ(rows[4].ranges[0].min.variable, "input.transfer.low.min");
        ASSERT_STREQ(rows[4].write.pieces[1].conversion.format, "%03d");
        ASSERT_TRUE(rows[5].hidden && rows[6].enumerated && rows[7].length_max == 8);
        ASSERT_TRUE(rows[6].write.pieces[1].conversion.unlook == rows[6].conversion.lookup);
        ASSERT_STREQ(rows[9].name, "outlet.2.status");
        ASSERT_TRUE(rows[9].selector.word == 3 && rows[9].selector.first == 1);
        ASSERT_TRUE(rows[10].selector.template->pieces[0].selector.word == 3);
        ASSERT_STREQ(rows[10].selector.template->pieces[0].conversion.format, "%02d");
        ASSERT_STREQ(rows[10].selector.template->pieces[1].text, "3");

        rows = p->rows[LINE_ROW_STATUS];
        ASSERT_TRUE(rows[0].condition == CONDITION_ONLINE && strv_length(rows[0].test.is) == 2);
        ASSERT_TRUE(rows[1].alternative && rows[1].test.has_range && rows[1].test.max == 3);
        ASSERT_TRUE(rows[2].test.invert && rows[2].test.match.text && !rows[3].has_test);
        ASSERT_STREQ(p->rows[LINE_ROW_ALARM][0].name, "All is lost!");
        ASSERT_TRUE(!p->rows[LINE_ROW_ALARM][1].name);
        ASSERT_TRUE(p->n_derived == 1 && p->derived[0].n_factors == 3 && p->derived_whens[0].n_uses == 1);
}

static void test_commands(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                BEGIN "[variables]\nups.delay.start = held=1\nups.load = Q:1\n"
                      "[commands]\nload.on = C\nload.off = \"S{$ups.delay.start}\" S2 accepted=OK "
                      "accepted=\"(ACK\" "
                      "silence=done after=Q timeout=5 when=a when=!b\n"
                      "test.battery.start = \"T{argument:10 format=%02d}\" range=1..99\n"
                      "outlet.%.load.on = \"O%{argument:% format=%02d}\" each=1..2\n"
                      "[command:shutdown.return]\nwhen = a\ncheck = Q:1 is=B,L why=\"not now\"\nsend = "
                      "S\npause = 0.5\n"
                      "send = R\nafter = Q\n"
                      "[command:outlet.%.load.off]\neach = 1..2\nsend = \"X%\"\n"
                      "[start]\nrun = load.on when=!b\n"
                      "[when:a]\nvariable = ups.load\nvariable = ups.load 1..3\nvariable = ups.load on,off\n"
                      "value = Q:1 base=16 is=3\nratio = ups.load ups.load 0.9..1.1\nusb = 0665:5161\nlink "
                      "= cypress\n"
                      "product = x\nvendor = y\nall = b !c\nany = c\n[when:b]\noption = "
                      "o\n[when:c]\nanswered = Q\n");
        const LineCommand *c = p->commands;

        ASSERT_EQ(p->n_commands, 8);
        ASSERT_TRUE(c[0].n_steps == 1 && c[0].silence_is_done == -1);
        ASSERT_TRUE(c[1].n_steps == 2 && strv_length(c[1].accepted) == 2 && c[1].silence_is_done == 1);
        ASSERT_TRUE(c[1].n_after == 1 && c[1].timeout_usec == 5000000 && c[1].whens.n_uses == 2);
        ASSERT_STREQ(c[2].steps[0].send.pieces[1].selector.name, "10");
        ASSERT_TRUE(c[2].n_ranges == 1);
        ASSERT_STREQ(c[4].name, "outlet.2.load.on");
        check_pieces(&c[4].steps[0].send, "O2", 2);
        ASSERT_STREQ(c[4].steps[0].send.pieces[1].selector.name, "2");
        ASSERT_TRUE(c[5].n_steps == 4 && c[5].steps[0].type == LINE_STEP_CHECK);
        ASSERT_TRUE(streq(c[5].steps[0].why, "not now") && c[5].steps[2].pause_usec == 500000);
        check_pieces(&c[7].steps[0].send, "X2", 1);
        ASSERT_TRUE(p->n_starts == 1 && p->starts[0].whens.uses[0].negate);
        ASSERT_EQ(p->whens[0].n_facts, 11);
        ASSERT_TRUE(p->whens[0].facts[1].test.has_range && p->whens[0].facts[2].test.is);
        ASSERT_TRUE(p->whens[0].facts[9].whens.n_uses == 2);
}

#include "test-line-mistakes.h"

static void test_mistakes(void) {
        for (size_t i = 0; i < ELEMENTSOF(mistakes); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                LineProfile *p = NULL;
                const char *text = mistakes[i].text;
                int r;

                r = line_profile_parse(
                        "/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
                if (r != -EBADMSG || report.n_errors != 1 || report.last_line != mistakes[i].line ||
                    !strstr(report.last, mistakes[i].message))
                        TEST_FAIL("%d, %zu errors, line %u, \"%s\", expected line %u, \"%s\":\n%s", r,
                                        report.n_errors, report.last_line, strempty(report.all),
                                        mistakes[i].line, mistakes[i].message, text);
        }
}

/* What is one of several words. */
static void test_choices(void) {
        static const char *const asks[_LINE_ASK_MAX] = { "full", "quick", "slow", "once", "written" };
        static const char *const checks[_LINE_CHECK_MAX] = {
                "none", "crc16-xmodem", "crc16-xmodem-plain", "sum8", "sum8-hex"
        };

        for (LineAsk a = 0; a < _LINE_ASK_MAX; a++) {
                _cleanup_free_ char *text = strjoin(BEGIN "ask = ", asks[a], "\n[probe]\nneed = Q:1\n");
                _cleanup_(line_profile_unrefp) LineProfile *p = parse(text);

                ASSERT_EQ(p->queries[0].ask, a);
        }
        for (LineCheck c = 0; c < _LINE_CHECK_MAX; c++) {
                _cleanup_free_ char *text = strjoin(HEAD "[line]\ncheck-request = ", checks[c], "\n");
                _cleanup_(line_profile_unrefp) LineProfile *p = parse(text);

                ASSERT_TRUE(p->format.check_request == c && p->format.check_answer == LINE_CHECK_NONE);
        }
}

static void test_find(void) {
        _cleanup_(line_profile_unrefp) LineProfile *p = parse(
                HEAD "protocol = megatec/old\n");
        LineProfiles profiles = { &p, 1 };

        ASSERT_TRUE(line_profiles_find(&profiles, "Megatec/OLD") == p);
        ASSERT_TRUE(line_profiles_find(&profiles, "EXAMPLE") == p);
        ASSERT_TRUE(!line_profiles_find(&profiles, "megatec"));
}

/* Conditions that share others are looked at in each of the ways that lead there. */
static void test_too_many_ways(unsigned levels, bool good) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(line_profile_unrefp) LineProfile *p = NULL;
        _cleanup_free_ char *text = strdup(BEGIN "[variables]\nups.load = Q:1 when=a0 when=b0\n");
        int r;

        for (unsigned i = 0; i < levels; i++) {
                _cleanup_free_ char *before = TAKE_PTR(text);

                text = strprintf("%s[when:a%u]\nall = a%u b%u\n[when:b%u]\nany = a%u b%u\n", before, i,
                                i + 1, i + 1, i, i + 1, i + 1);
        }
        if (text) {
                _cleanup_free_ char *before = TAKE_PTR(text);

                text = strprintf("%s[when:a%u]\nvalue = Q:2 is=1\n[when:b%u]\nvalue = Q:3 is=1\n",
                                before, levels, levels);
        }

        ASSERT_TRUE(text != NULL);
        r = line_profile_parse("/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
        ASSERT_EQ(r, good ? 0 : -EBADMSG);
        ASSERT_EQ(strstr(strempty(report.all), "in too many ways") == NULL, good);
}

int main(void) {
        test_too_many_ways(3, true);
        test_too_many_ways(20, false);
        test_format();
        test_defaults();
        test_queries();
        test_selectors();
        test_conversions();
        test_no_effect();
        test_rows();
        test_commands();
        test_mistakes();
        test_choices();
        test_find();
        return EXIT_SUCCESS;
}
