/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "line-link.h"
#include "profiles.h"
#include "string-util.h"

/* What udev is told of one kind of devices. */
typedef struct Alias {
        char text[64];
        bool hid, line;
} Alias;

typedef struct Aliases {
        Alias *aliases;
        size_t n, n_allocated;
} Aliases;

static int compare_aliases(const void *a, const void *b) {
        return strcmp(((const Alias *) a)->text, ((const Alias *) b)->text);
}

/* As in the MODALIAS of a device, so that udev finds it. */
static int add_alias(Aliases *all, uint16_t vendor_id, int product_id, bool line) {
        Alias alias = { .hid = !line, .line = line };

        if (product_id < 0)
                (void) snprintf(alias.text, sizeof(alias.text), "busbar:usb:v%04Xp*", vendor_id);
        else
                (void) snprintf(alias.text, sizeof(alias.text), "busbar:usb:v%04Xp%04X*", vendor_id,
                                (unsigned) product_id);

        for (size_t i = 0; i < all->n; i++)
                if (streq(all->aliases[i].text, alias.text)) {
                        all->aliases[i].hid |= alias.hid;
                        all->aliases[i].line |= alias.line;
                        return 0;
                }
        if (!GREEDY_REALLOC(all->aliases, all->n_allocated, all->n + 1))
                return -ENOMEM;
        all->aliases[all->n++] = alias;
        return 0;
}

/* A match that needs an expression says too little by its ids alone: such a device has to say itself that
 * it is one. What speaks in lines never does. */
static int collect_aliases(const HidProfiles *p, const LineUsbIds *ids, Aliases *all) {
        LineUsbId id;
        int r = 0;

        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < p->profiles[i]->n_matches && r >= 0; k++) {
                        const ProfileMatch *m = &p->profiles[i]->matches[k];

                        if (!m->vendor.text && !m->product.text && m->usb.vendor_id >= 0)
                                r = add_alias(all, (uint16_t) m->usb.vendor_id, m->usb.product_id, false);
                }
        for (size_t i = 0; r >= 0 && line_usb_ids_get(ids, i, &id); i++)
                r = add_alias(all, id.vendor_id, id.product_id, true);

        if (r >= 0 && all->n > 0)
                qsort(all->aliases, all->n, sizeof(Alias), compare_aliases);
        return r;
}

static int hwdb(Ctl *c, const char *argument) {
        _cleanup_(hid_profiles_done) HidProfiles p = {};
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;
        Aliases all = {};
        int r;

        r = hid_profiles_load(profile_report, NULL, &p);
        if (r < 0)
                return ctl_error(r, "Cannot read the profiles: %s.", strerror(-r));
        r = line_usb_ids_load(profile_report, NULL, &ids);
        if (r >= 0)
                r = collect_aliases(&p, ids, &all);
        if (r < 0) {
                free(all.aliases);
                return ctl_error(r, "Out of memory.");
        }

        puts("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
             "# USB devices that have a profile, by \"busbarctl profile hwdb\". See busbar-profile(5).");
        for (size_t i = 0; i < all.n; i++)
                printf("\n%s\n%s%s", all.aliases[i].text,
                                all.aliases[i].hid ? " BUSBAR_DRIVER=usbhid-ups\n" : "",
                                all.aliases[i].line ? " BUSBAR_LINE=1\n" : "");
        free(all.aliases);
        return 0;
}

int verb_profile(Ctl *c, char **args) {
        static const struct {
                const char *name;
                bool argument;
                int (*run)(Ctl *c, const char *argument);
        } words[] = {
                { "list", false, profile_list },
                { "check", true, profile_check },
                { "show", true, profile_show },
                { "import", true, profile_import },
                { "hwdb", false, hwdb },
        };

        if (!args[0] && !c->given)
                return profile_list(c, NULL);

        for (size_t i = 0; i < ELEMENTSOF(words) && args[0]; i++)
                if (streq(words[i].name, args[0])) {
                        if ((c->given & PROFILE_OPTIONS) && words[i].run != profile_import)
                                break;
                        if (!args[1] || words[i].argument)
                                return words[i].run(c, args[1]);
                        break;
                }

        ctl_error(0, "Usage: busbarctl profile list | check [FILE|DIRECTORY] | show ID | hwdb | import "
                        "WALK\n"
                     "       [--mib FILE...] [--name NAME] [--enterprise OID]");
        return CTL_EXIT_USAGE;
}
