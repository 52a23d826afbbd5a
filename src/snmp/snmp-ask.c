/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-ask.h"

/* What an answer may have in bytes, headers and all, so that it is one packet everywhere. */
#define MESSAGE_SIZE 1400U
#define HEADER_SIZE 120U
/* A value that was never seen. */
#define VALUE_SIZE 12U
/* Full requests that go well before more is tried: at first, and when the agent has once not borne more. */
#define STREAK 8U
#define STREAK_CUT 100U
/* Requests in a row without an answer, after which the agent is taken for gone. */
#define SILENCES_MAX 2U

int snmp_asker_init(SnmpAsker *a, SnmpLink *link, void (*resume)(void *userdata), void *userdata) {
        *a = (SnmpAsker){
                .link = link,
                .resume = resume,
                .userdata = userdata,
                .batch = SNMP_ASK_FIRST,
                .asked = new0(uint32_t, SNMP_ASK_MOST),
        };
        return a->asked ? 0 : -ENOMEM;
}

void snmp_asker_done(SnmpAsker *a) {
        free(a->asked);
        *a = (SnmpAsker){};
}

void snmp_asker_begin(SnmpAsker *a) {
        a->answers = a->silences = 0;
        a->isolating = a->limit = a->in_doubt ? 1 : 0;
        a->gave_up = false;
        a->error = a->lost_error = 0;
}

/*** What comes of a request ***/

static SnmpItem *asked_item(const SnmpAsker *a, size_t i) {
        return &a->set->items[a->asked[i]];
}

static void resolve(SnmpAsker *a, SnmpItem *item) {
        item->due = false;
        if (a->isolating > 0)
                a->isolating--;
}

static void take(SnmpAsker *a, SnmpItem *item, const SnmpValue *v) {
        int r = snmp_item_take(item, v);

        if (r < 0)
                a->error = r;
        if (r > 0) {
                item->changed = a->now;
                a->has_news = true;
        }
        resolve(a, item);
}

static void forget(SnmpAsker *a, SnmpItem *item) {
        if (snmp_item_forget(item) > 0) {
                item->changed = a->now;
                a->has_news = true;
        }
}

/* The agent has said that it is not there, or there is no way to ask for it. */
static void take_absence(SnmpAsker *a, SnmpItem *item) {
        item->known = item->absent = true;
        item->missed = 0;
        item->suspect = item->mute = false;
        forget(a, item);
        resolve(a, item);
}

/* That it did not come says nothing about whether it is there, or what it is. A value is kept for one
 * reading, one of a status for as long as the engine waits for it. */
static void lose(SnmpAsker *a, SnmpItem *item, bool is_silence) {
        unsigned kept = item->status ? SNMP_ASK_LOST_MAX : 1;

        if (item->missed < UINT8_MAX)
                item->missed++;
        if (item->missed > kept || (!item->known && !item->status)) {
                item->suspect = true;
                item->mute = is_silence;
                forget(a, item);
        }
        resolve(a, item);
}

static void shrink(SnmpAsker *a, size_t n) {
        a->batch = (unsigned) MAX(n / 2, (size_t) 1);
        a->proven = MIN(a->proven, a->batch);
        a->was_cut = true;
        a->streak = 0;
}

static void grow(SnmpAsker *a) {
        size_t n = a->n_asked;

        a->proven = MAX(a->proven, (unsigned) n);
        if (n < a->batch || a->isolating > 0 || a->batch >= SNMP_ASK_MOST)
                return;
        if (++a->streak < (a->was_cut ? STREAK_CUT : STREAK))
                return;
        a->batch = MIN(a->batch + (a->was_cut ? 1 : 4), SNMP_ASK_MOST);
        a->streak = 0;
}

/* One of them spoils the answer. */
static void isolate(SnmpAsker *a, int error) {
        a->lost_error = error;
        a->silences = 0;
        if (a->n_asked == 1) {
                lose(a, asked_item(a, 0), false);
                return;
        }
        if (a->isolating == 0)
                a->isolating = a->n_asked;
        a->limit = MAX(a->n_asked / 2, (size_t) 1);
}

