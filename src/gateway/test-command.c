/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-gateway.h"
#include "fsd.h"
#include "test-util.h"
#include "version.h"

/* Conversations, each on a connection of its own: what is sent, and all that must come back. */
typedef struct Conversation {
        const char *request, *answer;
} Conversation;

#define ADMIN "USERNAME admin\nPASSWORD pw\n"
#define PRIMARY "USERNAME mon\nPASSWORD mp\n"
#define SECONDARY "USERNAME sec\nPASSWORD sp\n"
#define WRONG "USERNAME admin\nPASSWORD no\n"
#define OK2 "OK\nOK\n"
#define INVALID "ERR INVALID-ARGUMENT\n"

static const Conversation plain[] = {
        { "HELP\n", "Commands: HELP VER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS\n" },
        { "help x\n", INVALID },
        { "VER\n", GATEWAY_VERSION_LINE "\n" },
        { "VER x\n", INVALID },
        { "NETVER\nprotver\n", "1.3\n1.3\n" },
        { "PROTVER x\nNETVER x\n", INVALID INVALID },
        { "STARTTLS\nSTARTTLS x\n", "ERR FEATURE-NOT-CONFIGURED\nERR FEATURE-NOT-CONFIGURED\n" },
        { "USERNAME\nUSERNAME a b\nUSERNAME a\nUSERNAME b\n",
          INVALID INVALID "OK\nERR ALREADY-SET-USERNAME\n" },
        { "PASSWORD\nPASSWORD a b\nPASSWORD a\nPASSWORD b\n",
          INVALID INVALID "OK\nERR ALREADY-SET-PASSWORD\n" },
        { "LOGOUT x\nLOGOUT\nVER\n", INVALID "OK Goodbye\n" },
        { "DETACH\nVER\n", "OK Goodbye\n" },
        { "NONSENSE\n\n \n# VER\n\"\"\n", "ERR UNKNOWN-COMMAND\nERR UNKNOWN-COMMAND\nERR UNKNOWN-COMMAND\n"
                                          "ERR UNKNOWN-COMMAND\nERR UNKNOWN-COMMAND\n" },
        { "VER=1\n=\n", INVALID "ERR UNKNOWN-COMMAND\n" },
        { "\"NETVER\"\nNET\\VER\nNET\"VER\"\n", "1.3\n1.3\nERR UNKNOWN-COMMAND\n" },
        { "NETVER\r\nNETVER\r\r\nNETVER # x\n", "1.3\n1.3\n1.3\n" },
        /* stock upsd answers neither of these, and drops what follows */
        { "VER \"a#b\nNETVER\n", INVALID "1.3\n" },
        { "NETVER \"\nNETVER\n", INVALID "1.3\n" },
        { "GET VAR zeta \"ups.status\nNETVER\n", INVALID "1.3\n" },
        { "LIST\nGET\nLIST x\nGET x\n", INVALID INVALID INVALID INVALID },
};

