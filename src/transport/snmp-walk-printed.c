/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>

#include "snmp-walk-internal.h"
#include "string-util.h"

/* Walks as snmpwalk prints them: "OID = TYPE: VALUE", which texts and hexadecimal digits may continue in the
 * next lines. */

#define SEPARATOR " = "

/*** Identifiers ***/

/* Names that snmpwalk has without any MIB of a device. */
static const struct {
        const char *name, *numbers;
} names[] = {
        { "iso",              "1"             },
        { "org",              "1.3"           },
        { "dod",              "1.3.6"         },
        { "internet",         "1.3.6.1"       },
        { "directory",        "1.3.6.1.1"     },
        { "mgmt",             "1.3.6.1.2"     },
        { "mib-2",            "1.3.6.1.2.1"   },
        { "system",           "1.3.6.1.2.1.1" },
        { "sysDescr",         "1.3.6.1.2.1.1.1" },
        { "sysObjectID",      "1.3.6.1.2.1.1.2" },
        { "sysUpTime",        "1.3.6.1.2.1.1.3" },
        { "sysUpTimeInstance", "1.3.6.1.2.1.1.3.0" },
        { "sysContact",       "1.3.6.1.2.1.1.4" },
        { "sysName",          "1.3.6.1.2.1.1.5" },
        { "sysLocation",      "1.3.6.1.2.1.1.6" },
        { "sysServices",      "1.3.6.1.2.1.1.7" },
        { "interfaces",       "1.3.6.1.2.1.2" },
        { "transmission",     "1.3.6.1.2.1.10" },
        { "upsMIB",           "1.3.6.1.2.1.33" },
        { "experimental",     "1.3.6.1.3"     },
        { "private",          "1.3.6.1.4"     },
        { "enterprises",      "1.3.6.1.4.1"   },
        { "security",         "1.3.6.1.5"     },
        { "snmpV2",           "1.3.6.1.6"     },
        { "snmpModules",      "1.3.6.1.6.3"   },
        { "zeroDotZero",      "0.0"           },
};

static const char *numbers_of(const char *name, size_t n) {
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
                        return names[i].numbers;
        return NULL;
}

/* "iso.3.6.1", "SNMPv2-SMI::enterprises.318", ".iso.org.dod.internet.mgmt.mib-2.1.1.0", and numbers. */
static int parse_oid(const char *s, SnmpOid *ret) {
        const char *module = strstr(s, "::"), *numbers = NULL;

        if (module)
                s = module + 2;
        if (*s == '.')
                s++;
        while (isalpha((unsigned char) *s)) {
                size_t n = strcspn(s, ".");

                numbers = numbers_of(s, n);
                if (!numbers)
                        return -EINVAL;
                s += n;
                if (*s == '.' && isalpha((unsigned char) s[1]))
                        s++;
        }
        if (!numbers)
                return snmp_oid_parse(s, ret);

        _cleanup_free_ char *text = strjoin(numbers, s);

        return text ? snmp_oid_parse(text, ret) : -ENOMEM;
}

/*** Lines ***/

bool snmp_walk_is_printed(const char *line) {
        size_t n = strcspn(line, " \t");

        if (n == 0 || !startswith(line + n, " ="))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char) line[i]) && !strchr(".:-_", line[i]))
                        return false;
        return memchr(line, '.', n) || memmem(line, n, "::", 2);
}

/* Whether a text in quotation marks is whole: it may have those in it, with a backslash in front. */
static bool is_closed(const char *s, size_t n) {
        size_t n_backslashes = 0;

        while (n > 1 && isspace((unsigned char) s[n - 1]))
                n--;
        if (n < 2 || s[n - 1] != '"')
                return false;
        while (n - 2 > n_backslashes && s[n - 2 - n_backslashes] == '\\')
                n_backslashes++;
        return n_backslashes % 2 == 0;
}

