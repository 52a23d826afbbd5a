/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-driver.h"

#include "string-util.h"

struct HidDriver {
        Device *device;
        HidEngine *engine;
        bool poll_only;
};

int hid_driver_complaint_level(const Device *d) {
        return device_is_retry(d) ? LOG_DEBUG : LOG_ERR;
}

static void report_profile(void *userdata, int level, const char *file, unsigned line, const char *message) {
        const Device *d = userdata;

        if (device_is_retry(d))
                level = LOG_DEBUG;
        if (line > 0)
                (void) log_device(d, level, 0, "%s:%u: %s", file, line, message);
        else
                (void) log_device(d, level, 0, "%s: %s", file, message);
}

int hid_driver_load_profiles(const Device *d, HidProfiles *ret) {
        HidProfiles p = {};
        int r;

        r = hid_profiles_load(report_profile, (void *) d, &p);
        if (r < 0)
                return log_device(d, hid_driver_complaint_level(d), r, "Cannot read the profiles: %m");
        if (p.n_profiles == 0) {
                hid_profiles_done(&p);
                return log_device(d, hid_driver_complaint_level(d), ENOENT,
                                "There are no profiles (*.profile in %s/hid and %s/hid); without them no "
                                "device can be understood. Is the installation complete?",
                                LOCALPROFILEDIR, PROFILEDIR);
        }

        *ret = p;
        return 0;
}

static char *profile_titles(const HidProfiles *profiles) {
        _cleanup_strv_free_ char **titles = NULL;

        for (size_t i = 0; i < profiles->n_profiles; i++)
                if (strv_extend(&titles, profiles->profiles[i]->title ?: profiles->profiles[i]->id) < 0)
                        return NULL;
        return strv_join(titles, ", ");
}

int hid_driver_choose(const Device *d, const HidProfiles *profiles, const HidIdentity *identity,
                const uint8_t *descriptor, size_t n, HidProfile **ret) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *parsed = NULL;
        const char *subdriver = device_option(d, "subdriver");
        _cleanup_free_ char *titles = NULL;
        HidProfile *profile = NULL;
        int r;

        r = descriptor ? hid_descriptor_parse(descriptor, n, &parsed) : 0;
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) log_device(d, LOG_DEBUG, r,
                                "The report descriptor of %04x:%04x cannot be understood: %m",
                                identity->vendor_id, identity->product_id);
                return -ENODEV;
        }

        r = hid_profiles_choose(profiles, identity, parsed, subdriver, &profile);
        if (r == -EINVAL)
                return log_device(d, hid_driver_complaint_level(d), EINVAL,
                                "subdriver=%s is no extended regular expression.", strempty(subdriver));
        if (r < 0)
                return r;
        if (!profile && subdriver) {
                titles = profile_titles(profiles);
                return log_device(d, hid_driver_complaint_level(d), EINVAL,
                                "subdriver=%s fits none of the profiles; these there are: %s.", subdriver,
                                strempty(titles));
        }
        if (!profile)
                return -ENODEV;

        *ret = profile;
        return 0;
}

static const char *engine_option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

static void engine_log(const void *userdata, int level, int error, const char *message) {
        (void) log_device(userdata, level, error, "%s", message);
}

static bool engine_is_cancelled(const void *userdata) {
        return device_is_cancelled(userdata);
}

static StatusRules status_rules(const Device *d) {
        int64_t throttle = device_option_integer(d, "onlinedischarge_log_throttle_sec");

        return (StatusRules) {
                .online_discharge_on_battery = device_option_boolean(d, "onlinedischarge_onbattery") ||
                        device_option_boolean(d, "onlinedischarge"),
                .online_discharge_calibration = device_option_boolean(d, "onlinedischarge_calibration"),
                .online_discharge_log_throttle_sec =
                        !device_option(d, "onlinedischarge_log_throttle_sec") ? -2 : (int) MAX(throttle, -1),
                .online_discharge_log_throttle_hovercharge =
                        (int) device_option_integer(d, "onlinedischarge_log_throttle_hovercharge"),
                .lbrb_log_delay_sec = (unsigned) device_option_integer(d, "lbrb_log_delay_sec"),
                .lbrb_log_delay_without_calibrating =
                        device_option_boolean(d, "lbrb_log_delay_without_calibrating"),
        };
}