static const Conversation queries[] = {
        { "GET VAR\nGET VAR zeta\n", INVALID INVALID },
        { "GET VAR zeta ups.status\n", "VAR zeta ups.status \"OL CHRG\"\n" },
        { "get var ZETA UPS.Status extra\n", "VAR ZETA UPS.Status \"OL CHRG\"\n" },
        { "GET VAR zeta ups.model\n", "VAR zeta ups.model \"A \\\"model\\\" \\\\ with \\# hash\"\n" },
        { "GET VAR nosuch x\nGET VAR gone x\nGET VAR alpha x\nGET VAR zeta x\n",
          "ERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\nERR VAR-NOT-SUPPORTED\n" },
        { "GET VAR nosuch SERVER.INFO\n", "VAR nosuch server.info \"" GATEWAY_VERSION_LINE "\"\n" },
        { "GET VAR gone server.version\nGET VAR x server.x\n",
          "VAR gone server.version \"2.8.0\"\nERR VAR-NOT-SUPPORTED\n" },
        { "GET UPSDESC\nGET UPSDESC nosuch\n", INVALID "ERR UNKNOWN-UPS\n" },
        { "GET UPSDESC zeta\nGET UPSDESC GONE\nGET UPSDESC alpha\nGET UPSDESC extra\n",
          "UPSDESC zeta \"A \\\"quoted\\\" desc \\#1\"\nUPSDESC GONE \"never there\"\n"
          "UPSDESC alpha \"Unavailable\"\nUPSDESC extra \"on the bus\"\n" },
        { "GET TYPE\nGET TYPE zeta\n", INVALID INVALID },
        { "GET TYPE zeta ups.status\nGET TYPE zeta ups.id\nGET TYPE zeta ups.delay.shutdown\n"
          "GET TYPE zeta input.transfer.low\nGET TYPE zeta Input.Sensitivity\n",
          "TYPE zeta ups.status NUMBER\nTYPE zeta ups.id RW STRING:8\n"
          "TYPE zeta ups.delay.shutdown RW NUMBER\n"
          "TYPE zeta input.transfer.low RW RANGE NUMBER\nTYPE zeta Input.Sensitivity RW ENUM STRING:10\n" },
        { "GET TYPE nosuch x\nGET TYPE gone x\nGET TYPE alpha ups.status\nGET TYPE zeta x\n"
          "GET TYPE zeta server.info\n",
          "ERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\nERR VAR-NOT-SUPPORTED\n"
          "ERR VAR-NOT-SUPPORTED\n" },
        { "GET DESC zeta x.y\nGET CMDDESC zeta b'load.off'\n",
          "DESC zeta x.y \"Description unavailable\"\n"
          "CMDDESC zeta b'load.off' \"Description unavailable\"\n" },
        { "GET DESC gone x\nGET DESC alpha x\nGET DESC nosuch x\nGET CMDDESC gone x\nGET CMDDESC alpha x\n",
          "ERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\nERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\n"
          "ERR DATA-STALE\n" },
        { "GET NUMLOGINS zeta\nGET NUMATTACH zeta\nGET NUMLOGINS gone\nGET NUMLOGINS alpha\n"
          "GET NUMLOGINS x\n",
          "NUMLOGINS zeta 0\nNUMATTACH zeta 0\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\n"
          "ERR UNKNOWN-UPS\n" },
        { "GET TRACKING\nGET TRACKING x\n", "OFF\nERR FEATURE-NOT-CONFIGURED\n" },
        { "LIST UPS\n", "BEGIN LIST UPS\nUPS zeta \"A \\\"quoted\\\" desc \\#1\"\n"
          "UPS Alpha \"Description unavailable\"\n"
                        "UPS gone \"never there\"\nUPS extra \"on the bus\"\nEND LIST UPS\n" },
        { "LIST VAR extra\nLIST VAR EXTRA x\n",
          "BEGIN LIST VAR extra\nVAR extra ups.status \"OL CHRG\"\nEND LIST VAR extra\n"
          "BEGIN LIST VAR EXTRA\nVAR EXTRA ups.status \"OL CHRG\"\nEND LIST VAR EXTRA\n" },
        { "LIST VAR zeta\n",
          "BEGIN LIST VAR zeta\nVAR zeta battery.charge \"90\"\nVAR zeta input.sensitivity \"normal\"\n"
          "VAR zeta input.transfer.low \"100\"\nVAR zeta ups.broken \"x\"\n"
          "VAR zeta ups.delay.shutdown \"20\"\n"
          "VAR zeta ups.id \"rack\"\nVAR zeta ups.model \"A \\\"model\\\" \\\\ with \\# hash\"\n"
          "VAR zeta ups.status \"OL CHRG\"\nEND LIST VAR zeta\n" },
        { "LIST RW zeta\n",
          "BEGIN LIST RW zeta\nRW zeta input.sensitivity \"normal\"\nRW zeta input.transfer.low \"100\"\n"
          "RW zeta ups.broken \"x\"\nRW zeta ups.delay.shutdown \"20\"\nRW zeta ups.id \"rack\"\n"
          "END LIST RW zeta\n" },
        { "LIST RW extra\nLIST CMD extra\n", "BEGIN LIST RW extra\nEND LIST RW extra\n"
                                             "BEGIN LIST CMD extra\nEND LIST CMD extra\n" },
        { "LIST CMD zeta\n", "BEGIN LIST CMD zeta\nCMD zeta load.off\nCMD zeta test.battery.start\n"
          "END LIST CMD zeta\n" },
        { "LIST ENUM zeta INPUT.sensitivity\n",
          "BEGIN LIST ENUM zeta INPUT.sensitivity\nENUM zeta INPUT.sensitivity \"normal\"\n"
          "ENUM zeta INPUT.sensitivity \"a \\\"b\\\"\"\nEND LIST ENUM zeta INPUT.sensitivity\n" },
        { "LIST RANGE zeta input.transfer.low\n",
          "BEGIN LIST RANGE zeta input.transfer.low\nRANGE zeta input.transfer.low \"90\" \"110\"\n"
          "RANGE zeta input.transfer.low \"120\" \"130\"\nEND LIST RANGE zeta input.transfer.low\n" },
        { "LIST ENUM zeta ups.id\nLIST RANGE zeta ups.id\n",
          "BEGIN LIST ENUM zeta ups.id\nEND LIST ENUM zeta ups.id\n"
          "BEGIN LIST RANGE zeta ups.id\nEND LIST RANGE zeta ups.id\n" },
        { "LIST ENUM zeta\nLIST RANGE zeta\nLIST VAR\nLIST RW\nLIST CMD\nLIST CLIENT\n",
          INVALID INVALID INVALID INVALID INVALID INVALID },
        { "LIST ENUM zeta x\nLIST RANGE gone x\nLIST ENUM alpha x\nLIST RANGE x x\n",
          "ERR VAR-NOT-SUPPORTED\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\nERR UNKNOWN-UPS\n" },
        { "LIST VAR gone\nLIST RW gone\nLIST CMD gone\nLIST VAR alpha\nLIST RW alpha\nLIST CMD alpha\n"
          "LIST VAR x\n",
          "ERR DRIVER-NOT-CONNECTED\nERR DRIVER-NOT-CONNECTED\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\n"
          "ERR DATA-STALE\nERR DATA-STALE\nERR UNKNOWN-UPS\n" },
        { "LIST CLIENT gone\nLIST CLIENT x\n", "BEGIN LIST CLIENT gone\nEND LIST CLIENT gone\n"
          "ERR UNKNOWN-UPS\n" },
};

