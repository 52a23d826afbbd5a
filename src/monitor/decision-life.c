/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision-internal.h"
#include "time-util.h"

Decision *decision_new(size_t n, bool early) {
        Decision *d = new0(Decision, 1);

        if (!d)
                return NULL;

        d->supplies = new0(SupplyMemory, n);
        if (!d->supplies)
                return decision_free(d);

        d->n = n;
        d->early = early;
        d->decisive = SIZE_MAX;
        d->stable_usec = d->deadline_usec = d->wakeup_usec = USEC_INFINITY;
        for (size_t i = 0; i < n; i++)
                supply_memory_init(&d->supplies[i]);
        return d;
}

Decision *decision_free(Decision *d) {
        if (!d)
                return NULL;

        free(d->supplies);
        free(d);
        return NULL;
}

void decision_inherit(Decision *d, const Decision *old, const size_t *from) {
        size_t n = d->n;
        bool early = d->early;
        SupplyMemory *supplies = d->supplies;

        *d = *old;
        d->n = n;
        d->early = early;
        d->supplies = supplies;
        d->decisive = SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
                if (from[i] >= old->n)
                        continue;
                supplies[i] = old->supplies[from[i]];
                if (from[i] == old->decisive)
                        d->decisive = i;
        }
}

void decision_ignore_forced(Decision *d, size_t i) {
        d->supplies[i].leftover = d->supplies[i].view.ignored = true;
}

HostState decision_state(const Decision *d) {
        return d->state;
}

Cancellation decision_cancellation(const Decision *d) {
        return d->cancellation;
}

Cause decision_cause(const Decision *d) {
        return d->cause;
}

size_t decision_supply(const Decision *d) {
        return d->decisive;
}

SupplyView decision_supply_view(const Decision *d, size_t i) {
        return d->supplies[i].view;
}

bool decision_forced(const Decision *d, size_t i) {
        return supply_is_forced_by_us(&d->supplies[i]);
}

unsigned decision_power_value(const Decision *d) {
        return d->power_value;
}

uint64_t decision_deadline_usec(const Decision *d) {
        return d->deadline_usec;
}

uint64_t decision_wakeup_usec(const Decision *d) {
        return d->wakeup_usec;
}
