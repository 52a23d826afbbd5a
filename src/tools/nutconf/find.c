/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find.h"

#include <stdio.h>
#include <syslog.h>

#include "change-words.h"
#include "mode.h"
#include "parse-util.h"
#include "scan.h"
#include "scan-print.h"
#include "string-util.h"
#include "ups-conf.h"

#define TIMEOUT_MAX_USEC (600 * UINT64_C(1000000))

static int refuse(const char *option, const char *what, const char *word) {
        fprintf(stderr, "Error: --%s: %s: %s\n", option, what, word);
        return -EINVAL;
}

static int oom(void) {
        fputs("Error: Out of memory.\n", stderr);
        return -ENOMEM;
}

static void say(void *userdata, int level, ScanKind kind, const char *message) {
        const unsigned *debug = userdata;

        if (level <= LOG_WARNING || *debug > 0)
                fprintf(stderr, "%s: %s\n", scan_kind_title(kind), message);
}

static int take_timeout(const Wish *w, const char *word, ScanSettings *s) {
        return parse_uint64(word, 1, TIMEOUT_MAX_USEC, &s->timeout_usec) < 0
                ? refuse(w->option, "this is no timeout in microseconds", word) : 0;
}

static int take_level(const Wish *w, const char *word, SnmpCredentials *c) {
        static const char *const levels[] = {
                [SNMP_LEVEL_NO_AUTH] = "noAuthNoPriv",
                [SNMP_LEVEL_AUTH]    = "authNoPriv",
                [SNMP_LEVEL_PRIV]    = "authPriv",
        };

        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                if (strcaseeq(levels[i], word)) {
                        c->version = SNMP_V3;
                        c->level = (SnmpLevel) i;
                        return 0;
                }
        return refuse(w->option, "sec-level is noAuthNoPriv, authNoPriv or authPriv, not", word);
}

static int take_snmp_attribute(const Wish *w, const char *argument, ScanSettings *s) {
        const struct {
                const char *key;
                const char **target;
        } keys[] = {
                { "community=",     &s->snmp.community     },
                { "sec-name=",      &s->snmp.user          },
                { "auth-protocol=", &s->snmp.auth_protocol },
                { "auth-password=", &s->snmp.auth_password },
                { "priv-protocol=", &s->snmp.priv_protocol },
                { "priv-password=", &s->snmp.priv_password },
        };
        const char *value;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                value = startswith(argument, keys[i].key);
                if (value) {
                        *keys[i].target = value;
                        return 0;
                }
        }

        if ((value = startswith(argument, "timeout=")))
                return take_timeout(w, value, s);
        if ((value = startswith(argument, "sec-level=")))
                return take_level(w, value, &s->snmp);
        if (startswith(argument, "peer-name="))
                return 0;

        /* Not as a whole: it may be a password that is spelt wrongly. */
        _cleanup_free_ char *key = strndup(argument, strcspn(argument, "="));
        return refuse(w->option, "there is no such attribute", strempty(key));
}

static int take_snmp(const Wish *w, ScanSettings *s) {
        int r = 0;

        s->kinds = SCAN_KIND(SCAN_SNMP);
        for (size_t i = 2; r >= 0 && i < w->n; i++)
                r = take_snmp_attribute(w, w->args[i], s);

        if (s->snmp.user)
                s->snmp.version = SNMP_V3;
        if (s->snmp.level >= SNMP_LEVEL_AUTH && !s->snmp.auth_protocol)
                s->snmp.auth_protocol = "MD5";
        if (s->snmp.level >= SNMP_LEVEL_PRIV && !s->snmp.priv_protocol)
                s->snmp.priv_protocol = "DES";
        return r;
}

static int take_nut(const Wish *w, ScanSettings *s) {
        uint64_t port;

        s->kinds = SCAN_KIND(SCAN_NUT);
        if (parse_uint64(w->args[2], 1, UINT16_MAX, &port) < 0)
                return refuse(w->option, "this is no port", w->args[2]);
        s->nut_port = (uint16_t) port;
        return w->n > 3 ? take_timeout(w, w->args[3], s) : 0;
}

static int take_with_timeout(const Wish *w, ScanSettings *s) {
        s->kinds = w->kind == KIND_SCAN_XML_HTTP ? SCAN_KIND(SCAN_XML) : SCAN_KIND(SCAN_AVAHI);
        return w->n > 0 ? take_timeout(w, w->args[0], s) : 0;
}

/* Nothing of the attributes of IPMI over the network: supplies of this machine are what can be found. */
static int take_ipmi(const Wish *w, ScanSettings *s) {
        s->kinds = SCAN_KIND(SCAN_IPMI);
        return 0;
}

static int take_usb(const Wish *w, ScanSettings *s) {
        s->kinds = SCAN_KIND(SCAN_USB);
        return 0;
}

static int take_serial(const Wish *w, ScanSettings *s) {
        s->kinds = SCAN_KIND(SCAN_SERIAL);
        return 0;
}

static const struct {
        int (*take)(const Wish *w, ScanSettings *s);
        bool ranged; /* the first two words are addresses */
} searches[_KIND_MAX] = {
        [KIND_SCAN_SNMP]     = { take_snmp,         true  },
        [KIND_SCAN_USB]      = { take_usb,          false },
        [KIND_SCAN_XML_HTTP] = { take_with_timeout, false },
        [KIND_SCAN_NUT]      = { take_nut,          true  },
        [KIND_SCAN_AVAHI]    = { take_with_timeout, false },
        [KIND_SCAN_IPMI]     = { take_ipmi,         true  },
        [KIND_SCAN_SERIAL]   = { take_serial,       false },
};

