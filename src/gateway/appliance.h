/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "upsd-conf.h"
#include "user.h"

/* Network storages whose user name, password and name of the UPS their maker has fixed. At the addresses
 * that are listed for them, and nowhere else, they may log in, and the UPS has that name for them. NULL is
 * an empty table everywhere. */

typedef struct ApplianceTable ApplianceTable;

/* Takes the APPLIANCE lines, which must outlive it; *ret is NULL when there are none. 0 or -ENOMEM. */
int appliance_table_new(const UpsdConf *conf, ApplianceTable **ret);
ApplianceTable *appliance_table_free(ApplianceTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(ApplianceTable *, appliance_table_free);

/* The account of an appliance at that address with that name and password, or NULL. */
const User *appliance_table_check(const ApplianceTable *t, const char *name, const char *password,
                const struct in6_addr *from);

/* "qnap" for the account of one, NULL for another user. */
const char *appliance_table_kind(const ApplianceTable *t, const User *account) _pure_;

/* The device that an appliance at that address with that account (NULL: any there) means when it calls it
 * so; NULL when that is nothing special. */
const char *appliance_table_device(const ApplianceTable *t, const User *account, const char *ups,
                const struct in6_addr *from);

/* What it calls the device instead, or NULL. */
const char *appliance_table_name(const ApplianceTable *t, const User *account, const char *device,
                const struct in6_addr *from);

/* Whether there is anything special about the address. */
bool appliance_table_concerns(const ApplianceTable *t, const struct in6_addr *from) _pure_;
