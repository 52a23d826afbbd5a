/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "log.h"
#include "test-bus-fake.h"

/* A mirror among drivers that do not answer, answer with errors, or send nonsense. A healthy driver must
 * be served all the same, and what was wrong must be put right when the driver is. */

typedef struct Answer {
        unsigned n;
        int r;
} Answer;

static void on_answer(void *userdata, int r, const char *message) {
        Answer *a = userdata;

        a->n++;
        a->r = r;
}

typedef struct Bench {
        sd_event *event;
        sd_bus *bus;
        Mirror *mirror;
        TestDriver *healthy;
        TestDevice *device;
        Fake fake;
        unsigned n_synced, n_anew, n_changed, n_removed;
        uint64_t synced_usec;
        Answer *at_removal; /* of a write at that moment, if any */
} Bench;

static void on_device_changed(void *userdata, MirrorDevice *d, const Change *change) {
        Bench *b = userdata;

        if (change)
                b->n_changed++;
        else
                b->n_anew++;
}

static void on_device_removed(void *userdata, MirrorDevice *d) {
        Bench *b = userdata;

        b->n_removed++;
        if (b->at_removal)
                ASSERT_OK(mirror_device_set(d, "ups.load", "4", on_answer, b->at_removal));
}

static void on_synced(void *userdata) {
        Bench *b = userdata;

        b->n_synced++;
        b->synced_usec = now_usec(CLOCK_MONOTONIC);
}

static const MirrorOps mirror_ops = {
        .device_changed = on_device_changed,
        .device_removed = on_device_removed,
        .synced = on_synced,
};

static void bench_open(Bench *b) {
        ASSERT_OK(sd_event_new(&b->event));
        b->bus = test_bus_open(b->event);
        ASSERT_OK(mirror_new(&mirror_ops, b, &b->mirror));
        b->mirror->read_timeout_usec = USEC_PER_SEC;
        b->healthy = test_driver_new(b->event, "healthy");
        b->device = test_driver_add(b->healthy, "apc", test_update_ups());
        fake_open(&b->fake, b->event, "org.busbar.Driver.fake");
        ASSERT_OK(mirror_attach(b->mirror, b->bus));
}

static void bench_close(Bench *b) {
        mirror_free(b->mirror);
        test_driver_free(b->healthy);
        fake_close(&b->fake);
        sd_bus_flush_close_unref(b->bus);
        sd_event_unref(b->event);
}

static const Model *find_model(Bench *b, const char *name) {
        MirrorDevice *d = mirror_find(b->mirror, name);

        return d ? mirror_device_model(d) : NULL;
}

static bool has_value(Bench *b, const char *device, const char *variable, const char *value) {
        const Model *m = find_model(b, device);

        return m && streq_ptr(model_get(m, variable), value);
}

/* The healthy one is served. */
static void assert_healthy(Bench *b, const char *charge) {
        Update *u = update_new();

        (void) update_set(u, "battery.charge", charge);
        test_device_update(b->device, u);
        RUN_UNTIL(b->event, has_value(b, "apc", "battery.charge", charge));
}

/* The other one as well, in the end, and without what was wrong with it. */
static void assert_mended(Bench *b) {
        const Variable *v;

        RUN_UNTIL(b->event, find_model(b, "odd"));
        v = model_find(find_model(b, "odd"), "ups.load");
        ASSERT_STREQ(v->value, "5");
        ASSERT_EQ(v->flags, VARIABLE_WRITABLE);
        ASSERT_EQ(v->length_max, 4);
        ASSERT_EQ(strv_length(v->enums), 1);
        ASSERT_EQ(v->n_ranges, 1);
        ASSERT_EQ(v->ranges[0].max, 5);
        ASSERT_EQ(model_n_variables(find_model(b, "odd")), 2);
        ASSERT_EQ(strv_length(model_commands(find_model(b, "odd"))), 1);
        ASSERT_EQ(model_revision(find_model(b, "odd")), 7);
        ASSERT_EQ(model_freshness(find_model(b, "odd")), FRESHNESS_FRESH);
        ASSERT_TRUE(model_has_status(find_model(b, "odd"), "OL"));
}

