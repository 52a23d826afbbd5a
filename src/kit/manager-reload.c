/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager-internal.h"

#include "core-variables.h"
#include "kept-node.h"
#include "string-util.h"

/* The index of the device of that name, or n_devices. */
static size_t find_device(const Manager *m, const char *name) {
        size_t i = 0;

        while (i < m->n_devices && !strcaseeq(served_device_config(m->devices[i])->name, name))
                i++;
        return i;
}

/* Takes away what is not in the list any more. After a mistake in the file a section may be missing by
 * accident, so then all devices stay. */
static void remove_missing(Manager *m, const DeviceList *list) {
        for (size_t i = m->n_devices; i-- > 0;) {
                const DeviceConfig *config = served_device_config(m->devices[i]);

                if (device_list_find(list, config->name))
                        continue;
                if (list->flawed) {
                        (void) log_of(config, LOG_WARNING, 0,
                                        "Not found in ups.conf, which has mistakes: kept as it was.");
                        continue;
                }

                (void) log_of(config, LOG_INFO, 0, "Not in ups.conf any more, taking the device away.");
                manager_remove_device(m, i);
        }
}

/* The driver remembers what it knows of the device, and its port stays open. */
static void replace_device(Manager *m, size_t i, DeviceConfig *config, const char *state_path) {
        Supervisor *s = served_device_supervisor(m->devices[i]);
        const char *old = supervisor_memo(s);
        _cleanup_free_ char *memo = old ? strdup(old) : NULL;
        _cleanup_close_ int node = -EBADF;

        if (old && !memo) {
                (void) log_oom();
                return;
        }

        if (streq_ptr(config->port, supervisor_config(s)->port))
                node = supervisor_take_node(s);
        manager_remove_device(m, i);
        if (manager_add_device(m, config, state_path) < 0) {
                if (node >= 0)
                        kept_node_forget(config->name);
                return;
        }

        s = served_device_supervisor(m->devices[m->n_devices - 1]);
        if (node >= 0)
                supervisor_set_node(s, TAKE_FD(node));
        if (memo)
                (void) supervisor_set_memo(s, memo);
}

static void add_and_change(Manager *m, const DeviceList *list) {
        for (size_t k = 0; k < list->n_configs; k++) {
                DeviceConfig *config = list->configs[k];
                size_t i = find_device(m, config->name);

                if (i < m->n_devices) {
                        if (device_config_equal(config, served_device_config(m->devices[i])))
                                continue;
                        (void) log_of(config, LOG_INFO, 0, "Changed in ups.conf, starting the device anew.");
                        replace_device(m, i, config, list->state_path);
                        continue;
                }

                (void) log_of(config, LOG_INFO, 0, "New in ups.conf, starting the device.");
                (void) manager_add_device(m, config, list->state_path);
        }
}

void manager_reload(Manager *m) {
        _cleanup_(device_list_done) DeviceList list = {};

        /* A device of the command line has no file that could have changed. */
        if (m->args->section)
                return;

        if (device_list_load(m->driver, m->args, true, &list) < 0) {
                log_error("ups.conf could not be taken over, going on as before.");
                return;
        }

        manager_forget_waiting(m);
        remove_missing(m, &list);
        add_and_change(m, &list);

        if (m->n_devices == 0 && !manager_serves_many(m)) {
                log_info("No device is left to serve, ending.");
                (void) sd_event_exit(m->event, EXIT_SUCCESS);
        }
}
