/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-prompt.h"

#include <stdio.h>
#include <termios.h>

void secret_freep(char **s) {
        if (*s)
                explicit_bzero(*s, strlen(*s));
        free(*s);
}

/* getline() may leave copies of a secret behind; no user name, password or value is longer than this. */
static int read_line(FILE *f, char **ret) {
        char line[1024];
        size_t n;
        char *s;

        if (!fgets(line, sizeof(line), f))
                return ferror(f) ? -EIO : -ENODATA;

        /* A carriage return in front of the line feed is of the line's end too, if the file came from
         * Windows. */
        n = strcspn(line, "\n");
        if (n > 0 && line[n] == '\n' && line[n - 1] == '\r')
                n--;
        line[n] = '\0';
        s = strdup(line);
        explicit_bzero(line, sizeof(line));
        if (!s)
                return -ENOMEM;

        *ret = s;
        return 0;
}

int prompt_line(const char *prompt, char **ret) {
        fputs(prompt, stdout);
        (void) fflush(stdout);
        return read_line(stdin, ret);
}

static int prompt_hidden(FILE *terminal, const char *prompt, char **ret) {
        struct termios before, hidden;
        bool hides;
        int r;

        hides = tcgetattr(fileno(terminal), &before) == 0;
        if (hides) {
                hidden = before;
                /* An interrupt would leave the terminal silent. */
                hidden.c_lflag &= ~(tcflag_t) (ECHO | ISIG);
                hides = tcsetattr(fileno(terminal), TCSAFLUSH, &hidden) == 0;
        }

        fputs(prompt, terminal);
        (void) fflush(terminal);
        r = read_line(terminal, ret);
        if (hides) {
                fputc('\n', terminal);
                (void) fflush(terminal);
                (void) tcsetattr(fileno(terminal), TCSAFLUSH, &before);
        }
        return r;
}

int prompt_secret(const char *prompt, char **ret) {
        FILE *terminal = fopen("/dev/tty", "w+e");
        int r;

        if (terminal) {
                setvbuf(terminal, NULL, _IONBF, 0);
                r = prompt_hidden(terminal, prompt, ret);
                (void) fclose(terminal);
        } else {
                fputs(prompt, stderr);
                r = read_line(stdin, ret);
        }
        if (r != -ENODATA)
                return r;

        *ret = strdup("");
        return *ret ? 0 : -ENOMEM;
}
