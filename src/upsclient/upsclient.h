/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libupsclient: talks to a server of the NUT network protocol, for programs in C and C++. See
 * upsclient(3). */

#ifndef UPSCLIENT_H_SEEN
#define UPSCLIENT_H_SEEN

#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>

#include "parseconf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define UPSCLI_ERRBUF_LEN 256
#define UPSCLI_NETBUF_LEN 512

/* A connection. The program owns the memory, upscli_connect() fills it in; what it holds is released by
 * upscli_disconnect(). Read it with the functions below; the layout is fixed for programs already built. */
typedef struct {
        char *host;
        uint16_t port;
        int fd;
        int flags;
        int upserror;
        int syserrno;
        int upsclient_magic;

        PCONF_CTX_t pc_ctx;

        char errbuf[UPSCLI_ERRBUF_LEN];

        void *ssl; /* private, used by connections without TLS as well */

        char readbuf[64];
        size_t readlen;
        size_t readidx;
} UPSCONN_t;

/* Says what the last error on this connection was. Lives until the next call for it. */
const char *upscli_strerror(UPSCONN_t *ups);

/* Says how connections are to be encrypted: once, before the first one. certverify: a server must have a
 * certificate that one of the authorities in certpath (PEM file, or a directory of such; NULL: those of the
 * system) vouches for. certname and certpasswd: the client's own certificate in certpath. 1, or -1. */
int upscli_init(int certverify, const char *certpath, const char *certname, const char *certpasswd);

/* Takes upscli_init() back. 1. */
int upscli_cleanup(void);

/* Connects to a host and port; flags are UPSCLI_CONN_*. tv bounds the connecting, NULL: as long as the
 * system tries. What *ups held before is forgotten, not released. 0, or -1. */
int upscli_tryconnect(UPSCONN_t *ups, const char *host, uint16_t port, int flags, struct timeval *tv);
int upscli_connect(UPSCONN_t *ups, const char *host, uint16_t port, int flags);

/* What counts for connections to that host, in place of upscli_init() and flags: the name that its
 * certificate must be for (NULL: the host's), whether it is verified, and whether TLS must be. */
void upscli_add_host_cert(const char *hostname, const char *certname, int certverify, int forcessl);

/* Asks "GET QUERY..." and hands out the words of the answer, which begins with the query. They live until
 * the next call for this connection. 0, or -1. */
int upscli_get(UPSCONN_t *ups, size_t numq, const char **query, size_t *numa, char ***answer);

/* Asks "LIST QUERY..."; what there is comes from upscli_list_next(). 0, or -1. */
int upscli_list_start(UPSCONN_t *ups, size_t numq, const char **query);

/* The next item, as by upscli_get(). 1, 0 at the end, or -1. */
int upscli_list_next(UPSCONN_t *ups, size_t numq, const char **query, size_t *numa, char ***answer);

/* Sends bytes, usually a line with its end, and waits up to that many seconds for the server to take them:
 * 0 only sends what it takes at once, a negative number waits without end, upscli_sendline() waits for 5.
 * 0, or -1, after which the connection is closed. */
ssize_t upscli_sendline_timeout(UPSCONN_t *ups, const char *buf, size_t buflen, const time_t timeout);
ssize_t upscli_sendline(UPSCONN_t *ups, const char *buf, size_t buflen);

/* Reads a line, without its end, and NUL-terminates it; what does not fit is dropped. Waits up to that many
 * seconds: for 0 the line must be there already, a negative number waits without end, upscli_readline()
 * waits for 5. 0, or -1, after which the connection is closed. */
ssize_t upscli_readline_timeout(UPSCONN_t *ups, char *buf, size_t buflen, const time_t timeout);
ssize_t upscli_readline(UPSCONN_t *ups, char *buf, size_t buflen);

/* Splits "name[@host[:port]]" and "host[:port]", with IPv6 addresses in [ ], into new strings. Without host
 * it is localhost, without port 3493. 0, or -1 with a message on stderr. */
