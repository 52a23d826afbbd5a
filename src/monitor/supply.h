/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-mirror.h"
#include "decision.h"
#include "notice.h"

/* Whether it was told to switch off after a while. */
typedef enum OffState {
        OFF_NONE,
        OFF_PREPARED, /* its delay is being set */
        OFF_SENT,
} OffState;

/* A device that is watched, and all that is known of it. */
typedef struct Supply {
        char *device; /* how the bus calls it */
        char *system; /* as in upsmon.conf */
        bool implied; /* nobody asked for it: it is a UPS of this machine */
        SupplyPolicy configured; /* as upsmon.conf has it */
        SupplyPolicy policy;     /* in force */

        SupplyReading reading;
        char **status; /* with the alarms and tokens without a meaning: of when the device was last heard */
        char *alarms, *others;
        bool eco;
        double load_percent;
        uint64_t test_usec;     /* since when nothing but ups.test.result says that a test runs, or 0 */
        bool test_disbelieved;  /* for too long */
        const char *remark;     /* what is odd about it, or NULL */
        char *driver, *transport; /* as the bus said last; "" before */
        char **nodes;             /* the same; what they were is kept while the driver does not know */

        char *forced_by;     /* owner of the FSD that the gateway shows, or NULL */
        unsigned n_logins;   /* who is logged in, as the gateway or the other server said last */
        uint64_t lease_usec; /* the longest time that one of them needs, or 0 */
        bool set_by_us;      /* we set the FSD */
        OffState off;
        uint64_t need_sec;   /* what the relay of a link was told that we need, 0: nothing yet */

        NoticeState notices;
} Supply;

/* Neither name may be NULL. */
int supply_new(const char *device, const char *system, Supply **ret);
Supply *supply_free(Supply *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Supply *, supply_free);

/* A device of another host, which a driver of ours follows. */
bool supply_is_link(const Supply *s) _pure_;

/* Reached over a network that may go before the machine does. */
bool supply_is_remote(const Supply *s) _pure_;

/* Reads the device anew; NULL when it is not on the bus. What is older than max_age_usec is not believed. */
void supply_look(Supply *s, const MirrorDevice *d, uint64_t max_age_usec, uint64_t now_usec);

/*** The parts of it that are only about values ***/

/* Tokens of a status as bits; the last two arguments may be NULL: tokens without a meaning, in new
 * memory. */
StatusBits status_from_tokens(char *const *tokens, char **ret_others);

/* What input.voltage says, whatever the status says. Values may be NaN. */
Mains mains_from_voltage(double voltage, double nominal) _const_;

/* How many others are logged in to the device of a link. A server that does not tell has somebody there,
 * who is waited for as long as anybody is. */
unsigned model_other_logins(const Model *m);

/* Whether a test runs, so that being on battery says nothing of the mains. What ups.test.result says by
 * itself may be stuck: it is taken for TEST_RESULT_MAX_USEC after it was first seen, *since, and not at all
 * with LB and a charge that is below TEST_CHARGE_MIN percent. *ret_disbelieved says that it is not taken. */
#define TEST_RESULT_MAX_USEC (UINT64_C(600) * 1000000)
#define TEST_CHARGE_MIN 10.0
bool test_is_running(StatusBits bits, const char *result, double charge, uint64_t now_usec, uint64_t *since,
                bool *ret_disbelieved);

/* Whether the device says that it is in a mode that saves energy at the cost of protection. */
bool model_is_eco(const Model *m) _pure_;
