/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices of ours that another process still serves: their sections have moved from its group to ours, and
 * it has not let go yet, or somebody runs a driver by hand. */

#include "manager-internal.h"
#include "string-util.h"
#include "time-util.h"

#define AGAIN_MIN_USEC (500 * USEC_PER_MSEC)
#define AGAIN_MAX_USEC (30 * USEC_PER_SEC)
/* Half a minute, after which it is no move any more. */
#define AGAIN_TOO_LONG 6U

int manager_waiting_level(const Manager *m) {
        return m->n_again == 0 ? LOG_INFO : m->n_again == AGAIN_TOO_LONG ? LOG_ERR : LOG_DEBUG;
}

static void schedule(Manager *m) {
        uint64_t usec = AGAIN_MIN_USEC << MIN(m->n_again, 6U);

        (void) sd_event_source_set_time_relative(m->again_timer, MIN(usec, AGAIN_MAX_USEC));
        (void) sd_event_source_set_enabled(m->again_timer, SD_EVENT_ONESHOT);
}

int manager_wait_for_device(Manager *m, DeviceConfig *config, const char *state_path) {
        DeviceConfig **grown = reallocarray(m->waiting, m->n_waiting + 1, sizeof(DeviceConfig *));

        if (!grown)
                return log_oom();
        m->waiting = grown;
        if (free_and_strdup(&m->waiting_path, state_path) < 0)
                return log_oom();

        m->waiting[m->n_waiting++] = device_config_ref(config);
        schedule(m);
        manager_note_news(m);
        return 0;
}

static void configs_done(DeviceConfig **configs, size_t n) {
        for (size_t i = 0; i < n; i++)
                device_config_unref(configs[i]);
        free(configs);
}

void manager_forget_waiting(Manager *m) {
        configs_done(m->waiting, m->n_waiting);
        m->waiting = NULL;
        m->n_waiting = 0;
        m->n_again = 0;
        (void) sd_event_source_set_enabled(m->again_timer, SD_EVENT_OFF);
}

/* Only these, as they were when they were refused: a file that is being edited is nobody's wish yet. */
static int on_again(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        DeviceConfig **configs = TAKE_PTR(m->waiting);
        _cleanup_free_ char *path = TAKE_PTR(m->waiting_path);
        size_t n = m->n_waiting;

        m->n_waiting = 0;
        m->n_again++;
        for (size_t i = 0; i < n; i++)
                (void) manager_add_device(m, configs[i], path);
        configs_done(configs, n);
        if (m->n_waiting == 0)
                m->n_again = 0;
        return 0;
}

int manager_waiting_set_up(Manager *m) {
        int r;

        r = sd_event_add_time_relative(m->event, &m->again_timer, CLOCK_MONOTONIC, 0, 0, on_again, m);
        return r < 0 ? r : sd_event_source_set_enabled(m->again_timer, SD_EVENT_OFF);
}

void manager_waiting_done(Manager *m) {
        configs_done(m->waiting, m->n_waiting);
        free(m->waiting_path);
        sd_event_source_disable_unref(m->again_timer);
}
