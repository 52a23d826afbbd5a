/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "hid-engine.h"

/* What the drivers on the HID engine have in common: it joins the kit (a Device with options and hooks) with
 * the engine (a link and a profile). A driver finds its device and opens a link; the rest is here. */

typedef struct HidDriver HidDriver;

/* Options of these drivers, for their tables. They have no initial values, as those are the profile's to
 * say. */
#define HID_DRIVER_OPTIONS                                                                                 \
        { "lowbatt", OPTION_INTEGER, NULL, 0, 100,                                                         \
          .help = "battery charge in percent that is low; written to the device" },                        \
        { "offdelay", OPTION_INTEGER, NULL, 0, INT32_MAX,                                                  \
          .help = "seconds from the shutdown command until the load is cut" },                             \
        { "ondelay", OPTION_INTEGER, NULL, -1, INT32_MAX,                                                  \
          .help = "seconds from the shutdown command until the load may come back" },                      \
        { "pollonly", OPTION_FLAG, .help = "do not use what the device sends by itself" },                 \
        { "interrupt_pipe_no_events_tolerance", OPTION_INTEGER, "-1", -1, INT32_MAX,                       \
          .help = "polls without news from the device until it is opened anew; -1: never" },               \
        { "onlinedischarge", OPTION_FLAG, .help = "the same as onlinedischarge_onbattery" },               \
        { "onlinedischarge_onbattery", OPTION_FLAG,                                                        \
          .help = "online and discharging at once means that mains failed" },                              \
        { "onlinedischarge_calibration", OPTION_FLAG,                                                      \
          .help = "online and discharging at once means a calibration" },                                  \
        { "onlinedischarge_log_throttle_sec", OPTION_INTEGER, NULL, -INT32_MAX, INT32_MAX,                 \
          .help = "seconds between two warnings that it is online and discharging; negative: one" },       \
        { "onlinedischarge_log_throttle_hovercharge", OPTION_INTEGER, "100", 0, 100,                       \
          .help = "charge in percent from which on changes of it cause no such warning" },                 \
        { "lbrb_log_delay_sec", OPTION_INTEGER, "0", 0, 86400,                                             \
          .help = "seconds that a low or bad battery must last to be believed while there are mains" },    \
        { "lbrb_log_delay_without_calibrating", OPTION_FLAG,                                               \
          .help = "let that delay hold also while no calibration is running" },                            \
        { "disable_fix_report_desc", OPTION_FLAG,                                                          \
          .help = "take the device's description of itself without corrections" },                         \
        { "powercom_sdcmd_byte_order_fallback", OPTION_FLAG,                                               \
          .help = "Powercom: shutdown commands in the other order of bytes" },                             \
        { "powercom_sdcmd_discrete_delay", OPTION_FLAG,                                                    \
          .help = "Powercom: shutdown delays of the device's table" },                                     \
        { "subdriver", OPTION_REGEX, .help = "the profile to use, by its title or name" },                 \
        { "explore", OPTION_FLAG, .help = "show also what no profile knows, as unmapped.*" },              \
        { "maxreport", OPTION_FLAG, .help = "ask for as many bytes as a report can have" },                \
        { "interruptonly", OPTION_FLAG, .help = "use only what the device sends by itself" },              \
        { "record", OPTION_STRING, .help = "file to record all reports in; serial numbers are left out" }

/* The commands that cut the load, the first that works. */
#define HID_DRIVER_POWER_OFF_COMMANDS "shutdown.return shutdown.reboot load.off.delay shutdown.stayoff"

/* Loads the profiles; what is wrong with them is logged, once. -ENOENT when there are none at all, which is
 * logged as well. */
int hid_driver_load_profiles(const Device *d, HidProfiles *ret);

/* The profile for a device with this report descriptor. -ENODEV when there is none: it is no power device
 * that we know. -EINVAL for a bad subdriver=, which is logged, as are those that fit no profile. Without
 * descriptor (NULL) only what the device says of itself counts. The profile stays that of profiles. */
int hid_driver_choose(const Device *d, const HidProfiles *profiles, const HidIdentity *identity,
                const uint8_t *descriptor, size_t n, HidProfile **ret);

/* A link and a profile become a device; as the option record= says, all is recorded, if the file can be
 * written and the load is not being cut. Takes the link over in any case. -ENODEV: the device has nothing of
 * what the profile knows. */
int hid_driver_new(Device *d, HidLink *link, HidProfile *profile, HidDriver **ret);
HidDriver *hid_driver_free(HidDriver *h);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidDriver *, hid_driver_free);

/* The hooks of the same names. h may be NULL, but for start: then it is -ENODEV. */
int hid_driver_start(HidDriver *h, Update *u);
int hid_driver_poll(HidDriver *h, PollSet what, Update *u);
int hid_driver_event(HidDriver *h, Update *u);
int hid_driver_set(HidDriver *h, const char *variable, const char *value, Update *u);
int hid_driver_command(HidDriver *h, const char *command, const char *argument, Update *u);

/* How important a message is that says why the device cannot be had: it is news only the first time. In
 * start(). */
int hid_driver_complaint_level(const Device *d);
