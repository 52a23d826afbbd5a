/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "snmp-ask.h"
#include "snmp-engine.h"
#include "string-util.h"
#include "time-util.h"

/* Profiles that are named in words of a failure. */
#define TRIED_MAX 8U
/* From an agent that sends nothing but garbage, one object after the other would take minutes. */
#define GARBAGE_USEC (2 * USEC_PER_SEC)

static const uint32_t sys_object_id[] = {1, 3, 6, 1, 2, 1, 1, 2, 0};
static const uint32_t sys_descr[] = {1, 3, 6, 1, 2, 1, 1, 1, 0};

typedef struct Candidate {
        SnmpProfile *profile;
        size_t match; /* of its sysobjectid, how many numbers */
        size_t order;
} Candidate;

struct SnmpDetection {
        SnmpAsker asker;
        sd_event_source *timer;
        SnmpDetected detected;
        void *userdata;
        const SnmpProfiles *profiles;
        char *mib; /* NULL for all */
        SnmpIdentity identity;
        SnmpItemSet items;
        Candidate *candidates;
        size_t n_candidates, next; /* the first that is not settled */
        size_t asked;              /* what those before it need was asked for */
        bool is_identified;
        bool is_doubtful;    /* something did not come, which says nothing about whether it is there */
        bool is_again;       /* it is looked at for the second time */
        unsigned answers;    /* there were when it was looked last */
        uint64_t heard_usec; /* that was */
};

SnmpDetection *snmp_detection_free(SnmpDetection *d) {
        if (!d)
                return NULL;

        if (d->detected)
                snmp_link_cancel(d->asker.link);
        sd_event_source_disable_unref(d->timer);
        snmp_items_done(&d->items);
        snmp_identity_done(&d->identity);
        snmp_asker_done(&d->asker);
        free(d->candidates);
        free(d->mib);
        free(d);
        return NULL;
}

/*** What it says about itself ***/

static const SnmpItem *find(const SnmpDetection *d, const uint32_t *ids, size_t n) {
        const SnmpOid oid = {.ids = (uint32_t *) ids, .n = n};

        return snmp_items_find(&d->items, &oid);
}

static int want_identity(SnmpWants *w) {
        const SnmpOid id = {.ids = (uint32_t *) sys_object_id, .n = ELEMENTSOF(sys_object_id)};
        const SnmpOid descr = {.ids = (uint32_t *) sys_descr, .n = ELEMENTSOF(sys_descr)};
        int r = snmp_wants_add(w, &id, true, SNMP_ASK_QUICK, false);

        return r < 0 ? r : snmp_wants_add(w, &descr, true, SNMP_ASK_QUICK, false);
}

static int identify(SnmpDetection *d) {
        const SnmpItem *id = find(d, sys_object_id, ELEMENTSOF(sys_object_id));
        const SnmpItem *descr = find(d, sys_descr, ELEMENTSOF(sys_descr));
        int r = 0;

        if (id && id->datum.type == SNMP_TYPE_OID && id->datum.n > 0) {
                const SnmpOid oid = {.ids = id->datum.ids, .n = id->datum.n};

                r = snmp_oid_copy(&oid, &d->identity.object_id);
        }
        if (r >= 0 && descr)
                r = snmp_datum_text(&descr->datum, SNMP_FORM_TEXT, &d->identity.description);
        return r < 0 ? r : 0;
}

/*** Who is tried ***/

static int compare_candidates(const void *a, const void *b) {
        const Candidate *x = a, *y = b;

        if (x->match != y->match)
                return x->match > y->match ? -1 : 1;
        return x->order < y->order ? -1 : 1;
}

static int choose_candidates(SnmpDetection *d) {
        d->candidates = new0(Candidate, d->profiles->n_profiles);
        if (!d->candidates)
                return -ENOMEM;
        for (size_t i = 0; i < d->profiles->n_profiles; i++) {
                SnmpProfile *p = d->profiles->profiles[i];
                const Candidate c = {
                        .profile = p,
                        .match = d->identity.object_id.n > 0 ? snmp_profile_match(p, &d->identity.object_id)
                                                             : 0,
                        .order = i,
                };

                if (d->mib ? snmp_profile_has_mib(p, d->mib) : c.match > 0 || p->order >= 0)
                        d->candidates[d->n_candidates++] = c;
        }
        if (d->n_candidates > 0)
                qsort(d->candidates, d->n_candidates, sizeof(Candidate), compare_candidates);
        return 0;
}

/*** What they need ***/

static const SnmpOid *need_oid(const SnmpRow *row) {
        const SnmpPattern *p = &row->expression.selector.object;

        return row->expression.selector.source == SNMP_SOURCE_OBJECT && p->n_parts > 0 &&
                               p->parts[0].ids.n >= 2
                       ? &p->parts[0].ids
                       : NULL;
}

/* Of those that the agent is said to be all at once; then of so many others as make a request. */
static size_t slice_end(const SnmpDetection *d) {
        size_t end = d->asked, n = 0;
        bool matches = end < d->n_candidates && d->candidates[end].match > 0;

        while (end < d->n_candidates && n < d->asker.batch && matches == (d->candidates[end].match > 0))
                n += d->candidates[end++].profile->n_rows[SNMP_ROW_NEED];
        return end;
}

