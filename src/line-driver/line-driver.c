/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-driver.h"

#include <inttypes.h>

#include "line-battery.h"
#include "line-detect.h"
#include "line-stand-in.h"
#include "parse-util.h"
#include "string-util.h"

struct LineDriver {
        Device *device;
        LineEngine *engine;
        char **options; /* of the setup */
        LineBattery battery;
};

int line_driver_complaint_level(const Device *d) {
        return device_is_retry(d) ? LOG_DEBUG : LOG_ERR;
}

static void report_profile(void *userdata, int level, const char *file, unsigned line, const char *message) {
        const Device *d = userdata;

        if (device_is_retry(d) || device_is_restart(d))
                level = LOG_DEBUG;
        if (line > 0)
                (void) log_device(d, level, 0, "%s:%u: %s", file, line, message);
        else
                (void) log_device(d, level, 0, "%s: %s", file, message);
}

int line_driver_load_profiles(const Device *d, const char *directory, LineProfiles *ret) {
        LineProfiles p = {};
        int r;

        r = line_profiles_load(directory, report_profile, (void *) d, &p);
        if (r < 0)
                return log_device(d, line_driver_complaint_level(d), r, "Cannot read the profiles: %m");
        if (p.n_profiles == 0) {
                line_profiles_done(&p);
                return log_device(d, line_driver_complaint_level(d), ENOENT,
                        "There are no profiles (*.profile in %s/%s and %s/%s); without them no device can "
                        "be "
                        "understood. Is the installation complete?",
                        LOCALPROFILEDIR, directory, PROFILEDIR, directory);
        }

        *ret = p;
        return 0;
}

static const char *engine_option(const void *userdata, const char *name) {
        const LineDriver *l = userdata;
        size_t n = strlen(name);

        for (char **option = l->options; option && *option; option++)
                if (strncmp(*option, name, n) == 0 && (*option)[n] == '=')
                        return *option + n + 1;
        return device_option(l->device, name);
}

static void engine_log(const void *userdata, int level, int error, const char *message) {
        const LineDriver *l = userdata;

        (void) log_device(l->device, level, error, "%s", message);
}

static bool engine_is_cancelled(const void *userdata) {
        const LineDriver *l = userdata;

        return device_is_cancelled(l->device);
}

/* Puts the recorder between link and engine, if that is wanted. The device is worth more than a record of
 * it, so without the file it is served all the same. The load is cut without one: that would take the place
 * of what led there. */
static void start_recording(const Device *d, LineLink **link) {
        const char *path = device_option(d, "record");
        RecorderFlags flags = RECORDER_REDACT | (device_is_restart(d) ? RECORDER_RESUME : 0);
        LineLink *recorder = NULL;
        int r;

        if (!path || device_is_powering_off(d))
                return;
        r = line_link_new_recorder(*link, path, flags, &recorder);
        if (r < 0)
                (void) log_device(
                        d, device_is_retry(d) ? LOG_DEBUG : LOG_WARNING, r, "Cannot record in %s: %m", path);
        else
                *link = recorder;
}

/* After so many attempts in a row to which a device that is known was silent, it may be another one now, and
 * all protocols are tried. */
#define THOROUGH_ATTEMPTS 8U

/* What is kept from one session to the next: "megatec 3", the id of the profile, and how often in a row it
 * was looked for in vain. */
typedef struct Known {
        char *id; /* or NULL */
        uint64_t n_silent;
} Known;

static void known_done(Known *k) {
        free(k->id);
}

static int known_read(const Device *d, Known *ret) {
        const char *memo = device_memo(d);
        size_t n = memo ? strcspn(memo, " ") : 0;

        *ret = (Known) {};
        if (!memo)
                return 0;
        ret->id = strndup(memo, n);
        if (!ret->id)
                return -ENOMEM;
        if (memo[n] && parse_uint64(memo + n + 1, 0, UINT32_MAX, &ret->n_silent) < 0)
                ret->n_silent = 0;
        return 0;
}

static int known_write(Device *d, const char *id, uint64_t n_silent) {
        _cleanup_free_ char *memo = strprintf("%s %" PRIu64, id, n_silent);

        return memo ? device_set_memo(d, memo) : -ENOMEM;
}

/* Tells which protocol it is, if that is news. */
static void tell_profile(const Device *d, const Known *known, const LineLink *link, const LineProfile *p) {
        const char *protocol = p->protocols && p->protocols[0] ? p->protocols[0] : p->id;
        const char *way = link->is_usb ? link->ops->name : NULL;

        if (!known->id || !streq(known->id, p->id))
                (void) log_device(d, LOG_INFO, 0, "The device speaks the protocol %s (%s)%s%s.", protocol,
                        p->title ?: p->id, way ? " over " : "", strempty(way));
}

