/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf-file.h"
#include "options.h"

/* What the --set-... and --add-... options do to the files. */

/* Makes all changes in memory. Says what is wrong. */
int change_all(ConfFiles *files, const Options *o);
