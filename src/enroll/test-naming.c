/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "naming.h"
#include "test-util.h"

/* Devices are told apart by letters: vendor and product are the same, "a" is a serial number, the place is
 * that of the port. */
typedef struct Device {
        const char *serial, *place;
        uint16_t product;
} Device;

#define DEVICES_MAX 8U

/* Names of the devices in one text, "ups ups2", with these sections and other names in ups.conf. */
static void check(Records *records, const Device *devices, size_t n, const NamingSection *sections,
                size_t n_sections, const char *others, const char *expected) {
        NamingDevice list[DEVICES_MAX] = {};
        const char *names[DEVICES_MAX] = {};
        _cleanup_strv_free_ char **taken = NULL, **result = NULL;
        _cleanup_free_ char *text = NULL;

        ASSERT_TRUE(n <= DEVICES_MAX);
        for (size_t i = 0; i < n; i++)
                list[i] = (NamingDevice) {
                        .key = { .vendor_id = 1, .product_id = devices[i].product,
                                 .serial = (char *) devices[i].serial, .place = (char *) devices[i].place },
                        .description = (char *) "Some UPS",
                };

        ASSERT_OK(strv_split(others, " ", &taken));
        for (size_t i = 0; i < n_sections; i++)
                ASSERT_OK(strv_extend(&taken, sections[i].name));

        ASSERT_OK(naming_assign(&(Naming) {
                        .devices = list, .n_devices = n,
                        .sections = sections, .n_sections = n_sections,
                        .taken = taken,
                }, records, names));
        for (size_t i = 0; i < n; i++)
                ASSERT_OK(strv_extend(&result, names[i]));
        text = strv_join(result, " ");
        ASSERT_STREQ(text, expected);

        for (size_t i = 0; i < records->n_records; i++)
                for (size_t j = 0; j < i; j++)
                        ASSERT_FALSE(strcaseeq(records->records[i].name, records->records[j].name));
}

#define CHECK(records, expected, ...)                                                           \
        do {                                                                                    \
                const Device _d[] = { __VA_ARGS__ };                                            \
                check(records, _d, ELEMENTSOF(_d), NULL, 0, "", expected);                      \
        } while (0)

static void test_first(void) {
        _cleanup_(enroll_records_done) Records r = {};
        const Device one = { "a", "x-1" };

        check(&r, NULL, 0, NULL, 0, "", "");
        check(&r, &one, 1, NULL, 0, "other", "ups");
        ASSERT_EQ(r.n_records, 1);
        ASSERT_STREQ(r.records[0].description, "Some UPS");
        ASSERT_FALSE(r.records[0].section);
        CHECK(&r, "ups ups2 ups3", { "a", "x-1" }, { "b", "x-2" }, { NULL, "x-3" });
}

/* A name that ups.conf has is not given, and is given up. */
static void test_taken(void) {
        _cleanup_(enroll_records_done) Records r = {};
        const Device one = { "a", "x-1" }, two[] = { { "a", "x-1" }, { "b", "x-2" } };

        check(&r, &one, 1, NULL, 0, "UPS ups2", "ups3");
        check(&r, two, 2, NULL, 0, "", "ups3 ups");
        check(&r, two, 2, NULL, 0, "ups", "ups3 ups2");
}

static void test_serial(void) {
        _cleanup_(enroll_records_done) Records r = {};

        CHECK(&r, "ups ups2", { "a", "x-1" }, { "b", "x-2" });
        /* Swapped, moved, one alone, another model with the same number. */
        CHECK(&r, "ups2 ups", { "b", "x-1" }, { "a", "x-2" });
        CHECK(&r, "ups2", { "b", "x-7" });
        CHECK(&r, "ups ups2", { "a", "x-3" }, { "b", "x-1" });
        CHECK(&r, "ups ups3", { "a", "x-3" }, { "a", "x-1", 2 });
        ASSERT_FALSE(r.records[0].twin || r.records[1].twin || r.records[2].twin);
        ASSERT_STREQ(r.records[0].key.place, "x-3");
}

