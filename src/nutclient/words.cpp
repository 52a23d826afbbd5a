/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "words.h"

namespace nut {
namespace internal {

/* Takes a word that begins at *at, up to one of the characters in ends, and leaves *at on that. */
static std::string take(const std::string &line, size_t *at, const char *ends) {
        const std::string end = ends;
        std::string word;

        for (; *at < line.size() && end.find(line[*at]) == std::string::npos; ++*at) {
                if (line[*at] == '\\' && *at + 1 < line.size())
                        ++*at;
                word += line[*at];
        }
        return word;
}

std::vector<std::string> split(const std::string &line, size_t begin) {
        std::vector<std::string> words;

        for (size_t at = begin; at < line.size();) {
                if (line[at] == ' ')
                        at++;
                else if (line[at] == '"') {
                        at++;
                        words.push_back(take(line, &at, "\""));
                        at++;
                } else
                        words.push_back(take(line, &at, " \""));
        }
        return words;
}

std::string quote(const std::string &word) {
        std::string quoted = "\"";

        for (char c : word) {
                if (c == '"' || c == '\\')
                        quoted += '\\';
                quoted += c;
        }
        return quoted + "\"";
}

std::string quoteIfNeeded(const std::string &word) {
        return word.empty() || word.find_first_of(" \t\"\\#=") != std::string::npos ? quote(word) : word;
}

}
}
