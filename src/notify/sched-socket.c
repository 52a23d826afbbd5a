/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sched-socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define CLIENT_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define CALL_TIMEOUT_SEC 5
#define BACKLOG 64

typedef struct Client {
        SchedSocket *socket;
        struct Client *next;
        int fd;
        Lexer *lexer;
        sd_event_source *io, *timer;
        char *output;
        size_t n_output, n_written;
} Client;

struct SchedSocket {
        sd_event *event;
        sd_event_source *io;
        int fd;
        char *path;
        Sched *sched;
        Client *clients;
        size_t n_clients;
};

static Client *client_free(Client *c) {
        if (!c)
                return NULL;

        for (Client **i = &c->socket->clients; *i; i = &(*i)->next)
                if (*i == c) {
                        *i = c->next;
                        c->socket->n_clients--;
                        break;
                }
        sd_event_source_disable_unref(c->io);
        sd_event_source_disable_unref(c->timer);
        safe_close(c->fd);
        lexer_free(c->lexer);
        free(c->output);
        free(c);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Client *, client_free);

/*** Requests ***/

static int client_answer(Client *c) {
        const char *why = NULL;
        SchedRequest request;
        FILE *f;

        if (lexer_n_words(c->lexer) == 0)
                return 0;

        free(c->output);
        c->output = NULL;
        f = open_memstream(&c->output, &c->n_output);
        if (!f)
                return -ENOMEM;

        if (sched_request_parse(c->lexer, &request, &why) < 0)
                fprintf(f, "ERR %s\n", why);
        else
                sched_request_run(c->socket->sched, &request, f);
        if (fclose(f) != 0)
                return -ENOMEM;

        c->n_written = 0;
        return 1;
}

/* 1: all is written. */
static int client_write(Client *c) {
        while (c->n_written < c->n_output) {
                ssize_t n = send(c->fd, c->output + c->n_written, c->n_output - c->n_written, MSG_NOSIGNAL);

                if (n < 0)
                        return errno == EAGAIN ? 0 : -errno;
                c->n_written += (size_t) n;
        }
        return 1;
}

/* One request, one answer: what a client sends on top of that waits until the answer is out. 1: an answer
 * is to be written. */
static int client_take(Client *c, const char *data, size_t n) {
        while (n > 0) {
                size_t consumed;
                int r = lexer_feed(c->lexer, data, n, &consumed);

                if (r == 1)
                        r = client_answer(c);
                if (r == 1)
                        r = client_write(c);
                if (r < 0)
                        return r;
                if (r == 0 && c->n_written < c->n_output)
                        return consumed < n ? -EPROTO : 0; /* asks on without reading */
                data += consumed;
                n -= consumed;
        }
        return 0;
}

static int client_io(Client *c, uint32_t revents) {
        char buffer[4096];
        ssize_t n;
        int r;

        if (c->n_written < c->n_output) {
                r = client_write(c);
                if (r <= 0)
                        return r;
        }

        n = recv(c->fd, buffer, sizeof(buffer), 0);
        if (n < 0)
                return errno == EAGAIN ? 0 : -errno;
        if (n == 0)
                return -ECONNRESET;

        r = client_take(c, buffer, (size_t) n);
        if (r < 0)
                return r;
        return 0;
}

static int on_client_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Client *c = userdata;

        if (client_io(c, revents) < 0) {
                client_free(c);
                return 0;
        }
        return sd_event_source_set_io_events(s, c->n_written < c->n_output ? EPOLLOUT : EPOLLIN);
}

static int on_client_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        client_free(userdata);
        return 0;
}

/*** Connections ***/

static bool peer_is_trusted(int fd) {
        struct ucred peer;
        socklen_t n = sizeof(peer);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
                return false;
        return peer.uid == 0 || peer.uid == geteuid();
}

static int client_new(SchedSocket *s, int fd) {
        _cleanup_(client_freep) Client *c = new0(Client, 1);
        int r;

        if (!c) {
                safe_close(fd);
                return -ENOMEM;
        }
        c->socket = s;
        c->fd = fd;
        c->next = s->clients;
        s->clients = c;
        s->n_clients++;
        c->lexer = lexer_new(LEXER_PROTOCOL);
        if (!c->lexer)
                return -ENOMEM;

        r = sd_event_add_io(s->event, &c->io, fd, EPOLLIN, on_client_io, c);
        if (r >= 0)
                r = sd_event_add_time_relative(s->event, &c->timer, CLOCK_MONOTONIC, CLIENT_TIMEOUT_USEC, 0,
                                on_client_timer, c);
        if (r < 0)
                return r;

        TAKE_PTR(c);
        return 0;
}

