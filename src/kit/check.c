/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <stdio.h>

#include "config.h"
#include "string-util.h"

static void print_problem(void *userdata, int level, const char *file, unsigned line, const char *message) {
        (void) printf("%d\t%s\t%u\t%s\n", level, file, line, message);
}

int check_options(const Driver *driver) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        if (ups_conf_load(NULL, NULL, &conf) < 0)
                return 0;

        config_check_globals(driver, conf, print_problem, NULL);
        for (size_t i = 0; i < conf->n_sections; i++) {
                _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;
                const UpsSection *s = conf->sections + i;

                if (!streq(s->driver, driver->name))
                        continue;
                if (device_config_new(driver, &(ConfigSource) { s->name, conf, s, NULL }, print_problem,
                        NULL,
                                      &c) == -ENOMEM)
                        return -ENOMEM;
        }
        return 0;
}
