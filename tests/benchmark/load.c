/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asks a server the same again and again, over many connections at once.
 *
 * Usage: load [SERVER,SOURCE,]PORT PID CONNECTIONS DEPTH SECONDS PAUSE
 *                  REQUEST ANSWER-SIZE [REQUEST ANSWER-SIZE...]
 *
 * Connects all, has each ask one thing, and prints how many were answered and how many seconds that took.
 * Then each connection sends DEPTH requests at a time, waits until the answers to all of them are there,
 * pauses for PAUSE microseconds (with one connection only), and goes on. Several requests take turns. In the
 * end it prints: requests per second; median, 99th, 99.9th percentile and maximum of the time of a round in
 * microseconds; nanoseconds of processor time per request that the process PID took, and those that we took.
 *
 * With 0 SECONDS the connections are kept until the standard input ends. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "macro.h"

#define INPUT_SIZE (1U << 20)
#define EVENTS 256
/* Who has not been answered so long after the last answer to anybody will not be. */
#define GIVE_UP_MSEC 4000
/* Times in nanoseconds fall into 32 classes for each power of two. */
#define CLASSES_PER_POWER 32U
#define N_CLASSES (64U * CLASSES_PER_POWER)

typedef struct Round {
        char *text; /* DEPTH requests */
        size_t size, answer_size;
} Round;

typedef struct Connection {
        int fd;
        unsigned next_round;
        bool greeted; /* has been answered once */
        size_t missing; /* bytes of the answers under way */
        uint64_t since_nsec;
} Connection;

typedef struct Load {
        struct sockaddr_in server, source; /* source: of no family for any */
        pid_t pid;
        size_t n_connections, depth;
        double seconds;
        uint64_t pause_nsec;
        Round *rounds;
        size_t n_rounds;
        Round greeting;
        Connection *connections;
        int epoll_fd;
        uint64_t n_done, longest_nsec;
        uint64_t classes[N_CLASSES];
        char input[INPUT_SIZE];
} Load;

static uint64_t clock_nsec(clockid_t clock) {
        struct timespec ts;

        (void) clock_gettime(clock, &ts);
        return (uint64_t) ts.tv_sec * 1000000000U + (uint64_t) ts.tv_nsec;
}

static uint64_t now_nsec(void) {
        return clock_nsec(CLOCK_MONOTONIC);
}

/* Processor time of a process that has one thread worth mentioning. */
static uint64_t process_nsec(pid_t pid) {
        char path[64], text[64] = "";
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        if (read(fd, text, sizeof(text) - 1) < 0)
                *text = '\0';
        (void) close(fd);
        return strtoull(text, NULL, 10);
}

/*** Times ***/

static unsigned class_of(uint64_t nsec) {
        unsigned power = 63U - (unsigned) __builtin_clzll(nsec | CLASSES_PER_POWER);

        return (power - 4) * CLASSES_PER_POWER + (unsigned) ((nsec >> (power - 5)) % CLASSES_PER_POWER);
}

static double class_usec(unsigned class) {
        unsigned power = class / CLASSES_PER_POWER + 4;
        uint64_t low = (uint64_t) (CLASSES_PER_POWER + class % CLASSES_PER_POWER) << (power - 5);

        return (double) low / 1e3;
}

static void note_time(Load *l, uint64_t nsec) {
        l->classes[class_of(nsec)]++;
        l->longest_nsec = MAX(l->longest_nsec, nsec);
        l->n_done++;
}

static double percentile(const Load *l, double share) {
        uint64_t wanted = (uint64_t) ((double) l->n_done * share), n = 0;

        for (unsigned i = 0; i < N_CLASSES; i++) {
                n += l->classes[i];
                if (n > wanted)
                        return class_usec(i);
        }
        return (double) l->longest_nsec / 1e3;
}

/*** Talking ***/

static int connection_send(Connection *c, const Round *r) {
        c->missing = r->answer_size;
        c->since_nsec = now_nsec();
        return send(c->fd, r->text, r->size, MSG_NOSIGNAL) == (ssize_t) r->size ? 0 : -EIO;
}

