/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/mman.h>

#include "bus-auth.h"
#include "bus-names.h"
#include "log.h"
#include "test-bus-util.h"

/* Who may write: a driver in miniature, a caller of another user, and a polkit that says what it is told
 * to say. */

typedef enum PolkitMode {
        POLKIT_ABSENT,
        POLKIT_NO,
        POLKIT_YES,
        POLKIT_CHALLENGE, /* yes, if there is somebody to ask */
        POLKIT_ERROR,
        POLKIT_NONSENSE,
        POLKIT_SILENT,
} PolkitMode;

typedef struct Bench {
        sd_event *event;
        TestDriver *driver;
        TestDevice *device;
        sd_bus *own, *foreign, *polkit;
        sd_bus_slot *polkit_slot;
        PolkitMode mode;
        unsigned n_asked;
        char *action, *subject;
        char **details;
        sd_bus_message *unanswered;
        BusAuth *auth; /* a question of our own */
        BusAuthDone on_outcome;
        uid_t uid; /* who was allowed */
} Bench;

static void read_question(Bench *b, sd_bus_message *m, uint32_t *ret_flags) {
        const char *kind, *key, *value, *action;

        ASSERT_OK(sd_bus_message_enter_container(m, 'r', "sa{sv}"));
        ASSERT_OK(sd_bus_message_read(m, "sa{sv}", &kind, 1, &key, "s", &value));
        ASSERT_OK(sd_bus_message_exit_container(m));
        ASSERT_STREQ(kind, "system-bus-name");
        ASSERT_STREQ(key, "name");
        ASSERT_OK(free_and_strdup(&b->subject, value));

        ASSERT_OK(sd_bus_message_read(m, "s", &action));
        ASSERT_OK(free_and_strdup(&b->action, action));

        b->details = strv_free(b->details);
        ASSERT_OK(sd_bus_message_enter_container(m, 'a', "{ss}"));
        while (ASSERT_OK(sd_bus_message_read(m, "{ss}", &key, &value)) > 0)
                ASSERT_OK(strv_consume(&b->details, strjoin(key, "=", value)));
        ASSERT_OK(sd_bus_message_exit_container(m));
        ASSERT_OK(sd_bus_message_read(m, "u", ret_flags));
}

static int on_check(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Bench *b = userdata;
        uint32_t flags;
        bool yes;

        b->n_asked++;
        read_question(b, m, &flags);

        switch (b->mode) {
        case POLKIT_ERROR:
                return sd_bus_error_set(reterr, "org.freedesktop.PolicyKit1.Error.Failed", "No.");
        case POLKIT_NONSENSE:
                return sd_bus_reply_method_return(m, "s", "yes");
        case POLKIT_SILENT:
                sd_bus_message_unref(b->unanswered);
                b->unanswered = sd_bus_message_ref(m);
                return 1;
        default:
                yes = b->mode == POLKIT_YES || (b->mode == POLKIT_CHALLENGE && (flags & 1));
                return sd_bus_reply_method_return(m, "(bba{ss})", yes, b->mode == POLKIT_CHALLENGE, 0);
        }
}

static const sd_bus_vtable polkit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void bench_open(Bench *b) {
        ASSERT_OK(sd_event_new(&b->event));
        b->driver = test_driver_new(b->event, "apc");
        b->device = test_driver_add(b->driver, "apc", test_update_ups());
        b->own = test_bus_open(b->event);
}

static void polkit_start(Bench *b) {
        b->polkit = test_bus_open(b->event);
        ASSERT_OK(sd_bus_add_object_vtable(b->polkit, &b->polkit_slot,
                        "/org/freedesktop/PolicyKit1/Authority",
                        "org.freedesktop.PolicyKit1.Authority", polkit_vtable, b));
        ASSERT_OK(sd_bus_request_name(b->polkit, "org.freedesktop.PolicyKit1", 0));
}

