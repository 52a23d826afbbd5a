/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sections.h"

#include "log.h"
#include "string-util.h"

typedef struct Source {
        const UpsConf *conf;
        const UpsSection *section;
} Source;

static const char *option(const void *userdata, const char *name) {
        const Source *s = userdata;
        const UpsOption *o = ups_conf_option(s->conf, s->section, name);

        return o ? o->value : NULL;
}

static bool has_one_of(const Source *s, const char *const *keys) {
        for (; *keys; keys++)
                if (option(s, *keys))
                        return true;
        return false;
}

/* A port that is a file is a recording; all but nodes mean nothing, as with NUT. */
static bool port_fits(const char *port, const UsbHidDevice *d) {
        if (startswith(port, "/dev/hidraw") || startswith(port, "/dev/bus/usb/"))
                return streq_ptr(port, d->hidraw) || streq_ptr(port, d->usbfs);
        return port[0] != '/' || startswith(port, "/dev/");
}

/* Whether a driver would speak to such an interface. Of those of HID one for lines takes any whose ids are
 * named. */
static bool driver_can(const Source *source, const Plugged *p) {
        if (streq(source->section->driver, RECORD_DRIVER))
                return p->hid;
        return p->opaque || (option(source, "vendorid") && option(source, "productid"));
}

/* Without a word about which device is meant, it is one that the driver is for. */
static bool driver_fits(const Source *source, unsigned weight, const Plugged *p) {
        const char *driver = source->section->driver, *recognised = p->naming.driver;

        if (!driver_can(source, p))
                return false;
        if (weight > 0 || !recognised || streq(driver, recognised))
                return true;
        return streq(driver, "blazer_usb") && streq(recognised, PLUGGED_LINE_DRIVER);
}

static int add_section(Sections *all, const Source *source, const PluggedList *l, ConfReport report,
                void *userdata) {
        static const char *const specific[] = { "serial", "busport", "device", NULL };
        const UpsSection *s = source->section;
        _cleanup_(usb_match_freep) UsbMatch *match = NULL;
        const char *bad_key = NULL;
        size_t k = all->n_sections;
        bool *fits = all->fits + k * l->n_devices;
        int r;

        r = usb_match_new(option, source, &match, &bad_key);
        if (r == -EINVAL) {
                _cleanup_free_ char *message = strprintf("[%s]: %s is not a regular expression, so that no "
                                "device is looked for", s->name, bad_key);
                const UpsOption *o = ups_conf_option(source->conf, s, bad_key);

                if (report && message)
                        report(userdata, LOG_ERR, o ? o->file : s->file, o ? o->line : s->line, message);
        } else if (r < 0)
                return r;

        for (size_t i = 0; match && i < l->n_devices; i++) {
                const Plugged *p = l->devices + i;

                fits[i] = port_fits(s->port, p->usb) && usb_match_test(match, &p->usb->identity) &&
                        driver_fits(source, usb_match_weight(match), p);
        }

        all->sections[k] = (NamingSection) {
                .name = s->name,
                .weight = match ? usb_match_weight(match) : 0,
                .specific = has_one_of(source, specific) || startswith(s->port, "/dev/hidraw"),
                .fits = fits,
        };
        all->drivers[k] = s->driver;
        all->ways[k] = usb_way_configured(option, source);
        all->n_sections++;
        return 0;
}

int sections_load(const UpsConf *conf, const PluggedList *l, ConfReport report, void *userdata,
                Sections *ret) {
        Sections all = {};
        size_t n_fits;
        int r = 0;

        all.sections = new0(NamingSection, conf->n_sections);
        all.drivers = new0(const char *, conf->n_sections);
        all.ways = new0(UsbWay, conf->n_sections);
        n_fits = conf->n_sections * l->n_devices;
        all.fits = new0(bool, n_fits);
        if (!all.sections || !all.drivers || !all.ways || !all.fits)
                r = -ENOMEM;

        for (size_t i = 0; i < conf->n_sections && r >= 0; i++) {
                const Source source = { .conf = conf, .section = conf->sections + i };

                r = strv_extend(&all.taken, source.section->name);
                if (r >= 0 && ups_section_is_plugged(source.section))
                        r = add_section(&all, &source, l, report, userdata);
        }
        if (r < 0) {
                sections_done(&all);
                return r;
        }

        *ret = all;
        return 0;
}

void sections_done(Sections *s) {
        free(s->sections);
        free(s->drivers);
        free(s->ways);
        free(s->fits);
        strv_free(s->taken);
        *s = (Sections) {};
}

bool sections_want(const Sections *s, size_t i) {
        for (size_t k = 0; k < s->n_sections; k++)
                if (s->sections[k].weight > 0 && s->sections[k].fits[i])
                        return true;
        return false;
}

ssize_t sections_find(const Sections *s, const char *name) {
        for (size_t k = 0; k < s->n_sections; k++)
                if (strcaseeq(s->sections[k].name, name))
                        return (ssize_t) k;
        return -1;
}
