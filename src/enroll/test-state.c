/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>

#include "io-util.h"
#include "log.h"
#include "state.h"
#include "test-util.h"
#include "ups-conf.h"

/* In a directory of its own: "state" and "run" are those of the program. */

static void start_anew(void) {
        ASSERT_EQ(system("rm -rf state run"), 0);
}

static void put(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f);
        ASSERT_TRUE(fputs(text, f) >= 0);
        ASSERT_EQ(fclose(f), 0);
}

static char *get(const char *path) {
        char *text = calloc(1, 65536);

        ASSERT_TRUE(text);
        return path_read(path, text, 65535) < 0 ? (free(text), NULL) : text;
}

static void add(State *s, const char *name, const char *serial, const char *place) {
        Record r = {
                .name = strdup(name),
                .key = { .vendor_id = 0x051d, .product_id = 2, .serial = serial ? strdup(serial) : NULL,
                         .place = strdup(place) },
                .description = strdup("APC \"X\" #1"),
        };

        ASSERT_OK(records_add(&s->records, &r));
        ASSERT_OK(state_mark_seen(s, name));
}

static State open_state(void) {
        State s;

        ASSERT_OK(state_open("state", "run", false, &s));
        return s;
}

static void test_round_trip(void) {
        _cleanup_free_ char *before = NULL, *after = NULL;
        struct stat st;
        State s;

        start_anew();
        s = open_state();
        ASSERT_EQ(s.records.n_records, 0);
        ASSERT_FALSE(s.damaged);
        add(&s, "ups", "A.1", "0000:00:14.0-2.3");
        add(&s, "ups2", NULL, "0000:00:14.0-2.4");
        ASSERT_OK(state_save(&s));
        state_done(&s);
        ASSERT_EQ(stat("state/devices", &st), 0);
        ASSERT_EQ(st.st_mode & 0777, 0644);
        ASSERT_EQ(stat("run/ups.conf", &st), 0);
        ASSERT_EQ(st.st_mode & 0777, 0644);
        before = get("state/devices");

        s = open_state();
        ASSERT_EQ(s.records.n_records, 2);
        ASSERT_EQ(strv_length(s.seen), 2);
        ASSERT_OK(state_save(&s));
        state_done(&s);
        after = get("state/devices");
        ASSERT_STREQ(after, before);

        /* After a start of the machine nothing was seen. */
        ASSERT_EQ(system("rm -rf run"), 0);
        s = open_state();
        ASSERT_EQ(s.records.n_records, 2);
        ASSERT_EQ(strv_length(s.seen), 0);
        state_done(&s);
}

static void test_sections(void) {
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_free_ char *text = NULL;
        State s;

        start_anew();
        s = open_state();
        add(&s, "gone", "G1", "x-1");
        s.seen = strv_free(s.seen);
        add(&s, "ups", "A.1?", "0000:00:14.0-2.3");
        add(&s, "ups2", NULL, "0000:00:14.0-2.4");
        add(&s, "rack", "R1", "x-2");
        s.records.records[0].section = true;
        text = state_sections(&s);
        state_done(&s);

        ASSERT_OK(conf_parse("file", text, strlen(text), NULL, NULL, &lines));
        ASSERT_OK(ups_conf_from_lines(lines, NULL, NULL, &c));
        ASSERT_EQ(c->n_sections, 2);
        ASSERT_STREQ(c->sections[0].name, "ups2");
        ASSERT_STREQ(c->sections[0].driver, "usbhid-ups");
        ASSERT_STREQ(c->sections[0].port, "auto");
        ASSERT_STREQ(c->sections[0].description, "APC \"X\" #1");
        ASSERT_STREQ(ups_conf_option(c, c->sections, "busport")->value, "2\\.4");
        ASSERT_STREQ(ups_conf_option(c, c->sections, "vendorid")->value, "051d");
        ASSERT_TRUE(!ups_conf_option(c, c->sections, "serial"));
        ASSERT_STREQ(c->sections[1].name, "ups");
        ASSERT_STREQ(ups_conf_option(c, c->sections + 1, "serial")->value, "A\\.1.+");
        ASSERT_TRUE(!ups_conf_option(c, c->sections + 1, "busport"));
}

