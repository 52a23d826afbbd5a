/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-contract.h"
#include "nutdrv-qx.h"
#include "string-util.h"
#include "test-util.h"

/* The kit's contract suite on simulated devices and a recording. Usage: test-nutdrv-qx PORT PORT
 * RECORDING */

static void test_names(void) {
        static const char *const names[] = { "nutdrv_qx", "blazer_ser", "blazer_usb", "bestups",
                "masterguard" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *path = strjoin("/usr/lib/busbar/drivers/", names[i]);

                ASSERT_STREQ(qx_driver_find(names[i])->name, names[i]);
                ASSERT_STREQ(qx_driver_find(path)->name, names[i]);
        }
        ASSERT_STREQ(qx_driver_find("anything")->name, "nutdrv_qx");
        ASSERT_STREQ(qx_driver_find(NULL)->name, "nutdrv_qx");
}

int main(int argc, char *argv[]) {
        char *demanded[] = { (char *) "protocol=megatec", (char *) "offdelay=60", (char *) "cablepower=both",
                NULL };
        char *nowhere[] = { (char *) "vendorid=ffff", (char *) "productid=fffe", NULL };

        ASSERT_EQ(argc, 4);
        ASSERT_TRUE(getenv("BUSBAR_PROFILES") != NULL);
        test_names();

        driver_contract_check(&(DriverContract) {
                qx_driver_find("nutdrv_qx"),
                .port = argv[1],
                .second_port = argv[2],
                .absent_port = "/nonexistent/tty",
                .options = demanded,
        });
        driver_contract_check(&(DriverContract) {
                qx_driver_find("blazer_ser"),
                .port = argv[3],
                .absent_port = "/dev/null",
        });
        driver_contract_check(&(DriverContract) {
                qx_driver_find("nutdrv_qx"),
                .port = argv[3],
                .absent_port = "/nonexistent/a.recording",
        });
        driver_contract_check(&(DriverContract) {
                qx_driver_find("blazer_usb"),
                .port = argv[3],
                .absent_port = "auto",
                .options = nowhere,
        });
        return EXIT_SUCCESS;
}
