/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-error.h"

#include <systemd/sd-bus-protocol.h>

#include "bus-names.h"
#include "string-util.h"

typedef struct Verdict {
        int error;
        const char *name;
} Verdict;

/* The first row of an errno is what it becomes, each row is what a name becomes. */
static const Verdict verdicts[] = {
        { EOPNOTSUPP, BUS_ERROR_NOT_SUPPORTED                              },
        { EROFS,      BUS_ERROR_READ_ONLY                                  },
        { EINVAL,     BUS_ERROR_INVALID_VALUE                              },
        { EMSGSIZE,   BUS_ERROR_TOO_LONG                                   },
        { ESTALE,     BUS_ERROR_STALE                                      },
        { ENODEV,     BUS_ERROR_ABSENT                                     },
        { EBUSY,      BUS_ERROR_BUSY                                       },
        { EACCES,     SD_BUS_ERROR_ACCESS_DENIED                           },
        { EIO,        BUS_ERROR_FAILED                                     },
        { EACCES,     SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED      },
        { EACCES,     SD_BUS_ERROR_AUTH_FAILED                             },
        { EINVAL,     SD_BUS_ERROR_INVALID_ARGS                            },
        { EINVAL,     SD_BUS_ERROR_INVALID_SIGNATURE                       },
        { EOPNOTSUPP, SD_BUS_ERROR_NOT_SUPPORTED                           },
        { EROFS,      SD_BUS_ERROR_PROPERTY_READ_ONLY                      },
        { ENODEV,     SD_BUS_ERROR_SERVICE_UNKNOWN                         },
        { ENODEV,     SD_BUS_ERROR_NAME_HAS_NO_OWNER                       },
        { ENODEV,     SD_BUS_ERROR_UNKNOWN_OBJECT                          },
        { ENODEV,     SD_BUS_ERROR_UNKNOWN_INTERFACE                       },
        { ENODEV,     SD_BUS_ERROR_UNKNOWN_METHOD                          },
        { ENODEV,     SD_BUS_ERROR_DISCONNECTED                            },
        { ETIMEDOUT,  SD_BUS_ERROR_NO_REPLY                                },
        { ETIMEDOUT,  SD_BUS_ERROR_TIMEOUT                                 },
        { ENOMEM,     SD_BUS_ERROR_NO_MEMORY                               },
};

const char *bus_error_from_errno(int r) {
        int error = abs(r);

        /* What the standard names only have on the way back is a failure on the way out. */
        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++)
                if (verdicts[i].error == error)
                        return startswith(verdicts[i].name, "org.freedesktop.") && error != EACCES
                                        ? BUS_ERROR_FAILED : verdicts[i].name;

        return BUS_ERROR_FAILED;
}

int bus_error_to_errno(const char *name) {
        if (!name)
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++)
                if (streq(verdicts[i].name, name))
                        return -verdicts[i].error;

        return -EIO;
}
