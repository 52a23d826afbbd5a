/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include <fcntl.h>

#include "serial.h"
#include "string-util.h"
#include "time-util.h"

#define ANSWER_MAX 256U
#define Q1_ANSWER_MIN 46U
#define XCP_BEGIN 0xab
#define SHUT_SYNC 0x16
#define PORTS_MAX 256U

/* What units of Eaton and its like answer to, in turn; all ports at the same time. Nothing is sent but what
 * begins a conversation or asks how the unit is. */

typedef struct Step {
        const char *driver;
        unsigned speed;
        uint8_t bytes[8];
        size_t n;
        unsigned wait_msec;
        bool (*is_answer)(const uint8_t *data, size_t n); /* NULL: none comes */
} Step;

static bool is_shut(const uint8_t *data, size_t n) {
        return data[n - 1] == SHUT_SYNC;
}

static bool is_xcp(const uint8_t *data, size_t n) {
        return data[0] == XCP_BEGIN;
}

static bool is_q1(const uint8_t *data, size_t n) {
        return n >= Q1_ANSWER_MIN && data[0] == '(';
}

#define SHUT { "mge-shut", 2400, { SHUT_SYNC }, 1, 1000, is_shut }
/* Out of a menu, then who we are, then to speak only when asked: answered with what the unit is. */
#define XCP(speed)                                                                                      \
        { "bcmxcp", speed, { 0x1d }, 1, 90, NULL },                                                     \
        { "bcmxcp", speed, { XCP_BEGIN, 4, 0xcf, 0x69, 0xe8, 0xd5, 0x5c }, 7, 500, NULL },              \
        { "bcmxcp", speed, { XCP_BEGIN, 1, 0xa0, 0xb4 }, 4, 1000, is_xcp }
#define Q1 { "blazer_ser", 2400, { 'Q', '1', '\r' }, 3, 1000, is_q1 }

static const Step steps[] = {
        SHUT, SHUT, SHUT, SHUT,
        XCP(19200), XCP(9600), XCP(4800), XCP(2400), XCP(1200),
        Q1, Q1, Q1,
};

typedef struct SerialSearch SerialSearch;

typedef struct Port {
        SerialSearch *search;
        const char *path;
        size_t order, step;
        int fd;
        sd_event_source *io, *timer;
        uint8_t answer[ANSWER_MAX];
        size_t n_answer;
        bool over;
} Port;

struct SerialSearch {
        ScanSearch head;
        Scan *scan;
        char **paths; /* a strv */
        Port *ports;
        size_t n_ports, n_open;
};

/* Nothing is sent or read any more, and others may have it. */
static void port_close(Port *p) {
        p->over = true;
        p->io = sd_event_source_disable_unref(p->io);
        p->timer = sd_event_source_disable_unref(p->timer);
        serial_unlock(p->fd);
        p->fd = safe_close(p->fd);
}

static void port_over(Port *p) {
        if (p->over)
                return;
        port_close(p);
        p->search->scan->n_asked++;
        if (--p->search->n_open == 0)
                scan_search_over(&p->search->head);
}

static void say_left_out(const Port *p, const char *why) {
        scan_say(p->search->scan, LOG_NOTICE, SCAN_SERIAL, "%s is left out: %s", p->path, why);
}

static void add(Port *p) {
        ScanDevice *d;

        if (scan_device_new(SCAN_SERIAL, steps[p->step].driver, p->path, &d) < 0)
                return;
        d->order = p->order;
        (void) scan_devices_add(&p->search->scan->devices, d);
}

static int configure(const Port *p) {
        const SerialSettings settings = {
                .speed = steps[p->step].speed,
                .data_bits = 8,
                .stop_bits = 1,
                /* As units with plug and play want it, and those that live on the line. */
                .dtr = SERIAL_LINE_ON,
                .rts = SERIAL_LINE_OFF,
        };

        return serial_configure(p->fd, &settings);
}

