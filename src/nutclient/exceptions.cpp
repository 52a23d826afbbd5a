/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cerrno>
#include <cstring>

#include "nutclient.h"

namespace nut {

SystemException::SystemException() : NutException(describe()) {
}

std::string SystemException::describe() {
        if (errno == 0)
                return "Undefined system error";
        return "System error " + std::to_string(errno) + ": " + std::strerror(errno);
}

NutException::~NutException() {
}

SystemException::~SystemException() {
}

IOException::~IOException() {
}

UnknownHostException::~UnknownHostException() {
}

NotConnectedException::~NotConnectedException() {
}

TimeoutException::~TimeoutException() {
}

}
