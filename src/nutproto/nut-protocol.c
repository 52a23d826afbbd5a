/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-protocol.h"

#include "string-util.h"

typedef struct ErrorToken {
        const char *token;
        int error;
        const char *text; /* what NUT's clients say, which scripts look for; NULL: they do not know it */
} ErrorToken;

/* Also words that only old servers send: a relay may meet any of them. */
static const ErrorToken error_tokens[] = {
        { "ACCESS-DENIED",          EACCES,     "Access denied"                  },
        { "TLS-NOT-ENABLED",        EACCES,     NULL                             },
        { "USERNAME-REQUIRED",      EACCES,     "Username required"              },
        { "PASSWORD-REQUIRED",      EACCES,     "Password required"              },
        { "INVALID-USERNAME",       EACCES,     "Invalid username"               },
        { "INVALID-PASSWORD",       EACCES,     "Invalid password"               },
        { "PASSWORD-INCORRECT",     EACCES,     "Password incorrect"             },
        { "ALREADY-ATTACHED",       EALREADY,   NULL                             },
        { "ALREADY-LOGGED-IN",      EALREADY,   "Already logged in"              },
        { "ALREADY-SET-USERNAME",   EALREADY,   "Already set username"           },
        { "ALREADY-SET-PASSWORD",   EALREADY,   "Already set password"           },
        { "ALREADY-SSL-MODE",       EALREADY,   NULL                             },
        { "CMD-NOT-SUPPORTED",      EOPNOTSUPP, "Instant command not supported"  },
        { "FEATURE-NOT-CONFIGURED", EOPNOTSUPP, NULL                             },
        { "FEATURE-NOT-SUPPORTED",  EOPNOTSUPP, NULL                             },
        { "UNKNOWN",                EOPNOTSUPP, NULL                             },
        { "UNKNOWN-COMMAND",        EOPNOTSUPP, "Unknown command"                },
        { "UNKNOWN-INSTCMD",        EOPNOTSUPP, "Unknown instant command"        },
        { "UNKNOWN-TYPE",           EOPNOTSUPP, "Unknown variable type"          },
        { "UNKNOWN-VAR",            EOPNOTSUPP, "Unknown variable"               },
        { "VAR-NOT-SUPPORTED",      EOPNOTSUPP, "Variable not supported by UPS"  },
        { "VAR-UNKNOWN",            EOPNOTSUPP, "Variable unknown"               },
        { "DATA-STALE",             ESTALE,     "Data stale"                     },
        { "DRIVER-NOT-CONNECTED",   ENODEV,     "Driver not connected"           },
        { "UNKNOWN-UPS",            ENODEV,     "Unknown UPS"                    },
        { "INVALID-ARGUMENT",       EINVAL,     "Invalid argument"               },
        { "INVALID-VALUE",          EINVAL,     "Invalid value for variable"     },
        { "MISSING-ARGUMENT",       EINVAL,     "Missing argument"               },
        { "READONLY",               EROFS,      "Read-only variable"             },
        { "TOO-LONG",               EMSGSIZE,   "New value is too long"          },
        { "FAILED",                 EIO,        NULL                             },
        { "INSTCMD-FAILED",         EIO,        "Instant command failed"         },
        { "SET-FAILED",             EIO,        "Set command failed"             },
};

const char *nut_error_from_errno(int r, int setting) {
        switch (abs(r)) {
        case EOPNOTSUPP:
                return setting ? "VAR-NOT-SUPPORTED" : "CMD-NOT-SUPPORTED";
        case EROFS:
                return "READONLY";
        case EINVAL:
                return "INVALID-VALUE";
        case EMSGSIZE:
                return "TOO-LONG";
        case ESTALE:
                return "DATA-STALE";
        case ENODEV:
                return "DRIVER-NOT-CONNECTED";
        case EACCES:
                return "ACCESS-DENIED";
        default:
                return setting ? "SET-FAILED" : "INSTCMD-FAILED";
        }
}

int nut_error_to_errno(const char *token) {
        for (size_t i = 0; i < ELEMENTSOF(error_tokens); i++)
                if (strcaseeq(token, error_tokens[i].token))
                        return -error_tokens[i].error;

        return -EREMOTEIO;
}

const char *nut_error_text(const char *token) {
        for (size_t i = 0; i < ELEMENTSOF(error_tokens); i++)
                if (error_tokens[i].text && startswith(token, error_tokens[i].token))
                        return error_tokens[i].text;

        return NULL;
}
