/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sections of a profile that define what its rows use. */

#include "parse-util.h"
#include "profile-internal.h"
#include "string-util.h"

#define POINTS_MAX 1024U
#define MATCHES_MAX 1024U
#define USAGES_MAX 1024U

int loader_read_profile(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "engine", "title", "version", "vendor", "generic", NULL };
        HidProfile *p = hid_loader(l)->profile;
        const char *key = line->words[0], *value;
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;

        if (streq(key, "title"))
                return loader_text(l, line, value, &p->title);
        if (streq(key, "version"))
                return loader_text(l, line, value, &p->version);
        if (streq(key, "vendor"))
                return loader_text(l, line, value, &p->vendor);
        if (streq(key, "engine"))
                return streq(value, "hid") ? 0 :
                        loader_error(l, line, "There is no engine \"%s\": write engine = hid", value);
        if (streq(key, "generic"))
                return parse_boolean(value, &p->generic) >= 0 ? 0 :
                        loader_error(l, line, "generic is yes or no, not \"%s\"", value);

        return loader_error_unknown(l, line, "key", key, keys);
}

static void match_done(ProfileMatch *m) {
        profile_pattern_done(&m->vendor);
        profile_pattern_done(&m->product);
}

int loader_read_match(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "vendor", "product", NULL };
        Attribute attributes[ATTRIBUTES_MAX];
        _cleanup_(match_done) ProfileMatch m = { .file = line->file, .line = line->line };
        HidProfile *p = hid_loader(l)->profile;
        int n = loader_attributes(l, line, 3, attributes), r;

        if (n < 0)
                return 0;
        if (!line->assignment || !streq(line->words[0], "usb") || line->n_words < 3)
                return loader_error(l, line, "A line of [match] is usb = VENDOR:PRODUCT");

        r = loader_usb(l, line, line->words[2], &m.usb);
        for (int i = 0; i < n && r > 0; i++) {
                ProfilePattern *pattern = streq(attributes[i].name, "vendor") ? &m.vendor
                        : streq(attributes[i].name, "product") ? &m.product : NULL;

                if (!pattern)
                        return loader_error_unknown(l, line, "attribute", attributes[i].name, keys);
                if (!attributes[i].value || pattern->text)
                        return loader_error(l, line, "%s wants one regular expression", attributes[i].name);
                r = loader_pattern(l, line, attributes[i].value, pattern);
        }
        if (r <= 0)
                return r;
        if (p->n_matches >= MATCHES_MAX)
                return loader_error(l, line, "There are at most %u lines in [match]", MATCHES_MAX);

        for (size_t i = 0; i < p->n_matches; i++) {
                const ProfileMatch *other = &p->matches[i];

                if (other->usb.vendor_id == m.usb.vendor_id && other->usb.product_id == m.usb.product_id &&
                    profile_patterns_equal(&other->vendor, &m.vendor) &&
                                    profile_patterns_equal(&other->product, &m.product)) {
                        _cleanup_free_ char *where = loader_describe_line(l, line, other->line);

                        loader_warn(l, line, "This says the same as %s", strempty(where));
                }
        }

        if (!GREEDY_REALLOC(p->matches, hid_loader(l)->matches_allocated, p->n_matches + 1))
                return -ENOMEM;

        p->matches[p->n_matches++] = m;
        m = (ProfileMatch) {};
        return 0;
}

int loader_read_usage(Loader *l, const ConfLine *line) {
        const char *name = line->words[0], *value;
        HidLoader *h = hid_loader(l);
        uint32_t usage;
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;
        if (name[strcspn(name, ".()*[]")])
                return loader_error(l, line, "\"%s\" cannot be the name of a usage", name);
        if (hid_usage_from_name(name, &usage) >= 0)
                return loader_error(l, line, "\"%s\" is the name of usage %08x already", name, usage);
        if (strlen(value) != 8 || hid_usage_from_name(value, &usage) < 0)
                return loader_error(l, line, "A usage is eight hexadecimal digits, not \"%s\"", value);

        if (h->n_usages >= USAGES_MAX)
                return loader_error(l, line, "There are at most %u lines in [usages]", USAGES_MAX);
        for (size_t i = 0; i < h->n_usages; i++)
                if (strcaseeq(h->usages[i].name, name))
                        return loader_error(l, line, "\"%s\" stands here twice", name);

        if (!GREEDY_REALLOC(h->usages, h->usages_allocated, h->n_usages + 1))
                return -ENOMEM;

        h->usages[h->n_usages] = (LoaderUsage) { .name = strdup(name), .usage = usage };
        if (!h->usages[h->n_usages].name)
                return -ENOMEM;
        h->n_usages++;
        return 0;
}

static int add_lookup_entry(ProfileLookup *lookup, double raw, bool any, const char *text) {
        ProfileLookupEntry *grown = reallocarray(lookup->entries, lookup->n_entries + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;

        lookup->entries = grown;
        grown[lookup->n_entries] = (ProfileLookupEntry) { .raw = raw, .any = any, .text = strdup(text) };
        if (!grown[lookup->n_entries].text)
                return -ENOMEM;

        lookup->n_entries++;
        return 0;
}

int loader_read_lookup(Loader *l, const ConfLine *line, ProfileLookup *lookup) {
        bool any = streq(line->words[0], "*");
        double raw = 0;
        const char *value;
        int r = loader_value(l, line, &value);

        if (r > 0 && !any)
                r = loader_number(l, line, "A line of a lookup", line->words[0], &raw);
        if (r <= 0)
                return r;
        if (lookup->n_entries >= POINTS_MAX)
                return loader_error(l, line, "A lookup has at most %u lines", POINTS_MAX);

        for (size_t i = 0; i < lookup->n_entries; i++)
                if (lookup->entries[i].any == any && lookup->entries[i].raw == raw)
                        return loader_error(l, line, "%s stands here twice", line->words[0]);

        return add_lookup_entry(lookup, raw, any, value);
}

int loader_read_curve(Loader *l, const ConfLine *line, ProfileCurve *curve) {
        struct ProfilePoint point, *grown;
        const char *value;
        int r = loader_value(l, line, &value);

        if (r > 0)
                r = loader_number(l, line, "A line of a curve", line->words[0], &point.x);
        if (r > 0)
                r = loader_number(l, line, "A line of a curve", value, &point.y);
        if (r <= 0)
                return r;
        if (curve->n_points >= POINTS_MAX)
                return loader_error(l, line, "A curve has at most %u points", POINTS_MAX);
        if (curve->n_points > 0 && point.x <= curve->points[curve->n_points - 1].x)
                return loader_error(l, line,
                                "The points of a curve ascend: %s is not more than the one before",
                                line->words[0]);

        grown = reallocarray(curve->points, curve->n_points + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        curve->points = grown;
        curve->points[curve->n_points++] = point;
        return 0;
}

int profile_add_builtin_lookups(HidProfile *p) {
        size_t n;
        const ProfileBuiltinLookup *lookups = profile_builtin_lookups(&n);

        p->lookups = new0(ProfileLookup, n);
        if (!p->lookups)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                ProfileLookup *lookup = &p->lookups[p->n_lookups++];

                lookup->name = strdup(lookups[i].name);
                if (!lookup->name)
                        return -ENOMEM;

                for (unsigned k = 0; lookups[i].texts[k]; k++) {
                        int r = add_lookup_entry(lookup, lookups[i].first + k, false, lookups[i].texts[k]);
                        if (r < 0)
                                return r;
                }
        }

        return 0;
}
