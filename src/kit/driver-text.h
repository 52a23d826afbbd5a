/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "model.h"

/* The lines of NUT's driver-socket protocol that tell of a device, each value escaped as the lexer at the
 * other end wants it. */

/* SETINFO and, as far as they apply, ADDENUM, ADDRANGE, SETAUX and SETFLAGS. */
void driver_text_variable(FILE *f, const Variable *v);

/* All variables, all commands and DATAOK or DATASTALE. */
void driver_text_model(FILE *f, const Model *m);

/* What an applied change means. commands are those that were told last, and are brought up to date; a
 * failure of memory leaves them behind, to be told with the next change. */
void driver_text_change(FILE *f, const Model *m, const Change *change, char ***commands);

/* DATAOK or DATASTALE. */
void driver_text_freshness(FILE *f, const Model *m);
