/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "conf.h"
#include "listen.h"
#include "log.h"
#include "readers.h"
#include "string-util.h"
#include "unit-name.h"
#include "ups-conf.h"

/* Turns NUT's configuration files into what systemd should want, at boot and on each daemon-reload. Nothing
 * but files may be asked here: the service manager waits for us, and there is no bus and no network yet. */

#define GATEWAY_SOCKET "busbar-gateway.socket"
#define GATEWAY_SERVICE "busbar-gateway.service"
#define DROP_IN_NAME "50-busbar.conf"

/* Says that devices may be missing by mistake, so that a reload stops none. */
#define FLAWED_NAME "busbar.flawed"

/* Where "systemctl enable busbar" puts its link. */
#define ENABLED_DIRECTORY "/etc/systemd/system/multi-user.target.wants"

typedef struct Generator {
        const char *output; /* where the links and drop-ins go */
        const char *early;  /* the same, before what administrators say; NULL if not given */
        const char *root;   /* of the system that is looked at; "" outside of tests */
        bool flawed;        /* some device was left out */
} Generator;

/* Sections and lines that are left out do not get as far as a service that could say so. All else is for the
 * services to report: this runs far more often than they start. */
static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        bool *flawed = userdata;

        if (level > LOG_ERR)
                return;

        *flawed = true;
        conf_report_log(NULL, level, file, line, message);
}

static void report_nothing(void *userdata, int level, const char *file, unsigned line, const char *message) {
}

/* Standard error is /dev/null for generators: make it the journal, as a service has it, or the kernel's log
 * while there is no journal yet. */
static void log_to_system(void) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *stream = NULL;
        struct stat st;

        if (!getenv("SYSTEMD_EXEC_PID"))
                return;

        fd = sd_journal_stream_fd("busbar-generator", LOG_WARNING, /* level_prefix= */ true);
        if (fd >= 0 && fstat(fd, &st) >= 0) {
                stream = strprintf("%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
                if (stream)
                        (void) setenv("JOURNAL_STREAM", stream, /* overwrite= */ true);
        } else
                fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);

        if (fd >= 0)
                (void) dup2(fd, STDERR_FILENO);
}

static bool exists_below(const Generator *g, const char *directory, const char *name) {
        _cleanup_free_ char *path = strjoin(g->root, directory, "/", name);

        return path && access(path, F_OK) >= 0;
}

static int make_directory(const char *path) {
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_drop_in(const Generator *g, const char *unit, const char *text) {
        _cleanup_free_ char *directory = NULL, *path = NULL;
        FILE *f;
        int r;

        directory = strjoin(g->output, "/", unit, ".d");
        path = directory ? strjoin(directory, "/" DROP_IN_NAME) : NULL;
        if (!path)
                return -ENOMEM;

        r = make_directory(directory);
        if (r < 0)
                return r;

        f = fopen(path, "we");
        if (!f)
                return -errno;
        r = fprintf(f, "# Made by busbar-generator from the files in %s.\n%s", CONFDIR, text) < 0 ? -EIO : 0;
        return fclose(f) == EOF ? -errno : r;
}

/* busbar.target is to want the unit, which the named file in the unit directory defines. */
static int want_unit(const Generator *g, const char *unit, const char *file) {
        _cleanup_free_ char *directory = NULL, *link = NULL, *target = NULL;
        int r;

        directory = strjoin(g->output, "/busbar.target.wants");
        link = directory ? strjoin(directory, "/", unit) : NULL;
        target = strjoin(SYSTEMUNITDIR "/", file);
        if (!link || !target)
                return -ENOMEM;

        r = make_directory(directory);
        if (r < 0)
                return r;

        return symlink(target, link) < 0 && errno != EEXIST ? -errno : 0;
}

/* The services have no privileges: without this, files that are 0640 root:nut would be closed to them. */
static int let_read(const Generator *g, const char *unit, const Readers *readers) {
        _cleanup_free_ char *groups = NULL, *text = NULL;

        groups = readers_groups(readers);
        if (!groups)
                return -ENOMEM;
        if (isempty(groups))
                return 0;

        text = strprintf("[Service]\nSupplementaryGroups=%s\n", groups);
        return text ? write_drop_in(g, unit, text) : -ENOMEM;
}

static int generate_device(Generator *g, const UpsSection *s, const Readers *readers) {
        _cleanup_free_ char *unit = NULL, *template = NULL;
        LogContext place = { .device = s->name, .driver = s->driver, .file = s->file, .line = s->line };
        int r;

        r = unit_name_for_device(s->driver, s->name, &unit);
        if (r == -ENOMEM)
                return r;
        if (r == -ENAMETOOLONG) {
                g->flawed = true;
                log_full(LOG_ERR, 0, &place, "%s:%u: [%s] is too long a name for a unit; it is not started.",
                                s->file, s->line, s->name);
                return 0;
        }

        template = r < 0 ? NULL : strjoin("busbar-", s->driver, "@.service");
        if (!template || !exists_below(g, SYSTEMUNITDIR, template)) {
                g->flawed = true;
                log_full(LOG_ERR, 0, &place, "%s:%u: There is no driver %s; [%s] is not started.",
                                s->file, s->line, s->driver, s->name);
                return 0;
        }

        r = want_unit(g, unit, template);
        return r < 0 ? r : let_read(g, template, readers);
}

static int mark_flawed(const Generator *g) {
        _cleanup_free_ char *path = strjoin(g->output, "/" FLAWED_NAME);
        _cleanup_close_ int fd = -EBADF;

        if (!path)
                return -ENOMEM;

        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        return fd < 0 ? -errno : 0;
}

static int generate_devices(Generator *g) {
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        _cleanup_(readers_done) Readers readers = {};
        int r;

        r = ups_conf_load(report, &g->flawed, &c);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return mark_flawed(g);

        r = readers_add(&readers, "ups.conf");
        for (size_t i = 0; r >= 0 && i < c->n_sections; i++)
                r = generate_device(g, c->sections + i, &readers);

        return r >= 0 && g->flawed ? mark_flawed(g) : r;
}

static int generate_listen(const Generator *g) {
        _cleanup_(upsd_conf_freep) UpsdConf *c = NULL;
        _cleanup_strv_free_ char **streams = NULL;
        _cleanup_free_ char *list = NULL, *text = NULL;
        bool flawed = false;
        int r;

        r = upsd_conf_load(report, &flawed, &c);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        r = listen_streams(c, &streams);
        if (r < 0 || strv_length(streams) == 0)
                return r;

        list = strv_join(streams, "\nListenStream=");
        text = list ? strjoin("[Socket]\nListenStream=\nListenStream=", list, "\n") : NULL;
        return text ? write_drop_in(g, GATEWAY_SOCKET, text) : -ENOMEM;
}

static int generate_gateway(const Generator *g) {
        static const char *const files[] = { "ups.conf", "upsd.conf", "upsd.users" };
        _cleanup_(readers_done) Readers readers = {};
        int r;

        r = want_unit(g, GATEWAY_SOCKET, GATEWAY_SOCKET);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(files); i++)
                r = readers_add(&readers, files[i]);
        if (r >= 0)
                r = let_read(g, GATEWAY_SERVICE, &readers);

        return r < 0 ? r : generate_listen(g);
}

