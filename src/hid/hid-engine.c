/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "hid-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* What was read when the device was opened is as good as the first poll right behind it. */
#define START_COUNTS_USEC (2 * USEC_PER_SEC)

void engine_log(const HidEngine *e, int level, int error, const char *fmt, ...) {
        char text[512];
        va_list ap;

        if (!e->options.log)
                return;
        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        e->options.log(e->options.userdata, level, error, text);
}

const char *engine_option(const HidEngine *e, const char *name) {
        return e->options.option ? e->options.option(e->options.userdata, name) : NULL;
}

HidEngine *hid_engine_free(HidEngine *e) {
        if (!e)
                return NULL;

        engine_free_bindings(e);
        engine_free_reports(e);
        hid_descriptor_free(e->descriptor);
        hid_link_free(e->link);
        hid_profile_unref(e->profile);
        for (size_t i = 0; i < ELEMENTSOF(e->strings); i++)
                free(e->strings[i]);
        free(e);
        return NULL;
}

static bool hint_holds(const HidEngine *e, const ProfileLinkHint *h) {
        return h->given && engine_when(e, h->when, false);
}

/* What the profile knows about how the device has to be spoken to. */
static void follow_hints(HidEngine *e) {
        if (hint_holds(e, &e->profile->poll_only))
                e->options.poll_only = true;
        if (hint_holds(e, &e->profile->interrupt_only))
                e->options.interrupt_only = true;
        if (hint_holds(e, &e->profile->max_report))
                e->options.max_report = true;
}

int hid_engine_new(HidLink *link, HidProfile *profile, const HidEngineOptions *options, HidEngine **ret) {
        _cleanup_(hid_engine_freep) HidEngine *e = new0(HidEngine, 1);
        int r;

        if (!e)
                return -ENOMEM;

        /* Until all is well the link is the caller's. */
        e->options = *options;
        e->profile = hid_profile_ref(profile);
        r = hid_descriptor_parse(link->descriptor, link->descriptor_size, &e->descriptor);
        if (r < 0)
                return r;

        e->link = link;
        r = engine_bind(e);
        if (r < 0) {
                e->link = NULL;
                return r;
        }
        follow_hints(e);
        if (e->options.interrupt_only && hid_engine_fd(e) < 0) {
                engine_log(e, LOG_WARNING, 0,
                                "there is no interrupt pipe to listen to, so the device is polled");
                e->options.interrupt_only = false;
        }

        *ret = TAKE_PTR(e);
        return 0;
}

int hid_engine_fd(const HidEngine *e) {
        return e->options.poll_only ? -1 : hid_link_fd(e->link);
}

/* What the section of the device sets is written once, before it is shown. */
static int write_options(HidEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++) {
                Slot *s = &e->slots[i];
                const ProfileRow *row = s->chosen >= 0 ? s->bindings[s->chosen].row : NULL;
                const char *value = row && row->option && !row->held ? engine_option(e, row->option) : NULL;
                int r;

                if (isempty(value) || streq_ptr(value, s->value))
                        continue;

                r = engine_write_slot(e, s, value);
                if (r == -ENODEV || r == -EINTR)
                        return r;
                if (r < 0)
                        engine_log(e, LOG_WARNING, r, "cannot set %s to %s", s->name, value);
        }

        return engine_read_back(e);
}

int hid_engine_start(HidEngine *e, Update *u) {
        int r;

        e->polls = 1;
        r = engine_settle(e);
        if (r < 0)
                return r;

        r = engine_settle_mains(e);
        if (r < 0)
                return r;

        e->learned = false;
        engine_plan(e);
        if (e->options.explore) {
                r = engine_read_plan(e, true);
                if (r < 0)
                        return r;
        }
        r = write_options(e);
        if (r < 0)
                return r;

        e->started = true;
        e->written = false;
        e->full_usec = now_usec(CLOCK_BOOTTIME);
        return engine_publish(e, u);
}

/* Counts how long the device has been silent; one that hangs may still answer with what it knew last. */
static int drain_for_poll(HidEngine *e) {
        int n;

        if (e->options.poll_only)
                return 0;

        n = engine_drain(e);
        if (n < 0)
                return n;

        for (size_t id = 0; e->reports[HID_INPUT] && id < 256; id++)
                if (e->reports[HID_INPUT][id] && e->reports[HID_INPUT][id]->arrived == e->polls + 1)
                        n++;
        e->silent_polls = n > 0 ? 0 : e->silent_polls + 1;
        if (e->options.pipe_events_tolerance >= 0 &&
            e->silent_polls > (unsigned) e->options.pipe_events_tolerance) {
                engine_log(e, LOG_WARNING, 0,
                                "nothing was sent by the device in %u polls; it is opened anew",
                                e->silent_polls);
                return -EIO;
        }
        return 0;
}

static void mark_pushed(const HidEngine *e, const Binding *b) {
        const HidField *sent = b->twin ?: b->field && b->field->kind == HID_INPUT ? b->field : NULL;
        Report *r = b->field ? engine_report(e, b->field) : NULL;
        const Report *input = sent ? engine_report(e, sent) : NULL;

        if (r && (!input || input->arrived != e->polls))
                r->pushed_only = false;
}

/* Finds the reports that a quick poll need not ask for, as the device has sent what is in them since the
 * last one. */
static void find_pushed(HidEngine *e) {
        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++)
                for (size_t id = 0; e->reports[kind] && id < 256; id++)
                        if (e->reports[kind][id])
                                e->reports[kind][id]->pushed_only = !e->options.poll_only;

        for (size_t i = 0; i < e->n_slots; i++)
                if (e->slots[i].chosen >= 0 &&
                    e->slots[i].bindings[e->slots[i].chosen].row->class == PROFILE_CLASS_QUICK)
                        mark_pushed(e, &e->slots[i].bindings[e->slots[i].chosen]);
        for (size_t i = 0; i < e->n_status; i++)
                mark_pushed(e, &e->status[i].binding);
}

static bool start_counts(const HidEngine *e) {
        return e->polls <= 2 && now_usec(CLOCK_BOOTTIME) < usec_add(e->full_usec, START_COUNTS_USEC);
}

int hid_engine_poll(HidEngine *e, bool full, Update *u) {
        int r;

        r = drain_for_poll(e);
        if (r < 0)
                return r;

        e->polls++;
        e->timeouts = 0;
        e->mute_asked = false;
        if (!start_counts(e)) {
                if (full)
                        e->full_polls++;
                find_pushed(e);
                r = engine_read_plan(e, full);
                if (r < 0)
                        return r;
                if (full)
                        e->written = false;
        }
        return engine_publish(e, u);
}

int hid_engine_event(HidEngine *e, Update *u) {
        int n, r;

        if (e->options.poll_only)
                return 0;

        n = engine_drain(e);
        if (n <= 0)
                return n;

        r = engine_publish(e, u);
        return r < 0 ? r : 1;
}
