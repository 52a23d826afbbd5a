/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <netinet/in.h>

#include "snmp-net-link.h"
#include "string-util.h"
#include "time-util.h"

/* The largest message that net-snmp sends, and what is in it besides the objects: at the most. */
#define MESSAGE_SIZE_MAX 1472U
#define OVERHEAD_SIZE 64U
#define OVERHEAD_V3_SIZE 256U

/*** The end of a request ***/

static void release_turn(NetLink *l) {
        l->turn = net_turn_free(l->turn);
}

void net_link_close(NetLink *l) {
        l->io = sd_event_source_disable_unref(l->io);
        l->session = net_session_free(l->session);
}

/* What was wrong may be the address: the next one is tried, or the name is looked up anew. */
static void next_address(NetLink *l) {
        if (l->address)
                l->address = l->address->ai_next;
        if (l->address)
                return;
        if (l->is_literal)
                l->address = l->addresses;
        else if (l->addresses) {
                freeaddrinfo(l->addresses);
                l->addresses = NULL;
        }
}

void net_link_finish(NetLink *l, int r, SnmpReply *reply, char *why) {
        bool is_lost = r < 0 && r != -EPROTO && r != -EACCES && r != -ENOMEM && r != -E2BIG;

        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        if (is_lost || (r < 0 && l->state == NET_CONNECTING)) {
                net_link_close(l);
                next_address(l);
        }
        if (l->usm && (is_lost || r == -EACCES))
                net_usm_forget(l->usm);
        l->resolve = resolve_free(l->resolve);
        release_turn(l);

        free(l->link.why);
        l->link.why = why;
        l->result = r;
        if (reply) {
                l->reply = *reply;
                *reply = (SnmpReply) {};
        }
        l->state = NET_OVER;
        (void) sd_event_source_set_enabled(l->soon, SD_EVENT_ONESHOT);
}

/* The link may be gone when done returns. */
static void tell(NetLink *l) {
        _cleanup_(net_reply_done) SnmpReply reply = l->reply;
        SnmpDone done = TAKE_PTR(l->done);
        int r = l->result;

        l->reply = (SnmpReply) {};
        net_request_done(&l->request);
        l->state = NET_IDLE;
        done(&l->link, r, r < 0 ? NULL : &reply, l->userdata);
}

/*** The beginning ***/

static void on_connected(NetLink *l, int fd) {
        int error = 0;
        socklen_t n = sizeof(error);

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
                error = errno;
        if (error > 0)
                net_link_finish(l, -error, NULL, NULL);
        else
                net_link_ask(l);
}

/* The loop takes one event at a time, and each time would be told of all sockets with an answer: when
 * hundreds answer at once, most of its time would go there. So each tells once, until it was looked at. */
static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        NetLink *l = userdata;

        if (l->state == NET_CONNECTING)
                on_connected(l, fd);
        else
                net_link_receive(l);
        if (l->io)
                (void) sd_event_source_set_io_events(l->io, EPOLLIN | EPOLLET);
        return 0;
}

