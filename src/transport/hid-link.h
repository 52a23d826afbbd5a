/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "hid-descriptor.h"

/* A way to a HID device: hidraw, libusb, SHUT over a serial line, a recording. Calls block, at most for the
 * deadline; a link is used by one thread at a time. */

/* What is known about a device before it is spoken to. Strings may be NULL. */
typedef struct HidIdentity {
        uint16_t vendor_id, product_id, release; /* release: bcdDevice */
        char *vendor, *product, *serial;         /* as the device says, white space at the ends removed */
        char *bus, *device;                      /* "001", "004" */
        char *busport;                           /* "1-2.3" without the bus: "2.3" */
        char *path;                              /* what names the place: the physical port, a file */
} HidIdentity;

void hid_identity_done(HidIdentity *i);

typedef struct HidLink HidLink;

typedef struct HidLinkOps {
        const char *name; /* "hidraw", "libusb", "shut", "recording" */
        int (*get_report)(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size);
        int (*set_report)(HidLink *l, HidKind kind, const uint8_t *report, size_t n);
        int (*read_input)(HidLink *l, uint8_t *buffer, size_t size);
        int (*get_string)(HidLink *l, uint8_t index, char **ret);
        int (*fd)(HidLink *l);
        void (*free)(HidLink *l); /* what is the kind's own; the head and the memory go after it */
} HidLinkOps;

/* The common head of all links: each kind embeds it as its first member of an object from malloc(), which
 * hid_link_free() gives back. read_input, get_string and fd may be NULL. */
struct HidLink {
        const HidLinkOps *ops;
        HidIdentity identity;
        uint8_t *descriptor;
        size_t descriptor_size;
        uint64_t timeout_usec; /* per transfer */
};

/* Takes and returns NULL; lets go of the device. */
HidLink *hid_link_free(HidLink *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidLink *, hid_link_free);

/* Asks for a report. The report begins with its id byte (0 if not numbered); returns its length with that
 * byte. -EPIPE: the device refuses (STALL); -ETIMEDOUT; -ENODEV: it is gone; -EIO; -EINTR. */
int hid_link_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size);

/* Sends a report, id byte first. Errors as above. */
int hid_link_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n);

/* The next report that the device sent by itself, id byte first; its length, or 0 when there is none now. */
int hid_link_read_input(HidLink *l, uint8_t *buffer, size_t size);

/* String by index, in new memory, UTF-8. -EOPNOTSUPP when this link cannot ask for strings, -ENOENT for
 * index 0. */
int hid_link_get_string(HidLink *l, uint8_t index, char **ret);

/* Readable when there may be input; -1 when this link has none. Owned by the link. */
int hid_link_fd(HidLink *l);

/*** Finding USB devices ***/

/* The match keys of ups.conf. Regular expressions (POSIX extended, whole value, case ignored) but for
 * vendor_id and product_id, which are such ones of four hexadecimal digits; NULL matches anything. */
typedef struct UsbMatch UsbMatch;

/* option(name) gives the configured value of "vendorid", "productid", "vendor", "product", "serial", "bus",
 * "device", "busport", or NULL. On -EINVAL *ret_bad_key names the key whose expression is wrong. */
int usb_match_new(const char *(*option)(const void *userdata, const char *name), const void *userdata,
                UsbMatch **ret, const char **ret_bad_key);
UsbMatch *usb_match_free(UsbMatch *m);
DEFINE_TRIVIAL_CLEANUP_FUNC(UsbMatch *, usb_match_free);

/* Whether all keys that are given fit. */
bool usb_match_test(const UsbMatch *m, const HidIdentity *i);

/* How many keys are given: of two sections that match, the one with more is meant. */
unsigned usb_match_weight(const UsbMatch *m) _pure_;

