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

        Watch *w = new0(Watch, 1);
        if (!w)
                return -ENOMEM;

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

void watch_clear(Session *s) {
        while (s->watches) {
                Watch *w = s->watches;

                s->watches = w->next;
                if (w->device_previous)
                        w->device_previous->device_next = w->device_next;
                else
                        w->device->watches = w->device_next;
                if (w->device_next)
                        w->device_next->device_previous = w->device_previous;
                free(w);
        }
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

void watch_tell(Session *s, Buffer *out) {
        for (Watch *w = s->watches; w; w = w->next) {
                if (!w->due)
                        continue;
                buffer_add(out, "CHANGED ", w->device->name, "\n");
                w->due = false;
                w->told = true;
        }
}
