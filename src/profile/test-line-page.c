/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page of line profiles is in step with the code: its functions are those that there are, in their
 * order, and its example is a profile.
 *
 *     test-line-page PAGE
 */

#include <fcntl.h>

#include "io-util.h"
#include "line-profile.h"
#include "test-conf-report.h"

#define PAGE_SIZE_MAX (1U << 20)

static char *read_page(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        char *text = malloc(PAGE_SIZE_MAX);
        ssize_t n;

        ASSERT_TRUE(fd >= 0 && text);
        n = fd_read_all(fd, text, PAGE_SIZE_MAX - 1);
        ASSERT_TRUE(n >= 0);
        text[n] = '\0';
        return text;
}

/* The text behind s in the page, which has to be there. */
static const char *behind(const char *page, const char *s) {
        const char *found = strstr(page, s);

        if (!found)
                TEST_FAIL("The page lacks \"%s\"", s);
        return found + strlen(s);
}

static void test_functions(const char *page) {
        const char *row = behind(page, "\n### Functions\n");
        size_t n;
        const ValueFunction *functions = value_functions(&n);

        row = behind(row, "|---|---|\n");
        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *expected =
                        strjoin("| `", functions[i].name, "` | ", functions[i].help, " |\n");

                if (!startswith(row, expected))
                        TEST_FAIL("The page has \"%.80s\" in place of \"%s\"", row, expected);
                row += strlen(expected);
        }
        ASSERT_TRUE(row[0] != '|');
}

static void test_example(const char *page) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(line_profile_unrefp) LineProfile *p = NULL;
        const char *text = behind(page, "\n```\n"), *end = strstr(text, "\n```\n");
        int r;

        ASSERT_TRUE(end);
        r = line_profile_parse(
                "page.profile", text, (size_t) (end - text), test_report_collect, &report, &p);
        if (r < 0 || report.n_errors + report.n_warnings > 0)
                TEST_FAIL("The example of the page: %s", strempty(report.all));
}

int main(int argc, char **argv) {
        _cleanup_free_ char *page = NULL;

        ASSERT_TRUE(argc == 2);
        page = read_page(argv[1]);
        test_functions(page);
        test_example(page);
        return EXIT_SUCCESS;
}
