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

int tls_store_check_host(const char *name) {
        struct in6_addr address;

        if (inet_pton(AF_INET, name, &address) > 0 || inet_pton(AF_INET6, name, &address) > 0)
                return 0;
        if (name[0] != '\0' && name[0] != '.' && name[0] != '-' && strlen(name) <= HOST_NAME_MAX_DNS &&
            name[strspn(name, NAME_CHARACTERS)] == '\0')
                return 0;

        return ctl_error(-EINVAL, "--name wants the name or the address of a host, not \"%s\".", name);
}

static int failed(const TlsStore *s, int r, const char *what, const char *name) {
        return ctl_error(r, "Cannot %s %s/%s: %s.", what, s->path, name, strerror(-r));
}

static bool exists(const TlsStore *s, const char *name) {
        return faccessat(s->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Reads a file that must be there, of text; to be given to tls_secret_free(). */
static int read_file(const TlsStore *s, const char *name, char **ret) {
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

/* Makes the authority's certificate, and its key unless there is one. */
static int make_authority(TlsStore *s, const TlsTerm *term, const char *name, const TlsPair *key) {
        _cleanup_(tls_secret_freep) char *key_pem = NULL;
        _cleanup_(tls_pair_freep) TlsPair *ca = NULL;
        _cleanup_free_ char *pem = NULL;
        int r;

        r = make_pair(&(TlsWish) { TLS_KIND_AUTHORITY, name, NULL, term->begin, term->ca_end, key }, NULL,
                      &ca);
        if (r < 0)
                return r;

        if (tls_pair_certificate_pem(ca, &pem) < 0 || tls_pair_key_pem(ca, NULL, &key_pem) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");

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

/* Uses the authority that is there. */
static int load_authority(TlsStore *s, const TlsTerm *term, const char *name) {
        _cleanup_(tls_secret_freep) char *pem = NULL, *key_pem = NULL;
        _cleanup_(tls_pair_freep) TlsPair *key = NULL;
        int r;

        if (!exists(s, TLS_STORE_CA_KEY))
                return ctl_error(-ENOKEY,
                        "%s has an authority without its key, " TLS_STORE_CA_KEY ", by which "
                        "alone it can vouch for more. Run this where the key is, or name another "
                        "--directory.",
                        s->path);

        r = read_file(s, TLS_STORE_CA_KEY, &key_pem);
        if (r < 0)
                return r;
        if (!exists(s, TLS_STORE_CA)) {
                if (tls_pair_from_key(key_pem, &key) < 0)
                        return ctl_error(-EINVAL, "%s/" TLS_STORE_CA_KEY " holds no private key.", s->path);
                return make_authority(s, term, name, key);
        }

        r = read_file(s, TLS_STORE_CA, &pem);
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
                return make_authority(s, term, name, s->ca);
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
        _cleanup_free_ char *name = authority_name();
        int r;

        s.path = strdup(path);
        if (!s.path || !name)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = open_directory(&s);
        if (r < 0)
                return r;

        if (exists(&s, TLS_STORE_CA) || exists(&s, TLS_STORE_CA_KEY))
                r = load_authority(&s, term, name);
        else
                r = make_authority(&s, term, name, NULL);
        if (r < 0)
                return r;

        *ret = s;
        s = (TlsStore) { .fd = -EBADF };
        return 0;
}

/* True, and noted, when the file is there and stays. */
static bool is_kept(TlsStore *s, const TlsTerm *term, const char *name) {
        return !term->renew && exists(s, name) && strv_extend(&s->kept, name) >= 0;
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

        if (is_kept(s, term, TLS_STORE_SERVER))
                return 0;

        STRV_FOREACH(n, names)
                if (strlen(*n) <= NAME_MAX_COMMON) {
                        name = *n;
                        break;
                }

        r = make_pair(&(TlsWish) { TLS_KIND_SERVER, name, names, term->begin, term->end, NULL }, s->ca, &p);
        return r < 0 ? r : put_pair(s, TLS_STORE_SERVER, reader ? 0640 : 0600, reader, p);
}

int tls_store_add_client(TlsStore *s, const TlsTerm *term, const char *name) {
        _cleanup_free_ char *file = strjoin(TLS_STORE_CLIENTS "/", name, ".pem");
        _cleanup_free_ char *p12_file = strjoin(TLS_STORE_CLIENTS "/", name, ".p12");
        _cleanup_(tls_pair_freep) TlsPair *p = NULL;
        char *p12 = NULL;
        size_t size = 0;
        int r;

        if (!file || !p12_file)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (mkdirat(s->fd, TLS_STORE_CLIENTS, 0700) < 0 && errno != EEXIST)
                return failed(s, -errno, "make the directory", TLS_STORE_CLIENTS);
        if (is_kept(s, term, file))
                return 0;

        r = make_pair(&(TlsWish) { TLS_KIND_CLIENT, name, NULL, term->begin, term->end, NULL }, s->ca, &p);
        if (r < 0)
                return r;
        r = tls_pair_pkcs12(p, s->ca, name, "", &p12, &size);
        if (r < 0)
                return ctl_error(r, "Cannot make %s: %s.", p12_file, strerror(-r));

        /* The PEM file is the last: a client that has it is complete. */
        r = put_file(s, p12_file, 0600, NULL, p12, size);
        tls_secret_free(p12, size);
        return r < 0 ? r : put_pair(s, file, 0600, NULL, p);
}
