/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision.h"

#include <limits.h>

#include "decision-internal.h"
#include "decision-table.h"
#include "time-util.h"

/* Who begins a shutdown past logind is held by a unit, and that no longer than its limit. Within that the
 * rest has to be done, too. */
#define EXTERNAL_WAIT_MAX_USEC (UINT64_C(8) * 60 * USEC_PER_SEC)

/* Pauses before the next try to power off. */
#define RETRY_FIRST_USEC (UINT64_C(2) * USEC_PER_SEC)
#define RETRY_MAX_USEC (UINT64_C(30) * USEC_PER_SEC)

/* One step passes through so many states at most. */
#define TRANSITIONS_MAX 16

/* What one step looks at. */
typedef struct Step {
        const DecisionPolicy *policy;
        const SupplyPolicy *supplies;
        Request request; /* until it is dealt with */
        unsigned secondaries;
        uint64_t lease_usec;
        uint64_t now;

        /* What the supplies say. */
        bool on_battery, critical, too_few, orchestrate, at_risk;
        size_t decisive;
} Step;

/*** What the supplies say ***/

/* Without MINSUPPLIES there is no end of this machine; it may still be the one that shuts down others. */
static bool stays_up(const DecisionPolicy *p) {
        return p->min_supplies == 0;
}

static bool is_idle(const Decision *d) {
        return d->state == HOST_ONLINE || d->state == HOST_ON_BATTERY || d->state == HOST_LOW_BATTERY;
}

static bool is_cancellable(const Decision *d) {
        return (d->state == HOST_WAITING || d->state == HOST_FINAL_DELAY) && d->ending != ENDING_EXTERNAL;
}

/* Whether the return of the mains is no reason to stop. */
static bool must_go_on(const Decision *d) {
        return d->told || d->by_administrator;
}

/* Whether the supply decides about this machine. */
static bool decides(const DecisionPolicy *p, const SupplyPolicy *s) {
        return stays_up(p) ? s->primary : s->power_value > 0;
}

static unsigned add_power(unsigned a, unsigned b) {
        return a > UINT_MAX - b ? UINT_MAX : a + b;
}

/* Of those that are critical the last one tips the scales. */
static void find_decisive(const Decision *d, Step *s) {
        s->decisive = SIZE_MAX;
        for (size_t i = 0; i < d->n; i++) {
                const SupplyMemory *m = &d->supplies[i];

                if (m->view.state != SUPPLY_CRITICAL || !decides(s->policy, &s->supplies[i]))
                        continue;
                if (s->decisive == SIZE_MAX || m->critical_usec > d->supplies[s->decisive].critical_usec)
                        s->decisive = i;
        }
}

static void look_at_supplies(Decision *d, Step *s) {
        s->on_battery = s->critical = s->orchestrate = s->at_risk = false;
        d->power_value = 0;

        for (size_t i = 0; i < d->n; i++) {
                const SupplyMemory *m = &d->supplies[i];
                const SupplyPolicy *p = &s->supplies[i];
                bool critical = m->view.state == SUPPLY_CRITICAL;

                s->on_battery = s->on_battery || m->view.on_battery_since_usec > 0;
                s->critical = s->critical || critical;
                if (p->power_value > 0 && (critical || m->outage_usec != USEC_INFINITY))
                        s->at_risk = true;
                if (stays_up(s->policy) && p->primary && critical && !supply_is_forced_by_us(m))
                        s->orchestrate = true;
                if (m->view.counts)
                        d->power_value = add_power(d->power_value, p->power_value);
        }

        find_decisive(d, s);
        s->too_few = s->decisive != SIZE_MAX && d->power_value < s->policy->min_supplies;
}

static void conclude_supplies(Decision *d, Step *s) {
        for (size_t i = 0; i < d->n; i++)
                supply_conclude(&d->supplies[i], s->policy, &s->supplies[i], s->now);
        look_at_supplies(d, s);
}

