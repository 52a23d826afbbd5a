/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status.h"

#include <stdio.h>

#include "background.h"
#include "driver-link.h"
#include "lexer.h"
#include "string-util.h"

/* What NUT shows for a process of which no file tells. */
#define NO_PID_FILE (-3)

void status_list(const Selection *s) {
        for (size_t i = 0; i < s->n_targets; i++)
                if (s->targets[i].selected)
                        puts(s->targets[i].section->name);
}

/* As systemctl is-enabled, is-active and is-failed say it. */
static char *unit_state(Control *c, const Target *t) {
        _cleanup_free_ char *file = NULL, *active = NULL;
        bool twice;

        if (!t->unit || systemd_file_state(c->systemd, t->unit, &file) < 0)
                return strdup("N/A");
        if (systemd_state(c->systemd, t->unit, &active) < 0 && free_and_strdup(&active, "inactive") < 0)
                return NULL;
        twice = !streq(active, "active") && !streq(active, "inactive");
        return strjoin(file, ",", active, twice ? "," : "", twice ? active : "");
}

static void print_service(Control *c, const Target *t) {
        _cleanup_free_ char *state = unit_state(c, t);

        printf("%-30s\t%23s\t", t->unit ?: "N/A", strempty(state));
}

/* The column in quotes, empty without one. */
static char *quote(const char *status) {
        _cleanup_free_ char *escaped = NULL;
        size_t n;

        if (!status)
                return strdup("");
        n = lexer_escape(NULL, 0, status) + 1;
        escaped = malloc(n);
        if (!escaped)
                return NULL;
        (void) lexer_escape(escaped, n, status);
        return strjoin("\"", escaped, "\"");
}

static const char *running(const Target *t, pid_t unit_pid, const Probe *p) {
        pid_t pid = p->pid > 0 ? p->pid : unit_pid > 0 ? unit_pid : p->peer;

        if (pid <= 0)
                return "N/A";
        return background_is(pid, t->section->driver) ? "RUNNING" : "STOPPED";
}

static int print_one(Control *c, const Target *t) {
        _cleanup_free_ char *status = NULL;
        pid_t unit_pid = 0;
        char pid[16];
        Probe p;

        if (driver_probe(t->socket, &p) < 0)
                return -ENOMEM;
        if (c->systemd && t->unit)
                unit_pid = systemd_main_pid(c->systemd, t->unit);
        status = quote(p.status);
        (void) snprintf(pid, sizeof(pid), "%d", (int) p.pid);
        if (p.error == -EACCES)
                (void) control_complain(p.error, t->socket, NULL);

        printf("%-11s\t%11s\t%s\t%d\t%s\t%s\t%s\n", t->section->name, t->section->driver,
                        running(t, unit_pid, &p), unit_pid > 0 ? (int) unit_pid : NO_PID_FILE,
                        p.responsive ? "RESPONSIVE" : "NOT_RESPONSIVE", p.pid > 0 ? pid : "N/A",
                        strempty(status));
        (void) fflush(stdout);
        probe_done(&p);
        return status ? 0 : -ENOMEM;
}

int status_print(Control *c, const Selection *s, bool services) {
        int r = 0;

        if (services)
                printf("%-30s\t%23s\t", "SVC_NAME", "SVC_STATE");
        printf("%-11s\t%11s\t%s\t%s\t%s\t%s\t%s\n", "UPSNAME", "UPSDRV", "RUNNING", "PF_PID", "S_RESPONSIVE",
                        "S_PID", "S_STATUS");
        for (size_t i = 0; i < s->n_targets && r >= 0; i++) {
                if (!s->targets[i].selected)
                        continue;
                if (services)
                        print_service(c, s->targets + i);
                r = print_one(c, s->targets + i);
        }
        return r;
}
