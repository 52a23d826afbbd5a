/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nutclient.h"
#include "upsclient.h"

namespace nut {
namespace internal __attribute__((visibility("hidden"))) {

/* The lines of a connection, and exceptions for what goes wrong with it. */
class Socket {
public:
        Socket();
        ~Socket();
        Socket(const Socket &) = delete;
        Socket &operator=(const Socket &) = delete;

        void connect(const std::string &host, uint16_t port, time_t timeout);
        void disconnect();
        bool isConnected() const;

        void write(const std::string &line, time_t timeout);
        std::string read(time_t timeout);

private:
        UPSCONN_t connection;

        void check() const;
        [[noreturn]] void fail(const char *what);
};

}
}
