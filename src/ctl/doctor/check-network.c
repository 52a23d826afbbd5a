/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>

#include "bus-names.h"
#include "device-name.h"
#include "doctor.h"
#include "firewall.h"
#include "names.h"
#include "nut-client.h"
#include "probe-command.h"
#include "remote.h"
#include "string-util.h"
#include "time-util.h"

#define NFT_USEC (5 * USEC_PER_SEC)

static bool is_loopback(const char *address) {
        return startswith(address, "127.") || streq(address, "::1") || streq(address, "localhost");
}

static bool listens_to_others(const Doctor *d) {
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++)
                if (!is_loopback(d->conf.upsd->listens[i].address))
                        return true;
        return false;
}

static bool serves(const Doctor *d) {
        return d->conf.ups->n_sections > 0 && d->conf.nut.mode != NUT_MODE_NETCLIENT;
}

/*** Who is to be served, and from where ***/

static bool ranges_are_remote(const AddressList *l) {
        struct in6_addr here = IN6ADDR_LOOPBACK_INIT, here4;

        (void) inet_pton(AF_INET6, "::ffff:127.0.0.1", &here4);
        return l->n_ranges > 0 && !address_list_contains(l, &here) && !address_list_contains(l, &here4);
}

static void check_loopback(Doctor *d) {
        const UserTable *t = d->conf.users;

        if (listens_to_others(d) || !serves(d))
                return;

        for (size_t i = 0; i < d->conf.upsd->n_appliances; i++) {
                const UpsdAppliance *a = d->conf.upsd->appliances + i;

                doctor_find(d, SEVERITY_FAULT, NULL,
                        "An appliance (%s) is to be served, but port 3493 is "
                        "open to this "
                        "machine only.",
                        a->kind->name);
                doctor_evidence(d, "%s:%u, and no LISTEN line for another address", a->file, a->line);
                doctor_fix_text(d, "echo 'LISTEN *' >> /etc/nut/upsd.conf && systemctl reload busbar");
        }
        for (size_t i = 0; i < t->n_users; i++) {
                if (!t->users[i].somewhere || !ranges_are_remote(&t->users[i].from))
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "The user %s is to come from another machine, but "
                        "port 3493 is open "
                        "to this machine only.",
                        t->users[i].name);
                doctor_evidence(d, "%s:%u, and no LISTEN line for another address", t->users[i].file,
                        t->users[i].line);
                doctor_fix_text(d, "echo 'LISTEN *' >> /etc/nut/upsd.conf && systemctl reload busbar");
        }
        if (d->conf.nut.mode == NUT_MODE_NETSERVER && d->conf.upsd->n_listens == 0) {
                doctor_find(d, SEVERITY_WARNING, NULL,
                        "This machine is to serve others (MODE=netserver), "
                        "but port 3493 "
                        "is open to itself only.");
                doctor_evidence(d, "no LISTEN line in upsd.conf");
                doctor_fix_text(d, "echo 'LISTEN *' >> /etc/nut/upsd.conf && systemctl reload busbar");
        }
}

static void check_accounts(Doctor *d) {
        const UserTable *t = d->conf.users;

        if (!listens_to_others(d) || !serves(d) || d->conf.upsd->n_appliances > 0)
                return;
        for (size_t i = 0; i < t->n_users; i++)
                if (t->users[i].rights & (USER_LOGIN | USER_PRIMARY))
                        return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "Other machines can connect, but none can log in to be shut "
                "down in order: "
                "no user may.");
        doctor_evidence(d, "no \"upsmon secondary\" in upsd.users");
        doctor_fix_text(d, "printf '[secondary]\\n  password = CHANGE-ME\\n  upsmon secondary\\n' >> "
                      "/etc/nut/upsd.users && "
                      "systemctl reload busbar");
}

/*** Addresses ***/

static bool is_own(const struct ifaddrs *all, const char *address) {
        char text[NI_MAXHOST];

        for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
                int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
                socklen_t n = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

                if ((family == AF_INET || family == AF_INET6) &&
                    getnameinfo(i->ifa_addr, n, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0 &&
                    host_equal(text, address))
                        return true;
        }
        return false;
}

static void check_addresses(Doctor *d) {
        struct ifaddrs *all = NULL;

        if (!serves(d) || getifaddrs(&all) < 0)
                return;
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++) {
                const UpsdListen *l = d->conf.upsd->listens + i;

                if (l->line == 0 || streq(l->address, "*") || streq(l->address, "localhost") ||
                        streq(l->address, "0.0.0.0") || streq(l->address, "::") || strchr(l->address, '%') ||
                        startswith(l->address, "127.") || is_own(all, l->address))
                        continue;
                doctor_find(d, SEVERITY_WARNING, NULL,
                        "No interface of this machine has the address %s, "
                        "so nobody reaches "
                        "it there.",
                        l->address);
                doctor_evidence(d, "%s:%u", l->file, l->line);
                doctor_fix_text(d, "ip -brief address    # and put one of these there, or: LISTEN *");
        }
        freeifaddrs(all);
}

