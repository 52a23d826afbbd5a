/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "hid-recording.h"
#include "io-util.h"
#include "test-util.h"

#define HEAD "busbar-recording 1 hid\n"
#define DESCRIPTOR                                                                                          \
        "descriptor 05 84 09 04 a1 01 85 02 75 08 95 01 09 ff b1 03 85 0c 09 30 b1 02 05 85 09 86 b1 02 c0\n"

static HidLink *replay(const char *text) {
        HidRecording *recording = NULL;
        HidLink *link = NULL;
        char *error = NULL;
        int r;

        r = hid_recording_parse("test", text, strlen(text), &recording, &error);
        if (r < 0)
                TEST_FAIL("%s", error);
        ASSERT_OK(hid_link_new_replay(recording, "test", &link));
        return link;
}

static void assert_get(HidLink *link, uint8_t id, int result, uint8_t value) {
        uint8_t buffer[8] = {};

        ASSERT_EQ(hid_link_get_report(link, HID_FEATURE, id, buffer, sizeof(buffer)), result);
        if (result < 0)
                return;
        ASSERT_EQ(buffer[0], id);
        ASSERT_EQ(buffer[1], value);
}

static void test_identity(void) {
        _cleanup_(hid_link_freep) HidLink *link =
                replay(HEAD "# comment\n\nvendor-id 051D\nproduct-id 0002\nrelease 0106 # comment\r\n"
                            "vendor \"A \\\"B\\\\\\x20# C\"\nproduct \"P\"\nserial \"S\"\nbusport "
                            "\"2.3\"\n" DESCRIPTOR "descriptor c0");

        ASSERT_EQ(link->identity.vendor_id, 0x51d);
        ASSERT_EQ(link->identity.product_id, 2);
        ASSERT_EQ(link->identity.release, 0x106);
        ASSERT_STREQ(link->identity.vendor, "A \"B\\ # C");
        ASSERT_STREQ(link->identity.serial, "S");
        ASSERT_STREQ(link->identity.busport, "2.3");
        ASSERT_STREQ(link->identity.bus, NULL);
        ASSERT_STREQ(link->identity.path, "test");
        ASSERT_EQ(link->descriptor_size, 30);
        ASSERT_EQ(link->descriptor[29], 0xc0);
}

static void test_order(void) {
        _cleanup_(hid_link_freep) HidLink *link =
                replay(HEAD DESCRIPTOR
                       "get feature 0c -> 0c 01\nget feature 0c -> timeout\nget feature 0c -> 0c 02\n"
                       "get feature 07 -> stall\nset feature 08 01 -> stall\nset feature 08 02\n"
                       "string 3 \"Li-ion\"\nstring 4 -> timeout\n");
        uint8_t written[] = { 0x0c, 9 }, refused[] = { 0x08, 1 };
        char *text = NULL;

        assert_get(link, 0x0c, 2, 1);
        ASSERT_OK(hid_link_set_report(link, HID_FEATURE, written, sizeof(written)));
        assert_get(link, 0x0c, -ETIMEDOUT, 0);
        assert_get(link, 0x0c, 2, 2);
        assert_get(link, 0x0c, 2, 9); /* the recording has nothing later than what was written */
        assert_get(link, 0x0c, 2, 9);
        assert_get(link, 0x07, -EPIPE, 0);
        assert_get(link, 0x09, -EPIPE, 0);

        ASSERT_ERROR(hid_link_set_report(link, HID_FEATURE, refused, sizeof(refused)), EPIPE);
        assert_get(link, 0x08, -EPIPE, 0);
        ASSERT_OK(hid_link_set_report(link, HID_FEATURE, refused, sizeof(refused)));
        assert_get(link, 0x08, 2, 1);

        ASSERT_OK(hid_link_get_string(link, 3, &text));
        ASSERT_STREQ(text, "Li-ion");
        free(text);
        ASSERT_ERROR(hid_link_get_string(link, 4, &text), ETIMEDOUT);
        ASSERT_ERROR(hid_link_get_string(link, 5, &text), EPIPE);
        ASSERT_ERROR(hid_link_get_string(link, 0, &text), ENOENT);
}

static void wait_readable(HidLink *link) {
        struct pollfd p = { .fd = hid_link_fd(link), .events = POLLIN };

        ASSERT_EQ(poll(&p, 1, 10000), 1);
}