static void test_bad_answers(void) {
        static const char *const members[] = { "GetManagedObjects", "GetAll", "Details", "List" };

        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                for (Mood mood = MOOD_ERROR; mood <= MOOD_NONSENSE; mood++) {
                        Bench b = { .fake = { .bad_member = members[i], .mood = mood } };

                        bench_open(&b);
                        RUN_UNTIL(b.event, b.n_synced == 1);
                        ASSERT_EQ(mirror_n_devices(b.mirror), 1);
                        assert_healthy(&b, "12");

                        fake_mend(&b.fake);
                        fake_announce(&b.fake);
                        assert_mended(&b);
                        ASSERT_EQ(b.n_removed, 0);
                        bench_close(&b);
                }
}

static void test_odd_objects(void) {
        for (unsigned i = 1; i <= ODDITIES; i++) {
                Bench b = { .fake = { .oddity = i } };

                bench_open(&b);
                RUN_UNTIL(b.event, b.n_synced == 1);
                ASSERT_EQ(mirror_n_devices(b.mirror), 1);
                assert_healthy(&b, "12");

                fake_mend(&b.fake);
                fake_announce(&b.fake);
                assert_mended(&b);
                bench_close(&b);
        }
}

/* Signals of other shapes, from the driver and from somebody who is none. */
static void test_odd_signals(void) {
        static const char *const members[][2] = {
                { BUS_INTERFACE_VARIABLES,              "Changed"           },
                { BUS_INTERFACE_VARIABLES,              "MetadataChanged"   },
                { "org.freedesktop.DBus.Properties",    "PropertiesChanged" },
                { "org.freedesktop.DBus.ObjectManager", "InterfacesAdded"   },
                { "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved" },
        };
        Bench b = {};

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", members[i][0],
                                members[i][1], "i", 5));
                ASSERT_OK(sd_bus_emit_signal(b.fake.bus, "/org/busbar/device/no/where", members[i][0],
                                members[i][1], NULL));
        }
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}s", UINT64_C(8), 1, "ups.load", "99", "x"));
        /* A stranger, and a driver that speaks of what is another's. */
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/apc", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", UINT64_C(2), 1, "ups.load", "99", 0));
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_ROOT, "org.freedesktop.DBus.ObjectManager",
                        "InterfacesRemoved", "oas", BUS_PATH_DEVICE "/apc", 1, BUS_INTERFACE_DEVICE));
        ASSERT_OK(sd_bus_emit_signal(b.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", UINT64_C(8), 1, "ups.load", "99", 0));

        /* The half of a change made the mirror read again; then one that makes sense. */
        RUN_UNTIL(b.event, b.n_anew == 3);
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", UINT64_C(8), 1, "ups.temperature", "31", 1, "ups.load"));
        RUN_UNTIL(b.event, has_value(&b, "odd", "ups.temperature", "31"));
        ASSERT_TRUE(has_value(&b, "odd", "ups.load", NULL));
        assert_healthy(&b, "12");
        ASSERT_TRUE(has_value(&b, "apc", "ups.load", "17"));
        ASSERT_EQ(b.n_removed, 0);
        bench_close(&b);
}

/* A driver that hangs holds up nobody for long, and is taken in when it wakes. */
static void test_silent(const char *member) {
        uint64_t start = now_usec(CLOCK_MONOTONIC);
        Bench b = { .fake = { .bad_member = member, .mood = MOOD_SILENT } };

        bench_open(&b);
        RUN_UNTIL(b.event, find_model(&b, "apc"));
        ASSERT_EQ(b.n_synced, 0);
        RUN_UNTIL(b.event, b.n_synced == 1);
        ASSERT_TRUE(b.synced_usec - start >= USEC_PER_SEC);
        ASSERT_TRUE(b.synced_usec - start < 5 * USEC_PER_SEC);
        ASSERT_EQ(mirror_n_devices(b.mirror), 1);
        assert_healthy(&b, "12");

        fake_mend(&b.fake);
        assert_mended(&b);
        bench_close(&b);
}

/* What is not answered stays counted at the bus daemon: it must not use up what others need. */
static void test_hanging_later(void) {
        Answer hung = {}, served = {};
        Bench b = {};

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);

        b.fake.bad_member = "*";
        b.fake.mood = MOOD_SILENT;
        for (unsigned i = 0; i < MIRROR_WRITES_MAX; i++) {
                mirror_ping(b.mirror);
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer,
                                &hung));
                ASSERT_OK(sd_event_run(b.event, 0));
        }
        for (unsigned i = 0; i < 100; i++)
                ASSERT_ERROR(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer,
                                &hung), EBUSY);
        for (unsigned i = 0; i < 64; i++)
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "apc"), "ups.id", "x", on_answer,
                                &served));
        RUN_UNTIL(b.event, served.n == 64);
        ASSERT_EQ(served.r, 0);
        ASSERT_EQ(hung.n, 0);
        ASSERT_TRUE(b.fake.n_pings <= 1);
        ASSERT_TRUE(b.fake.n_unanswered <= 16);
        ASSERT_TRUE(mirror_device_age_usec(mirror_find(b.mirror, "apc")) <
                        mirror_device_age_usec(mirror_find(b.mirror, "odd")));

        /* In two minutes' time those who wait are told; answers after that are nobody's. */
        mirror_calls_expire(b.mirror, now_usec(CLOCK_MONOTONIC) + 121 * USEC_PER_SEC);
        ASSERT_EQ(hung.n, MIRROR_WRITES_MAX);
        ASSERT_EQ(hung.r, -ETIMEDOUT);
        fake_mend(&b.fake);
        ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer, &hung));
        RUN_UNTIL(b.event, hung.n == MIRROR_WRITES_MAX + 1);
        ASSERT_EQ(hung.r, 0);
        assert_healthy(&b, "13");
        bench_close(&b);
}

