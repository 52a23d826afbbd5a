/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-link.h"

#include <stdio.h>

#include "string-util.h"

static bool is_valid(const SnmpRequest *q) {
        if (q->n == 0 || q->operation < 0 || q->operation >= _SNMP_OPERATION_MAX)
                return false;
        if (q->operation == SNMP_GET_BULK && q->repetitions == 0)
                return false;
        for (size_t i = 0; i < q->n; i++) {
                const SnmpOid *oid = q->operation == SNMP_SET ? &q->values[i].oid : q->oids + i;

                if (oid->n < 2 || oid->n > SNMP_OID_MAX)
                        return false;
                if (q->operation == SNMP_SET && !snmp_value_is_there(q->values + i))
                        return false;
        }
        return true;
}

int snmp_link_request(SnmpLink *link, const SnmpRequest *request, SnmpDone done, void *userdata) {
        if (!is_valid(request))
                return -EINVAL;
        if (request->n > link->size_max)
                return -E2BIG;
        return link->ops->request(link, request, done, userdata);
}

void snmp_link_cancel(SnmpLink *link) {
        link->ops->cancel(link);
}

const char *snmp_link_why(const SnmpLink *link) {
        return link->why;
}

SnmpLink *snmp_link_free(SnmpLink *link) {
        char *peer, *why;

        if (!link)
                return NULL;

        peer = link->peer;
        why = link->why;
        link->ops->free(link);
        free(peer);
        free(why);
        return NULL;
}

const char *snmp_status_text(unsigned status, char buffer[static 16]) {
        static const char *const names[] = {
                "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType",
                "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue",
                "resourceUnavailable", "commitFailed", "undoFailed", "authorizationError", "notWritable",
                "inconsistentName",
        };

        if (status < ELEMENTSOF(names))
                return names[status];
        (void) snprintf(buffer, 16, "status %u", status % 100000);
        return buffer;
}
