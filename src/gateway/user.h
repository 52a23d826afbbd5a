/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "upsd-users.h"

/* Names and passwords against the accounts. from is the address of whoever gives them, in the form of
 * AddressList, or NULL when it has none: an account that is not for that address is as good as none. */

/* The user whose name and password these are, as far as that can be said at once. NULL with *ret_hash
 * set: that hash is to be compared first, which is slow, and if it matches, user_table_confirm() asked.
 * NULL without: nobody. A name that is not there makes the same work as one that is, as far as the
 * passwords are of one kind. */
const User *user_table_check(const UserTable *t, const char *name, const char *password,
                const struct in6_addr *from, const char **ret_hash);

/* The hash that user_table_check() gave for the same is one of the password: the user, or NULL. */
const User *user_table_confirm(UserTable *t, const char *name, const char *password,
                const struct in6_addr *from);

/* All of that at once; may take a tenth of a second. */
const User *user_table_verify(UserTable *t, const char *name, const char *password,
                const struct in6_addr *from);

/* Whether the hash is one of the password. May be called from any thread. */
bool password_matches_hash(const char *hash, const char *password);