/* No name is lost by what becomes of the file. */
static void test_damaged(void) {
        static const char *const texts[] = {
                "", "device ups 051d:00",
                "\xff\xfe\x00garbage \"", "device other 1234:0001 port z\nbroken\n",
        };

        for (size_t i = 1; i < ELEMENTSOF(texts); i++) {
                _cleanup_free_ char *damaged = NULL;
                State s;

                start_anew();
                s = open_state();
                add(&s, "ups", "A1", "x-1");
                ASSERT_OK(state_save(&s));
                add(&s, "ups2", "B1", "x-2");
                ASSERT_OK(state_save(&s));
                state_done(&s);
                put("state/devices", texts[i]);

                /* In the same run of the machine all are known, afterwards those of the file before. */
                if (i % 2 == 0)
                        ASSERT_EQ(system("rm -rf run"), 0);
                s = open_state();
                ASSERT_TRUE(s.damaged);
                ASSERT_TRUE(records_find_name(&s.records, "ups") >= 0);
                if (i % 2 != 0)
                        ASSERT_TRUE(records_find_name(&s.records, "ups2") >= 0);
                ASSERT_OK(state_save(&s));
                state_done(&s);
                damaged = get("state/devices.damaged");
                ASSERT_STREQ(damaged, texts[i]);

                s = open_state();
                ASSERT_FALSE(s.damaged);
                ASSERT_TRUE(records_find_name(&s.records, "ups") >= 0);
                state_done(&s);
        }
}

static void test_missing(void) {
        State s;

        start_anew();
        s = open_state();
        add(&s, "ups", "A1", "x-1");
        ASSERT_OK(state_save(&s));
        add(&s, "ups2", "B1", "x-2");
        ASSERT_OK(state_save(&s));
        state_done(&s);
        ASSERT_EQ(unlink("state/devices"), 0);
        ASSERT_EQ(system("rm -rf run"), 0);
        s = open_state();
        ASSERT_TRUE(records_find_name(&s.records, "ups") >= 0);
        state_done(&s);
}

/* What cannot be written is known as long as the machine runs. */
static void test_unwritable(void) {
        State s;

        start_anew();
        put("state", "not a directory");
        s = open_state();
        add(&s, "ups", "A1", "x-1");
        ASSERT_TRUE(state_save(&s) < 0);
        state_done(&s);
        s = open_state();
        ASSERT_EQ(records_find_name(&s.records, "ups"), 0);
        ASSERT_EQ(strv_length(s.seen), 1);
        state_done(&s);
}

static void test_forget(void) {
        State s;

        start_anew();
        s = open_state();
        add(&s, "ups", "A1", "x-1");
        ASSERT_OK(state_save(&s));
        ASSERT_ERROR(state_forget(&s, "ups2"), ENOENT);
        ASSERT_OK(state_forget(&s, "UPS"));
        ASSERT_OK(state_save(&s));
        state_done(&s);
        ASSERT_EQ(unlink("state/devices"), 0);
        s = open_state();
        ASSERT_EQ(s.records.n_records, 0);
        state_done(&s);
}

static bool has_mark(const State *s, const char *name) {
        return strv_find_nocase(s->seen, name) >= 0;
}

/* Those of ups.conf, those elsewhere, and those of earlier starts of the machine are no strangers. */
static void test_strangers(void) {
        char name[16];
        State s;

        start_anew();
        s = open_state();
        add(&s, "other", "B", "p-2");
        add(&s, "rack", "C", "p-1");
        s.records.records[0].section = true;
        for (unsigned i = 0; i < 8; i++) {
                ASSERT_FALSE(state_forget_strangers(&s, "p-1"));
                (void) snprintf(name, sizeof(name), "x%u", i);
                add(&s, name, name, "p-1");
        }

        ASSERT_TRUE(state_forget_strangers(&s, "p-1"));
        ASSERT_EQ(s.records.n_records, 9);
        ASSERT_FALSE(has_mark(&s, "x0"));
        ASSERT_TRUE(has_mark(&s, "x1"));
        ASSERT_TRUE(records_find_name(&s.records, "rack") >= 0);
        ASSERT_TRUE(records_find_name(&s.records, "other") >= 0);
        ASSERT_FALSE(state_forget_strangers(&s, "p-1"));
        state_done(&s);
}

static void test_left(void) {
        _cleanup_free_ char *text = NULL;
        State s;

        start_anew();
        s = open_state();
        ASSERT_TRUE(state_note_left(&s, "ups", "apcupsd (process 1)"));
        ASSERT_FALSE(state_note_left(&s, "ups", "apcupsd (process 1)"));
        ASSERT_TRUE(state_note_left(&s, "ups2", "apcupsd (process 1)"));
        ASSERT_FALSE(state_note_left(&s, "ups2", "apcupsd (process 1)"));
        ASSERT_TRUE(state_note_left(&s, "ups", "apcupsd (process 2)"));
        text = get("run/left");
        ASSERT_STREQ(text, "ups2 apcupsd (process 1)\nups apcupsd (process 2)\n");
        state_done(&s);
}

int main(void) {
        char directory[] = "/tmp/busbar-test-XXXXXX";
        _cleanup_free_ char *command = NULL;

        ASSERT_TRUE(mkdtemp(directory));
        ASSERT_EQ(chdir(directory), 0);
        log_set_max_level(LOG_EMERG);
        test_round_trip();
        test_sections();
        test_damaged();
        test_missing();
        test_unwritable();
        test_forget();
        test_strangers();
        test_left();

        command = strjoin("rm -rf ", directory);
        ASSERT_TRUE(command);
        return system(command) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
