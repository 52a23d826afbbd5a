/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration file that is taken apart, changed and put together, and nut.conf likewise. */

#include <syslog.h>

#include "conf-edit.h"
#include "mode.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const ConfEdit *e, const char *data, size_t size) {
        _cleanup_free_ char *text = NULL;
        size_t n;

        ASSERT_OK(conf_edit_text(e, &text, &n));
        ASSERT_EQ(n, size);
        ASSERT_TRUE(n == 0 || memcmp(text, data, n) == 0);
}

/* What the loader makes of it: words of all lines. */
static size_t count_words(const char *text, size_t n) {
        _cleanup_(conf_freep) Conf *c = NULL;
        size_t words = 0;

        ASSERT_OK(conf_parse("fuzz.conf", text, n, NULL, NULL, &c));
        for (size_t i = 0; i < conf_n_lines(c); i++)
                words += conf_line(c, i)->n_words;
        return words;
}

/* Each line says something else afterwards, and that is what is read. */
static void change(ConfEdit *e) {
        _cleanup_free_ char *text = NULL;
        size_t n, n_changed = 0;

        for (size_t i = conf_edit_n_lines(e); i > 0; i--) {
                const ConfEditLine *l = conf_edit_line(e, i - 1);

                if (l->header || l->n_words == 0)
                        continue;
                if (i % 3 == 0) {
                        ASSERT_OK(conf_edit_remove(e, i - 1));
                        continue;
                }
                ASSERT_OK(conf_edit_replace(e, i - 1, "changed \"by us\""));
                n_changed++;
        }
        ASSERT_OK(conf_edit_insert(e, conf_edit_n_lines(e), "last line"));

        ASSERT_OK(conf_edit_text(e, &text, &n));
        ASSERT_EQ(count_words(text, n), 2 * n_changed + 2);
}

static void check_mode(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *changed = NULL;
        NutConf c;

        ASSERT_TRUE(text);
        changed = mode_replace(text, NUT_MODE_NETCLIENT);
        ASSERT_TRUE(changed);
        ASSERT_TRUE(mode_is_given(changed));
        ASSERT_OK(nut_conf_parse("fuzz.conf", changed, strlen(changed), NULL, NULL, &c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(conf_edit_freep) ConfEdit *e = NULL;

        check_mode(data, size);
        if (conf_edit_parse("fuzz.conf", (const char *) data, size, NULL, NULL, &e) < 0)
                return 0;

        check_text(e, (const char *) data, size);
        change(e);
        return 0;
}
