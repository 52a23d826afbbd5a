/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "hid-engine-internal.h"
#include "string-util.h"

static bool binding_uses(const Binding *b, const HidField *f) {
        return b->field == f || b->twin == f || b->join == f;
}

/* What the profile makes of a field: names, separated by blanks. */
static void describe_use(const HidEngine *e, const HidField *f, FILE *out) {
        for (size_t i = 0; i < e->n_slots; i++) {
                const Slot *s = &e->slots[i];

                for (size_t k = 0; k < s->n_bindings; k++)
                        if (binding_uses(&s->bindings[k], f)) {
                                if (s->chosen == (ssize_t) k && s->value)
                                        fprintf(out, "  %s=\"%s\"", s->name, s->value);
                                else
                                        fprintf(out, "  (%s)", s->name);
                        }
        }
        for (size_t i = 0; i < e->n_status; i++)
                if (binding_uses(&e->status[i].binding, f))
                        fprintf(out, "  [%s]", condition_to_string(e->status[i].binding.row->condition));
        for (size_t i = 0; i < e->n_alarms; i++)
                if (binding_uses(&e->alarms[i].binding, f))
                        fprintf(out, "  [\"%s\"]", e->alarms[i].binding.row->name);
        for (size_t i = 0; i < e->n_commands; i++)
                for (size_t k = 0; k < e->commands[i].n_steps; k++)
                        if (e->commands[i].steps[k].field == f)
                                fprintf(out, "  %s()", e->commands[i].name);
}

static int describe_field(const HidEngine *e, const HidField *f, FILE *out) {
        _cleanup_free_ char *path = hid_path_to_string(f->path, f->n_path);
        const Report *r = engine_report(e, f);
        int64_t raw;

        if (!path)
                return -ENOMEM;

        fprintf(out, "%-7s %02x @%u+%u %s [%lld..%lld]", hid_kind_to_string(f->kind), f->report_id,
                        (unsigned) f->offset_bits, (unsigned) f->size_bits, path, (long long) f->logical_min,
                        (long long) f->logical_max);
        if (r && r->n > 0 && hid_field_get(f, r->data, r->n, &raw) >= 0)
                fprintf(out, " = %lld (%.6g)", (long long) raw, hid_field_to_physical(f, raw));
        else if (r && r->failures > 0 && !r->answered)
                fputs(" refused", out);
        describe_use(e, f, out);
        fputc('\n', out);
        return 0;
}

int hid_engine_describe(const HidEngine *e, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size, n = hid_descriptor_n_fields(e->descriptor);
        FILE *out = open_memstream(&text, &size);
        int r = 0;

        if (!out)
                return -ENOMEM;

        fprintf(out, "profile %s (%s %s)\n", strempty(e->profile->id), strempty(e->profile->title),
                        strempty(e->profile->version));
        for (size_t i = 0; i < n && r >= 0; i++)
                r = describe_field(e, hid_descriptor_field(e->descriptor, i), out);

        if (fclose(out) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        return 0;
}
