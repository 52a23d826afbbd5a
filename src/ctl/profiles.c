/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles of all engines: which there are, what is wrong with them, and what is in one. */

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "json.h"
#include "line-profile.h"
#include "problems.h"
#include "profiles.h"
#include "snmp-profile.h"
#include "string-util.h"
#include "text.h"

void profile_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (line > 0)
                ctl_error(0, "%s:%u: %s", file, line, message);
        else
                ctl_error(0, "%s: %s", file, message);
}

/* All of an installation, or of one directory. */
typedef struct Profiles {
        HidProfiles hid;
        LineProfiles lines[2]; /* of the directories below; only the first one when a path was given */
        SnmpProfiles snmp;
} Profiles;

static const char *const line_directories[] = { "qx", "serial" };

static void profiles_done(Profiles *p) {
        hid_profiles_done(&p->hid);
        for (size_t i = 0; i < ELEMENTSOF(p->lines); i++)
                line_profiles_done(&p->lines[i]);
        snmp_profiles_done(&p->snmp);
}

/* path may be NULL. What cannot be read is reported. */
static int load(const char *path, ConfReport report, void *userdata, Profiles *ret) {
        _cleanup_(profiles_done) Profiles p = {};
        int r;

        r = path ? hid_profiles_read(path, report, userdata, &p.hid)
                : hid_profiles_load(report, userdata, &p.hid);
        if (path && r >= 0)
                r = line_profiles_read(path, report, userdata, &p.lines[0]);
        for (size_t i = 0; i < ELEMENTSOF(line_directories) && !path && r >= 0; i++)
                r = line_profiles_load(line_directories[i], report, userdata, &p.lines[i]);
        if (r >= 0)
                r = path ? snmp_profiles_read(path, report, userdata, &p.snmp)
                        : snmp_profiles_load(report, userdata, &p.snmp);
        if (r < 0)
                return r;

        *ret = p;
        p = (Profiles) {};
        return 0;
}

/* One of them, as what they have in common. */
typedef struct Entry {
        const char *id, *title, *version, *file;
        const HidProfile *hid; /* one of them */
        const LineProfile *line;
        const SnmpProfile *snmp;
} Entry;

/* The profiles one after the other; false behind the last. */
static bool get(const Profiles *p, size_t i, Entry *ret) {
        if (i < p->hid.n_profiles) {
                const HidProfile *q = p->hid.profiles[i];

                *ret = (Entry) { q->id, q->title, q->version, q->file, .hid = q };
                return true;
        }

        i -= p->hid.n_profiles;
        for (size_t k = 0; k < ELEMENTSOF(p->lines); k++) {
                if (i < p->lines[k].n_profiles) {
                        const LineProfile *q = p->lines[k].profiles[i];

                        *ret = (Entry) { q->id, q->title, q->version, q->file, .line = q };
                        return true;
                }
                i -= p->lines[k].n_profiles;
        }

        if (i < p->snmp.n_profiles) {
                const SnmpProfile *q = p->snmp.profiles[i];

                *ret = (Entry) { q->id, q->title, q->version, q->file, .snmp = q };
                return true;
        }

        return false;
}

static const char *engine_of(const Entry *e) {
        return e->hid ? "hid" : e->line ? "line" : "snmp";
}

static int load_all(Profiles *ret) {
        int r = load(NULL, profile_report, NULL, ret);

        return r < 0 ? ctl_error(r, "Cannot read the profiles: %s.", strerror(-r)) : 0;
}

static void put_matches(Json *j, const HidProfile *p) {
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
}

static void put_protocols(Json *j, const LineProfile *p) {
        json_integer(j, "order", p->order);
        json_array(j, "protocols");
        STRV_FOREACH(name, p->protocols)
                json_string(j, NULL, *name);
        json_array_end(j);
}

static void put_mibs(Json *j, const SnmpProfile *p) {
        json_integer(j, "order", p->order);
        json_array(j, "mibs");
        STRV_FOREACH(name, p->mibs)
                json_string(j, NULL, *name);
        json_array_end(j);
        json_array(j, "sysobjectids");
        for (size_t i = 0; i < p->n_sysobjectids; i++) {
                _cleanup_free_ char *oid = snmp_oid_text(&p->sysobjectids[i]);

                json_string(j, NULL, oid);
        }
        json_array_end(j);
}

static void put_json(Json *j, const Entry *e) {
        json_object(j, NULL);
        json_string(j, "engine", engine_of(e));
        json_string(j, "id", e->id);
        json_string(j, "title", e->title);
        json_string(j, "version", e->version);
        json_string(j, "file", e->file);
        if (e->hid)
                put_matches(j, e->hid);
        else if (e->line)
                put_protocols(j, e->line);
        else
                put_mibs(j, e->snmp);
        json_object_end(j);
}

static int list_json(const Profiles *p) {
        Json j = { .f = stdout };
        Entry e;

        json_array(&j, NULL);
        for (size_t i = 0; get(p, i, &e); i++)
                put_json(&j, &e);
        json_array_end(&j);
        return json_finish(&j);
}

