/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"
#include "test-util.h"
#include "time-util.h"

/* How long a way waits for what may still come, before it asks. */

typedef struct Host {
        const char *packet; /* of eight bytes, the answer; NULL: none */
        bool asked;
        uint64_t quiet_usec; /* how long nothing had to come before the request; 0: nothing was waited for */
} Host;

static int host_control(void *userdata, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
        uint8_t *data, size_t size, uint64_t timeout_usec) {
        ((Host *) userdata)->asked = true;
        return (int) size;
}

static int host_transfer(
        void *userdata, uint8_t endpoint, uint8_t *data, size_t size, uint64_t timeout_usec) {
        Host *h = userdata;

        if (!h->asked) {
                h->quiet_usec = timeout_usec;
                return -ETIMEDOUT;
        }
        if (!h->packet)
                return -ETIMEDOUT;
        memcpy(data, h->packet, 8);
        h->packet = NULL;
        return 8;
}

static void host_clear_halt(void *userdata, uint8_t endpoint) {}

static int host_wait(void *userdata, uint64_t usec) {
        return 0;
}

static void host_close(void *userdata) {}

static LineLink *open_way(Host *h, const char *way, uint64_t interval_usec) {
        static const LineUsbIo io = {
                .control = host_control,
                .transfer = host_transfer,
                .clear_halt = host_clear_halt,
                .wait = host_wait,
                .close = host_close,
        };
        const LineUsb setup = {
                .io = &io,
                .userdata = h,
                .in = { .address = 0x81, .is_interrupt = true, .packet = 8, .interval_usec = interval_usec },
                .language = -1,
        };
        LineLink *l;

        ASSERT_OK(line_usb_new(way, &setup, &(HidIdentity) {}, &l));
        return l;
}

/* Returns how long nothing had to come. */
static uint64_t ask(LineLink *l, Host *h, const char *packet, bool end_optional, int wanted) {
        const LineFraming framing = {
                .end = "\r",
                .n_end = 1,
                .end_optional = end_optional,
                .timeout_usec = 50 * USEC_PER_MSEC,
        };
        uint8_t answer[64];
        int r;

        *h = (Host) { .packet = packet };
        r = line_link_exchange(l, (const uint8_t *) "Q1\r", 3, &framing, answer, sizeof(answer));
        ASSERT_EQ(r, wanted);
        return h->quiet_usec;
}

/* The host asks for a packet only so often. */
static void test_interval(void) {
        static const char *const ways[] = { "cypress", "phoenix", "phoenixtec", "armac" };

        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                Host h = {};
                _cleanup_(line_link_freep) LineLink *l = open_way(&h, ways[i], 255 * USEC_PER_MSEC);

                for (unsigned k = 0; k < 2; k++)
                        ASSERT_TRUE(ask(l, &h, NULL, false, 0) >= 510 * USEC_PER_MSEC);
        }
}

/* After an answer that has its end there is nothing to wait for; else there may be more of it. */
static void test_cut_off(const char *way, bool end_optional) {
        Host h = {};
        _cleanup_(line_link_freep) LineLink *l = open_way(&h, way, 8 * USEC_PER_MSEC);
        uint64_t first = ask(l, &h, "(1 2 3\r", end_optional, 7), second;

        second = ask(l, &h, "(1 2\0\0\0", end_optional, 5);
        ASSERT_TRUE(first >= 100 * USEC_PER_MSEC && second < first);
        ASSERT_EQ(ask(l, &h, "(1 2 3\r", end_optional, 7), first);
        ASSERT_EQ(ask(l, &h, "(1 2 3\r", end_optional, 7), second);
}

int main(void) {
        test_interval();
        test_cut_off("ippon", false);
        test_cut_off("cypress", true);
        return EXIT_SUCCESS;
}
