/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "names.h"

#include <ctype.h>
#include <ftw.h>

#include "test-util.h"

static void check_table(const Name *table, size_t n) {
        static const char *const units[] = {
                "", "V", "A", "W", "VA", "Ah", "Hz", "%", "s", "min", "°C", "°",
        };

        ASSERT_TRUE(n > 0);

        for (size_t i = 0; i < n; i++) {
                const Name *row = &table[i];
                size_t length = strlen(row->description), unit = 0;

                if (i > 0 && strcmp(table[i - 1].pattern, row->pattern) >= 0)
                        TEST_FAIL("%s must not stand behind %s", row->pattern, table[i - 1].pattern);

                while (unit < ELEMENTSOF(units) && !streq(units[unit], row->unit))
                        unit++;
                if (unit == ELEMENTSOF(units))
                        TEST_FAIL("%s: unknown unit \"%s\"", row->pattern, row->unit);

                if (length < 4 || row->description[length - 1] == '.')
                        TEST_FAIL("%s: bad description \"%s\"", row->pattern, row->description);
                if (!isupper((unsigned char) row->description[0]))
                        TEST_FAIL("%s: the description begins in lower case", row->pattern);
                for (const char *c = row->description; *c; c++)
                        if (*c < ' ' || *c > '~' || strchr("\"\\#", *c))
                                TEST_FAIL("%s: bad byte in \"%s\"", row->pattern, row->description);

                if (row->kind == NAME_NUMBER && isempty(name_kind_to_string(row->kind)))
                        TEST_FAIL("%s: kind without a name", row->pattern);
        }
}

static void test_tables(void) {
        const Name *table;
        size_t n;

        table = variable_names(&n);
        check_table(table, n);
        ASSERT_TRUE(n >= 300);

        table = command_names(&n);
        check_table(table, n);
        ASSERT_TRUE(n >= 45);
}

/* Writes numbers, a word and a phase into a pattern, so that it becomes a name a device could have. */
static void name_from_pattern(const char *pattern, char *name) {
        const char *rest = startswith(pattern, "DOMAIN.CONTEXT.");

        if (rest) {
                name = stpcpy(name, "output.L2-N.");
                pattern = rest;
        }

        while (*pattern)
                if (pattern[0] == '%') {
                        name = stpcpy(name, pattern[1] == 'd' ? "12" : "some.Word");
                        pattern += 2;
                } else
                        *name++ = *pattern++;

        *name = '\0';
}

static void check_found(const Name *(*find)(const char *name), const Name *table, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char name[256];
                const Name *found;

                name_from_pattern(table[i].pattern, name);
                found = find(name);
                if (!found)
                        TEST_FAIL("%s is not found", name);

                /* The unit has its row in each domain, but a literal one goes before. */
                if (!startswith(table[i].pattern, "DOMAIN."))
                        ASSERT_STREQ(found->pattern, table[i].pattern);
        }
}

static void test_every_row_is_found(void) {
        const Name *table;
        size_t n;

        table = variable_names(&n);
        check_found(variable_name_find, table, n);

        table = command_names(&n);
        check_found(command_name_find, table, n);
}

typedef struct Case {
        const char *name, *pattern;
} Case;

static const Case variable_cases[] = {
        { "ups.status", "ups.status" },
        { "UPS.Status", "ups.status" },
        { "battery.charge", "battery.charge" },
        { "outlet.1.switchable", "outlet.%d.switchable" },
        { "outlet.switchable", "outlet.switchable" },
        { "outlet.group.3.count", "outlet.group.%d.count" },
        { "outlet.group.3.current.high.warning", "outlet.%d.current.high.warning" },
        { "outlet.current", "outlet.%d.current" },
        { "ambient.2.temperature", "ambient.%d.temperature" },
        { "ambient.2.humidity.alarm.enable", "ambient.humidity.alarm.enable" },
        { "ambient.contacts.1.status", "ambient.contacts.%d.status" },
        { "ambient.1.contacts.2.config", "ambient.%d.contacts.%d.config" },
        { "input.1.voltage", "input.voltage" },
        { "input.2.feed.color", "input.feed.color" },
        { "input.L1-N.voltage", "DOMAIN.CONTEXT.voltage" },
        { "input.l3-l1.voltage.maximum", "DOMAIN.CONTEXT.voltage.maximum" },
        { "input.2.L1.current", "DOMAIN.CONTEXT.current" },
        { "input.bypass.L2.current", "DOMAIN.CONTEXT.current" },
        { "input.bypass.frequency.nominal", "DOMAIN.CONTEXT.frequency.nominal" },
        { "input.bypass.voltage", "input.bypass.voltage" },
        { "output.N.current", "DOMAIN.CONTEXT.current" },
        { "output.inverter.L1.realpower", "DOMAIN.CONTEXT.realpower" },
        { "output.L3.power.maximum.percent", "DOMAIN.CONTEXT.power.maximum.percent" },
        { "device.2.ups.status", "ups.status" },
        { "device.0.outlet.4.status", "outlet.%d.status" },
        { "device.1.mfr", "device.mfr" },
        { "device.1.device.model", "device.model" },
        { "upstream.battery.charge", "battery.charge" },
        { "driver.parameter.port", "driver.parameter.%s" },
        { "driver.parameter.override.battery.low", "driver.parameter.%s" },
        { "driver.flag.ignorelb", "driver.flag.%s" },
        { "driver.flag.allow_killpower", "driver.flag.allow_killpower" },
        { "", NULL },
        { ".", NULL },
        { "..", NULL },
        { "battery", NULL },
        { "battery.", NULL },
        { "battery.chargex", NULL },
        { "input.L4.voltage", NULL },
        { "input.L1-N.", NULL },
        { "input.L1-N", NULL },
        { "outlet.%d.status", "outlet.%d.status" },
        { "outlet.1x.status", NULL },
        { "device.", NULL },
        { "device.1.", NULL },
        { "domain.context.voltage", NULL },
        { "DOMAIN.CONTEXT.voltage", NULL },
};

