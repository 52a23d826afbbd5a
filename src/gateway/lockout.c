/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lockout.h"

#include <sys/random.h>

#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "string-util.h"
#include "time-util.h"

#define BUCKETS 1024U
#define STRANGERS_MAX 4096U
#define TRUSTED_MAX 1024U
/* As many as one name may get wrong, times this, are too many for a host that tries several. */
#define HOST_FACTOR 5U
#define FIRST_USEC (5 * USEC_PER_SEC)
#define FORGET_USEC (1800 * USEC_PER_SEC)
#define USER_LENGTH 64U /* of a name; a longer one is the same as its beginning */
#define LINES_LOGGED ((RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 20 })

/* A user at an address whose password was right there once (trusted); a user at all other addresses of a
 * network; or the network as a whole. */
typedef struct Suspect {
        struct in6_addr key; /* of the address or the network */
        uint32_t scope;
        char *user; /* NULL: the whole network */
        char *address;
        unsigned n_failures; /* since the last right one */
        unsigned n_lockouts; /* likewise */
        unsigned n_refused;  /* during the present one */
        uint64_t until_usec; /* end of the present one; 0: there is none */
        uint64_t last_usec;
        bool trusted;
        struct Suspect *bucket_next;
        struct Suspect *next, *previous; /* by age, oldest first */
} Suspect;

typedef struct SuspectList {
        Suspect *first, *last;
        size_t n;
} SuspectList;

struct Lockouts {
        Suspect *buckets[BUCKETS];
        uint32_t seed;
        SuspectList lists[2]; /* strangers, and those who are trusted */
        RateLimit lines;
};

/*** Table ***/

static Suspect **bucket(Lockouts *t, const struct in6_addr *key, const char *user) {
        uint32_t h = 2166136261U ^ t->seed; /* FNV-1a */

        for (size_t i = 0; i < sizeof(key->s6_addr); i++)
                h = (h ^ key->s6_addr[i]) * 16777619U;
        for (size_t i = 0; user && i < USER_LENGTH && user[i]; i++)
                h = (h ^ (uint8_t) user[i]) * 16777619U;
        return t->buckets + h % BUCKETS;
}

static bool same_user(const char *a, const char *b) {
        return a && b ? strncmp(a, b, USER_LENGTH) == 0 : a == b;
}

static Suspect *find_at(Lockouts *t, const struct in6_addr *key, uint32_t scope, const char *user,
                bool trusted) {
        for (Suspect *s = *bucket(t, key, user); s; s = s->bucket_next)
                if (s->trusted == trusted && s->scope == scope && memcmp(&s->key, key, sizeof(*key)) == 0 &&
                    same_user(s->user, user))
                        return s;
        return NULL;
}

static Suspect *find_trusted(Lockouts *t, const Host *h, const char *user) {
        return find_at(t, &h->key, h->scope, user, true);
}

static Suspect *find_stranger(Lockouts *t, const Host *h, const char *user) {
        struct in6_addr key;
        uint32_t scope;

        host_network(h, &key, &scope);
        return find_at(t, &key, scope, user, false);
}

static void list_append(Lockouts *t, Suspect *s) {
        SuspectList *l = t->lists + s->trusted;

        s->next = NULL;
        s->previous = l->last;
        *(l->last ? &l->last->next : &l->first) = s;
        l->last = s;
        l->n++;
}

static void list_remove(Lockouts *t, Suspect *s) {
        SuspectList *l = t->lists + s->trusted;

        *(s->previous ? &s->previous->next : &l->first) = s->next;
        *(s->next ? &s->next->previous : &l->last) = s->previous;
        l->n--;
}

static Suspect *suspect_free(Lockouts *t, Suspect *s) {
        Suspect **p = bucket(t, &s->key, s->user);

        while (*p != s)
                p = &(*p)->bucket_next;
        *p = s->bucket_next;
        list_remove(t, s);
        free(s->user);
        free(s->address);
        free(s);
        return NULL;
}

static Suspect *suspect_new(Lockouts *t, const Host *h, const char *user, bool trusted) {
        Suspect *s = new0(Suspect, 1);

        if (!s)
                return NULL;
        s->key = h->key;
        s->scope = h->scope;
        if (!trusted)
                host_network(h, &s->key, &s->scope);
        s->trusted = trusted;
        s->user = user ? strndup(user, USER_LENGTH) : NULL;
        s->address = trusted ? strdup(h->address) : host_network_describe(h);
        if (!s->address || (user && !s->user)) {
                free(s->user);
                free(s->address);
                free(s);
                return NULL;
        }

        Suspect **b = bucket(t, &s->key, user);
        s->bucket_next = *b;
        *b = s;
        list_append(t, s);
        return s;
}

/* Makes it the youngest of its list; s may be NULL. */
static Suspect *touch(Lockouts *t, Suspect *s, uint64_t now) {
        static const size_t most[] = { STRANGERS_MAX, TRUSTED_MAX };

        if (!s)
                return NULL;
        list_remove(t, s);
        s->last_usec = now;
        list_append(t, s);
        if (t->lists[s->trusted].n > most[s->trusted])
                suspect_free(t, t->lists[s->trusted].first);
        return s;
}

static Suspect *touch_stranger(Lockouts *t, const Host *h, const char *user, uint64_t now) {
        return touch(t, find_stranger(t, h, user) ?: suspect_new(t, h, user, false), now);
}

/*** Lock-outs ***/

static void log_suspect(Lockouts *t, const Suspect *s, const char *message_id, int level,
                const char *begin, const char *end) {
        _cleanup_free_ char *peer = strjoin(strempty(s->user), "@", s->address);

        if (log_limit_allow(&t->lines, LOG_LOCKOUTS, NULL))
                (void) log_full(level, 0, &(LogContext) { .message_id = message_id, .peer = peer },
                                "%s %s %s%s%s", begin, s->user ? "user" : "all new users at",
                                s->user ? strempty(peer) : s->address, s->user ? "" : ",", end);
}

