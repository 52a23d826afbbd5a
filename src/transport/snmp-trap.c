/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-trap.h"

#include <netinet/in.h>

#include "snmp-ber.h"

/* A turn of the loop takes no more than that. */
#define TURN_MAX 64U
#define DATAGRAM_SIZE 8192U
/* snmpTrapOID is the second object of a notification; some senders have it a little later. */
#define OBJECTS_MAX 8U
#define GENERIC_SPECIFIC 6
#define GENERIC_MAX 6

struct SnmpTrapListener {
        int fd;
        sd_event_source *source;
        SnmpTrapIsKnown is_known;
        SnmpTrapped trapped;
        void *userdata;
};

/*** Messages ***/

/* Up to the PDU; returns its tag. */
static int read_head(const uint8_t *data, size_t n, int64_t *ret_version, SnmpBer *ret_pdu) {
        SnmpBer message = { .p = data, .end = data + n }, in, community;

        if (snmp_ber_next(&message, BER_SEQUENCE, &in) < 0 || snmp_ber_integer(&in, ret_version) < 0 ||
            (*ret_version != 0 && *ret_version != 1) || snmp_ber_next(&in, BER_STRING, &community) < 0)
                return -EBADMSG;
        return snmp_ber_next(&in, 0, ret_pdu);
}

/* RFC 3584, 3.1. */
static int make_oid(const SnmpOid *enterprise, int64_t generic, int64_t specific, SnmpOid *ret) {
        uint32_t standard[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5, (uint32_t) (generic + 1) };
        uint32_t more[] = { 0, (uint32_t) specific };
        int r;

        if (generic != GENERIC_SPECIFIC)
                return snmp_oid_copy(&(SnmpOid) { .ids = standard, .n = ELEMENTSOF(standard) }, ret);
        r = snmp_oid_join(enterprise, &(SnmpOid) { .ids = more, .n = ELEMENTSOF(more) }, ret);
        return r == -E2BIG ? -EBADMSG : r;
}

static int parse_v1(SnmpBer pdu, SnmpOid *ret) {
        _cleanup_(snmp_oid_done) SnmpOid enterprise = {};
        int64_t generic, specific;
        SnmpBer address;
        int r = snmp_ber_oid(&pdu, &enterprise);

        if (r < 0)
                return r;
        if (snmp_ber_next(&pdu, BER_ADDRESS, &address) < 0 || snmp_ber_integer(&pdu, &generic) < 0 ||
            snmp_ber_integer(&pdu, &specific) < 0 || generic < 0 || generic > GENERIC_MAX || specific < 0 ||
            specific > UINT32_MAX)
                return -EBADMSG;
        return make_oid(&enterprise, generic, specific, ret);
}

/* One object of a notification: 1 if it is the one that is looked for. */
static int parse_object(SnmpBer object, SnmpOid *ret) {
        const SnmpOid trap_oid = { .ids = (uint32_t[]) { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 }, .n = 11 };
        _cleanup_(snmp_oid_done) SnmpOid name = {};
        int r = snmp_ber_oid(&object, &name);

        if (r < 0 || !snmp_oid_equal(&name, &trap_oid))
                return MIN(r, 0);
        r = snmp_ber_oid(&object, ret);
        return r < 0 ? r : 1;
}

static int parse_v2(SnmpBer pdu, SnmpOid *ret) {
        int64_t id, status, index;
        SnmpBer list, object;

        if (snmp_ber_integer(&pdu, &id) < 0 || snmp_ber_integer(&pdu, &status) < 0 ||
            snmp_ber_integer(&pdu, &index) < 0 || snmp_ber_next(&pdu, BER_SEQUENCE, &list) < 0)
                return -EBADMSG;
        for (unsigned i = 0; i < OBJECTS_MAX && list.p < list.end; i++) {
                int r = snmp_ber_next(&list, BER_SEQUENCE, &object);

                if (r >= 0)
                        r = parse_object(object, ret);
                if (r != 0)
                        return MIN(r, 0);
        }
        return -EBADMSG;
}

