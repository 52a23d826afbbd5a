/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-answers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_variable(void *userdata, const char *name, const char *value) {
        size_t *n = userdata;

        *n += strlen(name) + strlen(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        size_t n = 0;
        DriverAnswers a = { .variable = on_variable, .userdata = &n };

        if (size == 0 || driver_answers_init(&a) < 0)
                return 0;
        /* In two pieces, as a socket may give them. */
        size_t first = data[0] % size;
        if (driver_answers_feed(&a, (const char *) data, first) < 0 ||
            driver_answers_feed(&a, (const char *) data + first, size - first) < 0 ||
            a.pid < 0 || n > 2 * size)
                abort();
        driver_answers_done(&a);
        return 0;
}