static void observe_supplies(Decision *d, Step *s, const DecisionInput *in) {
        for (size_t i = 0; i < d->n; i++) {
                if (in->resumed)
                        supply_resume(&d->supplies[i], s->now);
                supply_observe(&d->supplies[i], s->policy, &s->supplies[i], &in->readings[i], s->now,
                        d->early);
        }
        conclude_supplies(d, s);
}

/*** FSD ***/

/* Which supplies are to be told of: those that we switch off, or all when we go ourselves. */
static bool wants_forced(const Decision *d, const Step *s, size_t i) {
        return s->supplies[i].primary &&
               (d->ending != ENDING_STAY || d->supplies[i].view.state == SUPPLY_CRITICAL);
}

static bool lacks_forced(const Decision *d, const Step *s) {
        for (size_t i = 0; i < d->n; i++)
                if (wants_forced(d, s, i) && !supply_is_forced_by_us(&d->supplies[i]))
                        return true;

        return false;
}

static bool has_forced(const Decision *d) {
        for (size_t i = 0; i < d->n; i++)
                if (supply_is_forced_by_us(&d->supplies[i]))
                        return true;

        return false;
}

static bool forced_are_good(const Decision *d) {
        for (size_t i = 0; i < d->n; i++)
                if (supply_is_forced_by_us(&d->supplies[i]) && !supply_is_good(&d->supplies[i]))
                        return false;

        return true;
}

static void note_stable(Decision *d, const Step *s) {
        if (!is_idle(d) || !has_forced(d) || !forced_are_good(d))
                d->stable_usec = USEC_INFINITY;
        else if (d->stable_usec == USEC_INFINITY)
                d->stable_usec = s->now;
}

static uint64_t stable_due(const Decision *d, const DecisionPolicy *p) {
        return usec_add(d->stable_usec, p->mains_stable_usec);
}

/*** When a stage ends ***/

static uint64_t retry_pause(unsigned failures) {
        return failures > 4 ? RETRY_MAX_USEC : MIN(RETRY_FIRST_USEC << (failures - 1), RETRY_MAX_USEC);
}

/* When this machine has to begin to stop, or it would still be at that when the battery is empty. */
static uint64_t latest_stop(const Decision *d, const Step *s) {
        uint64_t need = usec_add(s->policy->shutdown_time_usec, s->policy->final_delay_usec);
        uint64_t latest = USEC_INFINITY;

        for (size_t i = 0; i < d->n; i++) {
                uint64_t empty = supply_empty_usec(&d->supplies[i]);

                if (empty != USEC_INFINITY && d->supplies[i].view.state == SUPPLY_CRITICAL &&
                    decides(s->policy, &s->supplies[i]))
                        latest = MIN(latest, usec_sub(empty, need));
        }
        return latest;
}

/* HOSTSYNC is everybody's. What is asked for beyond that must not cost this machine its own orderly end. */
static uint64_t waiting_due(const Decision *d, const Step *s) {
        uint64_t least = usec_add(d->since_usec, s->policy->host_sync_usec);
        uint64_t asked = usec_add(d->since_usec, MIN(s->lease_usec, s->policy->lease_max_usec));
        uint64_t due = MAX(least, MIN(asked, latest_stop(d, s)));
        uint64_t held = usec_add(d->external_usec, EXTERNAL_WAIT_MAX_USEC);

        return d->ending == ENDING_EXTERNAL ? MIN(due, held) : due;
}

static uint64_t stage_due(const Decision *d, const Step *s) {
        if (d->state == HOST_WAITING)
                return waiting_due(d, s);
        if (d->state == HOST_FINAL_DELAY)
                return usec_add(d->since_usec,
                        d->failures > 0 ? retry_pause(d->failures) : s->policy->final_delay_usec);

        return USEC_INFINITY;
}

/* When a supply stops to count as good if nothing changes. */
static uint64_t counted_until(const SupplyMemory *m) {
        return MIN(m->critical_usec, m->uncounted_usec);
}