static int on_connection(sd_event_source *es, int fd, uint32_t revents, void *userdata) {
        SchedSocket *s = userdata;
        _cleanup_close_ int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (client < 0)
                return 0;
        if (s->n_clients >= SCHED_SOCKET_CLIENTS_MAX || !peer_is_trusted(client)) {
                log_debug("Turning a client of the timers away");
                return 0;
        }

        int r = client_new(s, TAKE_FD(client));
        if (r < 0)
                log_warning_errno(r, "Cannot take a client of the timers: %m");
        return 0;
}

static int make_address(const char *path, struct sockaddr_un *ret) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, path);
        *ret = address;
        return 0;
}

/* Nothing but a socket is taken away from that place. */
static int remove_stale(const char *path) {
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISSOCK(st.st_mode))
                return -EEXIST;
        return unlink(path) < 0 ? -errno : 0;
}

static int listen_at(const char *path) {
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un address;
        mode_t mask;
        int r;

        if (fd < 0)
                return -errno;
        r = make_address(path, &address);
        if (r >= 0)
                r = remove_stale(path);
        if (r < 0)
                return r;

        mask = umask(0177);
        r = bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
        (void) umask(mask);
        if (r >= 0 && listen(fd, BACKLOG) < 0)
                r = -errno;
        return r < 0 ? r : TAKE_FD(fd);
}

int sched_socket_new(sd_event *event, const char *path, Sched *sched, SchedSocket **ret) {
        _cleanup_(sched_socket_freep) SchedSocket *s = new0(SchedSocket, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->sched = sched;
        s->fd = r = listen_at(path);
        if (r < 0)
                return r;
        s->path = strdup(path);
        if (!s->path)
                return -ENOMEM;

        r = sd_event_add_io(event, &s->io, s->fd, EPOLLIN, on_connection, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

SchedSocket *sched_socket_free(SchedSocket *s) {
        if (!s)
                return NULL;

        while (s->clients)
                client_free(s->clients);
        sd_event_source_disable_unref(s->io);
        safe_close(s->fd);
        if (s->path)
                (void) unlink(s->path);
        free(s->path);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}

bool sched_socket_busy(const SchedSocket *s) {
        return s->n_clients > 0;
}

/*** The other side ***/

int sched_connect(const char *path, bool trusted) {
        static const struct timeval limit = { .tv_sec = CALL_TIMEOUT_SEC };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address;
        int r;

        if (fd < 0)
                return -errno;
        r = make_address(path, &address);
        if (r < 0)
                return r;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
            connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (!trusted && !peer_is_trusted(fd))
                return -EPERM;
        return TAKE_FD(fd);
}

static int send_all(int fd, const char *s) {
        size_t n = strlen(s);

        while (n > 0) {
                ssize_t k = send(fd, s, n, MSG_NOSIGNAL);

                if (k < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                s += k;
                n -= (size_t) k;
        }
        return 0;
}

static int read_answer(int fd, FILE *f, char **ret_why) {
        _cleanup_close_ int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        int r = -ECONNRESET;
        FILE *in;

        in = copy < 0 ? NULL : fdopen(copy, "r");
        if (!in)
                return -errno;
        (void) TAKE_FD(copy);

        while (getline(&line, &size, in) > 0) {
                const char *why = startswith(line, "ERR ");

                if (streq(line, "OK\n") || why) {
                        r = why ? -EPROTO : 0;
                        if (why && ret_why)
                                *ret_why = strndup(why, strcspn(why, "\n"));
                        break;
                }
                if (f && !streq(line, "BEGIN LIST TIMERS\n") && !streq(line, "END LIST TIMERS\n"))
                        fputs(line, f);
        }
        (void) fclose(in);
        return r;
}

int sched_call(int fd, const SchedRequest *request, FILE *f, char **ret_why) {
        _cleanup_free_ char *line = sched_request_format(request);
        int r;

        if (!line)
                return -ENOMEM;

        r = send_all(fd, line);
        return r < 0 ? r : read_answer(fd, f, ret_why);
}
