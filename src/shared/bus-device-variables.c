/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device-internal.h"
#include "bus-names.h"
#include "names.h"
#include "parse-util.h"
#include "string-util.h"

static int append_variable(sd_bus_message *m, const Variable *v) {
        return sd_bus_message_append(m, "{ss}", v->name, v->value);
}

static int on_get_all(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusDevice *d = userdata;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "t", model_revision(d->model));
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{ss}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < model_n_variables(d->model); i++) {
                r = append_variable(reply, model_variable(d->model, i));
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int append_string_entry(sd_bus_message *m, const char *key, const char *value) {
        return isempty(value) ? 0 : sd_bus_message_append(m, "{sv}", key, "s", value);
}

static int append_true_entry(sd_bus_message *m, const char *key, bool value) {
        return value ? sd_bus_message_append(m, "{sv}", key, "b", 1) : 0;
}

static int append_enums(sd_bus_message *m, const Variable *v) {
        int r;

        if (!v->enums)
                return 0;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", "enum");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'v', "as");
        if (r < 0)
                return r;
        r = sd_bus_message_append_strv(m, v->enums);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(m);
}

static int append_range_array(sd_bus_message *m, const Variable *v) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "(xx)");
        if (r < 0)
                return r;
        for (size_t i = 0; i < v->n_ranges; i++) {
                r = sd_bus_message_append(m, "(xx)", v->ranges[i].min, v->ranges[i].max);
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(m);
}

static int append_ranges(sd_bus_message *m, const Variable *v) {
        int r;

        if (v->n_ranges == 0)
                return 0;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", "ranges");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'v', "a(xx)");
        if (r < 0)
                return r;
        r = append_range_array(m, v);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(m);
}

static NameKind variable_kind(const Variable *v, const Name *name) {
        double number;

        if (v->enums)
                return name && name->kind == NAME_BOOLEAN ? NAME_BOOLEAN : NAME_ENUM;
        if (name)
                return name->kind;
        if (v->n_ranges > 0)
                return NAME_NUMBER;

        return !(v->flags & VARIABLE_STRING) && parse_double(v->value, &number) >= 0 ?
                NAME_NUMBER : NAME_STRING;
}

static int append_details(sd_bus_message *m, const Variable *v) {
        const Name *name = variable_name_find(v->name);
        int r;

        r = sd_bus_message_append(m, "{sv}{sv}",
                        "type", "s", name_kind_to_string(variable_kind(v, name)),
                        "writable", "b", (int) !!(v->flags & VARIABLE_WRITABLE));
        if (r < 0)
                return r;
        r = append_true_entry(m, "string", v->flags & VARIABLE_STRING);
        if (r < 0)
                return r;
        r = append_true_entry(m, "immutable", v->flags & VARIABLE_IMMUTABLE);
        if (r < 0)
                return r;
        if (v->length_max > 0) {
                r = sd_bus_message_append(m, "{sv}", "max-length", "u", v->length_max);
                if (r < 0)
                        return r;
        }
        r = append_enums(m, v);
        if (r < 0)
                return r;
        r = append_ranges(m, v);
        if (r < 0)
                return r;
        r = append_string_entry(m, "description", name ? name->description : NULL);
        if (r < 0)
                return r;

        return append_string_entry(m, "unit", name ? name->unit : NULL);
}

static int append_description(sd_bus_message *m, const Variable *v) {
        int r;

        r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", v->name);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        r = append_details(m, v);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(m);
}

