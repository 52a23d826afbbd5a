/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-recording.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(LineLink *link, const uint8_t *request, size_t n, const LineFraming *framing) {
        uint8_t answer[64];

        for (unsigned i = 0; i < 3; i++) {
                int r = line_link_exchange(link, request, n, framing, answer, sizeof(answer));

                ASSERT_TRUE(r <= (int) sizeof(answer));
                if (r > 0) {
                        ASSERT_TRUE((size_t) r >= framing->n_end);
                        ASSERT_EQ(memcmp(answer + r - framing->n_end, framing->end, framing->n_end), 0);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const LineFraming framings[] = {
                { .end = { '\r' }, .n_end = 1 },
                { .end = { '\r' }, .n_end = 1, .binary = 8, .echo = true },
                { .end = { '\r', '\n' }, .n_end = 2 },
        };
        _cleanup_(line_recording_freep) LineRecording *recording = NULL;
        _cleanup_(line_link_freep) LineLink *link = NULL;
        _cleanup_free_ char *error = NULL;
        int r;

        r = line_recording_parse("fuzz", (const char *) data, size, &recording, &error);
        if (r < 0) {
                ASSERT_EQ(r, -EBADMSG);
                ASSERT_TRUE(startswith(error, "fuzz:"));
                return 0;
        }

        const LineRecording *played = recording;
        ASSERT_OK(line_link_new_replay(recording, "fuzz", &link));
        TAKE_PTR(recording);
        for (size_t i = 0; i < ELEMENTSOF(framings); i++) {
                for (size_t k = 0; k < MIN(played->n_requests, (size_t) 16); k++)
                        ask(link, played->requests[k].bytes, played->requests[k].n, framings + i);
                ask(link, (const uint8_t *) "Q1\r", 3, framings + i);
        }
        return 0;
}
