/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cstdlib>
#include <cstring>
#include <new>

#include "nutclient.h"

using nut::Client;
using nut::TcpClient;

/* Does something with a client and returns what it returns, or, without a client or when it throws, failure:
 * no exception may reach a program in C. */
template <typename Result, typename Action>
static Result attempt(NUTCLIENT_t client, Result failure, Action action) {
        try {
                return client ? action(static_cast<Client *>(client)) : failure;
        } catch (...) {
                return failure;
        }
}

template <typename Action> static void attempt(NUTCLIENT_t client, Action action) {
        (void) attempt(client, 0, [&](Client *c) {
                action(c);
                return 0;
        });
}

/* The same for what only a client by TCP can do. */
template <typename Result, typename Action>
static Result attempt_tcp(NUTCLIENT_t client, Result failure, Action action) {
        return attempt(client, failure, [&](Client *c) {
                TcpClient *tcp = dynamic_cast<TcpClient *>(c);

                return tcp ? action(tcp) : failure;
        });
}

/* The program frees it as C does. */
static char *copy(const std::string &s) {
        return strdup(s.c_str());
}

template <typename Strings> static strarr to_strarr(const Strings &strings) {
        strarr array = strarr_alloc(strings.size());
        size_t n = 0;

        if (!array)
                return nullptr;
        for (const std::string &s : strings) {
                array[n] = copy(s);
                if (!array[n++]) {
                        strarr_free(array);
                        return nullptr;
                }
        }
        return array;
}

