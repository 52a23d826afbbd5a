/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-contract.h"
#include "test-util.h"
#include "usbhid-ups.h"

/* The kit's contract suite on recordings, and where no device can be. Usage: test-usbhid-ups RECORDING
 * RECORDING */

int main(int argc, char *argv[]) {
        char *polled[] = { (char *) "pollonly", (char *) "lowbatt=25", (char *) "explore", NULL };
        char *nowhere[] = { (char *) "vendorid=ffff", NULL };

        ASSERT_EQ(argc, 3);
        /* Each device of a process loads the profiles of $BUSBAR_PROFILES. */
        ASSERT_TRUE(getenv("BUSBAR_PROFILES") != NULL);

        driver_contract_check(&(DriverContract) {
                &usbhid_ups_driver,
                .port = argv[1],
                .second_port = argv[2],
                .absent_port = "/nonexistent/ups.recording",
        });
        driver_contract_check(&(DriverContract) {
                &usbhid_ups_driver,
                .port = argv[1],
                .options = polled,
        });
        driver_contract_check(&(DriverContract) {
                &usbhid_ups_driver,
                .port = argv[2],
                .absent_port = "/dev/hidraw7777",
                .options = nowhere,
        });
        return EXIT_SUCCESS;
}
