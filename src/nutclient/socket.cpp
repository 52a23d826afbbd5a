/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "socket.h"

#include <cerrno>

/* No line of a server is longer. */
#define LINE_SIZE (16U * 1024U)

namespace nut {
namespace internal {

/* What libupsclient wants for "without end". */
static time_t limit(time_t timeout) {
        return timeout > 0 ? timeout : -1;
}

Socket::Socket() : connection() {
}

Socket::~Socket() {
        disconnect();
}

void Socket::connect(const std::string &host, uint16_t port, time_t timeout) {
        struct timeval tv = {};
        int r;

        disconnect();
        tv.tv_sec = timeout;
        r = upscli_tryconnect(&connection, host.c_str(), port, 0, timeout > 0 ? &tv : nullptr);
        if (r >= 0)
                return;

        if (upscli_upserror(&connection) == UPSCLI_ERR_NOSUCHHOST)
                throw UnknownHostException();
        if (connection.syserrno == ETIMEDOUT && timeout > 0)
                throw TimeoutException();
        throw IOException("Cannot connect to host");
}

/* On one that was never connected it does nothing. */
void Socket::disconnect() {
        (void) upscli_disconnect(&connection);
}

bool Socket::isConnected() const {
        return upscli_fd(const_cast<UPSCONN_t *>(&connection)) >= 0;
}

void Socket::check() const {
        if (!isConnected())
                throw NotConnectedException();
}

void Socket::fail(const char *what) {
        if (connection.syserrno == ETIMEDOUT)
                throw TimeoutException();
        if (upscli_upserror(&connection) == UPSCLI_ERR_SRVDISC)
                throw IOException("Server closed connection unexpectedly");
        throw IOException(what);
}

void Socket::write(const std::string &line, time_t timeout) {
        const std::string s = line + "\n";

        check();
        /* It would be two requests. */
        if (line.find_first_of(std::string("\n\r\0", 3)) != std::string::npos)
                throw NutException("Invalid argument");
        if (upscli_sendline_timeout(&connection, s.data(), s.size(), limit(timeout)) < 0)
                fail("Error while writing on socket");
}

std::string Socket::read(time_t timeout) {
        std::vector<char> line(LINE_SIZE);

        check();
        if (upscli_readline_timeout(&connection, line.data(), line.size(), limit(timeout)) < 0)
                fail("Error while reading on socket");
        return line.data();
}

}
}
