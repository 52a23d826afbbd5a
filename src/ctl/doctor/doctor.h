/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"
#include "doctor-text.h"
#include "nut-conf.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"

/* "busbarctl doctor": one check for each known cause of trouble. They look, and change nothing. */

typedef enum DoctorSeverity {
        SEVERITY_FAULT,   /* seen: something does not work, or this machine is not protected */
        SEVERITY_WARNING, /* what usually causes trouble, or will */
        _SEVERITY_MAX,
} DoctorSeverity;

/* What a check cannot do without. */
typedef enum DoctorNeeds {
        NEEDS_ROOT = 1 << 0,
        NEEDS_CONFIGURATION = 1 << 1, /* may read all of it */
        NEEDS_BUS = 1 << 2,
        NEEDS_DEVICES = 1 << 3, /* the mirror */
        NEEDS_SYSTEMD = 1 << 4,
        NEEDS_GATEWAY = 1 << 5, /* it answers */
        NEEDS_MONITOR = 1 << 6, /* likewise */
        NEEDS_HOST = 1 << 7,    /* no container, whose hardware is its host's affair */
} DoctorNeeds;

typedef struct Doctor Doctor;

typedef struct DoctorCheck {
        const char *id;
        const char *what; /* it looks at, for when it cannot */
        DoctorNeeds needs;
        void (*run)(Doctor *d);
} DoctorCheck;

typedef struct Finding {
        const char *id;
        DoctorSeverity severity;
        char *device;                   /* or NULL: the machine */
        char *problem, *evidence, *fix; /* the last two may be NULL */
} Finding;

/* A check that could not look, or not at all of it. */
typedef struct Unseen {
        const DoctorCheck *check;
        char *reason;
} Unseen;

/* What is configured. Never NULL after doctor_load_configuration(). */
typedef struct Configuration {
        UpsConf *ups; /* with what was enrolled */
        UpsdConf *upsd;
        UserTable *users;
        UpsmonConf *upsmon;
        UpsschedConf *upssched;
        NutConf nut;
        int r; /* -EACCES when one of them is there and not for us; what is here lacks that */
} Configuration;

typedef struct Unit {
        char *name, *load, *active, *sub, *path;
} Unit;

/* A process, by what everybody may see. Those of containers are their own affair. */
typedef struct Process {
        pid_t pid;
        char *name, *unit; /* unit: which systemd says as well, or NULL */
        bool ours;         /* in the slice of our services */
} Process;

struct Doctor {
        Ctl *ctl;
        const char *root; /* before each path of the kernel and of others, "" for none */
        const char *only; /* the device that is asked about, or NULL */
        uint64_t deadline_usec;

        Finding *findings;
        size_t n_findings, n_findings_allocated;
        size_t n_not_shown; /* findings more than that */
        bool refused;       /* the last one is not kept */
        Unseen *unseen;
        size_t n_unseen, n_unseen_allocated;
        size_t n_looked;
        const DoctorCheck *check; /* the one that runs */
        int error;                /* -ENOMEM once memory was short */

        Configuration conf;
        Unit *units;
        size_t n_units, n_units_allocated;
        Process *processes;
        size_t n_processes, n_processes_allocated;
        Listener *listeners;
        size_t n_listeners, n_listeners_allocated;
        int bus_error, systemd_error, gateway_error, monitor_error; /* 0: it answers */
        bool hangs;                                                 /* a driver on the bus does not answer */
        bool container;
};

/* Adds a finding of the check that runs. What is said of it after that is about this one. device may be
 * NULL. What is of another device than the asked one is not kept, nor are more than a thousand. */
void doctor_find(Doctor *d, DoctorSeverity severity, const char *device, const char *fmt, ...)
        _printf_(4, 5);

/* Another id than that of the check, for one that finds different things; a constant. */
void doctor_id(Doctor *d, const char *id);

/* Where that was seen. */
void doctor_evidence(Doctor *d, const char *fmt, ...) _printf_(2, 3);

/* A command or a line that mends it. It is pasted into a shell of root, so that each %s becomes a word of
 * the shell; see shell_format() for what else there may be. */
void doctor_fix(Doctor *d, const char *fmt, ...) _printf_(2, 3);

/* The same for a constant, or what is composed of such words already. */
void doctor_fix_text(Doctor *d, const char *text);

/* The check that runs could not look at everything. */
void doctor_unseen(Doctor *d, const char *fmt, ...) _printf_(2, 3);

/* Whether time is left for things that may take several seconds. */
bool doctor_has_time(const Doctor *d, uint64_t usec);

/* The path below the root; NULL without memory, which is kept. */
char *doctor_path(Doctor *d, const char *path);

/* Whether something is there, below the root. */
bool doctor_exists(Doctor *d, const char *path);

/* Up to 64 KB of a file below the root without white space at its end, in new memory; NULL for none. */
char *doctor_read(Doctor *d, const char *path);

/* Writes what was found, and what was not looked at. 0 or a negative errno. */
int doctor_print(Doctor *d);

/*** Probes ***/

void doctor_load_configuration(Doctor *d);

/* Opens the bus, reads devices and units, within seconds whatever hangs. */
void doctor_load_bus(Doctor *d);
void doctor_load_processes(Doctor *d);
void doctor_load_listeners(Doctor *d);

/* The unit, if systemd has it loaded; and whether it is active. */
const Unit *doctor_unit(const Doctor *d, const char *name);
bool doctor_unit_is_active(const Doctor *d, const char *name);

/* Properties of a unit; NULL or the default when it is not known. */
char *doctor_unit_string(Doctor *d, const Unit *u, const char *interface, const char *property);
uint64_t doctor_unit_number(Doctor *d,
        const Unit *u,
        const char *interface,
        const char *property,
        char type,
        uint64_t otherwise);

/* "enabled", "disabled", "masked", ... in new memory; NULL when there is no such file. */
char *doctor_unit_file_state(Doctor *d, const char *name);

/* The unit that serves a configured device, in new memory. */
char *doctor_device_unit(const UpsSection *s);

/* The last warning or error in the journal that a unit told since it was started last, in this boot, in new
 * memory; NULL for none. */
char *doctor_last_log(Doctor *d, const Unit *u);

/* The process of that name, or NULL. */
const Process *doctor_process(const Doctor *d, const char *name);

/* Calls a method without arguments of another service, for a second or two. 0 or a negative errno. */
int doctor_call(Doctor *d,
        const char *service,
        const char *path,
        const char *interface,
        const char *method,
        sd_bus_message **ret);

/* Whether somebody has that name on the bus. */
bool doctor_has_name(const Doctor *d, const char *name);

/*** The checks, each field in a file of its own, ended by one without id ***/

extern const DoctorCheck bus_checks[], file_checks[], rival_checks[], service_checks[], device_checks[],
        battery_checks[], usb_checks[], serial_checks[], network_checks[], server_checks[], tls_checks[],
        shutdown_checks[], script_checks[], leftover_checks[], system_checks[];
