/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tls-make.h"

/* Certificates for tests, made when they are wanted. What fails ends the test. */

#define DAY INT64_C(86400)

/* Valid from now + begin to now + end, in days. names are separated by blanks. issuer NULL: itself. */
TlsPair *test_pair(TlsKind kind, const char *name, const char *names, int begin, int end,
                const TlsPair *issuer);

/* One that is valid for a year from yesterday on. */
TlsPair *test_pair_now(TlsKind kind, const char *name, const char *names, const TlsPair *issuer);

/* PEM, in new memory. */
char *test_certificate(const TlsPair *p);
char *test_key(const TlsPair *p);

/* A directory that test_directory_free() removes with its files. */
char *test_directory_new(void);
char *test_directory_free(char *directory);
DEFINE_TRIVIAL_CLEANUP_FUNC(char *, test_directory_free);

/* Writes the strings up to NULL to a file and returns its path, in new memory. */
char *test_write(const char *directory, const char *name, ...) _sentinel_;
