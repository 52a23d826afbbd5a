/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "serial.h"
#include "shut-line.h"
#include "string-util.h"
#include "time-util.h"
#include "usb-enumerate.h"

#define TIMEOUT_USEC (5 * USEC_PER_SEC)

/* Requests are those of USB. */
#define REQUEST_GET_DESCRIPTOR 0x06U
#define REQUEST_GET_REPORT 0x01U
#define REQUEST_SET_REPORT 0x09U
#define TYPE_DEVICE_IN 0x80U
#define TYPE_INTERFACE_IN 0x81U
#define TYPE_CLASS_IN 0xa1U
#define TYPE_CLASS_OUT 0x21U
#define DESCRIPTOR_DEVICE 0x01U
#define DESCRIPTOR_STRING 0x03U
#define DESCRIPTOR_HID 0x21U
#define DESCRIPTOR_REPORT 0x22U

typedef struct Shut {
        HidLink link;
        ShutLine line;
        int epoll_fd; /* of the line and its reports */
} Shut;

static int shut_get_descriptor(Shut *s, unsigned type, unsigned index, uint8_t *buffer, size_t size) {
        const ShutSetup setup = {
                .type = type >= DESCRIPTOR_HID ? TYPE_INTERFACE_IN : TYPE_DEVICE_IN,
                .request = REQUEST_GET_DESCRIPTOR,
                .value = (uint16_t) (type << 8 | index),
                .length = (uint16_t) size,
        };

        return shut_transfer(&s->line, &setup, NULL, buffer, size);
}

/*** The link ***/

static uint16_t report_value(HidKind kind, uint8_t id) {
        static const uint8_t types[_HID_KIND_MAX] = { [HID_INPUT] = 1, [HID_OUTPUT] = 2, [HID_FEATURE] = 3 };

        return (uint16_t) (types[kind] << 8 | id);
}

static int shut_get_report(HidLink *link, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        const ShutSetup setup = {
                .type = TYPE_CLASS_IN,
                .request = REQUEST_GET_REPORT,
                .value = report_value(kind, id),
                .length = (uint16_t) MIN(size, (size_t) HID_REPORT_SIZE_MAX),
        };
        int r = shut_transfer(&((Shut *) link)->line, &setup, NULL, buffer, setup.length);

        return r == 0 || (r > 0 && buffer[0] != id) ? -EIO : r;
}

static int shut_set_report(HidLink *link, HidKind kind, const uint8_t *report, size_t n) {
        const ShutSetup setup = {
                .type = TYPE_CLASS_OUT,
                .request = REQUEST_SET_REPORT,
                .value = report_value(kind, report[0]),
                .length = (uint16_t) n,
        };

        return n > HID_REPORT_SIZE_MAX ? -EINVAL
                                       : shut_transfer(&((Shut *) link)->line, &setup, report, NULL, 0);
}

static int shut_read_input(HidLink *link, uint8_t *buffer, size_t size) {
        return shut_next_report(&((Shut *) link)->line, buffer, size);
}

static int shut_get_string(HidLink *link, uint8_t index, char **ret) {
        uint8_t buffer[255];
        char *text = NULL;
        int r;

        r = shut_get_descriptor((Shut *) link, DESCRIPTOR_STRING, index, buffer, sizeof(buffer));
        if (r < 0)
                return r;
        r = usb_string_decode(buffer, (size_t) r, &text);
        if (r < 0)
                return r;
        if (!text)
                text = strdup("");
        if (!text)
                return -ENOMEM;

        *ret = text;
        return 0;
}

static int shut_fd(HidLink *link) {
        const Shut *s = (Shut *) link;

        /* As the device has it: some answer only to the token for all. */
        return s->line.sync == SHUT_SYNC_OFF ? -1 : s->epoll_fd;
}

static void shut_free(HidLink *link) {
        Shut *s = (Shut *) link;

        safe_close(s->epoll_fd);
        safe_close(s->line.report_fd);
        serial_unlock(s->line.tty_fd);
        safe_close(s->line.tty_fd);
}

static const HidLinkOps shut_ops = {
        .name = "shut",
        .get_report = shut_get_report,
        .set_report = shut_set_report,
        .read_input = shut_read_input,
        .get_string = shut_get_string,
        .fd = shut_fd,
        .free = shut_free,
};

/*** Opening ***/

/* The lines are as the cable wants them, which feed its electronics. */
static const SerialSettings settings = {
        .speed = 2400,
        .data_bits = 8,
        .stop_bits = 1,
        .dtr = SERIAL_LINE_OFF,
        .rts = SERIAL_LINE_ON,
};

