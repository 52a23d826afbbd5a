/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-detect.h"

#include "line-trial.h"
#include "string-util.h"

/* Different questions without an answer after which a device that has answered before is taken to be off. */
#define SILENCES_MAX 2U

typedef struct Detection {
        const LineDetection *t;
        LineTrial *trial;
        LineProfile *found;
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

        line_trial_next(d->trial);
        options.is_demanded = d->t->setup->protocol;
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

static int detect(Detection *d) {
        LineProfile *known = find_id(d->t->profiles, d->t->known);
        int r;

        if (known && takes_part(known, line_trial_link(d->trial))) {
                r = try_profile(d, known);
                if (is_final(r))
                        return r;
                if (is_dead(d))
                        return -ETIMEDOUT;
                d->known = r == -ETIMEDOUT ? known : NULL;
        }

        r = try_all(d);
        return r == -EAGAIN ? try_all(d) : r;
}

/* What to tell when it is none. Returns the error that it comes to. */
static int explain(const Detection *d, const LineProfile *demanded, int r, char **ret_why) {
        _cleanup_free_ char *asked = line_trial_text(d->trial);

        if (is_final(r))
                return r;
        if (!line_trial_is_heard(d->trial)) {
                *ret_why = strprintf("it does not answer (asked: %s)", strempty(asked));
                return -ETIMEDOUT;
        }
        if (demanded)
                *ret_why = strprintf(
                        "it does not speak the protocol %s that is demanded (%s); without protocol= "
                        "it is found out",
                        protocol_name(demanded), strempty(asked));
        else
                *ret_why = strprintf("it answers, but in no protocol that is known (%s); protocol= can name "
                                     "one that takes no part in this, and record= writes down what is said",
                        strempty(asked));
        return r == -EIO ? r : -ENODEV;
}

int line_detect(const LineDetection *t, LineLink **link, LineProfile **ret, char **ret_why) {
        Detection d = { .t = t };
        const char *protocol = t->setup->protocol;
        LineProfile *demanded = protocol ? line_profiles_find(t->profiles, protocol) : NULL;
        int r;

        *ret_why = NULL;
        if (protocol && !demanded) {
                _cleanup_free_ char *names = protocol_names(t->profiles);

                *ret_why =
                        strprintf("there is no protocol %s; these there are: %s", protocol, strempty(names));
                return -EINVAL;
        }

        r = line_trial_new(*link, &d.trial);
        if (r < 0)
                return r;
        r = demanded ? try_profile(&d, demanded) : detect(&d);
        if (r < 0)
                r = explain(&d, demanded, r, ret_why);
        else
                *ret = d.found;

        *link = line_trial_steal(d.trial);
        line_trial_free(d.trial);
        return r;
}
