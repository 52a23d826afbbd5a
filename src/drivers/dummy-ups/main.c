/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-ups.h"

int main(int argc, char *argv[]) {
        return driver_main(&dummy_ups_driver, argc, argv);
}
