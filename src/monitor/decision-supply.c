/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision-supply.h"

#include <math.h>

#include "time-util.h"

/* Causes that need a battery in use, and those that need silence. */
#define CAUSES_BATTERY                                                                                    \
        (CAUSE_BIT(CAUSE_LOW_BATTERY) | CAUSE_BIT(CAUSE_CHARGE) | CAUSE_BIT(CAUSE_RUNTIME) |              \
                CAUSE_BIT(CAUSE_ON_BATTERY))
#define CAUSES_LOST                                                                                       \
        (CAUSE_BIT(CAUSE_LOST_ON_BATTERY) | CAUSE_BIT(CAUSE_LOST_ON_LINE) |                               \
                CAUSE_BIT(CAUSE_LOST_OVERLOADED) | CAUSE_BIT(CAUSE_LOST_ALARM) |                          \
                CAUSE_BIT(CAUSE_LOST_BYPASS) | CAUSE_BIT(CAUSE_LOST_CALIBRATING) |                        \
                CAUSE_BIT(CAUSE_LOST_OFF))

/* When each cause makes, or made, the supply critical. */
typedef struct Dues {
        uint64_t at[_CAUSE_MAX];
        uint64_t uncounted_usec;
} Dues;

/*** Small parts ***/

static bool value_is_known(double v) {
        return isfinite(v) && v >= 0;
}

static uint64_t usec_from_sec(double sec) {
        return sec >= 1e12 ? UINT64_C(1000000000000000000) : (uint64_t) (sec * 1e6);
}

static bool has(const SupplyReading *r, StatusBits bits) {
        return (r->status & bits) == bits;
}

static bool reading_is_forced(const SupplyReading *r) {
        return r->forced || has(r, STATUS_FSD);
}

/* On battery, and not because of a test; unless the mains failed in the middle of it. */
static bool reading_is_outage(const SupplyReading *r) {
        return has(r, STATUS_OB) && (!r->testing || r->mains == MAINS_ABSENT);
}

/* Without a status nothing is known of the device, however well it talks. */
static bool reading_is_fresh(const SupplyReading *r) {
        return r->contact == CONTACT_FRESH && r->status != 0;
}

static bool value_is_the_same(double a, double b) {
        return a == b || (isnan(a) && isnan(b));
}

static bool reading_says_the_same(const SupplyReading *a, const SupplyReading *b) {
        return a->status == b->status && a->forced == b->forced && a->testing == b->testing &&
               a->mains == b->mains && value_is_the_same(a->charge_percent, b->charge_percent) &&
               value_is_the_same(a->runtime_sec, b->runtime_sec);
}

/* Keeps the start of a condition that holds on, and forgets that of one that does not. */
static void note(uint64_t *since, bool holds, uint64_t now) {
        if (!holds)
                *since = USEC_INFINITY;
        else if (*since == USEC_INFINITY)
                *since = now;
}

static uint64_t silence_allowed(const DecisionPolicy *p) {
        return MAX(p->dead_time_usec, SILENCE_MIN_USEC);
}

void supply_memory_init(SupplyMemory *m) {
        *m = (SupplyMemory) {
                .unheard_usec = USEC_INFINITY,
                .on_battery_usec = USEC_INFINITY,
                .outage_usec = USEC_INFINITY,
                .low_usec = USEC_INFINITY,
                .off_usec = USEC_INFINITY,
                .forced_usec = USEC_INFINITY,
                .charge_usec = USEC_INFINITY,
                .runtime_usec = USEC_INFINITY,
                .resumed_usec = USEC_INFINITY,
                .latched_usec = USEC_INFINITY,
                .own_until_usec = USEC_INFINITY,
                .critical_usec = USEC_INFINITY,
                .uncounted_usec = USEC_INFINITY,
                .wakeup_usec = USEC_INFINITY,
                .view = { .deadline_usec = USEC_INFINITY, .counts = true },
        };
}

/*** Forced shutdown ***/

bool supply_is_forced(const SupplyMemory *m) {
        bool ours = m->own && !m->foreign && m->forced_usec < m->own_until_usec;

        return m->forced_usec != USEC_INFINITY && !m->leftover && !ours;
}

