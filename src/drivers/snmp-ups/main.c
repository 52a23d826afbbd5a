/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-list.h"
#include "snmp-ups.h"

int main(int argc, char *argv[]) {
        if (snmp_list_is_wanted(argc, argv))
                return snmp_list_print();
        return driver_main(&snmp_ups_driver, argc, argv);
}
