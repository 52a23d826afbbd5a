/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"
#include "profile.h"
#include "status-rules.h"

/* Profiles of the HID engine: what a family of devices calls its values, as data. The grammar is in
 * docs/PROFILES.md and busbar-profile(5). Parsed strictly: a profile with an error is not used at all. */

/* Steps of a path; no profile comes near. */
#define PROFILE_STEPS_MAX 32U

/* A path in a profile: usages from the outside in. */
typedef struct ProfileStep {
        uint32_t usage;
        uint16_t instance; /* from 0 */
        bool has_instance; /* it was written down: no other one is meant */
        bool any;          /* "*": any one step; in [corrections] and in generic profiles only */
        bool many;         /* "**": any number of steps, also none; the same, and once in a path */
} ProfileStep;

/* Without steps: of the device as a whole, which only held and fixed variables can be. */
typedef struct ProfilePath {
        ProfileStep *steps;
        size_t n_steps;
} ProfilePath;

/* [lookup:NAME]: raw numbers and texts, both ways. */
typedef struct ProfileLookupEntry {
        double raw;
        bool any; /* "*": all that is not named */
        char *text;
} ProfileLookupEntry;

typedef struct ProfileLookup {
        char *name;
        ProfileLookupEntry *entries;
        size_t n_entries;
        unsigned line; /* 0: built in */
        bool used;
} ProfileLookup;

/* [curve:NAME]: points with ascending x; between them it is straight, outside of them flat. */
typedef struct ProfileCurve {
        char *name;
        struct ProfilePoint {
                double x, y;
        } *points;
        size_t n_points;
        unsigned line;
        bool used;
} ProfileCurve;

typedef struct ProfileFieldValue { /* "field = PATH V,V" or "field = PATH MIN..MAX" */
        ProfilePath path;
        double *is; /* none: not zero */
        size_t n_is;
        bool has_range;
        double min, max; /* of the raw value */
} ProfileFieldValue;

/* [when:NAME]: holds when each key that is given holds; a key given several times holds when one does. */
typedef struct ProfileWhen {
        char *name;
        ProfileUsb *usb;
        size_t n_usb;
        ProfilePatterns vendor, product, serial, firmware;
        ProfilePath *has; /* the descriptor has a field there, or a collection */
        size_t n_has;

        /* These the engine looks after, as profile_when_holds() cannot: driver options that are given
         * (flags), regular expressions on what ups.model is (one to hold), and fields with the raw values
         * that they are to have, asked anew with each reading. */
        char **option;
        ProfilePatterns model;
        ProfileFieldValue *field;
        size_t n_field;

        unsigned line;
        bool used;
} ProfileWhen;

/* A line of [match]. */
typedef struct ProfileMatch {
        ProfileUsb usb;
        ProfilePattern vendor, product;
        const char *file; /* here and below: owned by the profile */
        unsigned line;
} ProfileMatch;

typedef enum ProfileFunction { /* how a raw or physical value becomes text, when not by format or lookup */
        PROFILE_FUNCTION_NONE,
        PROFILE_FUNCTION_STRING,    /* the raw value is the index of a string */
        PROFILE_FUNCTION_DATE,      /* ManufacturerDate: (year - 1980) << 9 | month << 5 | day */
        PROFILE_FUNCTION_BCD_DATE,  /* 0xMMDDYY, as APC writes them */
        PROFILE_FUNCTION_HEX,       /* eight hexadecimal digits of the raw value */
        PROFILE_FUNCTION_KELVIN,    /* physical value in K, shown in degrees Celsius */
        PROFILE_FUNCTION_ASCII,     /* the bytes of the raw value, lowest first, as characters */
        PROFILE_FUNCTION_VERSION,   /* bytes of the raw value, highest first, as decimal numbers with dots */
        PROFILE_FUNCTION_UNIX_DATE, /* seconds since 1970, local time: 2024/05/31 */
        PROFILE_FUNCTION_UNIX_TIME, /* and 23:59:59 */
        PROFILE_FUNCTION_MINUTES_SECONDS, /* of a raw value of two bytes: minutes in the higher one; in
                                           * seconds */
        PROFILE_FUNCTION_SECONDS_MINUTES, /* seconds in the higher one */
        PROFILE_FUNCTION_SWAPPED_MINUTES, /* minutes, two bytes the wrong way round; in seconds */
        _PROFILE_FUNCTION_MAX,
        _PROFILE_FUNCTION_INVALID = -EINVAL,
} ProfileFunction;

typedef enum ProfileClass { /* how often it is read */
        PROFILE_CLASS_FULL,  /* with each full poll */
        PROFILE_CLASS_QUICK, /* with each poll */
        PROFILE_CLASS_ONCE,  /* at start */
        PROFILE_CLASS_SLOW,  /* at start, after writes and every tenth full poll */
} ProfileClass;

