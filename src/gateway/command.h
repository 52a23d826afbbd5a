/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gateway.h"
#include "lexer.h"
#include "session.h"

/* Requests of clients: one line of words in, one answer out, always. */

typedef struct Request {
        Gateway *gateway;
        Session *session;
        int fd; /* of the client, which the state is kept for; -EBADF in tests */
        const Lexer *words;
        Buffer *out;
        AnswerScope *scope; /* for the answer, see request_share(); may be NULL */
        /* Called when the verdict on the credentials is there; NULL: wait for it on the spot, and for
         * nothing else. */
        VerifierDone verified;
        void *userdata;
} Request;

typedef struct Command {
        const char *name;
        size_t min_args, max_args;
        bool reads_only;  /* leaves the event loop as it is */
        bool reads;       /* tells of devices, hence with REQUIRELOGIN not everybody */
        bool credentials; /* USERNAME and PASSWORD must have been given, right or wrong */
        bool always;      /* may be said by anybody, whatever REQUIRETLS says */
        bool secret;      /* has what nobody is to overhear */
        void (*handler)(const Request *q);
} Command;

/* Arguments may be asked for up to the 32nd: those that are not there are NULL. */
static inline const char *request_arg(const Request *q, size_t i) {
        return lexer_word(q->words, i + 1);
}

static inline size_t request_n_args(const Request *q) {
        return lexer_n_words(q->words) - 1;
}

/* Whether the client may have answers that were made for others, without its request being looked at: not
 * when what it may read, or how devices are called for it, depends on who it is or on where it is. */
bool command_may_repeat(const Gateway *g, const Session *s) _pure_;

/* The answer is the same for every client that may repeat answers, until something changes: at the device,
 * or in the table of devices for NULL. kept has the bytes until then, or is NULL. */
static inline void request_share(const Request *q, const Device *d, const Buffer *kept) {
        if (q->scope && command_may_repeat(q->gateway, q->session))
                *q->scope = (AnswerScope) { .shared = true, .device = d, .kept = kept };
}

/* Answers "ERR token". */
void request_error(const Request *q, const char *token);

/* The device that the client calls so, or NULL after an answer of UNKNOWN-UPS, or of ACCESS-DENIED when it
 * may not read it. The second form wants it to have data, too. */
Device *request_device(const Request *q, const char *name);
Device *request_live_device(const Request *q, const char *name);

/* What the client is to call the device: its name or, for an appliance, what its maker has fixed. NULL when
 * its name means another one for this client. */
const char *request_name(const Request *q, const Device *d);

/* The user whose credentials the client gave, or NULL; for commands that want credentials. */
const User *request_user(const Request *q);

/* The same, NULL also when that user has nothing to do with the device. */
const User *request_user_of(const Request *q, const Device *d);

/* Whether the client may read what the device says. */
bool request_may_read(const Request *q, const Device *d);

/* Answers ACCESS-DENIED, and logs that the client was refused something unless there are too many such
 * lines. what is a sentence part such as "set FSD on UPS [x]". */
void request_denied(const Request *q, const Device *d, const char *what);

/* Answers a complete line of words and returns true; or false when it must wait, and is to be executed again
 * later: because the credentials must be looked at first, and then verified() is called, which is to call
 * command_verdict(); or because the session has too many writes open (wants_room), and then gateway_room()
 * is called with the end of each. */
bool command_execute(const Request *q);

/* Notes the verdict on the credentials, unless the users file has changed meanwhile. */
void command_verdict(Gateway *g, Session *s, bool match);

/* Answers a line that the lexer refused. */
void command_refuse(const Request *q);

/* Whether the client may say it without encryption (REQUIRETLS); if not, that is the answer. */
bool request_may_be_clear(const Request *q, const Command *c);

/* The same for reading. */
bool session_may_read_in_clear(const Gateway *g, const Session *s) _pure_;

extern const Command session_commands[];
extern const Command write_commands[];

void command_get(const Request *q);
void command_list(const Request *q);