/* 1 when all answers are there, 0 when more are to come. */
static int connection_receive(Load *l, Connection *c) {
        ssize_t n = recv(c->fd, l->input, MIN(c->missing, sizeof(l->input)), 0);

        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n <= 0)
                return n < 0 ? -errno : -ECONNRESET;
        if (l->input[0] == 'E' && l->input[1] == 'R')
                return -EPROTO;
        c->missing -= (size_t) n;
        return c->missing == 0;
}

static const Round *next_round(Load *l, Connection *c) {
        const Round *r = l->rounds + c->next_round;

        c->next_round = (c->next_round + 1) % (unsigned) l->n_rounds;
        return r;
}

static int connection_open(Load *l, Connection *c) {
        struct epoll_event e = { .events = EPOLLOUT, .data.ptr = c };
        /* No sockets that wait for stragglers: there may be many runs. */
        struct linger linger = { .l_onoff = 1 };
        int one = 1;

        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (c->fd < 0)
                return -errno;
        if (l->source.sin_family == AF_INET &&
            bind(c->fd, (const struct sockaddr *) &l->source, sizeof(l->source)) < 0)
                return -errno;
        if (connect(c->fd, (const struct sockaddr *) &l->server, sizeof(l->server)) < 0 &&
            errno != EINPROGRESS)
                return -errno;
        (void) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        (void) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, c->fd, &e) < 0 ? -errno : 0;
}

/* Returns 1 with the first answer. */
static int connection_greet(Load *l, Connection *c, uint32_t events) {
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
        int r;

        if (!(events & EPOLLOUT)) {
                r = connection_receive(l, c);
                c->greeted = r > 0;
                return r;
        }
        r = connection_send(c, &l->greeting);
        if (r < 0)
                return r;
        return epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, c->fd, &e) < 0 ? -errno : 0;
}

/* Connects all, and prints how that went. */
static int greet(Load *l) {
        uint64_t begin = now_nsec(), last = begin;
        struct epoll_event events[EVENTS];
        size_t n_greeted = 0;

        for (size_t i = 0; i < l->n_connections; i++) {
                int r = connection_open(l, l->connections + i);
                if (r < 0)
                        return r;
                l->connections[i].next_round = (unsigned) (i % l->n_rounds);
        }
        while (n_greeted < l->n_connections) {
                int n = epoll_wait(l->epoll_fd, events, EVENTS, GIVE_UP_MSEC);

                if (n <= 0)
                        break;
                for (int i = 0; i < n; i++) {
                        int r = connection_greet(l, events[i].data.ptr, events[i].events);
                        if (r < 0)
                                return r;
                        if (r == 0)
                                continue;
                        n_greeted++;
                        last = now_nsec();
                }
        }
        printf("%zu %.6f\n", n_greeted, (double) (last - begin) / 1e9);
        (void) fflush(stdout);
        return 0;
}

/*** Rounds ***/