bool supply_is_forced_by_us(const SupplyMemory *m) {
        return m->own && m->own_until_usec == USEC_INFINITY;
}

void supply_force(SupplyMemory *m) {
        if (supply_is_forced_by_us(m))
                return;

        m->foreign = supply_is_forced(m);
        m->own = true;
        m->own_until_usec = USEC_INFINITY;
}

void supply_unforce(SupplyMemory *m, uint64_t now) {
        if (supply_is_forced_by_us(m))
                m->own_until_usec = MIN(usec_add(now, FORCED_ECHO_USEC), USEC_INFINITY - 1);
}

/*** Rules ***/

/* When a rule about a value fires that is met since then. */
static uint64_t rule_due(const SupplyMemory *m, const DecisionPolicy *p, uint64_t met_usec) {
        if (met_usec == USEC_INFINITY || m->outage_usec == USEC_INFINITY)
                return USEC_INFINITY;

        return MAX(usec_add(met_usec, RULE_HOLD_USEC), usec_add(m->outage_usec, p->on_battery_delay_usec));
}

/* One that has fired is not taken back because the value cannot be read any more. */
static void note_rule(const SupplyMemory *m, const DecisionPolicy *p, uint64_t *since, double value,
                double limit, bool set, uint64_t now) {
        bool met = false;

        if (!set)
                met = false;
        else if (!value_is_known(value))
                met = usec_reached(rule_due(m, p, *since), now);
        else if (value <= limit)
                met = true;
        else
                met = *since != USEC_INFINITY && value <= limit + MAX(1.0, limit / RULE_HYSTERESIS_PART);
        note(since, met, now);
}

static void note_rules(SupplyMemory *m, const DecisionPolicy *p, const UpsmonRules *rules, uint64_t since,
                uint64_t now) {
        const SupplyReading *r = &m->last;
        bool outage = reading_is_outage(r);

        /* A test that begins in an outage does not make it a shorter one. */
        note(&m->outage_usec, outage || (m->outage_usec != USEC_INFINITY && has(r, STATUS_OB)), since);

        note_rule(m, p, &m->charge_usec, r->charge_percent, rules->charge_limit_percent,
                outage && value_is_known(rules->charge_limit_percent), now);
        note_rule(m, p, &m->runtime_usec, r->runtime_sec, (double) rules->runtime_limit_usec / 1e6,
                outage && rules->runtime_limit_usec != UPSMON_NEVER, now);
}

static uint64_t on_battery_due(const SupplyMemory *m, const DecisionPolicy *p, const UpsmonRules *rules) {
        return usec_add(m->outage_usec, MAX(rules->on_battery_limit_usec, p->on_battery_delay_usec));
}

static uint64_t low_battery_due(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s) {
        uint64_t t = usec_add(m->low_usec, p->low_battery_duration_usec);

        return s->primary ? t : usec_add(t, p->host_sync_usec);
}

/*** What comes in ***/

/* A driver may answer after a sleep before its device did: bad news that say word for word what was said
 * before the sleep have to last. */
static bool reading_is_doubted(const SupplyMemory *m, const DecisionPolicy *p, const SupplyReading *r,
                uint64_t now) {
        if (m->resumed_usec == USEC_INFINITY || m->last.contact == CONTACT_NEVER || !reading_is_fresh(r))
                return false;
        if (!(r->status & (STATUS_OB | STATUS_OFF)) && !reading_is_forced(r))
                return false;

        return reading_says_the_same(r, &m->last) &&
               !usec_reached(usec_add(m->resumed_usec, silence_allowed(p)), now);
}

/* It began when the device was last heard; if it still talks, but without a word, now. */
static void note_silence(SupplyMemory *m, const SupplyReading *r, uint64_t now) {
        if (!m->fresh)
                return;

        m->fresh = false;
        uint64_t heard = r->contact == CONTACT_FRESH ? now : MIN(r->heard_usec, now);
        m->last.heard_usec = MAX(m->last.heard_usec, heard);
        if (usec_reached(m->critical_usec, now)) {
                m->latched = m->view.cause;
                m->latched_usec = m->critical_usec;
        }
}

