/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutdrv-hashx.h"

int main(int argc, char *argv[]) {
        return driver_main(&nutdrv_hashx_driver, argc, argv);
}
