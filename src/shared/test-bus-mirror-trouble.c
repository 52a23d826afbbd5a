/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "log.h"
#include "test-bus-util.h"

/* A mirror among drivers that do not answer, answer with errors, or send nonsense. A healthy driver must
 * be served all the same, and what was wrong must be put right when the driver is. */

typedef enum Mood {
        MOOD_GOOD,
        MOOD_ERROR,
        MOOD_NONSENSE, /* an answer of another type */
        MOOD_SILENT,
        _MOOD_MAX,
} Mood;

/* A driver process that is made of answers. */
typedef struct Fake {
        sd_bus *bus;
        sd_bus_slot *filter;
        const char *bad_member; /* the method in which it is as follows */
        Mood mood;
        unsigned oddity;        /* or what is strange about its object or variables, from 1 */
        sd_bus_message **unanswered;
        size_t n_unanswered, n_unanswered_allocated;
        unsigned n_pings;
        uint32_t length_max; /* of ups.load, 0 for 4 */
} Fake;

typedef struct Bench {
        sd_event *event;
        sd_bus *bus;
        Mirror *mirror;
        TestDriver *healthy;
        TestDevice *device;
        Fake fake;
        unsigned n_synced, n_anew, n_changed, n_removed;
        uint64_t synced_usec;
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

#define ODDITIES 10U

static int append_object(sd_bus_message *m, const char *path, const char *key, const char *type, ...) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "oa{sa{sv}}");
        if (r >= 0)
                r = sd_bus_message_append(m, "o", path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sa{sv}}", "org.freedesktop.DBus.Peer", 0);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", BUS_INTERFACE_DEVICE);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "Unknown", "ai", 2, 1, 2);
        if (r >= 0 && key) {
                va_list ap;

                va_start(ap, type);
                r = sd_bus_message_open_container(m, 'e', "sv");
                if (r >= 0)
                        r = sd_bus_message_append(m, "s", key);
                if (r >= 0)
                        r = sd_bus_message_open_container(m, 'v', type);
                if (r >= 0)
                        r = sd_bus_message_appendv(m, type, ap);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
                va_end(ap);
        }

        return r;
}

