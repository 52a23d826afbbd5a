/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "lexer.h"
#include "line-link.h"
#include "line-usb.h"
#include "log.h"
#include "string-util.h"

/* The table of ids, qx/usb.ids: a section for each way, and in it "usb = VVVV:PPPP" with what else is to be
 * so. Of what fits, the first is the first to be tried. */

#define IDS_MAX 4096U

/* bInterfaceClass */
#define CLASS_PER_INTERFACE 0x00U
#define CLASS_HID 0x03U
#define CLASS_VENDOR 0xffU

typedef struct Id {
        uint16_t vendor_id, product_id;
        bool any_product, shared;
        char *vendor, *product; /* as the device says; NULL: any */
        const char *way;
} Id;

struct LineUsbIds {
        Id *ids;
        size_t n_ids, n_allocated;
        bool failed;
};

static void id_done(Id *id) {
        free(id->vendor);
        free(id->product);
}

LineUsbIds *line_usb_ids_free(LineUsbIds *ids) {
        if (!ids)
                return NULL;

        for (size_t i = 0; i < ids->n_ids; i++)
                id_done(&ids->ids[i]);
        free(ids->ids);
        free(ids);
        return NULL;
}

/* Four hexadecimal digits; returns what is behind them. */
static const char *parse_id(const char *s, uint16_t *ret) {
        unsigned n = 0;

        for (unsigned i = 0; i < 4; i++) {
                const char *digits = "0123456789abcdef", *at = s[i] ? strchr(digits, s[i]) : NULL;

                if (!at)
                        return NULL;
                n = n << 4 | (unsigned) (at - digits);
        }

        *ret = (uint16_t) n;
        return s + 4;
}

static bool parse_ids(const char *s, Id *id) {
        const char *rest = parse_id(s, &id->vendor_id);

        if (!rest || *rest != ':')
                return false;
        if (streq(rest, ":*")) {
                id->any_product = true;
                return true;
        }
        rest = parse_id(rest + 1, &id->product_id);
        return rest && *rest == '\0';
}

/* One file on its way into the table. */
typedef struct Reader {
        LineUsbIds *ids;
        ConfReport report;
        void *userdata;
        bool failed;
} Reader;

static void report_line(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Reader *r = userdata;

        /* What the reader of lines only warns of would be another id than the one that was meant. */
        r->failed = true;
        if (r->report)
                r->report(r->userdata, MIN(level, LOG_ERR), file, line, message);
}

static int take_text(const ConfLine *line, Reader *r, const char *value, char **ret) {
        if (*ret || isempty(value)) {
                conf_line_report(line, report_line, r, LOG_ERR, *ret ? "This is said twice." :
                                                                       "There is nothing behind it.");
                return 0;
        }
        *ret = strdup(value);
        return *ret ? 0 : -ENOMEM;
}

/* What stands behind the ids, from word at on: vendor="TEXT", product="TEXT", shared. */
static int read_attributes(const ConfLine *line, Reader *r, Id *id) {
        for (size_t at = 3; at < line->n_words;) {
                const char *name = line->words[at];
                bool has_value = at + 2 < line->n_words && streq(line->words[at + 1], "=");
                char **text = streq(name, "vendor") ? &id->vendor :
                        streq(name, "product")      ? &id->product :
                                                      NULL;
                int k;

                if (text && has_value) {
                        k = take_text(line, r, line->words[at + 2], text);
                        if (k < 0)
                                return k;
                        at += 3;
                } else if (!text && !has_value && streq(name, "shared")) {
                        id->shared = true;
                        at++;
                } else {
                        conf_line_report(line, report_line, r, LOG_ERR,
                                "\"%s\" is not understood. There are vendor=\"TEXT\", product=\"TEXT\" and "
                                "shared.",
                                name);
                        return 0;
                }
        }
        return 0;
}

static bool same_text(const char *a, const char *b) {
        return a && b ? strcaseeq(a, b) : a == b;
}

static bool is_there(const LineUsbIds *ids, const Id *id) {
        for (size_t i = 0; i < ids->n_ids; i++) {
                const Id *other = &ids->ids[i];

                if (other->vendor_id == id->vendor_id && other->product_id == id->product_id &&
                    other->any_product == id->any_product && other->way == id->way &&
                    same_text(other->vendor, id->vendor) && same_text(other->product, id->product))
                        return true;
        }
        return false;
}

static int read_line(const ConfLine *line, Reader *r) {
        static const char *const keys[] = { "usb", NULL };
        const LineUsbWay *way = line->section ? line_usb_way_find(line->section) : NULL;
        LineUsbIds *ids = r->ids;
        Id id = {};
        int k;

        if (!way) {
                conf_line_report(line, report_line, r, LOG_ERR, "This is not inside the section of a link.");
                return 0;
        }
        if (!streq(line->words[0], "usb")) {
                conf_line_report_unknown_key(line, report_line, r, "key", keys);
                return 0;
        }
        if (!line->assignment || line->n_words < 3 || !parse_ids(line->words[2], &id)) {
                conf_line_report(line, report_line, r, LOG_ERR,
                        "This has to be usb = VVVV:PPPP, in hexadecimal digits, or VVVV:*.");
                return 0;
        }

        id.way = way->name;
        k = read_attributes(line, r, &id);
        if (k >= 0 && is_there(ids, &id))
                conf_line_report(line, report_line, r, LOG_ERR, "This id is there already.");
        if (k >= 0 && (ids->n_ids >= IDS_MAX || !GREEDY_REALLOC(ids->ids, ids->n_allocated, ids->n_ids + 1)))
                k = -ENOMEM;
        if (k < 0) {
                id_done(&id);
                return k;
        }
        ids->ids[ids->n_ids++] = id;
        return 0;
}

