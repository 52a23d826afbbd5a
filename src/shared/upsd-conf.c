/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsd-conf.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>
#include <syslog.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"
#include "ups-conf.h"

#define LISTEN_PORT 3493
#define LISTEN_ADDRESS_SIZE (INET6_ADDRSTRLEN + IF_NAMESIZE + 1)
#define SECONDS_MAX INT64_C(1000000000)

typedef struct Key Key;

/* One line's way into the settings. */
typedef struct Context {
        const ConfLine *line;
        ConfReport report;
        void *userdata;
        UpsdConf *conf;
} Context;

struct Key {
        const char *name;
        size_t min_args, max_args;
        int (*apply)(const Context *c, const Key *k); /* 0, or -ENOMEM; problems of the text are reported */
        size_t offset; /* of the member that apply() sets */
        int64_t min, max;
};

static int refuse(const Context *c, const Key *k, const char *what) {
        conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "%s: %s, ignoring the line", k->name,
                        what);
        return 0;
}

static void *member(const Context *c, const Key *k) {
        return (uint8_t *) c->conf + k->offset;
}

static int parse_argument(const Context *c, const Key *k, int64_t *ret) {
        const char *s = c->line->words[1];
        int r = parse_int64(s, k->min, k->max, ret);

        if (r == -ERANGE)
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "%s must be from %lld to %lld, not %s, ignoring the line", k->name,
                                (long long) k->min, (long long) k->max, s);
        else if (r < 0)
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "%s wants a whole number, not \"%s\", ignoring the line", k->name, s);
        return r;
}

static int apply_number(const Context *c, const Key *k) {
        int64_t v;

        if (parse_argument(c, k, &v) >= 0)
                *(unsigned *) member(c, k) = (unsigned) v;
        return 0;
}

static int apply_seconds(const Context *c, const Key *k) {
        int64_t v;

        if (parse_argument(c, k, &v) >= 0)
                *(uint64_t *) member(c, k) = v < 0 ? USEC_INFINITY : (uint64_t) v * USEC_PER_SEC;
        return 0;
}

static int apply_boolean(const Context *c, const Key *k) {
        bool b;

        if (parse_boolean(c->line->words[1], &b) < 0)
                return refuse(c, k, "wants yes or no");

        *(bool *) member(c, k) = b;
        return 0;
}

static int apply_path(const Context *c, const Key *k) {
        if (c->line->words[1][0] != '/')
                return refuse(c, k, "wants an absolute path");

        return free_and_strdup(member(c, k), c->line->words[1]);
}

/* NUT that is built with NSS has the kind of the database before its path. What is in one cannot be had, but
 * the rest of such a file can. */
static int apply_cert_path(const Context *c, const Key *k) {
        const char *s = c->line->words[1], *database = startswith(s, "sql:") ?: startswith(s, "dbm:");

        if (!database)
                return apply_path(c, k);

        conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                        "%s: \"%s\" is a database of NSS, which is not read here. Export its certificates, "
                        "with: pk12util -d %s -n NICKNAME -o server.p12 (CERTIDENT), and for an authority: "
                        "certutil -d %s -L -n NICKNAME -a (CERTPATH). Going on without", k->name, s, s, s);
        return 0;
}

/* Without this IPv6 addresses could not be told from NAME:PORT by whoever copies them from a URL. */
static char *without_brackets(const char *s) {
        size_t n = strlen(s);

        if (n > 2 && s[0] == '[' && s[n - 1] == ']')
                return strndup(s + 1, n - 2);
        return strdup(s);
}

/* Writes address and scope so that the same address has always the same text. */
static bool canonical_address(const char *s, char text[static LISTEN_ADDRESS_SIZE]) {
        const char *scope = strchr(s, '%');
        size_t n = scope ? (size_t) (scope - s) : strlen(s);
        char address[INET6_ADDRSTRLEN];
        struct in6_addr buffer;

        if (n >= sizeof(address))
                return false;
        memcpy(address, s, n);
        address[n] = '\0';

        int family = strchr(address, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(family, address, &buffer) != 1 || !inet_ntop(family, &buffer, text, INET6_ADDRSTRLEN))
                return false;
        if (!scope)
                return true;

        /* What is no name of an interface must not get into a unit file. */
        if (family != AF_INET6 || isempty(scope + 1) || strlen(scope + 1) >= IF_NAMESIZE ||
            strpbrk(scope + 1, " \t\r\n%/[]:="))
                return false;
        strcpy(text + strlen(text), scope);
        return true;
}

