/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "verdict.h"

#include <inttypes.h>

#include "bus-auth.h"
#include "bus-names.h"
#include "string-util.h"

static char *accepted_ranges(const Variable *v) {
        _cleanup_free_ char *text = strjoin("a number from ");

        for (size_t i = 0; text && i < v->n_ranges; i++) {
                char *longer = strprintf("%s%s%" PRIi64 " to %" PRIi64, text, i > 0 ? " or " : "",
                                         v->ranges[i].min, v->ranges[i].max);

                free(text);
                text = longer;
        }

        return TAKE_PTR(text);
}

char *accepted_values(const Variable *v) {
        if (v->enums) {
                _cleanup_free_ char *joined = strv_join(v->enums, ", ");

                return joined ? strjoin("one of ", joined) : NULL;
        }

        if (v->n_ranges > 0)
                return accepted_ranges(v);

        if ((v->flags & VARIABLE_STRING) && v->length_max > 0)
                return strprintf("up to %" PRIu32 " characters", v->length_max);

        return strdup(v->flags & VARIABLE_STRING ? "" : "a number");
}

/* What is the same whatever was asked for. Returns false when it is not. */
static bool explain_common(const MirrorDevice *d, int r) {
        const char *name = mirror_device_name(d);

        switch (r) {

        case -ESTALE:
                ctl_error(0, "%s does not answer now, so it was not asked.", name);
                return true;
        case -ENODEV:
                ctl_error(0, "%s is not connected, or its driver ended.", name);
                return true;
        case -EBUSY:
                ctl_error(0, "%s is busy with an earlier request. Try again later.", name);
                return true;
        case -ETIMEDOUT:
                ctl_error(0, "%s did not answer in time. It may still do what was asked.", name);
                return true;
        default:
                return false;
        }
}

static void explain_denied(const Ctl *c, const char *action) {
        ctl_error(0, "Not allowed.");
        ctl_hint_denied(c, action);
}

static void explain_refused(const MirrorDevice *d, const char *variable, const char *value) {
        const Variable *v = model_find(mirror_device_model(d), variable);
        _cleanup_free_ char *accepted = v ? accepted_values(v) : NULL;

        if (isempty(accepted))
                ctl_error(0, "%s does not take \"%s\" for %s.", mirror_device_name(d), value, variable);
        else
                ctl_error(0, "%s does not take \"%s\" for %s: it wants %s.", mirror_device_name(d), value,
                          variable, accepted);
}

static int explain_no_variable(const MirrorDevice *d, const char *variable, int r, const char *message) {
        const char *name = mirror_device_name(d);
        const Variable *v = model_find(mirror_device_model(d), variable);

        if (v && (v->flags & VARIABLE_WRITABLE))
                return ctl_error(r, "%s lists %s as one to be set, but does not support that%s%s", name,
                                 variable, message ? ": " : ".", strempty(message));

        return ctl_error(r,
                         "%s has no variable \"%s\" that could be set. "
                         "\"busbarctl set %s\" lists those it has.", name, variable, name);
}

int verdict_set(const Ctl *c, const MirrorDevice *d, const char *variable, const char *value, int r,
                const char *message) {
        const char *name = mirror_device_name(d);

        if (explain_common(d, r))
                return r;

        switch (r) {

        case -EOPNOTSUPP:
                return explain_no_variable(d, variable, r, message);
        case -EROFS:
                return ctl_error(r,
                                 "%s of %s can only be read. \"busbarctl set %s\" lists what can be set.",
                                 variable, name, name);
        case -EINVAL:
        case -EMSGSIZE:
                explain_refused(d, variable, value);
                return r;
        case -EACCES:
                explain_denied(c, POLKIT_CONFIGURE);
                return r;
        default:
                return ctl_error(r, "%s did not set %s: %s", name, variable, message ?: strerror(-r));
        }
}

static int explain_no_command(const MirrorDevice *d, const char *command, int r, const char *message) {
        const char *name = mirror_device_name(d);

        if (model_find_command(mirror_device_model(d), command))
                return ctl_error(r, "%s lists %s, but does not support it%s%s", name, command,
                                 message ? ": " : ".", strempty(message));

        return ctl_error(r, "%s has no command \"%s\". \"busbarctl run %s\" lists those it has.", name,
                         command, name);
}

int verdict_run(const Ctl *c, const MirrorDevice *d, const char *command, int r, const char *message) {
        const char *name = mirror_device_name(d);

        if (explain_common(d, r))
                return r;

        switch (r) {

        case -EOPNOTSUPP:
                return explain_no_command(d, command, r, message);
        case -EINVAL:
                return ctl_error(r, "%s does not take that argument for %s%s%s", name, command,
                                 message ? ": " : ".", strempty(message));
        case -EACCES:
                explain_denied(c, bus_auth_action_for_command(command));
                return r;
        default:
                return ctl_error(r, "%s did not do %s: %s", name, command, message ?: strerror(-r));
        }
}
