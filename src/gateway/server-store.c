/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>

#include "client.h"
#include "fd-store.h"
#include "server.h"
#include "state.h"

/* How often, at the end, a service manager that is busy is asked again. */
#define STOP_TRIES 50U
#define STOP_PAUSE_MSEC 20

void server_store_clients(Server *s) {
        int fds[FD_STORE_BATCH];

        while (s->n_unstored > 0) {
                size_t n = MIN(s->n_unstored, (size_t) FD_STORE_BATCH);
                Client **batch = s->unstored + s->n_unstored - n;

                for (size_t i = 0; i < n; i++)
                        fds[i] = batch[i]->fd;

                int r = fd_store_notify("FDSTORE=1\nFDNAME=client", fds, n);
                if (r == -EAGAIN || r == -ETOOMANYREFS)
                        return;
                for (size_t i = 0; i < n; i++) {
                        batch[i]->stored = r >= 0;
                        batch[i]->unstored_index = 0;
                }
                s->n_unstored -= n;
        }
}

void server_store_rest(Server *s) {
        for (unsigned i = 0; i < STOP_TRIES && s->n_unstored > 0; i++) {
                server_store_clients(s);
                if (s->n_unstored > 0)
                        (void) poll(NULL, 0, STOP_PAUSE_MSEC);
        }
}

void server_store_later(Server *s, Client *c) {
        c->cookie = state_cookie(s->gateway->state, c->fd);
        if (!s->gateway->state)
                return;
        if (!GREEDY_REALLOC(s->unstored, s->allocated_unstored, s->n_unstored + 1))
                return;

        s->unstored[s->n_unstored++] = c;
        c->unstored_index = (uint32_t) s->n_unstored;
}

void server_forget_unstored(Server *s, Client *c) {
        if (c->unstored_index == 0)
                return;

        Client *last = s->unstored[--s->n_unstored];
        s->unstored[c->unstored_index - 1] = last;
        last->unstored_index = c->unstored_index;
        c->unstored_index = 0;
}
