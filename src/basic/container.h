/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Whether this is a container, which does not power off the machine that it is on, and whose UPS is its
 * host's affair. root comes before each path, "" for none. The manager of the container says so in files, or
 * in the environment of the first process, which only root can read; systemd there turns it into a file. */
bool machine_is_container(const char *root);
