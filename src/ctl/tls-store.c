/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls-store.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "conf.h"
#include "ctl.h"
#include "io-util.h"
#include "string-util.h"

#define FILE_SIZE_MAX 65536U

/* The longest common name that others take. */
#define NAME_MAX_COMMON 64U

#define HOST_NAME_MAX_DNS 253U
#define LABEL_MAX_DNS 63

char *tls_store_path(const char *option) {
        return option ? strdup(option) : conf_path("tls");
}

void tls_store_done(TlsStore *s) {
        free(s->path);
        s->fd = safe_close(s->fd);
        tls_pair_free(s->ca);
        free(s->ca_pem);
        strv_free(s->made);
        strv_free(s->kept);
}

static int is_pem(const struct dirent *entry) {
        return entry->d_name[0] != '.' && endswith(entry->d_name, ".pem");
}

int tls_store_list_clients(const char *path, char ***ret) {
        _cleanup_free_ char *directory = strjoin(path, "/" TLS_STORE_CLIENTS);
        _cleanup_strv_free_ char **names = NULL;
        struct dirent **l = NULL;
        int n, r = 0;

        if (!directory)
                return -ENOMEM;

        n = scandir(directory, &l, is_pem, versionsort);
        if (n < 0 && errno != ENOENT)
                return -errno;

        for (int i = 0; i < n; i++) {
                size_t length = strlen(l[i]->d_name) - strlen(".pem");

                if (r >= 0)
                        r = strv_consume(&names, strndup(l[i]->d_name, length));
                free(l[i]);
        }
        free(l);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(names);
        return 0;
}

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

int tls_store_check_client(const char *name) {
        if (name[0] != '\0' && name[0] != '.' && name[0] != '-' && strlen(name) <= NAME_MAX_COMMON &&
            name[strspn(name, NAME_CHARACTERS)] == '\0')
                return 0;

        return ctl_error(-EINVAL, "The name of a client is of letters, digits, . _ and -, and has up to %u: "
                         "not \"%s\".", NAME_MAX_COMMON, name);
}

/* Labels with dots between them. If the last is a number, it is an address that was misspelt. */
static bool is_host_name(const char *name) {
        const char *label = name;

        if (strlen(name) > HOST_NAME_MAX_DNS || name[strspn(name, NAME_CHARACTERS)] != '\0')
                return false;
        for (;;) {
                size_t n = strcspn(label, ".");

                if (n == 0 || n > LABEL_MAX_DNS || label[0] == '-' || label[n - 1] == '-')
                        return false;
                if (label[n] == '\0')
                        return label[strspn(label, "0123456789")] != '\0';
                label += n + 1;
        }
}

int tls_store_check_host(const char *name) {
        struct in6_addr address;

        if (inet_pton(AF_INET, name, &address) > 0 || inet_pton(AF_INET6, name, &address) > 0 ||
            is_host_name(name))
                return 0;

        return ctl_error(-EINVAL, "--name wants the name or the address of a host, not \"%s\".", name);
}

static int failed(const TlsStore *s, int r, const char *what, const char *name) {
        return ctl_error(r, "Cannot %s %s/%s: %s.", what, s->path, name, strerror(-r));
}

/* Whether there is such a file: 1 or 0. What cannot be looked at may be there, and must not be replaced, so
 * that is an error. */
