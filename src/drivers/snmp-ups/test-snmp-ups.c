/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-ups.h"

#include "driver-contract.h"
#include "test-util.h"

/* argv: a walk for which there is a profile. */
int main(int argc, char *argv[]) {
        ASSERT_EQ(argc, 2);
        ASSERT_TRUE(getenv("BUSBAR_PROFILES") != NULL);

        driver_contract_check(&(DriverContract) {
                &snmp_ups_driver,
                .port = argv[1],
                .absent_port = "/nonexistent/card.snmprec",
        });
        return EXIT_SUCCESS;
}