int snmp_trap_parse(const uint8_t *data, size_t n, SnmpTrap *ret) {
        SnmpTrap t = {};
        int64_t version = -1;
        SnmpBer pdu;
        int tag = read_head(data, n, &version, &pdu), r;

        if (version == 0 && tag == BER_TRAP1)
                r = parse_v1(pdu, &t.oid);
        else if (version == 1 && (tag == BER_TRAP2 || tag == BER_INFORM))
                r = parse_v2(pdu, &t.oid);
        else
                r = -EBADMSG;
        if (r < 0)
                return r;

        t.is_inform = tag == BER_INFORM;
        *ret = t;
        return 0;
}

void snmp_trap_done(SnmpTrap *t) {
        snmp_oid_done(&t->oid);
        *t = (SnmpTrap) {};
}

int snmp_trap_acknowledge(uint8_t *data, size_t n) {
        SnmpBer message = { .p = data, .end = data + n }, in, skipped;
        int64_t version;
        int r;

        r = read_head(data, n, &version, &skipped);
        if (r != BER_INFORM || version != 1)
                return -EBADMSG;
        (void) snmp_ber_next(&message, BER_SEQUENCE, &in);
        (void) snmp_ber_integer(&in, &version);
        (void) snmp_ber_next(&in, BER_STRING, &skipped);
        /* The same objects, as a response. */
        data[in.p - data] = BER_RESPONSE;
        return 0;
}

/*** Listening ***/

static void take(SnmpTrapListener *l, uint8_t *data, size_t n, const struct sockaddr *from, socklen_t size) {
        _cleanup_(snmp_trap_done) SnmpTrap t = {};

        if (!l->is_known(from, l->userdata))
                return;
        if (snmp_trap_parse(data, n, &t) < 0) {
                l->trapped(from, NULL, l->userdata);
                return;
        }
        if (t.is_inform && snmp_trap_acknowledge(data, n) >= 0)
                (void) sendto(l->fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL, from, size);
        l->trapped(from, &t.oid, l->userdata);
}

static int on_datagram(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        SnmpTrapListener *l = userdata;

        for (unsigned i = 0; i < TURN_MAX; i++) {
                uint8_t data[DATAGRAM_SIZE];
                struct sockaddr_storage from = {};
                socklen_t size = sizeof(from);
                ssize_t n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *) &from, &size);

                if (n < 0)
                        break;
                take(l, data, (size_t) n, (const struct sockaddr *) &from, size);
        }
        return 0;
}

int snmp_trap_listener_new(sd_event *event,
        int fd,
        SnmpTrapIsKnown is_known,
        SnmpTrapped trapped,
        void *userdata,
        SnmpTrapListener **ret) {
        _cleanup_(snmp_trap_listener_freep) SnmpTrapListener *l = new0(SnmpTrapListener, 1);
        int r;

        if (!l) {
                safe_close(fd);
                return -ENOMEM;
        }
        *l = (SnmpTrapListener) { .fd = fd, .is_known = is_known, .trapped = trapped, .userdata = userdata };
        r = sd_event_add_io(event, &l->source, fd, EPOLLIN, on_datagram, l);
        /* What somebody sends us is less urgent than what we ask for. */
        if (r >= 0)
                r = sd_event_source_set_priority(l->source, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

SnmpTrapListener *snmp_trap_listener_free(SnmpTrapListener *l) {
        if (!l)
                return NULL;

        sd_event_source_disable_unref(l->source);
        safe_close(l->fd);
        free(l);
        return NULL;
}

int snmp_trap_bind(uint16_t port) {
        const struct sockaddr_in6 six = {
                .sin6_family = AF_INET6,
                .sin6_port = htons(port),
                .sin6_addr = IN6ADDR_ANY_INIT,
        };
        const struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
        _cleanup_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int off = 0;

        if (fd >= 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) >= 0) {
                if (bind(fd, (const struct sockaddr *) &six, sizeof(six)) >= 0)
                        return TAKE_FD(fd);
                if (errno == EADDRINUSE || errno == EACCES)
                        return -errno;
        }

        /* A kernel may have IPv4 only. */
        safe_close(fd);
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || bind(fd, (const struct sockaddr *) &four, sizeof(four)) < 0)
                return -errno;
        return TAKE_FD(fd);
}
