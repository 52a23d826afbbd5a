/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names as clients ask for them: one on each line. */

#include "model.h"
#include "names.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const Name *(*find)(const char *name), const char *name) {
        _cleanup_free_ char *prefixed = NULL;
        const Name *row = find(name);

        if (!row)
                return;

        ASSERT_FALSE(isempty(row->pattern));
        ASSERT_FALSE(isempty(row->description));
        ASSERT_TRUE(strlen(name) <= VARIABLE_NAME_MAX);

        /* What is behind a relay is called the same. */
        prefixed = strjoin("upstream.", name);
        ASSERT_TRUE(prefixed);
        if (strlen(prefixed) <= VARIABLE_NAME_MAX && !startswith_nocase(name, "upstream."))
                ASSERT_TRUE(find(prefixed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_strv_free_ char **names = NULL;
        _cleanup_free_ char *text = strndup((const char *) data, size);

        ASSERT_TRUE(text);
        ASSERT_OK(strv_split(text, "\n", &names));

        STRV_FOREACH(name, names) {
                check_row(variable_name_find, *name);
                check_row(command_name_find, *name);
        }

        return 0;
}
