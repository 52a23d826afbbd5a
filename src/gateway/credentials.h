/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "command.h"

/* Who a client is, by the name and the password that it gave. */

typedef enum CredentialsLook {
        CREDENTIALS_SEEN,   /* request_user() knows */
        CREDENTIALS_ASKED,  /* the verdict is on its way, see command_execute() */
        CREDENTIALS_BROKEN, /* there is no memory: the connection ends */
        CREDENTIALS_LOCKED, /* too many wrong ones came from there: they are not looked at now */
} CredentialsLook;

/* Looks at name and password, which must have been given: once for each version of the accounts. */
CredentialsLook credentials_look(const Request *q);
