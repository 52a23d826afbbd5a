/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <unistd.h>

#include "string-util.h"

#define BLANKS " \t"
#define SHELL_CHARACTERS "$`\"'\\;&|<>(){}[]*?~#!\n"

/* What systemd tells us, and scripts must not take for theirs. */
static const char *const own_variables[] = {
        "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=",
        "FDSTORE=", "UPSNAME=", "NOTIFYTYPE=", "NOTIFYMSG=",
};

static bool needs_shell(const char *s) {
        size_t n = strcspn(s, BLANKS), equals = strcspn(s, "=");

        return strpbrk(s, SHELL_CHARACTERS) || equals < n;
}

/* As upsmon had it once, by system("COMMAND \"MESSAGE\""), but the message is no part of the program. */
static int shell_line(const char *command, char ***ret) {
        _cleanup_strv_free_ char **l = NULL;
        int r;

        r = strv_extend(&l, "/bin/sh");
        if (r >= 0)
                r = strv_extend(&l, "-c");
        if (r >= 0)
                r = strv_consume(&l, strjoin(command, " \"$@\""));
        if (r >= 0)
                r = strv_extend(&l, "sh");
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

int command_line(const char *command, const char *argument, char ***ret) {
        _cleanup_strv_free_ char **l = NULL;
        int r;

        if (strchr(command, '/') && access(command, F_OK) >= 0)
                r = strv_extend(&l, command);
        else if (needs_shell(command))
                r = shell_line(command, &l);
        else
                r = strv_split(command, BLANKS, &l);
        if (r < 0)
                return r;
        if (strv_length(l) == 0)
                return -EINVAL;

        r = strv_extend(&l, argument);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

bool command_is_upssched(const char *command) {
        const char *s = command + strspn(command, BLANKS "\"'");
        size_t n = strcspn(s, BLANKS "\"'");
        const char *slash = memrchr(s, '/', n);
        const char *base = slash ? slash + 1 : s;

        return (size_t) (s + n - base) == strlen("upssched") && startswith(base, "upssched");
}

static bool is_own(const char *variable) {
        for (size_t i = 0; i < ELEMENTSOF(own_variables); i++)
                if (startswith(variable, own_variables[i]))
                        return true;
        return false;
}

int command_environment(const TimerEvent *event, char ***ret) {
        _cleanup_strv_free_ char **l = NULL;
        int r = 0;

        STRV_FOREACH(v, environ)
                if (r >= 0 && !is_own(*v))
                        r = strv_extend(&l, *v);
        if (r >= 0)
                r = strv_consume(&l, strjoin("UPSNAME=", strempty(event->system)));
        if (r >= 0)
                r = strv_consume(&l, strjoin("NOTIFYTYPE=", strempty(event->type)));
        if (r >= 0)
                r = strv_consume(&l, strjoin("NOTIFYMSG=", strempty(event->message)));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

int command_timer_environment(const Timer *timer, char ***ret) {
        _cleanup_free_ char *types = strv_join(timer->types, ","), *systems = strv_join(timer->systems, ","),
                *messages = strv_join(timer->messages, ".\t");

        if (!types || !systems || !messages)
                return -ENOMEM;
        return command_environment(&(TimerEvent) { types, systems, messages }, ret);
}
