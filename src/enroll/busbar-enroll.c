/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "enroll.h"
#include "log.h"
#include "string-util.h"

/* There is nothing to do, and will not be as long as nothing changes: not to be tried again soon. */
#define EXIT_NOTHING 2

typedef struct Arguments {
        const char *node, *hand_over, *forget;
        bool all, dry, json;
} Arguments;

static void usage(const char *program) {
        printf("Usage: %s [OPTIONS] NODE | --all\n"
               "Gives names to USB devices that supply power, and has their drivers started.\n\n"
               "      --all             All that are plugged in, not only that of NODE\n"
               "      --dry-run         Show what would be, and change nothing\n"
               "      --json            Show it as JSON\n"
               "      --hand-over=NAME  Open the device for its driver, which does the rest\n"
               "      --forget=NAME     Forget a device that is not plugged in\n"
               "  -h, --help            Show this help\n"
               "      --version         Show the version\n"
               "\nSee busbar-enroll(8).\n", program);
}

/* 0 to go on, 1 when all is said, negative for a mistake. */
static int parse_arguments(int argc, char *argv[], Arguments *ret) {
        enum { ARG_ALL = 256, ARG_DRY, ARG_JSON, ARG_HAND_OVER, ARG_FORGET, ARG_VERSION };
        static const struct option options[] = {
                { "all",       no_argument,       NULL, ARG_ALL       },
                { "dry-run",   no_argument,       NULL, ARG_DRY       },
                { "json",      no_argument,       NULL, ARG_JSON      },
                { "hand-over", required_argument, NULL, ARG_HAND_OVER },
                { "forget",    required_argument, NULL, ARG_FORGET    },
                { "help",      no_argument,       NULL, 'h'           },
                { "version",   no_argument,       NULL, ARG_VERSION   },
                {},
        };
        Arguments a = {};
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case ARG_ALL:
                        a.all = true;
                        break;
                case ARG_DRY:
                        a.dry = true;
                        break;
                case ARG_JSON:
                        a.json = true;
                        break;
                case ARG_HAND_OVER:
                        a.hand_over = optarg;
                        break;
                case ARG_FORGET:
                        a.forget = optarg;
                        break;
                case 'h':
                        usage(argv[0]);
                        return 1;
                case ARG_VERSION:
                        puts("busbar-enroll " BUSBAR_VERSION);
                        return 1;
                default:
                        return -EINVAL;
                }

        a.node = argv[optind];
        if (a.all + !!a.node + !!a.hand_over + !!a.forget != 1 || (a.node && optind + 1 < argc)) {
                fprintf(stderr, "%s: one of NODE, --all, --hand-over=NAME and --forget=NAME is needed.\n",
                                argv[0]);
                return -EINVAL;
        }
        *ret = a;
        return 0;
}

static int connect_systemd(Systemd **ret) {
        int r = systemd_new(ret);

        return r < 0 ? log_error_errno(r, "Cannot ask the service manager: %m") : 0;
}

static int serve(Enroll *e, size_t from, size_t end, bool is_new) {
        _cleanup_(systemd_freep) Systemd *s = NULL;
        int r = 0;

        enroll_write(e);
        if (from == end)
                return 0;
        if (connect_systemd(&s) < 0)
                return -EIO;

        /* One that fails is no reason to leave the others. */
        for (size_t i = from; i < end; i++)
                if (enroll_serve(e, s, i, is_new) < 0)
                        r = -EIO;
        return r;
}

static int run_node(Enroll *e, const Arguments *a) {
        size_t from = 0, end = e->plugged.n_devices;
        int r = 0;

        if (a->node) {
                ssize_t i = enroll_find_node(e, a->node);

                /* It may be gone again, which is no mistake of anybody. */
                if (i < 0)
                        return log_full(LOG_NOTICE, 0, NULL, "%s is no power device that is plugged in, "
                                        "or it is to be left alone.", a->node);
                from = (size_t) i;
                end = from + 1;
        }

        if (!a->dry)
                r = serve(e, from, end, /* is_new= */ a->node);
        if (a->json)
                enroll_print_json(e);
        else if (a->dry)
                enroll_print(e);
        return r;
}

static int run_hand_over(Enroll *e, const Arguments *a) {
        _cleanup_(systemd_freep) Systemd *s = NULL;
        ssize_t i = enroll_find_name(e, a->hand_over);
        int r;

        if (enroll_is_elsewhere(e, a->hand_over))
                return 0;
        if (i < 0)
                return log_full(LOG_ERR, ENODEV, &(LogContext) { .device = a->hand_over },
                                "No device that is called %s is plugged in.", a->hand_over);

        enroll_write(e);
        r = connect_systemd(&s);
        return r < 0 ? r : enroll_open(e, s, (size_t) i);
}

static int run_forget(Enroll *e, const Arguments *a) {
        int r;

        if (enroll_find_name(e, a->forget) >= 0)
                return log_full(LOG_ERR, EBUSY, NULL, "%s is plugged in, and would be met again at once.",
                                a->forget);
        r = state_forget(&e->state, a->forget);
        if (r < 0)
                return log_error_errno(r, "Cannot forget %s: %m", a->forget);
        return a->dry ? 0 : state_save(&e->state);
}

int main(int argc, char *argv[]) {
        Enroll e = { .root = strempty(getenv("BUSBAR_ENROLL_ROOT")) };
        Arguments a;
        int r;

        r = parse_arguments(argc, argv, &a);
        if (r != 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(LOG_INFO);
        e.dry = a.dry;
        r = enroll_look(&e);
        if (r >= 0)
                r = a.forget ? run_forget(&e, &a) : a.hand_over ? run_hand_over(&e, &a) : run_node(&e, &a);
        enroll_done(&e);
        if (a.hand_over && (r == -ENODEV || r == -EBUSY))
                return EXIT_NOTHING;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