static int run_one(Load *l, uint64_t end) {
        Connection *c = l->connections;

        if (fcntl(c->fd, F_SETFL, 0) < 0)
                return -errno;
        for (uint64_t next = now_nsec(); now_nsec() < end;) {
                int r = connection_send(c, next_round(l, c));

                while (r == 0)
                        r = connection_receive(l, c);
                if (r < 0)
                        return r;
                note_time(l, now_nsec() - c->since_nsec);
                if (l->pause_nsec == 0)
                        continue;

                next = MAX(next + l->pause_nsec, now_nsec());
                struct timespec ts = { (time_t) (next / 1000000000U), (long) (next % 1000000000U) };
                (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
        }
        return 0;
}

static int start_all(Load *l) {
        for (size_t i = 0; i < l->n_connections; i++)
                if (l->connections[i].greeted && connection_send(l->connections + i,
                                next_round(l, l->connections + i)) < 0)
                        return -EIO;
        return 0;
}

static int run_all(Load *l, uint64_t end) {
        struct epoll_event events[EVENTS];

        while (now_nsec() < end) {
                int n = epoll_wait(l->epoll_fd, events, EVENTS, 100);

                for (int i = 0; i < n; i++) {
                        Connection *c = events[i].data.ptr;
                        int r = c->greeted ? connection_receive(l, c) : 0;

                        if (r < 0)
                                return r;
                        if (r == 0)
                                continue;
                        note_time(l, now_nsec() - c->since_nsec);
                        if (connection_send(c, next_round(l, c)) < 0)
                                return -EIO;
                }
        }
        return 0;
}

static int run(Load *l) {
        int r = l->n_connections == 1 ? 0 : start_all(l);
        if (r < 0)
                return r;

        uint64_t server = process_nsec(l->pid), own = clock_nsec(CLOCK_PROCESS_CPUTIME_ID);
        uint64_t begin = now_nsec(), end = begin + (uint64_t) (l->seconds * 1e9);

        r = l->n_connections == 1 ? run_one(l, end) : run_all(l, end);
        if (r < 0)
                return r;

        double n = (double) MAX(l->n_done * l->depth, UINT64_C(1));
        printf("%.0f %.1f %.1f %.1f %.1f %.0f %.0f\n", n / ((double) (now_nsec() - begin) / 1e9),
                        percentile(l, 0.5), percentile(l, 0.99), percentile(l, 0.999),
                        (double) l->longest_nsec / 1e3, (double) (process_nsec(l->pid) - server) / n,
                        (double) (clock_nsec(CLOCK_PROCESS_CPUTIME_ID) - own) / n);
        return 0;
}

/*** Arguments ***/

/* Round number i begins with request number i. */
static int make_round(Round *round, char *const *requests, size_t n_requests, size_t i, size_t depth) {
        FILE *f = open_memstream(&round->text, &round->size);

        if (!f)
                return -ENOMEM;
        for (size_t k = 0; k < depth; k++) {
                char *const *request = requests + 2 * ((i + k) % n_requests);

                (void) fprintf(f, "%s\n", request[0]);
                round->answer_size += strtoul(request[1], NULL, 10);
        }
        return fclose(f) == 0 ? 0 : -ENOMEM;
}

static int make_rounds(Load *l, char *const *requests, size_t n) {
        l->rounds = calloc(n, sizeof(Round));
        if (!l->rounds)
                return -ENOMEM;
        l->n_rounds = n;
        for (size_t i = 0; i < n; i++) {
                int r = make_round(l->rounds + i, requests, n, i, l->depth);
                if (r < 0)
                        return r;
        }
        return make_round(&l->greeting, requests, n, 0, 1);
}

/* [SERVER,SOURCE,]PORT, both addresses of IPv4. */
static int read_target(Load *l, const char *text) {
        char server[INET_ADDRSTRLEN] = "127.0.0.1", source[INET_ADDRSTRLEN] = "";
        unsigned port;

        if (sscanf(text, "%15[0-9.],%15[0-9.],%u", server, source, &port) != 3) {
                strcpy(server, "127.0.0.1");
                source[0] = '\0';
                if (sscanf(text, "%u", &port) != 1)
                        return -EINVAL;
        }
        l->server = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons((uint16_t) port) };
        if (inet_pton(AF_INET, server, &l->server.sin_addr) != 1)
                return -EINVAL;
        if (source[0] && inet_pton(AF_INET, source, &l->source.sin_addr) != 1)
                return -EINVAL;
        l->source.sin_family = source[0] ? AF_INET : AF_UNSPEC;
        return 0;
}

static int start(Load *l, int argc, char *argv[]) {
        if (argc < 9 || argc % 2 == 0)
                return -EINVAL;

        int r = read_target(l, argv[1]);
        if (r < 0)
                return r;
        l->pid = (pid_t) strtol(argv[2], NULL, 10);
        l->n_connections = strtoul(argv[3], NULL, 10);
        l->depth = strtoul(argv[4], NULL, 10);
        l->seconds = strtod(argv[5], NULL);
        l->pause_nsec = strtoul(argv[6], NULL, 10) * 1000U;
        l->connections = calloc(l->n_connections, sizeof(Connection));
        if (!l->connections)
                return -ENOMEM;
        l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (l->epoll_fd < 0)
                return -errno;
        return make_rounds(l, argv + 7, (size_t) (argc - 7) / 2);
}

int main(int argc, char *argv[]) {
        Load *l = calloc(1, sizeof(Load));
        int r = l ? start(l, argc, argv) : -ENOMEM;

        if (r >= 0)
                r = greet(l);
        if (r >= 0 && l->seconds > 0)
                r = run(l);
        else if (r >= 0)
                (void) getchar();
        if (r < 0)
                fprintf(stderr, "load: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS; /* the end of the process frees what it had */
}
