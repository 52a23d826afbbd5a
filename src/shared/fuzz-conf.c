/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration file, read as lines and then as ups.conf. */

#include <syslog.h>

#include "test-util.h"
#include "ups-conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *n = userdata;

        ASSERT_STREQ(file, "fuzz.conf");
        ASSERT_TRUE(line > 0);
        ASSERT_TRUE(level == LOG_ERR || level == LOG_WARNING);
        ASSERT_FALSE(isempty(message));
        (*n)++;
}

static void check_lines(const Conf *c) {
        unsigned previous = 0;

        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);
                _cleanup_free_ char *value = NULL;

                ASSERT_TRUE(l->n_words > 0);
                ASSERT_EQ(strv_length(l->words), l->n_words);
                ASSERT_TRUE(l->line > previous);
                ASSERT_EQ(l->section != NULL, l->section_line > 0);
                ASSERT_TRUE(l->section_line < l->line);
                ASSERT_TRUE(!l->section || strv_contains(conf_sections(c), l->section));

                if (conf_line_value(l, &value) >= 0)
                        ASSERT_EQ(value != NULL, l->assignment);
                previous = l->line;
        }
}

static void check_devices(const UpsConf *c) {
        for (size_t i = 0; i < c->n_sections; i++) {
                const UpsSection *s = c->sections + i;

                ASSERT_TRUE(device_name_is_valid(s->name));
                ASSERT_TRUE(ups_conf_find(c, s->name) == s);
                ASSERT_FALSE(isempty(s->driver));
                ASSERT_FALSE(isempty(s->port));
                for (size_t k = 0; k < s->n_options; k++)
                        ASSERT_TRUE(ups_conf_option(c, s, s->options[k].key) == s->options + k);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(ups_conf_freep) UpsConf *ups = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;
        unsigned n_reports = 0;

        ASSERT_OK(conf_parse("fuzz.conf", (const char *) data, size, on_report, &n_reports, &c));
        check_lines(c);
        ASSERT_OK(ups_conf_from_lines(c, on_report, &n_reports, &ups));
        check_devices(ups);
        return 0;
}
