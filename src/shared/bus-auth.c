/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-auth.h"

#include <pwd.h>

#include "bus-names.h"
#include "messages.h"
#include "rate-limit.h"
#include "string-util.h"
#include "time-util.h"

/* A person may have to find a password; a polkit that is merely slow is not waited for that long. */
#define POLKIT_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define POLKIT_DIALOG_TIMEOUT_USEC (300 * USEC_PER_SEC)

#define POLKIT_ALLOW_USER_INTERACTION (UINT32_C(1) << 0)

/* The bus daemon refuses our 129th unanswered call, to polkit as to anybody: one user gets a share only,
 * however many connections it has. */
#define QUESTIONS_PER_USER_MAX 16U

#define REFUSALS_INTERVAL_USEC (10 * USEC_PER_SEC)
#define REFUSALS_LOGGED_MAX 20U

/* No user, and what chown() takes for none. */
#define UID_NONE ((uid_t) -1)

struct BusGate {
        uid_t driver, gateway, monitor;
        RateLimit refusals;
        BusAuth *questions; /* that polkit has not answered yet */
};

struct BusAuth {
        BusGate *gate;
        BusAuth *next; /* question for polkit */
        sd_bus_message *message;
        uid_t uid; /* of the sender, UID_NONE until known */
        sd_bus_slot *slot; /* the question under way: first to the bus, then to polkit */
        char *action;
        char **details;
        BusAuthDone done;
        void *userdata;
};

/* Asked once, as the user database may be slow and this is not the time to wait for it later. */
static uid_t find_user(const char *name) {
        _cleanup_free_ char *buffer = NULL;
        struct passwd pw, *found = NULL;
        size_t n = 16384;

        buffer = malloc(n);
        return buffer && getpwnam_r(name, &pw, buffer, n, &found) == 0 && found ? found->pw_uid : UID_NONE;
}

int bus_gate_new(BusGate **ret) {
        BusGate *g = new(BusGate, 1);

        if (!g)
                return -ENOMEM;

        *g = (BusGate) {
                .driver = find_user(USER_DRIVER),
                .gateway = find_user(USER_GATEWAY),
                .monitor = find_user(USER_MONITOR),
                .refusals = { .interval_usec = REFUSALS_INTERVAL_USEC, .burst = REFUSALS_LOGGED_MAX },
        };
        *ret = g;
        return 0;
}

BusGate *bus_gate_free(BusGate *g) {
        free(g);
        return NULL;
}

bool bus_gate_trusts(const BusGate *g, uid_t uid) {
        if (uid == 0)
                return true;
        if (uid == UID_NONE)
                return false;

        /* One driver must not have power over the devices of another: its process may not be what it was. */
        return uid == g->gateway || uid == g->monitor || (uid == getuid() && uid != g->driver);
}

void bus_gate_log_refusal(BusGate *g, const LogContext *context, int r, const char *what, const char *why) {
        char more[48] = "";
        unsigned suppressed;

        if (!rate_limit_allow(&g->refusals, now_usec(CLOCK_MONOTONIC), &suppressed))
                return;

        if (suppressed > 0)
                (void) snprintf(more, sizeof(more), " (%u more refusals were not logged)", suppressed);
        (void) log_full(LOG_NOTICE, r, context, "%s is refused %s: %s%s", strempty(context->peer), what, why,
                        more);
}

BusAuth *bus_auth_free(BusAuth *a) {
        if (!a)
                return NULL;

        for (BusAuth **p = &a->gate->questions; *p; p = &(*p)->next)
                if (*p == a) {
                        *p = a->next;
                        break;
                }

        sd_bus_slot_unref(a->slot);
        sd_bus_message_unref(a->message);
        free(a->action);
        strv_free(a->details);
        free(a);
        return NULL;
}

/* "org.busbar.configure (uid 1000, device apc, variable ups.id)", in new memory. */
static char *auth_describe(const BusAuth *a) {
        _cleanup_strv_free_ char **pairs = NULL;
        _cleanup_free_ char *joined = NULL;

        if (a->uid != UID_NONE && strv_consume(&pairs, strprintf("uid %u", (unsigned) a->uid)) < 0)
                return NULL;
        for (char *const *d = a->details; d && d[0]; d += 2)
                if (strv_consume(&pairs, strjoin(d[0], " ", d[1])) < 0)
                        return NULL;
        joined = strv_join(pairs, ", ");

        return isempty(joined) ? strdup(a->action) : strjoin(a->action, " (", joined, ")");
}

