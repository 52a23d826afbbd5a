/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "gateway-bus.h"
#include "log.h"
#include "server.h"
#include "string-util.h"
#include "time-util.h"

/* Descriptors for everything that is no client. */
#define DESCRIPTORS_OTHER 64U
/* Longer than a handshake takes, shorter than a client waits before it asks again. */
#define LEAVING_USEC (500 * USEC_PER_MSEC)
#define RETRY_USEC (5 * USEC_PER_SEC)

int server_add_listener(Server *s, Listener *l) {
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };

        if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, l->fd, &e) < 0)
                return -errno;

        Listener **p = &s->listeners;
        while (*p)
                p = &(*p)->next;
        *p = l;
        return 0;
}

/* Connections that wait to be accepted while we crash or restart shall find our successor, also when the
 * service manager closes what it passed and listens elsewhere meanwhile. */
static void store_listeners(Server *s) {
        for (Listener *l = s->listeners; l && s->gateway->state; l = l->next)
                if (!l->stored)
                        l->stored = sd_pid_notify_with_fds(0, false,
                                        l->passed ? "FDSTORE=1\nFDNAME=" LISTENER_PASSED_FD_NAME
                                                  : "FDSTORE=1\nFDNAME=" LISTENER_FD_NAME,
                                        &l->fd, 1) > 0;
}

/*** Socket units ***/

typedef enum UnitState {
        UNITS_NONE,   /* we are on our own */
        UNITS_ACTIVE, /* the service manager decides where we listen */
        UNITS_FAILED, /* ... but cannot any more; we have what it listened on before */
} UnitState;

static UnitState unit_state(const Server *s, const UpsdConf *conf) {
        bool wanted = conf->n_listens == 0, had = false;

        for (size_t i = 0; i < conf->n_listens; i++)
                wanted = wanted || !strchr(conf->listens[i].address, '%');
        for (const Listener *l = s->listeners; l; l = l->next) {
                if (l->passed)
                        return UNITS_ACTIVE;
                had = had || (l->unit && !l->leaving);
        }
        /* What we bound ourselves would be in its way for ever. */
        return had && wanted ? UNITS_FAILED : UNITS_NONE;
}

/*** What is asked for ***/

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

static void wish_line(Wishes *w, const UpsdListen *l) {
        if (streq(l->address, "*")) {
                wish(w, "0.0.0.0", l->port, l);
                wish(w, "::", l->port, l);
        } else if (streq(l->address, "localhost")) {
                wish(w, "127.0.0.1", l->port, l);
                wish(w, "::1", l->port, l);
        } else
                wish(w, l->address, l->port, l);
}

/* units: a socket unit is there for all that it can name: at boot it knows no interface. */
static int make_wishes(const UpsdConf *conf, int port, bool units, Wishes *ret) {
        Wishes w = { .wishes = new0(Wish, conf->n_listens * 2 + 2) };

        if (!w.wishes)
                return -ENOMEM;

        if (port >= 0 && !units)
                wish(&w, "127.0.0.1", (uint16_t) port, NULL);
        else if (conf->n_listens == 0 && !units) {
                wish(&w, "127.0.0.1", 3493, NULL);
                wish(&w, "::1", 3493, NULL);
        }
        for (size_t i = 0; port < 0 && i < conf->n_listens; i++)
                if (!units || strchr(conf->listens[i].address, '%'))
                        wish_line(&w, conf->listens + i);

        *ret = w;
        return 0;
}

static Listener *find_listener(const Server *s, const Wish *w) {
        for (Listener *l = s->listeners; l; l = l->next)
                if (!l->passed && (l->port == w->port || w->port == 0) &&
                    strcaseeq(l->address, w->address) && listener_is_current(l))
                        return l;
        return NULL;
}

/*** Beginning to listen ***/

/* Another address of ours with that port may be what is in the way, as with 127.0.0.1 and 0.0.0.0. */
static bool share_port(const Server *s, uint16_t port) {
        bool shared = false;

        for (const Listener *l = s->listeners; l; l = l->next)
                if (!l->passed && l->port == port) {
                        listener_share(l);
                        shared = true;
                }
        return shared;
}