static void polkit_stop(Bench *b) {
        b->unanswered = sd_bus_message_unref(b->unanswered);
        b->polkit_slot = sd_bus_slot_unref(b->polkit_slot);
        b->polkit = sd_bus_flush_close_unref(b->polkit);
}

static void bench_close(Bench *b) {
        test_driver_free(b->driver);
        polkit_stop(b);
        sd_bus_flush_close_unref(b->own);
        sd_bus_flush_close_unref(b->foreign);
        sd_event_unref(b->event);
        free(b->action);
        free(b->subject);
        strv_free(b->details);
}

static sd_bus_message *message_set(Bench *b, sd_bus *from, bool interactive) {
        sd_bus_message *m = test_message_set(from, b->driver, "apc", "ups.id", "x");

        ASSERT_OK(sd_bus_message_set_allow_interactive_authorization(m, interactive));
        return m;
}

static sd_bus_message *message_run(Bench *b, sd_bus *from, bool interactive) {
        sd_bus_message *m = test_message_run(from, b->driver, "apc", "load.off", "");

        ASSERT_OK(sd_bus_message_set_allow_interactive_authorization(m, interactive));
        return m;
}

/* Both writes; nothing of what is denied reaches the device. */
static void assert_writes(Bench *b, sd_bus *from, bool interactive, const char *error) {
        unsigned n_set = b->device->n_set, n_run = b->device->n_run;
        _cleanup_(test_call_freep) TestCall *set = NULL, *run = NULL;

        set = test_call(b->event, message_set(b, from, interactive));
        ASSERT_STREQ(set->error, error);
        ASSERT_EQ(b->device->n_set, n_set + (error ? 0 : 1));

        run = test_call(b->event, message_run(b, from, interactive));
        ASSERT_STREQ(run->error, error);
        ASSERT_EQ(b->device->n_run, n_run + (error ? 0 : 1));
        if (error)
                ASSERT_FALSE(isempty(run->text));
}

static void test_polkit(Bench *b) {
        static const struct {
                PolkitMode mode;
                bool interactive;
                const char *error;
        } table[] = {
                { POLKIT_NO,        false, SD_BUS_ERROR_ACCESS_DENIED                      },
                { POLKIT_NO,        true,  SD_BUS_ERROR_ACCESS_DENIED                      },
                { POLKIT_YES,       false, NULL                                            },
                { POLKIT_CHALLENGE, false, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED },
                { POLKIT_CHALLENGE, true,  NULL                                            },
                { POLKIT_ERROR,     false, SD_BUS_ERROR_ACCESS_DENIED                      },
                { POLKIT_NONSENSE,  false, SD_BUS_ERROR_ACCESS_DENIED                      },
        };
        const char *unique;

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                b->mode = table[i].mode;
                b->n_asked = 0;
                assert_writes(b, b->foreign, table[i].interactive, table[i].error);
                ASSERT_EQ(b->n_asked, 2);
        }

        /* What it is asked: who, what, and about which device. */
        ASSERT_OK(sd_bus_get_unique_name(b->foreign, &unique));
        ASSERT_STREQ(b->subject, unique);
        ASSERT_STREQ(b->action, POLKIT_POWER_OFF);
        ASSERT_EQ(strv_length(b->details), 2);
        ASSERT_TRUE(strv_contains(b->details, "device=apc"));
        ASSERT_TRUE(strv_contains(b->details, "command=load.off"));
}

static void assert_action(Bench *b, bool run, const char *name, const char *action) {
        _cleanup_(test_call_freep) TestCall *c = NULL;

        b->mode = POLKIT_NO;
        c = test_call(b->event, run ? test_message_run(b->foreign, b->driver, "apc", name, "") :
                        test_message_set(b->foreign, b->driver, "apc", name, "x"));
        ASSERT_STREQ(c->error, SD_BUS_ERROR_ACCESS_DENIED);
        ASSERT_STREQ(b->action, action);
}

