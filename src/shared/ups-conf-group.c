/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <stdio.h>

#include "string-util.h"
#include "ups-conf.h"

bool ups_conf_is_system_group(const char *name, const char *root) {
        _cleanup_free_ char *path = strjoin(root, "/etc/group");
        bool found = false;
        FILE *f;

        f = path ? fopen(path, "re") : NULL;
        if (!f)
                return false;

        for (struct group *g; !found && (g = fgetgrent(f));)
                found = streq(g->gr_name, name);
        (void) fclose(f);
        return found;
}

const char *ups_conf_process_group(const UpsConf *c, const UpsSection *s, const char *root) {
        const UpsOption *o = ups_conf_option(c, s, "group");

        return o && !isempty(o->value) && !ups_conf_is_system_group(o->value, root) ? o->value
                                                                                     : UPS_GROUP_DEFAULT;
}
