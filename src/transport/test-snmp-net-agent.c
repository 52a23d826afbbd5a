/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test-snmp-net-util.h"

/* A real agent: net-snmp's own, with a configuration of its own, as whoever runs the test. */

#define DESCRIPTION "1.3.6.1.2.1.1.1.0"
#define TREE "1.3.6.1.4.1.99999"

#define AUTH_PASSWORD "open sesame"
#define PRIV_PASSWORD "close sesame"

typedef struct Agent {
        char directory[64];
        unsigned port;
        pid_t pid;
} Agent;

typedef struct User {
        const char *name, *auth, *priv, *agent_auth, *agent_priv;
} User;

static const User users[] = {
        { "plain",     NULL,     NULL,     NULL,      NULL      },
        { "md5",       "MD5",    NULL,     "MD5",     NULL      },
        { "sha224",    "SHA224", NULL,     "SHA-224", NULL      },
        { "sha384",    "SHA384", NULL,     "SHA-384", NULL      },
        { "md5des",    "MD5",    "DES",    "MD5",     "DES"     },
        { "shaaes",    "SHA",    "AES",    "SHA",     "AES"     },
        { "md5aes256", "MD5",    "AES256", "MD5",     "AES-256" },
        { "sha256aes", "SHA256", "AES192", "SHA-256", "AES-192" },
        { "sha512aes", "SHA512", "AES256", "SHA-512", "AES-256" },
        { "sha512des", "SHA512", "DES",    "SHA-512", "DES"     },
};

/*** The agent ***/

static unsigned free_port(void) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t n = sizeof(a);
        _cleanup_close_ int fd = ASSERT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

        ASSERT_EQ(bind(fd, (struct sockaddr *) &a, n), 0);
        ASSERT_EQ(getsockname(fd, (struct sockaddr *) &a, &n), 0);
        return ntohs(a.sin_port);
}

static void write_users(FILE *f, const char *auth_password) {
        for (size_t i = 0; i < ELEMENTSOF(users); i++) {
                const User *u = users + i;

                fprintf(f, "createUser %s", u->name);
                if (u->agent_auth)
                        fprintf(f, " %s \"%s\"", u->agent_auth, auth_password);
                if (u->agent_priv)
                        fprintf(f, " %s \"%s\"", u->agent_priv, PRIV_PASSWORD);
                fprintf(f, "\nrwuser %s %s\n", u->name,
                        u->agent_priv   ? "priv"
                        : u->agent_auth ? "auth"
                                        : "noauth");
        }
}

static void write_configuration(const Agent *a, const char *engine, const char *auth_password) {
        _cleanup_free_ char *path = strjoin(a->directory, "/snmpd.conf");
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f);
        fprintf(f, "agentAddress udp:127.0.0.1:%u,tcp:127.0.0.1:%u\n", a->port, a->port);
        fprintf(f, "exactEngineID %s\nsysDescr An agent\nrocommunity public\nrwcommunity private\n", engine);
        fprintf(f, "override -rw .%s.1.0 integer -5\n", TREE);
        fprintf(f, "override -rw .%s.2.0 octet_str \"a text\"\n", TREE);
        fprintf(f, "override .%s.3.0 octet_str \"\"\n", TREE);
        fprintf(f, "override .%s.4.0 uinteger 4294967295\n", TREE);
        fprintf(f, "override .%s.5.0 object_id .1.3.6.1.4.1.99999.4294967295\n", TREE);
        fprintf(f, "override .%s.6.0 timeticks 4294967295\n", TREE);
        fprintf(f, "override .%s.7.0 octet_str 0x00ff0a\n", TREE);
        fprintf(f, "override .%s.8.0 counter 4294967295\n", TREE);
        write_users(f, auth_password);
        ASSERT_EQ(fclose(f), 0);
}

static void agent_start(Agent *a, const char *engine, const char *auth_password) {
        _cleanup_free_ char *path = strjoin(a->directory, "/snmpd.conf"),
                            *log = strjoin(a->directory, "/log");
        _cleanup_free_ char *state = strjoin(a->directory, "/state");
        const char *const arguments[] = { "snmpd", "-f", "-C", "-c", path, "-Lf", log, "-I", "-smux", NULL };

        write_configuration(a, engine, auth_password);
        ASSERT_EQ(setenv("SNMP_PERSISTENT_DIR", state, 1), 0);
        /* snmpd is where users have no search path to. */
        if (posix_spawn(&a->pid, "/usr/sbin/snmpd", NULL, NULL, (char *const *) arguments, environ) != 0)
                TEST_FAIL("snmpd cannot be started: the package snmpd is needed");
}