static const Conversation sessions[] = {
        { "LOGIN\nLOGIN zeta\nFSD zeta\nSET\nINSTCMD\nPRIMARY x\nMASTER x\nATTACH\n",
          "ERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\n"
          "ERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\nERR USERNAME-REQUIRED\n" },
        { "USERNAME a\nLOGIN zeta\n", "OK\nERR PASSWORD-REQUIRED\n" },
        { PRIMARY "LOGIN\nLOGIN zeta x\nLOGIN nosuch\n", OK2 INVALID INVALID "ERR UNKNOWN-UPS\n" },
        { WRONG "LOGIN zeta\nLOGIN zeta\n", OK2 "ERR ACCESS-DENIED\nERR ACCESS-DENIED\n" },
        { ADMIN "LOGIN zeta\nPRIMARY zeta\n", OK2 "ERR ACCESS-DENIED\nERR ACCESS-DENIED\n" },
        { PRIMARY "LOGIN ZETA\nLOGIN x\nATTACH x\nLIST CLIENT zeta\nGET NUMLOGINS zeta\nLOGOUT\n",
          OK2 "OK\nERR ALREADY-LOGGED-IN\nERR ALREADY-ATTACHED\nBEGIN LIST CLIENT zeta\n"
          "CLIENT zeta 192.0.2.1\n"
          "END LIST CLIENT zeta\nNUMLOGINS zeta 1\nOK Goodbye\n" },
        { SECONDARY "ATTACH gone\nLIST CLIENT gone\n",
          OK2 "OK\nBEGIN LIST CLIENT gone\nCLIENT gone 192.0.2.1\nEND LIST CLIENT gone\n" },
        { PRIMARY "PRIMARY\nPRIMARY nosuch\nPRIMARY zeta\nMASTER gone\n",
          OK2 INVALID "ERR UNKNOWN-UPS\nOK PRIMARY-GRANTED\nOK MASTER-GRANTED\n" },
        { SECONDARY "PRIMARY zeta\nMASTER zeta\nFSD zeta\n",
          OK2 "ERR ACCESS-DENIED\nERR ACCESS-DENIED\nERR ACCESS-DENIED\n" },
        { "USERNAME nopw\nPASSWORD \"\"\nSET VAR zeta ups.id x\n", OK2 "ERR ACCESS-DENIED\n" },
        { "USERNAME hash\nPASSWORD hp\nSET VAR zeta ups.id x\n", OK2 "OK\n" },
        { "USERNAME hash\nPASSWORD h\nSET VAR zeta ups.id x\n", OK2 "ERR ACCESS-DENIED\n" },
        { "USERNAME Admin\nPASSWORD pw\nSET VAR zeta ups.id x\n", OK2 "ERR ACCESS-DENIED\n" },
        { "NEED zeta 5\n", "ERR USERNAME-REQUIRED\n" },
        { SECONDARY "NEED\nNEED zeta\nNEED zeta 5 5\nNEED nosuch 5\nNEED zeta 5\n",
          OK2 INVALID INVALID INVALID "ERR UNKNOWN-UPS\nERR ACCESS-DENIED\n" },
        { SECONDARY "LOGIN zeta\nNEED extra 5\nNEED zeta 0\nNEED zeta 86401\nNEED zeta -1\nNEED zeta 1x\n"
          "NEED ZETA 1\nneed zeta 86400\n",
          OK2 "OK\nERR ACCESS-DENIED\n" INVALID INVALID INVALID INVALID "OK\nOK\n" },
};

