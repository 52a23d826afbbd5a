/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names on the bus, in one place. */

/* Marker: each driver queues for it so that one policy rule covers all; nobody addresses it. */
#define BUS_NAME_DRIVER "org.busbar.Driver"
#define BUS_NAME_GATEWAY "org.busbar.Gateway1"
#define BUS_NAME_MONITOR "org.busbar.Monitor1"

#define BUS_PATH_ROOT "/org/busbar"
#define BUS_PATH_DEVICE "/org/busbar/device"
#define BUS_PATH_GATEWAY "/org/busbar/Gateway1"
#define BUS_PATH_MONITOR "/org/busbar/Monitor1"

#define BUS_INTERFACE_DEVICE "org.busbar.Device1"
#define BUS_INTERFACE_VARIABLES "org.busbar.Variables1"
#define BUS_INTERFACE_COMMANDS "org.busbar.Commands1"
#define BUS_INTERFACE_OUTLET "org.busbar.Outlet1"
#define BUS_INTERFACE_MEMBER "org.busbar.Member1"
#define BUS_INTERFACE_GATEWAY "org.busbar.Gateway1"
#define BUS_INTERFACE_MONITOR "org.busbar.Monitor1"

#define BUS_ERROR_NOT_SUPPORTED "org.busbar.Error.NotSupported"
#define BUS_ERROR_READ_ONLY "org.busbar.Error.ReadOnly"
#define BUS_ERROR_INVALID_VALUE "org.busbar.Error.InvalidValue"
#define BUS_ERROR_TOO_LONG "org.busbar.Error.TooLong"
#define BUS_ERROR_STALE "org.busbar.Error.Stale"
#define BUS_ERROR_ABSENT "org.busbar.Error.Absent"
#define BUS_ERROR_BUSY "org.busbar.Error.Busy"
#define BUS_ERROR_FAILED "org.busbar.Error.Failed"

/* polkit actions, by consequence; defined in dbus/org.busbar.policy. */
#define POLKIT_CONFIGURE "org.busbar.configure"
#define POLKIT_TEST "org.busbar.test"
#define POLKIT_SWITCH_OUTLET "org.busbar.switch-outlet"
#define POLKIT_POWER_OFF "org.busbar.power-off"
#define POLKIT_FORCE_SHUTDOWN "org.busbar.force-shutdown"
#define POLKIT_CANCEL_SHUTDOWN "org.busbar.cancel-shutdown"

/* Users that may write without polkit, as far as they exist; see sysusers. */
#define USER_GATEWAY "busbar-gateway"
#define USER_MONITOR "busbar-monitor"

/* The user of all drivers, who may not: see bus_gate_trusts(). */
#define USER_DRIVER "busbar-driver"

/* What Details() says of a variable: its name, the flags, the maximum length or 0, enumeration, ranges. */
#define BUS_DETAIL_TYPES "suuasa(xx)"
#define BUS_DETAIL_WRITABLE  (UINT32_C(1) << 0)
#define BUS_DETAIL_STRING    (UINT32_C(1) << 1)
#define BUS_DETAIL_IMMUTABLE (UINT32_C(1) << 2)