static bool is_hex_line(const char *s) {
        size_t n = 0;

        for (s += strspn(s, " \t"); *s; s += 2 + strspn(s + 2, " \t")) {
                if (snmp_walk_hex(s) < 0 || (s[2] != '\0' && s[2] != ' ' && s[2] != '\t'))
                        return false;
                n++;
        }
        return n > 0;
}

bool snmp_walk_goes_on(const char *printed, size_t n, const char *next) {
        const char *value = strstr(printed, SEPARATOR), *text;

        if (!next || !value || snmp_walk_is_printed(next))
                return false;
        value += strlen(SEPARATOR);
        if (startswith(value, "Wrong Type")) {
                value = strstr(value, "): ");
                if (!value)
                        return false;
                value += strlen("): ");
        }
        if (startswith(value, "Hex-STRING:"))
                return is_hex_line(next);
        text = startswith(value, "STRING: ");
        return text && (*text != '"' || !is_closed(text, n - (size_t) (text - printed)));
}

/*** Values ***/

static int read_string(char *s, SnmpValue *v) {
        size_t n = strlen(s), k = 0;

        if (*s != '"') {
                while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
                        n--;
                return snmp_value_set_bytes(v, SNMP_TYPE_STRING, s, n);
        }
        if (!is_closed(s, n))
                return -EINVAL;

        while (s[n - 1] != '"')
                n--;
        for (size_t i = 1; i + 1 < n; i++) {
                if (s[i] == '\\' && i + 2 < n && (s[i + 1] == '"' || s[i + 1] == '\\'))
                        i++;
                s[k++] = s[i];
        }
        return snmp_value_set_bytes(v, SNMP_TYPE_STRING, s, k);
}

/* As far as there are pairs of digits: names of bits may follow, or the bytes as characters in brackets. */
static int read_hex(char *s, const char *separators, SnmpValue *v) {
        size_t n = 0, length = strlen(s);
        const char *p = s + strspn(s, separators);

        while (*p) {
                size_t width = strcspn(p, separators);
                int byte = width == 2   ? snmp_walk_hex(p)
                           : width == 1 ? snmp_walk_hex((char[]){'0', *p, 0})
                                        : -EINVAL;

                if (byte < 0)
                        break;
                s[n++] = (char) byte;
                p += width;
                p += strspn(p, separators);
        }
        if (n == 0 && length > 0 && *p && *p != '[')
                return -EINVAL;
        return snmp_value_set_bytes(v, SNMP_TYPE_STRING, s, n);
}

static int read_address(char *s, SnmpValue *v) {
        int r = read_hex(s, ":", v);

        if (r < 0)
                return r;
        v->type = SNMP_TYPE_ADDRESS;
        return v->n_bytes == 4 ? 0 : -EINVAL;
}

static int read_opaque(char *s, SnmpValue *v) {
        const char *number = startswith(s, "Float: ") ?: startswith(s, "Double: ");
        int r;

        if (number)
                return snmp_value_set_number(v, SNMP_TYPE_REAL, number);
        r = read_hex(s, " \t\n", v);
        if (r < 0)
                return r;

        _cleanup_free_ uint8_t *bytes = TAKE_PTR(v->bytes);

        return snmp_value_set_opaque(v, bytes, v->n_bytes);
}

/* "2", "up(2)", "(2) 0:00:00.02", "23.5" of a display hint that has a point put there, "23 degrees". */
static int read_number(SnmpType type, char *s, SnmpValue *v) {
        char *open = strchr(s, '('), *close = open ? strchr(open, ')') : NULL, *end;
        char *point;

        if (close && (open == s || !isdigit((unsigned char) s[*s == '-']))) {
                *close = '\0';
                s = open + 1;
        }
        end = s + (*s == '-');
        end += strspn(end, "0123456789.");
        if (*end != '\0' && *end != ' ')
                return -EINVAL;
        *end = '\0';
        point = strchr(s, '.');
        if (point)
                memmove(point, point + 1, strlen(point));
        return snmp_value_set_number(v, type, s);
}

typedef enum Form {
        FORM_NUMBER,
        FORM_STRING,
        FORM_HEX,
        FORM_OID,
        FORM_ADDRESS,
        FORM_HEX_ADDRESS,
        FORM_OPAQUE,
} Form;

