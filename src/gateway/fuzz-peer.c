/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-peer.h"

#include <sys/socket.h>

#include "string-util.h"
#include "test-util.h"

#define UNSENT_MAX 65536U

struct Question {
        Question *next;
        bool login, logout;
        bool known; /* it begins with a word that the server knows */
        char *answers[2]; /* how an answer may begin, besides ERR; NULL: not at all */
};

/*** Questions ***/

static Question *question_free(Question *q) {
        if (!q)
                return NULL;

        for (size_t i = 0; i < ELEMENTSOF(q->answers); i++)
                free(q->answers[i]);
        free(q);
        return NULL;
}

static const struct {
        const char *request, *answer, *other;
        size_t n_words; /* of the request, beginning with the second, that are echoed */
} echoes[] = {
        { "GET VAR",       "VAR ",        NULL,      2 },
        { "GET TYPE",      "TYPE ",       NULL,      2 },
        { "GET DESC",      "DESC ",       NULL,      2 },
        { "GET CMDDESC",   "CMDDESC ",    NULL,      2 },
        { "GET UPSDESC",   "UPSDESC ",    NULL,      1 },
        { "GET NUMLOGINS", "NUMLOGINS ",  NULL,      1 },
        { "GET NUMATTACH", "NUMATTACH ",  NULL,      1 },
        { "GET TRACKING",  "O",           "PENDING", 0 },
        { "LIST UPS",      "BEGIN LIST UPS",     NULL, 0 },
        { "LIST VAR",      "BEGIN LIST VAR ",    NULL, 1 },
        { "LIST RW",       "BEGIN LIST RW ",     NULL, 1 },
        { "LIST CMD",      "BEGIN LIST CMD ",    NULL, 1 },
        { "LIST CLIENT",   "BEGIN LIST CLIENT ", NULL, 1 },
        { "LIST ENUM",     "BEGIN LIST ENUM ",   NULL, 2 },
        { "LIST RANGE",    "BEGIN LIST RANGE ",  NULL, 2 },
        { "SET VAR",       "OK",          NULL,      0 },
        { "SET TRACKING",  "OK",          NULL,      0 },
        { "VER",           "Network UPS Tools", NULL, 0 },
        { "NETVER",        "1.",          NULL,      0 },
        { "PROTVER",       "1.",          NULL,      0 },
        { "HELP",          "Commands:",   NULL,      0 },
        { "INSTCMD",       "OK",          NULL,      0 },
        { "USERNAME",      "OK\n",        NULL,      0 },
        { "PASSWORD",      "OK\n",        NULL,      0 },
        { "LOGIN",         "OK\n",        NULL,      0 },
        { "ATTACH",        "OK\n",        NULL,      0 },
        { "LOGOUT",        "OK Goodbye\n", NULL,     0 },
        { "DETACH",        "OK Goodbye\n", NULL,     0 },
        { "PRIMARY",       "OK PRIMARY-GRANTED\n", NULL, 0 },
        { "MASTER",        "OK MASTER-GRANTED\n",  NULL, 0 },
        { "FSD",           "OK FSD-SET\n", NULL,     0 },
        { "WATCH",         "OK WATCH\n",  NULL,      0 },
        { "NEED",          "OK\n",        NULL,      0 },
};

static bool is_request(const Lexer *l, const char *request) {
        const char *first = lexer_word(l, 0), *second = lexer_word(l, 1), *blank = strchr(request, ' ');
        size_t n = blank ? (size_t) (blank - request) : strlen(request);

        if (!first || strlen(first) != n || strncasecmp(first, request, n) != 0)
                return false;
        return !blank || (second && strcaseeq(second, blank + 1));
}

static void expect_echo(Question *q, const Lexer *l, size_t i) {
        Buffer text = {};

        buffer_add(&text, echoes[i].answer);
        for (size_t k = 0; k < echoes[i].n_words; k++)
                buffer_add(&text, k > 0 ? " " : "", strempty(lexer_word(l, 2 + k)));
        buffer_append(&text, "", 1);
        ASSERT_FALSE(text.broken);
        q->answers[0] = text.data;
        if (echoes[i].other)
                q->answers[1] = strdup(echoes[i].other);
}

static bool begins_with_known(const Lexer *l) {
        const char *first = strempty(lexer_word(l, 0));

        for (size_t i = 0; i < ELEMENTSOF(echoes); i++) {
                size_t n = strcspn(echoes[i].request, " ");

                if (strlen(first) == n && strncasecmp(first, echoes[i].request, n) == 0)
                        return true;
        }
        return strcaseeq(first, "STARTTLS");
}

static void ask(Peer *p, const Lexer *l) {
        Question *q = new0(Question, 1);

        ASSERT_TRUE(q);
        for (size_t i = 0; l && i < ELEMENTSOF(echoes); i++)
                if (is_request(l, echoes[i].request)) {
                        expect_echo(q, l, i);
                        break;
                }
        if (l) {
                q->known = begins_with_known(l);
                q->login = is_request(l, "LOGIN") || is_request(l, "ATTACH");
                q->logout = is_request(l, "LOGOUT") || is_request(l, "DETACH");
        }

        if (p->last)
                p->last->next = q;
        else
                p->first = q;
        p->last = q;
}

static void note_sent(Peer *p, const char *data, size_t n) {
        for (size_t at = 0, used; at < n; at += used) {
                int r = lexer_feed(p->lexer, data + at, n - at, &used);

                ASSERT_TRUE(r != -ENOMEM);
                p->n_begun = r == 0 ? p->n_begun + used : 0;
                if (r != 0)
                        ask(p, r > 0 ? p->lexer : NULL);
        }
}

