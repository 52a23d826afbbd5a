/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "conf.h"
#include "listen.h"
#include "log.h"
#include "monitor-units.h"
#include "nut-conf.h"
#include "output.h"
#include "string-util.h"
#include "ups-conf-links.h"

/* Turns NUT's configuration files into what systemd should want, at boot and on each daemon-reload. Nothing
 * but files may be asked here: the service manager waits for us, and there is no bus and no network yet. */

#define GATEWAY_SOCKET "busbar-gateway.socket"
#define GATEWAY_SERVICE "busbar-gateway.service"

/* Says that devices may be missing by mistake, so that a reload stops none. */
#define FLAWED_NAME "busbar.flawed"
/* ... and that LISTEN lines may be, so that a reload leaves the socket alone. */
#define GATEWAY_FLAWED_NAME "busbar-gateway.flawed"

/* Where "systemctl enable busbar" puts its link. */
#define ENABLED_DIRECTORY "/etc/systemd/system/multi-user.target.wants"

/* Sections and lines that are left out do not get as far as a service that could say so. All else is for the
 * services to report: this runs far more often than they start. */
static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        bool *flawed = userdata;

        if (level > LOG_ERR)
                return;

        *flawed = true;
        conf_report_log(NULL, level, file, line, message);
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

/* Lets a service read its files. */
static int let_read(const Generator *g, const char *unit, const Readers *readers) {
        _cleanup_free_ char *groups = reader_groups(readers), *text = NULL;

        if (!groups)
                return -ENOMEM;
        if (isempty(groups))
                return 0;

        text = strjoin("[Service]\n", groups);
        return text ? write_drop_in(g, unit, text) : -ENOMEM;
}

static int generate_device(Generator *g, const UpsConf *c, const UpsSection *s, const Readers *readers) {
        _cleanup_free_ char *unit = NULL, *template = NULL;
        bool grouped;
        int r;

        r = want_device(g, c, s, &unit);
        if (r < 0 || !unit)
                return r;

        r = driver_template(g, s->driver, &template, &grouped);
        return r < 0 || !template ? r : let_read(g, template, readers);
}

/* Drivers of devices that are plugged in, and what names these: what for, only time will tell. */
static int let_plugged_read(const Generator *g, const Readers *readers) {
        static const char *const units[] = {
                "busbar-enroll.service", "busbar-enroll@.service", "busbar-hand-over@.service",
        };
        int r = 0;

        /* Root without its privileges is a reader like any other. */
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(units); i++)
                r = let_read(g, units[i], readers);

        for (const char *const *driver = ups_conf_plugged_drivers(); r >= 0 && *driver; driver++) {
                _cleanup_free_ char *template = strjoin("busbar-", *driver, "@.service");

                if (!template)
                        return -ENOMEM;
                if (exists_below(g, SYSTEMUNITDIR, template))
                        r = let_read(g, template, readers);
        }
        return r;
}

static int mark_flawed(const Generator *g, const char *name) {
        _cleanup_free_ char *path = strjoin(g->output, "/", name);
        _cleanup_close_ int fd = -EBADF;

        if (!path)
                return -ENOMEM;

        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        return fd < 0 ? -errno : 0;
}

/* What relays read besides, of all devices: they share a template. */
static int add_relays(Readers *relays, const UpsConf *c) {
        int r;

        r = readers_add(relays, "ups.conf");
        if (r >= 0)
                r = readers_add(relays, "nutauth.conf");
        for (size_t i = 0; r >= 0 && i < c->n_sections; i++)
                if (streq(c->sections[i].driver, LINK_DRIVER))
                        r = readers_add_certificates(relays, c, c->sections + i);
        return r;
}

static int generate_devices(Generator *g) {
        _cleanup_(readers_done) Readers readers = {}, relays = {};
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;
        bool has_relays = false;
        int r;

        r = ups_conf_load(report, &g->flawed, &c);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                g->flawed = true;
                return 0;
        }

        for (size_t i = 0; i < c->n_sections; i++)
                has_relays = has_relays || streq(c->sections[i].driver, LINK_DRIVER);

        r = readers_add(&readers, "ups.conf");
        if (r >= 0 && has_relays)
                r = add_relays(&relays, c);
        for (size_t i = 0; r >= 0 && i < c->n_sections; i++)
                r = generate_device(g, c, c->sections + i,
                                streq(c->sections[i].driver, LINK_DRIVER) ? &relays : &readers);
        return r < 0 ? r : let_plugged_read(g, &readers);
}

