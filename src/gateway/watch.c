/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include "string-util.h"

int watch_add(Session *s, Device *d, Watch **ret) {
        unsigned n = 0;

        for (Watch *w = s->watches; w; w = w->next, n++)
                if (w->device == d) {
                        *ret = w;
                        return 0;
                }
        if (n >= WATCHES_PER_SESSION_MAX)
                return -E2BIG;

        Watch *w = calloc(1, sizeof(Watch) + strlen(d->name) + 1);
        if (!w)
                return -ENOMEM;
        strcpy(w->name, d->name);

        w->session = s;
        w->device = d;
        w->next = s->watches;
        s->watches = w;
        w->device_next = d->watches;
        if (d->watches)
                d->watches->device_previous = w;
        d->watches = w;
        *ret = w;
        return 0;
}

static void leave_device(Watch *w) {
        if (!w->device)
                return;

        if (w->device_previous)
                w->device_previous->device_next = w->device_next;
        else
                w->device->watches = w->device_next;
        if (w->device_next)
                w->device_next->device_previous = w->device_previous;
        w->device = NULL;
        w->device_next = w->device_previous = NULL;
}

void watch_free(Watch *w) {
        Watch **p = &w->session->watches;

        while (*p != w)
                p = &(*p)->next;
        *p = w->next;
        leave_device(w);
        free(w);
}

void watch_end(Watch *w) {
        if (w->told)
                watch_free(w);
        else {
                leave_device(w);
                w->due = true;
        }
}

void watch_clear(Session *s) {
        while (s->watches)
                watch_free(s->watches);
}

/* One that was told and has not asked yet will, and hears of this as well. */
void watch_note(Device *d) {
        for (Watch *w = d->watches; w; w = w->device_next)
                w->due = !w->told;
}

void watch_heard(Session *s) {
        for (Watch *w = s->watches; w; w = w->next)
                w->told = false;
}

bool watch_tell(Session *s, Buffer *out) {
        bool ended = false;

        for (Watch *w = s->watches, *next; w; w = next) {
                next = w->next;
                if (!w->due)
                        continue;
                buffer_add(out, "CHANGED ", w->name, "\n");
                w->due = false;
                w->told = true;
                if (w->device)
                        continue;
                ended = true;
                watch_free(w);
        }
        return ended;
}
