/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "client.h"
#include "log.h"
#include "server.h"
#include "state.h"
#include "string-util.h"

/* Descriptors for everything that is no client. */
#define DESCRIPTORS_OTHER 64U
#define LISTENER_FD_NAME "listen"

static int watch(Server *s, Listener *l) {
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };

        if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, l->fd, &e) < 0)
                return -errno;

        Listener **p = &s->listeners;
        while (*p)
                p = &(*p)->next;
        *p = l;
        return 0;
}

/*** What the service manager passed ***/

static int take_listener(Server *s, int fd, bool restored) {
        Listener *l;

        int r = listener_from_fd(fd, restored, &l);
        if (r < 0) {
                safe_close(fd);
                return r;
        }

        r = watch(s, l);
        if (r < 0)
                listener_free(l);
        return r;
}

int server_take_passed(Server *s, int *ret_state_fd) {
        _cleanup_strv_free_ char **names = NULL;
        int state_fd = -EBADF;

        int n = sd_listen_fds_with_names(true, &names);
        if (n < 0)
                return n;

        s->passed = new0(int, (size_t) n);
        if (!s->passed)
                return -ENOMEM;

        for (int i = 0; i < n; i++) {
                int fd = SD_LISTEN_FDS_START + i;

                if (streq(names[i], "state") && state_fd < 0)
                        state_fd = fd;
                else if (streq(names[i], "client"))
                        s->passed[s->n_passed++] = fd;
                else if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0)
                        (void) take_listener(s, fd, streq(names[i], LISTENER_FD_NAME));
                else {
                        log_warning("Passed a descriptor \"%s\" that is no listening socket, closing it",
                                names[i]);
                        safe_close(fd);
                }
        }

        *ret_state_fd = state_fd;
        return 0;
}

void server_drop_passed(Server *s) {
        if (s->n_passed > 0)
                log_warning("Closing %zu connections: what was agreed on them cannot be read", s->n_passed);
        for (size_t i = 0; i < s->n_passed; i++) {
                /* The service manager holds it as well. */
                (void) shutdown(s->passed[i], SHUT_RDWR);
                safe_close(s->passed[i]);
        }
        s->n_passed = 0;
}

static void resume_client(Server *s, int fd) {
        SocketAddress a = {};
        socklen_t size = sizeof(a);
        const char *input = NULL;
        size_t n_input = 0;
        Client *c;

        /* Closed by the other end meanwhile. */
        if (getpeername(fd, &a.sa, &size) < 0) {
                safe_close(fd);
                return;
        }

        Host *host = host_ref(s->hosts, &a);
        if (!host) {
                safe_close(fd);
                return;
        }
        if (client_new(s, fd, host, &c) < 0)
                return;

        c->stored = true;
        int r = state_restore_session(s->gateway->state, s->gateway, &c->session, fd, &input, &n_input);
        if (r < 0)
                client_close(c);
        if (r == 0)
                c->session.sequence = s->next_sequence;
        s->next_sequence = MAX(s->next_sequence, c->session.sequence + 1);
        if (r > 0)
                client_resume(c, input, n_input);
}

void server_resume_clients(Server *s) {
        for (size_t i = 0; i < s->n_passed; i++)
                resume_client(s, s->passed[i]);
        if (s->n_passed > 0)
                log_info("Went on with %u of %zu connections", s->n_clients, s->n_passed);
        s->n_passed = 0;
}

/*** What we bind ourselves ***/

typedef struct Wish {
        const char *address;
        uint16_t port;
        const UpsdListen *line; /* NULL: built in */
} Wish;

typedef struct Wishes {
        Wish *wishes;
        size_t n;
} Wishes;

static void wish(Wishes *w, const char *address, uint16_t port, const UpsdListen *line) {
        w->wishes[w->n++] = (Wish) { .address = address, .port = port, .line = line };
}

static int make_wishes(const UpsdConf *conf, int port, Wishes *ret) {
        Wishes w = { .wishes = new0(Wish, conf->n_listens * 2 + 2) };

        if (!w.wishes)
                return -ENOMEM;

        if (port >= 0)
                wish(&w, "127.0.0.1", (uint16_t) port, NULL);
        else if (conf->n_listens == 0) {
                wish(&w, "127.0.0.1", 3493, NULL);
                wish(&w, "::1", 3493, NULL);
        }
        for (size_t i = 0; port < 0 && i < conf->n_listens; i++) {
                const UpsdListen *l = conf->listens + i;

                if (streq(l->address, "*")) {
                        wish(&w, "0.0.0.0", l->port, l);
                        wish(&w, "::", l->port, l);
                } else if (streq(l->address, "localhost")) {
                        wish(&w, "127.0.0.1", l->port, l);
                        wish(&w, "::1", l->port, l);
                } else
                        wish(&w, l->address, l->port, l);
        }

        *ret = w;
        return 0;
}

