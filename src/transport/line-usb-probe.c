/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "line-usb.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* Asks a simulated device of tests/usbip lines, without a kernel: what libusb does elsewhere is done here by
 * speaking USB/IP to it. For each line of hexadecimal digits on standard input, the answer is a line of
 * those, or "none", or the name of an error.
 *
 * Usage: line-usb-probe PORT WAY [language=N] [binary=N] [timeout=MSEC] [novendor] [optional] */

enum {
        COMMAND_SUBMIT = 1,
        COMMAND_UNLINK,
};

typedef struct Host {
        int fd;
        uint32_t number;
} Host;

typedef struct Header {
        uint32_t command, number, device, direction, endpoint;
        union {
                struct {
                        uint32_t flags, length, start, packets, interval;
                        uint8_t setup[8];
                } submit;
                struct {
                        uint32_t status, length, start, packets, errors;
                        uint32_t padding[2];
                } result;
                uint32_t which;
        };
} Header;

static bool take(int fd, void *data, size_t n) {
        return n == 0 || recv(fd, data, n, MSG_WAITALL) == (ssize_t) n;
}

/* Returns the status of the transfer, or how many bytes came. */
static int result(Host *h, const Header *answer, bool in, uint8_t *data, size_t size) {
        int status = (int) ntohl(answer->result.status);
        size_t n = ntohl(answer->result.length);

        if (in && (n > size || !take(h->fd, data, n)))
                return -ENODEV;
        return status < 0 ? status : (int) n;
}

static int await(Host *h, bool in, uint8_t *data, size_t size, uint64_t timeout_usec) {
        struct pollfd p = { h->fd, POLLIN, 0 };
        uint32_t asked = h->number;
        bool unlinked = false;
        int r = -ETIMEDOUT;

        for (;;) {
                Header answer;
                int n = unlinked ? 1 : poll(&p, 1, (int) (timeout_usec / USEC_PER_MSEC) + 1);

                if (n == 0) {
                        Header unlink = {
                                .command = htonl(COMMAND_UNLINK),
                                .number = htonl(++h->number),
                                .device = htonl(1),
                                .which = htonl(asked),
                        };

                        unlinked = true;
                        if (send(h->fd, &unlink, 48, MSG_NOSIGNAL) != 48)
                                return -ENODEV;
                }
                if (!take(h->fd, &answer, 48))
                        return -ENODEV;
                if (ntohl(answer.number) == h->number && unlinked)
                        return r;
                /* It may have come after all. */
                r = result(h, &answer, in, data, size);
                if (!unlinked)
                        return r;
        }
}

static int submit(Host *h, bool in, unsigned endpoint, const uint8_t setup[8], uint8_t *data, size_t size,
        uint64_t timeout_usec) {
        Header request = {
                .command = htonl(COMMAND_SUBMIT),
                .number = htonl(++h->number),
                .device = htonl(1),
                .direction = htonl(in ? 1 : 0),
                .endpoint = htonl(endpoint),
                .submit.length = htonl((uint32_t) size),
        };

        if (setup)
                memcpy(request.submit.setup, setup, 8);
        if (send(h->fd, &request, 48, MSG_NOSIGNAL) != 48 ||
            (!in && size > 0 && send(h->fd, data, size, MSG_NOSIGNAL) != (ssize_t) size))
                return -ENODEV;
        return await(h, in, data, size, timeout_usec);
}

static int host_control(void *userdata, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
        uint8_t *data, size_t size, uint64_t timeout_usec) {
        uint8_t setup[8] = {
                type,
                request,
                (uint8_t) value,
                (uint8_t) (value >> 8),
                (uint8_t) index,
                (uint8_t) (index >> 8),
                (uint8_t) size,
                (uint8_t) (size >> 8),
        };

        return submit(userdata, type & 0x80, 0, setup, data, size, timeout_usec);
}

static int host_transfer(
        void *userdata, uint8_t endpoint, uint8_t *data, size_t size, uint64_t timeout_usec) {
        return submit(userdata, endpoint & 0x80, endpoint & 0x0f, NULL, data, size, timeout_usec);
}