static void test_actions_asked(Bench *b) {
        assert_action(b, false, "ups.id", POLKIT_CONFIGURE);
        assert_action(b, false, "outlet.1.switch", POLKIT_SWITCH_OUTLET);
        /* A read-only one too: what can be found out by writing is not told to those who may not. */
        assert_action(b, false, "battery.charge", POLKIT_CONFIGURE);
        assert_action(b, true, "load.off", POLKIT_POWER_OFF);
        assert_action(b, true, "outlet.1.load.off", POLKIT_SWITCH_OUTLET);
        assert_action(b, true, "test.battery.start", POLKIT_TEST);
        assert_action(b, true, "reset.watchdog", POLKIT_CONFIGURE);
}

/* While polkit thinks: the device goes stale, or goes altogether. */
static void test_meanwhile(Bench *b) {
        _cleanup_(test_call_freep) TestCall *stale = NULL, *gone = NULL;
        unsigned n = b->device->n_set;
        Update *u;

        b->mode = POLKIT_SILENT;
        stale = test_call_send(message_set(b, b->foreign, false));
        RUN_UNTIL(b->event, b->unanswered);
        u = update_new();
        (void) update_freshness(u, FRESHNESS_STALE);
        test_device_update(b->device, u);
        ASSERT_OK(sd_bus_reply_method_return(b->unanswered, "(bba{ss})", 1, 0, 0));
        b->unanswered = sd_bus_message_unref(b->unanswered);
        RUN_UNTIL(b->event, stale->done);
        ASSERT_STREQ(stale->error, BUS_ERROR_STALE);
        ASSERT_EQ(b->device->n_set, n);

        gone = test_call_send(message_set(b, b->foreign, false));
        RUN_UNTIL(b->event, b->unanswered);
        test_driver_remove(b->driver, b->device);
        RUN_UNTIL(b->event, gone->done);
        ASSERT_STREQ(gone->error, BUS_ERROR_ABSENT);
        ASSERT_OK(sd_bus_reply_method_return(b->unanswered, "(bba{ss})", 1, 0, 0));
        b->device = test_driver_add(b->driver, "apc", test_update_ups());
}

/* Questions of our own: a method that asks and tells nothing. */
static int on_ask(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Bench *b = userdata;

        ASSERT_EQ(bus_auth_check(b->driver->gate, m, POLKIT_TEST, NULL, b->on_outcome, b, &b->auth), 0);
        return 1;
}

static const sd_bus_vtable ask_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Ask", NULL, NULL, on_ask, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static TestCall *ask(Bench *b) {
        sd_bus_message *m;
        const char *unique;

        ASSERT_OK(sd_bus_get_unique_name(b->driver->bus, &unique));
        ASSERT_OK(sd_bus_message_new_method_call(b->foreign, &m, unique, "/ask", "org.busbar.Ask", "Ask"));
        return test_call_send(m);
}

static void on_allowed(void *userdata, int r, uid_t uid, const sd_bus_error *error) {
        Bench *b = userdata;

        b->auth = NULL;
        b->uid = uid;
        ASSERT_EQ(r, 0);
        ASSERT_TRUE(!error);
}

/* Whoever is told of the outcome is told whose it is. */
static void test_uid(Bench *b) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        _cleanup_(test_call_freep) TestCall *c = NULL;
        uid_t real, effective, saved;

        ASSERT_OK(sd_bus_add_object_vtable(b->driver->bus, &slot, "/ask", "org.busbar.Ask", ask_vtable, b));
        ASSERT_OK(getresuid(&real, &effective, &saved));
        b->mode = POLKIT_YES;
        b->on_outcome = on_allowed;
        b->uid = (uid_t) -1;
        c = ask(b);
        RUN_UNTIL(b->event, b->uid != (uid_t) -1);
        ASSERT_EQ(b->uid, effective == 0 ? TEST_FOREIGN_UID : effective);
}

