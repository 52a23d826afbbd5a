/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "option.h"

#include <inttypes.h>
#include <regex.h>

#include "conf.h"
#include "parse-util.h"
#include "string-util.h"

static const char *const synchronous_values[] = { "yes", "no", "auto", NULL };

const Option common_options[] = {
        { "pollinterval", OPTION_INTEGER, "2", 1, 86400,
          .help = "Seconds between two quick polls of the device" },
        { "pollfreq", OPTION_INTEGER, "30", 1, 86400,
          .help = "Seconds between two full polls of the device" },
        { "maxretry", OPTION_INTEGER, "1", 1, 1000,
          .help = "Failed polls in a row until the device is opened anew" },
        { "retrydelay", OPTION_INTEGER, NULL, 0, 3600,
          .help = "Seconds before the first attempt to open it anew" },
        { "maxstartdelay", OPTION_INTEGER, "75", 1, 3600,
          .help = "Seconds that opening the device may take" },
        { "sdorder", OPTION_INTEGER, "0", -1, 1000000,
          .help = "Place in the order of late power-off; -1: never" },
        { "sdcommands", OPTION_STRING, .help = "Commands that cut the load, tried one after the other" },
        { "allow_killpower", OPTION_BOOLEAN, "0", .help = "Whether the load may be cut by a command" },
        { "nolock", OPTION_FLAG, .help = "Do not lock the port" },
        { "ignorelb", OPTION_FLAG, .help = "Tell a low battery from charge and runtime" },
        { "synchronous", OPTION_ENUM, "auto", .values = synchronous_values,
          .help = "Shown, of no effect: clients never block the driver" },
        { "reconnect_max_tries", OPTION_INTEGER, "-1", -1, INT32_MAX,
          .help = "Of no effect: the device is tried for ever" },
        { "reconnect_report_freq", OPTION_INTEGER, "-1", -1, INT32_MAX,
          .help = "Of no effect: only changes of state are logged" },
        { "debug_min", OPTION_INTEGER, "0", 0, 9,
          .help = "Least debug level; debug messages are logged from 1 on" },
        { "LIBUSB_DEBUG", OPTION_INTEGER, NULL, 0, 4, .help = "Debug level of libusb" },
        { "user", OPTION_STRING, .help = "User to run as when started by root" },
        { "group", OPTION_STRING, .help = "Group that may use the driver's socket" },
        { "nowait", OPTION_FLAG, .help = "Of no effect: starting never waits for a device" },
        { "sddelay", OPTION_STRING, .help = "Obsolete, of no effect" },
        {}
};

const Option global_options[] = {
        { "chroot", OPTION_STRING, .help = "Of no effect; RootDirectory= of the unit does this" },
        { "driverpath", OPTION_STRING, .help = "Accepted; units name their program" },
        { "statepath", OPTION_STRING, .help = "Directory of the driver sockets" },
        {}
};

const Option *option_find(const Option *table, const char *name) {
        for (const Option *o = table; o && o->name; o++)
                if (strcaseeq(o->name, name))
                        return o;
        return NULL;
}

static int copy_of(const char *value, char **ret) {
        char *copy = strdup(value);

        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

static int normalize_boolean(const Option *option, const char *value, char **ret) {
        bool b = true;
        int r;

        if (value) {
                r = parse_boolean(value, &b);
                if (r < 0)
                        return r;
        }

        if (!b && option->type == OPTION_FLAG) {
                *ret = NULL;
                return 0;
        }
        return copy_of(b ? "1" : "0", ret);
}

static bool regex_is_valid(const char *value) {
        regex_t expression;

        if (regcomp(&expression, value, REG_EXTENDED | REG_NOSUB) != 0)
                return false;
        regfree(&expression);
        return true;
}

static int normalize_safeguard(const char *value, char **ret) {
        bool b = true;
        int k, r;

        k = value ? parse_boolean(value, &b) : 0;
        r = copy_of(k < 0 || b ? "1" : "0", ret);
        return r < 0 ? r : k;
}

int option_normalize(const Option *option, const char *value, char **ret) {
        int64_t n;
        int r;

        if (option->type == OPTION_SAFEGUARD)
                return normalize_safeguard(value, ret);
        if (option->type == OPTION_FLAG || option->type == OPTION_BOOLEAN)
                return normalize_boolean(option, value, ret);
        if (!value)
                return -EINVAL;

        switch (option->type) {
        case OPTION_INTEGER:
                r = parse_int64(value, option->minimum, option->maximum, &n);
                return r < 0 ? r : copy_of(value, ret);

        case OPTION_ENUM:
                for (const char *const *v = option->values; *v; v++)
                        if (strcaseeq(*v, value))
                                return copy_of(*v, ret);
                return -EINVAL;

        case OPTION_REGEX:
                return regex_is_valid(value) ? copy_of(value, ret) : -EINVAL;

        default:
                return copy_of(value, ret);
        }
}

char *option_expectation(const Option *option) {
        _cleanup_free_ char *words = NULL;

        switch (option->type) {
        case OPTION_INTEGER:
                return strprintf("a number from %" PRIi64 " to %" PRIi64, option->minimum, option->maximum);

        case OPTION_ENUM:
                words = strdup("");
                for (const char *const *v = option->values; words && *v; v++) {
                        char *more = strjoin(words, v == option->values ? "" : v[1] ? ", " : " or ", *v);

                        free(words);
                        words = more;
                }
                return TAKE_PTR(words);

        case OPTION_FLAG:
                return strdup("no value at all, or yes or no");

        case OPTION_BOOLEAN:
        case OPTION_SAFEGUARD:
                return strdup("yes or no");

        case OPTION_REGEX:
                return strdup("an extended regular expression");

        default:
                return strdup("a text");
        }
}

static size_t table_names(const Option *table, const char **names) {
        size_t n = 0;

        for (const Option *o = table; o && o->name; o++, n++)
                if (names)
                        names[n] = o->name;
        return n;
}

const char *option_nearest(const Option *table, const char *name) {
        static const char *const section_keys[] = { "driver", "port", "desc" };
        size_t n = table_names(table, NULL) + table_names(common_options, NULL) + ELEMENTSOF(section_keys);
        _cleanup_free_ const char **names = new0(const char *, n + 1);
        size_t i = 0;

        if (!names)
                return NULL;

        i += table_names(table, names);
        i += table_names(common_options, names + i);
        for (size_t k = 0; k < ELEMENTSOF(section_keys); k++)
                names[i++] = section_keys[k];
        return conf_nearest_key(name, names);
}