/* Whether the shutdown would have begun at that time, if nothing changed. */
static bool would_begin(const Decision *d, const Step *s, uint64_t t) {
        bool critical = false;
        unsigned sum = 0;

        for (size_t i = 0; i < d->n; i++) {
                const SupplyMemory *m = &d->supplies[i];

                if (decides(s->policy, &s->supplies[i]) && usec_reached(m->critical_usec, t) &&
                    !(stays_up(s->policy) && supply_is_forced_by_us(m)))
                        critical = true;
                if (!usec_reached(counted_until(m), t))
                        sum = add_power(sum, s->supplies[i].power_value);
        }
        return critical && (stays_up(s->policy) || sum < s->policy->min_supplies);
}

static uint64_t begin_due(const Decision *d, const Step *s) {
        uint64_t due = USEC_INFINITY;

        for (size_t i = 0; i < d->n; i++) {
                const SupplyMemory *m = &d->supplies[i];
                uint64_t times[] = { m->critical_usec, m->uncounted_usec };

                for (size_t k = 0; k < ELEMENTSOF(times); k++)
                        if (times[k] < due && would_begin(d, s, times[k]))
                                due = times[k];
        }
        return due;
}

/*** Which event it is ***/

static HostEvent request_event(Decision *d, const Step *s) {
        switch (s->request) {
        case REQUEST_FORCE:
                /* A power-off of somebody else is one that we cannot be sure of. */
                return d->state == HOST_POWERING_OFF && d->ending != ENDING_EXTERNAL ? HOST_EVENT_NONE
                                                                                   : HOST_EVENT_FORCE;
        case REQUEST_CANCEL:
                return is_cancellable(d) ? HOST_EVENT_CANCEL : HOST_EVENT_NONE;
        case REQUEST_EXTERNAL:
                return is_idle(d) && !s->at_risk ? HOST_EVENT_EXTERNAL : HOST_EVENT_EXTERNAL_AT_RISK;
        case REQUEST_FAILED:
                if (d->ending != ENDING_EXTERNAL)
                        return d->state == HOST_POWERING_OFF ? HOST_EVENT_FAILED : HOST_EVENT_NONE;
                if (is_idle(d))
                        return HOST_EVENT_NONE;
                return must_go_on(d) || s->too_few ? HOST_EVENT_FAILED : HOST_EVENT_CALLED_OFF;
        case REQUEST_NONE:
        case _REQUEST_MAX:
                break;
        }
        return HOST_EVENT_NONE;
}

static HostEvent idle_event(const Decision *d, const Step *s) {
        if (s->too_few)
                return HOST_EVENT_TOO_FEW;
        if (s->orchestrate)
                return HOST_EVENT_ORCHESTRATE;
        if (usec_reached(stable_due(d, s->policy), s->now))
                return HOST_EVENT_STABLE;
        if (s->critical)
                return d->state == HOST_LOW_BATTERY ? HOST_EVENT_NONE : HOST_EVENT_CRITICAL;
        if (s->on_battery)
                return d->state == HOST_ON_BATTERY ? HOST_EVENT_NONE : HOST_EVENT_BATTERY;

        return d->state == HOST_ONLINE ? HOST_EVENT_NONE : HOST_EVENT_MAINS;
}

/* Whether it would not begin any more, and can be called off without leaving others in the dark. */
static bool is_recovered(const Decision *d, const Step *s) {
        if (!is_cancellable(d) || must_go_on(d) || d->committed)
                return false;

        return d->ending == ENDING_STAY ? s->decisive == SIZE_MAX : !s->too_few;
}