static void host_clear_halt(void *userdata, uint8_t endpoint) {
        (void) host_control(userdata, 0x02, 0x01, 0, endpoint, NULL, 0, USEC_PER_SEC);
}

static int host_wait(void *userdata, uint64_t usec) {
        (void) userdata;
        return usleep((useconds_t) usec) < 0 ? -EINTR : 0;
}

static void host_close(void *userdata) {
        (void) safe_close(((Host *) userdata)->fd);
}

static int attach(Host *h, unsigned port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t) port) };
        uint8_t request[40] = { 0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1' }, reply[320];

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (h->fd < 0 || connect(h->fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return send(h->fd, request, sizeof(request), MSG_NOSIGNAL) == sizeof(request) &&
                        take(h->fd, reply, sizeof(reply)) ?
                0 :
                -ENODEV;
}

/* What libusb would know: the endpoints of the first interface. */
static int find_endpoints(Host *h, LineUsb *setup) {
        uint8_t config[512];
        int n = host_control(h, 0x80, 0x06, 0x0200, 0, config, sizeof(config), USEC_PER_SEC);

        for (int at = 0; at + 7 <= n && config[at] > 1; at += config[at])
                if (config[at + 1] == 5) {
                        LineUsbEndpoint *e = config[at + 2] & 0x80 ? &setup->in : &setup->out;

                        e->address = config[at + 2];
                        e->is_interrupt = (config[at + 3] & 3) == 3;
                        e->packet = (uint16_t) (config[at + 4] | config[at + 5] << 8);
                        e->interval_usec = config[at + 6] * USEC_PER_MSEC;
                }
        return n < 0 ? n : 0;
}

static unsigned option(int argc, char *argv[], const char *name, unsigned initial) {
        for (int i = 3; i < argc; i++) {
                const char *value = startswith(argv[i], name);

                if (value)
                        return *value == '=' ? (unsigned) strtoul(value + 1, NULL, 0) : 1;
        }
        return initial;
}

static void print_hex(const uint8_t *data, size_t n) {
        for (size_t i = 0; i < n; i++)
                printf("%02x", data[i]);
        printf("\n");
}

static int serve(LineLink *l, const LineFraming *framing) {
        char *line = NULL;
        size_t space = 0;

        while (getline(&line, &space, stdin) > 0) {
                uint8_t request[LINE_SIZE_MAX], answer[LINE_SIZE_MAX];
                size_t n = 0;
                int r;

                for (char *s = line; n < sizeof(request) && sscanf(s, "%2hhx", &request[n]) == 1; s += 2)
                        n++;
                r = line_link_exchange(l, request, n, framing, answer, sizeof(answer));
                if (r < 0)
                        printf("%s\n", strerrorname_np(-r));
                else if (r == 0)
                        printf("none\n");
                else
                        print_hex(answer, (size_t) r);
                (void) fflush(stdout);
        }
        free(line);
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
        static const LineUsbIo io = {
                .control = host_control,
                .transfer = host_transfer,
                .clear_halt = host_clear_halt,
                .wait = host_wait,
                .close = host_close,
        };
        Host host = { .fd = -EBADF };
        LineUsb setup = { .io = &io, .userdata = &host };
        LineFraming framing = {
                .end = "\r",
                .n_end = 1,
                .binary = option(argc, argv, "binary", 0),
                .end_optional = option(argc, argv, "optional", 0) > 0,
                .timeout_usec = option(argc, argv, "timeout", 1000) * USEC_PER_MSEC,
        };
        _cleanup_(line_link_freep) LineLink *l = NULL;
        int r;

        if (argc < 3)
                return EXIT_FAILURE;
        setup.language = (int) option(argc, argv, "language", UINT32_MAX);
        setup.no_vendor = option(argc, argv, "novendor", 0) > 0;
        r = attach(&host, (unsigned) strtoul(argv[1], NULL, 10));
        if (r >= 0)
                r = find_endpoints(&host, &setup);
        if (r >= 0)
                r = line_usb_new(argv[2], &setup, &(HidIdentity) {}, &l);
        if (r < 0) {
                fprintf(stderr, "%s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        return serve(l, &framing);
}
