/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager-internal.h"

#include <grp.h>

#include "core-variables.h"
#include "kept-node.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf.h"

#define STATUS_DELAY_USEC (250 * USEC_PER_MSEC)

/* Between the starts of devices on the loop. Hundreds that all have something to say at once would cost the
 * loop more time than the work itself. */
#define BEGIN_USEC (3 * USEC_PER_MSEC)

/*** Readiness and status ***/

static void count_freshness(const Manager *m, size_t counts[static _FRESHNESS_MAX], size_t *ret_unsettled) {
        size_t unsettled = 0;

        for (size_t i = 0; i < m->n_devices; i++) {
                const Supervisor *s = served_device_supervisor(m->devices[i]);

                if (supervisor_is_settled(s))
                        counts[model_freshness(supervisor_model(s))]++;
                else
                        unsettled++;
        }

        *ret_unsettled = unsettled;
}

static char *describe_one(const Manager *m) {
        const Supervisor *s = served_device_supervisor(m->devices[0]);
        const DeviceConfig *c = supervisor_config(s);

        return strprintf("STATUS=%s at %s: %s", c->name, c->port,
                        supervisor_is_settled(s) ? freshness_to_string(model_freshness(supervisor_model(s)))
                                                 : "starting");
}

static char *describe_many(const Manager *m) {
        size_t counts[_FRESHNESS_MAX] = {}, unsettled;
        char stale[32] = "", absent[32] = "", starting[32] = "", waiting[64] = "";

        count_freshness(m, counts, &unsettled);
        if (counts[FRESHNESS_STALE] > 0)
                (void) snprintf(stale, sizeof(stale), ", %zu stale", counts[FRESHNESS_STALE]);
        if (counts[FRESHNESS_ABSENT] > 0)
                (void) snprintf(absent, sizeof(absent), ", %zu absent", counts[FRESHNESS_ABSENT]);
        if (unsettled > 0)
                (void) snprintf(starting, sizeof(starting), ", %zu starting", unsettled);
        if (m->n_waiting > 0)
                (void) snprintf(waiting, sizeof(waiting), ", %zu served by another process", m->n_waiting);
        return strprintf("STATUS=%zu devices: %zu fresh%s%s%s%s", m->n_devices + m->n_waiting,
                        counts[FRESHNESS_FRESH], stale, absent, starting, waiting);
}

static int on_status_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        char *text = m->n_devices == 1 && m->n_waiting == 0 ? describe_one(m) : describe_many(m);

        /* Each poll may be news, most are none. */
        if (!text || streq_ptr(text, m->status)) {
                free(text);
                return 0;
        }
        daemon_notify(text);
        free(m->status);
        m->status = text;
        return 0;
}

static void tell_ready(Manager *m) {
        if (m->ready)
                return;

        m->ready = true;
        daemon_notify("READY=1");
        log_info("Serving %zu %s.", m->n_devices, m->n_devices == 1 ? "device" : "devices");
}

static int on_ready_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        tell_ready(userdata);
        return 0;
}

void manager_note_news(Manager *m) {
        size_t counts[_FRESHNESS_MAX] = {}, unsettled;
        int enabled = SD_EVENT_OFF;

        if (!m->ready) {
                count_freshness(m, counts, &unsettled);
                if (unsettled == 0)
                        tell_ready(m);
        }

        (void) sd_event_source_get_enabled(m->status_timer, &enabled);
        if (enabled != SD_EVENT_OFF)
                return;
        (void) sd_event_source_set_time_relative(m->status_timer, STATUS_DELAY_USEC);
        (void) sd_event_source_set_enabled(m->status_timer, SD_EVENT_ONESHOT);
}

bool manager_serves_many(const Manager *m) {
        return m->args->all || m->args->process_group;
}

static bool device_is_gone(const ServedDevice *d) {
        return supervisor_is_gone(served_device_supervisor((ServedDevice *) d));
}

static void on_news(void *userdata) {
        Manager *m = userdata;

        manager_note_news(m);
        for (size_t i = 0; i < m->n_devices; i++)
                if (device_is_gone(m->devices[i]))
                        (void) sd_event_source_set_enabled(m->gone_source, SD_EVENT_ONESHOT);
}

/*** Devices ***/

static void set_group(const Manager *m, ServedDevice *d) {
        const DeviceConfig *config = served_device_config(d);
        const char *name = m->args->group ?: device_config_get(config, "group");
        const struct group *g;
        int r;

        if (isempty(name))
                return;
        /* It may be the name of a group of devices as well. */
        if (m->driver->grouped && !m->args->group && !ups_conf_is_system_group(name, ""))
                return;

        g = getgrnam(name);
        r = g ? served_device_set_group(d, g->gr_gid) : -ESRCH;
        if (r == -ESRCH)
                (void) log_of(config, LOG_WARNING, 0, "There is no group %s.", name);
        else if (r < 0)
                (void) log_of(config, LOG_WARNING, r, "Group %s cannot use the socket: %m", name);
}

