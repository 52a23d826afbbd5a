/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-protocol.h"
#include "test-util.h"

int main(void) {
        static const struct {
                int error;
                const char *setting, *running;
        } rows[] = {
                { EOPNOTSUPP, "VAR-NOT-SUPPORTED",    "CMD-NOT-SUPPORTED"    },
                { EROFS,      "READONLY",             "READONLY"             },
                { EINVAL,     "INVALID-VALUE",        "INVALID-VALUE"        },
                { EMSGSIZE,   "TOO-LONG",             "TOO-LONG"             },
                { ESTALE,     "DATA-STALE",           "DATA-STALE"           },
                { ENODEV,     "DRIVER-NOT-CONNECTED", "DRIVER-NOT-CONNECTED" },
                { EACCES,     "ACCESS-DENIED",        "ACCESS-DENIED"        },
                { EIO,        "SET-FAILED",           "INSTCMD-FAILED"       },
        };
        static const struct {
                const char *token;
                int error;
        } others[] = {
                { "UNKNOWN-UPS",       ENODEV     },
                { "USERNAME-REQUIRED", EACCES     },
                { "UNKNOWN",           EOPNOTSUPP },
                { "INVALID-ARGUMENT",  EINVAL     },
                { "FAILED",            EIO        },
                { "data-stale",        ESTALE     },
                { "",                  EREMOTEIO  },
                { "NO-SUCH-TOKEN",     EREMOTEIO  },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ASSERT_STREQ(nut_error_from_errno(-rows[i].error, true), rows[i].setting);
                ASSERT_STREQ(nut_error_from_errno(-rows[i].error, false), rows[i].running);
                /* And back. */
                ASSERT_ERROR(nut_error_to_errno(rows[i].setting), rows[i].error);
                ASSERT_ERROR(nut_error_to_errno(rows[i].running), rows[i].error);
        }
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                ASSERT_ERROR(nut_error_to_errno(others[i].token), others[i].error);

        ASSERT_STREQ(nut_error_text("DATA-STALE"), "Data stale");
        ASSERT_STREQ(nut_error_text("DATA-STALENESS"), "Data stale");
        ASSERT_STREQ(nut_error_text("INVALID-ARGUMENT"), "Invalid argument");
        ASSERT_FALSE(nut_error_text("DATA-STAL"));
        ASSERT_FALSE(nut_error_text("data-stale"));
        ASSERT_FALSE(nut_error_text("FEATURE-NOT-CONFIGURED"));
        ASSERT_FALSE(nut_error_text(""));

        ASSERT_STREQ(nut_error_from_errno(-EBUSY, true), "SET-FAILED");
        ASSERT_STREQ(nut_error_from_errno(-ETIMEDOUT, false), "INSTCMD-FAILED");
        return 0;
}