static int exists(const TlsStore *s, const char *name) {
        if (faccessat(s->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return 1;

        return errno == ENOENT ? 0 : failed(s, -errno, "look for", name);
}

/* Reads a file that must be there; a NUL is behind it. To be given to tls_secret_free(). ret_size may be
 * NULL. */
static int read_file(const TlsStore *s, const char *name, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = openat(s->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char *text;
        ssize_t n;

        if (fd < 0)
                return failed(s, -errno, "read", name);

        text = calloc(1, FILE_SIZE_MAX + 1);
        if (!text)
                return ctl_error(-ENOMEM, "Out of memory.");

        n = fd_read_all(fd, text, FILE_SIZE_MAX);
        if (n < 0) {
                tls_secret_free(text, FILE_SIZE_MAX);
                return failed(s, (int) n, "read", name);
        }

        *ret = text;
        if (ret_size)
                *ret_size = (size_t) n;
        return 0;
}

static int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }

        return fsync(fd) < 0 ? -errno : 0;
}

/* Fills a file that nobody sees yet. */
static int write_hidden(const TlsStore *s, const char *hidden, mode_t mode, const gid_t *group,
                        const char *data, size_t size) {
        _cleanup_close_ int fd = -EBADF;

        /* One that is left over from a crash: there is a lock. */
        (void) unlinkat(s->fd, hidden, 0);
        fd = openat(s->fd, hidden, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        if (group && fchown(fd, (uid_t) -1, *group) < 0)
                return -errno;
        if (fchmod(fd, mode) < 0)
                return -errno;

        return write_all(fd, data, size);
}

/* Puts a file in its place, in one step. */
static int put_file(TlsStore *s, const char *name, mode_t mode, const gid_t *group, const char *data,
                    size_t size) {
        _cleanup_free_ char *hidden = strjoin(name, ".new");
        int r;

        if (!hidden)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = write_hidden(s, hidden, mode, group, data, size);
        if (r >= 0 && renameat(s->fd, hidden, s->fd, name) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(s->fd, hidden, 0);
                return failed(s, r, "write", name);
        }

        (void) fsync(s->fd);
        return strv_extend(&s->made, name) < 0 ? ctl_error(-ENOMEM, "Out of memory.") : 0;
}

static int make_pair(const TlsWish *w, const TlsPair *issuer, TlsPair **ret) {
        int r = tls_pair_new(w, issuer, ret);

        return r < 0 ? ctl_error(r, "Cannot make the certificate of \"%s\": %s.", w->name, strerror(-r)) : 0;
}

/* "Busbar CA HOST". */
static char *authority_name(void) {
        char host[NAME_MAX_COMMON - sizeof("Busbar CA ")] = "";

        (void) gethostname(host, sizeof(host) - 1);
        return strjoin("Busbar CA ", host[0] ? host : "here");
}

/* Whether the authority, as it was written down, vouches for what it vouched for before. */
static bool still_vouches(const char *pem, const TlsPair *issued) {
        _cleanup_(tls_pair_freep) TlsPair *ca = NULL;

        return tls_pair_from_pem(pem, NULL, &ca) >= 0 && tls_pair_is_issued_by(issued, ca);
}

/* Makes the authority's certificate, and its key unless there is one. issued, if not NULL, is a certificate
 * of it, which stays good; -EOPNOTSUPP, alone without a message, when it would not. */
static int make_authority(TlsStore *s, const TlsTerm *term, const TlsPair *key, const TlsPair *issued) {
        _cleanup_(tls_secret_freep) char *key_pem = NULL;
        _cleanup_(tls_pair_freep) TlsPair *ca = NULL;
        _cleanup_free_ char *pem = NULL, *name = authority_name();
        int r;

        if (!name)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = make_pair(&(TlsWish) { TLS_KIND_AUTHORITY, name, NULL, term->begin, term->ca_end, key, issued },
                      NULL, &ca);
        if (r < 0)
                return r;

        if (tls_pair_certificate_pem(ca, &pem) < 0 || tls_pair_key_pem(ca, NULL, &key_pem) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (issued && !still_vouches(pem, issued))
                return -EOPNOTSUPP;

        /* The key comes first: with it, a certificate can be made at any time. */
        r = key ? 0 : put_file(s, TLS_STORE_CA_KEY, 0600, NULL, key_pem, strlen(key_pem));
        if (r >= 0)
                r = put_file(s, TLS_STORE_CA, 0644, NULL, pem, strlen(pem));
        if (r < 0)
                return r;

        tls_pair_free(s->ca);
        free(s->ca_pem);
        s->ca = TAKE_PTR(ca);
        s->ca_pem = TAKE_PTR(pem);
        return 0;
}

/* The certificate of the server, if it is there and can be read, else NULL. */
static int find_issued(const TlsStore *s, TlsPair **ret) {
        _cleanup_(tls_secret_freep) char *pem = NULL;
        int r;

        *ret = NULL;
        r = exists(s, TLS_STORE_SERVER);
        if (r > 0)
                r = read_file(s, TLS_STORE_SERVER, &pem, NULL);
        if (r < 0 || !pem)
                return r;

        (void) tls_pair_from_pem(pem, NULL, ret);
        return 0;
}

/* Makes the certificate of an authority of which only the key is left. */
static int restore_authority(TlsStore *s, const TlsTerm *term, const char *key_pem) {
        _cleanup_(tls_pair_freep) TlsPair *key = NULL, *issued = NULL;
        int r;

        if (tls_pair_from_key(key_pem, &key) < 0)
                return ctl_error(-EINVAL, "%s/" TLS_STORE_CA_KEY " holds no private key.", s->path);

        r = find_issued(s, &issued);
        if (r >= 0)
                r = make_authority(s, term, key, issued);

        /* The certificate is that of another authority. */
        return r == -EOPNOTSUPP ? make_authority(s, term, key, NULL) : r;
}

/* Uses the authority that is there. */
static int load_authority(TlsStore *s, const TlsTerm *term, bool has_certificate, bool has_key) {
        _cleanup_(tls_secret_freep) char *pem = NULL, *key_pem = NULL;
        _cleanup_(tls_pair_freep) TlsPair *old = NULL;
        int r;

        if (!has_key)
                return ctl_error(-ENOKEY,
                        "%s has an authority without its key, " TLS_STORE_CA_KEY ", by which "
                        "alone it can vouch for more. Run this where the key is, or name another "
                        "--directory.",
                        s->path);

        r = read_file(s, TLS_STORE_CA_KEY, &key_pem, NULL);
        if (r < 0)
                return r;
        if (!has_certificate)
                return restore_authority(s, term, key_pem);

        r = read_file(s, TLS_STORE_CA, &pem, NULL);
        if (r < 0)
                return r;
        r = tls_pair_from_pem(pem, key_pem, &s->ca);
        if (r < 0)
                return ctl_error(r, r == -EKEYREJECTED ? "%s/" TLS_STORE_CA " and " TLS_STORE_CA_KEY
                                                         " do not belong together."
                                                       : "%s/" TLS_STORE_CA " or " TLS_STORE_CA_KEY
                                                         " is damaged.", s->path);
        s->ca_pem = strdup(pem);
        if (!s->ca_pem)
                return ctl_error(-ENOMEM, "Out of memory.");

        /* What it vouches for must not outlive it. Its key stays, so that the old certificate is good as
         * long as it lasts. */
        if (tls_pair_end(s->ca) < term->end) {
                s->ca_renewed = true;
                old = TAKE_PTR(s->ca);
                r = make_authority(s, term, old, old);
                return r != -EOPNOTSUPP ? r : ctl_error(r,
                        "%s has an authority that cannot be renewed here without its certificates becoming "
                        "void. Name another --directory for a new one.", s->path);
        }
        return strv_extend(&s->kept, TLS_STORE_CA) < 0 ? ctl_error(-ENOMEM, "Out of memory.") : 0;
}

static int open_directory(TlsStore *s) {
        /* Whatever the umask is: the gateway reads some of it. */
        if (mkdir(s->path, 0755) >= 0)
                (void) chmod(s->path, 0755);
        else if (errno != EEXIST)
                return ctl_error(-errno, "Cannot make the directory %s: %s.", s->path, strerror(errno));

        s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (s->fd < 0)
                return ctl_error(-errno, "Cannot open the directory %s: %s.", s->path, strerror(errno));
        if (flock(s->fd, LOCK_EX) < 0)
                return ctl_error(-errno, "Cannot lock the directory %s: %s.", s->path, strerror(errno));
        return 0;
}

int tls_store_open(const char *path, const TlsTerm *term, TlsStore *ret) {
        _cleanup_(tls_store_done) TlsStore s = { .fd = -EBADF };
        int r, has_certificate, has_key;

        s.path = strdup(path);
        if (!s.path)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = open_directory(&s);
        if (r < 0)
                return r;

        has_certificate = exists(&s, TLS_STORE_CA);
        has_key = exists(&s, TLS_STORE_CA_KEY);
        if (has_certificate < 0 || has_key < 0)
                return MIN(has_certificate, has_key);

        if (has_certificate || has_key)
                r = load_authority(&s, term, has_certificate, has_key);
        else
                r = make_authority(&s, term, NULL, NULL);
        if (r < 0)
                return r;

        *ret = s;
        s = (TlsStore) { .fd = -EBADF };
        return 0;
}

/* 1, and noted, when the file is there and stays; 0 when it is to be made. */
static int is_kept(TlsStore *s, const TlsTerm *term, const char *name) {
        int r = term->renew ? 0 : exists(s, name);

        if (r > 0 && strv_extend(&s->kept, name) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");
        return r;
}

/* Certificate, authority and key: the order that OpenSSL wants. */
static int put_pair(TlsStore *s, const char *name, mode_t mode, const gid_t *group, const TlsPair *p) {
        _cleanup_(tls_secret_freep) char *key = NULL, *all = NULL;
        _cleanup_free_ char *pem = NULL;

        if (tls_pair_certificate_pem(p, &pem) < 0 || tls_pair_key_pem(p, NULL, &key) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");
        all = strjoin(pem, s->ca_pem, key);
        if (!all)
                return ctl_error(-ENOMEM, "Out of memory.");

        return put_file(s, name, mode, group, all, strlen(all));
}

int tls_store_add_server(TlsStore *s, const TlsTerm *term, char *const *names, const gid_t *reader) {
        _cleanup_(tls_pair_freep) TlsPair *p = NULL;
        const char *name = "server";
        int r;

        r = is_kept(s, term, TLS_STORE_SERVER);
        if (r != 0)
                return MIN(r, 0);

        STRV_FOREACH(n, names)
                if (strlen(*n) <= NAME_MAX_COMMON) {
                        name = *n;
                        break;
                }

        r = make_pair(&(TlsWish) { TLS_KIND_SERVER, name, names, term->begin, term->end, NULL }, s->ca, &p);
        return r < 0 ? r : put_pair(s, TLS_STORE_SERVER, reader ? 0640 : 0600, reader, p);
}

static int put_pkcs12(TlsStore *s, const char *file, const char *name, const TlsPair *p) {
        char *p12 = NULL;
        size_t size = 0;
        int r;

        r = tls_pair_pkcs12(p, s->ca, name, "", &p12, &size);
        if (r < 0)
                return ctl_error(r, "Cannot make %s: %s.", file, strerror(-r));

        r = put_file(s, file, 0600, NULL, p12, size);
        tls_secret_free(p12, size);
        return r;
}

/* Whether the PKCS#12 of a client holds what its PEM file holds: 1, 0, or a negative errno. */
static int pkcs12_agrees(const TlsStore *s, const char *file, const TlsPair *p) {
        char *data = NULL;
        size_t size = 0;
        int r;

        r = exists(s, file);
        if (r <= 0)
                return r;
        r = read_file(s, file, &data, &size);
        if (r < 0)
                return r;

        r = tls_pair_is_in_pkcs12(p, data, size, "");
        tls_secret_free(data, size);
        return r;
}

/* Who was interrupted while a client was renewed left two files that differ: the PEM file, which comes last,
 * is the one that counts. One without a key has been changed by hand, and stays as it is. */
static int mend_client(TlsStore *s, const char *file, const char *p12_file, const char *name) {
        _cleanup_(tls_secret_freep) char *pem = NULL;
        _cleanup_(tls_pair_freep) TlsPair *p = NULL;
        int r;

        r = read_file(s, file, &pem, NULL);
        if (r < 0 || tls_pair_from_pem(pem, pem, &p) < 0)
                return r;

        r = pkcs12_agrees(s, p12_file, p);
        return r != 0 ? MIN(r, 0) : put_pkcs12(s, p12_file, name, p);
}

int tls_store_add_client(TlsStore *s, const TlsTerm *term, const char *name) {
        _cleanup_free_ char *file = strjoin(TLS_STORE_CLIENTS "/", name, ".pem");
        _cleanup_free_ char *p12_file = strjoin(TLS_STORE_CLIENTS "/", name, ".p12");
        _cleanup_(tls_pair_freep) TlsPair *p = NULL;
        int r;

        if (!file || !p12_file)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (mkdirat(s->fd, TLS_STORE_CLIENTS, 0700) < 0 && errno != EEXIST)
                return failed(s, -errno, "make the directory", TLS_STORE_CLIENTS);

        r = is_kept(s, term, file);
        if (r != 0)
                return r < 0 ? r : mend_client(s, file, p12_file, name);

        r = make_pair(&(TlsWish) { TLS_KIND_CLIENT, name, NULL, term->begin, term->end, NULL }, s->ca, &p);
        if (r >= 0)
                r = put_pkcs12(s, p12_file, name, p);
        return r < 0 ? r : put_pair(s, file, 0600, NULL, p);
}
