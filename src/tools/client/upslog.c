/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include "background.h"
#include "log-set.h"
#include "parse-util.h"
#include "pid-file.h"
#include "string-util.h"
#include "time-util.h"

#define DEFAULT_FORMAT                                                                          \
        "%TIME @Y@m@d @H@M@S% %VAR battery.charge% %VAR input.voltage% %VAR ups.load% "         \
        "[%VAR ups.status%] %VAR ups.temperature% %VAR input.frequency%"

/* Whoever keeps a connection longer takes one of the server's for nothing. */
#define KEEP_CONNECTION_SECONDS 30

typedef struct Upslog {
        ToolOptions options;
        LogSet set;
        LogFormat *format;
        const char *system, *target; /* -s and -l */
        char *format_text;
        bool prefix;
        int interval;        /* seconds */
        uint64_t count;      /* 0: for ever */
        int foreground;      /* negative: as the targets want it */
        const char *account; /* -u: of this machine, not of a server */
        const char *pid_base;
        char *pid_file;      /* its path, unless there can be none */
        int quit_fd, notice_fd;
} Upslog;

static void help(const char *program) {
        printf("Writes the state of UPSes to log files at regular times.\n"
               "\n"
               "usage: %s [OPTIONS] -s <ups> -l <file>\n"
               "       %s [OPTIONS] -m <ups>,<file> [-m <ups>,<file> ...]\n"
               "\n"
               "  -s <ups>        <name>[@<host>[:<port>]], IPv6 addresses in [ ]; all of the host with\n"
               "                  * for the name\n"
               "  -l <file>       append to this file; - is standard output\n"
               "  -m <ups>,<file> both; may be given more than once\n"
               "  -i <seconds>    time from one line to the next (30)\n"
               "  -d <count>      end after so many\n"
               "  -f <format>     what a line is made of, see below\n"
               "  -N              put the UPS in front of each line\n"
               "  -F              stay in the foreground also when writing to a file\n"
               "  -B              go to the background also when writing to standard output\n"
               "  -p <name>       name of the PID file, or its path if it begins with / (upslog)\n"
               "  -u <user>       work as this user when started by root (nut)\n"
               TOOL_OPTIONS_HELP
               "\n"
               "In a format:\n"
               "  %%%%              a %%\n"
               "  %%t              a tabulator\n"
               "  %%TIME <format>%% the time, in the escapes of strftime() with @ for %%\n"
               "  %%ETIME%%         the time in seconds since 1970\n"
               "  %%HOST%%          the name of this host\n"
               "  %%UPSHOST%%       the UPS, as given\n"
               "  %%PID%%           the process ID\n"
               "  %%VAR <name>%%    the value of a variable\n"
               "The default is\n%s\n"
               "\n"
               "See upslog(8).\n",
               program, program, DEFAULT_FORMAT);
}

/*** The command line ***/

static int take_pair(Upslog *u, const char *argument) {
        const char *comma = strchr(argument, ',');
        _cleanup_free_ char *spec = NULL;

        if (!comma || strchr(comma + 1, ',') || !comma[1]) {
                fputs("Argument '-m upsspec,logfile' requires exactly 2 components in the tuple\n", stderr);
                return -EINVAL;
        }
        spec = strndup(argument, (size_t) (comma - argument));
        return spec ? log_set_add(&u->set, spec, comma + 1) : -ENOMEM;
}

static int take_interval(Upslog *u, const char *argument) {
        uint64_t seconds;

        if (parse_uint64(argument, 1, INT32_MAX, &seconds) < 0)
                return tool_refuse_usage(&u->options, "Error: \"%s\" is no interval: 1 or more seconds.",
                                argument);
        u->interval = (int) seconds;
        return 0;
}

static int take_option(Upslog *u, int option, const char *argument) {
        switch (option) {
        case 's':
                u->system = argument;
                return 1;
        case 'l':
                u->target = argument;
                return 1;
        case 'm':
                return take_pair(u, argument) < 0 ? -EINVAL : 1;
        case 'i':
                return take_interval(u, argument) < 0 ? -EINVAL : 1;
        case 'd':
                if (parse_uint64(argument, 1, UINT64_MAX, &u->count) < 0)
                        return tool_refuse_usage(&u->options, "Error: \"%s\" is no number of lines.",
                                        argument);
                return 1;
        case 'f':
                return free_and_strdup(&u->format_text, argument) < 0 ? -ENOMEM : 1;
        case 'N':
                u->prefix = true;
                return 1;
        case 'u':
                u->account = argument;
                return 1;
        case 'p':
                u->pid_base = argument;
                return 1;
        case 'F':
        case 'B':
                u->foreground = option == 'F';
                return 1;
        case 'D':
                u->foreground = u->foreground < 0 ? 1 : u->foreground;
                break;
        case 'h':
                help(u->options.program);
                return 0;
        }
        return tool_options_take(&u->options, option, argument);
}

