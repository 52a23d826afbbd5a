/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-enumerate.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "io-util.h"
#include "string-util.h"

#define SYSFS "/sys"
#define CLASS_HID 0x03UL

typedef enum UsbClasses {
        USB_CLASSES_HID,
        USB_CLASSES_ALL,
} UsbClasses;

/* More interfaces than any machine has; each costs a few kilobytes. */
#define INTERFACES_MAX 4096U

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

static DIR *open_directory_at(int at, const char *name) {
        int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

        if (!d)
                (void) safe_close(fd);
        return d;
}

/* What an attribute holds, NUL behind it. */
static ssize_t attribute_read(int directory, const char *name, char *buffer, size_t size) {
        _cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = fd_read_all(fd, buffer, size - 1);
        if (n >= 0)
                buffer[n] = '\0';
        return n;
}

static int attribute_number(
                int directory, const char *name, int base, unsigned long max, unsigned long *ret) {
        char text[32], *end;
        unsigned long n;

        if (attribute_read(directory, name, text, sizeof(text)) <= 0)
                return -ENOENT;
        errno = 0;
        n = strtoul(text, &end, base);
        if (errno != 0 || end == text || (*end && *end != '\n') || text[0] == '-' || n > max)
                return -EBADMSG;

        *ret = n;
        return 0;
}

/* A text that is missing is no error. */
static int attribute_text(int directory, const char *name, char **ret) {
        char text[1024];
        ssize_t n = attribute_read(directory, name, text, sizeof(text));

        return n <= 0 ? 0 : usb_text_clean(text, (size_t) n, ret);
}