static int fulfil(Server *s, const Wish *w) {
        _cleanup_(listener_freep) Listener *l = NULL;
        Listener *there = find_listener(s, w);

        if (there) {
                if (there->leaving)
                        listener_deafen(there, false);
                there->leaving = false;
                return 0;
        }

        int r = listener_new(w->address, w->port, /* shared= */ false, &l);
        if (r == -EADDRINUSE && share_port(s, w->port))
                r = listener_new(w->address, w->port, /* shared= */ true, &l);
        if (r < 0)
                return r;

        r = server_add_listener(s, l);
        if (r < 0)
                return r;

        _cleanup_free_ char *text = listener_describe(l);
        log_info("Listening on %s%s", strempty(text), l->early ? ", which no interface has yet" : "");
        TAKE_PTR(l);
        return 1;
}

static const char *advice(int r) {
        switch (r) {
        case -EADDRINUSE:
                return "; \"ss -ltnp\", as root, says by whom";
        case -EACCES:
                return "; ports below 1024 are for busbar-gateway.socket to listen on";
        case -ENODEV:
                return "; waiting for the interface";
        default:
                return "";
        }
}

static void log_failure(const Wish *w, int r) {
        _cleanup_free_ char *text = strprintf("Cannot listen on %s port %u: %s%s", w->address,
                        (unsigned) w->port, strerror(-r), advice(r));
        int level = r == -ENODEV ? LOG_NOTICE : LOG_ERR;

        if (!text)
                log_oom();
        else if (w->line)
                conf_report_log(NULL, level, w->line->file, w->line->line, text);
        else
                log_warning("%s", text);
}

/* What became of the wishes. */
typedef struct Outcome {
        size_t n_good, n_new;
        int failure; /* of the last line that cannot be had, or 0 */
        bool again;  /* some may be had later */
} Outcome;

/* Both halves of a * or a localhost belong to one line, and so do the two built-in addresses: one of them is
 * enough. An interface that is not there is waited for. */
static void fulfil_line(Server *s, const Wishes *w, size_t i, size_t n, bool quiet, Outcome *o) {
        bool good = false;
        int failure = 0;

        for (size_t k = i; k < i + n; k++) {
                int r = fulfil(s, w->wishes + k);

                good = good || r >= 0 || r == -ENODEV;
                o->n_new += r > 0;
                /* An address family that this machine goes without does not come any more. */
                o->again = o->again || (r < 0 && r != -EAFNOSUPPORT) || strchr(w->wishes[k].address, '%');
                if (r >= 0)
                        continue;
                failure = r;
                if (!quiet)
                        log_failure(w->wishes + k, r);
        }

        if (good)
                o->n_good++;
        else
                o->failure = failure;
}

static Outcome fulfil_all(Server *s, const Wishes *w, bool quiet) {
        Outcome o = {};

        for (size_t i = 0, n; i < w->n; i += n) {
                for (n = 1; i + n < w->n && w->wishes[i].line == w->wishes[i + n].line; n++)
                        ;
                fulfil_line(s, w, i, n, quiet, &o);
        }
        return o;
}

/*** Ending to listen ***/

static bool is_wished(const Server *s, const Listener *l, const Wishes *w, UnitState units) {
        for (size_t i = 0; i < w->n; i++)
                if (find_listener(s, w->wishes + i) == l)
                        return true;
        return l->passed || (l->unit && units == UNITS_FAILED);
}

/* Who has connected already, or is about to, need not know. */
static bool begin_leaving(Server *s, const Wishes *w, UnitState units) {
        bool any = false;

        for (Listener *l = s->listeners; l; l = l->next) {
                if (l->leaving || is_wished(s, l, w, units))
                        continue;
                listener_deafen(l, true);
                l->leaving = any = true;
                l->leaving_usec = usec_add(now_usec(CLOCK_MONOTONIC), LEAVING_USEC);
        }
        return any;
}

