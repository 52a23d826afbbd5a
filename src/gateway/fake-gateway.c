/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-gateway.h"

#include "command.h"
#include "fsd.h"
#include "test-util.h"

static const char ups_conf[] =
        "[zeta]\n driver = x\n port = auto\n desc = \"A \\\"quoted\\\" desc \\#1\"\n"
        "[Alpha]\n driver = x\n port = auto\n"
        "[gone]\n driver = x\n port = auto\n desc = \"never there\"\n";

/* The hashes are crypt(3)'s of "hp", of a kind that costs no time, and of "secret", of one that does. */
static const char users[] =
        "[admin]\n password = pw\n actions = SET FSD\n instcmds = ALL\n"
        "[mon]\n password = mp\n upsmon primary\n"
        "[sec]\n password = sp\n upsmon = slave\n instcmds = test.battery.start\n"
        "[nopw]\n actions = SET\n"
        "[slow]\n upsmon secondary\n"
        " password = \"$y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8\"\n"
        "[hash]\n password = \"$1$busbar$3vJkS0/ZHLofnV0aAMAjm/\"\n actions = SET\n";

static int note(Device *d, const char *what, MirrorReply reply, void *userdata) {
        FakeGateway *f = (FakeGateway *) (void *) d->mirror;

        if (f->write_result < 0)
                return f->write_result;
        if (!f->keep_open)
                fake_gateway_reply(f, -ENODEV);
        ASSERT_OK(free_and_strdup(&f->last_write, what));
        ASSERT_TRUE(f->n_open < FAKE_WRITES_MAX);
        f->open[f->n_open].reply = reply;
        f->open[f->n_open++].userdata = userdata;
        return 0;
}

static int fake_set(Device *d, const char *name, const char *value, MirrorReply reply, void *userdata) {
        _cleanup_free_ char *text = strjoin("set ", d->name, " ", name, "=", value);

        return note(d, text, reply, userdata);
}

static int fake_run(Device *d, const char *command, const char *argument, MirrorReply reply,
                void *userdata) {
        _cleanup_free_ char *text =
                strjoin("run ", d->name, " ", command, argument ? " " : "", strempty(argument));

        return note(d, text, reply, userdata);
}

static const DeviceOps fake_ops = { .set = fake_set, .run = fake_run };

void fake_gateway_reply(FakeGateway *f, int r) {
        for (size_t i = 0; i < f->n_open; i++)
                f->open[i].reply(f->open[i].userdata, r, NULL);
        f->n_open = 0;
}

static void device_gone(void *userdata, Device *d) {
        fsd_free(d);
}

static Model *make_model(bool everything) {
        _cleanup_(update_freep) Update *u = update_new();
        Model *m = model_new();

        ASSERT_TRUE(u && m);
        ASSERT_OK(update_freshness(u, FRESHNESS_FRESH));
        ASSERT_OK(update_set(u, "ups.status", "OL CHRG"));
        if (everything) {
                ASSERT_OK(update_set(u, "battery.charge", "90"));
                ASSERT_OK(update_set(u, "ups.model", "A \"model\" \\ with # hash"));
                ASSERT_OK(update_set(u, "ups.id", "rack"));
                ASSERT_OK(update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 8));
                ASSERT_OK(update_set(u, "ups.delay.shutdown", "20"));
                ASSERT_OK(update_describe(u, "ups.delay.shutdown", VARIABLE_WRITABLE, 0));
                ASSERT_OK(update_set(u, "input.transfer.low", "100"));
                ASSERT_OK(update_describe(u, "input.transfer.low", VARIABLE_WRITABLE, 0));
                ASSERT_OK(update_range(u, "input.transfer.low", 90, 110));
                ASSERT_OK(update_range(u, "input.transfer.low", 120, 130));
                ASSERT_OK(update_set(u, "input.sensitivity", "normal"));
                ASSERT_OK(update_describe(u, "input.sensitivity", VARIABLE_WRITABLE | VARIABLE_STRING, 10));
                ASSERT_OK(update_enum(u, "input.sensitivity", "normal"));
                ASSERT_OK(update_enum(u, "input.sensitivity", "a \"b\""));
                ASSERT_OK(update_set(u, "ups.broken", "x"));
                ASSERT_OK(update_describe(u, "ups.broken", VARIABLE_WRITABLE | VARIABLE_STRING, 0));
                ASSERT_OK(update_command(u, "test.battery.start"));
                ASSERT_OK(update_command(u, "load.off"));
        }
        ASSERT_OK(model_apply(m, u, NULL));
        return m;
}

