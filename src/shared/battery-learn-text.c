/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "battery-learn.h"
#include "parse-util.h"
#include "string-util.h"

/* Lines of words. The last line is a check sum of those before, since the text may be cut off by a crash.
 *
 *     busbar-battery 1
 *     date 2024/05/01
 *     state READ_SEC ON_BATTERY LOAD VOLTAGE VOLTAGE_LOW KNOWN MISSING REST COUNTS N_LOW BEGIN STEP TOTAL
 *     discharge ENDED TO_LOW LOAD_KNOWN DEPTH
 *     load I SECONDS PERCENT_SECONDS       of the discharge above
 *     sample WORK VOLTAGE LOAD             likewise
 *     current ...                          as discharge
 *     end CHECK
 */

#define HEADER "busbar-battery 1"
#define NUMBER_MAX 1e15

static uint32_t check_sum(const char *s, size_t n) {
        uint32_t h = 2166136261U;

        for (size_t i = 0; i < n; i++)
                h = (h ^ (uint8_t) s[i]) * 16777619U;
        return h;
}

static void print_discharge(FILE *f, const char *word, const BatteryDischarge *d) {
        fprintf(f, "%s %" PRIi64 " %d %d %.4g\n", word, d->ended_sec, d->to_low, d->load_known, d->depth);
        for (unsigned i = 0; i < BATTERY_LOADS_MAX; i++)
                if (d->loads[i].seconds > 0)
                        fprintf(f, "load %u %.9g %.9g\n", i, d->loads[i].seconds,
                                        d->loads[i].percent_seconds);
        for (unsigned i = 0; i < d->n_samples; i++)
                fprintf(f, "sample %.9g %.6g %.6g\n", d->samples[i].work, d->samples[i].voltage,
                                d->samples[i].load_percent);
}

int battery_learn_format(const BatteryLearn *l, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        char *whole;
        FILE *f;

        f = open_memstream(&text, &n);
        if (!f)
                return -ENOMEM;
        fprintf(f, "%s\n", HEADER);
        if (!isempty(l->date))
                fprintf(f, "date %s\n", l->date);
        fprintf(f, "state %" PRIi64 " %d %.6g %.6g %.6g %d %.9g %.9g %d %u %.6g %.9g %u\n", l->read_sec,
                        l->on_battery, l->load_percent, l->voltage, l->voltage_low, l->known, l->missing,
                        l->rest_sec, l->counts, l->n_low, l->begin_voltage, l->sample_step, l->n_total);
        for (unsigned i = 0; i < l->n_discharges; i++)
                print_discharge(f, "discharge", l->discharges + i);
        if (l->on_battery)
                print_discharge(f, "current", &l->current);
        if (fclose(f) != 0)
                return -ENOMEM;

        whole = strprintf("%send %08x\n", text, check_sum(text, n));
        if (!whole)
                return -ENOMEM;
        *ret = whole;
        return 0;
}

typedef struct Parser {
        BatteryLearn *l;
        BatteryDischarge *discharge; /* the one that lines are of */
        bool has_state, has_current;
} Parser;

/* Numbers of a line. "nan" is one only where nan says so, a word of bits. */
static bool parse_numbers(char *const *words, double *numbers, size_t n, unsigned nan) {
        if (strv_length(words) != n + 1)
                return false;
        for (size_t i = 0; i < n; i++) {
                if ((streq(words[i + 1], "nan") || streq(words[i + 1], "-nan")) && (nan & (1U << i)))
                        numbers[i] = NAN;
                else if (parse_double(words[i + 1], numbers + i) < 0 || numbers[i] < 0 ||
                         numbers[i] > NUMBER_MAX)
                        return false;
        }
        return true;
}

static bool is_flag(double v) {
        return v == 0 || v == 1;
}

static bool parse_state(Parser *p, char *const *words) {
        BatteryLearn *l = p->l;
        double v[13];

        if (p->has_state || !parse_numbers(words, v, ELEMENTSOF(v), 1 << 2 | 1 << 3 | 1 << 4 | 1 << 10))
                return false;
        if (!is_flag(v[1]) || !is_flag(v[5]) || !is_flag(v[8]) || v[9] > 2 || v[12] > 1e6)
                return false;

        l->read_sec = (int64_t) v[0];
        l->on_battery = v[1] > 0;
        l->load_percent = v[2];
        l->voltage = v[3];
        l->voltage_low = v[4];
        l->known = v[5] > 0;
        l->missing = v[6];
        l->rest_sec = v[7];
        l->counts = v[8] > 0;
        l->n_low = (unsigned) v[9];
        l->begin_voltage = v[10];
        l->sample_step = v[11];
        l->n_total = (unsigned) v[12];
        return p->has_state = true;
}

