/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"

#include "string-util.h"
#include "time-util.h"

/* Ways that are each of a kind. */

#define TO_INTERFACE 0x21U
#define FROM_INTERFACE 0xa1U
#define TO_ENDPOINT_VENDOR 0x42U
#define REQUEST_GET_REPORT 0x01U
#define REQUEST_SET_REPORT 0x09U

/* ablerex: a report of a fixed size that holds a line and its length; what it answers is fetched later. */

#define ABLEREX_REPORT 0x0305U
#define ABLEREX_ID 0x05U
#define ABLEREX_SIZE 47U
#define ABLEREX_WAIT_USEC (500 * USEC_PER_MSEC)

static int ablerex_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        uint8_t report[ABLEREX_SIZE] = { ABLEREX_ID, 0, (uint8_t) (n_line + 1) };
        int r;

        if (a->n_request > sizeof(report) - 3)
                return -EPIPE;
        memcpy(report + 3, a->request, a->n_request);
        r = line_usb_send(u, TO_INTERFACE, REQUEST_SET_REPORT, ABLEREX_REPORT, u->interface, report,
                sizeof(report));
        if (r >= 0)
                r = u->io->wait(u->userdata, ABLEREX_WAIT_USEC);
        if (r < 0)
                return r;

        memset(report, 0, sizeof(report));
        report[0] = ABLEREX_ID;
        r = u->io->control(u->userdata, FROM_INTERFACE, REQUEST_GET_REPORT, ABLEREX_REPORT, u->interface,
                report, sizeof(report), USEC_PER_SEC);
        if (r <= 0)
                return r == -ETIMEDOUT ? 0 : r;
        return line_usb_add(a, report, (size_t) r) ?: line_usb_finish(a);
}

const LineUsbWay line_usb_ablerex = {
        .name = "ablerex",
        .exchange = ablerex_exchange,
};

/* fuji: orders of eight bytes to an endpoint, with room for three characters; the last byte says how long
 * the answer is to be, 0 for none. */

static uint8_t fuji_answer_length(const char *line, size_t n) {
        static const struct {
                const char *line;
                uint8_t length;
        } answers[] = { { "Q1", 47 }, { "F", 22 }, { "I", 39 } };

        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                if (strlen(answers[i].line) == n && memcmp(line, answers[i].line, n) == 0)
                        return answers[i].length;
        return 0;
}

/* "S.5R0003" is sent as "S.5", after which they go on again whenever mains is back; there is no way to have
 * them stay off. */
static size_t fuji_line_length(const char *line, size_t n) {
        const char *restart = n > 0 && line[0] == 'S' ? memchr(line, 'R', n) : NULL;

        for (const char *s = restart; s && s < line + n; s++)
                if (*s >= '1' && *s <= '9')
                        return (size_t) (restart - line);
        return n;
}

static int fuji_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        const char *line = (const char *) a->request;
        uint8_t order[8] = { 0x80, 0x06, 0, 0x03 };
        size_t n = fuji_line_length(line, n_line);
        int r;

        if (n > 3)
                return -EPIPE;
        if (u->out.address == 0)
                return -EIO;
        order[2] = (uint8_t) (n + 1);
        memcpy(order + 4, line, n);
        order[7] = fuji_answer_length(line, n_line);

        r = line_usb_settle(u, 20 * USEC_PER_MSEC);
        if (r >= 0)
                r = u->io->transfer(u->userdata, u->out.address, order, sizeof(order), LINE_USB_WRITE_USEC);
        if (r < 0)
                return r;
        return r == (int) sizeof(order) ? line_usb_receive(u, a) : -EIO;
}

const LineUsbWay line_usb_fuji = {
        .name = "fuji",
        .exchange = fuji_exchange,
        .unpack = line_usb_add,
        .in = 1,
        .out = 2,
};

/* phoenixtec: the line as it is, by a request of the vendor's. */

static int phoenixtec_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        int r;

        (void) n_line;
        r = line_usb_settle(u, 20 * USEC_PER_MSEC);
        if (r >= 0)
                r = line_usb_send(u, TO_ENDPOINT_VENDOR, 0x0d, 0, 0, a->request, a->n_request);
        return r < 0 ? r : line_usb_receive(u, a);
}

const LineUsbWay line_usb_phoenixtec = {
        .name = "phoenixtec",
        .exchange = phoenixtec_exchange,
        .unpack = line_usb_add,
        .in = 1,
};

/* armac: three characters a frame, or the whole line to an endpoint where the device is of the newer make.
 * What comes back is a few characters a frame, their number in six bits of the first byte; what is behind
 * them in the frame is left over from earlier ones. */

#define ARMAC_HEAD 0xa0U
#define ARMAC_COUNT 0x3fU
#define ARMAC_PACKET 64U

/* Where the eight bits of the state are in the answer to Q1. Some devices say 0 there as a zero byte. */
#define STATE_FIRST 38U
#define STATE_LAST 45U

static int armac_unpack(LineAnswer *a, const uint8_t *packet, size_t n) {
        size_t count = MIN((size_t) (packet[0] & ARMAC_COUNT), n - 1);
        int r = 0;

        for (size_t i = 1; i <= count && r == 0; i++) {
                bool is_state = a->n >= STATE_FIRST && a->n <= STATE_LAST && a->data[0] == '(';

                if (packet[i] == 0 && a->n > 0 && !is_state)
                        return line_usb_end(a);
                r = line_usb_add(a, packet[i] == 0 && is_state ? (const uint8_t *) "0" : packet + i, 1);
        }
        return r;
}

/* What such devices leave without an answer, which takes long to notice. */
static bool armac_knows(const char *line, size_t n) {
        static const char *const unknown[] = { "QGS", "QS", "QPI", "M", "D" };

        for (size_t i = 0; i < ELEMENTSOF(unknown); i++)
                if (strlen(unknown[i]) == n && memcmp(unknown[i], line, n) == 0)
                        return false;
        return true;
}

static bool armac_is_newer(const LineUsb *u) {
        return u->in.address == 0x82 && u->in.is_interrupt && u->in.packet == ARMAC_PACKET &&
                u->out.address == 0x02 && u->out.is_interrupt;
}

static int armac_send_whole(LineUsb *u, const LineAnswer *a) {
        uint8_t packet[ARMAC_PACKET] = { (uint8_t) (ARMAC_HEAD + a->n_request) };
        int r;

        memcpy(packet + 1, a->request, a->n_request);
        r = u->io->transfer(u->userdata, u->out.address, packet, a->n_request + 1, LINE_USB_WRITE_USEC);
        if (r < 0)
                return r;
        return (size_t) r == a->n_request + 1 ? 0 : -EIO;
}

static int armac_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        bool whole = armac_is_newer(u) && a->n_request <= ARMAC_PACKET - 2;
        int r;

        if (!armac_knows((const char *) a->request, n_line))
                return -EPIPE;
        r = line_usb_settle(u, (u->is_unquiet ? 100 : 20) * USEC_PER_MSEC);
        if (r >= 0)
                r = whole ? armac_send_whole(u, a) : line_usb_send_frames(u, a);
        if (r >= 0)
                r = u->io->wait(u->userdata, 2 * USEC_PER_MSEC);
        return r < 0 ? r : line_usb_receive(u, a);
}

const LineUsbWay line_usb_armac = {
        .name = "armac",
        .exchange = armac_exchange,
        .unpack = armac_unpack,
        .in = 1,
        .out = 2,
        .report = 0x0200,
        .frame = 4,
        .head = ARMAC_HEAD,
        .counted = true,
};