static int want_needs(SnmpDetection *d) {
        size_t end = slice_end(d);
        SnmpItemSet items = {};
        SnmpWants w = {};
        int r = want_identity(&w);

        for (size_t i = d->next; i < end; i++) {
                const SnmpProfile *p = d->candidates[i].profile;

                for (size_t k = 0; k < p->n_rows[SNMP_ROW_NEED] && r >= 0; k++) {
                        const SnmpOid *oid = need_oid(&p->rows[SNMP_ROW_NEED][k]);

                        if (oid)
                                r = snmp_wants_add(&w, oid, true, SNMP_ASK_QUICK, false);
                }
        }
        if (r >= 0)
                r = snmp_items_make(&w, &items);
        snmp_wants_done(&w);
        if (r < 0)
                return r;
        snmp_items_inherit(&items, &d->items);
        snmp_items_done(&d->items);
        d->items = items;
        for (size_t i = 0; i < items.n_items; i++)
                d->items.items[i].due = !items.items[i].known;
        d->asked = end;
        return 0;
}

/* 1: it has it, 0: it has not, -ENOMEM. */
static int need_holds(const SnmpDetection *d, const SnmpRow *row) {
        const SnmpExpression *x = &row->expression;
        const SnmpOid *oid = need_oid(row);
        const SnmpItem *item = oid ? snmp_items_find(&d->items, oid) : NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        if (!item || !snmp_item_is_there(item))
                return 0;
        if (!x->has_test)
                return 1;
        r = snmp_datum_text(&item->datum, x->form, &text);
        if (r > 0)
                r = value_convert(&x->conversion, x->conversion.scale.value, x->conversion.offset.value,
                        &text);
        if (r <= 0)
                return r;
        return value_test_applies(&x->test, text) && value_test_holds(&x->test, text);
}

static int has_needs(const SnmpDetection *d, const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_rows[SNMP_ROW_NEED]; i++) {
                int r = need_holds(d, &p->rows[SNMP_ROW_NEED][i]);

                if (r <= 0)
                        return r;
        }
        return 1;
}

/*** In words ***/

static void write_tried(FILE *f, const SnmpDetection *d) {
        if (d->n_candidates == 0) {
                fputs("no profile is for such a device", f);
                return;
        }
        fprintf(f, "tried %zu profile%s (", d->n_candidates, d->n_candidates > 1 ? "s" : "");
        for (size_t i = 0; i < MIN(d->n_candidates, TRIED_MAX); i++)
                fprintf(f, "%s%s", i > 0 ? ", " : "", d->candidates[i].profile->id);
        fprintf(f, "%s), but it has not what %s", d->n_candidates > TRIED_MAX ? ", ..." : "",
                d->n_candidates > 1 ? "they need" : "it needs");
}

/* A description may have lines, or anything. */
static void write_description(FILE *f, const char *s) {
        size_t n = 0;

        for (; *s && n < 100; s++, n++)
                fputc(*s >= ' ' && *s <= '~' ? *s : ' ', f);
        if (*s)
                fputs("...", f);
}

/* An agent that answers, but lets nothing be read, is none of a kind. */
static bool may_read_nothing(const SnmpDetection *d) {
        for (size_t i = 0; i < d->items.n_items; i++)
                if (snmp_item_is_there(&d->items.items[i]))
                        return false;
        return d->n_candidates > 0 && isempty(d->identity.description) && d->identity.object_id.n == 0;
}

static char *describe_refusal(const SnmpDetection *d) {
        char buffer[16];

        if (d->asker.status == SNMP_STATUS_OK || d->asker.status == SNMP_STATUS_NO_SUCH_NAME)
                return strdup("it answers, but has nothing of what it is asked for, not even sysObjectID, "
                              "which every agent has: whom it takes us for may read nothing");
        return strprintf("it answers, but lets nothing be read, not even sysObjectID: %s",
                snmp_status_text(d->asker.status, buffer));
}

