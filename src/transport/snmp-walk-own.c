/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "snmp-walk-internal.h"
#include "string-util.h"

/* Walks as we write them: "OID TYPE CONTENT" (docs/RECORDINGS.md). */

/*** Reading ***/

/* The next word, cut off; NULL at the end. */
static char *next_word(char **p) {
        char *word = *p + strspn(*p, " \t");

        if (*word == '\0' || *word == '#')
                return NULL;
        *p = word + strcspn(word, " \t");
        if (**p != '\0')
                *(*p)++ = '\0';
        return word;
}

static int escaped(const char **p) {
        char c = *(*p)++;

        switch (c) {
        case 'r':
                return '\r';
        case 'n':
                return '\n';
        case '"':
        case '\\':
                return c;
        case 'x': {
                int byte = snmp_walk_hex(*p);

                if (byte >= 0)
                        *p += 2;
                return byte;
        }
        default:
                (*p)--;
                return -EINVAL;
        }
}

/* A text in quotation marks, decoded in place; *p is behind it. */
static int quoted(char **p, char **ret, size_t *ret_n) {
        char *s = *p + strspn(*p, " \t");
        const char *from = s + 1;
        size_t n = 0;

        if (*s != '"')
                return -EINVAL;
        while (*from != '"') {
                int c = *from;

                if (c == '\0')
                        return -EINVAL;
                from++;
                if (c == '\\') {
                        c = escaped(&from);
                        if (c < 0)
                                return c;
                }
                s[n++] = (char) c;
        }
        *p += from + 1 - *p;
        *ret = s;
        *ret_n = n;
        return 0;
}

static int read_bytes(SnmpType type, char **p, SnmpValue *v) {
        char *data;
        size_t n;
        int r;

        r = quoted(p, &data, &n);
        return r < 0 ? r : snmp_value_set_bytes(v, type, data, n);
}

static int read_content(SnmpType type, char **p, SnmpValue *v) {
        char *word;

        if (type == SNMP_TYPE_STRING || type == SNMP_TYPE_OPAQUE)
                return read_bytes(type, p, v);
        if (type >= SNMP_TYPE_NULL) {
                v->type = type;
                return 0;
        }
        word = next_word(p);
        if (!word)
                return -EINVAL;
        if (type == SNMP_TYPE_ADDRESS)
                return snmp_value_set_address(v, word);
        if (type != SNMP_TYPE_OID)
                return snmp_value_set_number(v, type, word);
        v->type = type;
        return snmp_oid_parse(word, &v->object);
}

static int read_statement(char *line, SnmpValue *v, const char **ret_why) {
        char *p = line, *word = next_word(&p);
        SnmpType type;
        int r;

        if (!word)
                return 1;
        *ret_why = "this is no object identifier in numbers";
        r = snmp_oid_parse(word, &v->oid);
        if (r < 0)
                return r;
        *ret_why = "unknown type";
        word = next_word(&p);
        type = word ? snmp_type_from_string(word) : _SNMP_TYPE_INVALID;
        if (type < 0)
                return -EINVAL;
        *ret_why = "this is no value of that type";
        r = read_content(type, &p, v);
        if (r < 0)
                return r;
        *ret_why = "there is more than the value";
        if (next_word(&p))
                return -EINVAL;
        return type > SNMP_TYPE_NULL ? 1 : 0;
}

int snmp_walk_read_own(char *line, SnmpValue *ret, const char **ret_why) {
        _cleanup_(snmp_value_done) SnmpValue v = {};
        int r = read_statement(line, &v, ret_why);

        if (r != 0)
                return r == 1 || r == -ENOMEM ? r : -EINVAL;
        *ret = v;
        v = (SnmpValue) {};
        return 0;
}

/*** Writing ***/

static void write_quoted(const uint8_t *data, size_t n, FILE *f) {
        fputc('"', f);
        for (size_t i = 0; i < n; i++) {
                uint8_t c = data[i];

                if (c == '"' || c == '\\')
                        fprintf(f, "\\%c", c);
                else if (c == '\r' || c == '\n')
                        fputs(c == '\r' ? "\\r" : "\\n", f);
                else if (c < ' ' || c > '~')
                        fprintf(f, "\\x%02x", c);
                else
                        fputc(c, f);
        }
        fputc('"', f);
}

static void write_oid(const SnmpOid *oid, FILE *f) {
        if (oid->n == 0)
                fputs("0.0", f);
        for (size_t i = 0; i < oid->n; i++)
                fprintf(f, "%s%u", i > 0 ? "." : "", (unsigned) oid->ids[i]);
}

static void write_content(const SnmpValue *v, FILE *f) {
        switch (v->type) {
        case SNMP_TYPE_INTEGER:
                fprintf(f, "%lld", (long long) v->integer);
                break;
        case SNMP_TYPE_REAL:
                fprintf(f, "%.17g", v->real);
                break;
        case SNMP_TYPE_STRING:
        case SNMP_TYPE_OPAQUE:
                write_quoted(v->bytes, v->n_bytes, f);
                break;
        case SNMP_TYPE_ADDRESS:
                fprintf(f, "%u.%u.%u.%u", v->bytes[0], v->bytes[1], v->bytes[2], v->bytes[3]);
                break;
        case SNMP_TYPE_OID:
                write_oid(&v->object, f);
                break;
        default:
                fprintf(f, "%llu", (unsigned long long) v->count);
        }
}

void snmp_walk_write_value(const SnmpValue *v, FILE *f) {
        /* What is no finite number has no text that could be read again. */
        if (v->type > SNMP_TYPE_NULL || (v->type == SNMP_TYPE_REAL && !__builtin_isfinite(v->real)))
                return;
        write_oid(&v->oid, f);
        fprintf(f, " %s", snmp_type_to_string(v->type));
        if (v->type != SNMP_TYPE_NULL) {
                fputc(' ', f);
                write_content(v, f);
        }
        fputc('\n', f);
}
