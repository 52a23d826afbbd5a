/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-auth.h"

#include <pwd.h>

#include "bus-names.h"
#include "string-util.h"
#include "time-util.h"

/* A person may have to find a password; a polkit that is merely slow is not waited for that long. */
#define POLKIT_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define POLKIT_DIALOG_TIMEOUT_USEC (300 * USEC_PER_SEC)

#define POLKIT_ALLOW_USER_INTERACTION (UINT32_C(1) << 0)

struct BusAuth {
        sd_bus_message *message;
        sd_bus_slot *slot; /* the question under way: first to the bus, then to polkit */
        char *action;
        char **details;
        BusAuthDone done;
        void *userdata;
};

BusAuth *bus_auth_free(BusAuth *a) {
        if (!a)
                return NULL;

        sd_bus_slot_unref(a->slot);
        sd_bus_message_unref(a->message);
        free(a->action);
        strv_free(a->details);
        free(a);
        return NULL;
}

/* Tells the outcome. The question is over and gone before that, so that done() may do anything. */
static void auth_finish(BusAuth *a, int r, const char *error_name, const char *text) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        BusAuthDone done = a->done;
        void *userdata = a->userdata;

        bus_auth_free(a);

        if (r < 0)
                (void) sd_bus_error_set(&error, error_name, text);
        done(userdata, r, r < 0 ? &error : NULL);
}

static void auth_deny(BusAuth *a, const char *text) {
        auth_finish(a, -EACCES, SD_BUS_ERROR_ACCESS_DENIED, text);
}

static bool user_is(uid_t uid, const char *name) {
        _cleanup_free_ char *buffer = NULL;
        struct passwd pw, *found = NULL;
        size_t n = 16384;

        buffer = malloc(n);
        return buffer && getpwnam_r(name, &pw, buffer, n, &found) == 0 && found && found->pw_uid == uid;
}

static bool uid_is_trusted(uid_t uid) {
        /* The user database may be slow, so it comes last. */
        return uid == 0 || uid == getuid() || user_is(uid, USER_GATEWAY) || user_is(uid, USER_MONITOR);
}

static int on_polkit_reply(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusAuth *a = userdata;
        int authorized = 0, challenge = 0, r;

        if (sd_bus_message_is_method_error(reply, NULL)) {
                auth_deny(a, "Not allowed, and polkit cannot be asked.");
                return 0;
        }

        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r >= 0)
                r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
        if (r < 0)
                auth_deny(a, "Not allowed, as polkit gave no answer that can be understood.");
        else if (authorized)
                auth_finish(a, 0, NULL, NULL);
        else if (challenge)
                auth_finish(a, -EACCES, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                                "Interactive authentication is required.");
        else
                auth_deny(a, "Not allowed by polkit.");

        return 0;
}

static int append_details(sd_bus_message *m, char *const *details) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "{ss}");
        if (r < 0)
                return r;

        for (char *const *d = details; d && d[0]; d += 2) {
                r = sd_bus_message_append(m, "{ss}", d[0], d[1]);
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(m);
}

static int auth_ask_polkit(BusAuth *a) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = sd_bus_message_get_bus(a->message);
        bool interactive = sd_bus_message_get_allow_interactive_authorization(a->message) > 0;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, "org.freedesktop.PolicyKit1",
                        "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
                        "CheckAuthorization");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                        sd_bus_message_get_sender(a->message), a->action);
        if (r < 0)
                return r;
        r = append_details(m, a->details);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "us", interactive ? POLKIT_ALLOW_USER_INTERACTION : 0, "");
        if (r < 0)
                return r;

        a->slot = sd_bus_slot_unref(a->slot);
        return sd_bus_call_async(bus, &a->slot, m, on_polkit_reply, a,
                        interactive ? POLKIT_DIALOG_TIMEOUT_USEC : POLKIT_TIMEOUT_USEC);
}

static int on_uid_reply(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusAuth *a = userdata;
        uint32_t uid;

        if (sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "u", &uid) < 0)
                auth_deny(a, "Not allowed, as the bus does not say who asks.");
        else if (uid_is_trusted(uid))
                auth_finish(a, 0, NULL, NULL);
        else if (auth_ask_polkit(a) < 0)
                auth_deny(a, "Not allowed, and polkit cannot be asked.");

        return 0;
}

int bus_auth_check(sd_bus_message *m, const char *action, const char *const *details, BusAuthDone done,
                void *userdata, BusAuth **ret) {
        BusAuth *a = new0(BusAuth, 1);
        int r = 0;

        if (!a)
                return -ENOMEM;

        a->message = sd_bus_message_ref(m);
        a->done = done;
        a->userdata = userdata;
        a->action = strdup(action);
        if (!a->action)
                r = -ENOMEM;
        for (size_t i = 0; r >= 0 && details && details[i]; i++)
                r = strv_extend(&a->details, details[i]);

        /* Asked of the bus itself, not of /proc, where the sender may have made room for another
         * meanwhile. */
        if (r >= 0)
                r = sd_bus_call_method_async(sd_bus_message_get_bus(m), &a->slot, "org.freedesktop.DBus",
                                "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser",
                                on_uid_reply, a, "s", strempty(sd_bus_message_get_sender(m)));
        if (r < 0) {
                bus_auth_free(a);
                return r;
        }

        *ret = a;
        return 0;
}

/* "device.2.load.off" is about a member of a chain: what counts stands behind. */
static const char *skip_member(const char *name) {
        const char *s = startswith_nocase(name, "device.");
        size_t digits;

        if (!s)
                return name;

        digits = strspn(s, "0123456789");
        return digits > 0 && s[digits] == '.' ? s + digits + 1 : name;
}

static const char *action_by_prefix(const char *name, const char *const (*table)[2], size_t n) {
        for (size_t i = 0; i < n; i++)
                if (startswith_nocase(name, table[i][0]))
                        return table[i][1];

        return POLKIT_CONFIGURE;
}

const char *bus_auth_action_for_command(const char *command) {
        static const char *const table[][2] = {
                { "load.",                   POLKIT_POWER_OFF     },
                { "shutdown.",               POLKIT_POWER_OFF     },
                { "driver.killpower",        POLKIT_POWER_OFF     },
                { "outlet.",                 POLKIT_SWITCH_OUTLET },
                { "test.",                   POLKIT_TEST          },
                { "calibrate.",              POLKIT_TEST          },
                { "beeper.",                 POLKIT_TEST          },
                { "experimental.test.",      POLKIT_TEST          },
        };

        return action_by_prefix(skip_member(command), table, ELEMENTSOF(table));
}

const char *bus_auth_action_for_variable(const char *variable) {
        const char *name = skip_member(variable);
        const char *dot = strrchr(name, '.');

        if (startswith_nocase(name, "outlet.") && dot &&
            (strcaseeq(dot, ".switch") || strcaseeq(dot, ".switchable")))
                return POLKIT_SWITCH_OUTLET;

        return POLKIT_CONFIGURE;
}
