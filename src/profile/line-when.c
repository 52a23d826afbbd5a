/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sections [when:NAME], and what uses them. */

#include "line-profile-internal.h"
#include "string-util.h"

#define FACTS_MAX 256U

static void fact_done(LineFact *f) {
        free(f->name);
        free(f->other);
        line_selector_done(&f->selector);
        value_conversion_done(&f->conversion);
        value_test_done(&f->test);
        profile_pattern_done(&f->pattern);
        *f = (LineFact) {};
}

void line_when_done(LineWhen *when) {
        for (size_t i = 0; i < when->n_facts; i++)
                fact_done(&when->facts[i]);
        free(when->facts);
        free(when->name);
        *when = (LineWhen) {};
}

int line_loader_when(Loader *l, const ConfLine *line, const char *s, LineWhens *whens) {
        LineProfile *p = line_loader_profile(l);
        bool negate = s[0] == '!';
        size_t i;
        int r;

        r = loader_find(l, line, "condition", s + negate, p->whens, p->n_whens, sizeof(LineWhen), &i);
        if (r <= 0)
                return r;
        p->whens[i].used = true;

        for (size_t k = 0; k < whens->n_uses; k++)
                if (whens->uses[k].when == &p->whens[i])
                        return loader_error(l, line, "The condition %s stands here twice", s + negate);
        if (whens->n_uses >= LINE_WHENS_MAX)
                return loader_error(l, line, "There are at most %u conditions in one place", LINE_WHENS_MAX);

        whens->uses[whens->n_uses++] = (LineWhenUse) { .when = &p->whens[i], .negate = negate };
        return 1;
}

static int set_name(char **field, const char *s) {
        *field = strdup(s);
        return *field ? 1 : -ENOMEM;
}

static int read_option(Loader *l, const ConfLine *line, LineFact *f) {
        return set_name(&f->name, line->words[2]);
}

static int read_variable(Loader *l, const ConfLine *line, LineFact *f) {
        int r;

        if (line->n_words > 4)
                return loader_error(l, line, "variable wants a name, and perhaps values as 1,2 or a range");
        r = line_loader_refer(l, line, line->words[2]);
        if (r <= 0)
                return r;
        r = set_name(&f->name, line->words[2]);
        if (r < 0 || line->n_words < 4)
                return r;

        f->has_test = true;
        if (profile_range_parse(line->words[3], &f->test.min, &f->test.max) >= 0) {
                f->test.has_range = true;
                return 1;
        }
        return loader_value_list(l, line, line->words[3], &f->test);
}

static int read_value(Loader *l, const ConfLine *line, LineFact *f) {
        const ValueTarget target = {
                .conversion = &f->conversion,
                .test = &f->test,
                .has_test = &f->has_test,
        };
        int r;

        value_conversion_init(&f->conversion);
        r = line_loader_selector(l, line, line->words[2], LINE_ALLOW_TEMPLATE, &f->selector);
        return r <= 0 ? r : loader_value_attributes(l, line, 3, &target);
}

static int read_answered(Loader *l, const ConfLine *line, LineFact *f) {
        return line_loader_query(l, line, line->words[2], &f->query);
}

static int read_ratio(Loader *l, const ConfLine *line, LineFact *f) {
        int r;

        if (line->n_words != 5)
                return loader_error(
                        l, line, "ratio wants two variables and a range: ratio = NAME NAME 0.9..1.1");

        r = line_loader_refer(l, line, line->words[2]);
        if (r > 0)
                r = line_loader_refer(l, line, line->words[3]);
        if (r > 0)
                r = loader_range(l, line, "ratio", line->words[4], &f->min, &f->max);
        if (r > 0)
                r = set_name(&f->name, line->words[2]);
        return r > 0 ? set_name(&f->other, line->words[3]) : r;
}

static int read_usb(Loader *l, const ConfLine *line, LineFact *f) {
        return loader_usb(l, line, line->words[2], &f->usb);
}

static int read_pattern(Loader *l, const ConfLine *line, LineFact *f) {
        return loader_pattern(l, line, line->words[2], &f->pattern);
}

static int read_others(Loader *l, const ConfLine *line, LineFact *f) {
        for (size_t i = 2; i < line->n_words; i++) {
                int r = line_loader_when(l, line, line->words[i], &f->whens);

                if (r <= 0)
                        return r;
        }
        return 1;
}

/* more: other words may follow. */
static const struct {
        const char *key;
        int (*read)(Loader *l, const ConfLine *line, LineFact *f);
        bool more;
} facts[_LINE_FACT_MAX] = {
        [LINE_FACT_OPTION] = { "option", read_option },
        [LINE_FACT_VARIABLE] = { "variable", read_variable, true },
        [LINE_FACT_VALUE] = { "value", read_value, true },
        [LINE_FACT_ANSWERED] = { "answered", read_answered },
        [LINE_FACT_RATIO] = { "ratio", read_ratio, true },
        [LINE_FACT_USB] = { "usb", read_usb },
        [LINE_FACT_LINK] = { "link", read_option },
        [LINE_FACT_PRODUCT] = { "product", read_pattern },
        [LINE_FACT_VENDOR] = { "vendor", read_pattern },
        [LINE_FACT_ANY] = { "any", read_others, true },
        [LINE_FACT_ALL] = { "all", read_others, true },
};

static int report_unknown(Loader *l, const ConfLine *line) {
        const char *keys[_LINE_FACT_MAX + 1] = {};

        for (size_t i = 0; i < _LINE_FACT_MAX; i++)
                keys[i] = facts[i].key;
        return loader_error_unknown(l, line, "key", line->words[0], keys);
}

int line_loader_read_when(Loader *l, const ConfLine *line, LineWhen *when) {
        _cleanup_(fact_done) LineFact f = {};
        LineFact *grown;
        int r;

        while (f.type < _LINE_FACT_MAX && !streq(facts[f.type].key, line->words[0]))
                f.type++;
        if (f.type == _LINE_FACT_MAX)
                return report_unknown(l, line);
        if (!line->assignment || line->n_words < 3 || (line->n_words > 3 && !facts[f.type].more))
                return loader_error(l, line, "\"%s\" wants a = and one value, in quotes if it has blanks",
                                line->words[0]);
        if (when->n_facts >= FACTS_MAX)
                return loader_error(l, line, "A condition has at most %u lines", FACTS_MAX);

        r = facts[f.type].read(l, line, &f);
        if (r <= 0)
                return r;

        grown = reallocarray(when->facts, when->n_facts + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        when->facts = grown;
        grown[when->n_facts++] = f;
        f = (LineFact) {};
        return 0;
}
