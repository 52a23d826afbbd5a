/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device-internal.h"
#include "job.h"

/* Threads for hooks that block: one worker per session of a device. The loop posts a job and goes on; the
 * outcome comes back as an event on the loop. Letting go of a worker never waits: the thread is
 * interrupted until its hook returns, then calls stop() and ends. One that does not return within the
 * grace time is left to itself: it owns the device, and frees it if it ever gets that far. */

typedef struct WorkerGroup WorkerGroup;
typedef struct Worker Worker;

/* The outcome of a job. The callback takes the update over. The worker may be released in it. */
typedef void (*WorkerDone)(void *userdata, int r, Update *u);

/* The thread is over, or was given up. */
typedef void (*WorkerGone)(void *userdata);

/* The workers of a process. Installs the handler of the signal that interrupts system calls (SIGUSR1). */
int worker_group_new(sd_event *event, WorkerGroup **ret);

/* Lets go of all workers and waits for their threads, together at most a second; needs no running event
 * loop. */
WorkerGroup *worker_group_free(WorkerGroup *g);
DEFINE_TRIVIAL_CLEANUP_FUNC(WorkerGroup *, worker_group_free);

/* How long a released worker is interrupted before it is given up; 5 s at first. */
void worker_group_set_grace(WorkerGroup *g, uint64_t usec);

/* Threads that have not ended and were not given up. */
size_t worker_group_n_workers(const WorkerGroup *g) _pure_;

/* Whether the thread of an earlier session of a device, by name, has not ended and was not given up: it may
 * still have the device open. */
bool worker_group_holds(const WorkerGroup *g, const char *device_name) _pure_;

/* Starts the thread of a device and owns the device from then on. */
int worker_new(WorkerGroup *g, Device *device, WorkerDone done, void *userdata, Worker **ret);

/* Hands a job to the idle worker, which takes its content over. */
void worker_post(Worker *w, Job *job);

/* Lets go of the worker: a running job's outcome is dropped. gone (may be NULL) is called from the loop
 * when the thread is over or given up; until then the call may be repeated to replace or withdraw it.
 * Returns NULL. */
Worker *worker_release(Worker *w, WorkerGone gone, void *userdata);
