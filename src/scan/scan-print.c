/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-print.h"

#include "string-util.h"

static void print_option(FILE *f, const ScanOption *o) {
        fputc('\t', f);
        if (o->tag && isempty(o->tag))
                fputs("# ", f);
        else if (o->tag)
                fprintf(f, "###%s### ", o->tag);
        fprintf(f, "%s = \"%s\"\n", o->name, o->value);
}

void scan_print_sections(FILE *f, const ScanDevices *l, ScanNumbers *numbers) {
        for (size_t i = 0; i < l->n_devices; i++) {
                const ScanDevice *d = l->devices[i];

                fprintf(f, "[nutdev-%s%zu]\n\tdriver = \"%s\"", scan_kind_name(d->kind), ++numbers->n,
                                d->driver);
                if (d->alternatives)
                        fprintf(f, "\t# alternately: %s", d->alternatives);
                fprintf(f, "\n\tport = \"%s\"\n", d->port);
                for (size_t k = 0; k < d->n_options; k++)
                        print_option(f, d->options + k);
        }
}

void scan_print_parsable(FILE *f, const ScanDevices *l) {
        for (size_t i = 0; i < l->n_devices; i++) {
                const ScanDevice *d = l->devices[i];

                fprintf(f, "%s:driver=\"%s\",port=\"%s\"", scan_kind_tag(d->kind), d->driver, d->port);
                for (size_t k = 0; k < d->n_options; k++)
                        if (!d->options[k].tag)
                                fprintf(f, ",%s=\"%s\"", d->options[k].name, d->options[k].value);
                fputc('\n', f);
        }
}

/*** Remarks ***/

static void print_name(FILE *f, const ScanDevice *d, size_t number) {
        fprintf(f, "nutdev-%s%zu", scan_kind_name(d->kind), number);
}

static const char *serial_of(const ScanDevice *d) {
        for (size_t i = 0; i < d->n_options; i++)
                if (streq(d->options[i].name, "serial"))
                        return d->options[i].value;
        return NULL;
}

static bool is_one_character(const char *s) {
        return s[0] != '\0' && s[1] != '\0' && strspn(s, (const char[]) { s[0], '\0' }) == strlen(s);
}

static void remark_serial(FILE *f, const ScanDevice *d, size_t number) {
        const char *serial = serial_of(d);

        if (!serial || (serial[0] != '\0' && !is_one_character(serial) && !endswith(serial, " ")))
                return;
        fputs("# WARNING: ", f);
        print_name(f, d, number);
        if (serial[0] == '\0')
                fputs(" has an empty \"serial\": leave that line out\n", f);
        else if (is_one_character(serial))
                fprintf(f, " has the \"serial\" \"%s\", which is none: others may have the same\n", serial);
        else
                fprintf(f, " has a \"serial\" with blanks at its end: \"%s\"\n", serial);
}

static const char *option_or_none(const ScanDevice *d, const char *name) {
        return strempty(scan_device_option(d, name));
}

/* Whether one section of the two would take the other's device as well. */
static bool are_mixed_up(const ScanDevice *a, const ScanDevice *b) {
        static const char *const keys[] = { "vendorid", "productid", "vendor", "product", "serial", "bus",
                                            "busport", "device" };

        if (a->kind != SCAN_USB || b->kind != SCAN_USB)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (!streq(option_or_none(a, keys[i]), option_or_none(b, keys[i])))
                        return false;
        return true;
}

static bool is_same_serial(const ScanDevice *a, const ScanDevice *b) {
        const char *x = serial_of(a), *y = serial_of(b);

        return !isempty(x) && !isempty(y) && streq(x, y);
}

static void remark_pairs(FILE *f, const ScanDevices *l, size_t i, size_t first) {
        for (size_t k = i + 1; k < l->n_devices; k++) {
                const ScanDevice *a = l->devices[i], *b = l->devices[k];
                bool mixed = are_mixed_up(a, b);

                if (!mixed && !is_same_serial(a, b))
                        continue;
                fputs("# WARNING: ", f);
                print_name(f, a, first + i);
                fputs(" and ", f);
                print_name(f, b, first + k);
                if (mixed)
                        fputs(" cannot be told apart by what is not a comment: add \"busport\"\n", f);
                else
                        fprintf(f, " have the same \"serial\" \"%s\": one device found twice, or a serial "
                                   "number that is none\n", serial_of(a));
                /* One is enough to see. */
                return;
        }
}

/* Whether a section is for the device: the same place, and where that says nothing, the same marks. */
static bool is_of_section(const ScanDevice *d, const UpsConf *conf, const UpsSection *s) {
        static const char *const marks[] = { "serial", "productid", "vendorid" };
        bool fits = false;

        if (s->enrolled || !streq(s->driver, d->driver))
                return false;
        if (d->kind != SCAN_USB)
                return streq(s->port, d->port);
        for (size_t i = 0; i < ELEMENTSOF(marks); i++) {
                const UpsOption *o = ups_conf_option(conf, s, marks[i]);

                if (!o || !o->value)
                        continue;
                if (!strcaseeq(o->value, option_or_none(d, marks[i])))
                        return false;
                fits = true;
        }
        return fits;
}

static void remark_configured(FILE *f, const ScanDevice *d, size_t number, const UpsConf *conf) {
        for (size_t i = 0; conf && i < conf->n_sections; i++) {
                const UpsSection *s = conf->sections + i;

                if (!is_of_section(d, conf, s))
                        continue;
                fputs("# WARNING: ", f);
                print_name(f, d, number);
                fprintf(f, " is configured already: [%s] in %s:%u\n", s->name, s->file, s->line);
                return;
        }
}

static void remark_name(FILE *f, const ScanDevice *d, size_t number, const UpsConf *conf) {
        _cleanup_free_ char *name = strprintf("nutdev-%s%zu", scan_kind_name(d->kind), number);
        const UpsSection *s = name && conf ? ups_conf_find(conf, name) : NULL;

        if (s && !is_of_section(d, conf, s))
                fprintf(f, "# WARNING: there is a [%s] in %s:%u already, for another device: give this one "
                           "another name\n", s->name, s->file, s->line);
}

/* What NUT has a driver for, and we have not. */
static void remark_driver(FILE *f, const ScanDevice *d, size_t number) {
        static const struct {
                const char *driver, *advice;
        } missing[] = {
                { "netxml-ups", "search for its card by SNMP (-S)" },
                { "bcmxcp",     "use USB or a network card of the unit, if it has one" },
                { "upower",     "search for the device itself with -U" },
        };

        for (size_t i = 0; i < ELEMENTSOF(missing); i++)
                if (streq(missing[i].driver, d->driver)) {
                        fputs("# WARNING: ", f);
                        print_name(f, d, number);
                        fprintf(f, " needs the driver %s, which Busbar does not have: %s\n", d->driver,
                                        missing[i].advice);
                }
}

void scan_print_remarks(FILE *f, const ScanDevices *l, size_t first, const UpsConf *conf) {
        for (size_t i = 0; i < l->n_devices; i++) {
                remark_driver(f, l->devices[i], first + i);
                remark_serial(f, l->devices[i], first + i);
                remark_pairs(f, l, i, first);
                remark_configured(f, l->devices[i], first + i, conf);
                remark_name(f, l->devices[i], first + i, conf);
        }
}
