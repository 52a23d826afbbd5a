/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"

#include "string-util.h"
#include "time-util.h"
#include "usb-copy.h"

#define TO_INTERFACE 0x21U
#define REQUEST_SET_REPORT 0x09U

/* What is left of an earlier answer is there at once; after something went wrong, more of it may be under
 * way, as from a serial line at 2400 bits per second. */
#define FLUSH_USEC (20 * USEC_PER_MSEC)
#define SETTLE_USEC (100 * USEC_PER_MSEC)
#define SETTLE_PACKETS_MAX 64U

/* An answer that may lack its end ends when nothing has come for so long. */
#define END_USEC (250 * USEC_PER_MSEC)

/* Bytes to the serial line of the device, with as many zeros behind them as fill a frame. */
static const LineUsbWay cypress = {
        .name = "cypress",
        .exchange = line_usb_exchange_frames,
        .unpack = line_usb_add,
        .in = 1,
        .report = 0x0200,
        .frame = 8,
};

/* The same, with converters that keep what nobody fetched, and give it to the next who asks. */
static const LineUsbWay phoenix = {
        .name = "phoenix",
        .exchange = line_usb_exchange_frames,
        .unpack = line_usb_add,
        .in = 1,
        .report = 0x0200,
        .frame = 8,
        .settle_msec = 100,
};

static const LineUsbWay ippon = {
        .name = "ippon",
        .exchange = line_usb_exchange_frames,
        .unpack = line_usb_add,
        .in = 1,
        .report = 0x0002,
        .frame = 8,
        .may_lack_end = true,
};

static const LineUsbWay gtec = {
        .name = "gtec",
        .exchange = line_usb_exchange_frames,
        .unpack = line_usb_add,
        .in = 1,
        .report = 0x0002,
        .frame = 8,
};

static const LineUsbWay omron = {
        .name = "omron",
        .exchange = line_usb_exchange_frames,
        .unpack = line_usb_add,
        .in = 1,
        .report = 0x0002,
        .frame = 16,
        .may_lack_end = true,
};

static int sgs_unpack(LineAnswer *a, const uint8_t *packet, size_t n) {
        return line_usb_add(a, packet + 1, MIN((size_t) packet[0], n - 1));
}

static const LineUsbWay sgs = {
        .name = "sgs",
        .exchange = line_usb_exchange_frames,
        .unpack = sgs_unpack,
        .in = 1,
        .report = 0x0200,
        .frame = 8,
        .counted = true,
        .may_lack_end = true,
};

const LineUsbWay *const line_usb_ways[] = {
        &line_usb_ablerex,
        &line_usb_armac,
        &cypress,
        &line_usb_fabula,
        &line_usb_fuji,
        &gtec,
        &line_usb_hunnox,
        &ippon,
        &line_usb_krauler,
        &omron,
        &phoenix,
        &line_usb_phoenixtec,
        &sgs,
        &line_usb_snr,
        NULL,
};

const char *const *line_usb_names(void) {
        static const char *const names[] = {
                "ablerex", "armac", "cypress", "fabula",  "fuji",       "gtec", "hunnox",
                "ippon",   "krauler", "omron", "phoenix", "phoenixtec", "sgs",  "snr",   NULL,
        };

        return names;
}

const LineUsbWay *line_usb_way_find(const char *name) {
        for (const LineUsbWay *const *way = line_usb_ways; *way; way++)
                if (strcaseeq((*way)->name, name))
                        return *way;
        return NULL;
}

int line_usb_send(LineUsb *u, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
        const uint8_t *data, size_t n) {
        uint8_t copy[LINE_SIZE_MAX];
        int r;

        if (n > sizeof(copy))
                return -EINVAL;
        memcpy(copy, data, n);
        r = u->io->control(u->userdata, type, request, value, index, copy, n, LINE_USB_WRITE_USEC);
        if (r < 0)
                return r;
        return (size_t) r == n ? 0 : -EIO;
}

