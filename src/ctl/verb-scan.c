/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <syslog.h>

#include "ctl.h"
#include "io-util.h"
#include "json.h"
#include "parse-util.h"
#include "scan-print.h"
#include "scan.h"
#include "string-util.h"
#include "text.h"
#include "time-util.h"

#define SECRET_MAX 1024U
#define KINDS_LOCAL (SCAN_KIND(SCAN_USB) | SCAN_KIND(SCAN_SIMULATION) | SCAN_KIND(SCAN_UPOWER))
#define KINDS_NETWORK (SCAN_KIND(SCAN_SNMP) | SCAN_KIND(SCAN_NUT) | SCAN_KIND(SCAN_XML))

/* What the words behind the verb ask for. */
typedef struct ScanWords {
        Ctl *ctl;
        ScanSettings settings;
        ScanRanges ranges;
        char *ports;      /* of serial ports, with commas */
        char **values;    /* strv: of words KEY=VALUE, for settings to point to */
        const char *level;
        bool is_default;  /* no kind was named */
        bool shown;       /* there is a line of progress on standard error */
} ScanWords;

static void words_done(ScanWords *w) {
        scan_ranges_done(&w->ranges);
        free(w->ports);
        strv_free(w->values);
}

/*** Words ***/

static int take_place(ScanWords *w, const char *word) {
        _cleanup_free_ char *first = NULL, *why = NULL;
        const char *dash = strchr(word, '-');
        int r;

        if (scan_ranges_is_auto(word)) {
                r = scan_ranges_add_auto(&w->ranges, word, &why);
                if (r == 0)
                        return ctl_error(-ENOENT,
                                "This machine is in no network that \"%s\" could mean: most "
                                "have more bits for hosts than it allows, as auto/12 would.",
                                word);
        } else {
                first = dash ? strndup(word, (size_t) (dash - word)) : NULL;
                /* Names of hosts may have a dash. */
                if (first && strspn(first, "0123456789.:abcdefABCDEF[]") == strlen(first) &&
                    strpbrk(first, ".:"))
                        r = scan_ranges_add(&w->ranges, first, dash + 1, &why);
                else
                        r = scan_ranges_add_network(&w->ranges, word, &why);
        }
        if (r < 0)
                return ctl_error(r, "%s is no place to look: %s.", word, why ?: strerror(-r));
        return 0;
}

static int take_port(ScanWords *w, const char *word) {
        char *ports = w->ports ? strjoin(w->ports, ",", word) : strdup(word);

        if (!ports)
                return ctl_error(-ENOMEM, "Out of memory.");
        free(w->ports);
        w->ports = ports;
        w->settings.kinds |= SCAN_KIND(SCAN_SERIAL);
        return 0;
}

/* "@FILE" is what stands in the file, without the ends of its last lines. */
static int take_secret(const char *key, const char *value, char **ret) {
        char buffer[SECRET_MAX + 1];
        ssize_t n;

        if (value[0] != '@') {
                *ret = strdup(value);
                return *ret ? 0 : ctl_error(-ENOMEM, "Out of memory.");
        }
        n = path_read(value + 1, buffer, sizeof(buffer));
        if (n < 0)
                return ctl_error((int) n, "%s: cannot read %s: %s.", key, value + 1, strerror((int) -n));
        if (n > (ssize_t) SECRET_MAX)
                return ctl_error(-E2BIG, "%s: %s has more than %u bytes: it has to hold the %s alone.", key,
                                value + 1, SECRET_MAX, key);
        if (memchr(buffer, '\0', (size_t) n))
                return ctl_error(-EINVAL, "%s: there is a NUL in %s: it has to be a file of text, with the "
                                "%s alone.", key, value + 1, key);
        while (n > 0 && (buffer[n - 1] == '\n' || buffer[n - 1] == '\r'))
                n--;
        *ret = strndup(buffer, (size_t) n);
        return *ret ? 0 : ctl_error(-ENOMEM, "Out of memory.");
}

static int take_number(ScanWords *w, const char *key, const char *value) {
        uint64_t n;

        if (streq(key, "timeout")) {
                if (parse_uint64(value, 1, 3600, &n) < 0)
                        return ctl_error(
                                -EINVAL, "timeout=%s: it is a number of seconds from 1 to 3600.", value);
                w->settings.timeout_usec = n * USEC_PER_SEC;
                return 1;
        }
        if (streq(key, "port")) {
                if (parse_uint64(value, 1, UINT16_MAX, &n) < 0)
                        return ctl_error(-EINVAL, "port=%s: it is a number from 1 to 65535.", value);
                w->settings.nut_port = (uint16_t) n;
                return 1;
        }
        return 0;
}