/* A driver without its socket still serves the bus; but a socket that is served means that another
 * process has the device. */
static int open_socket(const Manager *m, ServedDevice *d, const char *state_path) {
        const DeviceConfig *config = served_device_config(d);
        const DriverSocketConfig socket_config = {
                .directory = state_path,
                .driver = m->driver->name,
                .device = config->name,
                .listen_fds = &m->listen_fds,
        };
        int r;

        r = served_device_listen(d, &socket_config);
        if (r == -EADDRINUSE)
                return log_of(config, m->args->process_group ? manager_waiting_level(m) : LOG_ERR, r,
                                "Another process serves this device at %s/%s-%s; %s.", state_path,
                                m->driver->name, config->name,
                                m->args->process_group ? "waiting until it lets go" : "stop it first");
        if (r < 0)
                (void) log_of(config, LOG_WARNING, r, "No driver socket at %s/%s-%s: %m", state_path,
                                m->driver->name, config->name);
        set_group(m, d);
        return 0;
}

static int manager_open_device(Manager *m, ServedDevice *d, const char *state_path) {
        const DeviceConfig *config = served_device_config(d);
        size_t counts[_FRESHNESS_MAX] = {}, n_unsettled;
        int r;

        r = open_socket(m, d, state_path);
        if (r < 0)
                return r;

        if (m->bus) {
                r = served_device_attach(d, m->bus, m->gate);
                if (r < 0)
                        return log_of(config, LOG_ERR, r, "Cannot put the device on the bus: %m");
        }

        if (m->driver->grouped) {
                count_freshness(m, counts, &n_unsettled);
                supervisor_times(served_device_supervisor(d))->begin_usec = n_unsettled * BEGIN_USEC;
        }
        r = supervisor_start(served_device_supervisor(d));
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot start the device: %m");
        return 0;
}

int manager_add_device(Manager *m, DeviceConfig *config, const char *state_path) {
        _cleanup_(served_device_freep) ServedDevice *d = NULL;
        ServedDevice **grown;
        int r;

        grown = reallocarray(m->devices, m->n_devices + 1, sizeof(ServedDevice *));
        if (!grown)
                return log_oom();
        m->devices = grown;

        r = served_device_new(m->event, m->workers, config, on_news, m, &d);
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot prepare the device: %m");
        if (m->shared)
                supervisor_share(served_device_supervisor(d), m->shared);
        supervisor_set_node(served_device_supervisor(d), kept_node_take(config->name, config->port));
        r = manager_open_device(m, d, state_path);
        /* Of a group, since its section may just have moved here from another. */
        if (r == -EADDRINUSE && m->args->process_group)
                (void) manager_wait_for_device(m, config, state_path);
        if (r < 0) {
                supervisor_forget_node(served_device_supervisor(d));
                return r;
        }

        m->devices[m->n_devices++] = TAKE_PTR(d);
        manager_note_news(m);
        return 0;
}

void manager_remove_device(Manager *m, size_t i) {
        supervisor_forget_node(served_device_supervisor(m->devices[i]));
        served_device_free(m->devices[i]);
        m->n_devices--;
        memmove(m->devices + i, m->devices + i + 1, (m->n_devices - i) * sizeof(ServedDevice *));
        manager_note_news(m);
}

/* What was handed over with the device cannot come back in this process: the next one gets it. Ready or
 * not, we have done what there was to do, and the service manager must not see a failure in that. */
static int on_gone(sd_event_source *source, void *userdata) {
        Manager *m = userdata;

        for (size_t i = m->n_devices; i-- > 0;)
                if (device_is_gone(m->devices[i]))
                        manager_remove_device(m, i);

        if (m->n_devices == 0) {
                tell_ready(m);
                log_info("No device is left to serve, ending.");
                (void) sd_event_exit(m->event, EXIT_SUCCESS);
        }
        return 0;
}

/*** The bus ***/

static void on_name_taken(void *userdata, const char *name, pid_t pid) {
        Manager *m = userdata;

        if (pid > 0)
                log_error("Process %d has the bus name %s already; stop it first.", (int) pid, name);
        else
                log_error("Another process has the bus name %s already; stop it first.", name);
        (void) sd_event_exit(m->event, EXIT_FAILURE);
}

static void on_bus_lost(void *userdata) {
        Manager *m = userdata;

        m->claim = bus_claim_free(m->claim);
        for (size_t i = 0; i < m->n_devices; i++)
                served_device_detach(m->devices[i]);
        m->object_manager = sd_bus_slot_unref(m->object_manager);
        m->bus = NULL;
}

