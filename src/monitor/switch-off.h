/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* UPSes that are told over the bus to switch off after a while, because nobody can tell them later: the
 * network is gone by then, or this machine stays up. One whose delay would end before the machines that it
 * feeds have is not told. */

/* Tells those of which wanted() says so. Returns 1 when done() will be called once all have answered, else
 * 0. */
int switch_off(Monitor *m, bool (*wanted)(const Monitor *m, size_t i), void (*done)(Monitor *m));

/* Whether the supply can be told. 0: as it is; 1: its delay has to be set first; -EOPNOTSUPP: not, and why,
 * in new memory, NULL without memory. */
int switch_off_check(const Monitor *m, const Supply *s, char **ret_why);

/* Called off: those that were told are to stay on. */
void switch_off_take_back(Monitor *m);

/* Adds the devices that were told and have no command by which to take that back. */
int switch_off_list_final(const Monitor *m, char ***names);

/* Those without a FSD of ours may be told again. */
void switch_off_forget(Monitor *m);
