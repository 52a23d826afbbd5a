/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>
#include <vector>

namespace nut {
namespace internal __attribute__((visibility("hidden"))) {

/* The words of a line from that character on, without quotes and \ before characters. */
std::vector<std::string> split(const std::string &line, size_t begin);

/* A word in quotes. */
std::string quote(const std::string &word);

/* The same where it needs them, else the word. */
std::string quoteIfNeeded(const std::string &word);

}
}