int upscli_splitname(const char *buf, char **upsname, char **hostname, uint16_t *port);
int upscli_splitaddr(const char *buf, char **hostname, uint16_t *port);

/* Says goodbye, closes the connection and releases what it held. 0, or -1 for what is none. */
int upscli_disconnect(UPSCONN_t *ups);

/* The socket, -1 when it is closed; and the number of the last error, UPSCLI_ERR_*. */
int upscli_fd(UPSCONN_t *ups);
int upscli_upserror(UPSCONN_t *ups);

/* 1 when the connection is encrypted, 0 when not, or -1. */
int upscli_ssl(UPSCONN_t *ups);

#define UPSCLI_ERR_UNKNOWN 0
#define UPSCLI_ERR_VARNOTSUPP 1
#define UPSCLI_ERR_NOSUCHHOST 2
#define UPSCLI_ERR_INVRESP 3
#define UPSCLI_ERR_UNKNOWNUPS 4
#define UPSCLI_ERR_INVLISTTYPE 5
#define UPSCLI_ERR_ACCESSDENIED 6
#define UPSCLI_ERR_PWDREQUIRED 7
#define UPSCLI_ERR_PWDINCORRECT 8
#define UPSCLI_ERR_MISSINGARG 9
#define UPSCLI_ERR_DATASTALE 10
#define UPSCLI_ERR_VARUNKNOWN 11
#define UPSCLI_ERR_LOGINTWICE 12
#define UPSCLI_ERR_PWDSETTWICE 13
#define UPSCLI_ERR_UNKNOWNTYPE 14
#define UPSCLI_ERR_UNKNOWNVAR 15
#define UPSCLI_ERR_VARREADONLY 16
#define UPSCLI_ERR_TOOLONG 17
#define UPSCLI_ERR_INVALIDVALUE 18
#define UPSCLI_ERR_SETFAILED 19
#define UPSCLI_ERR_UNKINSTCMD 20
#define UPSCLI_ERR_CMDFAILED 21
#define UPSCLI_ERR_CMDNOTSUPP 22
#define UPSCLI_ERR_INVUSERNAME 23
#define UPSCLI_ERR_USERSETTWICE 24
#define UPSCLI_ERR_UNKCOMMAND 25
#define UPSCLI_ERR_INVALIDARG 26
#define UPSCLI_ERR_SENDFAILURE 27
#define UPSCLI_ERR_RECVFAILURE 28
#define UPSCLI_ERR_SOCKFAILURE 29
#define UPSCLI_ERR_BINDFAILURE 30
#define UPSCLI_ERR_CONNFAILURE 31
#define UPSCLI_ERR_WRITE 32
#define UPSCLI_ERR_READ 33
#define UPSCLI_ERR_INVPASSWORD 34
#define UPSCLI_ERR_USERREQUIRED 35
#define UPSCLI_ERR_SSLFAIL 36
#define UPSCLI_ERR_SSLERR 37
#define UPSCLI_ERR_SRVDISC 38
#define UPSCLI_ERR_DRVNOTCONN 39
#define UPSCLI_ERR_NOMEM 40
#define UPSCLI_ERR_PARSE 41
#define UPSCLI_ERR_PROTOCOL 42

#define UPSCLI_ERR_MAX 42

/* Kinds of lists; no function takes one any more. */
#define UPSCLI_LIST_VARS 1
#define UPSCLI_LIST_RW 2
#define UPSCLI_LIST_CMDS 3

#define UPSCLI_CONN_TRYSSL 0x0001    /* in TLS if the server offers it */
#define UPSCLI_CONN_REQSSL 0x0002    /* in TLS, or not at all */
#define UPSCLI_CONN_INET 0x0004      /* by IPv4 only */
#define UPSCLI_CONN_INET6 0x0008     /* by IPv6 only */
#define UPSCLI_CONN_CERTVERIF 0x0010 /* the server's certificate must be good */

#ifdef __cplusplus
}
#endif

#endif
