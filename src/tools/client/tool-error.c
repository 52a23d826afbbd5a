/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-protocol.h"
#include "string-util.h"
#include "tool.h"

char *tool_explain(int r, char *const *words) {
        const char *text;

        if (words && words[0] && !words[1])
                return strdup("Unknown error");
        if (words && words[0]) {
                text = nut_error_text(words[1]);
                return text ? strdup(text) : strprintf("Unknown error (ERR %s)", words[1]);
        }

        switch (-r) {
        case ETIMEDOUT:
        case ECONNRESET:
        case EPIPE:
        case ENOTCONN:
                return strdup("Server disconnected");
        case EPROTO:
                return strdup("Protocol error");
        case EINVAL:
                return strdup("Invalid argument (a word is at most 512 characters of printable ASCII)");
        case ENOMEM:
                return strdup("Memory allocation failure");
        default:
                return strprintf("Read error: %s", strerror(-r));
        }
}