static void print_found(const ScanDevices *l, unsigned verbose, ScanNumbers *numbers) {
        if (verbose > 0)
                scan_print_sections(stdout, l, numbers);
        else
                for (size_t i = 0; i < l->n_devices; i++)
                        printf("%s %s %s\n", scan_kind_tag(l->devices[i]->kind), l->devices[i]->driver,
                               l->devices[i]->port);
}

static int run(const char *option, const ScanSettings *s, ScanDevices *ret) {
        _cleanup_free_ char *why = NULL;

        int r = scan_run(s, ret, &why);
        return r < 0 ? refuse(option, "the search failed", why ?: strerror(-r)) : 0;
}

static int find(const Wish *w, const Options *o, ScanNumbers *numbers) {
        _cleanup_(scan_ranges_done) ScanRanges ranges = {};
        _cleanup_(scan_devices_done) ScanDevices found = {};
        _cleanup_free_ char *why = NULL, *ports = NULL;
        unsigned debug = o->debug;
        ScanSettings s = { .ranges = &ranges, .say = say, .userdata = &debug };

        int r = searches[w->kind].take(w, &s);
        if (r < 0)
                return r;

        if (searches[w->kind].ranged && scan_ranges_add(&ranges, w->args[0], w->args[1], &why) < 0)
                return refuse(w->option, "these addresses cannot be taken", strempty(why));

        if (w->kind == KIND_SCAN_SERIAL) {
                for (size_t i = 0; i < w->n; i++) {
                        _cleanup_free_ char *before = ports;

                        ports = strjoin(strempty(before), before ? "," : "", w->args[i]);
                        if (!ports)
                                return oom();
                }
                s.serial_ports = ports ?: "auto";
        }

        r = run(w->option, &s, &found);
        if (r >= 0)
                print_found(&found, o->verbose, numbers);
        return r;
}

int find_devices(const Options *o) {
        ScanNumbers numbers = {};
        int first = 0;

        for (size_t i = 0; i < o->n_wishes; i++) {
                int r = searches[o->wishes[i].kind].take ? find(o->wishes + i, o, &numbers) : 0;

                first = first < 0 ? first : r;
        }
        return first;
}

static bool option_is(const UpsConf *c, const UpsSection *s, const ScanDevice *d, const char *key) {
        const UpsOption *o = ups_conf_option(c, s, key);
        const char *value = scan_device_option(d, key);

        return !o || !o->value || !value || strcaseeq(o->value, value);
}

/* Whether a section of the same driver leaves room for the device to be the one that it means. */
static bool is_configured(const UpsConf *c, const ScanDevice *d) {
        static const char *const keys[] = { "vendorid", "productid", "serial", "vendor", "product" };

        for (size_t i = 0; c && i < c->n_sections; i++) {
                bool same = streq(c->sections[i].driver, d->driver) && !c->sections[i].enrolled;

                for (size_t k = 0; same && k < ELEMENTSOF(keys); k++)
                        same = option_is(c, c->sections + i, d, keys[k]);
                if (same)
                        return true;
        }
        return false;
}

static char *free_name(const ConfFile *f) {
        for (unsigned i = 0;; i++) {
                char *name = i == 0 ? strdup("ups") : strprintf("ups%u", i + 1);

                if (!name || !section_exists(f, name))
                        return name;
                free(name);
        }
}

static int add_device(ConfFile *f, const ScanDevice *d) {
        _cleanup_free_ char *name = free_name(f);

        if (!name)
                return oom();

        int r = section_add(f, name);
        if (r >= 0)
                r = section_put(f, &(KeyText) { .section = name, .key = "driver", .value = d->driver });
        if (r >= 0)
                r = section_put(f, &(KeyText) { .section = name, .key = "port", .value = d->port });
        for (size_t i = 0; r >= 0 && i < d->n_options; i++)
                if (!d->options[i].tag)
                        r = section_put(f, &(KeyText) { .section = name, .key = d->options[i].name,
                                        .value = d->options[i].value });
        if (r >= 0)
                printf("Added [%s]: %s\n", name, strempty(scan_device_option(d, "product") ?: d->driver));
        return r;
}

static int set_mode(ConfFiles *files) {
        ConfFile *f;
        NutConf c;

        int r = conf_files_get(files, CONFIG_FILE_NUT, &f);
        if (r < 0)
                return r;

        const char *text = f->text ?: f->old;
        r = nut_conf_parse(f->path, text, strlen(text), NULL, NULL, &c);
        if (r < 0 || c.mode != NUT_MODE_NONE)
                return r;

        char *changed = mode_replace(text, NUT_MODE_STANDALONE);
        if (!changed)
                return oom();
        free(f->text);
        f->text = changed;
        f->n_text = strlen(changed);
        puts("Set the mode to standalone");
        return 0;
}

int find_configure(ConfFiles *files) {
        _cleanup_(scan_devices_done) ScanDevices found = {};
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        unsigned debug = 0;
        ConfFile *f;
        size_t n = 0;

        int r = conf_files_get(files, CONFIG_FILE_UPS, &f);
        if (r < 0)
                return r;
        (void) ups_conf_load(NULL, NULL, &conf);

        r = run("autoconfigure", &(ScanSettings) { .kinds = SCAN_KIND(SCAN_USB), .say = say,
                .userdata = &debug },
                        &found);
        for (size_t i = 0; r >= 0 && i < found.n_devices; i++)
                if (!is_configured(conf, found.devices[i])) {
                        r = add_device(f, found.devices[i]);
                        n++;
                }
        if (r < 0)
                return r;

        if (n == 0)
                puts("There is no USB device without a section");
        return found.n_devices > 0 ? set_mode(files) : 0;
}
