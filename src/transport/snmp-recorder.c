/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-recorder.h"

#include "recorder-file.h"
#include "snmp-walk-internal.h"
#include "string-util.h"

/* Shorter texts, or such of few different characters, may as well be something else. */
#define SECRET_LENGTH_MIN 6U
#define SECRET_DIFFERENT_MIN 3U

typedef struct Recorder {
        SnmpLink link;
        SnmpLinkOps ops; /* with the name of inner */
        SnmpLink *inner;
        RecorderFile file;
        bool redact;
        char **secrets;
        SnmpValue *values; /* what is in the file, in order */
        size_t n_values, n_allocated;
        SnmpDone done;
        void *userdata;
} Recorder;

static const SnmpLinkOps recorder_ops;

/*** Secrets ***/

static bool is_secret(const char *s) {
        bool seen[UINT8_MAX + 1] = {};
        size_t n = 0;

        for (const char *c = s; *c; c++)
                if (!seen[(uint8_t) *c]) {
                        seen[(uint8_t) *c] = true;
                        n++;
                }
        return strlen(s) >= SECRET_LENGTH_MIN && n >= SECRET_DIFFERENT_MIN;
}

/* True if there was something to cover. */
static bool cover(SnmpValue *v, const char *secret) {
        size_t n = strlen(secret);
        uint8_t *at = v->bytes, *end;
        bool any = false;

        if (v->type != SNMP_TYPE_STRING || v->n_bytes == 0)
                return false;
        end = at + v->n_bytes;
        while ((at = memmem(at, (size_t) (end - at), secret, n))) {
                memset(at, 'X', n);
                at += n;
                any = true;
        }
        return any;
}

/* sysContact, sysName and sysLocation are about people and places. */
static bool is_private(const SnmpOid *oid) {
        static const uint32_t system[] = { 1, 3, 6, 1, 2, 1, 1 };

        return oid->n == ELEMENTSOF(system) + 2 && memcmp(oid->ids, system, sizeof(system)) == 0 &&
                oid->ids[ELEMENTSOF(system)] >= 4 && oid->ids[ELEMENTSOF(system)] <= 6;
}

static void redact_value(const Recorder *p, SnmpValue *v) {
        if (!p->redact)
                return;
        if (is_private(&v->oid) && v->type == SNMP_TYPE_STRING && v->n_bytes > 0)
                memset(v->bytes, 'X', v->n_bytes);
        STRV_FOREACH(secret, p->secrets)
                (void) cover(v, *secret);
}

/* All of it anew. */
static void write_all(Recorder *p) {
        FILE *f = p->file.file;

        if (fflush(f) != 0 || ftruncate(fileno(f), 0) < 0)
                return;
        rewind(f);
        (void) snmp_walk_write(&(SnmpWalk) { .values = p->values, .n_values = p->n_values }, f);
}

void snmp_recorder_redact(SnmpLink *link, const char *secret) {
        Recorder *p = (Recorder *) link;
        bool any = false;

        if (link->ops->request != recorder_ops.request || !p->redact || !is_secret(secret) ||
            strv_contains(p->secrets, secret) || strv_extend(&p->secrets, secret) < 0)
                return;
        for (size_t i = 0; i < p->n_values; i++)
                any |= cover(p->values + i, secret);
        if (any)
                write_all(p);
}

/*** Writing ***/

