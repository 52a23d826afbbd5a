/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core-variables.h"
#include "option.h"
#include "test-kit.h"

static const char *const modes[] = { "dummy", "dummy-once", "repeater", NULL };

static const Option options[] = {
        { "mode", OPTION_ENUM, .values = modes, .help = "Mode" },
        { "community", OPTION_STRING, "public", .secret = true, .help = "Secret" },
        { "limit", OPTION_INTEGER, "10", -5, 99, .help = "Number" },
        { "shiny", OPTION_FLAG, .help = "Flag" },
        { "loud", OPTION_BOOLEAN, "1", .help = "Boolean" },
        { "guarded", OPTION_SAFEGUARD, .help = "Safeguard" },
        {}
};

static const Driver driver = {
        .name = "fake", .description = "Fake", .version = "0.15", .options = options
};

typedef struct Reports {
        unsigned n;
        int level;
        unsigned line;
        char *message;
} Reports;

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Reports *r = userdata;

        r->n++;
        r->level = level;
        r->line = line;
        ASSERT_OK(free_and_strdup(&r->message, message));
}

static void test_normalize(void) {
        static const struct {
                const char *option, *value, *expected;
                int r;
        } table[] = {
                { "mode", "REPEATER", "repeater", 0 },
                { "mode", "other", NULL, -EINVAL },
                { "mode", NULL, NULL, -EINVAL },
                { "community", "x y", "x y", 0 },
                { "limit", "-5", "-5", 0 },
                { "limit", "100", NULL, -ERANGE },
                { "limit", "5s", NULL, -EINVAL },
                { "shiny", NULL, "1", 0 },
                { "shiny", "yes", "1", 0 },
                { "shiny", "no", NULL, 0 },
                { "shiny", "maybe", NULL, -EINVAL },
                { "loud", NULL, "1", 0 },
                { "loud", "off", "0", 0 },
                { "guarded", NULL, "1", 0 },
                { "guarded", "no", "0", 0 },
                { "guarded", "on", "1", 0 },
                { "guarded", "", "1", -EINVAL },
                { "guarded", "perhaps", "1", -EINVAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *value = NULL;

                ASSERT_EQ(option_normalize(option_find(options, table[i].option), table[i].value, &value),
                                table[i].r);
                ASSERT_STREQ(value, table[i].expected);
        }
}

static DeviceConfig *config_from(const char *text, const char *section, Reports *reports) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        DeviceConfig *c;

        ASSERT_OK(conf_parse("ups.conf", text, strlen(text), on_report, reports, &lines));
        ASSERT_OK(ups_conf_from_lines(lines, on_report, reports, &conf));
        config_check_globals(&driver, conf, on_report, reports);
        ASSERT_TRUE(ups_conf_find(conf, section));
        ASSERT_OK(device_config_new(&driver,
                        &(ConfigSource) { section, conf, ups_conf_find(conf, section), NULL }, on_report,
                        reports, &c));
        return c;
}

static void test_section(void) {
        _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
        Reports reports = {};

        c = config_from("pollinterval = 7\n"
                        "maxretry = 3\n"
                        "[ups]\n"
                        "driver = fake\n"
                        "port = auto\n"
                        "desc = \"In the cellar\"\n"
                        "PollFreq = 60\n"
                        "mode = repeater\n"
                        "shiny\n"
                        "default.battery.charge.low = 20\n"
                        "override.battery.charge = 78\n",
                        "ups", &reports);

        ASSERT_STREQ(reports.message, NULL);
        ASSERT_STREQ(c->name, "ups");
        ASSERT_STREQ(c->port, "auto");
        ASSERT_STREQ(c->description, "In the cellar");
        ASSERT_EQ(device_config_integer(c, "pollinterval"), 7);
        ASSERT_EQ(device_config_usec(c, "pollfreq"), 60 * USEC_PER_SEC);
        ASSERT_EQ(device_config_integer(c, "maxretry"), 3);
        ASSERT_EQ(device_config_integer(c, "maxstartdelay"), 75);
        ASSERT_EQ(device_config_integer(c, "limit"), 10);
        ASSERT_STREQ(device_config_get(c, "community"), "public");
        ASSERT_STREQ(device_config_given(c, "community"), NULL);
        ASSERT_TRUE(device_config_boolean(c, "SHINY"));
        ASSERT_TRUE(device_config_boolean(c, "loud"));
        ASSERT_FALSE(device_config_boolean(c, "ignorelb"));
        ASSERT_EQ(c->n_defaults, 1);
        ASSERT_EQ(c->n_overrides, 1);
        ASSERT_STREQ(device_config_override(c, "Battery.Charge"), "78");
}