static void note_forced(SupplyMemory *m, const SupplyReading *r, uint64_t now, bool first) {
        bool forced = reading_is_forced(r), on_line = has(r, STATUS_OL) && !has(r, STATUS_OB);

        note(&m->forced_usec, forced, now);
        m->leftover = (m->leftover || first) && forced && on_line;
        if (!forced)
                m->foreign = false;
}

/* What was called off is forgotten when it is over. */
static void note_held(SupplyMemory *m, const SupplyReading *r) {
        m->held &= ~CAUSES_LOST;
        if (!has(r, STATUS_OB))
                m->held &= ~CAUSES_BATTERY;
        if (!has(r, STATUS_OFF))
                m->held &= ~CAUSE_BIT(CAUSE_OFF);
        if (m->forced_usec == USEC_INFINITY)
                m->held &= ~CAUSE_BIT(CAUSE_FORCED);
}

void supply_observe(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, const SupplyReading *r,
                uint64_t now, bool early) {
        bool first = m->last.contact == CONTACT_NEVER;
        uint64_t heard = MIN(r->heard_usec, now);

        if (!m->known)
                m->unheard_usec = now;
        m->known = true;

        m->doubted = reading_is_doubted(m, p, r, now);
        if (m->doubted || !reading_is_fresh(r)) {
                note_silence(m, r, now);
                return;
        }

        if (m->resumed_usec != USEC_INFINITY)
                heard = MAX(heard, m->resumed_usec);
        if (m->on_battery_usec == USEC_INFINITY || m->resumed_usec != USEC_INFINITY ||
            !value_is_the_same(r->runtime_sec, m->last.runtime_sec))
                m->predicted_usec = heard;
        m->last = *r;
        m->last.heard_usec = heard;
        m->fresh = true;
        m->resumed_usec = USEC_INFINITY;
        m->latched = CAUSE_NONE;
        m->latched_usec = USEC_INFINITY;

        /* An outage may be older than we are. */
        uint64_t since = first && r->on_battery_usec > 0 ? MIN(r->on_battery_usec, now) : now;

        note_forced(m, r, now, first && early);
        note_held(m, r);
        note(&m->on_battery_usec, has(r, STATUS_OB), since);
        note(&m->low_usec, has(r, STATUS_LB) && reading_is_outage(r), now);
        note(&m->off_usec, has(r, STATUS_OFF), now);
        note_rules(m, p, &s->rules, since, now);
}

void supply_resume(SupplyMemory *m, uint64_t now) {
        uint64_t *restarted[] = {
                &m->unheard_usec, &m->low_usec, &m->off_usec, &m->charge_usec, &m->runtime_usec,
        };

        for (size_t i = 0; i < ELEMENTSOF(restarted); i++)
                if (*restarted[i] != USEC_INFINITY)
                        *restarted[i] = now;

        m->resumed_usec = now;
        m->latched = CAUSE_NONE;
        m->latched_usec = USEC_INFINITY;
        m->critical_usec = USEC_INFINITY;
}

/*** What follows, with contact ***/

static void add_fresh_dues(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s,
                Dues *ret) {
        if (supply_is_forced(m))
                ret->at[CAUSE_FORCED] = m->forced_usec;

        ret->at[CAUSE_LOW_BATTERY] = low_battery_due(m, p, s);
        ret->at[CAUSE_OFF] = usec_add(m->off_usec, p->off_duration_usec);
        ret->at[CAUSE_CHARGE] = rule_due(m, p, m->charge_usec);
        ret->at[CAUSE_RUNTIME] = rule_due(m, p, m->runtime_usec);
        if (reading_is_outage(&m->last))
                ret->at[CAUSE_ON_BATTERY] = on_battery_due(m, p, &s->rules);
}

/*** What follows, without ***/

/* The runtime that was left when the supply was last heard, USEC_INFINITY if it is not known. After a sleep
 * it is not. */
static uint64_t last_runtime(const SupplyMemory *m) {
        if (m->resumed_usec != USEC_INFINITY || !value_is_known(m->last.runtime_sec))
                return USEC_INFINITY;

        return usec_from_sec(m->last.runtime_sec);
}

