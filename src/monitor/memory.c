/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include <inttypes.h>

#include "file.h"
#include "log.h"
#include "monitor.h"
#include "parse-util.h"
#include "string-util.h"

#define FILE_NAME "memory"
#define FILE_WORDS 8

Memory *memory_new(void) {
        return new0(Memory, 1);
}

static void entry_done(MemoryEntry *e) {
        free(e->device);
        free(e->alarms);
        free(e->others);
        *e = (MemoryEntry) {};
}

Memory *memory_free(Memory *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_entries; i++)
                entry_done(t->entries + i);
        free(t->entries);
        free(t->written);
        free(t);
        return NULL;
}

const MemoryEntry *memory_find(const Memory *t, const char *device) {
        for (size_t i = 0; i < t->n_entries; i++)
                if (strcaseeq(t->entries[i].device, device))
                        return t->entries + i;
        return NULL;
}

/* Puts an entry in its place, and takes what it has. */
static int put_entry(Memory *t, MemoryEntry *e) {
        MemoryEntry *same = (MemoryEntry *) memory_find(t, e->device);

        if (!same && t->n_entries >= MEMORY_ENTRIES_MAX)
                return 0;
        if (!same && !GREEDY_REALLOC(t->entries, t->n_allocated, t->n_entries + 1))
                return -ENOMEM;
        if (same)
                entry_done(same);
        else
                same = t->entries + t->n_entries++;
        *same = *e;
        *e = (MemoryEntry) {};
        return 0;
}

/*** The file ***/

static int set_text(char **p, const char *text) {
        return free_and_strdup(p, isempty(text) ? NULL : text);
}

static int parse_entry(char *const *w, MemoryEntry *e) {
        _cleanup_strv_free_ char **said = NULL, **flags = NULL;

        if (isempty(w[1]) || parse_uint64(w[4], 0, UINT64_MAX, &e->replace_usec) < 0 ||
            parse_uint64(w[5], 0, UINT64_MAX, &e->no_comm_usec) < 0)
                return -EINVAL;
        if (strv_split(w[2], " ", &said) < 0 || strv_split(w[3], " ", &flags) < 0)
                return -ENOMEM;

        e->said = status_from_tokens(said, NULL);
        STRV_FOREACH(f, flags) {
                e->ignored = e->ignored || streq(*f, "ignored");
                e->silent = e->silent || streq(*f, "silent");
        }
        e->device = strdup(w[1]);
        if (!e->device || set_text(&e->alarms, w[6]) < 0 || set_text(&e->others, w[7]) < 0)
                return -ENOMEM;
        return 0;
}

int memory_from_lines(const Conf *c, const char *boot_id, Memory **ret) {
        _cleanup_(memory_freep) Memory *t = memory_new();
        bool ours = false;

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);
                _cleanup_(entry_done) MemoryEntry e = {};

                if (l->n_words == 2 && streq(l->words[0], "boot"))
                        ours = streq(l->words[1], boot_id);
                if (!ours || l->n_words != FILE_WORDS || !streq(l->words[0], "device"))
                        continue;
                int r = parse_entry(l->words, &e);
                if (r >= 0)
                        r = put_entry(t, &e);
                if (r == -ENOMEM)
                        return r;
        }
        *ret = TAKE_PTR(t);
        return 0;
}

static int format_said(StatusBits said, char **ret) {
        _cleanup_strv_free_ char **tokens = NULL;

        for (StatusBits bit = 1; bit <= STATUS_OTHER; bit <<= 1)
                if (said & bit) {
                        int r = strv_extend(&tokens, status_bit_to_token(bit));
                        if (r < 0)
                                return r;
                }
        *ret = tokens ? strv_join(tokens, " ") : strdup("");
        return *ret ? 0 : -ENOMEM;
}

