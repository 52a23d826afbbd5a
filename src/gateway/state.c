/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <fcntl.h>

#include "lexer.h"
#include "state-slot.h"
#include "string-util.h"
#include "time-util.h"
#include "watch.h"

#define SLOTS_AT_FIRST 64U
#define SLOTS_MAX (1U << 20)
#define MAGIC "busbar-gateway 2"
#define MAGIC_1 "busbar-gateway 1"
#define STATE_FD_NAME "state"
#define OWNER_KEPT_MAX 128U
#define REASON_KEPT_MAX 200U
/* What user, password and device of a session may take, which often come behind its watches. */
#define OTHERS_EXPECTED ((size_t) 200)

/* In place of slot 0. */
typedef struct Header {
        char magic[sizeof(MAGIC)];
        uint32_t slot_size;
        uint64_t in_hand;   /* cookie of the client that is being answered, or 0 */
        uint64_t n_written; /* see state_set_answered() */
} Header;

static_assert(sizeof(Header) <= SLOT_SIZE, "it lies in the place of a slot");

typedef struct Cookie {
        uint64_t cookie;
        uint32_t slot;
} Cookie;

struct State {
        int fd;
        Slot *slots;
        uint32_t n_slots;
        uint32_t first_free; /* no free slot before this one */
        Cookie *cookies; /* sorted; slots of an earlier process, until state_collect() */
        size_t n_cookies;
        bool *restored;  /* per slot of an earlier process */
        uint32_t n_restored;
        uint64_t was_in_hand, was_n_written; /* of the earlier process */
};

static int map(State *s, uint32_t n_slots) {
        size_t size = (size_t) n_slots * SLOT_SIZE;

        void *p = s->slots ? mremap(s->slots, (size_t) s->n_slots * SLOT_SIZE, size, MREMAP_MAYMOVE)
                           : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
        if (p == MAP_FAILED)
                return -errno;

        s->slots = p;
        s->n_slots = n_slots;
        return 0;
}

static int grow(State *s, uint32_t n_slots) {
        if (n_slots > SLOTS_MAX)
                return -ENOSPC;
        if (ftruncate(s->fd, (off_t) n_slots * SLOT_SIZE) < 0)
                return -errno;
        return map(s, n_slots);
}

