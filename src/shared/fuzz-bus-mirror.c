/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "test-util.h"

/* What a mirror makes of messages. libsystemd sees to it that a message is one; so the first byte chooses a
 * parser, the second the types, the right ones or others, and the rest what stands in each place. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
        const uint8_t *data;
        size_t size;
} Input;

#define DEPTH_MAX 6U

static uint8_t take(Input *in) {
        if (in->size == 0)
                return 0;

        in->size--;
        return *in->data++;
}

/* Words that mean something to a parser, so that they are found. */
static const char *const words[] = {
        "Name", "Driver", "Description", "Freshness", "Alarms", "OnBatterySinceUSec", "fresh", "stale",
        "writable", "string", "immutable", "max-length", "enum", "ranges", "description", "ups.status",
        "ups.alarm", "ups.load", "UPS.Load", "OL CHRG", "ALARM", "", "no name", "5",
};

/* The first ones hold no more of themselves. */
#define N_PLAIN_VARIANTS 4U
static const char *const variants[] = { "s", "b", "u", "t", "as", "a(xx)", "a{sv}", "v", "d", "(is)" };

static const char *const signatures[] = {
        "a{ss}", "as", "a{sa{sv}}", "a{sv}", "s", "a{sa{ss}}", "a(ss)", "ta{ss}",
};

/* A word of the table, or up to seven characters of the input; sd-bus takes no text but UTF-8. */
static const char *take_string(Input *in, char *buffer) {
        uint8_t c = take(in);
        size_t n = c >> 5;

        if (c % 32 < ELEMENTSOF(words) && n < 4)
                return words[c % 32];

        for (size_t i = 0; i < n; i++)
                buffer[i] = (char) (take(in) & 0x7f) ?: '.';
        buffer[n] = '\0';
        return buffer;
}

static int append_basic(Input *in, sd_bus_message *m, char type) {
        uint64_t number = (uint64_t) take(in) << (take(in) % 64);
        double real = (double) number;
        int32_t small = (int32_t) number;
        int boolean = number & 1;
        char buffer[8];

        switch (type) {
        case 's':
                return sd_bus_message_append_basic(m, 's', take_string(in, buffer));
        case 'b':
                return sd_bus_message_append_basic(m, 'b', &boolean);
        case 'i':
        case 'u':
                return sd_bus_message_append_basic(m, type, &small);
        case 'd':
                return sd_bus_message_append_basic(m, 'd', &real);
        default:
                return sd_bus_message_append_basic(m, type, &number);
        }
}

/* Length of the first complete type of a signature. */
static size_t type_length(const char *s) {
        size_t depth = 0, i = 0;

        do {
                while (s[i] == 'a')
                        i++;
                if (s[i] == '(' || s[i] == '{')
                        depth++;
                else if (s[i] == ')' || s[i] == '}')
                        depth--;
                i++;
        } while (depth > 0);

        return i;
}

static int append_types(Input *in, sd_bus_message *m, const char *types, unsigned depth);

static int append_container(Input *in, sd_bus_message *m, char kind, const char *contents, unsigned n,
                unsigned depth) {
        int r;

        r = sd_bus_message_open_container(m, kind, contents);
        for (unsigned i = 0; r >= 0 && i < n; i++)
                r = append_types(in, m, contents, depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_type(Input *in, sd_bus_message *m, const char *type, size_t n, unsigned depth) {
        char contents[16];

        if (n == 1 && type[0] == 'v') {
                size_t n_variants = depth < DEPTH_MAX ? ELEMENTSOF(variants) : N_PLAIN_VARIANTS;
                return append_container(in, m, 'v', variants[take(in) % n_variants], 1, depth);
        }
        if (n == 1)
                return append_basic(in, m, type[0]);

        /* An array is its letter and a type; a structure and an entry have one letter more at the end. */
        bool array = type[0] == 'a';
        memcpy(contents, type + 1, n - (array ? 1 : 2));
        contents[n - (array ? 1 : 2)] = '\0';
        return append_container(in, m, array ? 'a' : type[0] == '(' ? 'r' : 'e', contents,
                        array ? take(in) % 5 : 1, depth);
}

static int append_types(Input *in, sd_bus_message *m, const char *types, unsigned depth) {
        while (*types) {
                size_t n = type_length(types);
                int r;

                r = append_type(in, m, types, n, depth);
                if (r < 0)
                        return r;
                types += n;
        }

        return 0;
}

/* The first byte of an input that is about Details(). */
#define DETAILS 'D'

static void parse(char parser, sd_bus_message *m) {
        _cleanup_(device_facts_done) DeviceFacts facts = DEVICE_FACTS_INIT;
        _cleanup_(model_freep) Model *model = model_new();
        _cleanup_(update_freep) Update *u = update_new();
        bool bad = false;
        int r;

        if (!model || !u)
                return;

        (void) update_set(u, "ups.load", "5");
        switch (parser == DETAILS ? DETAILS : parser % 5) {
        case 0:
                r = mirror_parse_variables(m, u, &bad);
                break;
        case 1:
                r = mirror_parse_removed(m, u, &bad);
                break;
        case 2:
                r = mirror_parse_descriptions(m, u, &bad);
                break;
        case 3:
                r = mirror_parse_commands(m, u, &bad);
                break;
        case DETAILS:
                r = mirror_parse_details(m, u, &bad);
                break;
        default:
                r = device_facts_read(&facts, m);
        }

        /* What was understood can be applied, whatever it is. */
        if (r >= 0) {
                ASSERT_OK(update_error(u));
                ASSERT_OK(model_apply(model, u, NULL));
        }
}

/* A connection is needed to make a message; nothing of use is ever sent on it, but its other end has to be
 * there. */
static int open_bus(int fds[2], sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
                return -errno;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_fd(bus, fds[0], fds[0]);
        if (r < 0)
                return r;

        fds[0] = -EBADF; /* now the bus's own */
        r = sd_bus_start(bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

static void fuzz(sd_bus *bus, Input *in) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char parser = (char) take(in);
        size_t i = take(in);
        const char *types = parser == DETAILS && i % 2 == 0 ? "a(" BUS_DETAIL_TYPES ")"
                                                            : signatures[i % ELEMENTSOF(signatures)];

        ASSERT_OK(sd_bus_message_new_signal(bus, &m, "/x", "x.y", "z"));
        /* What sd-bus does not take is no message. */
        if (append_types(in, m, types, 0) >= 0 && sd_bus_message_seal(m, 1, 0) >= 0)
                parse(parser, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int fds[2] = { -EBADF, -EBADF };
        Input in = { data, size };

        ASSERT_OK(open_bus(fds, &bus));
        fuzz(bus, &in);
        safe_close(fds[0]);
        safe_close(fds[1]);
        return 0;
}
