/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-net.h"
#include "test-util.h"
#include "time-util.h"

/* Asks by a link, and waits for the result. */

typedef struct Result {
        bool is_there;
        unsigned n;      /* how often it came */
        int r;
        unsigned status;
        size_t index;
        size_t n_values;
        SnmpValue values[8];
        char *why;
} Result;

static inline void result_done(Result *result) {
        for (size_t i = 0; i < ELEMENTSOF(result->values); i++)
                snmp_value_done(result->values + i);
        free(result->why);
        *result = (Result) {};
}

static inline void on_result(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        Result *result = userdata;

        ASSERT_EQ(r < 0, !reply);
        result->is_there = true;
        result->n++;
        result->r = r;
        result->why = snmp_link_why(link) ? strdup(snmp_link_why(link)) : NULL;
        if (!reply)
                return;
        result->status = reply->status;
        result->index = reply->index;
        result->n_values = reply->n_values;
        for (size_t i = 0; i < MIN(reply->n_values, ELEMENTSOF(result->values)); i++)
                ASSERT_OK(snmp_value_copy(reply->values + i, result->values + i));
}

static inline void start(SnmpLink *link, SnmpOperation operation, const char *text, Result *result) {
        _cleanup_(snmp_oid_done) SnmpOid oid = {};

        ASSERT_OK(snmp_oid_parse(text, &oid));
        ASSERT_OK(snmp_link_request(link,
                &(SnmpRequest){.operation = operation, .oids = &oid, .n = 1, .repetitions = 4}, on_result,
                result));
        ASSERT_FALSE(result->is_there);
}

static inline void wait_result(sd_event *event, const Result *result) {
        while (!result->is_there)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
}

static inline Result ask(sd_event *event, SnmpLink *link, SnmpOperation operation, const char *oid) {
        Result result = {};

        start(link, operation, oid, &result);
        wait_result(event, &result);
        return result;
}

static inline Result set_value(sd_event *event, SnmpLink *link, const char *text, const SnmpValue *v) {
        Result result = {};
        SnmpValue value = *v;

        ASSERT_OK(snmp_oid_parse(text, &value.oid));
        ASSERT_OK(snmp_link_request(
                link, &(SnmpRequest){.operation = SNMP_SET, .values = &value, .n = 1}, on_result, &result));
        snmp_oid_done(&value.oid);
        wait_result(event, &result);
        return result;
}

static inline SnmpLink *open_link(
        SnmpNet *net, unsigned port, const SnmpCredentials *c, uint64_t timeout_usec, unsigned retries) {
        char peer[64];
        _cleanup_free_ char *why = NULL;
        SnmpLink *link;

        (void) snprintf(peer, sizeof(peer), "127.0.0.1:%u", port);
        if (snmp_net_open(net, peer, c, &(SnmpNetOptions) { timeout_usec, retries }, &link, &why) < 0)
                TEST_FAIL("%s", strempty(why));
        return link;
}
