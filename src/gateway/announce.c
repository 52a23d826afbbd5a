/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announce.h"

#include "bus-peer.h"
#include "log.h"
#include "nut-protocol.h"
#include "server.h"
#include "string-util.h"
#include "time-util.h"

#define RESOLVED "org.freedesktop.resolve1"
#define RESOLVED_PATH "/org/freedesktop/resolve1"
#define RESOLVED_MANAGER "org.freedesktop.resolve1.Manager"
/* What resolved puts the name of the host in for. */
#define NAME_DEFAULT "%H"
/* Of a string of a TXT record, with the key. */
#define TXT_SIZE_MAX 255U
#define TXT_DEVICES "ups="
#define AGAIN_USEC (60 * USEC_PER_SEC)
/* Clients wait for our successor. Of both services together. */
#define WITHDRAW_USEC (500 * USEC_PER_MSEC)

/* What is said. */
typedef struct Announcement {
        uint16_t port; /* 0: nothing */
        char *name;    /* as resolved wants it, where % is special */
        char *devices; /* "NAME,NAME"; empty: not told */
        const char *tls;
} Announcement;

typedef struct Kind {
        const char *id, *type;
} Kind;

/* The second one is what some look for who know the server of NUT only by its program. */
static const Kind kinds[] = { { "busbar-nut", "_nut._tcp" }, { "busbar-upsd", "_upsd._tcp" } };

/* One service at resolved. */
typedef struct Service {
        Announcer *announcer;
        const Kind *kind;
        sd_bus_slot *call; /* the one that is not answered yet */
} Service;

struct Announcer {
        const Gateway *gateway;
        sd_bus *bus;
        sd_event_source *exit;
        BusPeer *resolved;
        Announcement said;
        Service services[ELEMENTSOF(kinds)];
        uint64_t again_usec; /* CLOCK_MONOTONIC: when to try again what was refused; 0: nothing was */
        bool complained;     /* since resolved came */
        bool ending;         /* nothing is said any more */
};

static void announcement_done(Announcement *a) {
        free(a->name);
        free(a->devices);
        *a = (Announcement) {};
}

/*** What is to be said ***/

/* Whether a stranger's LIST UPS is answered: what is announced goes in clear, to everybody. */
static bool strangers_may_list(const UpsdConf *c) {
        return !c->require_login && c->require_tls != UPSD_REQUIRE_TLS_YES;
}

/* Names that do not fit are left out, as are all where nobody may know them just so. */
static char *join_devices(const Gateway *g) {
        char text[TXT_SIZE_MAX + 1 - (sizeof(TXT_DEVICES) - 1)] = "";
        size_t n = 0;

        for (size_t i = 0; i < device_table_count(g->devices) && strangers_may_list(g->conf); i++) {
                const char *name = device_table_get(g->devices, i)->name;
                size_t size = strlen(name) + (n > 0);

                if (n + size >= sizeof(text))
                        break;
                if (n > 0)
                        text[n] = ',';
                memcpy(text + n + (n > 0), name, strlen(name) + 1);
                n += size;
        }
        return strdup(text);
}

/* The name of the configuration means itself. */
static char *escape_name(const char *name) {
        char *escaped = new(char, 2 * strlen(name) + 1), *p = escaped;

        for (; escaped && *name; name++) {
                if (*name == '%')
                        *p++ = '%';
                *p++ = *name;
        }
        if (escaped)
                *p = '\0';
        return escaped;
}

static uint16_t public_port(const Gateway *g) {
        for (const Listener *l = g->server->listeners; l; l = l->next)
                if (!l->leaving && listener_is_public(l))
                        return listener_port(l);
        return 0;
}

static const char *tls_text(const Gateway *g) {
        if (!g->server->tls)
                return "no";
        return g->conf->require_tls == UPSD_REQUIRE_TLS_NO ? "yes" : "required";
}

static int compose(const Gateway *g, Announcement *ret) {
        Announcement a = {};

        if (g->conf->announce && g->ready)
                a.port = public_port(g);
        if (a.port > 0) {
                a.name = g->conf->announce_name ? escape_name(g->conf->announce_name) : strdup(NAME_DEFAULT);
                a.devices = join_devices(g);
                a.tls = tls_text(g);
        }
        if (a.port > 0 && (!a.name || !a.devices)) {
                announcement_done(&a);
                return -ENOMEM;
        }

        *ret = a;
        return 0;
}

static bool announcement_equal(const Announcement *a, const Announcement *b) {
        return a->port == b->port && streq_ptr(a->name, b->name) && streq_ptr(a->devices, b->devices) &&
                streq_ptr(a->tls, b->tls);
}

/*** Saying it ***/

static void complain(Announcer *a, const char *why) {
        if (!a->complained)
                log_warning("Cannot announce this server to the network: %s", why);
        a->complained = true;
        a->again_usec = now_usec(CLOCK_MONOTONIC) + AGAIN_USEC;
}

static int on_registered(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Service *s = userdata;
        Announcer *a = s->announcer;

        s->call = sd_bus_slot_unref(s->call);
        if (sd_bus_message_is_method_error(m, NULL))
                complain(a, strempty(sd_bus_message_get_error(m)->message));
        else
                log_info("Announced as %s, port %u", s->kind->type, (unsigned) a->said.port);
        return 0;
}

