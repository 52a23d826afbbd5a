/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "line-engine.h"
#include "test-util.h"

/* The fuzzer is the device: what it answers, when it says nothing, and when it is gone. */

#define POLLS 12U
/* More than an engine with these profiles may ask in all these polls, whatever the answers. */
#define EXCHANGES_MAX 4000U

static const char *const profiles[] = {
        "[profile]\nengine = line\ntitle = A\nversion = 1\nprotocol = a\nvendor = V\n"
        "[line]\nend = cr\nrefused = NAK\nsilence = done\n"
        "[probe]\nneed = Q1:1\nready = Q1 is-match=\"[1-9]\"\n"
        "[query:Q1]\nsend = Q1\nbegin = \"(\"\nlength = 40..60\nwords = 7..12\nask = quick\n"
        "[query:F]\nsend = F\nbegin = \"\\#\"\nwords = 4\nask = once\nanswer = \"^.[0-9. ]*$\"\n"
        "[query:I]\nsend = I\nbegin = \"\\#\"\nlength = 20..38\nask = slow\n"
        "[query:S]\nsend = \"S{Q1:4}?\"\nask = written\n"
        "[query:L]\nsend = L\nseparator = \",\"\nwhen = cells\n"
        "[when:cells]\nratio = battery.voltage.nominal battery.voltage.cell 9..13\n"
        "[variables]\n"
        "input.voltage = Q1:1 format=%.1f plausible=0..1000\n"
        "ups.load = Q1:4 format=%d clamp=0..150\n"
        "battery.voltage.cell = Q1:6 hidden\n"
        "battery.voltage.nominal = F:3 format=%06.1f\n"
        "battery.voltage = Q1:6 scale=$battery.packs:1 divide=3 offset=-1\n"
        "battery.packs = value=12 when=cells\n"
        "ups.mfr = I@1-15 match=\"[A-Z]+\" function=lower\n"
        "ups.model = I@-5 invalid=\"-*-\" trim=\"\\#\"\n"
        "ups.firmware = \"{I@16-}/{L:-1}\"\n"
        "ups.serial = L:2-\n"
        "ups.id = L:1 rw length=8 write=\"N={argument}\"\n"
        "input.sensitivity = S:1 lookup=s rw enum write=\"SS{argument unlook=s}\"\n"
        "battery.charge.low = S:2 rw range=10..$input.voltage step=5 write=\"T{argument format=%03d}\"\n"
        "ups.delay.shutdown = held=30 rw range=12..600\n"
        "ups.date = L:3 function=date\nups.time = L:3 function=time\n"
        "ups.timer.start = L:3 function=elapsed:seconds\n"
        "ups.beeper.status = L:2 function=letter-list:a\n"
        "ups.power = L function=sum\n"
        "[derived]\nups.realpower = 2 ups.load battery.voltage:1 format=%d\n"
        "[lookup:s]\n0 = normal\n1 = reduced\nx = low\n"
        "[status]\noffline = Q1:8@0 is=1\nonline = Q1:8@0 is=0\nlow-battery = Q1:8@1\n"
        "overload = Q1:4 is-range=101..999\ntest = Q1 is-match=\"x$\" invert\n"
        "[alarms]\n\"Bad\" = Q1:8@-1 is=1\n* = Q1:8@2 lookup=alarms\n"
        "[lookup:alarms]\n1 = \"Worse\"\n"
        "[commands]\nload.off = \"S{$ups.delay.shutdown function=tenths-or-minutes}\"\n"
        "test.battery.start = \"T{argument:10 format=%02d}\" accepted=ACK\n"
        "[command:load.cycle]\ncheck = Q1:8@0 is=0\nsend = S01\npause = 1\nsend = R01\n",

        "[profile]\nengine = line\ntitle = B\nversion = 1\nprotocol = b\n"
        "[line]\nend = cr\ncheck = crc16-xmodem\naccepted = \"(ACK\"\nrefused = \"(NAK\"\n"
        "[query:G]\nsend = QPIGS\nbegin = \"(\"\nask = quick\noptional\n"
        "[query:M]\nsend = QMOD\nbegin = \"(\"\nlength = 2\nask = quick\noptional\n"
        "[when:a]\nvalue = M@1 is=B\n"
        "[variables]\nups.load = G:6\nups.mode = M@1\noutput.voltage = G:3 when=a\n"
        "ups.model = G:17 base=2 mask=0x18 lookup=m\n"
        "battery.voltage.low = G:2 rw range=1..99 write=\"PL{argument format=%04.1f}\"\n"
        "[lookup:m]\n1 = one\n* = more\n"
        "[status]\noffline = M@1 is=B\nonline = M@1 is=B invert\n"
        "[commands]\nload.off = SOFF\n",

        "[profile]\nengine = line\ntitle = C\nversion = 1\nprotocol = c\n"
        "[line]\nend-request = cr\nend-answer = crlf\necho = skip\n"
        "[query:B]\nsend = B\nbegin = \"\\#\"\nbinary = 2 1 2\nask = quick\noptional\n"
        "[query:D]\nsend = D\nbegin = \"\\#\"\ndecode = hex-words\nask = quick\noptional\n"
        "[variables]\nups.load = B:2 base=16 mask=0x7e scale=0.5\nups.power = B:3 base=16 format=%x\n"
        "ups.model = D:1 function=hex-text\nups.id = D:2 function=bits\n"
        "[status]\nonline = D:3 base=16 mask=4\n"
        "[commands]\nload.off = SOFF\n",
};

