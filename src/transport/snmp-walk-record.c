/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-walk-internal.h"
#include "string-util.h"

/* Walks as snmpsim keeps them: "OID|TAG|VALUE". Tags are those of BER in decimal; x behind one: the value is
 * hexadecimal digits, e: it has escapes as in Python, ":module": snmpsim makes it. */

static const struct {
        const char *tag;
        SnmpType type;
} tags[] = {
        { "2",   SNMP_TYPE_INTEGER     },
        { "3",   SNMP_TYPE_STRING      }, /* BITS, of old */
        { "4",   SNMP_TYPE_STRING      },
        { "5",   SNMP_TYPE_NULL        },
        { "6",   SNMP_TYPE_OID         },
        { "64",  SNMP_TYPE_ADDRESS     },
        { "65",  SNMP_TYPE_COUNTER     },
        { "66",  SNMP_TYPE_GAUGE       },
        { "67",  SNMP_TYPE_TICKS       },
        { "68",  SNMP_TYPE_OPAQUE      },
        { "70",  SNMP_TYPE_COUNTER64   },
        { "71",  SNMP_TYPE_GAUGE       }, /* UInteger32 of version 2p */
        { "128", SNMP_TYPE_NO_OBJECT   },
        { "129", SNMP_TYPE_NO_INSTANCE },
        { "130", SNMP_TYPE_END         },
};

static SnmpType type_of(const char *tag) {
        for (size_t i = 0; i < ELEMENTSOF(tags); i++)
                if (streq(tags[i].tag, tag))
                        return tags[i].type;
        return _SNMP_TYPE_INVALID;
}

/*** Bytes ***/

/* In place. */
static int decode_hex(char *s, size_t *ret_n) {
        size_t n = 0;

        for (const char *p = s; *p; p += 2) {
                int byte = snmp_walk_hex(p);

                if (byte < 0)
                        return byte;
                s[n++] = (char) byte;
        }
        *ret_n = n;
        return 0;
}

static char simple_escape(char c) {
        static const char names[] = "abfnrtv\\'\"", bytes[] = "\a\b\f\n\r\t\v\\'\"";
        const char *p = strchr(names, c);

        return p ? bytes[p - names] : '\0';
}

/* \ooo: up to three octal digits. */
static bool octal_escape(const char **p, char *ret) {
        unsigned x = 0, n = 0;

        while (n < 3 && **p >= '0' && **p <= '7') {
                x = x * 8 + (unsigned) (*(*p)++ - '0');
                n++;
        }
        *ret = (char) x;
        return n > 0 && x <= UINT8_MAX;
}

/* In place. */
static int decode_escapes(char *s, size_t *ret_n) {
        const char *p = s;
        size_t n = 0;

        while (*p) {
                char c = *p++;

                if (c == '\\' && *p == 'x') {
                        int byte = snmp_walk_hex(p + 1);

                        if (byte < 0)
                                return byte;
                        c = (char) byte;
                        p += 3;
                } else if (c == '\\' && *p >= '0' && *p <= '7') {
                        if (!octal_escape(&p, &c))
                                return -EINVAL;
                } else if (c == '\\') {
                        c = *p ? simple_escape(*p++) : '\0';
                        if (c == '\0')
                                return -EINVAL;
                }
                s[n++] = c;
        }
        *ret_n = n;
        return 0;
}

/*** Values ***/

static int set_bytes(SnmpValue *v, SnmpType type, const char *data, size_t n) {
        if (type == SNMP_TYPE_OPAQUE)
                return snmp_value_set_opaque(v, data, n);
        if (type != SNMP_TYPE_STRING && (type != SNMP_TYPE_ADDRESS || n != 4))
                return -EINVAL;
        return snmp_value_set_bytes(v, type, data, n);
}

static int set_value(SnmpValue *v, SnmpType type, const char *s) {
        switch (type) {
        case SNMP_TYPE_STRING:
        case SNMP_TYPE_OPAQUE:
                return set_bytes(v, type, s, strlen(s));
        case SNMP_TYPE_ADDRESS:
                return snmp_value_set_address(v, s);
        case SNMP_TYPE_OID:
                v->type = type;
                return snmp_oid_parse(s, &v->object);
        case SNMP_TYPE_NULL:
                v->type = type;
                return 0;
        default:
                return snmp_value_set_number(v, type, s);
        }
}

/* What a module of snmpsim's begins with, of "key=value,key=value"; NULL if it does not say. */
static char *initial_value(char *arguments) {
        char *save = NULL;

        if (startswith(arguments, "value=")) /* of writecache: all that follows */
                return arguments + strlen("value=");
        for (char *p = strtok_r(arguments, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
                char *initial = (char *) startswith(p, "initial=");

                if (initial)
                        return initial;
        }
        return NULL;
}

static int read_value(char *tag, char *s, SnmpValue *ret, const char **ret_why) {
        char *module = strchr(tag, ':'), *last;
        char coding = '\0';
        SnmpType type;
        size_t n;
        int r;

        if (module) {
                *module = '\0';
                s = initial_value(s);
                if (!s) {
                        *ret_why = "the value is made by a program that we do not have";
                        return -EINVAL;
                }
        }
        last = *tag ? tag + strlen(tag) - 1 : tag;
        if (*last == 'x' || *last == 'e') {
                coding = *last;
                *last = '\0';
        }
        type = type_of(tag);
        if (type < 0) {
                *ret_why = "unknown tag";
                return -EINVAL;
        }
        if (type > SNMP_TYPE_NULL)
                return 1;

        *ret_why = "this is no value of that type";
        if (coding == '\0')
                return set_value(ret, type, s);
        r = coding == 'x' ? decode_hex(s, &n) : decode_escapes(s, &n);
        return r < 0 ? r : set_bytes(ret, type, s, n);
}

int snmp_walk_read_record(char *line, SnmpValue *ret, const char **ret_why) {
        _cleanup_(snmp_value_done) SnmpValue v = {};
        char *tag = strchr(line, '|'), *s = tag ? strchr(tag + 1, '|') : NULL;
        int r;

        if (!s) {
                *ret_why = "neither OID|TAG|VALUE nor OID = TYPE: VALUE";
                return -EINVAL;
        }
        *tag++ = '\0';
        *s++ = '\0';
        r = snmp_oid_parse(line, &v.oid);
        if (r < 0) {
                *ret_why = "this is no object identifier in numbers";
                return r == -ENOMEM ? r : -EINVAL;
        }
        r = read_value(tag, s, &v, ret_why);
        if (r != 0)
                return r == 1 || r == -ENOMEM ? r : -EINVAL;

        *ret = v;
        v = (SnmpValue) {};
        return 0;
}
