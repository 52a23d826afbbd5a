/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <regex.h>
#include <stdio.h>

#include "hid-link.h"
#include "string-util.h"

typedef enum MatchKey {
        MATCH_VENDOR_ID,
        MATCH_PRODUCT_ID,
        MATCH_VENDOR,
        MATCH_PRODUCT,
        MATCH_SERIAL,
        MATCH_BUS,
        MATCH_DEVICE,
        MATCH_BUSPORT,
        _MATCH_MAX,
} MatchKey;

static const char *const match_keys[_MATCH_MAX] = {
        [MATCH_VENDOR_ID] = "vendorid",
        [MATCH_PRODUCT_ID] = "productid",
        [MATCH_VENDOR] = "vendor",
        [MATCH_PRODUCT] = "product",
        [MATCH_SERIAL] = "serial",
        [MATCH_BUS] = "bus",
        [MATCH_DEVICE] = "device",
        [MATCH_BUSPORT] = "busport",
};

struct UsbMatch {
        regex_t expressions[_MATCH_MAX];
        bool given[_MATCH_MAX];
        unsigned n_given;
};

UsbMatch *usb_match_free(UsbMatch *m) {
        if (!m)
                return NULL;

        for (size_t i = 0; i < _MATCH_MAX; i++)
                if (m->given[i])
                        regfree(&m->expressions[i]);
        free(m);
        return NULL;
}

int usb_match_new(const char *(*option)(const void *userdata, const char *name), const void *userdata,
                UsbMatch **ret, const char **ret_bad_key) {
        _cleanup_(usb_match_freep) UsbMatch *m = new0(UsbMatch, 1);

        if (!m)
                return -ENOMEM;

        for (size_t i = 0; i < _MATCH_MAX; i++) {
                const char *value = option(userdata, match_keys[i]);
                int r;

                if (!value)
                        continue;
                r = regcomp(&m->expressions[i], value, REG_EXTENDED | REG_ICASE);
                if (r == REG_ESPACE)
                        return -ENOMEM;
                if (r != 0) {
                        *ret_bad_key = match_keys[i];
                        return -EINVAL;
                }
                m->given[i] = true;
                m->n_given++;
        }

        *ret = TAKE_PTR(m);
        return 0;
}

unsigned usb_match_weight(const UsbMatch *m) {
        return m->n_given;
}

/* The whole value has to fit. An expression that fits as a whole is also what POSIX has regexec() find: of
 * all places the first, and there the longest. */
static bool key_test(const UsbMatch *m, MatchKey key, const char *value) {
        regmatch_t found;

        value = strempty(value);
        if (regexec(&m->expressions[key], value, 1, &found, 0) != 0)
                return false;
        return found.rm_so == 0 && (size_t) found.rm_eo == strlen(value);
}

static bool id_test(const UsbMatch *m, MatchKey key, uint16_t id) {
        char text[8];

        (void) snprintf(text, sizeof(text), "%04x", id);
        return key_test(m, key, text);
}

/* "001", or without the zeros. */
static bool number_test(const UsbMatch *m, MatchKey key, const char *number) {
        const char *bare = strempty(number);

        while (bare[0] == '0' && bare[1])
                bare++;
        return key_test(m, key, number) || key_test(m, key, bare);
}

/* "2.3" as lsusb -t counts the ports from the host on; or in NUT's way, the last of them with three digits;
 * or with the bus, "1-2.3", as the kernel calls the place. */
static bool busport_test(const UsbMatch *m, const HidIdentity *i) {
        const char *last;
        char text[8];

        if (key_test(m, MATCH_BUSPORT, i->busport) || (i->path && key_test(m, MATCH_BUSPORT, i->path)))
                return true;
        if (!i->busport)
                return false;

        last = strrchr(i->busport, '.');
        last = last ? last + 1 : i->busport;
        if (strlen(last) > 3)
                return false;
        (void) snprintf(text, sizeof(text), "%03d", atoi(last));
        return key_test(m, MATCH_BUSPORT, text);
}

static bool match_one(const UsbMatch *m, MatchKey key, const HidIdentity *i) {
        switch (key) {
        case MATCH_VENDOR_ID:
                return id_test(m, key, i->vendor_id);
        case MATCH_PRODUCT_ID:
                return id_test(m, key, i->product_id);
        case MATCH_VENDOR:
                return key_test(m, key, i->vendor);
        case MATCH_PRODUCT:
                return key_test(m, key, i->product);
        case MATCH_SERIAL:
                return key_test(m, key, i->serial);
        case MATCH_BUS:
                return number_test(m, key, i->bus);
        case MATCH_DEVICE:
                return number_test(m, key, i->device);
        case MATCH_BUSPORT:
                return busport_test(m, i);
        default:
                return false;
        }
}

bool usb_match_test(const UsbMatch *m, const HidIdentity *i) {
        for (MatchKey key = 0; key < _MATCH_MAX; key++)
                if (m->given[key] && !match_one(m, key, i))
                        return false;
        return true;
}
