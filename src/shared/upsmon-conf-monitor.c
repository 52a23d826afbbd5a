/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <syslog.h>

#include "device-name.h"
#include "parse-util.h"
#include "string-util.h"
#include "ups-conf.h"
#include "upsmon-conf-internal.h"

#define POWER_VALUE_MAX 1000000
#define SUPPLIES_MAX 1000U
#define LOCALHOST "localhost"

void upsmon_secret_free(char *s) {
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
}

void upsmon_supply_done(UpsmonSupply *s) {
        free(s->system);
        free(s->device);
        free(s->ups);
        free(s->host);
        free(s->user);
        upsmon_secret_free(s->password);
        free(s->file);
        *s = (UpsmonSupply) {};
}

bool device_name_is_link(const char *name) {
        return strchr(name, '@');
}

char *upsmon_link_name(const char *ups, const char *host, uint16_t port) {
        bool bracket = strchr(host, ':');
        _cleanup_free_ char *suffix = port == NUT_PORT ? strdup("") : strprintf(":%u", (unsigned) port);

        return suffix ? strjoin(ups, "@", bracket ? "[" : "", host, bracket ? "]" : "", suffix) : NULL;
}

/* Without asking a name service: what this host calls itself, in full or up to the first dot. */
static bool host_is_own_name(const char *host) {
        char name[256];

        if (gethostname(name, sizeof(name)) < 0)
                return false;
        name[sizeof(name) - 1] = '\0';
        if (isempty(name) || isempty(host))
                return false;
        return strcaseeq(host, name) || (!strchr(host, '.') && strlen(host) == strcspn(name, ".") &&
                                         strncasecmp(host, name, strlen(host)) == 0);
}

