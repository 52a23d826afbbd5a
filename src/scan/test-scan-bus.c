/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-print.h"
#include "scan.h"
#include "string-util.h"
#include "test-util.h"

/* Avahi and UPower, played on a bus of our own. */

#define AVAHI "org.freedesktop.Avahi"
#define UPOWER "org.freedesktop.UPower"
#define BROWSER "/Client1/ServiceBrowser1"

typedef struct Fake {
        sd_bus *bus;
        bool is_silent;  /* Avahi never says that it is through */
        bool is_hanging; /* UPower answers nothing */
} Fake;

static int on_browse(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        Fake *f = userdata;
        static const char *const names[] = { "one", "two", "gone" };
        const char *type;

        ASSERT_OK(sd_bus_message_skip(m, "ii"));
        ASSERT_OK(sd_bus_message_read(m, "s", &type));
        ASSERT_STREQ(type, "_nut._tcp");
        ASSERT_OK(sd_bus_reply_method_return(m, "o", BROWSER));
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                ASSERT_OK(sd_bus_emit_signal(f->bus, BROWSER, AVAHI ".ServiceBrowser", "ItemNew", "iisssu",
                        2, 0, names[i], "_nut._tcp", "local", 0));
        if (!f->is_silent)
                ASSERT_OK(sd_bus_emit_signal(f->bus, BROWSER, AVAHI ".ServiceBrowser", "AllForNow", ""));
        return 1;
}

static int append_entry(sd_bus_message *m, const char *entry) {
        return sd_bus_message_append_array(m, 'y', entry, strlen(entry));
}

static int on_resolve(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        sd_bus_message *reply = NULL;
        const char *name;
        int32_t interface, protocol;

        ASSERT_OK(sd_bus_message_read(m, "iis", &interface, &protocol, &name));
        if (streq(name, "gone"))
                return sd_bus_error_set(e, AVAHI ".TimeoutError", "Timeout reached");
        ASSERT_OK(sd_bus_message_new_method_return(m, &reply));
        /* Nobody listens on port 1 of the second. */
        ASSERT_OK(sd_bus_message_append(reply, "iissssisq", interface, protocol, name, "_nut._tcp", "local",
                        "host.local", 0, "127.0.0.1", streq(name, "one") ? 3493 : 1));
        ASSERT_OK(sd_bus_message_open_container(reply, 'a', "ay"));
        ASSERT_OK(append_entry(reply, "txtvers=1"));
        if (streq(name, "one"))
                ASSERT_OK(append_entry(reply, "ups=office,rack"));
        ASSERT_OK(sd_bus_message_close_container(reply));
        ASSERT_OK(sd_bus_message_append(reply, "u", 0));
        ASSERT_OK(sd_bus_send(NULL, reply, NULL));
        sd_bus_message_unref(reply);
        return 1;
}

