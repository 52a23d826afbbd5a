/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libnutclient: the devices of a NUT server as objects, for C++ (C++11 and later), and as functions, for C.
 * See libnutclient(3). */

#ifndef NUTCLIENT_HPP_SEEN
#define NUTCLIENT_HPP_SEEN

#ifdef __cplusplus

#include <cstdint>
#include <ctime>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#ifndef NUT_UNUSED_VARIABLE
#define NUT_UNUSED_VARIABLE(x) (void) (x)
#endif

/* Programs have been built with these classes: members and virtual functions stay where they are. */
namespace nut {

namespace internal {
class Socket;
}

class Client;
class TcpClient;
class Device;
class Variable;
class Command;

/* What all functions throw. When the server refused, the text is the token of its answer, as
 * "UNKNOWN-UPS". */
class NutException : public std::exception {
public:
        NutException(const std::string &msg) : _msg(msg) {}
        NutException(const NutException &) = default;
        NutException &operator=(NutException &rhs) = default;
        virtual ~NutException() override;
        virtual const char *what() const noexcept override { return this->_msg.c_str(); }
        virtual std::string str() const noexcept { return this->_msg; }

private:
        std::string _msg;
};

/* The system failed; the text is that of errno. */
class SystemException : public NutException {
public:
        SystemException();
        SystemException(const SystemException &) = default;
        SystemException &operator=(SystemException &rhs) = default;
        virtual ~SystemException() override;

private:
        static std::string describe();
};

/* The connection failed. */
class IOException : public NutException {
public:
        IOException(const std::string &msg) : NutException(msg) {}
        IOException(const IOException &) = default;
        IOException &operator=(IOException &rhs) = default;
        virtual ~IOException() override;
};

class UnknownHostException : public IOException {
public:
        UnknownHostException() : IOException("Unknown host") {}
        UnknownHostException(const UnknownHostException &) = default;
        UnknownHostException &operator=(UnknownHostException &rhs) = default;
        virtual ~UnknownHostException() override;
};

class NotConnectedException : public IOException {
public:
        NotConnectedException() : IOException("Not connected") {}
        NotConnectedException(const NotConnectedException &) = default;
        NotConnectedException &operator=(NotConnectedException &rhs) = default;
        virtual ~NotConnectedException() override;
};

/* The server did not answer in time. The connection is closed. */
class TimeoutException : public IOException {
public:
        TimeoutException() : IOException("Timeout") {}
        TimeoutException(const TimeoutException &) = default;
        TimeoutException &operator=(TimeoutException &rhs) = default;
        virtual ~TimeoutException() override;
};

/* Names a command or setting whose outcome the server knows later; empty when it does not track them. */
typedef std::string TrackingID;

typedef enum {
        UNKNOWN,
        PENDING,
        SUCCESS,
        INVALID_ARGUMENT,
        FAILURE,
} TrackingResult;

/* Something that a connection can be told to do: Client::TRACKING. */
typedef std::string Feature;

/* A way to a server and its devices, which are named by strings. */
class Client {
        friend class Device;
        friend class Variable;
        friend class Command;

public:
        virtual ~Client();

        virtual void authenticate(const std::string &user, const std::string &passwd) = 0;
        virtual void logout() = 0;

        /* A device that does not exist is not isOk(). */
        virtual Device getDevice(const std::string &name);
        virtual std::set<Device> getDevices();
        virtual bool hasDevice(const std::string &dev);
        virtual std::set<std::string> getDeviceNames() = 0;
        virtual std::string getDeviceDescription(const std::string &name) = 0;

