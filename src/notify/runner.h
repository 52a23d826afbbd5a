/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "macro.h"

/* Runs other people's programs, one after the other, each for a bounded time. What they print goes where our
 * own output goes: to the journal. SIGCHLD must be blocked. */

#define RUNNER_QUEUE_MAX 1024U
#define RUNNER_PARALLEL_MAX 8U

typedef struct Runner Runner;

/* What a job is about, for the owner. */
typedef struct RunnerTag {
        uint64_t serial; /* ascending in the order of the queue */
        uint64_t number, time_usec;
} RunnerTag;

typedef struct RunnerJob {
        char **argv;        /* strv; the program is looked up in PATH */
        char **environment; /* strv, or NULL for our own */
        char *input;        /* what it reads, or NULL for nothing */
        char *what;         /* for messages */
        bool urgent;        /* does not wait for one that hangs */
        RunnerTag tag;
} RunnerJob;

typedef struct RunnerLimits {
        uint64_t run_usec;    /* a program that runs for longer is ended, with all it started */
        uint64_t kill_usec;   /* and killed if that takes longer than this */
        uint64_t urgent_usec; /* an urgent job waits no longer than this, then it is started beside others */
} RunnerLimits;

typedef struct RunnerOps {
        void (*started)(void *userdata, const RunnerTag *tag);
        void (*idle)(void *userdata); /* nothing runs or waits any more */
} RunnerOps;

RunnerJob *runner_job_free(RunnerJob *j);
DEFINE_TRIVIAL_CLEANUP_FUNC(RunnerJob *, runner_job_free);

/* 0 or -ENOMEM. */
int runner_new(sd_event *event, const RunnerLimits *limits, const RunnerOps *ops, void *userdata,
                Runner **ret);

/* Kills what runs. Takes NULL, returns NULL. */
Runner *runner_free(Runner *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Runner *, runner_free);

/* Queues a job, which may start before the return. Takes it over, on failure too. When the queue is full it
 * is dropped, or for an urgent one the oldest that is not; that is logged. 0, -ENOBUFS or -ENOMEM. */
int runner_add(Runner *r, RunnerJob *job);

/* Gives the last job that waits another tag; false if none waits. */
bool runner_retag_last(Runner *r, const RunnerTag *tag);

/* Whether anything runs or waits. */
bool runner_busy(const Runner *r) _pure_;

/* Starts a program in a session of its own, looked up in PATH; one without #! is a shell's, as system() has
 * it. 0 or a negative errno. */
int runner_spawn(char *const *argv, char *const *environment, pid_t *ret);
