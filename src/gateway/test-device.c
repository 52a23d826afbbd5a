/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device.h"

#include "fake-gateway.h"
#include "session.h"
#include "test-util.h"
#include "view.h"
#include "watch.h"

static size_t n_gone;

static void gone(void *userdata, Device *d) {
        ASSERT_FALSE(device_table_find(userdata, d->name));
        n_gone++;
}

static void configure(DeviceTable *t, const char *text) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;

        ASSERT_OK(conf_parse("ups.conf", text, strlen(text), NULL, NULL, &lines));
        ASSERT_OK(ups_conf_from_lines(lines, NULL, NULL, &c));
        ASSERT_OK(device_table_configure(t, c, gone, t));
}

static char *names(const DeviceTable *t) {
        _cleanup_strv_free_ char **l = NULL;

        for (size_t i = 0; i < device_table_count(t); i++)
                ASSERT_OK(strv_extend(&l, device_table_get(t, i)->name));
        return strv_join(l, " ");
}

static void assert_names(const DeviceTable *t, const char *expected) {
        _cleanup_free_ char *got = names(t);

        ASSERT_STREQ(got, expected);
        for (size_t i = 0; i < device_table_count(t); i++)
                ASSERT_TRUE(device_table_find(t, device_table_get(t, i)->name) == device_table_get(t, i));
}

#define SECTION(name) "[" name "]\ndriver = x\nport = y\n"

/* One that was plugged in later has its place behind those of the file, and keeps it when unplugged. */
static void test_enroll(void) {
        static const char text[] = SECTION("new") "desc = Plugged\n" SECTION("other");
        _cleanup_(device_table_freep) DeviceTable *t = device_table_new();
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(ups_conf_freep) UpsConf *enrolled = NULL;
        Device *a, *d, *z;

        ASSERT_TRUE(t && m);
        ASSERT_OK(conf_parse("enrolled", text, strlen(text), NULL, NULL, &lines));
        ASSERT_OK(ups_conf_from_lines(lines, NULL, NULL, &enrolled));
        configure(t, SECTION("mid"));
        ASSERT_OK(device_table_present(t, "ant", NULL, m, NULL, &a));
        ASSERT_OK(device_table_present(t, "NEW", NULL, m, NULL, &d));
        ASSERT_OK(device_table_present(t, "zoo", NULL, m, NULL, &z));
        ASSERT_OK(device_enroll(z, enrolled));
        assert_names(t, "mid ant NEW zoo");
        ASSERT_OK(device_enroll(d, enrolled));
        ASSERT_OK(device_enroll(d, enrolled));
        assert_names(t, "mid new ant zoo");
        ASSERT_STREQ(device_title(d), "Plugged");

        n_gone = 0;
        device_table_absent(t, d, gone, t);
        device_table_absent(t, z, gone, t);
        ASSERT_EQ(n_gone, 1);
        assert_names(t, "mid new ant");
        ASSERT_STREQ(device_unavailable(d), "DRIVER-NOT-CONNECTED");
}

static void test_order(void) {
        _cleanup_(device_table_freep) DeviceTable *t = device_table_new();
        _cleanup_(model_freep) Model *m = model_new();
        Device *a, *b, *z, *found;

        ASSERT_TRUE(t && m);
        assert_names(t, "");
        ASSERT_FALSE(device_table_find(t, "a"));

        configure(t, SECTION("mid") SECTION("first") "desc = \"The first\"\n");
        assert_names(t, "mid first");
        ASSERT_OK(device_table_present(t, "zoo", "z", m, NULL, &z));
        ASSERT_OK(device_table_present(t, "Ant", "", m, NULL, &a));
        ASSERT_OK(device_table_present(t, "bee", NULL, m, NULL, &b));
        assert_names(t, "mid first Ant bee zoo");
        ASSERT_STREQ(device_title(z), "z");
        ASSERT_FALSE(device_title(a));
        ASSERT_STREQ(device_title(device_table_find(t, "FIRST")), "The first");

        /* One that is on the bus already is adopted, with the file's spelling; the rest keep their place. */
        configure(t, SECTION("bEE") "desc = busy\n" SECTION("mid"));
        ASSERT_EQ(n_gone, 1);
        assert_names(t, "bEE mid Ant zoo");
        ASSERT_TRUE(device_table_find(t, "bee") == b);
        ASSERT_STREQ(device_title(b), "busy");

        ASSERT_OK(device_table_present(t, "BEE", "other", m, NULL, &found));
        ASSERT_TRUE(found == b);
        ASSERT_STREQ(b->name, "bEE");

        device_table_absent(t, b, gone, t);
        device_table_absent(t, a, gone, t);
        ASSERT_EQ(n_gone, 2);
        assert_names(t, "bEE mid zoo");
        ASSERT_STREQ(device_unavailable(b), "DRIVER-NOT-CONNECTED");

        configure(t, "");
        ASSERT_EQ(n_gone, 4);
        assert_names(t, "zoo");
        ASSERT_STREQ(device_title(z), "z");
}