static void auth_log(const BusAuth *a, int r, const char *text) {
        _cleanup_free_ char *what = auth_describe(a);
        LogContext context = {
                .message_id = MESSAGE_ACCESS_DENIED_STR,
                .peer = sd_bus_message_get_sender(a->message),
        };

        for (char *const *d = a->details; d && d[0]; d += 2)
                if (streq(d[0], "device"))
                        context.device = d[1];

        bus_gate_log_refusal(a->gate, &context, r, what ?: a->action, text);
}

/* Tells the outcome. The question is over and gone before that, so that done() may do anything. */
static void auth_finish(BusAuth *a, int r, const char *error_name, const char *text) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        BusAuthDone done = a->done;
        void *userdata = a->userdata;
        uid_t uid = a->uid;

        if (r < 0) {
                auth_log(a, r, text);
                (void) sd_bus_error_set(&error, error_name, text);
        }
        bus_auth_free(a);
        done(userdata, r, uid, r < 0 ? &error : NULL);
}

static void auth_deny(BusAuth *a, const char *text) {
        auth_finish(a, -EACCES, SD_BUS_ERROR_ACCESS_DENIED, text);
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
        r = sd_bus_call_async(bus, &a->slot, m, on_polkit_reply, a,
                        interactive ? POLKIT_DIALOG_TIMEOUT_USEC : POLKIT_TIMEOUT_USEC);
        if (r < 0)
                return r;

        a->next = a->gate->questions;
        a->gate->questions = a;
        return 0;
}

static unsigned gate_count_questions(const BusGate *g, uid_t uid) {
        unsigned n = 0;

        for (const BusAuth *a = g->questions; a; a = a->next)
                n += a->uid == uid;

        return n;
}

static int on_uid_reply(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusAuth *a = userdata;
        uint32_t uid;

        if (sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "u", &uid) < 0) {
                auth_deny(a, "Not allowed, as the bus does not say who asks.");
                return 0;
        }

        a->uid = uid;
        if (bus_gate_trusts(a->gate, a->uid))
                auth_finish(a, 0, NULL, NULL);
        else if (gate_count_questions(a->gate, a->uid) >= QUESTIONS_PER_USER_MAX)
                auth_finish(a, -EBUSY, BUS_ERROR_BUSY, "Too many requests of this user wait for polkit.");
        else if (auth_ask_polkit(a) < 0)
                auth_deny(a, "Not allowed, and polkit cannot be asked.");

        return 0;
}

int bus_auth_check(BusGate *gate, sd_bus_message *m, const char *action, const char *const *details,
                BusAuthDone done, void *userdata, BusAuth **ret) {
        BusAuth *a = new0(BusAuth, 1);
        int r = 0;

        if (!a)
                return -ENOMEM;

        a->gate = gate;
        a->uid = UID_NONE;
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
                { "server.",                 POLKIT_FORCE_SHUTDOWN },
        };

        return action_by_prefix(skip_member(command), table, ELEMENTSOF(table));
}

/* What switches an outlet as soon as it is written, or says when the device does by itself. */
static bool is_outlet_switch(const char *name) {
        static const char *const last[] = { ".status", ".switch", ".switchable", ".switch_off_control",
                ".switch_on_control" };
        const char *dot = strrchr(name, '.');

        if (!startswith_nocase(name, "outlet.") && !startswith_nocase(name, "experimental.outlet."))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(last); i++)
                if (strcaseeq(dot, last[i]))
                        return true;
        return strcasestr(name, ".timer.") || strcasestr(name, ".autoswitch.");
}

/* What only says how the next order is carried out, as a delay, or how the load is fed, is configuration. */
const char *bus_auth_action_for_variable(const char *variable) {
        static const char *const table[][2] = {
                { "ups.timer.",              POLKIT_POWER_OFF     },
                { "ups.shutdown",            POLKIT_POWER_OFF     },
        };
        const char *name = skip_member(variable);

        return is_outlet_switch(name) ? POLKIT_SWITCH_OUTLET
                                      : action_by_prefix(name, table, ELEMENTSOF(table));
}