/* The end of append_object(), with a name for the object. */
static int close_object(sd_bus_message *m, const char *name) {
        int r = 0;

        if (name)
                r = sd_bus_message_append(m, "{sv}", "Name", "s", name);
        for (unsigned i = 0; r >= 0 && i < 5; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_objects(const Fake *f, sd_bus_message *m) {
        const char *path = BUS_PATH_DEVICE "/odd", *name = "odd";
        int r;

        switch (f->oddity) {
        case 1:
                r = append_object(m, path, "Name", "u", 5U);
                name = NULL;
                break;
        case 2:
                r = append_object(m, path, NULL, "");
                name = "even";
                break;
        case 3:
                r = append_object(m, BUS_PATH_DEVICE "/o_20d", NULL, "");
                name = "o d";
                break;
        case 4:
                r = append_object(m, path, NULL, "");
                name = NULL;
                break;
        case 5:
                r = append_object(m, path, "Freshness", "s", "rotten");
                break;
        case 6:
                r = append_object(m, path, "Alarms", "s", "fire");
                break;
        case 7:
                r = append_object(m, path, "OnBatterySinceUSec", "x", INT64_C(-1));
                break;
        case 8:
                r = append_object(m, "/org/busbar", NULL, "");
                break;
        case 9:
                r = append_object(m, "/", NULL, "");
                break;
        case 10:
                r = append_object(m, path, "Description", "as", 1, "x");
                break;
        default:
                r = append_object(m, path, "Freshness", "s", "fresh");
        }

        return r < 0 ? r : close_object(m, name);
}

static int fake_answer(Fake *f, sd_bus_message *m) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *member = sd_bus_message_get_member(m);
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;

        if (streq(member, "GetManagedObjects"))
                r = append_objects(f, reply);
        else if (streq(member, "GetAll"))
                r = sd_bus_message_append(reply, "ta{ss}", UINT64_C(7), 3, "ups.load", "5", "no name", "x",
                                "ups.status", "OL");
        else if (streq(member, "Describe"))
                r = sd_bus_message_append(reply, "a{sa{sv}}", 3,
                                "no name", 0,
                                "not.there", 1, "writable", "b", 1,
                                "ups.load", 5,
                                "ranges", "a(xx)", 1, INT64_C(1), INT64_C(5),
                                "enum", "as", 1, "5",
                                "novelty", "(is)", 1, "x",
                                "max-length", "u", f->length_max ?: 4,
                                "writable", "b", 1);
        else if (streq(member, "List"))
                r = sd_bus_message_append(reply, "a{sa{sv}}", 2, "load.off", 0, "", 0);
        if (r < 0)
                return r;

        return sd_bus_send(f->bus, reply, NULL);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *member = sd_bus_message_get_member(m);
        Fake *f = userdata;

        if (sd_bus_message_is_method_call(m, NULL, NULL) <= 0)
                return 0;
        if (streq(member, "Ping"))
                f->n_pings++;

        if (!f->bad_member || !(streq(f->bad_member, member) || streq(f->bad_member, "*")))
                return ASSERT_OK(fake_answer(f, m)) ?: 1;

        if (f->mood == MOOD_ERROR)
                return ASSERT_OK(sd_bus_reply_method_errorf(m, BUS_ERROR_FAILED, "I will not.")) ?: 1;
        if (f->mood == MOOD_NONSENSE)
                return ASSERT_OK(sd_bus_reply_method_return(m, "s", "I am the Walrus.")) ?: 1;

        ASSERT_TRUE(GREEDY_REALLOC(f->unanswered, f->n_unanswered_allocated, f->n_unanswered + 1));
        f->unanswered[f->n_unanswered++] = sd_bus_message_ref(m);
        return 1;
}

/* Back to good, and what was left is answered. */
static void fake_mend(Fake *f) {
        f->bad_member = NULL;
        f->oddity = 0;
        for (size_t i = 0; i < f->n_unanswered; i++) {
                ASSERT_OK(fake_answer(f, f->unanswered[i]));
                sd_bus_message_unref(f->unanswered[i]);
        }
        f->n_unanswered = 0;
}

static void fake_open(Fake *f, sd_event *event, const char *name) {
        f->bus = test_bus_open(event);
        ASSERT_OK(sd_bus_add_filter(f->bus, &f->filter, on_call, f));
        ASSERT_OK(sd_bus_request_name(f->bus, name, 0));
}

static void fake_close(Fake *f) {
        for (size_t i = 0; i < f->n_unanswered; i++)
                sd_bus_message_unref(f->unanswered[i]);
        free(f->unanswered);
        sd_bus_slot_unref(f->filter);
        sd_bus_flush_close_unref(f->bus);
}

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

/* Says that the object is there, which makes a mirror read it at once. */
static void fake_announce(Fake *f) {
        ASSERT_OK(sd_bus_emit_signal(f->bus, BUS_PATH_ROOT, "org.freedesktop.DBus.ObjectManager",
                        "InterfacesAdded", "oa{sa{sv}}", BUS_PATH_DEVICE "/odd", 1, BUS_INTERFACE_DEVICE, 2,
                        "Name", "s", "odd", "Freshness", "s", "fresh"));
}

static void test_bad_answers(void) {
        static const char *const members[] = { "GetManagedObjects", "GetAll", "Describe", "List" };

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

typedef struct Answer {
        unsigned n;
        int r;
} Answer;

static void on_answer(void *userdata, int r, const char *message) {
        Answer *a = userdata;

        a->n++;
        a->r = r;
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
        for (unsigned i = 0; i < 300; i++) {
                mirror_ping(b.mirror);
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer,
                                &hung));
                ASSERT_OK(sd_event_run(b.event, 0));
        }
        for (unsigned i = 0; i < 300; i++)
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "apc"), "ups.id", "x", on_answer,
                                &served));
        RUN_UNTIL(b.event, served.n == 300);
        ASSERT_EQ(served.r, 0);
        ASSERT_EQ(hung.n, 0);
        ASSERT_TRUE(b.fake.n_pings <= 1);
        ASSERT_TRUE(b.fake.n_unanswered <= 16);
        ASSERT_TRUE(mirror_device_age_usec(mirror_find(b.mirror, "apc")) <
                        mirror_device_age_usec(mirror_find(b.mirror, "odd")));

        /* In two minutes' time those who wait are told; answers after that are nobody's. */
        mirror_calls_expire(b.mirror, now_usec(CLOCK_MONOTONIC) + 121 * USEC_PER_SEC);
        ASSERT_EQ(hung.n, 300);
        ASSERT_EQ(hung.r, -ETIMEDOUT);
        fake_mend(&b.fake);
        ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "odd"), "ups.load", "4", on_answer, &hung));
        RUN_UNTIL(b.event, hung.n == 301);
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

int main(int argc, char *argv[]) {
        log_set_max_level(LOG_ERR);

        test_bad_answers();
        test_odd_objects();
        test_odd_signals();
        test_silent("GetManagedObjects");
        test_silent("Describe");
        test_hanging_later();
        test_silence();
        test_news_meanwhile();
        test_many_silent();
        return EXIT_SUCCESS;
}
