/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "conf-edit.h"
#include "test-util.h"

static void parse(const char *text, ConfEdit **ret) {
        ASSERT_OK(conf_edit_parse("test.conf", text, strlen(text), NULL, NULL, ret));
}

static void assert_text(const ConfEdit *e, const char *expected) {
        _cleanup_free_ char *text = NULL;
        size_t n;

        ASSERT_OK(conf_edit_text(e, &text, &n));
        ASSERT_STREQ(text, expected);
        ASSERT_EQ(n, strlen(expected));
}

static void test_kept(void) {
        static const char *const texts[] = {
                "", "\n", "# a\n\n#b", "KEY a  \"b c\" \\\n\td # e\n",
                "\xef\xbb\xbf[a]\r\n\tb=c\r\n", "a#b\n",
                "  [x]\n\n\n  key = \"v\\\"\\#\" #\tthere\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_(conf_edit_freep) ConfEdit *e = NULL;

                parse(texts[i], &e);
                assert_text(e, texts[i]);
        }
}

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *found = userdata;

        ASSERT_EQ(level, LOG_ERR);
        *found = line;
}

static void test_refused(void) {
        static const struct {
                const char *text;
                unsigned line;
        } cases[] = {
                { "a\nb \"c\nd\n", 2 },
                { "a \"b # c\"\n", 1 },
                { "a\n[b c]\n", 2 },
                { "\n\n[\n", 3 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ConfEdit *e = NULL;
                unsigned line = 0;

                ASSERT_EQ(conf_edit_parse("test.conf", cases[i].text, strlen(cases[i].text), on_report,
                        &line,
                                          &e), -EBADMSG);
                ASSERT_EQ(line, cases[i].line);
                ASSERT_TRUE(!e);
        }
}

static void test_changes(void) {
        _cleanup_(conf_edit_freep) ConfEdit *e = NULL;

        parse("# top\n  A 1 \\\n 2   # why\nB \"x\"#y\n[s]\n\tk = v", &e);
        ASSERT_EQ(conf_edit_n_lines(e), 5);
        ASSERT_EQ(conf_edit_line(e, 1)->n_words, 3);
        ASSERT_TRUE(!conf_edit_line(e, 1)->section);
        ASSERT_STREQ(conf_edit_line(e, 4)->section, "s");

        ASSERT_OK(conf_edit_replace(e, 1, "A 3"));
        ASSERT_OK(conf_edit_remove(e, 2));
        ASSERT_OK(conf_edit_insert(e, 5, "\tl = \"w\""));
        ASSERT_STREQ(conf_edit_line(e, 5)->section, "s");
        assert_text(e, "# top\n  A 3   # why\n#y\n[s]\n\tk = v\n\tl = \"w\"\n");

        ASSERT_EQ(conf_edit_insert(e, 0, "a\nb"), -EINVAL);
        ASSERT_EQ(conf_edit_replace(e, 1, "a \"b"), -EINVAL);
        ASSERT_OK(conf_edit_remove(e, 3));
        assert_text(e, "# top\n  A 3   # why\n#y\n\tk = v\n\tl = \"w\"\n");
        ASSERT_TRUE(!conf_edit_line(e, 4)->section);
}

static void test_line_ends(void) {
        _cleanup_(conf_edit_freep) ConfEdit *e = NULL;

        parse("\xef\xbb\xbf" "A 1\r\nB 2", &e);
        ASSERT_OK(conf_edit_replace(e, 0, "A 9"));
        ASSERT_OK(conf_edit_insert(e, 2, "C 3"));
        assert_text(e, "\xef\xbb\xbf" "A 9\r\nB 2\r\nC 3\r\n");
}

static void test_quote(void) {
        static const struct {
                const char *word, *quoted;
        } cases[] = {
                { "ups@host:3493", "ups@host:3493" },
                { "", "\"\"" },
                { "a b", "\"a b\"" },
                { "a=b", "\"a=b\"" },
                { "say \"#1\\\"", "\"say \\\"\\#1\\\\\\\"\"" },
                { "tab\t", NULL },
                { "\xc3\xa4", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *quoted = NULL;
                int r = conf_edit_quote(cases[i].word, &quoted);

                ASSERT_EQ(r, cases[i].quoted ? 0 : -EINVAL);
                if (cases[i].quoted)
                        ASSERT_STREQ(quoted, cases[i].quoted);
        }
}

int main(void) {
        test_kept();
        test_refused();
        test_changes();
        test_line_ends();
        test_quote();
        return EXIT_SUCCESS;
}
