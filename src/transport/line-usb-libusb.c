/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libusb-util.h"
#include "line-usb.h"
#include "time-util.h"
#include "usb-lock.h"

#define REQUEST_GET_DESCRIPTOR 0x06U

typedef struct LibusbPort {
        int fd; /* -1: not ours yet */
        libusb_context *context;
        libusb_device_handle *handle;
        unsigned interface;
        bool claimed;
        LineUsbEndpoint in, out;
} LibusbPort;

/* libusb takes 0 for no limit. */
static unsigned timeout_msec(uint64_t usec) {
        return (unsigned) MAX(MIN(usec, 60 * USEC_PER_SEC) / USEC_PER_MSEC, UINT64_C(1));
}

static int port_control(void *userdata,
        uint8_t type,
        uint8_t request,
        uint16_t value,
        uint16_t index,
        uint8_t *data,
        size_t size,
        uint64_t timeout_usec) {
        LibusbPort *p = userdata;

        return libusb_to_errno(libusb_control_transfer(p->handle, type, request, value, index, data,
                (uint16_t) MIN(size, (size_t) UINT16_MAX), timeout_msec(timeout_usec)));
}

static int port_transfer(
        void *userdata, uint8_t endpoint, uint8_t *data, size_t size, uint64_t timeout_usec) {
        LibusbPort *p = userdata;
        const LineUsbEndpoint *e = endpoint == p->out.address ? &p->out : &p->in;
        unsigned timeout = timeout_msec(timeout_usec);
        int r, n = 0;

        if (endpoint == 0)
                return -EIO;
        r = e->is_interrupt ? libusb_interrupt_transfer(p->handle, endpoint, data, (int) size, &n, timeout) :
                              libusb_bulk_transfer(p->handle, endpoint, data, (int) size, &n, timeout);
        /* What came before the time was over counts. */
        return r < 0 && (r != LIBUSB_ERROR_TIMEOUT || n == 0) ? libusb_to_errno(r) : n;
}

static void port_clear_halt(void *userdata, uint8_t endpoint) {
        (void) libusb_clear_halt(((LibusbPort *) userdata)->handle, endpoint);
}

static int port_wait(void *userdata, uint64_t usec) {
        struct timespec ts = {
                .tv_sec = (time_t) (usec / USEC_PER_SEC),
                .tv_nsec = (long) (usec % USEC_PER_SEC * NSEC_PER_USEC),
        };

        (void) userdata;
        return clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL) != 0 ? -EINTR : 0;
}

static void port_close(void *userdata) {
        LibusbPort *p = userdata;

        /* This gives the interface back to the kernel. */
        if (p->claimed)
                (void) libusb_release_interface(p->handle, (int) p->interface);
        if (p->handle)
                libusb_close(p->handle);
        if (p->context)
                libusb_exit(p->context);
        usb_node_unlock(p->fd);
        (void) safe_close(p->fd);
        free(p);
}

static void port_closep(LibusbPort **p) {
        if (*p)
                port_close(*p);
}

/* Between two questions for a packet: milliseconds, or a power of two of microframes. */
static uint64_t interval_usec(const LibusbPort *p, const struct libusb_endpoint_descriptor *e) {
        int speed = libusb_get_device_speed(libusb_get_device(p->handle));

        if ((e->bmAttributes & 3U) != LIBUSB_TRANSFER_TYPE_INTERRUPT)
                return 0;
        if (speed >= LIBUSB_SPEED_HIGH)
                return UINT64_C(125) << CLAMP(e->bInterval - 1, 0, 15);
        return e->bInterval * USEC_PER_MSEC;
}

