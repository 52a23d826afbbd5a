/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "units.h"

#include "call.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define UNIT_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* So often a target is told the same at most. */
#define TRIES_MAX 10U

/* A target is up from this state on. To start one while the machine is going down would make the service
 * manager drop what it has begun: the first two are not worth that. With the last one it is for us to power
 * off. */
static const struct {
        const char *name;
        HostState from;
        const char *mode;
} targets[] = {
        { "busbar-on-battery.target",  HOST_ON_BATTERY,  "fail"    },
        { "busbar-low-battery.target", HOST_LOW_BATTERY, "fail"    },
        { "busbar-shutdown.target",    HOST_WAITING,     "replace" },
};

typedef struct Target {
        Units *units;
        size_t index;
        bool told, wanted; /* what systemd was told last; nothing before told is set */
        unsigned failures; /* of telling it what it was told last */
        sd_bus_slot *slot;
} Target;

struct Units {
        sd_bus *bus;
        Target targets[ELEMENTSOF(targets)];
        HostState state;
        bool complained;
};

const char *const *units_targets(void) {
        static const char *const names[] = {
                "busbar-on-battery.target", "busbar-low-battery.target", "busbar-shutdown.target", NULL,
        };
        static_assert(ELEMENTSOF(names) == ELEMENTSOF(targets) + 1, "each target has its name");

        return names;
}

static void tell(Target *t);

static bool wants(const Target *t) {
        return t->units->state >= targets[t->index].from;
}

/* units_follow() comes with each tick. */
static void try_again_later(Target *t) {
        if (++t->failures < TRIES_MAX)
                t->told = false;
}

static int on_told(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name = call_error_name(m);
        Target *t = userdata;

        t->slot = sd_bus_slot_unref(t->slot);
        /* To stop what nobody ever started is no mistake. */
        if (name && t->wanted && !t->units->complained) {
                t->units->complained = true;
                log_warning("Cannot start %s: %s", targets[t->index].name, call_failure(m));
        } else if (name)
                log_debug("Cannot %s %s: %s", t->wanted ? "start" : "stop", targets[t->index].name,
                                call_failure(m));
        if (name && t->wanted && wants(t))
                try_again_later(t);
        else
                tell(t);
        return 0;
}

static void tell(Target *t) {
        bool wanted = wants(t);

        if (t->slot || (t->told && t->wanted == wanted))
                return;

        if (t->wanted != wanted)
                t->failures = 0;
        t->told = true;
        t->wanted = wanted;
        if (call_method(t->units->bus, &t->slot, PEER_SYSTEMD, wanted ? "StartUnit" : "StopUnit",
                        UNIT_TIMEOUT_USEC, on_told, t, "ss", targets[t->index].name,
                        wanted ? targets[t->index].mode : "replace") < 0)
                try_again_later(t);
}

void units_follow(Units *u, HostState state) {
        if (!u)
                return;

        u->state = state;
        for (size_t i = 0; i < ELEMENTSOF(targets); i++)
                tell(u->targets + i);
}

int units_new(Monitor *m, Units **ret) {
        Units *u = new0(Units, 1);

        if (!u)
                return -ENOMEM;
        u->bus = sd_bus_ref(m->bus);
        for (size_t i = 0; i < ELEMENTSOF(targets); i++)
                u->targets[i] = (Target) { .units = u, .index = i };
        *ret = u;
        return 0;
}

Units *units_free(Units *u) {
        if (!u)
                return NULL;

        for (size_t i = 0; i < ELEMENTSOF(targets); i++)
                sd_bus_slot_unref(u->targets[i].slot);
        sd_bus_unref(u->bus);
        free(u);
        return NULL;
}
