/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process-unit.h"

#include "string-util.h"
#include "test-util.h"

static void test_unit(void) {
        static const struct {
                const char *cgroup, *unit;
                bool ours;
        } cases[] = {
                {"0::/system.slice/nut-server.service\n", "nut-server.service", false},
                {"0::/system.slice/nut-server.service/worker\n", "nut-server.service", false},
                {"0::/system.slice/system-nut.slice/nut-driver@a\\x2db.service",
                        "nut-driver@a\\x2db.service", false},
                {"0::/own.slice/apcupsd.service\n", "apcupsd.service", false},
                {"0::/system.slice/system-busbar.slice/busbar-monitor.service",
                        "busbar-monitor.service", true},
                /* All versions at once. */
                {"12:cpu,cpuacct:/\n1:name=systemd:/system.slice/apcupsd.service\n0::/\n", "apcupsd.service",
                        false},
                {"1:name=systemd:/system.slice/a.service\n0::/system.slice/a.service\n", "a.service", false},
                {"3:cpu:/system.slice/other.service\n0::/system.slice/a.service\n", "a.service", false},
                {"0::/system.slice/_cpu.service\n", "cpu.service", false},
                /* Of users. */
                {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n", NULL, false},
                {"0::/user.slice/user-1000.slice/user@1000.service/x;touch${IFS}pwned;.service\n",
                        NULL, false},
                {"0::/user.slice/user-1000.slice/session-1.scope/system-busbar.slice/x.service\n",
                        NULL, false},
                /* Of containers and machines. */
                {"0::/system.slice/docker-abc.scope/system.slice/ssh.service\n", NULL, false},
                {"0::/machine.slice/systemd-nspawn@a.service/payload/system.slice/ssh.service\n",
                        NULL, false},
                {"0::/lxc.payload.a/system.slice/ssh.service\n", NULL, false},
                {"0::/docker/abc/system.slice/system-busbar.slice/busbar-monitor.service\n", NULL, false},
                {"0::/../system.slice/ssh.service\n", NULL, false},
                /* No names. */
                {"0::/system.slice/x;touch${IFS}pwned;.service\n", NULL, false},
                {"0::/system.slice/a b.service\n", NULL, false},
                {"0::/system.slice/.service\n", NULL, false},
                {"0::/a.service\n", NULL, false},
                {"0::/system.slice/\n", NULL, false},
                {"0::/\n", NULL, false},
                {"0::", NULL, false},
                {"0", NULL, false},
                {"\n\n", NULL, false},
                {"", NULL, false},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *unit = process_unit(cases[i].cgroup);

                ASSERT_STREQ(strempty(unit), strempty(cases[i].unit));
                ASSERT_EQ(process_unit_is_ours(cases[i].cgroup), cases[i].ours);
        }
}

static void test_contained(void) {
        ASSERT_FALSE(process_is_contained("Name:\ta\nNSpid:\t12\nNSpgid:\t12\n"));
        ASSERT_TRUE(process_is_contained("Name:\ta\nNSpid:\t12\t1\n"));
        ASSERT_FALSE(process_is_contained("Name:\ta\nNSpid:\t12"));
        ASSERT_FALSE(process_is_contained("Name:\ta\n"));
        ASSERT_FALSE(process_is_contained(""));
}

int main(void) {
        test_unit();
        test_contained();
        return 0;
}
