/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>

#include "macro.h"

/* Addresses that something is granted to. Those of IPv4 are ::ffff:a.b.c.d, as in struct Host, and are in no
 * range of IPv6. */

typedef struct AddressRange {
        struct in6_addr address; /* without the bits behind the prefix */
        uint8_t prefix;          /* of all 128 bits, also for IPv4 */
} AddressRange;

typedef struct AddressList {
        AddressRange *ranges;
        size_t n_ranges;
} AddressList;

/* Adds ADDRESS[/PREFIX], or "localhost", or "any" (also "all"). An IPv6 address may stand in brackets. 0,
 * -EINVAL for what is none of these, or -ENOMEM; the list is as before then. */
int address_list_add(AddressList *l, const char *text);

/* Whether the address is in one of the ranges. In an empty list is none. */
bool address_list_contains(const AddressList *l, const struct in6_addr *a) _pure_;

/* Whether there is an address that is in both lists. */
bool address_lists_meet(const AddressList *a, const AddressList *b) _pure_;

/* Whether a range of the second list lies as a whole in one of the first, which then decides for both. */
bool address_list_hides(const AddressList *first, const AddressList *second) _pure_;

/* Whether one of the ranges is so wide that it is no list of machines that somebody knows: more than a /8 of
 * IPv4 or a /32 of IPv6, except addresses of the link itself. */
bool address_list_is_wide(const AddressList *l) _pure_;

/* Frees the ranges; the list is empty and usable afterwards. */
void address_list_done(AddressList *l);