        virtual std::set<std::string> getDeviceVariableNames(const std::string &dev) = 0;
        virtual std::set<std::string> getDeviceRWVariableNames(const std::string &dev) = 0;
        virtual bool hasDeviceVariable(const std::string &dev, const std::string &name);
        virtual std::string getDeviceVariableDescription(const std::string &dev,
                        const std::string &name) = 0;
        /* A variable has one value, in all that servers are known to say. */
        virtual std::vector<std::string> getDeviceVariableValue(const std::string &dev,
                        const std::string &name) = 0;
        virtual std::map<std::string, std::vector<std::string>> getDeviceVariableValues(
                        const std::string &dev);
        /* By device and name. Devices that cannot be read are left out, unless that is all of them. */
        virtual std::map<std::string, std::map<std::string, std::vector<std::string>>>
        getDevicesVariableValues(const std::set<std::string> &devs);
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const std::string &value) = 0;
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const std::vector<std::string> &values) = 0;

        virtual std::set<std::string> getDeviceCommandNames(const std::string &dev) = 0;
        virtual bool hasDeviceCommand(const std::string &dev, const std::string &name);
        virtual std::string getDeviceCommandDescription(const std::string &dev,
                        const std::string &name) = 0;
        virtual TrackingID executeDeviceCommand(const std::string &dev, const std::string &name,
                        const std::string &param = "") = 0;

        /* From then on the server counts this client among those that the device feeds. */
        virtual void deviceLogin(const std::string &dev) = 0;
        virtual int deviceGetNumLogins(const std::string &dev) = 0;
        /* Asks whether this client may force a shutdown; both words mean the same. */
        virtual void deviceMaster(const std::string &dev) = 0;
        virtual void devicePrimary(const std::string &dev) = 0;
        virtual void deviceForcedShutdown(const std::string &dev) = 0;

        virtual TrackingResult getTrackingResult(const TrackingID &id) = 0;

        virtual bool hasFeature(const Feature &feature);
        virtual bool isFeatureEnabled(const Feature &feature) = 0;
        virtual void setFeature(const Feature &feature, bool status) = 0;

        static const Feature TRACKING;

protected:
        Client();
};

/* A connection by TCP. Not for several threads at once. */
class TcpClient : public Client {
        friend class NutActiveClientTest;

public:
        /* Does not connect yet. */
        TcpClient();
        TcpClient(const std::string &host, uint16_t port = 3493);
        ~TcpClient() override;

        void connect(const std::string &host, uint16_t port = 3493);
        /* To where it was connected before; localhost, at first. */
        void connect();
        bool isConnected() const;
        void disconnect();

        /* Seconds to wait for the connection and for each answer; without end when it is not positive. */
        void setTimeout(time_t timeout);
        time_t getTimeout() const;

        std::string getHost() const;
        uint16_t getPort() const;

        virtual void authenticate(const std::string &user, const std::string &passwd) override;
        virtual void logout() override;

        virtual Device getDevice(const std::string &name) override;
        virtual std::set<std::string> getDeviceNames() override;
        virtual std::string getDeviceDescription(const std::string &name) override;

        virtual std::set<std::string> getDeviceVariableNames(const std::string &dev) override;
        virtual std::set<std::string> getDeviceRWVariableNames(const std::string &dev) override;
        virtual std::string getDeviceVariableDescription(const std::string &dev,
                        const std::string &name) override;
        virtual std::vector<std::string> getDeviceVariableValue(const std::string &dev,
                        const std::string &name) override;
        virtual std::map<std::string, std::vector<std::string>> getDeviceVariableValues(
                        const std::string &dev) override;
        virtual std::map<std::string, std::map<std::string, std::vector<std::string>>>
        getDevicesVariableValues(const std::set<std::string> &devs) override;
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const std::string &value) override;
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const std::vector<std::string> &values) override;

        virtual std::set<std::string> getDeviceCommandNames(const std::string &dev) override;
        virtual std::string getDeviceCommandDescription(const std::string &dev,
                        const std::string &name) override;
        virtual TrackingID executeDeviceCommand(const std::string &dev, const std::string &name,
                        const std::string &param = "") override;

        virtual void deviceLogin(const std::string &dev) override;
        virtual void deviceMaster(const std::string &dev) override;
        virtual void devicePrimary(const std::string &dev) override;
        virtual void deviceForcedShutdown(const std::string &dev) override;
        virtual int deviceGetNumLogins(const std::string &dev) override;

        virtual TrackingResult getTrackingResult(const TrackingID &id) override;

        virtual bool isFeatureEnabled(const Feature &feature) override;
        virtual void setFeature(const Feature &feature, bool status) override;

