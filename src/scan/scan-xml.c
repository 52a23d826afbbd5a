/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include "string-util.h"
#include "time-util.h"
#include "xml-answer.h"

/* Network cards of Eaton and MGE answer a datagram with what they are. One socket of each family asks all
 * hosts, a few at a time; without hosts, broadcasts ask those of the networks that this machine is in. Each
 * is asked in several rounds, as datagrams get lost. */

#define REQUEST "<SCAN_REQUEST/>"
#define ANSWER_MAX 8192U
#define ROUNDS 3U
/* Datagrams at a time, and from then to the next. */
#define BURST 64U
#define BURST_USEC (20 * USEC_PER_MSEC)
/* A few networks full of cards. */
#define CARDS_MAX 65536U

typedef struct XmlSearch {
        ScanSearch head;
        Scan *scan;
        int fds[2]; /* of IPv4, of IPv6 */
        sd_event_source *sources[2], *timer;
        ScanIterator iterator;
        unsigned round;
        bool is_broadcast, over;
        struct in6_addr *heard;
        size_t n_heard, n_allocated;
} XmlSearch;

static uint16_t port_of(const Scan *s) {
        return s->settings->xml_port ?: (uint16_t) SCAN_XML_PORT;
}

/*** Answers ***/

static bool is_news(XmlSearch *x, const struct in6_addr *from) {
        for (size_t i = 0; i < x->n_heard; i++)
                if (memcmp(x->heard + i, from, sizeof(*from)) == 0)
                        return false;
        if (x->n_heard >= CARDS_MAX || !GREEDY_REALLOC(x->heard, x->n_allocated, x->n_heard + 1))
                return false;
        x->heard[x->n_heard++] = *from;
        return true;
}

static int add(Scan *s, const struct in6_addr *from, const char *address, const char *type) {
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        _cleanup_free_ char *port = NULL;
        int r;

        port = strchr(address, ':') ? strprintf("http://[%s]", address) : strjoin("http://", address);
        r = port ? scan_device_new(SCAN_XML, "netxml-ups", port, &d) : -ENOMEM;
        if (r < 0)
                return r;
        for (size_t i = 8; i < 16; i++)
                d->order = d->order << 8 | from->s6_addr[i];
        r = scan_device_add(d, "desc", type, NULL);
        return r < 0 ? r : scan_devices_add(&s->devices, TAKE_PTR(d));
}

static void take_answer(XmlSearch *x, const struct in6_addr *from, const char *address, const char *data,
                size_t n) {
        Scan *s = x->scan;
        XmlAnswer a = {};

        if (xml_answer_parse(data, n, &a) < 0)
                scan_say(s, LOG_NOTICE, SCAN_XML, "%s answers, but what comes is no answer to a search",
                                address);
        else if (a.class && startswith(a.class, "DEV.PDU"))
                scan_say(s, LOG_NOTICE, SCAN_XML, "%s (%s) is a PDU, which is to be asked by SNMP", address,
                                a.type);
        else
                (void) add(s, from, address, a.type);
        xml_answer_done(&a);
}

static struct in6_addr address_of(const struct sockaddr_storage *from, char text[static SCAN_ADDRESS_SIZE]) {
        struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

        if (from->ss_family == AF_INET) {
                const struct sockaddr_in *in = (const struct sockaddr_in *) from;

                memcpy(a.s6_addr + 12, &in->sin_addr, sizeof(in->sin_addr));
                (void) inet_ntop(AF_INET, &in->sin_addr, text, SCAN_ADDRESS_SIZE);
        } else {
                const struct sockaddr_in6 *in = (const struct sockaddr_in6 *) from;

                a = in->sin6_addr;
                (void) inet_ntop(AF_INET6, &a, text, SCAN_ADDRESS_SIZE);
        }
        return a;
}

static void end(XmlSearch *x) {
        if (x->over)
                return;
        x->over = true;
        (void) sd_event_source_set_enabled(x->timer, SD_EVENT_OFF);
        scan_search_over(&x->head);
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        XmlSearch *x = userdata;
        struct sockaddr_storage from = {};
        socklen_t size = sizeof(from);
        char data[ANSWER_MAX], text[SCAN_ADDRESS_SIZE];
        struct in6_addr a;
        ssize_t n;

        n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *) &from, &size);
        if (n < 0 || size == 0)
                return 0;
        a = address_of(&from, text);
        /* Only who was asked may answer. */
        if (!x->is_broadcast && !scan_ranges_contain(x->scan->settings->ranges, &a))
                return 0;
        if (is_news(x, &a))
                take_answer(x, &a, text, data, (size_t) n);
        if (!x->is_broadcast && x->n_heard >= x->scan->settings->ranges->n_addresses)
                end(x);
        return 0;
}

/*** Questions ***/