uint64_t supply_empty_usec(const SupplyMemory *m) {
        uint64_t runtime = last_runtime(m);

        if (runtime == USEC_INFINITY || m->on_battery_usec == USEC_INFINITY)
                return USEC_INFINITY;
        return usec_add(m->predicted_usec, runtime);
}

/* What this machine needs of the runtime for itself and those that it waits for. */
static uint64_t shutdown_need(const DecisionPolicy *p, const SupplyPolicy *s) {
        uint64_t need = usec_add(p->shutdown_time_usec, p->final_delay_usec);

        return s->primary ? usec_add(need, p->host_sync_usec) : need;
}

/* The same silence would have been broken by a rule, had there been contact. */
static uint64_t pending_due(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s) {
        uint64_t t, runtime = last_runtime(m), met = m->runtime_usec;

        if (!reading_is_outage(&m->last))
                return USEC_INFINITY;

        if (met == USEC_INFINITY && runtime != USEC_INFINITY && s->rules.runtime_limit_usec != UPSMON_NEVER)
                met = usec_add(m->last.heard_usec, usec_sub(runtime, s->rules.runtime_limit_usec));

        t = MIN(low_battery_due(m, p, s), on_battery_due(m, p, &s->rules));
        t = MIN(t, rule_due(m, p, m->charge_usec));
        return MIN(t, rule_due(m, p, met));
}

/* Never before a silence of DEADTIME, as far as the battery lasts for it, and always before the battery is
 * predicted to be empty. */
static uint64_t lost_battery_due(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s,
                uint64_t since) {
        uint64_t dead = silence_allowed(p), runtime = last_runtime(m), spare, latest, earliest;

        if (runtime == USEC_INFINITY)
                return usec_add(since, dead);

        spare = usec_sub(runtime, shutdown_need(p, s));
        latest = MAX(MAX(spare, MIN(dead, runtime / 2)), SILENCE_MIN_USEC);
        earliest = MAX(MIN(dead, MAX(spare, runtime / 2)), SILENCE_MIN_USEC);
        return MIN(usec_add(since, latest), MAX(usec_add(since, earliest), pending_due(m, p, s)));
}

/* The battery is no concern as long as the supply would bridge all of a failure that began with the silence.
 * */
static uint64_t lost_line_due(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s,
                uint64_t since) {
        uint64_t runtime = last_runtime(m), dead = silence_allowed(p);

        if (runtime == USEC_INFINITY)
                return usec_add(since, dead);

        return usec_add(since, MAX(dead, usec_sub(runtime, shutdown_need(p, s))));
}

static void add_trouble_dues(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s,
                uint64_t since, Dues *ret) {
        const SupplyReading *r = &m->last;
        uint64_t dead = usec_add(since, silence_allowed(p));

        if (has(r, STATUS_OB))
                ret->at[CAUSE_LOST_ON_BATTERY] = lost_battery_due(m, p, s, since);
        if (has(r, STATUS_OVER) && p->over_duration_usec != UPSMON_NEVER)
                ret->at[CAUSE_LOST_OVERLOADED] = MAX(dead, usec_add(since, p->over_duration_usec));
        if (has(r, STATUS_ALARM) && p->alarm_critical)
                ret->at[CAUSE_LOST_ALARM] = dead;
        if (has(r, STATUS_BYPASS))
                ret->at[CAUSE_LOST_BYPASS] = dead;
        if (has(r, STATUS_CAL))
                ret->at[CAUSE_LOST_CALIBRATING] = dead;
        if (has(r, STATUS_OFF) && p->off_duration_usec != UPSMON_NEVER)
                ret->at[CAUSE_LOST_OFF] = MAX(dead, usec_add(m->off_usec, p->off_duration_usec));
        if (supply_is_forced(m))
                ret->at[CAUSE_FORCED] = dead;
}

