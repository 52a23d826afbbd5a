/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include "client.h"
#include "fake-gateway.h"
#include "server.h"
#include "test-util.h"
#include "time-util.h"

/* A server whose clients are the other ends of socket pairs, all in this process. */
typedef struct Setup {
        FakeGateway *fake;
        Gateway *gateway;
        Server *server;
} Setup;

static inline Setup setup(const ServerLimits *limits) {
        Setup s = { .fake = fake_gateway_new() };

        s.gateway = &s.fake->gateway;
        ASSERT_OK(sd_event_new(&s.gateway->event));
        ASSERT_OK(verifier_new(s.gateway->event, &s.gateway->verifier));
        ASSERT_OK(server_new(s.gateway, limits, &s.server));
        s.gateway->server = s.server;
        return s;
}

static inline void teardown(Setup *s) {
        server_free(s->server);
        verifier_free(s->gateway->verifier);
        sd_event_unref(s->gateway->event);
        fake_gateway_free(s->fake);
}

static inline int connect_address(Setup *s, const SocketAddress *a, Client **ret) {
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        Client *c = server_adopt(s->server, fds[1], a);
        if (ret)
                *ret = c;
        return fds[0];
}

/* Returns our end; *ret, if not NULL, becomes the server's client, NULL when it was refused. */
static inline int connect_client(Setup *s, Client **ret) {
        return connect_address(s, &(SocketAddress) { .sa.sa_family = AF_UNIX }, ret);
}

static inline int connect_from(Setup *s, const char *address, Client **ret) {
        SocketAddress a = {};

        if (strchr(address, ':')) {
                a.in6.sin6_family = AF_INET6;
                ASSERT_EQ(inet_pton(AF_INET6, address, &a.in6.sin6_addr), 1);
        } else {
                a.in.sin_family = AF_INET;
                ASSERT_EQ(inet_pton(AF_INET, address, &a.in.sin_addr), 1);
        }
        return connect_address(s, &a, ret);
}

static inline void turn(Setup *s, uint64_t usec) {
        ASSERT_OK(server_turn(s->server, (int) (usec / USEC_PER_MSEC)));
}

static inline void say(int fd, const char *text) {
        ASSERT_EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t) strlen(text));
}

/* Asks until it is not answered any more, as it does not read. */
static inline void fill(Setup *s, int fd) {
        static const char request[] = "LIST VAR zeta\n";

        for (unsigned idle = 0; idle < 20; idle++)
                if (send(fd, request, strlen(request), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
                        idle = 0;
                else
                        turn(s, 0);
}

/* Turns the loop until the text has come, or the end of the connection ("" then). */
static inline void expect(Setup *s, int fd, const char *text) {
        char buffer[8192];
        size_t n = 0, wanted = strlen(text);
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;

        while (n < MAX(wanted, (size_t) 1)) {
                ssize_t k = recv(fd, buffer + n, sizeof(buffer) - 1 - n, MSG_DONTWAIT);

                if (k == 0)
                        break;
                if (k > 0) {
                        n += (size_t) k;
                        continue;
                }
                ASSERT_TRUE(errno == EAGAIN && now_usec(CLOCK_MONOTONIC) < deadline);
                turn(s, 10 * USEC_PER_MSEC);
        }
        buffer[n] = '\0';
        ASSERT_STREQ(buffer, text);
}
