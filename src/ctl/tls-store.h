/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "tls-make.h"

/* The directory in which "busbarctl tls" keeps an authority, the certificate of this server, and those of
 * clients. Each file is there as a whole or not at all. */

#define TLS_STORE_CA "ca.pem"
#define TLS_STORE_CA_KEY "ca-key.pem"
#define TLS_STORE_SERVER "server.pem"
#define TLS_STORE_CLIENTS "clients"

typedef struct TlsStore {
        char *path;
        int fd;      /* the directory, locked */
        TlsPair *ca;
        char *ca_pem;
        char **made; /* strv of what was written, as names in the directory */
        char **kept; /* ... and of what was there already */
        bool ca_renewed;
} TlsStore;

/* How long certificates are valid, and whether those that are there are replaced. */
typedef struct TlsTerm {
        int64_t begin, end, ca_end; /* in seconds since 1970 */
        bool renew;
} TlsTerm;

/* The directory for that option, which may be NULL; in new memory, NULL without memory. */
char *tls_store_path(const char *option);

/* The names of the clients in a directory, in order; none when it is not there. 0 or a negative errno. */
int tls_store_list_clients(const char *path, char ***ret);

/* All of these say what is wrong. */

/* Whether that can be the name of a client, and that of a server or its address. 0 or -EINVAL. */
int tls_store_check_client(const char *name);
int tls_store_check_host(const char *name);

/* Opens, and makes where it is missing, the directory and the authority in it. */
int tls_store_open(const char *path, const TlsTerm *term, TlsStore *ret);
void tls_store_done(TlsStore *s);

/* Makes the certificate of the server for names. With reader, those of that group may read it. */
int tls_store_add_server(TlsStore *s, const TlsTerm *term, char *const *names, const gid_t *reader);

/* Makes the certificate of a client, as PEM and PKCS#12. */
int tls_store_add_client(TlsStore *s, const TlsTerm *term, const char *name);
