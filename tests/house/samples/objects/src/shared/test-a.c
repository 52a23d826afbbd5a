/* SPDX-License-Identifier: LGPL-2.1-or-later */
static int arg_verbose;

int run(int argc) {
        arg_verbose = argc;
        return arg_verbose;
}
