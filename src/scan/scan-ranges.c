/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-ranges.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#include "parse-util.h"
#include "string-util.h"

#define AUTO_BITS 8U
#define MAPPED_BITS 96U

static int complain(char **ret_why, int r, char *why) {
        if (ret_why && r != -ENOMEM && why)
                *ret_why = why;
        else
                free(why);
        return r;
}

/*** Addresses as numbers ***/

static bool is_v4(const struct in6_addr *a) {
        return IN6_IS_ADDR_V4MAPPED(a);
}

static struct in6_addr map_v4(const struct in_addr *a) {
        struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

        memcpy(mapped.s6_addr + 12, a, sizeof(*a));
        return mapped;
}

static struct in6_addr address_add(const struct in6_addr *a, uint64_t n) {
        struct in6_addr sum = *a;
        uint64_t carry = n;

        for (int i = 15; i >= 0 && carry > 0; i--) {
                carry += sum.s6_addr[i];
                sum.s6_addr[i] = (uint8_t) carry;
                carry >>= 8;
        }
        return sum;
}

/* b - a, which must not be less; UINT64_MAX for what is more than that. */
static uint64_t address_distance(const struct in6_addr *a, const struct in6_addr *b) {
        uint64_t high = 0, low = 0;
        int borrow = 0;

        for (int i = 15; i >= 0; i--) {
                int d = b->s6_addr[i] - a->s6_addr[i] - borrow;

                borrow = d < 0;
                if (i >= 8)
                        low |= (uint64_t) (uint8_t) d << (8 * (15 - i));
                else
                        high |= (uint8_t) d;
        }
        return high ? UINT64_MAX : low;
}

static int from_sockaddr(const struct sockaddr *sa, struct in6_addr *ret, uint32_t *ret_scope) {
        if (sa->sa_family == AF_INET) {
                struct sockaddr_in in;

                memcpy(&in, sa, sizeof(in));
                *ret = map_v4(&in.sin_addr);
                *ret_scope = 0;
                return 0;
        }
        if (sa->sa_family == AF_INET6) {
                struct sockaddr_in6 in;

                memcpy(&in, sa, sizeof(in));
                *ret = in.sin6_addr;
                *ret_scope = in.sin6_scope_id;
                return 0;
        }
        return -EAFNOSUPPORT;
}

static int address_parse(const char *text, struct in6_addr *ret, uint32_t *ret_scope, char **ret_why) {
        _cleanup_free_ char *bare = NULL;
        const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
        struct addrinfo *found = NULL;
        size_t n = strlen(text);
        int r;

        bare = text[0] == '[' && n > 2 && text[n - 1] == ']' ? strndup(text + 1, n - 2) : strdup(text);
        if (!bare)
                return -ENOMEM;
        /* getaddrinfo() takes "1.2" for an address as well. */
        if (isempty(bare) || (strspn(bare, "0123456789.") == strlen(bare) &&
                              inet_pton(AF_INET, bare, &(struct in_addr) {}) != 1))
                return complain(ret_why, -EINVAL, strprintf("\"%s\" is no address", text));

        r = getaddrinfo(bare, NULL, &hints, &found);
        if (r == EAI_MEMORY)
                return -ENOMEM;
        if (r != 0 || !found)
                return complain(ret_why, -EHOSTUNREACH,
                        strprintf("\"%s\" is no address, and no name that is "
                                  "known: %s",
                                text, gai_strerror(r)));
        r = from_sockaddr(found->ai_addr, ret, ret_scope);
        freeaddrinfo(found);
        return r;
}

/*** Ranges ***/

static int add_range(ScanRanges *l, const char *text, const ScanRange *range, char **ret_why) {
        uint64_t n = address_distance(&range->first, &range->last);

        if (n >= SCAN_ADDRESSES_MAX || l->n_addresses + n + 1 > SCAN_ADDRESSES_MAX ||
            l->n_ranges >= SCAN_RANGES_MAX)
                return complain(ret_why, -E2BIG, strprintf("%s is too much: at most %u addresses are asked "
                                "at a time; name a smaller network", text, SCAN_ADDRESSES_MAX));
        if (!GREEDY_REALLOC(l->ranges, l->n_allocated, l->n_ranges + 1))
                return -ENOMEM;
        l->ranges[l->n_ranges++] = *range;
        l->n_addresses += n + 1;
        return 0;
}

