/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-error.h"

#include <systemd/sd-bus-protocol.h>

#include "bus-names.h"
#include "test-util.h"

static const struct {
        int error;
        const char *name;
} rows[] = {
        { EOPNOTSUPP, BUS_ERROR_NOT_SUPPORTED    },
        { EROFS,      BUS_ERROR_READ_ONLY        },
        { EINVAL,     BUS_ERROR_INVALID_VALUE    },
        { EMSGSIZE,   BUS_ERROR_TOO_LONG         },
        { ESTALE,     BUS_ERROR_STALE            },
        { ENODEV,     BUS_ERROR_ABSENT           },
        { EBUSY,      BUS_ERROR_BUSY             },
        { EACCES,     SD_BUS_ERROR_ACCESS_DENIED },
};

static void test_table(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ASSERT_STREQ(bus_error_from_errno(-rows[i].error), rows[i].name);
                ASSERT_STREQ(bus_error_from_errno(rows[i].error), rows[i].name);
                ASSERT_EQ(bus_error_to_errno(rows[i].name), -rows[i].error);
        }
}

static void test_failures(void) {
        static const int others[] = { EIO, ETIMEDOUT, ENOMEM, EPROTO, ECONNRESET, 4095 };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                ASSERT_STREQ(bus_error_from_errno(-others[i]), BUS_ERROR_FAILED);

        ASSERT_EQ(bus_error_to_errno(BUS_ERROR_FAILED), -EIO);
        ASSERT_EQ(bus_error_to_errno("org.example.Error.Strange"), -EIO);
        ASSERT_EQ(bus_error_to_errno(""), -EIO);
        ASSERT_EQ(bus_error_to_errno(NULL), 0);
}

/* What the bus itself says when a driver is not there, or is too slow. */
static void test_standard(void) {
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_SERVICE_UNKNOWN), ENODEV);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_NAME_HAS_NO_OWNER), ENODEV);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_UNKNOWN_OBJECT), ENODEV);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_NO_REPLY), ETIMEDOUT);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_TIMEOUT), ETIMEDOUT);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED), EACCES);
        ASSERT_ERROR(bus_error_to_errno(SD_BUS_ERROR_INVALID_ARGS), EINVAL);
}

int main(void) {
        test_table();
        test_failures();
        test_standard();
        return EXIT_SUCCESS;
}
