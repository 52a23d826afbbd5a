/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "address-list.h"
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
        bool somewhere;   /* only from these addresses */
        AddressList from;
        bool some_devices; /* only with these */
        char **devices;    /* strv of their names */
        bool uncounted;    /* its logins keep nobody waiting */
        bool hides_stale;  /* LIST UPS leaves out devices without data */
        char *file;        /* where its section begins */
        unsigned line;
} User;

typedef struct UserTable {
        User *users; /* in file order */
        size_t n_users;
        bool exists; /* as conf_exists() says */
        bool hides_stale; /* one of the users does */
} UserTable;

/* Reads upsd.users from the configuration directory. Problems are reported and the rest is taken; warns once
 * when others may read a file that holds a plain password. Errors as conf_load(). */
int user_table_load(ConfReport report, void *userdata, UserTable **ret);

/* The same from lines that were read before. */
int user_table_from_lines(const Conf *c, ConfReport report, void *userdata, UserTable **ret);

UserTable *user_table_free(UserTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(UserTable *, user_table_free);

/* Warns of users who are to have devices of which is_known() says that there are none. */
void user_table_report_devices(const UserTable *t, bool (*is_known)(void *userdata, const char *name),
                void *known_userdata, ConfReport report, void *userdata);

/* The user of that name, or NULL. */
User *user_table_find(const UserTable *t, const char *name) _pure_;

/* Whether a password of upsd.users is one as crypt(3) writes it. */
bool password_is_hash(const char *password) _pure_;

/* Whether the user may come from an address, in the form of AddressList; NULL for one that is not known. */
bool user_may_come_from(const User *u, const struct in6_addr *a) _pure_;

/* Whether the user may have to do with a device. */
bool user_may_use(const User *u, const char *device) _pure_;

/* Whether the user may run an instant command. */
bool user_may_run(const User *u, const char *command) _pure_;
