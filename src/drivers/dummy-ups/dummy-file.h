/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "macro.h"
#include "model.h"

/* A definition file: the variables of a device as upsc prints them, with TIMER and ALARM lines between. It
 * is gone through in rounds, from the first line to the last; each round reads the file anew. */

#define DUMMY_FILE_SIZE_MAX (1024U * 1024U)

typedef struct DummyFile DummyFile;

/* loop: a round begins after each other; else only when the file has changed. The file itself is not looked
 * at yet. 0 or -ENOMEM. */
int dummy_file_new(const char *path, bool loop, DummyFile **ret);
DummyFile *dummy_file_free(DummyFile *f);
DEFINE_TRIVIAL_CLEANUP_FUNC(DummyFile *, dummy_file_free);

/* Puts what is due at now_usec (of a clock that does not jump) into u: the lines from where the last call
 * stopped, up to the next TIMER or the end. Lines that cannot be taken are reported, once per version of the
 * file, and passed over. Variables that a round did not name any more are removed at its end. Returns 0, or
 * a negative errno when the file cannot be read: -EFBIG over DUMMY_FILE_SIZE_MAX. */
int dummy_file_poll(DummyFile *f, uint64_t now_usec, Update *u, ConfReport report, void *userdata);
