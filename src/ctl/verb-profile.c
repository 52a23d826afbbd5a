/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "ctl.h"
#include "hid-profile.h"
#include "json.h"
#include "problems.h"
#include "string-util.h"
#include "text.h"

/* Problems of profiles are told where they are not the matter itself. */
static void report_plain(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (line > 0)
                ctl_error(0, "%s:%u: %s", file, line, message);
        else
                ctl_error(0, "%s: %s", file, message);
}

static int load_all(ConfReport report, void *userdata, HidProfiles *ret) {
        int r = hid_profiles_load(report, userdata, ret);

        return r < 0 ? ctl_error(r, "Cannot read the profiles: %s.", strerror(-r)) : 0;
}

static void put_json(Json *j, const HidProfile *p) {
        json_object(j, NULL);
        json_string(j, "id", p->id);
        json_string(j, "title", p->title);
        json_string(j, "version", p->version);
        json_string(j, "file", p->file);
        json_boolean(j, "generic", p->generic);
        json_array(j, "matches");
        for (size_t i = 0; i < p->n_matches; i++) {
                const ProfileMatch *m = &p->matches[i];

                json_object(j, NULL);
                json_integer(j, "vendor_id", m->usb.vendor_id);
                json_integer(j, "product_id", m->usb.product_id);
                json_string(j, "vendor", m->vendor.text);
                json_string(j, "product", m->product.text);
                json_object_end(j);
        }
        json_array_end(j);
        json_object_end(j);
}

static int list_json(const HidProfiles *p) {
        Json j = { .f = stdout };

        json_array(&j, NULL);
        for (size_t i = 0; i < p->n_profiles; i++)
                put_json(&j, p->profiles[i]);
        json_array_end(&j);
        return json_finish(&j);
}

static int list(Ctl *c, const char *argument) {
        _cleanup_(hid_profiles_done) HidProfiles p = {};
        _cleanup_(table_freep) Table *t = NULL;
        int r;

        r = load_all(report_plain, NULL, &p);
        if (r < 0)
                return r;
        if (c->json)
                return list_json(&p);

        t = table_new(5);
        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (c->terminal)
                table_add_titles(t, "PROFILE", "TITLE", "VERSION", "DEVICES", "FILE");

        table_align_right(t, 3);
        for (size_t i = 0; i < p.n_profiles; i++) {
                const HidProfile *profile = p.profiles[i];

                table_add(t, COLOR_BOLD, profile->id);
                table_add(t, COLOR_NONE, profile->title);
                table_add(t, COLOR_NONE, profile->version);
                table_addf(t, COLOR_NONE, "%zu", profile->n_matches);
                table_add(t, COLOR_FAINT, profile->file);
        }

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static int check(Ctl *c, const char *file) {
        _cleanup_(hid_profiles_done) HidProfiles all = {};
        _cleanup_(hid_profile_unrefp) HidProfile *one = NULL;
        Problems problems = { .ctl = c };
        size_t n = 1;
        int r;

        problems_begin(&problems);
        if (file)
                r = hid_profile_load(file, problems_report, &problems, &one);
        else {
                r = load_all(problems_report, &problems, &all);
                hid_profiles_check(&all, problems_report, &problems);
                n = all.n_profiles;
        }
        if (r == -ENOMEM)
                return ctl_error(r, "Out of memory.");

        return problems_end(&problems, n, "profile");
}

static int print_file(const char *path) {
        FILE *f = fopen(path, "re");
        char buffer[4096];
        size_t n;

        if (!f)
                return ctl_error(-errno, "Cannot read %s: %s.", path, strerror(errno));

        printf("# %s\n", path);
        while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
                (void) fwrite(buffer, 1, n, stdout);
        fclose(f);
        return 0;
}

static int show(Ctl *c, const char *id) {
        _cleanup_(hid_profiles_done) HidProfiles p = {};
        Json j = { .f = stdout };
        int r;

        if (!id)
                return ctl_error(-EINVAL, "Which profile? \"busbarctl profile list\" has their names.");

        r = load_all(report_plain, NULL, &p);
        if (r < 0)
                return r;

        for (size_t i = 0; i < p.n_profiles; i++) {
                if (!streq(p.profiles[i]->id, id))
                        continue;
                if (!c->json)
                        return print_file(p.profiles[i]->file);
                put_json(&j, p.profiles[i]);
                return json_finish(&j);
        }

        return ctl_error(-ENOENT, "There is no profile \"%s\". See \"busbarctl profile list\".", id);
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* What udev looks up for a device, as in its MODALIAS. A match that needs an expression says too little by
 * its ids alone. */
static int collect_aliases(const HidProfiles *p, char ***ret) {
        _cleanup_strv_free_ char **aliases = NULL;

        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < p->profiles[i]->n_matches; k++) {
                        const ProfileMatch *m = &p->profiles[i]->matches[k];
                        char alias[64];
                        int r;

                        if (m->vendor.text || m->product.text)
                                continue;
                        if (m->usb.product_id < 0)
                                (void) snprintf(alias, sizeof(alias), "busbar:usb:v%04Xp*",
                                                m->usb.vendor_id);
                        else
                                (void) snprintf(alias, sizeof(alias), "busbar:usb:v%04Xp%04X*",
                                                m->usb.vendor_id, m->usb.product_id);
                        if (strv_contains(aliases, alias))
                                continue;

                        r = strv_extend(&aliases, alias);
                        if (r < 0)
                                return r;
                }

        if (aliases)
                qsort(aliases, strv_length(aliases), sizeof(char *), compare_strings);
        *ret = TAKE_PTR(aliases);
        return 0;
}

static int hwdb(Ctl *c, const char *argument) {
        _cleanup_(hid_profiles_done) HidProfiles p = {};
        _cleanup_strv_free_ char **aliases = NULL;
        int r;

        r = load_all(report_plain, NULL, &p);
        if (r < 0)
                return r;
        r = collect_aliases(&p, &aliases);
        if (r < 0)
                return ctl_error(r, "Out of memory.");

        puts("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
             "# USB devices that have a profile, by \"busbarctl profile hwdb\". See busbar-profile(5).");
        STRV_FOREACH(alias, aliases)
                printf("\n%s\n BUSBAR_DRIVER=usbhid-ups\n", *alias);
        return 0;
}

int verb_profile(Ctl *c, char **args) {
        static const struct {
                const char *name;
                bool argument;
                int (*run)(Ctl *c, const char *argument);
        } words[] = {
                { "list", false, list },
                { "check", true, check },
                { "show", true, show },
                { "hwdb", false, hwdb },
        };

        if (!args[0])
                return list(c, NULL);

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (streq(words[i].name, args[0])) {
                        if (!args[1] || words[i].argument)
                                return words[i].run(c, args[1]);
                        break;
                }

        ctl_error(0, "Usage: busbarctl profile list | check [FILE] | show ID | hwdb");
        return CTL_EXIT_USAGE;
}
