/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutscan-ip.h"

#include "scan-ranges.h"
#include "string-util.h"

static char *text_of(const nutscan_ip_iter_t *ip) {
        char text[INET6_ADDRSTRLEN];
        const char *r = ip->type == IPv4 ? inet_ntop(AF_INET, &ip->start, text, sizeof(text)) :
                                           inet_ntop(AF_INET6, &ip->start6, text, sizeof(text));

        return r ? strdup(r) : NULL;
}

static void from_range(const ScanRange *range, nutscan_ip_iter_t *ret) {
        *ret = (nutscan_ip_iter_t) { .type = IN6_IS_ADDR_V4MAPPED(&range->first) ? IPv4 : IPv6 };
        if (ret->type == IPv4) {
                memcpy(&ret->start, range->first.s6_addr + 12, sizeof(ret->start));
                memcpy(&ret->stop, range->last.s6_addr + 12, sizeof(ret->stop));
        } else {
                ret->start6 = range->first;
                ret->stop6 = range->last;
        }
}

char *nutscan_ip_iter_init(nutscan_ip_iter_t *ip, const char *startIP, const char *stopIP) {
        ScanRange range;

        if (!ip || !startIP || scan_range_parse(startIP, stopIP, &range, NULL) < 0)
                return NULL;
        from_range(&range, ip);
        return text_of(ip);
}

static void increment(uint8_t *address, size_t n) {
        while (n > 0 && ++address[--n] == 0)
                continue;
}

char *nutscan_ip_iter_inc(nutscan_ip_iter_t *ip) {
        if (ip->type == IPv4) {
                if (ip->start.s_addr == ip->stop.s_addr)
                        return NULL;
                increment((uint8_t *) &ip->start, sizeof(ip->start));
        } else {
                if (IN6_ARE_ADDR_EQUAL(&ip->start6, &ip->stop6))
                        return NULL;
                increment(ip->start6.s6_addr, sizeof(ip->start6));
        }
        return text_of(ip);
}

int nutscan_cidr_to_ip(const char *cidr, char **start_ip, char **stop_ip) {
        nutscan_ip_iter_t ip;
        ScanRange range;
        char *first, *last;

        if (!cidr || !start_ip || !stop_ip)
                return 0;
        *start_ip = *stop_ip = NULL;
        if (!strchr(cidr, '/') || scan_range_parse_network(cidr, &range, NULL) < 0)
                return 0;
        from_range(&range, &ip);
        first = text_of(&ip);
        ip.start = ip.stop;
        ip.start6 = ip.stop6;
        last = text_of(&ip);
        if (!first || !last) {
                free(first);
                free(last);
                return 0;
        }
        *start_ip = first;
        *stop_ip = last;
        return 1;
}
