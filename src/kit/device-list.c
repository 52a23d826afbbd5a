/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-list.h"

#include "device-name.h"
#include "string-util.h"
#include "ups-conf-links.h"

void device_list_done(DeviceList *l) {
        for (size_t i = 0; i < l->n_configs; i++)
                device_config_unref(l->configs[i]);
        free(l->configs);
        free(l->state_path);
        *l = (DeviceList) {};
}

DeviceConfig *device_list_find(const DeviceList *l, const char *name) {
        for (size_t i = 0; i < l->n_configs; i++)
                if (strcaseeq(l->configs[i]->name, name))
                        return l->configs[i];
        return NULL;
}

static int list_add(DeviceList *l, const Driver *driver, const ConfigSource *source) {
        DeviceConfig **grown, *c;
        int r;

        if (device_list_find(l, source->name))
                return 0;

        grown = reallocarray(l->configs, l->n_configs + 1, sizeof(DeviceConfig *));
        if (!grown)
                return log_oom();
        l->configs = grown;

        r = device_config_new(driver, source, conf_report_log, NULL, &c);
        if (r == -ENOMEM)
                return log_oom();
        if (r < 0)
                return r;

        l->configs[l->n_configs++] = c;
        return 0;
}

static int add_named(DeviceList *l, const Driver *driver, const Args *args, const UpsConf *conf,
                const char *name, bool missing_ok) {
        const UpsSection *s = ups_conf_find(conf, name);

        if (s && streq(s->driver, driver->name))
                return list_add(l, driver, &(ConfigSource) { s->name, conf, s, args->pairs });
        if (missing_ok)
                return 0;

        if (s)
                (void) log_error("%s:%u: the device [%s] wants the driver %s, this is %s.", s->file, s->line,
                                s->name, s->driver, driver->name);
        else if (device_name_is_link(name))
                (void) log_error("There is no MONITOR line about %s in upsmon.conf; add it.", name);
        else
                (void) log_error("There is no device [%s] with driver and port in ups.conf; add it, or use "
                                 "-s %s -x port=...",
                                name, name);
        return -ENODEV;
}

/* group: NULL for all. */
static int add_all(DeviceList *l, const Driver *driver, const Args *args, const UpsConf *conf,
                const char *group) {
        for (size_t i = 0; i < conf->n_sections; i++) {
                const UpsSection *s = &conf->sections[i];
                int r;

                if (!streq(s->driver, driver->name) ||
                    (group && !streq(group, ups_conf_process_group(conf, s, ""))))
                        continue;
                r = list_add(l, driver, &(ConfigSource) { s->name, conf, s, args->pairs });
                if (r < 0)
                        return r;
        }

        return 0;
}

static void report_and_count(
                void *userdata, int level, const char *file, unsigned line, const char *message) {
        bool *flawed = userdata;

        if (level <= LOG_ERR)
                *flawed = true;
        conf_report_log(NULL, level, file, line, message);
}

/* NUT's order: the environment, then ups.conf, then what is built in. */
static const char *choose_state_path(const UpsConf *conf) {
        const UpsOption *o = conf ? ups_conf_option(conf, NULL, "statepath") : NULL;

        return o && !isempty(o->value) && !getenv("NUT_STATEPATH") ? o->value : conf_state_path();
}

/* The monitor is there to report what is wrong in its file. */
static void only_count(void *userdata, int level, const char *file, unsigned line, const char *message) {
        bool *flawed = userdata;

        if (level <= LOG_ERR)
                *flawed = true;
}

/* Completes ups.conf with what the monitor wants relays for, if one of these is asked for. */
static int add_links(DeviceList *l, const Args *args, UpsConf *conf, bool *ret_wanted) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *monitor = NULL;
        bool wanted = false;
        int r;

        STRV_FOREACH(name, args->devices)
                wanted = wanted || device_name_is_link(*name);

        *ret_wanted = wanted;
        if (!wanted)
                return 0;

        r = upsmon_conf_load(only_count, &l->flawed, &monitor);
        if (r < 0)
                return log_error_errno(r, "Cannot read upsmon.conf: %m");
        return ups_conf_add_links(conf, monitor) < 0 ? log_oom() : 0;
}

static int load_sections(
                DeviceList *l, const Driver *driver, const Args *args, bool missing_ok, UpsConf **ret) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        _cleanup_free_ char *path = conf_path("ups.conf");
        bool links;
        int r;

        r = ups_conf_load(report_and_count, &l->flawed, &conf);
        if (r < 0)
                return log_error_errno(r, "Cannot read %s: %m", strempty(path));
        r = add_links(l, args, conf, &links);
        if (r < 0)
                return r;
        if (!conf->exists && !links && conf->n_sections == 0)
                return log_error_errno(ENOENT, "There is no %s; make one, or use -s NAME -x port=...",
                                strempty(path));

        config_check_globals(driver, conf, conf_report_log, NULL);
        if (args->all || args->process_group)
                r = add_all(l, driver, args, conf, args->process_group);
        STRV_FOREACH(name, args->devices) {
                r = add_named(l, driver, args, conf, *name, missing_ok);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(conf);
        return r;
}

int device_list_load(const Driver *driver, const Args *args, bool missing_ok, DeviceList *ret) {
        _cleanup_(device_list_done) DeviceList l = {};
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        int r;

        if (!args->section)
                r = load_sections(&l, driver, args, missing_ok, &conf);
        else if (!bus_device_name_is_valid(args->section)) {
                (void) log_error("%s cannot be the name of a device: it must be plain text without blanks "
                                 "and \"\\#=@:/[].",
                                args->section);
                r = -EINVAL;
        } else
                r = list_add(&l, driver, &(ConfigSource) { .name = args->section, .pairs = args->pairs });
        if (r < 0)
                return r;

        l.state_path = strdup(choose_state_path(conf));
        if (!l.state_path)
                return log_oom();

        *ret = l;
        l = (DeviceList) {};
        return 0;
}
