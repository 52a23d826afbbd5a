/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upsclient-internal.h"

#include "string-util.h"
#include "time-util.h"

/* Programs have been built with this layout. */
#define LIES_AT(field, offset)                                                          \
        _Static_assert(sizeof(void *) != 8 || offsetof(UPSCONN_t, field) == (offset),   \
                       #field " lies where programs expect it")

LIES_AT(host, 0);
LIES_AT(port, 8);
LIES_AT(fd, 12);
LIES_AT(flags, 16);
LIES_AT(upserror, 20);
LIES_AT(syserrno, 24);
LIES_AT(upsclient_magic, 28);
LIES_AT(pc_ctx, 32);
LIES_AT(pc_ctx.arglist, 48);
LIES_AT(pc_ctx.numargs, 64);
LIES_AT(pc_ctx.errmsg, 112);
LIES_AT(pc_ctx.magic, 376);
LIES_AT(errbuf, 400);
LIES_AT(ssl, 656);
LIES_AT(readbuf, 664);
LIES_AT(readlen, 728);
LIES_AT(readidx, 736);
_Static_assert(sizeof(void *) != 8 || sizeof(UPSCONN_t) == 744, "UPSCONN_t has the size programs expect");

void upscli_forget_answer(UPSCONN_t *ups) {
        ups->pc_ctx.arglist = strv_free(ups->pc_ctx.arglist);
        ups->pc_ctx.numargs = 0;
}

void upscli_close(UPSCONN_t *ups, bool goodbye) {
        if (goodbye)
                (void) nut_session_leave(upscli_session(ups));
        else
                (void) nut_session_free(upscli_session(ups));
        ups->ssl = NULL;
        ups->fd = -1;

        upscli_forget_answer(ups);
        free(ups->host);
        ups->host = NULL;
}

/* Sets up TLS as the rules want it. 0, or -1. */
static int encrypt(UPSCONN_t *ups, const ConnectionRules *rules, uint64_t timeout_usec) {
        NutTls tls = { .context = rules->context, .host = rules->host, .force = rules->force_tls };
        int r;

        r = nut_session_start_tls(upscli_session(ups), &tls, timeout_usec);
        if (r >= 0)
                return 0;
        if (r == -EPROTONOSUPPORT)
                return upscli_fail(ups, UPSCLI_ERR_SSLFAIL, r);
        if (r == -ENOMEM)
                return upscli_fail(ups, UPSCLI_ERR_NOMEM, r);
        if (r == -ECONNRESET && isempty(nut_session_error(upscli_session(ups))))
                return upscli_fail(ups, UPSCLI_ERR_SRVDISC, r);
        return upscli_fail_text(ups, UPSCLI_ERR_SSLERR,
                        isempty(nut_session_error(upscli_session(ups))) ? strerror(-r) :
                                                        nut_session_error(upscli_session(ups)));
}

static int connection_begin(UPSCONN_t *ups, const char *host, int flags, uint64_t timeout_usec) {
        _cleanup_(connection_rules_done) ConnectionRules rules = {};
        int r;

        ups->host = strdup(host);
        if (!ups->host)
                return upscli_fail(ups, UPSCLI_ERR_NOMEM, -ENOMEM);

        r = connection_rules_find(host, flags, &rules);
        if (r == -ENOMEM)
                return upscli_fail(ups, UPSCLI_ERR_NOMEM, r);
        if (r < 0)
                return upscli_fail_text(ups, UPSCLI_ERR_SSLERR, "a certificate file cannot be used");
        if (!rules.try_tls && !rules.force_tls)
                return 0;
        return encrypt(ups, &rules, timeout_usec == USEC_INFINITY ? UPSCLI_TIMEOUT_USEC : timeout_usec);
}

int upscli_tryconnect(UPSCONN_t *ups, const char *host, uint16_t port, int flags, struct timeval *tv) {
        int family = flags & UPSCLI_CONN_INET6 ? AF_INET6 : flags & UPSCLI_CONN_INET ? AF_INET : AF_UNSPEC;
        uint64_t timeout_usec = USEC_INFINITY;
        bool unknown_host = false;
        NutSession *s;
        int r;

        if (!ups)
                return -1;
        *ups = (UPSCONN_t) { .upsclient_magic = UPSCLI_MAGIC, .fd = -1, .flags = flags };
        if (!host || host[0] == '\0')
                return upscli_fail(ups, UPSCLI_ERR_NOSUCHHOST, 0);
        if (tv && tv->tv_sec >= 0 && tv->tv_usec >= 0)
                timeout_usec = (uint64_t) tv->tv_sec * USEC_PER_SEC + (uint64_t) tv->tv_usec;

        r = nut_session_open_full(host, port, family, -EBADF, timeout_usec, &unknown_host, &s);
        if (r < 0)
                return upscli_fail(ups, unknown_host ? UPSCLI_ERR_NOSUCHHOST :
                                r == -ENOMEM ? UPSCLI_ERR_NOMEM : UPSCLI_ERR_CONNFAILURE, r);

        ups->ssl = s;
        ups->fd = nut_session_fd(s);
        ups->port = port;
        if (connection_begin(ups, host, flags, timeout_usec) < 0) {
                upscli_close(ups, false);
                return -1;
        }
        return 0;
}

int upscli_connect(UPSCONN_t *ups, const char *host, uint16_t port, int flags) {
        return upscli_tryconnect(ups, host, port, flags, NULL);
}

int upscli_disconnect(UPSCONN_t *ups) {
        if (!upscli_is_valid(ups))
                return -1;

        upscli_close(ups, true);
        return 0;
}

int upscli_fd(UPSCONN_t *ups) {
        return upscli_is_valid(ups) ? ups->fd : -1;
}

int upscli_ssl(UPSCONN_t *ups) {
        if (!upscli_is_valid(ups))
                return -1;
        return upscli_session(ups) && nut_session_encryption(upscli_session(ups));
}
