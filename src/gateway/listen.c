/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <fcntl.h>

#include "string-util.h"

#define BACKLOG 4096

static void set_option(int fd, int level, int option) {
        int on = 1;

        (void) setsockopt(fd, level, option, &on, sizeof(on)); /* not for sockets that are no TCP */
}

/* Connections inherit these options, which saves system calls for each of them. */
static void prepare(int fd) {
        set_option(fd, IPPROTO_TCP, TCP_NODELAY);
        set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
}

static int bind_address(const struct addrinfo *a) {
        _cleanup_close_ int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        set_option(fd, SOL_SOCKET, SO_REUSEADDR);
        if (a->ai_family == AF_INET6)
                set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
        prepare(fd);
        if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
                return -errno;

        return TAKE_FD(fd);
}

/* Names are not looked up: a server of them that does not answer would hold up all clients. */
static int resolve(const char *address, uint16_t port, struct addrinfo **ret) {
        struct addrinfo hints = {
                .ai_socktype = SOCK_STREAM,
                .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        };
        char service[8];

        (void) snprintf(service, sizeof(service), "%u", (unsigned) port);
        switch (getaddrinfo(address, service, &hints, ret)) {
        case 0:
                return 0;
        case EAI_MEMORY:
                return -ENOMEM;
        case EAI_SYSTEM:
                return errno > 0 ? -errno : -EIO;
        default:
                return -EADDRNOTAVAIL;
        }
}

int listener_new(const char *address, uint16_t port, Listener **ret) {
        _cleanup_(listener_freep) Listener *l = new0(Listener, 1);
        struct addrinfo *list;

        if (!l)
                return -ENOMEM;
        l->is_listener = true;
        l->fd = -EBADF;
        l->port = port;
        l->address = strdup(address);
        if (!l->address)
                return -ENOMEM;

        int r = resolve(address, port, &list);
        if (r < 0)
                return r;

        l->fd = bind_address(list);
        freeaddrinfo(list);
        if (l->fd < 0)
                return l->fd;

        *ret = TAKE_PTR(l);
        return 0;
}

Listener *listener_free(Listener *l) {
        if (!l)
                return NULL;

        safe_close(l->fd);
        free(l->address);
        free(l);
        return NULL;
}

void listener_end(Listener *l) {
        (void) shutdown(l->fd, SHUT_RDWR);
        listener_free(l);
}

static bool bound_address(const Listener *l, SocketAddress *ret) {
        socklen_t n = sizeof(*ret);

        return getsockname(l->fd, &ret->sa, &n) >= 0;
}

uint16_t listener_port(const Listener *l) {
        SocketAddress a;

        if (!bound_address(l, &a))
                return 0;
        if (a.sa.sa_family == AF_INET)
                return ntohs(a.in.sin_port);
        return a.sa.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port) : 0;
}

static char *numeric_address(const Listener *l) {
        char host[NI_MAXHOST];
        SocketAddress a;

        if (!bound_address(l, &a) ||
            getnameinfo(&a.sa, sizeof(a), host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0)
                return strdup("");
        return strdup(host);
}

char *listener_describe(const Listener *l) {
        _cleanup_free_ char *host = numeric_address(l);

        if (!host)
                return NULL;
        if (isempty(host))
                return strdup("socket");
        return strprintf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned) listener_port(l));
}

int listener_from_fd(int fd, bool restored, Listener **ret) {
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;

        Listener *l = new0(Listener, 1);
        if (!l)
                return -ENOMEM;

        prepare(fd);
        l->is_listener = true;
        l->passed = !restored;
        l->stored = restored;
        l->fd = fd;
        if (restored) {
                l->port = listener_port(l);
                l->address = numeric_address(l);
                if (!l->address) {
                        free(l);
                        return -ENOMEM;
                }
        }

        *ret = l;
        return 0;
}