/* One that is in no section and not on the bus stays while somebody holds on to it. */
static void test_held(void) {
        _cleanup_(device_table_freep) DeviceTable *t = device_table_new();
        _cleanup_(model_freep) Model *m = model_new();
        ForcedShutdown *forced = (ForcedShutdown *) (void *) m;
        Session s = { .sequence = 1 };
        Device *d, *again;

        ASSERT_TRUE(t && m);
        n_gone = 0;
        ASSERT_OK(device_table_present(t, "ups", "", m, NULL, &d));
        d->forced = forced;
        session_login(&s, d);
        device_table_absent(t, d, gone, t);
        configure(t, SECTION("other"));
        assert_names(t, "other ups");
        ASSERT_STREQ(device_unavailable(d), "DRIVER-NOT-CONNECTED");

        ASSERT_OK(device_table_present(t, "ups", "", m, NULL, &again));
        ASSERT_TRUE(again == d && s.device == d && d->forced == forced);
        device_table_absent(t, d, gone, t);

        session_logout(&s);
        device_table_prune(t, gone, t);
        assert_names(t, "other ups");
        session_login(&s, d);
        d->forced = NULL;
        device_table_prune(t, gone, t);
        assert_names(t, "other ups");
        ASSERT_EQ(n_gone, 0);
        session_logout(&s);
        device_table_prune(t, gone, t);
        assert_names(t, "other");
        ASSERT_EQ(n_gone, 1);

        /* To watch takes no account, and therefore holds nothing. */
        Watch *w;
        ASSERT_OK(device_table_present(t, "ups", "", m, NULL, &d));
        ASSERT_OK(watch_add(&s, d, &w));
        d->model = NULL;
        watch_end(w);
        device_table_prune(t, gone, t);
        assert_names(t, "other");
        ASSERT_TRUE(s.watches == w && !w->device && w->due);
        watch_clear(&s);

        /* A section is taken away, after its driver goes or before: that is meant. */
        for (unsigned i = 0; i < 2; i++) {
                n_gone = 0;
                configure(t, SECTION("other"));
                ASSERT_OK(device_table_present(t, "other", "", m, NULL, &d));
                session_login(&s, d);
                if (i == 0)
                        device_table_absent(t, d, gone, t);
                configure(t, "");
                if (i == 1)
                        device_table_absent(t, d, gone, t);
                assert_names(t, "");
                ASSERT_EQ(n_gone, 1);
        }
}

static void test_many(void) {
        _cleanup_(device_table_freep) DeviceTable *t = device_table_new();
        _cleanup_(model_freep) Model *m = model_new();

        for (unsigned i = 0; i < 500; i++) {
                _cleanup_free_ char *name = strprintf("ups%u", i * 7919 % 500);
                Device *d;

                ASSERT_OK(device_table_present(t, name, "", m, NULL, &d));
        }
        ASSERT_EQ(device_table_count(t), 500);
        for (unsigned i = 0; i < 500; i++) {
                _cleanup_free_ char *name = strprintf("UPS%u", i);

                ASSERT_TRUE(device_table_find(t, name));
        }
}

static void test_availability(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Device *d = device_table_find(f->gateway.devices, "zeta");

        ASSERT_FALSE(device_unavailable(d));
        d->silent = true;
        ASSERT_STREQ(device_unavailable(d), "DATA-STALE");
        d->silent = false;
        ASSERT_STREQ(device_unavailable(device_table_find(f->gateway.devices, "alpha")), "DATA-STALE");
        ASSERT_STREQ(
                device_unavailable(device_table_find(f->gateway.devices, "gone")), "DRIVER-NOT-CONNECTED");
}

/* Kept answers follow each change. */
static void test_kept_lists(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Device *d = device_table_find(f->gateway.devices, "zeta");
        Buffer before = {}, again = {}, after = {};

        view_list(d, VIEW_VARIABLES, "zeta", &before);
        view_list(d, VIEW_VARIABLES, "zeta", &again);
        ASSERT_EQ(before.size, again.size);
        ASSERT_EQ(memcmp(before.data, again.data, before.size), 0);
        ASSERT_TRUE(d->list_valid[VIEW_VARIABLES]);

        fake_gateway_update(f, "battery.charge", "8");
        ASSERT_FALSE(d->list_valid[VIEW_VARIABLES]);
        view_list(d, VIEW_VARIABLES, "zeta", &after);
        ASSERT_EQ(after.size, before.size - 1);

        buffer_done(&before);
        buffer_done(&again);
        buffer_done(&after);
}

int main(void) {
        test_order();
        test_enroll();
        test_held();
        test_many();
        test_availability();
        test_kept_lists();
        return 0;
}
