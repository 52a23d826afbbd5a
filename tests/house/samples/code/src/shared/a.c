/* SPDX-License-Identifier: LGPL-2.1-or-later */
int f(int a) {
        if (a)
                goto finish;
        exit(1);
        _exit(1);
        abort();
finish:
        return 0;
}

static void exec_child(void) {
        exit(1);
}

static void child(void) {
        _exit(1);
        err(1, "exit(1)");
}
