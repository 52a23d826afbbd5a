/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "line-usb.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *n = userdata;

        ASSERT_STREQ(file, "usb.ids");
        ASSERT_EQ(level, LOG_ERR);
        ASSERT_FALSE(isempty(message));
        (*n)++;
}

/* A table of ids: either there is a mistake in it, and it is said, or each row is found. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;
        unsigned n_reports = 0;
        LineUsbId id;
        int r;

        r = line_usb_ids_parse("usb.ids", (const char *) data, size, on_report, &n_reports, &ids);
        ASSERT_EQ(r < 0, n_reports > 0);
        for (size_t i = 0; ids && line_usb_ids_get(ids, i, &id); i++) {
                HidIdentity identity = {
                        .vendor_id = id.vendor_id,
                        .product_id = (uint16_t) id.product_id,
                        .vendor = (char *) id.vendor,
                        .product = (char *) id.product,
                };
                const char *way = NULL;
                bool certain;

                ASSERT_TRUE(line_usb_way_find(id.way) != NULL);
                for (size_t n = 0; (way = line_usb_ids_find(ids, &identity, n, &certain)); n++)
                        if (streq(way, id.way) && certain == id.certain)
                                break;
                ASSERT_TRUE(way != NULL);
        }
        return 0;
}