/* Which of the links it is on nothing else tells. */
static bool lacks_interface(const char *address) {
        struct in6_addr a;

        return inet_pton(AF_INET6, address, &a) == 1 && IN6_IS_ADDR_LINKLOCAL(&a);
}

/* What LISTEN has it, as struct UpsdListen wants it. 0, -EINVAL for what is no address, or -ENOMEM. */
static int listen_address(const char *s, char **ret) {
        char text[LISTEN_ADDRESS_SIZE];
        _cleanup_free_ char *plain = without_brackets(s);

        if (!plain)
                return -ENOMEM;
        if (strcaseeq(plain, "localhost") || streq(plain, "*"))
                *ret = strdup(strcaseeq(plain, "localhost") ? "localhost" : "*");
        else if (canonical_address(plain, text))
                *ret = strdup(text);
        else
                return -EINVAL;
        return *ret ? 0 : -ENOMEM;
}

static int apply_listen(const Context *c, const Key *k) {
        UpsdConf *conf = c->conf;
        uint64_t port = LISTEN_PORT;

        if (c->line->n_words > 2 && parse_uint64(c->line->words[2], 1, 65535, &port) < 0)
                return refuse(c, k, "the port must be a number from 1 to 65535");
        if (isempty(c->line->words[1]))
                return refuse(c, k, "wants an address");

        _cleanup_free_ char *address = NULL;
        int r = listen_address(c->line->words[1], &address);
        if (r == -EINVAL) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "LISTEN wants an address of this machine, and \"%s\" is none. Names are not "
                                "looked up, so use the address. Ignoring the line", c->line->words[1]);
                return 0;
        }

        if (r >= 0 && lacks_interface(address)) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "LISTEN: a link-local address needs its interface: %s%%eth0. Ignoring the "
                                "line", address);
                return 0;
        }

        _cleanup_free_ char *file = strdup(c->line->file);
        if (!address || !file)
                return -ENOMEM;

        for (size_t i = 0; i < conf->n_listens; i++)
                if (conf->listens[i].port == port && strcaseeq(conf->listens[i].address, address)) {
                        conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                        "LISTEN %s %u is there already", address, (unsigned) port);
                        return 0;
                }

        UpsdListen *l = reallocarray(conf->listens, conf->n_listens + 1, sizeof(UpsdListen));
        if (!l)
                return -ENOMEM;

        conf->listens = l;
        conf->listens[conf->n_listens++] = (UpsdListen) {
                .address = TAKE_PTR(address),
                .port = (uint16_t) port,
                .file = TAKE_PTR(file),
                .line = c->line->line,
        };
        return 0;
}

static int apply_nothing(const Context *c, const Key *k) {
        return 0;
}

static int apply_string(const Context *c, const Key *k) {
        return free_and_strdup(member(c, k), c->line->words[1]);
}

static int apply_ident(const Context *c, const Key *k) {
        int r = free_and_strdup(&c->conf->cert_ident_name, c->line->words[1]);

        return r < 0 ? r : free_and_strdup(&c->conf->cert_ident_password, c->line->words[2]);
}

/* The index of a word in a list that ends with NULL, or negative. */
static int find_word(const char *const *words, const char *word) {
        for (int i = 0; words[i]; i++)
                if (strcaseeq(words[i], word))
                        return i;
        return -1;
}

static int apply_cert_request(const Context *c, const Key *k) {
        static const char *const numbers[] = { "0", "1", "2", NULL }, *const words[] = { "no", "request",
                "require", NULL };
        int i = find_word(numbers, c->line->words[1]);

        if (i < 0)
                i = find_word(words, c->line->words[1]);
        if (i < 0)
                return refuse(c, k, "wants 0 (NO), 1 (REQUEST) or 2 (REQUIRE)");

        c->conf->cert_request = (unsigned) i;
        return 0;
}

