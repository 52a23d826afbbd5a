/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an object may be, by the words of its name. A guess that does not fit its value is none. */

#include <ctype.h>
#include <math.h>

#include "names.h"
#include "snmp-draft-internal.h"
#include "string-util.h"

char *draft_words(const char *name) {
        size_t n = strlen(name), k = 0;
        char *s = malloc(2 * n + 3);

        if (!s)
                return NULL;
        s[k++] = ' ';
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char) name[i];
                bool upper = isupper(c) && i > 0 && (!isupper((unsigned char) name[i - 1]) ||
                                                     islower((unsigned char) name[i + 1]));

                if ((!isalpha(c) || upper) && s[k - 1] != ' ')
                        s[k++] = ' ';
                if (isalpha(c))
                        s[k++] = (char) tolower(c);
        }
        if (s[k - 1] != ' ')
                s[k++] = ' ';
        s[k] = '\0';
        return s;
}

bool draft_has_word(const char *words, const char *start) {
        for (const char *s = words; (s = strstr(s, start)); s++)
                if (s > words && s[-1] == ' ')
                        return true;
        return false;
}

/* A number that a variable can plausibly be, for the scale; NaN on both sides for texts. */
typedef struct Guess {
        const char *words; /* all of them have to be in the name of the object, or of its table */
        const char *variable;
        double min, max;
} Guess;

#define TEXT NAN, NAN

/* The first that fits is it. */
static const Guess general[] = {
        { "battery minutes", "battery.runtime", 0, 10000 },
        { "battery runtime", "battery.runtime", 0, 1000000 },
        { "battery run time", "battery.runtime", 0, 1000000 },
        { "battery time remaining", "battery.runtime", 0, 1000000 },
        { "battery charge", "battery.charge", 0, 100 },
        { "battery capacity", "battery.charge", 0, 100 },
        { "battery voltage", "battery.voltage", 5, 600 },
        { "battery current", "battery.current", -1000, 1000 },
        { "battery temp", "battery.temperature", -20, 80 },
        { "output frequency", "output.frequency", 40, 70 },
        { "output voltage", "output.voltage", 80, 500 },
        { "output current", "output.current", 0, 1000 },
        { "output load", "ups.load", 0, 150 },
        { "output percent", "ups.load", 0, 150 },
        { "bypass frequency", "input.bypass.frequency", 40, 70 },
        { "bypass voltage", "input.bypass.voltage", 80, 500 },
        { "input frequency", "input.frequency", 40, 70 },
        { "input voltage", "input.voltage", 80, 500 },
        { "input current", "input.current", 0, 1000 },
        { "manufacturer", "ups.mfr", TEXT },
        { "vendor", "ups.mfr", TEXT },
        { "model", "ups.model", TEXT },
        { "serial", "ups.serial", TEXT },
        { "firmware", "ups.firmware", TEXT },
        { "software version", "ups.firmware", TEXT },
        { "ambient temp", "ambient.temperature", -40, 100 },
        { "env temp", "ambient.temperature", -40, 100 },
        { "humid", "ambient.humidity", 0, 100 },
        { "temperature", "ups.temperature", -20, 100 },
};

static const Guess outlets[] = {
        { "name", "outlet.*.name", TEXT },
        { "label", "outlet.*.name", TEXT },
        { "status", "outlet.*.status", TEXT },
        { "state", "outlet.*.status", TEXT },
        { "voltage", "outlet.*.voltage", 80, 500 },
        { "current", "outlet.*.current", 0, 100 },
        { "power factor", "outlet.*.powerfactor", 0, 1 },
        { "watt", "outlet.*.realpower", 0, 50000 },
        { "active power", "outlet.*.realpower", 0, 50000 },
        { "apparent power", "outlet.*.power", 0, 50000 },
        { "power", "outlet.*.realpower", 0, 50000 },
};

static const Guess groups[] = {
        { "name", "outlet.group.*.name", TEXT },
        { "current", "outlet.group.*.current", 0, 1000 },
        { "voltage", "outlet.group.*.voltage", 80, 500 },
        { "power", "outlet.group.*.realpower", 0, 100000 },
};

static const Guess sensors[] = {
        { "name", "ambient.*.name", TEXT },
        { "temp", "ambient.*.temperature", -40, 100 },
        { "humid", "ambient.*.humidity", 0, 100 },
};

/* Of an L, M, N: what stands before the last number of a name. */
static const Guess phases[] = {
        { "output voltage", "output.L*.voltage", 80, 500 },
        { "output current", "output.L*.current", 0, 1000 },
        { "output percent", "output.L*.power.percent", 0, 150 },
        { "output load", "output.L*.power.percent", 0, 150 },
        { "bypass voltage", "input.bypass.L*.voltage", 80, 500 },
        { "bypass current", "input.bypass.L*.current", 0, 1000 },
        { "input voltage", "input.L*.voltage", 80, 500 },
        { "input current", "input.L*.current", 0, 1000 },
        { "phase voltage", "input.L*.voltage", 80, 500 },
        { "phase current", "input.L*.current", 0, 1000 },
};

