/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ups-conf.h"

#include <stdio.h>
#include <syslog.h>

#include "test-file.h"

typedef struct Reports {
        char text[2048];
        size_t n;
} Reports;

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Reports *r = userdata;
        size_t left = sizeof(r->text) - r->n;
        int n = snprintf(r->text + r->n, left, "%s:%u %c %s\n", file, line,
                        level == LOG_ERR ? 'E' : level == LOG_WARNING ? 'W' : '?', message);

        ASSERT_TRUE(n > 0 && (size_t) n < left);
        r->n += (size_t) n;
}

static void parse(const char *input, Reports *r, UpsConf **ret) {
        _cleanup_(conf_freep) Conf *c = NULL;

        *r = (Reports) {};
        ASSERT_OK(conf_parse("u", input, strlen(input), on_report, r, &c));
        ASSERT_OK(ups_conf_from_lines(c, on_report, r, ret));
}

static size_t render_options(char *text, size_t size, const UpsOption *options, size_t n_options) {
        size_t n = 0;

        for (size_t i = 0; i < n_options; i++)
                n += (size_t) snprintf(text + n, size - n, " %s%s%s@%u", options[i].key,
                                options[i].value ? "=" : "", strempty(options[i].value), options[i].line);
        return n;
}

/* The whole as text: globals, then "LINE name driver port desc options" per section. */
static void render(const UpsConf *c, char *text, size_t size) {
        size_t n = render_options(text, size, c->globals, c->n_globals);

        for (size_t i = 0; i < c->n_sections; i++) {
                const UpsSection *s = c->sections + i;

                n += (size_t) snprintf(text + n, size - n, ";%u %s %s %s \"%s\"",
                                s->line, s->name, s->driver, s->port, s->description ?: "-");
                n += render_options(text + n, size - n, s->options, s->n_options);
        }

        ASSERT_TRUE(n < size);
        text[n] = '\0';
}

#define DEVICE "driver = d\nport = p\n"

static const struct {
        const char *input, *content, *reports;
} cases[] = {
        { "", "", "" },
        { "pollinterval = 5\nnowait\n[a]\n" DEVICE, " pollinterval=5@1 nowait@2;3 a d p \"-\"", "" },
        { "[a]\ndriver=usbhid-ups\nport=auto\ndesc=\"Rack 1\"\nvendorid=051D\nignorelb\n",
          ";1 a usbhid-ups auto \"Rack 1\" vendorid=051D@5 ignorelb@6", "" },
        { "[a]\n" DEVICE "desc = Rack 1\n[b]\n" DEVICE, ";1 a d p \"Rack 1\";5 b d p \"-\"", "" },
        { "[a]\n" DEVICE "override.battery.charge.low = 20\n",
          ";1 a d p \"-\" override.battery.charge.low=20@4", "" },

        { "[a]\nport = p\n", "",
          "u:1 E Section [a] has no driver, ignoring the device: add a line \"driver = NAME\"\n" },
        { "[a]\ndriver = d\n", "",
          "u:1 E Section [a] has no port, ignoring the device: add a line \"port = auto\"\n" },
        { "[a]\n", "", "u:1 E Section [a] has no driver and no port, ignoring the device: "
          "add a line \"driver = NAME\"\n" },
        { "[a]\ndriver = \"\"\nport\n", "",
          "u:1 E Section [a] has no driver and no port, ignoring the device: "
          "add a line \"driver = NAME\"\n" },

        { "[a]\n" DEVICE "x\n[b]\n" DEVICE "[a]\ny\nz\n", ";1 a d p \"-\" x@4;5 b d p \"-\"",
          "u:8 E Section [a] is there already in line 1, ignoring this one: "
          "rename it or put the lines together\n" },
        { "[a]\n" DEVICE "[A]\n" DEVICE, ";1 a d p \"-\"",
          "u:4 E Section [A] is [a] at u:1 but for case, ignoring it: rename it\n" },
        { "[Default]\n" DEVICE, "",
          "u:1 E No device can be called \"default\", ignoring the section: rename it\n" },
        { "[a@b]\n" DEVICE, "", "u:1 E \"a@b\" cannot be the name of a device, ignoring the section: "
          "use 1 to 63 letters, digits or signs, but none of \" \\ # = @ : / [ ]\n" },

        { "[a]\n" DEVICE "x = 1\ny\nx = 2\n", ";1 a d p \"-\" y@5 x=2@6",
          "u:6 W x is given a second time, this one holds and the one in line 4 does not: remove one\n" },
        { "[a]\n" DEVICE "port = q\n", ";1 a d q \"-\"",
          "u:4 W port is given a second time, this one holds and the one in line 3 does not: remove one\n" },
        { "x\n[a]\n" DEVICE "X\nx\n", " x@1;2 a d p \"-\" X@5 x@6", "" },
        { "[a]\n" DEVICE "x =\ny z\n", ";1 a d p \"-\"",
          "u:4 E x has no value behind its =, ignoring the line: write x = VALUE\n"
          "u:5 E y has no = before its value, ignoring the line: write y = VALUE\n" },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(ups_conf_freep) UpsConf *c = NULL;
                char text[512];
                Reports r;

                parse(cases[i].input, &r, &c);
                render(c, text, sizeof(text));
                ASSERT_STREQ(text, cases[i].content);
                ASSERT_STREQ(r.text, cases[i].reports);
                ASSERT_TRUE(c->exists);
        }
}

