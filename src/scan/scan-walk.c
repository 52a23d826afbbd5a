/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

/* Below this, it is not for want of descriptors. */
#define PARALLEL_MIN 4U

struct ScanWalk {
        Scan *scan;
        const ScanRanges *ranges;
        const ScanWalkOps *ops;
        void *userdata;
        ScanIterator iterator;
        ScanProbe *probes;  /* all, also those that are over */
        ScanProbe *waiting; /* could not begin for want of descriptors */
        unsigned n_running, parallel;
        uint64_t n_begun;
        bool finished;
        sd_event_source *turn;
};

static void probe_free(ScanProbe *p) {
        ScanWalk *w = p->walk;

        if (p->previous)
                p->previous->next = p->next;
        else if (w->probes == p)
                w->probes = p->next;
        if (p->next)
                p->next->previous = p->previous;
        w->ops->done(p);
        free(p);
}

ScanWalk *scan_walk_free(ScanWalk *w) {
        if (!w)
                return NULL;

        while (w->probes)
                probe_free(w->probes);
        free(w->waiting);
        sd_event_source_disable_unref(w->turn);
        free(w);
        return NULL;
}

void scan_probe_over(ScanProbe *p) {
        if (p->over)
                return;
        p->over = true;
        p->walk->n_running--;
        p->walk->scan->n_asked++;
        (void) sd_event_source_set_enabled(p->walk->turn, SD_EVENT_ONESHOT);
}

static void bury(ScanWalk *w) {
        for (ScanProbe *p = w->probes, *next; p; p = next) {
                next = p->next;
                if (p->over)
                        probe_free(p);
        }
}

static ScanProbe *probe_new(ScanWalk *w) {
        ScanProbe *p = calloc(1, w->ops->probe_size);

        if (!p)
                return NULL;
        p->walk = w;
        if (!scan_ranges_next(w->ranges, &w->iterator, p->address)) {
                free(p);
                return NULL;
        }
        p->order = w->n_begun++;
        return p;
}

static bool is_want(int r) {
        return r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ENOMEM;
}

/* False when it has to wait. */
static bool begin(ScanWalk *w, ScanProbe *p) {
        int r;

        p->previous = NULL;
        p->next = w->probes;
        if (p->next)
                p->next->previous = p;
        w->probes = p;
        w->n_running++;

        r = w->ops->ask(p, w->userdata);
        if (r >= 0)
                return true;
        if (!is_want(r) || w->n_running <= PARALLEL_MIN) {
                scan_probe_over(p);
                return true;
        }

        w->n_running--;
        w->parallel = w->n_running;
        w->probes = p->next;
        if (p->next)
                p->next->previous = NULL;
        p->next = NULL;
        w->ops->done(p);
        w->waiting = p;
        return false;
}

/* What hangs on a probe that could not begin is gone: it begins anew. */
static ScanProbe *take_waiting(ScanWalk *w) {
        ScanProbe *p = TAKE_PTR(w->waiting), *fresh;

        if (!p)
                return NULL;
        fresh = calloc(1, w->ops->probe_size);
        if (fresh)
                *fresh = *p;
        free(p);
        return fresh;
}

static int on_turn(sd_event_source *s, void *userdata) {
        ScanWalk *w = userdata;

        bury(w);
        while (w->n_running < w->parallel) {
                ScanProbe *p = take_waiting(w) ?: probe_new(w);

                if (!p || !begin(w, p))
                        break;
        }
        /* What failed at once is buried by the next turn. */
        if (w->probes || w->waiting || w->finished)
                return 0;
        w->finished = true;
        w->ops->over(w->userdata);
        return 0;
}

int scan_walk_new(Scan *s, const ScanRanges *ranges, unsigned parallel, const ScanWalkOps *ops,
                void *userdata, ScanWalk **ret) {
        _cleanup_(scan_walk_freep) ScanWalk *w = NULL;
        int r;

        if (!ranges || ranges->n_ranges == 0)
                return 0;
        w = new0(ScanWalk, 1);
        if (!w)
                return -ENOMEM;
        w->scan = s;
        w->ranges = ranges;
        w->parallel = parallel;
        w->ops = ops;
        w->userdata = userdata;
        r = sd_event_add_defer(s->event, &w->turn, on_turn, w);
        if (r < 0)
                return r;
        /* Behind what sockets have to say. */
        (void) sd_event_source_set_priority(w->turn, SD_EVENT_PRIORITY_IDLE);
        s->n_to_ask += ranges->n_addresses;

        *ret = TAKE_PTR(w);
        return 1;
}