extern "C" {

strarr strarr_alloc(size_t count) {
        return count < SIZE_MAX ? static_cast<strarr>(calloc(count + 1, sizeof(char *))) : nullptr;
}

void strarr_free(strarr arr) {
        for (char **s = arr; s && *s; s++)
                free(*s);
        free(arr);
}

strarr stringvector_to_strarr(const std::vector<std::string> &strset) {
        return to_strarr(strset);
}

strarr stringset_to_strarr(const std::set<std::string> &strset) {
        return to_strarr(strset);
}

void nutclient_destroy(NUTCLIENT_t client) {
        delete static_cast<Client *>(client);
}

void nutclient_authenticate(NUTCLIENT_t client, const char *login, const char *passwd) {
        attempt(client, [&](Client *c) { c->authenticate(login ?: "", passwd ?: ""); });
}

void nutclient_logout(NUTCLIENT_t client) {
        attempt(client, [&](Client *c) { c->logout(); });
}

void nutclient_device_login(NUTCLIENT_t client, const char *dev) {
        attempt(client, [&](Client *c) { c->deviceLogin(dev ?: ""); });
}

int nutclient_get_device_num_logins(NUTCLIENT_t client, const char *dev) {
        return attempt(client, -1, [&](Client *c) { return c->deviceGetNumLogins(dev ?: ""); });
}

void nutclient_device_master(NUTCLIENT_t client, const char *dev) {
        attempt(client, [&](Client *c) { c->deviceMaster(dev ?: ""); });
}

void nutclient_device_primary(NUTCLIENT_t client, const char *dev) {
        attempt(client, [&](Client *c) { c->devicePrimary(dev ?: ""); });
}

void nutclient_device_forced_shutdown(NUTCLIENT_t client, const char *dev) {
        attempt(client, [&](Client *c) { c->deviceForcedShutdown(dev ?: ""); });
}

/*** Devices ***/

strarr nutclient_get_devices(NUTCLIENT_t client) {
        return attempt(client, strarr(), [&](Client *c) { return to_strarr(c->getDeviceNames()); });
}

int nutclient_has_device(NUTCLIENT_t client, const char *dev) {
        return attempt(client, 0, [&](Client *c) { return int(c->hasDevice(dev ?: "")); });
}

char *nutclient_get_device_description(NUTCLIENT_t client, const char *dev) {
        return attempt(client, static_cast<char *>(nullptr),
                       [&](Client *c) { return copy(c->getDeviceDescription(dev ?: "")); });
}

/*** Variables ***/

strarr nutclient_get_device_variables(NUTCLIENT_t client, const char *dev) {
        return attempt(client, strarr(),
                       [&](Client *c) { return to_strarr(c->getDeviceVariableNames(dev ?: "")); });
}

strarr nutclient_get_device_rw_variables(NUTCLIENT_t client, const char *dev) {
        return attempt(client, strarr(),
                       [&](Client *c) { return to_strarr(c->getDeviceRWVariableNames(dev ?: "")); });
}

int nutclient_has_device_variable(NUTCLIENT_t client, const char *dev, const char *var) {
        return attempt(client, 0,
                       [&](Client *c) { return int(c->hasDeviceVariable(dev ?: "", var ?: "")); });
}

char *nutclient_get_device_variable_description(NUTCLIENT_t client, const char *dev, const char *var) {
        return attempt(client, static_cast<char *>(nullptr), [&](Client *c) {
                return copy(c->getDeviceVariableDescription(dev ?: "", var ?: ""));
        });
}

strarr nutclient_get_device_variable_values(NUTCLIENT_t client, const char *dev, const char *var) {
        return attempt(client, strarr(), [&](Client *c) {
                return to_strarr(c->getDeviceVariableValue(dev ?: "", var ?: ""));
        });
}

void nutclient_set_device_variable_value(NUTCLIENT_t client, const char *dev, const char *var,
                const char *value) {
        attempt(client, [&](Client *c) {
                c->setDeviceVariable(dev ?: "", var ?: "", std::string(value ?: ""));
        });
}

void nutclient_set_device_variable_values(NUTCLIENT_t client, const char *dev, const char *var,
                const strarr values) {
        attempt(client, [&](Client *c) {
                std::vector<std::string> words;

                for (char **s = values; s && *s; s++)
                        words.push_back(*s);
                c->setDeviceVariable(dev ?: "", var ?: "", words);
        });
}

/*** Commands ***/

strarr nutclient_get_device_commands(NUTCLIENT_t client, const char *dev) {
        return attempt(client, strarr(),
                       [&](Client *c) { return to_strarr(c->getDeviceCommandNames(dev ?: "")); });
}

int nutclient_has_device_command(NUTCLIENT_t client, const char *dev, const char *cmd) {
        return attempt(client, 0, [&](Client *c) { return int(c->hasDeviceCommand(dev ?: "", cmd ?: "")); });
}

char *nutclient_get_device_command_description(NUTCLIENT_t client, const char *dev, const char *cmd) {
        return attempt(client, static_cast<char *>(nullptr), [&](Client *c) {
                return copy(c->getDeviceCommandDescription(dev ?: "", cmd ?: ""));
        });
}

void nutclient_execute_device_command(NUTCLIENT_t client, const char *dev, const char *cmd,
                const char *param) {
        attempt(client, [&](Client *c) { c->executeDeviceCommand(dev ?: "", cmd ?: "", param ?: ""); });
}

/*** By TCP ***/

NUTCLIENT_TCP_t nutclient_tcp_create_client(const char *host, uint16_t port) {
        try {
                return static_cast<Client *>(new TcpClient(host ?: "", port));
        } catch (...) {
                return nullptr;
        }
}

int nutclient_tcp_is_connected(NUTCLIENT_TCP_t client) {
        return attempt_tcp(client, 0, [](TcpClient *c) { return int(c->isConnected()); });
}

void nutclient_tcp_disconnect(NUTCLIENT_TCP_t client) {
        (void) attempt_tcp(client, 0, [](TcpClient *c) {
                c->disconnect();
                return 0;
        });
}

int nutclient_tcp_reconnect(NUTCLIENT_TCP_t client) {
        return attempt_tcp(client, -1, [](TcpClient *c) {
                c->connect();
                return 0;
        });
}

void nutclient_tcp_set_timeout(NUTCLIENT_TCP_t client, time_t timeout) {
        (void) attempt_tcp(client, 0, [&](TcpClient *c) {
                c->setTimeout(timeout);
                return 0;
        });
}

time_t nutclient_tcp_get_timeout(NUTCLIENT_TCP_t client) {
        return attempt_tcp(client, time_t(-1), [](TcpClient *c) { return c->getTimeout(); });
}

}