static int make_engine(LineDriver *l,
        LineLink **link,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        char **ret_why) {
        const LineEngineOptions options = {
                .option = engine_option,
                .log = engine_log,
                .is_cancelled = engine_is_cancelled,
                .userdata = l,
        };
        _cleanup_(known_done) Known known = {};
        LineDetection detection = {
                .profiles = profiles,
                .setup = setup,
                .options = &options,
                .log = engine_log,
        };
        LineProfile *profile = NULL;
        int r;

        r = known_read(l->device, &known);
        if (r < 0)
                return r;
        detection.known = known.id;
        detection.thorough = known.n_silent % THOROUGH_ATTEMPTS == THOROUGH_ATTEMPTS - 1;
        r = line_detect(&detection, link, &profile, ret_why);
        if (r == -ETIMEDOUT && known.id)
                (void) known_write(l->device, known.id, known.n_silent + 1);
        if (r == -EINVAL && *ret_why)
                return log_device(l->device, line_driver_complaint_level(l->device), r,
                        "protocol=%s does not work: %s.", strempty(setup->protocol), *ret_why);
        if (r < 0)
                return r;
        tell_profile(l->device, &known, *link, profile);
        r = known_write(l->device, profile->id, 0);
        if (r < 0)
                return r;

        r = line_engine_new(*link, profile, &options, &l->engine);
        if (r >= 0)
                *link = NULL;
        return r;
}

int line_driver_new(Device *d,
        LineLink *link,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LineDriver **ret,
        char **ret_why) {
        _cleanup_(line_link_freep) LineLink *taken = link;
        _cleanup_(line_driver_freep) LineDriver *l = new0(LineDriver, 1);
        int r;

        *ret_why = NULL;
        if (!l)
                return -ENOMEM;

        l->device = d;
        for (char *const *option = setup->options; option && *option; option++)
                if (strv_extend(&l->options, *option) < 0)
                        return -ENOMEM;
        line_battery_init(&l->battery, d, device_is_restart(d) ? LOG_DEBUG : LOG_WARNING, engine_option, l);
        start_recording(d, &taken);
        if (setup->answers) {
                r = line_stand_in_new(taken, setup->answers, &taken);
                if (r < 0)
                        return r;
        }
        r = make_engine(l, &taken, profiles, setup, ret_why);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

LineDriver *line_driver_free(LineDriver *l) {
        if (!l)
                return NULL;

        line_battery_done(&l->battery);
        line_engine_free(l->engine);
        strv_free(l->options);
        free(l);
        return NULL;
}

int line_driver_start(LineDriver *l, Update *u) {
        int r;

        r = line_engine_start(l->engine, u);
        if (r >= 0)
                line_battery_apply(&l->battery, u);
        return r;
}

int line_driver_poll(LineDriver *l, PollSet what, Update *u) {
        int r = l ? line_engine_poll(l->engine, what & POLL_FULL, u) : -ENODEV;

        if (r >= 0)
                line_battery_apply(&l->battery, u);
        return r;
}

/* After a request it may have been read as a whole, or not at all. */
static int apply_to_reading(LineDriver *l, int r, Update *u) {
        if (r >= 0 && update_gives_status(u))
                line_battery_apply(&l->battery, u);
        return r;
}

int line_driver_set(LineDriver *l, const char *variable, const char *value, Update *u) {
        return l ? apply_to_reading(l, line_engine_set(l->engine, variable, value, u), u) : -ENODEV;
}

int line_driver_command(LineDriver *l, const char *command, const char *argument, Update *u) {
        return l ? apply_to_reading(l, line_engine_command(l->engine, command, argument, u), u) : -ENODEV;
}

static int run_command(LineDriver *l, const char *command) {
        _cleanup_(update_freep) Update *u = update_new();
        int r;

        if (!u)
                return -ENOMEM;
        r = line_engine_has_command(l->engine, command) ? line_engine_command(l->engine, command, NULL, u)
                                                        : -EOPNOTSUPP;
        return r >= 0 ? log_device(l->device, LOG_NOTICE, 0, "%s was accepted.", command) : r;
}

int line_driver_power_off(LineDriver *l, const char *first, const char *const *commands) {
        _cleanup_(update_freep) Update *u = update_new();
        int r;

        if (!u)
                return -ENOMEM;
        /* Which commands there are may depend on what it says. What of it is missing is no reason to leave
         * the load on. */
        r = line_engine_poll(l->engine, false, u);
        if (r == -ENODEV || r == -EINTR)
                return r;

        if (first && line_engine_has_command(l->engine, first)) {
                r = run_command(l, first);
                if (r < 0)
                        (void) log_device(l->device, LOG_DEBUG, r, "%s did not work: %m", first);
                if (r == -ENODEV || r == -EINTR)
                        return r;
        }

        r = -EOPNOTSUPP;
        for (const char *const *command = commands; *command; command++) {
                r = run_command(l, *command);
                if (r >= 0 || r == -EINTR)
                        return r;
                (void) log_device(l->device, LOG_WARNING, r, "%s did not work: %m", *command);
        }
        return r;
}
