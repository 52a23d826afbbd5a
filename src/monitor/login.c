/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "login.h"

#include <fcntl.h>
#include <poll.h>

#include "armed.h"
#include "bus-peer.h"
#include "call.h"
#include "log.h"
#include "power-off.h"
#include "string-util.h"
#include "time-util.h"

/* What remains to be done when all timers have run down, and for the lock to be let go of. */
#define MARGIN_USEC (5 * USEC_PER_SEC)

/* A lock that was refused is asked for again after this time: who decides may have been late at boot. */
#define LOCK_RETRY_USEC (60 * USEC_PER_SEC)

/* A shutdown that was let go is looked after from this time on. */
#define RELEASED_USEC (5 * USEC_PER_SEC)

/* A sleep that logind did not announce to us is believed when the clock has stood still for so long. */
#define SLEPT_MIN_USEC USEC_PER_SEC

/* One lock each: for several things at once logind wants a privilege that it does not want for either. */
static const struct {
        const char *what, *mode, *why, *without;
} locks[_LOCK_MAX] = {
        [LOCK_SHUTDOWN] = { "shutdown", "delay", "Other machines on the same UPS go down first",
                            "delay a shutdown that somebody else begins" },
        [LOCK_SLEEP]    = { "sleep", "delay", "What is known of the power is forgotten during sleep",
                            "notice in time that the machine goes to sleep" },
        [LOCK_AWAKE]    = { "sleep", "block",
        "On battery, the machine has to stay awake to shut down in time",
                            "keep the machine awake while on battery" },
};

/* The asking for one of them. */
typedef struct Taking {
        Login *login;
        sd_bus_slot *call;
        bool complained;
        uint64_t refused_usec; /* 0: it was not */
} Taking;

struct Login {
        Monitor *monitor;
        sd_bus *bus;
        BusPeer *peer;
        sd_bus_slot *shutdown, *shutdown_metadata, *sleep, *sleep_metadata;
        sd_bus_slot *limit_call, *type_call, *going_call;
        Taking locks[_LOCK_MAX];
        char *type;       /* of the shutdown that was announced, as its metadata say; NULL: they do not */
        char *sleep_type; /* likewise */
        bool sleeping; /* the machine is about to, or does */
        bool met;      /* it was seen who logind is, if there is one */
};

bool shutdown_type_is_power_off(const char *type) {
        static const char *const types[] = { "power-off", "poweroff", "halt" };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (streq(type, types[i]))
                        return true;
        return false;
}

/*** Locks ***/

/* The other end of a lock is logind's: it is closed when logind forgot about it. */
static bool lock_is_dead(int fd) {
        struct pollfd p = { .fd = fd };

        return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLNVAL));
}

