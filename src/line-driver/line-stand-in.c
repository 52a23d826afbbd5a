/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-stand-in.h"

#include "string-util.h"

typedef struct StandIn {
        LineLink link; /* with what is known of inner; the strings stay that one's */
        LineLinkOps ops; /* under the name of inner's, which profiles ask for */
        LineLink *inner;
        char **answers;
} StandIn;

static const char *find_answer(const StandIn *s, const uint8_t *request, size_t n) {
        for (char **answer = s->answers; *answer; answer++) {
                size_t length = strcspn(*answer, "=");

                if ((*answer)[length] == '=' && n > length && memcmp(request, *answer, length) == 0 &&
                    (request[length] == '\r' || request[length] == '\n'))
                        return *answer + length + 1;
        }
        return NULL;
}

static int stand_in_exchange(LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing,
        uint8_t *answer, size_t size) {
        StandIn *s = (StandIn *) l;
        const char *text = find_answer(s, request, n);
        size_t length = text ? strlen(text) : 0;

        if (!text)
                return line_link_exchange(s->inner, request, n, framing, answer, size);
        if (length + framing->n_end > size)
                return -EBADMSG;
        memcpy(answer, text, length);
        memcpy(answer + length, framing->end, framing->n_end);
        return (int) (length + framing->n_end);
}

static bool stand_in_is_immediate(
        LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing) {
        StandIn *s = (StandIn *) l;

        return find_answer(s, request, n) || line_link_is_immediate(s->inner, request, n, framing);
}

static void stand_in_redact(LineLink *l, const char *secret) {
        line_link_redact(((StandIn *) l)->inner, secret);
}

static void stand_in_free(LineLink *l) {
        StandIn *s = (StandIn *) l;

        l->identity = (HidIdentity) {};
        strv_free(s->answers);
        line_link_free(s->inner);
}

int line_stand_in_new(LineLink *inner, char *const *answers, LineLink **ret) {
        StandIn *s = new0(StandIn, 1);

        if (!s)
                return -ENOMEM;
        if (strv_copy(answers, &s->answers) < 0) {
                free(s);
                return -ENOMEM;
        }
        s->ops = (LineLinkOps) {
                .name = inner->ops->name,
                .exchange = stand_in_exchange,
                .is_immediate = stand_in_is_immediate,
                .redact = stand_in_redact,
                .free = stand_in_free,
        };
        s->link = (LineLink) { .ops = &s->ops, .identity = inner->identity, .is_usb = inner->is_usb };
        s->inner = inner;
        *ret = &s->link;
        return 0;
}
