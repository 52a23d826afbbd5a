/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NUTSCAN_IP_H_SEEN
#define NUTSCAN_IP_H_SEEN 1

#include <arpa/inet.h>
#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

enum network_type {
        IPv4,
        IPv6
};

typedef struct nutscan_ip_iter {
        enum network_type type;
        struct in_addr start, stop;
        struct in6_addr start6, stop6;
} nutscan_ip_iter_t;

/* The first address from startIP to stopIP (NULL: that one alone), in memory that the caller frees. NULL
 * when they are none. */
char *nutscan_ip_iter_init(nutscan_ip_iter_t *ip, const char *startIP, const char *stopIP);

/* The next one, likewise; NULL behind the last. */
char *nutscan_ip_iter_inc(nutscan_ip_iter_t *ip);

/* The first and last address of a network like "192.0.2.0/24", to be freed by the caller. 1, or 0 when it is
 * none. */
int nutscan_cidr_to_ip(const char *cidr, char **start_ip, char **stop_ip);

#ifdef __cplusplus
}
#endif

#endif
