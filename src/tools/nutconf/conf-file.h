/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf-edit.h"
#include "config-files.h"

/* The files of a configuration directory on their way from what they say to what they are to say: all of
 * them are changed in memory and checked, and only then written. */

typedef struct ConfFile {
        ConfigFileKind kind;
        char *path;
        char *old;  /* as it was read; n_old bytes and a NUL; empty for a file that is not there */
        size_t n_old;
        bool exists;
        ConfEdit *edit; /* NULL for nut.conf, which is no file of words, */
        char *text;     /* but has its new text here; and all others once they are checked */
        size_t n_text;
        char **touched; /* strv: keywords that were written, to be compared with the drop-ins */
        char *temporary; /* the new file beside the old one, while they are being written */
} ConfFile;

typedef struct ConfFiles {
        ConfFile files[_CONFIG_FILE_MAX]; /* without path: not opened */
        int directory; /* where they are, or links to them */
        int lock;      /* against others like us */
} ConfFiles;

/* None of them; what conf_files_done() may be called for, too. */
#define CONF_FILES_NONE { .directory = -EBADF, .lock = -EBADF }

/* Locks the configuration directory, that of conf_path(). Says what is wrong, and whom it waits for. */
int conf_files_open(ConfFiles *f);

/* Reads a file, the first time that it is asked for. Says what is wrong, with file and line. */
int conf_files_get(ConfFiles *f, ConfigFileKind kind, ConfFile **ret);

/* Checks all files with the readers of the daemons and writes those that changed, with the owner and mode of
 * the old one; passwords are never for everybody. Says what is wrong, and then no file has changed. */
int conf_files_write(ConfFiles *f);

void conf_files_done(ConfFiles *f);