static void test_find(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        Reports r;

        parse("pollinterval = 5\nuser = nut\n[Rack]\n" DEVICE "pollinterval = 7\n[b]\n" DEVICE, &r, &c);

        const UpsSection *rack = ups_conf_find(c, "rACK"), *b = ups_conf_find(c, "b");
        ASSERT_TRUE(rack == c->sections && b == c->sections + 1);
        ASSERT_TRUE(ups_conf_find(c, "none") == NULL);

        ASSERT_STREQ(ups_conf_option(c, rack, "pollinterval")->value, "7");
        ASSERT_EQ(ups_conf_option(c, rack, "pollinterval")->line, 6);
        ASSERT_STREQ(ups_conf_option(c, b, "pollinterval")->value, "5");
        ASSERT_STREQ(ups_conf_option(c, rack, "user")->value, "nut");
        ASSERT_STREQ(ups_conf_option(c, NULL, "pollinterval")->value, "5");
        ASSERT_TRUE(ups_conf_option(c, rack, "PollInterval") == NULL);
        ASSERT_TRUE(ups_conf_option(c, NULL, "none") == NULL);
}

static void test_names(void) {
        static const char long_name[] = "0123456789012345678901234567890123456789012345678901234567890123";
        static const char *const good[] = {
                "ups", "a", "Rack-1_b.2", "!$%&'()*+,-.;<>?^`{|}~", long_name + 1,
        };
        static const char *const bad[] = {
                "", long_name, "a b", "a\"b", "a\\b", "a#b", "a=b", "a@b", "a:b", "a/b", "[a", "a]", "a\tb",
                "a\x7f", "\xc3\xa4",
        };

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                ASSERT_TRUE(device_name_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_FALSE(device_name_is_valid(bad[i]));
}

static void test_options_limit(void) {
        _cleanup_free_ char *input = malloc(UPS_OPTIONS_MAX * 16);
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        Reports r;
        size_t n = 0;

        ASSERT_TRUE(input != NULL);
        for (unsigned i = 0; i <= UPS_OPTIONS_MAX; i++)
                n += (size_t) sprintf(input + n, "x%u = 1\n", i);

        parse(input, &r, &c);
        ASSERT_EQ(c->n_globals, UPS_OPTIONS_MAX);
        ASSERT_STREQ(r.text, "u:1001 E Too many options, ignoring this one: 1000 is the most\n");
}

/* A drop-in changes options of a section and adds sections. */
static void test_load(const char *directory) {
        _cleanup_(ups_conf_freep) UpsConf *none = NULL, *c = NULL;
        Reports r = {};
        char text[512];

        ASSERT_EQ(setenv("NUT_CONFPATH", directory, true), 0);

        ASSERT_OK(ups_conf_load(on_report, &r, &none));
        ASSERT_FALSE(none->exists);
        ASSERT_EQ(none->n_sections, 0);

        test_write_file("ups.conf", "pollinterval = 2\n[a]\n" DEVICE "x = 1\n");
        ASSERT_EQ(mkdir("ups.conf.d", 0755), 0);
        test_write_file("ups.conf.d/local.conf", "pollinterval = 3\n[b]\n" DEVICE "[a]\nport = q\nx = 2\n");

        ASSERT_OK(ups_conf_load(on_report, &r, &c));
        ASSERT_STREQ(r.text, "");
        render(c, text, sizeof(text));
        ASSERT_STREQ(text, " pollinterval=3@1;2 a d q \"-\" x=2@7;2 b d p \"-\"");
        ASSERT_TRUE(endswith(c->sections[0].options[0].file, "/ups.conf.d/local.conf") != NULL);
        ASSERT_TRUE(endswith(c->sections[0].file, "/ups.conf") != NULL);
}

static void test_enrolled(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = NULL, *alone = NULL;
        Reports r = {};
        char text[512];

        test_write_file("enrolled", "pollinterval = 9\n[B]\n" DEVICE "[ups]\n" DEVICE "serial = 1\n"
                        "[ups2]\n" DEVICE "[broken]\n");
        ASSERT_EQ(setenv("BUSBAR_ENROLLED_CONF", "enrolled", true), 0);
        ASSERT_OK(ups_conf_load(on_report, &r, &c));
        render(c, text, sizeof(text));
        ASSERT_STREQ(text, " pollinterval=3@1;2 a d q \"-\" x=2@7;2 b d p \"-\""
                           ";5 ups d p \"-\" serial=1@8;9 ups2 d p \"-\"");
        ASSERT_FALSE(c->sections[1].enrolled);
        ASSERT_TRUE(c->sections[2].enrolled && c->sections[3].enrolled);
        ASSERT_TRUE(strstr(r.text, "enrolled:12 E") != NULL);

        ASSERT_OK(ups_conf_load_enrolled(NULL, NULL, &alone));
        ASSERT_EQ(alone->n_sections, 3);

        /* Nothing that is wrong with it keeps us from reading the other. */
        c = ups_conf_free(c);
        ASSERT_EQ(setenv("BUSBAR_ENROLLED_CONF", ".", true), 0);
        ASSERT_OK(ups_conf_load(on_report, &r, &c));
        ASSERT_EQ(c->n_sections, 2);
        ASSERT_EQ(unsetenv("BUSBAR_ENROLLED_CONF"), 0);
}

static void test_plugged(void) {
        static const struct {
                const char *driver, *port;
                bool enrolled, plugged;
        } table[] = {
                { "usbhid-ups", "auto",          false, true  },
                { "usbhid-ups", "/dev/hidraw0",  false, true  },
                { "usbhid-ups", "/tmp/ups.hid",  false, false },
                { "nutdrv_qx",  "auto",          false, true  },
                { "nutdrv_qx",  "Auto",          false, true  },
                { "nutdrv_qx",  "ttyS0",         false, false },
                { "nutdrv_qx",  "/dev/ttyS0",    false, false },
                { "nutdrv_qx",  "/dev/serial/by-id/usb-1", false, false },
                { "nutdrv_qx",  "/tmp/q1.line",  false, false },
                { "nutdrv_qx",  "/dev/bus/usb/001/002", false, true },
                { "blazer_usb", "/dev/ttyS0",    false, true  },
                { "blazer_ser", "/dev/ttyS0",    false, false },
                { "dummy-ups",  "x.dev",         false, false },
                { "some-usb",   "auto",          true,  true  },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const UpsSection s = {
                        .driver = (char *) (uintptr_t) table[i].driver,
                        .port = (char *) (uintptr_t) table[i].port,
                        .enrolled = table[i].enrolled,
                };

                ASSERT_EQ(ups_section_is_plugged(&s), table[i].plugged);
        }
        ASSERT_STREQ(ups_conf_plugged_drivers()[0], "usbhid-ups");

        UpsOption option = { .key = (char *) (uintptr_t) "vendorid" };
        const UpsSection usb = {
                .driver = (char *) (uintptr_t) "nutdrv_qx",
                .port = (char *) (uintptr_t) "/dev/ttyS0",
                .options = &option,
                .n_options = 1,
        };
        ASSERT_TRUE(ups_section_is_plugged(&usb));
}

/* A group of the system is for whom NUT has the option; any other name is that of a process. */
static void test_process_group(const char *root) {
        static const char *const expected[] = { "default", "far", "default", "near" };
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        _cleanup_free_ char *etc = strjoin(root, "/etc"), *path = strjoin(root, "/etc/group");
        Reports reports;

        ASSERT_TRUE(etc && path);
        ASSERT_EQ(mkdir(etc, 0755), 0);
        parse("[a]\n" DEVICE "group = nut\n[b]\n" DEVICE "group = far\n[c]\n" DEVICE
              "group = \"\"\n", &reports, &c);
        ASSERT_STREQ(ups_conf_process_group(c, c->sections, root), "nut");

        test_write_file(path, "root:x:0:\nnut:x:117:upsd,me\n");
        for (size_t i = 0; i < 3; i++)
                ASSERT_STREQ(ups_conf_process_group(c, c->sections + i, root), expected[i]);

        c = ups_conf_free(c);
        parse("group = near\n[a]\n" DEVICE, &reports, &c);
        ASSERT_STREQ(ups_conf_process_group(c, c->sections, root), expected[3]);
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = NULL;

        test_cases();
        test_find();
        test_names();
        test_options_limit();

        directory = test_directory_new();
        test_load(directory);
        test_enrolled();
        test_plugged();
        test_process_group(directory);
        return EXIT_SUCCESS;
}
