/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "banner.h"
#include "bus-names.h"
#include "conf-reading.h"
#include "output.h"
#include "parse-util.h"
#include "service-front.h"
#include "string-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"

#define PID_MAX UINT64_C(4194304)

typedef enum Order {
        ORDER_RUN, /* none: be it */
        ORDER_RELOAD,
        ORDER_STOP,
} Order;

typedef struct Arguments {
        Order order;
        const char *user;
        pid_t pid; /* 0: not given, negative: nonsense */
        unsigned debug;
        bool foreground, background;
} Arguments;

static int help(void) {
        puts("Does what NUT's upsd does on its command line, with busbar-gateway in its place.\n"
             "\n"
             "usage: upsd [OPTIONS]\n"
             "\n"
             "  -c <command>   tell the server that runs:\n"
             "                  - reload: read the configuration again\n"
             "                  - stop: end it\n"
             "  -P <pid>       make sure that it is this process\n"
             "  -D             run the server in the foreground and log more\n"
             "  -F, -FF        run the server in the foreground\n"
             "  -B             start it as a service even with -D, as without any option\n"
             "  -u <user>      run it as this user in the foreground, when started by root\n"
             "  -r <dir>       refused: see RootDirectory= in systemd.exec(5)\n"
             "  -4, -6         without effect: see LISTEN in upsd.conf(5)\n"
             "  -q -f -i -p    taken, without effect\n"
             "  -V             show the version\n"
             "  -h             show this help\n"
             "\n"
             "See upsd(8).");
        return 0;
}

static int parse_order(const char *s, Arguments *a) {
        /* NUT takes any beginning of a word. */
        if (!isempty(s) && startswith("reload", s))
                a->order = ORDER_RELOAD;
        else if (!isempty(s) && startswith("stop", s))
                a->order = ORDER_STOP;
        else
                return help();
        return 1;
}

static pid_t parse_pid(const char *s) {
        uint64_t pid;

        if (parse_uint64(s, 1, PID_MAX, &pid) >= 0)
                return (pid_t) pid;
        fprintf(stderr, "Not a process number: %s\n", s);
        return -1;
}

static int parse_option(int c, Arguments *a) {
        switch (c) {
        case 'c':
                return parse_order(optarg, a);
        case 'P':
                a->pid = parse_pid(optarg);
                return 1;
        case 'D':
                a->debug++;
                return 1;
        case 'F':
                a->foreground = true;
                return 1;
        case 'B':
                a->background = true;
                return 1;
        case 'u':
                a->user = optarg;
                return 1;
        case 'r':
                fprintf(stderr, "The server does not change its root to %s; set RootDirectory= in "
                                "busbar-gateway.service.\n", optarg);
                return -EINVAL;
        case '4':
        case '6':
                fprintf(stderr, "-%c has no effect: LISTEN in upsd.conf says where to listen.\n", c);
                return 1;
        case 'q':
        case 'f':
        case 'i':
        case 'p':
                return 1;
        case 'V':
                puts(BANNER_OWN_VERSION);
                return 0;
        default:
                return help();
        }
}

/* Returns 1 to go on, else 0 or a negative errno. */
static int parse_arguments(int argc, char *argv[], Arguments *a) {
        int c, r = 1;

        while (r > 0 && (c = getopt(argc, argv, "+h46p:qr:i:fu:Vc:P:DFB")) >= 0)
                r = parse_option(c, a);
        return r > 0 && optind < argc ? help() : r;
}

/* Whose files the server may read besides its user's: upsd.users is closed to others. */
static gid_t conf_group(gid_t otherwise) {
        _cleanup_free_ char *path = conf_path("upsd.users");
        struct stat st;

        return path && stat(path, &st) >= 0 && st.st_gid != 0 ? st.st_gid : otherwise;
}

/* A server that others talk to is not to be root. */
static int drop_privileges(const char *user) {
        const struct passwd *p;
        gid_t groups[2];

        if (geteuid() != 0)
                return 0;
        p = getpwnam(user ?: USER_GATEWAY);
        if (!p && user) {
                fprintf(stderr, "There is no user %s.\n", user);
                return -ESRCH;
        }
        if (!p) {
                fputs("There is no user " USER_GATEWAY ", the server runs as root; -u names another.\n",
                                stderr);
                return 0;
        }
        if (p->pw_uid == 0)
                return 0;

        groups[0] = p->pw_gid;
        groups[1] = conf_group(p->pw_gid);
        if (setgroups(ELEMENTSOF(groups), groups) < 0 || setresgid(p->pw_gid, p->pw_gid, p->pw_gid) < 0 ||
            setresuid(p->pw_uid, p->pw_uid, p->pw_uid) < 0) {
                fprintf(stderr, "Cannot become %s: %s\n", p->pw_name, strerror(errno));
                return -errno;
        }
        return 0;
}

static int load_devices(ConfReport report, void *userdata, bool *ret_exists) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        int r = ups_conf_load(report, userdata, &conf);
        *ret_exists = conf && conf->exists;
        return r;
}

static int load_server(ConfReport report, void *userdata, bool *ret_exists) {
        _cleanup_(upsd_conf_freep) UpsdConf *conf = NULL;

        int r = upsd_conf_load(report, userdata, &conf);
        *ret_exists = conf && conf->exists;
        return r;
}

static int load_users(ConfReport report, void *userdata, bool *ret_exists) {
        _cleanup_(user_table_freep) UserTable *users = NULL;

        int r = user_table_load(report, userdata, &users);
        *ret_exists = users && users->exists;
        return r;
}

/* A file with mistakes is no reason not to reload the others. But whoever made them is here. */
static int rehearse(void) {
        static const struct {
                const char *name;
                ConfRehearsal load;
        } files[] = {
                { "ups.conf", load_devices }, { "upsd.conf", load_server }, { "upsd.users", load_users },
        };
        int result = 0;

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                int r = conf_rehearse(files[i].name, files[i].load);

                result = r < 0 ? r : result;
        }
        return result;
}

static int run(const Arguments *a) {
        const ServiceFront front = {
                .tool = "upsd",
                .service = "busbar-gateway",
                .bus_name = BUS_NAME_GATEWAY,
                .program = GATEWAY_PROGRAM,
                .socket = "busbar-gateway.socket",
                .drop = drop_privileges,
                .user = a->user,
        };

        if (a->order != ORDER_RUN && a->pid < 0)
                return -EINVAL;
        if (a->order == ORDER_RELOAD) {
                int taken = rehearse(), r = service_front_order(&front, SERVICE_RELOAD, a->pid);

                return r < 0 ? r : taken;
        }
        if (a->order == ORDER_STOP)
                return service_front_order(&front, SERVICE_STOP, a->pid);
        if (!a->foreground && (a->debug == 0 || a->background))
                return service_front_start(&front);

        return service_front_become(&front, a->debug > 0);
}

int main(int argc, char *argv[]) {
        Arguments a = { .order = ORDER_RUN };
        int r;

        output_begin();
        print_banner("upsd");
        r = parse_arguments(argc, argv, &a);
        if (r > 0)
                r = run(&a);
        else if (output_end("upsd") < 0)
                r = -EIO;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