static int shut_open_events(Shut *s) {
        const struct { int *fd; } watched[] = { { &s->line.tty_fd }, { &s->line.report_fd } };

        s->line.report_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (s->line.report_fd < 0 || s->epoll_fd < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(watched); i++) {
                struct epoll_event event = { .events = EPOLLIN };

                if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, *watched[i].fd, &event) < 0)
                        return -errno;
        }

        return 0;
}

/* Some early devices answer only to the first of the tokens, whatever is asked for. */
static int shut_hello(Shut *s, unsigned notification) {
        const ShutToken asked = notification == 2 ? SHUT_SYNC_LIGHT :
                                notification == 3 ? SHUT_SYNC_COMPLETE : SHUT_SYNC_OFF;
        const ShutToken levels[] = { asked, asked, SHUT_SYNC_COMPLETE, asked };
        int r = -ETIMEDOUT;

        for (size_t i = 0; i < ELEMENTSOF(levels); i++) {
                r = shut_synchronise(&s->line, levels[i]);
                if (r != -ETIMEDOUT)
                        return r;
        }
        return r;
}

static int shut_read_identity(Shut *s) {
        HidIdentity *i = &s->link.identity;
        uint8_t d[18];
        const struct {
                unsigned index;
                char **text;
        } strings[] = { { 14, &i->vendor }, { 15, &i->product }, { 16, &i->serial } };
        int r;

        r = shut_get_descriptor(s, DESCRIPTOR_DEVICE, 0, d, sizeof(d));
        if (r < 0)
                return r;
        if (r < (int) sizeof(d) || d[1] != DESCRIPTOR_DEVICE)
                return -EBADMSG;

        i->vendor_id = (uint16_t) (d[8] | d[9] << 8);
        i->product_id = (uint16_t) (d[10] | d[11] << 8);
        i->release = (uint16_t) (d[12] | d[13] << 8);
        for (size_t k = 0; k < ELEMENTSOF(strings); k++) {
                r = d[strings[k].index] == 0
                            ? 0
                            : shut_get_string(&s->link, d[strings[k].index], strings[k].text);
                if (r == -ENODEV || r == -EINTR || r == -ENOMEM)
                        return r;
        }
        return 0;
}

static int shut_read_descriptor(Shut *s) {
        unsigned index = usb_report_descriptor_index(&s->link.identity);
        _cleanup_free_ uint8_t *descriptor = NULL;
        uint8_t d[9];
        size_t n;
        int r;

        r = shut_get_descriptor(s, DESCRIPTOR_HID, index, d, sizeof(d));
        if (r < 0)
                return r;
        if (r < (int) sizeof(d))
                return -EBADMSG;
        n = (size_t) (d[7] | d[8] << 8);
        descriptor = malloc(MAX(n, (size_t) 1));
        if (!descriptor)
                return -ENOMEM;

        r = shut_get_descriptor(s, DESCRIPTOR_REPORT, index, descriptor, n);
        if (r < 0)
                return r;
        if (n == 0 || (size_t) r != n)
                return -EBADMSG;

        s->link.descriptor = TAKE_PTR(descriptor);
        s->link.descriptor_size = n;
        return 0;
}

/* How long reports are, whatever their kind: a device may send any of them unasked. */
static int shut_learn_sizes(Shut *s) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = NULL;
        int r;

        r = hid_descriptor_parse(s->link.descriptor, s->link.descriptor_size, &d);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (unsigned id = 0; id <= UINT8_MAX; id++)
                for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++) {
                        size_t size = hid_descriptor_report_size(d, kind, (uint8_t) id);

                        s->line.sizes[id] = (uint16_t) MAX((size_t) s->line.sizes[id],
                                        MIN(size, (size_t) SHUT_REPORT_MAX));
                }
        return 0;
}

static int shut_open(Shut *s, const char *name, unsigned notification) {
        int r;

        r = free_and_strdup(&s->link.identity.path, name);
        if (r < 0)
                return r;
        r = serial_configure(s->line.tty_fd, &settings);
        if (r < 0)
                return r;
        r = shut_open_events(s);
        if (r < 0)
                return r;
        r = shut_hello(s, notification);
        if (r < 0)
                return r;
        r = shut_read_identity(s);
        if (r >= 0)
                r = shut_read_descriptor(s);
        return r < 0 ? r : shut_learn_sizes(s);
}

int hid_link_new_shut(const char *name, int fd, unsigned notification, HidLink **ret) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        Shut *s = new0(Shut, 1);
        int r;

        if (!s)
                return -ENOMEM;
        link = &s->link;
        link->ops = &shut_ops;
        link->timeout_usec = s->line.timeout_usec = TIMEOUT_USEC;
        s->line.tty_fd = fd;
        s->line.report_fd = s->epoll_fd = -EBADF;

        r = shut_open(s, name, notification);
        if (r < 0) {
                s->line.tty_fd = -EBADF; /* stays the caller's */
                return r;
        }

        *ret = TAKE_PTR(link);
        return 0;
}
