/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "served-device.h"

#include "core-variables.h"
#include "string-util.h"

struct ServedDevice {
        sd_event *event;
        DeviceConfig *config;
        Supervisor *supervisor;
        DriverSocket *socket; /* NULL without one */
        BusDevice *bus;       /* NULL without a bus */
        BusDeviceInfo info;
        char **nodes, *native_path; /* that info refers to */
        ServedDeviceNews news;
        void *userdata;
};

static void on_changed(void *userdata, const Change *change) {
        ServedDevice *d = userdata;
        int r;

        if (change->freshness)
                d->news(d->userdata);
        if (d->socket)
                driver_socket_changed(d->socket, change);
        if (!d->bus)
                return;

        r = bus_device_changed(d->bus, change);
        if (r < 0)
                (void) log_of(d->config, LOG_WARNING, r, "Cannot tell the bus of a change: %m");
}

static void on_outcome(void *userdata, int r) {
        ServedDevice *d = userdata;

        if (r >= 0 && d->bus)
                bus_device_heard(d->bus);
        d->news(d->userdata);
}

/* The first place is what is configured; what the driver has found is better. */
static int set_place(ServedDevice *d, const char *nodes, const char *native_path) {
        _cleanup_strv_free_ char **old_nodes = NULL, **new_nodes = NULL;
        _cleanup_free_ char *old_path = NULL, *new_path = bus_text_copy(native_path);
        int r;

        if (!new_path)
                return -ENOMEM;
        r = strv_split(nodes, " ", &new_nodes);
        if (r < 0)
                return r;

        old_nodes = d->nodes;
        old_path = d->native_path;
        d->info.nodes = d->nodes = TAKE_PTR(new_nodes);
        d->info.native_path = d->native_path = TAKE_PTR(new_path);
        return d->bus ? bus_device_set_place(d->bus, d->nodes, d->native_path) : 0;
}

static void on_placed(void *userdata, const char *nodes, const char *native_path) {
        ServedDevice *d = userdata;
        int r;

        r = set_place(d, nodes, native_path);
        if (r < 0)
                (void) log_of(d->config, LOG_WARNING, r, "Cannot tell the bus where the device is: %m");
}

static void on_bus_answer(void *userdata, int r, const char *message) {
        bus_request_done(userdata, r, message);
}

static void on_bus_request(ServedDevice *d, RequestType type, BusRequest *request, const char *name,
                const char *value) {
        Request *q = request_new(type, name, value, on_bus_answer, request);

        if (q)
                supervisor_request(d->supervisor, q);
        else
                bus_request_done(request, -ENOMEM, NULL);
}

static void on_bus_set(void *userdata, BusRequest *request, const char *name, const char *value) {
        on_bus_request(userdata, REQUEST_SET, request, name, value);
}

static void on_bus_run(void *userdata, BusRequest *request, const char *command, const char *argument) {
        on_bus_request(userdata, REQUEST_COMMAND, request, command, argument);
}

static void on_socket_request(void *userdata, Request *q) {
        ServedDevice *d = userdata;

        supervisor_request(d->supervisor, q);
}

int served_device_new(sd_event *event, WorkerGroup *workers, DeviceConfig *config, ServedDeviceNews news,
                void *userdata, ServedDevice **ret) {
        static const SupervisorOps ops = { on_changed, on_outcome, on_placed };
        _cleanup_(served_device_freep) ServedDevice *d = new0(ServedDevice, 1);
        int r;

        if (!d)
                return -ENOMEM;

        d->event = sd_event_ref(event);
        d->config = device_config_ref(config);
        d->news = news;
        d->userdata = userdata;
        d->info = (BusDeviceInfo) {
                .name = config->name,
                .driver = config->driver->name,
                .driver_version = config->driver->version,
                .description = strempty(config->description),
                .transport = transport_to_string(config->transport),
        };

        r = set_place(d, startswith(config->port, "/dev/") ? config->port : "", config->port);
        if (r < 0)
                return r;
        r = supervisor_new(event, workers, config, &ops, d, &d->supervisor);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

ServedDevice *served_device_free(ServedDevice *d) {
        if (!d)
                return NULL;

        served_device_detach(d);
        d->supervisor = supervisor_free(d->supervisor);
        driver_socket_free(d->socket);
        strv_free(d->nodes);
        free(d->native_path);
        device_config_unref(d->config);
        sd_event_unref(d->event);
        free(d);
        return NULL;
}

int served_device_listen(ServedDevice *d, const DriverSocketConfig *config) {
        return driver_socket_new(
                        d->event, config, supervisor_model(d->supervisor), on_socket_request, d, &d->socket);
}

int served_device_set_group(ServedDevice *d, gid_t group) {
        return d->socket ? driver_socket_set_group(d->socket, group) : 0;
}

int served_device_attach(ServedDevice *d, sd_bus *bus, BusGate *gate) {
        static const BusDeviceOps ops = { on_bus_set, on_bus_run };

        return bus_device_new(bus, gate, &d->info, supervisor_model(d->supervisor), &ops, d, &d->bus);
}

void served_device_detach(ServedDevice *d) {
        d->bus = bus_device_free(d->bus);
}

Supervisor *served_device_supervisor(ServedDevice *d) {
        return d->supervisor;
}

DeviceConfig *served_device_config(ServedDevice *d) {
        return d->config;
}