static void agent_stop(Agent *a) {
        ASSERT_EQ(kill(a->pid, SIGKILL), 0);
        ASSERT_EQ(waitpid(a->pid, NULL, 0), a->pid);
        a->pid = 0;
}

static void agent_new(Agent *a) {
        *a = (Agent) { .port = free_port() };
        strcpy(a->directory, "/tmp/test-snmp-net-XXXXXX");
        ASSERT_TRUE(mkdtemp(a->directory));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
        return remove(path);
}

static void agent_done(Agent *a) {
        if (a->pid > 0)
                agent_stop(a);
        ASSERT_EQ(nftw(a->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void wait_agent(sd_event *event, SnmpNet *net, const Agent *a) {
        _cleanup_(snmp_link_freep) SnmpLink *link =
                open_link(net, a->port, &(SnmpCredentials) { .version = SNMP_V2C, .community = "public" },
                          100 * USEC_PER_MSEC, 0);
        bool ready = false;

        for (unsigned i = 0; i < 600 && !ready; i++) {
                _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, DESCRIPTION);

                ready = result.r >= 0;
                if (!ready)
                        (void) usleep(50000);
        }
        ASSERT_TRUE(ready);
}

/*** Values ***/

static const SnmpCredentials by_v1 = { .version = SNMP_V1, .community = "private" };
static const SnmpCredentials by_v2c = { .version = SNMP_V2C, .community = "private" };

static SnmpCredentials credentials_of(const User *u) {
        return (SnmpCredentials) {
                .version = SNMP_V3,
                .level = u->priv ? SNMP_LEVEL_PRIV : u->auth ? SNMP_LEVEL_AUTH : SNMP_LEVEL_NO_AUTH,
                .user = u->name,
                .auth_protocol = u->auth,
                .auth_password = AUTH_PASSWORD,
                .priv_protocol = u->priv,
                .priv_password = PRIV_PASSWORD,
        };
}

static void assert_description(sd_event *event, SnmpLink *link) {
        _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, DESCRIPTION);

        if (result.r < 0)
                TEST_FAIL("%s: %s, %s", link->peer, strerror(-result.r), strempty(result.why));
        ASSERT_EQ(result.n_values, 1);
        ASSERT_EQ(result.values[0].type, SNMP_TYPE_STRING);
        ASSERT_STREQ((char *) result.values[0].bytes, "An agent");
}

static SnmpValue value_of(sd_event *event, SnmpLink *link, const char *oid) {
        _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, oid);
        SnmpValue v;

        ASSERT_EQ(result.r, 0);
        ASSERT_EQ(result.n_values, 1);
        v = result.values[0];
        result.values[0] = (SnmpValue) {};
        return v;
}

static void test_values(sd_event *event, SnmpLink *link) {
        const struct {
                const char *oid;
                SnmpValue v;
        } cases[] = {
                {TREE ".1.0", {.type = SNMP_TYPE_INTEGER, .integer = -5}},
                {TREE ".2.0", {.type = SNMP_TYPE_STRING, .bytes = (uint8_t *) "a text", .n_bytes = 6}},
                {TREE ".3.0", {.type = SNMP_TYPE_STRING, .bytes = (uint8_t *) ""}},
                {TREE ".4.0", {.type = SNMP_TYPE_GAUGE, .count = UINT32_MAX}},
                {TREE ".5.0", {.type = SNMP_TYPE_OID,
                                      .object = {.ids = (uint32_t[]){1, 3, 6, 1, 4, 1, 99999, UINT32_MAX},
                                              .n = 8}}},
                {TREE ".6.0", {.type = SNMP_TYPE_TICKS, .count = UINT32_MAX}},
                {TREE ".7.0", {.type = SNMP_TYPE_STRING, .bytes = (uint8_t *) "\0\xff\n", .n_bytes = 3}},
                {TREE ".8.0", {.type = SNMP_TYPE_COUNTER, .count = UINT32_MAX}},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snmp_value_done) SnmpValue v = value_of(event, link, cases[i].oid);
                SnmpValue expected = cases[i].v;

                ASSERT_OK(snmp_oid_parse(cases[i].oid, &expected.oid));
                if (!snmp_value_equal(&v, &expected))
                        TEST_FAIL("%s is a %s", cases[i].oid, snmp_type_to_string(v.type));
                snmp_oid_done(&expected.oid);
        }
}

