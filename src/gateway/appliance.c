/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appliance.h"

#include "string-util.h"

typedef struct Appliance {
        const UpsdAppliance *conf;
        User user;
} Appliance;

struct ApplianceTable {
        Appliance *appliances; /* in file order */
        size_t n_appliances;
};

static int appliance_set(Appliance *a, const UpsdAppliance *conf) {
        a->conf = conf;
        a->user = (User) {
                .name = strdup(conf->kind->user),
                .rights = USER_LOGIN,
                .some_devices = true,
        };
        return a->user.name ? strv_extend(&a->user.devices, conf->device) : -ENOMEM;
}

int appliance_table_new(const UpsdConf *conf, ApplianceTable **ret) {
        _cleanup_(appliance_table_freep) ApplianceTable *t = NULL;

        if (conf->n_appliances == 0) {
                *ret = NULL;
                return 0;
        }

        t = new0(ApplianceTable, 1);
        if (!t)
                return -ENOMEM;
        t->appliances = new0(Appliance, conf->n_appliances);
        if (!t->appliances)
                return -ENOMEM;
        for (size_t i = 0; i < conf->n_appliances; i++) {
                int r = appliance_set(t->appliances + t->n_appliances++, conf->appliances + i);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(t);
        return 0;
}

ApplianceTable *appliance_table_free(ApplianceTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_appliances; i++) {
                free(t->appliances[i].user.name);
                strv_free(t->appliances[i].user.devices);
        }
        free(t->appliances);
        free(t);
        return NULL;
}

static bool is_at(const Appliance *a, const struct in6_addr *from) {
        return from && address_list_contains(&a->conf->addresses, from);
}

const User *appliance_table_check(const ApplianceTable *t, const char *name, const char *password,
                const struct in6_addr *from) {
        for (size_t i = 0; t && i < t->n_appliances; i++) {
                const Appliance *a = t->appliances + i;

                if (streq(a->conf->kind->user, name) && streq(a->conf->kind->password, password) &&
                    is_at(a, from))
                        return &a->user;
        }
        return NULL;
}

const char *appliance_table_kind(const ApplianceTable *t, const User *account) {
        for (size_t i = 0; t && i < t->n_appliances; i++)
                if (account == &t->appliances[i].user)
                        return t->appliances[i].conf->kind->name;
        return NULL;
}

static bool is_meant(const Appliance *a, const User *account, const struct in6_addr *from) {
        return (!account || account == &a->user) && is_at(a, from);
}

const char *appliance_table_device(const ApplianceTable *t, const User *account, const char *ups,
                const struct in6_addr *from) {
        for (size_t i = 0; t && i < t->n_appliances; i++) {
                const Appliance *a = t->appliances + i;

                if (strcaseeq(a->conf->kind->ups, ups) && is_meant(a, account, from))
                        return a->conf->device;
        }
        return NULL;
}

const char *appliance_table_name(const ApplianceTable *t, const User *account, const char *device,
                const struct in6_addr *from) {
        for (size_t i = 0; t && i < t->n_appliances; i++) {
                const Appliance *a = t->appliances + i;

                if (strcaseeq(a->conf->device, device) && is_meant(a, account, from))
                        return a->conf->kind->ups;
        }
        return NULL;
}

bool appliance_table_concerns(const ApplianceTable *t, const struct in6_addr *from) {
        for (size_t i = 0; t && i < t->n_appliances; i++)
                if (is_at(t->appliances + i, from))
                        return true;
        return false;
}
