/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "test-kit.h"
#include "time-util.h"

static const Driver driver = { .name = "test", .version = "1", .transport = TRANSPORT_FILE };

typedef struct Bed {
        char top[32], state[48], sockets[48];
        Device *device;
} Bed;

static void bed_begin(Bed *b, const char *name) {
        DeviceConfig *c = test_config(&driver, name, "port=auto", "default.battery.packs=3",
                        "override.battery.voltage.high=13.5", NULL);

        *b = (Bed) { .top = "/tmp/test-saved-XXXXXX" };
        ASSERT_TRUE(mkdtemp(b->top));
        (void) snprintf(b->state, sizeof(b->state), "%s/state", b->top);
        (void) snprintf(b->sockets, sizeof(b->sockets), "%s/sockets", b->top);
        ASSERT_EQ(mkdir(b->state, 0700), 0);
        ASSERT_EQ(mkdir(b->sockets, 0700), 0);
        ASSERT_EQ(setenv("STATE_DIRECTORY", b->state, true), 0);
        ASSERT_EQ(setenv("NUT_STATEPATH", b->sockets, true), 0);
        ASSERT_OK(device_new(c, NULL, NULL, &b->device));
        device_config_unref(c);
}

/* Everything that was made has to be gone by then. */
static void bed_end(Bed *b) {
        device_free(b->device);
        ASSERT_EQ(unsetenv("STATE_DIRECTORY"), 0);
        ASSERT_EQ(unsetenv("NUT_STATEPATH"), 0);
        (void) rmdir(b->state);
        ASSERT_EQ(rmdir(b->sockets), 0);
        ASSERT_EQ(rmdir(b->top), 0);
}

static void assert_saved(const Bed *b, const char *expected) {
        _cleanup_free_ char *text = NULL;

        if (expected) {
                ASSERT_OK(device_load_saved(b->device, &text));
                ASSERT_STREQ(text, expected);
        } else
                ASSERT_EQ(device_load_saved(b->device, &text), -ENOENT);
}

static void test_state(void) {
        _cleanup_free_ char *longest = new(char, DEVICE_SAVED_MAX + 2), *path = NULL;
        Bed b;

        bed_begin(&b, "ups-1");
        assert_saved(&b, NULL);
        ASSERT_OK(device_save(b.device, NULL));
        ASSERT_OK(device_save(b.device, "one\n"));
        assert_saved(&b, "one\n");
        ASSERT_OK(device_save(b.device, "two\n"));
        assert_saved(&b, "two\n");

        path = strjoin(b.state, "/ups\\x2d1.saved");
        ASSERT_EQ(access(path, R_OK), 0);

        memset(longest, 'x', DEVICE_SAVED_MAX + 1);
        longest[DEVICE_SAVED_MAX + 1] = '\0';
        ASSERT_EQ(device_save(b.device, longest), -E2BIG);
        assert_saved(&b, "two\n");
        longest[DEVICE_SAVED_MAX] = '\0';
        ASSERT_OK(device_save(b.device, longest));
        assert_saved(&b, longest);

        ASSERT_OK(device_save(b.device, NULL));
        assert_saved(&b, NULL);
        bed_end(&b);
}

/* Without the state directory what is saved stands with the sockets, and is what counts; with it again, that
 * is gone. */
static void test_fallback(void) {
        Bed b;

        bed_begin(&b, "ups");
        ASSERT_OK(device_save(b.device, "old"));
        ASSERT_EQ(setenv("STATE_DIRECTORY", "/no/such/directory", true), 0);
        assert_saved(&b, NULL);
        ASSERT_OK(device_save(b.device, "new"));
        assert_saved(&b, "new");
        ASSERT_EQ(setenv("STATE_DIRECTORY", b.state, true), 0);
        assert_saved(&b, "new");
        ASSERT_OK(device_save(b.device, "newest"));
        assert_saved(&b, "newest");
        ASSERT_EQ(unsetenv("NUT_STATEPATH"), 0);
        assert_saved(&b, "newest");
        ASSERT_OK(device_save(b.device, NULL));

        ASSERT_EQ(unsetenv("STATE_DIRECTORY"), 0);
        ASSERT_OK(device_save(b.device, "nowhere"));
        assert_saved(&b, NULL);
        ASSERT_EQ(setenv("STATE_DIRECTORY", "/no/such/directory", true), 0);
        ASSERT_EQ(device_save(b.device, "nowhere"), 0);
        ASSERT_EQ(setenv("NUT_STATEPATH", "/no/such/directory", true), 0);
        ASSERT_TRUE(device_save(b.device, "nowhere") <= 0);
        bed_end(&b);
}

