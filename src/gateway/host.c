/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

#include "string-util.h"
#include "time-util.h"

#define BUCKETS 1024U /* thousands of hosts are many */
#define IDLE_MAX 1024U
#define DENIALS_LOGGED ((RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 10 })
#define WRITES_LOGGED ((RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 50 })

struct HostTable {
        Host *buckets[BUCKETS];
        Network *networks[BUCKETS];
        Host *idle_first, *idle_last;
        unsigned n_idle;
};

HostTable *host_table_new(void) {
        return new0(HostTable, 1);
}

static size_t bucket(const struct in6_addr *key) {
        uint32_t h = 2166136261U; /* FNV-1a */

        for (size_t i = 0; i < sizeof(key->s6_addr); i++)
                h = (h ^ key->s6_addr[i]) * 16777619U;
        return h % BUCKETS;
}

/*** Networks ***/

void host_network(const Host *h, struct in6_addr *ret_key, uint32_t *ret_scope) {
        *ret_key = h->key;
        *ret_scope = h->scope;

        if (IN6_IS_ADDR_V4MAPPED(&h->key) || h->loopback)
                return;
        memset(ret_key->s6_addr + 8, 0, 8);
        if (IN6_IS_ADDR_LINKLOCAL(&h->key))
                *ret_key = (struct in6_addr) { .s6_addr = { 0xfe, 0x80 } };
}

char *host_network_describe(const Host *h) {
        char text[INET6_ADDRSTRLEN];
        struct in6_addr key;
        uint32_t scope;

        host_network(h, &key, &scope);
        if (IN6_IS_ADDR_V4MAPPED(&key) || h->loopback || !inet_ntop(AF_INET6, &key, text, sizeof(text)))
                return strdup(h->address);
        return strjoin(text, "/64", strempty(strchr(h->address, '%')));
}

static Network *network_ref(HostTable *t, const Host *h) {
        struct in6_addr key;
        uint32_t scope;

        host_network(h, &key, &scope);
        Network **b = t->networks + bucket(&key);
        for (Network *n = *b; n; n = n->next)
                if (n->scope == scope && memcmp(&n->key, &key, sizeof(key)) == 0) {
                        n->n_hosts++;
                        return n;
                }

        Network *n = new0(Network, 1);
        if (!n)
                return NULL;
        n->key = key;
        n->scope = scope;
        n->loopback = h->loopback;
        n->n_hosts = 1;
        n->next = *b;
        *b = n;
        return n;
}

static void network_unref(HostTable *t, Network *n) {
        if (--n->n_hosts > 0)
                return;

        Network **p = t->networks + bucket(&n->key);
        while (*p != n)
                p = &(*p)->next;
        *p = n->next;
        free(n);
}

Network *host_table_largest(const HostTable *t) {
        Network *largest = NULL;

        for (size_t i = 0; i < BUCKETS; i++)
                for (Network *n = t->networks[i]; n; n = n->next)
                        if (!largest || n->n_clients > largest->n_clients)
                                largest = n;
        return largest;
}

/*** Hosts ***/

void host_table_each(HostTable *t, void (*on_host)(Host *h)) {
        for (size_t i = 0; i < BUCKETS; i++)
                for (Host *h = t->buckets[i]; h; h = h->next)
                        on_host(h);
}

HostTable *host_table_free(HostTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < BUCKETS; i++)
                while (t->buckets[i]) {
                        Host *h = t->buckets[i];

                        t->buckets[i] = h->next;
                        network_unref(t, h->network);
                        free(h);
                }
        free(t);
        return NULL;
}

/* An address family that is neither, as of a socket pair in tests, counts as one host without address. */
static void key_from_address(const SocketAddress *a, struct in6_addr *ret_key, uint32_t *ret_scope) {
        *ret_key = (struct in6_addr) {};
        *ret_scope = 0;

        if (a->sa.sa_family == AF_INET6) {
                *ret_key = a->in6.sin6_addr;
                if (IN6_IS_ADDR_LINKLOCAL(ret_key))
                        *ret_scope = a->in6.sin6_scope_id;
        } else if (a->sa.sa_family == AF_INET) {
                ret_key->s6_addr[10] = ret_key->s6_addr[11] = 0xff;
                memcpy(ret_key->s6_addr + 12, &a->in.sin_addr, sizeof(a->in.sin_addr));
        }
}

static void host_describe(Host *h) {
        if (IN6_IS_ADDR_V4MAPPED(&h->key)) {
                (void) inet_ntop(AF_INET, h->key.s6_addr + 12, h->address, sizeof(h->address));
                h->loopback = h->key.s6_addr[12] == 127;
                return;
        }

        (void) inet_ntop(AF_INET6, &h->key, h->address, sizeof(h->address));
        h->loopback = IN6_IS_ADDR_LOOPBACK(&h->key);
        if (h->scope == 0)
                return;

        char name[IF_NAMESIZE];
        size_t n = strlen(h->address);
        if (if_indextoname(h->scope, name))
                (void) snprintf(h->address + n, sizeof(h->address) - n, "%%%s", name);
}

static void idle_append(HostTable *t, Host *h) {
        h->idle_next = NULL;
        h->idle_previous = t->idle_last;
        *(t->idle_last ? &t->idle_last->idle_next : &t->idle_first) = h;
        t->idle_last = h;
        t->n_idle++;
}

static void idle_remove(HostTable *t, Host *h) {
        *(h->idle_previous ? &h->idle_previous->idle_next : &t->idle_first) = h->idle_next;
        *(h->idle_next ? &h->idle_next->idle_previous : &t->idle_last) = h->idle_previous;
        t->n_idle--;
}

static void forget(HostTable *t, Host *h) {
        Host **p = t->buckets + bucket(&h->key);

        while (*p != h)
                p = &(*p)->next;
        *p = h->next;
        network_unref(t, h->network);
        free(h);
}

static Host *host_find(HostTable *t, const struct in6_addr *key, uint32_t scope) {
        for (Host *h = t->buckets[bucket(key)]; h; h = h->next)
                if (h->scope == scope && memcmp(&h->key, key, sizeof(*key)) == 0)
                        return h;
        return NULL;
}

static Host *host_new(HostTable *t, const struct in6_addr *key, uint32_t scope) {
        Host **b = t->buckets + bucket(key), *h = new0(Host, 1);

        if (!h)
                return NULL;

        h->key = *key;
        h->scope = scope;
        h->lane.known = true;
        h->denials = DENIALS_LOGGED;
        h->writes = WRITES_LOGGED;
        host_describe(h);
        h->network = network_ref(t, h);
        if (!h->network) {
                free(h);
                return NULL;
        }
        h->next = *b;
        *b = h;
        return h;
}

Host *host_ref(HostTable *t, const SocketAddress *a) {
        struct in6_addr key;
        uint32_t scope;

        key_from_address(a, &key, &scope);
        Host *h = host_find(t, &key, scope);
        if (h && h->n_clients == 0)
                idle_remove(t, h);
        if (!h)
                h = host_new(t, &key, scope);
        if (!h)
                return NULL;

        h->n_clients++;
        h->network->n_clients++;
        return h;
}

Host *host_unref(HostTable *t, Host *h) {
        if (!h)
                return NULL;
        h->network->n_clients--;
        if (--h->n_clients > 0)
                return NULL;

        idle_append(t, h);
        if (t->n_idle > IDLE_MAX) {
                h = t->idle_first;
                idle_remove(t, h);
                forget(t, h);
        }
        return NULL;
}
