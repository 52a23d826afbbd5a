/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glob.h>

#include "snmp-walk.h"
#include "test-util.h"

/* Reads all walks of a directory of data: what cannot be read is shown, and is little. */

static const char *const kinds[] = { "etingof/*.snmprec", "librenms/*.snmprec", "nav/*.snmprec",
                                     "centreon/*.snmpwalk" };

typedef struct Count {
        const char *path;
        unsigned n;
} Count;

static void on_report(void *userdata, unsigned line, const char *message) {
        Count *c = userdata;

        if (c->n++ < 3)
                printf("%s:%u: %s\n", c->path, line, message);
}

/* What is written is read as the same. */
static void check_again(const SnmpWalk *walk) {
        _cleanup_(snmp_walk_done) SnmpWalk again = {};
        _cleanup_free_ char *text = NULL;
        Count count = { .path = "written" };
        size_t n;
        FILE *f = open_memstream(&text, &n);

        ASSERT_TRUE(f);
        ASSERT_OK(snmp_walk_write(walk, f));
        ASSERT_EQ(fclose(f), 0);
        ASSERT_OK(snmp_walk_parse(text, n, on_report, &count, &again));
        ASSERT_EQ(count.n, 0);
        ASSERT_EQ(again.n_values, walk->n_values);
        for (size_t i = 0; i < walk->n_values; i++)
                ASSERT_TRUE(snmp_value_equal(walk->values + i, again.values + i));
}

static size_t check_kind(const char *directory, const char *kind, Count *unread) {
        _cleanup_free_ char *pattern = strjoin(directory, "/", kind);
        glob_t files;

        ASSERT_TRUE(pattern);
        ASSERT_EQ(glob(pattern, 0, NULL, &files), 0);
        for (size_t i = 0; i < files.gl_pathc; i++) {
                _cleanup_(snmp_walk_done) SnmpWalk walk = {};
                Count count = { .path = files.gl_pathv[i] };

                ASSERT_OK(snmp_walk_load(count.path, on_report, &count, &walk));
                /* An agent has more that can be read than not. */
                ASSERT_TRUE(walk.n_values > 10 * count.n);
                check_again(&walk);
                unread->n += count.n;
        }

        size_t n = files.gl_pathc;

        globfree(&files);
        return n;
}

int main(int argc, char *argv[]) {
        size_t n = 0;
        Count unread = {};

        ASSERT_EQ(argc, 2);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                n += check_kind(argv[1], kinds[i], &unread);
        printf("%zu walks, %u lines not read\n", n, unread.n);
        ASSERT_TRUE(n >= 137);
        return 0;
}