typedef enum ProfileRowType {
        PROFILE_ROW_CORRECTION,
        PROFILE_ROW_VARIABLE,
        PROFILE_ROW_STATUS,
        PROFILE_ROW_ALARM,
        _PROFILE_ROW_TYPE_MAX,
} ProfileRowType;

/* A line of [corrections], [variables], [status] or [alarms]; one for each index that each= stands for. */
typedef enum ProfileSource { /* what a variable is taken from */
        PROFILE_SOURCE_FIELD,
        PROFILE_SOURCE_VENDOR,  /* "@vendor" in place of a path: what the device says on USB */
        PROFILE_SOURCE_PRODUCT, /* "@product" */
        PROFILE_SOURCE_SERIAL,  /* "@serial" */
} ProfileSource;

typedef struct ProfileRow {
        ProfileRowType type;
        ProfileSource source; /* of variables; the path is empty unless it is a field */
        char *name; /* variable, condition, or alarm text; NULL for corrections */
        Condition condition;
        ProfilePath path;
        int kind; /* HidKind, or -1: feature, else input */
        const ProfileWhen *when; /* or NULL */
        bool when_not;

        /* variables */
        char *format;           /* checked: one of %.Nf, %d, %s, %x, or NULL for %.0f */
        double scale, offset;   /* shown = physical * scale + offset */
        double *scales;         /* "scale=1,0.1": candidates, scale is the first; the first with which a
                                 * value that is not zero is plausible (see near) is kept from then on */
        size_t n_scales;        /* 0: only one */
        char *near;             /* plausible_min and plausible_max are multiples of this variable, if it is
                                 * known and not zero; else all is plausible */
        bool has_clamp;
        double clamp_min, clamp_max; /* shown values outside become these */
        const ProfileNames *names;   /* the text is looked up here last of all */
        const ProfileLookup *lookup;
        const ProfileCurve *curve;
        ProfileFunction function;
        ProfileClass class;
        bool raw;               /* of the raw value, not the physical one */
        uint32_t mask;          /* "mask=0x18": only these bits of the raw value; 0: all. Makes it raw */
        uint32_t text_bytes;    /* "text=N": not a value, but N bytes of the report from the field on, as
                                 * text up to the first byte that is no character; 0: a value */
        ProfilePath join;       /* "join=PATH": a second string, put behind the first with a blank;
                                 * function=string */
        bool join_number;       /* "join-number=PATH": of what is joined the number counts, not the string */
        ProfilePattern match;   /* "match=REGEX": of a string (@product and so on, function=string); shown is
                                 * the first group, or all of it without groups. What does not match is not
                                 * there: the next alternative is taken */
        bool writable, enumerated;
        uint32_t length_max;    /* of a writable string; 0: number */
        bool has_range;
        int64_t range_min, range_max; /* of a writable number, as shown; else from the logical range */
        double *invalid;        /* raw values that mean "unknown" */
        size_t n_invalid;
        bool has_plausible;
        double plausible_min, plausible_max; /* shown values outside are left out */
        char *held;             /* not read: kept by the driver, and this is the first value; NULL: read */
        char *option;           /* driver option that is the first value of a held one, or is written to one
                                 * that is read, at start */
        char *value;            /* fixed text, shown when the field is there */

        /* status and alarms: true when the value is one of these, or for n_is == 0 is not zero */
        double *is;
        size_t n_is;
        bool invert;
        bool otherwise; /* "else": only when no earlier row of this condition is bound */

        /* corrections; each with its bool */
        bool has_exponent, has_logical, has_physical, has_unit, has_signed;
        bool widen;           /* logical range: 0 to all that the bits hold; a physical one grows too */
        bool has_if_exponent; /* only a field whose exponent is this so far */
        int if_exponent;
        int exponent;
        int64_t logical_min, logical_max, physical_min, physical_max;
        uint32_t unit;
        bool is_signed;

        const char *file;
        unsigned line;
} ProfileRow;

typedef enum ProfileValueType {
        PROFILE_VALUE_NUMBER,
        PROFILE_VALUE_VARIABLE, /* $name: what the variable is now, else fallback */
        PROFILE_VALUE_ARGUMENT, /* what the client gave, else fallback */
} ProfileValueType;

