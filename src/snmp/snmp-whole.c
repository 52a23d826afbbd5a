/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "string-util.h"

/* A status is of one reading, never partly of this one and partly of the one before. */

static bool is_below(const SnmpEngine *e, size_t table, size_t above) {
        for (; table < e->profile->n_tables; table = e->profile->tables[table].parent)
                if (table == above)
                        return true;
        return false;
}

bool snmp_table_is_vital(const SnmpEngine *e, size_t table) {
        static const SnmpRowType types[] = {SNMP_ROW_STATUS, SNMP_ROW_ALARM};

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                for (size_t k = 0; k < e->profile->n_rows[types[i]]; k++)
                        if (is_below(e, e->profile->rows[types[i]][k].table, table))
                                return true;
        return false;
}

/* For how many readings in a row one of these objects did not come. What did not for too long is not waited
 * for. */
static unsigned missing_objects(const SnmpEngine *e, const SnmpItem **ret) {
        unsigned n = 0;

        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                const SnmpItem *item = &e->layout.items.items[i];

                if (!item->status || item->suspect || item->missed <= n)
                        continue;
                n = item->missed;
                *ret = item;
        }
        return n;
}

static unsigned missing_tables(const SnmpEngine *e, size_t *ret) {
        unsigned n = 0;

        for (size_t i = 0; i < e->profile->n_tables; i++) {
                const Table *t = &e->tables[i];

                if (!t->is_known || t->failures <= n || t->failures > SNMP_ASK_LOST_MAX ||
                        !snmp_table_is_vital(e, i))
                        continue;
                n = t->failures;
                *ret = i;
        }
        return n;
}

/* At the start nothing stands that could stay: what did not come is asked for once more. */
static bool look_twice(SnmpEngine *e) {
        bool any = false;

        e->op.has_looked_twice = true;
        e->asker.gave_up = false;
        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                SnmpItem *item = &e->layout.items.items[i];

                item->due = item->status && item->missed > 0;
                any = any || item->due;
        }
        for (size_t i = 0; i < e->profile->n_tables; i++)
                if (e->tables[i].failures > 0 && snmp_table_is_vital(e, i)) {
                        e->tables[i].walked = 0;
                        any = true;
                }
        return any;
}

/* What has never come is no reason not to start. */
static void accept_unknown(SnmpEngine *e) {
        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                SnmpItem *item = &e->layout.items.items[i];

                if (item->status && item->missed > 0 && !item->known)
                        item->suspect = true;
        }
}

static int fail(SnmpEngine *e, const SnmpItem *item, size_t table) {
        _cleanup_free_ char *oid = item ? snmp_oid_text(&item->oid) : NULL;
        int r = e->asker.lost_error;

        snmp_engine_explain(e, strprintf("the status hangs on %s %s, which cannot be read",
                                       item ? "the object" : "the table",
                                       item ? strempty(oid) : e->profile->tables[table].name));
        return item && r < 0 ? r : -EPROTO;
}

int snmp_phase_whole(SnmpEngine *e) {
        const SnmpItem *item = NULL;
        size_t table = 0;
        unsigned objects, tables;

        if (e->op.is_start && !e->op.has_looked_twice && look_twice(e)) {
                e->op.phase = snmp_phase_read;
                e->op.after = snmp_phase_find;
                return 0;
        }
        if (e->op.is_start)
                accept_unknown(e);
        objects = missing_objects(e, &item);
        tables = missing_tables(e, &table);
        e->op.is_whole = MAX(objects, tables) == 0;
        /* What stays is of the reading before, and not of one before that. */
        if (!e->op.is_whole && (e->op.is_start || !e->was_whole))
                return fail(e, objects > 0 ? item : NULL, table);
        e->op.phase = e->op.is_start ? snmp_phase_options : snmp_phase_publish;
        return 0;
}