static void take_silence(SnmpAsker *a) {
        size_t n = a->n_asked;
        bool is_proven = n <= a->proven;

        a->lost_error = -ETIMEDOUT;
        a->silences++;
        if (asked_item(a, 0)->suspect) {
                /* Each would cost so much time. */
                lose(a, asked_item(a, 0), true);
                a->gave_up = true;
                a->silences = 0;
                return;
        }
        if (a->silences >= SILENCES_MAX || (a->answers == 0 && (n == 1 || is_proven))) {
                /* It may still be one of these objects, or how many they are: the next reading will tell. */
                a->error = -ETIMEDOUT;
                a->in_doubt = true;
                if (a->answers > 0 && n > 1)
                        shrink(a, n);
                else if (n == 1)
                        lose(a, asked_item(a, 0), true);
                a->proven = 1;
                return;
        }
        if (n > 1)
                shrink(a, n);
        if (a->answers == 0) {
                /* It may be the size: one object tells. */
                a->isolating = n;
                a->limit = 1;
                return;
        }
        if (n == 1 || is_proven)
                for (size_t i = 0; i < n; i++)
                        lose(a, asked_item(a, i), true);
}

/* The answer to one that was asked by what is in front of it. */
static void take_next(SnmpAsker *a, SnmpItem *item, const SnmpValue *v) {
        int c = snmp_value_is_there(v) ? snmp_oid_order(&v->oid, &item->oid) : 1;

        if (c == 0)
                take(a, item, v);
        else if (c > 0)
                take_absence(a, item);
        else {
                /* Something is in between: then by its own name. */
                item->known = true;
                item->absent = false;
        }
}

static bool fits(const SnmpAsker *a, const SnmpReply *reply) {
        if (reply->n_values != a->n_asked)
                return false;
        for (size_t i = 0; i < a->n_asked && !a->by_next; i++)
                if (!snmp_oid_equal(&reply->values[i].oid, &asked_item(a, i)->oid))
                        return false;
        return true;
}

static void take_values(SnmpAsker *a, const SnmpReply *reply) {
        if (!fits(a, reply)) {
                isolate(a, -EPROTO);
                return;
        }
        for (size_t i = 0; i < a->n_asked; i++)
                if (a->by_next)
                        take_next(a, asked_item(a, i), &reply->values[i]);
                else
                        take(a, asked_item(a, i), &reply->values[i]);
        grow(a);
        if (a->isolating > 0)
                a->limit = MAX(a->limit, MIN(a->n_asked * 2, a->isolating));
}

static void take_reply(SnmpAsker *a, const SnmpReply *reply) {
        bool has_index = reply->index >= 1 && reply->index <= a->n_asked;

        a->answers++;
        a->silences = 0;
        a->in_doubt = false;
        if (reply->status != SNMP_STATUS_OK)
                a->status = reply->status;
        switch (reply->status) {
        case SNMP_STATUS_OK:
                take_values(a, reply);
                break;
        case SNMP_STATUS_TOO_BIG:
                if (a->n_asked > 1)
                        shrink(a, a->n_asked);
                else
                        isolate(a, -EMSGSIZE);
                break;
        case SNMP_STATUS_NO_SUCH_NAME:
                if (has_index)
                        take_absence(a, asked_item(a, reply->index - 1));
                else
                        isolate(a, -EPROTO);
                break;
        default:
                isolate(a, -EPROTO);
        }
}

static void on_answer(SnmpLink *link _unused_, int r, const SnmpReply *reply, void *userdata) {
        SnmpAsker *a = userdata;

        if (r >= 0)
                take_reply(a, reply);
        else if (r == -ETIMEDOUT)
                take_silence(a);
        else if (r == -EMSGSIZE && a->n_asked > 1)
                shrink(a, a->n_asked);
        else if (r == -EMSGSIZE || r == -EBADMSG || r == -EPROTO)
                isolate(a, r);
        else
                a->error = r;
        if (a->isolating == 0)
                a->limit = 0;
        a->n_asked = 0;
        a->resume(a->userdata);
}

/*** Requests ***/

/* Identifier and value in an answer, more or less. */
static size_t size_of(const SnmpItem *item) {
        size_t n = 8 + item->oid.n;

        for (size_t i = 0; i < item->oid.n; i++)
                n += (item->oid.ids[i] > 127) + (item->oid.ids[i] > 16383);
        return n + (item->datum.type == SNMP_TYPE_STRING ? item->datum.n : VALUE_SIZE);
}

