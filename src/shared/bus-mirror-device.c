/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device.h"
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "device-name.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

static size_t mirror_device_list_search(const MirrorDeviceList *l, const char *name, bool *ret_found) {
        size_t low = 0, high = l->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = strcasecmp(l->items[middle]->name, name);

                if (c == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }

        *ret_found = false;
        return low;
}

MirrorDevice *mirror_device_list_find(const MirrorDeviceList *l, const char *name) {
        bool found;
        size_t i = mirror_device_list_search(l, name, &found);

        return found ? l->items[i] : NULL;
}

static int mirror_device_list_insert(MirrorDeviceList *l, MirrorDevice *d) {
        bool found;
        size_t i;

        if (!GREEDY_REALLOC(l->items, l->n_allocated, l->n + 1))
                return -ENOMEM;

        i = mirror_device_list_search(l, d->name, &found);
        memmove(l->items + i + 1, l->items + i, (l->n - i) * sizeof(MirrorDevice *));
        l->items[i] = d;
        l->n++;
        return 0;
}

static void mirror_device_list_remove(MirrorDeviceList *l, MirrorDevice *d) {
        bool found;
        size_t i = mirror_device_list_search(l, d->name, &found);

        if (!found || l->items[i] != d)
                return;

        memmove(l->items + i, l->items + i + 1, (l->n - i - 1) * sizeof(MirrorDevice *));
        l->n--;
}

MirrorDevice *mirror_find_any(Mirror *m, const char *name) {
        return mirror_device_list_find(&m->visible, name) ?: mirror_device_list_find(&m->hidden, name);
}

