/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-recording.h"

#include "string-util.h"

typedef struct Replay {
        LineLink link;
        LineLinkOps ops; /* with the name that the link had */
        LineRecording *recording;
        RecordingTime time;
} Replay;

/* As if these bytes had come in. */
static int give(LineAnswer *a, const uint8_t *data, size_t n, uint8_t *answer, size_t size) {
        int r;

        if (n == 0)
                return 0;
        r = line_answer_add(a, data, n);
        if (r == 0)
                r = line_answer_finish(a);
        if (r <= 0 || (size_t) r > size)
                return -EBADMSG;
        memcpy(answer, a->data, (size_t) r);
        return r;
}

static int replay_exchange(LineLink *link,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        Replay *p = (Replay *) link;
        LineRecording *rec = p->recording;
        LineAnswer a = { .framing = framing, .request = request, .n_request = n };
        RecordedRequest *recorded = line_recording_find(rec, request, n);
        uint64_t now = recording_now(&p->time, &rec->head);
        const RecordedAnswer *chosen;

        if (now >= rec->head.gone_usec)
                return -ENODEV;
        chosen = recorded ? recorded_answers_choose(&recorded->answers, rec->head.clock, now) :
                 rec->unknown == RECORDED_UNKNOWN_TEXT ? &rec->unknown_answer : NULL;
        if (chosen)
                return chosen->error < 0 ? chosen->error : give(&a, chosen->data, chosen->n, answer, size);
        if (rec->unknown == RECORDED_UNKNOWN_ECHO)
                return give(&a, request, n, answer, size);
        return rec->unknown == RECORDED_UNKNOWN_SILENCE ? 0 : -EPIPE;
}

static bool replay_is_immediate(
        LineLink *link, const uint8_t *request, size_t n, const LineFraming *framing) {
        return true;
}

static void replay_free(LineLink *link) {
        line_recording_free(((Replay *) link)->recording);
}

int line_link_new_replay(LineRecording *recording, const char *path, LineLink **ret) {
        _cleanup_(line_link_freep) LineLink *link = NULL;
        _cleanup_free_ char *place = strdup(path);
        Replay *p = new0(Replay, 1);

        if (!p || !place) {
                free(p);
                return -ENOMEM;
        }

        p->ops = (LineLinkOps) {
                .name = recording->link ?: "recording",
                .exchange = replay_exchange,
                .is_immediate = replay_is_immediate,
                .free = replay_free,
        };
        p->recording = recording;
        link = &p->link;
        link->ops = &p->ops;
        link->is_usb = recording->head.has_vendor_id;
        link->identity = recording->head.identity;
        recording->head.identity = (HidIdentity) {};
        free(link->identity.path);
        link->identity.path = TAKE_PTR(place);

        *ret = TAKE_PTR(link);
        return 0;
}

int line_link_new_recording(const char *path, LineLink **ret, char **ret_error) {
        _cleanup_(line_recording_freep) LineRecording *recording = NULL;
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = recording_read_file(path, &data, &n);
        if (r < 0)
                return r;
        r = line_recording_parse(path, data, n, &recording, ret_error);
        if (r < 0)
                return r;
        r = line_link_new_replay(recording, path, ret);
        if (r < 0)
                return r;

        TAKE_PTR(recording);
        return 0;
}
