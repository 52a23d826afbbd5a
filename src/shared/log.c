/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

/* The place of every message would be this file. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "string-util.h"

#define TEXT_SIZE 3072U
#define FIELDS_MAX 12U

/* libc has this mask until somebody sets one: all levels. So that LOG_DEBUG can be told from it, each mask
 * set here has one bit more, which means nothing to libc. */
#define MASK_INITIAL 0xff
#define MASK_MARK 0x100

/* Fields on their way to the journal, in memory that needs no allocation: lack of memory is logged too. */
typedef struct Fields {
        struct iovec vectors[FIELDS_MAX];
        size_t n;
        char buffer[2 * TEXT_SIZE];
        size_t used;
} Fields;

void log_set_max_level(int level) {
        (void) setlogmask(LOG_UPTO(CLAMP(level, LOG_EMERG, LOG_DEBUG)) | MASK_MARK);
}

bool log_enabled(int level) {
        int mask = setlogmask(0);

        if (mask == MASK_INITIAL)
                mask = LOG_UPTO(LOG_INFO);
        return mask & LOG_MASK(LOG_PRI(level));
}

/* The service manager names the stream that it connected; stderr may have been redirected since. */
static bool stderr_is_journal(void) {
        const char *e = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;
        char end;

        if (!e || sscanf(e, "%llu:%llu%c", &device, &inode, &end) != 2)
                return false;
        return fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

static void fields_add(Fields *f, const char *key, const char *value) {
        char *start = f->buffer + f->used;
        size_t left = sizeof(f->buffer) - f->used;

        if (isempty(value) || f->n >= FIELDS_MAX || left < 2)
                return;

        int n = snprintf(start, left, "%s=%s", key, value);
        if (n <= 0)
                return;

        size_t length = MIN((size_t) n, left - 1);
        f->vectors[f->n++] = (struct iovec) { .iov_base = start, .iov_len = length };
        f->used += length + 1;
}

static void fields_add_number(Fields *f, const char *key, unsigned value) {
        char text[16];

        (void) snprintf(text, sizeof(text), "%u", value);
        fields_add(f, key, text);
}

static int write_journal(int level, int error, const LogContext *c, const char *text) {
        Fields f;

        f.n = f.used = 0;
        fields_add(&f, "MESSAGE", text);
        fields_add_number(&f, "PRIORITY", (unsigned) level);
        fields_add(&f, "SYSLOG_IDENTIFIER", program_invocation_short_name);
        fields_add(&f, "MESSAGE_ID", c->message_id);
        fields_add(&f, "DEVICE", c->device);
        fields_add(&f, "DRIVER", c->driver);
        fields_add(&f, "TRANSPORT", c->transport);
        fields_add(&f, "PEER", c->peer);
        fields_add(&f, "CONFIG_FILE", c->file);
        if (c->line > 0)
                fields_add_number(&f, "CONFIG_LINE", c->line);
        if (error > 0)
                fields_add_number(&f, "ERRNO", (unsigned) error);

        return sd_journal_sendv(f.vectors, (int) f.n);
}

/* One write per line, so that lines of several processes and threads do not mix. */
static void write_stderr(const char *prefix, const char *program, const char *text) {
        char line[TEXT_SIZE + 256];
        int n;

        n = snprintf(line, sizeof(line) - 1, "%s%s%s%s",
                        prefix, program, isempty(program) ? "" : ": ", text);
        if (n < 0)
                return;

        size_t length = MIN((size_t) n, sizeof(line) - 2);
        line[length++] = '\n';

        ssize_t k;
        do
                k = write(STDERR_FILENO, line, length);
        while (k < 0 && errno == EINTR);
}

/* U+0080 to U+009F in UTF-8. */
static bool is_c1(const char *s) {
        return (unsigned char) s[0] == 0xc2 && (unsigned char) s[1] >= 0x80 && (unsigned char) s[1] < 0xa0;
}

/* Texts from devices and clients must not forge lines or move the cursor. */
static void mask_control(char *s) {
        for (; *s; s++)
                if (is_c1(s)) {
                        *s++ = '?';
                        *s = '?';
                } else if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        *s = *s == '\t' || *s == '\n' ? ' ' : '?';
}

_printf_(5, 0)
static void format(char *text, size_t size, const char *device, int error, const char *fmt, va_list ap) {
        int n = 0;

        text[0] = '\0';
        if (device)
                n = snprintf(text, size / 2, "[%s] ", device);
        if (n < 0)
                return;

        size_t used = MIN((size_t) n, size / 2 - 1);
        if (error > 0)
                errno = error;
        (void) vsnprintf(text + used, size - used, fmt, ap);
        mask_control(text);
}

int log_full(int level, int error, const LogContext *context, const char *fmt, ...) {
        static const LogContext no_context;
        int saved_errno = errno;
        char text[TEXT_SIZE];
        va_list ap;

        level = LOG_PRI(level);
        error = abs(error);
        if (!log_enabled(level))
                return -error;
        if (!context)
                context = &no_context;

        va_start(ap, fmt);
        format(text, sizeof(text), context->device, error, fmt, ap);
        va_end(ap);

        if (!stderr_is_journal())
                write_stderr("", program_invocation_short_name, text);
        else if (write_journal(level, error, context, text) < 0) {
                /* The journal reads the level of a line of text from this prefix. */
                char prefix[] = { '<', (char) ('0' + level), '>', '\0' };

                write_stderr(prefix, "", text);
        }

        errno = saved_errno;
        return -error;
}
