/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Line profiles, and what is said of them side by side. What stands in front of a line of five % is the file
 * family.rows beside the profile. */

#include <stdio.h>
#include <unistd.h>

#include "line-link.h"
#include "line-profile.h"
#include "test-conf-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_selector(const LineProfile *p, const LineSelector *s);

static void check_template(const LineProfile *p, const LineTemplate *t) {
        ASSERT_TRUE(t->n_pieces <= LINE_PIECES_MAX);
        for (size_t i = 0; i < t->n_pieces; i++) {
                const LinePiece *piece = &t->pieces[i];

                ASSERT_TRUE(piece->text || piece->selector.source != LINE_SOURCE_NONE);
                ASSERT_TRUE(piece->selector.source != LINE_SOURCE_TEMPLATE);
                check_selector(p, &piece->selector);
        }
}

static void check_selector(const LineProfile *p, const LineSelector *s) {
        if (s->source == LINE_SOURCE_ANSWER)
                ASSERT_TRUE(s->query < p->n_queries && p->queries[s->query].used);
        if (s->source == LINE_SOURCE_TEMPLATE)
                check_template(p, s->template);
        if (s->source == LINE_SOURCE_VARIABLE || s->source == LINE_SOURCE_OPTION ||
            s->source == LINE_SOURCE_LINK)
                ASSERT_TRUE(s->name);
        ASSERT_TRUE(s->word_last == LINE_END || (s->word > 0) == (s->word_last > 0));
}

static void check_profile(LineProfile *p) {
        for (size_t i = 0; i < p->n_queries; i++) {
                const LineQuery *q = &p->queries[i];

                ASSERT_TRUE(q->send.n_pieces > 0 && q->length_min <= q->length_max);
                ASSERT_TRUE(q->words_min <= q->words_max && q->length_max <= LINE_SIZE_MAX);
                check_template(p, &q->send);
        }
        for (int t = 0; t < _LINE_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++) {
                        const LineRow *row = &p->rows[t][i];

                        ASSERT_TRUE(row->type == (LineRowType) t && row->line > 0 && row->file);
                        ASSERT_TRUE(row->selector.source != LINE_SOURCE_NONE || row->held || row->value);
                        ASSERT_TRUE(row->whens.n_uses <= LINE_WHENS_MAX && row->conversion.divide != 0);
                        check_selector(p, &row->selector);
                        check_template(p, &row->write);
                }
        for (size_t i = 0; i < p->n_commands; i++) {
                ASSERT_TRUE(p->commands[i].n_steps > 0 && p->commands[i].name && p->commands[i].file);
                for (size_t k = 0; k < p->commands[i].n_steps; k++)
                        check_template(p, &p->commands[i].steps[k].send);
        }

        ASSERT_TRUE(p->title && p->version && p->protocols);
        ASSERT_TRUE(p->order < 0 || p->n_rows[LINE_ROW_NEED] > 0);
}

static void test_one(const char *name, const char *data, size_t size) {
        _cleanup_(test_report_done) TestReport report = {};
        LineProfile *p = NULL;
        int r;

        /* What is said is kept here, so that it must not be too much of it. */
        r = line_profile_parse(name, data, size, size < 4096 ? test_report_collect : NULL,
                        &report, &p);
        ASSERT_TRUE(r == 0 || r == -EBADMSG);
        ASSERT_EQ(r == 0, p != NULL);
        if (size < 4096)
                ASSERT_EQ(r < 0, report.n_errors > 0);
        if (p) {
                LineProfile *both[] = { p, p };

                check_profile(p);
                line_profiles_check(&(LineProfiles) { both, 2 }, NULL, NULL);
        }
        line_profile_unref(p);
}

static void test_with_rows(const char *rows, size_t n, const char *data, size_t size) {
        char directory[] = "/tmp/fuzz-XXXXXX", path[sizeof(directory) + 12], name[sizeof(path) + 2];
        FILE *f;

        ASSERT_TRUE(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/family.rows", directory);
        (void) snprintf(name, sizeof(name), "%s/fuzz.profile", directory);
        f = fopen(path, "we");
        ASSERT_TRUE(f && fwrite(rows, 1, n, f) == n && fclose(f) == 0);

        test_one(name, data, size);
        ASSERT_TRUE(unlink(path) >= 0 && rmdir(directory) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char separator[] = "\n%%%%%\n";
        const char *text = (const char *) data, *found = size > 0
                ? memmem(text, size, separator, strlen(separator)) : NULL;

        if (found) {
                size_t n = (size_t) (found - text), skip = n + strlen(separator);

                test_with_rows(text, n + 1, text + skip, size - skip);
        } else
                test_one("fuzz.profile", text, size);
        return 0;
}
