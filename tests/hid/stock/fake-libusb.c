/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <libusb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Stands in for libusb under the stock driver, with one device that is played from a folder:
 * $FAKE_USB_FOLDER holds report_descriptor.bin and feature_reports.hex, $FAKE_USB_ID is "vid:pid",
 * $FAKE_USB_STRINGS "manufacturer|product|serial". A report that the folder does not have is refused.
 * What the driver sets is remembered, and written as a line to $FAKE_USB_LOG. There is no bus here: this is
 * for comparing what drivers make of the same bytes, and the virtual machine has the real thing. */

#define DESCRIPTOR_MAX 65536
#define REPORT_MAX 4096

typedef struct Device {
        bool loaded;
        unsigned char descriptor[DESCRIPTOR_MAX];
        size_t descriptor_size;
        unsigned char reports[256][REPORT_MAX];
        size_t sizes[256];
        char strings[4][256];
        unsigned vendor, product;
} Device;

static Device device;
static struct libusb_endpoint_descriptor endpoint;
static struct libusb_interface_descriptor interface_descriptor;
static struct libusb_interface interface;
static struct libusb_config_descriptor config;
static unsigned char hid_descriptor[9];

static FILE *open_in_folder(const char *name) {
        char path[4096];

        (void) snprintf(path, sizeof(path), "%s/%s", getenv("FAKE_USB_FOLDER") ?: ".", name);
        return fopen(path, "r");
}

static void load_reports(FILE *f) {
        char *line = NULL;
        size_t space = 0;

        while (getline(&line, &space, f) > 0) {
                unsigned char bytes[REPORT_MAX];
                size_t n = 0;

                for (char *p = line; n < sizeof(bytes) && isxdigit((unsigned char) *p);) {
                        bytes[n++] = (unsigned char) strtoul(p, &p, 16);
                        p += strspn(p, " ");
                }
                if (n == 0)
                        continue;
                memcpy(device.reports[bytes[0]], bytes, n);
                device.sizes[bytes[0]] = n;
        }
        free(line);
}

static void load(void) {
        const char *strings = getenv("FAKE_USB_STRINGS") ?: "", *id = getenv("FAKE_USB_ID") ?: "0:0";
        FILE *f = open_in_folder("report_descriptor.bin");
        char *end;

        device.loaded = true;
        if (f) {
                device.descriptor_size = fread(device.descriptor, 1, sizeof(device.descriptor), f);
                (void) fclose(f);
        }
        f = open_in_folder("feature_reports.hex");
        if (f) {
                load_reports(f);
                (void) fclose(f);
        }
        for (unsigned i = 1; i <= 3; i++) {
                size_t n = strcspn(strings, "|");

                (void) snprintf(device.strings[i], sizeof(device.strings[i]), "%.*s", (int) n, strings);
                strings += n + (strings[n] == '|');
        }
        device.vendor = (unsigned) strtoul(id, &end, 16);
        device.product = *end == ':' ? (unsigned) strtoul(end + 1, NULL, 16) : 0;
}

int libusb_init(libusb_context **ctx) {
        if (ctx)
                *ctx = NULL;
        if (!device.loaded)
                load();
        return 0;
}

void libusb_exit(libusb_context *ctx) {}

ssize_t libusb_get_device_list(libusb_context *ctx, libusb_device ***list) {
        *list = calloc(2, sizeof(**list));
        if (!*list)
                return LIBUSB_ERROR_NO_MEM;
        (*list)[0] = (libusb_device *) &device;
        return 1;
}

void libusb_free_device_list(libusb_device **list, int unref_devices) {
        free(list);
}

int libusb_get_device_descriptor(libusb_device *dev, struct libusb_device_descriptor *d) {
        *d = (struct libusb_device_descriptor) {
                .bLength = 18, .bDescriptorType = LIBUSB_DT_DEVICE, .bcdUSB = 0x0110,
                .bMaxPacketSize0 = 8, .idVendor = (uint16_t) device.vendor,
                .idProduct = (uint16_t) device.product, .bcdDevice = 0x0100,
                .iManufacturer = device.strings[1][0] ? 1 : 0, .iProduct = device.strings[2][0] ? 2 : 0,
                .iSerialNumber = device.strings[3][0] ? 3 : 0, .bNumConfigurations = 1,
        };
        return 0;
}

