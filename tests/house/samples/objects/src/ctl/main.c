/* SPDX-License-Identifier: LGPL-2.1-or-later */
static int arg_verbose;

int main(int argc, char *argv[]) {
        arg_verbose = argc;
        return arg_verbose;
}
