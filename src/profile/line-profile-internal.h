/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-profile.h"
#include "profile-index.h"
#include "value-loader.h"

/* The loader of line profiles: see profile-loader.h for its ways. */

/* A variable that something refers to, which has to be there when all is read. */
typedef struct LineReference {
        char *name;
        unsigned line;
} LineReference;

typedef struct LineLoader {
        Loader loader;
        ValueScope scope;
        LineProfile *profile;
        char **given; /* strv: keys that may stand there once, "section key" */
        size_t rows_allocated[_LINE_ROW_TYPE_MAX];
        size_t commands_allocated, starts_allocated, derived_whens_allocated;
        LineReference *references;
        size_t n_references, references_allocated;
} LineLoader;

static inline LineLoader *line_loader(Loader *l) {
        return (LineLoader *) l;
}

static inline LineProfile *line_loader_profile(Loader *l) {
        return line_loader(l)->profile;
}

/* What may stand in a selector or template beyond what always may. */
typedef enum LineAllow {
        LINE_ALLOW_ARGUMENT = 1 << 0, /* what the client gave */
        LINE_ALLOW_TEMPLATE = 1 << 1, /* a template in place of a selector */
} LineAllow;

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
int line_loader_selector(
        Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineSelector *ret);
int line_loader_template(
        Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineTemplate *ret);
int line_loader_query(Loader *l, const ConfLine *line, const char *s, size_t *ret);

/* Appends "NAME" or "!NAME" to what has to hold. */
int line_loader_when(Loader *l, const ConfLine *line, const char *s, LineWhens *whens);

/* Remembers that something needs this variable; returns 1 when its name can be one. */
int line_loader_refer(Loader *l, const ConfLine *line, const char *name);

/* Whether a key stands in its section for the first time; else it is told. Returns 1 or 0. */
int line_loader_once(Loader *l, const ConfLine *line, const char *section, const char *key);

/* Readers of sections. */
int line_loader_read_profile(Loader *l, const ConfLine *line);
int line_loader_read_format(Loader *l, const ConfLine *line);
int line_loader_read_probe(Loader *l, const ConfLine *line);
int line_loader_read_start(Loader *l, const ConfLine *line);
int line_loader_read_query(Loader *l, const ConfLine *line, LineQuery *query);
int line_loader_read_when(Loader *l, const ConfLine *line, LineWhen *when);
int line_loader_read_row(Loader *l, const ConfLine *line, LineRowType type);
int line_loader_read_derived(Loader *l, const ConfLine *line);
int line_loader_read_command(Loader *l, const ConfLine *line);
int line_loader_read_command_section(Loader *l, const char *name, size_t first, size_t last);

/* [line] as it is when nothing is said. */
void line_format_default(LineFormat *f);

/* What can only be said when all is read. 0 or -ENOMEM. */
int line_loader_check(Loader *l);

/* Reports what depends on itself, or on too much. 0 or -ENOMEM. */
int line_loader_check_cycles(Loader *l, const ProfileIndex *index);

/* The last part of line_profiles_check(). */
void line_profiles_check_clashes(const LineProfiles *p, ConfReport report, void *userdata);

void line_selector_done(LineSelector *s);
void line_template_done(LineTemplate *t);

void line_row_done(LineRow *row);
void line_when_done(LineWhen *when);
void line_query_done(LineQuery *query);
void line_command_done(LineCommand *command);
