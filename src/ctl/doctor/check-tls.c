/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/timex.h>

#include "doctor.h"
#include "string-util.h"
#include "time-util.h"
#include "tls-path.h"
#include "tls.h"

#define DAY_USEC (UINT64_C(24) * 3600 * USEC_PER_SEC)

/* So long before the end it should be renewed. */
#define SOON_DAYS 14U

static void look_own(Doctor *d, const char *certfile, const char *file, unsigned line, bool server) {
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        _cleanup_free_ char *path = NULL;
        uint64_t end, now = now_usec(CLOCK_REALTIME);
        TlsFiles files;
        int r;

        if (tls_path(certfile, &path) < 0 || !path)
                return;
        files = (TlsFiles){.file = path};
        r = server ? tls_context_new_server(&files, TLS_REQUEST_NONE, NULL, NULL, &context)
                   : tls_context_new_client(&files, false, NULL, NULL, &context);
        if (r < 0)
                return;
        end = tls_context_expires_usec(context);
        /* What is over already is found with the other mistakes of files. */
        if (end <= now || end - now > SOON_DAYS * DAY_USEC)
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "The certificate %s ends in %" PRIu64 " day%s; TLS fails from then on.", path,
                (end - now) / DAY_USEC, (end - now) / DAY_USEC == 1 ? "" : "s");
        if (line > 0)
                doctor_evidence(d, "%s, named at %s:%u", path, file, line);
        else
                doctor_evidence(d, "%s, named in %s", path, file);
        doctor_fix_text(d,
                "busbarctl tls init --renew && systemctl reload busbar    # or as the authority does "
                "it that made it");
}

static void check_expiry(Doctor *d) {
        _cleanup_free_ char *place = conf_path("upsd.conf");

        if (d->conf.upsd->cert_file && place)
                look_own(d, d->conf.upsd->cert_file, place, 0, true);
        if (d->conf.upsmon->cert_file)
                look_own(d, d->conf.upsmon->cert_file, d->conf.upsmon->cert_file_place.file,
                        d->conf.upsmon->cert_file_place.line, false);
}

static bool uses_certificates(const Doctor *d) {
        if (d->conf.upsd->cert_file || d->conf.upsmon->cert_path || d->conf.upsmon->cert_file)
                return true;
        for (size_t i = 0; i < d->conf.ups->n_sections; i++)
                if (ups_conf_option(d->conf.ups, d->conf.ups->sections + i, "certpath"))
                        return true;
        return false;
}

/* The kernel is told by whoever sets the clock. A mark of systemd-timesyncd counts as well, and alone where
 * the files of another machine are looked at. */
static bool is_synchronised(Doctor *d) {
        struct timex t = {};

        if (doctor_exists(d, "/run/systemd/timesync/synchronized"))
                return true;
        return isempty(d->root) && adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
}

static void check_clock(Doctor *d) {
        if (!uses_certificates(d) || is_synchronised(d))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "Nothing keeps the clock of this machine right, and "
                "certificates are good for "
                "a certain time only.");
        doctor_evidence(d, "the kernel's clock is not synchronised");
        doctor_fix_text(d, "timedatectl set-ntp true    # needs systemd-timesyncd, chrony or ntpsec");
}

const DoctorCheck tls_checks[] = {
        {"certificate-ends", "the end of certificates", NEEDS_CONFIGURATION | NEEDS_ROOT, check_expiry},
        {"clock-unsynchronised", "who keeps the clock", NEEDS_CONFIGURATION, check_clock},
        {},
};
