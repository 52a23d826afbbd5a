/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf.h"

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "test-file.h"

/* What was reported, as text: "LINE LEVEL MESSAGE" per report. */
typedef struct Reports {
        char text[4096];
        size_t n;
} Reports;

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Reports *r = userdata;
        const char *name = strrchr(file, '/');
        size_t left = sizeof(r->text) - r->n;
        int n = snprintf(r->text + r->n, left, "%s:%u %c %s\n", name ? name + 1 : file, line,
                        level == LOG_ERR ? 'E' : level == LOG_WARNING ? 'W' : '?', message);

        ASSERT_TRUE(n > 0 && (size_t) n < left);
        r->n += (size_t) n;
}

/* The lines as text: "LINE [section] words|...", with "=" behind the number of an assignment. */
static void render(const Conf *c, char *text, size_t size) {
        size_t n = 0;

        text[0] = '\0';
        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);
                _cleanup_free_ char *words = strv_join(l->words, "|");

                ASSERT_TRUE(words != NULL);
                ASSERT_EQ(strv_length(l->words), l->n_words);
                n += (size_t) snprintf(text + n, size - n, "%u%s [%s] %s\n",
                                l->line, l->assignment ? "=" : "", strempty(l->section), words);
                ASSERT_TRUE(n < size);
        }
}

static const struct {
        const char *input, *lines, *reports;
} cases[] = {
        { "", "", "" },
        { "# nothing\n\n", "", "" },
        { "a b\nc\n", "1 [] a|b\n2 [] c\n", "" },
        { "flag", "1 [] flag\n", "" },
        { "a = b\n[x]\nc=\"d e\" # f\n[y]\n[z]\ng\n", "1= [] a|=|b\n3= [x] c|=|d e\n6 [z] g\n", "" },
        { "a \"=\" b\n", "1 [] a|=|b\n", "" },
        { "\xef\xbb\xbf[x]\r\na\r\n", "2 [x] a\n", "" },
        { "\"[x]\"\n", "1 [] [x]\n", "" },
        { "[x]\na\n[y]\nb\n[x]\nc\n", "2 [x] a\n4 [y] b\n6 [x] c\n", "" },
        { "a \\\n b\nc\n", "1 [] a|b\n3 [] c\n", "" },

        { "a\xff\n", "1 [] a\n",
          "t:1 W Characters outside of ASCII were dropped, write the line with ASCII characters only\n" },
        { "# \xff\n", "", "" },
        { "\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33\n",
          "2 [] 1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25|26|27|28|29|30|31|32\n",
          "t:2 W The line has more than 32 words and the rest was dropped, "
          "put text with blanks into quotes\n" },
        { "desc = \"Crash #1\"\nb\n", "2 [] b\n",
          "t:1 E A # inside quotes must be written \\#, ignoring the line\n" },
        { "a\nb \"#", "1 [] a\n", "t:2 E A # inside quotes must be written \\#, ignoring the line\n" },
        { "a = \"b\n\nc\" d\ne\n", "1= [] a|=|bc|d\n4 [] e\n",
          "t:1 W Text in quotes goes on over the line end: add the closing \", or a \\ at the line end "
          "if meant\n" },
        { "a\nb = \"c\nd = e\n", "1 [] a\n",
          "t:2 E A \" is never closed, ignoring all from this line to the end of the file: "
          "add the closing \"\n" },

        { "[x] y\na\n", "2 [x] a\n",
          "t:1 W Ignoring the words behind the section's name, write them on a new line\n" },
        { "[x]\n[my ups]\na\n[y]\nb\n", "5 [y] b\n",
          "t:2 E A section begins with [name], without blanks in the name: "
          "ignoring the lines up to the next section\n" },
        { "a\n[x\nb\n", "1 [] a\n",
          "t:2 E A section begins with [name], without blanks in the name: "
          "ignoring the lines up to the next section\n" },
        { "[]\na\n[y]\nb\n", "4 [y] b\n",
          "t:1 E The section has no name: ignoring the lines up to the next section\n" },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(conf_freep) Conf *c = NULL;
                Reports r = {};
                char text[1024];

                ASSERT_OK(conf_parse("t", cases[i].input, strlen(cases[i].input), on_report, &r, &c));
                render(c, text, sizeof(text));
                ASSERT_STREQ(text, cases[i].lines);
                ASSERT_STREQ(r.text, cases[i].reports);
                ASSERT_TRUE(conf_exists(c));
                ASSERT_TRUE(conf_line(c, conf_n_lines(c)) == NULL);
        }
}

static void test_long_word(void) {
        _cleanup_(conf_freep) Conf *c = NULL;
        char input[700];
        Reports r = {};

        memset(input, 'w', sizeof(input));
        ASSERT_OK(conf_parse("t", input, sizeof(input), on_report, &r, &c));
        ASSERT_EQ(strlen(conf_line(c, 0)->words[0]), 512);
        ASSERT_STREQ(r.text, "t:1 W A word has more than 512 characters and was cut there, shorten it\n");
}

