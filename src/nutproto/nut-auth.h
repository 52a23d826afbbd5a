/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "macro.h"

/* Credentials for NUT servers from NUT's file for them, nutauth.conf: USER and PASS (or USERNAME and
 * PASSWORD) and what holds for TLS, for all servers at the top, or in sections [user@host:port],
 * [@host:port] and [host]. */

/* What the file says of TLS. The key of the last two has the value "yes" or "no". */
typedef enum NutTlsKey {
        NUT_TLS_CERT_PATH,
        NUT_TLS_CERT_FILE,
        NUT_TLS_IDENT_NAME,
        NUT_TLS_IDENT_PASSWORD,
        NUT_TLS_CERT_HOST,
        NUT_TLS_VERIFY,
        NUT_TLS_FORCE,
        _NUT_TLS_KEY_MAX,
} NutTlsKey;

typedef struct NutCredentials {
        char *user, *password;
        char *tls[_NUT_TLS_KEY_MAX];
        char *tls_places[_NUT_TLS_KEY_MAX]; /* FILE:LINE of each that is there */
} NutCredentials;

/* Erases, frees and clears the members. */
void nut_credentials_done(NutCredentials *c);

/* Looks up the credentials for a server; the section of the user goes before that of the host, and this
 * before the top of the file. user, if not NULL, is the one wanted. path NULL is NUT's search:
 * $NUT_AUTHCONF_FILE, $NUT_AUTHCONF_PATH/nutauth.conf, ~/.config/nut/nutauth.conf, ~/.nutauth.conf,
 * nutauth.conf in the configuration directory. Problems in the file are reported; the rest is taken. What is
 * not found is NULL in *ret. A CERTVERIFY or FORCESSL that cannot be read is a "yes".
 *
 * Returns 0; -ENOENT when there is no such file; or another negative errno. */
int nut_credentials_load(const char *path, const char *host, uint16_t port, const char *user,
                ConfReport report, void *userdata, NutCredentials *ret);