/* A driver that owes an answer is sent no more until it gives a sign of life. */
static void test_silence(void) {
        Answer answer = {};
        Bench b = {};

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);

        b.fake.bad_member = "Ping";
        b.fake.mood = MOOD_SILENT;
        mirror_ping(b.mirror);
        RUN_UNTIL(b.event, b.fake.n_pings == 1);
        mirror_calls_expire(b.mirror, now_usec(CLOCK_MONOTONIC) + 5 * USEC_PER_SEC);
        ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer, &answer));
        assert_healthy(&b, "12");
        ASSERT_EQ(answer.n, 0);

        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", UINT64_C(8), 1, "ups.load", "6", 0));
        RUN_UNTIL(b.event, answer.n == 1);
        ASSERT_EQ(answer.r, 0);
        bench_close(&b);
}

/* What waits for a driver reaches it in the order in which it was asked for, before what is to be read. */
static void test_order(void) {
        Answer answer = {};
        Bench b = {};

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);

        b.fake.bad_member = "Ping";
        b.fake.mood = MOOD_SILENT;
        mirror_ping(b.mirror);
        RUN_UNTIL(b.event, b.fake.n_pings == 1);
        mirror_calls_expire(b.mirror, now_usec(CLOCK_MONOTONIC) + 5 * USEC_PER_SEC);
        b.fake.read_before = false;
        mirror_device_read(mirror_find(b.mirror, "odd"));
        for (unsigned i = 1; i <= 40; i++) {
                char value[16];

                (void) snprintf(value, sizeof(value), "%u", i);
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", value, on_answer,
                                &answer));
        }
        assert_healthy(&b, "12");
        ASSERT_EQ(b.fake.n_sets, 0);

        fake_mend(&b.fake);
        RUN_UNTIL(b.event, answer.n == 40);
        ASSERT_EQ(answer.r, 0);
        ASSERT_TRUE(b.fake.set_in_order);
        ASSERT_FALSE(b.fake.read_before);
        bench_close(&b);
}

