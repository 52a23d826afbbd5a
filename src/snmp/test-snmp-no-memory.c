/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-snmp-fake.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

/* An operation that has no memory fails, and nothing is half done: the next one works. */

#define EX "1.3.6.1.4.1.99999.2."

/* The allocation that fails; 0: none. In the test itself, while own is not 0, there is always memory. */
static unsigned countdown, own = 1;

/* The event loop is another's, and loses what it has no memory for. */
static bool is_refused(const void *caller) {
        Dl_info info;

        if (own > 0 || countdown == 0)
                return false;
        if (dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libsystemd"))
                return false;
        return --countdown == 0;
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n) {
        if (!is_refused(__builtin_return_address(0)))
                return __libc_malloc(n);
        errno = ENOMEM;
        return NULL;
}

void *calloc(size_t n, size_t size) {
        if (!is_refused(__builtin_return_address(0)))
                return __libc_calloc(n, size);
        errno = ENOMEM;
        return NULL;
}

void *realloc(void *p, size_t n) {
        if (!is_refused(__builtin_return_address(0)))
                return __libc_realloc(p, n);
        errno = ENOMEM;
        return NULL;
}

static const char profile[] =
        "[profile]\nengine = snmp\ntitle = Test\nversion = 1.0\nmib = test\norder = 1\n"
        "[objects]\nex = 1.3.6.1.4.1.99999.2\nmodel = ex.1.1\nunitId = ex.5.1\nunitMains = ex.5.2\n"
        "outletName = ex.6.1\noutletState = ex.6.2\n[probe]\nneed = model.0\n"
        "[table:units]\nindex = unitId\nchain\nask = quick\n"
        "[table:outlets]\nindex = outletName\nparent = units\nask = quick\n"
        "[variables]\nups.model = model.0\ndevice.serial = unitId.* table=units\n"
        "outlet.*.name = outletName.* table=outlets rw length=8\n"
        "[status]\nonline = unitMains.* table=units is=1\noffline = unitMains.* table=units is=2\n"
        "[commands]\noutlet.*.load.off = set=outletState.*:2 table=outlets\n";

static const char agent[] =
        "1.3.6.1.4.1.99999.2.1.1.0|4|Chain\n"
        "1.3.6.1.4.1.99999.2.5.1.1|4|AAA\n1.3.6.1.4.1.99999.2.5.1.2|4|BBB\n1.3.6.1.4.1.99999.2.5.1.3|4|CCC\n"
        "1.3.6.1.4.1.99999.2.5.2.1|2|1\n1.3.6.1.4.1.99999.2.5.2.2|2|2\n1.3.6.1.4.1.99999.2.5.2.3|2|1\n"
        "1.3.6.1.4.1.99999.2.6.1.1.1|4|a1\n1.3.6.1.4.1.99999.2.6.1.1.2|4|a2\n"
        "1.3.6.1.4.1.99999.2.6.1.2.1|4|b1\n"
        "1.3.6.1.4.1.99999.2.6.2.1.1|2|1\n1.3.6.1.4.1.99999.2.6.2.1.2|2|1\n"
        "1.3.6.1.4.1.99999.2.6.2.2.1|2|1\n";

typedef struct End {
        bool is_done;
        int result;
} End;

static void on_done(SnmpEngine *e _unused_, int r, void *userdata) {
        End *end = userdata;

        own++;
        *end = (End){.is_done = true, .result = r};
}

typedef enum What {
        WHAT_START,
        WHAT_POLL,
        WHAT_SET,
        WHAT_COMMAND,
        _WHAT_MAX,
} What;

/* With the given allocation of the operation failing; whether there was such a one. */
static bool try_one(Bench *b, What what, unsigned n) {
        Update *u = update_new();
        End end = {};
        bool was_refused;
        int r;

        countdown = n;
        own = 0;
        if (what == WHAT_START)
                r = snmp_engine_start(b->engine, u, on_done, &end);
        else if (what == WHAT_POLL)
                r = snmp_engine_poll(b->engine, true, u, on_done, &end);
        else if (what == WHAT_SET)
                r = snmp_engine_set(b->engine, "device.1.outlet.1.name", "new", u, on_done, &end);
        else
                r = snmp_engine_command(b->engine, "device.1.outlet.1.load.off", NULL, u, on_done, &end);
        while (r >= 0 && !end.is_done)
                (void) sd_event_run(b->event, UINT64_MAX);
        own = 1;
        was_refused = countdown == 0;
        countdown = 0;
        if ((r < 0 ? r : end.result) >= 0)
                ASSERT_OK(model_apply(b->model, u, NULL));
        update_free(u);
        return was_refused;
}

static void check(const Bench *b, bool has_third) {
        ASSERT_STREQ(bench_get(b, "device.count"), has_third ? "3" : "2");
        ASSERT_STREQ(bench_get(b, "device.1.ups.status"), "OL");
        ASSERT_STREQ(bench_get(b, "device.2.ups.status"), "OB");
        ASSERT_STREQ(bench_get(b, "device.3.ups.status"), has_third ? "OL" : NULL);
        ASSERT_STREQ(bench_get(b, "device.2.outlet.1.name"), "b1");
        ASSERT_STREQ(bench_get(b, "device.1.outlet.2.name"), has_third ? "a2" : NULL);
}

/* Each allocation of an operation in turn, until it makes no more than that. */
static void test_what(What what) {
        bool more = true;

        for (unsigned n = 1; more; n++) {
                Bench b = {};

                bench_open(&b, profile, agent, false, NULL);
                b.fake->own = &own;
                if (what != WHAT_START)
                        ASSERT_OK(bench_start(&b));
                if (what == WHAT_POLL) {
                        /* The first one counts as read. */
                        fake_drop(b.fake, EX "5.1.3");
                        fake_drop(b.fake, EX "6.1.1.2");
                }
                more = try_one(&b, what, n);
                if (what == WHAT_START)
                        ASSERT_OK(bench_start(&b));
                for (unsigned i = 0; i < 2; i++)
                        ASSERT_OK(bench_poll(&b, true));
                check(&b, what != WHAT_POLL);
                bench_close(&b);
        }
}

int main(void) {
        for (What what = 0; what < _WHAT_MAX; what++)
                test_what(what);
        return 0;
}
