/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "driver-contract.h"
#include "dummy-ups.h"
#include "test-util.h"

/* The kit's contract suite for each mode. */

static void write_text(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f);
        ASSERT_TRUE(fputs(text, f) >= 0);
        ASSERT_EQ(fclose(f), 0);
}

static void test_files(void) {
        static const char *const endings[] = { "dev", "seq", "conf" };
        char directory[] = "/tmp/test-dummy-ups-XXXXXX";

        ASSERT_TRUE(mkdtemp(directory));
        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                _cleanup_free_ char *port = strjoin(directory, "/a.", endings[i]);
                _cleanup_free_ char *second_port = strjoin(directory, "/b.", endings[i]);
                _cleanup_free_ char *absent_port = strjoin(directory, "/c.", endings[i]);

                write_text(port, "ups.status: OL\nups.load: 5\nTIMER 1\nups.load: 6\nALARM x\nTIMER 1\n");
                write_text(second_port, "ups.status: OB\nbad line\n");
                driver_contract_check(&(DriverContract) {
                        &dummy_ups_driver,
                        .port = port,
                        .second_port = second_port,
                        .absent_port = absent_port,
                });
                ASSERT_EQ(unlink(port), 0);
                ASSERT_EQ(unlink(second_port), 0);
        }
        ASSERT_EQ(rmdir(directory), 0);
}

/*** A server of one device, in a process of its own ***/

static const struct {
        const char *request, *answer;
} dialogue[] = {
        { "LIST VAR ups",
          "BEGIN LIST VAR ups\nVAR ups ups.status \"OL\"\nVAR ups ups.id \"x\"\nEND LIST VAR ups\n" },
        { "LIST CMD ups", "BEGIN LIST CMD ups\nCMD ups load.off\nEND LIST CMD ups\n" },
        { "LIST RW ups", "BEGIN LIST RW ups\nRW ups ups.id \"x\"\nEND LIST RW ups\n" },
        { "GET TYPE ups ups.id", "TYPE ups ups.id RW ENUM STRING:4\n" },
        { "LIST ENUM ups ups.id",
          "BEGIN LIST ENUM ups ups.id\nENUM ups ups.id \"x\"\nEND LIST ENUM ups ups.id\n" },
};

static void serve_one(int fd) {
        FILE *f = fdopen(fd, "r+e");
        char line[512];

        while (fgets(line, sizeof(line), f)) {
                const char *answer = "ERR UNKNOWN-UPS\n";

                line[strcspn(line, "\n")] = '\0';
                if (startswith(line, "USERNAME ") || startswith(line, "PASSWORD ") ||
                    startswith(line, "SET "))
                        answer = "OK\n";
                for (size_t i = 0; i < ELEMENTSOF(dialogue); i++)
                        if (streq(line, dialogue[i].request))
                                answer = dialogue[i].answer;
                if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
                        break;
        }
        (void) fclose(f);
}

/* One process per connection, so that none waits for another. */
static void serve(int listen_fd) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) signal(SIGCHLD, SIG_IGN);
        for (;;) {
                int fd = accept(listen_fd, NULL, NULL);

                if (fd < 0)
                        _exit(EXIT_FAILURE);
                if (fork() == 0) {
                        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                        serve_one(fd);
                        _exit(EXIT_SUCCESS);
                }
                safe_close(fd);
        }
}

static int bind_loopback(uint16_t *ret_port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        int fd;

        fd = ASSERT_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_OK(bind(fd, (struct sockaddr *) &address, length));
        ASSERT_OK(getsockname(fd, (struct sockaddr *) &address, &length));
        *ret_port = ntohs(address.sin_port);
        return fd;
}

static void test_relay(void) {
        static char *const options[] = { (char *) "username=u", (char *) "password=p", NULL };
        uint16_t number, absent_number;
        _cleanup_close_ int listen_fd = bind_loopback(&number);
        _cleanup_close_ _unused_ int absent_fd = bind_loopback(&absent_number);
        _cleanup_free_ char *port = strprintf("ups@127.0.0.1:%u", (unsigned) number);
        _cleanup_free_ char *unknown = strprintf("other@127.0.0.1:%u", (unsigned) number);
        _cleanup_free_ char *refused = strprintf("ups@127.0.0.1:%u", (unsigned) absent_number);
        pid_t pid;

        ASSERT_TRUE(port && unknown && refused);
        ASSERT_OK(listen(listen_fd, 64));
        pid = ASSERT_OK(fork());
        if (pid == 0)
                serve(listen_fd);

        driver_contract_check(&(DriverContract) {
                &dummy_ups_driver, .port = port, .absent_port = refused, .options = options,
        });
        driver_contract_check(&(DriverContract) { &dummy_ups_driver, .port = port, .absent_port = unknown });

        ASSERT_OK(kill(pid, SIGKILL));
        ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

int main(void) {
        test_files();
        test_relay();
        return 0;
}
