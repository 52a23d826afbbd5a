/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <systemd/sd-journal.h>

#include "doctor.h"
#include "string-util.h"

static void closep_journal(sd_journal **j) {
        sd_journal_close(*j);
}

static char *read_field(sd_journal *j, const char *field) {
        const void *data;
        size_t n, skip = strlen(field) + 1;

        if (sd_journal_get_data(j, field, &data, &n) < 0 || n < skip)
                return NULL;
        return strndup((const char *) data + skip, n - skip);
}

/* Only what the unit says itself: what the service manager says of it is known from its state. */
static int match(sd_journal *j, const char *unit) {
        static const char *const priorities[] = {
                "PRIORITY=0", "PRIORITY=1", "PRIORITY=2", "PRIORITY=3", "PRIORITY=4"};
        _cleanup_free_ char *term = strjoin("_SYSTEMD_UNIT=", unit);
        int r = term ? sd_journal_add_match(j, term, 0) : -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(priorities) && r >= 0; i++)
                r = sd_journal_add_match(j, priorities[i], 0);
        return r;
}

char *doctor_last_log(const char *unit) {
        _cleanup_(closep_journal) sd_journal *j = NULL;

        if (sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return NULL;
        if (match(j, unit) < 0 || sd_journal_seek_tail(j) < 0 || sd_journal_previous(j) <= 0)
                return NULL;
        return read_field(j, "MESSAGE");
}
