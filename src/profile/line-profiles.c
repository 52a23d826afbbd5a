/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The profiles of an installation. */

#include "line-profile-internal.h"
#include "string-util.h"

typedef struct Reporter {
        LineProfiles *profiles;
        ConfReport report;
        void *userdata;
} Reporter;

static bool has_profile(void *userdata, const char *id, size_t n) {
        const LineProfiles *p = ((const Reporter *) userdata)->profiles;

        for (size_t i = 0; i < p->n_profiles; i++)
                if (strlen(p->profiles[i]->id) == n && memcmp(p->profiles[i]->id, id, n) == 0)
                        return true;

        return false;
}

static int add_profile(void *userdata, const char *path) {
        const Reporter *reporter = userdata;
        LineProfiles *p = reporter->profiles;
        LineProfile *profile, **grown;
        int r;

        r = line_profile_load(path, reporter->report, reporter->userdata, &profile);
        if (r < 0)
                return r;

        grown = reallocarray(p->profiles, p->n_profiles + 1, sizeof(*grown));
        if (!grown) {
                line_profile_unref(profile);
                return -ENOMEM;
        }
        p->profiles = grown;
        grown[p->n_profiles++] = profile;
        return 0;
}

static int compare_profiles(const void *a, const void *b) {
        const LineProfile *x = *(LineProfile *const *) a, *y = *(LineProfile *const *) b;

        if (x->order == y->order)
                return strcmp(x->id, y->id);
        if (x->order < 0 || y->order < 0)
                return x->order < 0 ? 1 : -1;
        return x->order < y->order ? -1 : 1;
}

/* From the directories of that name, or from one whose path it is. */
static int collect(
        const char *directory, const char *path, ConfReport report, void *userdata, LineProfiles *ret) {
        _cleanup_(line_profiles_done) LineProfiles p = {};
        Reporter reporter = { &p, report, userdata };
        LoaderCollector c = {
                .has = has_profile,
                .add = add_profile,
                .userdata = &reporter,
                .engine = path ? "line" : NULL,
                .report = report,
                .report_userdata = userdata,
        };
        int r = path ? loader_collect_path(path, &c) : loader_collect(directory, &c);

        if (r < 0)
                return r;

        if (p.n_profiles > 0)
                qsort(p.profiles, p.n_profiles, sizeof(*p.profiles), compare_profiles);
        *ret = p;
        p = (LineProfiles) {};
        return 0;
}

int line_profiles_load(const char *directory, ConfReport report, void *userdata, LineProfiles *ret) {
        return collect(directory, NULL, report, userdata, ret);
}

int line_profiles_read(const char *path, ConfReport report, void *userdata, LineProfiles *ret) {
        return collect(NULL, path, report, userdata, ret);
}

void line_profiles_done(LineProfiles *p) {
        for (size_t i = 0; i < p->n_profiles; i++)
                line_profile_unref(p->profiles[i]);
        free(p->profiles);
        *p = (LineProfiles) {};
}

LineProfile *line_profiles_find(const LineProfiles *p, const char *protocol) {
        for (size_t i = 0; i < p->n_profiles; i++)
                if (strv_find_nocase(p->profiles[i]->protocols, protocol) >= 0)
                        return p->profiles[i];

        return NULL;
}