/* Of a direction, the one with that number; else, unless it was asked for, any that could be it. */
static LineUsbEndpoint find_endpoint(const LibusbPort *p, const struct libusb_interface_descriptor *d,
        uint8_t direction, int usual, int configured) {
        const struct libusb_endpoint_descriptor *found = NULL;

        for (unsigned i = 0; i < d->bNumEndpoints; i++) {
                const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
                unsigned type = e->bmAttributes & 3U;
                int number = e->bEndpointAddress & 0x0f;

                if ((e->bEndpointAddress & 0x80) != direction ||
                    (type != LIBUSB_TRANSFER_TYPE_INTERRUPT && type != LIBUSB_TRANSFER_TYPE_BULK) ||
                    (configured >= 0 && number != (configured & 0x0f)))
                        continue;
                if (!found || number == usual)
                        found = e;
        }

        return !found ? (LineUsbEndpoint) {} :
                        (LineUsbEndpoint) {
                                .address = found->bEndpointAddress,
                                .is_interrupt = (found->bmAttributes & 3U) == LIBUSB_TRANSFER_TYPE_INTERRUPT,
                                .packet = found->wMaxPacketSize & 0x7ffU,
                                .interval_usec = interval_usec(p, found),
                        };
}

static int port_open(LibusbPort *p, int fd, const LineUsbWay *way, const UsbOverrides *o) {
        const struct libusb_interface_descriptor *d;
        struct libusb_config_descriptor *config = NULL;
        int r;

        r = libusb_open_node(fd, &p->context, &p->handle);
        if (r >= 0)
                r = libusb_get_config(p->handle, o->config_index, &config);
        if (r < 0)
                return r;

        d = libusb_find_interface(config, p->interface, o->altinterface);
        if (d) {
                p->in = find_endpoint(p, d, LIBUSB_ENDPOINT_IN, way->in, o->ep_in);
                p->out = find_endpoint(p, d, LIBUSB_ENDPOINT_OUT, way->out, -1);
        }
        libusb_free_config_descriptor(config);
        if (!d || (way->in != 0 && p->in.address == 0))
                return -ENXIO;
        return libusb_claim(p->handle, p->interface, o->altinterface, &p->claimed);
}

/* With langid_fix, NUT asks for the languages nonetheless, and some devices expect that of whoever comes. */
static void scan_languages(LibusbPort *p) {
        uint8_t buffer[255];

        (void) port_control(p, LIBUSB_ENDPOINT_IN, REQUEST_GET_DESCRIPTOR, LIBUSB_DT_STRING << 8, 0, buffer,
                sizeof(buffer), USEC_PER_SEC);
}

int line_link_new_usb(const UsbHidDevice *device,
        int usbfs_fd,
        const char *way,
        const LineUsbOptions *options,
        LineLink **ret) {
        static const LineUsbOptions none = { .overrides = { -1, -1, -1, -1, -1, -1 }, .language_id = -1 };
        static const LineUsbIo io = {
                .control = port_control,
                .transfer = port_transfer,
                .clear_halt = port_clear_halt,
                .wait = port_wait,
                .close = port_close,
        };
        const LineUsbOptions *o = options ?: &none;
        const LineUsbWay *found = line_usb_way_find(way);
        _cleanup_(port_closep) LibusbPort *p = new0(LibusbPort, 1);
        int r;

        if (!p)
                return -ENOMEM;
        p->fd = -EBADF;
        if (!found)
                return -EOPNOTSUPP;
        p->interface = o->overrides.rep_index >= 0 ? (unsigned) o->overrides.rep_index : device->interface;

        r = port_open(p, usbfs_fd, found, &o->overrides);
        if (r < 0)
                return r;
        if (o->language_id >= 0 && !o->no_scan_language)
                scan_languages(p);
        r = line_usb_new(way, &(LineUsb) {
                        .io = &io,
                        .userdata = p,
                        .interface = (uint8_t) p->interface,
                        .in = p->in,
                        .out = p->out,
                        .language = o->language_id,
                        .no_vendor = o->no_vendor,
                }, &device->identity, ret);
        if (r < 0)
                return r;

        p->fd = usbfs_fd;
        p = NULL;
        return 0;
}