static void test_mistakes(void) {
        static const struct {
                const char *line;
                unsigned n;
                int level;
                const char *hint;
        } table[] = {
                { "pollintervall = 5", 1, LOG_ERR, "did you mean pollinterval?" },
                { "mdoe = dummy", 1, LOG_ERR, "did you mean mode?" },
                { "qqqqqqqqqqqqq = 1", 1, LOG_ERR, "does not know the option qqqqqqqqqqqqq" },
                { "pollinterval = 0", 1, LOG_ERR, "a number from 1 to 86400, not 0" },
                { "pollinterval", 1, LOG_ERR, "needs a value" },
                { "mode = lazy", 1, LOG_ERR, "dummy, dummy-once or repeater, not lazy" },
                { "shiny = 12", 1, LOG_ERR, "must be" },
                { "sddelay = 5", 1, LOG_WARNING, "obsolete" },
                { "default.battery.charge", 1, LOG_ERR, "needs the name of a variable and a value" },
                { "default.battery.voltage.high = abc", 1, LOG_ERR, "is a number, not abc" },
                { "override.Battery.Charge = \"\"", 1, LOG_ERR, "is a number, not empty" },
                { "override.battery.type = abc", 0, 0, NULL },
                { "override.mine = abc", 0, 0, NULL },
                { "nolock", 0, 0, NULL },
                { "sdorder = -1", 0, 0, NULL },
                { "synchronous = yes", 0, 0, NULL },
                { "LIBUSB_DEBUG = 3", 0, 0, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
                _cleanup_free_ char *text = strjoin("[ups]\ndriver = fake\nport = x\n", table[i].line, "\n");
                Reports reports = {};

                /* The device is served nonetheless. */
                c = config_from(text, "ups", &reports);
                ASSERT_EQ(reports.n, table[i].n);
                ASSERT_EQ(reports.level, table[i].level);
                if (table[i].hint) {
                        if (!strstr(reports.message, table[i].hint))
                                TEST_FAIL("%s: %s", table[i].line, reports.message);
                        ASSERT_EQ(reports.line, 4);
                }
                ASSERT_EQ(device_config_integer(c, "pollinterval"), 2);
                free(reports.message);
        }
}

static void test_global_mistakes(void) {
        _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
        Reports reports = {};

        c = config_from("pollinterval = soon\n[ups]\ndriver = fake\nport = x\n"
                        "[b]\ndriver = fake\nport = y\n",
                        "ups", &reports);
        ASSERT_EQ(reports.n, 1); /* not once per device */
        ASSERT_EQ(reports.line, 1);
        ASSERT_EQ(device_config_integer(c, "pollinterval"), 2);
        c = device_config_unref(c);
        free(reports.message);

        reports = (Reports) {};
        c = config_from("statpath = /x\nmode = dummy\n[ups]\ndriver = fake\nport = x\n", "ups", &reports);
        ASSERT_EQ(reports.n, 1);
        ASSERT_TRUE(strstr(reports.message, "statepath"));
        /* A driver's own option is no global one. */
        ASSERT_STREQ(device_config_get(c, "mode"), NULL);
        free(reports.message);
}

static void test_command_line(void) {
        static const struct {
                const char *pair;
                int r;
        } table[] = {
                { "mode=dummy", 0 },
                { "shiny", 0 },
                { "default.ups.id=x", 0 },
                { "nosuch=1", -EINVAL },
                { "limit=1000", -EINVAL },
                { "default.ups.id", -EINVAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char *pairs[] = { (char *) "port=x", (char *) table[i].pair, NULL };
                _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;

                ASSERT_EQ(device_config_new(&driver, &(ConfigSource) { .name = "t", .pairs = pairs },
                                          on_report, NULL, &c),
                                table[i].r);
        }

        DeviceConfig *none = NULL;
        ASSERT_ERROR(device_config_new(&driver, &(ConfigSource) { .name = "t" }, on_report, NULL, &none),
                        EINVAL);
}

static void test_equal(void) {
        static const char base[] = "[ups]\ndriver = fake\nport = x\nlimit = 3\nshiny\ndefault.ups.id = a\n";
        static const struct {
                const char *text;
                bool equal;
        } table[] = {
                { base, true },
                { "# moved\n\n[ups]\ndriver = fake\nport = x\nshiny\nlimit = 3\ndefault.ups.id = a\n",
                                true },
                { "[ups]\ndriver = fake\nport = y\nlimit = 3\nshiny\ndefault.ups.id = a\n", false },
                { "[ups]\ndriver = fake\nport = x\nlimit = 4\nshiny\ndefault.ups.id = a\n", false },
                { "[ups]\ndriver = fake\nport = x\nlimit = 3\ndefault.ups.id = a\n", false },
                { "[ups]\ndriver = fake\nport = x\nlimit = 3\nshiny\ndefault.ups.id = b\n", false },
                { "[ups]\ndriver = fake\nport = x\nlimit = 3\nshiny\ndesc = new\ndefault.ups.id = a\n",
                                false },
                { "maxretry = 5\n[ups]\ndriver = fake\nport = x\nlimit = 3\nshiny\ndefault.ups.id = a\n",
                                false },
        };
        _cleanup_(device_config_unrefp) DeviceConfig *a = NULL;
        Reports reports = {};

        a = config_from(base, "ups", &reports);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(device_config_unrefp) DeviceConfig *b =
                                config_from(table[i].text, "ups", &reports);

                ASSERT_EQ(device_config_equal(a, b), table[i].equal);
                ASSERT_EQ(device_config_equal(b, a), table[i].equal);
        }
}

/* The set that stock NUT 2.8.0 gives a device, plus driver.state. */
static void test_core_variables(void) {
        static const char *const expected[][2] = {
                { "battery.charge.low", "20" },
                { "device.type", "ups" },
                { "driver.flag.ignorelb", "enabled" },
                { "driver.flag.shiny", "enabled" },
                { "driver.name", "fake" },
                { "driver.parameter.mode", "dummy" },
                { "driver.parameter.pollinterval", "3" },
                { "driver.parameter.port", "x.dev" },
                { "driver.parameter.synchronous", "auto" },
                { "driver.state", "quiet" },
                { "driver.version", BUSBAR_VERSION },
                { "driver.version.internal", "0.15" },
        };
        _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(update_freep) Update *u = update_new();

        c = test_config(&driver, "ups", "port=x.dev", "mode=dummy", "community=hush", "pollinterval=3",
                        "ignorelb", "shiny", "nowait", "maxretry=3", "sdorder=2",
                        "default.battery.charge.low=20", NULL);
        ASSERT_OK(core_variables_prepare(m, c));
        core_variables_state(u, "quiet");
        ASSERT_OK(model_apply(m, u, NULL));

        ASSERT_EQ(model_n_variables(m), ELEMENTSOF(expected));
        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                ASSERT_STREQ(model_variable(m, i)->name, expected[i][0]);
                ASSERT_STREQ(model_variable(m, i)->value, expected[i][1]);
        }
}

