/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device.h"

#include "string-util.h"

struct DeviceTable {
        Device **devices; /* configured ones in file order, then the others by name */
        Device **by_name;
        size_t n_devices;
        uint64_t epoch, list_epoch; /* of now, and when the list was made */
        Buffer list;
        bool has_news;
        void (*pending)(void *userdata);
        void *userdata;
};

static Device *device_free(Device *d) {
        if (!d)
                return NULL;

        for (size_t i = 0; i < _VIEW_MAX; i++)
                buffer_done(d->lists + i);
        free(d->name);
        free(d->description);
        free(d->bus_description);
        free(d);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Device *, device_free);

static Device *device_new(DeviceTable *t, const char *name) {
        _cleanup_(device_freep) Device *d = new0(Device, 1);

        if (!d)
                return NULL;
        d->table = t;
        d->name = strdup(name);
        if (!d->name)
                return NULL;
        return TAKE_PTR(d);
}

DeviceTable *device_table_new(void) {
        DeviceTable *t = new0(DeviceTable, 1);

        if (t)
                t->epoch = 1;
        return t;
}

DeviceTable *device_table_free(DeviceTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_devices; i++)
                device_free(t->devices[i]);
        free(t->devices);
        free(t->by_name);
        buffer_done(&t->list);
        free(t);
        return NULL;
}

static int compare_names(const void *a, const void *b) {
        return strcasecmp((*(Device *const *) a)->name, (*(Device *const *) b)->name);
}

/* Both arrays grow before anything is done, so that nothing can fail half-way. */
static int grow(DeviceTable *t, size_t n) {
        Device **p = reallocarray(t->devices, n, sizeof(Device *));
        if (!p)
                return -ENOMEM;
        t->devices = p;

        p = reallocarray(t->by_name, n, sizeof(Device *));
        if (!p)
                return -ENOMEM;
        t->by_name = p;
        return 0;
}

static void sort_by_name(DeviceTable *t) {
        if (t->n_devices == 0)
                return;

        memcpy(t->by_name, t->devices, t->n_devices * sizeof(Device *));
        qsort(t->by_name, t->n_devices, sizeof(Device *), compare_names);
}

/* A device that is nowhere keeps its place as long as somebody is logged in to it, or it is under a forced
 * shutdown: a driver that is started anew must cost none of that. Not when the file says that it is no more.
 * To watch takes no account, and therefore holds nothing. */
static bool is_wanted(const Device *d) {
        return d->configured || d->model || (!d->dropped && (d->forced || d->sessions));
}

static void remove_at(DeviceTable *t, size_t i, DeviceGone gone, void *userdata) {
        Device *d = t->devices[i];

        t->epoch++;
        t->n_devices--;
        memmove(t->devices + i, t->devices + i + 1, (t->n_devices - i) * sizeof(Device *));
        sort_by_name(t);
        gone(userdata, d);
        device_free(d);
}

void device_table_prune(DeviceTable *t, DeviceGone gone, void *userdata) {
        for (size_t i = t->n_devices; i > 0; i--)
                if (!is_wanted(t->devices[i - 1]))
                        remove_at(t, i - 1, gone, userdata);
}

/* The devices of a new configuration: those there are already where possible, else fresh ones. */
static int collect(DeviceTable *t, const UpsConf *c, Device **array) {
        for (size_t i = 0; i < c->n_sections; i++) {
                array[i] = device_table_find(t, c->sections[i].name);
                if (array[i])
                        continue;

                array[i] = device_new(t, c->sections[i].name);
                if (!array[i])
                        return -ENOMEM;
        }
        return 0;
}

static int copy_descriptions(const UpsConf *c, char **array) {
        for (size_t i = 0; i < c->n_sections; i++) {
                if (!c->sections[i].description)
                        continue;
                array[i] = strdup(c->sections[i].description);
                if (!array[i])
                        return -ENOMEM;
        }
        return 0;
}

static void discard(const DeviceTable *t, const UpsConf *c, Device **array, char **descriptions) {
        for (size_t i = 0; i < c->n_sections; i++) {
                if (array[i] && !device_table_find(t, array[i]->name))
                        device_free(array[i]);
                free(descriptions[i]);
        }
}

static void adopt(Device *d, const UpsSection *s, char *description) {
        free(d->description);
        d->description = description;
        d->table->epoch++;
        device_invalidate(d);
        if (!streq(d->name, s->name))
                memcpy(d->name, s->name, strlen(s->name)); /* differs in case only */
        d->configured = true;
        d->dropped = false;
}

/* Devices that the configuration does not name (any more) stay behind the others, while they are on the bus
 * or held by somebody. One that it named until now goes as soon as it is not on the bus: its driver may read
 * the file later than we do. */
static void add_unconfigured(DeviceTable *t, Device **old, size_t n_old, DeviceGone gone, void *userdata) {
        size_t n_leaving = 0;

        for (size_t i = 0; i < n_old; i++) {
                Device *d = old[i];

                if (d->configured)
                        continue;
                if (!is_wanted(d)) {
                        old[n_leaving++] = d;
                        continue;
                }
                free(d->description);
                d->description = NULL;
                device_invalidate(d);
                t->devices[t->n_devices++] = d;
        }

        sort_by_name(t);
        for (size_t i = 0; i < n_leaving; i++) {
                gone(userdata, old[i]);
                device_free(old[i]);
        }
}