/* Where a value belongs; true if one of that object is there. */
static bool find_place(const Recorder *p, const SnmpOid *oid, size_t *ret) {
        size_t low = 0, high = p->n_values;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (snmp_oid_order(&p->values[middle].oid, oid) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret = low;
        return low < p->n_values && snmp_oid_equal(&p->values[low].oid, oid);
}

static void record(Recorder *p, const SnmpValue *v) {
        SnmpValue copy;
        size_t i;

        if (!snmp_value_is_there(v) || find_place(p, &v->oid, &i) ||
            ftello(p->file.file) > (off_t) RECORDING_SIZE_MAX / 2)
                return;
        if (!GREEDY_REALLOC(p->values, p->n_allocated, p->n_values + 1) || snmp_value_copy(v, &copy) < 0)
                return;
        redact_value(p, &copy);
        memmove(p->values + i + 1, p->values + i, (p->n_values - i) * sizeof(SnmpValue));
        p->values[i] = copy;
        p->n_values++;
        snmp_walk_write_value(&copy, p->file.file);
}

static void record_reply(Recorder *p, const SnmpReply *reply) {
        if (reply->status != SNMP_STATUS_OK || ferror(p->file.file))
                return;
        for (size_t i = 0; i < reply->n_values; i++)
                record(p, reply->values + i);
        (void) fflush(p->file.file);
}

/*** The link ***/

/* The recorder may be gone when its done returns. */
static void on_done(SnmpLink *inner, int r, const SnmpReply *reply, void *userdata) {
        Recorder *p = userdata;

        (void) free_and_strdup(&p->link.why, snmp_link_why(inner));
        if (reply)
                record_reply(p, reply);
        p->done(&p->link, r, reply, p->userdata);
}

/* What was written is not what the device has of its own. */
static void on_set(SnmpLink *inner, int r, const SnmpReply *reply, void *userdata) {
        Recorder *p = userdata;

        (void) free_and_strdup(&p->link.why, snmp_link_why(inner));
        p->done(&p->link, r, reply, p->userdata);
}

static int recorder_request(SnmpLink *link, const SnmpRequest *request, SnmpDone done, void *userdata) {
        Recorder *p = (Recorder *) link;
        int r = snmp_link_request(p->inner, request, request->operation == SNMP_SET ? on_set : on_done, p);

        if (r < 0)
                return r;
        p->done = done;
        p->userdata = userdata;
        return 0;
}

static void recorder_cancel(SnmpLink *link) {
        snmp_link_cancel(((Recorder *) link)->inner);
}

static void recorder_free(SnmpLink *link) {
        Recorder *p = (Recorder *) link;

        snmp_link_free(p->inner);
        recorder_file_done(&p->file);
        snmp_values_done(p->values, p->n_values);
        strv_free(p->secrets);
        free(p);
}

static bool recorder_is_from(const SnmpLink *link, const struct sockaddr *address) {
        const SnmpLink *inner = ((const Recorder *) link)->inner;

        return inner->ops->is_from && inner->ops->is_from(inner, address);
}

static const SnmpLinkOps recorder_ops = {
        .request = recorder_request,
        .cancel = recorder_cancel,
        .is_from = recorder_is_from,
        .free = recorder_free,
};

/*** Opening ***/

static int check_older(void *userdata, const char *data, size_t n, RecordingHead *ret) {
        Recorder *p = userdata;
        SnmpWalk walk = {};
        int r;

        if (n < strlen(SNMP_WALK_MAGIC) || memcmp(data, SNMP_WALK_MAGIC, strlen(SNMP_WALK_MAGIC)) != 0)
                return -EBADMSG;
        r = snmp_walk_parse(data, n, NULL, NULL, &walk);
        if (r < 0)
                return r;
        p->values = walk.values;
        p->n_values = p->n_allocated = walk.n_values;
        return 0;
}

static int recorder_open(Recorder *p, const char *path, RecorderFlags flags) {
        int r = flags & RECORDER_RESUME ? recorder_file_resume(&p->file, path, check_older, p) : -ENOENT;

        if (r >= 0 || r == -ENOMEM)
                return r;
        return recorder_file_create(&p->file, path, SNMP_WALK_MAGIC);
}

int snmp_recorder_new(SnmpLink *inner, const char *path, RecorderFlags flags, SnmpLink **ret) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        Recorder *p = new0(Recorder, 1);
        int r;

        if (!p)
                return -ENOMEM;
        link = &p->link;
        p->ops = recorder_ops;
        p->ops.name = inner->ops->name;
        p->redact = flags & RECORDER_REDACT;
        link->ops = &p->ops;
        link->is_v1 = inner->is_v1;
        link->size_max = inner->size_max;
        link->peer = strdup(inner->peer);
        if (!link->peer)
                return -ENOMEM;
        r = recorder_open(p, path, flags);
        if (r < 0)
                return r;

        p->inner = inner;
        *ret = TAKE_PTR(link);
        return 0;
}