/* While Busbar is enabled, NUT's server and drivers are not there. Conflicts= alone would let the last one
 * win: NUT's monitor, which may well go on with us as its server, wants NUT's server each time it is
 * started. */
static int mask_nut(const Generator *g) {
        static const char *const units[] = {
                "nut-driver-enumerator.path",
                "nut-driver-enumerator.service",
                "nut-driver.target",
                "nut-server.service",
        };

        if (!g->early || !exists_below(g, ENABLED_DIRECTORY, "busbar.service"))
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                _cleanup_free_ char *link = strjoin(g->early, "/", units[i]);

                if (!link)
                        return -ENOMEM;
                if (symlink("/dev/null", link) < 0 && errno != EEXIST)
                        return -errno;
        }

        return 0;
}

/* MODE=netclient in nut.conf: this machine only watches devices of others. All other modes, "none" as well,
 * which is what a fresh installation says, start what is configured. nut.conf is a shell's file, of which we
 * understand the simple part. */
static bool mode_is_netclient(void) {
        _cleanup_(conf_freep) Conf *c = NULL;
        _cleanup_free_ char *path = conf_path("nut.conf");
        bool netclient = false;

        if (!path || conf_load(path, report_nothing, NULL, &c) < 0)
                return false;

        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);

                if (l->assignment && l->n_words == 3 && streq(l->words[0], "MODE"))
                        netclient = streq(l->words[2], "netclient") || streq(l->words[2], "'netclient'");
        }

        return netclient;
}

static int generate(Generator *g) {
        int devices, gateway, masks;

        if (mode_is_netclient())
                return 0;

        /* One that fails is no reason to do without the others. */
        devices = generate_devices(g);
        gateway = generate_gateway(g);
        masks = mask_nut(g);

        return devices < 0 ? devices : gateway < 0 ? gateway : masks;
}

int main(int argc, char *argv[]) {
        Generator g = { .root = strempty(getenv("BUSBAR_GENERATOR_ROOT")) };
        int r;

        if (argc != 2 && argc != 4) {
                fprintf(stderr, "Usage: %s DIRECTORY [EARLY-DIRECTORY LATE-DIRECTORY]\n", argv[0]);
                return EXIT_FAILURE;
        }

        log_to_system();
        umask(0022);
        g.output = argv[1];
        g.early = argc == 4 ? argv[2] : NULL;

        r = generate(&g);
        if (r < 0)
                log_error_errno(r, "Cannot generate units in %s: %m", g.output);

        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
