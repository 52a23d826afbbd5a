/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "power-down-flag.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "armed-flag.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf.h"

#define MAGIC "upsmon-shutdown-file"
#define ARMED_DEFAULT "/run/busbar-monitor/armed"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Reads what there is of a regular file, up to size, and returns its length. */
static ssize_t read_start(const char *path, char *buffer, size_t size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        size_t n = 0;
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADMSG;

        while (n < size) {
                ssize_t k = read(fd, buffer + n, size - n);

                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }
        return (ssize_t) n;
}

static bool is_armed(void) {
        _cleanup_free_ char *text = new(char, ARMED_FLAG_SIZE_MAX + 1);
        _cleanup_free_ ArmedFlag *flag = new(ArmedFlag, 1);
        const char *path = getenv("BUSBAR_ARMED_FLAG");
        char id_text[64], id[33];
        ssize_t n, n_id;

        if (!text || !flag)
                return false;

        n = read_start(isempty(path) ? ARMED_DEFAULT : path, text, ARMED_FLAG_SIZE_MAX + 1);
        n_id = read_start(BOOT_ID, id_text, sizeof(id_text) - 1);
        if (n <= 0 || n_id <= 0 || (size_t) n > ARMED_FLAG_SIZE_MAX)
                return false;

        id_text[n_id] = '\0';
        return armed_flag_boot_id(id_text, id) >= 0 && armed_flag_parse(text, (size_t) n, flag) >= 0 &&
                        armed_flag_is_current(flag, id, now_usec(CLOCK_BOOTTIME));
}

static int check_file(const char *path) {
        char buffer[sizeof(MAGIC) - 1];
        ssize_t n;

        fprintf(stderr, "Using power down flag file %s\n", path);
        n = read_start(path, buffer, sizeof(buffer));
        if (n == (ssize_t) sizeof(buffer) && memcmp(buffer, MAGIC, sizeof(buffer)) == 0)
                return 0;
        return n >= 0 || n == -EBADMSG ? -EBADMSG : -ENOENT;
}

/* Passwords stand in the file, so what is wrong with it is for busbarctl check to say. */
static int load(const char *path, UpsmonConf **ret) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        int r;

        if (!path)
                return upsmon_conf_load(NULL, NULL, ret);

        r = conf_load(path, NULL, NULL, &lines);
        if (r >= 0 && !conf_exists(lines))
                r = -ENOENT;
        return r < 0 ? r : upsmon_conf_from_lines(lines, NULL, NULL, ret);
}

int power_down_flag_check(const char *configuration) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *conf = NULL;
        int r;

        r = load(configuration, &conf);
        if (r < 0)
                fprintf(stderr, "Cannot read %s: %s\n", configuration ?: "upsmon.conf", strerror(-r));

        r = conf && conf->power_down_flag ? check_file(conf->power_down_flag) : -ENOENT;
        if (r < 0 && is_armed())
                r = 0;
        if (r == -EBADMSG)
                fprintf(stderr, "POWERDOWNFLAG (%s) does not contain the upsmon magic string\n",
                                conf->power_down_flag);
        else
                fprintf(stderr, "Power down flag is %sset\n", r < 0 ? "not " : "");
        return r;
}
