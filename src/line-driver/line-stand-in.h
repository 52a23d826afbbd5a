/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"

/* A link that answers some questions itself, for devices that do not know them. answers is a strv of
 * REQUEST=ANSWER, both without end. Takes inner over on success. */
int line_stand_in_new(LineLink *inner, char *const *answers, LineLink **ret);
