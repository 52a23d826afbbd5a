/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Identities of messages an operator may look for. Each has its entry in conf/busbar.catalog; a test
 * compares. */

#define MESSAGE_DEVICE_FRESH_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a01"
#define MESSAGE_DEVICE_STALE_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a02"
#define MESSAGE_DEVICE_ABSENT_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a03"
#define MESSAGE_VARIABLE_SET_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a04"
#define MESSAGE_COMMAND_RUN_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a05"
#define MESSAGE_ACCESS_DENIED_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a06"
#define MESSAGE_FORCED_SHUTDOWN_SET_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a07"
#define MESSAGE_FORCED_SHUTDOWN_CLEARED_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a08"
#define MESSAGE_CONFIG_REFUSED_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a09"
#define MESSAGE_CLIENT_LOGIN_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a0a"
#define MESSAGE_CLIENT_REFUSED_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a0b"
#define MESSAGE_BUS_LOST_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a0c"
#define MESSAGE_DEVICE_HUNG_STR "5b1f0d2a6c8e4e0d9a3c1f7be2d40a0d"
