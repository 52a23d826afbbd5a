/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <strings.h>

#include "decision.h"
#include "string-util.h"

/* The words that the bus, the history and the diagram use. */

static const char *const host_states[_HOST_STATE_MAX] = {
        [HOST_ONLINE]       = "online",
        [HOST_ON_BATTERY]   = "on-battery",
        [HOST_LOW_BATTERY]  = "low-battery",
        [HOST_WAITING]      = "waiting-for-secondaries",
        [HOST_FINAL_DELAY]  = "final-delay",
        [HOST_POWERING_OFF] = "powering-off",
};

static const char *const supply_states[_SUPPLY_STATE_MAX] = {
        [SUPPLY_UNKNOWN]    = "unknown",
        [SUPPLY_ONLINE]     = "online",
        [SUPPLY_ON_BATTERY] = "on-battery",
        [SUPPLY_LOW]        = "low",
        [SUPPLY_LOST]       = "lost",
        [SUPPLY_CRITICAL]   = "critical",
};

static const char *const causes[_CAUSE_MAX] = {
        [CAUSE_NONE]             = "none",
        [CAUSE_FORCED]           = "forced",
        [CAUSE_LOW_BATTERY]      = "low-battery",
        [CAUSE_OFF]              = "off",
        [CAUSE_CHARGE]           = "charge",
        [CAUSE_RUNTIME]          = "runtime",
        [CAUSE_ON_BATTERY]       = "on-battery",
        [CAUSE_LOST_ON_BATTERY]  = "lost-on-battery",
        [CAUSE_LOST_ON_LINE]     = "lost-on-line",
        [CAUSE_LOST_OVERLOADED]  = "lost-overloaded",
        [CAUSE_LOST_ALARM]       = "lost-alarm",
        [CAUSE_LOST_BYPASS]      = "lost-bypass",
        [CAUSE_LOST_CALIBRATING] = "lost-calibrating",
        [CAUSE_LOST_OFF]         = "lost-off",
        [CAUSE_ADMINISTRATOR]    = "administrator",
        [CAUSE_EXTERNAL]         = "external",
};

static const char *const cancellations[_CANCELLATION_MAX] = {
        [CANCELLATION_MAINS]         = "mains",
        [CANCELLATION_ADMINISTRATOR] = "administrator",
        [CANCELLATION_NONE]          = "none",
};

static const struct {
        const char *token;
        StatusBits bit;
} tokens[] = {
        { "OL", STATUS_OL },           { "OB", STATUS_OB },       { "LB", STATUS_LB },
        { "RB", STATUS_RB },           { "CHRG", STATUS_CHRG },   { "DISCHRG", STATUS_DISCHRG },
        { "BYPASS", STATUS_BYPASS },   { "CAL", STATUS_CAL },     { "OFF", STATUS_OFF },
        { "OVER", STATUS_OVER },       { "TRIM", STATUS_TRIM },   { "BOOST", STATUS_BOOST },
        { "FSD", STATUS_FSD },         { "ALARM", STATUS_ALARM }, { "TEST", STATUS_TEST },
        { "HB", STATUS_HB },           { "ECO", STATUS_ECO },
};

StatusBits status_bit_from_token(const char *token) {
        for (size_t i = 0; i < ELEMENTSOF(tokens); i++)
                if (strcaseeq(token, tokens[i].token))
                        return tokens[i].bit;

        return STATUS_OTHER;
}

const char *status_bit_to_token(StatusBits bit) {
        for (size_t i = 0; i < ELEMENTSOF(tokens); i++)
                if (tokens[i].bit == bit)
                        return tokens[i].token;

        return "OTHER";
}

static const char *word(const char *const *words, size_t n, int i) {
        return i >= 0 && (size_t) i < n ? words[i] : NULL;
}

static int find_word(const char *const *words, size_t n, const char *s) {
        for (size_t i = 0; i < n; i++)
                if (streq(words[i], s))
                        return (int) i;

        return -EINVAL;
}

const char *host_state_to_string(HostState s) {
        return word(host_states, _HOST_STATE_MAX, s);
}

HostState host_state_from_string(const char *s) {
        return find_word(host_states, _HOST_STATE_MAX, s);
}

const char *supply_state_to_string(SupplyState s) {
        return word(supply_states, _SUPPLY_STATE_MAX, (int) s);
}

const char *cause_to_string(Cause c) {
        return word(causes, _CAUSE_MAX, c);
}

Cause cause_from_string(const char *s) {
        return find_word(causes, _CAUSE_MAX, s);
}

const char *cancellation_to_string(Cancellation c) {
        return word(cancellations, _CANCELLATION_MAX, (int) c);
}
