/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>

#include "macro.h"

/* The addresses that a caller has named, as ranges: nothing else is ever asked. */

/* More than these take a day, and are a mistake. */
#define SCAN_ADDRESSES_MAX (1U << 20)
#define SCAN_RANGES_MAX 4096U

typedef struct ScanRange {
        struct in6_addr first, last; /* of IPv4: ::ffff:a.b.c.d */
        uint32_t scope;              /* interface of link-local addresses, or 0 */
} ScanRange;

typedef struct ScanRanges {
        ScanRange *ranges;
        size_t n_ranges, n_allocated;
        uint64_t n_addresses;
} ScanRanges;

typedef struct ScanIterator {
        size_t range;
        uint64_t offset;
} ScanIterator;

/* The addresses from first to last, in either order and however many; last may be NULL: one address. An
 * address may be a name, which is looked up here and waits for that; an IPv6 address may stand in [ ]. 0,
 * -EINVAL (no address), -EHOSTUNREACH (the name is not known), -EAFNOSUPPORT (one of each family), -ENOMEM.
 * *ret_why (may be NULL) is that in words, in new memory. */
int scan_range_parse(const char *first, const char *last, ScanRange *ret, char **ret_why);

/* The same for a network, as scan_ranges_add_network() has it. */
int scan_range_parse_network(const char *network, ScanRange *ret, char **ret_why);

/* Adds what scan_range_parse() reads to those that are asked. Errors as there, and -E2BIG (too many). */
int scan_ranges_add(ScanRanges *l, const char *first, const char *last, char **ret_why);

/* Adds a network: "192.0.2.0/24", "192.0.2.0/255.255.255.0", "2001:db8::/120", or a name for the address;
 * all of its addresses, as it may be a part of a larger one. Errors as above. */
int scan_ranges_add_network(ScanRanges *l, const char *network, char **ret_why);

/* Adds "auto", "auto4" or "auto6": the networks that this machine has an interface in, but for loopback, and
 * but for those with more than "/BITS" behind it (8 if not said) bits for hosts. 1 when some were added, 0
 * for none, -EINVAL when text is none of these, and errors as above. */
int scan_ranges_add_auto(ScanRanges *l, const char *text, char **ret_why);

/* Whether text is meant for scan_ranges_add_auto(). */
bool scan_ranges_is_auto(const char *text) _pure_;

/* The next address as text ("192.0.2.1", "fe80::1%eth0"), and counts it in; false at the end. An iterator
 * begins as {}. */
bool scan_ranges_next(const ScanRanges *l, ScanIterator *i, char ret[static INET6_ADDRSTRLEN + 18]);
#define SCAN_ADDRESS_SIZE (INET6_ADDRSTRLEN + 18)

/* Whether an address is in one of the ranges. */
bool scan_ranges_contain(const ScanRanges *l, const struct in6_addr *a) _pure_;

void scan_ranges_done(ScanRanges *l);
