/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enroll.h"

#include "log.h"
#include "rival.h"
#include "string-util.h"

#define DIRECTORY "/var/lib/busbar-enroll"
#define RUN_DIRECTORY "/run/busbar-enroll"

/*** What is there ***/

static int load_conf(Enroll *e) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_free_ char *path = conf_path("ups.conf");
        int r;

        if (!path)
                return log_oom();
        /* Without the sections, devices would get other names than theirs. */
        r = conf_load(path, NULL, NULL, &lines);
        if (r >= 0)
                r = ups_conf_from_lines(lines, NULL, NULL, &e->conf);
        return r < 0 ? log_error_errno(r, "Cannot read %s: %m", path) : 0;
}

static int look_at_devices(Enroll *e) {
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;
        HidProfiles profiles = {};
        int r;

        r = plugged_list(e->root, &e->plugged);
        if (r < 0)
                return log_error_errno(r, "Cannot look for USB devices: %m");
        if (!plugged_is_unclear(&e->plugged))
                return 0;

        /* What is wrong with one is for the driver to say. */
        r = hid_profiles_load(NULL, NULL, &profiles);
        if (r >= 0)
                r = line_usb_ids_load(NULL, NULL, &ids);
        if (r < 0)
                log_warning_errno(r, "Cannot read all profiles, so that some of what does not say itself "
                                "that it is a power device is not taken for one: %m");
        plugged_ask_profiles(&e->plugged, &profiles, ids);
        hid_profiles_done(&profiles);
        return 0;
}

static bool is_on_record(const Enroll *e, const Plugged *p) {
        return records_find_device(&e->state.records, &(Record) { .key = p->naming.key }) >= 0;
}

/* What a program has taken from the kernel does not say any more what it is, and goes on not to say it when
 * that was killed. */
static bool is_known(const Enroll *e, const Plugged *p) {
        return (p->unclear || (p->opaque && !p->usb->descriptor)) && is_on_record(e, p);
}

/* More than can be named: those that are on record stay. */
static void keep_within_bound(Enroll *e) {
        PluggedList *l = &e->plugged;
        size_t n = l->n_devices;

        for (size_t i = n; i-- > 0 && l->n_devices > NAMING_DEVICES_MAX;)
                if (!is_on_record(e, l->devices + i))
                        plugged_remove(l, i);
        while (l->n_devices > NAMING_DEVICES_MAX)
                plugged_remove(l, l->n_devices - 1);

        if (n > l->n_devices)
                log_error("%zu power devices are plugged in: %zu of them are left out, since %u is the "
                                "limit.", n, n - l->n_devices, NAMING_DEVICES_MAX);
}

/* Leaves what is no power device, and what is not to be touched. */
static int choose_devices(Enroll *e) {
        int r;

        r = sections_load(e->conf, &e->plugged, NULL, NULL, &e->sections);
        if (r < 0)
                return log_oom();

        for (size_t i = e->plugged.n_devices; i-- > 0;) {
                const Plugged *p = e->plugged.devices + i;

                if (p->ignored || (!p->naming.driver && !is_known(e, p) && !sections_want(&e->sections, i)))
                        plugged_remove(&e->plugged, i);
        }
        keep_within_bound(e);

        sections_done(&e->sections);
        r = sections_load(e->conf, &e->plugged, conf_report_log, NULL, &e->sections);
        return r < 0 ? log_oom() : 0;
}

/*** Names ***/

static int open_state(Enroll *e) {
        const char *directory = getenv("STATE_DIRECTORY") ?: DIRECTORY;
        const char *run_directory = getenv("RUNTIME_DIRECTORY") ?: RUN_DIRECTORY;
        int r;

        r = state_open(directory, run_directory, e->dry, &e->state);
        if (r == -ETIMEDOUT)
                return log_error_errno(r, "Another busbar-enroll does not come to its end.");
        return r < 0 ? log_error_errno(r, "Cannot lock %s: %m", run_directory) : 0;
}

