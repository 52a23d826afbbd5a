/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record.h"

/* The files: what is known for ever, and what was seen since the machine was started. */

typedef struct State {
        char *directory, *run_directory; /* /var/lib/busbar-enroll, /run/busbar-enroll */
        Records records;
        char **seen; /* strv: names of devices that were there since the start */
        bool damaged; /* the file has mistakes, and is kept aside before it is replaced */
        bool forgotten; /* one was taken out, and must not come back by a copy */
        int lock_fd;
} State;

/* Waits until nobody else does what we do, for half a minute at most (-ETIMEDOUT), and reads the files.
 * What is wrong with them is logged, and made up for by the copies. dry: takes no lock and makes no
 * directory. */
int state_open(const char *directory, const char *run_directory, bool dry, State *ret);
void state_done(State *s);

/* Notes that a device is there. */
int state_mark_seen(State *s, const char *name);

/* Forgets a device; -ENOENT for one that is not known. */
int state_forget(State *s, const char *name);

/* Makes room for a new device at that place: those that came and went there since the start of the machine
 * are forgotten, the first ones first, but for a few, and but for those that ups.conf names. Whether there
 * were such. */
bool state_forget_strangers(State *s, const char *place);

/* Lets others have the lock: nothing but what was left is written after that. */
void state_unlock(State *s);

/* Notes that a device is left to another program. Whether that is news. */
bool state_note_left(const State *s, const char *name, const char *rival);

/* Writes the files that are to change, each as a whole. A failure is logged; all is tried before the first
 * error is returned. */
int state_save(State *s);

/* The sections for drivers and for whoever reads ups.conf: those that were seen and are not there. In new
 * memory; NULL without. */
char *state_sections(const State *s);
