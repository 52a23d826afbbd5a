/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor-internal.h"

#include "errno-util.h"

static const char *supervisor_state_name(const Supervisor *s) {
        if (s->state == STATE_UP)
                return "quiet";
        return s->settled ? "reconnect.trying" : "init.starting";
}

int supervisor_apply(Supervisor *s, Update *u) {
        _cleanup_(update_freep) Update *owned = u;
        _cleanup_(change_freep) Change *change = NULL;
        int r;

        if (!owned)
                return -ENOMEM;

        core_variables_follow(&s->copies, s->config, s->model, owned);
        core_variables_state(owned, supervisor_state_name(s));

        r = model_apply(s->model, owned, &change);
        if (r < 0)
                return r;

        if (!change_is_empty(change))
                s->ops->changed(s->userdata, change);
        return 0;
}

void supervisor_degrade(Supervisor *s, int error) {
        bool absent = errno_is_device_gone(error) || model_freshness(s->model) == FRESHNESS_ABSENT;
        Update *u = update_new();
        int r;

        if (u && absent && model_freshness(s->model) != FRESHNESS_ABSENT)
                (void) update_replace(u, "driver.");
        if (u)
                (void) update_freshness(u, absent ? FRESHNESS_ABSENT : FRESHNESS_STALE);

        r = supervisor_apply(s, u);
        if (r < 0)
                (void) log_of(s->config, LOG_ERR, r, "Cannot mark the device as failed: %m");
        news_freshness(&s->news, s->config, s->model, error);
}

void supervisor_settle(Supervisor *s, int r) {
        s->settled = true;
        s->ops->outcome(s->userdata, r);
}

void supervisor_publish(Supervisor *s, Update *u) {
        int r;

        r = supervisor_apply(s, u);
        if (r < 0)
                (void) log_of(s->config, LOG_ERR, r, "Cannot take over what the device told: %m");
        else
                news_freshness(&s->news, s->config, s->model, ENODATA);
}

void supervisor_share(Supervisor *s, SharedMemory *shared) {
        shared_memory_unref(s->shared);
        s->shared = shared_memory_ref(shared);
}

void *supervisor_shared(Supervisor *s) {
        if (!s->shared && shared_memory_new(s->config->driver, &s->shared) < 0)
                return NULL;
        return shared_memory_get(s->shared);
}