/* Returns whether more are about to leave. */
static bool end_leaving(Server *s) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        bool more = false;

        for (Listener **p = &s->listeners; *p;) {
                Listener *l = *p;

                /* While all clients wait, so do those who have connected there. */
                if (!l->leaving || l->leaving_usec > now || s->on_hold || server_accept(s, l)) {
                        more = more || l->leaving;
                        p = &l->next;
                        continue;
                }
                *p = l->next;
                /* The service manager may hold it for a while yet, and epoll would go on reporting it. */
                (void) epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
                listener_end(l);
        }
        return more;
}

void server_leave_interfaces(Server *s) {
        for (Listener *l = s->listeners; l; l = l->next) {
                if (l->passed || l->unit || !strchr(l->address, '%'))
                        continue;
                while (server_accept(s, l))
                        ;
                (void) shutdown(l->fd, SHUT_RDWR);
        }
}

/*** All together ***/

static int on_listen_timer(sd_event_source *es, uint64_t usec, void *userdata);

static int arm(Server *s, uint64_t usec) {
        if (!s->listen_timer) {
                int r = sd_event_add_time_relative(s->gateway->event, &s->listen_timer, CLOCK_MONOTONIC,
                                usec, 0, on_listen_timer, s);

                (void) sd_event_source_set_description(s->listen_timer, "listen");
                return r;
        }

        int r = sd_event_source_set_time_relative(s->listen_timer, usec);
        return r < 0 ? r : sd_event_source_set_enabled(s->listen_timer, SD_EVENT_ONESHOT);
}

/* quiet: this was tried before. Returns whether something is another, or a negative errno. */
static int listen_as_configured(Server *s, const UpsdConf *conf, int port, bool quiet) {
        _cleanup_free_ Wish *wishes = NULL;
        UnitState units = unit_state(s, conf);
        bool had_some = s->listeners, changed;
        Wishes w;

        int r = make_wishes(conf, port, units != UNITS_NONE, &w);
        if (r < 0)
                return r;

        wishes = w.wishes;
        Outcome o = fulfil_all(s, &w, quiet);
        bool some = o.n_good > 0 || units != UNITS_NONE;
        bool enough = o.failure == 0 || (conf->allow_not_all_listeners && some);

        changed = o.n_new > 0;
        /* It is better to be found where we were than nowhere. */
        if (units == UNITS_FAILED && !quiet)
                log_error("busbar-gateway.socket does not listen where LISTEN lines say, going on where it "
                          "did before: its status says why, and \"ss -ltnp\", as root, who has a port");
        if (enough)
                changed = begin_leaving(s, &w, units) || changed;
        else if (had_some && !quiet)
                log_error("Not all LISTEN lines can be had: going on where we listened before, too");

        store_listeners(s);
        bool leaving = end_leaving(s);
        if (leaving || o.again)
                r = arm(s, leaving ? LEAVING_USEC : RETRY_USEC);
        if (r < 0)
                return r;
        return enough || had_some ? changed : o.failure;
}

static int on_listen_timer(sd_event_source *es, uint64_t usec, void *userdata) {
        Server *s = userdata;

        if (listen_as_configured(s, s->gateway->conf, s->gateway->port, /* quiet= */ true) > 0)
                gateway_bus_listening_changed(s->gateway->bus);
        server_reap(s);
        return 0;
}

int server_listen(Server *s, const UpsdConf *conf, int port) {
        int r = listen_as_configured(s, conf, port, /* quiet= */ false);

        return MIN(r, 0);
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
        s->turns.rate = conf->max_request_rate;
        s->turns.parked_until_usec = 0;
        s->limits.idle_usec = conf->idle_usec;
        s->limits.partial_usec = conf->line_usec;
        s->limits.handshake_usec = conf->handshake_usec;
        for (unsigned p = 0; p < SERVER_PHASES; p++)
                server_arm_phase(s, p);
}

int server_describe_listeners(const Server *s, char ***ret) {
        _cleanup_strv_free_ char **list = NULL;

        for (const Listener *l = s->listeners; l; l = l->next) {
                if (l->leaving)
                        continue;

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