static void test_sections(void) {
        static const char input[] = "a\n[one]\n[two]\nb\n[one]\nc\n[One]\n";
        _cleanup_(conf_freep) Conf *c = NULL;

        ASSERT_OK(conf_parse("t", input, strlen(input), NULL, NULL, &c));
        ASSERT_EQ(strv_length(conf_sections(c)), 3);
        ASSERT_STREQ(conf_sections(c)[0], "one");
        ASSERT_STREQ(conf_sections(c)[1], "two");
        ASSERT_STREQ(conf_sections(c)[2], "One");
        ASSERT_EQ(conf_section_place(c, 0)->line, 2);
        ASSERT_EQ(conf_section_place(c, 1)->line, 3);
        ASSERT_STREQ(conf_section_place(c, 1)->section, "two");
        ASSERT_STREQ(conf_section_place(c, 1)->file, "t");
        ASSERT_TRUE(conf_section_place(c, 3) == NULL);

        ASSERT_EQ(conf_line(c, 0)->section_line, 0);
        ASSERT_EQ(conf_line(c, 1)->section_line, 3);
        ASSERT_EQ(conf_line(c, 2)->section_line, 5);
        ASSERT_TRUE(conf_line(c, 2)->section == conf_section_place(c, 0)->section);
}

static void test_sections_limit(void) {
        _cleanup_free_ char *input = malloc((CONF_SECTIONS_MAX + 2) * 16);
        _cleanup_(conf_freep) Conf *c = NULL;
        Reports r = {};
        size_t n = 0;

        ASSERT_TRUE(input != NULL);
        for (unsigned i = 0; i <= CONF_SECTIONS_MAX; i++)
                n += (size_t) sprintf(input + n, "[%u]\n", i);
        n += (size_t) sprintf(input + n, "lost\n[7]\nkept\n");

        ASSERT_OK(conf_parse("t", input, n, on_report, &r, &c));
        ASSERT_EQ(strv_length(conf_sections(c)), CONF_SECTIONS_MAX);
        ASSERT_STREQ(r.text, "t:10001 E Too many sections: ignoring the lines up to the next section\n");
        ASSERT_EQ(conf_n_lines(c), 1);
        ASSERT_STREQ(conf_line(c, 0)->section, "7");
}

static void test_line_value(void) {
        static const struct {
                const char *line;
                int r;
                const char *value;
        } rows[] = {
                { "flag",          0,       NULL    },
                { "a = b",         0,       "b"     },
                { "a = b c d",     0,       "b c d" },
                { "a = \"b c\" d", 0,       "b c d" },
                { "a = \"\"",      0,       ""      },
                { "a =",           -EINVAL, NULL    },
                { "a b",           -EINVAL, NULL    },
                { "a \"=\" b",     -EINVAL, NULL    },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(conf_freep) Conf *c = NULL;
                char untouched[] = "untouched";
                char *value = untouched;

                ASSERT_OK(conf_parse("t", rows[i].line, strlen(rows[i].line), NULL, NULL, &c));
                ASSERT_EQ(conf_line_value(conf_line(c, 0), &value), rows[i].r);
                ASSERT_STREQ(value, rows[i].r < 0 ? untouched : rows[i].value);
                if (rows[i].r >= 0)
                        free(value);
        }
}