protected:
        /* One line there, one line back. */
        std::string sendQuery(const std::string &req);
        void sendAsyncQueries(const std::vector<std::string> &req);
        static void detectError(const std::string &req);
        TrackingID sendTrackingQuery(const std::string &req);

        std::vector<std::string> get(const std::string &subcmd, const std::string &params = "");
        std::vector<std::vector<std::string>> list(const std::string &subcmd,
                        const std::string &params = "");
        std::vector<std::vector<std::string>> parseList(const std::string &req);

        /* Splits a line into words, and quotes one. */
        static std::vector<std::string> explode(const std::string &str, size_t begin = 0);
        static std::string escape(const std::string &str);

private:
        std::string _host;
        uint16_t _port;
        time_t _timeout;
        internal::Socket *_socket;
};

/* A device. It uses the client that it is from, which must outlive it. */
class Device {
        friend class Client;
        friend class TcpClient;
        friend class TcpClientMock;
#ifdef _NUTCLIENTTEST_BUILD
        friend class NutClientTest;
#endif

public:
        ~Device();
        Device(const Device &dev);
        Device &operator=(const Device &dev);

        std::string getName() const;
        const Client *getClient() const;
        Client *getClient();

        /* Whether it exists. */
        bool isOk() const;
        operator bool() const;
        bool operator!() const;
        bool operator==(const Device &dev) const;
        bool operator<(const Device &dev) const;

        std::string getDescription();

        std::vector<std::string> getVariableValue(const std::string &name);
        std::map<std::string, std::vector<std::string>> getVariableValues();
        std::set<std::string> getVariableNames();
        std::set<std::string> getRWVariableNames();
        void setVariable(const std::string &name, const std::string &value);
        void setVariable(const std::string &name, const std::vector<std::string> &values);

        /* What does not exist is not isOk(). These use this very object, which must outlive them. */
        Variable getVariable(const std::string &name);
        std::set<Variable> getVariables();
        std::set<Variable> getRWVariables();

        std::set<std::string> getCommandNames();
        std::set<Command> getCommands();
        Command getCommand(const std::string &name);
        TrackingID executeCommand(const std::string &name, const std::string &param = "");

        void login();
        void master();
        void primary();
        void forcedShutdown();
        int getNumLogins();

protected:
        Device(Client *client, const std::string &name);

private:
        Client *_client;
        std::string _name;
};

/* A variable of a device. */
class Variable {
        friend class Device;
        friend class TcpClient;
        friend class TcpClientMock;
#ifdef _NUTCLIENTTEST_BUILD
        friend class NutClientTest;
#endif

public:
        ~Variable();
        Variable(const Variable &var);
        Variable &operator=(const Variable &var);

        std::string getName() const;
        const Device *getDevice() const;
        Device *getDevice();

        bool isOk() const;
        operator bool() const;
        bool operator!() const;
        bool operator==(const Variable &var) const;
        bool operator<(const Variable &var) const;

        std::vector<std::string> getValue();
        std::string getDescription();

        void setValue(const std::string &value);
        void setValues(const std::vector<std::string> &values);

protected:
        Variable(Device *dev, const std::string &name);

private:
        Device *_device;
        std::string _name;
};

/* An instant command of a device. */
class Command {
        friend class Device;
        friend class TcpClient;
        friend class TcpClientMock;
#ifdef _NUTCLIENTTEST_BUILD
        friend class NutClientTest;
#endif

public:
        ~Command();
        Command(const Command &cmd);
        Command &operator=(const Command &cmd);