/* Two devices that the serial number should tell apart are worth a word, each time anew. */
static void report_twins(const Enroll *e, const Records *before) {
        for (size_t i = 0; i < e->state.records.n_records; i++) {
                const Record *r = e->state.records.records + i;
                ssize_t k = records_find_name(before, r->name);

                if (r->twin && (k < 0 || !before->records[k].twin))
                        log_full(LOG_WARNING, 0, &(LogContext) { .device = r->name },
                                        "%s (%s) has the same serial number as another one, %s: from now "
                                        "on the port it is plugged into decides on its name.", r->name,
                                        strempty(r->description), r->key.serial);
        }
}

static void report_names(const Enroll *e, const Records *before) {
        for (size_t i = 0; i < e->plugged.n_devices; i++) {
                const NamingDevice *d = &e->plugged.devices[i].naming;
                const char *name = e->enrolled[i].name;
                ssize_t k = records_find_name(before, name);

                if (k < 0 || !device_key_same_kind(&before->records[k].key, &d->key))
                        log_full(LOG_NOTICE, 0, &(LogContext) { .device = name },
                                        "%s, %s%s at %s, is %s from now on.", d->description,
                                        d->key.serial ? "serial number " : "without a serial number",
                                        strempty(d->key.serial), d->key.place, name);
        }
}

/* A device that has another serial number each time is not to take the names of all others. */
static void forget_strangers(Enroll *e) {
        for (size_t i = 0; i < e->plugged.n_devices; i++) {
                const Plugged *p = e->plugged.devices + i;

                if (!is_on_record(e, p) && state_forget_strangers(&e->state, p->naming.key.place))
                        log_warning("More and more devices are plugged in at %s: the first of them is "
                                        "forgotten.", p->naming.key.place);
        }
}

static int assign_names(Enroll *e) {
        size_t n = e->plugged.n_devices;
        _cleanup_free_ NamingDevice *devices = new0(NamingDevice, n);
        _cleanup_free_ const char **names = new0(const char *, n);
        _cleanup_(enroll_records_done) Records before = {};
        int r;

        if (!devices || !names || records_copy(&e->state.records, &before) < 0)
                return log_oom();
        for (size_t i = 0; i < n; i++)
                devices[i] = e->plugged.devices[i].naming;

        forget_strangers(e);
        r = naming_assign(&(Naming) {
                        .devices = devices,
                        .n_devices = n,
                        .sections = e->sections.sections,
                        .n_sections = e->sections.n_sections,
                        .taken = e->sections.taken,
                }, &e->state.records, names);
        if (r < 0)
                return log_error_errno(r, "Cannot give names to %zu devices: %m", n);

        for (size_t i = 0; i < n; i++)
                e->enrolled[i].name = names[i];
        if (!e->dry) {
                report_names(e, &before);
                report_twins(e, &before);
        }
        return 0;
}

int enroll_look(Enroll *e) {
        int r;

        e->state.lock_fd = -EBADF;
        r = open_state(e);
        if (r >= 0)
                r = load_conf(e);
        if (r >= 0)
                r = look_at_devices(e);
        if (r >= 0)
                r = choose_devices(e);
        if (r < 0)
                return r;

        e->enrolled = new0(Enrolled, e->plugged.n_devices);
        if (!e->enrolled)
                return log_oom();
        for (size_t i = 0; i < e->plugged.n_devices; i++)
                if (rival_find(e->root, e->plugged.devices + i, &e->enrolled[i].rival) < 0)
                        return log_oom();
        return assign_names(e);
}

void enroll_done(Enroll *e) {
        for (size_t i = 0; e->enrolled && i < e->plugged.n_devices; i++)
                free(e->enrolled[i].rival);
        free(e->enrolled);
        sections_done(&e->sections);
        plugged_list_done(&e->plugged);
        ups_conf_free(e->conf);
        state_done(&e->state);
}

