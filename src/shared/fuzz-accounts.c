/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration file, read as upsd.conf and as upsd.users. */

#include "test-conf-report.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        ASSERT_STREQ(file, "fuzz.conf");
        ASSERT_TRUE(level >= LOG_ERR && level <= LOG_NOTICE);
        ASSERT_FALSE(isempty(message));
}

static bool is_device(void *userdata, const char *name) {
        return streq(name, "ups");
}

static void check_addresses(const AddressList *l) {
        for (size_t i = 0; i < l->n_ranges; i++) {
                ASSERT_TRUE(l->ranges[i].prefix <= 128);
                ASSERT_TRUE(address_list_contains(l, &l->ranges[i].address));
        }
        ASSERT_EQ(address_lists_meet(l, l), l->n_ranges > 0);
}

static void check_users(const UserTable *t) {
        for (size_t i = 0; i < t->n_users; i++) {
                const User *u = t->users + i;
                struct in6_addr any = {};

                ASSERT_TRUE(user_table_find(t, u->name) == u);
                ASSERT_TRUE(u->line > 0);
                check_addresses(&u->from);
                ASSERT_TRUE(u->somewhere || user_may_come_from(u, &any));
                ASSERT_TRUE(!u->somewhere || !user_may_come_from(u, NULL));
                STRV_FOREACH(name, u->devices)
                        ASSERT_TRUE(user_may_use(u, *name));
                ASSERT_TRUE(!u->hides_stale || t->hides_stale);
        }
        user_table_report_devices(t, is_device, NULL, on_report, NULL);
}

static void check_settings(const UpsdConf *c) {
        ASSERT_TRUE(c->lockout_usec > 0 && c->idle_usec > 0);
        for (size_t i = 0; i < c->n_appliances; i++) {
                const UpsdAppliance *a = c->appliances + i;

                ASSERT_TRUE(a->kind && device_name_is_valid(a->device) && a->line > 0);
                ASSERT_TRUE(a->addresses.n_ranges > 0 && !address_list_is_wide(&a->addresses));
                check_addresses(&a->addresses);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(user_table_freep) UserTable *users = NULL;
        _cleanup_(upsd_conf_freep) UpsdConf *settings = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;

        ASSERT_OK(conf_parse("fuzz.conf", (const char *) data, size, on_report, NULL, &c));
        ASSERT_OK(user_table_from_lines(c, on_report, NULL, &users));
        check_users(users);
        ASSERT_OK(upsd_conf_from_lines(c, on_report, NULL, &settings));
        check_settings(settings);
        return 0;
}
