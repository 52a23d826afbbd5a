/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include <dirent.h>

#include "conf.h"
#include "string-util.h"

/* Files in the directory of the configuration that dummy-ups can play. */

static int is_simulation(const struct dirent *e) {
        const char *dot = strrchr(e->d_name, '.');

        return dot && dot != e->d_name && (streq(dot, ".dev") || streq(dot, ".seq"));
}

static int add(Scan *s, const char *name, size_t i) {
        ScanDevice *d;
        int r = scan_device_new(SCAN_SIMULATION, "dummy-ups", name, &d);

        if (r < 0)
                return r;
        d->order = i;
        return scan_devices_add(&s->devices, d);
}

static int begin(Scan *s, ScanSearch **ret _unused_) {
        _cleanup_free_ char *directory = conf_path("");
        struct dirent **names;
        int n, r = 0;

        if (!directory)
                return -ENOMEM;
        n = scandir(directory, &names, is_simulation, alphasort);
        if (n < 0) {
                scan_say(s, LOG_NOTICE, SCAN_SIMULATION,
                        "there are no simulation files, as %s cannot be read: "
                        "%s",
                        directory, strerror(errno));
                return 0;
        }
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = add(s, names[i]->d_name, (size_t) i);
                free(names[i]);
        }
        free(names);
        return r < 0 ? r : 0;
}

const ScanSearchOps scan_simulation_ops = { .kind = SCAN_SIMULATION, .begin = begin };
