/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NUTSCAN_DEVICE_H_SEEN
#define NUTSCAN_DEVICE_H_SEEN 1

#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nutscan_device_type {
        TYPE_NONE = 0,
        TYPE_USB,
        TYPE_SNMP,
        TYPE_XML,
        TYPE_NUT,
        TYPE_IPMI,
        TYPE_AVAHI,
        TYPE_EATON_SERIAL,
        TYPE_END
} nutscan_device_type_t;

/* Names of the types: "USB", "SNMP", ... */
extern const char *nutscan_device_type_strings[TYPE_END - 1];
#define nutscan_device_type_string(type) \
        (assert(0 < (type) && (type) < TYPE_END), nutscan_device_type_strings[(type) - 1])

typedef struct nutscan_options {
        char *option;
        char *value;
        struct nutscan_options *next;
} nutscan_options_t;

/* One of a list. All strings are from malloc(), and the device's. */
typedef struct nutscan_device {
        nutscan_device_type_t type;
        char *driver;
        char *port;
        nutscan_options_t *opt;
        struct nutscan_device *prev;
        struct nutscan_device *next;
} nutscan_device_t;

/* Makes an empty one; NULL without memory. */
nutscan_device_t *nutscan_new_device(void);

/* Frees the whole list that a device is in. */
void nutscan_free_device(nutscan_device_t *device);

/* Adds an option at the end; the strings are copied. */
void nutscan_add_option_to_device(nutscan_device_t *device, char *option, char *value);

/* Puts the list of second behind that of first. Returns the last of them. */
nutscan_device_t *nutscan_add_device_to_device(nutscan_device_t *first, nutscan_device_t *second);

/* The first of the list. */
nutscan_device_t *nutscan_rewind_device(nutscan_device_t *device);

#ifdef __cplusplus
}
#endif

#endif