static Listener *find_listener(const Server *s, const Wish *w) {
        for (Listener *l = s->listeners; l; l = l->next)
                if (!l->passed && (l->port == w->port || w->port == 0) && strcaseeq(l->address, w->address))
                        return l;
        return NULL;
}

static bool store_listener(int fd) {
        return sd_pid_notify_with_fds(0, false, "FDSTORE=1\nFDNAME=" LISTENER_FD_NAME, &fd, 1) > 0;
}

static int fulfil(Server *s, const Wish *w) {
        _cleanup_(listener_freep) Listener *l = NULL;

        if (find_listener(s, w))
                return 0;

        int r = listener_new(w->address, w->port, &l);
        if (r < 0)
                return r;

        r = watch(s, l);
        if (r < 0)
                return r;

        /* Connections that wait to be accepted while we crash shall find our successor. */
        if (s->gateway->state)
                l->stored = store_listener(l->fd);

        _cleanup_free_ char *text = listener_describe(l);
        log_info("Listening on %s", strempty(text));
        TAKE_PTR(l);
        return 0;
}

static void remove_unwished(Server *s, const Wishes *w) {
        for (Listener **p = &s->listeners; *p;) {
                Listener *l = *p;
                bool wished = l->passed;

                for (size_t i = 0; i < w->n && !wished; i++)
                        wished = find_listener(s, w->wishes + i) == l;
                if (wished) {
                        p = &l->next;
                        continue;
                }
                *p = l->next;
                /* Who has connected already need not know. */
                server_accept(s, l);
                /* The service manager may hold it for a while yet, and epoll would go on reporting it. */
                (void) epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
                listener_end(l);
        }
}

static void log_failure(const Wish *w, int r) {
        _cleanup_free_ char *text =
                strprintf("Cannot listen on %s port %u: %s", w->address, (unsigned) w->port, strerror(-r));

        if (!text)
                log_oom();
        else if (w->line)
                conf_report_log(NULL, LOG_ERR, w->line->file, w->line->line, text);
        else
                log_warning("%s", text);
}

/* Both halves of a * or a localhost belong to one line, and so do the two built-in addresses: one of them is
 * enough. */
static bool share_a_line(const Wishes *w, size_t i, size_t j) {
        return w->wishes[i].line == w->wishes[j].line;
}

static int fulfil_all(Server *s, const Wishes *w, bool some_are_enough) {
        int failure = 0;
        size_t n_good = 0;

        for (size_t i = 0, n; i < w->n; i += n) {
                bool good = false;
                int r = 0;

                for (n = 0; i + n < w->n && share_a_line(w, i, i + n); n++) {
                        r = fulfil(s, w->wishes + i + n);
                        good = good || r >= 0;
                        if (r < 0)
                                log_failure(w->wishes + i + n, r);
                }
                if (good)
                        n_good++;
                else
                        failure = r;
        }

        return n_good == 0 || !some_are_enough ? failure : 0;
}

static bool has_passed(const Server *s) {
        for (const Listener *l = s->listeners; l; l = l->next)
                if (l->passed)
                        return true;
        return false;
}

int server_listen(Server *s, const UpsdConf *conf, int port) {
        _cleanup_free_ Wish *wishes = NULL;
        Wishes w;

        int r = make_wishes(conf, port, &w);
        if (r < 0)
                return r;

        wishes = w.wishes;
        if (has_passed(s))
                w.n = 0; /* the service manager decides where we listen */
        remove_unwished(s, &w);
        return fulfil_all(s, &w, conf->allow_not_all_listeners);
}

void server_configure(Server *s, const UpsdConf *conf) {
        struct rlimit limit;
        unsigned n = conf->max_connections;

        if (getrlimit(RLIMIT_NOFILE, &limit) >= 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
                if (limit.rlim_max > DESCRIPTORS_OTHER && n > limit.rlim_max - DESCRIPTORS_OTHER)
                        n = (unsigned) (limit.rlim_max - DESCRIPTORS_OTHER);
        }
        s->n_max = n;
        s->n_max_per_host = conf->max_connections_per_host;
}

int server_describe_listeners(const Server *s, char ***ret) {
        _cleanup_strv_free_ char **list = NULL;

        for (const Listener *l = s->listeners; l; l = l->next) {
                char *text = listener_describe(l);
                if (!text)
                        return -ENOMEM;

                int r = strv_consume(&list, text);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(list);
        return 0;
}
