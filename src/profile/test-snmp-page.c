/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page of SNMP profiles is in step with the code: it names what can stand in a profile, and its examples
 * are profiles.
 *
 *     test-snmp-page PAGE
 */

#include <fcntl.h>

#include "io-util.h"
#include "snmp-profile-internal.h"
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

/* Whether it stands there as `NAME`, `NAME=...`, `NAME = ...`. */
static bool is_named(const char *page, const char *name) {
        _cleanup_free_ char *start = strjoin("`", name);

        for (const char *s = page; (s = strstr(s, start)); s++)
                if (strchr("`= ", s[strlen(start)]))
                        return true;
        return false;
}

static void test_names(const char *page) {
        const char *const *const lists[] = {
                snmp_table_keys, snmp_variable_attributes, snmp_command_attributes
        };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                for (const char *const *name = lists[i]; *name; name++)
                        if (!is_named(page, *name))
                                TEST_FAIL("The page lacks `%s`", *name);
        for (SnmpType t = 0; t < _SNMP_TYPE_MAX; t++)
                ASSERT_TRUE(t > SNMP_TYPE_TICKS || t == SNMP_TYPE_COUNTER64 ||
                            is_named(page, snmp_type_to_string(t)));
}

/* Every block of the page that begins as a profile does. */
static void test_examples(const char *page) {
        size_t n = 0;

        for (const char *s = page; (s = strstr(s, "\n```\n"));) {
                const char *text = s + 5, *end = strstr(text, "\n```\n");
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
                int r;

                ASSERT_TRUE(end);
                s = end + 5;
                if (!startswith(text, "[profile]") && !startswith(text, "# SPDX"))
                        continue;
                n++;
                r = snmp_profile_parse(
                        "page.profile", text, (size_t) (end + 1 - text), test_report_collect, &report, &p);
                if (r < 0 || report.n_errors + report.n_warnings > 0)
                        TEST_FAIL("An example of the page: %s", strempty(report.all));
        }
        ASSERT_TRUE(n > 0);
}

int main(int argc, char **argv) {
        _cleanup_free_ char *page = NULL;

        ASSERT_TRUE(argc == 2);
        page = read_page(argv[1]);
        test_names(page);
        test_examples(page);
        return EXIT_SUCCESS;
}
