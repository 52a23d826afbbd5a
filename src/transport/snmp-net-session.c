/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmpUDPDomain.h>
#include <locale.h>

#include "snmp-net-internal.h"
#include "string-util.h"

/* How long net-snmp remembers an attempt whose answer is not waited for any more, in microseconds: later
 * ones are dropped all the same. */
#define REMEMBER_USEC (30L * 1000 * 1000)
#define DATAGRAM_SIZE_MAX 65507

struct NetSession {
        void *handle;
        int fd;
        bool is_closed; /* by the other side; fd stays as long as it may be polled */
        NetUsm *usm;
        long request_id;
        uintptr_t generation;
        const SnmpRequest *request; /* of the present generation; NULL for the question for the engine id */
        NetAnswer *answer;          /* while something is read */
        int error;                  /* of the network */
        bool unverified;
};

void net_answer_done(NetAnswer *a) {
        free(a->engine);
        net_reply_done(&a->reply);
        *a = (NetAnswer) {};
}

/*** The library ***/

/* It would read these from the environment, and MIBs from their directories. */
static void hide_mibs(void) {
        (void) setenv("MIBS", "", 1);
        (void) setenv("MIBDIRS", "", 1);
        (void) setenv("MIBFILES", "", 1);
}

void net_session_init(void) {
        static const int switches[] = {
                NETSNMP_DS_LIB_DONT_READ_CONFIGS,
                NETSNMP_DS_LIB_DONT_PERSIST_STATE,
                NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
                NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
                NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES,
                NETSNMP_DS_LIB_NO_DISCOVERY,
        };
        static const char app[] = "busbar";

        if (netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS))
                return;

        /* Its log is not ours: all it has to say is told by results. */
        snmp_disable_stderrlog();
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG);
        for (size_t i = 0; i < ELEMENTSOF(switches); i++)
                netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
        hide_mibs();
        init_snmp(app);
        (void) setlocale(LC_CTYPE, "C");
}

/*** The transport ***/

static int on_send(netsnmp_transport *t, const void *data, int size, void **opaque, int *n_opaque) {
        NetSession *s = *(NetSession **) t->data;
        ssize_t n = send(s->fd, data, (size_t) size, MSG_NOSIGNAL | MSG_DONTWAIT);

        /* What does not fit into the socket's buffer is lost on the way, as it may be further on. */
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
                return size;
        if (n < 0)
                s->error = -errno;
        else if (n != size)
                s->error = -ECOMM;
        return s->error < 0 ? -1 : size;
}

