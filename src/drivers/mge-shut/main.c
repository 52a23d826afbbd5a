/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mge-shut.h"

int main(int argc, char *argv[]) {
        return driver_main(&mge_shut_driver, argc, argv);
}
