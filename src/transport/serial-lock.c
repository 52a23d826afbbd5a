/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "serial-lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "io-util.h"
#include "serial.h"
#include "string-util.h"
#include "usb-lock.h"

#define LOCK_DIRECTORY "/var/lock"
#define BY_ID "/dev/serial/by-id"
#define PORTS_MAX 4U

/* Programs that use serial ports, or try what is there; comm holds 15 characters. */
static const char *const programs[] = {
        "ModemManager", "brltty", "gpsd", "agetty", "getty", "mgetty", "minicom", "picocom", "screen",
        "apcupsd", "pwrstatd", "upsilon", "nutdrv_qx", "blazer_ser", "bestups", "masterguard",
        "nutdrv_hashx", "mge-shut", "apcsmart", "genericups", NULL,
};

static const char *const gettys[] = { "agetty", "getty", "mgetty", "login", NULL };

static bool is_one_of(const char *const *names, const char *comm) {
        for (const char *const *p = names; *p; p++)
                if (strncmp(comm, *p, 15) == 0)
                        return true;
        return false;
}

/*** Lock files ***/

pid_t serial_lock_file_pid(const char *data, size_t n) {
        char text[16];
        int binary = 0;
        long pid;
        char *end;

        if (n == sizeof(binary)) {
                memcpy(&binary, data, n);
                if (memchr(data, '\0', n))
                        return MAX(binary, 0);
        }
        if (n == 0 || n >= sizeof(text))
                return 0;

        memcpy(text, data, n);
        text[n] = '\0';
        errno = 0;
        pid = strtol(text, &end, 10);
        return errno == 0 && pid > 0 && pid <= INT_MAX && end[strspn(end, " \n")] == '\0' ? (pid_t) pid : 0;
}

/* Anybody may make files in that directory: only those count who may have the port in any case. node is NULL
 * for a port that is not there. */
static int open_lock_file(const char *path, const struct stat *node) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return -EBADF;
        if (st.st_uid != 0 && st.st_uid != geteuid() && !(node && st.st_uid == node->st_uid))
                return -EBADF;
        return TAKE_FD(fd);
}

/* Its number may be another process's by now; that is seen by what it has open, where we may look. */
static bool process_has_port(pid_t pid, const struct stat *node) {
        if (kill(pid, 0) < 0 && errno == ESRCH)
                return false;
        return !node || usb_process_look_for(pid, node->st_rdev) != 0;
}

static bool lock_file_lives(
        const char *directory, const char *name, const struct stat *node, pid_t *ret_pid) {
        _cleanup_free_ char *path = strjoin(directory, "/LCK..", name);
        _cleanup_close_ int fd = path ? open_lock_file(path, node) : -ENOMEM;
        char data[32];
        ssize_t n = fd >= 0 ? fd_read_all(fd, data, sizeof(data)) : -EBADF;
        pid_t pid = n > 0 ? serial_lock_file_pid(data, (size_t) n) : 0;

        if (pid <= 0 || pid == getpid() || !process_has_port(pid, node))
                return false;
        *ret_pid = pid;
        return true;
}

bool serial_lock_file_find(const char *directory, const char *path, pid_t *ret_pid) {
        _cleanup_free_ char *target = realpath(path, NULL);
        const char *slash = strrchr(path, '/'), *other;
        struct stat st;
        const struct stat *node = stat(path, &st) >= 0 && S_ISCHR(st.st_mode) ? &st : NULL;

        if (lock_file_lives(directory, slash ? slash + 1 : path, node, ret_pid))
                return true;
        other = target ? strrchr(target, '/') : NULL;
        return other && lock_file_lives(directory, other + 1, node, ret_pid);
}

/*** Processes ***/

dev_t serial_stat_terminal(const char *stat) {
        /* The name, in parentheses, may hold anything. */
        const char *rest = strrchr(stat, ')');
        int number;

        if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %d", &number) != 1 || number <= 0)
                return 0;
        return makedev((unsigned) number >> 8 & 0xfffU,
                        ((unsigned) number & 0xffU) | ((unsigned) number >> 12 & 0xfff00U));
}

/* A getty, or who has logged in with it, would take half of what the device says. */
static bool fits_by_terminal(pid_t pid, const char *comm, const void *userdata) {
        char path[64], text[512];
        ssize_t n;

        if (!is_one_of(gettys, comm))
                return false;
        (void) snprintf(path, sizeof(path), "/proc/%jd/stat", (intmax_t) pid);
        n = path_read(path, text, sizeof(text) - 1);
        if (n <= 0)
                return false;
        text[n] = '\0';
        return serial_stat_terminal(text) == *(const dev_t *) userdata;
}

/* The service manager keeps ports for those who come back. */
static bool fits_by_node(pid_t pid, const char *comm, const void *userdata) {
        return pid != 1 && usb_process_has_open(pid, *(const dev_t *) userdata);
}

