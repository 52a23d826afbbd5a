/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Where the files are that a configuration names: certificates, authorities, keys. All return 0 or
 * -ENOMEM. */

/* A name that does not begin with / is that of a credential of the service, when it has one of that name,
 * else that of a file in the directory of the configuration. NULL or empty: *ret is NULL. */
int tls_path(const char *name, char **ret);

/* The path of a credential of the service; *ret is NULL when it has none of that name. */
int tls_credential_path(const char *name, char **ret);

/* Whether a credential of some service may be meant by a name of which there is no file. */
bool tls_name_may_be_credential(const char *name);
