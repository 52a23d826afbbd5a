/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "directive.h"
#include "upsmon-conf.h"

/* What the files that read upsmon.conf share. The settings of their contexts are an UpsmonConf. */

/* MONITOR system power-value user password primary|secondary. */
int upsmon_apply_monitor(const DirectiveContext *c, const Directive *d);

/* CERTPATH, CERTFILE, CERTIDENT, CERTHOST, CERTVERIFY, FORCESSL. */
int upsmon_apply_cert_path(const DirectiveContext *c, const Directive *d);
int upsmon_apply_cert_file(const DirectiveContext *c, const Directive *d);
int upsmon_apply_cert_ident(const DirectiveContext *c, const Directive *d);
int upsmon_apply_cert_host(const DirectiveContext *c, const Directive *d);
int upsmon_apply_cert_verify(const DirectiveContext *c, const Directive *d);
int upsmon_apply_force_ssl(const DirectiveContext *c, const Directive *d);

/* With all lines read: reports the hosts of CERTHOST that no MONITOR line is about. */
void upsmon_certs_check(const UpsmonConf *c, ConfReport report, void *userdata);

/* Frees what they set; passwords are overwritten. */
void upsmon_certs_done(UpsmonConf *c);

/* Frees what a supply holds; passwords are overwritten. */
void upsmon_supply_done(UpsmonSupply *s);

/* Overwrites and frees a secret; NULL too. */
void upsmon_secret_free(char *s);

/* The supply that a line means by system, in whatever spelling, or NULL. 0, -EINVAL when it cannot be read,
 * or -ENOMEM. */
int upsmon_supply_by_system(const UpsmonConf *c, const char *system, UpsmonSupply **ret);

/* The device of this host that a limit names though there are no MONITOR lines: it is noted. 0, -EINVAL when
 * it cannot be read or is of another host, or -ENOMEM. */
int upsmon_implied_by_system(UpsmonConf *c, const char *system, UpsmonSupply **ret);

/* Whether a command merely powers the machine off, now and in the ordinary way. */
bool upsmon_command_is_power_off(const char *command) _pure_;
