/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* The service manager, for a program that has nothing else to do than to wait for it. Each call has a
 * bound. */
typedef struct Systemd Systemd;

/* Connects. -EHOSTUNREACH: there is a bus, and no systemd on it. */
int systemd_new(Systemd **ret);
Systemd *systemd_free(Systemd *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Systemd *, systemd_free);

/* How long a call, for which polkit may ask a person, and a wait for jobs may last; less than a minute
 * without. */
void systemd_set_patience(Systemd *s, uint64_t usec);

/* What went wrong last, in the words of the service manager. */
const char *systemd_failure(const Systemd *s);

/* A unit that is loaded, in words of systemd; -ENOENT for one that is not. *ret_path is in new memory. */
int systemd_get(Systemd *s, const char *unit, char **ret_path);
/* The same for its state: "active", "inactive", "failed", ... */
int systemd_state(Systemd *s, const char *unit, char **ret_state);

/* What is to be with the file of a unit: "enabled", "static", "masked", ..., in new memory. */
int systemd_file_state(Systemd *s, const char *unit, char **ret_state);

/* The main process of a service, or 0. */
pid_t systemd_main_pid(Systemd *s, const char *unit);

/* Whether a unit is up, or is to be. */
bool systemd_is_wanted(Systemd *s, const char *unit);

/* Whether it is down and waits to be started again by itself. */
bool systemd_waits_to_restart(Systemd *s, const char *unit);

/* Whether it was up once since it was loaded. */
bool systemd_was_up(Systemd *s, const char *unit);

/* Whether a socket unit opens just these two special files; the second may be NULL. */
bool systemd_socket_is(Systemd *s, const char *unit, const char *first, const char *second);
/* Whether it opens one of them. */
bool systemd_socket_has(Systemd *s, const char *unit, const char *first, const char *second);

/* Names of units that are up and match the pattern, as a strv. */
int systemd_list(Systemd *s, const char *pattern, char ***ret);

/* Begins a job, and waits for its end if asked to: -EIO when it failed, -ERFKILL when the unit is masked. */
int systemd_start(Systemd *s, const char *unit, bool wait);
/* Waits; a unit that is not loaded is stopped already. */
int systemd_stop(Systemd *s, const char *unit);

/* Begins a job by the manager's method of that name ("StartUnit", ...), to be waited for with others.
 * Returns its number, from 0 on, or -ENOENT and the like as above. */
int systemd_begin(Systemd *s, const char *method, const char *unit);
/* Waits for all jobs that were begun. -ETIMEDOUT when one takes longer than there is patience. */
int systemd_wait(Systemd *s);
/* How a job ended, in the word of systemd ("done", "failed", ...), or NULL if it has not. */
const char *systemd_result(const Systemd *s, size_t i);

/* Kills all processes of a unit. */
int systemd_kill(Systemd *s, const char *unit);

/* Has systemd read its unit files, and run generators, again. */
int systemd_reread(Systemd *s);

/* Makes what has failed ready for another start. */
void systemd_reset(Systemd *s, const char *unit);

/* Waits until a transient unit that was stopped is no more. -ETIMEDOUT. */
int systemd_wait_gone(Systemd *s, const char *unit);

/* Starts a socket unit that opens two special files (the second may be NULL) for reading and writing, for
 * the service of the same name, as long as another unit is up (NULL: without). Waits. */
int systemd_start_special(Systemd *s, const char *unit, const char *description, const char *first,
                const char *second, const char *bound_to);
