/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus-mirror.h"
#include "macro.h"
#include "text.h"

/* What the verbs of busbarctl share: the command line's wishes, the bus, and the devices on it. */

#define CTL_EXIT_USAGE 2

/* Options that only some verbs take. */
typedef enum CtlOptions {
        CTL_OPTION_LINES   = 1 << 0,
        CTL_OPTION_REASON  = 1 << 1,
        CTL_OPTION_YES     = 1 << 2,
        CTL_OPTION_DRY_RUN = 1 << 3,
        CTL_OPTION_CANCEL  = 1 << 4,
        CTL_OPTION_NO_REDACT = 1 << 5,
        CTL_OPTION_DIRECTORY = 1 << 6,
        CTL_OPTION_NAME    = 1 << 7,
        CTL_OPTION_DAYS    = 1 << 8,
        CTL_OPTION_RENEW   = 1 << 9,
        CTL_OPTION_MIB     = 1 << 10,
        CTL_OPTION_ENTERPRISE = 1 << 11,
} CtlOptions;

/* Those of "profile import". */
#define PROFILE_OPTIONS ((CtlOptions) (CTL_OPTION_NAME | CTL_OPTION_MIB | CTL_OPTION_ENTERPRISE))

typedef struct Ctl {
        CtlOptions given;
        uint32_t lines;     /* of --lines */
        uint32_t days;      /* of --days, or 0 */
        const char *reason; /* of --reason, or NULL */
        const char *directory; /* of --directory, or NULL */
        char **names;       /* of all --name; a strv that main() frees */
        char **mibs;        /* of all --mib; likewise */
        const char *enterprise; /* of --enterprise, or NULL */
        bool json;
        bool ask_password; /* polkit may ask the person at the terminal */
        bool terminal;     /* stdout is one */
        bool color;

        /* After ctl_connect(). */
        sd_event *event;
        sd_bus *bus;
        Mirror *mirror;
        pid_t agent;       /* password agent that we started; 0: none */
} Ctl;

/* A verb says itself, with ctl_error(), what went wrong; its negative errno only means exit status 1. args
 * ends with NULL and holds as many as the table allows. */
typedef struct Verb {
        const char *name;
        unsigned min, max; /* number of arguments */
        CtlOptions options; /* those that it takes beside the common ones */
        int (*run)(Ctl *c, char **args);
        const char *synopsis, *help;
} Verb;

int verb_status(Ctl *c, char **args);
int verb_list(Ctl *c, char **args);
int verb_show(Ctl *c, char **args);
int verb_get(Ctl *c, char **args);
int verb_set(Ctl *c, char **args);
int verb_run(Ctl *c, char **args);
int verb_watch(Ctl *c, char **args);
int verb_describe(Ctl *c, char **args);
int verb_fsd(Ctl *c, char **args);
int verb_check(Ctl *c, char **args);
int verb_plan(Ctl *c, char **args);
int verb_why(Ctl *c, char **args);
int verb_policy(Ctl *c, char **args);
int verb_shutdown(Ctl *c, char **args);
int verb_profile(Ctl *c, char **args);
int verb_report(Ctl *c, char **args);
int verb_tls(Ctl *c, char **args);
int verb_scan(Ctl *c, char **args);
int verb_doctor(Ctl *c, char **args);
int verb_migrate(Ctl *c, char **args);

/* Writes "busbarctl: ..." to stderr, with control characters made harmless, and returns r. */
int ctl_error(int r, const char *fmt, ...) _printf_(2, 3);

/* Writes a line to stdout, in that colour at a terminal, with control characters made harmless. */
void ctl_print(const Ctl *c, Color color, const char *fmt, ...) _printf_(3, 4);

/* Opens the system bus alone. Says what is wrong. */
int ctl_open_bus(Ctl *c);

/* Opens the system bus and reads all devices on it. A driver that does not answer in time is waited for no
 * longer, which is said. Says what is wrong. */
int ctl_connect(Ctl *c);

/* Lets go of bus and devices. */
void ctl_disconnect(Ctl *c);

/* The device of that name. When there is none, says so, with those that were perhaps meant; then NULL. */
MirrorDevice *ctl_find_device(Ctl *c, const char *name);

/* Says on stderr why there may be no device at all, and what to do. */
void ctl_hint_no_devices(void);

/* Starts an agent with which polkit can ask for a password at this terminal, unless that was forbidden or we
 * are root. Nothing that fails here is an error: the answer is then that access is denied. */
void ctl_agent_open(Ctl *c);
void ctl_agent_close(Ctl *c);

/* Waits for the device's verdict on a write. */
typedef struct CtlReply {
        bool done;
        int r;
        char *message; /* for people, or NULL */
} CtlReply;

/* The MirrorReply whose userdata is a CtlReply. */
void ctl_reply(void *userdata, int r, const char *message);

/* Runs the loop until the reply is there. Returns 0 or a negative errno when the loop itself failed. */
int ctl_wait_reply(Ctl *c, CtlReply *reply);
void ctl_reply_done(CtlReply *reply);

/* What to do when something was denied that needs a polkit action. */
void ctl_hint_denied(const Ctl *c, const char *action);
