/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "test-util.h"

static char *path_of(const char *root, const char *path) {
        char *full = strjoin(root, path);

        ASSERT_TRUE(full);
        return full;
}

static void put(const char *root, const char *path, const char *data, size_t size) {
        _cleanup_free_ char *full = path_of(root, path);
        _cleanup_close_ int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, data, size), size);
}

static void remove_at(const char *root, const char *path) {
        _cleanup_free_ char *full = path_of(root, path);

        ASSERT_OK(remove(full));
}

/* From the innermost on. */
static const char *const directories[] = { "/run/systemd", "/run/host", "/run", "/proc/1", "/proc", "" };

int main(void) {
        static const char says[] = "HOME=/\0container=lxc\0TERM=linux", says_not[] = "XDG=container=no";
        static const char *const files[] = { "/run/systemd/container", "/run/host/container-manager" };
        char root[] = "/tmp/busbar-container-XXXXXX";

        ASSERT_TRUE(mkdtemp(root));
        ASSERT_FALSE(machine_is_container(root));
        for (size_t i = ELEMENTSOF(directories) - 1; i-- > 0;) {
                _cleanup_free_ char *full = path_of(root, directories[i]);

                ASSERT_OK(mkdir(full, 0755));
        }
        ASSERT_FALSE(machine_is_container(root));

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                put(root, files[i], "", 0);
                ASSERT_TRUE(machine_is_container(root));
                remove_at(root, files[i]);
                ASSERT_FALSE(machine_is_container(root));
        }

        put(root, "/proc/1/environ", says, sizeof(says));
        ASSERT_TRUE(machine_is_container(root));
        put(root, "/proc/1/environ", says_not, sizeof(says_not));
        ASSERT_FALSE(machine_is_container(root));
        put(root, "/proc/1/environ", "", 0);
        ASSERT_FALSE(machine_is_container(root));

        remove_at(root, "/proc/1/environ");
        for (size_t i = 0; i < ELEMENTSOF(directories); i++)
                remove_at(root, directories[i]);
        return EXIT_SUCCESS;
}
