/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which profile a device gets, and which conditions hold for it. */

#include <regex.h>
#include <syslog.h>

#include "profile-internal.h"
#include "string-util.h"

static bool usb_matches(const ProfileUsb *usb, const HidIdentity *i) {
        return usb->vendor_id == i->vendor_id && (usb->product_id < 0 || usb->product_id == i->product_id);
}

static bool step_matches(const ProfileStep *step, const HidStep *have) {
        return step->any || (step->usage == have->usage && step->instance == have->instance);
}

/* Whether the path is that of the first n steps. */
static bool path_matches_steps(const ProfilePath *path, const HidStep *have, size_t n) {
        size_t i = 0;

        for (; i < path->n_steps && !path->steps[i].many; i++)
                if (i >= n || !step_matches(&path->steps[i], &have[i]))
                        return false;
        if (i == path->n_steps)
                return i == n;

        /* Behind the one that stands for many, the ends have to fit. */
        size_t rest = path->n_steps - i - 1;
        if (n < i + rest)
                return false;

        for (size_t k = 0; k < rest; k++)
                if (!step_matches(&path->steps[i + 1 + k], &have[n - rest + k]))
                        return false;

        return true;
}

bool profile_path_matches(const ProfilePath *path, const HidField *field) {
        return path_matches_steps(path, field->path, field->n_path);
}

/* Whether the device has a field there, or a collection with fields. */
static bool has_path(const ProfilePath *path, HidDescriptor *descriptor) {
        size_t n = descriptor ? hid_descriptor_n_fields(descriptor) : 0;

        for (size_t i = 0; i < n; i++) {
                const HidField *f = hid_descriptor_field(descriptor, i);

                for (size_t k = 1; k <= f->n_path; k++)
                        if (path_matches_steps(path, f->path, k))
                                return true;
        }

        return false;
}

static bool any_usb_matches(const ProfileWhen *w, const HidIdentity *identity) {
        for (size_t i = 0; i < w->n_usb; i++)
                if (usb_matches(&w->usb[i], identity))
                        return true;

        return w->n_usb == 0;
}

static bool any_path_is_there(const ProfileWhen *w, HidDescriptor *descriptor) {
        for (size_t i = 0; i < w->n_has; i++)
                if (has_path(&w->has[i], descriptor))
                        return true;

        return w->n_has == 0;
}

bool profile_when_holds(
                const ProfileWhen *w,
                bool negate,
                const HidIdentity *identity,
                HidDescriptor *descriptor,
                const char *firmware) {
        if (!w)
                return true;

        bool holds = any_usb_matches(w, identity) && profile_patterns_match(&w->vendor, identity->vendor) &&
                profile_patterns_match(&w->product, identity->product) &&
                profile_patterns_match(&w->serial, identity->serial) &&
                profile_patterns_match(&w->firmware, firmware) && any_path_is_there(w, descriptor);

        return holds != negate;
}

unsigned profile_match_weight(const ProfileMatch *m, const HidIdentity *identity) {
        if (!usb_matches(&m->usb, identity))
                return 0;
        if ((m->vendor.text && !profile_pattern_matches(&m->vendor, identity->vendor)) ||
            (m->product.text && !profile_pattern_matches(&m->product, identity->product)))
                return 0;

        return 1 + (m->vendor.text ? 1 : 0) + (m->product.text ? 2 : 0) + (m->usb.product_id >= 0 ? 4 : 0);
}

static bool is_same_claim(const ProfileMatch *a, const ProfileMatch *b) {
        return a->usb.vendor_id == b->usb.vendor_id && a->usb.product_id == b->usb.product_id &&
                profile_patterns_equal(&a->vendor, &b->vendor) &&
                                profile_patterns_equal(&a->product, &b->product);
}

void hid_profiles_check(const HidProfiles *p, ConfReport report, void *userdata) {
        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < p->profiles[i]->n_matches; k++) {
                        const ProfileMatch *m = &p->profiles[i]->matches[k];
                        ConfLine place = { .file = m->file, .line = m->line };

                        for (size_t j = 0; j < i; j++)
                                for (size_t n = 0; n < p->profiles[j]->n_matches; n++) {
                                        const ProfileMatch *other = &p->profiles[j]->matches[n];

                                        if (is_same_claim(m, other))
                                                conf_line_report(&place, report, userdata, LOG_ERR,
                                                                "%s:%u claims the same device", other->file,
                                                                other->line);
                                }
                }
}