static HostEvent shutdown_event(const Decision *d, const Step *s) {
        static const HostEvent waited[] = {
                [ENDING_POWER_OFF] = HOST_EVENT_WAITED,
                [ENDING_EXTERNAL]  = HOST_EVENT_WAITED_EXTERNAL,
                [ENDING_STAY]      = HOST_EVENT_WAITED_STAYING,
        };
        bool due = usec_reached(stage_due(d, s), s->now);

        if (d->state == HOST_POWERING_OFF)
                return HOST_EVENT_NONE;
        if (d->ending == ENDING_STAY && s->too_few)
                return HOST_EVENT_TOO_FEW;
        if (is_recovered(d, s))
                return HOST_EVENT_RECOVERED;
        if (lacks_forced(d, s))
                return HOST_EVENT_PRIMARY;
        if (d->state == HOST_FINAL_DELAY) {
                if (!due)
                        return HOST_EVENT_NONE;
                return d->ending == ENDING_STAY ? HOST_EVENT_DELAYED_STAYING : HOST_EVENT_DELAYED;
        }

        if (s->secondaries > 0 && !d->announced)
                return HOST_EVENT_SECONDARIES;
        return s->secondaries == 0 || due ? waited[d->ending] : HOST_EVENT_NONE;
}

static HostEvent next_event(Decision *d, Step *s) {
        HostEvent e = request_event(d, s);

        s->request = REQUEST_NONE;
        if (e != HOST_EVENT_NONE)
                return e;

        note_stable(d, s);
        return is_idle(d) ? idle_event(d, s) : shutdown_event(d, s);
}

/*** What is remembered of an event ***/

static void begin(Decision *d, Ending ending, Cause cause, size_t decisive) {
        if (is_idle(d)) {
                d->by_administrator = d->announced = d->told = d->committed = d->renewed = false;
                d->failures = 0;
        }
        d->ending = ending;
        d->cause = cause;
        d->decisive = decisive;
}

static void end(Decision *d, Step *s) {
        for (size_t i = 0; i < d->n; i++)
                supply_unforce(&d->supplies[i], s->now);
        d->cause = CAUSE_NONE;
        d->decisive = SIZE_MAX;
        d->ending = ENDING_POWER_OFF;
        conclude_supplies(d, s);
}

static void note_request(Decision *d, Step *s, HostEvent e) {
        if (e == HOST_EVENT_FORCE) {
                bool goes_on = d->ending == ENDING_EXTERNAL && !is_idle(d) && d->state != HOST_POWERING_OFF;

                begin(d, goes_on ? ENDING_EXTERNAL : ENDING_POWER_OFF, CAUSE_ADMINISTRATOR, SIZE_MAX);
                d->by_administrator = true;
        } else if (e == HOST_EVENT_EXTERNAL_AT_RISK) {
                if (is_idle(d) || d->ending != ENDING_EXTERNAL)
                        d->external_usec = s->now;
                if (is_idle(d))
                        begin(d, ENDING_EXTERNAL, CAUSE_EXTERNAL, SIZE_MAX);
                else if (d->state != HOST_POWERING_OFF)
                        d->ending = ENDING_EXTERNAL;
                d->committed = d->committed || d->state == HOST_FINAL_DELAY;
        } else if (e == HOST_EVENT_CANCEL) {
                for (size_t i = 0; i < d->n; i++)
                        supply_hold(&d->supplies[i], s->policy, &s->supplies[i], s->now);
                end(d, s);
        } else if (e == HOST_EVENT_FAILED) {
                if (d->state == HOST_POWERING_OFF)
                        d->failures++;
                d->ending = ENDING_POWER_OFF;
        }
}