/* What a socket unit can say of the LISTEN lines. None of them means that the unit's own addresses are
 * right only if there is no line at all. */
static int generate_socket(const Generator *g, const UpsdConf *c) {
        _cleanup_strv_free_ char **streams = NULL;
        _cleanup_free_ char *list = NULL, *text = NULL;

        int r = listen_streams(c, &streams);
        if (r < 0 || c->n_listens == 0)
                return r;

        if (strv_length(streams) == 0)
                return write_drop_in(g, GATEWAY_SOCKET, "[Unit]\nConditionPathExists=!/\n");

        list = strv_join(streams, "\nListenStream=");
        text = list ? strjoin("[Socket]\nListenStream=\nListenStream=", list, "\n") : NULL;
        return text ? write_drop_in(g, GATEWAY_SOCKET, text) : -ENOMEM;
}

/* Nobody connects to have it started where only it can listen, or before anybody knows of it. */
static bool runs_always(const UpsdConf *c) {
        for (size_t i = 0; i < c->n_listens; i++)
                if (listen_needs_interface(c->listens + i))
                        return true;
        return c->announce;
}

static int generate_listen(const Generator *g, const UpsdConf *c, bool flawed) {
        int r = generate_socket(g, c);
        if (r >= 0 && runs_always(c))
                r = want_unit(g, GATEWAY_SERVICE, GATEWAY_SERVICE);
        return r < 0 || !flawed ? r : mark_flawed(g, GATEWAY_FLAWED_NAME);
}

/* c: what upsd.conf says, or NULL. */
static int let_gateway_read(const Generator *g, const UpsdConf *c) {
        static const char *const files[] = { "ups.conf", "upsd.conf", "upsd.users" };
        _cleanup_(readers_done) Readers readers = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(files); i++)
                r = readers_add(&readers, files[i]);
        if (r >= 0 && c)
                r = readers_add_certificate(&readers, c->cert_path, c->cert_file, c->cert_ident_name);
        return r < 0 ? r : let_read(g, GATEWAY_SERVICE, &readers);
}

static int generate_gateway(const Generator *g) {
        _cleanup_(upsd_conf_freep) UpsdConf *c = NULL;
        bool flawed = false;

        int r = want_unit(g, GATEWAY_SOCKET, GATEWAY_SOCKET);
        if (r < 0)
                return r;

        int loaded = upsd_conf_load(report, &flawed, &c);
        if (loaded == -ENOMEM)
                return loaded;
        r = let_gateway_read(g, c);
        if (r < 0)
                return r;
        return loaded < 0 ? mark_flawed(g, GATEWAY_FLAWED_NAME) : generate_listen(g, c, flawed);
}

/* While Busbar is enabled, NUT's services are not there. Conflicts= alone would let the last one win: one of
 * them may want another each time it is started. A client keeps what else it has of NUT. */
static int mask_nut(const Generator *g, bool client) {
        static const struct {
                const char *unit;
                bool client;
        } units[] = {
                { "nut-client.service",            true  },
                { "nut-driver-enumerator.path",    false },
                { "nut-driver-enumerator.service", false },
                { "nut-driver.target",             false },
                { "nut-monitor.service",           true  },
                { "nut-server.service",            false },
        };
        int r = 0;

        if (!g->early || !exists_below(g, ENABLED_DIRECTORY, "busbar.service"))
                return 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(units); i++)
                if (!client || units[i].client)
                        r = mask_unit(g, units[i].unit);

        return r;
}

/* MODE=netclient in nut.conf: this machine only watches devices of others. All other modes, "none" as well,
 * which is what a fresh installation says, start what is configured. */
static bool mode_is_netclient(void) {
        NutConf c;

        return nut_conf_load(NULL, NULL, &c) >= 0 && c.mode == NUT_MODE_NETCLIENT;
}

static int generate(Generator *g) {
        bool client = mode_is_netclient();
        int results[5] = {};

        /* One that fails is no reason to do without the others. */
        if (!client) {
                results[0] = generate_devices(g);
                results[1] = generate_gateway(g);
        }
        results[2] = generate_monitor(g);
        results[3] = mask_nut(g, client);
        if (g->flawed)
                results[4] = mark_flawed(g, FLAWED_NAME);

        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (results[i] < 0)
                        return results[i];
        return 0;
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
