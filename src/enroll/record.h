/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* Which name belongs to which device, as it is kept on the disk. */

/* Devices that were seen last are kept. */
#define RECORDS_MAX 256U
#define RECORD_TEXT_MAX 255U

/* That of a record without one, which is what those of earlier versions are. */
#define RECORD_DRIVER "usbhid-ups"

/* What tells a device from others of its model. */
typedef struct DeviceKey {
        uint16_t vendor_id, product_id;
        char *serial; /* NULL when it has none to tell it by */
        char *place;  /* of the physical port */
} DeviceKey;

typedef struct Record {
        char *name;
        DeviceKey key;
        char *description; /* vendor and model, or NULL */
        char *driver;      /* that serves it, unless a section says; NULL: RECORD_DRIVER */
        bool twin;         /* others have the same serial: the place decides */
        bool section;      /* the name is that of a section of ups.conf */
} Record;

typedef struct Records {
        Record *records; /* those seen last come first */
        size_t n_records, n_allocated;
} Records;

void device_key_done(DeviceKey *k);
int device_key_copy(const DeviceKey *k, DeviceKey *ret);

/* Whether a serial number tells a device from others: many have none, or one that all of its kind have. */
bool serial_is_usable(const char *serial) _pure_;

/* A text as it comes back from the file: in new memory, printable ASCII, of bounded length. */
char *record_text(const char *s);

/* Whether the two are of one model and have the same serial, or both none. */
bool device_key_same_kind(const DeviceKey *a, const DeviceKey *b) _pure_;

void record_done(Record *r);
void enroll_records_done(Records *r);
int records_copy(const Records *r, Records *ret);

/* By name, ignoring case; or of the same device, whatever its name is. -1 for none. */
ssize_t records_find_name(const Records *r, const char *name) _pure_;
ssize_t records_find_device(const Records *r, const Record *device) _pure_;

/* Puts a record first, which is taken over on success; when there are too many, the last one goes that
 * was at its place and is not in ups.conf, else the last one. */
int records_add(Records *r, Record *record);
void records_remove(Records *r, size_t i);
void records_move_to_front(Records *r, size_t i);

/* Adds to r what other has of devices and of names that r does not know. */
int records_merge(Records *r, const Records *other);

/* Reads the text of a file. What makes no sense is reported and left out; *ret_bad says whether there was
 * such. */
int records_parse(const char *file, const char *data, size_t n, ConfReport report, void *userdata,
                Records *ret, bool *ret_bad);

/* The text of a file, in new memory; NULL without. */
char *records_format(const Records *r);
