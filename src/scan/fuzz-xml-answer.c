/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml-answer.h"

#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes is told from what is none, and what is taken lies in what came. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        XmlAnswer a;

        if (xml_answer_parse((const char *) data, size, &a) < 0)
                return 0;
        ASSERT_TRUE(a.type);
        ASSERT_TRUE(strlen(a.type) < size);
        xml_answer_done(&a);
        return 0;
}