/* What came before the end is read, also by one who looks after it. */
static void test_input(const char *speed, useconds_t pause_usec) {
        _cleanup_free_ char *text = NULL;
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        static const int expected[] = { 2, 1, 1, -ENODEV };
        uint8_t buffer[8];

        ASSERT_OK(asprintf(&text, HEAD "speed %s\n" DESCRIPTOR
                        "input 01 02\n+20 input 03\n+40 input 04\n+60 gone\n", speed));
        link = replay(text);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                int r = 0;

                (void) usleep(i == 1 ? pause_usec : 0);
                while (r == 0) {
                        wait_readable(link);
                        r = hid_link_read_input(link, buffer, sizeof(buffer));
                }
                ASSERT_EQ(r, expected[i]);
        }
        assert_get(link, 0x0c, -ENODEV, 0);
        ASSERT_ERROR(hid_link_set_report(link, HID_FEATURE, buffer, 1), ENODEV);
}

static void test_clock(void) {
        _cleanup_(hid_link_freep) HidLink *link = replay(
                HEAD "speed 100\nclock time\n" DESCRIPTOR
                     "+1 get feature 0c -> 0c 01\n+50 get feature 0c -> 0c 02\n+50 input 0c\n");
        uint8_t written[] = { 0x0c, 9 }, buffer[8];

        assert_get(link, 0x0c, 2, 1);
        assert_get(link, 0x0c, 2, 1);
        while (hid_link_read_input(link, buffer, sizeof(buffer)) == 0)
                wait_readable(link);
        assert_get(link, 0x0c, 2, 2);
        ASSERT_OK(hid_link_set_report(link, HID_FEATURE, written, sizeof(written)));
        assert_get(link, 0x0c, 2, 9);
}

static void test_refused(void) {
        static const struct {
                const char *text, *error;
        } cases[] = {
                { "", "test:0: the file is empty" },
                { "busbar-recording 2 hid\n",
                  "test:1: the first line is not \"busbar-recording 1 hid\"" },
                { HEAD, "test:1: there is no descriptor" },
                { HEAD "nonsense", "test:2: \"nonsense\" is not known here" },
                { HEAD "vendor-id 51d", "test:2: \"51d\" is no number of four hexadecimal digits" },
                { HEAD "vendor x", "test:2: a text in quotation marks is missing" },
                { HEAD "vendor \"x", "test:2: the text has no quotation mark at its end" },
                { HEAD "vendor \"\\q\"", "test:2: a backslash stands before \", \\, r, n or xNN only" },
                { HEAD "vendor \"a\" b", "test:2: \"b\" is too much here" },
                { HEAD "bus \"1\"\nbus \"1\"", "test:3: bus is given twice" },
                { HEAD "release 0001\nrelease 0001", "test:3: release is given twice" },
                { HEAD "descriptor 5", "test:2: \"5\" is no byte of two hexadecimal digits" },
                { HEAD "get feature 0c", "test:2: -> and the answer are missing" },
                { HEAD "get feature 0c -> 0d",
                  "test:2: the answer begins with 0d, not with the number of the report" },
                { HEAD "get feature 0c -> away",
                  "test:2: \"away\" is none of stall, timeout, gone, error" },
                { HEAD "get feature 0c -> 0c ->", "test:2: -> stands here twice" },
                { HEAD "get thing 0c -> 0c", "test:2: \"thing\" is none of feature, input, output" },
                { HEAD "set feature", "test:2: the bytes of the report are missing" },
                { HEAD "input", "test:2: the bytes of a report are expected, and no more" },
                { HEAD "string 0 \"a\"", "test:2: the number of the string is missing" },
                { HEAD "+x input 01\n", "test:2: \"+x\" is no time" },
                { HEAD "+-1 input 01\n", "test:2: \"+-1\" is no time" },
                { HEAD "+2 input 01\n+1 input 01\n", "test:3: \"+1\" is earlier than the time before" },
                { HEAD "+2\n", "test:2: there is nothing after the time" },
                { HEAD "speed 0", "test:2: \"0\" is no speed" },
                { HEAD "clock", "test:2: \"\" is neither order nor time" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *error = NULL;
                HidRecording *recording = NULL;

                ASSERT_ERROR(
                        hid_recording_parse(
                                "test", cases[i].text, strlen(cases[i].text), &recording, &error),
                        EBADMSG);
                ASSERT_STREQ(error, cases[i].error);
        }
}

#define RECORDED                                                                                         \
        HEAD "vendor-id 1234\nproduct-id 5678\nrelease 0001\nserial \"SN12345\"\n" DESCRIPTOR            \
             "get feature 02 -> 02 05\nget feature 0c -> 0c 07 44\n"                                     \
             "get feature 0d -> 0d 53 4e 31 32 33 34 35\nset feature 0c 03 00 -> timeout\n"              \
             "string 1 \"unit SN12345\"\nstring 5 \"other\"\ninput 02 01\n"

static void record_gone(const char *path) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        uint8_t buffer[16], written[] = { 0x0c, 3, 0 };
        char *s = NULL;

        ASSERT_OK(hid_link_new_recorder(replay(RECORDED "+0 gone\n"), path, true, &link));
        ASSERT_STREQ(link->identity.serial, "SN12345");
        ASSERT_ERROR(hid_link_get_report(link, HID_FEATURE, 2, buffer, sizeof(buffer)), ENODEV);
        ASSERT_ERROR(hid_link_read_input(link, buffer, sizeof(buffer)), ENODEV);
        ASSERT_ERROR(hid_link_set_report(link, HID_FEATURE, written, sizeof(written)), ENODEV);
        ASSERT_ERROR(hid_link_get_string(link, 1, &s), ENODEV);
}

