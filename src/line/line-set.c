/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "line-engine-internal.h"
#include "value-number.h"
#include "string-util.h"

#define SAME 1e-6

/*** What may be written ***/

bool line_in_ranges(LineEngine *e, const ValueRange *ranges, size_t n, double v) {
        for (size_t i = 0; i < n; i++) {
                double min, max;

                if (line_number(e, &ranges[i].min, &min) && line_number(e, &ranges[i].max, &max) &&
                        v >= min && v <= max)
                        return true;
        }
        return n == 0;
}

static double cut_to_step(const LineRow *row, double v) {
        double step = row->step;

        if (row->step_above > 0 && v >= row->step_from)
                step = row->step_above;
        return step > 0 ? floor(v / step + SAME) * step : v;
}

/* Control characters and line ends would be the device's to make something of. */
static bool is_harmless(const char *s) {
        for (; *s; s++)
                if ((unsigned char) *s < 0x20 || (unsigned char) *s >= 0x7f)
                        return false;
        return true;
}

static int refuse_value(LineEngine *e, const LineRow *row) {
        line_explain_value(e, row->enumerated ? row->conversion.lookup : NULL, row->ranges, row->n_ranges,
                row->length_max);
        return -EINVAL;
}

int line_check_written(LineEngine *e, const LineRow *row, const char *value, char **ret) {
        double v, cut;
        bool number = row->n_ranges > 0 || row->step > 0 || row->step_above > 0 || row->length_max == 0;
        char *text;

        if (!is_harmless(value))
                return -EINVAL;
        if (row->enumerated && row->conversion.lookup) {
                const ValueLookupEntry *entry = value_lookup_entry(row->conversion.lookup, value);

                if (!entry)
                        return refuse_value(e, row);
                text = strdup(entry->text);
        } else if (!number) {
                if (strlen(value) > row->length_max)
                        return refuse_value(e, row);
                text = strdup(value);
        } else {
                if (!value_number_parse(value, 10, &v) || !line_in_ranges(e, row->ranges, row->n_ranges, v))
                        return refuse_value(e, row);
                cut = cut_to_step(row, v);
                text = cut != v ? value_number_text(NULL, cut) : strdup(value);
        }
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/*** What the driver keeps ***/

/* A held text may be one that no number is, "disabled" say: then it is only measured. */
static int check_held(LineEngine *e, const LineRow *row, const char *value, char **ret) {
        double first;

        if (row->length_max == 0 && row->n_ranges == 0 && row->held &&
                !value_number_parse(row->held, 10, &first)) {
                if (!is_harmless(value))
                        return -EINVAL;
                *ret = strdup(value);
                return *ret ? 0 : -ENOMEM;
        }
        return line_check_written(e, row, value, ret);
}

const char *line_held(LineEngine *e, Slot *s, const LineRow *row) {
        const char *given = row->option ? line_option(e, row->option) : NULL;
        int r;

        if (s->held)
                return s->held;
        if (!isempty(given)) {
                line_explain(e, NULL);
                r = check_held(e, row, given, &s->held);
                if (r >= 0)
                        return s->held;
                if (!e->probing)
                        line_log(e, LOG_WARNING, 0, "%s cannot be %s; it is %s%s%s%s", s->name, given,
                                row->held, e->why ? " (" : "", strempty(e->why), e->why ? ")" : "");
        }
        s->held = strdup(row->held);
        return s->held;
}

/*** Writing ***/

static int write_row(LineEngine *e, const LineRow *row, const char *value) {
        const LineContext c = {.e = e, .argument = value};
        _cleanup_free_ char *text = NULL;
        LineOrder order = {
                .accepted = e->profile->format.accepted,
                .silence_is_done = e->profile->format.silence_is_done,
        };
        int r;

        r = line_render(&c, &row->write, &text, &order.n);
        if (r <= 0)
                return r < 0 ? r : -EINVAL;
        order.text = (const uint8_t *) text;
        return line_send(e, &order);
}

static int ask_quietly(LineEngine *e, Question *q) {
        int r;

        if (!line_question_counts(e, q))
                return 0;
        r = line_ask(e, q);
        return r == -ENODEV || r == -EINTR || r == -ENOMEM ? r : 0;
}

static int read_back(LineEngine *e, const Slot *s) {
        for (size_t i = 0; i < s->n_rows; i++) {
                int r = line_selector_each_query(e, &s->rows[i]->selector, ask_quietly);

                if (r < 0)
                        return r;
        }
        return line_refresh(e);
}

static bool is_same(const char *a, const char *b) {
        double x, y;

        return strcaseeq(a, b) ||
               (value_number_parse(a, 10, &x) && value_number_parse(b, 10, &y) && fabs(x - y) < SAME);
}

static bool has_value(const Slot *s, const char *value) {
        return !s->value || is_same(s->value, value);
}

/* A device may need a moment until it says what it was told. */
#define MOMENT_USEC (500 * UINT64_C(1000))

static int write_slot(LineEngine *e, Slot *s, const char *value) {
        _cleanup_free_ char *written = NULL;
        int r;

        r = line_check_written(e, s->chosen, value, &written);
        if (r < 0)
                return r;
        r = write_row(e, s->chosen, written);
        if (r < 0)
                return r;
        e->written = true;

        r = read_back(e, s);
        if (r >= 0 && !has_value(s, written)) {
                r = line_pause(e, MOMENT_USEC);
                if (r >= 0)
                        r = read_back(e, s);
        }
        if (r < 0)
                return r;
        if (has_value(s, written))
                return 0;
        line_explain(e, strprintf("it was set to %s, but the device has %s", written, s->value));
        line_log(e, LOG_WARNING, 0, "%s was set to %s, but the device has %s", s->name, written, s->value);
        return -EREMOTEIO;
}

static int set_held(LineEngine *e, Slot *s, const char *value) {
        _cleanup_free_ char *text = NULL;
        int r = check_held(e, s->chosen, value, &text);

        if (r < 0)
                return r;
        free(s->held);
        s->held = TAKE_PTR(text);
        return 0;
}

int line_engine_set(LineEngine *e, const char *variable, const char *value, Update *u) {
        Slot *s = line_find_slot(e, variable);
        int r, written;

        line_explain(e, NULL);
        if (!s || !s->chosen || !s->chosen->writable || s->chosen->hidden)
                return -EOPNOTSUPP;
        written = s->chosen->held ? set_held(e, s, value) : write_slot(e, s, value);
        if (written < 0 && written != -EREMOTEIO)
                return written;

        r = line_read_written(e);
        if (r >= 0)
                r = line_refresh(e);
        if (r >= 0)
                r = line_publish(e, u);
        return r < 0 ? r : written;
}

/* The option that is given for a row that is written, or NULL. */
static const char *option_of(const LineEngine *e, const LineRow *row, const char **ret_value) {
        const char *value = row && row->option && !row->held ? line_option(e, row->option) : NULL;

        *ret_value = value;
        return isempty(value) ? NULL : row->option;
}

static int write_option(LineEngine *e, Slot *s, const char *option, const char *value) {
        int r;

        line_explain(e, NULL);
        r = s->chosen->has_write ? write_slot(e, s, value) : -EOPNOTSUPP;
        if (r >= 0 || r == -ENODEV || r == -EINTR || r == -ENOMEM)
                return r;
        line_log(e, LOG_WARNING, r, "cannot set %s to %s: %s", option, value, e->why ?: strerror(-r));
        return 0;
}

/* Whether a variable that the option is for is there. */
static bool is_had(const LineEngine *e, const char *option) {
        for (size_t i = 0; i < e->n_slots; i++)
                if (e->slots[i].chosen && streq_ptr(e->slots[i].chosen->option, option))
                        return true;
        return false;
}

/* What is to be written, and the device does not have. */
static void tell_missing(LineEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++) {
                const Slot *s = &e->slots[i];
                const char *value, *option = s->n_rows > 0 ? option_of(e, s->rows[0], &value) : NULL;

                if (option && !s->chosen && !is_had(e, option))
                        line_log(e, LOG_WARNING, 0, "%s is not set: the device does not have it", option);
        }
}

int line_write_options(LineEngine *e) {
        tell_missing(e);
        for (size_t i = 0; i < e->n_slots; i++) {
                Slot *s = &e->slots[i];
                const char *value, *option = option_of(e, s->chosen, &value);
                int r;

                if (!option || (s->value && is_same(s->value, value)))
                        continue;
                r = write_option(e, s, option, value);
                if (r < 0)
                        return r;
        }
        return 0;
}