static int format_entry(char **text, const MemoryEntry *e) {
        _cleanup_free_ char *said = NULL;

        int r = format_said(e->said, &said);
        if (r >= 0)
                r = text_appendf(text, "device");
        if (r >= 0)
                r = text_append_quoted(text, e->device);
        if (r >= 0)
                r = text_append_quoted(text, said);
        if (r >= 0)
                r = text_appendf(text, " \"%s\" %" PRIu64 " %" PRIu64,
                                e->ignored ? e->silent ? "ignored silent" : "ignored"
                                           : e->silent ? "silent" : "",
                                e->replace_usec, e->no_comm_usec);
        if (r >= 0)
                r = text_append_quoted(text, strempty(e->alarms));
        if (r >= 0)
                r = text_append_quoted(text, strempty(e->others));
        return r < 0 ? r : text_appendf(text, "\n");
}

int memory_format(const Memory *t, const char *boot_id, char **ret) {
        _cleanup_free_ char *text = NULL;

        int r = text_appendf(&text, "boot %s\n", boot_id);
        for (size_t i = 0; r >= 0 && i < t->n_entries; i++)
                r = format_entry(&text, t->entries + i);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        return 0;
}

int memory_load(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FILE_NAME);
        _cleanup_(conf_freep) Conf *c = NULL;

        if (path && conf_load(path, conf_report_log, NULL, &c) >= 0)
                return memory_from_lines(c, m->boot_id, &m->memory);
        m->memory = memory_new();
        return m->memory ? 0 : -ENOMEM;
}

/*** What is in it ***/

void memory_recall(Monitor *m, size_t i) {
        const MemoryEntry *e = memory_find(m->memory, m->supplies[i]->device);
        NoticeState *n = &m->supplies[i]->notices;

        if (!e)
                return;
        if (e->ignored)
                decision_ignore_forced(m->decision, i);
        notice_state_done(n);
        n->line_known = e->said & (STATUS_OL | STATUS_OB);
        n->silent = e->silent;
        n->said = e->said;
        n->replace_usec = e->replace_usec;
        n->no_comm_usec = e->no_comm_usec;
        if (set_text(&n->alarms, e->alarms) < 0 || set_text(&n->others, e->others) < 0)
                log_oom();
}

static int note_supply(Monitor *m, size_t i) {
        const NoticeState *n = &m->supplies[i]->notices;
        _cleanup_(entry_done) MemoryEntry e = {
                .device = strdup(m->supplies[i]->device),
                .ignored = decision_supply_view(m->decision, i).ignored,
                .silent = n->silent,
                .said = n->said,
                .replace_usec = n->replace_usec,
                .no_comm_usec = n->no_comm_usec,
        };

        if (!e.device || set_text(&e.alarms, n->alarms) < 0 || set_text(&e.others, n->others) < 0)
                return -ENOMEM;
        return put_entry(m->memory, &e);
}

/* Nobody else looks whether a FSD goes while the device is not watched. */
static void look_at_unwatched(Monitor *m) {
        for (size_t i = 0; i < m->memory->n_entries; i++) {
                MemoryEntry *e = m->memory->entries + i;
                const MirrorDevice *d = e->ignored && !monitor_find(m, e->device)
                        ? mirror_find(m->mirror, e->device) : NULL;
                const Model *model = d ? mirror_device_model(d) : NULL;

                if (!model || model_freshness(model) != FRESHNESS_FRESH)
                        continue;
                StatusBits bits = status_from_tokens(model_status(model), NULL);
                e->ignored = bits == 0 || bits & STATUS_FSD;
        }
}

void memory_save(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FILE_NAME), *text = NULL;
        int r = 0;

        look_at_unwatched(m);
        for (size_t i = 0; r >= 0 && i < m->n_supplies; i++)
                r = note_supply(m, i);
        if (r >= 0)
                r = memory_format(m->memory, m->boot_id, &text);
        if (r < 0) {
                log_oom();
                return;
        }
        if (!path || streq(text, strempty(m->memory->written)))
                return;

        r = file_write_atomic(path, text, strlen(text), 0644);
        if (r < 0)
                log_debug_errno(r, "Cannot write %s: %m", path);
        free(m->memory->written);
        m->memory->written = TAKE_PTR(text);
}
