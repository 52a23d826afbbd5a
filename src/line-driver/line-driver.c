/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-driver.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "line-battery.h"
#include "line-detect.h"
#include "line-stand-in.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

struct LineDriver {
        Device *device;
        LineEngine *engine;
        char **options; /* of the setup */
        LineBattery battery;
};

int line_driver_complaint_level(const Device *d) {
        return device_is_retry(d) ? LOG_DEBUG : LOG_ERR;
}

int line_driver_complain(Device *d, int r, const char *fmt, ...) {
        char text[1024];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        device_explain(d, text);
        return r;
}

int line_driver_check_protocol(Device *d, const LineProfiles *profiles, const LineDriverSetup *setup) {
        _cleanup_free_ char *why = NULL;

        if (!setup->protocol || line_profiles_find(profiles, setup->protocol))
                return 0;
        why = line_detect_no_protocol(profiles, setup->protocol);
        return line_driver_complain(
                d, -EINVAL, "protocol=%s does not work: %s.", setup->protocol, strempty(why));
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

int line_driver_load_profiles(Device *d, const char *directory, LineProfiles *ret) {
        LineProfiles p = {};
        int r;

        r = line_profiles_load(directory, report_profile, d, &p);
        if (r >= 0)
                r = line_profiles_drop_clashes(&p, report_profile, d);
        if (r < 0) {
                line_profiles_done(&p);
                return line_driver_complain(d, r, "Cannot read the profiles: %s", strerror(-r));
        }
        if (p.n_profiles == 0) {
                line_profiles_done(&p);
                return line_driver_complain(d, -ENOPKG,
                        "There are no profiles (*.profile in %s/%s and %s/%s); without them no device can "
                        "be understood. Is the installation complete?",
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

static bool is_directory(const char *path) {
        struct stat st;

        return stat(path, &st) >= 0 && S_ISDIR(st.st_mode);
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
        r = is_directory(path) ? -EISDIR : line_link_new_recorder(*link, path, flags, &recorder);
        if (r < 0)
                (void) log_device(
                        d, device_is_retry(d) ? LOG_DEBUG : LOG_WARNING, r, "Cannot record in %s: %m", path);
        else
                *link = recorder;
}

/* After so many attempts in a row to which a device that is known was silent, it may be another one now, and
 * all protocols are tried. */
#define THOROUGH_ATTEMPTS 8U

/* What is kept from one session to the next, and for the late power-off: "q1 serial 3 megatec", the id of
 * the profile, the way to the device, how often in a row it was looked for in vain, and the profile
 * before. */
typedef struct Known {
        char *id, *way; /* or NULL */
        char *before;   /* id of a profile that it had before, and that asks for more to be sure; or NULL */
        uint64_t n_silent;
} Known;

static void known_done(Known *k) {
        free(k->id);
        free(k->way);
        free(k->before);
}

/* What cannot be read is not known. */
static int known_read(const Device *d, Known *ret) {
        const char *memo = device_memo(d);
        _cleanup_strv_free_ char **words = NULL;
        uint64_t n_silent;

        *ret = (Known) {};
        if (!memo)
                return 0;
        if (strv_split(memo, " ", &words) < 0)
                return -ENOMEM;
        if ((strv_length(words) != 3 && strv_length(words) != 4) ||
                parse_uint64(words[2], 0, UINT32_MAX, &n_silent) < 0)
                return 0;
        ret->id = strdup(words[0]);
        ret->way = strdup(words[1]);
        ret->before = words[3] ? strdup(words[3]) : NULL;
        ret->n_silent = n_silent;
        return ret->id && ret->way && (ret->before || !words[3]) ? 0 : -ENOMEM;
}

static int known_write(Device *d, const char *id, const char *way, uint64_t n_silent, const char *before) {
        _cleanup_free_ char *memo = strprintf(
                "%s %s %" PRIu64 "%s%s", id, way, n_silent, before ? " " : "", strempty(before));

        return memo ? device_set_memo(d, memo) : -ENOMEM;
}

int line_driver_known_way(const Device *d, char **ret) {
        _cleanup_(known_done) Known known = {};
        int r;

        r = known_read(d, &known);
        if (r >= 0)
                *ret = TAKE_PTR(known.way);
        return r;
}

/* Tells which protocol it is, if that is news. */
static void tell_profile(const Device *d, const Known *known, const LineLink *link, const LineProfile *p) {
        const char *protocol = p->protocols && p->protocols[0] ? p->protocols[0] : p->id;
        const char *way = link->is_usb ? link->ops->name : NULL;

        if (known->id && streq(known->id, p->id))
                return;
        (void) log_device(d, known->id ? LOG_NOTICE : LOG_INFO, 0,
                "The device speaks the protocol %s (%s)%s%s%s%s.", protocol, p->title ?: p->id,
                way ? " over " : "", strempty(way), known->id ? ", which has changed: it was " : "",
                strempty(known->id));
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
                .is_known_not_ready = device_is_retry(l->device),
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
        detection.before = known.before;
        detection.hurried = device_is_powering_off(l->device);
        detection.brisk = detection.hurried || !device_is_retry(l->device);
        detection.thorough =
                detection.hurried || known.n_silent % THOROUGH_ATTEMPTS == THOROUGH_ATTEMPTS - 1;
        r = line_detect(&detection, link, &profile, ret_why);
        if (r == -ETIMEDOUT && known.id)
                (void) known_write(l->device, known.id, known.way, known.n_silent + 1, known.before);
        if (r == -EINVAL && *ret_why)
                return line_driver_complain(
                        l->device, r, "protocol=%s does not work: %s.", strempty(setup->protocol), *ret_why);
        if (r < 0)
                return r;
        tell_profile(l->device, &known, *link, profile);
        r = known_write(l->device, profile->id, (*link)->ops->name, 0,
                setup->protocol ? NULL : line_detect_stronger(profiles, profile, known.before, known.id));
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

        if (l && r == -ENODEV)
                return line_driver_complain(l->device, r, "The device at %s has gone: was it unplugged?",
                        device_port(l->device));
        if (r >= 0)
                line_battery_apply(&l->battery, u);
        return r;
}

/* After a request it may have been read as a whole, or not at all. */
static int apply_to_reading(LineDriver *l, int r, Update *u) {
        const char *why = r < 0 ? line_engine_why(l->engine) : NULL;

        if (why)
                device_explain(l->device, why);
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

/* What a command came to that has failed. */
static const char *failure(const LineDriver *l, int r) {
        if (r == -EOPNOTSUPP)
                return "the device has no such command";
        return line_engine_why(l->engine) ?: strerror(-r);
}

static bool is_over(int r) {
        return r == -ENODEV || r == -EINTR || r == -ENOMEM;
}

/* Reads what the commands hang on. What of it is missing is no reason to leave the load on. */
static int read_for(LineDriver *l, const char *first, const char *const *commands) {
        const char *const both[] = { first, NULL };
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_strv_free_ char **names = NULL;
        int r;

        if (!u || strv_copy((char *const *) both, &names) < 0)
                return -ENOMEM;
        for (const char *const *command = commands; *command; command++)
                if (strv_extend(&names, *command) < 0)
                        return -ENOMEM;
        line_engine_need_only(l->engine, (const char *const *) names);
        r = line_engine_poll(l->engine, false, u);
        return is_over(r) ? r : 0;
}

/* The device has understood it, and does not do it; or it was not sent at all. */
static bool is_refusal(int r) {
        return r == -EPIPE || r == -EOPNOTSUPP || r == -EINVAL || r == -EBUSY;
}

/* So often where nobody says how much time there is. */
#define REPEATS_MAX 3U

/* Says it until the device has said yes or no. What it answered may have got lost, and then it has been
 * done: this may be said again, but must not be followed by another command. */
static int insist(LineDriver *l, const char *command) {
        unsigned n = 0;
        bool again;
        int r;

        do {
                uint64_t left;

                r = run_command(l, command);
                if (r >= 0 || is_over(r) || is_refusal(r))
                        break;
                n++;
                left = device_time_left(l->device);
                again = left == USEC_INFINITY ? n < REPEATS_MAX
                                              : left > line_engine_command_usec(l->engine, command);
                (void) log_device(l->device, LOG_DEBUG, r, "%s: %s", command, failure(l, r));
        } while (again);

        if (n == 0 || r >= 0)
                return r;
        return log_device(l->device, LOG_WARNING, r,
                        "%s was sent, and may have been done, but the device has not said so: %s", command,
                        failure(l, r));
}

/* Whether there is time for it, and for what follows to be said twice. */
static bool is_time_for(LineDriver *l, const char *first, const char *then) {
        return device_time_left(l->device) > line_engine_command_usec(l->engine, first) +
                                                     2 * line_engine_command_usec(l->engine, then);
}

int line_driver_power_off(LineDriver *l, const char *first, const char *const *commands) {
        int r;

        r = read_for(l, first, commands);
        if (r < 0)
                return r;

        if (first && line_engine_has_command(l->engine, first) && is_time_for(l, first, *commands)) {
                r = run_command(l, first);
                if (r < 0)
                        (void) log_device(
                                l->device, LOG_DEBUG, r, "%s did not work: %s", first, failure(l, r));
                if (is_over(r))
                        return r;
        }

        r = -EOPNOTSUPP;
        for (const char *const *command = commands; *command; command++) {
                r = insist(l, *command);
                /* That one refuses says more than that there is no other. */
                if (r < 0 && (r != -EOPNOTSUPP || command == commands))
                        device_explain(l->device, failure(l, r));
                if (!is_refusal(r))
                        return r;
                (void) log_device(
                        l->device, LOG_WARNING, r, "%s did not work: %s", *command, failure(l, r));
        }
        return r;
}
