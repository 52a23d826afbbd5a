/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hundreds of SNMP agents in one lean process, for measurements.
 *
 * Usage: snmp-load FIRST-ADDRESS PORT COUNT DEAD WALK...
 *
 * Each agent has an address of its own, from FIRST-ADDRESS (in 127.0.0.0/8) on, and plays the walks in turn;
 * the first DEAD of each hundred take requests and never answer. A walk is text, "1.3.6.1 TAG HEX" per line,
 * in order. Versions 1 and 2c, GET, GETNEXT and GETBULK. Larger numbers change a little from second to
 * second, as measured values do.
 *
 * Prints "ready", and when the standard input says so with a line, per agent: its address, how many requests
 * and objects it was asked for, how many bursts of requests there were (a second of silence ends one), and
 * when each began, in milliseconds since the start. What was asked of dead ones counts, too. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "macro.h"

#define IDS_MAX 64U
#define BINDINGS_MAX 128U
#define MESSAGE_MAX 1400U
#define BURSTS_MAX 256U
#define BURST_GAP_MSEC 1000U

enum {
        TAG_INTEGER     = 0x02,
        TAG_OID         = 0x06,
        TAG_SEQUENCE    = 0x30,
        TAG_GAUGE       = 0x42,
        TAG_NO_INSTANCE = 0x81,
        TAG_END         = 0x82,
        TAG_GET         = 0xa0,
        TAG_GET_NEXT    = 0xa1,
        TAG_RESPONSE    = 0xa2,
        TAG_GET_BULK    = 0xa5,
};

enum {
        STATUS_TOO_BIG      = 1,
        STATUS_NO_SUCH_NAME = 2,
};

typedef struct Object {
        uint32_t ids[IDS_MAX];
        size_t n_ids;
        uint8_t *name;  /* as in a message */
        size_t n_name;
        uint8_t *value; /* with tag and length */
        size_t n_value;
} Object;

typedef struct Walk {
        Object *objects;
        size_t n;
} Walk;

typedef struct Agent {
        struct in_addr address;
        const Walk *walk;
        int fd;
        bool is_dead;
        uint64_t n_requests, n_objects, last_msec;
        uint32_t bursts_msec[BURSTS_MAX];
        size_t n_bursts;
} Agent;

/* What has been read of a message, and what is behind it. */
typedef struct Input {
        const uint8_t *at, *end;
} Input;

/* Filled from its end to its beginning, so that lengths are known. */
typedef struct Output {
        uint8_t data[65536];
        size_t at;
} Output;

typedef struct Request {
        const uint8_t *version, *community; /* with tag and length */
        size_t n_version, n_community;
        bool is_v1;
        uint8_t kind;
        const uint8_t *id;
        size_t n_id;
        uint32_t repetitions;
        Input names[BINDINGS_MAX];
        size_t n_names;
} Request;

static uint64_t now_msec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

/*** Messages ***/

/* The content of what is next, which has to have this tag; ret_whole has tag and length, too. */
static bool take(Input *in, uint8_t tag, Input *ret, Input *ret_whole) {
        const uint8_t *start = in->at;
        size_t n, count;

        if (in->end - in->at < 2 || (tag != 0 && in->at[0] != tag))
                return false;
        n = in->at[1];
        in->at += 2;
        if (n & 0x80U) {
                count = n & 0x7fU;
                if (count == 0 || count > 3 || (size_t) (in->end - in->at) < count)
                        return false;
                for (n = 0; count > 0; count--)
                        n = n << 8 | *in->at++;
        }
        if ((size_t) (in->end - in->at) < n)
                return false;
        *ret = (Input) {in->at, in->at + n};
        in->at += n;
        if (ret_whole)
                *ret_whole = (Input) {start, in->at};
        return true;
}

static uint32_t number_of(Input in) {
        uint32_t n = 0;

        while (in.at < in.end)
                n = n << 8 | *in.at++;
        return n;
}

