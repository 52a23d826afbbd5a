/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "string-util.h"
#include "upsmon-conf-internal.h"

/* Words that a command of this name may have and be no more than a power-off, as systemd's tools take them.
 * One from the first list must be there, unless that is empty; all must be in the second. */
typedef struct PowerOffCommand {
        const char *name;
        const char *needed[4], *allowed[8];
} PowerOffCommand;

static const PowerOffCommand commands[] = {
        { "shutdown",  { "now", "+0" },  { "-h", "-P", "-hP", "-Ph", "--poweroff", "now", "+0" } },
        { "poweroff",  {},               { "-p", "--poweroff" } },
        { "halt",      { "-p", "--poweroff" }, { "-p", "--poweroff" } },
        { "init",      { "0" },          { "0" } },
        { "telinit",   { "0" },          { "0" } },
        { "systemctl", { "poweroff" },   { "poweroff", "-i", "--ignore-inhibitors", "--no-wall",
                                           "--no-block", "--no-ask-password" } },
};

/* A word of a command line, without the quotes around it. */
typedef struct Word {
        const char *start;
        size_t length;
} Word;

/* The next word; false at the end. Behind it *s goes on. An open quote stays part of its word, which makes
 * it none of ours. */
static bool next_word(const char **s, Word *ret) {
        const char *p = *s + strspn(*s, " \t"), *end = NULL;

        if (*p == '\0')
                return false;

        if (*p == '\'' || *p == '"')
                end = strchr(p + 1, *p);
        if (end) {
                *ret = (Word) { p + 1, (size_t) (end - p - 1) };
                *s = end + 1;
        } else {
                *ret = (Word) { p, strcspn(p, " \t") };
                *s = p + ret->length;
        }
        return true;
}

static bool word_is(Word w, const char *s) {
        return w.length == strlen(s) && strncmp(w.start, s, w.length) == 0;
}

static bool word_is_one_of(Word w, const char *const *list, size_t n) {
        for (size_t i = 0; i < n && list[i]; i++)
                if (word_is(w, list[i]))
                        return true;
        return false;
}

/* Without the directory, if it is one of the system: a script of that name elsewhere is another thing. */
static Word without_system_directory(Word w) {
        static const char *const directories[] = { "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/" };

        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                size_t n = strlen(directories[i]);

                if (w.length > n && strncmp(w.start, directories[i], n) == 0)
                        return (Word) { w.start + n, w.length - n };
        }
        return w;
}

static const PowerOffCommand *command_find(Word name) {
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (word_is(name, commands[i].name))
                        return commands + i;
        return NULL;
}

bool upsmon_command_is_power_off(const char *command) {
        const PowerOffCommand *found;
        bool complete;
        Word w;

        if (!next_word(&command, &w))
                return false;
        if (word_is(without_system_directory(w), "sudo"))
                do
                        if (!next_word(&command, &w))
                                return false;
                while (word_is(w, "-n"));

        found = command_find(without_system_directory(w));
        if (!found)
                return false;

        complete = !found->needed[0];
        while (next_word(&command, &w)) {
                if (!word_is_one_of(w, found->allowed, ELEMENTSOF(found->allowed)))
                        return false;
                complete = complete || word_is_one_of(w, found->needed, ELEMENTSOF(found->needed));
        }

        return complete;
}