/* As it was before there were options: <ups> <file> <seconds> [<format>]. */
static int take_old_arguments(Upslog *u, char *const *arguments) {
        size_t n = strv_length(arguments);
        int r;

        if (n == 0)
                return 0;
        if (n < 3)
                return tool_refuse_usage(&u->options,
                                "Error: without options, wants a UPS, a file and an interval.");

        u->system = arguments[0];
        u->target = arguments[1];
        r = take_interval(u, arguments[2]);
        if (r < 0 || n == 3)
                return r;

        free(u->format_text);
        u->format_text = strv_join(arguments + 3, " ");
        return u->format_text ? 0 : -ENOMEM;
}

/* 1 to go on, 0 when all is done, or a negative errno when the user was told. */
static int parse_arguments(int argc, char *argv[], Upslog *u) {
        _cleanup_free_ char *format = NULL;
        int c, r;

        while ((c = getopt(argc, argv, TOOL_OPTIONS "s:l:m:i:d:f:Nu:p:FB")) >= 0) {
                r = take_option(u, c, optarg);
                if (r <= 0)
                        return r;
        }
        r = take_old_arguments(u, argv + optind);
        if (r < 0)
                return r;

        if (u->system ? !u->target : u->target || u->set.n_systems == 0) {
                fprintf(stderr, "%s\n", u->system ? "No filename defined for logging - use -l <file>"
                                                  : "No UPS defined for monitoring - use -s <system>");
                return -EINVAL;
        }
        if (u->system && log_set_add(&u->set, u->system, u->target) < 0)
                return -ENOMEM;

        format = strjoin(u->prefix ? "%UPSHOST%%t" : "", u->format_text ?: DEFAULT_FORMAT);
        r = format ? log_format_new(format, &u->format) : -ENOMEM;
        return r < 0 ? r : 1;
}

/*** Becoming a daemon ***/

static int find_account(const Upslog *u, const struct passwd **ret) {
        const char *user = u->account ?: "nut";
        const struct passwd *account = getpwnam(user);

        if (!account && !u->account)
                account = getpwnam("nobody");
        if (!account) {
                fprintf(stderr, "Error: there is no user %s; name one with -u\n", user);
                return -ENOENT;
        }

        *ret = account;
        return 0;
}

static int become(const struct passwd *account) {
        if (geteuid() != 0 || account->pw_uid == 0)
                return 0;
        if (initgroups(account->pw_name, account->pw_gid) < 0 || setgid(account->pw_gid) < 0 ||
            setuid(account->pw_uid) < 0) {
                int r = -errno;

                fprintf(stderr, "Error: cannot become user %s: %s\n", account->pw_name, strerror(-r));
                return r;
        }
        return 0;
}

/* Relative paths of log files hold on, so the directory stays. The first process ends here. */
static int go_to_background(Upslog *u) {
        pid_t pid;

        (void) fflush(stdout);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid > 0)
                _exit(EXIT_SUCCESS);

        (void) setsid();
        openlog(u->options.program, LOG_PID, LOG_DAEMON);
        u->set.background = true;
        return 0;
}

/* Once there is no more to say to whoever has started us. */
static int leave_terminal(const Upslog *u) {
        _cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0)
                return -errno;
        (void) dup2(null, STDIN_FILENO);
        (void) dup2(null, STDERR_FILENO);
        if (!log_set_has_stdout(&u->set))
                (void) dup2(null, STDOUT_FILENO);
        return 0;
}

/* While there is somebody to tell. */
static void find_pid_file(Upslog *u) {
        const char *directory = getenv("NUT_ALTPIDPATH") ?: conf_state_path();
        pid_t owner = 0;

        u->pid_file = u->pid_base[0] == '/' ? strdup(u->pid_base)
                                            : strjoin(directory, "/", u->pid_base, ".pid");
        if (u->pid_file && pid_file_read(u->pid_file, &owner) >= 0 && owner > 0 &&
            owner != getpid() && background_is(owner, "upslog"))
                fprintf(stderr,
                        "Warning: the PID file %s is that of process %d, which logs too; it is ours now. "
                        "Give each a name of its own with -p\n",
                        u->pid_file, (int) owner);
}

/* Before root is given up, as its directory may be root's. */
static void write_pid_file(Upslog *u) {
        int r;

        r = u->pid_file ? pid_file_write(u->pid_file) : 0;
        if (r >= 0)
                return;

        fprintf(stderr, "Cannot write the PID file %s: %s\n", u->pid_file,
                r == -EMEDIUMTYPE ? "There is something that is no regular file" : strerror(-r));
        (void) free_and_strdup(&u->pid_file, NULL);
}

/*** Signals ***/

