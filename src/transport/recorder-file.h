/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "recording.h"

/* Writes recordings of all kinds. */

typedef struct RecorderFile {
        FILE *file;
        uint64_t start_usec, offset_usec; /* offset: what was recorded before */
        size_t n_events;
} RecorderFile;

/* A new file in the place of an older one, with the first line; what is no file stays, and nothing is
 * written through a link. */
int recorder_file_create(RecorderFile *f, const char *path, const char *magic);

/* Takes up a recording where it ends, but for a last line that was not written to its end. check() gets what
 * is there; it returns 0 and the head (which stays its own) if that is a recording of such a device, or a
 * negative errno, with which nothing has changed. */
typedef int (*RecorderCheck)(void *userdata, const char *data, size_t n, RecordingHead *ret);
int recorder_file_resume(RecorderFile *f, const char *path, RecorderCheck check, void *userdata);
void recorder_file_done(RecorderFile *f);

/* Who the device is. product may be other than in identity, and serial; NULL for none. */
void recorder_write_identity(
        RecorderFile *f, const HidIdentity *identity, const char *product, const char *serial);

/* A text in quotation marks: UTF-8, or n bytes of any kind. What is not as it is takes four characters, so
 * that it can be covered where it stands; but for ends of lines. */
void recorder_write_text(RecorderFile *f, const char *s);
void recorder_write_bytes(RecorderFile *f, const uint8_t *data, size_t n);

/* 0, or -EIO if something could not be written. */
int recorder_file_flush(RecorderFile *f);

/* Begins a line. False: recording is over, as the file has become too large to be played. */
bool recorder_event_begin(RecorderFile *f);
void recorder_event_end(RecorderFile *f);
