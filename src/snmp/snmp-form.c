/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "snmp-item.h"
#include "string-util.h"

/* From what stands in an answer to text. */

static bool is_blank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Up to the first zero byte, without blanks at the ends. */
static char *plain_text(const SnmpDatum *d) {
        const char *s = (const char *) d->bytes;
        size_t n = strnlen(s, d->n);

        while (n > 0 && is_blank(s[n - 1]))
                n--;
        while (n > 0 && is_blank(*s)) {
                s++;
                n--;
        }
        return strndup(s, n);
}

static char *each_byte(const SnmpDatum *d, bool hex, const char *separator) {
        size_t size = d->n * 5U + 1, used = 0;
        char *text = new0(char, size);

        for (uint32_t i = 0; text && i < d->n; i++) {
                if (i > 0)
                        used += (size_t) snprintf(text + used, size - used, "%s", separator);
                used += (size_t) snprintf(text + used, size - used, hex ? "%02x" : "%u", d->bytes[i]);
        }
        return text;
}

/* DateAndTime of RFC 2579. */
static char *date_text(const SnmpDatum *d) {
        const uint8_t *b = d->bytes;

        if ((d->n != 8 && d->n != 11) || b[2] < 1 || b[2] > 12 || b[3] < 1 || b[3] > 31 || b[4] > 23 ||
                b[5] > 59 || b[6] > 60)
                return strdup("");
        return strprintf("%04u/%02u/%02u %02u:%02u:%02u", b[0] * 256U + b[1], b[2], b[3], b[4], b[5], b[6]);
}

/* No bit at all is known to be so, and not the same as no answer. */
static char *bits_text(const SnmpDatum *d) {
        size_t size = d->n * 8U * 7U + 8, used = 0;
        char *text = new0(char, size);

        for (size_t i = 0; text && i < d->n * (size_t) 8; i++)
                if (d->bytes[i / 8] & 0x80U >> i % 8)
                        used += (size_t) snprintf(text + used, size - used, "%s%zu", used > 0 ? "," : "", i);
        if (text && used == 0)
                (void) snprintf(text, size, "none");
        return text;
}

static char *bytes_text(const SnmpDatum *d, SnmpForm form) {
        switch (form) {
        case SNMP_FORM_HEX:
                return each_byte(d, true, "");
        case SNMP_FORM_MAC:
                return each_byte(d, true, ":");
        case SNMP_FORM_BYTES:
                return each_byte(d, false, " ");
        case SNMP_FORM_DATE:
                return date_text(d);
        case SNMP_FORM_BITS:
                return bits_text(d);
        case SNMP_FORM_TEXT:
        case _SNMP_FORM_MAX:
                break;
        }
        return plain_text(d);
}

static char *real_text(double v) {
        /* Without an exponent, whatever the size; what is beyond all measure is none. */
        if (!isfinite(v) || fabs(v) >= 1e15)
                return strdup("");
        return fabs(v) >= 1e9   ? strprintf("%.0f", v)
               : fabs(v) < 1e-4 ? strprintf("%.10f", v)
                                : strprintf("%.10g", v);
}

static char *make_text(const SnmpDatum *d, SnmpForm form) {
        const SnmpOid oid = {.ids = d->ids, .n = d->n};

        switch ((SnmpType) d->type) {
        case SNMP_TYPE_INTEGER:
                return strprintf("%lld", (long long) d->integer);
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_TICKS:
        case SNMP_TYPE_COUNTER64:
                return strprintf("%llu", (unsigned long long) d->count);
        case SNMP_TYPE_REAL:
                return real_text(d->real);
        case SNMP_TYPE_OID:
                return d->n > 0 ? snmp_oid_text(&oid) : strdup("");
        case SNMP_TYPE_ADDRESS:
                return form == SNMP_FORM_TEXT && d->n == 4 ? each_byte(d, false, ".") : bytes_text(d, form);
        case SNMP_TYPE_STRING:
        case SNMP_TYPE_OPAQUE:
                return bytes_text(d, form);
        case SNMP_TYPE_NULL:
        case SNMP_TYPE_NO_OBJECT:
        case SNMP_TYPE_NO_INSTANCE:
        case SNMP_TYPE_END:
        case _SNMP_TYPE_MAX:
        case _SNMP_TYPE_INVALID:
                break;
        }
        return strdup("");
}

int snmp_datum_text(const SnmpDatum *d, SnmpForm form, char **ret) {
        char *text;

        if (d->type >= SNMP_TYPE_NULL)
                return 0;
        text = make_text(d, form);
        if (!text)
                return -ENOMEM;
        if (isempty(text)) {
                free(text);
                return 0;
        }
        *ret = text;
        return 1;
}
