/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-recording.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(HidLink *link) {
        uint8_t buffer[16];
        int r;

        for (unsigned id = 0; id < 256; id++)
                for (unsigned i = 0; i < 3; i++) {
                        _cleanup_free_ char *text = NULL;

                        buffer[0] = (uint8_t) id;
                        if (i == 1)
                                (void) hid_link_set_report(link, HID_FEATURE, buffer, 2);
                        r = hid_link_get_report(link, HID_FEATURE, (uint8_t) id, buffer, sizeof(buffer));
                        ASSERT_TRUE(r < 0 || (r > 0 && r <= (int) sizeof(buffer) && buffer[0] == id));
                        r = hid_link_get_string(link, (uint8_t) id, &text);
                        ASSERT_TRUE(r < 0 || text);
                }
        for (unsigned i = 0; i < 16; i++)
                ASSERT_TRUE(hid_link_read_input(link, buffer, sizeof(buffer)) <= (int) sizeof(buffer));
        ASSERT_TRUE(hid_link_fd(link) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(hid_recording_freep) HidRecording *recording = NULL;
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        _cleanup_free_ char *error = NULL;
        int r;

        r = hid_recording_parse("fuzz", (const char *) data, size, &recording, &error);
        if (r < 0) {
                ASSERT_EQ(r, -EBADMSG);
                ASSERT_TRUE(startswith(error, "fuzz:"));
                return 0;
        }

        ASSERT_OK(hid_link_new_replay(recording, "fuzz", &link));
        TAKE_PTR(recording);
        replay(link);
        return 0;
}