static int take_fd(sd_bus_message *m, int *fd) {
        int given;

        int r = sd_bus_message_read(m, "h", &given);
        if (r < 0)
                return r;

        int copy = fcntl(given, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        safe_close(*fd);
        *fd = copy;
        return 0;
}

static bool is_wanted(const Login *l, LockKind kind) {
        const Monitor *m = l->monitor;

        switch (kind) {
        case LOCK_SHUTDOWN:
                return !m->external && !power_off_is_begun(m->power_off);
        case LOCK_SLEEP:
                return !m->external && !l->sleeping;
        default:
                return !m->conf->allow_sleep_on_battery && monitor_in_trouble(m);
        }
}

static int on_lock(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Taking *t = userdata;
        Monitor *monitor = t->login->monitor;
        LockKind kind = (LockKind) (t - t->login->locks);
        const char *failure = call_error_name(m) ? call_failure(m) : NULL;

        t->call = sd_bus_slot_unref(t->call);
        if (!failure && take_fd(m, monitor->lock_fds + kind) < 0)
                failure = "there is no descriptor in the answer";
        t->refused_usec = failure ? now_usec(CLOCK_BOOTTIME) : 0;
        if (failure && !t->complained)
                log_warning("logind does not let us %s: %s", locks[kind].without, failure);
        t->complained = failure;

        login_follow_locks(t->login); /* it may be unwanted by now */
        return 0;
}

static void follow_lock(Login *l, LockKind kind) {
        int *fd = l->monitor->lock_fds + kind;
        Taking *t = l->locks + kind;
        bool wanted = is_wanted(l, kind);

        if (*fd >= 0 && (!wanted || lock_is_dead(*fd)))
                *fd = safe_close(*fd);
        if (!wanted || *fd >= 0 || t->call)
                return;
        if (t->refused_usec > 0 && usec_sub(now_usec(CLOCK_BOOTTIME), t->refused_usec) < LOCK_RETRY_USEC)
                return;

        (void) call_method(l->bus, &t->call, PEER_LOGIN, "Inhibit", STEP_TIMEOUT_USEC, on_lock, t, "ssss",
                        locks[kind].what, "busbar-monitor", locks[kind].why, locks[kind].mode);
}

void login_follow_locks(Login *l) {
        for (LockKind k = 0; l && k < _LOCK_MAX; k++)
                follow_lock(l, k);
}

void login_release(Monitor *m) {
        m->external = true;
        m->released_usec = now_usec(CLOCK_BOOTTIME);
        m->lock_fds[LOCK_SHUTDOWN] = safe_close(m->lock_fds[LOCK_SHUTDOWN]);
        m->lock_fds[LOCK_SLEEP] = safe_close(m->lock_fds[LOCK_SLEEP]);
}

/*** The limit ***/

static void judge_limit(Monitor *m) {
        bool secondaries = false;

        for (size_t i = 0; i < m->n_supplies; i++)
                secondaries = secondaries || m->supplies[i]->policy.primary;
        m->shown.delay_too_short = secondaries && m->inhibit_delay_max_usec > 0 &&
                m->inhibit_delay_max_usec < usec_add(monitor_sequence_usec(m), MARGIN_USEC);
        if (!m->shown.delay_too_short || m->delay_complained)
                return;

        m->delay_complained = true;
        log_warning("logind delays a shutdown by %" PRIu64 " s at most, and ours takes up to %" PRIu64 " s: "
                    "one that somebody else begins may leave other machines too little time. Set "
                    "InhibitDelayMaxSec= in a drop-in of logind.conf whose name comes behind zz-busbar.conf",
                        m->inhibit_delay_max_usec / USEC_PER_SEC,
                        usec_add(monitor_sequence_usec(m), MARGIN_USEC) / USEC_PER_SEC);
}

static int on_limit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        uint64_t usec;

        l->limit_call = sd_bus_slot_unref(l->limit_call);
        if (!call_error_name(m) && sd_bus_message_read(m, "v", "t", &usec) >= 0)
                l->monitor->inhibit_delay_max_usec = usec;
        judge_limit(l->monitor);
        monitor_kick(l->monitor);
        return 0;
}

void login_refresh(Login *l) {
        if (!l)
                return;

        for (LockKind k = 0; k < _LOCK_MAX; k++)
                l->locks[k].refused_usec = 0;
        login_follow_locks(l);
        (void) call_get(l->bus, &l->limit_call, PEER_LOGIN, "InhibitDelayMaxUSec", STEP_TIMEOUT_USEC,
                                on_limit, l);
}

/*** Somebody else's shutdown ***/

static void judge_external(Login *l, const char *type) {
        Monitor *m = l->monitor;

        if (type && shutdown_type_is_power_off(type)) {
                log_notice("Somebody powers this machine off");
                monitor_step(m, REQUEST_EXTERNAL);
                return;
        }

        /* The guard unit asks us again when it is certain that the machine does not come back by itself. */
        if (type)
                log_info("Somebody begins a shutdown of type %s, which does not end with the power off",
                                type);
        else
                log_info("Somebody begins a shutdown of a type that is not known yet");
        armed_remove(m);
        login_release(m);
}

static int on_scheduled(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *type = NULL;
        Login *l = userdata;
        uint64_t usec;

        l->type_call = sd_bus_slot_unref(l->type_call);
        if (!call_error_name(m) && sd_bus_message_read(m, "v", "(st)", &type, &usec) < 0)
                type = NULL;
        judge_external(l, isempty(type) ? NULL : type);
        return 0;
}