/* What is about a value, and not the value. */
static bool is_aside(const char *words) {
        static const char *const others[] = {
                "low", "high", "min ", "minimum", "max", "threshold", "limit", "alarm", "warn", "config",
                "nominal", "rated",
                "rating", "test", "count", "num", "index", "delay", "date", "trap", "lost", "bad", "control",
                "command", "hysteresis", "critical", "units ", "event", "log ", "reset", "type", "support",
                "exist",
                "fault", "over", "fail"
        };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (draft_has_word(words, others[i]))
                        return true;
        return false;
}

static bool fits_words(const char *words, const char *wanted) {
        while (*wanted) {
                char word[32];
                size_t n = strcspn(wanted, " ");

                (void) snprintf(word, sizeof(word), "%.*s", (int) n, wanted);
                if (!draft_has_word(words, word))
                        return false;
                wanted += n + (wanted[n] == ' ');
        }
        return true;
}

/* "0.1 Volt DC", "minutes". */
static double scale_of_units(const SnmpMibObject *mib, const char *words, const SnmpValue *v) {
        const char *units = mib ? strempty(mib->units) : "";
        char *end;
        double scale = strtod(units, &end);

        if (end == units || !isfinite(scale) || scale <= 0)
                scale = v->type == SNMP_TYPE_TICKS ? 0.01 : NAN;
        if (draft_has_word(words, "minutes") || strcaseeq(units, "minutes"))
                scale = 60;
        return scale;
}

static bool fits_value(Draft *d, DraftColumn *c, const char *words, const Guess *g) {
        static const double scales[] = { 1, 0.1, 0.01, 0.001 };
        const SnmpValue *v = &d->walk->values[c->first];
        double number, scale;

        if (isnan(g->min))
                return v->type == SNMP_TYPE_STRING || (v->type == SNMP_TYPE_INTEGER && c->mib &&
                                c->mib->words);
        if (!snmp_value_number(v, &number) || (c->mib && c->mib->words))
                return false;

        scale = scale_of_units(c->mib, words, v);
        if (!isnan(scale)) {
                c->scale = scale;
                return true;
        }
        for (size_t i = 0; i < ELEMENTSOF(scales); i++)
                if (number * scales[i] >= g->min && number * scales[i] <= g->max) {
                        c->scale = scales[i];
                        return true;
                }
        return false;
}

static bool is_given(const Draft *d, const char *variable) {
        for (size_t i = 0; i < d->n_columns; i++)
                if (d->columns[i].variable && streq(d->columns[i].variable, variable))
                        return true;
        return false;
}

static bool is_known(const char *variable) {
        char name[128];

        (void) snprintf(name, sizeof(name), "%s", variable);
        for (char *s = name; *s; s++)
                if (*s == '*')
                        *s = '1';
        return variable_name_find(name) != NULL;
}

static int guess_from(Draft *d, DraftColumn *c, const char *words, const Guess *guesses, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (!fits_words(words, guesses[i].words))
                        continue;
                if (!is_known(guesses[i].variable) || is_given(d, guesses[i].variable) ||
                    !fits_value(d, c, words, &guesses[i]))
                        continue;
                c->variable = strdup(guesses[i].variable);
                return c->variable ? 0 : -ENOMEM;
        }
        return 0;
}

static int guess_column(Draft *d, DraftColumn *c) {
        DraftTable *t = c->table != DRAFT_NO_TABLE ? &d->tables[c->table] : NULL;
        _cleanup_free_ char *own = draft_words(c->name), *above = draft_words(t ? t->name : ""), *words =
                        NULL;
        DraftKind kind = t ? t->kind : DRAFT_OTHER;
        int r;

        words = own && above ? strjoin(own, above) : NULL;
        if (!words)
                return -ENOMEM;
        if (is_aside(own))
                return 0;

        switch (kind) {
        case DRAFT_OUTLETS:
                r = guess_from(d, c, own, outlets, ELEMENTSOF(outlets));
                break;
        case DRAFT_GROUPS:
                r = guess_from(d, c, own, groups, ELEMENTSOF(groups));
                break;
        case DRAFT_SENSORS:
                r = guess_from(d, c, own, sensors, ELEMENTSOF(sensors));
                break;
        case DRAFT_PHASES:
                r = d->columns[t->index].n_values > 1 ? guess_from(d, c, words, phases, ELEMENTSOF(phases))
                        : guess_from(d, c, words, general, ELEMENTSOF(general));
                break;
        default:
                /* Of one member it is known which. */
                r = !t || c->n_values == 1 ? guess_from(d, c, words, general, ELEMENTSOF(general)) : 0;
        }

        if (c->variable && t && strchr(c->variable, '*'))
                t->used = true;
        return r;
}

int draft_guess(Draft *d) {
        int r = 0;

        for (size_t i = 0; i < d->n_columns && r >= 0; i++)
                r = guess_column(d, &d->columns[i]);
        return r;
}
