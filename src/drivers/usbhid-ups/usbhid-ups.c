/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usbhid-ups.h"

#include "usb-find.h"
#include "usb-search.h"

typedef struct UsbState {
        HidDriver *hid; /* NULL when the device was not found */
} UsbState;

static HidDriver *driver_of(Device *d) {
        return ((UsbState *) device_state(d))->hid;
}

static int usb_start(Device *d, Update *u) {
        UsbState *s = device_state(d);
        int r;

        if (device_option_boolean(d, "winhid") && !device_is_retry(d))
                (void) log_device(d, LOG_WARNING, 0, "winhid has no meaning on this system.");

        r = usb_find_open(d, &s->hid);
        return r < 0 ? r : hid_driver_start(s->hid, u);
}

static int usb_poll(Device *d, PollSet what, Update *u) {
        return hid_driver_poll(driver_of(d), what, u);
}

static int usb_event(Device *d, Update *u) {
        return hid_driver_event(driver_of(d), u);
}

static int usb_set(Device *d, const char *variable, const char *value, Update *u) {
        return hid_driver_set(driver_of(d), variable, value, u);
}

static int usb_command(Device *d, const char *command, const char *argument, Update *u) {
        return hid_driver_command(driver_of(d), command, argument, u);
}

static void usb_stop(Device *d) {
        UsbState *s = device_state(d);

        s->hid = hid_driver_free(s->hid);
}

static Transport usb_transport(const Device *d) {
        _cleanup_free_ char *recording = NULL;

        return usb_search_recording(d, &recording) >= 0 && recording ? TRANSPORT_FILE : TRANSPORT_USB;
}

static const char *const links[] = { "hidraw", "libusb", NULL };

static const Option options[] = { HID_DRIVER_OPTIONS,
        USB_SEARCH_OPTIONS,
        { "link", OPTION_ENUM, .values = links,
                        .help = "how to speak to it: by the kernel's driver or past it" },
        { "usb_set_altinterface", OPTION_STRING, .help = "libusb: alternate setting to select" },
        { "usb_config_index", OPTION_STRING, .help = "libusb: configuration to look at, hexadecimal" },
        { "usb_hid_rep_index", OPTION_STRING, .help = "libusb: number of the interface, hexadecimal" },
        { "usb_hid_desc_index", OPTION_STRING, .help = "libusb: which report descriptor, hexadecimal" },
        { "usb_hid_ep_in", OPTION_STRING, .help = "libusb: endpoint to read from, hexadecimal" },
        { "usb_hid_ep_out", OPTION_STRING,
                        .help = "of no effect, as in NUT: nothing is written to endpoints" },
        { "interruptsize", OPTION_INTEGER, NULL, 1, HID_REPORT_SIZE_MAX,
                        .help = "libusb: bytes to ask for when reading what the device sends by itself" },
        { "waitbeforereconnect", OPTION_INTEGER, NULL, 0, 3600,
                        .help = "seconds to wait before the device is opened anew; the same as retrydelay" },
        { "winhid", OPTION_FLAG, .help = "of no effect: for another operating system" }, {} };

const Driver usbhid_ups_driver = {
        .name = "usbhid-ups",
        .description = "Driver for USB UPS that follow the HID standard",
        .version = "1.0",
        .transport = TRANSPORT_USB,
        .transport_of = usb_transport,
        .io = IO_BLOCKING,
        .state_size = sizeof(UsbState),
        .options = options,
        .start = usb_start,
        .poll = usb_poll,
        .event = usb_event,
        .set = usb_set,
        .command = usb_command,
        .power_off_commands = HID_DRIVER_POWER_OFF_COMMANDS,
        .stop = usb_stop,
};
