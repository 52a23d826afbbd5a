/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asks over a serial line or a recording, for test-qxsim.py: line-probe TTY|RECORDING TIMEOUT_MS
 * [REQUEST]... prints a line for each request, which is in hexadecimal, as in a recording. An answer ends
 * with CR. */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "line-recording.h"
#include "recorder-file.h"
#include "serial.h"
#include "string-util.h"
#include "time-util.h"

static int open_serial(const char *path, LineLink **ret) {
        const SerialSettings settings = { .speed = 2400, .data_bits = 8, .stop_bits = 1 };
        _cleanup_close_ int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        _cleanup_free_ char *holder = NULL;
        int r;

        if (fd < 0)
                return -errno;
        r = serial_lock(fd, path, &holder);
        if (r < 0)
                return r;
        r = serial_configure(fd, &settings);
        if (r < 0)
                return r;
        r = line_link_new_serial(path, fd, true, ret);
        if (r < 0)
                return r;

        TAKE_FD(fd);
        return 0;
}

static int open_link(const char *path, LineLink **ret) {
        _cleanup_free_ char *error = NULL;
        struct stat st;
        int r;

        if (stat(path, &st) < 0)
                return -errno;
        if (S_ISCHR(st.st_mode))
                return open_serial(path, ret);
        r = line_link_new_recording(path, ret, &error);
        if (error)
                fprintf(stderr, "%s\n", error);
        return r;
}

static size_t bytes_from_hex(const char *s, uint8_t *buffer, size_t size) {
        size_t n = 0;
        unsigned byte;

        for (; n < size && sscanf(s, "%2x", &byte) == 1; s += 2)
                buffer[n++] = (uint8_t) byte;
        return n;
}

static void ask(LineLink *link, const char *hex, uint64_t timeout_usec) {
        const LineFraming framing = { .end = { '\r' }, .n_end = 1, .timeout_usec = timeout_usec };
        uint8_t request[LINE_SIZE_MAX], answer[LINE_SIZE_MAX];
        RecorderFile out = { .file = stdout };
        size_t n = bytes_from_hex(hex, request, sizeof(request));
        int r = line_link_exchange(link, request, n, &framing, answer, sizeof(answer));

        recorder_write_bytes(&out, request, n);
        fputs(" -> ", stdout);
        if (r > 0)
                recorder_write_bytes(&out, answer, (size_t) r);
        else
                fputs(line_recording_result_to_string(r), stdout);
        fputc('\n', stdout);
        fflush(stdout);
}

int main(int argc, char *argv[]) {
        _cleanup_(line_link_freep) LineLink *link = NULL;
        int r = argc > 2 ? open_link(argv[1], &link) : -EINVAL;

        if (r < 0) {
                fprintf(stderr, "%s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        for (int i = 3; i < argc; i++)
                ask(link, argv[i], strtoull(argv[2], NULL, 10) * USEC_PER_MSEC);
        return EXIT_SUCCESS;
}
