/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-link.h"

LineLink *line_link_free(LineLink *l) {
        if (!l)
                return NULL;

        if (l->ops && l->ops->free)
                l->ops->free(l);
        hid_identity_done(&l->identity);
        free(l);
        return NULL;
}

static bool framing_is_sound(const LineFraming *f) {
        return f->n_end > 0 && f->n_end <= sizeof(f->end) && f->binary < LINE_SIZE_MAX;
}

int line_link_exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        if (n == 0 || n > LINE_SIZE_MAX || !framing_is_sound(framing))
                return -EINVAL;
        return l->ops->exchange(l, request, n, framing, answer, size);
}

bool line_link_is_immediate(LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing) {
        return l->ops->is_immediate && l->ops->is_immediate(l, request, n, framing);
}

void line_link_redact(LineLink *l, const char *secret) {
        if (l->ops->redact && secret)
                l->ops->redact(l, secret);
}

/* How long the line is that the bytes begin with, with its end; 0: it has none yet. */
static size_t line_length(const LineFraming *f, size_t binary, const uint8_t *data, size_t n) {
        const uint8_t *end;

        if (n < binary)
                return 0;
        end = memmem(data + binary, n - binary, f->end, f->n_end);
        return end ? (size_t) (end - data) + f->n_end : 0;
}

static bool drop_echo(LineAnswer *a) {
        if (!a->framing->echo || a->had_echo || a->n < a->n_request ||
            memcmp(a->data, a->request, a->n_request) != 0)
                return false;

        a->had_echo = true;
        a->n -= a->n_request;
        memmove(a->data, a->data + a->n_request, a->n);
        return true;
}

int line_answer_add(LineAnswer *a, const uint8_t *data, size_t n) {
        size_t k = MIN(n, sizeof(a->data) - a->n), length;

        memcpy(a->data + a->n, data, k);
        a->n += k;
        (void) drop_echo(a);
        /* It is an echo until it is something else. */
        if (a->framing->echo && !a->had_echo && a->n < a->n_request &&
            memcmp(a->data, a->request, a->n) == 0)
                return 0;

        length = line_length(a->framing, a->framing->binary, a->data, a->n);
        if (length == 0)
                return a->n == sizeof(a->data) ? -EBADMSG : 0;
        a->n_after = a->n - length + (n - k);
        return (int) length;
}

int line_answer_finish(LineAnswer *a) {
        const LineFraming *f = a->framing;

        if (a->n == 0 && !a->had_echo)
                return 0;
        if (!f->end_optional || a->n == 0 || f->n_end > sizeof(a->data) - a->n)
                return -EBADMSG;

        memcpy(a->data + a->n, f->end, f->n_end);
        a->n += f->n_end;
        a->is_cut_off = true;
        return (int) a->n;
}
