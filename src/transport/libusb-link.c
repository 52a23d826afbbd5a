/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "libusb-util.h"
#include "time-util.h"
#include "usb-copy.h"
#include "usb-enumerate.h"
#include "usb-lock.h"

#define TIMEOUT_USEC (5 * USEC_PER_SEC)

#define REQUEST_GET_REPORT 0x01U
#define REQUEST_SET_REPORT 0x09U
#define DESCRIPTOR_HID 0x21U
#define DESCRIPTOR_REPORT 0x22U
#define TO_INTERFACE 0x21U
#define FROM_INTERFACE 0xa1U
#define DESCRIPTOR_FROM_INTERFACE 0x81U

/* After so many failures in a row the device is no longer asked for input of its own. That is an error if
 * there was any before, so that the device is opened anew; one that has never sent any is asked only. */
#define INPUT_FAILURES_MAX 10U

/* Reports that have come in and that nobody has fetched yet; beyond that the oldest are dropped. */
#define QUEUE_LENGTH 16U

typedef struct InputReport {
        uint8_t *data;
        size_t size;
} InputReport;

typedef struct LibusbLink {
        HidLink link;
        int fd, epoll_fd, event_fd;
        libusb_context *context;
        libusb_device_handle *handle;
        bool claimed, numbered;
        uint8_t interface, endpoint; /* endpoint 0: none */
        uint16_t language;

        struct libusb_transfer *transfer;
        uint8_t *buffer;
        bool under_way, has_sent;
        int input_error;
        unsigned n_failures;
        InputReport queue[QUEUE_LENGTH];
        size_t n_queued;
} LibusbLink;

#define LIBUSB(l) ((LibusbLink *) (l))

static int control(LibusbLink *u, unsigned type, unsigned request, unsigned value, unsigned index,
                uint8_t *data, size_t size) {
        return libusb_to_errno(libusb_control_transfer(u->handle, (uint8_t) type, (uint8_t) request,
                        (uint16_t) value, (uint16_t) index, data, (uint16_t) size,
                        (unsigned) (u->link.timeout_usec / USEC_PER_MSEC)));
}

/* The kind as requests have it. */
static unsigned report_value(HidKind kind, uint8_t id) {
        static const uint8_t types[_HID_KIND_MAX] = { [HID_INPUT] = 1, [HID_OUTPUT] = 2, [HID_FEATURE] = 3 };

        return (unsigned) types[kind] << 8 | id;
}

static int link_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        LibusbLink *u = LIBUSB(l);
        size_t head = u->numbered ? 0 : 1;
        int n;

        if (size < 2)
                return -EINVAL;
        size = MIN(size, (size_t) HID_REPORT_SIZE_MAX);

        memset(buffer, 0, size);
        n = control(u, FROM_INTERFACE, REQUEST_GET_REPORT, report_value(kind, id), u->interface,
                        buffer + head, size - head);
        return n < 0 ? n : n + (int) head;
}

static int link_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n) {
        LibusbLink *u = LIBUSB(l);
        size_t head = u->numbered ? 0 : 1;
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        int r;

        if (n < 2 || n > sizeof(buffer))
                return -EINVAL;

        memcpy(buffer, report, n);
        r = control(u, TO_INTERFACE, REQUEST_SET_REPORT, report_value(kind, report[0]), u->interface,
                        buffer + head, n - head);
        return r < 0 ? r : 0;
}

static int ask_string(void *userdata, uint8_t index, uint16_t language, uint8_t buffer[static 255]) {
        return control(userdata, LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
                        LIBUSB_DT_STRING << 8 | index, language, buffer, 255);
}

static int link_get_string(HidLink *l, uint8_t index, char **ret) {
        LibusbLink *u = LIBUSB(l);

        return usb_string_get(ask_string, u, &u->language, index, ret);
}

static void queue_drop(LibusbLink *u) {
        free(u->queue[0].data);
        u->n_queued--;
        memmove(u->queue, u->queue + 1, u->n_queued * sizeof(InputReport));
}

