/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "recording.h"

/* Recordings of what goes over a link to a HID device: read, kept, and played. */

#define HID_RECORDING_MAGIC "busbar-recording 1 hid"

/* All about one report. */
typedef struct RecordedReport {
        RecordedAnswers gets, sets;
        RecordedAnswer written; /* what was last sent to the replay; no data for nothing */
} RecordedReport;

typedef struct RecordedString {
        char *text;
        int error;
} RecordedString;

typedef struct HidRecording {
        RecordingHead head;
        uint8_t *descriptor;
        size_t descriptor_size, descriptor_allocated;
        RecordedReport *reports[_HID_KIND_MAX][256];
        RecordedAnswers inputs;
        RecordedString strings[256];
} HidRecording;

/* Parses a recording. On -EBADMSG *ret_error is a message with name and line, in new memory. */
int hid_recording_parse(const char *name, const char *data, size_t n, HidRecording **ret, char **ret_error);
HidRecording *hid_recording_free(HidRecording *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidRecording *, hid_recording_free);

/* The place for a report, made when there is none yet; NULL without memory. */
RecordedReport *hid_recording_report(HidRecording *r, HidKind kind, uint8_t id);

/* A link that replays a recording, which it takes over on success. */
int hid_link_new_replay(HidRecording *recording, const char *path, HidLink **ret);
