/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Outlets and members of chains as objects of their own. They are views of the variables of their device:
 * nothing is kept but which of them there are, and one fallback serves all of a kind. */

#include "bus-device-internal.h"
#include "bus-error.h"
#include "bus-names.h"
#include "parse-util.h"
#include "string-util.h"

/* More than that a name does not count. */
#define NUMBER_DIGITS_MAX 6U

struct DevicePart {
        BusDevice *device;
        unsigned member; /* 0: of the device itself */
        unsigned outlet; /* 0: the member itself */
};

/*** Names ***/

/* Skips WORD, a number from 1 on, and the character behind. */
static const char *skip_number(const char *s, const char *word, char behind, unsigned *ret) {
        const char *p = startswith_nocase(s, word);
        size_t digits = p ? strspn(p, "0123456789") : 0;
        unsigned n = 0;

        if (digits == 0 || digits > NUMBER_DIGITS_MAX || *p == '0' || p[digits] != behind)
                return NULL;
        for (size_t i = 0; i < digits; i++)
                n = n * 10 + (unsigned) (p[i] - '0');

        *ret = n;
        return p + digits + (behind != '\0');
}

/* To which part a variable belongs, and what it is called there; NULL for none. That of an outlet of a
 * member belongs to the outlet. */
static const char *part_of_variable(const char *name, DevicePart *ret) {
        const char *rest, *s = skip_number(name, "device.", '.', &ret->member);

        if (!s)
                ret->member = 0;
        rest = skip_number(s ?: name, "outlet.", '.', &ret->outlet);
        if (!rest)
                ret->outlet = 0;
        return rest ?: s;
}

static char *part_variable(const DevicePart *p, const char *name) {
        if (p->outlet == 0)
                return strprintf("device.%u.%s", p->member, name);
        if (p->member == 0)
                return strprintf("outlet.%u.%s", p->outlet, name);
        return strprintf("device.%u.outlet.%u.%s", p->member, p->outlet, name);
}

static char *part_path(const BusDevice *d, const DevicePart *p) {
        if (p->outlet == 0)
                return strprintf("%s/chain/%u", d->path, p->member);
        if (p->member == 0)
                return strprintf("%s/outlet/%u", d->path, p->outlet);
        return strprintf("%s/chain/%u/outlet/%u", d->path, p->member, p->outlet);
}

static bool part_of_path(const BusDevice *d, const char *path, DevicePart *ret) {
        const char *s = startswith(path, d->path), *rest;

        *ret = (DevicePart) {};
        if (!s)
                return false;
        rest = skip_number(s, "/chain/", '\0', &ret->member);
        if (rest)
                return true;
        rest = skip_number(s, "/chain/", '/', &ret->member);
        return skip_number(rest ? rest - 1 : s, "/outlet/", '\0', &ret->outlet) != NULL;
}

/*** Which there are ***/

static int compare_parts(const void *a, const void *b) {
        const DevicePart *x = a, *y = b;

        if (x->member != y->member)
                return x->member < y->member ? -1 : 1;
        return x->outlet < y->outlet ? -1 : x->outlet > y->outlet;
}

static DevicePart *find_part(const BusDevice *d, const DevicePart *key) {
        return d->n_parts == 0 ? NULL :
                bsearch(key, d->parts, d->n_parts, sizeof(DevicePart), compare_parts);
}

static int list_parts(BusDevice *d, DevicePart **ret, size_t *ret_n) {
        _cleanup_free_ DevicePart *parts = NULL;
        size_t n = 0, allocated = 0, unique = 0;

        for (size_t i = 0; i < model_n_variables(d->model); i++) {
                DevicePart p = { .device = d };

                if (!part_of_variable(model_variable(d->model, i)->name, &p))
                        continue;
                /* Variables are sorted, so that those of a part stand beside each other. */
                if (n > 0 && compare_parts(&parts[n - 1], &p) == 0)
                        continue;
                if (!GREEDY_REALLOC(parts, allocated, n + 2))
                        return -ENOMEM;
                parts[n++] = p;
                if (p.member > 0 && p.outlet > 0)
                        parts[n++] = (DevicePart) { .device = d, .member = p.member };
        }

        if (n > 0)
                qsort(parts, n, sizeof(DevicePart), compare_parts);
        for (size_t i = 0; i < n; i++)
                if (unique == 0 || compare_parts(&parts[unique - 1], &parts[i]) != 0)
                        parts[unique++] = parts[i];

        *ret = TAKE_PTR(parts);
        *ret_n = unique;
        return 0;
}

