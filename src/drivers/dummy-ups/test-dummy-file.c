/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>

#include "dummy-file.h"
#include "test-util.h"
#include "time-util.h"

/* A directory with a definition file, the file as the driver reads it, and the model it is read into. */
typedef struct Fixture {
        char directory[64], path[128];
        DummyFile *file;
        Model *model;
        uint64_t now;
        unsigned n_reports, last_line;
} Fixture;

static void write_text(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f);
        ASSERT_TRUE(fputs(text, f) >= 0);
        ASSERT_EQ(fclose(f), 0);
}

/* As editors do, so that it is another file than before even within one tick of the clock. */
static void fixture_write(Fixture *x, const char *text) {
        _cleanup_free_ char *draft = strjoin(x->path, ".new");

        ASSERT_TRUE(draft);
        write_text(draft, text);
        ASSERT_EQ(rename(draft, x->path), 0);
}

static void fixture_init(Fixture *x, bool loop, const char *text) {
        *x = (Fixture) { .directory = "/tmp/test-dummy-file-XXXXXX", .now = 1000 * USEC_PER_SEC };
        ASSERT_TRUE(mkdtemp(x->directory));
        (void) snprintf(x->path, sizeof(x->path), "%s/x.dev", x->directory);
        if (text)
                fixture_write(x, text);
        ASSERT_OK(dummy_file_new(x->path, loop, &x->file));
        ASSERT_TRUE((x->model = model_new()));
}

static void fixture_done(Fixture *x) {
        x->file = dummy_file_free(x->file);
        x->model = model_free(x->model);
        (void) unlink(x->path);
        ASSERT_EQ(rmdir(x->directory), 0);
}

static void count_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Fixture *x = userdata;

        ASSERT_EQ(level, LOG_ERR);
        ASSERT_STREQ(file, x->path);
        ASSERT_TRUE(!isempty(message));
        x->n_reports++;
        x->last_line = line;
}

/* A poll, seconds after the last one. */
static int fixture_poll(Fixture *x, unsigned seconds) {
        _cleanup_(update_freep) Update *u = update_new();
        int r;

        ASSERT_TRUE(u);
        x->now += seconds * USEC_PER_SEC;
        r = dummy_file_poll(x->file, x->now, u, count_report, x);
        if (r >= 0)
                ASSERT_OK(model_apply(x->model, u, NULL));
        return r;
}

static void fixture_set(Fixture *x, const char *name, const char *value) {
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(u);
        ASSERT_OK(update_set(u, name, value));
        ASSERT_OK(model_apply(x->model, u, NULL));
}

static void test_defaults(void) {
        Fixture x;

        fixture_init(&x, false, "");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_EQ(model_n_variables(x.model), 3);
        ASSERT_STREQ(model_get(x.model, "ups.mfr"), "Dummy Manufacturer");
        ASSERT_STREQ(model_get(x.model, "ups.model"), "Dummy UPS");
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");
        fixture_done(&x);
}

static void test_types(void) {
        static const struct {
                const char *name;
                VariableFlags flags;
                unsigned length;
        } rows[] = {
                { "ups.status",        VARIABLE_WRITABLE | VARIABLE_STRING, 32 },
                { "ups.mfr",           VARIABLE_WRITABLE | VARIABLE_STRING, 32 },
                { "ups.serial",        VARIABLE_WRITABLE | VARIABLE_STRING, 32 },
                { "ups.firmware",      VARIABLE_WRITABLE | VARIABLE_STRING, 16 },
                { "input.sensitivity", VARIABLE_WRITABLE | VARIABLE_STRING, 1  },
                { "input.quality",     VARIABLE_WRITABLE | VARIABLE_STRING, 6  },
                { "outlet.1.desc",     VARIABLE_WRITABLE | VARIABLE_STRING, 32 },
                { "battery.charge",    VARIABLE_WRITABLE,                   0  },
                { "Ups.Load",          VARIABLE_WRITABLE,                   0  },
        };
        Fixture x;

        fixture_init(&x, false,
                     "ups.status: OB\nups.serial: 1\nups.firmware: 2\ninput.sensitivity: H\n"
                     "input.quality: FF\noutlet.1.desc: o\nbattery.charge: 5\nups.load: 6\n");
        ASSERT_OK(fixture_poll(&x, 0));
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const Variable *v = model_find(x.model, rows[i].name);

                ASSERT_TRUE(v);
                ASSERT_EQ(v->flags, rows[i].flags);
                ASSERT_EQ(v->length_max, rows[i].length);
        }
        fixture_done(&x);
}