static bool request_read(const uint8_t *data, size_t size, Request *ret) {
        Input in = {data, data + size}, message, version, community, pdu, id, one, two, list, whole;
        Request r = {0};

        if (!take(&in, TAG_SEQUENCE, &message, NULL) || !take(&message, TAG_INTEGER, &version, &whole))
                return false;
        r.version = whole.at;
        r.n_version = (size_t) (whole.end - whole.at);
        r.is_v1 = number_of(version) == 0;
        if (!take(&message, 4, &community, &whole) || message.at == message.end)
                return false;
        r.community = whole.at;
        r.n_community = (size_t) (whole.end - whole.at);
        r.kind = *message.at;
        if (!take(&message, 0, &pdu, NULL) || !take(&pdu, TAG_INTEGER, &id, &whole) ||
            !take(&pdu, TAG_INTEGER, &one, NULL) || !take(&pdu, TAG_INTEGER, &two, NULL) ||
            !take(&pdu, TAG_SEQUENCE, &list, NULL))
                return false;
        r.id = whole.at;
        r.n_id = (size_t) (whole.end - whole.at);
        r.repetitions = r.kind == TAG_GET_BULK ? number_of(two) : 1;
        while (list.at < list.end && r.n_names < BINDINGS_MAX) {
                Input binding;

                if (!take(&list, TAG_SEQUENCE, &binding, NULL) ||
                    !take(&binding, TAG_OID, &r.names[r.n_names], NULL))
                        return false;
                r.n_names++;
        }
        *ret = r;
        return true;
}

static void put(Output *o, const void *data, size_t n) {
        if (n > o->at)
                return; /* answers are a few bytes behind MESSAGE_MAX, at the most */
        o->at -= n;
        memcpy(o->data + o->at, data, n);
}

/* Tag and length of what is there from before on. */
static void put_head(Output *o, uint8_t tag, size_t before) {
        size_t n = before - o->at;
        uint8_t head[4] = {tag, 0x82, (uint8_t) (n >> 8), (uint8_t) n};

        if (n < 0x80) {
                head[1] = (uint8_t) n;
                put(o, head, 2);
        } else
                put(o, head, sizeof(head));
}

static void put_small(Output *o, uint8_t value) {
        put(o, (uint8_t[]) {TAG_INTEGER, 1, value}, 3);
}

/*** Objects ***/

static size_t ids_read(Input in, uint32_t ids[static IDS_MAX]) {
        size_t n = 0;
        uint32_t id = 0;

        while (in.at < in.end && n < IDS_MAX - 1) {
                id = id << 7 | (*in.at & 0x7fU);
                if (*in.at++ & 0x80U)
                        continue;
                if (n == 0) {
                        ids[n++] = MIN(id / 40, 2U);
                        id -= ids[0] * 40;
                }
                ids[n++] = id;
                id = 0;
        }
        return n;
}

static int ids_compare(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b) {
        for (size_t i = 0; i < n_a && i < n_b; i++)
                if (a[i] != b[i])
                        return a[i] < b[i] ? -1 : 1;
        return n_a < n_b ? -1 : n_a > n_b;
}