/* Puts the recorder between link and engine, if that is wanted. The device is worth more than a record of
 * it, so without the file it is served all the same. The load is cut without one: that would take the place
 * of what led there. */
static void start_recording(const Device *d, HidLink **link) {
        const char *path = device_option(d, "record");
        RecorderFlags flags = RECORDER_REDACT | (device_is_restart(d) ? RECORDER_RESUME : 0);
        HidLink *recorder = NULL;
        int r;

        if (!path || device_is_powering_off(d))
                return;
        r = hid_link_new_recorder(*link, path, flags, &recorder);
        if (r < 0)
                (void) log_device(d, device_is_retry(d) ? LOG_DEBUG : LOG_WARNING, r,
                                "Cannot record in %s: %m", path);
        else
                *link = recorder;
}

/* Without news of its own a device would be taken to be for ever as it was at first. */
static bool is_interrupt_only(const HidDriver *h, HidLink *link) {
        const Device *d = h->device;

        if (!device_option_boolean(d, "interruptonly"))
                return false;
        if (!h->poll_only && hid_link_fd(link) >= 0)
                return true;
        (void) log_device(d, device_is_retry(d) ? LOG_DEBUG : LOG_WARNING, 0,
                        "interruptonly is without effect, as %s: the device is polled.",
                        h->poll_only ? "pollonly is given too" : "the device sends nothing by itself");
        return false;
}

/* Takes the link over on success. */
static int make_engine(HidDriver *h, HidLink *link, HidProfile *profile) {
        const Device *d = h->device;
        const HidEngineOptions options = {
                .rules = status_rules(d),
                .option = engine_option,
                .log = engine_log,
                .is_cancelled = engine_is_cancelled,
                .userdata = d,
                .fix_descriptor = !device_option_boolean(d, "disable_fix_report_desc"),
                .poll_only = h->poll_only,
                .interrupt_only = is_interrupt_only(h, link),
                .max_report = device_option_boolean(d, "maxreport"),
                .explore = device_option_boolean(d, "explore"),
                .pipe_events_tolerance =
                        (int) device_option_integer(d, "interrupt_pipe_no_events_tolerance"),
        };

        return hid_engine_new(link, profile, &options, &h->engine);
}

int hid_driver_new(Device *d, HidLink *link, HidProfile *profile, HidDriver **ret) {
        _cleanup_(hid_link_freep) HidLink *l = link;
        _cleanup_(hid_driver_freep) HidDriver *h = new0(HidDriver, 1);
        int r;

        if (!h)
                return -ENOMEM;

        h->device = d;
        h->poll_only = device_option_boolean(d, "pollonly");
        start_recording(d, &l);
        r = make_engine(h, l, profile);
        if (r < 0)
                return r;

        TAKE_PTR(l);
        *ret = TAKE_PTR(h);
        return 0;
}

HidDriver *hid_driver_free(HidDriver *h) {
        if (!h)
                return NULL;

        device_watch(h->device, -1);
        hid_engine_free(h->engine);
        free(h);
        return NULL;
}

int hid_driver_start(HidDriver *h, Update *u) {
        int r;

        r = hid_engine_start(h->engine, u);
        if (r < 0)
                return r;

        device_watch(h->device, h->poll_only ? -1 : hid_engine_fd(h->engine));
        return 0;
}

int hid_driver_poll(HidDriver *h, PollSet what, Update *u) {
        return h ? hid_engine_poll(h->engine, what & POLL_FULL, u) : -ENODEV;
}

int hid_driver_event(HidDriver *h, Update *u) {
        int r = h ? hid_engine_event(h->engine, u) : -ENODEV;

        return MIN(r, 0);
}

int hid_driver_set(HidDriver *h, const char *variable, const char *value, Update *u) {
        return h ? hid_engine_set(h->engine, variable, value, u) : -ENODEV;
}

int hid_driver_command(HidDriver *h, const char *command, const char *argument, Update *u) {
        return h ? hid_engine_command(h->engine, command, argument, u) : -ENODEV;
}
