/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-search.h"

#include "device-internal.h"
#include "test-kit.h"

/* Which of the devices that are there is meant, and what is said when it is none of them. */

#define N_DEVICES 3U

static int start(Device *d, Update *u) {
        return 0;
}

static const Option options[] = {
        USB_SEARCH_OPTIONS,
        { "usb_hid_rep_index", OPTION_INTEGER, NULL, 0, 255 },
        {},
};
static const Driver driver = { .name = "searcher", .start = start, .options = options };

/* Vendor, product, name, place, and whether it says itself that it is one. */
static const struct {
        uint16_t vendor_id, product_id;
        const char *product, *path, *usbfs;
        unsigned interface;
        int rank;
} table[N_DEVICES] = {
        { 0x0001, 0x0010, "Maybe", "1-1", "/dev/bus/usb/009/001", 0, 1 },
        { 0x0002, 0x0020, "Surely", "1-2", "/dev/bus/usb/009/002", 1, 0 },
        { 0x0003, 0x0030, "Keyboard", "1-3", "/dev/bus/usb/009/003", 0, -ENODEV },
};

static int enumerate(UsbHidList *ret) {
        UsbHidDevice *devices = new0(UsbHidDevice, N_DEVICES);

        ASSERT_TRUE(devices);
        for (size_t i = 0; i < N_DEVICES; i++) {
                devices[i].identity.vendor_id = table[i].vendor_id;
                devices[i].identity.product_id = table[i].product_id;
                devices[i].identity.product = strdup(table[i].product);
                devices[i].identity.path = strdup(table[i].path);
                devices[i].usbfs = strdup(table[i].usbfs);
                devices[i].interface = table[i].interface;
        }
        *ret = (UsbHidList){ .devices = devices, .n_devices = N_DEVICES };
        return 0;
}

static int enumerate_nothing(UsbHidList *ret) {
        *ret = (UsbHidList){};
        return 0;
}

typedef struct Bench {
        char *tried;
        const char *wanted; /* product that is taken */
        int error;          /* what becomes of the others; 0: just none */
        bool foreign, named;
} Bench;

static int rank(void *userdata, const UsbHidDevice *c) {
        for (size_t i = 0; i < N_DEVICES; i++)
                if (table[i].vendor_id == c->identity.vendor_id)
                        return table[i].rank;
        return -ENODEV;
}

static int try_it(UsbSearch *s, const UsbHidDevice *c, void *userdata) {
        Bench *b = userdata;
        char *all = strjoin(strempty(b->tried), b->tried ? " " : "", c->identity.product);

        ASSERT_TRUE(all);
        free(b->tried);
        b->tried = all;
        b->named = usb_search_is_named(s);
        if (b->wanted && streq(b->wanted, c->identity.product))
                return 1;
        if (b->error < 0)
                return usb_search_note_busy(s, c, b->error, "not to be had", b->foreign);
        return usb_search_note(s, c, 0, "it is something else");
}

static const UsbSearchOps ops = { .enumerate = enumerate, .rank = rank, .try = try_it };
static const UsbSearchOps nothing = { .enumerate = enumerate_nothing, .rank = rank, .try = try_it };

/* What the search comes to; what it logs is in *ret_log. */
static int run(Bench *b, const UsbSearchOps *with, const char *option, const char *port, char **ret_log) {
        _cleanup_(device_config_unrefp) DeviceConfig *config =
                test_config(&driver, "ups", port, option, NULL);
        _cleanup_(device_freep) Device *d = NULL;
        char *text = NULL;
        size_t size = 0;
        int r, saved;
        FILE *f = tmpfile();

        ASSERT_TRUE(f);
        free(b->tried);
        b->tried = NULL;
        ASSERT_OK(device_new(config, NULL, NULL, &d));
        saved = dup(STDERR_FILENO);
        ASSERT_EQ(dup2(fileno(f), STDERR_FILENO), STDERR_FILENO);
        r = usb_search_run(d, with, b);
        ASSERT_EQ(dup2(saved, STDERR_FILENO), STDERR_FILENO);
        (void) safe_close(saved);
        size = (size_t) lseek(fileno(f), 0, SEEK_END);
        text = new0(char, size + 1);
        ASSERT_TRUE(text);
        ASSERT_EQ(pread(fileno(f), text, size, 0), (ssize_t) size);
        (void) fclose(f);
        free(*ret_log);
        *ret_log = text;
        return r;
}

