/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-limit.h"

#include <stdio.h>
#include <unistd.h>

#include "string-util.h"
#include "test-util.h"
#include "time-util.h"

/* What went to the log since the last time, which begins now. */
static char *take_log(FILE *log) {
        char *text = new0(char, 4096);

        ASSERT_TRUE(text);
        ASSERT_TRUE(pread(fileno(log), text, 4095, 0) >= 0);
        ASSERT_EQ(ftruncate(fileno(log), 0), 0);
        ASSERT_EQ(lseek(STDERR_FILENO, 0, SEEK_SET), 0);
        return text;
}

static void expect(FILE *log, const char *text) {
        _cleanup_free_ char *got = take_log(log);

        /* Through our own stderr nothing could be said of it. */
        if (isempty(text) ? !isempty(got) : !strstr(got, text)) {
                (void) fprintf(stdout, "\"%s\" is not \"%s\"\n", got, text);
                abort();
        }
}

int main(void) {
        RateLimit host = { .interval_usec = 10 * USEC_PER_SEC, .burst = 1 };
        RateLimit all = { .interval_usec = 10 * USEC_PER_SEC, .burst = 100 };
        FILE *log = tmpfile();

        ASSERT_TRUE(log);
        ASSERT_TRUE(dup2(fileno(log), STDERR_FILENO) >= 0);

        ASSERT_TRUE(log_limits_allow(&host, &all, LOG_DENIALS, "192.0.2.7"));
        for (int i = 0; i < 7; i++)
                ASSERT_FALSE(log_limits_allow(&host, &all, LOG_DENIALS, "192.0.2.7"));
        log_limit_tell(&host, LOG_DENIALS, "192.0.2.7"); /* the time is not over */
        expect(log, "");

        host.begin_usec -= host.interval_usec;
        log_limit_tell(&host, LOG_DENIALS, "192.0.2.7");
        expect(log, "7 more refused requests of 192.0.2.7 were not logged");
        log_limit_tell(&host, LOG_DENIALS, "192.0.2.7");
        expect(log, "");

        /* with the next one */
        ASSERT_TRUE(log_limits_allow(&host, &all, LOG_DENIALS, "192.0.2.7"));
        ASSERT_FALSE(log_limits_allow(&host, &all, LOG_DENIALS, "192.0.2.7"));
        expect(log, "");
        host.begin_usec -= host.interval_usec;
        ASSERT_TRUE(log_limits_allow(&host, &all, LOG_DENIALS, "192.0.2.7"));
        expect(log, "1 more refused requests of 192.0.2.7 were not logged");

        /* of all hosts */
        all.burst = all.n;
        ASSERT_FALSE(log_limits_allow(NULL, &all, LOG_DENIALS, NULL));
        all.begin_usec -= all.interval_usec;
        log_limit_tell(&all, LOG_DENIALS, NULL);
        expect(log, "1 more refused requests were not logged");
        (void) fclose(log);
        return 0;
}
