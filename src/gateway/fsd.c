/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fsd.h"

#include "gateway-bus.h"
#include "log.h"
#include "messages.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"

static ForcedShutdown *forced_free(ForcedShutdown *f) {
        if (!f)
                return NULL;

        free(f->owner);
        free(f->reason);
        free(f);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(ForcedShutdown *, forced_free);

static int attach(Gateway *g, Device *d, const char *owner, const char *reason, uint64_t since,
                uint32_t slot) {
        _cleanup_(forced_freep) ForcedShutdown *f = new0(ForcedShutdown, 1);

        if (!f)
                return -ENOMEM;
        f->owner = strdup(owner);
        f->reason = strdup(reason);
        if (!f->owner || !f->reason)
                return -ENOMEM;

        f->since_usec = since;
        f->slot = slot;
        d->forced = TAKE_PTR(f);
        device_invalidate(d);
        device_note(d, NEWS_STATE);
        gateway_bus_forced_changed(g->bus);
        return 0;
}

int fsd_restore(Gateway *g, Device *d, const char *owner, const char *reason, uint64_t since_usec,
                uint32_t slot) {
        fsd_free(d);
        return attach(g, d, owner, reason, since_usec, slot);
}

int fsd_set(Gateway *g, Device *d, const char *owner, const char *reason) {
        if (!d->forced) {
                int r = attach(g, d, owner, reason, now_usec(CLOCK_REALTIME), 0);
                if (r < 0)
                        return r;
                state_save_forced(g->state, d);
        }

        (void) log_full(LOG_NOTICE, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_FORCED_SHUTDOWN_SET_STR,
                                .device = d->name,
                                .peer = owner,
                        },
                        "Client %s set FSD on UPS [%s]", owner, d->name);
        return 0;
}

void fsd_clear(Gateway *g, Device *d, const char *why) {
        if (!d->forced)
                return;

        (void) log_full(LOG_NOTICE, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_FORCED_SHUTDOWN_CLEARED_STR,
                                .device = d->name,
                                .peer = d->forced->owner,
                        },
                        "Forced shutdown of UPS [%s], set by %s, is over: %s", d->name, d->forced->owner,
                        why);
        state_release(g->state, &d->forced->slot);
        fsd_free(d);
        device_invalidate(d);
        device_note(d, NEWS_STATE);
        gateway_bus_forced_changed(g->bus);
}

void fsd_free(Device *d) {
        d->forced = forced_free(d->forced);
}

static bool may_end(const Device *d) {
        return d->n_sessions == 0 && !device_unavailable(d) && model_has_status(d->model, "OL") &&
                !model_has_status(d->model, "OB") && !model_has_status(d->model, "FSD");
}

void fsd_tick(Gateway *g, uint64_t now) {
        for (size_t i = 0; i < device_table_count(g->devices); i++) {
                Device *d = device_table_get(g->devices, i);

                if (!d->forced)
                        continue;
                if (!may_end(d))
                        d->forced->stable_since_usec = 0;
                else if (d->forced->stable_since_usec == 0)
                        d->forced->stable_since_usec = now;
                else if (now - d->forced->stable_since_usec >= g->conf->fsd_clear_delay_usec)
                        fsd_clear(g, d, "mains are stable and nobody is logged in");
        }
}
