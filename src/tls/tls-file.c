/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io-util.h"
#include "string-util.h"
#include "tls-internal.h"

/* All authorities of a distribution in one file are a quarter of that. */
#define FILE_SIZE_MAX (1024 * 1024)

#define PEM_BEGIN "-----BEGIN "
#define PEM_END "-----END "
#define PEM_DASHES "-----"

int tls_report(const TlsReporter *reporter, int r, const char *file, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int n;

        if (!reporter || !reporter->report)
                return r;

        va_start(ap, fmt);
        n = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (n < 0)
                text = NULL;

        reporter->report(reporter->userdata, file, text ?: "Out of memory.");
        return r;
}

static int open_file(const char *path, const TlsReporter *reporter, size_t *ret_size) {
        /* Not to wait for the writer of a pipe. */
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0) {
                int r = -errno;

                if (r == -ENOENT)
                        return tls_report(reporter, -ENOKEY, path, "There is no such file.");
                if (r == -EACCES || r == -EPERM)
                        return tls_report(reporter, -EACCES, path,
                                          "It must not be read by user %u, group %u. Change its group or "
                                          "mode, and look at the directories above it.",
                                          (unsigned) geteuid(), (unsigned) getegid());
                return tls_report(reporter, r, path, "It cannot be read: %s.", strerror(-r));
        }
        if (!S_ISREG(st.st_mode))
                return tls_report(reporter, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL, path,
                                  "It is %s, not a file.", S_ISDIR(st.st_mode) ? "a directory" : "special");
        if (st.st_size > FILE_SIZE_MAX)
                return tls_report(reporter, -EFBIG, path, "It is larger than %d KiB.", FILE_SIZE_MAX / 1024);

        *ret_size = (size_t) st.st_size;
        return TAKE_FD(fd);
}

int tls_file_read(const char *path, const TlsReporter *reporter, gnutls_datum_t *ret) {
        _cleanup_close_ int fd = -EBADF;
        size_t size = 0;
        ssize_t n;
        char *data;

        fd = open_file(path, reporter, &size);
        if (fd < 0)
                return fd;

        data = malloc(size + 1);
        if (!data)
                return tls_report(reporter, -ENOMEM, path, "Out of memory.");

        n = fd_read_all(fd, data, size);
        if (n < 0) {
                free(data);
                return tls_report(reporter, (int) n, path, "It cannot be read: %s.", strerror((int) -n));
        }

        data[n] = '\0';
        *ret = (gnutls_datum_t) { .data = (unsigned char *) data, .size = (unsigned) n };
        return 0;
}

void tls_file_done(gnutls_datum_t *d) {
        if (d->data)
                explicit_bzero(d->data, d->size);
        free(d->data);
        *d = (gnutls_datum_t) {};
}

/* Where what stands in the data, or NULL. */
static const char *find(const char *p, const char *end, const char *what) {
        return memmem(p, (size_t) (end - p), what, strlen(what));
}

int tls_pem_next(gnutls_datum_t *data, TlsPem *ret) {
        const char *p = (const char *) data->data, *end = p + data->size, *begin, *label, *dashes, *tail;

        begin = p ? find(p, end, PEM_BEGIN) : NULL;
        if (!begin)
                return 0;

        label = begin + strlen(PEM_BEGIN);
        dashes = find(label, end, PEM_DASHES);
        tail = dashes ? find(dashes, end, PEM_END) : NULL;
        if (!tail)
                return 0;

        tail = find(tail + strlen(PEM_END), end, PEM_DASHES);
        if (!tail)
                return 0;
        tail += strlen(PEM_DASHES);

        *ret = (TlsPem) {
                .label = label,
                .label_size = (size_t) (dashes - label),
                .block = { .data = data->data + (begin - p), .size = (unsigned) (tail - begin) },
        };
        *data = (gnutls_datum_t) { .data = data->data + (tail - p), .size = (unsigned) (end - tail) };
        return 1;
}

bool tls_pem_is_certificate(const TlsPem *p) {
        static const char *const labels[] = { "CERTIFICATE", "X509 CERTIFICATE" };

        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                if (p->label_size == strlen(labels[i]) && memcmp(p->label, labels[i], p->label_size) == 0)
                        return true;

        return false;
}

bool tls_pem_is_key(const TlsPem *p) {
        static const char suffix[] = "PRIVATE KEY";
        size_t n = sizeof(suffix) - 1;

        return p->label_size >= n && memcmp(p->label + p->label_size - n, suffix, n) == 0;
}