/*** Answers ***/

static bool fits(const Question *q, const char *line) {
        if (streq(line, "ERR UNKNOWN-COMMAND\n"))
                return !q->known;
        for (size_t i = 0; i < ELEMENTSOF(q->answers); i++)
                if (q->answers[i] && strncmp(line, q->answers[i], strlen(q->answers[i])) == 0)
                        return true;
        return strncmp(line, "ERR ", 4) == 0 || (q->answers[1] && streq(line, "SUCCESS\n"));
}

static void end_question(Peer *p) {
        Question *q = p->first;

        p->first = q->next;
        if (!p->first)
                p->last = NULL;
        question_free(q);
}

static void check_well_formed(const char *line) {
        for (const char *c = line; *c != '\n'; c++)
                ASSERT_TRUE(*c >= 0x20 && *c <= 0x7f);
}

static void begin_list(Peer *p, const char *line) {
        p->in_list = true;
        p->list_end = strjoin("END", line + strlen("BEGIN"));
        ASSERT_TRUE(p->list_end);
}

/* A whole line, with its end. */
static void check_line(Peer *p, const char *line) {
        Question *q = p->first;

        check_well_formed(line);
        if (p->in_list) {
                ASSERT_TRUE(strncmp(line, "BEGIN ", 6) != 0 && strncmp(line, "CHANGED ", 8) != 0);
                if (!streq(line, p->list_end))
                        return;
                p->in_list = false;
                free(p->list_end);
                p->list_end = NULL;
                end_question(p);
                return;
        }
        if (strncmp(line, "CHANGED ", 8) == 0)
                return;
        if (!q && p->vague)
                return;
        if (!q || p->goodbye || (!p->vague && !fits(q, line)))
                TEST_FAIL("not an answer to %s: %s", q ? strempty(q->answers[0]) : "anything", line);
        if (strncmp(line, "BEGIN ", 6) == 0) {
                begin_list(p, line);
                return;
        }
        p->logged_in = p->logged_in || (q->login && streq(line, "OK\n"));
        p->goodbye = q->logout && streq(line, "OK Goodbye\n");
        end_question(p);
}

static void check(Peer *p, const char *data, size_t n) {
        Buffer *b = &p->received;
        size_t begin = 0;

        buffer_append(b, data, n);
        ASSERT_FALSE(b->broken);
        for (;;) {
                const char *end = memchr(b->data + begin, '\n', b->size - begin);

                if (!end)
                        break;

                size_t size = (size_t) (end - (b->data + begin)) + 1;
                _cleanup_free_ char *line = strndup(b->data + begin, size);
                ASSERT_TRUE(line);
                ASSERT_EQ(strlen(line), size);
                check_line(p, line);
                begin += size;
        }
        b->size -= begin;
        memmove(b->data, b->data + begin, b->size);
}

/* The server hung up. Questions stay open after a goodbye, and where it has a right to. */
static void check_end(Peer *p) {
        if (p->may_vanish)
                return;
        ASSERT_EQ(p->received.size, 0);
        ASSERT_FALSE(p->in_list);
        ASSERT_TRUE(p->goodbye || p->finished);
        ASSERT_TRUE(p->goodbye || p->vague || !p->first);
}

/*** The connection ***/

void peer_open(Peer *p, int fd) {
        *p = (Peer) { .fd = fd, .lexer = lexer_new(LEXER_PROTOCOL) };
        ASSERT_TRUE(p->lexer);
}

void peer_close(Peer *p) {
        if (p->fd < 0)
                return;

        p->fd = safe_close(p->fd);
        while (p->first)
                end_question(p);
        buffer_done(&p->unsent);
        buffer_done(&p->received);
        free(p->list_end);
        lexer_free(p->lexer);
        *p = (Peer) { .fd = -EBADF };
}

bool peer_push(Peer *p) {
        if (p->fd < 0 || p->unsent.size == 0)
                return false;

        ssize_t n = send(p->fd, p->unsent.data, p->unsent.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
                n = (ssize_t) p->unsent.size; /* the end is noticed where it is read */
        else if (n > 0)
                note_sent(p, p->unsent.data, (size_t) n);
        if (n <= 0)
                return false;
        p->unsent.size -= (size_t) n;
        memmove(p->unsent.data, p->unsent.data + n, p->unsent.size);
        return true;
}

void peer_send(Peer *p, const char *data, size_t n) {
        if (n == 0 || p->fd < 0 || p->finished || p->unsent.size + n > UNSENT_MAX)
                return;

        buffer_append(&p->unsent, data, n);
        ASSERT_FALSE(p->unsent.broken);
        (void) peer_push(p);
}

void peer_finish(Peer *p) {
        if (p->fd < 0)
                return;

        p->unsent.size = 0;
        p->finished = true;
        (void) shutdown(p->fd, SHUT_WR);
}

bool peer_read(Peer *p, size_t n) {
        char data[4096];

        if (p->fd < 0)
                return false;

        ssize_t k = recv(p->fd, data, MIN(n, sizeof(data)), MSG_DONTWAIT);
        if (k > 0) {
                check(p, data, (size_t) k);
                return true;
        }
        if (n == 0 || (k < 0 && errno == EAGAIN))
                return false;
        check_end(p);
        peer_close(p);
        return true;
}

bool peer_has_questions(const Peer *p) {
        return p->first;
}