static void queue_add(LibusbLink *u, const uint8_t *data, size_t n) {
        size_t head = u->numbered ? 0 : 1;
        uint8_t *copy = calloc(1, n + head);

        if (!copy)
                return;
        if (u->n_queued == QUEUE_LENGTH)
                queue_drop(u);
        memcpy(copy + head, data, n);
        u->queue[u->n_queued++] = (InputReport) { copy, n + head };
}

static void LIBUSB_CALL on_input(struct libusb_transfer *transfer) {
        LibusbLink *u = transfer->user_data;

        u->under_way = false;
        switch (transfer->status) {
        case LIBUSB_TRANSFER_COMPLETED:
                u->n_failures = 0;
                u->has_sent = true;
                if (transfer->actual_length > 0)
                        queue_add(u, transfer->buffer, (size_t) transfer->actual_length);
                break;

        case LIBUSB_TRANSFER_CANCELLED:
                return;

        case LIBUSB_TRANSFER_NO_DEVICE:
                u->input_error = -ENODEV;
                break;

        case LIBUSB_TRANSFER_STALL:
                u->input_error = -EPIPE;
                u->n_failures++;
                break;

        default:
                u->n_failures++;
        }

        /* It may have come while a control transfer was waited for, and nobody looks at the descriptors
         * then. */
        (void) eventfd_write(u->event_fd, 1);
}

/* Asks for the next report that the device sends by itself. */
static void submit_input(LibusbLink *u) {
        int r;

        if (!u->transfer || u->under_way || u->n_failures >= INPUT_FAILURES_MAX || u->input_error == -ENODEV)
                return;

        if (u->input_error == -EPIPE)
                (void) libusb_clear_halt(u->handle, u->endpoint);
        u->input_error = 0;
        r = libusb_submit_transfer(u->transfer);
        if (r >= 0) {
                u->under_way = true;
                return;
        }

        u->n_failures++;
        if (r == LIBUSB_ERROR_NO_DEVICE)
                u->input_error = -ENODEV;
        /* Nothing is under way that could wake the reader for another attempt. */
        if (u->n_failures <= INPUT_FAILURES_MAX)
                (void) eventfd_write(u->event_fd, 1);
}

static int link_read_input(HidLink *l, uint8_t *buffer, size_t size) {
        LibusbLink *u = LIBUSB(l);
        struct timeval now = {};
        eventfd_t count;
        int r;

        (void) eventfd_read(u->event_fd, &count);
        r = libusb_handle_events_timeout_completed(u->context, &now, NULL);
        if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED)
                return libusb_to_errno(r);

        if (u->n_queued > 0) {
                size_t n = MIN(u->queue[0].size, size);

                memcpy(buffer, u->queue[0].data, n);
                queue_drop(u);
                /* What is left has to wake the reader again, if he does not go on by himself. */
                if (u->n_queued > 0)
                        (void) eventfd_write(u->event_fd, 1);
                submit_input(u);
                return (int) n;
        }

        submit_input(u);
        if (u->input_error == -ENODEV)
                return -ENODEV;
        return u->n_failures >= INPUT_FAILURES_MAX && u->has_sent ? -EIO : 0;
}

static int link_fd(HidLink *l) {
        const LibusbLink *u = LIBUSB(l);

        return u->transfer ? u->epoll_fd : -1;
}

static void stop_input(LibusbLink *u) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + USEC_PER_SEC;

        if (u->under_way)
                (void) libusb_cancel_transfer(u->transfer);
        while (u->under_way && now_usec(CLOCK_MONOTONIC) < end) {
                struct timeval a_while = { .tv_usec = 100000 };

                if (libusb_handle_events_timeout_completed(u->context, &a_while, NULL) < 0)
                        break;
        }
}

static void link_free(HidLink *l) {
        LibusbLink *u = LIBUSB(l);

        if (u->transfer)
                stop_input(u);
        if (u->context)
                libusb_set_pollfd_notifiers(u->context, NULL, NULL, NULL);
        /* This gives the interface back to the kernel. */
        if (u->claimed)
                (void) libusb_release_interface(u->handle, u->interface);
        if (u->handle)
                libusb_close(u->handle);
        libusb_free_transfer(u->transfer);
        if (u->context)
                libusb_exit(u->context);

        while (u->n_queued > 0)
                queue_drop(u);
        free(u->buffer);
        (void) safe_close(u->epoll_fd);
        (void) safe_close(u->event_fd);
        usb_node_unlock(u->fd);
        (void) safe_close(u->fd);
}

