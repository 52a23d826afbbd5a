/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libbusbar-internal.h"

#include <errno.h>

#include "string-util.h"

static const char *const nothing[] = { NULL };

static const char *const *list_of(char *const *strv) {
        return strv ? (const char *const *) strv : nothing;
}

static const Model *model_of(const BusbarDevice *d) {
        return mirror_device_model(d->mirrored);
}

static BusbarDevice *device_of(MirrorDevice *mirrored) {
        return mirrored ? mirror_device_userdata(mirrored) : NULL;
}

_public_ size_t busbar_count(Busbar *b) {
        return mirror_n_devices(b->mirror);
}

_public_ BusbarDevice *busbar_device(Busbar *b, size_t i) {
        return i < mirror_n_devices(b->mirror) ? device_of(mirror_device(b->mirror, i)) : NULL;
}

_public_ BusbarDevice *busbar_find(Busbar *b, const char *name) {
        return device_of(mirror_find(b->mirror, name));
}

_public_ const char *busbar_device_name(const BusbarDevice *d) {
        return mirror_device_name(d->mirrored);
}

_public_ const char *busbar_device_driver(const BusbarDevice *d) {
        return mirror_device_driver(d->mirrored);
}

_public_ const char *busbar_device_description(const BusbarDevice *d) {
        return mirror_device_description(d->mirrored);
}

_public_ const char *busbar_device_transport(const BusbarDevice *d) {
        return mirror_device_transport(d->mirrored);
}

_public_ BusbarFreshness busbar_device_freshness(const BusbarDevice *d) {
        switch (model_freshness(model_of(d))) {

        case FRESHNESS_FRESH:
                return BUSBAR_FRESH;
        case FRESHNESS_STALE:
                return BUSBAR_STALE;
        default:
                return BUSBAR_ABSENT;
        }
}

_public_ const char *busbar_freshness_name(BusbarFreshness f) {
        return f == BUSBAR_FRESH ? "fresh" : f == BUSBAR_STALE ? "stale" : "absent";
}

_public_ uint64_t busbar_device_age(const BusbarDevice *d) {
        return mirror_device_age_usec(d->mirrored);
}

_public_ const char *const *busbar_device_status(const BusbarDevice *d) {
        return list_of(model_status(model_of(d)));
}

_public_ bool busbar_device_has_status(const BusbarDevice *d, const char *word) {
        return model_has_status(model_of(d), word);
}

_public_ const char *const *busbar_device_alarms(const BusbarDevice *d) {
        return list_of(model_alarms(model_of(d)));
}

_public_ uint64_t busbar_device_on_battery_since(const BusbarDevice *d) {
        return model_on_battery_since_usec(model_of(d));
}

_public_ const char *busbar_device_get(const BusbarDevice *d, const char *variable) {
        return model_get(model_of(d), variable);
}

_public_ double busbar_device_get_number(const BusbarDevice *d, const char *variable) {
        return model_get_number(model_of(d), variable);
}

_public_ size_t busbar_device_count(const BusbarDevice *d) {
        return model_n_variables(model_of(d));
}

_public_ int busbar_device_variable(const BusbarDevice *d, size_t i, const char **ret_name,
                const char **ret_value) {
        const Variable *v;

        if (i >= model_n_variables(model_of(d)))
                return -ENOENT;

        v = model_variable(model_of(d), i);
        if (ret_name)
                *ret_name = v->name;
        if (ret_value)
                *ret_value = v->value;
        return 0;
}

/* NULL unless it can be written. */
static const Variable *find_writable(const BusbarDevice *d, const char *name) {
        const Variable *v = model_find(model_of(d), name);

        return v && (v->flags & VARIABLE_WRITABLE) ? v : NULL;
}

_public_ bool busbar_device_is_writable(const BusbarDevice *d, const char *variable) {
        return find_writable(d, variable);
}

_public_ const char *const *busbar_device_values(const BusbarDevice *d, const char *variable) {
        const Variable *v = find_writable(d, variable);

        return list_of(v ? v->enums : NULL);
}

_public_ int busbar_device_range(const BusbarDevice *d, const char *variable, size_t i, int64_t *ret_min,
                int64_t *ret_max) {
        const Variable *v = find_writable(d, variable);

        if (!v || i >= v->n_ranges)
                return -ENOENT;

        *ret_min = v->ranges[i].min;
        *ret_max = v->ranges[i].max;
        return 0;
}

_public_ size_t busbar_device_length_max(const BusbarDevice *d, const char *variable) {
        const Variable *v = find_writable(d, variable);

        return v && (v->flags & VARIABLE_STRING) ? v->length_max : 0;
}

