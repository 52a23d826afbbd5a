/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-certificates.h"
#include "tls.h"

/* Both ends of a connection, for tests. What fails ends the test. */

/* More turns than anything takes that comes to an end. */
#define ROUNDS_MAX 200000

/* Files of an authority, and of those it vouches for, and contexts as they are made most. */
typedef struct Fixture {
        char *directory;
        TlsPair *ca, *other_ca;
        char *ca_file, *other_ca_file, *server_file, *client_file, *stranger_file;
        TlsContext *server, *client;
} Fixture;

/* Both ends of a connection. With a pump in between, bytes travel one by one. */
typedef struct Link {
        TlsSession *server, *client;
        int server_fd, client_fd;
        int pump[2]; /* the far ends, server's first; -EBADF when they are the ends themselves */
        int server_result, client_result;
} Link;

/* Writes both parts of a pair to a file and frees it. Returns the path, in new memory. */
char *write_pair(const char *directory, const char *name, TlsPair *p);

TlsContext *new_server(const TlsFiles *files, TlsRequest request);
TlsContext *new_client(const TlsFiles *files, bool verify);

void fixture_begin(Fixture *f);
void fixture_end(Fixture *f);

/* Either context may be NULL: there is a socket alone. */
void link_begin(Link *l, TlsContext *server, TlsContext *client, const char *host, bool pumped);
void link_end(Link *l);

/* Until both ends are done or have failed. */
void shake_hands(Link *l);

/* Waits for that text, or for the end, which is "". */
void expect_recv(Link *l, TlsSession *s, const char *text);

/* Says something in both directions, and goodbye. */
void talk(Link *l);