static int open_socket(XmlSearch *x, int family) {
        int i = family == AF_INET6, one = 1, r;

        if (x->fds[i] >= 0)
                return x->fds[i];
        x->fds[i] = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (x->fds[i] < 0)
                return -errno;
        if (x->is_broadcast)
                (void) setsockopt(x->fds[i], SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
        r = sd_event_add_io(x->scan->event, &x->sources[i], x->fds[i], EPOLLIN, on_input, x);
        return r < 0 ? r : x->fds[i];
}

static int send_to(XmlSearch *x, const struct sockaddr *sa, socklen_t size) {
        int fd = open_socket(x, sa->sa_family);

        if (fd < 0)
                return fd;
        return sendto(fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL, sa, size) < 0 ? -errno : 0;
}

static int ask_address(XmlSearch *x, const char *text) {
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port_of(x->scan)) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port_of(x->scan)) };
        const char *percent = strchr(text, '%');
        char bare[INET6_ADDRSTRLEN] = "";

        if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
                return send_to(x, (const struct sockaddr *) &in, sizeof(in));
        (void) snprintf(bare, sizeof(bare), "%.*s",
                (int) (percent ? (size_t) (percent - text) : strlen(text)), text);
        if (inet_pton(AF_INET6, bare, &in6.sin6_addr) != 1)
                return -EINVAL;
        in6.sin6_scope_id = percent ? if_nametoindex(percent + 1) : 0;
        return send_to(x, (const struct sockaddr *) &in6, sizeof(in6));
}

static bool may_ask_link(const struct ifaddrs *i) {
        const unsigned flags = i->ifa_flags & (IFF_UP | IFF_BROADCAST | IFF_LOOPBACK);

        return flags == (IFF_UP | IFF_BROADCAST) && i->ifa_addr && i->ifa_addr->sa_family == AF_INET;
}

/* To all hosts on the link of an interface, from one of its addresses. The broadcast address of the network
 * would do as well where all are of one mind about the mask. */
static int ask_link(XmlSearch *x, const struct ifaddrs *i) {
        struct sockaddr_in from, to = {
                .sin_family = AF_INET,
                .sin_port = htons(port_of(x->scan)),
                .sin_addr.s_addr = htonl(INADDR_BROADCAST),
        };
        union {
                struct cmsghdr head;
                uint8_t space[CMSG_SPACE(sizeof(struct in_pktinfo))];
        } control = {};
        struct iovec data = { .iov_base = (char[]) { REQUEST }, .iov_len = strlen(REQUEST) };
        const struct msghdr message = {
                .msg_name = &to,
                .msg_namelen = sizeof(to),
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        struct in_pktinfo info = { .ipi_ifindex = (int) if_nametoindex(i->ifa_name) };
        int fd = open_socket(x, AF_INET);

        if (fd < 0)
                return fd;
        memcpy(&from, i->ifa_addr, sizeof(from));
        info.ipi_spec_dst = from.sin_addr;
        control.head = (struct cmsghdr) {
                .cmsg_len = CMSG_LEN(sizeof(info)),
                .cmsg_level = IPPROTO_IP,
                .cmsg_type = IP_PKTINFO,
        };
        memcpy(CMSG_DATA(&control.head), &info, sizeof(info));
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void ask_all(XmlSearch *x) {
        struct ifaddrs *all = NULL;
        bool is_first = x->round == 0;
        unsigned n = 0;

        if (getifaddrs(&all) < 0) {
                if (is_first)
                        scan_say(x->scan, LOG_NOTICE, SCAN_XML, "cannot read the addresses of this "
                                        "machine: %s", strerror(errno));
                return;
        }
        for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
                int r = may_ask_link(i) ? ask_link(x, i) : 1;

                n += r <= 0;
                if (r < 0 && is_first)
                        scan_say(x->scan, LOG_NOTICE, SCAN_XML, "cannot ask the network of %s: %s",
                                        i->ifa_name, strerror(-r));
        }
        freeifaddrs(all);
        if (n == 0 && is_first)
                scan_say(x->scan, LOG_NOTICE, SCAN_XML, "this machine is in no network that has broadcasts");
}

/* Whether there are more to ask in this round. */
static bool ask_some(XmlSearch *x) {
        char text[SCAN_ADDRESS_SIZE];

        for (unsigned i = 0; i < BURST; i++) {
                if (!scan_ranges_next(x->scan->settings->ranges, &x->iterator, text))
                        return false;
                (void) ask_address(x, text);
                x->scan->n_asked += x->round == 0;
        }
        return true;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        XmlSearch *x = userdata;
        uint64_t next = scan_timeout(x->scan) / ROUNDS;

        if (x->round >= ROUNDS) {
                end(x);
                return 0;
        }
        if (!x->is_broadcast && ask_some(x))
                next = BURST_USEC;
        else {
                if (x->is_broadcast)
                        ask_all(x);
                x->round++;
                x->iterator = (ScanIterator) {};
        }
        (void) sd_event_source_set_time_relative(source, next);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/*** The search ***/

static void search_free(ScanSearch *head) {
        XmlSearch *x = (XmlSearch *) head;

        for (size_t i = 0; i < ELEMENTSOF(x->fds); i++) {
                sd_event_source_disable_unref(x->sources[i]);
                safe_close(x->fds[i]);
        }
        sd_event_source_disable_unref(x->timer);
        free(x->heard);
        free(x);
}

static int begin(Scan *s, ScanSearch **ret) {
        XmlSearch *x = new0(XmlSearch, 1);
        int r;

        if (!x)
                return -ENOMEM;
        x->scan = s;
        x->fds[0] = x->fds[1] = -EBADF;
        x->is_broadcast = !s->settings->ranges || s->settings->ranges->n_ranges == 0;
        r = sd_event_add_time_relative(s->event, &x->timer, CLOCK_MONOTONIC, 0, 1, on_timer, x);
        if (r < 0) {
                search_free(&x->head);
                return r;
        }
        if (!x->is_broadcast)
                s->n_to_ask += s->settings->ranges->n_addresses;
        *ret = &x->head;
        return 1;
}

const ScanSearchOps scan_xml_ops = { .kind = SCAN_XML, .begin = begin, .free = search_free };
