/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usbhid-ups.h"

int main(int argc, char *argv[]) {
        return driver_main(&usbhid_ups_driver, argc, argv);
}
