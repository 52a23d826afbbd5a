/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "answers.h"
#include "appliance.h"
#include "bus-auth.h"
#include "bus-mirror.h"
#include "daemon.h"
#include "device.h"
#include "lockout.h"
#include "tracking.h"
#include "upsd-conf.h"
#include "user.h"
#include "verifier.h"

typedef struct Announcer Announcer;
typedef struct Gateway Gateway;
typedef struct GatewayBus GatewayBus;
typedef struct Server Server;
typedef struct State State;
typedef struct Write Write;

/* How writes reach a device: the mirror's functions, or a test's. */
typedef struct DeviceOps {
        int (*set)(Device *d, const char *name, const char *value, MirrorReply reply, void *userdata);
        int (*run)(Device *d, const char *command, const char *argument, MirrorReply reply, void *userdata);
} DeviceOps;

/* The whole gateway. Commands need no more of it than devices, users and tracking; the rest may be NULL
 * then. */
struct Gateway {
        sd_event *event;
        BusLink *link;
        BusGate *gate;
        Mirror *mirror;
        GatewayBus *bus;
        Announcer *announcer;
        Server *server;
        State *state;
        sd_event_source *tick, *ready_timeout, *news;
        bool ready;   /* the service manager has been told */
        bool room;    /* a write has ended: clients that wait for that can go on */
        bool touched; /* sources of the event loop may have changed, or one is due; see server_turn() */
        int port;      /* of the command line: listen on 127.0.0.1 only; -1 without */
        int log_level; /* of the command line; DEBUG_MIN can only raise it */

        UpsdConf *conf;
        bool has_ups_conf; /* when it was read last */
        UserTable *users;
        ApplianceTable *appliances; /* NULL without any */
        Lockouts *lockouts;         /* NULL: nobody is locked out */
        Verifier *verifier;
        uint32_t user_generation; /* counts reads of the accounts, so that kept verdicts age */
        DeviceTable *devices;
        Answers *answers; /* to requests about them */
        TrackingTable *tracking;
        const DeviceOps *device_ops;
        Write *writes; /* that devices have not answered yet */
};

/* Reads the configuration and takes over what an earlier process left behind, then listens and looks for
 * the bus. Logs what goes wrong. */
int gateway_new(sd_event *event, int port, int log_level, Gateway **ret);
Gateway *gateway_free(Gateway *g);
DEFINE_TRIVIAL_CLEANUP_FUNC(Gateway *, gateway_free);

/* Works until the event loop is told to exit. Returns its exit code, or a negative errno. */
int gateway_run(Gateway *g);

/* From now on what happens to devices is told to those who watch them. For tests that have no whole
 * gateway. */
int gateway_start_news(Gateway *g);

/* A write has ended. Clients that are held back until then are looked at soon, not from inside of this. */
void gateway_room(Gateway *g);

/* Reads all configuration files anew; what cannot be taken leaves things as they were. */
void gateway_reload(Gateway *g);
