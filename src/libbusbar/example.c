/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program does with libbusbar: cc example.c $(pkg-config --cflags --libs libbusbar)
 *
 *     example                         all devices, with what is most asked for
 *     example watch                   each change, as it comes
 *     example set DEVICE VARIABLE VALUE
 *     example run DEVICE COMMAND [ARGUMENT]
 */

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <busbar.h>

#define TIMEOUT_USEC UINT64_C(10000000)

static void print_device(BusbarDevice *d) {
        double charge = busbar_device_get_number(d, "battery.charge");

        printf("%s: %s,", busbar_device_name(d), busbar_freshness_name(busbar_device_freshness(d)));
        for (const char *const *word = busbar_device_status(d); *word; word++)
                printf(" %s", *word);
        if (!isnan(charge))
                printf(", %.0f %%", charge);
        printf("\n");
}

static void on_event(Busbar *b, BusbarEvent event, BusbarDevice *d, const BusbarChange *change,
                void *userdata) {
        switch (event) {

        case BUSBAR_ADDED:
                printf("+ ");
                print_device(d);
                break;
        case BUSBAR_CHANGED:
                if (!change) { /* anything may be new */
                        printf("* ");
                        print_device(d);
                }
                for (const char *const *name = busbar_change_changed(change); *name; name++)
                        printf("  %s: %s = %s\n", busbar_device_name(d), *name, busbar_device_get(d, *name));
                for (const char *const *name = busbar_change_removed(change); *name; name++)
                        printf("  %s: %s is gone\n", busbar_device_name(d), *name);
                break;
        case BUSBAR_REMOVED:
                printf("- %s\n", busbar_device_name(d));
                break;
        default:
                break;
        }
        fflush(stdout);
}

static int watch(void) {
        Busbar *b;
        int r;

        r = busbar_open(NULL, on_event, NULL, &b);
        if (r < 0)
                return r;

        /* A program with a loop polls this descriptor beside its own. */
        while (r >= 0) {
                struct pollfd pollfd = { .fd = busbar_get_fd(b), .events = (short) busbar_get_events(b) };
                uint64_t usec;

                r = busbar_get_timeout(b, &usec);
                if (r >= 0 && poll(&pollfd, 1, usec == 0 ? 0 : -1) < 0 && errno != EINTR)
                        r = -errno;
                if (r >= 0)
                        r = busbar_process(b);
        }

        busbar_close(b);
        return r;
}

static int list(Busbar *b) {
        for (size_t i = 0; i < busbar_count(b); i++)
                print_device(busbar_device(b, i));
        return 0;
}

typedef struct Answer {
        int result;
        int done;
} Answer;

static void on_reply(Busbar *b, int result, const char *message, void *userdata) {
        Answer *answer = userdata;

        answer->result = result;
        answer->done = 1;
        if (result < 0)
                fprintf(stderr, "%s (%s)\n", busbar_strerror(result), message ? message : "no more known");
}

static int order(Busbar *b, int argc, char **argv) {
        BusbarDevice *d = busbar_find(b, argv[2]);
        Answer answer = { 0 };
        int r;

        if (!d) {
                fprintf(stderr, "There is no device %s.\n", argv[2]);
                return -ENODEV;
        }
        if (strcmp(argv[1], "set") == 0 && argc == 5)
                r = busbar_device_set(d, argv[3], argv[4], on_reply, &answer);
        else
                r = busbar_device_run(d, argv[3], argc == 5 ? argv[4] : NULL, on_reply, &answer);
        while (r >= 0 && !answer.done)
                r = busbar_wait(b, UINT64_MAX);
        return r < 0 ? r : answer.result;
}

static int is_order(int argc, char **argv) {
        return (argc == 5 && strcmp(argv[1], "set") == 0) ||
                ((argc == 4 || argc == 5) && strcmp(argv[1], "run") == 0);
}

static int run(int argc, char **argv) {
        Busbar *b;
        int r;

        if (argc == 2 && strcmp(argv[1], "watch") == 0)
                return watch();
        if (argc != 1 && !is_order(argc, argv)) {
                fprintf(stderr, "Usage: %s [watch]\n"
                                "       %s set DEVICE VARIABLE VALUE\n"
                                "       %s run DEVICE COMMAND [ARGUMENT]\n",
                        argv[0], argv[0], argv[0]);
                return -EINVAL;
        }

        r = busbar_open(NULL, NULL, NULL, &b);
        if (r < 0)
                return r;
        r = busbar_sync(b, TIMEOUT_USEC);
        if (r >= 0)
                r = argc > 1 ? order(b, argc, argv) : list(b);
        else
                fputs(busbar_is_connected(b) ? "Drivers do not answer.\n" : "There is no bus.\n", stderr);

        busbar_close(b);
        return r;
}

int main(int argc, char **argv) {
        return run(argc, argv) < 0;
}
