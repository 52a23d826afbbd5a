/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "io-util.h"
#include "string-util.h"

#define TEXT_MAX (64U * 1024)
#define USERS_MAX 5U
#define NAMES_MAX 4096U

/* Programs that talk to power devices over USB: NUT's drivers, and those of others. comm holds 15
 * characters. */
static const char *const programs[] = {
        "usbhid-ups", "nutdrv_qx", "blazer_usb", "bcmxcp_usb", "richcomm_usb", "riello_usb", "tripplite_usb",
        "nutdrv_atcl_usb", "apcupsd", "pwrstatd", "ppbed", "upsilon", "rupsd", "pbeagent", "mgeupsd",
        "powerchute", NULL,
};

static char *read_text(const char *path) {
        char *text = malloc(TEXT_MAX);
        ssize_t n = text ? path_read(path, text, TEXT_MAX - 1) : -1;

        if (n < 0) {
                free(text);
                return NULL;
        }
        text[n] = '\0';
        return text;
}

char *usb_cgroup_unit(const char *cgroup) {
        const char *line = strstr(cgroup, "0::"), *start, *end;

        if (!line || (line > cgroup && line[-1] != '\n'))
                return NULL;

        end = line + strcspn(line, "\n");
        for (start = end; start > line && start[-1] != '/'; start--)
                ;
        /* A service may divide its own group further. */
        while (start > line && !memmem(start, (size_t) (end - start), ".service", 8) &&
               !memmem(start, (size_t) (end - start), ".scope", 6)) {
                end = start - 1;
                for (start = end; start > line && start[-1] != '/'; start--)
                        ;
        }
        return start > line ? strndup(start, (size_t) (end - start)) : NULL;
}

/* The name of a program, which it can choose: only what is harmless in a log. */
static char *read_comm(pid_t pid) {
        char path[64], name[32];
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/%jd/comm", (intmax_t) pid);
        n = path_read(path, name, sizeof(name) - 1);
        if (n <= 0)
                return NULL;
        name[n] = '\0';
        name[strcspn(name, "\n")] = '\0';
        for (char *c = name; *c; c++)
                if ((unsigned char) *c < 0x20 || (unsigned char) *c >= 0x7f)
                        *c = '?';
        return strdup(name);
}

char *usb_process_describe(pid_t pid) {
        _cleanup_free_ char *comm = read_comm(pid), *cgroup = NULL, *unit = NULL;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%jd/cgroup", (intmax_t) pid);
        cgroup = read_text(path);
        unit = cgroup ? usb_cgroup_unit(cgroup) : NULL;

        if (!comm)
                return strprintf("PID %jd", (intmax_t) pid);
        return strprintf("PID %jd (%s%s%s)", (intmax_t) pid, comm, unit ? ", " : "", strempty(unit));
}

pid_t usb_locks_find(const char *locks, dev_t device, ino_t inode) {
        for (const char *line = locks; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                unsigned major_number, minor_number;
                uint64_t number;
                int pid;

                /* Those that wait for a lock have an arrow behind the number. */
                if (sscanf(line, "%*u: FLOCK %*15s %*15s %d %x:%x:%" SCNu64, &pid, &major_number,
                                    &minor_number, &number) == 4 &&
                                makedev(major_number, minor_number) == device && number == inode)
                        return pid;
        }

        return 0;
}

static char *describe_holder(int fd) {
        _cleanup_free_ char *locks = read_text("/proc/locks");
        struct stat st;
        pid_t pid;

        pid = locks && fstat(fd, &st) >= 0 ? usb_locks_find(locks, st.st_dev, st.st_ino) : 0;
        return pid > 0 ? usb_process_describe(pid) : strdup("somebody");
}

