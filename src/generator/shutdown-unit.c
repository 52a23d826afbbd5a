/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shutdown-unit.h"

#include "string-util.h"

/* A new file each time, so that a link that waits at its place is not followed. */
#define WRITE_FLAG "rm -f -- \"$1\"; set -C; printf " POWER_DOWN_FLAG_MAGIC " >\"$1\""

char *unit_quote(const char *s) {
        char *quoted = new(char, strlen(s) * 4 + 3), *t = quoted;

        if (!quoted)
                return NULL;

        *t++ = '"';
        for (; *s; s++)
                if (*s == '"' || *s == '\\') {
                        *t++ = '\\';
                        *t++ = *s;
                } else if (*s == '%')
                        t = stpcpy(t, "%%");
                else if (*s == '\n')
                        t = stpcpy(t, "\\n");
                else
                        *t++ = *s;

        *t++ = '"';
        *t = '\0';
        return quoted;
}

/* A line that has a shell run a script, with up to one argument. The colon keeps $ for the shell. */
static char *shell_line(const char *key, const char *script, const char *argument) {
        _cleanup_free_ char *quoted = unit_quote(script);
        _cleanup_free_ char *last = argument ? unit_quote(argument) : strdup("");

        if (!quoted || !last)
                return NULL;
        return strjoin(key, ":/bin/sh -c ", quoted, argument ? " sh " : "", last, "\n");
}

char *shutdown_command_unit(const char *command, const char *flag) {
        _cleanup_free_ char *write_line = flag ? shell_line("ExecStart=-", WRITE_FLAG, flag) : strdup("");
        _cleanup_free_ char *run_line = command ? shell_line("ExecStart=", command, NULL) : strdup("");

        if (!write_line || !run_line)
                return NULL;

        return strjoin("[Unit]\n"
                       "Description=Shutdown Command of upsmon.conf\n"
                       "Documentation=man:upsmon.conf(5)\n"
                       "# It goes on while the shutdown that it asks for stops all others.\n"
                       "DefaultDependencies=no\n"
                       "\n"
                       "[Service]\n"
                       "Type=oneshot\n"
                       "# What the command leaves in the background goes on.\n"
                       "KillMode=process\n",
                       write_line, run_line);
}

char *power_down_flag_unit(const char *flag) {
        _cleanup_free_ char *condition = shell_line("ExecCondition=",
                        "[ -f \"$1\" ] && [ ! -L \"$1\" ] && "
                        "grep -qxF " POWER_DOWN_FLAG_MAGIC " \"$1\"", flag);
        _cleanup_free_ char *remove = shell_line("ExecStart=", "rm -f -- \"$1\"", flag);

        if (!condition || !remove)
                return NULL;

        return strjoin("[Unit]\n"
                       "Description=Removal of a Stale POWERDOWNFLAG\n"
                       "Documentation=man:upsmon.conf(5)\n"
                       "\n"
                       "[Service]\n"
                       "Type=oneshot\n"
                       "# Once in a boot: one that is written later is for the shutdown.\n"
                       "RemainAfterExit=yes\n",
                       condition, remove);
}