static const Conversation writes[] = {
        { ADMIN "SET\nSET VAR\nSET x\nSET VAR zeta\nSET VAR zeta ups.id\n",
          OK2 INVALID INVALID INVALID INVALID INVALID },
        { ADMIN "SET VAR nosuch ups.id x\nSET VAR gone ups.id x\nSET VAR alpha ups.id x\n",
          OK2 "ERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\n" },
        { PRIMARY "SET VAR nosuch x x\nSET VAR gone x x\nSET VAR zeta x x\n",
          OK2 "ERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\nERR ACCESS-DENIED\n" },
        { ADMIN "SET VAR zeta x x\nSET VAR zeta ups.status x\nSET VAR zeta ups.id 123456789\n"
          "SET VAR zeta ups.broken x\n",
          OK2 "ERR VAR-NOT-SUPPORTED\nERR READONLY\nERR TOO-LONG\nERR SET-FAILED\n" },
        { ADMIN "SET VAR zeta input.sensitivity high\nSET VAR zeta input.sensitivity \"a \\\"b\\\"\"\n",
          OK2 "ERR INVALID-VALUE\nOK\n" },
        { ADMIN "SET VAR zeta input.transfer.low 115\nSET VAR zeta input.transfer.low 100x\n"
                "SET VAR zeta input.transfer.low 121 junk\nSET VAR zeta ups.delay.shutdown soon\n",
          OK2 "ERR INVALID-VALUE\nERR INVALID-VALUE\nOK\nERR INVALID-VALUE\n" },
        { ADMIN "INSTCMD\nINSTCMD zeta\nINSTCMD zeta load.off 1 2\n", OK2 INVALID INVALID INVALID },
        { PRIMARY "INSTCMD nosuch x\nINSTCMD gone x\nINSTCMD alpha x\nINSTCMD zeta x\n"
          "INSTCMD zeta load.off\n",
          OK2 "ERR UNKNOWN-UPS\nERR DRIVER-NOT-CONNECTED\nERR DATA-STALE\nERR CMD-NOT-SUPPORTED\n"
          "ERR ACCESS-DENIED\n" },
        { SECONDARY "INSTCMD zeta TEST.battery.start\nINSTCMD zeta load.off\n",
          OK2 "OK\nERR ACCESS-DENIED\n" },
        { ADMIN "SET TRACKING\nSET TRACKING maybe\nSET TRACKING on\nGET TRACKING\nGET TRACKING x\n"
          "SET TRACKING OFF\nGET TRACKING\n",
          OK2 INVALID INVALID "OK\nON\nERR UNKNOWN\nOK\nOFF\n" },
        { WRONG "SET TRACKING ON\nGET TRACKING\n", OK2 "ERR ACCESS-DENIED\nOFF\n" },
};

static void run(FakeGateway *f, const Conversation *table, size_t n) {
        for (size_t i = 0; i < n; i++) {
                Session s = { .address = "192.0.2.1" };
                _cleanup_free_ char *answer =
                        fake_gateway_ask(f, &s, table[i].request, strlen(table[i].request));

                if (!streq(answer, table[i].answer))
                        TEST_FAIL("asked:\n%s\ngot:\n%s\nexpected:\n%s", table[i].request, answer,
                                        table[i].answer);
                session_done(&s);
        }
}

static char *ask(FakeGateway *f, Session *s, const char *request) {
        return fake_gateway_ask(f, s, request, strlen(request));
}