static void on_begin(Login *l) {
        Monitor *m = l->monitor;

        if (m->external)
                return;
        if (power_off_is_active(m->power_off)) {
                power_off_begun(m->power_off);
                login_release(m);
        } else if (l->type)
                judge_external(l, l->type);
        else if (call_get(l->bus, &l->type_call, PEER_LOGIN, "ScheduledShutdown", STEP_TIMEOUT_USEC,
                        on_scheduled,
                                 l) < 0)
                judge_external(l, NULL);
}

static void on_abort(Login *l) {
        Monitor *m = l->monitor;
        bool was_down = m->external || power_off_is_active(m->power_off) ||
                        decision_state(m->decision) == HOST_POWERING_OFF;

        (void) free_and_strdup(&l->type, NULL);
        l->type_call = sd_bus_slot_unref(l->type_call);
        l->going_call = sd_bus_slot_unref(l->going_call);
        power_off_stop(m->power_off);
        m->external = false;
        armed_let_go(m);
        login_follow_locks(l);
        if (was_down)
                log_warning("The shutdown did not come about");
        /* One that waits for the others may have been somebody else's, too. */
        if (decision_state(m->decision) >= HOST_WAITING)
                monitor_step(m, REQUEST_FAILED);
}

static int on_system_state(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        const char *state;

        l->going_call = sd_bus_slot_unref(l->going_call);
        /* A manager that does not answer may be at it. */
        if (call_error_name(m) || sd_bus_message_read(m, "v", "s", &state) < 0 || streq(state, "stopping"))
                return 0;
        if (l->monitor->external)
                on_abort(l);
        return 0;
}

static int on_preparing(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        int preparing = false;

        l->going_call = sd_bus_slot_unref(l->going_call);
        if (!call_error_name(m) && sd_bus_message_read(m, "v", "b", &preparing) >= 0 && preparing)
                return 0;
        (void) call_get(l->bus, &l->going_call, PEER_SYSTEMD, "SystemState", STEP_TIMEOUT_USEC,
                        on_system_state, l);
        return 0;
}

/* Nobody says so when a job is cancelled, or when the logind that announced the shutdown is gone. */
void login_look_after_released(Login *l) {
        Monitor *m = l ? l->monitor : NULL;

        if (!m || !m->external || l->going_call ||
            usec_sub(now_usec(CLOCK_BOOTTIME), m->released_usec) < RELEASED_USEC)
                return;
        (void) call_get(l->bus, &l->going_call, PEER_LOGIN, "PreparingForShutdown", STEP_TIMEOUT_USEC,
                        on_preparing, l);
}

/* The value of "type" among metadata, in new memory; NULL without. */
static char *read_type(sd_bus_message *m) {
        const char *key, *value;

        if (sd_bus_message_enter_container(m, 'a', "{sv}") < 0)
                return NULL;
        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                if (sd_bus_message_read(m, "s", &key) < 0)
                        return NULL;
                if (streq(key, "type"))
                        return sd_bus_message_read(m, "v", "s", &value) >= 0 ? strdup(value) : NULL;
                if (sd_bus_message_skip(m, "v") < 0 || sd_bus_message_exit_container(m) < 0)
                        return NULL;
        }
        return NULL;
}

/* Comes before the signal without metadata. */
static int on_prepare_metadata(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        int begin;

        if (!bus_peer_sent(l->peer, m) || sd_bus_message_read(m, "b", &begin) < 0)
                return 0;
        free(l->type);
        l->type = begin ? read_type(m) : NULL;
        return 0;
}

static int on_prepare(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        int begin;

        if (!bus_peer_sent(l->peer, m) || sd_bus_message_read(m, "b", &begin) < 0)
                return 0;
        if (begin)
                on_begin(l);
        else
                on_abort(l);
        return 0;
}

/*** Sleep ***/

static int on_sleep_metadata(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        int begin;

        if (!bus_peer_sent(l->peer, m) || sd_bus_message_read(m, "b", &begin) < 0)
                return 0;
        free(l->sleep_type);
        l->sleep_type = begin ? read_type(m) : NULL;
        return 0;
}

