/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-profile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test-conf-report.h"

#define HEAD "[profile]\nengine = hid\ntitle = \"Example HID\"\nversion = 1.0\n"
#define MATCH "[match]\nusb = 1234:5678\n"
/* What stands behind it is in line 7 and so on. */
#define BEGIN HEAD MATCH

static HidProfile *parse(const char *text) {
        _cleanup_(test_report_done) TestReport report = {};
        HidProfile *p = NULL;
        int r;

        r = hid_profile_parse("/x/example.profile", text, strlen(text), test_report_collect, &report, &p);
        if (r < 0 || report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%s:\n%s%s", strerror(-r), text, strempty(report.all));
        return p;
}

static void check_rest(const HidProfile *p) {
        ASSERT_EQ(p->rows[PROFILE_ROW_STATUS][0].condition, CONDITION_ONLINE);
        ASSERT_TRUE(p->rows[PROFILE_ROW_STATUS][0].n_is == 2 && p->rows[PROFILE_ROW_STATUS][0].mask == 0x18);
        ASSERT_STREQ(p->rows[PROFILE_ROW_ALARM][0].name, "All is lost!");
        ASSERT_TRUE(p->rows[PROFILE_ROW_CORRECTION][0].path.steps[1].any);
        ASSERT_EQ(p->rows[PROFILE_ROW_CORRECTION][0].exponent, -2);
        ASSERT_TRUE(p->rows[PROFILE_ROW_CORRECTION][1].widen);
        ASSERT_EQ(p->derived[0].n_factors, 3);
        ASSERT_TRUE(p->derived[0].factors[2].number == 0.8);
        ASSERT_TRUE(p->poll_only.given && p->poll_only.when == &p->whens[0]);

        ASSERT_EQ(p->n_commands, 4);
        ASSERT_TRUE(p->commands[0].steps[0].has_fallback && p->commands[0].steps[0].number == 20);
        ASSERT_STREQ(p->commands[0].steps[0].variable, "ups.delay.shutdown");
        ASSERT_STREQ(p->commands[3].name, "outlet.2.load.off");
        ASSERT_EQ(p->commands[3].n_steps, 2);
        ASSERT_TRUE(p->commands[3].steps[0].optional && p->commands[3].steps[1].number == -1);
        ASSERT_EQ(p->commands[3].steps[1].path.steps[1].instance, 1);
}

static void test_whole(void) {
        _cleanup_(hid_profile_unrefp) HidProfile *p = parse(
                HEAD "vendor = Example\n"
                "[match]\nusb = 1234:5678\nusb = 1234:*\nusb = 0483:A113 product=\"^Example\" vendor=x\n"
                "[usages]\nExampleMode = ff000012\n"
                "[variables]\n"
                "battery.charge = UPS.PowerSummary.RemainingCapacity quick when=!rack\n"
                "outlet.%.load = UPS.OutletSystem.Outlet(%+1).PercentLoad each=1..3 format=%.1f\n"
                "battery.temperature = UPS.[3].ExampleMode curve=thermistor plausible=-10..60\n"
                "ups.delay.shutdown = held=20 rw range=0..0x7fff option=offdelay\n"
                "ups.type = @product match=\"^(on|off)\" names=types\n"
                "battery.voltage = UPS.PowerSummary.Voltage scale=1,0.1 "
                                "near=battery.voltage.nominal:0.5..1.5\n"
                "ups.beeper.status = UPS.AudibleAlarmControl lookup=beeper rw enum\n"
                "[status]\nonline = UPS.PowerSummary.PresentStatus.ACPresent is=1,2 mask=0x18\n"
                "[alarms]\n\"All is lost!\" = UPS.ff0000aa invert\n"
                "[corrections]\nUPS.*.Voltage = exponent=-2 logical=0..0xffff "
                                "signed=no\nUPS.Flow.ConfigVoltage = widen\n"
                "[derived]\nups.realpower = 0.01 ups.load output.powerfactor:0.8 format=%.1f\n"
                "[link]\npollonly = rack\n"
                "[commands]\nload.off = UPS.ff000013 value=$ups.delay.shutdown:20 raw\n"
                "beeper.mute = UPS.AudibleAlarmControl value=3\n"
                "[command:outlet.%.load.off]\neach = 1..2\nset = UPS.Outlet(%).SwitchOffControl value=1 "
                                "optional\n"
                "set = UPS.Outlet(%).DelayBeforeShutdown value=argument:-1\n"
                "[when:rack]\nusb = 1234:5679\nproduct = RT$\n"
                "[names:types]\non = online\n"
                "[curve:thermistor]\n0x31 = 150\n0x40 = 140.5\n");
        const ProfileRow *rows = p->rows[PROFILE_ROW_VARIABLE];

        ASSERT_STREQ(p->id, "example");
        ASSERT_EQ(p->n_matches, 3);
        ASSERT_EQ(p->matches[1].usb.product_id, -1);
        ASSERT_EQ(p->matches[2].usb.product_id, 0xa113);
        ASSERT_STREQ(p->matches[2].product.text, "^Example");

        ASSERT_EQ(p->n_rows[PROFILE_ROW_VARIABLE], 9);
        ASSERT_EQ(rows[0].class, PROFILE_CLASS_QUICK);
        ASSERT_TRUE(rows[0].when == &p->whens[0] && rows[0].when_not);
        ASSERT_STREQ(rows[2].name, "outlet.2.load");
        ASSERT_EQ(rows[2].path.steps[2].instance, 2);
        ASSERT_EQ(rows[2].path.steps[2].usage, 0x00840020);
        ASSERT_STREQ(rows[2].format, "%.1f");
        ASSERT_EQ(rows[4].path.steps[1].usage, 0x00ff0003);
        ASSERT_EQ(rows[4].path.steps[2].usage, 0xff000012);
        ASSERT_TRUE(rows[4].curve->points[1].y == 140.5 && rows[4].plausible_min == -10);
        ASSERT_TRUE(rows[5].path.n_steps == 0 && streq(rows[5].held, "20") && rows[5].range_max == 0x7fff);
        ASSERT_TRUE(rows[6].source == PROFILE_SOURCE_PRODUCT && rows[6].names == &p->names[0]);
        ASSERT_TRUE(rows[7].n_scales == 2 && rows[7].scale == 1 &&
                        streq(rows[7].near, "battery.voltage.nominal"));
        ASSERT_TRUE(rows[8].enumerated && streq(rows[8].lookup->entries[2].text, "muted"));

        check_rest(p);
        hid_profile_unref(hid_profile_ref(p));
}

/* Each is one mistake, in that line. */
static const struct {
        const char *text;
        const char *message;
        unsigned line;
} mistakes[] = {
        { BEGIN "[variable]\n", "did you mean variables?", 7 },
        { BEGIN "[variables]\nbattery.charge = UPS.PowerSummery.RemainingCapacity\n", "Unknown usage", 8 },
        { BEGIN "[usages]\nMode = ff000001\n[variables]\nups.mode = UPS.Mod\n", "did you mean Mode?", 10 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage formt=%d\n", "did you mean format?", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage format=%n\n", "is no format", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage format=%.1f%s\n", "is no format", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage format=%99f\n", "is no format", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage format=%s\n", "format for texts", 8 },
        { BEGIN "[variables]\nbattery.type = UPS.Test lookup=test-read format=%d\n", "no such format", 8 },
        { BEGIN "[variables]\nbattery.type = UPS.Test lookup=test-rad\n", "did you mean test-read?", 8 },
        { BEGIN "[variables]\nbattery.type = UPS.Test function=strin\n", "did you mean string?", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage when=rack\n", "Unknown condition \"rack\"", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage curve=c\n", "Unknown curve", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage scale=fast\n", "scale wants a number", 8 },
        { BEGIN "[status]\nonline = UPS.Voltage scale=2\n", "scale", 8 },
        { BEGIN "[status]\nonline = UPS.Voltage once\n", "once", 8 },
        { BEGIN "[alarms]\n\"Oh!\" = UPS.Voltage plausible=1..2\n", "plausible", 8 },
        { BEGIN "[when:w]\nfield = UPS.Current\n[corrections]\nUPS.Voltage = widen when=w\n",
          "cannot have field", 10 },
        { BEGIN "[names:n]\n\"Example \" = Other\n[variables]\nups.model = @product names=n\n",
          "no blanks at its ends", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage scale\n", "scale wants a value", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage rw=1\n", "rw takes no value", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage rw rw\n", "rw stands here twice", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage quick slow\n", "Only one of", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage enum\n", "belong to rw", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage rw enum\n", "enum wants a lookup", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage plausible=9..1\n", "wants a range", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage kind=featur\n", "did you mean feature?", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage scale=1,2\n", "add plausible", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage scale =\n", "A = wants a word before it", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Voltage each=1..99\n", "each= wants", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Outlet(%-2).Voltage each=1..3\n", "less than 0", 8 },
        { BEGIN "[variables]\noutlet.%.load = UPS.Outlt(%).Voltage each=1..3\n", "Unknown usage", 8 },
        { BEGIN "[variables]\nbattery.charge = quick\n", "There is no path", 8 },
        { BEGIN "[variables]\nbattery.charge UPS.Voltage\n", "A line of [variables] is", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS..Voltage\n", "is no path", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.Outlet(0)\n", "is no step", 8 },
        { BEGIN "[variables]\nbattery.charge = UPS.*.Voltage\n", "[corrections] and generic", 8 },
        { BEGIN "[variables]\nbattery.charge = @serail\n", "Unknown usage", 8 },
        { BEGIN "[variables]\nups.type = @product match=\"a{9}\"\n", "not for profiles", 8 },
        { BEGIN "[variables]\nups.type = @product match=\"(a\"\n", "is no regular expression", 8 },
        { BEGIN "[variables]\nups.type = @product match=\"(a)\\\\1\"\n", "not for profiles", 8 },
        { BEGIN "[corrections]\nUPS.Voltage = when=!x\n", "Unknown condition", 8 },
        { BEGIN "[corrections]\nUPS.Voltage = kind=input\n", "corrects nothing", 8 },
        { BEGIN "[corrections]\nUPS.Voltage = exponent=99\n", "from -20 to 20", 8 },
        { BEGIN "[corrections]\n**.** = widen\n", "one ** at most", 8 },
        { BEGIN "[status]\non-line = UPS.ACPresent\n", "did you mean online?", 8 },
        { BEGIN "[status]\nonline = UPS.ACPresent is=a\n", "is wants numbers", 8 },
        { BEGIN "[commands]\nload.off = UPS.Test\n", "add value=", 8 },
        { BEGIN "[commands]\nload.off = UPS.Test value=$\n", "cannot be the name", 8 },
        { BEGIN "[commands]\nload.off = UPS.Test value=arg\n", "value wants a number", 8 },
        { BEGIN "[commands]\nload.off = UPS.Test value=1 optional\n", "optional is for", 8 },
        { BEGIN "[commands]\nload.off = UPS.Test value=1 function=date\n", "packs nothing", 8 },
        { BEGIN "[command:load.off]\nwhen = x\n", "Unknown condition", 8 },
        { BEGIN "[command:load.off]\nwhne = x\n", "did you mean when?", 8 },
        { BEGIN "[command:load.off]\neach = 1..2\n", "has no line set", 7 },
        { BEGIN "[lookup:beeper]\n1 = on\n", "built in", 7 },
        { BEGIN "[lookup:x]\none = on\n", "wants a number", 8 },
        { BEGIN "[curve:x]\n1 = 2\n1 = 3\n[variables]\nbattery.charge = UPS.Voltage curve=x\n", "ascend",
                        9 },
        { BEGIN "[when:x]\n", "is empty", 7 },
        { BEGIN "[when:x]\nusb = 12345678\n", "are no USB ids", 8 },
        { BEGIN "[when:x]\nfield = UPS.Voltage 1..x\n", "are no values", 8 },
        { BEGIN "[usages]\nVoltage = ff000001\n", "is the name of usage", 8 },
        { BEGIN "[usages]\nMode = 12\n", "eight hexadecimal", 8 },
        { BEGIN "[link]\npolonly = yes\n", "did you mean pollonly?", 8 },
        { BEGIN "[derived]\nups.realpower = format=%d\n", "no factor", 8 },
        { BEGIN "[match]\nusb = 1234:9999 produkt=x\n", "did you mean product?", 8 },
        { BEGIN "[profile]\nengin = hid\n", "did you mean engine?", 8 },
        { BEGIN "[profile]\ntitle = Other\n", "stands here twice", 8 },
        { BEGIN "[variables]\nups.mfr = UPS.Voltage caf\xc3\xa9\n", "Unknown attribute", 8 },
        { "usb = 1\n" BEGIN, "before the first section", 1 },
        { HEAD, "No device is named", 0 },
        { HEAD "generic = yes\n" MATCH, "exclude each other", 0 },
        { MATCH, "needs title and version", 0 },
};

typedef struct Found {
        const char *message;
        unsigned line;
        bool found;
        size_t n;
        char *all;
} Found;

static void collect(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Found *f = userdata;
        char *all = strprintf("%s%u: %s\n", strempty(f->all), line, message);

        ASSERT_STREQ(file, "/x/example.profile");
        free(f->all);
        f->all = all;
        f->n++;
        f->found = f->found || (line == f->line && strstr(message, f->message));
}

static void test_mistakes(void) {
        for (size_t i = 0; i < ELEMENTSOF(mistakes); i++) {
                Found found = { .message = mistakes[i].message, .line = mistakes[i].line };
                HidProfile *p = NULL;

                ASSERT_ERROR(hid_profile_parse("/x/example.profile", mistakes[i].text,
                                strlen(mistakes[i].text),
                                             collect, &found, &p), EBADMSG);
                ASSERT_TRUE(!p);
                if (!found.found || found.n > 3)
                        TEST_FAIL("expected \"%s\" for line %u of\n%s\nbut it was\n%s", mistakes[i].message,
                                        mistakes[i].line, mistakes[i].text, strempty(found.all));
                free(found.all);
        }
}

/* All mistakes are told, not only the first. */
static void test_many_mistakes(void) {
        _cleanup_(test_report_done) TestReport report = {};
        static const char text[] = BEGIN "[variables]\na = UPS.Vltage\nb = UPS.Voltage quik slw\n[stats]\n";
        HidProfile *p = NULL;

        ASSERT_ERROR(hid_profile_parse("x.profile", text, strlen(text), test_report_collect, &report, &p),
                        EBADMSG);
        ASSERT_EQ(report.n_errors, 4);
}

static void test_warnings(void) {
        static const struct {
                const char *text, *message;
        } cases[] = {
                { BEGIN "[lookup:x]\n1 = on\n", "is not used" },
                { BEGIN "[when:x]\nproduct = a\n", "is not used" },
                { BEGIN "[names:x]\na = b\n", "is not used" },
                { BEGIN "[curve:x]\n1 = 1\n", "is not used" },
                { BEGIN "[variables]\nbattery.wurst = UPS.Voltage\n", "is no variable" },
                { BEGIN "[commands]\nload.wurst = UPS.Voltage value=1\n", "is no command" },
                { BEGIN "[match]\nusb = 1234:5678\n", "the same as line 6" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(hid_profile_unrefp) HidProfile *p = NULL;

                ASSERT_OK(hid_profile_parse("x.profile", cases[i].text, strlen(cases[i].text),
                                test_report_collect,
                                          &report, &p));
                test_report_check(&report, 0, 1, cases[i].message);
        }
}

static void test_path(void) {
        static const HidStep steps[] = { { 0x00840004, 0 }, { 0x00840024, 0 }, { 0x00840030, 1 } };
        const HidField field = { .path = steps, .n_path = 3 };
        static const struct {
                const char *path;
                bool matches;
        } cases[] = {
                { "UPS.PowerSummary.Voltage(2)", true },
                { "UPS.PowerSummary.Voltage", false },
                { "UPS.*.Voltage(2)", true },
                { "*.*.*", true },
                { "*.*", false },
                { "*.*.*.*", false },
                { "**.Voltage(2)", true },
                { "**.PowerSummary.Voltage(2)", true },
                { "UPS.**.Voltage(2)", true },
                { "UPS.PowerSummary.**.Voltage(2)", true },
                { "UPS.PowerSummary.Voltage(2).**.Voltage(2)", false },
                { "UPS.**.Frequency", false },
                { "**.UPS.PowerSummary.Voltage(2)", true },
                { "**.UPS.UPS.PowerSummary.Voltage(2)", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = strprintf(HEAD "generic = yes\n[status]\nonline = %s\n",
                                cases[i].path);
                _cleanup_(hid_profile_unrefp) HidProfile *p = parse(text);

                if (profile_path_matches(&p->rows[PROFILE_ROW_STATUS][0].path, &field) != cases[i].matches)
                        TEST_FAIL("%s", cases[i].path);
        }
}

static HidDescriptor *descriptor(uint8_t page) {
        const uint8_t data[] = {
                0x05, page, 0x09, 0x04, 0xa1, 0x01, /* application: usage 4 of the page */
                0x09, 0x24, 0xa1, 0x00, 0x09, 0x30, 0x75, 0x08, 0x95, 0x01, 0xb1, 0x02, 0xc0, 0xc0,
        };
        HidDescriptor *d;

        ASSERT_OK(hid_descriptor_parse(data, sizeof(data), &d));
        return d;
}

static void test_choose(void) {
        HidProfile *all[] = {
                parse(HEAD "[match]\nusb = 1234:*\n"),
                parse(HEAD "[match]\nusb = 1234:5678\n"),
                parse(HEAD "[match]\nusb = 1234:5678 product=^Tower\n"),
                parse(HEAD "[match]\nusb = 1234:* vendor=acme\n"),
                parse("[profile]\ntitle = \"Any HID\"\nversion = 2.5\ngeneric = yes\n"),
        };
        const HidProfiles profiles = { all, ELEMENTSOF(all) };
        _cleanup_(hid_descriptor_freep) HidDescriptor *power = descriptor(0x84), *mouse = descriptor(0x01);
        static const struct {
                uint16_t vendor_id, product_id;
                const char *vendor, *product, *subdriver;
                bool mouse;
                int expected;
        } cases[] = {
                { 0x1234, 0x0001, .expected = 0 },
                { 0x1234, 0x5678, .expected = 1 },
                { 0x1234, 0x5678, NULL, "Small Tower", .expected = 1 },
                { 0x1234, 0x5678, "ACME", "tower 1000", .expected = 2 },
                { 0x1234, 0x5678, "ACME", .expected = 1 },
                { 0x1234, 0x0001, "ACME", .expected = 3 },
                { 0x4321, 0x0001, .expected = 4 },
                { 0x4321, 0x0001, .mouse = true, .expected = -1 },
                { 0x1234, 0x5678, .subdriver = "any hid", .expected = 4 },
                { 0x1234, 0x5678, .subdriver = "^Any.*2\\.", .expected = 4 },
                { 0x1234, 0x5678, .subdriver = "example", .expected = 0 },
                { 0x1234, 0x5678, .subdriver = "nothing", .expected = -1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const HidIdentity identity = {
                        .vendor_id = cases[i].vendor_id,
                        .product_id = cases[i].product_id,
                        .vendor = (char *) cases[i].vendor,
                        .product = (char *) cases[i].product,
                };
                HidProfile *chosen = NULL;

                ASSERT_OK(hid_profiles_choose(&profiles, &identity, cases[i].mouse ? mouse : power,
                                            cases[i].subdriver, &chosen));
                if (chosen != (cases[i].expected < 0 ? NULL : all[cases[i].expected]))
                        TEST_FAIL("case %zu", i);
        }

        HidProfile *chosen;
        ASSERT_ERROR(hid_profiles_choose(&profiles, &(HidIdentity) {}, power, "(", &chosen), EINVAL);
        ASSERT_OK(hid_profiles_choose(&profiles, &(HidIdentity) {}, NULL, NULL, &chosen));
        ASSERT_TRUE(!chosen);

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                hid_profile_unref(all[i]);
}

static void test_duplicates(void) {
        HidProfile *all[] = {
                parse(HEAD "[match]\nusb = 1234:*\nusb = 1234:5678 product=A\nusb = 1234:9999\n"),
                parse(HEAD "[match]\nusb = 1234:5678\nusb = 1234:5678 product=b\n"),
                parse(HEAD "[match]\nusb = 1234:5678 product=a\nusb = 1234:9999\n"),
        };
        _cleanup_(test_report_done) TestReport report = {};

        hid_profiles_check(&(HidProfiles) { all, 2 }, test_report_collect, &report);
        test_report_check(&report, 0, 0, NULL);
        hid_profiles_check(&(HidProfiles) { all, 3 }, test_report_collect, &report);
        test_report_check(&report, 2, 0, "example.profile:8 claims the same device");

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                hid_profile_unref(all[i]);
}

static void test_when(void) {
        _cleanup_(hid_profile_unrefp) HidProfile *p = parse(BEGIN
                "[status]\nonline = UPS.ACPresent when=a\noffline = UPS.ACPresent when=b\n"
                "off = UPS.ACPresent when=c\n"
                "[when:a]\nusb = 1234:1111\nusb = 1234:2222\nproduct = RT$\n"
                "[when:b]\nhas = UPS.PowerSummary\nhas = UPS.Output\n"
                "[when:c]\nfirmware = \"^2\\\\.\"\n");
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = descriptor(0x84);
        HidIdentity i = { .vendor_id = 0x1234, .product_id = 0x2222, .product = (char *) "Tower 5 rt" };
        const ProfileWhen *a = &p->whens[0], *b = &p->whens[1], *c = &p->whens[2];

        ASSERT_TRUE(profile_when_holds(NULL, false, &i, d, NULL));
        ASSERT_TRUE(profile_when_holds(NULL, true, &i, d, NULL));
        ASSERT_TRUE(profile_when_holds(a, false, &i, d, NULL));
        ASSERT_FALSE(profile_when_holds(a, true, &i, d, NULL));
        i.product = NULL;
        ASSERT_FALSE(profile_when_holds(a, false, &i, d, NULL));
        ASSERT_TRUE(profile_when_holds(b, false, &i, d, NULL));
        ASSERT_FALSE(profile_when_holds(b, false, &i, NULL, NULL));
        ASSERT_TRUE(profile_when_holds(c, false, &i, d, "2.1"));
        ASSERT_FALSE(profile_when_holds(c, false, &i, d, "1.2.1"));
        ASSERT_FALSE(profile_when_holds(c, false, &i, d, NULL));
}

static void test_extract(void) {
        _cleanup_(hid_profile_unrefp) HidProfile *p = parse(BEGIN
                "[variables]\nups.type = @product match=\"FW:([^ ]*)\"\nups.id = @product "
                                "match=\"[0-9]+\"\n");
        _cleanup_free_ char *type = NULL, *id = NULL, *none = NULL;

        ASSERT_OK(profile_pattern_extract(&p->rows[PROFILE_ROW_VARIABLE][0].match, "Tower 15 fw:2.3 x",
                        &type));
        ASSERT_STREQ(type, "2.3");
        ASSERT_OK(profile_pattern_extract(&p->rows[PROFILE_ROW_VARIABLE][1].match, "Tower 15 fw:2.3 x",
                        &id));
        ASSERT_STREQ(id, "15");
        ASSERT_ERROR(profile_pattern_extract(&p->rows[PROFILE_ROW_VARIABLE][0].match, "Tower", &none),
                        ENOENT);
}

static void write_file(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = strjoin(directory, "/", name);
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, text, strlen(text)), strlen(text));
}

/* The administrator's directory wins, hides, and falls back when it is wrong. */
static void test_directories(void) {
        char root[] = "/tmp/test-hid-profile-XXXXXX";
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(hid_profiles_done) HidProfiles p = {};

        ASSERT_TRUE(mkdtemp(root));
        _cleanup_free_ char *variable = strjoin(root, "/a:", root, "/none:", root, "/b");
        _cleanup_free_ char *a = strjoin(root, "/a"), *b = strjoin(root, "/b");
        _cleanup_free_ char *ah = strjoin(a, "/hid"), *bh = strjoin(b, "/hid");

        ASSERT_EQ(mkdir(a, 0755) | mkdir(b, 0755) | mkdir(ah, 0755) | mkdir(bh, 0755), 0);
        write_file(bh, "one.profile", "[profile]\ntitle = Old\nversion = 1\n" MATCH);
        write_file(bh, "two.profile", "[profile]\ntitle = Good\nversion = 1\n" MATCH);
        write_file(bh, "three.profile", "[profile]\ntitle = Hidden\nversion = 1\n" MATCH);
        write_file(bh, "README", "no profile");
        write_file(ah, "one.profile", "[profile]\ntitle = New\nversion = 1\n" MATCH);
        write_file(ah, "two.profile", "[profile]\ntitle = Bad\n");
        write_file(ah, "three.profile", "");

        ASSERT_EQ(setenv("BUSBAR_PROFILES", variable, 1), 0);
        ASSERT_OK(hid_profiles_load(test_report_collect, &report, &p));
        ASSERT_EQ(p.n_profiles, 2);
        ASSERT_STREQ(p.profiles[0]->title, "New");
        ASSERT_STREQ(p.profiles[1]->title, "Good");
        ASSERT_TRUE(report.n_errors > 0);

        static const char *const files[] = {
                "a/hid/one.profile", "a/hid/two.profile", "a/hid/three.profile", "b/hid/one.profile",
                "b/hid/two.profile", "b/hid/three.profile", "b/hid/README", "a/hid", "b/hid", "a", "b", "",
        };
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                _cleanup_free_ char *path = strjoin(root, "/", files[i]);
                ASSERT_EQ(remove(path), 0);
        }
}

static void test_load(void) {
        _cleanup_(test_report_done) TestReport report = {};
        HidProfile *p;

        ASSERT_ERROR(hid_profile_load("/nonexistent.profile", test_report_collect, &report, &p), ENOENT);
        test_report_check(&report, 1, 0, "cannot be read");
        ASSERT_ERROR(hid_profile_load("/", NULL, NULL, &p), EISDIR);
        ASSERT_ERROR(hid_profile_load("/dev/null", NULL, NULL, &p), EINVAL);
}

int main(void) {
        test_whole();
        test_mistakes();
        test_many_mistakes();
        test_warnings();
        test_path();
        test_choose();
        test_duplicates();
        test_when();
        test_extract();
        test_directories();
        test_load();
        return EXIT_SUCCESS;
}
