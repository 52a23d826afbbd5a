/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <grp.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "json.h"
#include "string-util.h"
#include "tls-info.h"
#include "tls-store.h"
#include "verb-tls.h"

/* Nobody watches these dates, and a client whose certificate has expired does not hear of a power failure.
 */
#define DAYS_DEFAULT 3650

#define DAY INT64_C(86400)
#define ADDRESSES_MAX 32U

/* Of the user that the gateway runs as. */
#define GATEWAY_GROUP "busbar-gateway"

static int add_name(char ***names, const char *name) {
        if (isempty(name) || strv_find_nocase(*names, name) >= 0)
                return 0;

        return strv_extend(names, name);
}

/* The name of this machine, in the short and in the long form. */
static int add_host_names(char ***names) {
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME };
        char host[256] = "";
        struct addrinfo *l;
        int r;

        if (gethostname(host, sizeof(host) - 1) < 0)
                return -errno;

        r = add_name(names, host);
        if (r < 0 || isempty(host) || getaddrinfo(host, NULL, &hints, &l) != 0)
                return r;

        r = add_name(names, l->ai_canonname);
        freeaddrinfo(l);
        return r;
}

/* Addresses that others can reach, as they are now. Those of a link are not known by their number alone. */
static int add_address(char ***names, const struct ifaddrs *a) {
        char text[INET6_ADDRSTRLEN];

        if (!a->ifa_addr || (a->ifa_flags & IFF_LOOPBACK))
                return 0;
        if (a->ifa_addr->sa_family == AF_INET) {
                struct sockaddr_in in;

                memcpy(&in, a->ifa_addr, sizeof(in));
                return add_name(names, inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text)));
        }
        if (a->ifa_addr->sa_family == AF_INET6) {
                struct sockaddr_in6 in6;

                memcpy(&in6, a->ifa_addr, sizeof(in6));
                if (!IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
                        return add_name(names, inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text)));
        }

        return 0;
}

static int add_addresses(char ***names) {
        struct ifaddrs *l;
        int r = 0;

        if (getifaddrs(&l) < 0)
                return -errno;

        for (const struct ifaddrs *a = l; r >= 0 && a && strv_length(*names) < ADDRESSES_MAX;
                a = a->ifa_next)
                r = add_address(names, a);
        freeifaddrs(l);
        return r;
}

static int add_all(char ***names, char *const *more) {
        int r = 0;

        STRV_FOREACH(name, more)
                if (r >= 0)
                        r = add_name(names, *name);
        return r;
}

/* What clients may call this server: what was asked for, what they called it by now, and what it is called.
 */
static int server_names(const Ctl *c, const char *path, char ***ret) {
        static const char *const local[] = { "localhost", "127.0.0.1", "::1" };
        _cleanup_free_ char *server = strjoin(path, "/" TLS_STORE_SERVER);
        _cleanup_strv_free_ char **names = NULL;
        TlsInfo *old = NULL;
        size_t n_old = 0;
        int r;

        if (!server)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = add_all(&names, c->names);
        if (r >= 0 && tls_info_read(server, NULL, NULL, &old, &n_old) >= 0 && n_old > 0)
                r = add_all(&names, old[0].names);
        tls_info_free(old, n_old);
        if (r >= 0)
                r = add_host_names(&names);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(local); i++)
                r = add_name(&names, local[i]);
        if (r >= 0)
                r = add_addresses(&names);
        if (r < 0)
                return ctl_error(r, "Cannot find out the names of this machine: %s.", strerror(-r));

        *ret = TAKE_PTR(names);
        return 0;
}

/* Whether there is a group that is to read the server's key. */
static bool find_reader(gid_t *ret) {
        const struct group *g = geteuid() == 0 ? getgrnam(GATEWAY_GROUP) : NULL;

        if (g)
                *ret = g->gr_gid;
        return g;
}

static void print_server_side(const TlsStore *s, bool readable) {
        printf("\nOn this machine, in upsd.conf, and then \"systemctl reload busbar-gateway\":\n\n"
               "    CERTFILE %s/" TLS_STORE_SERVER "\n"
               "    CERTPATH %s/" TLS_STORE_CA "\n"
               "    CERTREQUEST 1\n\n"
               "CERTREQUEST 2 lets nobody in without a certificate, 0 asks for none.\n", s->path, s->path);
        if (!readable)
                printf("The gateway must be able to read " TLS_STORE_SERVER
                       ": there is no group " GATEWAY_GROUP " that it could be given to.\n");
}