static void on_hibernation_sent(Monitor *m) {
        m->lock_fds[LOCK_SLEEP] = safe_close(m->lock_fds[LOCK_SLEEP]);
}

static int on_sleep(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Login *l = userdata;
        Monitor *monitor = l->monitor;
        bool announced = l->sleeping;
        int begin;

        if (!bus_peer_sent(l->peer, m) || sd_bus_message_read(m, "b", &begin) < 0)
                return 0;

        l->sleeping = begin;
        if (begin) {
                monitor_say(monitor, NOTIFY_SUSPEND_STARTING, NULL, NULL);
                /* Nobody runs the late power-off of a machine that hibernates. */
                if (!l->sleep_type || !startswith(l->sleep_type, "hibernate") ||
                    armed_send_for_hibernation(monitor, on_hibernation_sent) <= 0)
                        on_hibernation_sent(monitor);
                return 0;
        }

        /* Without a sleep nothing that was heard is old. */
        if (!announced && usec_sub(monitor_slept_usec(), monitor->slept_usec) < SLEPT_MIN_USEC)
                return 0;
        monitor_say(monitor, NOTIFY_SUSPEND_FINISHED, NULL, NULL);
        monitor->resumed = true;
        monitor->slept_usec = monitor_slept_usec();
        login_follow_locks(l);
        monitor_kick(monitor);
        return 0;
}

/*** Life ***/

static void on_owner(void *userdata, const char *owner) {
        Login *l = userdata;
        bool new = l->met && owner;

        l->met = true;
        if (!new)
                return;

        /* What an earlier one announced it does not know of; but the system may be stopping already. */
        l->sleeping = false;
        l->monitor->released_usec = 0;
        login_refresh(l);
        login_look_after_released(l);
}

static int add_match(Login *l, sd_bus_slot **slot, const char *member, sd_bus_message_handler_t handler) {
        Peer peer = PEER_LOGIN;

        return sd_bus_match_signal_async(l->bus, slot, peer.name, peer.path, peer.interface, member, handler,
                        NULL, l);
}

/* Who logind is is asked for first, so that it is known when the first signal comes. */
static int add_matches(Login *l) {
        int r = bus_peer_new(l->bus, PEER_LOGIN.name, on_owner, l, &l->peer);
        if (r < 0)
                return r;
        r = add_match(l, &l->shutdown_metadata, "PrepareForShutdownWithMetadata", on_prepare_metadata);
        if (r < 0)
                return r;
        r = add_match(l, &l->shutdown, "PrepareForShutdown", on_prepare);
        if (r < 0)
                return r;
        r = add_match(l, &l->sleep_metadata, "PrepareForSleepWithMetadata", on_sleep_metadata);
        if (r < 0)
                return r;
        return add_match(l, &l->sleep, "PrepareForSleep", on_sleep);
}

int login_new(Monitor *m, Login **ret) {
        _cleanup_(login_freep) Login *l = new0(Login, 1);

        if (!l)
                return -ENOMEM;
        l->monitor = m;
        l->bus = sd_bus_ref(m->bus);
        for (LockKind k = 0; k < _LOCK_MAX; k++)
                l->locks[k].login = l;

        int r = add_matches(l);
        if (r < 0)
                return r;
        login_follow_locks(l);
        login_refresh(l);
        *ret = TAKE_PTR(l);
        return 0;
}

Login *login_free(Login *l) {
        if (!l)
                return NULL;

        sd_bus_slot **slots[] = { &l->shutdown, &l->shutdown_metadata, &l->sleep, &l->sleep_metadata,
                        &l->limit_call, &l->type_call, &l->going_call };
        for (size_t i = 0; i < ELEMENTSOF(slots); i++)
                *slots[i] = sd_bus_slot_unref(*slots[i]);
        for (LockKind k = 0; k < _LOCK_MAX; k++)
                sd_bus_slot_unref(l->locks[k].call);
        bus_peer_free(l->peer);
        free(l->type);
        free(l->sleep_type);
        sd_bus_unref(l->bus);
        free(l);
        return NULL;
}
