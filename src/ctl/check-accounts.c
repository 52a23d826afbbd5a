/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-accounts.h"

#include <crypt.h>
#include <syslog.h>

#include "string-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"

/* What is known of this host when its accounts are looked at. */
typedef struct Accounts {
        Problems *check;
        UpsConf *devices, *enrolled;
        AddressList clients; /* where clients can come from, as far as LISTEN goes */
} Accounts;

static void accounts_done(Accounts *a) {
        ups_conf_free(a->devices);
        ups_conf_free(a->enrolled);
        address_list_done(&a->clients);
}

static int add_clients(AddressList *l, const char *listen) {
        bool ipv6 = strchr(listen, ':');

        if (streq(listen, "localhost") || startswith(listen, "127."))
                return address_list_add(l, "localhost");
        if (streq(listen, "::1"))
                return address_list_add(l, "::1");
        if (streq(listen, "*"))
                return address_list_add(l, "any");
        return address_list_add(l, ipv6 ? "::/0" : "0.0.0.0/0");
}

static int find_clients(Accounts *a, const UpsdConf *conf) {
        int r = conf->n_listens == 0 ? add_clients(&a->clients, "localhost") : 0;

        for (size_t i = 0; r >= 0 && i < conf->n_listens; i++)
                r = add_clients(&a->clients, conf->listens[i].address);
        return r;
}

static bool is_device(void *userdata, const char *name) {
        const Accounts *a = userdata;

        return ups_conf_find(a->devices, name) || (a->enrolled && ups_conf_find(a->enrolled, name));
}

/* Whether crypt(3) makes anything like the hash, whatever the password is. */
static bool hash_is_usable(const char *hash) {
        struct crypt_data *data = new0(struct crypt_data, 1);
        if (!data)
                return true;

        const char *result = crypt_rn("", hash, data, sizeof(*data));
        bool usable = result && result[0] != '*' && strlen(result) == strlen(hash);
        free(data);
        return usable;
}

/* Why nobody can be the user, or NULL. */
static const char *useless(const Accounts *a, const User *u) {
        if (!u->password)
                return "it has no password";
        if (password_is_hash(u->password) && !hash_is_usable(u->password))
                return "its password begins as a hash does, and is none that crypt(3) knows";
        if (u->somewhere && !address_lists_meet(&u->from, &a->clients))
                return "no client can reach a LISTEN address of upsd.conf from its allowfrom";
        return NULL;
}

static int check_user(Accounts *a, const User *u) {
        const char *why = useless(a, u);

        if (!why)
                return 0;

        _cleanup_free_ char *message = strprintf("Nobody can be user %s: %s", u->name, why);
        if (!message)
                return -ENOMEM;
        problems_report(a->check, LOG_WARNING, u->file, u->line, message);
        return 0;
}

static void check_appliance(Accounts *a, const UpsdAppliance *p) {
        if (!address_lists_meet(&p->addresses, &a->clients))
                problems_report(a->check, LOG_WARNING, p->file, p->line,
                                "APPLIANCE: it cannot reach a LISTEN address from there");
}

static int check_all(Accounts *a, const UpsdConf *conf, const UserTable *users) {
        int r = find_clients(a, conf);

        for (size_t i = 0; r >= 0 && i < conf->n_appliances; i++)
                check_appliance(a, conf->appliances + i);
        if (r >= 0)
                upsd_conf_report_devices(conf, is_device, a, problems_report, a->check);
        for (size_t i = 0; r >= 0 && users && i < users->n_users; i++)
                r = check_user(a, users->users + i);
        if (r >= 0 && users)
                user_table_report_devices(users, is_device, a, problems_report, a->check);
        return r;
}

int check_accounts(Problems *check) {
        _cleanup_(accounts_done) Accounts a = { .check = check };
        _cleanup_(upsd_conf_freep) UpsdConf *conf = NULL;
        _cleanup_(user_table_freep) UserTable *users = NULL;

        int first = upsd_conf_load(problems_report, check, &conf);
        int r = user_table_load(problems_report, check, &users);
        first = first < 0 ? first : r;

        /* What is wrong with these was said already, or is nobody's business. */
        if (!conf || ups_conf_load(NULL, NULL, &a.devices) < 0)
                return first;
        (void) ups_conf_load_enrolled(NULL, NULL, &a.enrolled);

        r = check_all(&a, conf, users);
        return first < 0 ? first : r;
}