static void on_withdrawn(void *userdata, int r, uid_t uid, const sd_bus_error *error) {
        TEST_FAIL("a question that was withdrawn is answered");
}

/* Withdrawn at each of its steps. */
static void test_withdraw(Bench *b) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;

        ASSERT_TRUE(bus_auth_free(NULL) == NULL);
        ASSERT_OK(sd_bus_add_object_vtable(b->driver->bus, &slot, "/ask", "org.busbar.Ask", ask_vtable, b));
        b->on_outcome = on_withdrawn;

        for (unsigned step = 0; step < 2; step++) {
                unsigned n = b->n_asked;
                TestCall *c;

                b->mode = POLKIT_SILENT;
                b->unanswered = sd_bus_message_unref(b->unanswered);
                c = ask(b);
                RUN_UNTIL(b->event, step == 0 ? b->auth != NULL : b->n_asked > n);
                b->auth = bus_auth_free(b->auth);
                test_call_free(c);
                /* Whatever was on its way arrives before this. */
                b->mode = POLKIT_NO;
                test_call_free(test_call(b->event, message_set(b, b->foreign, false)));
        }

        b->unanswered = sd_bus_message_unref(b->unanswered);
}

static void test_actions(void) {
        static const struct {
                const char *name, *action;
        } commands[] = {
                { "load.off",                    POLKIT_POWER_OFF     },
                { "Load.On.Delay",               POLKIT_POWER_OFF     },
                { "shutdown.return",             POLKIT_POWER_OFF     },
                { "driver.killpower",            POLKIT_POWER_OFF     },
                { "device.2.load.off",           POLKIT_POWER_OFF     },
                { "outlet.1.load.cycle",         POLKIT_SWITCH_OUTLET },
                { "device.12.outlet.3.load.off", POLKIT_SWITCH_OUTLET },
                { "outlet.group.1.shutdown.return", POLKIT_SWITCH_OUTLET },
                { "test.failure.start",          POLKIT_TEST          },
                { "calibrate.start",             POLKIT_TEST          },
                { "beeper.toggle",               POLKIT_TEST          },
                { "experimental.test.beeper.start", POLKIT_TEST       },
                { "server.fsd",                  POLKIT_FORCE_SHUTDOWN },
                { "server.need",                 POLKIT_FORCE_SHUTDOWN },
                { "bypass.start",                POLKIT_CONFIGURE     },
                { "driver.reload",               POLKIT_CONFIGURE     },
                { "device.x.load.off",           POLKIT_CONFIGURE     },
                { "loading",                     POLKIT_CONFIGURE     },
        }, variables[] = {
                { "outlet.switch",               POLKIT_SWITCH_OUTLET },
                { "outlet.7.switchable",         POLKIT_SWITCH_OUTLET },
                { "device.1.outlet.7.SWITCH",    POLKIT_SWITCH_OUTLET },
                { "outlet.7.name",               POLKIT_CONFIGURE     },
                { "outlet.7.status",             POLKIT_SWITCH_OUTLET },
                { "outlet.group.2.status",       POLKIT_SWITCH_OUTLET },
                { "device.3.outlet.7.status",    POLKIT_SWITCH_OUTLET },
                { "outlet.7.timer.shutdown",     POLKIT_SWITCH_OUTLET },
                { "outlet.7.autoswitch.charge.low", POLKIT_SWITCH_OUTLET },
                { "experimental.outlet.1.switch_off_control", POLKIT_SWITCH_OUTLET },
                { "outlet.7.delay.shutdown",     POLKIT_CONFIGURE     },
                { "ups.timer.shutdown",          POLKIT_POWER_OFF     },
                { "UPS.Timer.Reboot",            POLKIT_POWER_OFF     },
                { "device.2.ups.timer.start",    POLKIT_POWER_OFF     },
                { "ups.shutdown",                POLKIT_POWER_OFF     },
                { "input.bypass.switch.off",     POLKIT_CONFIGURE     },
                { "input.bypass.switchable",     POLKIT_CONFIGURE     },
                { "ups.status",                  POLKIT_CONFIGURE     },
                { "ups.delay.shutdown",          POLKIT_CONFIGURE     },
                { "ups.start.auto",              POLKIT_CONFIGURE     },
                { "input.transfer.low",          POLKIT_CONFIGURE     },
        };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                ASSERT_STREQ(bus_auth_action_for_command(commands[i].name), commands[i].action);
        for (size_t i = 0; i < ELEMENTSOF(variables); i++)
                ASSERT_STREQ(bus_auth_action_for_variable(variables[i].name), variables[i].action);
}

