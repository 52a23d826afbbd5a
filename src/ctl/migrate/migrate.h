/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "ctl.h"
#include "json.h"

/* What changes for a configuration of NUT under Busbar. Nothing is written. */

typedef enum FindingKind {
        FINDING_SAME,   /* used as it is */
        FINDING_OTHER,  /* means something else here, or nothing; nothing has to be done */
        FINDING_CHANGE, /* somebody has to change something */
        FINDING_KEEP,   /* is not supported: NUT has to stay for it */
        FINDING_BACK,   /* NUT does not know it: to be taken out on the way back */
        _FINDING_KIND_MAX,
} FindingKind;

typedef struct Migration {
        Ctl *ctl;
        Json json;
        char *directory; /* of the configuration, without a / at its end */
        char *root;      /* of the machine that it is of, "" for this one; NULL: it is of none */
        unsigned counts[_FINDING_KIND_MAX];
        char **said; /* strv: what was reported, so that nothing is twice */
        char **kept; /* strv: devices for which NUT has to stay */
        bool unjudged; /* there are no drivers at all that could be asked */
        bool oom;
} Migration;

/* Tells of something. file may be NULL, line 0. */
void migration_report(Migration *m, FindingKind kind, const char *file, unsigned line, const char *fmt, ...)
        _printf_(5, 6);

/* Whether something that begins so was said of a file as a whole. */
bool migration_has_said(const Migration *m, const char *file, const char *beginning);

/* A ConfReport; userdata is the Migration. */
void migration_conf_report(void *userdata, int level, const char *file, unsigned line, const char *message);

/* Whether there is any file of NUT in it that Busbar reads. */
bool migrate_is_configuration(const char *directory);

/* The files of the configuration directory. Returns 0 or a negative errno for what cannot be read. */
int migrate_files(Migration *m);

/* What single lines mean here. */
void migrate_words(Migration *m, const char *name, const Conf *c);

/* A command that NUT runs, as a shell takes it: whether it can be run here, and what is in it. who is the
 * directive, l
 * its line. */
void migrate_command(Migration *m, const ConfLine *l, const char *command);

/* A script, for what it calls of NUT. */
void migrate_script(Migration *m, const char *path);

/* The machine: units, rules of udev, hosts.allow, and jobs. */
void migrate_system(Migration *m);