static const struct {
        const char *name;
        Form form;
        SnmpType type;
} types[] = {
        { "INTEGER: ",         FORM_NUMBER,      SNMP_TYPE_INTEGER   },
        { "Integer32: ",       FORM_NUMBER,      SNMP_TYPE_INTEGER   },
        { "Gauge32: ",         FORM_NUMBER,      SNMP_TYPE_GAUGE     },
        { "Unsigned32: ",      FORM_NUMBER,      SNMP_TYPE_GAUGE     },
        { "UInteger32: ",      FORM_NUMBER,      SNMP_TYPE_GAUGE     },
        { "Counter32: ",       FORM_NUMBER,      SNMP_TYPE_COUNTER   },
        { "Counter64: ",       FORM_NUMBER,      SNMP_TYPE_COUNTER64 },
        { "Timeticks: ",       FORM_NUMBER,      SNMP_TYPE_TICKS     },
        { "STRING:",           FORM_STRING,      SNMP_TYPE_STRING    },
        { "Hex-STRING:",       FORM_HEX,         SNMP_TYPE_STRING    },
        { "BITS:",             FORM_HEX,         SNMP_TYPE_STRING    },
        { "OID: ",             FORM_OID,         SNMP_TYPE_OID       },
        { "IpAddress: ",       FORM_ADDRESS,     SNMP_TYPE_ADDRESS   },
        { "Network Address: ", FORM_HEX_ADDRESS, SNMP_TYPE_ADDRESS   },
        { "Opaque: ",          FORM_OPAQUE,      SNMP_TYPE_OPAQUE    },
        { "OPAQUE: ",          FORM_OPAQUE,      SNMP_TYPE_OPAQUE    },
};

static int read_form(size_t i, char *s, SnmpValue *v) {
        switch (types[i].form) {
        case FORM_NUMBER:
                return read_number(types[i].type, s, v);
        case FORM_STRING:
                return read_string(*s == ' ' ? s + 1 : s, v);
        case FORM_HEX:
                return read_hex(s, " \t\n", v);
        case FORM_OID:
                v->type = SNMP_TYPE_OID;
                return parse_oid(s, &v->object);
        case FORM_ADDRESS:
                return snmp_value_set_address(v, s);
        case FORM_HEX_ADDRESS:
                return read_address(s, v);
        default:
                return read_opaque(s, v);
        }
}

static int read_value(char *s, SnmpValue *v, const char **ret_why) {
        char *wrong = (char *) startswith(s, "Wrong Type (");

        if (wrong) {
                wrong = strstr(wrong, "): ");
                if (wrong)
                        s = wrong + strlen("): ");
        }
        if (startswith(s, "No Such ") || startswith(s, "No more variables"))
                return 1;
        if (streq(s, "NULL")) {
                v->type = SNMP_TYPE_NULL;
                return 0;
        }
        if (*s == '"')
                return read_string(s, v);
        if (isdigit((unsigned char) *s)) /* with -Ot */
                return snmp_value_set_number(v, SNMP_TYPE_TICKS, s);

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                char *content = (char *) startswith(s, types[i].name);

                if (content)
                        return read_form(i, content, v);
        }
        *ret_why = "unknown type";
        return -EINVAL;
}

int snmp_walk_read_printed(char *printed, SnmpValue *ret, const char **ret_why) {
        _cleanup_(snmp_value_done) SnmpValue v = {};
        char *value = strstr(printed, " =");
        int r;

        *value = '\0';
        value += strlen(" =");
        value += *value == ' ';
        *ret_why = "this is no object identifier in numbers";
        r = parse_oid(printed, &v.oid);
        if (r < 0)
                return r == -ENOMEM ? r : -EINVAL;
        *ret_why = "this is no value of that type";
        r = read_value(value, &v, ret_why);
        if (r != 0)
                return r == 1 || r == -ENOMEM ? r : -EINVAL;

        *ret = v;
        v = (SnmpValue) {};
        return 0;
}
