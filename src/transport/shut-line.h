/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"
#include "shut-frame.h"

/* A serial line that speaks SHUT: requests and their answers, with what goes wrong on the way, and the
 * reports that come in between. */

#define SHUT_REPORTS_MAX 16U
#define SHUT_REPORT_MAX 256U

/* The head of a request, as that of a control transfer on USB. */
typedef struct ShutSetup {
        uint8_t type, request;
        uint16_t value, length;
} ShutSetup;

typedef struct ShutReport {
        uint16_t n;
        uint8_t data[SHUT_REPORT_MAX];
} ShutReport;

typedef struct ShutLine {
        int tty_fd;
        int report_fd;         /* an event counter above 0 while there are reports */
        uint64_t timeout_usec; /* for one request, without the time that its bytes take */
        ShutToken sync;
        bool lost; /* something went wrong, so say hello before anything else */
        uint8_t in[64];
        size_t n_in;
        ShutReport partial; /* the one that is coming in */
        bool skip;          /* its frames count for nothing, as one was not understood */
        ShutFrame noted;    /* the last frame of a report, and when it came */
        uint64_t noted_usec;
        bool noted_alone;   /* it was a report by itself */
        uint16_t sizes[UINT8_MAX + 1]; /* of reports, at most, by their ids; all 0 for not known */
        ShutReport reports[SHUT_REPORTS_MAX];
        size_t first_report, n_reports;
} ShutLine;

/* Says hello, which also chooses what is sent unasked, and waits until the device says the same. Forgets
 * what has come in. -ETIMEDOUT; -ENODEV when the line is no more; -EINTR. */
int shut_synchronise(ShutLine *s, ShutToken level);

/* Asks for up to size bytes, or with out sends setup->length of them, again and again as long as there is
 * time. Returns the bytes of the answer. Errors as above, -EPIPE when the device refuses, and -EIO. */
int shut_transfer(ShutLine *s, const ShutSetup *setup, const uint8_t *out, uint8_t *in, size_t size);

/* The next report that came unasked; 0 for none. Does not wait for more. */
int shut_next_report(ShutLine *s, uint8_t *buffer, size_t size);