int profile_list(Ctl *c, const char *argument) {
        _cleanup_(profiles_done) Profiles p = {};
        _cleanup_(table_freep) Table *t = NULL;
        Entry e;
        int r;

        r = load_all(&p);
        if (r < 0)
                return r;
        if (c->json)
                return list_json(&p);

        t = table_new(5);
        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (c->terminal)
                table_add_titles(t, "PROFILE", "TITLE", "VERSION", "ENGINE", "FILE");

        for (size_t i = 0; get(&p, i, &e); i++) {
                table_add(t, COLOR_BOLD, e.id);
                table_add(t, COLOR_NONE, e.title);
                table_add(t, COLOR_NONE, e.version);
                table_add(t, COLOR_NONE, engine_of(&e));
                table_add(t, COLOR_FAINT, e.file);
        }

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static void say_nothing(void *userdata, int level, const char *file, unsigned line, const char *message) {
}

/* A device of any other profile may be asked what this one asks. What is wrong with those is not asked for
 * here. */
static int check_beside_installed(const LineProfile *p, Problems *problems) {
        _cleanup_(profiles_done) Profiles installed = {};
        _cleanup_free_ LineProfile **list = NULL;
        LineProfiles all = {};
        size_t n = 0;
        Entry e;

        if (load(NULL, say_nothing, NULL, &installed) == -ENOMEM)
                return -ENOMEM;
        while (get(&installed, n, &e))
                n++;
        list = all.profiles = new0(LineProfile *, n + 1);
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < n && get(&installed, i, &e); i++)
                if (e.line)
                        list[all.n_profiles++] = (LineProfile *) e.line;
        (void) line_profile_check_clashes(p, &all, problems_report, problems);
        return 0;
}

/* The engine is told by the file. */
static int check_file(const char *path, Problems *problems) {
        _cleanup_(line_profile_unrefp) LineProfile *line = NULL;
        _cleanup_(hid_profile_unrefp) HidProfile *hid = NULL;
        _cleanup_(snmp_profile_unrefp) SnmpProfile *snmp = NULL;
        _cleanup_free_ char *engine = NULL;
        int r = profile_file_engine(path, &engine);

        if (r == -ENOMEM)
                return r;
        if (streq(strempty(engine), "snmp"))
                return snmp_profile_load(path, problems_report, problems, &snmp);
        if (!streq(strempty(engine), "line"))
                return hid_profile_load(path, problems_report, problems, &hid);
        r = line_profile_load(path, problems_report, problems, &line);
        return r < 0 ? r : check_beside_installed(line, problems);
}

static int is_profile(const struct dirent *e) {
        return e->d_name[0] != '.' && endswith(e->d_name, ".profile");
}

/* What is included means nothing by itself: it is looked at as a part of the profiles beside it that include
 * it, up to the first one with a mistake. */
static int check_rows(const char *path, Problems *problems, size_t *ret_n) {
        const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        _cleanup_free_ char *name = strndup(base, strlen(base) - strlen(".rows"));
        _cleanup_free_ char *directory = slash ? strndup(path, (size_t) (slash - path) + 1) : strdup("./");
        struct dirent **entries = NULL;
        int n, r = 0;

        if (!name || !directory)
                return -ENOMEM;

        *ret_n = 0;
        n = scandir(directory, &entries, is_profile, alphasort);
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *file = strjoin(directory, entries[i]->d_name);

                if (!file)
                        r = -ENOMEM;
                if (r >= 0 && profile_file_includes(file, name) > 0) {
                        ++*ret_n;
                        r = check_file(file, problems);
                }
                free(entries[i]);
        }
        free(entries);
        if (r >= 0 && *ret_n == 0)
                conf_line_report(&(ConfLine) { .file = path }, problems_report, problems, LOG_ERR,
                                "No profile beside it has \"include = %s\": nothing is known of it", name);
        return r;
}

/* All of an installation, or of one directory, also side by side. */
static int check_all(const char *path, Problems *problems, size_t *ret_n) {
        _cleanup_(profiles_done) Profiles p = {};
        Entry e;
        size_t n = 0;
        int r;

        r = load(path, problems_report, problems, &p);
        if (r < 0)
                return r;

        hid_profiles_check(&p.hid, problems_report, problems);
        for (size_t i = 0; i < ELEMENTSOF(p.lines); i++)
                line_profiles_check(&p.lines[i], problems_report, problems);
        snmp_profiles_check(&p.snmp, problems_report, problems);
        while (get(&p, n, &e))
                n++;

        *ret_n = n;
        return 0;
}

int profile_check(Ctl *c, const char *path) {
        Problems problems = { .ctl = c };
        struct stat st;
        size_t n = 1;
        int r;

        problems_begin(&problems);
        if (path && endswith(path, ".rows") && stat(path, &st) >= 0 && S_ISREG(st.st_mode))
                r = check_rows(path, &problems, &n);
        else if (path && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
                r = check_file(path, &problems);
        else
                r = check_all(path, &problems, &n);
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

/* Whether a profile is meant: by its id, or by its directory and id, "qx/q1". */
static bool is_meant(const char *name, const Entry *e) {
        _cleanup_free_ char *end = strjoin("/", name, ".profile");

        return streq(name, e->id) || (end && strchr(name, '/') && endswith(e->file, end));
}

int profile_show(Ctl *c, const char *id) {
        _cleanup_(profiles_done) Profiles p = {};
        Json j = { .f = stdout };
        Entry e;
        int r;

        if (!id)
                return ctl_error(-EINVAL, "Which profile? \"busbarctl profile list\" has their names.");

        r = load_all(&p);
        if (r < 0)
                return r;

        for (size_t i = 0; get(&p, i, &e); i++) {
                if (!is_meant(id, &e))
                        continue;
                if (!c->json)
                        return print_file(e.file);
                put_json(&j, &e);
                return json_finish(&j);
        }

        return ctl_error(-ENOENT, "There is no profile \"%s\". See \"busbarctl profile list\".", id);
}
