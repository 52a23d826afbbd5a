/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include "time-util.h"
#include "usb-copy.h"
#include "usb-enumerate.h"
#include "usb-lock.h"

/* The kernel's own bound for a control transfer of HID. */
#define TIMEOUT_USEC (5 * USEC_PER_SEC)

#define REQUEST_GET_DESCRIPTOR 0x06U
#define DESCRIPTOR_STRING 0x03U

/* So many reports the kernel keeps for a reader. */
#define QUEUE_LENGTH 64U

typedef struct HidrawLink {
        HidLink link;
        int fd, usbfs_fd;
        bool numbered;
        uint16_t language; /* 0: not asked yet */
} HidrawLink;

#define HIDRAW(l) ((HidrawLink *) (l))

/* What a failed transfer means. A device that is being pulled out gives all sorts of errors first. */
static int transfer_error(const HidrawLink *h, int error) {
        int size;

        switch (error) {
        case ENODEV:
        case ENXIO:
        case ESHUTDOWN:
                return -ENODEV;

        case EINTR:
        case EPIPE:
        case ETIMEDOUT:
        case ENOMEM:
        case EINVAL:
                return -error;

        case ENOTTY:
                return -EOPNOTSUPP;

        default:
                if (ioctl(h->fd, HIDIOCGRDESCSIZE, &size) < 0 && (errno == ENODEV || errno == EIO))
                        return -ENODEV;
                return -EIO;
        }
}

static int link_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        HidrawLink *h = HIDRAW(l);
        unsigned long request;
        int n;

        if (size < 2)
                return -EINVAL;
        size = MIN(size, (size_t) HID_REPORT_SIZE_MAX);
        request = kind == HID_FEATURE ? HIDIOCGFEATURE(size) :
                kind == HID_INPUT ? HIDIOCGINPUT(size) : HIDIOCGOUTPUT(size);

        memset(buffer, 0, size);
        buffer[0] = id;
        n = ioctl(h->fd, request, buffer);
        if (n < 0)
                return transfer_error(h, errno);
        return MIN(n, (int) size);
}

static int link_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n) {
        HidrawLink *h = HIDRAW(l);
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        unsigned long request;

        if (n < 2 || n > sizeof(buffer))
                return -EINVAL;
        request = kind == HID_FEATURE ? HIDIOCSFEATURE(n) :
                kind == HID_INPUT ? HIDIOCSINPUT(n) : HIDIOCSOUTPUT(n);

        /* The kernel does not promise to leave it alone. */
        memcpy(buffer, report, n);
        if (ioctl(h->fd, request, buffer) >= 0)
                return 0;
        /* Before Linux 5.11 there was one way for output reports only, which takes the device's choice. */
        if (errno == ENOTTY && kind == HID_OUTPUT && write(h->fd, report, n) >= 0)
                return 0;
        return transfer_error(h, errno);
}

static int link_read_input(HidLink *l, uint8_t *buffer, size_t size) {
        HidrawLink *h = HIDRAW(l);
        size_t head = h->numbered ? 0 : 1;
        ssize_t n;

        if (size < 2)
                return -EINVAL;

        buffer[0] = 0;
        n = read(h->fd, buffer + head, size - head);
        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n < 0)
                return transfer_error(h, errno);
        return n == 0 ? 0 : (int) MIN((size_t) n + head, size);
}

/* A descriptor of the device itself may be asked for by anybody who has the node: no interface need be
 * claimed, and the kernel's HID driver stays where it is. */
static int ask_string(void *userdata, uint8_t index, uint16_t language, uint8_t buffer[static 255]) {
        const HidrawLink *h = userdata;
        struct usbdevfs_ctrltransfer transfer = {
                .bRequestType = 0x80,
                .bRequest = REQUEST_GET_DESCRIPTOR,
                .wValue = (uint16_t) (DESCRIPTOR_STRING << 8 | index),
                .wIndex = language,
                .wLength = 255,
                .timeout = (uint32_t) (h->link.timeout_usec / USEC_PER_MSEC),
                .data = buffer,
        };
        int n = ioctl(h->usbfs_fd, USBDEVFS_CONTROL, &transfer);

        return n < 0 ? transfer_error(h, errno) : n;
}

static int link_get_string(HidLink *l, uint8_t index, char **ret) {
        HidrawLink *h = HIDRAW(l);

        if (h->usbfs_fd < 0)
                return -EOPNOTSUPP;
        return usb_string_get(ask_string, h, &h->language, index, ret);
}

static int link_fd(HidLink *l) {
        return HIDRAW(l)->fd;
}

static void link_free(HidLink *l) {
        HidrawLink *h = HIDRAW(l);

        usb_node_unlock(h->fd);
        usb_node_unlock(h->usbfs_fd);
        (void) safe_close(h->fd);
        (void) safe_close(h->usbfs_fd);
}

static int read_descriptor(int fd, HidLink *l) {
        struct hidraw_report_descriptor d = {};
        int size;

        if (ioctl(fd, HIDIOCGRDESCSIZE, &size) < 0)
                return -errno;
        d.size = (uint32_t) CLAMP(size, 0, HID_MAX_DESCRIPTOR_SIZE);
        if (ioctl(fd, HIDIOCGRDESC, &d) < 0)
                return -errno;
        return usb_descriptor_copy(l, d.value, MIN(d.size, (uint32_t) HID_MAX_DESCRIPTOR_SIZE));
}

/* Between the look into sysfs and the opening of the node another device may have come to its name. */
static bool is_another(int fd, const HidIdentity *identity) {
        struct hidraw_devinfo info;

        return ioctl(fd, HIDIOCGRAWINFO, &info) >= 0 &&
                        ((uint16_t) info.vendor != identity->vendor_id ||
                                        (uint16_t) info.product != identity->product_id);
}

/* A node that was open before us has kept what came in since then, and nothing newer once it was full. */
static int drop_old_reports(int fd) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return -errno;
        for (unsigned i = 0; i < QUEUE_LENGTH; i++)
                if (read(fd, buffer, sizeof(buffer)) < 0)
                        break;
        return 0;
}

int hid_link_new_hidraw(const UsbHidDevice *device, int hidraw_fd, int usbfs_fd, HidLink **ret) {
        static const HidLinkOps ops = {
                .name = "hidraw",
                .get_report = link_get_report,
                .set_report = link_set_report,
                .read_input = link_read_input,
                .get_string = link_get_string,
                .fd = link_fd,
                .free = link_free,
        };
        _cleanup_(hid_descriptor_freep) HidDescriptor *parsed = NULL;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        HidrawLink *h = new0(HidrawLink, 1);
        int r;

        if (!h)
                return -ENOMEM;
        h->fd = h->usbfs_fd = -EBADF;
        l = &h->link;
        l->ops = &ops;
        l->timeout_usec = TIMEOUT_USEC;

        r = usb_identity_copy(&device->identity, &l->identity);
        if (r < 0)
                return r;
        r = device->descriptor ? usb_descriptor_copy(l, device->descriptor, device->descriptor_size) :
                read_descriptor(hidraw_fd, l);
        if (r < 0)
                return r;
        r = hid_descriptor_parse(l->descriptor, l->descriptor_size, &parsed);
        if (r < 0)
                return r;
        if (is_another(hidraw_fd, &device->identity))
                return -ENODEV;
        r = drop_old_reports(hidraw_fd);
        if (r < 0)
                return r;

        h->numbered = hid_descriptor_is_numbered(parsed);
        h->fd = hidraw_fd;
        h->usbfs_fd = usbfs_fd;
        *ret = TAKE_PTR(l);
        return 0;
}