static void record_device(const char *path, bool redact) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        uint8_t buffer[16], written[] = { 0x0c, 3, 0 };
        char *s = NULL;

        ASSERT_OK(hid_link_new_recorder(replay(RECORDED), path, redact, &link));
        ASSERT_EQ(hid_link_get_report(link, HID_FEATURE, 2, buffer, sizeof(buffer)), 2);
        ASSERT_EQ(hid_link_get_report(link, HID_FEATURE, 0x0c, buffer, sizeof(buffer)), 3);
        ASSERT_EQ(buffer[2], 0x44);
        ASSERT_EQ(hid_link_get_report(link, HID_FEATURE, 0x0d, buffer, sizeof(buffer)), 8);
        ASSERT_EQ(buffer[1], 'S');
        ASSERT_ERROR(hid_link_get_report(link, HID_FEATURE, 9, buffer, sizeof(buffer)), EPIPE);
        ASSERT_ERROR(hid_link_set_report(link, HID_FEATURE, written, sizeof(written)), ETIMEDOUT);
        ASSERT_OK(hid_link_get_string(link, 1, &s));
        ASSERT_STREQ(s, "unit SN12345");
        free(s);
        ASSERT_OK(hid_link_get_string(link, 5, &s));
        ASSERT_STREQ(s, "other");
        free(s);
        ASSERT_EQ(hid_link_read_input(link, buffer, sizeof(buffer)), 2);
        ASSERT_EQ(hid_link_read_input(link, buffer, sizeof(buffer)), 0);
        ASSERT_TRUE(hid_link_fd(link) >= 0);
}

/* The file without the times, which differ. */
static char *read_recording(const char *path) {
        char *data = calloc(1, 4096), *to = data;
        struct stat st;

        ASSERT_OK((int) path_read(path, data, 4095));
        ASSERT_OK(stat(path, &st));
        ASSERT_EQ(st.st_mode & 0777, 0600);
        for (const char *s = data; *s != '\0'; s++) {
                if (*s == '+')
                        s += strcspn(s, " ") + 1;
                *to++ = *s;
        }
        *to = '\0';
        return data;
}

#define ASSERT_RECORDING(path, tail)                                            \
        do {                                                                    \
                _cleanup_free_ char *_text = read_recording(path);              \
                const char *_tail = strstr(_text, "\nget ");                    \
                ASSERT_TRUE(_tail);                                             \
                ASSERT_STREQ(_tail + 1, tail);                                  \
        } while (0)

static void record_one(const char *path, RecorderFlags flags, const char *recording) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        uint8_t buffer[16];

        ASSERT_OK(hid_link_new_recorder(replay(recording), path, flags, &link));
        (void) hid_link_get_report(link, HID_FEATURE, 2, buffer, sizeof(buffer));
}