static void test_walk(sd_event *event, SnmpLink *link) {
        _cleanup_(result_done) Result bulk = ask(event, link, SNMP_GET_BULK, TREE ".1"),
                                      next = ask(event, link, SNMP_GET_NEXT, TREE ".2.0");
        _cleanup_(result_done) Result absent = ask(event, link, SNMP_GET, TREE ".9.0");

        ASSERT_EQ(bulk.n_values, link->is_v1 ? 1 : 4);
        ASSERT_EQ(bulk.values[0].integer, -5);
        ASSERT_EQ(next.values[0].type, SNMP_TYPE_STRING);
        ASSERT_EQ(absent.r, 0);
        ASSERT_EQ(absent.status, link->is_v1 ? SNMP_STATUS_NO_SUCH_NAME : 0);
        ASSERT_EQ(absent.index, link->is_v1);
        if (!link->is_v1)
                ASSERT_FALSE(snmp_value_is_there(absent.values));
}

static void test_set(sd_event *event, SnmpLink *link, int number) {
        _cleanup_(result_done) Result set = set_value(event, link, TREE ".1.0",
                                              &(SnmpValue){.type = SNMP_TYPE_INTEGER, .integer = number}),
                                      refused = set_value(event, link, TREE ".4.0",
                                              &(SnmpValue){.type = SNMP_TYPE_GAUGE, .count = 1});
        _cleanup_(snmp_value_done) SnmpValue v = value_of(event, link, TREE ".1.0");

        ASSERT_EQ(set.r, 0);
        ASSERT_EQ(set.status, 0);
        ASSERT_EQ(v.integer, number);
        ASSERT_EQ(refused.r, 0);
        ASSERT_TRUE(refused.status != 0);
        ASSERT_EQ(refused.index, 1);
}

static void test_versions(sd_event *event, SnmpNet *net, const Agent *a) {
        const SnmpCredentials *versions[] = { &by_v1, &by_v2c };

        for (size_t i = 0; i < ELEMENTSOF(versions); i++) {
                _cleanup_(snmp_link_freep) SnmpLink *link =
                        open_link(net, a->port, versions[i], USEC_PER_SEC, 3);

                assert_description(event, link);
                test_values(event, link);
                test_walk(event, link);
                test_set(event, link, (int) i);
                test_set(event, link, -5);
        }
}

static void test_tcp(sd_event *event, SnmpNet *net, const Agent *a) {
        char peer[64];
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_free_ char *why = NULL;

        (void) snprintf(peer, sizeof(peer), "tcp:127.0.0.1:%u", a->port);
        ASSERT_OK(snmp_net_open(net, peer, &by_v2c, &(SnmpNetOptions) { USEC_PER_SEC, 3 }, &link, &why));
        for (unsigned i = 0; i < 3; i++)
                assert_description(event, link);
        test_walk(event, link);
}

/*** Version 3 ***/

static void test_users(sd_event *event, SnmpNet *net, const Agent *a) {
        for (size_t i = 0; i < ELEMENTSOF(users); i++) {
                SnmpCredentials c = credentials_of(users + i);
                _cleanup_(snmp_link_freep) SnmpLink *link = open_link(net, a->port, &c, USEC_PER_SEC, 3);

                assert_description(event, link);
                assert_description(event, link);
                test_set(event, link, (int) i);
                test_set(event, link, -5);
                test_values(event, link);
                test_walk(event, link);
        }
}

static void test_refusals(sd_event *event, SnmpNet *net, const Agent *a) {
        static const struct {
                const char *user, *auth, *auth_password, *priv, *priv_password, *why;
                SnmpLevel level;
        } cases[] = {
                {"nobody", "MD5", AUTH_PASSWORD, NULL, NULL, "does not know the user", SNMP_LEVEL_AUTH},
                {"nobody", NULL, NULL, NULL, NULL, "does not know the user", SNMP_LEVEL_NO_AUTH},
                {"md5", "MD5", "something else", NULL, NULL, "authentication password", SNMP_LEVEL_AUTH},
                {"md5", "SHA", AUTH_PASSWORD, NULL, NULL, "authentication password", SNMP_LEVEL_AUTH},
                {"md5", "MD5", AUTH_PASSWORD, "DES", PRIV_PASSWORD, "security level", SNMP_LEVEL_PRIV},
                {"shaaes", "SHA", AUTH_PASSWORD, "AES", "something else", "privacy password",
                        SNMP_LEVEL_PRIV},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                SnmpCredentials c = {
                        .version = SNMP_V3, .level = cases[i].level, .user = cases[i].user,
                        .auth_protocol = cases[i].auth, .auth_password = cases[i].auth_password,
                        .priv_protocol = cases[i].priv, .priv_password = cases[i].priv_password,
                };
                _cleanup_(snmp_link_freep) SnmpLink *link =
                        open_link(net, a->port, &c, 100 * USEC_PER_MSEC, 2);

                for (unsigned k = 0; k < 2; k++) {
                        _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, DESCRIPTION);

                        if (result.r != -EACCES || !result.why || !strstr(result.why, cases[i].why))
                                TEST_FAIL("case %zu: %d, %s", i, result.r, strempty(result.why));
                }
        }
}