/* A consumer may write whenever it is called; the answer comes before the device is gone. */
static void test_write_at_removal(void) {
        Answer answer = {};
        Bench b = {};

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);
        b.at_removal = &answer;
        sd_bus_close(b.fake.bus);
        RUN_UNTIL(b.event, b.n_removed == 1);
        ASSERT_EQ(answer.n, 1);
        ASSERT_EQ(answer.r, -ENODEV);
        b.at_removal = NULL;
        bench_close(&b);
}

/* What is announced between two answers of a snapshot is in it. */
static void test_news_meanwhile(void) {
        const Variable *v;
        Bench b = { .fake = { .bad_member = "List", .mood = MOOD_SILENT } };

        bench_open(&b);
        RUN_UNTIL(b.event, b.fake.n_unanswered == 1);
        b.fake.length_max = 9;
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES,
                        "MetadataChanged", "tas", UINT64_C(7), 1, "ups.load"));
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", UINT64_C(8), 1, "ups.load", "6", 0));
        ASSERT_OK(sd_bus_emit_signal(b.fake.bus, BUS_PATH_DEVICE "/odd", "org.freedesktop.DBus.Properties",
                        "PropertiesChanged", "sa{sv}as", BUS_INTERFACE_DEVICE, 1, "Alarms", "as", 1, "Hot",
                        0));
        assert_healthy(&b, "12");
        fake_mend(&b.fake);

        RUN_UNTIL(b.event, find_model(&b, "odd") &&
                        (v = model_find(find_model(&b, "odd"), "ups.load"))->length_max == 9);
        ASSERT_STREQ(v->value, "6");
        ASSERT_EQ(model_revision(find_model(&b, "odd")), 8);
        ASSERT_STREQ(model_get(find_model(&b, "odd"), "ups.status"), "ALARM OL");
        bench_close(&b);
}

/* Many processes, all of which hang: more than what has prospects may take. */
static void test_many_silent(void) {
        static Fake fakes[100]; /* the bus knows them by address */
        Bench b = { .fake = { .bad_member = "GetManagedObjects", .mood = MOOD_SILENT } };
        unsigned most = 0;

        ASSERT_OK(sd_event_new(&b.event));
        for (size_t i = 0; i < ELEMENTSOF(fakes); i++) {
                char name[64];

                (void) snprintf(name, sizeof(name), "org.busbar.Driver.silent%zu", i);
                fakes[i] = (Fake) { .bad_member = "GetManagedObjects", .mood = MOOD_SILENT };
                fake_open(&fakes[i], b.event, name);
        }
        b.event = sd_event_unref(b.event);

        bench_open(&b);
        RUN_UNTIL(b.event, ({
                most = MAX(most, b.mirror->n_under_way - b.mirror->n_expired);
                b.n_synced == 1;
        }));
        ASSERT_EQ(most, 64);
        assert_healthy(&b, "12");
        bench_close(&b);
        for (size_t i = 0; i < ELEMENTSOF(fakes); i++)
                fake_close(&fakes[i]);
}

/* A driver without Details() is asked for descriptions instead. */
static void test_earlier_version(void) {
        Bench b = { .fake = { .describes = true } };

        bench_open(&b);
        RUN_UNTIL(b.event, b.n_synced == 1);
        assert_mended(&b);
        bench_close(&b);
}

int main(int argc, char *argv[]) {
        log_set_max_level(LOG_ERR);

        test_bad_answers();
        test_odd_objects();
        test_odd_signals();
        test_silent("GetManagedObjects");
        test_silent("Details");
        test_earlier_version();
        test_hanging_later();
        test_silence();
        test_order();
        test_write_at_removal();
        test_news_meanwhile();
        test_many_silent();
        return EXIT_SUCCESS;
}