static int create(State *s, uint32_t n_slots) {
        s->fd = memfd_create(STATE_FD_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (s->fd < 0)
                return -errno;

        int r = grow(s, n_slots);
        if (r < 0)
                return r;
        /* Nobody who holds the descriptor shall be able to take memory away from under the mapping. */
        if (fcntl(s->fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
                return -errno;

        *(Header *) s->slots = (Header) { .magic = MAGIC, .slot_size = SLOT_SIZE };
        return 0;
}

/* In the place of what the service manager may hold. */
static int hand_over(State *s) {
        (void) sd_notify(false, "FDSTOREREMOVE=1\nFDNAME=" STATE_FD_NAME);
        int r = sd_pid_notify_with_fds(0, false, "FDSTORE=1\nFDNAME=" STATE_FD_NAME, &s->fd, 1);
        return r < 0 ? r : 0;
}

static int compare_cookies(const void *a, const void *b) {
        const Cookie *x = a, *y = b;

        return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

/* Maps what an earlier process left, when it is of the version with that magic. */
static int open_version(State *s, const char magic[static sizeof(MAGIC)]) {
        struct stat st;

        if (fstat(s->fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size < (off_t) SLOT_SIZE || st.st_size % SLOT_SIZE != 0 ||
            st.st_size / SLOT_SIZE > SLOTS_MAX)
                return -EBADMSG;

        int r = s->slots ? 0 : map(s, (uint32_t) (st.st_size / SLOT_SIZE));
        if (r < 0)
                return r;

        const Header *h = (const Header *) s->slots;
        return memcmp(h->magic, magic, sizeof(MAGIC)) == 0 && h->slot_size == SLOT_SIZE ? 0 : -EBADMSG;
}

static int index_slots(State *s) {
        s->restored = new0(bool, s->n_slots);
        s->cookies = new0(Cookie, s->n_slots);
        if (!s->restored || !s->cookies)
                return -ENOMEM;

        s->n_restored = s->n_slots;
        /* It stays there until its connection has ended, should we be killed before. */
        const Header *h = (const Header *) s->slots;
        s->was_in_hand = h->in_hand;
        s->was_n_written = h->n_written;
        for (uint32_t i = 1; i < s->n_slots; i++)
                if (s->slots[i].type == SLOT_SESSION)
                        s->cookies[s->n_cookies++] = (Cookie) { s->slots[i].cookie, i };
        qsort(s->cookies, s->n_cookies, sizeof(Cookie), compare_cookies);
        return 0;
}

static State *allocate(int fd) {
        State *s = new0(State, 1);

        if (!s)
                return NULL;
        s->fd = fd;
        s->first_free = 1;
        return s;
}

/* Into a memory of its own, which takes the place of the old one when it is complete. */
static int convert(const State *old, State **ret) {
        _cleanup_(state_freep) State *s = allocate(-EBADF);

        if (!s)
                return -ENOMEM;

        int r = create(s, MAX(old->n_slots, SLOTS_AT_FIRST));
        if (r < 0)
                return r;
        for (uint32_t i = 1; i < old->n_slots; i++)
                slot_from_version_1(s->slots + i, old->slots + i);
        r = hand_over(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

/* What fd holds, owned from now on, in the form of today. */
static int take_over(int fd, State **ret) {
        _cleanup_(state_freep) State *s = allocate(fd), *converted = NULL;

        if (!s) {
                safe_close(fd);
                return -ENOMEM;
        }

        int r = open_version(s, MAGIC);
        if (r == -EBADMSG && open_version(s, MAGIC_1) >= 0) {
                r = convert(s, &converted);
                if (r >= 0) {
                        state_free(s);
                        s = TAKE_PTR(converted);
                }
        }
        if (r >= 0)
                r = index_slots(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int state_new(int fd, State **ret) {
        _cleanup_close_ int taken = fd;

        if (!getenv("NOTIFY_SOCKET")) {
                *ret = NULL;
                return 0;
        }

        if (taken >= 0 && take_over(TAKE_FD(taken), ret) >= 0)
                return 1;

        _cleanup_(state_freep) State *s = allocate(-EBADF);
        if (!s)
                return -ENOMEM;

        int r = create(s, SLOTS_AT_FIRST);
        if (r >= 0)
                r = hand_over(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

State *state_free(State *s) {
        if (!s)
                return NULL;

        if (s->slots)
                (void) munmap(s->slots, (size_t) s->n_slots * SLOT_SIZE);
        safe_close(s->fd);
        free(s->cookies);
        free(s->restored);
        free(s);
        return NULL;
}

/*** Slots ***/

static uint32_t slot_allocate(State *s) {
        for (uint32_t i = s->first_free; i < s->n_slots; i++)
                if (s->slots[i].type == SLOT_FREE) {
                        s->first_free = i + 1;
                        return i;
                }

        uint32_t i = s->n_slots;
        if (grow(s, s->n_slots * 2) < 0)
                return 0;

        s->first_free = i + 1;
        return i;
}

void state_release(State *s, uint32_t *slot) {
        if (!s || *slot == 0)
                return;

        __atomic_store_n(&s->slots[*slot].type, SLOT_FREE, __ATOMIC_SEQ_CST);
        explicit_bzero(s->slots + *slot, SLOT_SIZE);
        s->first_free = MIN(s->first_free, *slot);
        *slot = 0;
}

static void slot_publish(State *s, uint32_t i, const Slot *record, SlotType type) {
        Slot *slot = s->slots + i;

        __atomic_store_n(&slot->type, SLOT_FREE, __ATOMIC_SEQ_CST);
        memcpy((char *) slot + offsetof(Slot, flags), (const char *) record + offsetof(Slot, flags),
                        SLOT_SIZE - offsetof(Slot, flags));
        __atomic_store_n(&slot->type, type, __ATOMIC_SEQ_CST);
}

/*** Sessions ***/

static uint64_t socket_cookie(int fd) {
        uint64_t cookie = 0;
        socklen_t n = sizeof(cookie);

        (void) getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &n);
        return cookie;
}

uint64_t state_cookie(const State *s, int fd) {
        return s ? socket_cookie(fd) : 0;
}

uint64_t state_set_in_hand(State *s, uint64_t cookie) {
        if (!s)
                return 0;

        state_set_answered(s, 0);
        return __atomic_exchange_n(&((Header *) s->slots)->in_hand, cookie, __ATOMIC_SEQ_CST);
}

void state_set_answered(State *s, uint64_t n_written) {
        if (s)
                __atomic_store_n(&((Header *) s->slots)->n_written, n_written, __ATOMIC_SEQ_CST);
}

uint64_t state_n_written(int fd) {
        struct tcp_info info = {};
        socklen_t n = sizeof(info);
        int queued;

        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0 ||
            n < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked) ||
            ioctl(fd, SIOCOUTQ, &queued) < 0)
                return 0;
        return info.tcpi_bytes_acked + (uint64_t) queued;
}

static bool is_in_hand(const State *s, uint64_t cookie, int fd) {
        return s->was_in_hand != 0 && cookie == s->was_in_hand &&
                (s->was_n_written == 0 || state_n_written(fd) != s->was_n_written);
}

static void slot_add_watches(Slot *slot, const Session *session) {
        for (const Watch *w = session->watches; w; w = w->next) {
                if ((w != session->watches && !slot_add(slot, TEXT_WATCHES, " ", 1)) ||
                    !slot_add(slot, TEXT_WATCHES, w->name, strlen(w->name))) {
                        slot->flags |= SLOT_ENDS;
                        return;
                }
        }
}

static void slot_add_session(Slot *record, const Session *session) {
        record->sequence = session->sequence;
        record->need_seconds = session->need_seconds;
        if (session->tracking)
                record->flags |= SLOT_TRACKING;
        if (session->uncounted)
                record->flags |= SLOT_UNCOUNTED;
        if (session->input_lost)
                record->flags |= SLOT_INPUT_LOST;
        if (session->blocked)
                record->flags |= SLOT_ENDS;
        slot_add_string(record, TEXT_USERNAME, session->username);
        slot_add_string(record, TEXT_PASSWORD, session->password);
        slot_add_string(record, TEXT_DEVICE, session->device ? session->device->name : NULL);
        slot_add_watches(record, session);
}

/* Nobody can go on with what is encrypted: there is nothing of it but who is to be let in again. */
static void slot_add_encrypted(Slot *record, const Session *session) {
        record->flags |= SLOT_ENDS;
        if (!session->device)
                return;
        slot_add_string(record, TEXT_USERNAME, session->username);
        slot_add_string(record, TEXT_DEVICE, session->device->name);
}

void state_save_session(State *s, Session *session, int fd) {
        Slot record;

        if (!s)
                return;
        if (session->slot == 0)
                session->slot = slot_allocate(s);
        if (session->slot == 0)
                return;

        slot_init(&record);
        record.cookie = socket_cookie(fd);
        if (session->secure)
                slot_add_encrypted(&record, session);
        else
                slot_add_session(&record, session);
        slot_publish(s, session->slot, &record, SLOT_SESSION);
        explicit_bzero(&record, sizeof(record));
}

static size_t length(const char *s) {
        return strlen(strempty(s));
}

bool state_has_room_for_watches(const Session *session) {
        size_t n = 0, others = length(session->username) + length(session->password) +
                        length(session->device ? session->device->name : NULL);

        for (const Watch *w = session->watches; w; w = w->next)
                n += strlen(w->name) + 1;
        return n + MAX(others, OTHERS_EXPECTED) <= SLOT_DATA_SIZE;
}

static bool session_is_anonymous(const Session *session) {
        return !session->username && !session->password && !session->device && !session->tracking &&
                !session->watches && !session->secure;
}

void state_save_input(State *s, Session *session, int fd, const char *data, size_t n) {
        if (!s)
                return;
        if (!data) {
                if (session->slot == 0)
                        return;
                if (session_is_anonymous(session))
                        state_release(s, &session->slot);
                else
                        state_save_session(s, session, fd);
                return;
        }

        if (session->slot == 0)
                state_save_session(s, session, fd);
        if (session->slot == 0)
                return;

        Slot record = s->slots[session->slot];
        if (!slot_add(&record, TEXT_INPUT, data, n))
                record.flags |= SLOT_INPUT_LOST;
        slot_publish(s, session->slot, &record, SLOT_SESSION);
        explicit_bzero(&record, sizeof(record));
}

/* The device of a record. One that is only on the bus is not known yet when we begin: it gets a place. */
static int find_device(Gateway *g, const char *name, Device **ret) {
        Device *d = device_table_find(g->devices, name);

        if (d) {
                *ret = d;
                return 0;
        }
        if (!device_name_is_valid(name))
                return -EBADMSG;
        return device_table_present(g->devices, name, NULL, NULL, NULL, ret);
}

/* What has happened meanwhile nobody knows: the client is told that something has. */
static int restore_watches(const Slot *slot, Gateway *g, Session *session) {
        _cleanup_strv_free_ char **names = NULL;
        _cleanup_free_ char *text = NULL;

        int r = slot_string(slot, TEXT_WATCHES, &text);
        if (r < 0 || !text)
                return r;
        r = strv_split(text, " ", &names);
        if (r < 0)
                return r;

        STRV_FOREACH(name, names) {
                Device *d;
                Watch *w;

                r = find_device(g, *name, &d);
                if (r >= 0)
                        r = watch_add(session, d, &w);
                if (r < 0)
                        return r;
                w->due = true;
                device_note(d, NEWS_STATE);
        }
        return 0;
}

static int session_from_slot(const Slot *slot, Gateway *g, Session *session) {
        _cleanup_free_ char *device = NULL;

        int r = slot_string(slot, TEXT_USERNAME, &session->username);
        if (r >= 0)
                r = slot_string(slot, TEXT_PASSWORD, &session->password);
        if (r >= 0)
                r = slot_string(slot, TEXT_DEVICE, &device);
        if (r < 0)
                return r;

        session->tracking = slot->flags & SLOT_TRACKING;
        session->input_lost = slot->flags & SLOT_INPUT_LOST;
        session->sequence = slot->sequence;
        r = restore_watches(slot, g, session);
        if (r < 0 || !device)
                return r;

        Device *d;
        r = find_device(g, device, &d);
        if (r < 0)
                return r;
        /* Who is logged in was found right, whatever has been guessed since. */
        session->proven = true;
        session->uncounted = slot->flags & SLOT_UNCOUNTED;
        session_login(session, d);
        session->need_seconds = slot->need_seconds;
        return 0;
}

/* Who is logged in was found right, and may be again when the connection cannot go on. */
static void restore_trust(const Slot *slot, Gateway *g, const Session *session) {
        _cleanup_free_ char *user = NULL;
        size_t n;

        if (slot_text(slot, TEXT_DEVICE, &n) && slot_string(slot, TEXT_USERNAME, &user) >= 0 && user)
                lockouts_succeeded(g->lockouts, session->host, user, now_usec(CLOCK_BOOTTIME));
}

int state_restore_session(State *s, Gateway *g, Session *session, int fd, const char **ret_input,
                size_t *ret_size) {
        if (!s)
                return 0;

        Cookie wanted = { .cookie = socket_cookie(fd) };
        if (is_in_hand(s, wanted.cookie, fd))
                return -EINPROGRESS;
        if (s->n_cookies == 0)
                return 0;

        const Cookie *c = bsearch(&wanted, s->cookies, s->n_cookies, sizeof(Cookie), compare_cookies);
        if (!c)
                return 0;

        const Slot *slot = s->slots + c->slot;
        if (slot->type != SLOT_SESSION || s->restored[c->slot])
                return -EBADMSG;
        restore_trust(slot, g, session);
        if (slot->flags & SLOT_ENDS)
                return -E2BIG;

        int r = session_from_slot(slot, g, session);
        if (r < 0)
                return r;

        session->slot = c->slot;
        s->restored[c->slot] = true;
        *ret_input = slot_text(slot, TEXT_INPUT, ret_size);
        return 1;
}

/*** Forced shutdowns ***/

void state_save_forced(State *s, Device *d) {
        Slot record;

        if (!s || !d->forced)
                return;
        if (d->forced->slot == 0)
                d->forced->slot = slot_allocate(s);
        if (d->forced->slot == 0)
                return;

        slot_init(&record);
        record.since_usec = d->forced->since_usec;
        /* The flag matters more than the whole of its story. */
        (void) slot_add(&record, TEXT_OWNER, d->forced->owner, strnlen(d->forced->owner, OWNER_KEPT_MAX));
        (void) slot_add(&record, TEXT_REASON, d->forced->reason,
                        strnlen(d->forced->reason, REASON_KEPT_MAX));
        (void) slot_add(&record, TEXT_DEVICE, d->name, strlen(d->name));
        slot_publish(s, d->forced->slot, &record, SLOT_FORCED);
}

static int restore_forced(State *s, Gateway *g, uint32_t i) {
        _cleanup_free_ char *owner = NULL, *reason = NULL, *device = NULL;
        const Slot *slot = s->slots + i;
        Device *d;

        int r = slot_string(slot, TEXT_OWNER, &owner);
        if (r >= 0)
                r = slot_string(slot, TEXT_REASON, &reason);
        if (r >= 0)
                r = slot_string(slot, TEXT_DEVICE, &device);
        if (r < 0)
                return r;
        if (!device)
                return -EBADMSG;

        r = find_device(g, device, &d);
        if (r < 0)
                return r;
        return fsd_restore(g, d, strempty(owner), strempty(reason), slot->since_usec, i);
}

void state_restore_forced(State *s, Gateway *g) {
        for (uint32_t i = 1; s && i < s->n_restored; i++)
                if (s->slots[i].type == SLOT_FORCED && restore_forced(s, g, i) >= 0)
                        s->restored[i] = true;
}

void state_collect(State *s) {
        if (!s)
                return;

        for (uint32_t i = 1; i < s->n_restored; i++)
                if (s->slots[i].type != SLOT_FREE && !s->restored[i]) {
                        uint32_t slot = i;
                        state_release(s, &slot);
                }

        s->n_restored = 0;
        s->n_cookies = 0;
        s->was_in_hand = 0;
        (void) state_set_in_hand(s, 0);
        free(s->restored);
        s->restored = NULL;
        free(s->cookies);
        s->cookies = NULL;
}