#define ASSERT_ANSWER(f, s, request, expected)                                  \
        do {                                                                    \
                _cleanup_free_ char *_got = ask((f), (s), (request));           \
                ASSERT_STREQ(_got, (expected));                                 \
        } while (0)

static void test_forced_shutdown(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Device *zeta = device_table_find(f->gateway.devices, "zeta");
        Session s = { .address = "192.0.2.1" };

        ASSERT_ANSWER(f, &s, PRIMARY "FSD\nFSD nosuch\nFSD zeta x\n",
                        OK2 INVALID "ERR UNKNOWN-UPS\n" INVALID);
        ASSERT_ANSWER(f, &s, "FSD zeta\nGET VAR zeta ups.status\n",
                        "OK FSD-SET\nVAR zeta ups.status \"FSD OL CHRG\"\n");
        ASSERT_STREQ(zeta->forced->owner, "mon@192.0.2.1");
        ASSERT_ANSWER(f, &s, "FSD gone\nFSD alpha\n", "OK FSD-SET\nOK FSD-SET\n");

        _cleanup_free_ char *list = ask(f, &s, "LIST VAR zeta\nLIST RW zeta\n");
        ASSERT_TRUE(strstr(list, "\nVAR zeta ups.status \"FSD OL CHRG\"\n"));
        ASSERT_FALSE(strstr(list, "RW zeta ups.status"));

        /* What the device says itself is not doubled, and an empty status leaves no blank. */
        fake_gateway_update(f, "ups.status", "FSD OB LB");
        ASSERT_ANSWER(f, &s, "GET VAR zeta ups.status\n", "VAR zeta ups.status \"FSD OB LB\"\n");

        /* The rule: stable mains for 120 s without anybody logged in. */
        fake_gateway_update(f, "ups.status", "OL");
        ASSERT_ANSWER(f, &s, "LOGIN zeta\n", "OK\n");
        fsd_tick(&f->gateway, 1000 * 1000000ULL);
        fsd_tick(&f->gateway, 2000 * 1000000ULL);
        ASSERT_TRUE(zeta->forced);
        session_done(&s);
        fsd_tick(&f->gateway, 3000 * 1000000ULL);
        fsd_tick(&f->gateway, 3119 * 1000000ULL);
        ASSERT_TRUE(zeta->forced);
        fake_gateway_update(f, "ups.status", "OB");
        fsd_tick(&f->gateway, 3120 * 1000000ULL);
        fake_gateway_update(f, "ups.status", "OL");
        fsd_tick(&f->gateway, 3121 * 1000000ULL);
        fsd_tick(&f->gateway, 3240 * 1000000ULL);
        ASSERT_TRUE(zeta->forced);
        fsd_tick(&f->gateway, 3241 * 1000000ULL);
        ASSERT_FALSE(zeta->forced);
        ASSERT_TRUE(device_table_find(f->gateway.devices, "gone")->forced);
        ASSERT_ANSWER(f, &s, "GET VAR zeta ups.status\n", "VAR zeta ups.status \"OL\"\n");
}

static void test_writes_reach_device(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };

        ASSERT_ANSWER(f, &s, ADMIN "set var ZETA UPS.ID \"a \\\"b\"\n", OK2 "OK\n");
        ASSERT_STREQ(f->last_write, "set zeta ups.id=a \"b");
        fake_gateway_reply(f, -EIO);
        ASSERT_ANSWER(f, &s, "INSTCMD Zeta LOAD.off\n", "OK\n");
        ASSERT_STREQ(f->last_write, "run zeta load.off");
        ASSERT_ANSWER(f, &s, "INSTCMD zeta load.off \"3 0\"\n", "OK\n");
        ASSERT_STREQ(f->last_write, "run zeta load.off 3 0");

        f->write_result = -ENODEV;
        ASSERT_ANSWER(f, &s, "SET VAR zeta ups.id x\n", "ERR DRIVER-NOT-CONNECTED\n");
        f->write_result = -ENOBUFS;
        ASSERT_ANSWER(f, &s, "SET VAR zeta ups.id x\nINSTCMD zeta load.off\n",
                        "ERR SET-FAILED\nERR INSTCMD-FAILED\n");
        session_done(&s);
}

