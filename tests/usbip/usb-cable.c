/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cable between a machine and the simulated devices: whatever tests/usbip/usbip_server.py has plugged in
 * is attached to the machine's virtual USB host, 1-N to its port N.
 *
 * Usage: usb-cable HOST PORT */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VHCI "/sys/devices/platform/vhci_hcd.0/"
#define BUS_ID_SIZE 32
#define PATH_SIZE 256

/* What answers OP_REQ_IMPORT; numbers in network byte order. */
struct import_reply {
        uint16_t version, code;
        uint32_t status;
        char path[PATH_SIZE], bus_id[BUS_ID_SIZE];
        uint32_t bus, device, speed;
        uint16_t vendor, product, release;
        uint8_t more[6];
} __attribute__((packed));

static int dial(const char *host, unsigned port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
                return -EINVAL;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0) {
                int r = -errno;
                close(fd);
                return r;
        }
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof(int));
        return fd;
}

static int import_device(int fd, const char *bus_id, struct import_reply *reply) {
        struct {
                uint16_t version, code;
                uint32_t status;
                char bus_id[BUS_ID_SIZE];
        } request = { htons(0x0111), htons(0x8003), 0, "" };
        snprintf(request.bus_id, sizeof request.bus_id, "%s", bus_id);
        if (send(fd, &request, sizeof request, MSG_NOSIGNAL) != (ssize_t) sizeof request)
                return -EIO;
        ssize_t head = 2 * sizeof(uint16_t) + sizeof(uint32_t);
        if (recv(fd, reply, head, MSG_WAITALL) != head)
                return -EIO;
        if (reply->status != 0)
                return -EBUSY;
        ssize_t rest = (ssize_t) sizeof *reply - head;
        return recv(fd, (char *) reply + head, rest, MSG_WAITALL) == rest ? 0 : -EIO;
}

/* Gives the connection to the kernel, which keeps it. Fails while the port still has its last device. */
static int attach(int fd, unsigned port, const struct import_reply *reply) {
        FILE *f = fopen(VHCI "attach", "we");
        if (!f)
                return -errno;
        unsigned id = ntohl(reply->bus) << 16 | ntohl(reply->device);
        fprintf(f, "%u %d %u %u", port, fd, id, (unsigned) ntohl(reply->speed));
        return fclose(f) < 0 ? -errno : 0;
}

static int plug(const char *host, unsigned port, const char *bus_id) {
        const char *place = strchr(bus_id, '-');
        unsigned n = place ? strtoul(place + 1, NULL, 10) : 0;
        if (n == 0)
                return -EINVAL;
        int fd = dial(host, port);
        if (fd < 0)
                return fd;
        struct import_reply reply;
        int r = import_device(fd, bus_id, &reply);
        if (r >= 0)
                r = attach(fd, n - 1, &reply);
        close(fd);
        return r;
}

static void follow(const char *host, unsigned port) {
        int fd = dial(host, port);
        if (fd < 0)
                return;
        FILE *f = fdopen(fd, "r+e");
        if (!f) {
                close(fd);
                return;
        }
        fputs("cable 1\n", f);
        fflush(f);
        char line[128], bus_id[BUS_ID_SIZE];
        while (fgets(line, sizeof line, f))
                if (sscanf(line, "plug %31s", bus_id) == 1)
                        (void) plug(host, port, bus_id);
        fclose(f);
}

int main(int argc, char *argv[]) {
        unsigned port = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
        if (port == 0 || port > UINT16_MAX) {
                fprintf(stderr, "Usage: usb-cable HOST PORT\n");
                return EXIT_FAILURE;
        }
        if (access(VHCI "attach", W_OK) < 0) {
                fprintf(stderr, "%sattach: %s (is vhci-hcd loaded?)\n", VHCI, strerror(errno));
                return EXIT_FAILURE;
        }
        for (;;) {
                follow(argv[1], port);
                sleep(1);
        }
}
