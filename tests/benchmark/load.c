/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asks a server the same again and again over one connection.
 *
 * Usage: load PORT REQUEST ANSWER-SIZE DEPTH SECONDS
 *
 * Sends DEPTH requests at a time, waits until the answers to all of them are there (ANSWER-SIZE bytes each),
 * and goes on. Prints the requests per second, and the median, the 99th percentile and the maximum of the
 * time of a round in microseconds. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "macro.h"

#define ROUNDS_MAX (4U * 1024U * 1024U)

static uint64_t now_nsec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000U + (uint64_t) ts.tv_nsec;
}

static int connect_to(uint16_t port) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons(port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
}

static int round_trip(int fd, const char *request, size_t request_size, size_t answer_size) {
        char input[65536];

        if (send(fd, request, request_size, MSG_NOSIGNAL) != (ssize_t) request_size)
                return -EIO;
        while (answer_size > 0) {
                ssize_t n = recv(fd, input, MIN(answer_size, sizeof(input)), 0);

                if (n <= 0)
                        return n < 0 ? -errno : -ECONNRESET;
                answer_size -= (size_t) n;
        }
        return 0;
}

static int compare(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return x < y ? -1 : x > y;
}

/* Rounds for so long; their times go to nsec. Returns how many there were, or a negative errno. */
static int measure(
                int fd,
                const char *requests,
                size_t size,
                size_t answer_size,
                double seconds,
                uint32_t *nsec,
                double *ret_elapsed) {

        uint64_t begin = now_nsec(), end = begin + (uint64_t) (seconds * 1e9), now = begin;
        int n = 0;

        for (; now < end && n < (int) ROUNDS_MAX; n++) {
                int r = round_trip(fd, requests, size, answer_size);
                uint64_t after = now_nsec();

                if (r < 0)
                        return r;
                nsec[n] = (uint32_t) (after - now);
                now = after;
        }
        *ret_elapsed = (double) (now - begin) / 1e9;
        return n;
}

int main(int argc, char *argv[]) {
        _cleanup_free_ uint32_t *nsec = calloc(ROUNDS_MAX, sizeof(uint32_t));
        _cleanup_free_ char *requests = NULL;
        double elapsed = 0;
        int fd, n;

        if (!nsec || argc != 6)
                return EXIT_FAILURE;

        size_t depth = strtoul(argv[4], NULL, 10), length = strlen(argv[2]) + 1;
        requests = malloc(depth * length + 1);
        if (!requests)
                return EXIT_FAILURE;
        for (size_t i = 0; i < depth; i++)
                (void) sprintf(requests + i * length, "%s\n", argv[2]);

        fd = connect_to((uint16_t) strtoul(argv[1], NULL, 10));
        n = fd < 0 ? fd : measure(fd, requests, depth * length, depth * strtoul(argv[3], NULL, 10),
                                  strtod(argv[5], NULL), nsec, &elapsed);
        if (n <= 0) {
                fprintf(stderr, "load: %s\n", strerror(-n));
                return EXIT_FAILURE;
        }

        qsort(nsec, (size_t) n, sizeof(uint32_t), compare);
        printf("%.0f %.1f %.1f %.1f\n", (double) n * (double) depth / elapsed, nsec[n / 2] / 1e3,
                        nsec[(size_t) n * 99 / 100] / 1e3, nsec[n - 1] / 1e3);
        return EXIT_SUCCESS;
}