static const sd_bus_vtable avahi[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("ServiceBrowserNew", "iissu", "o", on_browse, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ResolveService", "iisssiu", "iissssisqaayu", on_resolve, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static int on_enumerate(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        const Fake *f = userdata;

        if (f->is_hanging)
                return 1;
        return sd_bus_reply_method_return(m, "ao", 2, "/org/freedesktop/UPower/devices/line",
                        "/org/freedesktop/UPower/devices/ups");
}

static int get_kind(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *e) {
        return sd_bus_message_append(reply, "u", endswith(path, "ups") ? 3 : 1);
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *e) {
        return sd_bus_message_append(reply, "s",
                streq(property, "Model") ? "Smart \"500\"\302\233" : "Maker");
}

static const sd_bus_vtable upower[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("EnumerateDevices", "", "ao", on_enumerate, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable upower_device[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "u", get_kind, 0, 0),
        SD_BUS_PROPERTY("Vendor", "s", get_text, 0, 0),
        SD_BUS_PROPERTY("Model", "s", get_text, 0, 0),
        SD_BUS_VTABLE_END,
};

static int on_record(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        static const uint8_t pointer[] =
                "\4_nut\4_tcp\5local\0\0\14\0\1\0\0\0\170\0\22\3one\4_nut\4_tcp\5local";
        sd_bus_message *reply = NULL;
        const char *name;

        ASSERT_OK(sd_bus_message_skip(m, "i"));
        ASSERT_OK(sd_bus_message_read(m, "s", &name));
        ASSERT_STREQ(name, "_nut._tcp.local");
        ASSERT_OK(sd_bus_message_new_method_return(m, &reply));
        ASSERT_OK(sd_bus_message_open_container(reply, 'a', "(iqqay)"));
        ASSERT_OK(sd_bus_message_open_container(reply, 'r', "iqqay"));
        ASSERT_OK(sd_bus_message_append(reply, "iqq", 2, 1, 12));
        ASSERT_OK(sd_bus_message_append_array(reply, 'y', pointer, sizeof(pointer)));
        ASSERT_OK(sd_bus_message_close_container(reply));
        ASSERT_OK(sd_bus_message_close_container(reply));
        ASSERT_OK(sd_bus_message_append(reply, "t", UINT64_C(0)));
        ASSERT_OK(sd_bus_send(NULL, reply, NULL));
        sd_bus_message_unref(reply);
        return 1;
}

static int on_service(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        sd_bus_message *reply = NULL;

        ASSERT_OK(sd_bus_message_new_method_return(m, &reply));
        ASSERT_OK(sd_bus_message_append(reply, "a(qqqsa(iiay)s)", 1, 0, 0, 3493, "host.local",
                        1, 2, 2, 4, 127, 0, 0, 1, "host.local"));
        ASSERT_OK(sd_bus_message_open_container(reply, 'a', "ay"));
        ASSERT_OK(append_entry(reply, "device_list=office;rack"));
        ASSERT_OK(sd_bus_message_close_container(reply));
        ASSERT_OK(sd_bus_message_append(reply, "ssst", "one", "_nut._tcp", "local", UINT64_C(0)));
        ASSERT_OK(sd_bus_send(NULL, reply, NULL));
        sd_bus_message_unref(reply);
        return 1;
}

static const sd_bus_vtable resolved[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("ResolveRecord", "isqqt", "a(iqqay)t", on_record, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ResolveService", "isssit", "a(qqqsa(iiay)s)aayssst", on_service,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void fake_start(Fake *f, sd_event *event) {
        ASSERT_OK(sd_bus_open_system(&f->bus));
        ASSERT_OK(sd_bus_attach_event(f->bus, event, 0));
        ASSERT_OK(sd_bus_add_object_vtable(f->bus, NULL, "/org/freedesktop/resolve1",
                        "org.freedesktop.resolve1.Manager", resolved, f));
        ASSERT_OK(sd_bus_request_name(f->bus, "org.freedesktop.resolve1", 0));
}

/* Avahi comes first where it is. */
static void fake_start_avahi(Fake *f) {
        ASSERT_OK(sd_bus_add_object_vtable(f->bus, NULL, "/", AVAHI ".Server", avahi, f));
        ASSERT_OK(sd_bus_add_object_vtable(f->bus, NULL, "/org/freedesktop/UPower", UPOWER, upower, f));
        ASSERT_OK(sd_bus_add_object_vtable(
                f->bus, NULL, "/org/freedesktop/UPower/devices/line", UPOWER ".Device", upower_device, f));
        ASSERT_OK(sd_bus_add_object_vtable(
                f->bus, NULL, "/org/freedesktop/UPower/devices/ups", UPOWER ".Device", upower_device, f));
        ASSERT_OK(sd_bus_request_name(f->bus, AVAHI, 0));
        ASSERT_OK(sd_bus_request_name(f->bus, UPOWER, 0));
}

static void on_done(Scan *s, void *userdata) {
        char **text = userdata;
        size_t size;
        FILE *f = open_memstream(text, &size);

        ASSERT_TRUE(f);
        scan_print_parsable(f, scan_devices(s));
        ASSERT_EQ(fclose(f), 0);
}

static void count_say(void *userdata, int level, ScanKind kind, const char *message) {
        unsigned *said = userdata;

        ASSERT_TRUE(kind == SCAN_AVAHI || kind == SCAN_UPOWER);
        (*said)++;
}

static char *scan(sd_event *event, unsigned *said) {
        const ScanSettings settings = {
                .kinds = SCAN_KIND(SCAN_AVAHI) | SCAN_KIND(SCAN_UPOWER),
                .timeout_usec = 500000,
                .say = count_say,
                .userdata = said,
        };
        _cleanup_(scan_freep) Scan *s = NULL;
        char *text = NULL;

        *said = 0;
        ASSERT_OK(scan_new(event, &settings, on_done, &text, &s, NULL));
        while (!text)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        return text;
}

static const char expected[] =
        "NUT:driver=\"dummy-ups\",port=\"office@host.local\",desc=\"IPv4\"\n"
        "NUT:driver=\"dummy-ups\",port=\"rack@host.local\",desc=\"IPv4\"\n"
        "NUT:driver=\"dummy-ups\",port=\"host.local:1\",desc=\"IPv4\"\n"
        "UPOWER:driver=\"upower\",port=\"/org/freedesktop/UPower/devices/ups\",vendor=\"Maker\","
        "product=\"Smart '500' \",bus=\"upower\"\n";

int main(void) {
        _cleanup_free_ char *nobody = NULL, *by_resolved = NULL, *all = NULL, *unfinished = NULL,
                              *hanging = NULL;
        Fake fake = {};
        unsigned said;
        sd_event *event;

        /* The searches have a limit of their own. */
        ASSERT_OK(setenv("SYSTEMD_BUS_TIMEOUT", "1h", true));
        ASSERT_OK(sd_event_new(&event));
        nobody = scan(event, &said);
        ASSERT_STREQ(nobody, "");
        ASSERT_EQ(said, 2);

        fake_start(&fake, event);
        by_resolved = scan(event, &said);
        ASSERT_STREQ(by_resolved,
                "NUT:driver=\"dummy-ups\",port=\"office@host.local\",desc=\"IPv4\"\n"
                "NUT:driver=\"dummy-ups\",port=\"rack@host.local\",desc=\"IPv4\"\n");
        ASSERT_EQ(said, 1);

        fake_start_avahi(&fake);
        all = scan(event, &said);
        ASSERT_STREQ(all, expected);
        ASSERT_EQ(said, 0);

        fake.is_silent = true;
        unfinished = scan(event, &said);
        ASSERT_STREQ(unfinished, expected);

        fake.is_hanging = true;
        hanging = scan(event, &said);
        ASSERT_EQ(strncmp(hanging, expected, strlen(hanging)), 0);
        ASSERT_STREQ(strstr(hanging, "UPOWER"), NULL);
        ASSERT_EQ(said, 1);

        sd_bus_detach_event(fake.bus);
        sd_bus_flush_close_unref(fake.bus);
        sd_event_unref(event);
        return 0;
}
