/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io-util.h"
#include "migrate.h"
#include "string-util.h"

/* More than a script that people write. */
#define SCRIPT_SIZE_MAX (256U << 10)

/* What scripts call of NUT. The first that fits a line counts. */
static const struct {
        const char *words; /* in this order in a line */
        FindingKind kind;
        const char *message;
} calls[] = {
        { "upsmon -c fsd", FINDING_CHANGE,
          "Scripts may not shut down all machines on a UPS: use ONBATTLIMIT or RUNTIMELIMIT in upsmon.conf, "
          "or put "
          "examples/polkit-1/60-busbar-fsd.rules into /etc/polkit-1/rules.d" },
        { "upsdrvctl shutdown", FINDING_CHANGE,
          "The UPS is told late in the shutdown by busbar-poweroff, once and at the right time: take this "
          "out" },
        { "systemctl nut-driver@", FINDING_CHANGE,
          "The drivers' units have other names here: \"systemctl status 'busbar-*@*'\" shows them" },
        { "systemctl nut-server", FINDING_CHANGE, "The unit is busbar-gateway.service here" },
        { "systemctl nut-monitor", FINDING_CHANGE, "The unit is busbar-monitor.service here" },
        { "systemctl nut-client", FINDING_CHANGE, "The unit is busbar-monitor.service here" },
        { "service nut-", FINDING_CHANGE, "The units have other names here: use systemctl with "
                        "busbar.service" },
        { "/etc/init.d/nut-", FINDING_CHANGE, "The units have other names here: use systemctl with "
                        "busbar.service" },
        { "/run/nut/", FINDING_CHANGE, "Drivers have no sockets and files of PIDs there; ask upsc or "
                        "busbarctl" },
        { "/var/run/nut/", FINDING_CHANGE, "Drivers have no sockets and files of PIDs there; ask upsc or "
                        "busbarctl" },
        { "/lib/nut/", FINDING_CHANGE, "NUT's drivers and daemons are not there any more: use units or "
                        "upsdrvctl" },
        { "upsc", FINDING_SAME, "It calls upsc, which is there, with the same output" },
        { "upscmd", FINDING_SAME, "It calls upscmd, whose exit status is not 0 any more when a command "
                        "fails" },
        { "upsrw", FINDING_SAME, "It calls upsrw, whose exit status is not 0 any more when a setting "
                        "fails" },
        { "upsmon", FINDING_SAME, "It calls upsmon, which is there" },
        { "upsdrvctl", FINDING_SAME, "It calls upsdrvctl, which does with units what it did with "
                        "processes" },
        { "upslog", FINDING_SAME, "It calls upslog, which is there" },
};

/* Where a word stands as a whole; one with a / or - at its end, or a name that goes on, as a part. */
static const char *find_word(const char *s, const char *word, size_t n) {
        bool whole = isalnum((unsigned char) word[n - 1]) && memchr(word, '/', n) == NULL;

        for (; (s = strcasestr(s, word)); s++)
                if (!whole || !(isalnum((unsigned char) s[n]) || s[n] == '_' || s[n] == '-'))
                        return s;
        return NULL;
}

static bool line_calls(const char *line, const char *words) {
        while (*words) {
                _cleanup_free_ char *word = strndup(words, strcspn(words, " "));
                size_t n = word ? strlen(word) : 0;
                const char *found = n > 0 ? find_word(line, word, n) : NULL;

                if (!found)
                        return false;
                line = found + n;
                words += n;
                words += strspn(words, " ");
        }
        return true;
}

static void take_line(Migration *m, const char *path, unsigned number, const char *line) {
        if (line[strspn(line, " \t")] == '#')
                return;

        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                if (line_calls(line, calls[i].words)) {
                        migration_report(m, calls[i].kind, path, number, "%s", calls[i].message);
                        return;
                }
}

void migrate_script(Migration *m, const char *path) {
        _cleanup_free_ char *text = new(char, SCRIPT_SIZE_MAX + 1);
        unsigned number = 1;
        char *rest = text, *line;

        if (!text) {
                m->oom = true;
                return;
        }

        /* A pipe or a device would keep us waiting. */
        struct stat st;
        ssize_t n = stat(path, &st) >= 0 && S_ISREG(st.st_mode) ? path_read(path, text, SCRIPT_SIZE_MAX) : 0;
        if (n <= 0 || memchr(text, '\0', (size_t) n))
                return;

        text[n] = '\0';
        while ((line = strsep(&rest, "\n")))
                take_line(m, path, number++, line);
}