/* Only so many writes may wait for a device, from one client and from all. */
static void test_write_limits(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s[5] = {};

        f->keep_open = true;
        for (size_t i = 0; i < ELEMENTSOF(s); i++) {
                s[i].address = "192.0.2.1";
                s[i].sequence = i + 1;
                ASSERT_ANSWER(f, s + i, ADMIN, OK2);
        }
        for (size_t i = 0; i < 2; i++) {
                for (size_t k = 0; k < 512; k++)
                        ASSERT_ANSWER(f, s + i, "SET VAR zeta ups.id x\n", "OK\n");
                ASSERT_ANSWER(f, s + i, "SET VAR zeta ups.id x\nINSTCMD zeta load.off\n",
                                "ERR SET-FAILED\nERR INSTCMD-FAILED\n");
        }
        ASSERT_EQ(f->n_open, 1024);
        ASSERT_ANSWER(f, s + 4, "INSTCMD zeta load.off\n", "ERR INSTCMD-FAILED\n");

        /* A session that ends leaves its writes behind; those count for the device still. */
        session_done(s);
        ASSERT_ANSWER(f, s + 4, "INSTCMD zeta load.off\n", "ERR INSTCMD-FAILED\n");
        fake_gateway_reply(f, -EBUSY);
        ASSERT_FALSE(f->gateway.writes);
        ASSERT_ANSWER(f, s + 4, "INSTCMD zeta load.off\n", "OK\n");
        f->write_result = -EBUSY;
        ASSERT_ANSWER(f, s + 1, "SET VAR zeta ups.id x\nINSTCMD zeta load.off\n",
                        "ERR SET-FAILED\nERR INSTCMD-FAILED\n");
        for (size_t i = 1; i < ELEMENTSOF(s); i++)
                session_done(s + i);
}

static void test_tracking(void) {
        static const struct {
                int verdict;
                const char *result;
        } table[] = {
                { 0, "SUCCESS\n" },
                { -EOPNOTSUPP, "ERR UNKNOWN\n" },
                { -EINVAL, "ERR INVALID-ARGUMENT\n" },
                { -EIO, "ERR FAILED\n" },
                { -ENODEV, "ERR FAILED\n" },
                { -EBUSY, "ERR FAILED\n" },
        };
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };

        ASSERT_ANSWER(f, &s, ADMIN "SET TRACKING ON\n", OK2 "OK\n");
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *answer =
                        ask(f, &s, i % 2 ? "SET VAR zeta ups.id x\n" : "INSTCMD zeta load.off\n");
                ASSERT_TRUE(startswith(answer, "OK TRACKING "));
                ASSERT_EQ(strlen(answer), strlen("OK TRACKING \n") + TRACKING_ID_LENGTH);

                _cleanup_free_ char *query = strjoin("GET ", answer + strlen("OK "));
                ASSERT_ANSWER(f, &s, query, "PENDING\n");
                fake_gateway_reply(f, table[i].verdict);
                ASSERT_ANSWER(f, &s, query, table[i].result);
        }
        session_done(&s);
}

/* Credentials that were right stay so until the file says otherwise. */
static void test_users_change(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };

        ASSERT_ANSWER(f, &s, ADMIN "SET VAR zeta ups.id x\n", OK2 "OK\n");
        ASSERT_EQ(s.user_generation, 1);

        _cleanup_(conf_freep) Conf *none = NULL;
        ASSERT_OK(conf_parse("upsd.users", "", 0, NULL, NULL, &none));
        user_table_free(f->gateway.users);
        ASSERT_OK(user_table_from_lines(none, NULL, NULL, &f->gateway.users));
        f->gateway.user_generation++;
        ASSERT_ANSWER(f, &s, "SET VAR zeta ups.id x\n", "ERR ACCESS-DENIED\n");
        session_done(&s);
}

static void test_client_order(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session a = { .address = "192.0.2.1", .sequence = 1 }, b = { .address = "192.0.2.2", .sequence = 2 },
                c = { .address = "192.0.2.3", .sequence = 3 };

        ASSERT_ANSWER(f, &c, PRIMARY "LOGIN zeta\n", OK2 "OK\n");
        ASSERT_ANSWER(f, &a, PRIMARY "LOGIN zeta\n", OK2 "OK\n");
        ASSERT_ANSWER(f, &b, PRIMARY "LOGIN zeta\nLIST CLIENT ZETA\n",
                        OK2 "OK\nBEGIN LIST CLIENT ZETA\nCLIENT ZETA 192.0.2.3\nCLIENT ZETA 192.0.2.2\n"
                            "CLIENT ZETA 192.0.2.1\nEND LIST CLIENT ZETA\n");
        session_done(&b);
        ASSERT_ANSWER(f, &a, "LIST CLIENT zeta\nGET NUMLOGINS zeta\n",
                        "BEGIN LIST CLIENT zeta\nCLIENT zeta 192.0.2.3\nCLIENT zeta 192.0.2.1\n"
                        "END LIST CLIENT zeta\n"
                        "NUMLOGINS zeta 2\n");
        session_done(&a);
        session_done(&c);
}