static void note_event(Decision *d, Step *s, HostEvent e) {
        switch (e) {
        case HOST_EVENT_TOO_FEW:
                begin(d, ENDING_POWER_OFF, d->supplies[s->decisive].view.cause, s->decisive);
                break;
        case HOST_EVENT_ORCHESTRATE:
                begin(d, ENDING_STAY, d->supplies[s->decisive].view.cause, s->decisive);
                break;
        case HOST_EVENT_PRIMARY:
                for (size_t i = 0; i < d->n; i++)
                        if (wants_forced(d, s, i))
                                supply_force(&d->supplies[i]);
                break;
        case HOST_EVENT_SECONDARIES:
                d->announced = true;
                break;
        case HOST_EVENT_WAITED_EXTERNAL:
        case HOST_EVENT_DELAYED:
                d->committed = true;
                break;
        case HOST_EVENT_RECOVERED:
        case HOST_EVENT_CALLED_OFF:
        case HOST_EVENT_STABLE:
                end(d, s);
                break;
        case HOST_EVENT_DELAYED_STAYING:
                d->cause = CAUSE_NONE;
                d->decisive = SIZE_MAX;
                break;
        default:
                note_request(d, s, e);
        }
}

/*** The step ***/

static bool has_irrevocable(const Decision *d, const Step *s) {
        for (size_t i = 0; i < d->n; i++)
                if (s->supplies[i].irrevocable && supply_is_forced_by_us(&d->supplies[i]))
                        return true;

        return false;
}

/* Who was logged in while FSD was set was told, and begins to go down. FSD that stays tells everybody. */
static void note_told(Decision *d, const Step *s) {
        if (!is_idle(d) && ((s->secondaries > 0 && has_forced(d)) || has_irrevocable(d, s)))
                d->told = true;
}

/* What is said after a sleep comes in time to end a shutdown. But no more than one sleep holds it up. */
static void note_resumed(Decision *d, uint64_t now) {
        d->stable_usec = USEC_INFINITY;
        if (!d->renewed)
                d->since_usec = now;
        d->renewed = !is_idle(d);
}

static Actions handle(Decision *d, Step *s, HostEvent e) {
        const HostTransition *t = host_transition(d->state, e);

        if (!t)
                return 0;

        note_event(d, s, e);
        if (t->next != d->state) {
                d->state = t->next;
                d->since_usec = s->now;
        }
        note_told(d, s);
        return t->actions;
}

static Cancellation find_cancellation(const Decision *d) {
        if (is_idle(d))
                return CANCELLATION_MAINS;
        if (!is_cancellable(d))
                return CANCELLATION_NONE;

        return must_go_on(d) || d->committed ? CANCELLATION_ADMINISTRATOR : CANCELLATION_MAINS;
}

static void find_times(Decision *d, const Step *s) {
        uint64_t stable = is_idle(d) ? stable_due(d, s->policy) : USEC_INFINITY;

        d->deadline_usec = is_idle(d) ? begin_due(d, s) : stage_due(d, s);
        d->wakeup_usec = USEC_INFINITY;
        if (d->deadline_usec > s->now)
                d->wakeup_usec = d->deadline_usec;
        if (stable > s->now)
                d->wakeup_usec = MIN(d->wakeup_usec, stable);
        for (size_t i = 0; i < d->n; i++)
                d->wakeup_usec = MIN(d->wakeup_usec, d->supplies[i].wakeup_usec);
}

Actions decision_step(Decision *d, const DecisionPolicy *policy, const SupplyPolicy *supplies,
                const DecisionInput *in) {
        Step s = {
                .policy = policy,
                .supplies = supplies,
                .request = in->request,
                .lease_usec = in->lease_usec,
                .now = MAX(in->now_usec, d->now_usec),
        };
        Actions actions = 0;

        d->now_usec = s.now;
        for (size_t i = 0; i < d->n; i++)
                if (supplies[i].primary)
                        s.secondaries = in->secondaries;

        if (in->resumed)
                note_resumed(d, s.now);
        observe_supplies(d, &s, in);
        note_told(d, &s);

        for (unsigned i = 0; i < TRANSITIONS_MAX; i++) {
                HostEvent e = next_event(d, &s);

                if (e == HOST_EVENT_NONE)
                        break;
                actions |= handle(d, &s, e);
        }

        d->cancellation = find_cancellation(d);
        find_times(d, &s);
        return actions;
}