/* NUT's own programs are there here as well. */
static bool is_own(const char *program) {
        static const char *const names[] = { "upssched", "upsmon", "shutdown", "poweroff", "halt",
                "systemctl", "wall" };
        const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(names[i], name))
                        return true;
        return false;
}

/* The program of a command. Whether the user that it runs as may do that; who is root may anything. */
static void check_program(Migration *m, const ConfLine *l, const char *program, bool as_root) {
        _cleanup_free_ char *path = strjoin(strempty(m->root), program);
        struct stat st;

        if (!path || is_own(program) || program[0] != '/')
                return;
        if (stat(path, &st) < 0) {
                migration_report(m, FINDING_CHANGE, l->file, l->line, "%s cannot be found: %s", program,
                                strerror(errno));
                return;
        }
        if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
                migration_report(m, FINDING_CHANGE, l->file, l->line, "%s is not executable: chmod +x "
                                "it", program);
        else if (!as_root && (st.st_mode & (S_IXOTH | S_IROTH)) != (S_IXOTH | S_IROTH))
                migration_report(m, FINDING_CHANGE, l->file, l->line,
                                "%s runs as busbar-notify, which is not in its group: chmod o+rx it, or "
                                "give it to "
                                "the group busbar-notify", program);
        migrate_script(m, path);
}

/* Of a shell, mostly: what it is to run. */
static void take_argument(Migration *m, const char *argument) {
        _cleanup_free_ char *path = strjoin(strempty(m->root), argument);

        if (path && !is_own(argument))
                migrate_script(m, path);
}

/* A word of a command line as the shell reads it, without its quotes, or NULL at the end. *ret_first: a
 * command
 * begins with it. *ret_target: it is a file that is written or read. */
static char *next_word(const char **s, bool *ret_first, bool *ret_target) {
        const char *p = *s + strspn(*s, " \t");
        char *word = new(char, strlen(p) + 1), quote = '\0';
        size_t n = 0;

        *ret_target = false;
        for (; *p && strchr(" \t\n;&|()<>`", *p); p++) {
                *ret_first = *ret_first || strchr("\n;&|()`", *p);
                *ret_target = *p == '<' || *p == '>' || (*ret_target && strchr(" \t&", *p));
        }
        for (; word && *p && (quote || !strchr(" \t\n;&|()<>`", *p)); p++)
                if (*p == quote)
                        quote = '\0';
                else if (!quote && (*p == '"' || *p == '\''))
                        quote = *p;
                else {
                        if (*p == '\\' && quote != '\'' && p[1])
                                p++;
                        word[n++] = *p;
                }

        *s = p;
        if (!word || n == 0) {
                free(word);
                return NULL;
        }
        word[n] = '\0';
        return word;
}

/* What has a command behind it, which is looked at in its place. */
static bool is_prefix(const char *word) {
        static const char *const names[] = { "sudo", "exec", "env", "nohup", "nice", "setsid", "then",
                        "do", "!",
                "{", "if", "else" };
        const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(names[i], name))
                        return true;
        return strchr(word, '=') || word[0] == '-';
}

void migrate_command(Migration *m, const ConfLine *l, const char *command) {
        bool shutdown = streq(l->words[0], "SHUTDOWNCMD"), first = true, target;

        take_line(m, l->file, l->line, command);
        if (shutdown)
                migration_report(m, FINDING_SAME, l->file, l->line, "SHUTDOWNCMD is run by a unit of "
                                "systemd, as root");
        for (const char *rest = command; *rest;) {
                _cleanup_free_ char *word = next_word(&rest, &first, &target);

                if (!word)
                        continue;
                if (streq(word, "sudo") || endswith(word, "/sudo"))
                        migration_report(m, FINDING_CHANGE, l->file, l->line,
                                        "sudo gives nothing to a service with NoNewPrivileges: let polkit, "
                                        "or a unit of systemd, do what needs root");
                if (word[0] == '/' && first)
                        check_program(m, l, word, shutdown);
                else if (word[0] == '/' && !target)
                        take_argument(m, word);
                first = first && is_prefix(word);
        }
}