static int choose_by_name(const HidProfiles *p, const char *subdriver, HidProfile **ret) {
        regex_t regex;
        int r;

        *ret = NULL;
        for (size_t i = 0; i < p->n_profiles; i++)
                if (strcaseeq(p->profiles[i]->id, subdriver) ||
                                strcaseeq(p->profiles[i]->title, subdriver)) {
                        *ret = p->profiles[i];
                        return 0;
                }

        r = regcomp(&regex, subdriver, REG_EXTENDED | REG_ICASE | REG_NOSUB);
        if (r != 0)
                return r == REG_ESPACE ? -ENOMEM : -EINVAL;

        r = 0;
        for (size_t i = 0; i < p->n_profiles && !*ret && r >= 0; i++) {
                HidProfile *profile = p->profiles[i];
                _cleanup_free_ char *title = strjoin(profile->title, " ", profile->version);

                if (!title)
                        r = -ENOMEM;
                else if (regexec(&regex, title, 0, NULL, 0) == 0 ||
                                regexec(&regex, profile->id, 0, NULL, 0) == 0)
                        *ret = profile;
        }
        regfree(&regex);
        return r;
}

int hid_profiles_choose(
                const HidProfiles *p,
                const HidIdentity *identity,
                HidDescriptor *descriptor,
                const char *subdriver,
                HidProfile **ret) {
        HidProfile *best = NULL, *generic = NULL;
        unsigned best_weight = 0;

        if (subdriver)
                return choose_by_name(p, subdriver, ret);

        for (size_t i = 0; i < p->n_profiles; i++) {
                HidProfile *profile = p->profiles[i];

                if (profile->generic && !generic)
                        generic = profile;
                for (size_t k = 0; k < profile->n_matches; k++) {
                        unsigned weight = profile_match_weight(&profile->matches[k], identity);

                        if (weight > best_weight) {
                                best = profile;
                                best_weight = weight;
                        }
                }
        }

        if (!best && generic && descriptor && hid_descriptor_use(descriptor) == HID_USE_POWER)
                best = generic;
        *ret = best;
        return 0;
}

typedef struct Reporter {
        HidProfiles *profiles;
        ConfReport report;
        void *userdata;
} Reporter;

static bool has_profile(void *userdata, const char *id, size_t n) {
        const HidProfiles *p = ((const Reporter *) userdata)->profiles;

        for (size_t i = 0; i < p->n_profiles; i++)
                if (strlen(p->profiles[i]->id) == n && memcmp(p->profiles[i]->id, id, n) == 0)
                        return true;

        return false;
}

static int compare_profiles(const void *a, const void *b) {
        return strcmp((*(HidProfile *const *) a)->id, (*(HidProfile *const *) b)->id);
}

static int add_profile(void *userdata, const char *path) {
        const Reporter *reporter = userdata;
        HidProfiles *p = reporter->profiles;
        HidProfile *profile, **grown;
        int r;

        r = hid_profile_load(path, reporter->report, reporter->userdata, &profile);
        if (r < 0)
                return r;

        grown = reallocarray(p->profiles, p->n_profiles + 1, sizeof(*grown));
        if (!grown) {
                hid_profile_unref(profile);
                return -ENOMEM;
        }
        p->profiles = grown;
        grown[p->n_profiles++] = profile;
        return 0;
}

/* From the directories of HID profiles, or from one whose path it is. */
static int collect(const char *path, ConfReport report, void *userdata, HidProfiles *ret) {
        _cleanup_(hid_profiles_done) HidProfiles p = {};
        Reporter reporter = { &p, report, userdata };
        LoaderCollector c = {
                .has = has_profile,
                .add = add_profile,
                .userdata = &reporter,
                .engine = path ? "hid" : NULL,
                .report = report,
                .report_userdata = userdata,
        };
        int r = path ? loader_collect_path(path, &c) : loader_collect("hid", &c);

        if (r < 0)
                return r;

        if (p.n_profiles > 0)
                qsort(p.profiles, p.n_profiles, sizeof(*p.profiles), compare_profiles);
        *ret = p;
        p = (HidProfiles) {};
        return 0;
}

int hid_profiles_load(ConfReport report, void *userdata, HidProfiles *ret) {
        return collect(NULL, report, userdata, ret);
}

int hid_profiles_read(const char *path, ConfReport report, void *userdata, HidProfiles *ret) {
        return collect(path, report, userdata, ret);
}

void hid_profiles_done(HidProfiles *p) {
        for (size_t i = 0; i < p->n_profiles; i++)
                hid_profile_unref(p->profiles[i]);
        free(p->profiles);
        *p = (HidProfiles) {};
}
