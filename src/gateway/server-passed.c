/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "client.h"
#include "log.h"
#include "server.h"
#include "state.h"
#include "string-util.h"

/* What the service manager passed: sockets of its own, and what an earlier process of ours left there. */

static int take_listener(Server *s, int fd, const char *name) {
        bool own = streq(name, LISTENER_FD_NAME), restored = own || streq(name, LISTENER_PASSED_FD_NAME);
        Listener *l;

        int r = listener_from_fd(fd, !own, restored, &l);
        if (r < 0) {
                safe_close(fd);
                return r;
        }

        r = server_add_listener(s, l);
        if (r < 0)
                listener_free(l);
        return r;
}

static bool is_passed_again(const Server *s, const Listener *l) {
        for (const Listener *other = s->listeners; other; other = other->next)
                if (other->passed && listener_same(l, other))
                        return true;
        return false;
}

/* The service manager gives us what it listens on, and what it keeps for us: often that is the same. What
 * is not is of a socket unit that was stopped or changed meanwhile. */
static void drop_doubles(Server *s) {
        for (Listener **p = &s->listeners; *p;) {
                Listener *l = *p;

                if (l->passed || !is_passed_again(s, l)) {
                        p = &l->next;
                        continue;
                }
                *p = l->next;
                (void) epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
                listener_free(l);
        }
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
                        (void) take_listener(s, fd, names[i]);
                else {
                        /* Ours are those that we have ended, see server_leave_interfaces(). */
                        if (!streq(names[i], LISTENER_FD_NAME))
                                log_warning("Passed a descriptor \"%s\" that is no listening socket, "
                                            "closing it", names[i]);
                        safe_close(fd);
                }
        }

        drop_doubles(s);
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
        c->cookie = state_cookie(s->gateway->state, fd);
        c->n_written = state_n_written(fd);
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
