/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "doctor.h"
#include "json.h"
#include "string-util.h"

static const char *const severities[_SEVERITY_MAX] = {
        [SEVERITY_FAULT] = "fault",
        [SEVERITY_WARNING] = "warning",
};

static void print_finding(const Ctl *c, const Finding *f) {
        static const Color colors[_SEVERITY_MAX] = {
                [SEVERITY_FAULT] = COLOR_BAD,
                [SEVERITY_WARNING] = COLOR_WARNING,
        };

        ctl_print(c, colors[f->severity], "%s: %s%s%s", severities[f->severity], strempty(f->device),
                f->device ? ": " : "", strempty(f->problem));
        if (f->evidence)
                ctl_print(c, COLOR_FAINT, "    seen: %s", f->evidence);
        if (f->fix)
                ctl_print(c, COLOR_NONE, "    fix:  %s", f->fix);
}

static size_t count(const Doctor *d, DoctorSeverity severity) {
        size_t n = 0;

        for (size_t i = 0; i < d->n_findings; i++)
                n += d->findings[i].severity == severity;
        return n;
}

/* All that have one reason, in a line: "not looked at, REASON: WHAT, WHAT". */
static int print_unseen(Doctor *d) {
        for (size_t i = 0; i < d->n_unseen; i++) {
                _cleanup_strv_free_ char **what = NULL;
                _cleanup_free_ char *all = NULL;
                bool said = false;

                for (size_t j = 0; j < i; j++)
                        said = said || streq_ptr(d->unseen[j].reason, d->unseen[i].reason);
                if (said)
                        continue;
                for (size_t j = i; j < d->n_unseen; j++)
                        if (streq_ptr(d->unseen[j].reason, d->unseen[i].reason) &&
                                !strv_contains(what, d->unseen[j].check->what) &&
                                strv_extend(&what, d->unseen[j].check->what) < 0)
                                return -ENOMEM;
                all = strv_join(what, "; ");
                if (!all)
                        return -ENOMEM;
                ctl_print(d->ctl, COLOR_FAINT, "Not looked at, %s: %s.", strempty(d->unseen[i].reason), all);
        }
        return 0;
}

static int print_text(Doctor *d) {
        size_t faults = count(d, SEVERITY_FAULT), warnings = count(d, SEVERITY_WARNING);
        int r;

        for (DoctorSeverity s = 0; s < _SEVERITY_MAX; s++)
                for (size_t i = 0; i < d->n_findings; i++)
                        if (d->findings[i].severity == s)
                                print_finding(d->ctl, d->findings + i);

        r = print_unseen(d);
        if (r < 0)
                return r;
        if (d->n_not_shown > 0)
                ctl_print(d->ctl, COLOR_NONE,
                        "%zu more are not shown; \"busbarctl doctor DEVICE\" tells those of one.",
                        d->n_not_shown);
        if (d->n_findings == 0)
                ctl_print(
                        d->ctl, COLOR_GOOD, "Nothing found; looked for %zu causes of trouble.", d->n_looked);
        else
                ctl_print(d->ctl, COLOR_NONE,
                        "%zu fault%s, %zu warning%s; looked for %zu causes of "
                        "trouble.",
                        faults, faults == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s", d->n_looked);
        return fflush(stdout) == 0 ? 0 : -errno;
}

static int print_json(Doctor *d) {
        Json j = {.f = stdout};

        json_object(&j, NULL);
        json_boolean(&j, "healthy", d->n_findings == 0);
        json_integer(&j, "checks", (int64_t) d->n_looked);
        json_array(&j, "findings");
        for (DoctorSeverity s = 0; s < _SEVERITY_MAX; s++)
                for (size_t i = 0; i < d->n_findings; i++) {
                        const Finding *f = d->findings + i;

                        if (f->severity != s)
                                continue;
                        json_object(&j, NULL);
                        json_string(&j, "id", f->id);
                        json_string(&j, "severity", severities[f->severity]);
                        json_string(&j, "device", f->device);
                        json_string(&j, "problem", f->problem);
                        json_string(&j, "evidence", f->evidence);
                        json_string(&j, "fix", f->fix);
                        json_object_end(&j);
                }
        json_array_end(&j);
        json_integer(&j, "not_shown", (int64_t) d->n_not_shown);
        json_array(&j, "not_checked");
        for (size_t i = 0; i < d->n_unseen; i++) {
                json_object(&j, NULL);
                json_string(&j, "id", d->unseen[i].check->id);
                json_string(&j, "what", d->unseen[i].check->what);
                json_string(&j, "reason", d->unseen[i].reason);
                json_object_end(&j);
        }
        json_array_end(&j);
        json_object_end(&j);
        return json_finish(&j);
}

int doctor_print(Doctor *d) {
        return d->ctl->json ? print_json(d) : print_text(d);
}
