/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "notify-type.h"

/* upsmon.conf: what is watched, when the machine goes down, who is told. */

/* A limit that is not set; times that say "never". */
#define UPSMON_NEVER UINT64_MAX

/* When to shut down, whatever the UPS says of its own. Unset: NaN and UPSMON_NEVER. */
typedef struct UpsmonRules {
        double charge_limit_percent;    /* CHARGELIMIT: at this charge or below */
        uint64_t runtime_limit_usec;    /* RUNTIMELIMIT: with this runtime left or less */
        uint64_t on_battery_limit_usec; /* ONBATTLIMIT: after so long on battery */
} UpsmonRules;

/* A MONITOR line. */
typedef struct UpsmonSupply {
        char *system; /* as written: ups, ups@host, ups@host:port */
        char *device; /* how the bus calls it: "ups" for one of this host, else as upsmon_link_name() says */
        char *ups, *host; /* the parts of system; host "localhost" when not given */
        uint16_t port;
        bool local; /* on this host: localhost, a loopback address, or no host, with the default port */
        unsigned power_value;
        char *user, *password;
        bool primary;
        UpsmonRules rules; /* those that name this system, else the general ones */
        char *file;
        unsigned line;
} UpsmonSupply;

/* What becomes of a supply that is not heard any more; LOSTPOLICY. */
typedef enum LostPolicy {
        LOST_COUNTS_ON_BATTERY, /* "battery", the default: only one last seen on battery, or in trouble */
        LOST_COUNTS_ALWAYS,     /* "always": one last seen on line too, after its runtime */
        LOST_COUNTS_NEVER,      /* "never": silence alone does not shut down */
} LostPolicy;

typedef enum TlsVerify { TLS_VERIFY_DEFAULT, TLS_VERIFY_NO, TLS_VERIFY_YES } TlsVerify;

/* Where a line stands. */
typedef struct UpsmonPlace {
        char *file;
        unsigned line;
} UpsmonPlace;

/* CERTHOST: what holds for one server. */
typedef struct UpsmonCertHost {
        char *host;    /* without port and brackets; NULL: the line cannot be read, and may mean any */
        uint16_t port; /* 0: any */
        char *name;    /* that its certificate is for; NULL: the host */
        bool verify, force;
        UpsmonPlace place;
} UpsmonCertHost;

typedef struct UpsmonConf {
        UpsmonSupply *supplies;
        size_t n_supplies;
        unsigned min_supplies;
        bool min_supplies_set; /* it is written there */
        UpsmonRules rules;            /* those without a system */
        uint64_t on_battery_delay_usec; /* ONBATTDELAY: time on battery before any rule counts */
        LostPolicy lost_policy;
        uint64_t poll_usec, poll_alert_usec;
        uint64_t dead_time_usec;
        uint64_t host_sync_usec;
        uint64_t lease_max_usec;      /* LEASEMAX: the longest time that a secondary may ask for */
        uint64_t final_delay_usec;
        uint64_t replace_battery_warn_usec;
        uint64_t no_comm_warn_usec;
        uint64_t off_duration_usec;   /* UPSMON_NEVER: OFF never counts */
        uint64_t over_duration_usec;  /* UPSMON_NEVER likewise; the default */
        uint64_t low_battery_duration_usec; /* OBLBDURATION */
        uint64_t shutdown_exit_usec;  /* SHUTDOWNEXIT: 0 yes, UPSMON_NEVER no */
        uint64_t mains_stable_usec;   /* MAINSSTABLE: mains for that long before the all-clear */
        bool alarm_critical;
        bool allow_sleep_on_battery;  /* SLEEPONBATTERY */
        char *shutdown_command;       /* for a shell; NULL when not given, or when it merely powers off */
        char *power_down_flag;        /* POWERDOWNFLAG or NULL */
        char *notify_command;         /* NOTIFYCMD, for a shell, or NULL */
        char *run_as_user;            /* RUN_AS_USER or NULL */
        char *notify_messages[_NOTIFY_TYPE_MAX]; /* NULL: the stock text */
        NotifyFlags notify_flags[_NOTIFY_TYPE_MAX];
        char *cert_path, *cert_file, *cert_ident_name, *cert_ident_password;
        UpsmonPlace cert_path_place, cert_file_place, cert_ident_place, cert_verify_place, force_ssl_place;
        UpsmonCertHost *cert_hosts;
        size_t n_cert_hosts;
        bool cert_verify, force_ssl;
        size_t n_monitor_lines;       /* MONITOR lines that were taken */
        bool incomplete; /* MONITOR lines were refused, or none has a power value, and nobody wrote
                          * MINSUPPLIES 0: the UPSes of this host are to be protected besides */
        /* Without MONITOR lines: devices of this host that limits name. Of these only device and rules
         * count. */
        UpsmonSupply *implied;
        size_t n_implied;

        bool exists; /* the file was there */
} UpsmonConf;

/* Reads upsmon.conf from the configuration directory. Every directive of NUT 2.8.5 is known; one that means
 * nothing here (POLLFAIL_LOG_THROTTLE_MAX, DEBUG_MIN) is checked and passed over. What is wrong is reported
 * with its place, the rest is taken. Errors as conf_load(). */
int upsmon_conf_load(ConfReport report, void *userdata, UpsmonConf **ret);

/* The same from lines that were read before. */
int upsmon_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsmonConf **ret);

UpsmonConf *upsmon_conf_free(UpsmonConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsmonConf *, upsmon_conf_free);

/* What CERTHOST says of the server of a supply, or NULL. A server that no line names may be meant by one
 * that cannot be read. */
const UpsmonCertHost *upsmon_conf_cert_host(const UpsmonConf *c, const UpsmonSupply *s);

/* What holds for a device of this host that no MONITOR line is about. */
const UpsmonRules *upsmon_conf_implied_rules(const UpsmonConf *c, const char *device) _pure_;

/* The supply with that device name, ignoring case, or NULL. */
const UpsmonSupply *upsmon_conf_find(const UpsmonConf *c, const char *device) _pure_;

/* The name on the bus of a device of another host: "ups@host", with ":port" when it is not the default one,
 * in new memory; NULL without memory. No section of ups.conf can have such a name. */
char *upsmon_link_name(const char *ups, const char *host, uint16_t port);

/* Whether a device name is that of a link: it is for the monitor, and no NUT client can ask for it. */
bool device_name_is_link(const char *name) _pure_;
