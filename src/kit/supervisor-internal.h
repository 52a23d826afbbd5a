/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core-variables.h"
#include "device-news.h"
#include "supervisor.h"
#include "watch.h"

/* Shared by supervisor.c, which opens, polls and closes the device, supervisor-model.c, which says what is
 * known of it and has what it shares with others, supervisor-request.c, which has it written to, and
 * supervisor-deadline.c, which knows how long a hook may take. */

typedef enum State {
        STATE_DOWN,     /* closed; the timer opens it */
        STATE_STARTING, /* start() runs */
        STATE_UP,       /* open; the timer polls it */
        STATE_STOPPING, /* closed for us, but its thread is not over yet */
} State;

struct Supervisor {
        sd_event *event;
        WorkerGroup *workers;
        DeviceConfig *config;
        const SupervisorOps *ops;
        void *userdata;
        SupervisorTimes times;

        Model *model;
        CoreCopies copies;

        State state;
        Device *device; /* of the present session; with a worker, it is the worker's */
        Worker *worker; /* also while it ends, in STATE_STOPPING */
        bool restart_due;
        bool handed_over; /* as the driver says: not to be opened again once it is gone */
        bool gone;        /* and it is */

        /* What start() found out. The first poll adds to it, and then it takes the place of what was known
         * before: until then old data, marked stale, are better than none. */
        Update *opening;
        Job job; /* the hook that runs, if busy; a worker has its update */
        bool busy;
        int result;      /* of a hook on the loop that is over */
        Request *request; /* that the job serves */
        bool answering;   /* its asker is told, and may have more to ask */
        bool written;     /* a write is to be seen soon */
        RequestQueue queue;
        Watch watch;      /* of what the device says by itself; silent while a hook runs */
        JobType last_job; /* that has ended */
        bool polled_last; /* the last one but for events was a poll */

        sd_event_source *timer;    /* next start or poll */
        sd_event_source *deadline; /* of the hook that runs */
        sd_event_source *finish;   /* handles a hook's outcome outside of the hook */

        uint64_t job_usec;         /* when the hook began */
        bool doubted;              /* it takes so long that the data were taken for stale */
        uint64_t longest_usec;     /* that a good poll of this session took */
        uint64_t polled_usec;      /* when the last poll began */
        uint64_t polled_full_usec; /* when the last good full one began; 0: one is due */
        uint64_t wanted_usec;      /* when the driver wants the next one at the latest */
        uint64_t retry_usec;
        bool started; /* there was a session */
        int64_t failures; /* polls in a row */
        bool first_poll; /* of a session: none was good yet */
        bool spread;     /* the next poll comes at a random time */
        uint64_t begun_usec; /* when the session began */
        bool settled;
        char *memo;      /* of the driver */
        int kept_fd;     /* device_keep_node(), or negative */
        bool unstored;   /* the service manager was too busy to take it */
        DeviceNews news;
        SharedMemory *shared; /* NULL until it is needed */
};

/* Calls a hook, or has the worker call it. Takes over what the job holds; its update is made here. */
void supervisor_begin(Supervisor *s, Job *job);

/* Applies a batch and tells the world. Takes u over. */
int supervisor_apply(Supervisor *s, Update *u);

/* What a failure makes of the data: a device that is gone has none, one that fails has old ones, and one
 * that was never seen is as good as absent. */
void supervisor_degrade(Supervisor *s, int error);

/* A start has failed or a poll has ended. */
void supervisor_settle(Supervisor *s, int r);

/* Arms the deadline of the hook that begins. */
void supervisor_set_deadline(Supervisor *s);

/* When that comes: whether the hook is to be given up. Else it is armed for what is left, and the data may
 * have become stale. */
bool supervisor_is_overdue(Supervisor *s);

/* Begins the next request, if any and if no hook runs. Returns whether a hook runs now. */
bool supervisor_serve(Supervisor *s);

/* Answers all requests that wait. */
void supervisor_refuse(Supervisor *s, int r);