int line_usb_read(LineUsb *u, uint8_t packet[static LINE_USB_PACKET_MAX], uint64_t timeout_usec) {
        int r;

        r = u->io->transfer(u->userdata, u->in.address, packet,
                CLAMP((size_t) u->in.packet, (size_t) 8, (size_t) LINE_USB_PACKET_MAX), timeout_usec);
        if (r == -ETIMEDOUT)
                return 0;
        if (r == -EPIPE) {
                u->io->clear_halt(u->userdata, u->in.address);
                return -EIO;
        }
        return r;
}

/* A packet that is there is fetched within the interval; twice that is sure. */
static uint64_t least_usec(const LineUsb *u) {
        return 2 * u->in.interval_usec;
}

/* A device that never stops is one of those that send zeros as long as they have nothing to say. */
int line_usb_settle(LineUsb *u, uint64_t quiet_usec) {
        uint8_t packet[LINE_USB_PACKET_MAX];

        quiet_usec = MAX(quiet_usec, least_usec(u));
        for (unsigned i = 0; i < SETTLE_PACKETS_MAX; i++) {
                int r = line_usb_read(u, packet, quiet_usec);

                if (r <= 0)
                        return r == -EIO ? 0 : r;
        }
        return 0;
}

static int send_frames(LineUsb *u, const uint8_t *data, size_t size) {
        const LineUsbWay *way = u->way;
        size_t head = way->counted ? 1 : 0, room = way->frame - head;

        for (size_t at = 0; at < size; at += room) {
                uint8_t frame[UINT8_MAX] = {};
                size_t n = MIN(room, size - at);
                int r;

                if (way->counted)
                        frame[0] = (uint8_t) (way->head + n);
                memcpy(frame + head, data + at, n);
                r = line_usb_send(u, TO_INTERFACE, REQUEST_SET_REPORT, way->report, u->interface, frame,
                        way->frame);
                if (r < 0) {
                        u->is_torn = u->is_torn || size > room;
                        return r;
                }
        }
        return 0;
}

/* What is in the device of a request that was reported as failed has to be ended, and must not be done: an
 * end alone would have "S.5" of "S.5R0003" obeyed, or all of it. */
static int discard_torn(LineUsb *u) {
        static const uint8_t nonsense[] = { '?', '\r' };
        int r;

        if (!u->is_torn)
                return 0;
        r = send_frames(u, nonsense, sizeof(nonsense));
        if (r < 0)
                return r;
        u->is_torn = false;
        return line_usb_settle(u, SETTLE_USEC);
}

int line_usb_send_frames(LineUsb *u, const LineAnswer *a) {
        int r = discard_torn(u);

        return r < 0 ? r : send_frames(u, a->request, a->n_request);
}

int line_usb_add(LineAnswer *a, const uint8_t *data, size_t n) {
        while (a->n == 0 && a->framing->binary == 0 && n > 0 && data[0] == 0) {
                data++;
                n--;
        }
        return n > 0 ? line_answer_add(a, data, n) : 0;
}

int line_usb_finish(LineAnswer *a) {
        while (a->framing->binary == 0 && a->n > 0 && a->data[a->n - 1] == 0)
                a->n--;
        return line_answer_finish(a);
}

int line_usb_end(LineAnswer *a) {
        if (a->n == 0)
                return 0;
        if (a->framing->binary == 0)
                a->n = strnlen((const char *) a->data, a->n);
        a->is_cut_off = true;
        return line_answer_add(a, a->framing->end, a->framing->n_end) ?: -EBADMSG;
}

/* Whether what has come is followed by zeros, as in a frame that was not full. */
static bool is_over(const LineUsb *u, const LineAnswer *a) {
        return u->way->may_lack_end && a->framing->binary == 0 && a->n > 0 && a->data[a->n - 1] == 0;
}

/* The whole answer may take twice the time of the framing as long as it comes in: ahead of it, in the
 * device, is a serial line that takes its own. */
