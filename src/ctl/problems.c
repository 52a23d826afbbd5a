/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "problems.h"

#include <stdio.h>
#include <syslog.h>

#include "string-util.h"
#include "text.h"

void problems_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        _cleanup_free_ char *clean = text_clean(message);
        const char *word = level <= LOG_ERR ? "error" : "warning";
        Problems *p = userdata;
        bool color = p->ctl->color;

        if (p->report) {
                p->report(p->userdata, level, file, line, message);
                return;
        }

        if (level <= LOG_ERR)
                p->errors++;
        else if (level <= LOG_WARNING)
                p->warnings++;
        else
                return;

        if (p->ctl->json) {
                json_object(&p->json, NULL);
                json_string(&p->json, "file", file);
                json_integer(&p->json, "line", line);
                json_string(&p->json, "level", word);
                json_string(&p->json, "message", message);
                json_object_end(&p->json);
                return;
        }

        printf("%s%s:", color_sequence(color, COLOR_BOLD), file);
        if (line > 0)
                printf("%u:", line);
        printf("%s %s%s:%s %s\n", color_sequence(color, COLOR_NONE),
               color_sequence(color, level <= LOG_ERR ? COLOR_BAD : COLOR_WARNING), word,
               color_sequence(color, COLOR_NONE), strempty(clean));
}

void problems_begin(Problems *p) {
        p->json.f = stdout;
        if (p->ctl->json)
                json_array(&p->json, NULL);
}

static const char *plural(size_t n) {
        return n == 1 ? "" : "s";
}

int problems_end(Problems *p, size_t n, const char *what) {
        FILE *f = p->ctl->terminal ? stdout : stderr;
        int r = 0;

        if (p->ctl->json) {
                json_array_end(&p->json);
                r = json_finish(&p->json);
        } else if (p->errors == 0 && p->warnings == 0)
                fprintf(f, "%zu %s%s, no problems\n", n, what, plural(n));
        else
                fprintf(f, "%zu %s%s, %u error%s, %u warning%s\n", n, what, plural(n), p->errors,
                        plural(p->errors), p->warnings, plural(p->warnings));

        return r < 0 ? r : p->errors > 0 ? -EBADMSG : 0;
}