int scan_range_parse(const char *first, const char *last, ScanRange *ret, char **ret_why) {
        struct in6_addr a, b;
        uint32_t scope, other;
        int r;

        r = address_parse(first, &a, &scope, ret_why);
        if (r < 0)
                return r;
        if (!last) {
                *ret = (ScanRange) { a, a, scope };
                return 0;
        }
        r = address_parse(last, &b, &other, ret_why);
        if (r < 0)
                return r;
        if (is_v4(&a) != is_v4(&b))
                return complain(ret_why, -EAFNOSUPPORT,
                        strprintf("\"%s\" and \"%s\" are no range: one is of "
                                  "IPv4, the other of IPv6",
                                first, last));
        if (memcmp(&a, &b, sizeof(a)) <= 0)
                *ret = (ScanRange) { a, b, scope ?: other };
        else
                *ret = (ScanRange) { b, a, scope ?: other };
        return 0;
}

int scan_ranges_add(ScanRanges *l, const char *first, const char *last, char **ret_why) {
        ScanRange range;
        int r = scan_range_parse(first, last, &range, ret_why);

        return r < 0 ? r : add_range(l, first, &range, ret_why);
}

/*** Networks ***/

static ScanRange network_of(const struct in6_addr *a, unsigned prefix, uint32_t scope) {
        ScanRange range = { *a, *a, scope };

        for (unsigned i = prefix; i < 128; i++) {
                range.first.s6_addr[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
                range.last.s6_addr[i / 8] |= (uint8_t) (0x80U >> i % 8);
        }
        return range;
}

static int mask_to_prefix(const struct in6_addr *mask) {
        unsigned n = MAPPED_BITS;

        while (n < 128 && mask->s6_addr[n / 8] & 0x80U >> n % 8)
                n++;
        for (unsigned i = n; i < 128; i++)
                if (mask->s6_addr[i / 8] & 0x80U >> i % 8)
                        return -EINVAL;
        return (int) n;
}

static int prefix_parse(const char *text, bool v4) {
        struct in_addr mask;
        uint64_t n;

        if (v4 && inet_pton(AF_INET, text, &mask) == 1) {
                struct in6_addr mapped = map_v4(&mask);

                return mask_to_prefix(&mapped);
        }
        if (parse_uint64(text, 0, v4 ? 32 : 128, &n) < 0)
                return -EINVAL;
        return (int) n + (v4 ? (int) MAPPED_BITS : 0);
}

int scan_range_parse_network(const char *network, ScanRange *ret, char **ret_why) {
        const char *slash = strrchr(network, '/');
        _cleanup_free_ char *host = strndup(network, slash ? (size_t) (slash - network) : strlen(network));
        struct in6_addr a;
        uint32_t scope;
        int r, prefix;

        if (!host)
                return -ENOMEM;
        r = address_parse(host, &a, &scope, ret_why);
        if (r < 0)
                return r;
        if (!slash) {
                *ret = (ScanRange) { a, a, scope };
                return 0;
        }
        prefix = prefix_parse(slash + 1, is_v4(&a));
        if (prefix < 0)
                return complain(ret_why, prefix,
                        strprintf("\"%s\" is no network: \"%s\" is no mask; a network "
                                  "is like 192.0.2.0/24",
                                network, slash + 1));
        *ret = network_of(&a, (unsigned) prefix, scope);
        return 0;
}

int scan_ranges_add_network(ScanRanges *l, const char *network, char **ret_why) {
        ScanRange range;
        int r = scan_range_parse_network(network, &range, ret_why);

        return r < 0 ? r : add_range(l, network, &range, ret_why);
}

/*** Networks of this machine ***/

bool scan_ranges_is_auto(const char *text) {
        const char *rest = startswith(text, "auto");

        if (rest && (*rest == '4' || *rest == '6'))
                rest++;
        return rest && (*rest == '\0' || *rest == '/');
}

static bool is_wanted(const struct ifaddrs *i, int family) {
        return i->ifa_addr && i->ifa_netmask && (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK) &&
               (family == AF_UNSPEC ? i->ifa_addr->sa_family == AF_INET || i->ifa_addr->sa_family == AF_INET6
                                    : i->ifa_addr->sa_family == family);
}

static unsigned mask_length(const struct sockaddr *sa) {
        struct in6_addr mask;
        uint32_t scope;
        int n;

        if (from_sockaddr(sa, &mask, &scope) < 0)
                return 0;
        if (sa->sa_family == AF_INET) {
                n = mask_to_prefix(&mask);
                return n < 0 ? 0 : (unsigned) n;
        }
        n = 0;
        while (n < 128 && mask.s6_addr[n / 8] & 0x80U >> n % 8)
                n++;
        return (unsigned) n;
}

static int add_interface(ScanRanges *l, const struct ifaddrs *i, uint64_t bits, char **ret_why) {
        unsigned prefix = mask_length(i->ifa_netmask);
        struct in6_addr a;
        ScanRange range;
        uint32_t scope;
        int r;

        if (128 - prefix > bits)
                return 0;
        r = from_sockaddr(i->ifa_addr, &a, &scope);
        if (r < 0)
                return r;
        range = network_of(&a, prefix, scope);
        r = add_range(l, i->ifa_name, &range, ret_why);
        return r < 0 ? r : 1;
}

int scan_ranges_add_auto(ScanRanges *l, const char *text, char **ret_why) {
        const char *rest = text + strlen("auto");
        struct ifaddrs *all = NULL;
        uint64_t bits = AUTO_BITS;
        int family = AF_UNSPEC, r = 0, n = 0;

        if (!scan_ranges_is_auto(text))
                return -EINVAL;
        if (*rest == '4' || *rest == '6')
                family = *rest++ == '4' ? AF_INET : AF_INET6;
        if (*rest == '/' && parse_uint64(rest + 1, 0, family == AF_INET ? 32 : 128, &bits) < 0)
                return complain(ret_why, -EINVAL, strprintf("\"%s\": how many bits a network may have for "
                                "hosts is a number from 0 to %d", text, family == AF_INET ? 32 : 128));

        if (getifaddrs(&all) < 0)
                return complain(ret_why, -errno, strprintf("cannot read the addresses of this machine: %s",
                                strerror(errno)));
        for (const struct ifaddrs *i = all; i && r >= 0; i = i->ifa_next) {
                if (!is_wanted(i, family))
                        continue;
                r = add_interface(l, i, bits, ret_why);
                n += r > 0;
        }
        freeifaddrs(all);
        return r < 0 ? r : n > 0;
}

/*** Reading ***/

static void address_text(
        const ScanRange *range, const struct in6_addr *a, char ret[static SCAN_ADDRESS_SIZE]) {
        char name[IF_NAMESIZE];

        if (is_v4(a)) {
                (void) inet_ntop(AF_INET, a->s6_addr + 12, ret, SCAN_ADDRESS_SIZE);
                return;
        }
        (void) inet_ntop(AF_INET6, a, ret, SCAN_ADDRESS_SIZE);
        if (range->scope != 0 && if_indextoname(range->scope, name)) {
                size_t n = strlen(ret);

                (void) snprintf(ret + n, SCAN_ADDRESS_SIZE - n, "%%%s", name);
        }
}

bool scan_ranges_next(const ScanRanges *l, ScanIterator *i, char ret[static SCAN_ADDRESS_SIZE]) {
        const ScanRange *range;
        struct in6_addr a;

        if (i->range >= l->n_ranges)
                return false;
        range = l->ranges + i->range;
        a = address_add(&range->first, i->offset);
        address_text(range, &a, ret);
        i->offset++;
        if (memcmp(&a, &range->last, sizeof(a)) == 0)
                *i = (ScanIterator) { .range = i->range + 1 };
        return true;
}

bool scan_ranges_contain(const ScanRanges *l, const struct in6_addr *a) {
        for (size_t i = 0; i < l->n_ranges; i++)
                if (memcmp(&l->ranges[i].first, a, sizeof(*a)) <= 0 &&
                    memcmp(a, &l->ranges[i].last, sizeof(*a)) <= 0)
                        return true;
        return false;
}

void scan_ranges_done(ScanRanges *l) {
        free(l->ranges);
        *l = (ScanRanges) {};
}
