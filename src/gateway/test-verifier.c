/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <semaphore.h>
#include <stdio.h>

#include "test-server-util.h"

/* What there is no memory to copy. */
#define UNCOPIED_HASH "$y$j9T$nomemory$"

/* The linker puts them in the place of those without __wrap_. */
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

char *__wrap_strdup(const char *s) {
        return streq(s, UNCOPIED_HASH) ? NULL : __real_strdup(s);
}

static void set_hash(Setup *s, const char *hash) {
        for (size_t i = 0; i < s->gateway->users->n_users; i++) {
                User *u = s->gateway->users->users + i;

                if (!streq(u->name, "slow"))
                        continue;
                free(u->password);
                ASSERT_OK(asprintf(&u->password, "%s", hash));
        }
}

/* Without memory for the question its connection ends; nothing is hashed on the spot, and others go on. */
static void test_no_memory(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fd = connect_client(&s, NULL), other = connect_client(&s, NULL);

        set_hash(&s, UNCOPIED_HASH);
        say(fd, "USERNAME slow\nPASSWORD secret\n");
        expect(&s, fd, "OK\nOK\n");
        say(fd, "LOGIN zeta\n");
        expect(&s, fd, "");
        say(other, "NETVER\n");
        expect(&s, other, "1.3\n");
        safe_close(fd);
        safe_close(other);
        teardown(&s);
}

/* The order in which the thread looks at passwords, which begins with ours to say so. */
static sem_t begun, go_on;
static char order[16];

bool __wrap_password_matches_hash(const char *hash, const char *password);

bool __wrap_password_matches_hash(const char *hash, const char *password) {
        if (!order[0]) {
                sem_post(&begun);
                sem_wait(&go_on);
        }
        order[strlen(order)] = password[0];
        return false;
}

static void on_verdict(void *userdata, bool match) {
        unsigned *n = userdata;

        ASSERT_FALSE(match);
        ++*n;
}

/* Those who were right before go first, lane by lane; but not for ever. */
static void test_order(void) {
        static const char *const passwords[] = {
                "s1", "a1", "a2", "a3", "a4", "a5", "a6", "b1", "s2", "t1", "t2",
        };
        VerifierLane a = { .known = true }, b = { .known = true }, others = {}, t = {};
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        unsigned n = 0;
        Verifier *v;

        ASSERT_EQ(sem_init(&begun, 0, 0) + sem_init(&go_on, 0, 0), 0);
        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(verifier_new(event, &v));
        for (size_t i = 0; i < ELEMENTSOF(passwords); i++) {
                char who = passwords[i][0];
                VerifierLane *lane = who == 'a' ? &a : who == 'b' ? &b : who == 't' ? &t : &others;
                Verification *question;

                ASSERT_OK(verifier_ask(v, lane, "hash", passwords[i], on_verdict, &n, &question));
                if (i == 0)
                        ASSERT_EQ(sem_wait(&begun), 0);
        }
        ASSERT_EQ(sem_post(&go_on), 0);
        while (n < ELEMENTSOF(passwords))
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        verifier_free(v);
        ASSERT_STREQ(order, "sabaasaaatt");
        sem_destroy(&begun);
        sem_destroy(&go_on);
}

int main(void) {
        test_no_memory();
        test_order();
        return 0;
}
