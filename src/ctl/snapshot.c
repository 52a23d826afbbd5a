/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "snapshot.h"

#include "string-util.h"

Snapshot *snapshot_new(const Model *m) {
        _cleanup_(snapshot_freep) Snapshot *s = new0(Snapshot, 1);
        size_t n = model_n_variables(m);

        if (!s)
                return NULL;

        s->freshness = model_freshness(m);
        s->pairs = new0(char *, 2 * n + 1);
        if (!s->pairs)
                return NULL;

        for (size_t i = 0; i < n; i++) {
                const Variable *v = model_variable(m, i);

                s->pairs[2 * i] = strdup(v->name);
                s->pairs[2 * i + 1] = s->pairs[2 * i] ? strdup(v->value) : NULL;
                if (!s->pairs[2 * i + 1])
                        return NULL;
        }

        return TAKE_PTR(s);
}

Snapshot *snapshot_free(Snapshot *s) {
        if (!s)
                return NULL;

        strv_free(s->pairs);
        free(s);
        return NULL;
}

/* Order of the names at two places; what is at its end comes last. */
static int compare_names(char **a, char **b) {
        if (!*a || !*b)
                return (*a == NULL) - (*b == NULL);

        return strcasecmp(*a, *b);
}

Difference *snapshot_compare(const Snapshot *before, const Snapshot *after) {
        size_t most = (strv_length(before->pairs) + strv_length(after->pairs)) / 2, n = 0;
        Difference *list = new0(Difference, most + 1);
        char **a = before->pairs, **b = after->pairs;

        if (!list)
                return NULL;

        while (*a || *b) {
                int order = compare_names(a, b);

                if (order < 0)
                        list[n++] = (Difference) { .name = a[0], .before = a[1] };
                else if (order > 0)
                        list[n++] = (Difference) { .name = b[0], .after = b[1] };
                else if (!streq(a[1], b[1]))
                        list[n++] = (Difference) { .name = b[0], .before = a[1], .after = b[1] };

                a += order <= 0 ? 2 : 0;
                b += order >= 0 ? 2 : 0;
        }

        return list;
}
