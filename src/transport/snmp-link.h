/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>

#include "macro.h"
#include "snmp-value.h"

/* A way to an SNMP agent: over the network, or a walk in a file that plays one. All happens on the event
 * loop; nothing blocks. */

typedef struct SnmpLink SnmpLink;

typedef enum SnmpOperation {
        SNMP_GET,
        SNMP_GET_NEXT,
        SNMP_GET_BULK, /* of a link that knows version 1 only it becomes SNMP_GET_NEXT */
        SNMP_SET,
        _SNMP_OPERATION_MAX,
} SnmpOperation;

typedef struct SnmpRequest {
        SnmpOperation operation;
        const SnmpOid *oids;     /* of all but SNMP_SET */
        const SnmpValue *values; /* of SNMP_SET */
        size_t n;
        unsigned repetitions;    /* of SNMP_GET_BULK; there are no non-repeaters */
        bool may_repeat;         /* of SNMP_SET: it may be sent again when no answer comes; else it is sent
                                  * once, since the agent may have done it */
        uint64_t timeout_usec;   /* for all attempts together; 0: as the link has it */
} SnmpRequest;

/* error-status of RFC 3416, as far as somebody has to tell them apart. */
enum {
        SNMP_STATUS_OK           = 0,
        SNMP_STATUS_TOO_BIG      = 1,
        SNMP_STATUS_NO_SUCH_NAME = 2,
        SNMP_STATUS_GENERAL      = 5,
};

typedef struct SnmpReply {
        unsigned status;      /* error-status */
        size_t index;         /* error-index: which of the objects, from 1; 0: none */
        SnmpValue *values;    /* as many as were asked for, in that order; after SNMP_GET_BULK, and with
                               * an error status, as they came */
        size_t n_values;
} SnmpReply;

/* Called once for each request that was accepted, from the event loop, never from within the call that made
 * it, unless the request was cancelled. r is 0 when an answer has come, also one with an error status;
 * reply is valid in the call only, and NULL for r < 0: -ETIMEDOUT; -ECONNREFUSED, -EHOSTUNREACH and the like
 * as the network says; -EACCES: version 3, the agent does not know the user or the passwords are wrong, or
 * what came could not be verified; -EMSGSIZE: the answer did not fit; -EBADMSG: what came made no sense;
 * -EPROTO: no answer to what was asked (other objects than these). snmp_link_why() has it in words. */
typedef void (*SnmpDone)(SnmpLink *link, int r, const SnmpReply *reply, void *userdata);

typedef struct SnmpLinkOps {
        const char *name; /* "snmp", "walk" */
        int (*request)(SnmpLink *link, const SnmpRequest *request, SnmpDone done, void *userdata);
        void (*cancel)(SnmpLink *link);
        /* Whether an address is that of the agent; NULL: it has none. */
        bool (*is_from)(const SnmpLink *link, const struct sockaddr *address);
        void (*free)(SnmpLink *link); /* all but the strings of the head */
} SnmpLinkOps;

/* Links begin with this. */
struct SnmpLink {
        const SnmpLinkOps *ops;
        bool is_v1;      /* an object that is not there spoils an answer, and there are neither bulks nor
                          * 64 bit counters */
        char *peer;      /* for messages: "udp:192.0.2.1:161" */
        char *why;       /* snmp_link_why() */
        size_t size_max; /* how many objects a request may have at the most; SIZE_MAX: whatever fits */
};

/* Sends a request; the objects are copied. One at a time: -EBUSY. 0, -EINVAL, -E2BIG (does not fit into a
 * message), -ENOMEM; errors of the network come to done. */
int snmp_link_request(SnmpLink *link, const SnmpRequest *request, SnmpDone done, void *userdata);

/* Forgets the request that is under way, if any; done is not called. */
void snmp_link_cancel(SnmpLink *link);

/* Why the last request has failed, in words for the log, with the next step where there is one ("the agent
 * does not know the user \"x\""); NULL when there is no more to say than the error does. */
const char *snmp_link_why(const SnmpLink *link);

SnmpLink *snmp_link_free(SnmpLink *link);
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpLink *, snmp_link_free);

/* The name of an error-status: "noSuchName"; "status 77" for others, in static memory or buffer. */
const char *snmp_status_text(unsigned status, char buffer[static 16]);
