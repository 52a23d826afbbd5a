/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-certificates.h"

#include <dirent.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "test-util.h"

TlsPair *test_pair(TlsKind kind, const char *name, const char *names, int begin, int end,
                   const TlsPair *issuer) {
        _cleanup_strv_free_ char **l = NULL;
        int64_t now = time(NULL);
        TlsPair *p = NULL;

        ASSERT_OK(strv_split(strempty(names), " ", &l));
        ASSERT_OK(tls_pair_new(
                &(TlsWish) { kind, name, l, now + begin * DAY, now + end * DAY, NULL }, issuer, &p));
        return p;
}

TlsPair *test_pair_now(TlsKind kind, const char *name, const char *names, const TlsPair *issuer) {
        return test_pair(kind, name, names, -1, 365, issuer);
}

char *test_certificate(const TlsPair *p) {
        char *s = NULL;

        ASSERT_OK(tls_pair_certificate_pem(p, &s));
        return s;
}

char *test_key(const TlsPair *p) {
        char *s = NULL;

        ASSERT_OK(tls_pair_key_pem(p, NULL, &s));
        return s;
}

char *test_directory_new(void) {
        char *directory = strdup("/tmp/busbar-tls-XXXXXX");

        ASSERT_TRUE(directory && mkdtemp(directory));
        return directory;
}

char *test_directory_free(char *directory) {
        DIR *d = directory ? opendir(directory) : NULL;

        if (d) {
                for (struct dirent *entry; (entry = readdir(d));)
                        if (entry->d_name[0] != '.')
                                (void) unlinkat(dirfd(d), entry->d_name, 0);
                closedir(d);
                (void) rmdir(directory);
        }

        free(directory);
        return NULL;
}

char *test_write(const char *directory, const char *name, ...) {
        char *path = strjoin(directory, "/", name);
        mode_t mask = umask(077);
        FILE *f = path ? fopen(path, "we") : NULL;
        va_list ap;

        (void) umask(mask);
        ASSERT_TRUE(f);
        va_start(ap, name);
        for (const char *s; (s = va_arg(ap, const char *));)
                ASSERT_TRUE(fputs(s, f) >= 0);
        va_end(ap);
        ASSERT_EQ(fclose(f), 0);
        return path;
}
