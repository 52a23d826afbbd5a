/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "view.h"

#include "string-util.h"

typedef struct ListKind {
        const char *word;
        void (*render)(const Device *d, const char *ups, Buffer *out);
} ListKind;

bool view_hides(const char *name) {
        return startswith_nocase(name, "server.") != NULL;
}

const Variable *view_find_variable(const Device *d, const char *name) {
        return view_hides(name) ? NULL : model_find(d->model, name);
}

const char *view_find_command(const Device *d, const char *name) {
        return view_hides(name) ? NULL : model_find_command(d->model, name);
}

/* A forced shutdown shows as a token in front of the device's own, but not twice. */
static bool shows_forced(const Device *d, const Variable *v) {
        return d->forced && strcaseeq(v->name, "ups.status") && !model_has_status(d->model, "FSD");
}

static void render_value(const Device *d, const Variable *v, Buffer *out) {
        if (!shows_forced(d, v)) {
                buffer_quoted(out, v->value);
                return;
        }
        if (isempty(v->value)) {
                buffer_add(out, "\"FSD\"");
                return;
        }

        /* The opening quote that buffer_quoted() writes turns into the blank behind the token. */
        buffer_add(out, "\"FSD");
        size_t at = out->size;
        buffer_quoted(out, v->value);
        if (!out->broken)
                out->data[at] = ' ';
}

void view_variable(const Device *d, const Variable *v, const char *ups, const char *name, Buffer *out) {
        buffer_add(out, "VAR ", ups, " ", name, " ");
        render_value(d, v, out);
        buffer_append(out, "\n", 1);
}

static void render_variables(const Device *d, const char *ups, Buffer *out) {
        for (size_t i = 0; i < model_n_variables(d->model); i++) {
                const Variable *v = model_variable(d->model, i);

                if (!view_hides(v->name))
                        view_variable(d, v, ups, v->name, out);
        }
}

static void render_writable(const Device *d, const char *ups, Buffer *out) {
        for (size_t i = 0; i < model_n_variables(d->model); i++) {
                const Variable *v = model_variable(d->model, i);

                if (!(v->flags & VARIABLE_WRITABLE) || view_hides(v->name))
                        continue;
                buffer_add(out, "RW ", ups, " ", v->name, " ");
                buffer_quoted(out, v->value);
                buffer_append(out, "\n", 1);
        }
}

static void render_commands(const Device *d, const char *ups, Buffer *out) {
        STRV_FOREACH(c, model_commands(d->model))
                if (!view_hides(*c))
                        buffer_add(out, "CMD ", ups, " ", *c, "\n");
}

static const ListKind kinds[_VIEW_MAX] = {
        [VIEW_VARIABLES] = { "VAR", render_variables },
        [VIEW_WRITABLE] = { "RW", render_writable },
        [VIEW_COMMANDS] = { "CMD", render_commands },
};

static void render(const Device *d, const ListKind *k, const char *ups, Buffer *out) {
        buffer_add(out, "BEGIN LIST ", k->word, " ", ups, "\n");
        k->render(d, ups, out);
        buffer_add(out, "END LIST ", k->word, " ", ups, "\n");
}

static const Buffer *append_kept(const Buffer *kept, Buffer *out) {
        if (kept->broken)
                out->broken = true;
        else
                buffer_append(out, kept->data, kept->size);
        return kept->broken ? NULL : kept;
}

const Buffer *view_list(Device *d, ViewList list, const char *ups, Buffer *out) {
        Buffer *kept = d->lists + list;

        /* Nearly all clients spell the name as LIST UPS gave it to them; the others pay for theirs. */
        if (!streq(ups, d->name)) {
                render(d, kinds + list, ups, out);
                return NULL;
        }
        if (!d->list_valid[list]) {
                buffer_clear(kept);
                render(d, kinds + list, ups, kept);
                d->list_valid[list] = !kept->broken;
        }
        return append_kept(kept, out);
}

const Buffer *view_devices(DeviceTable *t, Buffer *out) {
        Buffer *kept = device_table_list(t);

        if (kept->size > 0 && !kept->broken)
                return append_kept(kept, out);

        buffer_clear(kept);
        buffer_add(kept, "BEGIN LIST UPS\n");
        for (size_t i = 0; i < device_table_count(t); i++) {
                const Device *d = device_table_get(t, i);

                buffer_add(kept, "UPS ", d->name, " ");
                buffer_quoted(kept, device_title(d) ?: "Description unavailable");
                buffer_append(kept, "\n", 1);
        }
        buffer_add(kept, "END LIST UPS\n");
        return append_kept(kept, out);
}

void view_type(const Variable *v, const char *ups, const char *name, Buffer *out) {
        buffer_add(out, "TYPE ", ups, " ", name);
        if (v->flags & VARIABLE_WRITABLE)
                buffer_add(out, " RW");
        if (v->enums)
                buffer_add(out, " ENUM");
        if (v->n_ranges > 0)
                buffer_add(out, " RANGE");
        if (v->flags & VARIABLE_STRING) {
                buffer_add(out, " STRING:");
                buffer_number(out, v->length_max);
                buffer_append(out, "\n", 1);
        } else
                buffer_add(out, " NUMBER\n");
}