int line_usb_receive(LineUsb *u, LineAnswer *a) {
        uint64_t timeout = a->framing->timeout_usec;
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), usec_add(timeout, timeout));
        uint64_t end_usec = MAX(MIN(END_USEC, timeout), least_usec(u));

        for (;;) {
                uint8_t packet[LINE_USB_PACKET_MAX];
                uint64_t wait = usec_sub(end, now_usec(CLOCK_MONOTONIC));
                int r;

                wait = MIN(wait, a->n > 0 && u->way->may_lack_end ? end_usec : timeout);
                r = wait > 0 ? line_usb_read(u, packet, wait) : 0;
                if (r < 0)
                        return r;
                if (r == 0 && u->way->may_lack_end)
                        return line_usb_end(a);
                if (r == 0)
                        return line_usb_finish(a);

                r = u->way->unpack(a, packet, (size_t) r);
                if (r != 0)
                        return r;
                if (is_over(u, a))
                        return line_usb_end(a);
        }
}

int line_usb_exchange_frames(LineUsb *u, LineAnswer *a, size_t n_line) {
        uint64_t quiet = MAX(u->way->settle_msec * USEC_PER_MSEC, u->is_unquiet ? SETTLE_USEC : FLUSH_USEC);
        int r;

        (void) n_line;
        r = line_usb_settle(u, quiet);
        if (r >= 0)
                r = line_usb_send_frames(u, a);
        return r < 0 ? r : line_usb_receive(u, a);
}

/* Bytes of a request ahead of its end. */
static size_t line_length(const uint8_t *request, size_t n) {
        size_t length = 0;

        while (length < n && request[length] != '\r' && request[length] != '\n')
                length++;
        return length;
}

static bool is_zeros(const uint8_t *data, size_t n) {
        while (n > 0 && data[n - 1] == 0)
                n--;
        return n == 0;
}

static int exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        LineUsb *u = (LineUsb *) l;
        LineAnswer a = { .framing = framing, .request = request, .n_request = n };
        int r;

        r = u->way->exchange(u, &a, line_length(request, n));
        u->is_unquiet = r <= 0;
        /* It is of what was to be written, which may not have been taken: who reads nothing says 0. */
        if (r == -ETIMEDOUT)
                return -EIO;
        if (r <= 0)
                return r;
        if ((size_t) r > size)
                return -EBADMSG;

        u->is_unquiet = a.is_cut_off ||
                (a.n_after > 0 && !is_zeros(a.data + r, MIN(a.n_after, a.n - (size_t) r)));
        /* An empty line is how they say that there is nothing. */
        if (framing->binary == 0 && (size_t) r == framing->n_end)
                return 0;
        memcpy(answer, a.data, (size_t) r);
        return r;
}

static void link_free(LineLink *l) {
        LineUsb *u = (LineUsb *) l;

        if (u->io)
                u->io->close(u->userdata);
}

/* Each way has a name of its own, so the table of functions is part of the link. */
typedef struct NamedLink {
        LineUsb usb;
        LineLinkOps ops;
} NamedLink;

int line_usb_new(const char *way, const LineUsb *setup, const HidIdentity *identity, LineLink **ret) {
        const LineUsbWay *found = line_usb_way_find(way);
        _cleanup_(line_link_freep) LineLink *l = NULL;
        NamedLink *n;
        int r;

        if (!found)
                return -EOPNOTSUPP;
        n = new0(NamedLink, 1);
        if (!n)
                return -ENOMEM;
        l = &n->usb.link;
        r = usb_identity_copy(identity, &l->identity);
        if (r < 0)
                return r;

        n->ops = (LineLinkOps) { .name = found->name, .exchange = exchange, .free = link_free };
        n->usb = (LineUsb) {
                .link = { .ops = &n->ops, .identity = l->identity, .is_usb = true },
                .way = found,
                .io = setup->io,
                .userdata = setup->userdata,
                .interface = setup->interface,
                .in = setup->in,
                .out = setup->out,
                .language = setup->language,
                .no_vendor = setup->no_vendor,
                .is_unquiet = true,
        };
        *ret = TAKE_PTR(l);
        return 0;
}
