/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-text.h"

#include <assert.h>

#include "firewall.h"
#include "shell-text.h"
#include "string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *word = NULL;
        char line[40];
        Listener l;

        if (!text)
                return 0;
        (void) firewall_judge(text, 3493, line, sizeof(line));
        (void) listener_parse(text, &l);
        word = shell_word(text);
        for (const char *c = strempty(word); *c; c++)
                assert((unsigned char) *c >= ' ' && *c != '\x7f');
        return 0;
}
