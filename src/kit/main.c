/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver.h"

#include <signal.h>

#include "args.h"
#include "check.h"
#include "device-list.h"
#include "dump.h"
#include "manager.h"
#include "parse-util.h"
#include "power-off.h"
#include "privileges.h"
#include "string-util.h"
#include "time-util.h"

/* Of -k, for whoever has to decide whether the machine is to stay off. */
#define EXIT_ON_LINE 2

/* How long it may take, when whoever called waits no longer. */
#define LIMIT_VARIABLE "BUSBAR_POWER_OFF_MSEC"
#define LIMIT_MAX_MSEC (60 * 60 * UINT64_C(1000))

static int send_signal(const Args *args) {
        if (kill(args->pid, args->signal) < 0)
                return log_error_errno(errno, "Cannot reach process %d: %m", (int) args->pid);
        return 0;
}

/* The louder of the command line and the configuration. */
static void set_log_level(const Args *args, const DeviceList *list) {
        bool debug = args->debug > 0;

        for (size_t i = 0; list && i < list->n_configs; i++)
                debug = debug || device_config_integer(list->configs[i], "debug_min") > 0;

        if (debug)
                log_set_max_level(LOG_DEBUG);
        else
                log_set_max_level(args->quiet == 0 ? LOG_INFO : args->quiet == 1 ? LOG_NOTICE : LOG_WARNING);
}

/* libusb takes it from the environment. */
static void set_libusb_level(const DeviceList *list) {
        const char *level = NULL;

        if (list->n_configs > 0)
                level = device_config_given(list->configs[0], "LIBUSB_DEBUG");
        if (level)
                (void) setenv("LIBUSB_DEBUG", level, true);
}

static int drop_privileges(const Args *args, const DeviceList *list) {
        const char *user = args->user;
        int r;

        /* The devices of a process share it, so the first one speaks for all. */
        if (!user && list->n_configs > 0)
                user = device_config_get(list->configs[0], "user");

        r = privileges_drop(user);
        if (r == -ESRCH)
                return log_error_errno(
                                r, "There is no user %s to run as; correct -u or user= in ups.conf.", user);
        if (r < 0)
                return log_error_errno(r, "Cannot become the user %s: %m", user);
        return 0;
}

static int power_off(const Args *args, const DeviceList *list) {
        const char *limit = getenv(LIMIT_VARIABLE);
        uint64_t msec = 0;
        int r;

        if (limit && parse_uint64(limit, 1, LIMIT_MAX_MSEC, &msec) < 0)
                (void) log_warning(LIMIT_VARIABLE "=%s is no number of milliseconds, ignored.", limit);
        r = power_off_devices(list->configs, list->n_configs, !args->all && !args->process_group,
                        msec * USEC_PER_MSEC);
        if (r < 0)
                return EXIT_FAILURE;
        return r == POWER_OFF_ON_LINE ? EXIT_ON_LINE : EXIT_SUCCESS;
}

/* The actions on devices. */
static int work(const Driver *driver, const Args *args) {
        _cleanup_(device_list_done) DeviceList list = {};

        if (device_list_load(driver, args, false, &list) < 0)
                return EXIT_FAILURE;
        set_log_level(args, &list);
        set_libusb_level(&list);

        if (drop_privileges(args, &list) < 0)
                return EXIT_FAILURE;
        if (args->action == ACTION_POWER_OFF)
                return power_off(args, &list);
        if (args->action == ACTION_DUMP)
                return dump_device(list.configs[0], args->dump_count) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        return manager_run(driver, args, &list);
}

int driver_main(const Driver *driver, int argc, char *argv[]) {
        _cleanup_(args_done) Args args = {};

        if (args_parse(driver, argc, argv, &args) < 0)
                return EXIT_FAILURE;
        set_log_level(&args, NULL);

        switch (args.action) {
        case ACTION_HELP:
                args_print_help(driver);
                return EXIT_SUCCESS;
        case ACTION_VERSION:
                args_print_version(driver);
                return EXIT_SUCCESS;
        case ACTION_LIST_OPTIONS:
                args_print_options(driver);
                return EXIT_SUCCESS;
        case ACTION_CHECK:
                return check_options(driver) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        case ACTION_SIGNAL:
                return send_signal(&args) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        default:
                return work(driver, &args);
        }
}
