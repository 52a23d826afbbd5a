/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-ups.h"

#include "conf.h"
#include "dummy-file.h"
#include "dummy-relay.h"
#include "string-util.h"
#include "time-util.h"

typedef enum DummyMode {
        MODE_ONCE,
        MODE_LOOP,
        MODE_REPEATER,
} DummyMode;

/* One of the two, as the mode says. */
typedef struct DummyState {
        DummyFile *file;
        Relay *relay;
        char *path;
        bool skip_poll; /* a write has just been done */
} DummyState;

static DummyMode dummy_mode(const Device *d) {
        const char *mode = device_option(d, "mode"), *port = device_port(d);

        if (mode ? streq(mode, "repeater") : strchr(port, '@') != NULL)
                return MODE_REPEATER;
        if (mode ? streq(mode, "dummy-once") : endswith(port, ".dev") != NULL)
                return MODE_ONCE;
        return MODE_LOOP;
}

/* NUT shows the mode it settled on; "dummy" when neither option nor file name said which. */
static const char *dummy_mode_name(const Device *d, DummyMode mode) {
        if (mode == MODE_REPEATER)
                return "repeater";
        if (mode == MODE_ONCE)
                return "dummy-once";
        return device_option(d, "mode") || endswith(device_port(d), ".seq") ? "dummy-loop" : "dummy";
}

/* The kit starts a device that fails again and again: what is wrong is told when it starts for the first
 * time, and when a device fails that was well. */
static int dummy_complaint_level(const Device *d) {
        const Model *m = device_model(d);
        bool news = model_freshness(m) == FRESHNESS_FRESH ||
                streq_ptr(model_get(m, "driver.state"), "init.starting");

        return news ? LOG_ERR : LOG_DEBUG;
}

static int dummy_start_file(Device *d, bool loop, Update *u) {
        DummyState *s = device_state(d);
        const char *port = device_port(d);
        int r;

        s->path = startswith(port, "./") ? strdup(port) : conf_path(port);
        if (!s->path)
                return -ENOMEM;
        if (access(s->path, R_OK) < 0)
                (void) log_device(d, dummy_complaint_level(d), errno,
                                "Cannot read the definition file %s: %m", s->path);

        r = dummy_file_new(s->path, loop, &s->file);
        if (r < 0)
                return r;

        /* NUT lists this one, and like there it can be asked for but not done. */
        return update_command(u, "load.off");
}

static int dummy_start(Device *d, Update *u) {
        DummyState *s = device_state(d);
        DummyMode mode = dummy_mode(d);
        int r;

        if (mode == MODE_REPEATER)
                r = relay_new(d, dummy_complaint_level(d), &s->relay);
        else
                r = dummy_start_file(d, mode == MODE_LOOP, u);
        return r < 0 ? r : update_set(u, "driver.parameter.mode", dummy_mode_name(d, mode));
}

static void report_line(void *userdata, int level, const char *file, unsigned line, const char *message) {
        (void) log_device(userdata, level, 0, "%s:%u: %s", file, line, message);
}

static int dummy_poll(Device *d, PollSet what, Update *u) {
        DummyState *s = device_state(d);
        int r;

        if (s->relay)
                return relay_poll(s->relay, what, u);

        if (s->skip_poll) {
                /* It comes right behind a write, which in a loop it would undo before anybody has seen
                 * it. */
                s->skip_poll = false;
                return 0;
        }

        r = dummy_file_poll(s->file, now_usec(CLOCK_BOOTTIME), u, report_line, d);
        if (r < 0)
                (void) log_device(d, dummy_complaint_level(d), r, "Cannot read the definition file %s: %m",
                                s->path);
        return r;
}

static int dummy_set(Device *d, const char *variable, const char *value, Update *u) {
        DummyState *s = device_state(d);

        if (s->relay)
                return relay_set(s->relay, variable, value, u);

        s->skip_poll = true;
        return update_set(u, variable, value);
}

static int dummy_command(Device *d, const char *command, const char *argument, Update *u) {
        DummyState *s = device_state(d);

        return s->relay ? relay_command(s->relay, command, argument, u) : -EOPNOTSUPP;
}

static void dummy_stop(Device *d) {
        DummyState *s = device_state(d);

        s->file = dummy_file_free(s->file);
        s->relay = relay_free(s->relay);
        free(s->path);
        s->path = NULL;
}

/* A relay has the network between itself and its device. */
static Transport dummy_transport(const Device *d) {
        return dummy_mode(d) == MODE_REPEATER ? TRANSPORT_NETWORK : TRANSPORT_FILE;
}

static const char *const logins[] = { "none", "primary", "secondary", NULL };

static const char *const ssl_modes[] = { "auto", "yes", "no", NULL };

static const char *const modes[] = { "dummy-once", "dummy-loop", "dummy", "repeater", NULL };

static const Option options[] = {
        { .name = "mode", .type = OPTION_ENUM, .values = modes,
          .help = "what port= names, if its spelling does not tell" },
        { .name = "username", .type = OPTION_STRING, .secret = true,
          .help = "repeater: user name at the server, to write with" },
        { .name = "password", .type = OPTION_STRING, .secret = true,
          .help = "repeater: the password that belongs to it" },
        { .name = "authconf", .type = OPTION_STRING,
          .help = "repeater: file with user name and password; default, none or a path" },
        { .name = "login", .type = OPTION_ENUM, .values = logins, .initial = "none",
          .help = "repeater: log in at the server, as primary or secondary" },
        { .name = "need", .type = OPTION_INTEGER, .initial = "0", .maximum = 86400,
          .help = "repeater: seconds of power needed after a forced shutdown, told to the server" },
        { .name = "ssl", .type = OPTION_ENUM, .values = ssl_modes, .initial = "auto",
          .help = "repeater: whether to ask for TLS; auto: servers of other hosts are" },
        { .name = "forcessl", .type = OPTION_SAFEGUARD,
          .help = "repeater: connect with TLS or not at all" },
        { .name = "certverify", .type = OPTION_SAFEGUARD,
          .help = "repeater: the certificate of the server must be good, and for it" },
        { .name = "certhost", .type = OPTION_STRING,
          .help = "repeater: the name that it must be for, if not that of the host" },
        { .name = "certpath", .type = OPTION_STRING,
          .help = "repeater: certificates of authorities, a file or a directory" },
        { .name = "certfile", .type = OPTION_STRING,
          .help = "repeater: a certificate of our own with its key" },
        { .name = "certident_name", .type = OPTION_STRING,
          .help = "repeater: the name of that certificate in certpath" },
        { .name = "certident_pass", .type = OPTION_STRING, .secret = true,
          .help = "repeater: the password of its key" },
        { .name = "repeater_disable_strict_start", .type = OPTION_FLAG,
          .help = "repeater: as in NUT; a server that cannot be reached never ends this driver" },
        {}
};

const Driver dummy_ups_driver = {
        .name = "dummy-ups",
        .description = "Device simulation and repeater driver",
        .version = "1.0",
        .transport = TRANSPORT_FILE,
        .transport_of = dummy_transport,
        .io = IO_LOOP,
        .state_size = sizeof(DummyState),
        .options = options,
        .start = dummy_start,
        .poll = dummy_poll,
        .set = dummy_set,
        .command = dummy_command,
        .stop = dummy_stop,
};
