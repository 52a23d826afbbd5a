/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"
#include "model.h"

/* What busbarctl report puts into a file: a recording of a device, with a comment at its beginning. */

typedef struct Report {
        const char *path;   /* of the file */
        const char *device; /* its name */
        const char *driver; /* or NULL */
        const Model *model; /* its variables, or NULL */
        const HidProfile *profile; /* or NULL */
        bool redact;
        bool listen; /* for what the device sends by itself */
} Report;

/* Asks a device for all that its descriptor names, once, and for its strings; nothing is sent to it. Takes
 * the link over. *ret_n is the number of reports that were answered. -ENODATA: none was. */
int report_record(const Report *report, HidLink *link, size_t *ret_n);

/* Whether a variable tells who somebody is, or where. */
bool report_is_private(const char *variable) _pure_;
