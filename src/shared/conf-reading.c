/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-reading.h"

#include <stdio.h>
#include <unistd.h>

#include "log.h"
#include "messages.h"
#include "string-util.h"

/*** In a service ***/

void conf_reading_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        ConfReading *f = userdata;

        if (level <= LOG_ERR)
                f->n_errors++;
        if (!f->quiet)
                conf_report_log(NULL, level, file, line, message);
}

static bool refuse(const ConfReading *f, const char *text) {
        _cleanup_free_ char *path = conf_path(f->name);

        (void) log_full(LOG_ERR, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_CONFIG_REFUSED_STR,
                                .file = path ?: f->name,
                        },
                        "%s %s", path ?: f->name, text);
        return false;
}

bool conf_reading_accept(const ConfReading *f, int r, bool exists) {
        if (r < 0)
                return refuse(f, f->first ? "cannot be read, going on without"
                                          : "cannot be read, keeping what was read before");
        if (!f->first && f->n_errors > 0)
                return refuse(f, "has errors, keeping what was read before");
        if (!f->first && f->existed && !exists)
                return refuse(f, "is gone, keeping what was read before; put it back, or an empty file if "
                                 "nothing is to be in it");
        return true;
}

/*** At a terminal ***/

static void tell(void *userdata, int level, const char *file, unsigned line, const char *message) {
        size_t *n_errors = userdata;

        if (level > LOG_ERR)
                return;
        (*n_errors)++;
        if (line > 0)
                fprintf(stderr, "%s:%u: %s\n", file, line, message);
        else
                fprintf(stderr, "%s: %s\n", file, message);
}

int conf_rehearse(const char *name, ConfRehearsal load) {
        _cleanup_free_ char *path = conf_path(name);
        size_t n_errors = 0;
        bool exists = false;
        int r;

        if (!path)
                return -ENOMEM;

        r = load(tell, &n_errors, &exists);
        /* The service may be one of those that can. */
        if (r == -EACCES && geteuid() != 0)
                return 0;
        if (r >= 0 && n_errors == 0 && !exists)
                fprintf(stderr, "%s: No such file; if there was one when it was read last, that stays in "
                                "force: to take all out of it, leave it empty\n", path);
        if (r >= 0 && n_errors == 0)
                return 0;

        fprintf(stderr, "%s is not taken: what was read before stays in force\n", path);
        return r < 0 ? r : -EBADMSG;
}