/* Named at all, it is on, unless it can be read as a no. */
static void test_safeguard(void) {
        static const struct {
                const char *global, *line;
                bool on;
                unsigned n;
        } table[] = {
                { "",                "",                       false, 0 },
                { "",                "guarded",                true,  0 },
                { "",                "guarded = yes",          true,  0 },
                { "",                "guarded = no",           false, 0 },
                { "",                "guarded = \"\"",         true,  1 },
                { "",                "guarded = 12",           true,  1 },
                { "",                "guarded =",              true,  2 },
                { "",                "guarded no",             true,  2 },
                { "",                "Guarded yes",            true,  2 },
                { "guarded = yes",   "",                       true,  0 },
                { "guarded",         "guarded = no",           false, 0 },
                { "guarded = maybe", "",                       true,  1 },
                { "guarded yes",     "",                       true,  1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
                _cleanup_free_ char *text = strjoin(table[i].global, "\n[ups]\ndriver = fake\nport = x\n",
                                table[i].line, "\n");
                Reports reports = {};

                c = config_from(text, "ups", &reports);
                if (device_config_boolean(c, "guarded") != table[i].on || reports.n != table[i].n)
                        TEST_FAIL("%s: %u reports, the last: %s", text, reports.n,
                                        strempty(reports.message));
                free(reports.message);
        }
}

int main(void) {
        log_set_max_level(LOG_CRIT);
        test_normalize();
        test_section();
        test_mistakes();
        test_global_mistakes();
        test_safeguard();
        test_command_line();
        test_equal();
        test_core_variables();
        return 0;
}
