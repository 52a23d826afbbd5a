/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-socket.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "log.h"
#include "driver-client.h"
#include "driver-text.h"
#include "string-util.h"
#include "time-util.h"

#define CLIENTS_MAX 64U

struct DriverSocket {
        sd_event *event;
        char *path;
        int fd;
        bool own; /* made by us, not passed to us */
        sd_event_source *source;
        const Model *model;
        DriverClient *clients[CLIENTS_MAX];
        size_t n_clients;
        char **commands; /* that the clients know of */
        void (*request)(void *userdata, Request *q);
        void *userdata;
};

static void on_request(void *userdata, Request *q) {
        DriverSocket *s = userdata;

        s->request(s->userdata, q);
}

static void on_closed(void *userdata, DriverClient *c) {
        DriverSocket *s = userdata;

        for (size_t i = 0; i < s->n_clients; i++)
                if (s->clients[i] == c) {
                        s->clients[i] = s->clients[--s->n_clients];
                        break;
                }
        driver_client_free(c);
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        static const DriverClientOps ops = { on_request, on_closed };
        DriverSocket *s = userdata;
        _cleanup_close_ int connection = -EBADF;
        int r;

        connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0 || s->n_clients >= CLIENTS_MAX)
                return 0;

        r = driver_client_new(s->event, connection, s->model, &ops, s, &s->clients[s->n_clients]);
        if (r < 0) {
                (void) log_warning_errno(r, "Cannot serve a client of %s: %m", s->path);
                return 0;
        }

        TAKE_FD(connection);
        s->n_clients++;
        return 0;
}

static int make_address(const char *path, struct sockaddr_un *ret) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;

        memcpy(address.sun_path, path, strlen(path) + 1);
        *ret = address;
        return 0;
}

/* Removes the socket of a process that is no more; nothing else that may stand in its place. */
static int remove_stale(const struct sockaddr_un *address) {
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (lstat(address->sun_path, &st) >= 0 && !S_ISSOCK(st.st_mode))
                return -EEXIST;
        if (connect(fd, (const struct sockaddr *) address, sizeof(*address)) >= 0 || errno == EAGAIN)
                return -EADDRINUSE;
        if (errno == ENOENT)
                return 0;
        if (errno != ECONNREFUSED)
                return -errno;

        return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_new(const char *path, int *ret) {
        _cleanup_close_ int fd = -EBADF;
        struct sockaddr_un address;
        int r;

        r = make_address(path, &address);
        if (r < 0)
                return r;
        r = remove_stale(&address);
        if (r < 0)
                return r;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* The mode of the descriptor is that of the file from its first moment, less the umask. */
        if (fchmod(fd, 0660) < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (chmod(path, 0660) < 0 || listen(fd, SOMAXCONN) < 0) {
                r = -errno;
                (void) unlink(path);
                return r;
        }

        *ret = TAKE_FD(fd);
        return 0;
}

int driver_socket_new(sd_event *event, const DriverSocketConfig *config, const Model *model,
                void (*request)(void *userdata, Request *q), void *userdata, DriverSocket **ret) {
        _cleanup_(driver_socket_freep) DriverSocket *s = new0(DriverSocket, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->fd = -EBADF;
        s->model = model;
        s->request = request;
        s->userdata = userdata;
        s->path = strjoin(config->directory, "/", config->driver, "-", config->device);
        if (!s->path)
                return -ENOMEM;

        s->fd = listen_fds_find(config->listen_fds, s->path);
        if (s->fd < 0) {
                r = bind_new(s->path, &s->fd);
                if (r < 0)
                        return r;
                s->own = true;
        }

        r = sd_event_add_io(event, &s->source, s->fd, EPOLLIN, on_connection, s);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(s->source, "driver-socket");
        /* A connection that cannot be taken, for want of descriptors, waits; the loop is not to spin on
         * it. */
        r = sd_event_source_set_ratelimit(s->source, 100 * USEC_PER_MSEC, 100);
        if (r < 0)
                return r;
        r = strv_copy(model_commands(model), &s->commands);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int driver_socket_set_group(DriverSocket *s, gid_t group) {
        return s->own && chown(s->path, (uid_t) -1, group) < 0 ? -errno : 0;
}

DriverSocket *driver_socket_free(DriverSocket *s) {
        if (!s)
                return NULL;

        for (size_t i = 0; i < s->n_clients; i++)
                driver_client_free(s->clients[i]);
        sd_event_source_disable_unref(s->source);
        if (s->own) {
                (void) unlink(s->path);
                safe_close(s->fd);
        }
        sd_event_unref(s->event);
        strv_free(s->commands);
        free(s->path);
        free(s);
        return NULL;
}

void driver_socket_changed(DriverSocket *s, const Change *change) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);

        if (!f)
                return;

        driver_text_change(f, s->model, change, &s->commands);
        if (fclose(f) != 0)
                return;

        for (size_t i = 0; n > 0 && i < s->n_clients; i++)
                driver_client_broadcast(s->clients[i], text, n);
}
