/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text of the armed flag, by which the monitor tells the very last program of a shutdown which devices
 * are to cut the power. Writer and reader share this. The text is strict and canonical: what this parser
 * takes is what this writer makes, byte for byte.
 *
 *      busbar-armed 1
 *      boot <boot id, 32 lower case hexadecimal digits>
 *      time <microseconds of CLOCK_BOOTTIME>
 *      wait <seconds>
 *      device <sdorder> <driver> <name>
 *      node <path>
 *
 * in this order, each line ended by a newline, words separated by one blank, "device" at least once, each
 * followed by its nodes, if any. A name has \xNN for each byte but A-Z a-z 0-9 . _ @ : and -. */

#define ARMED_FLAG_SIZE_MAX (64U * 1024U)
#define ARMED_FLAG_WAIT_MAX 75U
#define ARMED_FLAG_DEVICES_MAX 64U
#define ARMED_FLAG_NODES_MAX 2U
#define ARMED_FLAG_AGE_MAX_USEC (UINT64_C(6) * 3600 * 1000000)

typedef struct ArmedDevice {
        int32_t sdorder; /* -1: never commanded; else in ascending order, equal ones together */
        char driver[64]; /* name of the program, no path */
        char name[256];
        char nodes[ARMED_FLAG_NODES_MAX][128]; /* those below /dev that the driver cannot open itself */
        size_t n_nodes;
} ArmedDevice;

/* Holds everything itself: nothing to free. Large for a stack frame of a deep call chain. */
typedef struct ArmedFlag {
        char boot_id[33];
        uint64_t time_usec;
        unsigned wait_sec;
        ArmedDevice devices[ARMED_FLAG_DEVICES_MAX];
        size_t n_devices;
} ArmedFlag;

/* Boot id as in the flag from the text of /proc/sys/kernel/random/boot_id, with or without dashes and
 * newline. -EINVAL if it is not one. */
int armed_flag_boot_id(const char *text, char ret[static 33]);

/* Starts a flag without devices, for the boot id that armed_flag_boot_id() gave. A wait beyond the limit is
 * cut. -EINVAL if it is not a boot id. */
int armed_flag_init(ArmedFlag *f, const char *boot_id, uint64_t time_usec, unsigned wait_sec);

/* Adds a device; *ret is it (ret may be NULL). -EINVAL: not a possible driver or name, or sdorder below -1;
 * -E2BIG: too many. Nothing is added then. */
int armed_flag_add(ArmedFlag *f, int32_t sdorder, const char *driver, const char *name, ArmedDevice **ret);

/* Adds a device node, an absolute path below /dev in which no part is empty or begins with a dot.
 * -EINVAL: not such a path; -E2BIG: too many. */
int armed_device_add_node(ArmedDevice *d, const char *path);

/* Writes the text, with a NUL behind it that does not count, and its length. -EINVAL: no devices; -E2BIG:
 * does not fit, or is larger than a flag may be. ARMED_FLAG_SIZE_MAX + 1 bytes hold any text that is
 * allowed. */
int armed_flag_format(const ArmedFlag *f, char *buf, size_t size, size_t *ret_length);

/* Reads a text of any bytes. -EINVAL: anything but a flag; -E2BIG: larger than allowed. *ret is undefined
 * then. */
int armed_flag_parse(const char *text, size_t length, ArmedFlag *ret);

/* Whether a flag is still meant, in the boot of this id, at now_usec of CLOCK_BOOTTIME: of this boot, not of
 * the future, and not older than ARMED_FLAG_AGE_MAX_USEC. */
bool armed_flag_is_current(const ArmedFlag *f, const char *boot_id, uint64_t now_usec);