/* Without a number the port has the name. */
static void test_place(void) {
        _cleanup_(enroll_records_done) Records r = {};

        CHECK(&r, "ups ups2", { NULL, "x-1" }, { NULL, "x-2" });
        CHECK(&r, "ups2", { NULL, "x-2" });
        CHECK(&r, "ups ups2", { NULL, "x-1" }, { NULL, "x-2" });
        CHECK(&r, "ups3", { NULL, "x-3" });
        CHECK(&r, "ups4", { NULL, "x-1", 2 });
        CHECK(&r, "ups", { NULL, "x-1" });
}

static void test_twins(void) {
        _cleanup_(enroll_records_done) Records r = {};

        CHECK(&r, "ups", { "a", "x-1" });
        CHECK(&r, "ups ups2", { "a", "x-1" }, { "a", "x-2" });
        ASSERT_TRUE(r.records[0].twin && r.records[1].twin);
        /* From now on, in whatever order they come. */
        CHECK(&r, "ups2", { "a", "x-2" });
        CHECK(&r, "ups", { "a", "x-1" });
        CHECK(&r, "ups ups2", { "a", "x-1" }, { "a", "x-2" });
        CHECK(&r, "ups3", { "a", "x-3" });
}

/* Both have moved when the second shows up: one of them keeps the name. */
static void test_twins_moved(void) {
        _cleanup_(enroll_records_done) Records r = {};

        CHECK(&r, "ups", { "a", "x-1" });
        CHECK(&r, "ups ups2", { "a", "x-3" }, { "a", "x-4" });
        CHECK(&r, "ups2", { "a", "x-4" });
}

/* A hundred starts of the machine, with the devices coming one after the other in any order. */
static void test_any_order(void) {
        static const Device all[] = {
                { "a", "x-1" }, { "b", "x-2" }, { NULL, "x-3" }, { NULL, "x-4" },
                { "t", "x-5" }, { "t", "x-6" },
        };
        _cleanup_(enroll_records_done) Records r = {};
        unsigned seed = 1;

        check(&r, all, ELEMENTSOF(all), NULL, 0, "", "ups ups2 ups3 ups4 ups5 ups6");
        for (size_t start = 0; start < 100; start++) {
                size_t order[ELEMENTSOF(all)];
                bool there[ELEMENTSOF(all)] = {};

                for (size_t i = 0; i < ELEMENTSOF(all); i++)
                        order[i] = i;
                for (size_t i = ELEMENTSOF(all); i-- > 1;) {
                        seed = seed * 1103515245 + 12345;
                        size_t j = (seed >> 16) % (i + 1), t = order[i];

                        order[i] = order[j];
                        order[j] = t;
                }
                for (size_t k = 0; k < ELEMENTSOF(all); k++) {
                        static const char *const names[] = { "ups", "ups2", "ups3", "ups4", "ups5", "ups6" };
                        _cleanup_strv_free_ char **expected = NULL;
                        _cleanup_free_ char *text = NULL;
                        Device now[ELEMENTSOF(all)];
                        size_t n = 0;

                        there[order[k]] = true;
                        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                                if (there[i]) {
                                        now[n++] = all[i];
                                        ASSERT_OK(strv_extend(&expected, names[i]));
                                }
                        text = strv_join(expected, " ");
                        check(&r, now, n, NULL, 0, "", text);
                }
        }
        ASSERT_EQ(r.n_records, ELEMENTSOF(all));
}

/*** Sections ***/

#define BOTH (const bool[]) { true, true }
#define FIRST (const bool[]) { true, false }
#define SECOND (const bool[]) { false, true }
#define NONE (const bool[]) { false, false }

static const Device pair[] = { { "a", "x-1" }, { "b", "x-2" } };

static void check_sections(Records *r, const char *expected, const NamingSection *sections, size_t n) {
        check(r, pair, ELEMENTSOF(pair), sections, n, "", expected);
}

