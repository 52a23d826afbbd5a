/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"
#include "hid-profile.h"

/* Words of "busbarctl profile"; an argument may be NULL. They return 0 or what ctl_error() does. */
int profile_list(Ctl *c, const char *argument);
int profile_check(Ctl *c, const char *path);
int profile_show(Ctl *c, const char *id);
int profile_import(Ctl *c, const char *path);

/* The ConfReport for what is wrong with profiles where that is not the matter itself. */
void profile_report(void *userdata, int level, const char *file, unsigned line, const char *message);