static int append_described(sd_bus_message *m, const Model *model, char *const *names) {
        int r;

        for (size_t i = 0; !names && i < model_n_variables(model); i++) {
                r = append_description(m, model_variable(model, i));
                if (r < 0)
                        return r;
        }

        STRV_FOREACH(name, names) {
                const Variable *v = model_find(model, *name);

                /* It may have gone since the caller learnt of it. */
                if (!v)
                        continue;
                r = append_description(m, v);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int on_describe(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_strv_free_ char **names = NULL;
        BusDevice *d = userdata;
        int r;

        r = sd_bus_message_read_strv(m, &names);
        if (r < 0)
                return r;
        if (names && !names[0])
                names = strv_free(names);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        r = append_described(reply, d->model, names);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static bool has_details(const Variable *v) {
        return v->flags || v->length_max > 0 || v->enums || v->n_ranges > 0;
}

/* There may be a hundred thousand of them when somebody starts: no dictionaries. */
static int append_limits(sd_bus_message *m, const Variable *v) {
        const uint32_t flags = (v->flags & VARIABLE_WRITABLE ? BUS_DETAIL_WRITABLE : 0) |
                        (v->flags & VARIABLE_STRING ? BUS_DETAIL_STRING : 0) |
                        (v->flags & VARIABLE_IMMUTABLE ? BUS_DETAIL_IMMUTABLE : 0);
        int r;

        r = sd_bus_message_open_container(m, 'r', BUS_DETAIL_TYPES);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "suu", v->name, flags, v->length_max);
        if (r < 0)
                return r;
        r = sd_bus_message_append_strv(m, v->enums);
        if (r < 0)
                return r;
        r = append_range_array(m, v);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(m);
}

static int on_details(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const BusDevice *d = userdata;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(" BUS_DETAIL_TYPES ")");
        if (r < 0)
                return r;
        for (size_t i = 0; i < model_n_variables(d->model); i++) {
                const Variable *v = model_variable(d->model, i);

                r = has_details(v) ? append_limits(reply, v) : 0;
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int on_set(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name, *value;
        int r;

        r = sd_bus_message_read(m, "ss", &name, &value);
        if (r < 0)
                return r;

        return bus_request_begin(userdata, m, REQUEST_SET, name, value, reterr);
}

const sd_bus_vtable bus_variables_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("GetAll",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("t", revision, "a{ss}", variables),
                        on_get_all, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Describe",
                        SD_BUS_ARGS("as", names),
                        SD_BUS_RESULT("a{sa{sv}}", descriptions),
                        on_describe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Details",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(" BUS_DETAIL_TYPES ")", details),
                        on_details, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Set",
                        SD_BUS_ARGS("s", name, "s", value, "a{sv}", options),
                        SD_BUS_NO_RESULT,
                        on_set, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Changed",
                        SD_BUS_ARGS("t", revision, "a{ss}", changed, "as", removed), 0),
        SD_BUS_SIGNAL_WITH_ARGS("MetadataChanged",
                        SD_BUS_ARGS("t", revision, "as", names), 0),
        SD_BUS_VTABLE_END,
};

static int emit_changed(BusDevice *d, const Change *change) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_signal(d->bus, &m, d->path, BUS_INTERFACE_VARIABLES, "Changed");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "t", model_revision(d->model));
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'a', "{ss}");
        if (r < 0)
                return r;
        STRV_FOREACH(name, change->changed) {
                const Variable *v = model_find(d->model, *name);

                r = v ? append_variable(m, v) : 0;
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;
        r = sd_bus_message_append_strv(m, change->removed);
        if (r < 0)
                return r;

        return sd_bus_send(d->bus, m, NULL);
}

static int emit_metadata_changed(BusDevice *d, const Change *change) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_signal(d->bus, &m, d->path, BUS_INTERFACE_VARIABLES, "MetadataChanged");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "t", model_revision(d->model));
        if (r < 0)
                return r;
        r = sd_bus_message_append_strv(m, change->described);
        if (r < 0)
                return r;

        return sd_bus_send(d->bus, m, NULL);
}

int bus_device_emit_variables(BusDevice *d, const Change *change) {
        int r;

        if (change->changed || change->removed) {
                r = emit_changed(d, change);
                if (r < 0)
                        return r;
        }

        return change->described ? emit_metadata_changed(d, change) : 0;
}