static int apply_weak(const Context *c, const Key *k) {
        int r = apply_boolean(c, k);

        if (r >= 0 && !c->conf->disable_weak_ssl)
                conf_line_report(c->line, c->report, c->userdata, LOG_NOTICE,
                                "%s has no effect: TLS 1.2 is the least that is spoken", k->name);
        return r;
}

static int apply_require_tls(const Context *c, const Key *k) {
        static const char *const words[] = { "no", "login", "yes", NULL };
        int i = find_word(words, c->line->words[1]);

        if (i < 0)
                return refuse(c, k, "wants no, login or yes");

        c->conf->require_tls = (UpsdRequireTls) i;
        return 0;
}

static int apply_announce(const Context *c, const Key *k) {
        int r = apply_boolean(c, k);

        if (r < 0 || c->line->n_words <= 2)
                return r;
        return free_and_strdup(&c->conf->announce_name, c->line->words[2]);
}

static const UpsdApplianceKind appliance_kinds[] = {
        { "synology", "monuser", "secret", "ups" },
        { "qnap", "admin", "123456", "qnapups" },
};

static const UpsdApplianceKind *find_appliance_kind(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(appliance_kinds); i++)
                if (strcaseeq(appliance_kinds[i].name, name))
                        return appliance_kinds + i;
        return NULL;
}

/* 1 when the addresses are good, 0 when one of them was reported, or -ENOMEM. */
static int appliance_addresses(const Context *c, const Key *k, AddressList *l) {
        for (size_t i = 3; i < c->line->n_words; i++) {
                int r = address_list_add(l, c->line->words[i]);
                if (r == -EINVAL) {
                        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                        "%s wants ADDRESS[/PREFIX], and \"%s\" is none. Names are not "
                                        "looked up. Ignoring the line", k->name, c->line->words[i]);
                        return 0;
                }
                if (r < 0)
                        return r;
                if (address_list_is_wide(l)) {
                        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                        "%s: everybody knows the password of such a machine, and \"%s\" "
                                        "lets nearly everybody use it: name the addresses of your own. "
                                        "Ignoring the line", k->name, c->line->words[i]);
                        return 0;
                }
        }
        return 1;
}

/* The first line that fits counts, so that a narrower one must come first. */
static void report_hidden(const Context *c, const UpsdAppliance *a) {
        for (size_t i = 0; i < c->conf->n_appliances; i++) {
                const UpsdAppliance *first = c->conf->appliances + i;

                if (first->kind == a->kind && address_list_hides(&first->addresses, &a->addresses)) {
                        conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                        "APPLIANCE %s %s: %s:%u has addresses of this line already, and "
                                        "the first line counts: put the narrower one first",
                                        a->kind->name, a->device, first->file, first->line);
                        return;
                }
        }
}

static int appliance_add(UpsdConf *conf, const UpsdAppliance *a) {
        UpsdAppliance *grown = reallocarray(conf->appliances, conf->n_appliances + 1, sizeof(UpsdAppliance));
        if (!grown)
                return -ENOMEM;

        conf->appliances = grown;
        grown[conf->n_appliances++] = *a;
        return 0;
}

static void appliance_done(UpsdAppliance *a) {
        free(a->device);
        address_list_done(&a->addresses);
        free(a->file);
        *a = (UpsdAppliance) {};
}

static int apply_appliance(const Context *c, const Key *k) {
        const UpsdApplianceKind *kind = find_appliance_kind(c->line->words[1]);

        if (!kind)
                return refuse(c, k, "the kinds are synology and qnap");
        if (!device_name_is_valid(c->line->words[2]))
                return refuse(c, k, "wants the name of a UPS behind the kind");

        _cleanup_(appliance_done) UpsdAppliance a = {
                .kind = kind,
                .device = strdup(c->line->words[2]),
                .file = strdup(c->line->file),
                .line = c->line->line,
        };
        if (!a.device || !a.file)
                return -ENOMEM;

        int r = appliance_addresses(c, k, &a.addresses);
        if (r <= 0)
                return r;
        report_hidden(c, &a);
        r = appliance_add(c->conf, &a);
        if (r >= 0)
                a = (UpsdAppliance) {}; /* it has all of that now */
        return r;
}

