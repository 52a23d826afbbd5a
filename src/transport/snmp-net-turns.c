/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-net-internal.h"
#include "string-util.h"

/* So many requests an agent gets at a time. */
#define TURNS_AT_ONCE 2U

/* Hundreds of agents may be asked at the same time. */
#define BUCKETS 256U

typedef struct Agent Agent;

struct Agent {
        Agent **head; /* of the list that it is in */
        Agent *next;
        char *key;
        unsigned n_busy;
        NetTurn *first; /* of those that wait, in order */
};

struct NetTurns {
        Agent *agents[BUCKETS]; /* by the hash of the key */
};

struct NetTurn {
        Agent *agent;
        NetTurn *next;
        bool waits;
        NetTurnReady ready;
        void *userdata;
};

NetTurns *net_turns_new(void) {
        return new0(NetTurns, 1);
}

NetTurns *net_turns_free(NetTurns *t) {
        free(t);
        return NULL;
}

static Agent **bucket_of(NetTurns *t, const char *key) {
        uint32_t hash = 2166136261U; /* FNV-1a */

        for (; *key; key++)
                hash = (hash ^ (uint8_t) *key) * 16777619U;
        return &t->agents[hash % BUCKETS];
}

static Agent *agent_get(NetTurns *t, const char *key) {
        Agent **head = bucket_of(t, key), *a;

        for (a = *head; a; a = a->next)
                if (streq(a->key, key))
                        return a;
        a = new0(Agent, 1);
        if (!a)
                return NULL;
        a->key = strdup(key);
        if (!a->key) {
                free(a);
                return NULL;
        }
        a->head = head;
        a->next = *head;
        *head = a;
        return a;
}

static void agent_drop_if_idle(Agent *a) {
        Agent **p = a->head;

        if (a->n_busy > 0 || a->first)
                return;
        while (*p != a)
                p = &(*p)->next;
        *p = a->next;
        free(a->key);
        free(a);
}

int net_turn_new(NetTurns *t, const char *key, NetTurnReady ready, void *userdata, NetTurn **ret) {
        NetTurn *turn = new0(NetTurn, 1), **last;
        Agent *a = turn ? agent_get(t, key) : NULL;

        if (!a) {
                free(turn);
                return -ENOMEM;
        }
        *turn = (NetTurn) { .agent = a, .ready = ready, .userdata = userdata };
        *ret = turn;
        if (a->n_busy < TURNS_AT_ONCE) {
                a->n_busy++;
                return 1;
        }

        turn->waits = true;
        last = &a->first;
        while (*last)
                last = &(*last)->next;
        *last = turn;
        return 0;
}

NetTurn *net_turn_free(NetTurn *t) {
        Agent *a;

        if (!t)
                return NULL;

        a = t->agent;
        if (t->waits) {
                NetTurn **p = &a->first;

                while (*p != t)
                        p = &(*p)->next;
                *p = t->next;
        } else if (a->first) {
                NetTurn *next = a->first;

                a->first = next->next;
                next->waits = false;
                next->ready(next->userdata);
        } else
                a->n_busy--;
        agent_drop_if_idle(a);
        free(t);
        return NULL;
}