static void test_odd_files(void) {
        _cleanup_free_ char *path = NULL;
        char *text = NULL;
        int fd;
        Bed b;

        bed_begin(&b, "ups");
        path = strjoin(b.state, "/ups.saved");
        ASSERT_EQ(mkdir(path, 0700), 0);
        ASSERT_EQ(device_load_saved(b.device, &text), -EBADF);
        ASSERT_EQ(rmdir(path), 0);
        ASSERT_EQ(mkfifo(path, 0600), 0);
        ASSERT_EQ(device_load_saved(b.device, &text), -EBADF);
        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(symlink("/etc/passwd", path), 0);
        ASSERT_EQ(device_load_saved(b.device, &text), -ELOOP);
        ASSERT_OK(device_save(b.device, "over it"));
        assert_saved(&b, "over it");

        fd = open(path, O_WRONLY);
        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, "a\0b", 3), 3);
        ASSERT_EQ(device_load_saved(b.device, &text), -EBADMSG);
        ASSERT_EQ(ftruncate(fd, (off_t) DEVICE_SAVED_MAX + 1), 0);
        ASSERT_EQ(device_load_saved(b.device, &text), -EBADMSG);
        safe_close(fd);
        ASSERT_EQ(unlink(path), 0);
        bed_end(&b);
}

static void test_powering_off(void) {
        Bed b;

        bed_begin(&b, "ups");
        b.device->config->powering_off = true;
        ASSERT_OK(device_save(b.device, "text"));
        assert_saved(&b, NULL);
        bed_end(&b);
}

static int no_power_off(Device *d) {
        return -EOPNOTSUPP;
}

/* What a driver keeps in memory is there for the late power-off as well. */
static void test_memo(void) {
        static const Driver cutting = { .name = "test", .version = "1", .power_off = no_power_off };
        DeviceConfig *c = test_config(&cutting, "ups-1", "port=auto", NULL);
        _cleanup_free_ char *path = NULL, *text = NULL;
        Device *d;
        Bed b;

        bed_begin(&b, "ups-1");
        path = strjoin(b.sockets, "/ups\\x2d1.memo");
        ASSERT_OK(device_memo_save(b.device->config, "of no use"));
        ASSERT_OK(device_memo_load(c, &text));
        ASSERT_TRUE(text == NULL);
        ASSERT_OK(device_memo_save(c, "what was found"));

        ASSERT_OK(device_new(c, NULL, NULL, &d));
        ASSERT_TRUE(device_memo(d) == NULL);
        ASSERT_EQ(device_time_left(d), USEC_INFINITY);
        device_free(d);
        c->powering_off = true;
        ASSERT_OK(device_memo_save(c, "later"));
        ASSERT_OK(device_new(c, NULL, NULL, &d));
        ASSERT_STREQ(device_memo(d), "what was found");
        d->end_usec = 1;
        ASSERT_EQ(device_time_left(d), 0U);
        device_free(d);
        device_config_unref(c);
        ASSERT_EQ(unlink(path), 0);
        bed_end(&b);
}

static void test_fixed(void) {
        Bed b;

        bed_begin(&b, "ups");
        ASSERT_STREQ(device_fixed(b.device, "default.battery.packs"), "3");
        ASSERT_STREQ(device_fixed(b.device, "override.Battery.voltage.high"), "13.5");
        ASSERT_STREQ(device_fixed(b.device, "override.battery.packs"), NULL);
        ASSERT_STREQ(device_fixed(b.device, "battery.packs"), NULL);
        bed_end(&b);
}

int main(void) {
        test_state();
        test_fallback();
        test_odd_files();
        test_powering_off();
        test_memo();
        test_fixed();
        return 0;
}