        std::string getName() const;
        const Device *getDevice() const;
        Device *getDevice();

        bool isOk() const;
        operator bool() const;
        bool operator!() const;
        bool operator==(const Command &var) const;
        bool operator<(const Command &var) const;

        std::string getDescription();

        void execute(const std::string &param = "");

protected:
        Command(Device *dev, const std::string &name);

private:
        Device *_device;
        std::string _name;
};

}

extern "C" {
#else
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#endif

/* An array of strings with NULL behind the last one. */
typedef char **strarr;

strarr strarr_alloc(size_t count);
void strarr_free(strarr arr);

#ifdef __cplusplus
strarr stringvector_to_strarr(const std::vector<std::string> &strset);
strarr stringset_to_strarr(const std::set<std::string> &strset);
#endif

/* A client. What is handed out is the caller's: strings for free(), arrays for strarr_free(). Failure is
 * NULL, or -1, or 0 where the question is whether something is there; functions without result say
 * nothing. */
typedef void *NUTCLIENT_t;

void nutclient_destroy(NUTCLIENT_t client);
void nutclient_authenticate(NUTCLIENT_t client, const char *login, const char *passwd);
void nutclient_logout(NUTCLIENT_t client);
void nutclient_device_login(NUTCLIENT_t client, const char *dev);
int nutclient_get_device_num_logins(NUTCLIENT_t client, const char *dev);
void nutclient_device_master(NUTCLIENT_t client, const char *dev);
void nutclient_device_primary(NUTCLIENT_t client, const char *dev);
void nutclient_device_forced_shutdown(NUTCLIENT_t client, const char *dev);

strarr nutclient_get_devices(NUTCLIENT_t client);
int nutclient_has_device(NUTCLIENT_t client, const char *dev);
char *nutclient_get_device_description(NUTCLIENT_t client, const char *dev);

strarr nutclient_get_device_variables(NUTCLIENT_t client, const char *dev);
strarr nutclient_get_device_rw_variables(NUTCLIENT_t client, const char *dev);
int nutclient_has_device_variable(NUTCLIENT_t client, const char *dev, const char *var);
char *nutclient_get_device_variable_description(NUTCLIENT_t client, const char *dev, const char *var);
strarr nutclient_get_device_variable_values(NUTCLIENT_t client, const char *dev, const char *var);
void nutclient_set_device_variable_value(NUTCLIENT_t client, const char *dev, const char *var,
                const char *value);
void nutclient_set_device_variable_values(NUTCLIENT_t client, const char *dev, const char *var,
                const strarr values);

strarr nutclient_get_device_commands(NUTCLIENT_t client, const char *dev);
int nutclient_has_device_command(NUTCLIENT_t client, const char *dev, const char *cmd);
char *nutclient_get_device_command_description(NUTCLIENT_t client, const char *dev, const char *cmd);
#ifdef __cplusplus
void nutclient_execute_device_command(NUTCLIENT_t client, const char *dev, const char *cmd,
                const char *param = "");
#else
void nutclient_execute_device_command(NUTCLIENT_t client, const char *dev, const char *cmd,
                const char *param);
#endif

/* A client by TCP; NULL when it cannot connect. */
typedef NUTCLIENT_t NUTCLIENT_TCP_t;

NUTCLIENT_TCP_t nutclient_tcp_create_client(const char *host, uint16_t port);
int nutclient_tcp_is_connected(NUTCLIENT_TCP_t client);
void nutclient_tcp_disconnect(NUTCLIENT_TCP_t client);
int nutclient_tcp_reconnect(NUTCLIENT_TCP_t client);
void nutclient_tcp_set_timeout(NUTCLIENT_TCP_t client, time_t timeout);
time_t nutclient_tcp_get_timeout(NUTCLIENT_TCP_t client);

#ifdef __cplusplus
}
#endif

#endif
