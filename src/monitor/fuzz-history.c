/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the monitor keeps in files: as history, and as policy. What was read and written is read as the
 * same. */

#include "history.h"
#include "memory.h"
#include "policy.h"
#include "test-util.h"

static void check_memory(const Conf *c) {
        _cleanup_(memory_freep) Memory *t = NULL, *again = NULL;
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        _cleanup_(conf_freep) Conf *written = NULL;

        ASSERT_OK(memory_from_lines(c, "boot", &t));
        ASSERT_TRUE(t->n_entries <= MEMORY_ENTRIES_MAX);
        ASSERT_OK(memory_format(t, "boot", &text));
        ASSERT_OK(conf_parse("again", text, strlen(text), NULL, NULL, &written));
        ASSERT_OK(memory_from_lines(written, "boot", &again));
        ASSERT_EQ(again->n_entries, t->n_entries);
        ASSERT_OK(memory_format(again, "boot", &text_again));
        ASSERT_STREQ(text_again, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_history(const Conf *c) {
        _cleanup_(history_freep) History *h = NULL, *again = NULL;
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        _cleanup_(conf_freep) Conf *written = NULL;

        ASSERT_OK(history_from_lines(c, NULL, NULL, &h));
        ASSERT_TRUE(h->n_shutdowns <= HISTORY_SHUTDOWNS_MAX);
        ASSERT_OK(history_format(h, &text));
        ASSERT_OK(conf_parse("again", text, strlen(text), NULL, NULL, &written));
        ASSERT_OK(history_from_lines(written, NULL, NULL, &again));
        ASSERT_EQ(again->n_shutdowns, h->n_shutdowns);
        ASSERT_OK(history_format(again, &text_again));
        ASSERT_STREQ(text_again, text);
        ASSERT_TRUE(history_stop_usec(again) == history_stop_usec(h));
}

static void check_policy(const Conf *c) {
        _cleanup_(policy_table_freep) PolicyTable *t = NULL, *again = NULL;
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        _cleanup_(conf_freep) Conf *written = NULL;

        ASSERT_OK(policy_table_from_lines(c, NULL, NULL, &t));
        ASSERT_TRUE(t->n_entries <= POLICY_ENTRIES_MAX);
        ASSERT_OK(policy_table_format(t, &text));
        ASSERT_OK(conf_parse("again", text, strlen(text), NULL, NULL, &written));
        ASSERT_OK(policy_table_from_lines(written, NULL, NULL, &again));
        ASSERT_EQ(again->n_entries, t->n_entries);
        ASSERT_OK(policy_table_format(again, &text_again));
        ASSERT_STREQ(text_again, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(conf_freep) Conf *c = NULL;

        if (conf_parse("fuzz", (const char *) data, size, NULL, NULL, &c) < 0)
                return 0;
        check_history(c);
        check_policy(c);
        check_memory(c);
        return 0;
}
