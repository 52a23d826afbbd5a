/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rival.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>

#include "io-util.h"
#include "process-unit.h"
#include "string-util.h"

#define PROC_TEXT_MAX 4096U

/* Programs that talk to USB devices. Those of the first kind take the device from the kernel, which tells
 * us; the others share it, so that to be there is enough, and to be root's. */
static const struct {
        const char *name;   /* as the kernel has it, up to 15 characters */
        uint16_t vendor_id; /* 0: any */
        bool claims;
} programs[] = {
        { "usbhid-ups",      0x0000, true  },
        { "blazer_usb",      0x0000, true  },
        { "nutdrv_qx",       0x0000, true  },
        { "nutdrv_atcl_usb", 0x0000, true  },
        { "tripplite_usb",   0x0000, true  },
        { "bcmxcp_usb",      0x0000, true  },
        { "richcomm_usb",    0x0000, true  },
        { "riello_usb",      0x0000, true  },
        { "apcupsd",         0x051d, false },
        { "pwrstatd",        0x0764, false },
        { "ppbed",           0x0764, false },
};

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

/* A file of a process. */
static bool read_process(const char *root, const char *pid, const char *file, char *buffer) {
        _cleanup_free_ char *path = strjoin(root, "/proc/", pid, "/", file);
        ssize_t n = path ? path_read(path, buffer, PROC_TEXT_MAX - 1) : -1;

        if (n <= 0)
                return false;
        buffer[n] = '\0';
        return true;
}

/* "apcupsd (process 123 of apcupsd.service)" */
static char *describe(const char *root, const char *pid, const char *name) {
        _cleanup_free_ char *unit = NULL;
        char cgroup[PROC_TEXT_MAX];

        if (!read_process(root, pid, "cgroup", cgroup))
                return strprintf("%s (process %s)", name, pid);
        if (process_unit_is_ours(cgroup))
                return NULL;

        unit = process_unit(cgroup);
        return unit ? strprintf("%s (process %s of %s)", name, pid, unit)
                    : strprintf("%s (process %s)", name, pid);
}

/* Anybody may call a program of his like one of these. "Uid:" has four numbers. */
static bool is_of_root(const char *root, const char *pid) {
        char text[PROC_TEXT_MAX];
        const char *line = read_process(root, pid, "status", text) ? strstr(text, "\nUid:") : NULL;

        return line && startswith(line, "\nUid:\t0\t0\t0\t0\n");
}

static bool program_matters(const char *name, const Plugged *p) {
        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (streq(programs[i].name, name))
                        return programs[i].claims == p->claimed &&
                                (programs[i].vendor_id == 0 ||
                                 programs[i].vendor_id == p->naming.key.vendor_id);
        return false;
}

/* The programs that may be the one, separated by "or"; NULL for none. */
static int find_processes(const char *root, const Plugged *p, char **ret) {
        _cleanup_free_ char *path = strjoin(root, "/proc");
        _cleanup_(closedirp) DIR *list = NULL;
        _cleanup_strv_free_ char **found = NULL;

        if (!path)
                return -ENOMEM;
        list = opendir(path);
        for (struct dirent *e; list && (e = readdir(list));) {
                char name[PROC_TEXT_MAX], *text;

                if (!isdigit((unsigned char) e->d_name[0]) || !read_process(root, e->d_name, "comm", name))
                        continue;
                name[strcspn(name, "\n")] = '\0';
                if (!program_matters(name, p) || (!p->claimed && !is_of_root(root, e->d_name)))
                        continue;
                text = describe(root, e->d_name, name);
                if (text && strv_consume(&found, text) < 0)
                        return -ENOMEM;
        }

        if (found) {
                *ret = strv_join(found, " or ");
                return *ret ? 0 : -ENOMEM;
        }
        *ret = NULL;
        return 0;
}

int rival_find(const char *root, const Plugged *p, char **ret) {
        int r;

        r = find_processes(root, p, ret);
        if (r >= 0 && !*ret && p->claimed) {
                *ret = strjoin("a program that has ", p->usb->usbfs, " open");
                r = *ret ? 0 : -ENOMEM;
        }
        return r;
}