int libusb_get_config_descriptor(libusb_device *dev, uint8_t i, struct libusb_config_descriptor **ret) {
        size_t n = device.descriptor_size;

        memcpy(hid_descriptor,
               (unsigned char[]) { 9, 0x21, 0x10, 1, 0, 1, 0x22, n & 0xff, (n >> 8) & 0xff }, 9);
        endpoint = (struct libusb_endpoint_descriptor) {
                .bLength = 7, .bDescriptorType = LIBUSB_DT_ENDPOINT, .bEndpointAddress = 0x81,
                .bmAttributes = LIBUSB_TRANSFER_TYPE_INTERRUPT, .wMaxPacketSize = 8, .bInterval = 10,
        };
        interface_descriptor = (struct libusb_interface_descriptor) {
                .bLength = 9, .bDescriptorType = LIBUSB_DT_INTERFACE, .bNumEndpoints = 1,
                .bInterfaceClass = LIBUSB_CLASS_HID, .endpoint = &endpoint,
                .extra = hid_descriptor, .extra_length = 9,
        };
        interface = (struct libusb_interface) {
                .altsetting = &interface_descriptor, .num_altsetting = 1,
        };
        config = (struct libusb_config_descriptor) {
                .bLength = 9, .bDescriptorType = LIBUSB_DT_CONFIG, .bNumInterfaces = 1,
                .interface = &interface,
        };
        *ret = &config;
        return 0;
}

void libusb_free_config_descriptor(struct libusb_config_descriptor *c) {}

int libusb_open(libusb_device *dev, libusb_device_handle **ret) {
        *ret = (libusb_device_handle *) dev;
        return 0;
}

void libusb_close(libusb_device_handle *h) {}

uint8_t libusb_get_bus_number(libusb_device *dev) {
        return 1;
}

uint8_t libusb_get_device_address(libusb_device *dev) {
        return 4;
}

uint8_t libusb_get_port_number(libusb_device *dev) {
        return 1;
}

static int put(unsigned char *data, size_t space, const void *from, size_t n) {
        n = n < space ? n : space;
        memcpy(data, from, n);
        return (int) n;
}

static int set_report(unsigned id, const unsigned char *data, size_t n) {
        const char *path = getenv("FAKE_USB_LOG");
        FILE *f = path ? fopen(path, "a") : NULL;

        if (f) {
                (void) fprintf(f, "set");
                for (size_t i = 0; i < n; i++)
                        (void) fprintf(f, " %02x", data[i]);
                (void) fprintf(f, "\n");
                (void) fclose(f);
        }
        if (device.sizes[id] == 0)
                return LIBUSB_ERROR_PIPE;
        memcpy(device.reports[id], data, n < REPORT_MAX ? n : REPORT_MAX);
        return (int) n;
}

int libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request, uint16_t value,
                uint16_t index, unsigned char *data, uint16_t n, unsigned int timeout) {
        unsigned id = value & 0xff;

        if (type == 0x81 && request == LIBUSB_REQUEST_GET_DESCRIPTOR && value >> 8 == LIBUSB_DT_HID)
                return put(data, n, hid_descriptor, sizeof(hid_descriptor));
        if (type == 0x81 && request == LIBUSB_REQUEST_GET_DESCRIPTOR && value >> 8 == LIBUSB_DT_REPORT)
                return put(data, n, device.descriptor, device.descriptor_size);
        if (type == 0xa1 && request == 1 && value >> 8 == 3 && device.sizes[id] > 0)
                return put(data, n, device.reports[id], device.sizes[id]);
        if (type == 0x21 && request == 9 && value >> 8 == 3)
                return set_report(id, data, n);
        return LIBUSB_ERROR_PIPE;
}

int libusb_get_string_descriptor_ascii(libusb_device_handle *h, uint8_t index, unsigned char *data, int n) {
        if (index < 1 || index > 3 || !device.strings[index][0])
                return LIBUSB_ERROR_PIPE;
        return put(data, (size_t) n, device.strings[index], strlen(device.strings[index]) + 1) - 1;
}

int libusb_interrupt_transfer(libusb_device_handle *h, unsigned char ep, unsigned char *data, int n,
                int *ret, unsigned int timeout) {
        struct timespec t = { .tv_nsec = 1000000 };

        *ret = 0;
        (void) nanosleep(&t, NULL);
        return LIBUSB_ERROR_TIMEOUT;
}

int libusb_claim_interface(libusb_device_handle *h, int i) {
        return 0;
}

int libusb_clear_halt(libusb_device_handle *h, unsigned char ep) {
        return 0;
}

int libusb_detach_kernel_driver(libusb_device_handle *h, int i) {
        return 0;
}

int libusb_kernel_driver_active(libusb_device_handle *h, int i) {
        return 0;
}

int libusb_set_auto_detach_kernel_driver(libusb_device_handle *h, int enable) {
        return 0;
}

int libusb_set_interface_alt_setting(libusb_device_handle *h, int i, int alt) {
        return 0;
}

const struct libusb_version *libusb_get_version(void) {
        static const struct libusb_version version = { 1, 0, 26, 0, "", "" };

        return &version;
}

const char *libusb_strerror(int code) {
        return "refused";
}