/* However the bytes come, the answers are the same. */
static void test_torture(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };
        size_t n = 1000000;
        _cleanup_free_ char *line = new(char, n + 1);

        ASSERT_TRUE(line);
        memset(line, 'x', n);
        memcpy(line, "VER ", 4);
        memcpy(line + n - 8, "\nNETVER\n", 9);
        ASSERT_ANSWER(f, &s, line, INVALID "1.3\n");

        static const char nul[] = "NET\0VER\n\xff\nNETVER\xc3\xa4\n";
        _cleanup_free_ char *answer = fake_gateway_ask(f, &s, nul, sizeof(nul) - 1);
        ASSERT_STREQ(answer, "1.3\nERR UNKNOWN-COMMAND\n1.3\n");
        session_done(&s);
}

/* What links have between driver and bus is not for clients, whatever they may run. */
static void test_server_names(void) {
        static const char *const requests[][2] = {
                { "INSTCMD zeta server.fsd\nINSTCMD zeta SERVER.NEED 5\n",
                  "ERR CMD-NOT-SUPPORTED\nERR CMD-NOT-SUPPORTED\n" },
                { "SET VAR zeta server.x 5\nGET VAR zeta server.numlogins\nGET TYPE zeta server.x\n",
                  "ERR VAR-NOT-SUPPORTED\nERR VAR-NOT-SUPPORTED\nERR VAR-NOT-SUPPORTED\n" },
                { "LIST RANGE zeta server.x\nLIST ENUM zeta server.x\n",
                  "ERR VAR-NOT-SUPPORTED\nERR VAR-NOT-SUPPORTED\n" },
                { "GET CMDDESC zeta server.fsd\n", "CMDDESC zeta server.fsd \"Description unavailable\"\n" },
        };
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        _cleanup_(update_freep) Update *u = update_new();
        static const char lists[] = "LIST VAR zeta\nLIST RW zeta\nLIST CMD zeta\n";
        Session s = { .address = "192.0.2.1" };

        ASSERT_OK(update_set(u, "server.numlogins", "2"));
        ASSERT_OK(update_set(u, "server.x", "1"));
        ASSERT_OK(update_describe(u, "server.x", VARIABLE_WRITABLE, 0));
        ASSERT_OK(update_command(u, "server.fsd"));
        ASSERT_OK(update_command(u, "server.need"));
        ASSERT_OK(model_apply(f->models[0], u, NULL));
        device_invalidate(device_table_find(f->gateway.devices, "zeta"));

        free(fake_gateway_ask(f, &s, ADMIN, strlen(ADMIN)));
        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                _cleanup_free_ char *a = fake_gateway_ask(f, &s, requests[i][0], strlen(requests[i][0]));

                ASSERT_STREQ(a, requests[i][1]);
        }
        _cleanup_free_ char *text = fake_gateway_ask(f, &s, lists, strlen(lists));
        ASSERT_FALSE(strstr(text, "server."));
        ASSERT_TRUE(strstr(text, "VAR zeta battery.charge"));
        ASSERT_FALSE(f->last_write);
        session_done(&s);
}

/* Very long needs are told to the administrator once for each login. */
static void test_long_need(void) {
        static const char login[] = PRIMARY "LOGIN zeta\nNEED zeta 3600\n", need[] = "NEED zeta 3601\n";
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };

        free(fake_gateway_ask(f, &s, login, strlen(login)));
        ASSERT_FALSE(s.need_logged);
        free(fake_gateway_ask(f, &s, need, strlen(need)));
        ASSERT_TRUE(s.need_logged);
        ASSERT_EQ(s.need_seconds, 3601);
        session_logout(&s);
        ASSERT_FALSE(s.need_logged);
        session_done(&s);
}

static Host host_at(uint8_t last) {
        return (Host) { .key.s6_addr = { [10] = 0xff, 0xff, 192, 0, 2, last }, .address = "192.0.2.x" };
}