_public_ const char *const *busbar_device_commands(const BusbarDevice *d) {
        return list_of(model_commands(model_of(d)));
}

_public_ bool busbar_device_has_command(const BusbarDevice *d, const char *command) {
        return model_find_command(model_of(d), command);
}

_public_ void busbar_device_set_userdata(BusbarDevice *d, void *userdata) {
        d->userdata = userdata;
}

_public_ void *busbar_device_userdata(const BusbarDevice *d) {
        return d->userdata;
}

/*** Requests ***/

typedef struct Request {
        Busbar *busbar;
        BusbarReply reply;
        void *userdata;
} Request;

static void on_reply(void *userdata, int result, const char *message) {
        _cleanup_free_ Request *request = userdata;
        Busbar *b = request->busbar;

        if (!request->reply || b->silenced)
                return;
        b->n_calling++;
        request->reply(b, result, message, request->userdata);
        b->n_calling--;
}

static int request_new(BusbarDevice *d, BusbarReply reply, void *userdata, Request **ret) {
        Request *request;

        if (d->busbar->silenced)
                return -ENODEV;
        request = new(Request, 1);
        if (!request)
                return -ENOMEM;

        *request = (Request) { .busbar = d->busbar, .reply = reply, .userdata = userdata };
        *ret = request;
        return 0;
}

_public_ int busbar_device_set(BusbarDevice *d, const char *variable, const char *value, BusbarReply reply,
                void *userdata) {
        _cleanup_free_ Request *request = NULL;
        int r;

        r = request_new(d, reply, userdata, &request);
        if (r < 0)
                return r;
        r = mirror_device_set(d->mirrored, variable, value, on_reply, request);
        if (r < 0)
                return r;
        TAKE_PTR(request);
        return 0;
}

_public_ int busbar_device_run(BusbarDevice *d, const char *command, const char *argument, BusbarReply reply,
                void *userdata) {
        _cleanup_free_ Request *request = NULL;
        int r;

        r = request_new(d, reply, userdata, &request);
        if (r < 0)
                return r;
        r = mirror_device_run(d->mirrored, command, strempty(argument), on_reply, request);
        if (r < 0)
                return r;
        TAKE_PTR(request);
        return 0;
}

/*** Changes ***/

_public_ unsigned busbar_change_bits(const BusbarChange *c) {
        const Change *change = c ? c->change : NULL;

        if (!change)
                return UINT32_MAX;
        return (change->changed || change->removed ? BUSBAR_VARIABLES : 0U) |
                (change->described ? BUSBAR_DESCRIPTIONS : 0U) | (change->commands ? BUSBAR_COMMANDS : 0U) |
                (change->status ? BUSBAR_STATUS : 0U) | (change->alarms ? BUSBAR_ALARMS : 0U) |
                (change->freshness ? BUSBAR_FRESHNESS : 0U);
}

_public_ const char *const *busbar_change_changed(const BusbarChange *c) {
        return list_of(c ? c->change->changed : NULL);
}

_public_ const char *const *busbar_change_removed(const BusbarChange *c) {
        return list_of(c ? c->change->removed : NULL);
}

static bool list_has(char *const *list, const char *name) {
        for (; list && *list; list++)
                if (strcasecmp(*list, name) == 0)
                        return true;
        return false;
}

_public_ bool busbar_change_has(const BusbarChange *c, const char *variable) {
        return !c || list_has(c->change->changed, variable) || list_has(c->change->removed, variable);
}

/*** Errors ***/

_public_ const char *busbar_strerror(int error) {
        static const struct {
                int error;
                const char *text;
        } texts[] = {
                { 0,            "done"                                                 },
                { -EOPNOTSUPP,  "the device has no such variable or command"           },
                { -EROFS,       "the variable cannot be written"                       },
                { -EINVAL,      "the device does not take this value"                  },
                { -EMSGSIZE,    "the value is too long"                                },
                { -ESTALE,      "the device does not answer at present"                },
                { -ENODEV,      "the device, its driver or the bus is not there"       },
                { -EBUSY,       "too many requests are under way"                      },
                { -EACCES,      "not allowed"                                          },
                { -ETIMEDOUT,   "no answer in time; it may still be done"              },
                { -ENOENT,      "there is no such thing"                               },
                { -ENOMEM,      "out of memory"                                        },
                { -ESHUTDOWN,   "closed by a handler"                                  },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (texts[i].error == error)
                        return texts[i].text;
        return "the device refused, or failed";
}