static int open_signals(const int *signals, size_t n) {
        sigset_t set;
        int fd;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < n; i++)
                (void) sigaddset(&set, signals[i]);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return fd < 0 ? -errno : fd;
}

/* Those that end the program let it out of any wait for a server, the others can wait for the line. */
static int setup_signals(Upslog *u) {
        static const int quit[] = { SIGTERM, SIGINT, SIGQUIT }, notice[] = { SIGHUP, SIGUSR1 };

        u->quit_fd = open_signals(quit, ELEMENTSOF(quit));
        if (u->quit_fd < 0)
                return u->quit_fd;
        u->notice_fd = open_signals(notice, ELEMENTSOF(notice));
        if (u->notice_fd < 0)
                return u->notice_fd;

        u->options.interrupt_fd = u->quit_fd;
        return 0;
}

/* 0 for none. */
static int read_signal(int fd) {
        struct signalfd_siginfo info;

        return read(fd, &info, sizeof(info)) == sizeof(info) ? (int) info.ssi_signo : 0;
}

/*** Work ***/

static void take_hangup(Upslog *u) {
        fprintf(stderr, "Signal %d: reopening log file\n", SIGHUP);
        log_set_reopen(&u->set);
}

/* Waits for the next line. 0, also when a signal asks for it now, or -EINTR to end. */
static int wait_until(Upslog *u, uint64_t deadline) {
        struct pollfd fds[] = {
                { .fd = u->quit_fd,   .events = POLLIN },
                { .fd = u->notice_fd, .events = POLLIN },
        };

        for (;;) {
                uint64_t left = usec_sub(deadline, now_usec(CLOCK_MONOTONIC));
                struct timespec t = {
                        .tv_sec = (time_t) (left / USEC_PER_SEC),
                        .tv_nsec = (long) (left % USEC_PER_SEC * NSEC_PER_USEC),
                };
                int n = ppoll(fds, ELEMENTSOF(fds), &t, NULL), signal;

                if (n > 0 && fds[0].revents != 0)
                        return -EINTR;
                while (n > 0 && (signal = read_signal(u->notice_fd)) > 0) {
                        if (signal == SIGUSR1)
                                return 0;
                        take_hangup(u);
                }
                if (now_usec(CLOCK_MONOTONIC) >= deadline)
                        return 0;
        }
}

static int work(Upslog *u) {
        uint64_t interval = (uint64_t) u->interval * USEC_PER_SEC, next = now_usec(CLOCK_MONOTONIC);
        int r = 0;

        for (uint64_t n = 1; r >= 0; n++) {
                r = log_set_write(&u->set, u->format, u->interval > KEEP_CONNECTION_SECONDS);
                if (r < 0 || n == u->count)
                        break;

                next = tool_next_usec(next, interval, now_usec(CLOCK_MONOTONIC));
                r = wait_until(u, next);
        }

        if (r == -EINTR) {
                fprintf(stderr, "Signal %d: exiting\n", read_signal(u->quit_fd));
                return 0;
        }
        /* Who counts them wants to have them all. */
        return r < 0 ? r : u->set.lost_lines ? -EIO : 0;
}

static int run(Upslog *u) {
        const struct passwd *account = NULL;
        bool foreground;
        int r;

        r = setup_signals(u);
        if (r >= 0)
                r = log_set_resolve(&u->set);
        if (r >= 0)
                r = log_set_open(&u->set, u->interval);
        if (r >= 0 && geteuid() == 0)
                r = find_account(u, &account);
        if (r < 0)
                return r == -EINTR ? 0 : r;

        find_pid_file(u);
        foreground = u->foreground < 0 ? log_set_has_stdout(&u->set) : u->foreground > 0;
        if (!foreground) {
                r = go_to_background(u);
                if (r < 0)
                        return r;
        }
        write_pid_file(u);
        r = account ? become(account) : 0;
        if (r >= 0 && !foreground)
                r = leave_terminal(u);
        if (r < 0)
                return r;

        (void) sd_notify(false, "READY=1");
        return work(u);
}

int main(int argc, char *argv[]) {
        Upslog u = { .interval = 30, .foreground = -1, .quit_fd = -EBADF, .notice_fd = -EBADF };
        int r;

        r = tool_options_init(&u.options, argv[0]);
        u.set.options = &u.options;
        u.pid_base = u.options.program;
        if (r >= 0)
                r = parse_arguments(argc, argv, &u);
        if (r != 0)
                printf("Network UPS Tools %s " NUT_COMPAT_VERSION "\n", u.options.program);
        if (r > 0)
                r = run(&u);

        if (u.pid_file)
                pid_file_remove(u.pid_file);
        free(u.pid_file);
        free(u.format_text);
        log_set_done(&u.set);
        log_format_free(u.format);
        safe_close(u.quit_fd);
        safe_close(u.notice_fd);
        return tool_finish(&u.options, r);
}