int usb_node_lock(int fd, UsbLock lock, char **ret_holder) {
        if (flock(fd, (lock == USB_LOCK_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) >= 0)
                return 0;
        if (errno != EWOULDBLOCK)
                return -errno;

        if (ret_holder)
                *ret_holder = describe_holder(fd);
        return -EBUSY;
}

void usb_node_unlock(int fd) {
        if (fd >= 0)
                (void) flock(fd, LOCK_UN);
}

int usb_process_look_for(pid_t pid, dev_t number) {
        char path[64];
        DIR *d;
        int r = 0;

        (void) snprintf(path, sizeof(path), "/proc/%jd/fd", (intmax_t) pid);
        d = opendir(path);
        if (!d)
                return errno == EACCES || errno == EPERM ? -EACCES : 0;
        for (struct dirent *e; r <= 0 && (e = readdir(d));) {
                struct stat st;

                if (e->d_name[0] == '.')
                        continue;
                if (fstatat(dirfd(d), e->d_name, &st, 0) < 0)
                        r = errno == EACCES || errno == EPERM ? -EACCES : r;
                else if (S_ISCHR(st.st_mode) && st.st_rdev == number)
                        r = 1;
        }

        (void) closedir(d);
        return r;
}

bool usb_process_has_open(pid_t pid, dev_t number) {
        return usb_process_look_for(pid, number) > 0;
}

/* The processes that fit, at most so many. */
static size_t find_processes(UsbProcessFits fits, const void *userdata, pid_t ret[static USERS_MAX]) {
        DIR *d = opendir("/proc");
        size_t n = 0;

        for (struct dirent *e; d && n < USERS_MAX && (e = readdir(d));) {
                pid_t pid = (pid_t) strtol(e->d_name, NULL, 10);
                _cleanup_free_ char *comm = pid > 0 && pid != getpid() ? read_comm(pid) : NULL;

                if (comm && fits(pid, comm, userdata))
                        ret[n++] = pid;
        }

        if (d)
                (void) closedir(d);
        return n;
}

char *usb_processes_describe(UsbProcessFits fits, const void *userdata) {
        _cleanup_strv_free_ char **texts = NULL;
        pid_t pids[USERS_MAX];
        size_t n = find_processes(fits, userdata, pids);

        for (size_t i = 0; i < n; i++) {
                char *text = usb_process_describe(pids[i]);

                if (!text || strv_consume(&texts, text) < 0)
                        return NULL;
        }

        return n > 0 ? strv_join(texts, ", ") : NULL;
}

static bool fits_by_node(pid_t pid, const char *comm, const void *userdata) {
        return usb_process_has_open(pid, *(const dev_t *) userdata);
}

static bool fits_by_name(pid_t pid, const char *comm, const void *userdata) {
        for (const char *const *p = programs; *p; p++)
                if (strncasecmp(comm, *p, 15) == 0)
                        return true;
        return false;
}

char *usb_node_users(const char *node) {
        char *users = NULL;
        struct stat st;

        if (stat(node, &st) >= 0 && S_ISCHR(st.st_mode))
                users = usb_processes_describe(fits_by_node, &st.st_rdev);
        return users ?: usb_processes_describe(fits_by_name, NULL);
}

static char *user_name(uid_t uid) {
        struct passwd entry, *found = NULL;
        char buffer[NAMES_MAX];

        if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) == 0 && found)
                return strdup(found->pw_name);
        return strprintf("%u", uid);
}

static char *group_name(gid_t gid) {
        struct group entry, *found = NULL;
        char buffer[NAMES_MAX];

        if (getgrgid_r(gid, &entry, buffer, sizeof(buffer), &found) == 0 && found)
                return strdup(found->gr_name);
        return strprintf("%u", gid);
}

char *usb_node_describe_access(const char *node) {
        _cleanup_free_ char *owner = NULL, *group = NULL, *self = NULL;
        struct stat st;

        if (stat(node, &st) < 0)
                return strprintf("%s cannot be opened: %s", node, strerror(errno));
        owner = user_name(st.st_uid);
        group = group_name(st.st_gid);
        self = user_name(geteuid());
        if (!owner || !group || !self)
                return NULL;

        return strprintf("%s belongs to %s:%s with mode %03o, so the user %s may not open it", node, owner,
                        group, (unsigned) st.st_mode & 07777U, self);
}

char *usb_node_explain_access(const char *node) {
        _cleanup_free_ char *why = usb_node_describe_access(node);

        if (!why || access(node, F_OK) < 0)
                return TAKE_PTR(why);
        return strprintf(
                        "%s. As a service the driver is given the node by busbar-enroll, which a udev rule "
                        "(62-busbar.rules) calls when the device is plugged in: run \"udevadm trigger\" if "
                        "it has been in since before the installation. By hand, run the driver with sudo.",
                        why);
}