static int apply_obsolete(const Context *c, const Key *k) {
        conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                        "%s is obsolete and has no effect: use LISTEN and a firewall", k->name);
        return 0;
}

#define FIELD(f) offsetof(UpsdConf, f)

static const Key keys[] = {
        { "LISTEN",                  1, 2,  apply_listen },
        { "MAXAGE",                  1, 1,  apply_seconds,  FIELD(max_age_usec), 1, 86400 },
        { "TRACKINGDELAY",           1, 1,  apply_seconds,  FIELD(tracking_delay_usec), 1, SECONDS_MAX },
        { "FSDCLEARDELAY",           1, 1,  apply_seconds,  FIELD(fsd_clear_delay_usec), -SECONDS_MAX,
                                                                                          SECONDS_MAX },
        { "MAXCONN",                 1, 1,  apply_number,   FIELD(max_connections), 1, 1000000 },
        { "MAXCONNPERHOST",          1, 1,  apply_number,   FIELD(max_connections_per_host), 1, 1000000 },
        { "ALLOW_NO_DEVICE",         1, 1,  apply_boolean,  FIELD(allow_no_device) },
        { "ALLOW_NOT_ALL_LISTENERS", 1, 1,  apply_boolean,  FIELD(allow_not_all_listeners) },
        { "STATEPATH",               1, 1,  apply_path,     FIELD(state_path) },
        { "DATAPATH",                1, 1,  apply_nothing },
        { "DEBUG_MIN",               1, 1,  apply_number,   FIELD(debug_min), 0, 100 },
        { "IDLETIMEOUT",             1, 1,  apply_seconds,  FIELD(idle_usec), 1, 86400 },
        { "LINETIMEOUT",             1, 1,  apply_seconds,  FIELD(line_usec), 1, 86400 },
        { "TLSTIMEOUT",              1, 1,  apply_seconds,  FIELD(handshake_usec), 1, 86400 },
        { "MAXREQUESTRATE",          1, 1,  apply_number,   FIELD(max_request_rate), 0, 1000000000 },
        { "MAXLOGINFAILURES",        1, 1,  apply_number,   FIELD(max_login_failures), 0, 1000000 },
        { "LOCKOUTTIME",             1, 1,  apply_seconds,  FIELD(lockout_usec), 1, 86400 },
        { "REQUIRELOGIN",            1, 1,  apply_boolean,  FIELD(require_login) },
        { "REQUIRETLS",              1, 1,  apply_require_tls },
        { "APPLIANCE",               3, 31, apply_appliance },
        { "ANNOUNCE",                1, 2,  apply_announce, FIELD(announce) },
        { "CERTFILE",                1, 1,  apply_string,   FIELD(cert_file) },
        { "CERTPATH",                1, 1,  apply_cert_path,    FIELD(cert_path) },
        { "CERTIDENT",               2, 2,  apply_ident },
        { "CERTREQUEST",             1, 1,  apply_cert_request },
        { "DISABLE_WEAK_SSL",        1, 1,  apply_weak,     FIELD(disable_weak_ssl) },
        { "ACL",                     0, 31, apply_obsolete },
        { "ACCEPT",                  0, 31, apply_obsolete },
        { "REJECT",                  0, 31, apply_obsolete },
};

/* As with NUT only DEBUG_MIN may be spelt in any case. */
static const Key *key_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (streq(keys[i].name, name) ||
                    (strcaseeq(name, "DEBUG_MIN") && strcaseeq(keys[i].name, name)))
                        return keys + i;
        return NULL;
}

static void report_unknown(const Context *c) {
        const char *names[ELEMENTSOF(keys) + 1] = {};

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                names[i] = keys[i].name;

        conf_line_report_unknown_key(c->line, c->report, c->userdata, "directive", names);
}