/* The options of snmp-ups, by their names in ups.conf. */
static int take_setting(ScanWords *w, const char *word, const char *equals) {
        _cleanup_free_ char *key = strndup(word, (size_t) (equals - word));
        SnmpCredentials *c = &w->settings.snmp;
        const struct {
                const char *key, **value;
        } settings[] = {
                { "community",    &c->community     },
                { "secLevel",     &w->level         },
                { "secName",      &c->user          },
                { "authProtocol", &c->auth_protocol },
                { "authPassword", &c->auth_password },
                { "privProtocol", &c->priv_protocol },
                { "privPassword", &c->priv_password },
        };
        char *value;
        int r;

        if (!key)
                return ctl_error(-ENOMEM, "Out of memory.");
        r = take_number(w, key, equals + 1);
        if (r != 0)
                return MIN(r, 0);
        for (size_t i = 0; i < ELEMENTSOF(settings); i++) {
                if (!strcaseeq(settings[i].key, key))
                        continue;
                r = take_secret(key, equals + 1, &value);
                if (r < 0)
                        return r;
                if (strv_consume(&w->values, value) < 0)
                        return ctl_error(-ENOMEM, "Out of memory.");
                *settings[i].value = value;
                return 0;
        }
        return ctl_error(-EINVAL, "There is no setting \"%s\" of scan; see busbarctl(1).", key);
}

static int take_word(ScanWords *w, const char *word) {
        const char *equals = strchr(word, '=');
        ScanKind kind = streq(word, "announced") ? SCAN_AVAHI : scan_kind_from_name(word);

        if (kind >= 0) {
                w->settings.kinds |= SCAN_KIND(kind);
                return 0;
        }
        if (equals)
                return take_setting(w, word, equals);
        if (word[0] == '/')
                return take_port(w, word);
        return take_place(w, word);
}

/*** The whole ***/

static int settle_snmp(ScanWords *w) {
        static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv" };
        SnmpCredentials *c = &w->settings.snmp;

        if (!c->user && !w->level)
                return 0;
        c->version = SNMP_V3;
        c->level = c->priv_password   ? SNMP_LEVEL_PRIV
                   : c->auth_password ? SNMP_LEVEL_AUTH
                                      : SNMP_LEVEL_NO_AUTH;
        for (size_t i = 0; w->level && i < ELEMENTSOF(levels); i++)
                if (strcaseeq(w->level, levels[i])) {
                        c->level = (SnmpLevel) i;
                        w->level = NULL;
                }
        if (w->level)
                return ctl_error(
                        -EINVAL, "secLevel=%s: it is noAuthNoPriv, authNoPriv or authPriv.", w->level);
        if (!c->user)
                return ctl_error(-EINVAL, "secLevel= needs secName=, the user.");
        if ((c->level >= SNMP_LEVEL_AUTH && !c->auth_password) ||
            (c->level >= SNMP_LEVEL_PRIV && !c->priv_password))
                return ctl_error(-EINVAL, "secLevel=%s needs %s=.", levels[c->level], c->auth_password ?
                                "privPassword" : "authPassword");
        return 0;
}

/* Without a kind: what is here, and, where a network is named, what is there. */
static int settle(ScanWords *w) {
        unsigned *kinds = &w->settings.kinds;

        w->is_default = *kinds == 0;
        if (w->is_default)
                *kinds = w->ranges.n_ranges > 0 ? KINDS_NETWORK : KINDS_LOCAL;
        if ((*kinds & KINDS_NETWORK) && w->ranges.n_ranges == 0)
                return ctl_error(-EINVAL, "Networks are searched only where they are named: add one, like "
                                "192.168.1.0/24, or auto for those that this machine is in.");
        if (!(*kinds & KINDS_NETWORK) && w->ranges.n_ranges > 0)
                return ctl_error(-EINVAL,
                        "A network is named, but nothing that is looked for there: add snmp, "
                        "nut or xml.");
        w->settings.ranges = &w->ranges;
        w->settings.serial_ports = w->ports;
        return settle_snmp(w);
}

static void clear_line(ScanWords *w) {
        if (w->shown)
                fputs("\r\033[K", stderr);
        w->shown = false;
}

/* What nobody asked for by name need not be told that it is not there. */
static void say(void *userdata, int level, ScanKind kind, const char *message) {
        ScanWords *w = userdata;

        if (level > LOG_WARNING && w->is_default && (KINDS_LOCAL & SCAN_KIND(kind)))
                return;
        clear_line(w);
        (void) ctl_error(0, "%s.", message);
}

