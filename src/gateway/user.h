/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* upsd.users: who may do what. */

typedef enum UserRights {
        USER_LOGIN   = 1 << 0,
        USER_PRIMARY = 1 << 1,
        USER_SET     = 1 << 2,
        USER_FSD     = 1 << 3,
} UserRights;

typedef struct User {
        char *name;
        char *password; /* plain or as crypt(3) writes it; NULL: nobody can be this user */
        char *known;    /* the plain one of a hash, once somebody has given it: the next one need not wait */
        UserRights rights;
        char **commands; /* strv of instant commands */
        bool all_commands;
} User;

typedef struct UserTable {
        User *users; /* in file order */
        size_t n_users;
        bool exists; /* as conf_exists() says */
} UserTable;

/* Reads upsd.users from the configuration directory. Problems are reported and the rest is taken; warns once
 * when others may read a file that holds a plain password. Errors as conf_load(). */
int user_table_load(ConfReport report, void *userdata, UserTable **ret);

/* The same from lines that were read before. */
int user_table_from_lines(const Conf *c, ConfReport report, void *userdata, UserTable **ret);

UserTable *user_table_free(UserTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(UserTable *, user_table_free);

/* The user whose name and password these are, as far as that can be said at once. NULL with *ret_hash
 * set: that hash is to be compared first, which is slow, and if it matches, user_table_confirm() asked.
 * NULL without: nobody. A name that is not there makes the same work as one that is, as far as the
 * passwords are of one kind. */
const User *user_table_check(const UserTable *t, const char *name, const char *password,
                const char **ret_hash);

/* The hash that user_table_check() gave is one of the password: the user, or NULL. */
const User *user_table_confirm(UserTable *t, const char *name, const char *password);

/* All of that at once; may take a tenth of a second. */
const User *user_table_verify(UserTable *t, const char *name, const char *password);

/* Whether the hash is one of the password. May be called from any thread. */
bool password_matches_hash(const char *hash, const char *password);

/* Whether the user may run an instant command. */
bool user_may_run(const User *u, const char *command) _pure_;
