/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "model.h"

/* The variables that the kit itself gives each device, as NUT's driver core does. */

/* Puts into a new model: driver.name, driver.version, driver.version.internal, driver.parameter.*,
 * driver.flag.*, device.type, and what default.*, override.* and ignorelb of the configuration say. */
int core_variables_prepare(Model *m, const DeviceConfig *c);

/* Which of device.mfr, device.model and device.serial are ours, made from ups.*. */
typedef struct CoreCopies {
        bool copied[3];
} CoreCopies;

/* Adds to a batch of the driver what follows from it: device.mfr, device.model and device.serial are
 * those of ups.* as long as the driver does not give them itself. */
void core_variables_follow(CoreCopies *copies, const DeviceConfig *c, const Model *m, Update *u);

/* driver.state, in NUT's words. */
void core_variables_state(Update *u, const char *state);

/* "usb", "network", ..., as on the bus and in the journal. */
const char *transport_to_string(Transport t) _const_;

/* The fields of a log message about a device. message_id may be NULL. */
static inline LogContext device_log_context(const DeviceConfig *c, const char *message_id) {
        return (LogContext) {
                .message_id = message_id,
                .device = c->name,
                .driver = c->driver->name,
                .transport = transport_to_string(c->transport),
        };
}

/* Logs about a device; returns -error. */
#define log_of(config, level, error, ...)                                                               \
        ({                                                                                              \
                const LogContext _context = device_log_context((config), NULL);                        \
                log_full((level), (error), &_context, __VA_ARGS__);                                     \
        })
