/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "string-util.h"
#include "tool.h"

/* What NUT's clients print for ERR. Scripts look for these words. */
static const struct {
        const char *token, *text;
} error_texts[] = {
        { "VAR-NOT-SUPPORTED",    "Variable not supported by UPS"  },
        { "UNKNOWN-UPS",          "Unknown UPS"                    },
        { "ACCESS-DENIED",        "Access denied"                  },
        { "PASSWORD-REQUIRED",    "Password required"              },
        { "PASSWORD-INCORRECT",   "Password incorrect"             },
        { "MISSING-ARGUMENT",     "Missing argument"               },
        { "DATA-STALE",           "Data stale"                     },
        { "VAR-UNKNOWN",          "Variable unknown"               },
        { "ALREADY-LOGGED-IN",    "Already logged in"              },
        { "ALREADY-SET-PASSWORD", "Already set password"           },
        { "UNKNOWN-TYPE",         "Unknown variable type"          },
        { "UNKNOWN-VAR",          "Unknown variable"               },
        { "READONLY",             "Read-only variable"             },
        { "TOO-LONG",             "New value is too long"          },
        { "INVALID-VALUE",        "Invalid value for variable"     },
        { "SET-FAILED",           "Set command failed"             },
        { "UNKNOWN-INSTCMD",      "Unknown instant command"        },
        { "INSTCMD-FAILED",       "Instant command failed"         },
        { "CMD-NOT-SUPPORTED",    "Instant command not supported"  },
        { "INVALID-USERNAME",     "Invalid username"               },
        { "ALREADY-SET-USERNAME", "Already set username"           },
        { "UNKNOWN-COMMAND",      "Unknown command"                },
        { "INVALID-PASSWORD",     "Invalid password"               },
        { "USERNAME-REQUIRED",    "Username required"              },
        { "DRIVER-NOT-CONNECTED", "Driver not connected"           },
};

static const char *explain_token(const char *token) {
        for (size_t i = 0; i < ELEMENTSOF(error_texts); i++)
                if (strcaseeq(token, error_texts[i].token))
                        return error_texts[i].text;
        return NULL;
}

char *tool_explain(int r, char *const *words) {
        const char *text;

        if (words && words[0] && words[1]) {
                text = explain_token(words[1]);
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