static int watch(const LibusbLink *u, int fd, uint32_t events) {
        struct epoll_event e = { .events = events };

        return epoll_ctl(u->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0 && errno != EEXIST ? -errno : 0;
}

static void LIBUSB_CALL on_fd_added(int fd, short events, void *userdata) {
        (void) watch(userdata, fd, (uint32_t) (unsigned short) events);
}

/* libusb lets go of the node when the device is gone, which may be while nothing is asked of it. The node
 * would wake us for ever. */
static void LIBUSB_CALL on_fd_removed(int fd, void *userdata) {
        LibusbLink *u = userdata;

        (void) epoll_ctl(u->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        if (fd == u->fd) {
                u->input_error = -ENODEV;
                (void) eventfd_write(u->event_fd, 1);
        }
}

/* One descriptor for all that libusb would have us look at. */
static int make_epoll(LibusbLink *u) {
        const struct libusb_pollfd **list;
        int r;

        u->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        u->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (u->epoll_fd < 0 || u->event_fd < 0)
                return -errno;
        r = watch(u, u->event_fd, EPOLLIN);
        list = r >= 0 ? libusb_get_pollfds(u->context) : NULL;
        for (const struct libusb_pollfd **p = list; r >= 0 && p && *p; p++)
                r = watch(u, (*p)->fd, (uint32_t) (unsigned short) (*p)->events);

        libusb_free_pollfds(list);
        if (r >= 0)
                libusb_set_pollfd_notifiers(u->context, on_fd_added, on_fd_removed, u);
        return r;
}

static size_t largest_input(const HidDescriptor *d) {
        size_t largest = 0;

        for (unsigned id = 0; id <= UINT8_MAX; id++)
                largest = MAX(largest, hid_descriptor_report_size(d, HID_INPUT, (uint8_t) id));
        return largest;
}

static int start_input(LibusbLink *u, size_t largest, size_t packet, int limit) {
        size_t size = largest;

        if (limit > 0)
                size = (size_t) limit;
        else if (packet > 0)
                size = (largest + packet - 1) / packet * packet;
        if (u->endpoint == 0 || size == 0)
                return 0;

        u->buffer = malloc(size);
        u->transfer = u->buffer ? libusb_alloc_transfer(0) : NULL;
        if (!u->transfer)
                return -ENOMEM;
        libusb_fill_interrupt_transfer(
                        u->transfer, u->handle, u->endpoint, u->buffer, (int) size, on_input, u, 0);
        submit_input(u);
        return 0;
}

static const struct libusb_endpoint_descriptor *find_endpoint(const struct libusb_interface_descriptor *d,
                int number) {
        for (size_t i = 0; i < d->bNumEndpoints; i++) {
                const struct libusb_endpoint_descriptor *e = &d->endpoint[i];

                if ((e->bmAttributes & 3U) != LIBUSB_TRANSFER_TYPE_INTERRUPT ||
                    !(e->bEndpointAddress & LIBUSB_ENDPOINT_IN))
                        continue;
                if (number < 0 || (e->bEndpointAddress & 0x0f) == (number & 0x0f))
                        return e;
        }
        return NULL;
}

/* Asks the device for its report descriptor. */
static int read_descriptor(LibusbLink *u, const struct libusb_interface_descriptor *d, unsigned index) {
        uint8_t hid[UINT8_MAX];
        _cleanup_free_ uint8_t *buffer = NULL;
        size_t size = 0;
        int n;

        if (usb_report_descriptor_length(d->extra, (size_t) d->extra_length, index, &size) < 0) {
                n = control(u, DESCRIPTOR_FROM_INTERFACE, LIBUSB_REQUEST_GET_DESCRIPTOR,
                                DESCRIPTOR_HID << 8 | index, u->interface, hid, sizeof(hid));
                if (n < 0)
                        return n;
                if (usb_report_descriptor_length(hid, (size_t) n, 0, &size) < 0)
                        return -EBADMSG;
        }

        buffer = malloc(size ?: 1);
        if (!buffer)
                return -ENOMEM;
        n = control(u, DESCRIPTOR_FROM_INTERFACE, LIBUSB_REQUEST_GET_DESCRIPTOR,
                        DESCRIPTOR_REPORT << 8 | index, u->interface, buffer, size);
        return n < 0 ? n : usb_descriptor_copy(&u->link, buffer, (size_t) n);
}

static unsigned descriptor_index(const UsbHidDevice *device, const UsbOverrides *o) {
        return o->desc_index >= 0 ? (unsigned) o->desc_index :
                usb_report_descriptor_index(&device->identity);
}

/* All that needs the description of the interface. */
static int set_up(LibusbLink *u, const UsbHidDevice *device, const UsbOverrides *o,
                const struct libusb_config_descriptor *config) {
        const struct libusb_interface_descriptor *d =
                libusb_find_interface(config, u->interface, o->altinterface);
        unsigned index = descriptor_index(device, o);
        _cleanup_(hid_descriptor_freep) HidDescriptor *parsed = NULL;
        const struct libusb_endpoint_descriptor *endpoint;
        int r;

        if (!d)
                return -ENXIO;
        r = libusb_claim(u->handle, u->interface, o->altinterface, &u->claimed);
        if (r < 0)
                return r;

        if (device->descriptor && index == 0 && u->interface == device->interface)
                r = usb_descriptor_copy(&u->link, device->descriptor, device->descriptor_size);
        else
                r = read_descriptor(u, d, index);
        if (r < 0)
                return r;
        r = hid_descriptor_parse(u->link.descriptor, u->link.descriptor_size, &parsed);
        if (r < 0)
                return r;
        u->numbered = hid_descriptor_is_numbered(parsed);

        endpoint = find_endpoint(d, o->ep_in);
        if (!endpoint)
                return 0;
        u->endpoint = endpoint->bEndpointAddress;
        return start_input(u, largest_input(parsed), endpoint->wMaxPacketSize & 0x7ffU, o->interrupt_size);
}

static int open_device(LibusbLink *u, const UsbHidDevice *device, const UsbOverrides *o) {
        struct libusb_config_descriptor *config = NULL;
        int r;

        r = libusb_open_node(u->fd, &u->context, &u->handle);
        if (r >= 0)
                r = make_epoll(u);
        if (r >= 0)
                r = libusb_get_config(u->handle, o->config_index, &config);
        if (r < 0)
                return r;
        r = set_up(u, device, o, config);
        libusb_free_config_descriptor(config);
        return r;
}

int hid_link_new_libusb(const UsbHidDevice *device, int usbfs_fd, const UsbOverrides *overrides,
                HidLink **ret) {
        static const UsbOverrides none = { -1, -1, -1, -1, -1, -1 };
        static const HidLinkOps ops = {
                .name = "libusb",
                .get_report = link_get_report,
                .set_report = link_set_report,
                .read_input = link_read_input,
                .get_string = link_get_string,
                .fd = link_fd,
                .free = link_free,
        };
        const UsbOverrides *o = overrides ?: &none;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        LibusbLink *u = new0(LibusbLink, 1);
        int r;

        if (!u)
                return -ENOMEM;
        u->fd = usbfs_fd;
        u->epoll_fd = u->event_fd = -EBADF;
        u->interface = (uint8_t) (o->rep_index >= 0 ? (unsigned) o->rep_index : device->interface);
        l = &u->link;
        l->ops = &ops;
        l->timeout_usec = TIMEOUT_USEC;

        r = usb_identity_copy(&device->identity, &l->identity);
        if (r >= 0)
                r = open_device(u, device, o);
        if (r < 0) {
                /* It stays the caller's. */
                u->fd = -EBADF;
                return r;
        }

        *ret = TAKE_PTR(l);
        return 0;
}