typedef enum Turn {
        TURN_STATUS, /* together, as far as they fit */
        TURN_OTHERS,
        TURN_SUSPECTS, /* last, one by one */
        _TURN_MAX,
} Turn;

static bool has_turn(const SnmpAsker *a, const SnmpItem *item, Turn turn, bool by_next) {
        if (!item->due || (a->link->is_v1 && (!item->known || item->absent)) != by_next)
                return false;
        if (item->suspect)
                return turn == TURN_SUSPECTS;
        return item->status ? turn == TURN_STATUS : turn == TURN_OTHERS;
}

static void choose(SnmpAsker *a, bool by_next) {
        size_t most = MIN(MIN((size_t) a->batch, a->link->size_max), (size_t) SNMP_ASK_MOST);
        size_t size = HEADER_SIZE;

        if (a->limit > 0)
                most = MIN(most, a->limit);
        for (Turn turn = 0; turn < _TURN_MAX; turn++) {
                if (turn == TURN_SUSPECTS && a->n_asked > 0)
                        return;
                for (size_t i = 0; i < a->set->n_items; i++) {
                        const SnmpItem *item = &a->set->items[i];

                        if (!has_turn(a, item, turn, by_next))
                                continue;
                        size += size_of(item);
                        if (a->n_asked > 0 && size > MESSAGE_SIZE)
                                return;
                        a->asked[a->n_asked++] = (uint32_t) i;
                        if (a->n_asked >= most || turn == TURN_SUSPECTS)
                                return;
                }
        }
}

/* What nothing but the object itself can be behind, unless the agent numbers strangely. */
static SnmpOid before(const SnmpOid *oid, uint32_t ids[static SNMP_OID_MAX]) {
        SnmpOid b = {.ids = ids, .n = oid->n};

        memcpy(ids, oid->ids, oid->n * sizeof(uint32_t));
        if (ids[b.n - 1] > 0)
                ids[b.n - 1]--;
        else
                b.n--;
        return b;
}

static int send_request(SnmpAsker *a) {
        _cleanup_free_ uint32_t *numbers = a->by_next ? new0(uint32_t, a->n_asked * SNMP_OID_MAX) : NULL;
        SnmpOid oids[SNMP_ASK_MOST];
        SnmpRequest request = {
                .operation = a->by_next ? SNMP_GET_NEXT : SNMP_GET,
                .oids = oids,
                .n = a->n_asked,
        };

        if (a->by_next && !numbers)
                return -ENOMEM;
        for (size_t i = 0; i < a->n_asked; i++) {
                const SnmpOid *oid = &asked_item(a, i)->oid;

                oids[i] = a->by_next ? before(oid, numbers + i * SNMP_OID_MAX) : *oid;
        }
        return snmp_link_request(a->link, &request, on_answer, a);
}

static void drop_suspects(SnmpAsker *a) {
        for (size_t i = 0; i < a->set->n_items; i++)
                if (a->set->items[i].suspect)
                        a->set->items[i].due = false;
}

/* Version 1 spoils a whole answer for an object that is not there, and names only one of them. So what is
 * not known to be there is asked for by what follows the place in front of it, where each is told by itself.
 */
int snmp_asker_next(SnmpAsker *a, SnmpItemSet *set) {
        a->set = set;
        if (a->gave_up)
                drop_suspects(a);

        while (a->error >= 0) {
                int r;

                a->n_asked = 0;
                a->by_next = a->link->is_v1;
                choose(a, a->by_next);
                if (a->n_asked == 0 && a->by_next) {
                        a->by_next = false;
                        choose(a, false);
                }
                if (a->n_asked == 0)
                        return a->answers == 0 ? a->lost_error : 0;

                r = send_request(a);
                if (r >= 0)
                        return 1;
                if (r == -E2BIG && a->n_asked > 1)
                        shrink(a, a->n_asked);
                else if (r == -E2BIG || r == -EINVAL)
                        take_absence(a, asked_item(a, 0));
                else
                        return r;
        }
        return a->error;
}