static void end(Lockouts *t, Suspect *s) {
        _cleanup_free_ char *text = strprintf(" is over, in which %u attempts were refused", s->n_refused);

        s->until_usec = 0;
        log_suspect(t, s, MESSAGE_LOCKOUT_ENDED_STR, LOG_NOTICE, "The lock-out of", strempty(text));
        s->n_refused = 0;
}

static void begin(Lockouts *t, const LockoutPolicy *p, Suspect *s, uint64_t now) {
        uint64_t usec = FIRST_USEC;

        if (s->until_usec > 0)
                end(t, s);
        for (unsigned i = 0; i < s->n_lockouts && usec < p->max_usec; i++)
                usec *= 2;
        usec = MIN(usec, p->max_usec);
        s->until_usec = now + usec;
        s->n_lockouts++;

        _cleanup_free_ char *text = strprintf(" after %u wrong passwords, for %u seconds", s->n_failures,
                        (unsigned) (usec / USEC_PER_SEC));
        log_suspect(t, s, MESSAGE_LOCKOUT_STR, LOG_WARNING, "Locking out", strempty(text));
}

static Suspect *find_locked(Lockouts *t, const Host *h, const char *user, uint64_t now) {
        Suspect *s = find_trusted(t, h, user);

        if (s)
                return !h->loopback && s->until_usec > now ? s : NULL;
        s = find_stranger(t, h, user);
        if (s && s->until_usec > now)
                return s;
        s = h->loopback ? NULL : find_stranger(t, h, NULL);
        return s && s->until_usec > now ? s : NULL;
}

bool lockouts_trust(Lockouts *t, const Host *h, const char *user) {
        return t && h && find_trusted(t, h, user);
}

bool lockouts_hold(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now) {
        return t && h && p->max_failures > 0 && find_locked(t, h, user, now);
}

bool lockouts_refuse(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now) {
        if (!lockouts_hold(t, p, h, user, now))
                return false;

        find_locked(t, h, user, now)->n_refused++;
        return true;
}

/* The n-th wrong one: whether that begins a lock-out, or begins it anew. */
static bool count(Lockouts *t, const LockoutPolicy *p, Suspect *s, uint64_t n, uint64_t now) {
        if (++s->n_failures < n)
                return false;

        begin(t, p, s, now);
        return true;
}

bool lockouts_failed(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now) {
        if (!t || !h || p->max_failures == 0)
                return false;

        /* Its own failures are held against nobody else. */
        Suspect *s = touch(t, find_trusted(t, h, user), now);
        if (s)
                return !h->loopback && count(t, p, s, p->max_failures, now);

        s = touch_stranger(t, h, user, now);
        if (!s)
                return false;
        bool began = count(t, p, s, p->max_failures, now);
        /* What the lock-out of this name takes care of is not held against the network as well. */
        if (s->n_failures > p->max_failures || h->loopback)
                return began;

        s = touch_stranger(t, h, NULL, now);
        return (s && count(t, p, s, (uint64_t) p->max_failures * HOST_FACTOR, now)) || began;
}

/* Whether nobody else can have been wrong there. */
static bool is_alone(const Suspect *s, const Host *h) {
        return memcmp(&s->key, &h->key, sizeof(s->key)) == 0 && s->scope == h->scope;
}

void lockouts_succeeded(Lockouts *t, const Host *h, const char *user, uint64_t now) {
        if (!t || !h)
                return;

        Suspect *s = find_stranger(t, h, user);
        if (s && is_alone(s, h)) {
                if (s->until_usec > 0)
                        end(t, s);
                suspect_free(t, s);
        }

        s = touch(t, find_trusted(t, h, user) ?: suspect_new(t, h, user, true), now);
        if (!s)
                return;
        if (s->until_usec > 0)
                end(t, s);
        s->n_failures = s->n_lockouts = 0;
}

void lockouts_expire(Lockouts *t, uint64_t now) {
        log_limit_tell(&t->lines, LOG_LOCKOUTS, NULL);
        for (size_t i = 0; i < ELEMENTSOF(t->lists); i++)
                for (Suspect *s = t->lists[i].first, *next; s; s = next) {
                        next = s->next;
                        if (s->until_usec > 0 && s->until_usec <= now)
                                end(t, s);
                        if (s->until_usec > 0 || now - s->last_usec < FORGET_USEC)
                                continue;
                        if (s->trusted)
                                s->n_failures = s->n_lockouts = 0;
                        else
                                suspect_free(t, s);
                }
}

void lockouts_lift(Lockouts *t) {
        for (size_t i = 0; i < ELEMENTSOF(t->lists); i++)
                for (Suspect *s = t->lists[i].first; s; s = s->next) {
                        if (s->until_usec > 0)
                                end(t, s);
                        s->n_failures = s->n_lockouts = 0;
                }
}

size_t lockouts_count(const Lockouts *t) {
        return t->lists[0].n + t->lists[1].n;
}

Lockouts *lockouts_new(void) {
        Lockouts *t = new0(Lockouts, 1);

        if (!t)
                return NULL;
        t->lines = LINES_LOGGED;
        /* Without it a sender can only make a table slow that is small. */
        if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) < 0)
                t->seed = 0;
        return t;
}

Lockouts *lockouts_free(Lockouts *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < ELEMENTSOF(t->lists); i++)
                while (t->lists[i].first)
                        suspect_free(t, t->lists[i].first);
        free(t);
        return NULL;
}
