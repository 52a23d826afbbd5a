/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* Having the UPSes cut the power once the machine is down. */

/* Writes the flag for the devices of this machine, and has those that are reached over the network, which
 * is gone by then, switch off after a while. Returns 1 when done() will be called once the latter have
 * answered, else 0. */
int armed_set(Monitor *m, void (*done)(Monitor *m));

/* This machine stays up: has the supplies with a FSD of ours switch off after a while. Returns as
 * armed_set(). */
int armed_switch_off(Monitor *m, void (*done)(Monitor *m));

/* At the start: keeps a flag of this boot until it is known whether the system goes down, and takes any
 * other away. */
void armed_inherit(Monitor *m);

/* Asks whether it does, as long as that is not known. */
void armed_follow(Monitor *m);

/* The system does not go down after all: takes such a flag away. */
void armed_let_go(Monitor *m);

/* Takes the flag away. */
void armed_remove(Monitor *m);

/* A device that was plugged in anew may have other nodes than the flag says, be it one of an earlier
 * process: writes it again then, until that succeeds. */
void armed_follow_nodes(Monitor *m);

/* The machine is about to hibernate: when its power is running out, has the UPSes switch off after a while.
 * Returns as armed_set(). */
int armed_send_for_hibernation(Monitor *m, void (*done)(Monitor *m));

/* Whether we are the one that may switch it off. */
bool supply_is_ours_to_switch(const Supply *s) _pure_;

/* Whether the late power-off is for this supply, and the program of its driver. */
bool supply_wants_power_off(const Monitor *m, size_t i);