static void make_stale(Model *m) {
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_OK(update_freshness(u, FRESHNESS_STALE));
        ASSERT_OK(model_apply(m, u, NULL));
}

static void configure(Gateway *g) {
        _cleanup_(conf_freep) Conf *devices = NULL, *accounts = NULL, *settings = NULL;
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;

        ASSERT_OK(conf_parse("ups.conf", ups_conf, strlen(ups_conf), NULL, NULL, &devices));
        ASSERT_OK(ups_conf_from_lines(devices, NULL, NULL, &c));
        ASSERT_OK(device_table_configure(g->devices, c, device_gone, g));
        ASSERT_OK(conf_parse("upsd.users", users, strlen(users), NULL, NULL, &accounts));
        ASSERT_OK(user_table_from_lines(accounts, NULL, NULL, &g->users));
        ASSERT_OK(conf_parse("upsd.conf", "", 0, NULL, NULL, &settings));
        ASSERT_OK(upsd_conf_from_lines(settings, NULL, NULL, &g->conf));
        g->user_generation = 1;
}

FakeGateway *fake_gateway_new(void) {
        static const char *const names[] = { "zeta", "ALPHA", "extra" };
        FakeGateway *f = new0(FakeGateway, 1);

        ASSERT_TRUE(f);
        f->gateway.devices = device_table_new();
        f->gateway.tracking = tracking_table_new();
        f->gateway.device_ops = &fake_ops;
        ASSERT_TRUE(f->gateway.devices && f->gateway.tracking);
        f->gateway.answers = answers_new(f->gateway.devices);
        ASSERT_TRUE(f->gateway.answers);
        configure(&f->gateway);

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                Device *d;

                f->models[i] = make_model(i == 0);
                ASSERT_OK(device_table_present(f->gateway.devices, names[i], i == 2 ? "on the bus" : "",
                                f->models[i], (MirrorDevice *) (void *) f, &d));
        }
        make_stale(f->models[1]);
        return f;
}

FakeGateway *fake_gateway_free(FakeGateway *f) {
        if (!f)
                return NULL;

        fake_gateway_reply(f, -ENODEV);
        for (size_t i = 0; i < device_table_count(f->gateway.devices); i++)
                fsd_free(device_table_get(f->gateway.devices, i));
        answers_free(f->gateway.answers);
        device_table_free(f->gateway.devices);
        tracking_table_free(f->gateway.tracking);
        user_table_free(f->gateway.users);
        upsd_conf_free(f->gateway.conf);
        for (size_t i = 0; i < ELEMENTSOF(f->models); i++)
                model_free(f->models[i]);
        free(f->last_write);
        free(f);
        return NULL;
}

void fake_gateway_update(FakeGateway *f, const char *name, const char *value) {
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_OK(update_set(u, name, value));
        ASSERT_OK(model_apply(f->models[0], u, NULL));
        device_invalidate(device_table_find(f->gateway.devices, "zeta"));
}

char *fake_gateway_ask(FakeGateway *f, Session *s, const char *data, size_t n) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        Buffer out = {};

        ASSERT_TRUE(l);
        while (n > 0 && !s->closing) {
                Request q = { .gateway = &f->gateway, .session = s, .fd = -EBADF, .words = l, .out = &out };
                size_t used;
                int r = lexer_feed(l, data, n, &used);

                data += used;
                n -= used;
                if (r < 0)
                        command_refuse(&q);
                else if (r > 0)
                        ASSERT_TRUE(command_execute(&q));
        }

        ASSERT_FALSE(out.broken);
        buffer_append(&out, "", 1);
        return out.data;
}
