/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host.h"

/* How often a password may be guessed. Wrong ones are counted for each network (see host_network()) and user
 * name, and for the network with all names that are tried there. After too many nothing is looked at for a
 * time, which doubles with each further one that is wrong.
 *
 * Nobody is to lock out others: a connection whose credentials were found right once does not ask here any
 * more. A user whose password was right from an address ("trusted", that user from there) has a count of its
 * own, which nobody else adds to, whatever is tried from the addresses beside it. At this machine, where
 * services and people share an address, it is not locked out at all, nor is the machine as a whole.
 *
 * What is known is bounded, the oldest is forgotten, and all of it with the process; its successor trusts
 * who is logged in then. NULL for the table or for the host counts nothing. */

typedef struct Lockouts Lockouts;

typedef struct LockoutPolicy {
        unsigned max_failures; /* 0: there are no lock-outs */
        uint64_t max_usec;     /* the longest one */
} LockoutPolicy;

Lockouts *lockouts_new(void);
Lockouts *lockouts_free(Lockouts *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Lockouts *, lockouts_free);

/* Whether the password of that user from there is not to be looked at now, which is CLOCK_BOOTTIME here and
 * below. */
bool lockouts_hold(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now);

/* The same, and it was not looked at: counts that for the line which is logged at the end. */
bool lockouts_refuse(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now);

/* A password was wrong. Returns whether a lock-out began with it, and logs that. */
bool lockouts_failed(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now);

/* A password was right: the user is trusted from there, and what it got wrong before is forgotten. What was
 * wrong from a network of many addresses may have been somebody else, and is not. */
void lockouts_succeeded(Lockouts *t, const Host *h, const char *user, uint64_t now);

/* Whether the password of that user was right from there before. */
bool lockouts_trust(Lockouts *t, const Host *h, const char *user);

/* Logs the lock-outs that are over, and forgets what was long ago. To be called now and then. */
void lockouts_expire(Lockouts *t, uint64_t now);

/* Ends all of them: the accounts are others now. */
void lockouts_lift(Lockouts *t);

/* How many networks and users are known, for tests. */
size_t lockouts_count(const Lockouts *t) _pure_;
