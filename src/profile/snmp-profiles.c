/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The profiles of an installation, and what can only be said of them side by side. */

#include <syslog.h>

#include "snmp-profile-internal.h"
#include "string-util.h"

typedef struct Reporter {
        SnmpProfiles *profiles;
        ConfReport report;
        void *userdata;
} Reporter;

static bool has_profile(void *userdata, const char *id, size_t n) {
        const SnmpProfiles *p = ((const Reporter *) userdata)->profiles;

        for (size_t i = 0; i < p->n_profiles; i++)
                if (strlen(p->profiles[i]->id) == n && memcmp(p->profiles[i]->id, id, n) == 0)
                        return true;

        return false;
}

static int add_profile(void *userdata, const char *path) {
        const Reporter *reporter = userdata;
        SnmpProfiles *p = reporter->profiles;
        SnmpProfile *profile, **grown;
        int r;

        r = snmp_profile_load(path, reporter->report, reporter->userdata, &profile);
        if (r < 0)
                return r;

        grown = reallocarray(p->profiles, p->n_profiles + 1, sizeof(*grown));
        if (!grown) {
                snmp_profile_unref(profile);
                return -ENOMEM;
        }
        p->profiles = grown;
        grown[p->n_profiles++] = profile;
        return 0;
}

static int compare_profiles(const void *a, const void *b) {
        const SnmpProfile *x = *(SnmpProfile *const *) a, *y = *(SnmpProfile *const *) b;

        if (x->order == y->order)
                return strcmp(x->id, y->id);
        if (x->order < 0 || y->order < 0)
                return x->order < 0 ? 1 : -1;
        return x->order < y->order ? -1 : 1;
}

/* From the directories, or from one whose path it is. */
static int collect(const char *path, ConfReport report, void *userdata, SnmpProfiles *ret) {
        _cleanup_(snmp_profiles_done) SnmpProfiles p = {};
        Reporter reporter = { &p, report, userdata };
        LoaderCollector c = {
                .has = has_profile,
                .add = add_profile,
                .userdata = &reporter,
                .engine = path ? "snmp" : NULL,
                .report = report,
                .report_userdata = userdata,
        };
        int r = path ? loader_collect_path(path, &c) : loader_collect("snmp", &c);

        if (r < 0)
                return r;

        if (p.n_profiles > 0)
                qsort(p.profiles, p.n_profiles, sizeof(*p.profiles), compare_profiles);
        *ret = p;
        p = (SnmpProfiles) {};
        return 0;
}

int snmp_profiles_load(ConfReport report, void *userdata, SnmpProfiles *ret) {
        return collect(NULL, report, userdata, ret);
}

int snmp_profiles_read(const char *path, ConfReport report, void *userdata, SnmpProfiles *ret) {
        return collect(path, report, userdata, ret);
}

void snmp_profiles_done(SnmpProfiles *p) {
        for (size_t i = 0; i < p->n_profiles; i++)
                snmp_profile_unref(p->profiles[i]);
        free(p->profiles);
        *p = (SnmpProfiles) {};
}

bool snmp_profile_has_mib(const SnmpProfile *p, const char *mib) {
        return strv_find_nocase(p->mibs, mib) >= 0;
}

size_t snmp_profile_match(const SnmpProfile *p, const SnmpOid *oid) {
        size_t longest = 0;

        for (size_t i = 0; i < p->n_sysobjectids; i++)
                if (p->sysobjectids[i].n > longest && snmp_oid_has_prefix(oid, &p->sysobjectids[i]))
                        longest = p->sysobjectids[i].n;
        return longest;
}

static bool patterns_are_same(const SnmpPattern *a, const SnmpPattern *b) {
        for (size_t i = 0; i < a->n_parts && i < b->n_parts; i++)
                if (!snmp_oid_equal(&a->parts[i].ids, &b->parts[i].ids) ||
                    a->parts[i].table != b->parts[i].table)
                        return false;
        return a->n_parts == b->n_parts;
}

static bool lists_are_same(char *const *a, char *const *b) {
        return strv_length(a) == strv_length(b) && (strv_length(a) == 0 || strv_equal(a, b));
}

/* Whether all that passes b passes a. */
static bool is_no_stricter(const SnmpExpression *a, const SnmpExpression *b) {
        const ValueTest *x = &a->test, *y = &b->test;

        if (!a->has_test && !x->invert)
                return value_conversion_is_empty(&a->conversion);
        return b->has_test && x->invert == y->invert && lists_are_same(x->is, y->is) &&
                profile_patterns_equal(&x->match, &y->match) && x->has_range == y->has_range &&
                x->min == y->min && x->max == y->max && a->form == b->form &&
                value_conversion_is_empty(&a->conversion) && value_conversion_is_empty(&b->conversion);
}

/* Whether each agent that b would take is taken by a. */
static bool takes_all(const SnmpProfile *a, const SnmpProfile *b) {
        for (size_t i = 0; i < a->n_rows[SNMP_ROW_NEED]; i++) {
                const SnmpExpression *need = &a->rows[SNMP_ROW_NEED][i].expression;
                bool found = false;

                for (size_t k = 0; k < b->n_rows[SNMP_ROW_NEED] && !found; k++) {
                        const SnmpExpression *other = &b->rows[SNMP_ROW_NEED][k].expression;

                        found = need->selector.source == other->selector.source &&
                                streq_ptr(need->selector.name, other->selector.name) &&
                                patterns_are_same(&need->selector.object, &other->selector.object) &&
                                is_no_stricter(need, other);
                }
                if (!found)
                        return false;
        }
        return true;
}

/* Whether one of the identifiers of b, or all agents where it is tried in turn, is never left to it by a,
 * which comes before it. */
static void compare(const SnmpProfile *a, const SnmpProfile *b, ConfReport report, void *userdata) {
        ConfLine place = { .file = b->file };

        if (a->order >= 0 && a->order == b->order)
                conf_line_report(&place, report, userdata, LOG_ERR, "The order %d is also that of %s",
                                b->order,
                                a->file);
        if (!takes_all(a, b))
                return;

        for (size_t i = 0; i < b->n_sysobjectids; i++)
                for (size_t k = 0; k < a->n_sysobjectids; k++) {
                        _cleanup_free_ char *text = NULL;

                        if (!snmp_oid_equal(&b->sysobjectids[i], &a->sysobjectids[k]))
                                continue;
                        text = snmp_oid_text(&b->sysobjectids[i]);
                        conf_line_report(&place, report, userdata, LOG_ERR,
                                        "Agents of %s never come to this: %s has its turn before and needs "
                                        "no "
                                        "more", strempty(text), a->file);
                }
        if (a->order >= 0 && b->order >= 0 && b->n_sysobjectids == 0)
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "No agent ever comes to this: %s has its turn before and needs no more",
                                a->file);
}

void snmp_profiles_check(const SnmpProfiles *p, ConfReport report, void *userdata) {
        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < i; k++)
                        compare(p->profiles[k], p->profiles[i], report, userdata);
}
