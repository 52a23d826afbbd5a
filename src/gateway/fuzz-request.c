/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-gateway.h"
#include "log.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes of a client, through the lexer and all commands. What comes back is ASCII in whole lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };

        log_set_max_level(LOG_EMERG);
        _cleanup_free_ char *answer = fake_gateway_ask(f, &s, (const char *) data, size);
        size_t n = strlen(answer);

        ASSERT_TRUE(n == 0 || answer[n - 1] == '\n');
        for (size_t i = 0; i < n; i++)
                ASSERT_TRUE(answer[i] == '\n' ||
                            ((unsigned char) answer[i] >= 0x20 && (unsigned char) answer[i] <= 0x7f));
        session_done(&s);
        return 0;
}
