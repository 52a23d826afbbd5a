/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-contract.h"
#include "mge-shut.h"
#include "test-util.h"

/* The kit's contract suite on simulated devices. Usage: test-mge-shut PORT PORT */

int main(int argc, char *argv[]) {
        char *events[] = { (char *) "notification=3", (char *) "offdelay=60", NULL };

        ASSERT_EQ(argc, 3);
        ASSERT_TRUE(getenv("BUSBAR_PROFILES") != NULL);

        driver_contract_check(&(DriverContract) {
                &mge_shut_driver,
                .port = argv[1],
                .second_port = argv[2],
                .absent_port = "/nonexistent/tty",
        });
        driver_contract_check(&(DriverContract) {
                &mge_shut_driver,
                .port = argv[2],
                .second_port = argv[1],
                .absent_port = "/dev/null",
                .options = events,
        });
        return EXIT_SUCCESS;
}