static int take_step(Port *p) {
        const Step *step = steps + p->step;
        int r = 0;

        if (p->step == 0 || step->speed != step[-1].speed)
                r = configure(p);
        if (r >= 0)
                r = serial_flush(p->fd);
        p->n_answer = 0;
        if (r >= 0 && write(p->fd, step->bytes, step->n) < 0)
                r = -errno;
        if (r >= 0)
                r = sd_event_source_set_time_relative(p->timer, step->wait_msec * USEC_PER_MSEC);
        return r < 0 ? r : sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        Port *p = userdata;
        int r;

        if (++p->step >= ELEMENTSOF(steps)) {
                port_over(p);
                return 0;
        }
        r = take_step(p);
        if (r < 0) {
                say_left_out(p, strerror(-r));
                port_over(p);
        }
        return 0;
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Port *p = userdata;
        const Step *step = steps + p->step;
        ssize_t n = read(fd, p->answer + p->n_answer, sizeof(p->answer) - p->n_answer);

        /* A port that has hung up is always ready, and has nothing. */
        if (n < 0 && (errno == EAGAIN || errno == EINTR) && !(events & (EPOLLHUP | EPOLLERR)))
                return 0;
        if (n <= 0) {
                port_over(p);
                return 0;
        }
        p->n_answer += (size_t) n;
        if (step->is_answer && step->is_answer(p->answer, p->n_answer)) {
                add(p);
                port_over(p);
        } else if (p->n_answer == sizeof(p->answer))
                p->n_answer = 0;
        return 0;
}

static int port_open(Port *p) {
        sd_event *event = p->search->scan->event;
        _cleanup_free_ char *holder = NULL, *why = NULL;
        int r;

        p->fd = open(p->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        r = p->fd < 0 ? -errno : serial_lock(p->fd, p->path, &holder);
        if (r >= 0)
                r = sd_event_add_io(event, &p->io, p->fd, EPOLLIN, on_input, p);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &p->timer, CLOCK_MONOTONIC, 0, 1, on_time, p);
        if (r >= 0)
                r = take_step(p);
        if (r >= 0)
                return 0;

        why = holder ? strprintf("it is in use by %s", holder) : serial_explain(p->path, -r);
        say_left_out(p, why ?: strerror(-r));
        port_close(p);
        return r;
}

static void search_free(ScanSearch *head) {
        SerialSearch *search = (SerialSearch *) head;

        for (size_t i = 0; i < search->n_ports; i++) {
                Port *p = search->ports + i;

                sd_event_source_disable_unref(p->io);
                sd_event_source_disable_unref(p->timer);
                serial_unlock(p->fd);
                safe_close(p->fd);
        }
        free(search->ports);
        strv_free(search->paths);
        free(search);
}

static int open_all(SerialSearch *search) {
        size_t n = MIN(strv_length(search->paths), (size_t) PORTS_MAX);

        search->ports = new0(Port, n);
        if (!search->ports)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                Port *p = search->ports + search->n_ports++;

                *p = (Port) { .search = search, .path = search->paths[i], .order = i, .fd = -EBADF };
                search->n_open += port_open(p) >= 0;
        }
        search->scan->n_to_ask += search->n_open;
        return search->n_open > 0;
}

static int begin(Scan *s, ScanSearch **ret) {
        SerialSearch *search = new0(SerialSearch, 1);
        int r;

        if (!search)
                return -ENOMEM;
        search->scan = s;
        r = scan_serial_ports(s->settings->serial_ports ?: "auto", &search->paths);
        if (r == -EINVAL)
                s->why =
                        strprintf("\"%s\" are no serial ports: it is \"auto\", a number, a range as 0-3, or "
                                  "paths with commas between them",
                                s->settings->serial_ports);
        if (r >= 0)
                r = open_all(search);
        if (r <= 0) {
                search_free(&search->head);
                return r;
        }
        *ret = &search->head;
        return 1;
}

const ScanSearchOps scan_serial_ops = { .kind = SCAN_SERIAL, .begin = begin, .free = search_free };