MirrorDevice *mirror_device_free(MirrorDevice *d) {
        if (!d)
                return NULL;

        if (d->name) {
                mirror_device_list_remove(&d->mirror->visible, d);
                mirror_device_list_remove(&d->mirror->hidden, d);
        }

        model_free(d->model);
        update_free(d->batch);
        strv_free(d->alarms);
        strv_free(d->nodes);
        free(d->name);
        free(d->path);
        free(d->driver_name);
        free(d->description);
        free(d->transport);
        free(d);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(MirrorDevice *, mirror_device_free);

void mirror_device_remove(MirrorDevice *d) {
        Mirror *m = d->mirror;

        mirror_calls_drop(m, NULL, d);

        mirror_device_list_remove(d->visible ? &m->visible : &m->hidden, d);
        if (d->visible)
                m->ops->device_removed(m->userdata, d);
        mirror_calls_drop(m, NULL, d); /* what the consumer has written just now */

        for (size_t i = 0; i < m->n_drivers; i++)
                if (m->drivers[i] != d->driver)
                        mirror_driver_unshadow(m->drivers[i], d->name);

        mirror_device_free(d);
        mirror_check_synced(m);
}

void mirror_device_apply(MirrorDevice *d, const Update *u) {
        _cleanup_(change_freep) Change *change = NULL;
        Mirror *m = d->mirror;
        int r;

        r = model_apply(d->model, u, &change);
        if (r < 0) {
                mirror_device_read(d);
                return;
        }

        model_set_revision(d->model, d->revision);
        model_set_on_battery_since_usec(d->model, d->since_usec);
        if (d->visible && !change_is_empty(change))
                m->ops->device_changed(m->userdata, d, change);
}

void mirror_device_show(MirrorDevice *d) {
        Mirror *m = d->mirror;

        if (!d->visible) {
                if (!GREEDY_REALLOC(m->visible.items, m->visible.n_allocated, m->visible.n + 1)) {
                        mirror_driver_retry(d->driver);
                        return;
                }
                mirror_device_list_remove(&m->hidden, d);
                (void) mirror_device_list_insert(&m->visible, d);
                d->visible = true;
        }

        m->ops->device_changed(m->userdata, d, NULL);
}

static int take_strv(char ***field, char *const *given) {
        char **copy;
        int r;

        r = strv_copy(given, &copy);
        if (r < 0)
                return r;
        strv_free(*field);
        *field = copy;
        return 0;
}

/* Copies what is given; *ret_constant tells of a change that no Change has a word for. */
static int device_copy_facts(MirrorDevice *d, const DeviceFacts *f, bool *ret_constant) {
        bool constant = false;
        int r;

        const struct {
                const char *given;
                char **field;
        } texts[] = {
                { f->driver, &d->driver_name },
                { f->description, &d->description },
                { f->transport, &d->transport },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                if (!texts[i].given || streq_ptr(*texts[i].field, texts[i].given))
                        continue;
                r = free_and_strdup(texts[i].field, texts[i].given);
                if (r < 0)
                        return r;
                constant = true;
        }
        if (f->nodes_given && !strv_equal(d->nodes, f->nodes)) {
                r = take_strv(&d->nodes, f->nodes);
                if (r < 0)
                        return r;
                constant = true;
        }
        if (f->alarms_given) {
                r = take_strv(&d->alarms, f->alarms);
                if (r < 0)
                        return r;
        }
        if (f->freshness != _FRESHNESS_INVALID)
                d->freshness = f->freshness;
        if (f->since_usec != USEC_INFINITY)
                d->since_usec = f->since_usec;

        *ret_constant = constant;
        return 0;
}

int mirror_device_take_facts(MirrorDevice *d, const DeviceFacts *f) {
        _cleanup_(update_freep) Update *u = NULL;
        bool constant;
        int r;

        r = device_copy_facts(d, f, &constant);
        if (r < 0)
                return r;

        /* Else the snapshot being read takes them from here, in the end. */
        if (d->stage == STAGE_STEADY) {
                u = update_new();
                if (!u)
                        return -ENOMEM;
                (void) update_freshness(u, d->freshness);
                (void) update_alarm(u, "");
                STRV_FOREACH(text, d->alarms)
                        (void) update_alarm(u, *text);
                mirror_device_apply(d, u);
        }

        if (constant && d->visible)
                d->mirror->ops->device_changed(d->mirror->userdata, d, NULL);
        return 0;
}

static int device_new(MirrorDriver *p, const char *path, const DeviceFacts *f, MirrorDevice **ret) {
        _cleanup_(mirror_device_freep) MirrorDevice *d = new0(MirrorDevice, 1);
        bool constant;
        int r;

        if (!d)
                return -ENOMEM;

        d->mirror = p->mirror;
        d->driver = p;
        d->name = strdup(f->name);
        d->path = strdup(path);
        d->driver_name = strdup("");
        d->description = strdup("");
        d->transport = strdup("");
        d->model = model_new();
        if (!d->name || !d->path || !d->driver_name || !d->description || !d->transport || !d->model)
                return -ENOMEM;
        r = device_copy_facts(d, f, &constant);
        if (r < 0)
                return r;
        r = mirror_device_list_insert(&p->mirror->hidden, d);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

/* Whether the object is where a device of its name belongs: the path is what signals are known by. */
static bool facts_fit(const DeviceFacts *f, const char *path) {
        _cleanup_free_ char *expected = NULL;

        if (!f->name || !bus_device_name_is_valid(f->name))
                return false;

        expected = bus_device_path(f->name);
        return streq_ptr(expected, path);
}

static int driver_shadow(MirrorDriver *p, const MirrorDevice *d) {
        if (strv_find_nocase(p->shadowed, d->name) >= 0)
                return 0;

        log_full(LOG_WARNING, 0, &(LogContext) { .device = d->name, .driver = d->driver_name },
                        "Offered by %s and by %s, keeping to the first.", d->driver->names[0], p->names[0]);
        return strv_extend(&p->shadowed, d->name);
}

int mirror_device_offer(MirrorDriver *p, const char *path, const DeviceFacts *f, bool anew) {
        MirrorDevice *d;
        int r;

        if (!facts_fit(f, path)) {
                mirror_driver_complain(p, -EBADMSG, "a device");
                return 0;
        }

        d = mirror_find_any(p->mirror, f->name);
        if (d && d->driver && (d->driver != p || !streq(d->name, f->name)))
                return driver_shadow(p, d);
        if (d && !streq(d->name, f->name)) {
                mirror_device_remove(d);
                d = NULL;
        }

        if (!d) {
                r = device_new(p, path, f, &d);
                if (r < 0)
                        return r;
                anew = true;
        } else {
                /* One of an earlier bus is back. */
                if (!d->driver) {
                        d->driver = p;
                        anew = true;
                }
                r = mirror_device_take_facts(d, f);
                if (r < 0)
                        return r;
        }

        d->seen = true;
        if (anew || d->stage == STAGE_FAILED)
                mirror_device_read(d);
        return 0;
}