static void test_once(void) {
        Fixture x;

        fixture_init(&x, false,
                     "ups.status: OL CHRG\ndriver.name: other\nups.mfr: A\nups.load: 3\nups.load: 4\n");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL CHRG");
        ASSERT_STREQ(model_get(x.model, "ups.load"), "4");
        ASSERT_FALSE(model_get(x.model, "driver.name"));

        /* What a client sets stays, until the file is another one. */
        fixture_set(&x, "ups.load", "9");
        fixture_set(&x, "ups.status", "OB");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "9");
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OB");

        fixture_write(&x, "ups.load: 5\nups.id: new\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "5");
        ASSERT_STREQ(model_get(x.model, "ups.id"), "new");
        /* Not in the file any more: gone, or as at the start. */
        ASSERT_STREQ(model_get(x.model, "ups.mfr"), "Dummy Manufacturer");
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");

        fixture_write(&x, "ups.load: 5\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_FALSE(model_get(x.model, "ups.id"));
        fixture_done(&x);
}

static void test_loop_with_timer(void) {
        Fixture x;

        fixture_init(&x, true, "ups.status: OL\nups.load: 1\nTIMER 10\nups.status: OB\nTIMER 20\n");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");
        fixture_set(&x, "ups.load", "2");
        ASSERT_OK(fixture_poll(&x, 9));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");
        ASSERT_OK(fixture_poll(&x, 1));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OB");
        ASSERT_STREQ(model_get(x.model, "ups.load"), "2");
        ASSERT_OK(fixture_poll(&x, 19));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OB");
        ASSERT_OK(fixture_poll(&x, 1));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");
        ASSERT_STREQ(model_get(x.model, "ups.load"), "1");
        fixture_done(&x);
}

static void test_loop_without_timer(void) {
        Fixture x;

        fixture_init(&x, true, "ups.load: 1\n");
        ASSERT_OK(fixture_poll(&x, 0));
        fixture_set(&x, "ups.load", "2");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "1");
        fixture_write(&x, "ups.load: 3\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "3");
        fixture_done(&x);
}

static void test_once_with_timer(void) {
        Fixture x;

        fixture_init(&x, false, "ups.load: 1\nTIMER 5\nups.load: 2\n");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "1");
        ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "2");
        ASSERT_OK(fixture_poll(&x, 100));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "2");
        fixture_done(&x);
}

static void test_alarms(void) {
        Fixture x;

        fixture_init(&x, true,
                     "ups.status: OL\nALARM [hot]\nTIMER 5\nALARM [wet]\nTIMER 5\n"
                     "ALARM\nTIMER 5\nALARM x\nTIMER 5\n");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "ALARM OL");
        ASSERT_STREQ(model_get(x.model, "ups.alarm"), "[hot]");
        ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.alarm"), "[hot] [wet]");
        ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.status"), "OL");
        ASSERT_FALSE(model_get(x.model, "ups.alarm"));
        ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.alarm"), "x");
        /* A new round begins without the alarms of the last one. */
        ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.alarm"), "[hot]");
        fixture_done(&x);
}

static void test_variables_of_later_parts_stay(void) {
        Fixture x;

        fixture_init(&x, true, "ups.load: 1\nTIMER 5\nups.id: late\nTIMER 5\n");
        for (unsigned i = 0; i < 4; i++)
                ASSERT_OK(fixture_poll(&x, 5));
        ASSERT_STREQ(model_get(x.model, "ups.id"), "late");
        fixture_done(&x);
}

static void test_bad_lines(void) {
        Fixture x;

        fixture_init(&x, true, "ups.load: 1\nTIMER x\n: y\nups.id: 2\n");
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_EQ(x.n_reports, 2);
        ASSERT_EQ(x.last_line, 3);
        ASSERT_STREQ(model_get(x.model, "ups.load"), "1");
        ASSERT_STREQ(model_get(x.model, "ups.id"), "2");

        /* Said once only. */
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_EQ(x.n_reports, 2);
        fixture_write(&x, "TIMER\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_EQ(x.n_reports, 3);
        ASSERT_EQ(x.last_line, 1);
        fixture_done(&x);
}

static void test_garbage(void) {
        char garbage[4096];
        Fixture x;

        for (size_t i = 0; i < sizeof(garbage) - 1; i++)
                garbage[i] = i % 7 == 0 ? '\n' : (char) (i * 37 % 255 + 1);
        garbage[sizeof(garbage) - 1] = '\0';

        fixture_init(&x, true, garbage);
        ASSERT_OK(fixture_poll(&x, 0));
        ASSERT_EQ(x.n_reports, 10);
        fixture_done(&x);
}

static void test_unreadable(void) {
        Fixture x;

        fixture_init(&x, false, NULL);
        ASSERT_ERROR(fixture_poll(&x, 0), ENOENT);
        ASSERT_EQ(model_n_variables(x.model), 0);
        fixture_write(&x, "ups.load: 1\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "1");

        /* Read already, but it is not there any more, which a reader must see. */
        ASSERT_EQ(unlink(x.path), 0);
        ASSERT_ERROR(fixture_poll(&x, 2), ENOENT);
        ASSERT_EQ(mkdir(x.path, 0700), 0);
        ASSERT_ERROR(fixture_poll(&x, 2), EISDIR);
        ASSERT_EQ(rmdir(x.path), 0);
        /* Nobody writes into it: no data, and no hang. */
        ASSERT_EQ(mkfifo(x.path, 0600), 0);
        ASSERT_ERROR(fixture_poll(&x, 2), EINVAL);
        ASSERT_EQ(unlink(x.path), 0);

        fixture_write(&x, "ups.load: 2\n");
        ASSERT_OK(fixture_poll(&x, 2));
        ASSERT_STREQ(model_get(x.model, "ups.load"), "2");
        fixture_done(&x);
}

static void test_too_big(void) {
        Fixture x;

        fixture_init(&x, false, "ups.load: 1\n");
        ASSERT_EQ(truncate(x.path, DUMMY_FILE_SIZE_MAX + 1), 0);
        ASSERT_ERROR(fixture_poll(&x, 0), EFBIG);
        fixture_done(&x);
}

int main(void) {
        test_defaults();
        test_types();
        test_once();
        test_loop_with_timer();
        test_loop_without_timer();
        test_once_with_timer();
        test_alarms();
        test_variables_of_later_parts_stay();
        test_bad_lines();
        test_garbage();
        test_unreadable();
        test_too_big();
        return 0;
}
