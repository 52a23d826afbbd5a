/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "armed-flag.h"
#include "bus-auth.h"
#include "bus-mirror.h"
#include "daemon.h"
#include "decision.h"
#include "supply.h"
#include "ups-conf.h"
#include "upsmon-conf.h"

typedef struct FileWriter FileWriter;
typedef struct GatewayLink GatewayLink;
typedef struct History History;
typedef struct Login Login;
typedef struct Memory Memory;
typedef struct MonitorBus MonitorBus;
typedef struct NoticeLog NoticeLog;
typedef struct PolicyTable PolicyTable;
typedef struct PowerOff PowerOff;
typedef struct Sequence Sequence;
typedef struct Units Units;

/* No step of a shutdown waits longer for somebody else. */
#define STEP_TIMEOUT_USEC (UINT64_C(5) * 1000000)

/* What the bus was told last; see monitor_bus_changed(). */
typedef struct Shown {
        HostState state;
        Cause cause;
        Cancellation cancellation;
        uint64_t deadline_usec, shutdown_time_usec;
        unsigned power_value, min_supplies;
        bool delay_too_short;
        unsigned remarks; /* counts their changes */
} Shown;

/* What logind is asked for. */
typedef enum LockKind {
        LOCK_SHUTDOWN, /* a shutdown has to wait for us */
        LOCK_SLEEP,    /* a sleep likewise */
        LOCK_AWAKE,    /* no sleep at all, while on battery */
        _LOCK_MAX,
} LockKind;

typedef struct Monitor Monitor;

struct Monitor {
        sd_event *event;
        BusLink *link;
        BusGate *gate;
        sd_bus *bus; /* while connected; the link's */
        Mirror *mirror;
        MonitorBus *object;
        GatewayLink *gateway;
        Login *login;
        Units *units;
        Sequence *sequence;
        PowerOff *power_off;
        NoticeLog *notices;
        History *history;
        PolicyTable *policy;
        FileWriter *history_file, *policy_file;
        Memory *memory;

        sd_event_source *tick, *step, *wakeup, *ready_timeout;
        bool synced;  /* the devices are known */
        bool ready;   /* the service manager was told, and decisions are made */
        bool stopping;
        bool resumed; /* the machine slept since the last step */
        uint64_t slept_usec; /* CLOCK_BOOTTIME minus CLOCK_MONOTONIC, when last looked */

        UpsmonConf *conf;
        UpsConf *ups_conf;
        unsigned power_off_wait_sec; /* POWEROFF_WAIT of nut.conf */
        char *runtime_directory, *state_directory; /* NULL: nowhere to write */
        char boot_id[33];

        Supply **supplies;
        size_t n_supplies;
        bool implied; /* UPSes of this host are watched by themselves: MONITOR lines lack, or are amiss */
        Decision *decision;
        char *reason; /* the sentence for the cause; NULL for none */
        char **remarks; /* see remark.h */
        char *conf_remark; /* what is amiss with upsmon.conf, or NULL */
        char *administrator_reason; /* what an administrator said when forcing or cancelling */
        Shown shown;

        int lock_fds[_LOCK_MAX]; /* they outlive a connection to the bus */
        uint64_t inhibit_delay_max_usec; /* 0: not known */
        bool delay_complained;
        ArmedFlag *flag;     /* that is written, or NULL */
        bool flag_dirty;     /* what is written is not what it should be */
        bool flag_inherited; /* the flag is of an earlier process, for a shutdown that may be under way, */
        bool flag_confirmed; /* or is */
        sd_bus_slot *flag_call;
        bool external;   /* somebody else's shutdown goes on: the lock is not to be taken again */
        uint64_t released_usec; /* since when it does */
};

/* Reads the configuration, then follows the bus. Logs what goes wrong. */
int monitor_new(sd_event *event, Monitor **ret);
Monitor *monitor_free(Monitor *m);
DEFINE_TRIVIAL_CLEANUP_FUNC(Monitor *, monitor_free);

/* Something may have changed: have the machine take a step soon. */
void monitor_kick(Monitor *m);

/* Takes a step at once: looks at all devices, decides, and has done what is to be done. */
void monitor_step(Monitor *m, Request request);

/* The supply of that device, ignoring case, or NULL. */
Supply *monitor_find(const Monitor *m, const char *device) _pure_;

/* As the configuration has it, or a supply is set by policy; to be called after each change of these. */
void monitor_apply_policy(Monitor *m);

/* Says something: to the journal and to the bus. s and matter may be NULL. */
void monitor_say(Monitor *m, NotifyType t, const Supply *s, const char *matter);

/* Tells the service manager how things stand. */
void monitor_notify_status(const Monitor *m);

/* How often the drivers are asked whether they live. */
uint64_t monitor_poll_usec(const Monitor *m);

/* What this machine needs to stop. */
uint64_t monitor_shutdown_time_usec(const Monitor *m);

/* How the timers of the configuration add up: from the forced shutdown to the request to power off. */
uint64_t monitor_sequence_usec(const Monitor *m);

/* How long those who are logged in now are waited for at most. */
uint64_t monitor_wait_usec(const Monitor *m);

/* Whether this is the first start of the monitor since the machine booted. */
bool monitor_is_early(const Monitor *m);

/* Whether a supply is on battery, or worse. */
bool monitor_in_trouble(const Monitor *m) _pure_;

/* Path of a file in the runtime or state directory, in new memory; NULL without such a directory. */
char *monitor_runtime_path(const Monitor *m, const char *name);
char *monitor_state_path(const Monitor *m, const char *name);

/* How long the machine has slept since it booted. */
uint64_t monitor_slept_usec(void);

/*** Configuration; monitor-conf.c ***/

/* Reads the files. At the first time each is taken as far as it can be, later a file with errors leaves
 * things as they were. 1 if all were taken, 0 if not, or a negative errno. */
int monitor_read_configuration(Monitor *m, bool first);

/* Makes the supplies of the configuration, or without MONITOR lines of the devices that are there; what
 * is known of those that stay is kept. Devices that nobody asked for and that are away are dropped at a
 * reload only. */
int monitor_make_supplies(Monitor *m, bool reload);

/* Whether a device is one to watch when nobody says which; and whether that is so and it is not watched
 * yet. */
/* The power value that this machine needs. */
unsigned monitor_min_supplies(const Monitor *m) _pure_;

bool monitor_wants_implied(const Monitor *m, const MirrorDevice *d);

/*** Words; monitor-text.c ***/

/* Why: a sentence with device and values, in new memory, NULL for no cause or without memory. */
char *monitor_reason(const Monitor *m);

/* A duration for people, such as "3 min 10 s". Returns buf. */
const char *format_duration(char *buf, size_t size, uint64_t usec);
