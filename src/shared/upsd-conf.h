/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "address-list.h"
#include "conf.h"

/* upsd.conf: where and how the gateway serves clients. */

#define UPSD_CONNECTIONS_MAX 10000U
#define UPSD_CONNECTIONS_PER_HOST_MAX 1024U

typedef struct UpsdListen {
        char *address; /* as inet_ntop() writes it, with the scope if any; or "*", or "localhost" */
        uint16_t port;
        char *file;
        unsigned line; /* 0: built in */
} UpsdListen;

/* What the maker of a network storage has fixed: which user with which password it is as a client, and how
 * it calls the UPS. Everybody knows these. */
typedef struct UpsdApplianceKind {
        const char *name, *user, *password, *ups;
} UpsdApplianceKind;

/* APPLIANCE. */
typedef struct UpsdAppliance {
        const UpsdApplianceKind *kind;
        char *device;          /* the UPS that it gets */
        AddressList addresses; /* never empty, nor wide */
        char *file;
        unsigned line;
} UpsdAppliance;

/* REQUIRETLS: what may be said without encryption, other than from this machine. */
typedef enum UpsdRequireTls {
        UPSD_REQUIRE_TLS_NO,
        UPSD_REQUIRE_TLS_LOGIN, /* no credentials, hence nothing that wants them */
        UPSD_REQUIRE_TLS_YES,   /* nothing but STARTTLS, VER, NETVER, PROTVER, HELP and LOGOUT */
} UpsdRequireTls;

typedef struct UpsdConf {
        UpsdListen *listens; /* in file order, without repetitions; none means 127.0.0.1 and ::1 */
        size_t n_listens;
        uint64_t max_age_usec;         /* MAXAGE: silence of a driver after which its data are stale */
        uint64_t tracking_delay_usec;  /* TRACKINGDELAY: how long results of tracked writes are kept */
        uint64_t fsd_clear_delay_usec; /* FSDCLEARDELAY: stable mains that end a forced shutdown;
                                          USEC_INFINITY: never */
        unsigned max_connections;          /* MAXCONN */
        unsigned max_connections_per_host; /* MAXCONNPERHOST */
        uint64_t idle_usec;                /* IDLETIMEOUT: a client without any request is let go */
        uint64_t line_usec;                /* LINETIMEOUT: ... with half a line */
        uint64_t handshake_usec;           /* TLSTIMEOUT: ... that said STARTTLS and does not finish */
        unsigned max_request_rate;         /* MAXREQUESTRATE: per second and host; 0: no limit */
        unsigned max_login_failures;       /* MAXLOGINFAILURES before a lock-out; 0: never */
        uint64_t lockout_usec;             /* LOCKOUTTIME: the longest one */
        bool require_login;                /* REQUIRELOGIN: to read, too */
        UpsdRequireTls require_tls;        /* REQUIRETLS */
        UpsdAppliance *appliances;         /* APPLIANCE lines, in file order */
        size_t n_appliances;
        bool announce;                     /* ANNOUNCE: tell the network by DNS-SD */
        char *announce_name;               /* ... under this name; NULL: that of the host */
        char *cert_file, *cert_path;       /* CERTFILE, CERTPATH */
        char *cert_ident_name, *cert_ident_password; /* CERTIDENT */
        unsigned cert_request;             /* CERTREQUEST: 0, 1 or 2 */
        bool disable_weak_ssl;             /* DISABLE_WEAK_SSL; no effect: 1.2 is the least */
        bool allow_no_device; /* ALLOW_NO_DEVICE; taken and of no effect: new devices may come any time */
        bool allow_not_all_listeners;  /* ALLOW_NOT_ALL_LISTENERS */
        char *state_path;              /* STATEPATH, or NULL */
        unsigned debug_min;            /* DEBUG_MIN */
        bool exists;
} UpsdConf;

/* Reads upsd.conf from the configuration directory. Lines that cannot be taken are reported and left out;
 * the environment variables ALLOW_NO_DEVICE and ALLOW_NOT_ALL_LISTENERS win over the file. Errors as
 * conf_load(). */
int upsd_conf_load(ConfReport report, void *userdata, UpsdConf **ret);

/* The same from lines that were read before, without the environment. */
int upsd_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsdConf **ret);

/* Warns of appliances that are to have a device of which is_known() says that there is none, or that call it
 * by the name of another one. */
void upsd_conf_report_devices(const UpsdConf *c, bool (*is_known)(void *userdata, const char *name),
                void *known_userdata, ConfReport report, void *userdata);

UpsdConf *upsd_conf_free(UpsdConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsdConf *, upsd_conf_free);
