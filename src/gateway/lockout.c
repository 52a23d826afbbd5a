/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lockout.h"

#include <arpa/inet.h>
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

/* A user at a host, or the host as a whole. */
typedef struct Suspect {
        struct in6_addr key;
        uint32_t scope;
        char *user; /* NULL: the whole host */
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

static struct in6_addr key_from_host(const Host *h) {
        struct in6_addr key = h->key;

        if (!IN6_IS_ADDR_V4MAPPED(&key) && !h->loopback && !IN6_IS_ADDR_LINKLOCAL(&key))
                memset(key.s6_addr + 8, 0, 8);
        return key;
}

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

static Suspect *find(Lockouts *t, const Host *h, const char *user) {
        struct in6_addr key = key_from_host(h);

        for (Suspect *s = *bucket(t, &key, user); s; s = s->bucket_next)
                if (s->scope == h->scope && memcmp(&s->key, &key, sizeof(key)) == 0 &&
                    same_user(s->user, user))
                        return s;
        return NULL;
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

/* What a person sees of the address. */
static char *describe(const Host *h) {
        struct in6_addr key = key_from_host(h);
        char text[INET6_ADDRSTRLEN];

        if (memcmp(&key, &h->key, sizeof(key)) == 0 || !inet_ntop(AF_INET6, &key, text, sizeof(text)))
                return strdup(h->address);
        return strjoin(text, "/64");
}

static Suspect *suspect_new(Lockouts *t, const Host *h, const char *user) {
        Suspect *s = new0(Suspect, 1);

        if (!s)
                return NULL;
        s->key = key_from_host(h);
        s->scope = h->scope;
        s->user = user ? strndup(user, USER_LENGTH) : NULL;
        s->address = describe(h);
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

/* Finds or adds it, as the youngest of its list. */
static Suspect *touch(Lockouts *t, const Host *h, const char *user, bool trusted, uint64_t now) {
        static const size_t most[] = { STRANGERS_MAX, TRUSTED_MAX };
        Suspect *s = find(t, h, user) ?: suspect_new(t, h, user);

        if (!s)
                return NULL;
        list_remove(t, s);
        s->trusted = s->trusted || trusted;
        s->last_usec = now;
        list_append(t, s);
        if (t->lists[s->trusted].n > most[s->trusted])
                suspect_free(t, t->lists[s->trusted].first);
        return s;
}

/*** Lock-outs ***/

static void log_suspect(Lockouts *t, const Suspect *s, const char *message_id, int level,
                const char *begin, const char *end) {
        _cleanup_free_ char *peer = strjoin(strempty(s->user), "@", s->address);
        LogNote note;

        if (log_limit_allow(&t->lines, NULL, &note))
                (void) log_full(level, 0, &(LogContext) { .message_id = message_id, .peer = peer },
                                "%s %s %s%s%s%s", begin, s->user ? "user" : "all new users at",
                                s->user ? strempty(peer) : s->address, s->user ? "" : ",", end, note.text);
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
        Suspect *s = find(t, h, user);

        if (s && s->trusted && h->loopback)
                return NULL;
        if (s && s->until_usec > now)
                return s;
        if ((s && s->trusted) || h->loopback)
                return NULL;
        s = find(t, h, NULL);
        return s && s->until_usec > now ? s : NULL;
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

bool lockouts_failed(Lockouts *t, const LockoutPolicy *p, const Host *h, const char *user, uint64_t now) {
        bool began = false;

        if (!t || !h || p->max_failures == 0)
                return false;

        Suspect *s = touch(t, h, user, false, now);
        if (!s)
                return false;
        /* What the lock-out of this name takes care of is not held against the host as well. */
        bool counts = s->n_failures++ < p->max_failures && !s->trusted;
        if (s->n_failures >= p->max_failures && !(s->trusted && h->loopback)) {
                begin(t, p, s, now);
                began = true;
        }

        s = counts && !h->loopback ? touch(t, h, NULL, false, now) : NULL;
        if (s && ++s->n_failures >= (uint64_t) p->max_failures * HOST_FACTOR) {
                begin(t, p, s, now);
                began = true;
        }
        return began;
}

void lockouts_succeeded(Lockouts *t, const Host *h, const char *user, uint64_t now) {
        if (!t || !h)
                return;

        Suspect *s = touch(t, h, user, true, now);
        if (!s)
                return;
        if (s->until_usec > 0)
                end(t, s);
        s->n_failures = s->n_lockouts = 0;
}

void lockouts_expire(Lockouts *t, uint64_t now) {
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
        (void) getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK);
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
