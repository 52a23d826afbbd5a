/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "timers.h"

#include "device-name.h"
#include "string-util.h"

struct Timers {
        Timer **timers;
        size_t n, allocated;
};

Timer *timer_free(Timer *t) {
        if (!t)
                return NULL;

        free(t->name);
        strv_free(t->types);
        strv_free(t->systems);
        strv_free(t->messages);
        free(t);
        return NULL;
}

Timers *timers_new(void) {
        return new0(Timers, 1);
}

Timers *timers_free(Timers *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n; i++)
                timer_free(t->timers[i]);
        free(t->timers);
        free(t);
        return NULL;
}

static int note(char ***l, const char *s) {
        if (isempty(s) || strv_contains(*l, s) || strv_length(*l) >= TIMER_NOTES_MAX)
                return 0;
        return strv_extend(l, s);
}

static int timer_note(Timer *t, const TimerEvent *event) {
        int r;

        r = note(&t->types, event->type);
        if (r >= 0)
                r = note(&t->systems, event->system);
        if (r >= 0)
                r = note(&t->messages, event->message);
        return r;
}

static Timer *timers_find(const Timers *t, const char *name) {
        for (size_t i = 0; i < t->n; i++)
                if (streq(t->timers[i]->name, name))
                        return t->timers[i];
        return NULL;
}

int timers_restore(Timers *t, Timer *timer) {
        _cleanup_(timer_freep) Timer *owned = timer;

        if (t->n >= TIMERS_MAX)
                return -E2BIG;
        if (!GREEDY_REALLOC(t->timers, t->allocated, t->n + 1))
                return -ENOMEM;

        t->timers[t->n++] = TAKE_PTR(owned);
        return 0;
}

int timers_start(Timers *t, const char *name, uint64_t due_usec, bool shared, const TimerEvent *event) {
        _cleanup_(timer_freep) Timer *new = NULL;
        Timer *old = shared ? timers_find(t, name) : NULL;
        int r;

        if (old)
                return timer_note(old, event);

        new = new0(Timer, 1);
        if (!new)
                return -ENOMEM;

        new->due_usec = due_usec;
        new->name = strdup(name);
        if (!new->name)
                return -ENOMEM;
        r = timer_note(new, event);
        if (r < 0)
                return r;

        r = timers_restore(t, TAKE_PTR(new));
        return r < 0 ? r : 1;
}

static Timer *timers_take(Timers *t, size_t i) {
        Timer *timer = t->timers[i];

        memmove(t->timers + i, t->timers + i + 1, (t->n - i - 1) * sizeof(*t->timers));
        t->n--;
        return timer;
}

size_t timers_cancel(Timers *t, const char *name) {
        size_t n = 0;

        for (size_t i = t->n; i-- > 0;)
                if (streq(t->timers[i]->name, name)) {
                        timer_free(timers_take(t, i));
                        n++;
                }
        return n;
}

static bool remove_system(char **l, const char *system) {
        STRV_FOREACH(s, l)
                if (system_name_equal(*s, system))
                        return strv_remove(l, *s);
        return false;
}

size_t timers_cancel_matched(Timers *t, const char *name, const char *system) {
        size_t n = 0;

        if (isempty(system))
                return timers_cancel(t, name);

        for (size_t i = t->n; i-- > 0;) {
                if (!streq(t->timers[i]->name, name) || !remove_system(t->timers[i]->systems, system))
                        continue;

                n++;
                if (strv_length(t->timers[i]->systems) == 0)
                        timer_free(timers_take(t, i));
        }
        return n;
}

/* The first of those that are due earliest; SIZE_MAX without any. */
static size_t timers_first(const Timers *t) {
        size_t first = SIZE_MAX;

        for (size_t i = 0; i < t->n; i++)
                if (first == SIZE_MAX || t->timers[i]->due_usec < t->timers[first]->due_usec)
                        first = i;
        return first;
}

uint64_t timers_due(const Timers *t) {
        size_t i = timers_first(t);

        return i == SIZE_MAX ? UINT64_MAX : t->timers[i]->due_usec;
}

Timer *timers_take_due(Timers *t, uint64_t now_usec) {
        size_t i = timers_first(t);

        return i == SIZE_MAX || t->timers[i]->due_usec > now_usec ? NULL : timers_take(t, i);
}

size_t timers_count(const Timers *t) {
        return t->n;
}

const Timer *timers_get(const Timers *t, size_t i) {
        return i < t->n ? t->timers[i] : NULL;
}