/* The first that is not before it; *ret_equal: whether it is that. */
static size_t walk_find(const Walk *w, const uint32_t *ids, size_t n, bool *ret_equal) {
        size_t low = 0, high = w->n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (ids_compare(w->objects[middle].ids, w->objects[middle].n_ids, ids, n) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_equal = low < w->n && ids_compare(w->objects[low].ids, w->objects[low].n_ids, ids, n) == 0;
        return low;
}

/*** Answers ***/

typedef struct Answer {
        const Object *objects[1024]; /* NULL: nothing is there */
        Input names[1024];           /* where nothing is there: what was asked */
        size_t n, size;
        uint8_t missing;             /* the tag of what is not there */
} Answer;

static bool answer_add(Answer *a, const Object *o, Input name) {
        size_t size = 12 + (o ? o->n_name + o->n_value : (size_t) (name.end - name.at));

        if (a->n == ELEMENTSOF(a->objects) || a->size + size > MESSAGE_MAX)
                return false;
        a->objects[a->n] = o;
        a->names[a->n++] = name;
        a->size += size;
        return true;
}

/* Fills a; returns the error-status, and in *ret_index for which. */
static uint8_t answer_fill(const Walk *w, const Request *r, Answer *a, uint8_t *ret_index) {
        size_t at[BINDINGS_MAX];
        uint32_t ids[IDS_MAX];
        bool equal;

        a->missing = r->kind == TAG_GET ? TAG_NO_INSTANCE : TAG_END;
        for (size_t i = 0; i < r->n_names; i++) {
                at[i] = walk_find(w, ids, ids_read(r->names[i], ids), &equal);
                if (r->kind == TAG_GET && !equal)
                        at[i] = w->n;
                else if (r->kind != TAG_GET && equal)
                        at[i]++;
                if (at[i] == w->n && r->is_v1) {
                        *ret_index = (uint8_t) (i + 1);
                        return STATUS_NO_SUCH_NAME;
                }
        }
        for (uint32_t round = 0; round < r->repetitions; round++)
                for (size_t i = 0; i < r->n_names; i++) {
                        if (!answer_add(a, at[i] < w->n ? &w->objects[at[i]] : NULL, r->names[i]))
                                return r->kind == TAG_GET_BULK && a->n > 0 ? 0 : STATUS_TOO_BIG;
                        at[i] += at[i] < w->n;
                }
        return 0;
}

/* As it is now: numbers that are no states go up and down by one. */
static void put_value(Output *o, const Object *object, uint64_t second) {
        size_t before = o->at;

        put(o, object->value, object->n_value);
        if ((object->value[0] == TAG_INTEGER || object->value[0] == TAG_GAUGE) && before > o->at &&
            (object->value[1] > 1 || object->value[2] > 40))
                o->data[before - 1] ^= (uint8_t) (second & 1U);
}

static void put_answer(Output *o, const Request *r, const Answer *a, uint8_t status, uint8_t index) {
        size_t end = o->at, before;
        uint64_t second = now_msec() / 1000;

        for (size_t i = status == 0 ? a->n : 0; i > 0; i--) {
                const Object *object = a->objects[i - 1];
                const Input *name = &a->names[i - 1];
                size_t binding = o->at;

                if (object) {
                        put_value(o, object, second);
                        put(o, object->name, object->n_name);
                } else {
                        put(o, (uint8_t[]) {a->missing, 0}, 2);
                        before = o->at;
                        put(o, name->at, (size_t) (name->end - name->at));
                        put_head(o, TAG_OID, before);
                }
                put_head(o, TAG_SEQUENCE, binding);
        }
        put_head(o, TAG_SEQUENCE, end);
        put_small(o, index);
        put_small(o, status);
        put(o, r->id, r->n_id);
        put_head(o, TAG_RESPONSE, end);
        put(o, r->community, r->n_community);
        put(o, r->version, r->n_version);
        put_head(o, TAG_SEQUENCE, end);
}

static void agent_note(Agent *a, size_t n_objects, uint64_t msec) {
        if ((a->n_requests == 0 || msec - a->last_msec >= BURST_GAP_MSEC) && a->n_bursts < BURSTS_MAX)
                a->bursts_msec[a->n_bursts++] = (uint32_t) msec;
        a->n_requests++;
        a->n_objects += n_objects;
        a->last_msec = msec;
}

static void agent_serve(Agent *a, uint64_t start_msec) {
        uint8_t data[65536];
        struct sockaddr_in peer;
        socklen_t size = sizeof(peer);
        ssize_t n = recvfrom(a->fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *) &peer, &size);
        Output output = {.at = sizeof(output.data)};
        Answer answer;
        Request request;
        uint8_t status, index = 0;

        if (n < 0 || !request_read(data, (size_t) n, &request))
                return;
        agent_note(a, request.n_names, now_msec() - start_msec);
        if (a->is_dead || (request.kind != TAG_GET && request.kind != TAG_GET_NEXT &&
                                  request.kind != TAG_GET_BULK))
                return;
        answer.n = answer.size = 0;
        status = answer_fill(a->walk, &request, &answer, &index);
        put_answer(&output, &request, &answer, status, index);
        (void) sendto(a->fd, output.data + output.at, sizeof(output.data) - output.at, 0,
                (const struct sockaddr *) &peer, size);
}

/*** Walks ***/

static uint8_t *copied(const Output *o, size_t *ret_n) {
        uint8_t *data;

        *ret_n = sizeof(o->data) - o->at;
        data = malloc(*ret_n);
        if (data)
                memcpy(data, o->data + o->at, *ret_n);
        return data;
}

static bool object_encode(Object *object, unsigned tag, const char *hex) {
        Output name = {.at = sizeof(name.data)}, value = {.at = sizeof(value.data)};

        for (size_t i = object->n_ids; i > 1; i--) {
                uint32_t id = i > 2 ? object->ids[i - 1] : object->ids[0] * 40 + object->ids[1];
                uint8_t more = 0;

                do {
                        put(&name, &(uint8_t) {(uint8_t) (id & 0x7fU) | more}, 1);
                        more = 0x80;
                        id >>= 7;
                } while (id > 0);
        }
        put_head(&name, TAG_OID, sizeof(name.data));
        for (size_t n = strlen(hex); n >= 2; n -= 2) {
                unsigned byte = 0;

                (void) sscanf(hex + n - 2, "%2x", &byte);
                put(&value, &(uint8_t) {(uint8_t) byte}, 1);
        }
        put_head(&value, (uint8_t) tag, sizeof(value.data));
        object->name = copied(&name, &object->n_name);
        object->value = copied(&value, &object->n_value);
        return object->name && object->value;
}

static bool object_read(char *line, Object *ret) {
        char *at = line, *hex;
        unsigned long tag;

        *ret = (Object) {0};
        do {
                if (ret->n_ids == IDS_MAX)
                        return false;
                ret->ids[ret->n_ids++] = (uint32_t) strtoul(at, &at, 10);
        } while (*at++ == '.');
        tag = strtoul(at, &hex, 10);
        hex += strspn(hex, " ");
        hex[strcspn(hex, "\n")] = '\0';
        return ret->n_ids > 1 && object_encode(ret, (unsigned) tag, hex);
}

