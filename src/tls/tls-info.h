/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tls.h"

/* What certificates say of themselves, for people. */

typedef struct TlsInfo {
        char *name;         /* whose it is */
        char *issuer;       /* who vouches for it */
        char **names;       /* strv of host names and addresses that it is for */
        int64_t begin, end; /* when it is valid, in seconds since 1970 */
        bool authority;
        bool server, client; /* what it may be used for */
} TlsInfo;

/* Reads all certificates of a PEM file, in order; keys in it are passed over. There may be none. Returns 0,
 * or a negative errno, which is reported. */
int tls_info_read(const char *path, TlsReport report, void *userdata, TlsInfo **ret, size_t *ret_n);

TlsInfo *tls_info_free(TlsInfo *l, size_t n);