static int on_find(
                sd_bus *bus,
                const char *path,
                const char *interface,
                void *userdata,
                void **ret_found,
                sd_bus_error *reterr) {
        BusDevice *d = userdata;
        DevicePart key, *p;

        p = part_of_path(d, path, &key) ? find_part(d, &key) : NULL;
        if (!p || streq(interface, BUS_INTERFACE_OUTLET) != (p->outlet > 0))
                return 0;
        *ret_found = p;
        return 1;
}

static int on_enumerate(
                sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *reterr) {
        _cleanup_strv_free_ char **nodes = NULL;
        BusDevice *d = userdata;

        for (size_t i = 0; i < d->n_parts; i++) {
                int r = strv_consume(&nodes, part_path(d, &d->parts[i]));

                if (r < 0)
                        return r;
        }
        *ret_nodes = TAKE_PTR(nodes);
        return 0;
}

/*** Outlets ***/

static const char *part_get(const DevicePart *p, const char *name) {
        _cleanup_free_ char *variable = part_variable(p, name);

        return variable ? model_get(p->device->model, variable) : NULL;
}

/* A property and the variable of the part that it shows. */
static const char *const part_texts[][2] = {
        { "Name", "name" },       { "Description", "desc" }, { "Status", "status" },  { "Group", "groupid" },
        { "Type", "type" },       { "Vendor", "mfr" },       { "Model", "model" },    { "Serial", "serial" },
        { "Alarm", "ups.alarm" }, { "Voltage", "voltage" },  { "Current", "current" },
        { "RealPower", "realpower" }, { "Power", "power" },
};

static const char *part_variable_of(const DevicePart *p, const char *property) {
        /* NUT calls some things of a member as those of a device, others as those of a UPS. */
        static const char *const others[][2] = {
                { "Vendor", "ups.mfr" }, { "Model", "ups.model" }, { "Serial", "ups.serial" },
        };

        for (size_t i = 0; p->outlet == 0 && i < ELEMENTSOF(others); i++)
                if (streq(others[i][0], property) && part_get(p, others[i][1]))
                        return others[i][1];
        for (size_t i = 0; i < ELEMENTSOF(part_texts); i++)
                if (streq(part_texts[i][0], property))
                        return part_texts[i][1];
        return "";
}

static int get_number(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const DevicePart *p = userdata;

        return sd_bus_message_append(reply, "u",
                        streq(property, "Member") || p->outlet == 0 ? p->member : p->outlet);
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const DevicePart *p = userdata;

        return sd_bus_message_append(reply, "s", strempty(part_get(p, part_variable_of(p, property))));
}

static int get_measured(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const DevicePart *p = userdata;
        _cleanup_free_ char *variable = part_variable(p, part_variable_of(p, property));

        return !variable ? -ENOMEM
                : sd_bus_message_append(reply, "d", model_get_number(p->device->model, variable));
}

static char *part_command(const DevicePart *p, const char *action) {
        _cleanup_free_ char *command = strjoin("load.", action);

        return command ? part_variable(p, command) : NULL;
}

/* It can be switched when there is a command for it: what agents say of it themselves is often wrong. */
static int get_switchable(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        static const char *const actions[] = { "off", "on", "cycle" };
        const DevicePart *p = userdata;
        bool can = false;

        for (size_t i = 0; i < ELEMENTSOF(actions) && !can; i++) {
                _cleanup_free_ char *command = part_command(p, actions[i]);

                if (!command)
                        return -ENOMEM;
                can = model_find_command(p->device->model, command) != NULL;
        }
        return sd_bus_message_append(reply, "b", can);
}

static int on_switch(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        static const char *const actions[] = {
                "on", "off", "cycle", "on.delay", "off.delay", "cycle.delay",
        };
        _cleanup_free_ char *command = NULL;
        const DevicePart *p = userdata;
        const char *action, *argument;
        bool known = false;
        int r;

        r = sd_bus_message_read(m, "ss", &action, &argument);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(actions) && !known; i++)
                known = streq(actions[i], action);
        if (!known)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_VALUE, "An outlet can be switched "
                                "on, off, cycle, on.delay, off.delay or cycle.delay, not \"%s\".", action);

        command = part_command(p, action);
        return !command ? -ENOMEM : bus_request_begin(p->device, m, REQUEST_RUN, command,
                        isempty(argument) ? NULL : argument, reterr);
}