static bool parse_discharge(Parser *p, char *const *words) {
        bool current = streq(words[0], "current");
        double v[4];

        if (p->has_current || (!current && p->l->n_discharges == BATTERY_DISCHARGES_MAX))
                return false;
        if (!parse_numbers(words, v, ELEMENTSOF(v), 1 << 3) || !is_flag(v[1]) || !is_flag(v[2]) || v[3] > 1)
                return false;

        p->has_current = current;
        p->discharge = current ? &p->l->current : p->l->discharges + p->l->n_discharges++;
        *p->discharge = (BatteryDischarge) {
                .ended_sec = (int64_t) v[0], .to_low = v[1] > 0, .load_known = v[2] > 0, .depth = v[3],
        };
        return true;
}

static bool parse_load(Parser *p, char *const *words) {
        double v[3];

        if (!p->discharge || !parse_numbers(words, v, ELEMENTSOF(v), 0))
                return false;
        if (v[0] >= BATTERY_LOADS_MAX || v[0] != floor(v[0]) || v[1] <= 0 || v[2] > 200.1 * v[1])
                return false;

        p->discharge->loads[(unsigned) v[0]].seconds = v[1];
        p->discharge->loads[(unsigned) v[0]].percent_seconds = v[2];
        return true;
}

static bool parse_sample(Parser *p, char *const *words) {
        BatteryDischarge *d = p->discharge;
        double v[3];

        if (!d || d->n_samples == BATTERY_SAMPLES_MAX || !parse_numbers(words, v, ELEMENTSOF(v), 0))
                return false;

        d->samples[d->n_samples].work = v[0];
        d->samples[d->n_samples].voltage = v[1];
        d->samples[d->n_samples].load_percent = v[2];
        d->n_samples++;
        return true;
}

static bool parse_line(Parser *p, const char *line) {
        _cleanup_strv_free_ char **words = NULL;

        if (startswith(line, "date ")) {
                int n = snprintf(p->l->date, sizeof(p->l->date), "%s", line + strlen("date "));

                return n > 0 && n < (int) sizeof(p->l->date);
        }
        if (strv_split(line, " ", &words) < 0 || strv_length(words) == 0)
                return false;
        if (streq(words[0], "state"))
                return parse_state(p, words);
        if (streq(words[0], "discharge") || streq(words[0], "current"))
                return parse_discharge(p, words);
        if (streq(words[0], "load"))
                return parse_load(p, words);
        return streq(words[0], "sample") && parse_sample(p, words);
}

/* A discharge without a load is none. */
static bool is_sound(const BatteryLearn *l) {
        for (unsigned i = 0; i < l->n_discharges; i++)
                if (!(battery_discharge_seconds(l->discharges + i) > 0) || l->discharges[i].ended_sec <= 0)
                        return false;
        return l->n_total >= l->n_discharges;
}

int battery_learn_parse(const char *text, BatteryLearn *ret) {
        _cleanup_strv_free_ char **lines = NULL;
        _cleanup_free_ char *last = NULL;
        const char *end = strstr(text, "\nend ");
        BatteryLearn l;
        Parser p = { .l = &l };

        if (!startswith(text, HEADER "\n") || !end || strlen(text) > BATTERY_LEARN_TEXT_MAX)
                return -EBADMSG;
        end++;
        last = strprintf("end %08x\n", check_sum(text, (size_t) (end - text)));
        if (!last)
                return -ENOMEM;
        if (!streq(end, last))
                return -EBADMSG;

        battery_learn_init(&l);
        if (strv_split(text, "\n", &lines) < 0)
                return -ENOMEM;
        for (size_t i = 1; i + 1 < strv_length(lines); i++)
                if (!parse_line(&p, lines[i]))
                        return -EBADMSG;
        if (!p.has_state || !is_sound(&l))
                return -EBADMSG;

        *ret = l;
        return 0;
}
