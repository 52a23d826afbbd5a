/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-bus-fake.h"

#include "bus-names.h"

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
        else if (streq(member, "Details"))
                r = sd_bus_message_append(reply, "a(suuasa(xx))", 3,
                                "no name", 0, 0, 0, 0,
                                "not.there", 1, 0, 0, 0,
                                "ups.load", 1, f->length_max ?: 4, 1, "5", 1, INT64_C(1), INT64_C(5));
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

static void fake_count_set(Fake *f, sd_bus_message *m) {
        const char *name, *value;

        ASSERT_OK(sd_bus_message_read(m, "ss", &name, &value));
        f->set_in_order = (f->n_sets == 0 || f->set_in_order) && (unsigned) atoi(value) == f->n_sets + 1;
        f->n_sets++;
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *member = sd_bus_message_get_member(m);
        Fake *f = userdata;

        if (sd_bus_message_is_method_call(m, NULL, NULL) <= 0)
                return 0;
        if (streq(member, "Ping"))
                f->n_pings++;
        else if (streq(member, "Set"))
                fake_count_set(f, m);
        else if (f->n_sets == 0)
                f->read_before = true;

        if (f->describes && streq(member, "Details"))
                return ASSERT_OK(sd_bus_reply_method_errorf(m, SD_BUS_ERROR_UNKNOWN_METHOD, "No.")) ?: 1;
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

void fake_mend(Fake *f) {
        f->bad_member = NULL;
        f->oddity = 0;
        for (size_t i = 0; i < f->n_unanswered; i++) {
                ASSERT_OK(fake_answer(f, f->unanswered[i]));
                sd_bus_message_unref(f->unanswered[i]);
        }
        f->n_unanswered = 0;
}

void fake_open(Fake *f, sd_event *event, const char *name) {
        f->bus = test_bus_open(event);
        ASSERT_OK(sd_bus_add_filter(f->bus, &f->filter, on_call, f));
        ASSERT_OK(sd_bus_request_name(f->bus, name, 0));
}

void fake_close(Fake *f) {
        for (size_t i = 0; i < f->n_unanswered; i++)
                sd_bus_message_unref(f->unanswered[i]);
        free(f->unanswered);
        sd_bus_slot_unref(f->filter);
        sd_bus_flush_close_unref(f->bus);
}

void fake_announce(Fake *f) {
        ASSERT_OK(sd_bus_emit_signal(f->bus, BUS_PATH_ROOT, "org.freedesktop.DBus.ObjectManager",
                        "InterfacesAdded", "oa{sa{sv}}", BUS_PATH_DEVICE "/odd", 1, BUS_INTERFACE_DEVICE, 2,
                        "Name", "s", "odd", "Freshness", "s", "fresh"));
}
