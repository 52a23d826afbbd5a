/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-memory.h"

#include <inttypes.h>

#include "string-util.h"

#define HEAD "snmp-ups 2\n"

int snmp_memory_format(const SnmpMemory *m, char **ret) {
        char *text = strprintf(
                HEAD "profile=%s\nversion=%s\nobject=%s\nmibs=%s\nprofiles=%016" PRIx64 "\n\n%s",
                m->profile, m->version, m->object_id, m->mibs, m->profiles, m->engine);

        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/* The rest of the line "KEY=...", and where the next one begins. */
static int take_line(const char **text, const char *key, char **ret) {
        const char *rest = startswith(*text, key), *end = strchr(*text, '\n');

        if (!rest || !end)
                return -EBADMSG;
        *ret = strndup(rest, (size_t) (end - rest));
        *text = end + 1;
        return *ret ? 0 : -ENOMEM;
}

static int parse_mark(const char *s, uint64_t *ret) {
        uint64_t mark = 0;

        if (strlen(s) != 16)
                return -EBADMSG;
        for (; *s; s++) {
                const char *digits = "0123456789abcdef", *digit = strchr(digits, *s);

                if (!digit)
                        return -EBADMSG;
                mark = mark << 4 | (uint64_t) (digit - digits);
        }

        *ret = mark;
        return 0;
}

static int memory_parse(const char *text, SnmpMemory *m) {
        _cleanup_free_ char *mark = NULL;
        const char *rest = startswith(text, HEAD);
        int r;

        r = rest ? take_line(&rest, "profile=", &m->profile) : -EBADMSG;
        if (r >= 0)
                r = take_line(&rest, "version=", &m->version);
        if (r >= 0)
                r = take_line(&rest, "object=", &m->object_id);
        if (r >= 0)
                r = take_line(&rest, "mibs=", &m->mibs);
        if (r >= 0)
                r = take_line(&rest, "profiles=", &mark);
        if (r >= 0)
                r = parse_mark(mark, &m->profiles);
        if (r < 0)
                return r;
        if (*rest != '\n' || isempty(m->profile))
                return -EBADMSG;

        m->engine = strdup(rest + 1);
        return m->engine ? 0 : -ENOMEM;
}

int snmp_memory_parse(const char *text, SnmpMemory *ret) {
        SnmpMemory m = {};
        int r;

        r = memory_parse(text, &m);
        if (r < 0) {
                snmp_memory_done(&m);
                return r;
        }

        *ret = m;
        return 0;
}

void snmp_memory_done(SnmpMemory *m) {
        free(m->profile);
        free(m->version);
        free(m->object_id);
        free(m->mibs);
        free(m->engine);
        *m = (SnmpMemory) {};
}