static bool trusts(const TestUsers *users, uid_t uid) {
        _cleanup_(bus_gate_freep) BusGate *gate = NULL;
        TestUsers saved = *test_users();
        bool answer;

        *test_users() = *users;
        ASSERT_OK(bus_gate_new(&gate));
        answer = bus_gate_trusts(gate, uid);
        ASSERT_EQ(bus_gate_trusts(gate, uid), answer);
        ASSERT_EQ(test_users()->n_lookups, 3);
        *test_users() = saved;
        return answer;
}

static void test_trust(void) {
        static const uid_t none = (uid_t) -1;
        const struct {
                TestUsers users;
                uid_t uid;
                bool trusted;
        } table[] = {
                { { 1000, none, none, none, 0 }, 0,    true  },
                { { 1000, none, none, none, 0 }, 1000, true  },
                { { 1000, none, none, none, 0 }, 1001, false },
                { { 1000, none, none, none, 0 }, none, false },
                { { none, none, none, none, 0 }, none, false },
                /* A driver, asked by one like itself, by root, gateway and monitor, and by a stranger. */
                { { 901,  901,  902,  903,  0 }, 901,  false },
                { { 901,  901,  902,  903,  0 }, 0,    true  },
                { { 901,  901,  902,  903,  0 }, 902,  true  },
                { { 901,  901,  902,  903,  0 }, 903,  true  },
                { { 901,  901,  902,  903,  0 }, 904,  false },
                /* The gateway, asked by a driver and by itself. */
                { { 902,  901,  902,  903,  0 }, 901,  false },
                { { 902,  901,  902,  903,  0 }, 902,  true  },
                /* Drivers of a private bus, where these users exist too. */
                { { 1000, 901,  902,  903,  0 }, 1000, true  },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                ASSERT_EQ(trusts(&table[i].users, table[i].uid), table[i].trusted);
        ASSERT_TRUE(bus_gate_free(NULL) == NULL);
}

/* One user gets a share of the questions that polkit may be asked, with all its connections. */
static void test_many(Bench *b) {
        sd_bus *second = test_bus_open_foreign(b->event);
        TestCall *calls[20];
        unsigned n_busy = 0, n_denied = 0;

        b->mode = POLKIT_SILENT;
        b->n_asked = 0;
        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                calls[i] = test_call_send(message_set(b, i % 2 ? second : b->foreign, false));
        RUN_UNTIL(b->event, ({
                n_busy = 0;
                for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                        n_busy += calls[i]->done;
                n_busy == 4 && b->n_asked == 16;
        }));
        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                if (calls[i]->done)
                        ASSERT_STREQ(calls[i]->error, BUS_ERROR_BUSY);

        /* What polkit does not answer any more makes room. */
        polkit_stop(b);
        RUN_UNTIL(b->event, ({
                n_denied = 0;
                for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                        n_denied += streq_ptr(calls[i]->error, SD_BUS_ERROR_ACCESS_DENIED);
                n_denied == 16;
        }));
        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                test_call_free(calls[i]);
        polkit_start(b);
        b->mode = POLKIT_YES;
        assert_writes(b, second, false, NULL);
        sd_bus_flush_close_unref(second);
}

/* What is logged between the two, as text. */
static int log_capture(int *ret_saved) {
        int fd = memfd_create("log", MFD_CLOEXEC);

        log_set_max_level(LOG_NOTICE);
        ASSERT_OK(fd);
        *ret_saved = dup(STDERR_FILENO);
        ASSERT_OK(*ret_saved);
        ASSERT_OK(dup2(fd, STDERR_FILENO));
        return fd;
}

static char *log_release(int fd, int saved) {
        off_t n = lseek(fd, 0, SEEK_END);
        char *text = calloc((size_t) n + 1, 1);

        ASSERT_OK(dup2(saved, STDERR_FILENO));
        ASSERT_TRUE(text);
        ASSERT_EQ(pread(fd, text, (size_t) n, 0), n);
        safe_close(fd);
        safe_close(saved);
        log_set_max_level(LOG_WARNING);
        return text;
}

static unsigned count(const char *text, const char *what) {
        unsigned n = 0;

        while ((text = strstr(text, what))) {
                n++;
                text++;
        }
        return n;
}

/* Each refusal is told once, by the gate or by the checks behind it. */
static void test_log(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        _cleanup_free_ char *text = NULL;
        int saved, fd = log_capture(&saved);

        assert_writes(b, b->foreign, false, SD_BUS_ERROR_ACCESS_DENIED);
        b->mode = POLKIT_YES;
        c = test_call(b->event, test_message_set(b->foreign, b->driver, "apc", "battery.charge", "1"));
        text = log_release(fd, saved);

        ASSERT_STREQ(c->error, BUS_ERROR_READ_ONLY);
        ASSERT_EQ(count(text, "\n"), 3);
        ASSERT_EQ(count(text, "is refused " POLKIT_CONFIGURE " (uid "), 1);
        ASSERT_EQ(count(text, "is refused " POLKIT_POWER_OFF " (uid "), 1);
        ASSERT_EQ(count(text, ", device apc, variable ups.id): Not allowed by polkit."), 1);
        ASSERT_EQ(count(text, ", device apc, command load.off): Not allowed by polkit."), 1);
        ASSERT_EQ(count(text, "is refused Set(battery.charge): The variable cannot be written."), 1);
}

static void test_log_limit(void) {
        _cleanup_(bus_gate_freep) BusGate *gate = NULL;
        _cleanup_free_ char *text = NULL;
        int saved, fd = log_capture(&saved);

        ASSERT_OK(bus_gate_new(&gate));
        for (unsigned i = 0; i < 1000; i++)
                bus_gate_log_refusal(gate, &(LogContext) { .peer = ":1.1" }, -EACCES, "it", "No.");
        text = log_release(fd, saved);
        ASSERT_EQ(count(text, ":1.1 is refused it: No.\n"), 20);
}

int main(int argc, char *argv[]) {
        Bench b = {};

        log_set_max_level(LOG_WARNING);
        test_actions();
        test_trust();
        test_log_limit();

        test_users()->n_lookups = 0;
        bench_open(&b);
        /* Root, or the user of the service; polkit is not there, and not needed. */
        assert_writes(&b, b.own, false, NULL);
        b.foreign = test_bus_open_foreign(b.event);
        assert_writes(&b, b.foreign, false, SD_BUS_ERROR_ACCESS_DENIED);
        assert_writes(&b, b.foreign, true, SD_BUS_ERROR_ACCESS_DENIED);

        polkit_start(&b);
        test_log(&b);
        test_polkit(&b);
        test_actions_asked(&b);
        test_uid(&b);
        test_withdraw(&b);
        test_many(&b);
        test_meanwhile(&b);
        /* The user database is not asked again for each of them. */
        ASSERT_EQ(test_users()->n_lookups, 3);
        bench_close(&b);
        return EXIT_SUCCESS;
}