static void check_sections(const Conf *c, Reader *r) {
        char *const *names = conf_sections(c);

        for (size_t i = 0; names && names[i]; i++)
                if (!line_usb_way_find(names[i]))
                        conf_line_report(conf_section_place(c, i), report_line, r, LOG_ERR,
                                "There is no such link: %s", names[i]);
}

static void drop_from(LineUsbIds *ids, size_t first) {
        while (ids->n_ids > first)
                id_done(&ids->ids[--ids->n_ids]);
}

/* Adds what a file has, or nothing when there is a mistake in it. */
static int add_conf(Reader *r, const Conf *c) {
        size_t before = r->ids->n_ids;
        int k = 0;

        check_sections(c, r);
        for (size_t i = 0; i < conf_n_lines(c) && k >= 0; i++)
                k = read_line(conf_line(c, i), r);
        if (k < 0 || r->failed)
                drop_from(r->ids, before);
        return k;
}

/* Names make an id more of a device's own. */
static int generality(const Id *id) {
        return (id->any_product ? 3 : 0) + !id->vendor + !id->product;
}

static void sort(LineUsbIds *ids) {
        for (size_t i = 1; i < ids->n_ids; i++) {
                Id id = ids->ids[i];
                size_t k = i;

                for (; k > 0 && generality(&ids->ids[k - 1]) > generality(&id); k--)
                        ids->ids[k] = ids->ids[k - 1];
                ids->ids[k] = id;
        }
}

int line_usb_ids_parse(
        const char *name, const char *data, size_t n, ConfReport report, void *userdata, LineUsbIds **ret) {
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = new0(LineUsbIds, 1);
        Reader reader = { .ids = ids, .report = report, .userdata = userdata };
        _cleanup_(conf_freep) Conf *c = NULL;
        int r;

        if (!ids)
                return -ENOMEM;
        r = conf_parse(name, data, n, report_line, &reader, &c);
        if (r >= 0)
                r = add_conf(&reader, c);
        if (r < 0)
                return r;
        if (reader.failed)
                return -EBADMSG;

        sort(ids);
        *ret = TAKE_PTR(ids);
        return 0;
}

static int load_file(LineUsbIds *ids, const char *directory, ConfReport report, void *userdata) {
        _cleanup_free_ char *path = strjoin(directory, "/qx/usb.ids");
        Reader reader = { .ids = ids, .report = report, .userdata = userdata };
        _cleanup_(conf_freep) Conf *c = NULL;
        int r;

        if (!path)
                return -ENOMEM;
        r = conf_load(path, report_line, &reader, &c);
        if (r >= 0)
                r = add_conf(&reader, c);
        return r == -ENOMEM ? r : 0;
}

int line_usb_ids_load(ConfReport report, void *userdata, LineUsbIds **ret) {
        const char *configured = getenv("BUSBAR_PROFILES");
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = new0(LineUsbIds, 1);
        _cleanup_strv_free_ char **directories = NULL;
        int r;

        if (!ids)
                return -ENOMEM;
        r = strv_split(isempty(configured) ? LOCALPROFILEDIR ":" PROFILEDIR : configured, ":", &directories);
        if (r < 0)
                return r;
        STRV_FOREACH(directory, directories) {
                r = load_file(ids, *directory, report, userdata);
                if (r < 0)
                        return r;
        }

        sort(ids);
        *ret = TAKE_PTR(ids);
        return 0;
}

static bool id_fits(const Id *id, const HidIdentity *identity) {
        return id->vendor_id == identity->vendor_id &&
                (id->any_product || id->product_id == identity->product_id) &&
                (!id->vendor || strcaseeq(id->vendor, strempty(identity->vendor))) &&
                (!id->product || strcaseeq(id->product, strempty(identity->product)));
}

const char *line_usb_ids_find(
        const LineUsbIds *ids, const HidIdentity *identity, size_t n, bool *ret_certain) {
        for (size_t i = 0; i < ids->n_ids; i++)
                if (id_fits(&ids->ids[i], identity) && n-- == 0) {
                        if (ret_certain)
                                *ret_certain = !ids->ids[i].shared;
                        return ids->ids[i].way;
                }
        return NULL;
}

bool line_usb_ids_get(const LineUsbIds *ids, size_t i, LineUsbId *ret) {
        const Id *id;

        if (i >= ids->n_ids)
                return false;
        id = &ids->ids[i];
        *ret = (LineUsbId) {
                .vendor_id = id->vendor_id,
                .product_id = id->any_product ? -1 : id->product_id,
                .vendor = id->vendor,
                .product = id->product,
                .way = id->way,
                .certain = !id->shared,
        };
        return true;
}

/* A keyboard takes a report for its lamps, and a power device of HID has values of its own to be asked for.
 * Where the kernel's driver has let go of the interface, only the protocols for booting are known. */
bool line_usb_may_ask(const UsbHidDevice *device) {
        if (device->class != CLASS_HID)
                return device->class == CLASS_VENDOR || device->class == CLASS_PER_INTERFACE;
        if (device->descriptor)
                return !hid_is_for_people(device->descriptor, device->descriptor_size) &&
                        hid_use(device->descriptor, device->descriptor_size) != HID_USE_POWER;
        return device->protocol == 0;
}

bool line_usb_ids_allow(const LineUsbIds *ids, const UsbHidDevice *device) {
        bool certain;

        return line_usb_may_ask(device) && line_usb_ids_find(ids, &device->identity, 0, &certain) &&
                (certain || device->descriptor);
}