typedef struct ProfileCommandStep {
        ProfilePath path;
        int kind; /* HidKind, or -1: feature, else output */
        ProfileValueType type;
        double number; /* or the fallback */
        bool has_fallback;
        char *variable;
        double scale, offset;        /* sent = value * scale + offset, as a physical value */
        bool raw;                    /* sent as it is */
        const ProfileLookup *lookup; /* the argument is one of its texts */
        const ProfileCurve *curve;   /* from what would be sent to what is, before the function */
        ProfileFunction function;    /* a number is packed so: one of the last three; makes it raw */
        bool has_minimum;
        double minimum;              /* "minimum=1": what is less is sent as this */
        uint32_t bits;               /* "bits=0x40": set in the raw value that is sent */
        bool optional;               /* left out when the field is not there */
} ProfileCommandStep;

/* A line of [commands], or a section [command:NAME] of several steps. Several of one name are alternatives,
 * the first that can be bound is used. */
typedef struct ProfileCommand {
        char *name;
        ProfileCommandStep *steps;
        size_t n_steps;
        const ProfileWhen *when;
        bool when_not;
        const char *file;
        unsigned line;
} ProfileCommand;

/* [link]: "yes" or a condition. */
typedef struct ProfileLinkHint {
        bool given; /* there is such a line */
        const ProfileWhen *when; /* NULL: always */
} ProfileLinkHint;

typedef struct HidProfile {
        unsigned n_ref;
        char *file;    /* where it was read from */
        char **included; /* strv: files that it includes */
        char *id;      /* file name without directory and suffix: "apc" */
        char *title;   /* "APC HID", what the option subdriver= is matched with */
        char *version; /* "1.0" */
        char *vendor;  /* ups.mfr of a device that names none, or NULL */
        bool generic;  /* "generic = yes": for any device with a Power Device or Battery System collection */
        ProfileMatch *matches;
        size_t n_matches;
        ProfileLookup *lookups;
        size_t n_lookups;
        ProfileCurve *curves;
        size_t n_curves;
        ProfileNames *names;
        size_t n_names;
        ProfileDerived *derived;
        size_t n_derived;
        ProfileLinkHint poll_only, interrupt_only, max_report;
        ProfileWhen *whens;
        size_t n_whens;
        ProfileRow *rows[_PROFILE_ROW_TYPE_MAX];
        size_t n_rows[_PROFILE_ROW_TYPE_MAX];
        ProfileCommand *commands;
        size_t n_commands;
} HidProfile;

/* Parses a file, or text (name stands in for the file). Each problem is reported with its place; with an
 * error among them it is -EBADMSG. Other negative errno: the file cannot be read, which was reported as
 * well, or memory is short. */
int hid_profile_load(const char *path, ConfReport report, void *userdata, HidProfile **ret);
int hid_profile_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata,
                HidProfile **ret);
HidProfile *hid_profile_ref(HidProfile *p);
HidProfile *hid_profile_unref(HidProfile *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidProfile *, hid_profile_unref);

/* All profiles of an installation, by id. */
typedef struct HidProfiles {
        HidProfile **profiles;
        size_t n_profiles;
} HidProfiles;

/* Reads hid/ *.profile of each directory of $BUSBAR_PROFILES (separated by colons), else of the
 * administrator's and the built-in one. A file of an earlier directory takes the place of one with the same
 * name; an empty one, or a link to /dev/null, hides it. What cannot be used is reported and the rest is
 * taken, also a later file of the same name: a mistake must not leave a device without its profile. */
int hid_profiles_load(ConfReport report, void *userdata, HidProfiles *ret);

/* Those of one directory that are for this engine. Negative errno, reported, when it cannot be read. */
int hid_profiles_read(const char *path, ConfReport report, void *userdata, HidProfiles *ret);
void hid_profiles_done(HidProfiles *p);

/* The profile for a device: the one with the most specific match line (product id, then product, then vendor
 * expression), else a generic one when the device has such a collection, else NULL. subdriver (may be
 * NULL) is a title or id, else a regular expression that is found in "TITLE VERSION" or an id, and decides
 * alone; -EINVAL for a bad one. descriptor may be NULL. The result belongs to p. */
int hid_profiles_choose(const HidProfiles *p, const HidIdentity *identity, HidDescriptor *descriptor,
                const char *subdriver, HidProfile **ret);

/* Reports match lines of different profiles that claim the same device with the same right, as errors. */
void hid_profiles_check(const HidProfiles *p, ConfReport report, void *userdata);

/* Whether a condition holds; true for NULL. firmware may be NULL. */
bool profile_when_holds(const ProfileWhen *w, bool negate, const HidIdentity *identity,
                HidDescriptor *descriptor, const char *firmware);

/* How well a match line fits a device, 0 for not at all: more is more specific. */
unsigned profile_match_weight(const ProfileMatch *m, const HidIdentity *identity);

/* Whether a path of a profile is that of a field. */
bool profile_path_matches(const ProfilePath *path, const HidField *field) _pure_;