static int connect_bus(Manager *m, sd_bus *bus) {
        int r;

        r = bus_device_add_manager(bus, &m->object_manager);
        if (r < 0)
                return r;

        for (size_t i = 0; i < m->n_devices; i++) {
                r = served_device_attach(m->devices[i], bus, m->gate);
                if (r < 0)
                        return r;
        }

        /* Names last: whoever sees them finds the devices. */
        r = bus_claim_new(bus, m->instance, on_name_taken, m, &m->claim);
        if (r < 0)
                return r;

        m->bus = bus;
        return 0;
}

static int on_bus_connected(void *userdata, sd_bus *bus) {
        int r;

        r = connect_bus(userdata, bus);
        if (r < 0)
                on_bus_lost(userdata);
        return r;
}

/*** The process ***/

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata) {
        Manager *m = userdata;

        daemon_notify_reloading();
        /* Whoever asked for it is told how it stands then, even if it stands as before. */
        free(m->status);
        m->status = NULL;
        manager_reload(m);
        manager_note_news(m);
        daemon_notify("READY=1");
        return 0;
}

static void manager_done(Manager *m) {
        m->link = bus_link_free(m->link);
        for (size_t i = 0; i < m->n_devices; i++)
                served_device_free(m->devices[i]);
        free(m->devices);
        bus_gate_free(m->gate);
        m->workers = worker_group_free(m->workers);
        m->shared = shared_memory_unref(m->shared);
        sd_event_source_disable_unref(m->ready_timer);
        sd_event_source_disable_unref(m->status_timer);
        sd_event_source_disable_unref(m->gone_source);
        manager_waiting_done(m);
        sd_event_unref(m->event);
        listen_fds_done(&m->listen_fds);
        free(m->instance);
        free(m->status);
        *m = (Manager) {};
}

/* At boot the network waits for links to be ready, since it is to outlive them at shutdown. They must not
 * wait for it in turn. */
static uint64_t longest_start(const DeviceList *list) {
        uint64_t longest = 0;

        for (size_t i = 0; i < list->n_configs; i++)
                if (!device_name_is_link(list->configs[i]->name))
                        longest = MAX(longest, device_config_usec(list->configs[i], "maxstartdelay"));
        return longest;
}

static char *instance_of(const Manager *m, const DeviceList *list) {
        if (m->args->process_group)
                return bus_claim_instance_group(m->driver->name, m->args->process_group);
        if (m->args->all || list->n_configs != 1)
                return bus_claim_instance_all(m->driver->name);
        return bus_claim_instance(list->configs[0]->name);
}

static int manager_set_up(Manager *m, const DeviceList *list) {
        int r;

        m->instance = instance_of(m, list);
        if (!m->instance)
                return -ENOMEM;
        if (m->driver->shared_size > 0) {
                r = shared_memory_new(m->driver, &m->shared);
                if (r < 0)
                        return r;
        }

        r = bus_gate_new(&m->gate);
        if (r < 0)
                return r;
        r = daemon_event_new(&m->event);
        if (r < 0)
                return r;
        r = daemon_on_reload(m->event, on_reload, m);
        if (r < 0)
                return r;
        r = worker_group_new(m->event, &m->workers);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(m->event, &m->ready_timer, CLOCK_MONOTONIC, longest_start(list), 0,
                        on_ready_timer, m);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        m->event, &m->status_timer, CLOCK_MONOTONIC, 0, 0, on_status_timer, m);
        if (r < 0)
                return r;
        r = sd_event_add_defer(m->event, &m->gone_source, on_gone, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->gone_source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = manager_waiting_set_up(m);
        if (r < 0)
                return r;
        return listen_fds_take(&m->listen_fds);
}

int manager_run(const Driver *driver, const Args *args, const DeviceList *list) {
        static const BusLinkOps ops = { on_bus_connected, on_bus_lost };
        _cleanup_(manager_done) Manager m = { .driver = driver, .args = args };
        int r;

        r = manager_set_up(&m, list);
        if (r < 0) {
                (void) log_error_errno(r, "Cannot set up the driver: %m");
                return EXIT_FAILURE;
        }

        for (size_t i = 0; i < list->n_configs; i++)
                /* One that cannot be had is no reason to do without the others of its group. */
                if (manager_add_device(&m, list->configs[i], list->state_path) < 0 && !args->process_group)
                        return EXIT_FAILURE;

        kept_node_forget_rest();

        r = bus_link_new(m.event, &ops, &m, &m.link);
        if (r < 0) {
                (void) log_error_errno(r, "Cannot prepare the connection to the bus: %m");
                return EXIT_FAILURE;
        }

        manager_note_news(&m);
        r = sd_event_loop(m.event);
        daemon_notify("STOPPING=1");
        if (r < 0)
                (void) log_error_errno(r, "The event loop failed: %m");
        return r < 0 ? EXIT_FAILURE : r;
}