static bool host_is_local(const char *host) {
        struct in6_addr six;
        struct in_addr four;

        if (strcaseeq(host, LOCALHOST) || host_is_own_name(host))
                return true;
        if (inet_pton(AF_INET, host, &four) == 1)
                return ntohl(four.s_addr) >> 24 == 127;
        return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Takes the parts of a system. -EINVAL when there is none that could be meant. */
static int supply_set_system(UpsmonSupply *s, const char *system) {
        const char *at = strchr(system, '@');
        int r;

        s->system = strdup(system);
        s->ups = at ? strndup(system, (size_t) (at - system)) : strdup(system);
        s->port = NUT_PORT;
        if (!s->system || !s->ups)
                return -ENOMEM;
        if (!device_name_is_valid(s->ups))
                return -EINVAL;

        r = at ? host_split(at + 1, &s->host, &s->port) : (s->host = strdup(LOCALHOST)) ? 0 : -ENOMEM;
        if (r < 0)
                return r;
        if (!host_is_valid(s->host))
                return -EINVAL;

        s->local = s->port == NUT_PORT && host_is_local(s->host);
        s->device = s->local ? strdup(s->ups) : upsmon_link_name(s->ups, s->host, s->port);
        return s->device ? 0 : -ENOMEM;
}

int upsmon_supply_by_system(const UpsmonConf *c, const char *system, UpsmonSupply **ret) {
        _cleanup_(upsmon_supply_done) UpsmonSupply wanted = {};
        int r;

        r = supply_set_system(&wanted, system);
        if (r < 0)
                return r;

        *ret = (UpsmonSupply *) upsmon_conf_find(c, wanted.device);
        return 0;
}

int upsmon_implied_by_system(UpsmonConf *c, const char *system, UpsmonSupply **ret) {
        _cleanup_(upsmon_supply_done) UpsmonSupply wanted = { .rules = c->rules };
        UpsmonSupply *grown;
        int r;

        r = supply_set_system(&wanted, system);
        if (r < 0)
                return r;
        if (!wanted.local || c->n_implied >= SUPPLIES_MAX)
                return -EINVAL;

        for (size_t i = 0; i < c->n_implied; i++)
                if (strcaseeq(c->implied[i].device, wanted.device)) {
                        *ret = c->implied + i;
                        return 0;
                }
        grown = reallocarray(c->implied, c->n_implied + 1, sizeof(UpsmonSupply));
        if (!grown)
                return -ENOMEM;
        c->implied = grown;
        c->implied[c->n_implied] = wanted;
        wanted = (UpsmonSupply) {};
        *ret = c->implied + c->n_implied++;
        return 0;
}

/* The last value. 0, or -EINVAL. */
static int role_parse(const char *s, bool *ret_primary) {
        if (strcaseeq(s, "primary") || strcaseeq(s, "master"))
                *ret_primary = true;
        else if (strcaseeq(s, "secondary") || strcaseeq(s, "slave"))
                *ret_primary = false;
        else
                return -EINVAL;
        return 0;
}

/* Takes user, password and role. The old form without a user will do for devices of this host, where nobody
 * asks for one. -EINVAL, reported, if it cannot be taken; no value is ever shown, since any may be the
 * password. */
static int supply_set_account(UpsmonSupply *s, const DirectiveContext *c, const Directive *d) {
        char *const *words = c->line->words;
        bool old = c->line->n_words == 5;

        if (role_parse(words[old ? 4 : 5], &s->primary) < 0) {
                (void) directive_refuse(c, d, old ?
                                "wants SYSTEM POWERVALUE USER PASSWORD and primary or secondary" :
                                "must end with primary or secondary");
                return -EINVAL;
        }
        if (old && !s->local) {
                (void) directive_refuse(c, d, "has no user, which a device of another host needs: write "
                                "SYSTEM POWERVALUE USER PASSWORD primary|secondary");
                return -EINVAL;
        }

        s->user = strdup(old ? "" : words[3]);
        s->password = strdup(words[old ? 3 : 4]);
        return s->user && s->password ? 0 : -ENOMEM;
}

/* Puts a finished supply in its place. A drop-in may change what another file says; in one file the first
 * one holds. */
static int conf_put_supply(UpsmonConf *conf, UpsmonSupply *s, const DirectiveContext *c) {
        UpsmonSupply *same = (UpsmonSupply *) upsmon_conf_find(conf, s->device), *grown;

        if (same && streq(same->file, s->file)) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "MONITOR %s is there already in line %u, ignoring this one: remove one",
                                s->system, same->line);
                conf->n_monitor_lines++;
                return 0;
        }
        if (!same && conf->n_supplies >= SUPPLIES_MAX) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "Too many MONITOR lines, ignoring this one: %u is the most", SUPPLIES_MAX);
                return 0;
        }

        if (same)
                upsmon_supply_done(same);
        else {
                grown = reallocarray(conf->supplies, conf->n_supplies + 1, sizeof(UpsmonSupply));
                if (!grown)
                        return -ENOMEM;
                conf->supplies = grown;
                same = grown + conf->n_supplies++;
        }

        *same = *s;
        *s = (UpsmonSupply) {};
        conf->n_monitor_lines++;
        return 0;
}

int upsmon_apply_monitor(const DirectiveContext *c, const Directive *d) {
        _cleanup_(upsmon_supply_done) UpsmonSupply s = {
                .rules = { NAN, UPSMON_NEVER, UPSMON_NEVER },
                .line = c->line->line,
        };
        uint64_t value;
        int r;

        r = supply_set_system(&s, c->line->words[1]);
        if (r == -EINVAL)
                return directive_refuse(c, d, "wants a device as NAME, NAME@HOST or NAME@HOST:PORT");
        if (r < 0)
                return r;
        if (parse_uint64(c->line->words[2], 0, POWER_VALUE_MAX, &value) < 0)
                return directive_refuse(c, d, "wants a power value, a whole number, behind the device");

        s.power_value = (unsigned) value;
        s.file = strdup(c->line->file);
        if (!s.file)
                return -ENOMEM;
        r = supply_set_account(&s, c, d);
        if (r < 0)
                return r == -EINVAL ? 0 : r;

        return conf_put_supply(c->settings, &s, c);
}
