/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-detect.h"

#include <time.h>

#include "line-trial.h"
#include "string-util.h"
#include "time-util.h"

/* Different questions without an answer after which a device that has answered before is taken to be off. */
#define SILENCES_MAX 2U

/* How often the profile that a device had is tried until it is believed to have another one, and how long
 * the line is left alone before. */
#define KNOWN_TRIES 3U
#define QUIET_USEC (200 * USEC_PER_MSEC)

/* How often all profiles are tried again. */
#define PASSES_MAX 2U

typedef struct Detection {
        const LineDetection *t;
        LineTrial *trial;
        LineProfile *found;
        char *why; /* the profile that came closest says that it is not its device; or NULL */
        LineProfile *known; /* it has not answered yet in this detection, but did before; or NULL */
} Detection;

static char *protocol_names(const LineProfiles *profiles) {
        _cleanup_strv_free_ char **names = NULL;

        for (size_t i = 0; i < profiles->n_profiles; i++)
                for (char **name = profiles->profiles[i]->protocols; name && *name; name++)
                        if (strv_extend(&names, *name) < 0)
                                return NULL;
        return strv_join(names, ", ");
}

char *line_detect_no_protocol(const LineProfiles *profiles, const char *protocol) {
        _cleanup_free_ char *names = protocol_names(profiles);

        return strprintf("there is no protocol %s; these there are: %s", protocol, strempty(names));
}

static const char *protocol_name(const LineProfile *p) {
        return p->protocols && p->protocols[0] ? p->protocols[0] : p->id;
}

static void tell(const Detection *d, const LineProfile *p, int r) {
        _cleanup_free_ char *text = NULL;

        text = strjoin("Protocol ", protocol_name(p), ": ",
                r == 0            ? "that is it."
                : r == -ENODEV    ? "it is not what the device speaks."
                : r == -ETIMEDOUT ? "no answer."
                                  : "could not be tried:");
        if (text)
                d->t->log(d->t->options->userdata, LOG_DEBUG,
                        r == 0 || r == -ENODEV || r == -ETIMEDOUT ? 0 : r, text);
}

/* Asks the device what the profile needs to know. */
static int try_profile(Detection *d, LineProfile *p) {
        LineEngineOptions options = *d->t->options;
        int r = 0;

        if (d->t->setup->prepare)
                r = d->t->setup->prepare(d->t->setup->userdata, p);
        if (r < 0)
                return r;

        line_trial_next(d->trial, p);
        options.is_demanded = d->t->setup->protocol;
        options.ret_why = &d->why;
        r = line_engine_probe(line_trial_link(d->trial), p, &options);
        tell(d, p, r);
        if (r == 0)
                d->found = p;
        return r;
}

/* Whether it is of no use to go on with other profiles. */
static bool is_final(int r) {
        return r == 0 || r == -ENOMEM || r == -EINTR ||
               (r < 0 && r != -ENODEV && r != -ETIMEDOUT && r != -EBADMSG && r != -EPIPE && r != -EIO);
}

static bool is_fatal(int r) {
        return r != 0 && is_final(r);
}

static bool usb_fits(const ProfileUsb *u, const HidIdentity *i) {
        return (u->vendor_id < 0 || u->vendor_id == i->vendor_id) &&
               (u->product_id < 0 || u->product_id == i->product_id);
}

/* Whether a profile takes part in the automatic detection, on such a link. */
static bool takes_part(const LineProfile *p, const LineLink *l) {
        bool fits = p->n_probe_usb == 0;

        if (p->order < 0)
                return false;
        for (size_t i = 0; l->is_usb && !fits && i < p->n_probe_usb; i++)
                fits = usb_fits(p->probe_usb + i, &l->identity);
        return fits && (strv_length(p->probe_links) == 0 || strv_contains(p->probe_links, l->ops->name));
}

/* Whether a device that is known is rather off: that is found out again soon, and need not take long now. */
static bool is_dead(const Detection *d) {
        return d->t->known && !d->t->thorough && !line_trial_is_heard(d->trial) &&
               line_trial_silences(d->trial) >= SILENCES_MAX;
}

static int try_all(Detection *d) {
        const LineProfiles *profiles = d->t->profiles;
        bool unheard = false;
        int r = -ENODEV;

        for (size_t i = 0; i < profiles->n_profiles; i++) {
                LineProfile *p = profiles->profiles[i];

                if (!takes_part(p, line_trial_link(d->trial)))
                        continue;
                if (d->t->options->is_cancelled && d->t->options->is_cancelled(d->t->options->userdata))
                        return -EINTR;
                r = try_profile(d, p);
                if (line_trial_take_hasty(d->trial) && !is_fatal(r))
                        return -EAGAIN;
                if (!is_final(r) && d->known && line_trial_is_heard(d->trial))
                        r = try_profile(d, TAKE_PTR(d->known));
                if (is_final(r))
                        return r;
                if (is_dead(d))
                        return -ETIMEDOUT;
                unheard = unheard || r == -ETIMEDOUT;
        }
        /* A device that answered late has not been asked some things as often as a bad line may need. */
        return unheard && line_trial_is_heard(d->trial) ? -EAGAIN : r;
}

static LineProfile *find_id(const LineProfiles *profiles, const char *id) {
        for (size_t i = 0; id && i < profiles->n_profiles; i++)
                if (streq(profiles->profiles[i]->id, id))
                        return profiles->profiles[i];
        return NULL;
}

const char *line_detect_stronger(
        const LineProfiles *profiles, const LineProfile *found, const char *a, const char *b) {
        const LineProfile *x = find_id(profiles, a), *y = find_id(profiles, b);

        if (x && x->order >= 0 && x->order < found->order)
                return a;
        return y && y->order >= 0 && y->order < found->order ? b : NULL;
}

