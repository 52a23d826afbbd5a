/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor.h"
#include "string-util.h"
#include "unit-name.h"
#include "ups-conf-links.h"

/* What cannot be read is as if it were empty, and said so. */
static void note(Doctor *d, int r) {
        if (r == -ENOMEM)
                d->error = r;
        else if (r < 0)
                d->conf.r = r;
}

void doctor_load_configuration(Doctor *d) {
        Configuration *c = &d->conf;

        note(d, ups_conf_load(NULL, NULL, &c->ups));
        note(d, upsd_conf_load(NULL, NULL, &c->upsd));
        note(d, user_table_load(NULL, NULL, &c->users));
        note(d, upsmon_conf_load(NULL, NULL, &c->upsmon));
        note(d, upssched_conf_load(NULL, NULL, &c->upssched));
        note(d, nut_conf_load(NULL, NULL, &c->nut));

        c->ups = c->ups ?: new0(UpsConf, 1);
        c->upsd = c->upsd ?: new0(UpsdConf, 1);
        c->users = c->users ?: new0(UserTable, 1);
        c->upsmon = c->upsmon ?: new0(UpsmonConf, 1);
        c->upssched = c->upssched ?: new0(UpsschedConf, 1);
        if (!c->ups || !c->upsd || !c->users || !c->upsmon || !c->upssched ||
                ups_conf_add_links(c->ups, c->upsmon) < 0)
                d->error = -ENOMEM;
}

char *doctor_device_unit(const UpsSection *s) {
        char *unit = NULL;

        if (streq(s->driver, "snmp-ups"))
                (void) unit_name_for_group(s->driver, UPS_GROUP_DEFAULT, &unit);
        else
                (void) unit_name_for_device(s->driver, s->name, &unit);
        return unit;
}
