/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json.h"

#include <math.h>

#include "test-util.h"

static void write_document(Json *j) {
        char *words[] = { (char *) "OL", (char *) "CHRG", NULL };

        json_object(j, NULL);
        json_string(j, "plain", "text");
        json_string(j, "nothing", NULL);
        json_string(j, "escaped", "\"\\/\n\t\x01\x7f");
        json_string(j, "utf8", "\xc3\xa9\xf0\x9f\x94\x8c");
        json_string(j, "not utf8", "\xff\xc3(\xe2\x82");
        json_string(j, "k\"ey", "");
        json_number(j, "number", 231.5);
        json_number(j, "not a number", NAN);
        json_number(j, "infinite", -INFINITY);
        json_integer(j, "integer", INT64_MIN);
        json_boolean(j, "yes", true);
        json_boolean(j, "no", false);
        json_strv(j, "words", words);
        json_strv(j, "no words", NULL);

        json_array(j, "objects");
        json_object(j, NULL);
        json_object_end(j);
        json_object(j, NULL);
        json_integer(j, "a", 1);
        json_object_end(j);
        json_array_end(j);

        json_string(j, "last", "one");
        json_object_end(j);
}

static void test_document(void) {
        static const char expected[] =
                "{\"plain\":\"text\",\"nothing\":null,\"escaped\":\"\\\"\\\\/\\u000a\\u0009\\u0001\\u007f\","
                "\"utf8\":\"\xc3\xa9\xf0\x9f\x94\x8c\",\"not utf8\":\"\\ufffd\\ufffd(\\ufffd\\ufffd\","
                "\"k\\\"ey\":\"\",\"number\":231.5,\"not a number\":null,\"infinite\":null,"
                "\"integer\":-9223372036854775808,\"yes\":true,\"no\":false,\"words\":[\"OL\",\"CHRG\"],"
                "\"no words\":[],\"objects\":[{},{\"a\":1}],\"last\":\"one\"}\n";
        _cleanup_free_ char *text = NULL;
        size_t size;
        Json j = { .f = open_memstream(&text, &size) };

        ASSERT_TRUE(j.f);
        write_document(&j);
        ASSERT_OK(json_finish(&j));
        fclose(j.f);
        ASSERT_STREQ(text, expected);
}

static void test_full(void) {
        Json j = { .f = fopen("/dev/full", "we") };

        ASSERT_TRUE(j.f);
        json_array(&j, NULL);
        json_array_end(&j);
        ASSERT_ERROR(json_finish(&j), ENOSPC);
        fclose(j.f);
}

int main(void) {
        test_document();
        test_full();
        return 0;
}