static void test_nearest_key(void) {
        static const char *const keys[] = { "driver", "port", "pollinterval", "mib", "LISTEN", NULL };
        static const struct {
                const char *key, *nearest;
        } rows[] = {
                { "drvier",         "driver"       },
                { "Driver",         "driver"       },
                { "ports",          "port"         },
                { "poll_intervall", "pollinterval" },
                { "listen",         "LISTEN"       },
                { "mibs",           "mib"          },
                { "xy",             NULL           },
                { "",               NULL           },
                { "temperature",    NULL           },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                ASSERT_STREQ(conf_nearest_key(rows[i].key, keys), rows[i].nearest);
        ASSERT_TRUE(conf_nearest_key("driver", NULL) == NULL);
}

static void test_paths(void) {
        static const struct {
                const char *environment, *name, *path;
        } rows[] = {
                { "/tmp/nut", "ups.conf",  "/tmp/nut/ups.conf"  },
                { "/tmp/nut", "/x/y.conf", "/x/y.conf"          },
                { "",         "ups.conf",  CONFDIR "/ups.conf"  },
                { NULL,       "ups.conf",  CONFDIR "/ups.conf"  },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (rows[i].environment)
                        ASSERT_EQ(setenv("NUT_CONFPATH", rows[i].environment, true), 0);
                else
                        ASSERT_EQ(unsetenv("NUT_CONFPATH"), 0);

                _cleanup_free_ char *path = conf_path(rows[i].name);
                ASSERT_STREQ(path, rows[i].path);
        }

        ASSERT_EQ(setenv("NUT_STATEPATH", "/tmp/state", true), 0);
        ASSERT_STREQ(conf_state_path(), "/tmp/state");
        ASSERT_EQ(unsetenv("NUT_STATEPATH"), 0);
        ASSERT_STREQ(conf_state_path(), STATEDIR);
}

/* Runs with a directory of its own as working directory. */

static void check_load(const char *path, int expected, const char *lines, const char *reports, bool exists) {
        _cleanup_(conf_freep) Conf *c = NULL;
        Reports r = {};
        char text[1024];

        ASSERT_EQ(conf_load(path, on_report, &r, &c), expected);
        ASSERT_STREQ(r.text, reports);
        ASSERT_EQ(c != NULL, expected >= 0);
        if (!c)
                return;

        render(c, text, sizeof(text));
        ASSERT_STREQ(text, lines);
        ASSERT_EQ(conf_exists(c), exists);
}

static void test_missing(void) {
        check_load("none.conf", 0, "", "", false);
        check_load("none/none.conf", 0, "", "", false);
}

static void test_drop_ins(void) {
        test_write_file("x.conf", "[main]\na\n");
        ASSERT_EQ(mkdir("x.conf.d", 0755), 0);
        check_load("x.conf", 0, "2 [main] a\n", "", true);

        test_write_file("x.conf.d/10.conf", "ten\n");
        test_write_file("x.conf.d/9.conf", "nine\n[main]\nb\n\"");
        test_write_file("x.conf.d/8.conf~", "backup\n");
        test_write_file("x.conf.d/.7.conf", "hidden\n");
        test_write_file("x.conf.d/README", "text\n");

        /* a section ends with its file */
        check_load("x.conf", 0, "2 [main] a\n1 [] nine\n3 [main] b\n1 [] ten\n",
                        "9.conf:4 E A \" is never closed, ignoring all from this line "
                        "to the end of the file: add the closing \"\n", true);

        ASSERT_EQ(unlink("x.conf"), 0);
        ASSERT_EQ(unlink("x.conf.d/9.conf"), 0);
        check_load("x.conf", 0, "1 [] ten\n", "", true);
}

static void test_places_of_files(void) {
        _cleanup_(conf_freep) Conf *c = NULL;

        test_write_file("x.conf", "a\n");
        ASSERT_OK(conf_load("x.conf", NULL, NULL, &c));
        ASSERT_EQ(conf_n_lines(c), 2);
        ASSERT_STREQ(conf_line(c, 0)->file, "x.conf");
        ASSERT_STREQ(conf_line(c, 1)->file, "x.conf.d/10.conf");
}

static void test_unreadable(void) {
        ASSERT_EQ(mkdir("directory.conf", 0755), 0);
        check_load("directory.conf", -EISDIR, NULL,
                        "directory.conf:0 E The file cannot be read: Is a directory\n", false);

        ASSERT_EQ(mkfifo("pipe.conf", 0644), 0);
        check_load("pipe.conf", -EINVAL, NULL, "pipe.conf:0 E This is not a regular file\n", false);

        ASSERT_EQ(symlink("loop.conf", "loop.conf"), 0);
        check_load("loop.conf", -ELOOP, NULL,
                        "loop.conf:0 E The file cannot be read: Too many levels of symbolic links\n", false);

        ASSERT_EQ(mkdir("x.conf.d/20.conf", 0755), 0);
        check_load("x.conf", -EISDIR, NULL, "20.conf:0 E The file cannot be read: Is a directory\n", false);
}

static void test_size_limit(void) {
        _cleanup_close_ int fd = open("big.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        _cleanup_free_ char *comment = malloc(CONF_SIZE_MAX);

        ASSERT_TRUE(fd >= 0 && comment);
        memset(comment, '#', CONF_SIZE_MAX);
        ASSERT_EQ(write(fd, comment, CONF_SIZE_MAX), CONF_SIZE_MAX);
        check_load("big.conf", 0, "", "", true);

        ASSERT_EQ(write(fd, "#", 1), 1);
        check_load("big.conf", -EFBIG, NULL,
                        "big.conf:0 E The file has more than 4 MiB, which no configuration needs\n", false);
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = NULL;

        test_cases();
        test_long_word();
        test_sections();
        test_sections_limit();
        test_line_value();
        test_nearest_key();
        test_paths();

        directory = test_directory_new();
        test_missing();
        test_drop_ins();
        test_places_of_files();
        test_unreadable();
        test_size_limit();
        return EXIT_SUCCESS;
}