/* A device that comes back goes on in the same file. */
static void test_resume(void) {
        char path[] = "/tmp/test-hid-recording-XXXXXX";
        int fd = mkstemp(path);

        ASSERT_TRUE(fd >= 0);
        record_one(path, RECORDER_REDACT | RECORDER_RESUME, RECORDED);
        ASSERT_RECORDING(path, "get feature 02 -> 02 05\n");
        record_gone(path);
        record_one(path, RECORDER_REDACT | RECORDER_RESUME, RECORDED);
        ASSERT_RECORDING(path, "get feature 02 -> gone\ngone\nset feature 0c 03 00 -> gone\n"
                               "string 1 -> gone\nget feature 02 -> 02 05\n");
        (void) close(fd);

        /* The last line was cut when the disk was full: what is before is played, and goes on. */
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
        ASSERT_EQ(write(fd, "+99 get feature 02 -", 20), 20);
        (void) close(fd);
        HidLink *link = NULL;
        char *error = NULL;
        ASSERT_OK(hid_link_new_recording(path, &link, &error));
        assert_get(link, 2, -ENODEV, 0);
        assert_get(link, 2, 2, 5); /* and not gone for ever */
        hid_link_free(link);
        record_one(path, RECORDER_REDACT | RECORDER_RESUME, RECORDED);
        ASSERT_RECORDING(path, "get feature 02 -> gone\ngone\nset feature 0c 03 00 -> gone\n"
                               "string 1 -> gone\nget feature 02 -> 02 05\nget feature 02 -> 02 05\n");

        /* Another device does not. */
        record_one(path, RECORDER_REDACT | RECORDER_RESUME, HEAD DESCRIPTOR "get feature 02 -> 02 07\n");
        ASSERT_RECORDING(path, "get feature 02 -> 02 07\n");
        ASSERT_EQ(unlink(path), 0);
}

static void test_recorder(void) {
        char directory[] = "/tmp/test-hid-recording-XXXXXX";
        _cleanup_free_ char *path = NULL, *text = NULL, *error = NULL;
        HidLink *link = NULL;

        ASSERT_TRUE(mkdtemp(directory));
        path = strjoin(directory, "/recording");

        record_device(path, false);
        ASSERT_RECORDING(path, "get feature 02 -> 02 05\nget feature 0c -> 0c 07 44\n"
                               "get feature 0d -> 0d 53 4e 31 32 33 34 35\nget feature 09 -> stall\n"
                               "set feature 0c 03 00 -> timeout\nstring 1 \"unit SN12345\"\n"
                               "string 5 \"other\"\ninput 02 01\n");

        /* The string that the report says to be the serial number, the number in the report, and the
         * text. */
        record_device(path, true);
        ASSERT_RECORDING(path, "get feature 02 -> 02 05\nget feature 0c -> 0c 07 00\n"
                               "get feature 0d -> 0d 58 58 58 58 58 58 58\nget feature 09 -> stall\n"
                               "set feature 0c 03 00 -> timeout\nstring 1 \"unit XXXXXXX\"\n"
                               "string 5 \"XXXXX\"\ninput 02 01\n");
        text = read_recording(path);
        ASSERT_TRUE(strstr(text, "serial \"XXXXXXX\"\n"));

        /* What was recorded can be replayed. */
        ASSERT_OK(hid_link_new_recording(path, &link, &error));
        assert_get(link, 0x0c, 3, 7);
        ASSERT_STREQ(link->identity.serial, "XXXXXXX");
        hid_link_free(link);

        record_gone(path);
        ASSERT_RECORDING(
                path, "get feature 02 -> gone\ngone\nset feature 0c 03 00 -> gone\nstring 1 -> gone\n");

        ASSERT_EQ(unlink(path), 0);
        ASSERT_ERROR(hid_link_new_recording(path, &link, &error), ENOENT);
        ASSERT_EQ(rmdir(directory), 0);
        link = replay(HEAD DESCRIPTOR);
        ASSERT_ERROR(hid_link_new_recorder(link, "/dev/null", true, &(HidLink *) { NULL }), EEXIST);
        hid_link_free(link);
}

int main(void) {
        test_identity();
        test_order();
        test_input("1000", 0);
        test_input("100000", 5000);
        test_clock();
        test_refused();
        test_recorder();
        test_resume();
        return EXIT_SUCCESS;
}
