/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ctl.h"
#include "string-util.h"

/* Where no graphical session can ask for a password, polkit's agent for terminals can. */
#define AGENT "/usr/bin/pkttyagent"
#define AGENT_TIMEOUT_MSEC 5000

static void exec_agent(int fd, pid_t parent) {
        int null = open("/dev/null", O_RDWR);
        char number[16];

        /* It opens the terminal by itself. All else that it has to say, such as that there is no polkit,
         * follows from the answer of the device. */
        for (int i = 0; i <= STDERR_FILENO; i++)
                (void) dup2(null, i);

        /* It must not outlive us, whatever way we end. */
        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(EXIT_FAILURE);

        if (fcntl(fd, F_SETFD, 0) < 0)
                _exit(EXIT_FAILURE);

        snprintf(number, sizeof(number), "%d", fd);
        execl(AGENT, AGENT, "--notify-fd", number, "--fallback", (char *) NULL);
        _exit(EXIT_FAILURE);
}

void ctl_agent_open(Ctl *c) {
        int fds[2];
        pid_t parent = getpid(), pid;

        if (!c->ask_password || geteuid() == 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) ||
            access(AGENT, X_OK) < 0)
                return;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return;

        pid = fork();
        if (pid == 0)
                exec_agent(fds[1], parent);

        safe_close(fds[1]);
        if (pid > 0) {
                struct pollfd p = { .fd = fds[0] };

                /* The agent closes its end once polkit knows of it. */
                (void) poll(&p, 1, AGENT_TIMEOUT_MSEC);
                c->agent = pid;
        }

        safe_close(fds[0]);
}

void ctl_agent_close(Ctl *c) {
        if (c->agent <= 0)
                return;

        (void) kill(c->agent, SIGTERM);
        (void) kill(c->agent, SIGCONT);
        (void) waitpid(c->agent, NULL, 0);
        c->agent = 0;
}
