/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json.h"
#include "model.h"

/* An object of all variables of a device, name to value. */
static inline void json_variables(Json *j, const char *key, const Model *m) {
        json_object(j, key);
        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);

                json_string(j, v->name, v->value);
        }
        json_object_end(j);
}
