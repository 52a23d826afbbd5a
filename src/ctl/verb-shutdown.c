/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "bus-names.h"
#include "duration.h"
#include "monitor.h"
#include "string-util.h"
#include "time-util.h"

#define HOST_NAME_MAX_LENGTH 256

/*** Rehearsal ***/

static int rehearsal_json(const Records *steps, size_t failed) {
        Json j = { .f = stdout };

        json_object(&j, NULL);
        json_boolean(&j, "ok", failed == 0);
        records_json(&j, "steps", steps);
        json_object_end(&j);
        return json_finish(&j);
}

static int print_rehearsal(const Ctl *c, const Records *steps, size_t failed) {
        _cleanup_(table_freep) Table *t = table_new(4);
        char text[DURATION_TEXT_MAX];

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (c->terminal)
                table_add_titles(t, "STEP", "RESULT", "TIME", "");

        for (size_t i = 0; i < steps->n; i++) {
                const MonitorStep *step = RECORD(MonitorStep, steps, i);

                duration_format(text, sizeof(text), step->time_usec);
                table_add(t, COLOR_BOLD, strempty(step->name));
                table_add(t, step->ok ? COLOR_GOOD : COLOR_BAD, step->ok ? "ok" : "FAILED");
                table_add(t, COLOR_NONE, text);
                table_add(t, COLOR_NONE, strempty(step->text));
        }

        if (table_print(t, stdout, c->terminal, c->color) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (failed == 0 && c->terminal) {
                putchar('\n');
                ctl_print(c, COLOR_GOOD, "All is ready.");
        }

        return 0;
}

static int rehearse(Ctl *c) {
        _cleanup_(records_done) Records steps = { .kind = &monitor_step_kind };
        size_t failed = 0;
        int r;

        r = monitor_read(c, "Rehearse", NULL, (Records *[]) { &steps }, 1);
        if (r < 0)
                return r;

        for (size_t i = 0; i < steps.n; i++)
                failed += !RECORD(MonitorStep, &steps, i)->ok;

        r = c->json ? rehearsal_json(&steps, failed) : print_rehearsal(c, &steps, failed);
        if (r < 0 || failed == 0)
                return r;

        return ctl_error(EXIT_FAILURE, "%zu of %zu steps would fail.", failed, steps.n);
}

/*** The real thing ***/

static int report_done(const Ctl *c, const char *what) {
        Json j = { .f = stdout };

        if (!c->json)
                return 0;

        json_object(&j, NULL);
        json_string(&j, "shutdown", what);
        json_string(&j, "result", "ok");
        json_object_end(&j);
        return json_finish(&j);
}

/* "a, b" for the supplies whose other machines we shut down first; NULL without memory. */
static char *primary_devices(const Records *supplies) {
        _cleanup_strv_free_ char **names = NULL;

        for (size_t i = 0; i < supplies->n; i++) {
                const MonitorSupply *s = RECORD(MonitorSupply, supplies, i);

                if (s->primary && s->device && strv_extend(&names, s->device) < 0)
                        return NULL;
        }

        return strv_join(names, ", ");
}

static int confirm(Ctl *c) {
        _cleanup_(records_done) Records supplies = { .kind = &monitor_supply_kind };
        _cleanup_free_ char *devices = NULL, *line = NULL, *clean = NULL;
        char host[HOST_NAME_MAX_LENGTH] = "this machine";
        size_t size = 0;
        int r;

        if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
                ctl_error(0, "Nobody is there to be asked whether this machine is to be shut down. "
                             "If it is, say --yes.");
                return CTL_EXIT_USAGE;
        }

        r = monitor_read(c, "ListSupplies", NULL, (Records *[]) { &supplies }, 1);
        if (r < 0)
                return r;

        devices = primary_devices(&supplies);
        clean = devices ? text_clean(devices) : NULL;
        if (!clean)
                return ctl_error(-ENOMEM, "Out of memory.");

        (void) gethostname(host, sizeof(host) - 1);
        fprintf(stderr, "This shuts down %s%s%s.\nGo on? [y/N] ", host,
                isempty(clean) ? "" : ", and before it all machines on ", clean);
        if (getline(&line, &size, stdin) >= 0) {
                line[strcspn(line, "\n")] = '\0';
                if (strcaseeq(line, "y") || strcaseeq(line, "yes"))
                        return 0;
        }

        return ctl_error(-ECANCELED, "Nothing was done.");
}

static int begin(Ctl *c) {
        _cleanup_(records_done) Records state = {};
        int r;

        if (!(c->given & CTL_OPTION_YES)) {
                r = confirm(c);
                if (r != 0)
                        return r;
        }

        ctl_agent_open(c);
        r = monitor_call(c, POLKIT_FORCE_SHUTDOWN, NULL, "ForceShutdown", "s", strempty(c->reason));
        if (r < 0)
                return r;

        if (c->terminal && !c->json && monitor_read_state(c, USEC_PER_SEC, &state) >= 0)
                monitor_print_state(c, RECORD(MonitorState, &state, 0));

        return report_done(c, "begun");
}

static int cancel(Ctl *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        _cleanup_strv_free_ char **final = NULL;
        int r;

        ctl_agent_open(c);
        r = monitor_call(c, POLKIT_CANCEL_SHUTDOWN, &answer, "CancelShutdown", "s", strempty(c->reason));
        if (r < 0)
                return r;

        /* It is called off all the same, so this is no failure. */
        if (sd_bus_message_read_strv(answer, &final) >= 0)
                for (size_t i = 0; i < strv_length(final); i++) {
                        _cleanup_free_ char *clean = text_clean(final[i]);

                        fprintf(stderr, "%s was told to switch off and cannot be told to stay on.\n",
                                clean ? clean : "A device");
                }
        return report_done(c, "cancelled");
}

int verb_shutdown(Ctl *c, char **args) {
        bool dry_run = c->given & CTL_OPTION_DRY_RUN, cancelling = c->given & CTL_OPTION_CANCEL;
        int r;

        if (dry_run && (cancelling || c->reason)) {
                ctl_error(0, "--dry-run goes without %s.", cancelling ? "--cancel" : "--reason");
                return CTL_EXIT_USAGE;
        }

        r = ctl_open_bus(c);
        if (r < 0)
                return r;

        return dry_run ? rehearse(c) : cancelling ? cancel(c) : begin(c);
}
