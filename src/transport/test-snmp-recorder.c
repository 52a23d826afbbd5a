/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-recorder.h"

#include <sys/stat.h>

#include "io-util.h"
#include "snmp-walk.h"
#include "test-snmp-net-util.h"

static SnmpLink *walk_link(sd_event *event) {
        static const char text[] = "1.3.6.1.2.1.1.1.0|4|A device, serial AB123456\n"
                                   "1.3.6.1.2.1.1.4.0|4|somebody\n"
                                   "1.3.6.1.4.1.99999.1.0|4|AB123456\n"
                                   "1.3.6.1.4.1.99999.2.0|2|7\n"
                                   "1.3.6.1.4.1.99999.3.0|4|000000\n";
        SnmpWalk walk;
        SnmpLink *link;

        ASSERT_OK(snmp_walk_parse(text, strlen(text), NULL, NULL, &walk));
        ASSERT_OK(snmp_walk_link_new(event, "test", &walk, false, &link));
        return link;
}

static void assert_file(const char *path, const char *expected) {
        char text[1024];
        ssize_t n = ASSERT_OK(path_read(path, text, sizeof(text) - 1));

        text[n] = '\0';
        ASSERT_STREQ(text, expected);
}

static void do_ask(sd_event *event, SnmpLink *link, SnmpOperation operation, const char *oid) {
        _cleanup_(result_done) Result result = ask(event, link, operation, oid);

        ASSERT_EQ(result.r, 0);
        ASSERT_TRUE(result.n_values >= 1);
}

static void test_recorder(sd_event *event, const char *path) {
        _cleanup_(snmp_link_freep) SnmpLink *inner = walk_link(event), *link = NULL;
        _cleanup_(result_done) Result set = {};
        struct stat st;

        ASSERT_OK(snmp_recorder_new(inner, path, RECORDER_REDACT, &link));
        TAKE_PTR(inner);
        ASSERT_STREQ(link->peer, "test");
        ASSERT_STREQ(link->ops->name, "walk");
        do_ask(event, link, SNMP_GET, "1.3.6.1.4.1.99999.2.0");
        set = set_value(event, link, "1.3.6.1.4.1.99999.2.0",
                        &(SnmpValue) { .type = SNMP_TYPE_INTEGER, .integer = 8 });
        ASSERT_EQ(set.status, 0);
        do_ask(event, link, SNMP_GET, "1.3.6.1.4.1.99999.2.0");
        do_ask(event, link, SNMP_GET, "1.3.6.1.4.1.99999.7.0");
        do_ask(event, link, SNMP_GET_BULK, "1.3.6.1.2.1.1");
        assert_file(path, "busbar-recording 1 snmp\n"
                          "1.3.6.1.4.1.99999.2.0 integer 7\n"
                          "1.3.6.1.2.1.1.1.0 string \"A device, serial AB123456\"\n"
                          "1.3.6.1.2.1.1.4.0 string \"XXXXXXXX\"\n"
                          "1.3.6.1.4.1.99999.1.0 string \"AB123456\"\n");
        ASSERT_EQ(stat(path, &st), 0);
        ASSERT_EQ(st.st_mode & 0777, 0600);

        snmp_recorder_redact(link, "AB123456");
        snmp_recorder_redact(link, "000000");
        snmp_recorder_redact(link, "");
        do_ask(event, link, SNMP_GET, "1.3.6.1.4.1.99999.3.0");
        assert_file(path, "busbar-recording 1 snmp\n"
                          "1.3.6.1.2.1.1.1.0 string \"A device, serial XXXXXXXX\"\n"
                          "1.3.6.1.2.1.1.4.0 string \"XXXXXXXX\"\n"
                          "1.3.6.1.4.1.99999.1.0 string \"XXXXXXXX\"\n"
                          "1.3.6.1.4.1.99999.2.0 integer 7\n"
                          "1.3.6.1.4.1.99999.3.0 string \"000000\"\n");
}

/* Goes on in what is there, if it is a walk of ours; and plays it. */
static void test_resume(sd_event *event, const char *path) {
        _cleanup_(snmp_link_freep) SnmpLink *inner = walk_link(event), *link = NULL;
        _cleanup_(snmp_walk_done) SnmpWalk walk = {};

        ASSERT_OK(snmp_recorder_new(inner, path, RECORDER_RESUME, &link));
        TAKE_PTR(inner);
        snmp_recorder_redact(link, "AB123456");
        do_ask(event, link, SNMP_GET_BULK, "1.3.6.1");
        ASSERT_OK(snmp_walk_load(path, NULL, NULL, &walk));
        ASSERT_EQ(walk.n_values, 5);
        ASSERT_STREQ((char *) walk.values[2].bytes, "XXXXXXXX");
}

static void test_other_file(sd_event *event, const char *path) {
        _cleanup_(snmp_link_freep) SnmpLink *inner = walk_link(event), *link = NULL;
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f);
        ASSERT_TRUE(fputs("1.3.6.1.4.1.99999.2.0|2|9\n", f) >= 0);
        ASSERT_EQ(fclose(f), 0);
        ASSERT_OK(snmp_recorder_new(inner, path, RECORDER_RESUME, &link));
        TAKE_PTR(inner);
        assert_file(path, "busbar-recording 1 snmp\n");
        _cleanup_(snmp_link_freep) SnmpLink *other = walk_link(event);

        snmp_recorder_redact(other, "AB123456");
}

static void test_failure(sd_event *event) {
        _cleanup_(snmp_link_freep) SnmpLink *inner = walk_link(event), *link = NULL;

        ASSERT_TRUE(snmp_recorder_new(inner, "/does/not/exist", 0, &link) < 0);
        ASSERT_TRUE(!link);
        do_ask(event, inner, SNMP_GET, "1.3.6.1.4.1.99999.2.0");
}

int main(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        char directory[] = "/tmp/test-snmp-recorder-XXXXXX";
        _cleanup_free_ char *path = NULL;

        ASSERT_TRUE(mkdtemp(directory));
        path = strjoin(directory, "/walk");
        ASSERT_OK(sd_event_new(&event));
        test_recorder(event, path);
        test_resume(event, path);
        test_other_file(event, path);
        test_failure(event);
        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(rmdir(directory), 0);
        return 0;
}