int device_table_configure(DeviceTable *t, const UpsConf *c, DeviceGone gone, void *userdata) {
        _cleanup_free_ Device **array = new0(Device *, c->n_sections);
        _cleanup_free_ char **descriptions = new0(char *, c->n_sections);
        _cleanup_free_ Device **old = new0(Device *, t->n_devices);
        size_t n_old = t->n_devices;

        if (!array || !descriptions || !old)
                return -ENOMEM;
        if (grow(t, c->n_sections + n_old + 1) < 0 || collect(t, c, array) < 0 ||
            copy_descriptions(c, descriptions) < 0) {
                discard(t, c, array, descriptions);
                return -ENOMEM;
        }

        if (n_old > 0)
                memcpy(old, t->by_name, n_old * sizeof(Device *));
        for (size_t i = 0; i < n_old; i++) {
                old[i]->dropped |= old[i]->configured;
                old[i]->configured = false;
        }

        t->epoch++;
        t->n_devices = 0;
        for (size_t i = 0; i < c->n_sections; i++)
                if (array[i]) {
                        adopt(array[i], c->sections + i, TAKE_PTR(descriptions[i]));
                        t->devices[t->n_devices++] = array[i];
                } else
                        free(descriptions[i]);
        add_unconfigured(t, old, n_old, gone, userdata);
        return 0;
}

static void move_behind_configured(Device *d) {
        DeviceTable *t = d->table;
        size_t i = 0, k;

        while (t->devices[i]->configured)
                i++;
        for (k = i; t->devices[k] != d; k++)
                ;
        memmove(t->devices + i + 1, t->devices + i, (k - i) * sizeof(Device *));
        t->devices[i] = d;
}

int device_enroll(Device *d, const UpsConf *enrolled) {
        const UpsSection *s = ups_conf_find(enrolled, d->name);
        char *description = NULL;

        if (d->configured || !s)
                return 0;
        if (s->description) {
                description = strdup(s->description);
                if (!description)
                        return -ENOMEM;
        }
        move_behind_configured(d);
        adopt(d, s, description);
        return 0;
}

static int add(DeviceTable *t, const char *name, Device **ret) {
        int r = grow(t, t->n_devices + 1);
        if (r < 0)
                return r;

        Device *d = device_new(t, name);
        if (!d)
                return -ENOMEM;

        size_t i = t->n_devices;
        while (i > 0 && !t->devices[i - 1]->configured && strcasecmp(t->devices[i - 1]->name, name) > 0)
                i--;
        memmove(t->devices + i + 1, t->devices + i, (t->n_devices - i) * sizeof(Device *));
        t->devices[i] = d;
        t->n_devices++;
        sort_by_name(t);
        *ret = d;
        return 0;
}

int device_table_present(DeviceTable *t, const char *name, const char *description, const Model *model,
                MirrorDevice *mirror, Device **ret) {
        _cleanup_free_ char *copy = strdup(strempty(description));
        if (!copy)
                return -ENOMEM;

        Device *d = device_table_find(t, name);
        if (!d) {
                int r = add(t, name, &d);
                if (r < 0)
                        return r;
        }

        free(d->bus_description);
        d->bus_description = TAKE_PTR(copy);
        d->model = model;
        d->mirror = mirror;
        d->silent = false;
        t->epoch++;
        device_invalidate(d);
        device_note(d, NEWS_STATE);
        *ret = d;
        return 0;
}

void device_table_absent(DeviceTable *t, Device *d, DeviceGone gone, void *userdata) {
        d->model = NULL;
        d->mirror = NULL;
        device_invalidate(d);
        device_note(d, NEWS_STATE);
        device_table_prune(t, gone, userdata);
}

Device *device_table_find(const DeviceTable *t, const char *name) {
        size_t low = 0, high = t->n_devices;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int c = strcasecmp(name, t->by_name[middle]->name);

                if (c == 0)
                        return t->by_name[middle];
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

size_t device_table_count(const DeviceTable *t) {
        return t->n_devices;
}

Device *device_table_get(const DeviceTable *t, size_t i) {
        return t->devices[i];
}

const char *device_unavailable(const Device *d) {
        if (!d->model || model_freshness(d->model) == FRESHNESS_ABSENT)
                return "DRIVER-NOT-CONNECTED";
        if (d->silent || model_freshness(d->model) != FRESHNESS_FRESH)
                return "DATA-STALE";
        return NULL;
}

const char *device_title(const Device *d) {
        if (d->description)
                return d->description;
        return isempty(d->bus_description) ? NULL : d->bus_description;
}

void device_invalidate(Device *d) {
        d->generation++;
        for (size_t i = 0; i < _VIEW_MAX; i++)
                d->list_valid[i] = false;
}

uint64_t device_table_epoch(const DeviceTable *t) {
        return t->epoch;
}

Buffer *device_table_list(DeviceTable *t) {
        if (t->list_epoch != t->epoch)
                buffer_clear(&t->list);
        t->list_epoch = t->epoch;
        return &t->list;
}

void device_note(Device *d, News news) {
        DeviceTable *t = d->table;

        d->news |= news;
        if (t->has_news || !t->pending)
                return;

        t->has_news = true;
        t->pending(t->userdata);
}

void device_table_on_news(DeviceTable *t, void (*pending)(void *userdata), void *userdata) {
        t->pending = pending;
        t->userdata = userdata;
}

void device_table_tell(DeviceTable *t, void (*tell)(void *userdata, Device *d, unsigned news),
                void *userdata) {
        t->has_news = false;
        for (size_t i = 0; i < t->n_devices; i++) {
                Device *d = t->devices[i];
                unsigned news = d->news;

                d->news = 0;
                if (news)
                        tell(userdata, d, news);
        }
}
