/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "macro.h"

/* Credentials for NUT servers from NUT's file for them, nutauth.conf: USER and PASS (or USERNAME and
 * PASSWORD), for all servers at the top, or in sections [user@host:port], [@host:port] and [host]. */

typedef struct NutCredentials {
        char *user, *password;
} NutCredentials;

/* Frees and clears the members. */
void nut_credentials_done(NutCredentials *c);

/* Looks up the credentials for a server; the section of the user goes before that of the host, and this
 * before the top of the file. user, if not NULL, is the one wanted. path NULL is NUT's search:
 * $NUT_AUTHCONF_FILE, $NUT_AUTHCONF_PATH/nutauth.conf, ~/.config/nut/nutauth.conf, ~/.nutauth.conf,
 * nutauth.conf in the configuration directory. Problems in the file are reported; the rest is taken. What is
 * not found is NULL in *ret.
 *
 * Returns 0; -ENOENT when there is no such file; -EPROTONOSUPPORT when the file asks for TLS (FORCESSL) with
 * this server, which we cannot give; or another negative errno. */
int nut_credentials_load(const char *path, const char *host, uint16_t port, const char *user,
                ConfReport report, void *userdata, NutCredentials *ret);