static void test_section(void) {
        NamingSection s = { "rack", 0, false, BOTH };
        _cleanup_(enroll_records_done) Records r = {};

        /* The first that is there, and it stays with it. */
        s.fits = BOTH;
        check_sections(&r, "rack ups", &s, 1);
        ASSERT_TRUE(r.records[0].section && !r.records[1].section);
        check_sections(&r, "rack ups", &s, 1);
        check(&r, pair + 1, 1, &s, 1, "", "ups");
        check_sections(&r, "rack ups", &s, 1);
        /* One that matches no more gives it up; a name that is not taken away is kept. */
        s.fits = NONE;
        check(&r, pair, 2, &s, 1, "", "ups2 ups");
        s.fits = SECOND;
        check_sections(&r, "ups2 rack", &s, 1);
}

/* Its device was exchanged for a new one. */
static void test_replaced(void) {
        const NamingSection s = { "rack", 0, false, BOTH };
        const Device other = { "c", "x-1" };
        _cleanup_(enroll_records_done) Records r = {};

        check(&r, pair, 1, &s, 1, "", "rack");
        check(&r, &other, 1, &s, 1, "", "rack");
        check(&r, (Device[]) { other, pair[0] }, 2, &s, 1, "", "rack ups");
}

static void test_renamed(void) {
        const NamingSection s = { "rack", 1, true, SECOND }, t = { "cellar", 1, true, SECOND };
        _cleanup_(enroll_records_done) Records r = {};

        check_sections(&r, "ups ups2", NULL, 0);
        check_sections(&r, "ups rack", &s, 1);
        check_sections(&r, "ups cellar", &t, 1);
        /* Its section has gone, the name stays. */
        check_sections(&r, "ups cellar", NULL, 0);
        ASSERT_FALSE(r.records[0].section || r.records[1].section);
}

static void test_weight(void) {
        const NamingSection sections[] = { { "any", 0, false, BOTH }, { "exact", 2, true, FIRST } };
        const NamingSection equal[] = { { "one", 0, false, BOTH }, { "two", 0, false, BOTH } };
        _cleanup_(enroll_records_done) Records r = {}, q = {};

        check_sections(&r, "exact any", sections, 2);
        /* One that is more exact takes it from one that had it. */
        check_sections(&q, "any ups", sections, 1);
        check_sections(&q, "exact any", sections, 2);

        enroll_records_done(&r);
        check_sections(&r, "one two", equal, 2);
        check(&r, pair + 1, 1, equal, 2, "", "two");
        check_sections(&r, "one two", equal, 2);
}

/* What was enrolled is not taken by a section whose own device is late. */
static void test_late(void) {
        const NamingSection s = { "rack", 1, false, BOTH };
        const NamingSection exact = { "rack", 1, true, (const bool[]) { true } };
        _cleanup_(enroll_records_done) Records r = {};

        check_sections(&r, "rack ups", &s, 1);
        check(&r, pair + 1, 1, &s, 1, "", "ups");
        check(&r, pair + 1, 1, &exact, 1, "", "rack");
}

/* Records of what is there are not those that make room. */
static void test_bound(void) {
        _cleanup_(enroll_records_done) Records r = {};

        CHECK(&r, "ups", { "a", "x-1" });
        for (unsigned i = 0; i < 2 * RECORDS_MAX; i++) {
                _cleanup_free_ char *serial = strprintf("s%u", i);
                const Device devices[] = { { "a", "x-1" }, { serial, "x-2" } };
                NamingDevice list[2] = {};
                const char *names[2];

                for (size_t k = 0; k < 2; k++) {
                        list[k].key.serial = (char *) devices[k].serial;
                        list[k].key.place = (char *) devices[k].place;
                }
                list[0].key.vendor_id = 1;
                ASSERT_OK(naming_assign(&(Naming) { .devices = list, .n_devices = 2 }, &r, names));
                ASSERT_STREQ(names[0], "ups");
        }
        ASSERT_EQ(r.n_records, RECORDS_MAX);
}

int main(void) {
        test_first();
        test_taken();
        test_serial();
        test_place();
        test_twins();
        test_twins_moved();
        test_any_order();
        test_section();
        test_replaced();
        test_renamed();
        test_weight();
        test_late();
        test_bound();
        return EXIT_SUCCESS;
}