static const char *const canned[] = {
        "(230.1 000.0 229.9 016 50.0 2.25 25.0 00001001\r",
        "(000.0 000.0 000.0 000 00.0 0.00 00.0 00000000\r",
        "#230.0 004 024.0 50.0\r",
        "#NAME OF MAKER   EXAMPLE 1K V1.2      \r",
        "1 45\r",
        "rack,EaDb,20240531,x\r",
        "ACK\r",
        "(NAKss\r",
        "(BQ\xd4\r",
        "#\x6C\x01 \x35 \x28\x02\xD0\r\n",
};

typedef struct Hostile {
        LineLink link;
        const uint8_t *data;
        size_t n;
        unsigned exchanges;
} Hostile;

static uint8_t next(Hostile *h) {
        if (h->n == 0)
                return 0;
        h->n--;
        return *h->data++;
}

static int say(Hostile *h, const void *bytes, size_t n, uint8_t *answer, size_t size) {
        n = MIN(n, size);
        memcpy(answer, bytes, n);
        return (int) n;
}

static int say_anything(Hostile *h, uint8_t *answer, size_t size) {
        size_t wanted = (size_t) next(h) * 4, n = MIN(wanted, MIN(h->n, size));
        int r = say(h, h->data, n, answer, size);

        h->data += n;
        h->n -= n;
        return r;
}

static int exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        Hostile *h = (Hostile *) l;
        uint8_t what = next(h);
        const char *text = canned[what % ELEMENTSOF(canned)];
        int r;

        ASSERT_TRUE(n > 0 && n <= LINE_SIZE_MAX && framing->n_end > 0 && framing->n_end <= 4);
        ASSERT_TRUE(h->exchanges++ < EXCHANGES_MAX);
        if (what >= 0x80)
                return say(h, text, strlen(text), answer, size);
        switch (what % 8) {
        case 0:
                return 0;
        case 1:
                return what == 1 ? -ENODEV : -EBADMSG;
        case 2:
                return -EPIPE;
        case 3:
                return -EIO;
        case 4:
                return say(h, request, n, answer, size);
        case 5: /* one byte of it is another */
                r = say(h, text, strlen(text), answer, size);
                answer[next(h) % r] = next(h);
                return r;
        default:
                return say_anything(h, answer, size);
        }
}

static const LineLinkOps hostile_ops = {.name = "hostile", .exchange = exchange};

static void complain(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_ERR)
                TEST_FAIL("%s:%u: %s", file, line, message);
}

static void no_pause(const void *userdata, uint64_t usec) {
        ASSERT_TRUE(usec < UINT64_C(10000000));
}

static void apply(Model *m, int r, Update *u) {
        if (r >= 0)
                ASSERT_OK(model_apply(m, u, NULL));
        else
                ASSERT_TRUE(r == -ENODEV || r == -ETIMEDOUT || r == -EBADMSG || r == -EAGAIN ||
                            r == -EPIPE || r == -EINVAL || r == -EOPNOTSUPP || r == -EBUSY ||
                            r == -EREMOTEIO || r == -EIO);
        update_free(u);
}

static void use(LineEngine *e, Model *m) {
        static const char *const written[][2] = {
                {"ups.id", "rack"},
                {"input.sensitivity", "low"},
                {"battery.charge.low", "45"},
                {"ups.delay.shutdown", "60"},
                {"battery.voltage.low", "21"},
                {"ups.load", "1"},
        };
        static const char *const commands[] = {"load.off", "test.battery.start", "load.cycle"};

        for (size_t i = 0; i < ELEMENTSOF(written); i++) {
                Update *u = update_new();

                apply(m, line_engine_set(e, written[i][0], written[i][1], u), u);
        }
        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                Update *u = update_new();

                apply(m, line_engine_command(e, commands[i], NULL, u), u);
        }
}

static void drive(LineEngine *e) {
        _cleanup_(model_freep) Model *m = model_new();
        Update *u = update_new();

        apply(m, line_engine_start(e, u), u);
        for (unsigned i = 0; i < POLLS; i++) {
                u = update_new();
                apply(m, line_engine_poll(e, i % 2 == 0, u), u);
        }
        use(e, m);
        u = update_new();
        apply(m, line_engine_poll(e, true, u), u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(line_profile_unrefp) LineProfile *profile = NULL;
        _cleanup_(line_engine_freep) LineEngine *e = NULL;
        LineEngineOptions options = {.pause = no_pause};
        const char *text;
        Hostile *h;

        if (size < 2)
                return 0;
        text = profiles[data[0] % ELEMENTSOF(profiles)];
        h = new0(Hostile, 1);
        ASSERT_TRUE(h);
        h->link.ops = &hostile_ops;
        h->data = data + 1;
        h->n = size - 1;

        ASSERT_OK(line_profile_parse("t.profile", text, strlen(text), complain, NULL, &profile));
        (void) line_engine_probe(&h->link, profile, &options);
        ASSERT_OK(line_engine_new(&h->link, profile, &options, &e));
        drive(e);
        return 0;
}