void enroll_write(Enroll *e) {
        for (size_t i = 0; i < e->plugged.n_devices; i++)
                if (state_mark_seen(&e->state, e->enrolled[i].name) < 0)
                        log_oom();
        (void) state_save(&e->state);
        state_unlock(&e->state);
}

ssize_t enroll_find_name(const Enroll *e, const char *name) {
        for (size_t i = 0; i < e->plugged.n_devices; i++)
                if (strcaseeq(e->enrolled[i].name, name))
                        return (ssize_t) i;
        return -1;
}

ssize_t enroll_find_node(const Enroll *e, const char *node) {
        const Plugged *p = plugged_find_node(&e->plugged, node);

        return p ? p - e->plugged.devices : -1;
}

bool enroll_is_elsewhere(const Enroll *e, const char *name) {
        const UpsSection *s = ups_conf_find(e->conf, name);

        return s && !ups_section_is_plugged(s);
}

/*** Drivers ***/

/* What the section says, else what it was recognised by, now or before. */
const char *enroll_driver(const Enroll *e, size_t i) {
        const char *name = e->enrolled[i].name;
        ssize_t section = sections_find(&e->sections, name), k = records_find_name(&e->state.records, name);

        if (section >= 0)
                return e->sections.drivers[section];
        return (k >= 0 ? e->state.records.records[k].driver : NULL) ?: RECORD_DRIVER;
}

static void hand_over_of(const Enroll *e, size_t i, HandOver *ret) {
        const char *name = e->enrolled[i].name;
        ssize_t section = sections_find(&e->sections, name);

        hand_over_init(name, enroll_driver(e, i), e->plugged.devices + i,
                        section >= 0 ? e->sections.ways[section] : USB_WAY_ANY, ret);
}

/* A device that another program has is left to it. */
static bool is_left(Enroll *e, size_t i) {
        const char *name = e->enrolled[i].name;

        if (!e->enrolled[i].rival)
                return false;
        e->enrolled[i].outcome = OUTCOME_LEFT;
        /* Looked at again and again, it is news once. */
        if (state_note_left(&e->state, name, e->enrolled[i].rival))
                log_full(LOG_NOTICE, 0, &(LogContext) { .device = name },
                                "%s (%s) is left to %s. To have it served by Busbar, stop that, and "
                                "start busbar-enroll.service.", name,
                                e->plugged.devices[i].naming.description, e->enrolled[i].rival);
        return true;
}

int enroll_serve(Enroll *e, Systemd *s, size_t i, bool is_new) {
        Enrolled *enrolled = e->enrolled + i;
        HandOver h;
        int r;

        hand_over_of(e, i, &h);
        if (hand_over_is_done(s, &h)) {
                enrolled->outcome = OUTCOME_SERVED;
                return 0;
        }
        /* To start it here would cut short the pause after a crash, or stop a start that is under way. */
        if (!is_new && hand_over_is_coming(s, &h)) {
                enrolled->outcome = OUTCOME_STARTED;
                return 0;
        }
        if (is_left(e, i))
                return 0;
        if (!hand_over_is_wanted(s)) {
                enrolled->outcome = OUTCOME_WAITING;
                log_full(LOG_INFO, 0, &(LogContext) { .device = h.name },
                                "%s (%s) will be served when busbar.target is started, unless nut.conf says "
                                "MODE=netclient.", h.name, h.description);
                return 0;
        }

        r = hand_over_start(s, &h);
        if (r == -ERFKILL) {
                enrolled->outcome = OUTCOME_WAITING;
                return 0;
        }
        enrolled->outcome = r < 0 ? OUTCOME_FAILED : OUTCOME_STARTED;
        return r < 0 ? r : 0;
}

int enroll_open(Enroll *e, Systemd *s, size_t i) {
        HandOver h;

        hand_over_of(e, i, &h);
        /* What we had is not given up because somebody came who leaves it to the kernel. */
        if (!hand_over_is_done(s, &h) && (e->plugged.devices[i].claimed || !hand_over_was_done(s, &h)) &&
            is_left(e, i))
                return -EBUSY;
        return hand_over_open(s, &h);
}