static int be_quiet(const Detection *d) {
        const LineEngineOptions *o = d->t->options;
        const struct timespec pause = { .tv_nsec = QUIET_USEC * NSEC_PER_USEC };

        if (o->pause) {
                o->pause(o->userdata, QUIET_USEC);
                return 0;
        }
        return nanosleep(&pause, NULL) < 0 ? -errno : 0;
}

/* One that needs less than the one that the device had fits that device as well: noise in a few answers
 * makes one of the other. As try_profile(). */
static int insist_on(Detection *d, LineProfile *known) {
        LineProfile *found = d->found;
        unsigned tries = d->t->hurried ? 1 : KNOWN_TRIES;
        int r = 0;

        if (!found || found == known || found->order < known->order)
                return 0;
        for (unsigned i = 0; i < tries; i++) {
                line_trial_forget(d->trial);
                r = be_quiet(d);
                if (r >= 0)
                        r = try_profile(d, known);
                if (is_final(r))
                        return r;
        }
        return d->t->setup->prepare ? d->t->setup->prepare(d->t->setup->userdata, found) : 0;
}

static LineTrialPace pace_for_all(const Detection *d) {
        if (d->t->hurried)
                return LINE_TRIAL_HURRIED;
        return d->t->brisk && !d->t->known && !line_trial_link(d->trial)->is_usb ? LINE_TRIAL_BRISK
                                                                                 : LINE_TRIAL_PATIENT;
}

/* A device that was silent gets all the time once. Returns r if it stays so. */
static int knock(Detection *d, int r) {
        LineProfile *p = (LineProfile *) line_trial_most_asked(d->trial);
        int knocked;

        if (p && d->t->setup->prepare) {
                knocked = d->t->setup->prepare(d->t->setup->userdata, p);
                if (knocked < 0)
                        return knocked;
        }
        if (p)
                line_trial_next(d->trial, p);
        knocked = line_trial_knock(d->trial);
        (void) line_trial_take_hasty(d->trial);
        return knocked > 0 ? -EAGAIN : is_fatal(knocked) ? knocked : r;
}

static int detect_any(Detection *d) {
        LineProfile *known = find_id(d->t->profiles, d->t->known);
        LineProfile *before = d->t->hurried ? NULL : find_id(d->t->profiles, d->t->before);
        int r;

        if (known && before && takes_part(before, line_trial_link(d->trial))) {
                r = try_profile(d, before);
                if (is_final(r))
                        return r;
        }
        if (known && takes_part(known, line_trial_link(d->trial))) {
                r = try_profile(d, known);
                if (is_final(r))
                        return r;
                if (is_dead(d))
                        return -ETIMEDOUT;
                d->known = r == -ETIMEDOUT ? known : NULL;
        }

        line_trial_set_pace(d->trial, pace_for_all(d));
        r = try_all(d);
        if (r == -EAGAIN && d->t->hurried)
                r = try_all(d);
        if (is_final(r) && r != -EAGAIN)
                return r;

        if (r != -EAGAIN)
                r = knock(d, r);
        if (d->t->hurried && !is_fatal(r)) {
                line_trial_set_pace(d->trial, LINE_TRIAL_PATIENT);
                r = -EAGAIN;
        }
        for (unsigned i = 0; r == -EAGAIN && i < PASSES_MAX; i++)
                r = try_all(d);
        return r == -EAGAIN ? -ETIMEDOUT : r;
}

static int detect(Detection *d) {
        LineProfile *known = find_id(d->t->profiles, d->t->known);
        int r = detect_any(d);

        return r == 0 && known && takes_part(known, line_trial_link(d->trial)) ? insist_on(d, known) : r;
}

/* What to tell when it is none. Returns the error that it comes to. */
static int explain(const Detection *d, const LineProfile *demanded, int r, char **ret_why) {
        const LineDriverSetup *setup = d->t->setup;
        _cleanup_free_ char *asked = line_trial_text(d->trial);

        if (is_final(r))
                return r;
        if (!line_trial_is_heard(d->trial)) {
                *ret_why = strprintf("it does not answer (asked: %s)", strempty(asked));
                return -ETIMEDOUT;
        }
        if (d->why)
                *ret_why = strprintf("%s (%s)", d->why, strempty(asked));
        else if (demanded)
                *ret_why = strprintf("it does not speak the protocol %s%s (%s)%s", protocol_name(demanded),
                        setup->is_drivers_own ? "" : " that is demanded", strempty(asked),
                        setup->is_drivers_own ? "" : "; without protocol= it is found out");
        else
                *ret_why = strprintf("it answers, but in no protocol that is known (%s); protocol= can name "
                                     "one that takes no part in this, and record= writes down what is said",
                        strempty(asked));
        return r == -EIO ? r : -EPROTO;
}

int line_detect(const LineDetection *t, LineLink **link, LineProfile **ret, char **ret_why) {
        Detection d = { .t = t };
        const char *protocol = t->setup->protocol;
        LineProfile *demanded = protocol ? line_profiles_find(t->profiles, protocol) : NULL;
        int r;

        *ret_why = NULL;
        if (protocol && !demanded) {
                *ret_why = line_detect_no_protocol(t->profiles, protocol);
                return -EINVAL;
        }

        r = line_trial_new(*link, LINE_TRIAL_PATIENT, &d.trial);
        if (r < 0)
                return r;
        r = demanded ? try_profile(&d, demanded) : detect(&d);
        if (r < 0)
                r = explain(&d, demanded, r, ret_why);
        else
                *ret = d.found;

        *link = line_trial_steal(d.trial);
        line_trial_free(d.trial);
        free(d.why);
        return r;
}