static void walk_done(Walk *w) {
        for (size_t i = 0; i < w->n; i++) {
                free(w->objects[i].name);
                free(w->objects[i].value);
        }
        free(w->objects);
        *w = (Walk) {0};
}

static bool walk_read(const char *path, Walk *w) {
        _cleanup_free_ char *line = NULL;
        size_t size = 0, allocated = 0;
        FILE *f = fopen(path, "re");

        if (!f)
                return false;
        while (getline(&line, &size, f) > 0) {
                if (w->n == allocated) {
                        Object *more = realloc(w->objects, (allocated + 256) * sizeof(*more));

                        if (!more)
                                break;
                        w->objects = more;
                        allocated += 256;
                }
                if (!object_read(line, &w->objects[w->n])) {
                        fprintf(stderr, "snmp-load: %s: cannot read \"%s\"\n", path, line);
                        break;
                }
                w->n++;
        }
        (void) fclose(f);
        return w->n > 0;
}

/*** All together ***/

static int agent_open(Agent *a, uint16_t port) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_addr = a->address,
                .sin_port = htons(port),
        };

        a->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (a->fd < 0 || bind(a->fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return 0;
}

static void print_figures(const Agent *agents, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const Agent *a = &agents[i];
                char address[INET_ADDRSTRLEN];

                printf("%s %d %lu %lu %zu", inet_ntop(AF_INET, &a->address, address, sizeof(address)),
                        a->is_dead, a->n_requests, a->n_objects, a->n_bursts);
                for (size_t k = 0; k < a->n_bursts; k++)
                        printf(" %u", a->bursts_msec[k]);
                printf("\n");
        }
        printf("end\n");
        (void) fflush(stdout);
}

/* Until the standard input ends. */
static void serve(Agent *agents, size_t n, int epoll_fd) {
        uint64_t start_msec = now_msec();

        for (;;) {
                struct epoll_event events[64];
                int got = epoll_wait(epoll_fd, events, ELEMENTSOF(events), -1);
                char line[64];

                for (int i = 0; i < got; i++) {
                        if (events[i].data.ptr)
                                agent_serve(events[i].data.ptr, start_msec);
                        else if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
                                return;
                        else
                                print_figures(agents, n);
                }
        }
}

static int start(Agent *agents, size_t n, uint32_t first, uint16_t port, size_t dead, const Walk *walks,
        size_t n_walks, int epoll_fd) {
        struct epoll_event event = {.events = EPOLLIN};

        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
                return -errno;
        for (size_t i = 0; i < n; i++) {
                Agent *a = &agents[i];
                int r;

                a->address.s_addr = htonl(first + (uint32_t) i);
                a->walk = &walks[i % n_walks];
                a->is_dead = i % 100 < dead;
                r = agent_open(a, port);
                if (r < 0)
                        return r;
                event.data.ptr = a;
                if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, a->fd, &event) < 0)
                        return -errno;
        }
        printf("ready\n");
        (void) fflush(stdout);
        return 0;
}

int main(int argc, char **argv) {
        _cleanup_close_ int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        _cleanup_free_ Agent *agents = NULL;
        _cleanup_free_ Walk *walks = NULL;
        size_t n_walks = argc > 5 ? (size_t) argc - 5 : 0, n, n_read = 0;
        struct in_addr first;
        int r = -EINVAL;

        if (n_walks == 0 || inet_pton(AF_INET, argv[1], &first) != 1) {
                fprintf(stderr, "Usage: snmp-load FIRST-ADDRESS PORT COUNT DEAD WALK...\n");
                return EXIT_FAILURE;
        }
        n = strtoul(argv[3], NULL, 10);
        agents = calloc(n, sizeof(*agents));
        walks = calloc(n_walks, sizeof(*walks));
        if (!agents || !walks)
                return EXIT_FAILURE;
        while (n_read < n_walks && walk_read(argv[5 + n_read], &walks[n_read]))
                n_read++;
        if (n_read == n_walks)
                r = start(agents, n, ntohl(first.s_addr), (uint16_t) strtoul(argv[2], NULL, 10),
                        strtoul(argv[4], NULL, 10), walks, n_walks, epoll_fd);
        if (r < 0)
                fprintf(stderr, "snmp-load: %s\n", strerror(-r));
        else
                serve(agents, n, epoll_fd);
        for (size_t i = 0; i < n_walks; i++)
                walk_done(&walks[i]);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
