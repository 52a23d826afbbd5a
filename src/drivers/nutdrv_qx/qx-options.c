/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qx-options.h"

#include "line-driver.h"
#include "usb-search.h"

static const char *const cable_powers[] = { "normal", "reverse", "both", "none", NULL };
static const char *const switches[] = { "enabled", "disabled", NULL };
static const char *const work_ranges[] = { "Appliance", "UPS", NULL };
static const char *const phase_angles[] = { "000", "120", "180", "240", NULL };
static const char *const series[] = { "A", "E", NULL };

#define PROTOCOL_OPTION                                                                                    \
        { "protocol", OPTION_STRING, .help = "the protocol; without it, it is found out" }

#define SERIAL_OPTIONS                                                                                     \
        { "cablepower", OPTION_ENUM, "normal", .values = cable_powers,                                     \
          .help = "serial: which of DTR and RTS are on: DTR, RTS, both or none" }

#define USB_OPTIONS                                                                                        \
        USB_SEARCH_OPTIONS,                                                                                \
        { "subdriver", OPTION_STRING, .help = "USB: how lines are sent over it" },                         \
        { "langid_fix", OPTION_STRING, .help = "USB: language id for devices that answer in strings" },    \
        { "noscanlangid", OPTION_FLAG, .help = "USB: do not look for a language id that works" },          \
        { "usb_set_altinterface", OPTION_STRING, .help = "USB: alternate setting to select" },             \
        { "usb_config_index", OPTION_STRING, .help = "USB: configuration to look at, hexadecimal" },       \
        { "usb_hid_rep_index", OPTION_STRING, .help = "USB: number of the interface, hexadecimal" },       \
        { "usb_hid_desc_index", OPTION_STRING, .help = "of no effect: no report descriptor is read" },     \
        { "usb_hid_ep_in", OPTION_STRING, .help = "USB: endpoint to read from, hexadecimal" },             \
        { "usb_hid_ep_out", OPTION_STRING, .help = "of no effect, as in NUT" }

#define RATING_OPTIONS                                                                                     \
        { "norating", OPTION_FLAG, .help = "do not ask for ratings" },                                     \
        { "novendor", OPTION_FLAG, .help = "do not ask for vendor and model" }

#define SWITCH(name_, help_)                                                                               \
        { name_, OPTION_ENUM, .values = switches, .help = help_ }

const Option qx_options[] = {
        PROTOCOL_OPTION,
        LINE_DRIVER_OPTIONS,
        LINE_DRIVER_DELAYS,
        { "stayoff", OPTION_FLAG, .help = "cut the load so that it stays off when mains return" },
        RATING_OPTIONS,
        { "nooutstats", OPTION_FLAG, .help = "do not ask for loads of the output" },
        { "ignoresab", OPTION_FLAG, .help = "do not believe the device that a shutdown is under way" },
        SERIAL_OPTIONS,
        USB_OPTIONS,

        /* bestups */
        { "pins_shutdown_mode", OPTION_INTEGER, NULL, 0, 6,
          .help = "bestups: what pins 1 and 7 of the plug do" },

        /* masterguard */
        { "series", OPTION_ENUM, .values = series, .help = "of no effect: the device says it" },
        { "slave_address", OPTION_INTEGER, NULL, 0, 99,
          .help = "masterguard: ups.id that the device has to have" },
        { "slave_addr", OPTION_INTEGER, NULL, 0, 99, .help = "the same as slave_address" },
        { "input_fault_voltage", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "number_of_battery_cells", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "nominal_cell_voltage", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "runtime_half", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "runtime_full", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "recharge_time", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "output_voltages", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "fault_1", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "fault_2", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "fault_3", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "fault_4", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "fault_5", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "experimental.battery.ageing.factor", OPTION_STRING, .help = "of no effect, as in NUT" },
        { "experimental.battery.calibration.factor", OPTION_STRING, .help = "of no effect, as in NUT" },

        /* voltronic, voltronic-axpert */
        { "reset_to_default", OPTION_FLAG, .help = "voltronic: set what can be set to what is safe" },
        SWITCH("alarm_control", "voltronic: beeper"),
        SWITCH("bypass_alarm", "voltronic: beeper while on bypass"),
        SWITCH("battery_alarm", "voltronic: beeper while on battery"),
        SWITCH("bypass_when_off", "voltronic: feed the load from mains while the UPS is off"),
        SWITCH("bypass_forbidding", "voltronic: never go to bypass"),
        SWITCH("converter_mode", "voltronic: constant output frequency"),
        SWITCH("eco_mode", "voltronic: bypass while mains are good"),
        SWITCH("advanced_eco_mode", "voltronic: likewise, with the inverter off"),
        SWITCH("battery_open_status_check", "voltronic: look for the battery when turned on"),
        SWITCH("site_fault_detection", "voltronic: beep when phase and neutral are exchanged"),
        SWITCH("constant_phase_angle", "voltronic: output may be out of phase"),
        SWITCH("limited_runtime_on_battery", "voltronic: end on battery after some time"),
        { "max_bypass_volt", OPTION_INTEGER, NULL, 0, 999, .help = "voltronic: highest voltage of bypass" },
        { "min_bypass_volt", OPTION_INTEGER, NULL, 0, 999, .help = "voltronic: lowest voltage of bypass" },
        { "max_bypass_freq", OPTION_STRING, .help = "voltronic: highest frequency of bypass" },
        { "min_bypass_freq", OPTION_STRING, .help = "voltronic: lowest frequency of bypass" },
        { "work_range_type", OPTION_ENUM, .values = work_ranges,
          .help = "voltronic P31: which mains are good" },
        { "output_phase_angle", OPTION_ENUM, .values = phase_angles,
          .help = "voltronic: phase of the output" },
        { "battery_number", OPTION_INTEGER, NULL, 1, 9, .help = "voltronic: batteries that make a pack" },
        { "testing", OPTION_FLAG, .help = "of no effect: what NUT asks with it is not known to be safe" },
        {}
};

const Option qx_blazer_ser_options[] = {
        PROTOCOL_OPTION,
        LINE_DRIVER_OPTIONS,
        LINE_DRIVER_DELAYS,
        RATING_OPTIONS,
        SERIAL_OPTIONS,
        {},
};

const Option qx_blazer_usb_options[] = {
        PROTOCOL_OPTION,
        LINE_DRIVER_OPTIONS,
        LINE_DRIVER_DELAYS,
        RATING_OPTIONS,
        USB_OPTIONS,
        {},
};

const Option qx_bestups_options[] = {
        LINE_DRIVER_OPTIONS,
        LINE_DRIVER_DELAYS,
        { "nombattvolt", OPTION_STRING, .help = "voltage of the full battery" },
        { "battvoltmult", OPTION_INTEGER, NULL, 1, 1000,
          .help = "what the voltage of the battery has to be multiplied by" },
        { "ID", OPTION_STRING, .help = "what the device would say of itself if it could" },
        {}
};

const Option qx_masterguard_options[] = {
        LINE_DRIVER_OPTIONS,
        LINE_DRIVER_DELAYS,
        { "CS", OPTION_FLAG, .help = "stop a shutdown that is under way, when the device is opened" },
        {}
};