/* The same user with other passwords on another agent; with the same engine id, too. */
static void test_two_agents(sd_event *event, SnmpNet *net, const Agent *a, const char *engine) {
        _cleanup_(agent_done) Agent other;
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL, *other_link = NULL, *wrong = NULL;
        SnmpCredentials c = credentials_of(users + 5), other_c = c;

        agent_new(&other);
        agent_start(&other, engine, "another password");
        wait_agent(event, net, &other);
        other_c.auth_password = "another password";
        link = open_link(net, a->port, &c, 200 * USEC_PER_MSEC, 3);
        other_link = open_link(net, other.port, &other_c, 200 * USEC_PER_MSEC, 3);
        wrong = open_link(net, other.port, &c, 200 * USEC_PER_MSEC, 3);
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_(result_done) Result result = {};

                assert_description(event, link);
                result = ask(event, wrong, SNMP_GET, DESCRIPTION);
                ASSERT_EQ(result.r, -EACCES);
                assert_description(event, other_link);
        }
}

/* An agent that is started anew, with another engine id, without any memory of its earlier starts, or with
 * other passwords. */
static void test_restart(sd_event *event, SnmpNet *net, Agent *a) {
        static const char *const engines[] = {"0x80001f880401020305", "0x80001f880401020305",
                "0x80001f8804010203", "0x80001f880401020304"};
        SnmpCredentials c = credentials_of(users + 5), plain = credentials_of(users);
        _cleanup_(snmp_link_freep) SnmpLink *link = open_link(net, a->port, &c, 300 * USEC_PER_MSEC, 4),
                                            *plain_link =
                                                    open_link(net, a->port, &plain, 300 * USEC_PER_MSEC, 4);

        assert_description(event, link);
        assert_description(event, plain_link);
        for (size_t i = 0; i < ELEMENTSOF(engines); i++) {
                agent_stop(a);
                agent_start(a, engines[i], AUTH_PASSWORD);
                wait_agent(event, net, a);
                assert_description(event, link);
                assert_description(event, plain_link);
        }

        agent_stop(a);
        for (unsigned i = 0; i < 2; i++) {
                _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, DESCRIPTION);

                ASSERT_EQ(result.r, -ECONNREFUSED);
        }
        agent_start(a, engines[0], AUTH_PASSWORD);
        wait_agent(event, net, a);
        assert_description(event, link);
}

#define N_USERS 50U

static void test_many(sd_event *event, SnmpNet *net, const Agent *a) {
        SnmpLink *links[N_USERS];
        Result results[N_USERS] = {};

        for (size_t i = 0; i < N_USERS; i++) {
                SnmpCredentials c = credentials_of(users + i % ELEMENTSOF(users));

                links[i] = open_link(net, a->port, &c, USEC_PER_SEC, 3);
        }
        for (unsigned k = 0; k < 3; k++) {
                for (size_t i = 0; i < N_USERS; i++)
                        start(links[i], SNMP_GET, DESCRIPTION, results + i);
                for (size_t i = 0; i < N_USERS; i++) {
                        wait_result(event, results + i);
                        if (results[i].r < 0)
                                TEST_FAIL("user %zu: %d, %s", i, results[i].r, strempty(results[i].why));
                        result_done(results + i);
                }
        }
        for (size_t i = 0; i < N_USERS; i++)
                snmp_link_free(links[i]);
}

int main(void) {
        static const char engine[] = "0x80001f880401020304";
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_net_freep) SnmpNet *net = NULL;
        _cleanup_(agent_done) Agent a;

        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(snmp_net_new(event, &net));
        agent_new(&a);
        agent_start(&a, engine, AUTH_PASSWORD);
        wait_agent(event, net, &a);

        test_versions(event, net, &a);
        test_tcp(event, net, &a);
        test_users(event, net, &a);
        test_refusals(event, net, &a);
        test_two_agents(event, net, &a, engine);
        test_many(event, net, &a);
        test_restart(event, net, &a);
        return 0;
}