/* An interface of a device that the kernel has on USB, of class HID unless others were asked for. */
typedef struct UsbHidDevice {
        HidIdentity identity;
        char *hidraw;  /* "/dev/hidraw3", or NULL without the kernel's driver */
        char *usbfs;   /* "/dev/bus/usb/001/004" */
        dev_t hidraw_number, usbfs_number;
        unsigned interface; /* bInterfaceNumber */
        uint8_t class, protocol; /* bInterfaceClass, bInterfaceProtocol */
        uint8_t *descriptor; /* report descriptor from sysfs; NULL without the kernel's driver */
        size_t descriptor_size;
} UsbHidDevice;

typedef struct UsbHidList {
        UsbHidDevice *devices;
        size_t n_devices;
} UsbHidList;

/* All HID interfaces on USB, from sysfs, ordered by their place; no device is touched. */
int usb_hid_enumerate(UsbHidList *ret);
void usb_hid_list_done(UsbHidList *l);

/* The same with the interfaces of all classes. */
int usb_enumerate(UsbHidList *ret);

/* The one with this node ("/dev/hidraw3", "hidraw3" or a usbfs node), or whose node has this device number.
 * -ENOENT, -ENODEV when it is no USB HID device. */
int usb_hid_find_node(const char *node, UsbHidDevice **ret);
int usb_hid_find_number(dev_t number, UsbHidDevice **ret);

/* The same among the interfaces of all classes; of several of a device the first. */
int usb_find_node(const char *node, UsbHidDevice **ret);
int usb_find_number(dev_t number, UsbHidDevice **ret);
UsbHidDevice *usb_hid_device_free(UsbHidDevice *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(UsbHidDevice *, usb_hid_device_free);

/*** Links ***/

/* How a device on USB is to be spoken to, by the options of its section. */
typedef enum UsbWay {
        USB_WAY_ANY,
        USB_WAY_HIDRAW,
        USB_WAY_LIBUSB,
        _USB_WAY_MAX,
} UsbWay;

/* What link= says, else whether there is an option that libusb alone heeds. option is as for
 * usb_match_new(). */
UsbWay usb_way_configured(const char *(*option)(const void *userdata, const char *name),
                const void *userdata);

/* Whether libusb is used for the device. */
bool usb_way_is_libusb(UsbWay way, const UsbHidDevice *device) _pure_;

/* Which of its report descriptors describes a device in full, where it does not say so itself: some MGE
 * units have a second one. The kernel knows the first only. */
unsigned usb_report_descriptor_index(const HidIdentity *identity) _pure_;

/* Over hidraw. hidraw_fd and usbfs_fd (for strings by index; may be -1) are taken over on success. */
int hid_link_new_hidraw(const UsbHidDevice *device, int hidraw_fd, int usbfs_fd, HidLink **ret);

/* Over libusb on an open usbfs node: detaches the kernel's driver from the interface while the link lives.
 * The descriptor is read from the device if the kernel has none. fd is taken over on success. */
typedef struct UsbOverrides {
        int config_index, rep_index, desc_index, ep_in, altinterface; /* -1: not given */
        int interrupt_size; /* bytes to ask for when reading what the device sends by itself; -1: as it
                             * says */
} UsbOverrides;
int hid_link_new_libusb(const UsbHidDevice *device, int usbfs_fd, const UsbOverrides *overrides,
                HidLink **ret);

/* Over SHUT (Serial HID UPS Transfer, 2400 baud) on an open tty. fd is taken over on success. */
int hid_link_new_shut(const char *name, int fd, unsigned notification, HidLink **ret);

/* Replays a recording. -EBADMSG with a message in *ret_error (new memory) that names file and line. */
int hid_link_new_recording(const char *path, HidLink **ret, char **ret_error);

/* Writes all that goes over a link to a file, in the format that is replayed. Takes inner over on success;
 * the file is created anew, readable by its owner; or, with RECORDER_RESUME, goes on where it ends if it is
 * a recording of such a device. RECORDER_REDACT: serial numbers and the like are replaced by X of the same
 * length. */
typedef enum RecorderFlags {
        RECORDER_REDACT = 1 << 0, /* the value of true, for those who want nothing else */
        RECORDER_RESUME = 1 << 1,
} RecorderFlags;
int hid_link_new_recorder(HidLink *inner, const char *path, RecorderFlags flags, HidLink **ret);