static void assert_found(const char *option, const char *port, const char *wanted, const char *tried) {
        Bench b = { .wanted = wanted };
        _cleanup_free_ char *log = NULL;

        ASSERT_OK(run(&b, &ops, option, port, &log));
        ASSERT_STREQ(b.tried, tried);
        ASSERT_STREQ(log, "");
        ASSERT_EQ(b.named, option || !streq(port, "port=auto"));
        free(b.tried);
}

static void test_found(void) {
        assert_found(NULL, "port=auto", "Surely", "Surely");
        assert_found(NULL, "port=auto", "Maybe", "Surely Maybe");
        assert_found("product=May.*", "port=auto", "Maybe", "Maybe");
        assert_found("vendorid=0001", "port=auto", "Maybe", "Maybe");
        assert_found(NULL, "port=/dev/bus/usb/009/001", "Maybe", "Maybe");
}

static void test_complaints(void) {
        Bench b = {};
        _cleanup_free_ char *log = NULL;

        ASSERT_EQ(run(&b, &nothing, NULL, "port=auto", &log), -ENODEV);
        ASSERT_TRUE(strstr(log, "There is no USB device that could be a UPS."));

        ASSERT_EQ(run(&b, &ops, NULL, "port=auto", &log), -ENODEV);
        ASSERT_STREQ(b.tried, "Surely Maybe");
        ASSERT_TRUE(strstr(log,
                "No device can be used. There are: 0002:0020 Surely at 1-2 (/dev/bus/usb/009/002): it is "
                "something else; 0001:0010 Maybe at 1-1 (/dev/bus/usb/009/001): it is something else"));
        ASSERT_TRUE(!strstr(log, "Keyboard"));

        /* Of another than the one meant only what says itself that it is one is worth a word. */
        ASSERT_EQ(run(&b, &ops, "vendorid=0009", "port=auto", &log), -ENODEV);
        ASSERT_TRUE(!b.tried);
        ASSERT_TRUE(strstr(log, "0002:0020 Surely at 1-2 (/dev/bus/usb/009/002): another one than"));
        ASSERT_TRUE(!strstr(log, "Maybe"));
        free(b.tried);
}

/* A device that others hold ends the search, if it is one that is served; several may be alike. */
static void test_busy(void) {
        Bench b = { .error = -EBUSY, .foreign = true };
        _cleanup_free_ char *log = NULL;

        ASSERT_EQ(run(&b, &ops, NULL, "port=auto", &log), -EBUSY);
        ASSERT_STREQ(b.tried, "Surely");
        ASSERT_TRUE(strstr(log, "Surely at 1-2 (/dev/bus/usb/009/002): not to be had"));
        ASSERT_EQ(run(&b, &ops, "allow_duplicates=1", "port=auto", &log), -EBUSY);
        ASSERT_STREQ(b.tried, "Surely Maybe");
        b.wanted = "Maybe";
        ASSERT_OK(run(&b, &ops, "allow_duplicates=1", "port=auto", &log));
        b.foreign = false;
        ASSERT_OK(run(&b, &ops, NULL, "port=auto", &log));
        ASSERT_STREQ(b.tried, "Surely Maybe");

        /* Why not that tells most. */
        b = (Bench){ .tried = b.tried, .error = -EACCES };
        ASSERT_EQ(run(&b, &ops, NULL, "port=auto", &log), -EACCES);
        free(b.tried);
}

int main(void) {
        log_set_max_level(LOG_INFO);
        test_found();
        test_complaints();
        test_busy();
        return EXIT_SUCCESS;
}
