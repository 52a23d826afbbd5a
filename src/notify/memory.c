/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "conf.h"
#include "lexer.h"
#include "log.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/*** Reading ***/

static int mark_read(const ConfLine *l, NoticeMark *ret) {
        NoticeMark m;

        if (l->n_words != 3 || parse_uint64(l->words[1], 0, UINT64_MAX, &m.number) < 0 ||
            parse_uint64(l->words[2], 0, UINT64_MAX, &m.time_usec) < 0)
                return -EINVAL;

        *ret = m;
        return 0;
}

/* What belongs to the last timer: type, system or message. */
static int timer_note(Timer *t, const char *key, const char *value) {
        char ***l = streq(key, "type") ? &t->types : streq(key, "system") ? &t->systems : &t->messages;

        return strv_extend(l, value);
}

static int timer_read(const ConfLine *l, Timer **ret) {
        _cleanup_(timer_freep) Timer *t = new0(Timer, 1);

        if (!t)
                return -ENOMEM;
        if (l->n_words != 3 || parse_uint64(l->words[2], 0, UINT64_MAX - 1, &t->due_usec) < 0 ||
            isempty(l->words[1]))
                return -EINVAL;
        t->name = strdup(l->words[1]);
        if (!t->name)
                return -ENOMEM;

        *ret = TAKE_PTR(t);
        return 0;
}

/* *timer is the one that is being read. */
static int line_read(const ConfLine *l, Memory *m, Sched *sched, Timer **timer) {
        const char *key = l->words[0];
        int r;

        if (streq(key, "wall"))
                return mark_read(l, &m->wall);
        if (streq(key, "exec"))
                return mark_read(l, &m->exec);
        if (*timer && l->n_words == 2 &&
            (streq(key, "type") || streq(key, "system") || streq(key, "message")))
                return timer_note(*timer, key, l->words[1]);
        if (!streq(key, "timer"))
                return -EINVAL;

        if (*timer) {
                r = sched_restore(sched, TAKE_PTR(*timer));
                if (r < 0)
                        return r;
        }
        return timer_read(l, timer);
}

int memory_load(const char *path, Memory *ret, Sched *sched) {
        _cleanup_(timer_freep) Timer *timer = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;
        Memory m = {};
        int r;

        r = conf_load(path, conf_report_log, NULL, &c);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);

                r = line_read(l, &m, sched, &timer);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        conf_line_report(l, conf_report_log, NULL, LOG_WARNING,
                                        "Passing over what makes no sense");
        }

        *ret = m;
        return timer ? sched_restore(sched, TAKE_PTR(timer)) : 0;
}

/*** Writing ***/

static void print_word(FILE *f, const char *key, const char *s) {
        char word[LEXER_WORD_LENGTH_MAX + 1], escaped[2 * sizeof(word)];

        (void) snprintf(word, sizeof(word), "%s", s);
        (void) lexer_escape(escaped, sizeof(escaped), word);
        fprintf(f, "%s \"%s\"", key, escaped);
}

static void print_notes(FILE *f, const char *key, char *const *l) {
        STRV_FOREACH(s, l) {
                print_word(f, key, *s);
                fputc('\n', f);
        }
}

static void print(FILE *f, const Memory *m, const Timers *timers) {
        fprintf(f, "wall %" PRIu64 " %" PRIu64 "\n", m->wall.number, m->wall.time_usec);
        fprintf(f, "exec %" PRIu64 " %" PRIu64 "\n", m->exec.number, m->exec.time_usec);
        for (size_t i = 0; i < timers_count(timers); i++) {
                const Timer *t = timers_get(timers, i);

                print_word(f, "timer", t->name);
                fprintf(f, " %" PRIu64 "\n", t->due_usec);
                print_notes(f, "type", t->types);
                print_notes(f, "system", t->systems);
                print_notes(f, "message", t->messages);
        }
}

/* It lies in memory and does not outlive the boot, so there is nothing to sync. */
int memory_save(const char *path, const Memory *m, const Timers *timers) {
        _cleanup_free_ char *new = strjoin(path, ".new");
        _cleanup_close_ int fd = -EBADF;
        FILE *f;
        int r;

        if (!new)
                return -ENOMEM;
        fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        f = fdopen(fd, "w");
        if (!f)
                return -errno;
        (void) TAKE_FD(fd);

        print(f, m, timers);
        r = ferror(f) ? -EIO : 0;
        if (fclose(f) != 0)
                r = -errno;
        if (r >= 0 && rename(new, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(new);
        return r;
}
