/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "parse-util.h"
#include "recording.h"
#include "string-util.h"
#include "time-util.h"
#include "tool.h"

typedef struct Recorder {
        ToolOptions options;
        ToolClient client;
        const char *path;
        uint64_t interval; /* seconds */
        FILE *out;
        char **before;      /* lines of the last look; NULL: there was none */
        uint64_t changed_usec; /* when they were seen */
        int quit_fd;
} Recorder;

static void help(const char *program) {
        printf("Records how the variables of a UPS change, for dummy-ups to play it.\n"
               "\n"
               "usage: %s [OPTIONS] <ups> [<file> [<seconds>]]\n"
               "\n"
               "  <ups>           <name>[@<host>[:<port>]], IPv6 addresses in [ ]\n"
               "  <file>          what is written (dummy-device.seq)\n"
               "  <seconds>       time from one look to the next (5)\n"
               TOOL_OPTIONS_HELP
               "\n"
               "It ends with control-C. See nut-recorder(8).\n",
               program);
}

/*** Looks ***/

typedef struct Look {
        char **lines; /* strv of NAME: VALUE */
        int error;
} Look;

static void on_variable(void *userdata, char *const *words, size_t n_words) {
        Look *l = userdata;

        if (l->error < 0)
                return;
        if (n_words < 4)
                l->error = -EPROTO;
        else
                l->error = strv_consume(&l->lines, strjoin(words[2], ": ", words[3]));
}

/* *ret is a strv of what there is now. 0, or a negative errno with a reason. */
static int look(ToolClient *c, char ***ret) {
        Look l = {};
        int r = 0;

        if (!c->session)
                r = tool_client_connect(c);
        if (r >= 0)
                r = tool_client_list(c, on_variable, &l, "VAR", c->ups, NULL);
        if (r >= 0 && l.error < 0)
                r = tool_client_fail(c, l.error, "%s", strerror(-l.error));
        if (r < 0) {
                strv_free(l.lines);
                tool_client_leave(c);
                return r;
        }

        *ret = l.lines;
        return 0;
}

/* To the file, and to who watches. */
static int put(const Recorder *rec, const char *text) {
        if (fputs(text, rec->out) < 0 || fflush(rec->out) != 0) {
                fprintf(stderr, "%s: %s\n", rec->path, strerror(errno));
                return -EIO;
        }
        fputs(text, stdout);
        (void) fflush(stdout);
        return 0;
}

/* Writes what is new. The lines are its own from then on. */
static int record(Recorder *rec, char **owned) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        _cleanup_strv_free_ char **lines = owned;
        _cleanup_free_ char *changes = NULL, *text = NULL;
        int r;

        r = recording_changes(rec->before, lines, &changes);
        if (r < 0 || isempty(changes))
                return r;

        if (rec->changed_usec > 0)
                text = strprintf("TIMER %" PRIu64 "\n%s",
                                (now - rec->changed_usec + USEC_PER_SEC / 2) / USEC_PER_SEC, changes);
        else
                text = strdup(changes);
        if (!text)
                return -ENOMEM;

        strv_free(rec->before);
        rec->before = TAKE_PTR(lines);
        rec->changed_usec = now;
        return put(rec, text);
}

/*** Main ***/

static int open_output(Recorder *rec) {
        rec->out = fopen(rec->path, "we");
        if (!rec->out) {
                int r = -errno;

                fprintf(stderr, "Error: cannot write %s: %s\n", rec->path, strerror(-r));
                return r;
        }
        return 0;
}

/* 0 to go on, -EINTR at a signal. */
static int pause_until(const Recorder *rec, uint64_t deadline) {
        uint64_t left = usec_sub(deadline, now_usec(CLOCK_MONOTONIC));
        struct pollfd fd = { .fd = rec->quit_fd, .events = POLLIN };
        struct timespec t = {
                .tv_sec = (time_t) (left / USEC_PER_SEC),
                .tv_nsec = (long) (left % USEC_PER_SEC * NSEC_PER_USEC),
        };

        return ppoll(&fd, 1, &t, NULL) > 0 ? -EINTR : 0;
}

/* Until a signal comes, or the file cannot be written. */
static int watch(Recorder *rec) {
        uint64_t next = now_usec(CLOCK_MONOTONIC);
        bool lost = false;
        int r;

        for (;;) {
                _cleanup_strv_free_ char **lines = NULL;

                next = tool_next_usec(next, rec->interval * USEC_PER_SEC, now_usec(CLOCK_MONOTONIC));
                if (pause_until(rec, next) < 0)
                        return 0;
                r = look(&rec->client, &lines);
                if (r == -EINTR)
                        return 0;
                if (r < 0) {
                        if (!lost)
                                fprintf(stderr, "%s: %s; trying again\n", rec->client.ups,
                                        strempty(rec->client.why));
                        lost = true;
                        continue;
                }
                lost = false;
                r = record(rec, TAKE_PTR(lines));
                if (r < 0)
                        return r;
        }
}

static int setup_signals(Recorder *rec) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGQUIT);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        rec->quit_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (rec->quit_fd < 0)
                return -errno;

        rec->options.interrupt_fd = rec->quit_fd;
        return 0;
}

static int run(Recorder *rec, char *const *arguments) {
        _cleanup_strv_free_ char **lines = NULL;
        size_t n = strv_length(arguments);
        int r;

        if (n < 1 || n > 3)
                return tool_refuse_usage(&rec->options,
                                "Error: wants a UPS, and may have a file and an interval.");
        if (n > 2 && parse_uint64(arguments[2], 1, UINT32_MAX, &rec->interval) < 0)
                return tool_refuse_usage(&rec->options, "Error: \"%s\" is no interval: 1 or more seconds.",
                                arguments[2]);
        rec->path = n > 1 ? arguments[1] : "dummy-device.seq";

        r = tool_client_init_ups(&rec->client, &rec->options, arguments[0]);
        if (r < 0) {
                fputs("Error: invalid UPS definition.\nRequired format: upsname[@hostname[:port]]\n",
                                stderr);
                return r;
        }
        r = setup_signals(rec);
        if (r >= 0)
                r = look(&rec->client, &lines);
        if (r < 0) {
                fprintf(stderr, "Error: %s\n", rec->client.why ?: strerror(-r));
                return r;
        }

        r = open_output(rec);
        if (r >= 0)
                r = put(rec, "# A sequence for dummy-ups, recorded by nut-recorder.\n\n");
        if (r >= 0)
                r = record(rec, TAKE_PTR(lines));
        rec->changed_usec = now_usec(CLOCK_MONOTONIC);
        return r < 0 ? r : watch(rec);
}

/* 1 to go on, 0 when all is done, or a negative errno when the user was told. */
static int parse_options(int argc, char *argv[], Recorder *rec) {
        int c, r;

        while ((c = getopt(argc, argv, TOOL_OPTIONS)) >= 0) {
                if (c == 'h') {
                        help(rec->options.program);
                        return 0;
                }
                r = tool_options_take(&rec->options, c, optarg);
                if (r <= 0)
                        return r;
        }
        return 1;
}

int main(int argc, char *argv[]) {
        Recorder rec = { .interval = 5, .quit_fd = -EBADF };
        int r;

        r = tool_options_init(&rec.options, argv[0]);
        if (r >= 0)
                r = parse_options(argc, argv, &rec);
        if (r > 0)
                r = run(&rec, argv + optind);

        tool_client_done(&rec.client);
        strv_free(rec.before);
        if (rec.out && fclose(rec.out) != 0)
                r = -EIO;
        safe_close(rec.quit_fd);
        return tool_finish(&rec.options, r);
}
