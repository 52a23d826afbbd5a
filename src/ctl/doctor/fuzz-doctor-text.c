/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-text.h"
#include "firewall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size);
        char line[40];
        Listener l;

        if (!text)
                return 0;
        (void) firewall_judge(text, 3493, line, sizeof(line));
        (void) listener_parse(text, &l);
        return 0;
}
