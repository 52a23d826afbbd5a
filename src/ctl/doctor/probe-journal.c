/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <systemd/sd-id128.h>
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
static int match(sd_journal *j, const char *unit, const char *invocation) {
        static const char *const priorities[] = {
                "PRIORITY=0", "PRIORITY=1", "PRIORITY=2", "PRIORITY=3", "PRIORITY=4"};
        _cleanup_free_ char *term = strjoin("_SYSTEMD_UNIT=", unit);
        char boot[SD_ID128_STRING_MAX];
        _cleanup_free_ char *boot_term = NULL, *start_term = NULL;
        sd_id128_t id;
        int r = sd_id128_get_boot(&id);

        if (r < 0)
                return r;
        boot_term = strjoin("_BOOT_ID=", sd_id128_to_string(id, boot));
        start_term = strjoin("_SYSTEMD_INVOCATION_ID=", strempty(invocation));
        r = term && boot_term && start_term ? sd_journal_add_match(j, term, 0) : -ENOMEM;
        if (r >= 0)
                r = sd_journal_add_match(j, boot_term, 0);
        if (r >= 0 && invocation)
                r = sd_journal_add_match(j, start_term, 0);
        for (size_t i = 0; i < ELEMENTSOF(priorities) && r >= 0; i++)
                r = sd_journal_add_match(j, priorities[i], 0);
        return r;
}

/* How it was started last has an id, which its messages have as well. */
static char *read_invocation(Doctor *d, const Unit *u) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char text[SD_ID128_STRING_MAX];
        const void *bytes;
        sd_id128_t id;
        size_t n;

        if (d->systemd_error < 0 ||
                sd_bus_get_property(d->ctl->bus, "org.freedesktop.systemd1", u->path,
                        "org.freedesktop.systemd1.Unit", "InvocationID", NULL, &m, "ay") < 0 ||
                sd_bus_message_read_array(m, 'y', &bytes, &n) < 0 || n != sizeof(id))
                return NULL;
        memcpy(&id, bytes, sizeof(id));
        return sd_id128_is_null(id) ? NULL : strdup(sd_id128_to_string(id, text));
}

char *doctor_last_log(Doctor *d, const Unit *u) {
        _cleanup_free_ char *invocation = read_invocation(d, u);
        _cleanup_(closep_journal) sd_journal *j = NULL;

        if (sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return NULL;
        if (match(j, u->name, invocation) < 0 || sd_journal_seek_tail(j) < 0 || sd_journal_previous(j) <= 0)
                return NULL;
        return read_field(j, "MESSAGE");
}