static int attribute_device_number(int directory, const char *name, dev_t *ret) {
        unsigned major_number, minor_number;
        char text[32];

        if (attribute_read(directory, name, text, sizeof(text)) <= 0 ||
            sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
                return -ENOENT;

        *ret = makedev(major_number, minor_number);
        return 0;
}

static int read_device(int directory, const char *place, UsbHidDevice *d) {
        unsigned long vendor, product, release = 0, bus, device;
        HidIdentity *i = &d->identity;
        const char *port = strchr(place, '-');

        if (attribute_number(directory, "idVendor", 16, UINT16_MAX, &vendor) < 0 ||
            attribute_number(directory, "idProduct", 16, UINT16_MAX, &product) < 0 ||
            attribute_number(directory, "busnum", 10, 999, &bus) < 0 ||
            attribute_number(directory, "devnum", 10, 999, &device) < 0 ||
            attribute_device_number(directory, "dev", &d->usbfs_number) < 0)
                return -ENODEV; /* it is just going */
        (void) attribute_number(directory, "bcdDevice", 16, UINT16_MAX, &release);

        i->vendor_id = (uint16_t) vendor;
        i->product_id = (uint16_t) product;
        i->release = (uint16_t) release;
        i->bus = strprintf("%03lu", bus);
        i->device = strprintf("%03lu", device);
        i->path = strdup(place);
        i->busport = strdup(port ? port + 1 : place);
        d->usbfs = strprintf("/dev/bus/usb/%03lu/%03lu", bus, device);
        if (!i->bus || !i->device || !i->path || !i->busport || !d->usbfs ||
            attribute_text(directory, "manufacturer", &i->vendor) < 0 ||
            attribute_text(directory, "product", &i->product) < 0 ||
            attribute_text(directory, "serial", &i->serial) < 0)
                return -ENOMEM;
        return 0;
}

/* The node, from DIRECTORY/hidraw/hidrawN. */
static int read_hidraw(int directory, UsbHidDevice *d) {
        _cleanup_(closedirp) DIR *list = open_directory_at(directory, "hidraw");

        for (struct dirent *e; list && (e = readdir(list));) {
                _cleanup_close_ int fd = -EBADF;
                const char *digits = startswith(e->d_name, "hidraw");

                if (!digits || !*digits || strspn(digits, "0123456789") != strlen(digits))
                        continue;
                fd = openat(dirfd(list), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0 || attribute_device_number(fd, "dev", &d->hidraw_number) < 0)
                        continue;
                d->hidraw = strjoin("/dev/", e->d_name);
                return d->hidraw ? 0 : -ENOMEM;
        }

        return 0;
}

static int read_descriptor(int directory, UsbHidDevice *d) {
        _cleanup_free_ char *buffer = malloc(HID_DESCRIPTOR_SIZE_MAX + 1);
        uint8_t *copy;
        ssize_t n;

        if (!buffer)
                return -ENOMEM;
        n = attribute_read(directory, "report_descriptor", buffer, HID_DESCRIPTOR_SIZE_MAX + 1);
        if (n <= 0)
                return -ENOENT;
        copy = malloc((size_t) n);
        if (!copy)
                return -ENOMEM;

        memcpy(copy, buffer, (size_t) n);
        d->descriptor = copy;
        d->descriptor_size = (size_t) n;
        return 0;
}

/* What the kernel's HID driver made of the interface, if it has it: a directory like 0003:051D:0002.0001. */
static int read_kernel_hid(DIR *interface, UsbHidDevice *d) {
        for (struct dirent *e; (e = readdir(interface));) {
                _cleanup_close_ int fd = -EBADF;
                int r;

                if (!strchr(e->d_name, ':') || !strchr(e->d_name, '.'))
                        continue;
                fd = openat(dirfd(interface), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0)
                        continue;
                r = read_descriptor(fd, d);
                if (r == -ENOENT)
                        continue;
                return r < 0 ? r : read_hidraw(fd, d);
        }

        return 0;
}

static void device_done(UsbHidDevice *d) {
        hid_identity_done(&d->identity);
        free(d->hidraw);
        free(d->usbfs);
        free(d->descriptor);
        *d = (UsbHidDevice) {};
}

/* -ENODEV for an interface that is of another class, or is just going. */
static int read_interface(int devices, const char *name, UsbClasses classes, UsbHidDevice *d) {
        _cleanup_(closedirp) DIR *interface = open_directory_at(devices, name);
        _cleanup_free_ char *place = strndup(name, strcspn(name, ":"));
        _cleanup_close_ int device = -EBADF;
        unsigned long class, number, protocol = 0;
        int r;

        if (!place)
                return -ENOMEM;
        if (!interface || attribute_number(dirfd(interface), "bInterfaceClass", 16, 0xff, &class) < 0 ||
                        (class != CLASS_HID && classes == USB_CLASSES_HID) ||
                        attribute_number(dirfd(interface), "bInterfaceNumber", 16, 0xff, &number) < 0)
                return -ENODEV;
        device = openat(devices, place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (device < 0)
                return -ENODEV;

        (void) attribute_number(dirfd(interface), "bInterfaceProtocol", 16, 0xff, &protocol);
        d->interface = (unsigned) number;
        d->class = (uint8_t) class;
        d->protocol = (uint8_t) protocol;
        r = read_device(device, place, d);
        return r < 0 || class != CLASS_HID ? r : read_kernel_hid(interface, d);
}

static int compare_places(const void *a, const void *b) {
        const UsbHidDevice *one = a, *other = b;
        int r = strverscmp(one->identity.path, other->identity.path);

        return r != 0 ? r : (one->interface > other->interface) - (one->interface < other->interface);
}

static int list_interfaces(DIR *devices, UsbClasses classes, UsbHidList *l) {
        size_t n_allocated = 0;

        for (struct dirent *e; l->n_devices < INTERFACES_MAX && (e = readdir(devices));) {
                UsbHidDevice d = {};
                int r;

                if (!strchr(e->d_name, ':'))
                        continue;
                r = read_interface(dirfd(devices), e->d_name, classes, &d);
                if (r >= 0 && !GREEDY_REALLOC(l->devices, n_allocated, l->n_devices + 1))
                        r = -ENOMEM;
                if (r >= 0)
                        l->devices[l->n_devices++] = d;
                else
                        device_done(&d);
                if (r == -ENOMEM)
                        return r;
        }

        if (l->n_devices > 0)
                qsort(l->devices, l->n_devices, sizeof(UsbHidDevice), compare_places);
        return 0;
}

static int enumerate(const char *sysfs, UsbClasses classes, UsbHidList *ret) {
        _cleanup_free_ char *path = strjoin(sysfs, "/bus/usb/devices");
        _cleanup_(closedirp) DIR *devices = NULL;
        UsbHidList l = {};
        int r;

        if (!path)
                return -ENOMEM;
        devices = opendir(path);
        if (!devices && errno != ENOENT)
                return -errno;

        /* Without the directory there is no USB, hence no device. */
        r = devices ? list_interfaces(devices, classes, &l) : 0;
        if (r < 0) {
                usb_hid_list_done(&l);
                return r;
        }

        *ret = l;
        return 0;
}

int usb_hid_enumerate_at(const char *sysfs, UsbHidList *ret) {
        return enumerate(sysfs, USB_CLASSES_HID, ret);
}

int usb_enumerate_at(const char *sysfs, UsbHidList *ret) {
        return enumerate(sysfs, USB_CLASSES_ALL, ret);
}

int usb_hid_enumerate(UsbHidList *ret) {
        return enumerate(SYSFS, USB_CLASSES_HID, ret);
}

int usb_enumerate(UsbHidList *ret) {
        return enumerate(SYSFS, USB_CLASSES_ALL, ret);
}

void usb_hid_list_done(UsbHidList *l) {
        for (size_t i = 0; i < l->n_devices; i++)
                device_done(&l->devices[i]);
        free(l->devices);
        *l = (UsbHidList) {};
}

UsbHidDevice *usb_hid_device_free(UsbHidDevice *d) {
        if (!d)
                return NULL;

        device_done(d);
        free(d);
        return NULL;
}

/* Takes one out of the list; the others are freed. */
static int list_take(UsbHidList *l, size_t i, UsbHidDevice **ret) {
        UsbHidDevice *d = new(UsbHidDevice, 1);

        if (d) {
                *d = l->devices[i];
                l->devices[i] = (UsbHidDevice) {};
        }
        usb_hid_list_done(l);
        if (!d)
                return -ENOMEM;

        *ret = d;
        return 0;
}

static bool has_name(const UsbHidDevice *d, const char *node) {
        return streq_ptr(d->usbfs, node) ||
                (d->hidraw && (streq(d->hidraw, node) || streq(d->hidraw + strlen("/dev/"), node)));
}

static bool has_number(const UsbHidDevice *d, dev_t number) {
        return (d->hidraw && d->hidraw_number == number) || d->usbfs_number == number;
}

static int find_number(UsbClasses classes, dev_t number, UsbHidDevice **ret) {
        UsbHidList l = {};
        int r;

        r = enumerate(SYSFS, classes, &l);
        if (r < 0)
                return r;
        for (size_t i = 0; i < l.n_devices; i++)
                if (has_number(&l.devices[i], number))
                        return list_take(&l, i, ret);

        usb_hid_list_done(&l);
        return -ENODEV;
}

static int find_node(UsbClasses classes, const char *node, UsbHidDevice **ret) {
        UsbHidList l = {};
        struct stat st;
        int r;

        r = enumerate(SYSFS, classes, &l);
        if (r < 0)
                return r;
        for (size_t i = 0; i < l.n_devices; i++)
                if (has_name(&l.devices[i], node))
                        return list_take(&l, i, ret);

        usb_hid_list_done(&l);
        if (stat(node, &st) < 0)
                return -errno;
        return S_ISCHR(st.st_mode) ? find_number(classes, st.st_rdev, ret) : -ENODEV;
}

int usb_hid_find_number(dev_t number, UsbHidDevice **ret) {
        return find_number(USB_CLASSES_HID, number, ret);
}

int usb_hid_find_node(const char *node, UsbHidDevice **ret) {
        return find_node(USB_CLASSES_HID, node, ret);
}

int usb_find_number(dev_t number, UsbHidDevice **ret) {
        return find_number(USB_CLASSES_ALL, number, ret);
}

int usb_find_node(const char *node, UsbHidDevice **ret) {
        return find_node(USB_CLASSES_ALL, node, ret);
}