/* Returns 1 when it is still connecting. */
static int open_session(NetLink *l) {
        int type = l->peer.is_stream ? SOCK_STREAM : SOCK_DGRAM, r;
        int fd = socket(l->address->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        bool connecting;

        if (fd < 0)
                return -errno;
        connecting = connect(fd, l->address->ai_addr, l->address->ai_addrlen) < 0;
        if (connecting && errno != EINPROGRESS) {
                r = -errno;
                safe_close(fd);
                return r;
        }
        r = net_session_new(fd, l->peer.is_stream, &l->credentials, l->usm, &l->session);
        if (r < 0)
                return r;
        r = sd_event_add_io(l->net->event, &l->io, fd, (connecting ? EPOLLOUT : EPOLLIN) | EPOLLET,
                on_io, l);
        if (r < 0) {
                net_link_close(l);
                return r;
        }
        return connecting;
}

static uint64_t total_usec(const NetLink *l) {
        if (l->request.timeout_usec > 0)
                return l->request.timeout_usec;
        return l->options.timeout_usec * ((uint64_t) l->options.retries + 1);
}

static void begin(NetLink *l) {
        int r = 0;

        l->deadline_usec = usec_add(now_usec(CLOCK_MONOTONIC), total_usec(l));
        memcpy(&l->last, l->address->ai_addr, MIN((size_t) l->address->ai_addrlen, sizeof(l->last)));
        if (!l->session)
                r = open_session(l);
        if (r < 0) {
                net_link_finish(l, r, NULL, NULL);
                return;
        }
        net_session_renew(l->session);
        if (r == 0) {
                net_link_ask(l);
                return;
        }
        l->state = NET_CONNECTING;
        (void) sd_event_source_set_time(l->timer, l->deadline_usec);
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

static int on_soon(sd_event_source *s, void *userdata) {
        NetLink *l = userdata;

        if (l->state == NET_READY)
                begin(l);
        else if (l->state == NET_OVER)
                tell(l);
        return 0;
}

static void on_turn(void *userdata) {
        NetLink *l = userdata;

        l->state = NET_READY;
        (void) sd_event_source_set_enabled(l->soon, SD_EVENT_ONESHOT);
}

/* Several agents may be at one address, told apart by port, community or context: they are asked as if they
 * were elsewhere. */
static int set_key(NetLink *l) {
        _cleanup_free_ char *address = net_address_text(l->address->ai_addr);
        const SnmpCredentials *c = &l->credentials;
        char *key =
                address ? strjoin(address, "\n", strempty(c->version == SNMP_V3 ? c->user : c->community),
                                  "\n", strempty(c->context))
                        : NULL;

        if (!key)
                return -ENOMEM;
        free(l->key);
        l->key = key;
        return 0;
}

static void wait_turn(NetLink *l) {
        int r = set_key(l);

        if (r >= 0)
                r = net_turn_new(l->net->turns, l->key, on_turn, l, &l->turn);
        if (r < 0)
                net_link_finish(l, r, NULL, NULL);
        else if (r == 0)
                l->state = NET_WAITING;
        else
                on_turn(l);
}

static bool is_usable(const NetLink *l, const struct addrinfo *a) {
        return l->peer.family == AF_UNSPEC || a->ai_family == l->peer.family;
}

/* Those of the other family go. */
static struct addrinfo *choose_addresses(const NetLink *l, struct addrinfo *list) {
        struct addrinfo **p = &list;

        while (*p) {
                struct addrinfo *a = *p;

                if (is_usable(l, a)) {
                        p = &a->ai_next;
                        continue;
                }
                *p = a->ai_next;
                a->ai_next = NULL;
                freeaddrinfo(a);
        }
        return list;
}

static void on_resolved(void *userdata, int r, struct addrinfo *addresses) {
        NetLink *l = userdata;

        l->resolve = resolve_free(l->resolve);
        if (r >= 0) {
                l->addresses = choose_addresses(l, addresses);
                l->address = l->addresses;
                if (!l->address)
                        r = -EHOSTUNREACH;
        }
        if (r < 0) {
                net_link_finish(l, r, NULL,
                        strprintf("the name \"%s\" is not known, or has no address of that kind",
                                l->peer.host));
                return;
        }
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        wait_turn(l);
}

static int start_resolve(NetLink *l) {
        int r = resolve_new(l->net->event, l->net->names, l->peer.host, l->peer.port, on_resolved, l,
                &l->resolve);

        if (r < 0)
                return r;
        l->state = NET_RESOLVING;
        (void) sd_event_source_set_time(l->timer, usec_add(now_usec(CLOCK_MONOTONIC), total_usec(l)));
        return sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/*** The link ***/

static size_t message_size(const NetLink *l) {
        const SnmpCredentials *c = &l->credentials;
        size_t size = net_request_size(&l->request);

        if (c->version != SNMP_V3)
                return size + OVERHEAD_SIZE + strlen(strempty(c->community));
        return size + OVERHEAD_V3_SIZE + strlen(c->user) + strlen(strempty(c->context));
}

static int net_request(SnmpLink *link, const SnmpRequest *request, SnmpDone done, void *userdata) {
        NetLink *l = (NetLink *) link;
        int r;

        if (l->state != NET_IDLE)
                return -EBUSY;
        r = net_request_copy(request, &l->request);
        if (r < 0)
                return r;
        if (link->is_v1 && request->operation == SNMP_GET_BULK)
                l->request.operation = SNMP_GET_NEXT;
        if (message_size(l) > MESSAGE_SIZE_MAX) {
                net_request_done(&l->request);
                return -E2BIG;
        }

        free(link->why);
        link->why = NULL;
        l->attempt = l->n_reports = 0;
        l->discovered = l->unverified = false;
        l->n_garbled = 0;
        l->done = done;
        l->userdata = userdata;
        if (l->address) {
                wait_turn(l);
                return 0;
        }
        r = start_resolve(l);
        if (r < 0) {
                link->ops->cancel(link);
                return r;
        }
        return 0;
}

static void net_cancel(SnmpLink *link) {
        NetLink *l = (NetLink *) link;

        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(l->soon, SD_EVENT_OFF);
        l->resolve = resolve_free(l->resolve);
        release_turn(l);
        if (l->state == NET_CONNECTING)
                net_link_close(l);
        else if (l->session)
                net_session_renew(l->session);
        net_request_done(&l->request);
        net_reply_done(&l->reply);
        l->done = NULL;
        l->state = NET_IDLE;
}

static void net_free(SnmpLink *link) {
        NetLink *l = (NetLink *) link;

        resolve_free(l->resolve);
        release_turn(l);
        net_link_close(l);
        sd_event_source_disable_unref(l->timer);
        sd_event_source_disable_unref(l->soon);
        net_request_done(&l->request);
        net_reply_done(&l->reply);
        if (l->addresses)
                freeaddrinfo(l->addresses);
        net_usm_free(l->usm);
        net_peer_done(&l->peer);
        free((char *) l->credentials.community);
        free((char *) l->credentials.user);
        free((char *) l->credentials.context);
        free(l->key);
        if (l->net)
                l->net->n_links--;
        free(l);
}

static bool net_is_from(const SnmpLink *link, const struct sockaddr *address) {
        const NetLink *l = (const NetLink *) link;

        /* A name that is to be looked up anew, since nothing came from there, is the same host as a rule. */
        return (l->address && net_address_equal(l->address->ai_addr, address)) ||
               (l->last.sin6_family != AF_UNSPEC &&
                       net_address_equal((const struct sockaddr *) &l->last, address));
}

static const SnmpLinkOps net_ops = {
        .name = "snmp",
        .request = net_request,
        .cancel = net_cancel,
        .is_from = net_is_from,
        .free = net_free,
};

static int copy_string(const char *s, const char **ret) {
        *ret = s ? strdup(s) : NULL;
        return s && !*ret ? -ENOMEM : 0;
}

static int take_credentials(NetLink *l, const SnmpCredentials *c, char **ret_why) {
        SnmpCredentials *to = &l->credentials;

        to->version = c->version;
        to->level = c->level;
        l->link.is_v1 = c->version == SNMP_V1;
        if (copy_string(c->community, &to->community) < 0 || copy_string(c->user, &to->user) < 0 ||
            copy_string(c->context, &to->context) < 0)
                return -ENOMEM;
        return c->version == SNMP_V3 ? net_usm_new(c, &l->usm, ret_why) : 0;
}

static int add_sources(NetLink *l) {
        int r = sd_event_add_defer(l->net->event, &l->soon, on_soon, l);

        if (r >= 0)
                r = sd_event_source_set_enabled(l->soon, SD_EVENT_OFF);
        return r < 0 ? r : net_link_add_timer(l);
}

static bool is_literal(const char *host) {
        struct addrinfo *list, hints = { .ai_flags = AI_NUMERICHOST };

        if (getaddrinfo(host, NULL, &hints, &list) != 0)
                return false;
        freeaddrinfo(list);
        return true;
}

int snmp_net_open(SnmpNet *net,
        const char *peer,
        const SnmpCredentials *credentials,
        const SnmpNetOptions *options,
        SnmpLink **ret,
        char **ret_why) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        NetLink *l = new0(NetLink, 1);
        int r;

        if (!l)
                return -ENOMEM;
        link = &l->link;
        link->ops = &net_ops;
        link->size_max = SIZE_MAX;
        l->net = net;
        net->n_links++;
        l->options = *options;
        if (l->options.timeout_usec == 0)
                l->options.timeout_usec = USEC_PER_SEC;
        r = net_peer_parse(peer, &l->peer, ret_why);
        if (r >= 0)
                r = take_credentials(l, credentials, ret_why);
        if (r >= 0)
                r = add_sources(l);
        if (r < 0)
                return r;
        l->is_literal = is_literal(l->peer.host);
        link->peer = net_peer_text(&l->peer);
        if (!link->peer)
                return -ENOMEM;

        *ret = TAKE_PTR(link);
        return 0;
}

bool snmp_net_is_from(const SnmpLink *link, const struct sockaddr *address) {
        return link->ops->is_from && link->ops->is_from(link, address);
}

/*** What links share ***/

int snmp_net_new(sd_event *event, SnmpNet **ret) {
        _cleanup_(snmp_net_freep) SnmpNet *n = new0(SnmpNet, 1);
        int r;

        if (!n)
                return -ENOMEM;
        n->event = sd_event_ref(event);
        n->turns = net_turns_new();
        if (!n->turns)
                return -ENOMEM;
        r = resolve_queue_new(event, &n->names);
        if (r < 0)
                return r;
        net_session_init();

        *ret = TAKE_PTR(n);
        return 0;
}

SnmpNet *snmp_net_free(SnmpNet *n) {
        if (!n)
                return NULL;

        assert(n->n_links == 0);
        net_turns_free(n->turns);
        resolve_queue_free(n->names);
        sd_event_unref(n->event);
        free(n);
        return NULL;
}
