/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-protocol.h"

#include "string-util.h"

typedef struct ErrorToken {
        const char *token;
        int error;
} ErrorToken;

/* Also words that only old servers send: a relay may meet any of them. */
static const ErrorToken error_tokens[] = {
        { "ACCESS-DENIED",          EACCES     },
        { "TLS-NOT-ENABLED",        EACCES     },
        { "USERNAME-REQUIRED",      EACCES     },
        { "PASSWORD-REQUIRED",      EACCES     },
        { "INVALID-USERNAME",       EACCES     },
        { "INVALID-PASSWORD",       EACCES     },
        { "PASSWORD-INCORRECT",     EACCES     },
        { "ALREADY-ATTACHED",       EALREADY   },
        { "ALREADY-LOGGED-IN",      EALREADY   },
        { "ALREADY-SET-USERNAME",   EALREADY   },
        { "ALREADY-SET-PASSWORD",   EALREADY   },
        { "ALREADY-SSL-MODE",       EALREADY   },
        { "CMD-NOT-SUPPORTED",      EOPNOTSUPP },
        { "FEATURE-NOT-CONFIGURED", EOPNOTSUPP },
        { "FEATURE-NOT-SUPPORTED",  EOPNOTSUPP },
        { "UNKNOWN",                EOPNOTSUPP },
        { "UNKNOWN-COMMAND",        EOPNOTSUPP },
        { "UNKNOWN-INSTCMD",        EOPNOTSUPP },
        { "UNKNOWN-TYPE",           EOPNOTSUPP },
        { "UNKNOWN-VAR",            EOPNOTSUPP },
        { "VAR-NOT-SUPPORTED",      EOPNOTSUPP },
        { "VAR-UNKNOWN",            EOPNOTSUPP },
        { "DATA-STALE",             ESTALE     },
        { "DRIVER-NOT-CONNECTED",   ENODEV     },
        { "UNKNOWN-UPS",            ENODEV     },
        { "INVALID-ARGUMENT",       EINVAL     },
        { "INVALID-VALUE",          EINVAL     },
        { "MISSING-ARGUMENT",       EINVAL     },
        { "READONLY",               EROFS      },
        { "TOO-LONG",               EMSGSIZE   },
        { "FAILED",                 EIO        },
        { "INSTCMD-FAILED",         EIO        },
        { "SET-FAILED",             EIO        },
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