static bool fits_by_name(pid_t pid, const char *comm, const void *userdata) {
        return is_one_of(programs, comm);
}

/* Those who have it without having locked it in our way. */
static char *other_users(int fd, const char *path) {
        int exclusive = 0;
        struct stat st;
        char *users;
        pid_t pid;

        if (serial_lock_file_find(LOCK_DIRECTORY, path, &pid))
                return usb_process_describe(pid);
        if (fstat(fd, &st) < 0)
                return NULL;
        users = usb_processes_describe(fits_by_terminal, &st.st_rdev);
        if (!users && ioctl(fd, TIOCGEXCL, &exclusive) >= 0 && exclusive)
                users = usb_processes_describe(fits_by_node, &st.st_rdev);
        return users;
}

int serial_lock(int fd, const char *path, char **ret_holder) {
        _cleanup_free_ char *holder = NULL;
        int lines, r;

        r = usb_node_lock(fd, USB_LOCK_EXCLUSIVE, &holder);
        if (r >= 0) {
                holder = other_users(fd, path);
                if (holder) {
                        usb_node_unlock(fd);
                        r = -EBUSY;
                }
        }
        if (r < 0) {
                if (r == -EBUSY && ret_holder)
                        *ret_holder = TAKE_PTR(holder);
                return r;
        }

        /* A pseudo terminal would not forget it when it is closed. */
        if (ioctl(fd, TIOCMGET, &lines) >= 0)
                (void) ioctl(fd, TIOCEXCL);
        return 0;
}

void serial_unlock(int fd) {
        if (fd < 0)
                return;
        (void) ioctl(fd, TIOCNXCL);
        usb_node_unlock(fd);
}

/*** What to do ***/

/* The names by which adapters are found wherever they are, joined; NULL for none. */
static char *list_by_id(void) {
        _cleanup_strv_free_ char **names = NULL;
        DIR *d = opendir(BY_ID);
        size_t n = 0;

        for (struct dirent *e; d && n < PORTS_MAX && (e = readdir(d));)
                if (e->d_name[0] != '.' && strv_consume(&names, strjoin(BY_ID "/", e->d_name)) >= 0)
                        n++;
        if (d)
                (void) closedir(d);
        return n > 0 ? strv_join(names, ", ") : NULL;
}

static char *explain_absent(const char *path) {
        _cleanup_free_ char *there = list_by_id();

        return strprintf("there is no %s. If it is a USB adapter, is it plugged in? Its number changes when "
                         "it is plugged in again; by its name in " BY_ID " it is always found%s%s.",
                        path, there ? ". There are now: " : "", strempty(there));
}

static char *explain_access(const char *path) {
        _cleanup_free_ char *why = usb_node_describe_access(path);

        if (!why)
                return NULL;
        return strprintf("%s. As a service the driver is in the group dialout, to which serial ports "
                         "belong: a udev rule may say GROUP=\"dialout\", MODE=\"0660\" for this one. By "
                         "hand, run it with sudo, or as a member of that group.",
                        why);
}

static char *explain_getty(const char *path, const char *users) {
        const char *slash = strrchr(path, '/');

        return strprintf("%s is there to log in on: %s. \"systemctl disable --now serial-getty@%s.service\" "
                         "ends that; if it comes back, console= on the kernel's command line asks for it.",
                        path, users, slash ? slash + 1 : path);
}

static char *explain_busy(const char *path) {
        _cleanup_free_ char *users = NULL;
        struct stat st;
        pid_t pid;

        if (serial_lock_file_find(LOCK_DIRECTORY, path, &pid))
                users = usb_process_describe(pid);
        if (!users && stat(path, &st) >= 0 && S_ISCHR(st.st_mode)) {
                users = usb_processes_describe(fits_by_terminal, &st.st_rdev);
                if (users)
                        return explain_getty(path, users);
                users = usb_processes_describe(fits_by_node, &st.st_rdev);
        }
        if (!users)
                users = usb_processes_describe(fits_by_name, NULL);

        return strprintf("%s is in use by %s. Only one program can speak to the device, so stop the other: "
                         "a driver of NUT by \"systemctl disable --now nut-driver@NAME.service\"; "
                         "ModemManager leaves ports alone for which a udev rule sets ID_MM_PORT_IGNORE=1.",
                        path, users ?: "another program");
}

char *serial_explain(const char *path, int error) {
        switch (abs(error)) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
                return explain_absent(path);
        case EACCES:
        case EPERM:
                return explain_access(path);
        case EBUSY:
                return explain_busy(path);
        case ENOTTY:
                return strprintf("%s is no serial port", path);
        default:
                return strprintf("%s cannot be opened: %s", path, strerror(abs(error)));
        }
}