static void show_progress(void *userdata, uint64_t n_done, uint64_t n_total) {
        ScanWords *w = userdata;

        if (n_total == 0)
                return;
        fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " asked", n_done, n_total);
        w->shown = true;
}

/*** What is printed ***/

static void print_options(Json *j, const char *key, const ScanDevice *d, bool counts) {
        json_object(j, key);
        for (size_t i = 0; i < d->n_options; i++)
                if (!d->options[i].tag == counts)
                        json_string(j, d->options[i].name, d->options[i].value);
        json_object_end(j);
}

static int print_json(const ScanDevices *l) {
        Json j = { .f = stdout };

        json_array(&j, NULL);
        for (size_t i = 0; i < l->n_devices; i++) {
                const ScanDevice *d = l->devices[i];

                json_object(&j, NULL);
                json_string(&j, "kind", scan_kind_name(d->kind));
                json_string(&j, "driver", d->driver);
                json_string(&j, "alternatives", d->alternatives);
                json_string(&j, "port", d->port);
                print_options(&j, "options", d, true);
                print_options(&j, "comments", d, false);
                json_object_end(&j);
        }
        json_array_end(&j);
        return json_finish(&j);
}

static char *describe(const ScanDevice *d) {
        const char *vendor = scan_device_option(d, "vendor"), *product = scan_device_option(d, "product");
        const char *id = scan_device_option(d, "vendorid");

        if (product)
                return vendor && !startswith_nocase(product, vendor) ? strjoin(vendor, " ", product) :
                        strdup(product);
        if (id)
                return strprintf("%s%s%s:%s", strempty(vendor), vendor ? " " : "", id,
                                strempty(scan_device_option(d, "productid")));
        return strdup(strempty(scan_device_option(d, "desc")));
}

static int print_table(const Ctl *c, const ScanDevices *l) {
        static const char *const titles[] = { "KIND", "DRIVER", "PORT", "WHAT" };
        _cleanup_(table_freep) Table *t = table_new(ELEMENTSOF(titles));

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; c->terminal && i < ELEMENTSOF(titles); i++)
                table_add(t, COLOR_FAINT, titles[i]);
        for (size_t i = 0; i < l->n_devices; i++) {
                const ScanDevice *d = l->devices[i];
                _cleanup_free_ char *what = describe(d);

                if (!what)
                        return -ENOMEM;
                table_add(t, COLOR_NONE, scan_kind_name(d->kind));
                table_add(t, COLOR_BOLD, d->driver);
                table_add(t, COLOR_NONE, d->port);
                table_add(t, COLOR_NONE, what);
        }
        return table_print(t, stdout, c->terminal, c->color);
}

/* The sections go to ups.conf by copying them, so they are as a program would have them. */
static int print_found(const Ctl *c, const ScanDevices *l) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        ScanNumbers numbers = {};
        int r;

        if (l->n_devices == 0) {
                ctl_print(c, COLOR_NONE, "Nothing was found.");
                return 0;
        }
        r = print_table(c, l);
        if (r < 0)
                return ctl_error(r, "Out of memory.");
        if (!c->terminal)
                return 0;
        (void) ups_conf_load(NULL, NULL, &conf);
        fputc('\n', stdout);
        ctl_print(c, COLOR_FAINT,
                "To use one of them, put its section into ups.conf, with a name of your own, and "
                "reload (systemctl reload busbar):");
        fputc('\n', stdout);
        scan_print_sections(stdout, l, &numbers);
        scan_print_remarks(stdout, l, 1, conf);
        return 0;
}

static int run(Ctl *c, ScanWords *w) {
        _cleanup_(scan_devices_done) ScanDevices found = {};
        _cleanup_free_ char *why = NULL;
        int r;

        w->settings.say = say;
        w->settings.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
        w->settings.userdata = w;
        scan_raise_limit();
        r = scan_run(&w->settings, &found, &why);
        clear_line(w);
        if (r < 0)
                return ctl_error(r, "Cannot search: %s.", why ?: strerror(-r));
        return c->json ? print_json(&found) : print_found(c, &found);
}

int verb_scan(Ctl *c, char **args) {
        ScanWords w = { .ctl = c };
        int r = 0;

        for (char **word = args; *word && r >= 0; word++)
                r = take_word(&w, *word);
        if (r >= 0)
                r = settle(&w);
        r = r < 0 ? CTL_EXIT_USAGE : run(c, &w);
        words_done(&w);
        return r;
}
