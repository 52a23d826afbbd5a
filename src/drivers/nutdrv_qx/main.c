/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutdrv-qx.h"

int main(int argc, char *argv[]) {
        return driver_main(qx_driver_find(argv[0]), argc, argv);
}
