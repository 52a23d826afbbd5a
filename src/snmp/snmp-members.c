/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "snmp-engine-internal.h"
#include "string-util.h"

const Member *snmp_member_of(const Member *m, size_t table) {
        if (table == SNMP_ROW_TABLE)
                return m;
        for (; m; m = m->parent)
                if (m->table == table)
                        return m;
        return NULL;
}

const MemberList *snmp_members(const SnmpEngine *e, size_t table) {
        const Table *t = &e->tables[table];

        return t->has_found ? &t->found : &t->list;
}

size_t snmp_member_count(const SnmpEngine *e, size_t table, const Member *m) {
        const MemberList *list = snmp_members(e, table);
        const Member *parent = NULL;
        size_t n = 0;

        if (e->profile->tables[table].parent != SNMP_NO_TABLE)
                parent = snmp_member_of(m, e->profile->tables[table].parent);
        if (!parent)
                return list->n_members;
        for (size_t i = 0; i < list->n_members; i++)
                n += list->members[i].parent == parent;
        return n;
}

/*** Identifiers ***/

static bool append(SnmpOid *oid, const SnmpOid *more) {
        if (more->n > SNMP_OID_MAX - oid->n)
                return false;
        if (more->n > 0)
                memcpy(oid->ids + oid->n, more->ids, more->n * sizeof(uint32_t));
        oid->n += more->n;
        return true;
}

bool snmp_pattern_oid(
        const SnmpPattern *p, const Member *m, uint32_t ids[static SNMP_OID_MAX], SnmpOid *ret) {
        SnmpOid oid = {.ids = ids};

        for (size_t i = 0; i < p->n_parts; i++) {
                const Member *of;

                if (!append(&oid, &p->parts[i].ids))
                        return false;
                if (p->parts[i].table == SNMP_NO_TABLE)
                        continue;
                of = snmp_member_of(m, p->parts[i].table);
                if (!of || !append(&oid, &of->instance))
                        return false;
        }
        if (oid.n < 2)
                return false;
        *ret = oid;
        return true;
}

bool snmp_pattern_is_fixed(const SnmpPattern *p) {
        return p->n_parts == 1 && p->parts[0].table == SNMP_NO_TABLE;
}

/*** Names ***/

const Member *snmp_chain_member(const SnmpEngine *e, const Member *m) {
        if (e->chain_table == SNMP_NO_TABLE || snmp_members(e, e->chain_table)->n_members < 2)
                return NULL;
        return snmp_member_of(m, e->chain_table);
}

/* The number for the last star, and whose is the one before it. */
static const Member *numbered(const SnmpEngine *e, const Member *m) {
        while (m && m->table == e->chain_table)
                m = m->parent;
        return m;
}

static size_t count_stars(const char *s) {
        size_t n = 0;

        for (; *s; s++)
                n += *s == '*';
        return n;
}

static char *with_numbers(const SnmpEngine *e, const char *name, const Member *m) {
        size_t n = count_stars(name);
        uint32_t numbers[SNMP_TABLE_DEPTH_MAX] = {};
        char *text = new0(char, strlen(name) + n * 10 + 1), *to = text;
        size_t k = 0;

        m = numbered(e, m);
        for (size_t i = MIN(n, (size_t) SNMP_TABLE_DEPTH_MAX); i > 0 && m; i--) {
                numbers[i - 1] = m->number;
                m = numbered(e, m->parent);
        }
        for (; text && *name; name++)
                if (*name == '*' && k < SNMP_TABLE_DEPTH_MAX)
                        to += sprintf(to, "%u", numbers[k++]);
                else
                        *to++ = *name;
        return text;
}

int snmp_member_name(const SnmpEngine *e, const char *name, const Member *m, bool prefixed, char **ret) {
        const Member *chain = prefixed ? snmp_chain_member(e, m) : NULL;
        _cleanup_free_ char *text = NULL;

        if (!chain && !strchr(name, '*')) {
                *ret = (char *) name;
                return 0;
        }
        text = with_numbers(e, name, m);
        if (text && chain) {
                const char *rest = startswith(text, "device.") ?: text;
                char *longer = strprintf("device.%u.%s", chain->number, rest);

                free(text);
                text = longer;
        }
        if (!text)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

/*** Lists ***/

void snmp_member_list_done(MemberList *l) {
        free(l->members);
        free(l->numbers);
        *l = (MemberList){};
}

bool snmp_member_lists_equal(const MemberList *a, const MemberList *b) {
        if (a->n_members != b->n_members)
                return false;
        for (size_t i = 0; i < a->n_members; i++)
                if (a->members[i].number != b->members[i].number ||
                        a->members[i].parent != b->members[i].parent ||
                        !snmp_oid_equal(&a->members[i].instance, &b->members[i].instance))
                        return false;
        return true;
}
