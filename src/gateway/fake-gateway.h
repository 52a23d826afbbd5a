/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gateway.h"
#include "session.h"

/* A gateway without bus and sockets for tests: devices with made-up data, a few users, and writes that
 * are noted and answered at will. Devices: "zeta" (with everything), "Alpha" (stale), "gone" (not on the
 * bus), and "extra", which is only on the bus. Users: admin/pw, mon/mp (primary), sec/sp (secondary),
 * nopw, hash/hp, slow/secret. */
#define FAKE_WRITES_MAX 1100U

typedef struct FakeGateway {
        Gateway gateway;
        Model *models[3];
        char *last_write; /* "set zeta ups.id=x" or "run zeta load.off 5" */
        int write_result; /* what the next write returns */
        bool keep_open;   /* a further write does not end those before it */
        struct {
                MirrorReply reply;
                void *userdata;
        } open[FAKE_WRITES_MAX]; /* writes that are not answered */
        size_t n_open;
} FakeGateway;

FakeGateway *fake_gateway_new(void);
FakeGateway *fake_gateway_free(FakeGateway *f);
DEFINE_TRIVIAL_CLEANUP_FUNC(FakeGateway *, fake_gateway_free);

/* Applies one more update to zeta: a variable and its value. */
void fake_gateway_update(FakeGateway *f, const char *name, const char *value);

/* Runs bytes of a client through the lexer and the commands; returns the answers, in new memory. */
char *fake_gateway_ask(FakeGateway *f, Session *s, const char *data, size_t n);

/* The device's verdict on all writes that it has not answered. */
void fake_gateway_reply(FakeGateway *f, int r);
