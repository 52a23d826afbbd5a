/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "resolve.h"
#include "snmp-net.h"

/*** Peers ***/

/* Where an agent is. */
typedef struct NetPeer {
        char *host;
        uint16_t port;
        int family; /* AF_UNSPEC: whichever the name has */
        bool is_stream;
} NetPeer;

/* "udp:HOST:PORT" and so on. 0, -ENOMEM, or -EINVAL with *ret_why (new memory). */
int net_peer_parse(const char *s, NetPeer *ret, char **ret_why);
void net_peer_done(NetPeer *p);

/* "udp:192.0.2.1:161", in new memory. */
char *net_peer_text(const NetPeer *p);

/* An address with a port, in new memory. */
char *net_address_text(const struct sockaddr *address);

/* Whether two addresses are the same, but for the port. */
bool net_address_equal(const struct sockaddr *a, const struct sockaddr *b);

/*** Users of version 3 ***/

/* The user of one link on the engine of its agent, with what is known of the engine's time. net-snmp has
 * both in lists of the process, by engine; here each link has its own, which stands in those lists only
 * while something of that link is sent or read. So a user may have other passwords on another link, and
 * agents that were delivered with the same engine id do not confuse each other's clocks. */
typedef struct NetUsm NetUsm;

/* -EINVAL with *ret_why (new memory). */
int net_usm_new(const SnmpCredentials *c, NetUsm **ret, char **ret_why);
NetUsm *net_usm_free(NetUsm *u);
DEFINE_TRIVIAL_CLEANUP_FUNC(NetUsm *, net_usm_free);

/* Whether its engine is known. */
bool net_usm_has_engine(const NetUsm *u) _pure_;

/* Makes the keys for an engine. 0, -ENOMEM, -EINVAL. */
int net_usm_set_engine(NetUsm *u, const uint8_t *id, size_t n);
/* As if nothing were known about the engine. */
void net_usm_forget(NetUsm *u);

/* The engine, to put into a request. */
const uint8_t *net_usm_engine(const NetUsm *u, size_t *ret_n);

/* Puts it into net-snmp's lists, and takes it out again. */
void net_usm_enter(NetUsm *u);
void net_usm_leave(NetUsm *u);

/* In between: makes room for a message that comes without any security from another engine, as the report of
 * an agent does that was replaced. */
void net_usm_expect(NetUsm *u, const uint8_t *data, size_t n);

/*** Sessions ***/

typedef struct NetSession NetSession;

typedef enum NetAnswerKind {
        NET_ANSWER_NONE,   /* nothing that was waited for */
        NET_ANSWER_REPLY,
        NET_ANSWER_REPORT, /* version 3: about what was asked */
} NetAnswerKind;

typedef struct NetAnswer {
        NetAnswerKind kind;
        int report;       /* SNMPERR_... */
        uint8_t *engine;  /* whose report it is */
        size_t n_engine;
        int error;        /* the reply cannot be used */
        SnmpReply reply;
} NetAnswer;

void net_answer_done(NetAnswer *a);

/* Makes net-snmp ready, once for the process. */
void net_session_init(void);

/* Takes fd over in any case. usm: version 3; stays the caller's, who needs it longer. */
int net_session_new(int fd, bool is_stream, const SnmpCredentials *c, NetUsm *usm, NetSession **ret);
NetSession *net_session_free(NetSession *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(NetSession *, net_session_free);

/* Begins something new: answers to what was asked before do not count any more. */
void net_session_renew(NetSession *s);

/* Sends a request, or with NULL the question for the engine id. Called again it is another attempt.
 * 0, -E2BIG, errors of the network. */
int net_session_ask(NetSession *s, const SnmpRequest *request);

/* Reads what has come, if it is there. 0; -EBADMSG: it could not be read; -EACCES: it could not be verified;
 * errors of the network. */
int net_session_read(NetSession *s, NetAnswer *ret);

/* The socket, to be polled; it is the session's. */
int net_session_fd(const NetSession *s) _pure_;

/*** Replies ***/

struct snmp_pdu;

/* Makes a reply of the answer to a request. 0, -EPROTO, -ENOMEM. */
int net_reply_from_pdu(const struct snmp_pdu *pdu, const SnmpRequest *request, SnmpReply *ret);
void net_reply_done(SnmpReply *reply);

/* Makes the message of a request. NULL without memory. */
struct snmp_pdu *net_request_pdu(const SnmpRequest *request);

/* A deep copy; release with net_request_done(). */
int net_request_copy(const SnmpRequest *request, SnmpRequest *ret);
void net_request_done(SnmpRequest *request);

/* At the least how many bytes the objects of a request take in a message. */
size_t net_request_size(const SnmpRequest *request);

/*** Turns ***/

/* Who asks an agent, of several links to the same one. */
typedef struct NetTurns NetTurns;
typedef struct NetTurn NetTurn;
typedef void (*NetTurnReady)(void *userdata);

/* NULL without memory. */
NetTurns *net_turns_new(void);
NetTurns *net_turns_free(NetTurns *t); /* when no turn is left */

/* Asks for a turn at what key names. Returns 1 when it is one's turn at once; 0: ready will be called, from
 * net_turn_free() of another. */
int net_turn_new(NetTurns *t, const char *key, NetTurnReady ready, void *userdata, NetTurn **ret);
NetTurn *net_turn_free(NetTurn *t);
