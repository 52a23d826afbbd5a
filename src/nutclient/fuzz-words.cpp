/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cstdint>
#include <cstdlib>

#include "words.h"

using nut::internal::quote;
using nut::internal::quoteIfNeeded;
using nut::internal::split;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The words of any line are those of a line that is made of them anew. */
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const std::string line(reinterpret_cast<const char *>(data), size);
        const std::vector<std::string> words = split(line, 0);
        std::string again;

        for (const std::string &word : words)
                again += (again.size() % 2 ? quote(word) : quoteIfNeeded(word)) + " ";
        if (split(again, 0) != words)
                abort();
        return 0;
}