static int on_receive(netsnmp_transport *t, void *data, int size, void **opaque, int *n_opaque) {
        NetSession *s = *(NetSession **) t->data;
        ssize_t n = recv(s->fd, data, (size_t) size, MSG_DONTWAIT);

        *opaque = NULL;
        *n_opaque = 0;
        if (n < 0)
                s->error = -errno;
        if (n < 0 && errno == EAGAIN)
                return -1;
        if (n > 0 && s->usm && !(t->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
                net_usm_expect(s->usm, data, (size_t) n);
        return (int) n;
}

static int on_close(netsnmp_transport *t) {
        NetSession *s = *(NetSession **) t->data;

        s->is_closed = true;
        t->sock = -1;
        return 0;
}

/* A transport of our own: the socket is connected, so nobody but the agent can answer, and that nobody
 * listens there is told at once. It goes with the session. */
static netsnmp_transport *transport_new(NetSession *s, bool is_stream) {
        netsnmp_transport *t = calloc(1, sizeof(*t));
        NetSession **data = t ? malloc(sizeof(NetSession *)) : NULL;

        if (!data) {
                free(t);
                return NULL;
        }
        *data = s;
        t->data = data;
        t->data_length = sizeof(NetSession *);
        t->domain = netsnmpUDPDomain;
        t->domain_length = (int) netsnmpUDPDomain_len;
        t->sock = s->fd;
        t->flags = NETSNMP_TRANSPORT_FLAG_OPENED | (is_stream ? NETSNMP_TRANSPORT_FLAG_STREAM : 0U);
        t->msgMaxSize = DATAGRAM_SIZE_MAX;
        t->f_send = on_send;
        t->f_recv = on_receive;
        t->f_close = on_close;
        return t;
}

/*** Answers ***/

static int take_report(NetSession *s, netsnmp_pdu *pdu) {
        NetAnswer *a = s->answer;

        if (a->kind != NET_ANSWER_NONE)
                return 0;
        a->engine = netsnmp_memdup(pdu->securityEngineID, pdu->securityEngineIDLen);
        if (!a->engine)
                return 0;
        a->n_engine = pdu->securityEngineIDLen;
        a->kind = NET_ANSWER_REPORT;
        a->report = snmpv3_get_report_type(pdu);
        return 0;
}

/* Whatever comes for a request. 1: it is answered, so net-snmp forgets it. */
static int on_answer(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic) {
        NetSession *s = session->myvoid;

        if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
                return 1;
        if (!s->answer || (uintptr_t) magic != s->generation)
                return 1;
        if (pdu->command == SNMP_MSG_REPORT)
                return take_report(s, pdu);
        if (pdu->command != SNMP_MSG_RESPONSE || s->answer->kind != NET_ANSWER_NONE || !s->request)
                return 1;

        s->answer->kind = NET_ANSWER_REPLY;
        s->answer->error = net_reply_from_pdu(pdu, s->request, &s->answer->reply);
        return 1;
}

/* What belongs to no request: that a message could not be verified, and that the other side has closed. */
static int on_other(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic) {
        NetSession *s = magic;

        if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE &&
            session->s_snmp_errno == SNMPERR_USM_AUTHENTICATIONFAILURE)
                s->unverified = true;
        if (operation == NETSNMP_CALLBACK_OP_DISCONNECT && s->error == 0)
                s->error = -ECONNRESET;
        return 1;
}

/*** Sessions ***/

static const int levels[] = {
        [SNMP_LEVEL_NO_AUTH] = SNMP_SEC_LEVEL_NOAUTH,
        [SNMP_LEVEL_AUTH]    = SNMP_SEC_LEVEL_AUTHNOPRIV,
        [SNMP_LEVEL_PRIV]    = SNMP_SEC_LEVEL_AUTHPRIV,
};

static void fill_session(NetSession *s, const SnmpCredentials *c, netsnmp_session *session) {
        snmp_sess_init(session);
        session->retries = 0;
        session->timeout = REMEMBER_USEC;
        session->callback = on_other;
        session->callback_magic = s;
        session->myvoid = s;
        session->version = c->version == SNMP_V1 ? SNMP_VERSION_1 :
                c->version == SNMP_V2C           ? SNMP_VERSION_2c :
                                                   SNMP_VERSION_3;
        if (c->version != SNMP_V3) {
                session->community = (u_char *) strempty(c->community);
                session->community_len = strlen(strempty(c->community));
                return;
        }
        session->securityModel = SNMP_SEC_MODEL_USM;
        session->securityLevel = levels[c->level];
        session->securityName = (char *) c->user;
        session->securityNameLen = strlen(c->user);
        session->contextName = (char *) strempty(c->context);
        session->contextNameLen = strlen(session->contextName);
}

int net_session_new(int fd, bool is_stream, const SnmpCredentials *c, NetUsm *usm, NetSession **ret) {
        _cleanup_(net_session_freep) NetSession *s = new0(NetSession, 1);
        netsnmp_transport *t;
        netsnmp_session session;

        if (!s) {
                safe_close(fd);
                return -ENOMEM;
        }
        s->fd = fd;
        s->usm = usm;
        t = transport_new(s, is_stream);
        if (!t)
                return -ENOMEM;
        fill_session(s, c, &session);
        s->handle = snmp_sess_add(&session, t, NULL, NULL);
        if (!s->handle)
                return -ENOMEM;

        /* net-snmp would wait for an engine id. */
        snmp_sess_session(s->handle)->flags |= SNMP_FLAGS_DONT_PROBE;
        *ret = TAKE_PTR(s);
        return 0;
}

NetSession *net_session_free(NetSession *s) {
        if (!s)
                return NULL;

        s->answer = NULL;
        if (s->handle)
                snmp_sess_close(s->handle);
        safe_close(s->fd);
        free(s);
        return NULL;
}

int net_session_fd(const NetSession *s) {
        return s->fd;
}

void net_session_renew(NetSession *s) {
        s->generation++;
        s->request_id = snmp_get_next_reqid();
        s->request = NULL;
}

/*** Asking ***/

static netsnmp_pdu *probe_pdu(void) {
        netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

        if (!pdu)
                return NULL;
        pdu->version = SNMP_VERSION_3;
        pdu->securityModel = SNMP_SEC_MODEL_USM;
        pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
        pdu->securityName = strdup("");
        if (!pdu->securityName) {
                snmp_free_pdu(pdu);
                return NULL;
        }
        return pdu;
}

static bool add_engine(const NetSession *s, netsnmp_pdu *pdu) {
        size_t n;
        const uint8_t *engine = net_usm_engine(s->usm, &n);

        pdu->securityEngineID = netsnmp_memdup(engine, n);
        pdu->securityEngineIDLen = pdu->securityEngineID ? n : 0;
        return pdu->securityEngineID;
}

static netsnmp_pdu *make_pdu(const NetSession *s, const SnmpRequest *request) {
        netsnmp_pdu *pdu = request ? net_request_pdu(request) : probe_pdu();

        if (pdu && request && s->usm && !add_engine(s, pdu)) {
                snmp_free_pdu(pdu);
                return NULL;
        }
        if (pdu && request)
                pdu->reqid = s->request_id;
        return pdu;
}

int net_session_ask(NetSession *s, const SnmpRequest *request) {
        netsnmp_pdu *pdu = make_pdu(s, request);
        int sent;

        if (!pdu)
                return -ENOMEM;
        s->request = request;
        s->error = 0;
        snmp_sess_timeout(s->handle);
        if (s->usm)
                net_usm_enter(s->usm);
        sent = snmp_sess_async_send(s->handle, pdu, on_answer, (void *) s->generation);
        if (s->usm)
                net_usm_leave(s->usm);
        if (sent != 0)
                return 0;

        snmp_free_pdu(pdu);
        if (s->error < 0)
                return s->error;
        return snmp_sess_session(s->handle)->s_snmp_errno == SNMPERR_TOO_LONG ? -E2BIG : -EIO;
}

/*** Reading ***/

static int read_packet(NetSession *s) {
        netsnmp_large_fd_set set;
        int r;

        netsnmp_large_fd_set_init(&set, s->fd + 1);
        NETSNMP_LARGE_FD_ZERO(&set);
        netsnmp_large_fd_setfd(s->fd, &set);
        r = snmp_sess_read2(s->handle, &set);
        netsnmp_large_fd_set_cleanup(&set);
        return r;
}

int net_session_read(NetSession *s, NetAnswer *ret) {
        NetAnswer answer = {};
        int r;

        if (s->is_closed)
                return -ECONNRESET;
        s->answer = &answer;
        s->error = 0;
        s->unverified = false;
        if (s->usm)
                net_usm_enter(s->usm);
        r = read_packet(s);
        if (s->usm)
                net_usm_leave(s->usm);
        s->answer = NULL;

        if (answer.kind == NET_ANSWER_NONE) {
                if (s->error == -EAGAIN)
                        r = 0;
                else if (s->error < 0)
                        r = s->error;
                else if (s->unverified)
                        r = -EACCES;
                else if (r != 0)
                        r = -EBADMSG;
                net_answer_done(&answer);
                if (r < 0)
                        return r;
        }
        *ret = answer;
        return 0;
}
