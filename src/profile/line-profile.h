/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"
#include "value.h"

/* Profiles of line protocols, as data. The grammar is in docs/PROFILES-LINE.md and busbar-profile(5). Parsed
 * strictly: a profile with an error is not used at all. Names are resolved: pointers and indices lead into
 * the same profile, and stay valid as long as it lives. */

/* Bounds that no profile meets: queries, conditions of a row, texts of a list, pieces of a template. */
#define LINE_QUERIES_MAX 256U
#define LINE_WHENS_MAX 8U
#define LINE_PIECES_MAX 32U
/* Variables, queries and conditions that are made of each other: the longest chain. */
#define LINE_DEPTH_MAX 32U

typedef struct LineTemplate LineTemplate;
typedef struct LineWhen LineWhen;

typedef enum LineSource {
        LINE_SOURCE_NONE, /* held= or value= */
        LINE_SOURCE_ANSWER,
        LINE_SOURCE_VARIABLE, /* "$NAME" */
        LINE_SOURCE_OPTION,   /* "option:NAME" */
        LINE_SOURCE_LINK,     /* "link:NAME" */
        LINE_SOURCE_ARGUMENT, /* "argument", "argument:N" */
        LINE_SOURCE_TEMPLATE, /* "{...}" */
} LineSource;

#define LINE_END INT32_MAX /* "N-": to the end */

typedef struct LineSelector {
        LineSource source;
        size_t query;        /* LINE_SOURCE_ANSWER: which of queries */
        int word, word_last; /* 0: the whole answer (with begin, if characters are asked for); 1: the first
                              * word; -1: the last. word_last: the same, or LINE_END */
        bool has_characters;
        int first, last; /* characters, from 0; -1: the last; last may be LINE_END */
        char *name;      /* of the variable, option, or what of the link; the N of an argument, or NULL */
        LineTemplate *template;
} LineSelector;

typedef struct LinePiece {
        char *text; /* literally, n bytes (which may be any); or NULL: */
        size_t n;
        LineSelector selector;
        ValueConversion conversion;
} LinePiece;

struct LineTemplate {
        LinePiece *pieces;
        size_t n_pieces;
};

/* when=NAME, when=!NAME, as many as there are: all must hold. */
typedef struct LineWhenUse {
        const LineWhen *when;
        bool negate;
} LineWhenUse;

typedef struct LineWhens {
        LineWhenUse uses[LINE_WHENS_MAX];
        size_t n_uses;
} LineWhens;

/* One "key = ..." of a [when:NAME] that is looked at while the device is served. */
typedef enum LineFactType {
        LINE_FACT_OPTION,
        LINE_FACT_VARIABLE, /* known, or with a test */
        LINE_FACT_VALUE,
        LINE_FACT_ANSWERED,
        LINE_FACT_RATIO,
        LINE_FACT_USB,
        LINE_FACT_LINK,
        LINE_FACT_PRODUCT,
        LINE_FACT_VENDOR,
        LINE_FACT_ANY,
        LINE_FACT_ALL,
        _LINE_FACT_MAX,
} LineFactType;

typedef struct LineFact {
        LineFactType type;
        char *name, *other; /* option, variable(s), name of the link */
        LineSelector selector;
        ValueConversion conversion;
        bool has_test;
        ValueTest test;
        size_t query;
        double min, max; /* of the ratio */
        ProfileUsb usb;
        ProfilePattern pattern;
        LineWhens whens; /* any, all */
} LineFact;

struct LineWhen {
        char *name;
        LineFact *facts; /* of one type: one of them has to hold; of all types that are there; each "all"
                          * by itself */
        size_t n_facts;
        unsigned line;
        bool used;
};

typedef enum LineAsk {
        LINE_ASK_FULL,
        LINE_ASK_QUICK,
        LINE_ASK_SLOW,
        LINE_ASK_ONCE,
        LINE_ASK_WRITTEN,
        _LINE_ASK_MAX,
} LineAsk;

typedef struct LineQuery {
        char *name;
        LineTemplate send;
        char *begin;                   /* or NULL */
        size_t length_min, length_max; /* LINE_SIZE_MAX for no end */
        unsigned words_min, words_max; /* UINT_MAX for no end */
        char *separator;               /* or NULL: blanks */
        ProfilePattern answer;
        unsigned *binary; /* widths */
        size_t n_binary;
        const ValueFunction *decode;
        char *decode_argument;
        LineAsk ask;
        LineWhens whens;
        uint64_t timeout_usec; /* 0: that of the profile */
        bool optional;
        bool vital;        /* once answered, it has to be answered from then on */
        bool steady;       /* an answer of another length than the last one is only believed when it comes
                            * again */
        bool even_refused; /* a text of "refused" is an answer like another */
        const char *file; /* owned by the profile */
        unsigned line;
        bool used; /* a row takes something from it */
} LineQuery;

typedef enum LineRowType {
        LINE_ROW_VARIABLE,
        LINE_ROW_STATUS,
        LINE_ROW_ALARM,
        LINE_ROW_NEED,  /* of [probe] */
        LINE_ROW_READY, /* of [probe]: "ready = ..." */
        _LINE_ROW_TYPE_MAX,
} LineRowType;