const sd_bus_vtable bus_outlet_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Number", "u", get_number, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Member", "u", get_number, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Name", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Description", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Status", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Group", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Switchable", "b", get_switchable, 0, 0),
        /* Without a signal: with dozens of outlets there would be dozens for each poll. */
        SD_BUS_PROPERTY("Voltage", "d", get_measured, 0, 0),
        SD_BUS_PROPERTY("Current", "d", get_measured, 0, 0),
        SD_BUS_PROPERTY("RealPower", "d", get_measured, 0, 0),
        SD_BUS_PROPERTY("Power", "d", get_measured, 0, 0),
        SD_BUS_METHOD_WITH_ARGS("Switch",
                        SD_BUS_ARGS("s", action, "s", argument, "a{sv}", options),
                        SD_BUS_NO_RESULT,
                        on_switch, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/*** Members of a chain ***/

static int get_status(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        _cleanup_strv_free_ char **tokens = NULL;
        int r = strv_split(strempty(part_get(userdata, "ups.status")), " ", &tokens);

        return r < 0 ? r : sd_bus_message_append_strv(reply, tokens);
}

static int append_member_variables(sd_bus_message *reply, const DevicePart *p) {
        const Model *model = p->device->model;

        for (size_t i = 0; i < model_n_variables(model); i++) {
                const Variable *v = model_variable(model, i);
                unsigned member;
                const char *name = skip_number(v->name, "device.", '.', &member);
                int r;

                if (!name || member != p->member)
                        continue;
                r = sd_bus_message_append(reply, "{ss}", name, v->value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int on_get_all(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const DevicePart *p = userdata;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "t", model_revision(p->device->model));
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{ss}");
        if (r < 0)
                return r;
        r = append_member_variables(reply, p);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int member_request(sd_bus_message *m, void *userdata, RequestType type, sd_bus_error *reterr) {
        _cleanup_free_ char *full = NULL;
        const char *name, *argument;
        const DevicePart *p = userdata;
        int r;

        r = sd_bus_message_read(m, "ss", &name, &argument);
        if (r < 0)
                return r;
        full = part_variable(p, name);
        if (!full)
                return -ENOMEM;
        return bus_request_begin(p->device, m, type, full,
                        type == REQUEST_RUN && isempty(argument) ? NULL : argument, reterr);
}

static int on_set(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return member_request(m, userdata, REQUEST_SET, reterr);
}

static int on_run(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return member_request(m, userdata, REQUEST_RUN, reterr);
}

const sd_bus_vtable bus_member_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Number", "u", get_number, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Type", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Vendor", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Model", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Serial", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Status", "as", get_status, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Alarm", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_METHOD_WITH_ARGS("GetAll",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("t", revision, "a{ss}", variables),
                        on_get_all, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Set",
                        SD_BUS_ARGS("s", name, "s", value, "a{sv}", options),
                        SD_BUS_NO_RESULT,
                        on_set, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Run",
                        SD_BUS_ARGS("s", name, "s", argument, "a{sv}", options),
                        SD_BUS_NO_RESULT,
                        on_run, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/*** Changes ***/

static const char *const outlet_signalled[] = { "Name", "Description", "Status", "Group" };
static const char *const member_signalled[] = { "Type", "Vendor", "Model", "Serial", "Alarm" };

static bool is_named(const Change *change, const char *variable) {
        return strv_find_nocase(change->changed, variable) >= 0 ||
                strv_find_nocase(change->removed, variable) >= 0;
}

static int part_changed(const DevicePart *p, const Change *change, const char *name) {
        _cleanup_free_ char *variable = part_variable(p, name);

        return !variable ? -ENOMEM : is_named(change, variable);
}

static int emit_part_change(const DevicePart *p, const Change *change) {
        bool is_outlet = p->outlet > 0;
        const char *const *names = is_outlet ? outlet_signalled : member_signalled;
        size_t n = is_outlet ? ELEMENTSOF(outlet_signalled) : ELEMENTSOF(member_signalled);
        _cleanup_strv_free_ char **properties = NULL;
        _cleanup_free_ char *path = NULL;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                r = part_changed(p, change, part_variable_of(p, names[i]));
                if (r > 0)
                        r = strv_extend(&properties, names[i]);
        }
        if (r >= 0 && !is_outlet) {
                r = part_changed(p, change, "ups.status");
                if (r > 0)
                        r = strv_extend(&properties, "Status");
        }
        if (r < 0 || !properties)
                return r;

        path = part_path(p->device, p);
        return !path ? -ENOMEM : sd_bus_emit_properties_changed_strv(p->device->bus, path,
                        is_outlet ? BUS_INTERFACE_OUTLET : BUS_INTERFACE_MEMBER, properties);
}

static int add_fallback(
                BusDevice *d,
                const char *below,
                const char *interface,
                const sd_bus_vtable *vtable,
                sd_bus_slot **ret) {
        _cleanup_free_ char *prefix = strjoin(d->path, below);

        return !prefix ? -ENOMEM
                : sd_bus_add_fallback_vtable(d->bus, ret, prefix, interface, vtable, on_find, d);
}

/* As long as a device has no parts, they cost nothing. */
static int publish_parts(BusDevice *d) {
        static const struct {
                const char *below, *interface;
                const sd_bus_vtable *vtable;
        } fallbacks[PART_FALLBACKS] = {
                { "/outlet", BUS_INTERFACE_OUTLET, bus_outlet_vtable },
                { "/chain",  BUS_INTERFACE_OUTLET, bus_outlet_vtable },
                { "/chain",  BUS_INTERFACE_MEMBER, bus_member_vtable },
        };
        int r = 0;

        if (d->enumerator_slot)
                return 0;
        for (size_t i = 0; i < PART_FALLBACKS && r >= 0; i++)
                r = add_fallback(d, fallbacks[i].below, fallbacks[i].interface, fallbacks[i].vtable,
                                &d->part_slots[i]);
        return r < 0 ? r : sd_bus_add_node_enumerator(d->bus, &d->enumerator_slot, d->path, on_enumerate, d);
}

static int announce(BusDevice *d, const DevicePart *p, bool is_there) {
        _cleanup_free_ char *path = part_path(d, p);

        if (!path)
                return -ENOMEM;
        return is_there ? sd_bus_emit_object_added(d->bus, path) : sd_bus_emit_object_removed(d->bus, path);
}

static bool contains(const DevicePart *parts, size_t n, const DevicePart *p) {
        return n > 0 && bsearch(p, parts, n, sizeof(DevicePart), compare_parts);
}

static bool concerns_parts(char *const *names) {
        DevicePart p;

        STRV_FOREACH(name, names)
                if (part_of_variable(*name, &p))
                        return true;
        return false;
}

int bus_device_load_parts(BusDevice *d) {
        int r = list_parts(d, &d->parts, &d->n_parts);

        return r < 0 || d->n_parts == 0 ? r : publish_parts(d);
}

int bus_device_announce_parts(BusDevice *d) {
        int r = 0;

        for (size_t i = 0; i < d->n_parts && r >= 0; i++)
                r = announce(d, &d->parts[i], true);
        return r;
}

int bus_device_emit_parts(BusDevice *d, const Change *change) {
        _cleanup_free_ DevicePart *old = NULL;
        DevicePart *parts;
        size_t n_old = d->n_parts, n;
        int r;

        if (!concerns_parts(change->changed) && !concerns_parts(change->removed))
                return 0;
        r = list_parts(d, &parts, &n);
        if (r < 0)
                return r;

        /* The signal names the interfaces that are there, so it comes before they go. */
        for (size_t i = 0; i < n_old; i++)
                if (!contains(parts, n, &d->parts[i]))
                        (void) announce(d, &d->parts[i], false);
        old = d->parts;
        d->parts = parts;
        d->n_parts = n;
        if (n == 0)
                return 0;
        r = publish_parts(d);

        for (size_t i = 0; i < n && r >= 0; i++)
                r = contains(old, n_old, &parts[i]) ? emit_part_change(&parts[i], change)
                                                    : announce(d, &parts[i], true);
        return r;
}

void bus_device_drop_parts(BusDevice *d) {
        for (size_t i = 0; i < d->n_parts && d->commands_slot; i++)
                (void) announce(d, &d->parts[i], false);

        for (size_t i = 0; i < PART_FALLBACKS; i++)
                sd_bus_slot_unref(d->part_slots[i]);
        sd_bus_slot_unref(d->enumerator_slot);
        free(d->parts);
}