static int apply_line(const Context *c) {
        if (c->line->section) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "upsd.conf has no sections, ignoring the line in [%s]", c->line->section);
                return 0;
        }

        const Key *k = key_find(c->line->words[0]);
        if (!k) {
                report_unknown(c);
                return 0;
        }
        if (c->line->assignment)
                return refuse(c, k, "is written without =");
        if (c->line->n_words - 1 < k->min_args)
                return refuse(c, k, "wants a value");
        if (c->line->n_words - 1 > k->max_args)
                return refuse(c, k, "has too many values");
        return k->apply(c, k);
}

int upsd_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsdConf **ret) {
        _cleanup_(upsd_conf_freep) UpsdConf *conf = new0(UpsdConf, 1);
        if (!conf)
                return -ENOMEM;

        conf->max_age_usec = 15 * USEC_PER_SEC;
        conf->tracking_delay_usec = 3600 * USEC_PER_SEC;
        conf->fsd_clear_delay_usec = 120 * USEC_PER_SEC;
        conf->max_connections = UPSD_CONNECTIONS_MAX;
        conf->max_connections_per_host = UPSD_CONNECTIONS_PER_HOST_MAX;
        conf->idle_usec = 300 * USEC_PER_SEC;
        conf->line_usec = 30 * USEC_PER_SEC;
        conf->handshake_usec = 10 * USEC_PER_SEC;
        conf->max_login_failures = 10;
        conf->lockout_usec = 300 * USEC_PER_SEC;
        conf->exists = conf_exists(c);

        for (size_t i = 0; i < conf_n_lines(c); i++) {
                Context context = {
                        .line = conf_line(c, i),
                        .report = report,
                        .userdata = userdata,
                        .conf = conf,
                };
                int r = apply_line(&context);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(conf);
        return 0;
}

static void boolean_from_environment(const char *name, bool *b) {
        const char *e = getenv(name);

        if (e)
                (void) parse_boolean(e, b);
}

int upsd_conf_load(ConfReport report, void *userdata, UpsdConf **ret) {
        _cleanup_free_ char *path = conf_path("upsd.conf");
        if (!path)
                return -ENOMEM;

        _cleanup_(conf_freep) Conf *lines = NULL;
        int r = conf_load(path, report, userdata, &lines);
        if (r < 0)
                return r;

        UpsdConf *conf;
        r = upsd_conf_from_lines(lines, report, userdata, &conf);
        if (r < 0)
                return r;

        boolean_from_environment("ALLOW_NO_DEVICE", &conf->allow_no_device);
        boolean_from_environment("ALLOW_NOT_ALL_LISTENERS", &conf->allow_not_all_listeners);
        *ret = conf;
        return 0;
}

void upsd_conf_report_devices(const UpsdConf *c, bool (*is_known)(void *userdata, const char *name),
                void *known_userdata, ConfReport report, void *userdata) {
        for (size_t i = 0; i < c->n_appliances; i++) {
                const UpsdAppliance *a = c->appliances + i;
                const ConfLine place = { .file = a->file, .line = a->line };
                const char *fixed = a->kind->ups;

                if (!is_known(known_userdata, a->device))
                        conf_line_report(&place, report, userdata, LOG_WARNING,
                                        "APPLIANCE: the device \"%s\" is not there", a->device);
                if (!strcaseeq(fixed, a->device) && is_known(known_userdata, fixed))
                        conf_line_report(&place, report, userdata, LOG_WARNING,
                                        "APPLIANCE: there is a device \"%s\" as well, and clients at these "
                                        "addresses that give no credentials mean that one; better call it "
                                        "otherwise", fixed);
        }
}

UpsdConf *upsd_conf_free(UpsdConf *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < c->n_listens; i++) {
                free(c->listens[i].address);
                free(c->listens[i].file);
        }
        free(c->listens);
        for (size_t i = 0; i < c->n_appliances; i++)
                appliance_done(c->appliances + i);
        free(c->appliances);
        free(c->announce_name);
        free(c->cert_file);
        free(c->cert_path);
        free(c->cert_ident_name);
        if (c->cert_ident_password)
                explicit_bzero(c->cert_ident_password, strlen(c->cert_ident_password));
        free(c->cert_ident_password);
        free(c->state_path);
        free(c);
        return NULL;
}