typedef struct LineRow {
        LineRowType type;
        char *name; /* variable, condition, or alarm text (NULL for "*") */
        Condition condition;
        LineSelector selector;
        ValueConversion conversion;
        LineWhens whens;

        /* variables */
        char *held, *value;
        bool writable, enumerated, hidden;
        bool has_write;
        LineTemplate write;
        ValueRange *ranges;
        size_t n_ranges;
        unsigned step, step_from, step_above; /* step=6; step=60:60 gives step_above = 60 from step_from = 60
                                               * on; both may be given */
        uint32_t length_max;
        char *option;

        /* status, alarms, needs */
        bool has_test;
        ValueTest test;
        bool alternative; /* "else" */
        char *why;        /* of a need: what to tell when it does not hold; or NULL */

        const char *file; /* owned by the profile, here and below */
        unsigned line;
} LineRow;

typedef enum LineStepType {
        LINE_STEP_CHECK,
        LINE_STEP_SEND,
        LINE_STEP_PAUSE,
        _LINE_STEP_MAX,
} LineStepType;

typedef struct LineStep {
        LineStepType type;
        LineTemplate send;
        LineSelector selector; /* of a check */
        ValueConversion conversion;
        ValueTest test;
        char *why;
        uint64_t pause_usec;
} LineStep;

typedef struct LineCommand {
        char *name;
        LineStep *steps;
        size_t n_steps;
        LineWhens whens;
        ValueRange *ranges; /* of the argument */
        size_t n_ranges;
        const ValueLookup *lookup;
        char **accepted;       /* strv; in place of those of the profile */
        int silence_is_done;   /* -1: as the profile says */
        uint64_t timeout_usec; /* 0: that of the profile */
        size_t *after;         /* queries to ask after it */
        size_t n_after;
        const char *file;
        unsigned line;
} LineCommand;

typedef enum LineCheck {
        LINE_CHECK_NONE,
        LINE_CHECK_CRC16_XMODEM, /* high byte first; a byte that would be '(', CR or LF is one more */
        LINE_CHECK_CRC16_XMODEM_PLAIN,
        LINE_CHECK_SUM8,     /* sum of all bytes */
        LINE_CHECK_SUM8_HEX, /* as two hexadecimal digits */
        _LINE_CHECK_MAX,
} LineCheck;

typedef struct LineFormat { /* [line] */
        unsigned speed, data_bits, stop_bits;
        char parity; /* 'n', 'e', 'o' */
        uint8_t end_request[4], end_answer[4];
        size_t n_end_request, n_end_answer;
        LineCheck check_request, check_answer;
        char **accepted, **refused; /* strv */
        bool silence_is_done;
        bool echo_is_skipped; /* else an echo is a refusal */
        uint64_t timeout_usec, pause_usec;
        unsigned tries;
} LineFormat;

typedef struct LineStart { /* a line of [start] */
        char *command;
        LineWhens whens;
        unsigned line;
} LineStart;

typedef struct LineProfile {
        unsigned n_ref;
        char *file, *id, *title, *version, *vendor;
        char **included;  /* strv: files that it includes */
        char **protocols; /* strv */
        int order;        /* -1: not in automatic detection */
        LineFormat format;
        LineQuery *queries;
        size_t n_queries;
        LineWhen *whens;
        size_t n_whens;
        ValueDefinitions values;
        LineRow *rows[_LINE_ROW_TYPE_MAX];
        size_t n_rows[_LINE_ROW_TYPE_MAX];
        LineCommand *commands;
        size_t n_commands;
        LineStart *starts;
        size_t n_starts;
        ProfileDerived *derived; /* when is not used: whens holds them */
        LineWhens *derived_whens;
        size_t n_derived;
        ProfileUsb *probe_usb;
        size_t n_probe_usb;
        char **probe_links; /* strv */
} LineProfile;

/* As hid_profile_load(), hid_profile_parse() and hid_profiles_load(). */
int line_profile_load(const char *path, ConfReport report, void *userdata, LineProfile **ret);
int line_profile_parse(
        const char *name, const char *data, size_t n, ConfReport report, void *userdata, LineProfile **ret);
LineProfile *line_profile_ref(LineProfile *p);
LineProfile *line_profile_unref(LineProfile *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineProfile *, line_profile_unref);

typedef struct LineProfiles {
        LineProfile **profiles; /* by order, those without it last; then by id */
        size_t n_profiles;
} LineProfiles;

/* Reads DIRECTORY/ *.profile of each directory of $BUSBAR_PROFILES, or of the built-in ones. */
int line_profiles_load(const char *directory, ConfReport report, void *userdata, LineProfiles *ret);

/* Those of one directory that are for this engine. Negative errno, reported, when it cannot be read. */
int line_profiles_read(const char *path, ConfReport report, void *userdata, LineProfiles *ret);
void line_profiles_done(LineProfiles *p);

/* The profile that answers to a name of protocol=, case ignored; NULL for none. */
LineProfile *line_profiles_find(const LineProfiles *p, const char *protocol);

/* Reports, as errors: two profiles with one name of protocol= or one place in the order; a profile that the
 * automatic detection never comes to, since an earlier one needs no more than it does (shadowed); a query
 * that sends what is a command or a write of any of them. */
void line_profiles_check(const LineProfiles *p, ConfReport report, void *userdata);

/* The last of these alone, for the queries of one profile, which need not be of all, but stands for that of
 * its id. One report for each query; how many orders there are in all. */
size_t line_profile_check_clashes(
        const LineProfile *p, const LineProfiles *all, ConfReport report, void *userdata);

/* Takes out, and reports, the profiles that would make a device act when they ask, but those of the last
 * directory, which come with the program. 0 or -ENOMEM. */
int line_profiles_drop_clashes(LineProfiles *p, ConfReport report, void *userdata);