static void add_lost_dues(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, Dues *ret) {
        uint64_t since = m->resumed_usec != USEC_INFINITY ? m->resumed_usec : m->last.heard_usec;
        uint64_t first = USEC_INFINITY;

        add_trouble_dues(m, p, s, since, ret);
        for (size_t c = 0; c < _CAUSE_MAX; c++)
                first = MIN(first, ret->at[c]);
        if (first == USEC_INFINITY) {
                first = lost_line_due(m, p, s, since);
                if (p->lost_policy == LOST_COUNTS_ALWAYS)
                        ret->at[CAUSE_LOST_ON_LINE] = first;
        }

        ret->uncounted_usec = first;
        if (p->lost_policy == LOST_COUNTS_NEVER)
                for (size_t c = 0; c < _CAUSE_MAX; c++)
                        ret->at[c] = USEC_INFINITY;
        if (m->latched != CAUSE_NONE)
                ret->at[m->latched] = MIN(ret->at[m->latched], m->latched_usec);
}

/*** Together ***/

static void find_dues(const SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, Dues *ret) {
        for (size_t c = 0; c < _CAUSE_MAX; c++)
                ret->at[c] = USEC_INFINITY;
        ret->uncounted_usec = USEC_INFINITY;

        if (m->last.contact == CONTACT_NEVER)
                ret->uncounted_usec = usec_add(m->unheard_usec, silence_allowed(p));
        else if (m->fresh)
                add_fresh_dues(m, p, s, ret);
        else if (!m->doubted)
                add_lost_dues(m, p, s, ret);
}

void supply_hold(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, uint64_t now) {
        Dues dues;

        find_dues(m, p, s, &dues);
        for (size_t c = 0; c < _CAUSE_MAX; c++)
                if (usec_reached(dues.at[c], now))
                        m->held |= CAUSE_BIT(c);
}

bool supply_is_good(const SupplyMemory *m) {
        return m->fresh && m->view.state == SUPPLY_ONLINE && m->view.counts;
}

static SupplyState find_state(const SupplyMemory *m, const DecisionPolicy *p, uint64_t now) {
        if (m->last.contact == CONTACT_NEVER)
                return SUPPLY_UNKNOWN;
        if (usec_reached(m->critical_usec, now))
                return SUPPLY_CRITICAL;
        if (!m->fresh)
                return usec_reached(m->uncounted_usec, now) ? SUPPLY_UNKNOWN : SUPPLY_LOST;
        if (m->low_usec != USEC_INFINITY)
                return SUPPLY_LOW;
        if (m->off_usec != USEC_INFINITY && p->off_duration_usec != UPSMON_NEVER)
                return SUPPLY_LOW;

        return m->on_battery_usec != USEC_INFINITY ? SUPPLY_ON_BATTERY : SUPPLY_ONLINE;
}

static uint64_t find_wakeup(const SupplyMemory *m, const DecisionPolicy *p, uint64_t now) {
        uint64_t candidates[] = {
                m->critical_usec,
                m->uncounted_usec,
                usec_add(m->resumed_usec, silence_allowed(p)),
        };
        uint64_t t = USEC_INFINITY;

        for (size_t i = 0; i < ELEMENTSOF(candidates); i++)
                if (candidates[i] > now)
                        t = MIN(t, candidates[i]);
        return t;
}

void supply_conclude(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, uint64_t now) {
        Cause cause = CAUSE_NONE;
        Dues dues;

        find_dues(m, p, s, &dues);
        m->critical_usec = USEC_INFINITY;
        m->uncounted_usec = dues.uncounted_usec;
        for (size_t c = 0; c < _CAUSE_MAX; c++)
                if (m->held & CAUSE_BIT(c))
                        m->uncounted_usec = MIN(m->uncounted_usec, dues.at[c]);
                else if (dues.at[c] < m->critical_usec) {
                        m->critical_usec = dues.at[c];
                        cause = (Cause) c;
                }

        m->wakeup_usec = find_wakeup(m, p, now);
        m->view.state = find_state(m, p, now);
        m->view.cause = cause;
        m->view.deadline_usec = m->view.state == SUPPLY_CRITICAL ? USEC_INFINITY : m->critical_usec;
        m->view.on_battery_since_usec = 0;
        if (m->on_battery_usec != USEC_INFINITY)
                m->view.on_battery_since_usec = MAX(m->on_battery_usec, UINT64_C(1));
        m->view.ignored = m->leftover;
        m->view.counts = m->view.state != SUPPLY_CRITICAL && !usec_reached(m->uncounted_usec, now);
}
