/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote.h"

#include "device-name.h"
#include "nut-client.h"
#include "resolve.h"
#include "string-util.h"
#include "time-util.h"
#include "ups-conf-links.h"

/* What glibc takes with one name server that does not answer, about. */
#define RESOLVE_USEC (6 * USEC_PER_SEC)

/* HOST, HOST:PORT, and what stands before it of the transport: "udp:HOST". */
static int split_agent(const char *port, char **ret) {
        static const char *const transports[] = {"udp:", "udp6:", "tcp:", "tcp6:"};
        uint16_t number;

        for (size_t i = 0; i < ELEMENTSOF(transports); i++)
                port = startswith(port, transports[i]) ?: port;
        /* A walk in a file. */
        if (strchr(port, '/') || endswith(port, ".snmprec") || endswith(port, ".walk"))
                return -EINVAL;
        return host_split(port, ret, &number);
}

static int take(Remote *remote, const UpsSection *s) {
        if (streq(s->driver, LINK_DRIVER) && strchr(s->port, '@'))
                return nut_device_address_parse(s->port, &remote->ups, &remote->host, &remote->port);
        if (streq(s->driver, "snmp-ups"))
                return split_agent(s->port, &remote->host);
        return -EINVAL;
}

void remotes_load(Doctor *d, Remotes *ret) {
        const UpsConf *c = d->conf.ups;
        Remotes l = {.items = new0(Remote, c->n_sections)};

        if (!l.items) {
                d->error = -ENOMEM;
                return;
        }
        for (size_t i = 0; i < c->n_sections; i++) {
                Remote remote = {.doctor = d, .section = c->sections + i};

                if (d->only && strcasecmp(d->only, c->sections[i].name) != 0)
                        continue;
                if (take(&remote, c->sections + i) >= 0)
                        l.items[l.n++] = remote;
        }
        *ret = l;
}

static void on_resolved(void *userdata, int r, struct addrinfo *addresses) {
        Remote *remote = userdata;

        remote->done = true;
        remote->r = r;
        if (addresses)
                freeaddrinfo(addresses);
}

static bool are_done(const Remotes *l) {
        for (size_t i = 0; i < l->n; i++)
                if (!l->items[i].done)
                        return false;
        return true;
}

void remotes_resolve(Doctor *d, Remotes *l) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), RESOLVE_USEC);
        _cleanup_free_ Resolve **questions = new0(Resolve *, l->n);
        ResolveQueue *queue = NULL;

        if (!questions || resolve_queue_new(d->ctl->event, &queue) < 0) {
                d->error = -ENOMEM;
                return;
        }
        for (size_t i = 0; i < l->n; i++) {
                l->items[i].r = resolve_new(
                        d->ctl->event, queue, l->items[i].host, 1, on_resolved, l->items + i, questions + i);
                l->items[i].done = l->items[i].r < 0;
        }
        while (!are_done(l)) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);

                if (now >= deadline || sd_event_run(d->ctl->event, deadline - now) < 0)
                        break;
        }
        for (size_t i = 0; i < l->n; i++) {
                if (!l->items[i].done)
                        l->items[i].r = -ETIMEDOUT;
                resolve_free(questions[i]);
        }
        resolve_queue_free(queue);
}

void remotes_done(Remotes *l) {
        for (size_t i = 0; i < l->n; i++) {
                free(l->items[i].ups);
                free(l->items[i].host);
        }
        free(l->items);
        *l = (Remotes){};
}