static void ask_at(FakeGateway *f, Host *h, const char *request, const char *answer) {
        Session s = { .address = h->address, .host = h };
        _cleanup_free_ char *text = fake_gateway_ask(f, &s, request, strlen(request));

        ASSERT_STREQ(text, answer);
        session_done(&s);
}

static UpsdConf *read_settings(const char *text) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        UpsdConf *conf;

        ASSERT_OK(conf_parse("upsd.conf", text, strlen(text), NULL, NULL, &lines));
        ASSERT_OK(upsd_conf_from_lines(lines, NULL, NULL, &conf));
        return conf;
}

/* The fixed name is for who gave the credentials of the appliance, and to read for who gave none. */
static void test_appliance(void) {
        static const Conversation anywhere[] = {
                { "USERNAME mon\nPASSWORD mp\nGET UPSDESC ups\nFSD ups\n", OK2 "ERR UNKNOWN-UPS\n"
                  "ERR UNKNOWN-UPS\n" },
                { WRONG "GET UPSDESC ups\n", OK2 "ERR UNKNOWN-UPS\n" },
                { "USERNAME monuser\nGET UPSDESC ups\n", "OK\nERR UNKNOWN-UPS\n" },
        };
        static const char appliance[] = "USERNAME monuser\nPASSWORD secret\nGET UPSDESC ups\nLOGIN ups\n"
                                        "GET UPSDESC UPS\nFSD ups\nGET UPSDESC zeta\n";
        static const char title[] = "\"A \\\"quoted\\\" desc \\#1\"\n";
        _cleanup_free_ char *translated = strjoin(OK2 "UPSDESC ups ", title, "OK\nUPSDESC UPS ", title,
                                                  "ERR ACCESS-DENIED\nUPSDESC zeta ", title);
        _cleanup_free_ char *read = strjoin("UPSDESC ups ", title);
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Gateway *g = &f->gateway;
        Host here = host_at(7), elsewhere = host_at(8);
        Device *d;

        upsd_conf_free(g->conf);
        g->conf = read_settings("APPLIANCE synology zeta 192.0.2.7\n");
        ASSERT_OK(appliance_table_new(g->conf, &g->appliances));
        for (size_t i = 0; i < ELEMENTSOF(anywhere); i++) {
                ask_at(f, &here, anywhere[i].request, anywhere[i].answer);
                ask_at(f, &elsewhere, anywhere[i].request, anywhere[i].answer);
        }
        ask_at(f, &here, appliance, translated);
        ask_at(f, &here, "GET UPSDESC ups\n", read);
        ask_at(f, &elsewhere, "GET UPSDESC ups\n", "ERR UNKNOWN-UPS\n");

        /* A real device of that name is what everybody else means. */
        ASSERT_OK(device_table_present(g->devices, "ups", "real", f->models[2],
                                       (MirrorDevice *) (void *) f, &d));
        ask_at(f, &here, appliance, translated);
        ask_at(f, &here, "GET UPSDESC ups\n", "UPSDESC ups \"real\"\n");
        ask_at(f, &here, "USERNAME mon\nPASSWORD mp\nGET UPSDESC ups\nFSD ups\n",
               OK2 "UPSDESC ups \"real\"\nOK FSD-SET\n");
        ASSERT_TRUE(d->forced);
        ASSERT_FALSE(device_table_find(g->devices, "zeta")->forced);
        ask_at(f, &here, "USERNAME monuser\nPASSWORD secret\nLIST UPS\n", OK2 "BEGIN LIST UPS\n"
               "UPS ups \"A \\\"quoted\\\" desc \\#1\"\nUPS Alpha \"Description unavailable\"\n"
               "UPS gone \"never there\"\nUPS extra \"on the bus\"\nEND LIST UPS\n");
        appliance_table_free(g->appliances);
}

int main(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();

        run(f, plain, ELEMENTSOF(plain));
        run(f, queries, ELEMENTSOF(queries));
        run(f, queries, ELEMENTSOF(queries)); /* now from kept answers */
        run(f, sessions, ELEMENTSOF(sessions));
        run(f, writes, ELEMENTSOF(writes));
        test_forced_shutdown();
        test_writes_reach_device();
        test_write_limits();
        test_tracking();
        test_users_change();
        test_client_order();
        test_torture();
        test_server_names();
        test_long_need();
        test_appliance();
        return 0;
}
