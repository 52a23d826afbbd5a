/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "decision-table.h"

/* Prints the tables of the decision, for the test that compares docs/SHUTDOWN.md with them. Actions are in
 * the order in which they are done. */

int main(void) {
        for (int c = 0; c < _CAUSE_MAX; c++)
                printf("cause %s\n", cause_to_string((Cause) c));
        for (int s = 0; s < _SUPPLY_STATE_MAX; s++)
                printf("supply %s\n", supply_state_to_string((SupplyState) s));

        for (int s = 0; s < _HOST_STATE_MAX; s++)
                for (int e = 0; e < _HOST_EVENT_MAX; e++) {
                        const HostTransition *t = host_transition((HostState) s, (HostEvent) e);

                        if (!t)
                                continue;
                        printf("host %s %s %s", host_state_to_string((HostState) s),
                                host_event_to_string((HostEvent) e), host_state_to_string(t->next));
                        for (unsigned a = 1; a <= (unsigned) t->actions; a <<= 1)
                                if ((unsigned) t->actions & a)
                                        printf(" %s", action_to_string((Actions) a));
                        putchar('\n');
                }
        return 0;
}