/* What the gateway says: "127.0.0.1:3493", "[::1]:3493". */
static void check_listening(Doctor *d) {
        _cleanup_strv_free_ char **addresses = NULL;

        if (sd_bus_get_property_strv(d->ctl->bus, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY,
                    "Listening", NULL, &addresses) < 0) {
                doctor_unseen(d, "as busbar-gateway does not answer");
                return;
        }
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++) {
                const UpsdListen *l = d->conf.upsd->listens + i;
                char port[16];
                bool found = false;

                (void) snprintf(port, sizeof(port), ":%u", (unsigned) l->port);
                STRV_FOREACH (a, addresses)
                        found = found || endswith(*a, port);
                if (found || l->line == 0)
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "The gateway does not listen on port %u, as upsd.conf "
                        "says.",
                        (unsigned) l->port);
                doctor_evidence(d, "%s:%u: LISTEN %s %u", l->file, l->line, l->address, (unsigned) l->port);
                doctor_fix_text(d, "systemctl reload busbar && systemctl restart busbar-gateway.socket");
        }
}

/*** Firewalls ***/

static void check_nftables(Doctor *d) {
        static const char *const argv[] = {"/usr/sbin/nft", "list", "ruleset", NULL};
        _cleanup_free_ char *rules = NULL;
        bool unclear = false;
        char line[256];
        Firewall verdict;
        int r;

        if (!listens_to_others(d) || !serves(d))
                return;
        r = command_output(argv, NFT_USEC, &rules);
        if (r == -ENOENT)
                return;
        if (r < 0) {
                doctor_unseen(d, "as nft list ruleset fails");
                return;
        }
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++) {
                const UpsdListen *l = d->conf.upsd->listens + i;

                if (is_loopback(l->address))
                        continue;
                verdict = firewall_judge(rules, l->port, line, sizeof(line));
                unclear = unclear || verdict == FIREWALL_UNCLEAR;
                if (verdict != FIREWALL_SHUT)
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "The firewall of this machine does not let others to "
                        "port %u.",
                        (unsigned) l->port);
                doctor_evidence(d, "nft list ruleset: %s", line);
                doctor_fix(d,
                        "nft add rule inet filter input tcp dport %u accept    # in front; for ever: "
                        "in "
                        "/etc/nftables.conf; ufw: ufw allow %u/tcp; firewalld: firewall-cmd --permanent "
                        "--add-port=%u/tcp "
                        "&& firewall-cmd --reload",
                        (unsigned) l->port, (unsigned) l->port, (unsigned) l->port);
                return;
        }
        if (unclear)
                doctor_unseen(d, "as its rules are not simple enough to tell (nft list ruleset)");
}

/* What it will do at the next boot can be read by root only, that it does something by everybody. */
static void check_ufw(Doctor *d) {
        _cleanup_free_ char *conf = NULL, *rules = NULL;

        if (!listens_to_others(d) || !serves(d))
                return;
        conf = doctor_read(d, "/etc/ufw/ufw.conf");
        if (!conf || !strstr(conf, "ENABLED=yes"))
                return;
        rules = doctor_read(d, "/etc/ufw/user.rules");
        if (!rules) {
                doctor_unseen(d, "not being root");
                return;
        }
        if (strstr(rules, "3493"))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL, "ufw is on, and has no rule for port 3493.");
        doctor_evidence(d, "/etc/ufw/user.rules does not name 3493");
        doctor_fix_text(d, "ufw allow 3493/tcp");
}

/*** Names of hosts ***/

static void check_names(Doctor *d) {
        Remotes l = {};

        remotes_load(d, &l);
        remotes_resolve(d, &l);
        for (size_t i = 0; i < l.n; i++) {
                const Remote *remote = l.items + i;

                if (remote->r >= 0)
                        continue;
                doctor_find(d, SEVERITY_FAULT, remote->section->name,
                        remote->r == -ETIMEDOUT
                                ? "The name server does not answer, so that %s cannot be found."
                                : "There is no host of the name %s.",
                        remote->host);
                doctor_evidence(
                        d, "%s:%u: %s", remote->section->file, remote->section->line, remote->section->port);
                doctor_fix(d,
                        "getent hosts %s    # or write the address in its place, or add it to "
                        "/etc/hosts",
                        remote->host);
        }
        remotes_done(&l);
}

const DoctorCheck network_checks[] = {
        {"host-unknown", "names of hosts", NEEDS_CONFIGURATION | NEEDS_BUS, check_names},
        {"listen-loopback", "who can reach port 3493", NEEDS_CONFIGURATION, check_loopback},
        {"listen-address", "addresses to listen on", NEEDS_CONFIGURATION, check_addresses},
        {"listen-not-active", "what the gateway listens on", NEEDS_CONFIGURATION | NEEDS_GATEWAY,
                check_listening},
        {"no-account", "accounts of other machines", NEEDS_CONFIGURATION, check_accounts},
        {"firewall", "the firewall", NEEDS_CONFIGURATION | NEEDS_ROOT, check_nftables},
        {"firewall-ufw", "ufw", NEEDS_CONFIGURATION, check_ufw},
        {},
};
