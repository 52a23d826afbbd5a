/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-format.h"
#include "test-util.h"

static char *get(void *userdata, const char *variable) {
        ASSERT_STREQ(userdata, "me");
        return streq(variable, "ups.status") ? strdup("OL CHRG") : NULL;
}

static char *render(const char *format) {
        LogSubject subject = { .ups_host = "ups@nas", .get = get, .userdata = (void *) "me" };
        _cleanup_(log_format_freep) LogFormat *f = NULL;
        char *text = NULL;
        size_t size;
        FILE *out;

        ASSERT_OK(log_format_new(format, &f));
        out = open_memstream(&text, &size);
        ASSERT_TRUE(out);
        log_format_print(f, &subject, out);
        ASSERT_EQ(fclose(out), 0);
        return text;
}

static const struct {
        const char *format, *text;
} cases[] = {
        { "",                               ""                      },
        { "text",                           "text"                  },
        { "50%% %t|",                       "50% \t|"               },
        { "[%VAR ups.status%] %VAR a.b%.",  "[OL CHRG] NA."         },
        { "%var ups.status%",               "OL CHRG"               },
        { "%UPSHOST%:%upshost x%",          "ups@nas:ups@nas"       },
        { "%VARIABLE ups.status%",          "OL CHRG"               },
        { "%VAR% %VAR status%",             "INVALID INVALID"       },
        { "%NOSUCH% %%",                    "INVALID %"             },
        { "%",                              "INVALID"               },
        { "a%VAR ups.status",               "aINVALIDVAR ups.status" },
        { "%TIME @@ year%",                 "% year"                },
        { "%time year%%t%tim",              "year\t\tim"            },
        { "%TIME%|%TIME %",                 "INVALID|"              },
};

int main(void) {
        _cleanup_free_ char *pid = render("%PID%"), *seconds = render("%ETIME%");
        _cleanup_free_ char *same = render("%TIME @s%"), *host = render("%HOST%");

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = render(cases[i].format);

                ASSERT_STREQ(text, cases[i].text);
        }

        ASSERT_EQ(atol(pid), getpid());
        ASSERT_TRUE(atoll(same) >= atoll(seconds) && atoll(seconds) > 1000000000);
        ASSERT_FALSE(isempty(host));
        return 0;
}