static char *describe_failure(const SnmpDetection *d) {
        _cleanup_free_ char *id = d->identity.object_id.n > 0 ? snmp_oid_text(&d->identity.object_id) : NULL;
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        fprintf(f, "the agent is none that is known%s%s: sysObjectID is %s, sysDescr is \"",
                d->mib ? " as " : "", strempty(d->mib), id ?: "missing");
        write_description(f, strempty(d->identity.description));
        fputs("\"; ", f);
        write_tried(f, d);
        if (d->asker.lost_error == -EBADMSG)
                fputs("; some of its answers are no messages of SNMP", f);
        fprintf(f,
                "; %s; busbarctl profile import drafts one from a walk",
                d->mib ? "without mibs= all profiles are tried" :
                         "if you know which profile fits, say so with mibs=");
        if (fclose(f) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

/*** The way ***/

static void finish(SnmpDetection *d, int r, SnmpProfile *profile, const char *why) {
        SnmpDetected detected = d->detected;

        d->detected = NULL;
        detected(r, profile ? snmp_profile_ref(profile) : NULL, &d->identity, why, d->userdata);
}

static void fail(SnmpDetection *d, int r) {
        _cleanup_free_ char *text = NULL;
        const char *why;

        if (r == -EPROTO && d->is_identified && d->next >= d->n_candidates) {
                text = may_read_nothing(d) ? describe_refusal(d) : describe_failure(d);
                r = may_read_nothing(d) ? -EACCES : r;
                why = text;
        } else {
                why = snmp_link_why(d->asker.link);
                if (!why && r == -ETIMEDOUT)
                        why = "the agent does not answer: is the address right, does it speak SNMP of this "
                              "version, "
                              "and is the community or user that of the agent?";
                if (why)
                        text = strdup(why);
                why = text;
        }
        finish(d, r, NULL, why ?: strerror(-r));
}

static void note_doubt(SnmpDetection *d) {
        for (size_t i = 0; i < d->items.n_items; i++)
                d->is_doubtful |= !d->items.items[i].known && !snmp_item_is_there(&d->items.items[i]);
}

static int begin(SnmpDetection *d) {
        SnmpWants w = {};
        int r = want_identity(&w);

        snmp_items_done(&d->items);
        if (r >= 0)
                r = snmp_items_make(&w, &d->items);
        snmp_wants_done(&w);
        for (size_t i = 0; i < d->items.n_items; i++)
                d->items.items[i].due = true;
        snmp_asker_begin(&d->asker);
        return r;
}

/* An agent that has only just come to itself would be taken for something plainer than it is, for good. */
static int look_again(SnmpDetection *d) {
        d->is_again = true;
        d->is_identified = false;
        snmp_identity_done(&d->identity);
        free(d->candidates);
        d->candidates = NULL;
        d->n_candidates = d->next = d->asked = 0;
        return begin(d);
}

/* 1: wait; 0: there is more to do; -EALREADY: it is over. */
static int settle_candidates(SnmpDetection *d) {
        note_doubt(d);
        while (d->next < d->asked) {
                SnmpProfile *p = d->candidates[d->next].profile;
                int r = has_needs(d, p);

                if (r > 0 && d->is_doubtful && !d->is_again)
                        return look_again(d);
                if (r > 0) {
                        finish(d, 0, p, NULL);
                        return -EALREADY;
                }
                if (r < 0)
                        return r;
                d->next++;
        }
        return d->next >= d->n_candidates ? -EPROTO : want_needs(d);
}

static bool is_garbage(SnmpDetection *d) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        if (d->answers != d->asker.answers || d->heard_usec == 0) {
                d->answers = d->asker.answers;
                d->heard_usec = now;
        }
        return d->asker.lost_error == -EBADMSG && now > usec_add(d->heard_usec, GARBAGE_USEC);
}

static int step(SnmpDetection *d) {
        int r = is_garbage(d) ? -EBADMSG : snmp_asker_next(&d->asker, &d->items);

        if (r != 0)
                return r;
        if (d->is_identified)
                return settle_candidates(d);
        d->is_identified = true;
        r = identify(d);
        return r < 0 ? r : choose_candidates(d);
}

static void resume(void *userdata) {
        SnmpDetection *d = userdata;
        int r = 0;

        while (r == 0)
                r = step(d);
        if (r < 0 && r != -EALREADY)
                fail(d, r);
}

static int on_timer(sd_event_source *s, uint64_t usec _unused_, void *userdata) {
        (void) sd_event_source_set_enabled(s, SD_EVENT_OFF);
        resume(userdata);
        return 0;
}

static bool is_for_all(const char *mib) {
        return isempty(mib) || strcaseeq(mib, "auto");
}

static bool is_known(const SnmpProfiles *profiles, const char *mib) {
        for (size_t i = 0; i < profiles->n_profiles; i++)
                if (snmp_profile_has_mib(profiles->profiles[i], mib))
                        return true;
        return false;
}

int snmp_detect(SnmpLink *link,
        sd_event *event,
        const SnmpProfiles *profiles,
        const char *mib,
        SnmpDetected detected,
        void *userdata,
        SnmpDetection **ret) {
        _cleanup_(snmp_detection_freep) SnmpDetection *d = NULL;
        int r;

        if (!is_for_all(mib) && !is_known(profiles, mib))
                return -EINVAL;
        d = new0(SnmpDetection, 1);
        if (!d)
                return -ENOMEM;
        d->profiles = profiles;
        d->userdata = userdata;
        d->mib = is_for_all(mib) ? NULL : strdup(mib);
        if (!is_for_all(mib) && !d->mib)
                return -ENOMEM;
        r = snmp_asker_init(&d->asker, link, resume, d);
        if (r >= 0)
                r = begin(d);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &d->timer, CLOCK_MONOTONIC, 0, 1, on_timer, d);
        if (r < 0)
                return r;
        d->detected = detected;
        *ret = TAKE_PTR(d);
        return 0;
}
