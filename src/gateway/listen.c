/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen.h"

#include <linux/filter.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>

#include "string-util.h"

#define BACKLOG 4096
/* Answers that a client does not read are in the memory of the kernel, which would let them become megabytes
 * for each. The kernel takes twice as much, for its own needs too. */
#define SEND_BUFFER (128 * 1024)

static void set_option(int fd, int level, int option) {
        int on = 1;

        (void) setsockopt(fd, level, option, &on, sizeof(on)); /* not for sockets that are no TCP */
}

/* Connections inherit these options, which saves system calls for each of them. */
static void prepare(int fd) {
        set_option(fd, IPPROTO_TCP, TCP_NODELAY);
        set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
        (void) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int) { SEND_BUFFER }, sizeof(int));
}

/* *ret_early: no interface has the address yet. */
static int bind_address(const struct addrinfo *a, bool shared, bool *ret_early) {
        _cleanup_close_ int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        bool ipv6 = a->ai_family == AF_INET6, early = false;

        if (fd < 0)
                return -errno;

        set_option(fd, SOL_SOCKET, SO_REUSEADDR);
        if (ipv6)
                set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
        if (shared)
                set_option(fd, SOL_SOCKET, SO_REUSEPORT);
        prepare(fd);

        int r = bind(fd, a->ai_addr, a->ai_addrlen);
        if (r < 0 && errno == EADDRNOTAVAIL) {
                early = true;
                set_option(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_FREEBIND : IP_FREEBIND);
                r = bind(fd, a->ai_addr, a->ai_addrlen);
        }
        if (r < 0 || listen(fd, BACKLOG) < 0)
                return -errno;

        *ret_early = early;
        return TAKE_FD(fd);
}

void listener_share(const Listener *l) {
        set_option(l->fd, SOL_SOCKET, SO_REUSEPORT);
}

bool listener_same(const Listener *a, const Listener *b) {
        struct stat x, y;

        return fstat(a->fd, &x) >= 0 && fstat(b->fd, &y) >= 0 && x.st_dev == y.st_dev &&
                x.st_ino == y.st_ino;
}

void listener_deafen(const Listener *l, bool on) {
        /* Of what arrives for it, segments with SYN and without ACK are dropped: those alone are new. */
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the flags of the TCP header */
                BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, 0),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(code), .filter = code };
        int unused = 0;

        /* Where this is not to be had, or is no TCP, a connection may be reset in the worst moment. */
        if (!on)
                (void) setsockopt(l->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
        else if (listener_port(l) != 0)
                (void) setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
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

/* The interface that an address is limited to, or NULL. */
static const char *scope(const char *address) {
        const char *s = strchr(address, '%');

        return s ? s + 1 : NULL;
}

int listener_new(const char *address, uint16_t port, bool shared, Listener **ret) {
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

        if (scope(address) && if_nametoindex(scope(address)) == 0)
                return -ENODEV;
        int r = resolve(address, port, &list);
        if (r < 0)
                return r;

        l->fd = bind_address(list, shared, &l->early);
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

bool listener_is_public(const Listener *l) {
        SocketAddress a;

        if (!bound_address(l, &a))
                return false;
        if (a.sa.sa_family == AF_INET)
                return ntohl(a.in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
        return a.sa.sa_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&a.in6.sin6_addr);
}

static char *numeric_address(const Listener *l) {
        char host[NI_MAXHOST];
        SocketAddress a;

        if (!bound_address(l, &a) ||
            getnameinfo(&a.sa, sizeof(a), host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0)
                return strdup("");
        return strdup(host);
}

bool listener_is_current(const Listener *l) {
        SocketAddress a;

        if (!l->address || !scope(l->address) || !bound_address(l, &a) || a.sa.sa_family != AF_INET6)
                return true;
        return if_nametoindex(scope(l->address)) == a.in6.sin6_scope_id;
}

char *listener_describe(const Listener *l) {
        _cleanup_free_ char *host = numeric_address(l);

        if (!host)
                return NULL;
        if (isempty(host))
                return strdup("socket");
        return strprintf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned) listener_port(l));
}

int listener_from_fd(int fd, bool unit, bool restored, Listener **ret) {
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;

        Listener *l = new0(Listener, 1);
        if (!l)
                return -ENOMEM;

        prepare(fd);
        l->is_listener = true;
        l->unit = unit;
        l->passed = !restored;
        l->stored = restored;
        l->fd = fd;
        listener_deafen(l, false); /* it may have been about to leave */
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