static int append_text(sd_bus_message *m, const char *key, const char *value) {
        int r = sd_bus_message_open_container(m, 'e', "say");

        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", key);
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(m, 'y', value, strlen(value));
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_texts(sd_bus_message *m, const Announcement *a) {
        int r = sd_bus_message_open_container(m, 'a', "a{say}");

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{say}");
        if (r >= 0)
                r = append_text(m, "txtvers", "1");
        if (r >= 0)
                r = append_text(m, "protovers", NUT_PROTOCOL_VERSION);
        if (r >= 0)
                r = append_text(m, "tls", a->tls);
        if (r >= 0 && !isempty(a->devices))
                r = append_text(m, "ups", a->devices);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int new_call(Announcer *a, const char *method, sd_bus_message **ret) {
        return sd_bus_message_new_method_call(a->bus, ret, bus_peer_owner(a->resolved), RESOLVED_PATH,
                        RESOLVED_MANAGER, method);
}

static int send_registration(Service *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        Announcer *a = s->announcer;

        int r = new_call(a, "RegisterService", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "sssqqq", s->kind->id, a->said.name, s->kind->type,
                                a->said.port, 0, 0);
        if (r >= 0)
                r = append_texts(m, &a->said);
        return r < 0 ? r : sd_bus_call_async(a->bus, &s->call, m, on_registered, s, 0);
}

/* It is no error if there was none. */
static int on_withdrawn(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Service *s = userdata;

        s->call = sd_bus_slot_unref(s->call);
        if (s->announcer->said.port == 0)
                return 0;

        int r = send_registration(s);
        if (r < 0)
                complain(s->announcer, r == -EINVAL ? "its name is no UTF-8" : strerror(-r));
        return 0;
}

static int new_withdrawal(Service *s, sd_bus_message **ret) {
        _cleanup_free_ char *path = NULL;

        int r = sd_bus_path_encode(RESOLVED_PATH "/dnssd", s->kind->id, &path);
        if (r >= 0)
                r = new_call(s->announcer, "UnregisterService", ret);
        return r < 0 ? r : sd_bus_message_append(*ret, "o", path);
}

/* Always from the beginning, since an earlier process of ours may have left something behind. */
static void say(Announcer *a) {
        for (size_t i = 0; i < ELEMENTSOF(a->services); i++) {
                Service *s = a->services + i;

                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

                s->call = sd_bus_slot_unref(s->call);
                int r = new_withdrawal(s, &m);
                if (r >= 0)
                        r = sd_bus_call_async(a->bus, &s->call, m, on_withdrawn, s, 0);
                if (r < 0)
                        complain(a, strerror(-r));
        }
}

void announcer_update(Announcer *a) {
        Announcement wanted;

        if (!a || a->ending || !bus_peer_owner(a->resolved))
                return;
        if (!a->gateway->conf->announce && a->said.port == 0)
                return;
        if (compose(a->gateway, &wanted) < 0) {
                log_oom();
                return;
        }
        bool again = a->again_usec > 0 && now_usec(CLOCK_MONOTONIC) >= a->again_usec;
        if (announcement_equal(&wanted, &a->said) && !again) {
                announcement_done(&wanted);
                return;
        }

        announcement_done(&a->said);
        a->said = wanted;
        a->again_usec = 0;
        say(a);
}

/*** Life ***/

static void drop_calls(Announcer *a) {
        for (size_t i = 0; i < ELEMENTSOF(a->services); i++)
                a->services[i].call = sd_bus_slot_unref(a->services[i].call);
}

static bool has_calls(const Announcer *a) {
        for (size_t i = 0; i < ELEMENTSOF(a->services); i++)
                if (a->services[i].call)
                        return true;
        return false;
}

static void withdraw(Announcer *a) {
        bool needed = a->said.port != 0 && bus_peer_owner(a->resolved) && sd_bus_is_open(a->bus) > 0;

        a->ending = true;
        drop_calls(a);
        announcement_done(&a->said);
        if (needed)
                say(a);
}

/* Waits for the answers: resolved asks the bus who we are, which must still know it. Our clients are in good
 * hands before. */
static int on_exit_begins(sd_event_source *es, void *userdata) {
        Announcer *a = userdata;

        withdraw(a);
        if (!has_calls(a))
                return 0;

        server_store_rest(a->gateway->server);
        uint64_t now, end = now_usec(CLOCK_MONOTONIC) + WITHDRAW_USEC;
        while (has_calls(a) && (now = now_usec(CLOCK_MONOTONIC)) < end) {
                int r = sd_bus_process(a->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(a->bus, end - now);
                if (r < 0)
                        break;
        }
        return 0;
}

static void on_resolved(void *userdata, const char *owner) {
        Announcer *a = userdata;

        drop_calls(a);
        announcement_done(&a->said);
        if (!owner && a->gateway->conf->announce)
                complain(a, "systemd-resolved does not run");
        a->complained = !owner;
        a->again_usec = 0;
        announcer_update(a);
}

int announcer_new(sd_bus *bus, const Gateway *g, Announcer **ret) {
        _cleanup_(announcer_freep) Announcer *a = new0(Announcer, 1);

        if (!a)
                return -ENOMEM;
        a->gateway = g;
        a->bus = sd_bus_ref(bus);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                a->services[i] = (Service) { .announcer = a, .kind = kinds + i };

        /* The bus closes itself when the event loop ends. */
        int r = sd_event_add_exit(g->event, &a->exit, on_exit_begins, a);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(a->exit, "announce-end");
        r = sd_event_source_set_priority(a->exit, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;

        r = bus_peer_new(bus, RESOLVED, on_resolved, a, &a->resolved);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

Announcer *announcer_free(Announcer *a) {
        if (!a)
                return NULL;

        withdraw(a);
        drop_calls(a);
        sd_event_source_disable_unref(a->exit);
        bus_peer_free(a->resolved);
        sd_bus_unref(a->bus);
        free(a);
        return NULL;
}