static void print_client_side(const TlsStore *s, const char *client, const char *host) {
        _cleanup_free_ char *authority = tls_pair_name(s->ca);

        printf("\nFor a client with Busbar, copy %s/" TLS_STORE_CLIENTS "/%s.pem\nto /etc/nut/%s.pem there, "
               "mode 0640, group busbar-driver. In its upsmon.conf:\n\n"
               "    CERTPATH /etc/nut/%s.pem\n"
               "    CERTFILE /etc/nut/%s.pem\n"
               "    CERTHOST %s %s 1 1\n", s->path, client, client, client, client, host, host);

        printf("\nFor a client with NUT built with OpenSSL, copy the same file, group nut, and have in its\n"
               "upsmon.conf (before version 2.8.6, CERTPATH is a directory with the file, for which\n"
               "\"openssl rehash\" was run, and clients have no CERTFILE):\n\n"
               "    CERTPATH /etc/nut/%s.pem\n"
               "    CERTFILE /etc/nut/%s.pem\n"
               "    CERTVERIFY 1\n"
               "    FORCESSL 1\n", client, client);

        printf("\nFor a client with NUT built with NSS, as that of Debian, copy %s/" TLS_STORE_CLIENTS
               "/%s.p12,\nand run there (package libnss3-tools):\n\n"
               "    mkdir -p /etc/nut/nss && certutil -N -d sql:/etc/nut/nss --empty-password\n"
               "    pk12util -i %s.p12 -d sql:/etc/nut/nss -W ''\n"
               "    certutil -M -d sql:/etc/nut/nss -n '%s' -t CT,,\n"
               "    chgrp -R nut /etc/nut/nss && chmod -R g+rX,o-rwx /etc/nut/nss\n\n"
               "and in its upsmon.conf:\n\n"
               "    CERTPATH sql:/etc/nut/nss\n"
               "    CERTIDENT %s \"\"\n"
               "    CERTHOST %s %s 1 1\n"
               "    CERTVERIFY 1\n"
               "    FORCESSL 1\n", s->path, client, client, strempty(authority), client, host, host);
}

static void print_list(const char *title, const TlsStore *s, char *const *names) {
        STRV_FOREACH(name, names)
                printf("%s %s/%s\n", title, s->path, *name);
}

static int report(const Ctl *c, const TlsStore *s, const char *client, const char *host, bool readable) {
        Json j = { .f = stdout };

        if (c->json) {
                json_object(&j, NULL);
                json_string(&j, "directory", s->path);
                json_strv(&j, "made", s->made);
                json_strv(&j, "kept", s->kept);
                json_object_end(&j);
                return json_finish(&j);
        }

        print_list("made", s, s->made);
        print_list("kept", s, s->kept);
        if (s->ca_renewed)
                printf("The authority's certificate is new, its key is not: clients can go on with the old "
                       "one "
                       "until\nthat expires.\n");
        print_server_side(s, readable);
        print_client_side(s, client, host);
        return 0;
}

/* Those that were named. Else those that are there, to renew them, or one called "client" when there is
 * none. */
static int add_clients(TlsStore *s, const TlsTerm *term, char **named) {
        _cleanup_strv_free_ char **there = NULL;
        int r;

        r = tls_store_list_clients(s->path, &there);
        if (r >= 0 && !named[0] && !there)
                r = strv_extend(&there, "client");
        if (r < 0)
                return ctl_error(r, "Cannot read %s/" TLS_STORE_CLIENTS ": %s.", s->path, strerror(-r));

        STRV_FOREACH(name, named[0] ? named : there)
                if (r >= 0)
                        r = tls_store_add_client(s, term, *name);
        return r;
}

/* Says what was not done although it was asked for. */
static void report_kept(const Ctl *c, const TlsStore *s) {
        if (c->names && strv_contains(s->kept, TLS_STORE_SERVER))
                ctl_error(0,
                        "%s/" TLS_STORE_SERVER
                        " stays as it is, for the names in it; with --renew there is a "
                        "new one.",
                        s->path);
}

/* Before anything is written. */
static int check_names(const Ctl *c, char **clients) {
        int r = 0;

        STRV_FOREACH(name, c->names)
                if (r >= 0)
                        r = tls_store_check_host(*name);
        STRV_FOREACH(name, clients)
                if (r >= 0)
                        r = tls_store_check_client(*name);
        return r;
}

int verb_tls_init(Ctl *c, char **clients) {
        int64_t now = time(NULL), days = c->days ?: DAYS_DEFAULT;
        const TlsTerm term = {
                .begin = now - DAY, /* clocks differ */
                .end = now + days * DAY,
                .ca_end = now + 2 * days * DAY,
                .renew = c->given & CTL_OPTION_RENEW,
        };
        _cleanup_(tls_store_done) TlsStore s = { .fd = -EBADF };
        _cleanup_free_ char *path = tls_store_path(c->directory);
        _cleanup_strv_free_ char **names = NULL;
        gid_t group = 0;
        bool readable = find_reader(&group);
        int r;

        if (!path)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = check_names(c, clients);
        if (r >= 0)
                r = server_names(c, path, &names);
        if (r >= 0)
                r = tls_store_open(path, &term, &s);
        if (r >= 0)
                r = tls_store_add_server(&s, &term, names, readable ? &group : NULL);
        if (r >= 0)
                r = add_clients(&s, &term, clients);
        if (r < 0)
                return r;

        report_kept(c, &s);
        return report(c, &s, clients[0] ?: "CLIENT", names[0], readable);
}
