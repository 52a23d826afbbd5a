/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "address-list.h"

#include <arpa/inet.h>

#include "parse-util.h"
#include "string-util.h"

#define TEXT_SIZE (INET6_ADDRSTRLEN + sizeof("[]"))
#define PREFIX_IPV4 96U /* in front of the bits of an IPv4 address */

static bool is_ipv4(const AddressRange *r) {
        return r->prefix >= PREFIX_IPV4 && IN6_IS_ADDR_V4MAPPED(&r->address);
}

static void clear_behind(struct in6_addr *a, unsigned prefix) {
        for (unsigned bit = prefix; bit < 128; bit++)
                a->s6_addr[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
}

/* Fills the address; returns how many bits of it stand in front of what the prefix counts, or negative. */
static int parse_address(char *s, struct in6_addr *ret) {
        struct in_addr a;
        size_t n = strlen(s);

        if (n > 2 && s[0] == '[' && s[n - 1] == ']') {
                s[n - 1] = '\0';
                return inet_pton(AF_INET6, s + 1, ret) == 1 ? 0 : -EINVAL;
        }
        if (inet_pton(AF_INET6, s, ret) == 1)
                return 0;
        if (inet_pton(AF_INET, s, &a) != 1)
                return -EINVAL;

        *ret = (struct in6_addr) { .s6_addr = { [10] = 0xff, [11] = 0xff } };
        memcpy(ret->s6_addr + 12, &a, sizeof(a));
        return PREFIX_IPV4;
}

static int parse_range(const char *text, AddressRange *ret) {
        const char *slash = strchr(text, '/');
        size_t n = slash ? (size_t) (slash - text) : strlen(text);
        char address[TEXT_SIZE];
        AddressRange r = {};
        uint64_t prefix;

        if (n >= sizeof(address))
                return -EINVAL;
        memcpy(address, text, n);
        address[n] = '\0';

        int offset = parse_address(address, &r.address);
        if (offset < 0)
                return offset;

        prefix = 128U - (unsigned) offset;
        if (slash && parse_uint64(slash + 1, 0, prefix, &prefix) < 0)
                return -EINVAL;

        r.prefix = (uint8_t) (prefix + (unsigned) offset);
        clear_behind(&r.address, r.prefix);
        *ret = r;
        return 0;
}

static int append(AddressList *l, const AddressRange *r, size_t n) {
        AddressRange *grown = reallocarray(l->ranges, l->n_ranges + n, sizeof(AddressRange));
        if (!grown)
                return -ENOMEM;

        l->ranges = grown;
        memcpy(grown + l->n_ranges, r, n * sizeof(AddressRange));
        l->n_ranges += n;
        return 0;
}

int address_list_add(AddressList *l, const char *text) {
        static const struct {
                const char *name, *ranges[2];
        } names[] = {
                { "localhost", { "127.0.0.0/8", "::1" } },
                { "any", { "0.0.0.0/0", "::/0" } },
                { "all", { "0.0.0.0/0", "::/0" } },
        };
        const char *texts[2] = { text };
        AddressRange ranges[2];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcaseeq(names[i].name, text))
                        memcpy(texts, names[i].ranges, sizeof(texts));

        for (; n < ELEMENTSOF(texts) && texts[n]; n++) {
                int r = parse_range(texts[n], ranges + n);
                if (r < 0)
                        return r;
        }
        return append(l, ranges, n);
}

static bool range_contains(const AddressRange *r, const struct in6_addr *a) {
        unsigned n = r->prefix / 8, rest = r->prefix % 8;

        if (IN6_IS_ADDR_V4MAPPED(a) != is_ipv4(r) || memcmp(a, &r->address, n) != 0)
                return false;
        return rest == 0 || ((a->s6_addr[n] ^ r->address.s6_addr[n]) >> (8 - rest)) == 0;
}

bool address_list_contains(const AddressList *l, const struct in6_addr *a) {
        for (size_t i = 0; i < l->n_ranges; i++)
                if (range_contains(l->ranges + i, a))
                        return true;
        return false;
}

/* Two ranges have nothing in common, or one is part of the other. */
bool address_lists_meet(const AddressList *a, const AddressList *b) {
        for (size_t i = 0; i < a->n_ranges; i++)
                if (address_list_contains(b, &a->ranges[i].address))
                        return true;
        for (size_t i = 0; i < b->n_ranges; i++)
                if (address_list_contains(a, &b->ranges[i].address))
                        return true;
        return false;
}

bool address_list_hides(const AddressList *first, const AddressList *second) {
        for (size_t i = 0; i < first->n_ranges; i++)
                for (size_t k = 0; k < second->n_ranges; k++)
                        if (first->ranges[i].prefix <= second->ranges[k].prefix &&
                            range_contains(first->ranges + i, &second->ranges[k].address))
                                return true;
        return false;
}

bool address_list_is_wide(const AddressList *l) {
        for (size_t i = 0; i < l->n_ranges; i++) {
                const AddressRange *r = l->ranges + i;

                if (is_ipv4(r) ? r->prefix < PREFIX_IPV4 + 8
                               : r->prefix < 32 && !(r->prefix >= 10 && IN6_IS_ADDR_LINKLOCAL(&r->address)))
                        return true;
        }
        return false;
}

void address_list_done(AddressList *l) {
        free(l->ranges);
        *l = (AddressList) {};
}
