/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process-unit.h"
#include "string-util.h"
#include "unit-name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *unit = NULL;

        if (!text)
                return 0;
        unit = process_unit(text);
        if (unit && !unit_name_is_valid(unit))
                __builtin_trap();
        (void) process_unit_is_ours(text);
        (void) process_is_contained(text);
        return 0;
}