static void test_variables(void) {
        for (size_t i = 0; i < ELEMENTSOF(variable_cases); i++) {
                const Name *found = variable_name_find(variable_cases[i].name);

                if (!streq_ptr(found ? found->pattern : NULL, variable_cases[i].pattern))
                        TEST_FAIL("%s gives %s, expected %s", variable_cases[i].name,
                                  found ? found->pattern : "nothing",
                                  variable_cases[i].pattern ?: "nothing");
        }
}

static void test_long_names(void) {
        char name[4096];

        memset(name, 'a', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        ASSERT_TRUE(!variable_name_find(name));
        ASSERT_TRUE(!command_name_find(name));

        /* The case in which a key outgrows its name most. */
        for (size_t length = 100; length < 140; length++) {
                for (size_t i = 0; i < length; i++)
                        name[i] = i % 2 == 0 ? '1' : '.';
                name[length] = '\0';
                ASSERT_TRUE(!variable_name_find(name));

                memcpy(name, "input.", 6);
                ASSERT_TRUE(!variable_name_find(name));
        }
}

static void test_units_and_kinds(void) {
        const Name *n;

        n = variable_name_find("battery.runtime");
        ASSERT_STREQ(n->unit, "s");
        ASSERT_EQ(n->kind, NAME_NUMBER);

        n = variable_name_find("input.L1.voltage");
        ASSERT_STREQ(n->unit, "V");

        n = variable_name_find("ups.start.auto");
        ASSERT_EQ(n->kind, NAME_BOOLEAN);

        n = variable_name_find("battery.date");
        ASSERT_STREQ(name_kind_to_string(n->kind), "date");
}

static void test_commands(void) {
        static const Case cases[] = {
                { "load.off", "load.off" },
                { "Load.OFF", "load.off" },
                { "outlet.2.load.off", "outlet.%d.load.off" },
                { "outlet.group.1.load.cycle", "outlet.%d.load.cycle" },
                { "outlet.load.on", "outlet.%d.load.on" },
                { "device.1.outlet.2.load.on", "outlet.%d.load.on" },
                { "upstream.beeper.mute", "beeper.mute" },
                { "load", NULL },
                { "", NULL },
        };
        const Name *n;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                n = command_name_find(cases[i].name);
                ASSERT_STREQ(n ? n->pattern : NULL, cases[i].pattern);
        }

        n = command_name_find("load.off.delay");
        ASSERT_STREQ(n->unit, "s");
        ASSERT_EQ(n->kind, NAME_NUMBER);
}

/*** Names that real devices have ***/

static char **seen; /* nftw() has no userdata */

static int collect_names(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        FILE *f;

        if (type != FTW_F || !endswith(path, ".dev"))
                return 0;

        f = fopen(path, "re");
        ASSERT_TRUE(f);

        while (getline(&line, &size, f) > 0) {
                size_t length = strcspn(line, ": #\n");

                if (line[length] != ':' || !memchr(line, '.', length) || startswith(line, "driver."))
                        continue;

                line[length] = '\0';
                if (!strv_contains(seen, line))
                        ASSERT_OK(strv_extend(&seen, line));
        }

        fclose(f);
        return 0;
}

static void test_real_devices(const char *directory) {
        size_t known = 0, n;

        ASSERT_EQ(nftw(directory, collect_names, 16, FTW_PHYS), 0);
        n = strv_length(seen);
        ASSERT_TRUE(n > 0);

        STRV_FOREACH(s, seen)
                if (variable_name_find(*s))
                        known++;
                else
                        printf("not in the table: %s\n", *s);

        printf("%zu of %zu names of real devices are in the table\n", known, n);
        ASSERT_TRUE(known * 100 >= n * 90);
        seen = strv_free(seen);
}

int main(int argc, char *argv[]) {
        test_tables();
        test_every_row_is_found();
        test_variables();
        test_long_names();
        test_units_and_kinds();
        test_commands();
        if (argc > 1)
                test_real_devices(argv[1]);

        return 0;
}
