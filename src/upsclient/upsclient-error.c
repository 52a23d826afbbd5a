/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "nut-protocol.h"
#include "string-util.h"
#include "upsclient-internal.h"

/* What stands behind the text of an error. */
typedef enum Detail {
        DETAIL_NONE,
        DETAIL_ERRNO,
        DETAIL_TEXT,
} Detail;

static const struct {
        const char *text;
        Detail detail;
        const char *token; /* of the protocol, which has the text for it */
} errors[] = {
        [UPSCLI_ERR_UNKNOWN]      = { "Unknown error" },
        [UPSCLI_ERR_VARNOTSUPP]   = { .token = "VAR-NOT-SUPPORTED" },
        [UPSCLI_ERR_NOSUCHHOST]   = { "No such host" },
        [UPSCLI_ERR_INVRESP]      = { "Invalid response from server" },
        [UPSCLI_ERR_UNKNOWNUPS]   = { .token = "UNKNOWN-UPS" },
        [UPSCLI_ERR_INVLISTTYPE]  = { "Invalid list type" },
        [UPSCLI_ERR_ACCESSDENIED] = { .token = "ACCESS-DENIED" },
        [UPSCLI_ERR_PWDREQUIRED]  = { .token = "PASSWORD-REQUIRED" },
        [UPSCLI_ERR_PWDINCORRECT] = { .token = "PASSWORD-INCORRECT" },
        [UPSCLI_ERR_MISSINGARG]   = { .token = "MISSING-ARGUMENT" },
        [UPSCLI_ERR_DATASTALE]    = { .token = "DATA-STALE" },
        [UPSCLI_ERR_VARUNKNOWN]   = { .token = "VAR-UNKNOWN" },
        [UPSCLI_ERR_LOGINTWICE]   = { .token = "ALREADY-LOGGED-IN" },
        [UPSCLI_ERR_PWDSETTWICE]  = { .token = "ALREADY-SET-PASSWORD" },
        [UPSCLI_ERR_UNKNOWNTYPE]  = { .token = "UNKNOWN-TYPE" },
        [UPSCLI_ERR_UNKNOWNVAR]   = { .token = "UNKNOWN-VAR" },
        [UPSCLI_ERR_VARREADONLY]  = { .token = "READONLY" },
        [UPSCLI_ERR_TOOLONG]      = { .token = "TOO-LONG" },
        [UPSCLI_ERR_INVALIDVALUE] = { .token = "INVALID-VALUE" },
        [UPSCLI_ERR_SETFAILED]    = { .token = "SET-FAILED" },
        [UPSCLI_ERR_UNKINSTCMD]   = { .token = "UNKNOWN-INSTCMD" },
        [UPSCLI_ERR_CMDFAILED]    = { .token = "INSTCMD-FAILED" },
        [UPSCLI_ERR_CMDNOTSUPP]   = { .token = "CMD-NOT-SUPPORTED" },
        [UPSCLI_ERR_INVUSERNAME]  = { .token = "INVALID-USERNAME" },
        [UPSCLI_ERR_USERSETTWICE] = { .token = "ALREADY-SET-USERNAME" },
        [UPSCLI_ERR_UNKCOMMAND]   = { .token = "UNKNOWN-COMMAND" },
        [UPSCLI_ERR_INVALIDARG]   = { .token = "INVALID-ARGUMENT" },
        [UPSCLI_ERR_SENDFAILURE]  = { "Send failure", DETAIL_ERRNO },
        [UPSCLI_ERR_RECVFAILURE]  = { "Receive failure", DETAIL_ERRNO },
        [UPSCLI_ERR_SOCKFAILURE]  = { "socket failure", DETAIL_ERRNO },
        [UPSCLI_ERR_BINDFAILURE]  = { "bind failure", DETAIL_ERRNO },
        [UPSCLI_ERR_CONNFAILURE]  = { "Connection failure", DETAIL_ERRNO },
        [UPSCLI_ERR_WRITE]        = { "Write error", DETAIL_ERRNO },
        [UPSCLI_ERR_READ]         = { "Read error", DETAIL_ERRNO },
        [UPSCLI_ERR_INVPASSWORD]  = { .token = "INVALID-PASSWORD" },
        [UPSCLI_ERR_USERREQUIRED] = { .token = "USERNAME-REQUIRED" },
        [UPSCLI_ERR_SSLFAIL]      = { "SSL is not available" },
        [UPSCLI_ERR_SSLERR]       = { "SSL error", DETAIL_TEXT },
        [UPSCLI_ERR_SRVDISC]      = { "Server disconnected" },
        [UPSCLI_ERR_DRVNOTCONN]   = { .token = "DRIVER-NOT-CONNECTED" },
        [UPSCLI_ERR_NOMEM]        = { "Memory allocation failure" },
        [UPSCLI_ERR_PARSE]        = { "Parse error", DETAIL_TEXT },
        [UPSCLI_ERR_PROTOCOL]     = { "Protocol error" },
};

_Static_assert(ELEMENTSOF(errors) == UPSCLI_ERR_MAX + 1, "each error has a text");

int upscli_fail(UPSCONN_t *ups, int upserror, int r) {
        ups->upserror = upserror;
        ups->syserrno = -r;
        return -1;
}

int upscli_fail_text(UPSCONN_t *ups, int upserror, const char *text) {
        (void) snprintf(ups->pc_ctx.errmsg, sizeof(ups->pc_ctx.errmsg), "%s", text);
        return upscli_fail(ups, upserror, 0);
}

int upscli_check_line(UPSCONN_t *ups, const char *line) {
        const char *token = startswith(line, "ERR");

        if (!token)
                return 0;

        token += token[0] == ' ';
        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i].token && startswith(token, errors[i].token))
                        return upscli_fail(ups, (int) i, 0);
        return upscli_fail(ups, UPSCLI_ERR_UNKNOWN, 0);
}

static const char *error_text(int upserror) {
        const char *token = errors[upserror].token;

        return token ? nut_error_text(token) : errors[upserror].text;
}

const char *upscli_strerror(UPSCONN_t *ups) {
        const char *text;

        if (!upscli_is_valid(ups))
                return error_text(UPSCLI_ERR_INVALIDARG);
        if (ups->upserror < 0 || ups->upserror > UPSCLI_ERR_MAX)
                return "Invalid error number";

        text = error_text(ups->upserror);
        switch (errors[ups->upserror].detail) {
        case DETAIL_ERRNO:
                (void) snprintf(ups->errbuf, sizeof(ups->errbuf), "%s: %s", text, strerror(ups->syserrno));
                return ups->errbuf;
        case DETAIL_TEXT:
                (void) snprintf(ups->errbuf, sizeof(ups->errbuf), "%s: %.200s", text,
                                ups->pc_ctx.errmsg);
                return ups->errbuf;
        default:
                return text;
        }
}

int upscli_upserror(UPSCONN_t *ups) {
        return upscli_is_valid(ups) ? ups->upserror : -1;
}
