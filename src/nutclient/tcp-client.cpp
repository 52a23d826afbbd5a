/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cstdlib>

#include "nutclient.h"
#include "socket.h"
#include "words.h"

/* Requests that are sent ahead of their answers: so few that a server takes them while nobody reads. */
#define REQUESTS_AHEAD 16U

namespace nut {

using internal::quoteIfNeeded;

typedef std::vector<std::string> Words;

TcpClient::TcpClient() : _host("localhost"), _port(3493), _timeout(0), _socket(new internal::Socket) {
}

TcpClient::TcpClient(const std::string &host, uint16_t port) : TcpClient() {
        connect(host, port);
}

TcpClient::~TcpClient() {
        delete _socket;
}

void TcpClient::connect(const std::string &host, uint16_t port) {
        _host = host;
        _port = port;
        connect();
}

void TcpClient::connect() {
        _socket->connect(_host, _port, _timeout);
}

bool TcpClient::isConnected() const {
        return _socket->isConnected();
}

void TcpClient::disconnect() {
        _socket->disconnect();
}

void TcpClient::setTimeout(time_t timeout) {
        _timeout = timeout;
}

time_t TcpClient::getTimeout() const {
        return _timeout;
}

std::string TcpClient::getHost() const {
        return _host;
}

uint16_t TcpClient::getPort() const {
        return _port;
}

/*** Lines ***/

void TcpClient::detectError(const std::string &req) {
        if (req.compare(0, 3, "ERR") == 0)
                throw NutException(req.size() > 4 ? req.substr(4) : "Invalid response");
}

Words TcpClient::explode(const std::string &str, size_t begin) {
        return internal::split(str, begin);
}

std::string TcpClient::escape(const std::string &str) {
        return internal::quote(str);
}

std::string TcpClient::sendQuery(const std::string &req) {
        _socket->write(req, _timeout);
        return _socket->read(_timeout);
}

void TcpClient::sendAsyncQueries(const Words &req) {
        for (const std::string &query : req)
                _socket->write(query, _timeout);
}

TrackingID TcpClient::sendTrackingQuery(const std::string &req) {
        const std::string reply = sendQuery(req);

        detectError(reply);
        const Words words = explode(reply);
        if (words.size() == 1 && words[0] == "OK")
                return "";
        if (words.size() == 3 && words[0] == "OK" && words[1] == "TRACKING")
                return words[2];
        throw NutException("Unknown query result");
}

/* A request, and what its answer begins with. */
static std::string join(const std::string &subcmd, const std::string &params) {
        return params.empty() ? subcmd : subcmd + " " + params;
}

/* Whether a line begins with these words. */
static bool begins(const std::string &line, const std::string &words) {
        return line.compare(0, words.size(), words) == 0 && (line.size() == words.size() ||
                        line[words.size()] == ' ');
}

Words TcpClient::get(const std::string &subcmd, const std::string &params) {
        const std::string request = join(subcmd, params);
        const std::string answer = sendQuery("GET " + request);

        detectError(answer);
        if (!begins(answer, request))
                throw NutException("Invalid response");
        return explode(answer, request.size());
}

/* The first word of an answer that has one. */
static std::string first(const Words &words) {
        if (words.empty())
                throw NutException("Invalid response");
        return words[0];
}

std::vector<Words> TcpClient::list(const std::string &subcmd, const std::string &params) {
        const std::string request = join(subcmd, params);

        _socket->write("LIST " + request, _timeout);
        return parseList(request);
}

std::vector<Words> TcpClient::parseList(const std::string &req) {
        std::vector<Words> items;
        std::string line = _socket->read(_timeout);

        detectError(line);
        if (line != "BEGIN LIST " + req)
                throw NutException("Invalid response");

        for (;;) {
                line = _socket->read(_timeout);
                detectError(line);
                if (line == "END LIST " + req)
                        return items;
                if (!begins(line, req))
                        throw NutException("Invalid response");
                items.push_back(explode(line, req.size()));
                (void) first(items.back());
        }
}

static std::set<std::string> names_of(const std::vector<Words> &items) {
        std::set<std::string> names;

        for (const Words &item : items)
                if (!item[0].empty())
                        names.insert(item[0]);
        return names;
}

static std::map<std::string, Words> values_of(const std::vector<Words> &items) {
        std::map<std::string, Words> values;

        for (const Words &item : items)
                values[item[0]] = Words(item.begin() + 1, item.end());
        return values;
}

/*** The session ***/

void TcpClient::authenticate(const std::string &user, const std::string &passwd) {
        detectError(sendQuery("USERNAME " + quoteIfNeeded(user)));
        detectError(sendQuery("PASSWORD " + quoteIfNeeded(passwd)));
}

void TcpClient::logout() {
        detectError(sendQuery("LOGOUT"));
        _socket->disconnect();
}

void TcpClient::deviceLogin(const std::string &dev) {
        detectError(sendQuery("LOGIN " + dev));
}

int TcpClient::deviceGetNumLogins(const std::string &dev) {
        return std::atoi(first(get("NUMLOGINS", dev)).c_str());
}

/* Old servers know MASTER only, and some day new ones may know PRIMARY only. */
void TcpClient::deviceMaster(const std::string &dev) {
        const std::string answer = sendQuery("MASTER " + dev);

        if (begins(answer, "ERR") && !begins(sendQuery("PRIMARY " + dev), "ERR"))
                return;
        detectError(answer);
}

void TcpClient::devicePrimary(const std::string &dev) {
        const std::string answer = sendQuery("PRIMARY " + dev);

        if (begins(answer, "ERR") && !begins(sendQuery("MASTER " + dev), "ERR"))
                return;
        detectError(answer);
}

void TcpClient::deviceForcedShutdown(const std::string &dev) {
        detectError(sendQuery("FSD " + dev));
}

TrackingResult TcpClient::getTrackingResult(const TrackingID &id) {
        static const std::map<std::string, TrackingResult> results = {
                { "PENDING",              PENDING          },
                { "SUCCESS",              SUCCESS          },
                { "ERR UNKNOWN",          UNKNOWN          },
                { "ERR INVALID-ARGUMENT", INVALID_ARGUMENT },
        };

        if (id.empty())
                return SUCCESS;

        const auto found = results.find(sendQuery("GET TRACKING " + id));
        return found == results.end() ? FAILURE : found->second;
}

bool TcpClient::isFeatureEnabled(const Feature &feature) {
        const std::string answer = sendQuery("GET " + feature);

        detectError(answer);
        if (answer != "ON" && answer != "OFF")
                throw NutException("Unknown feature result " + answer);
        return answer == "ON";
}

void TcpClient::setFeature(const Feature &feature, bool status) {
        detectError(sendQuery("SET " + feature + (status ? " ON" : " OFF")));
}

/*** Devices ***/

Device TcpClient::getDevice(const std::string &name) {
        try {
                (void) get("UPSDESC", name);
        } catch (const NutException &e) {
                if (e.str() != "UNKNOWN-UPS")
                        throw;
                return Device(nullptr, "");
        }
        return Device(this, name);
}

std::set<std::string> TcpClient::getDeviceNames() {
        return names_of(list("UPS"));
}

std::string TcpClient::getDeviceDescription(const std::string &name) {
        return first(get("UPSDESC", name));
}

std::set<std::string> TcpClient::getDeviceVariableNames(const std::string &dev) {
        return names_of(list("VAR", dev));
}

std::set<std::string> TcpClient::getDeviceRWVariableNames(const std::string &dev) {
        return names_of(list("RW", dev));
}

std::string TcpClient::getDeviceVariableDescription(const std::string &dev, const std::string &name) {
        return first(get("DESC", dev + " " + name));
}

Words TcpClient::getDeviceVariableValue(const std::string &dev, const std::string &name) {
        return get("VAR", dev + " " + name);
}

std::map<std::string, Words> TcpClient::getDeviceVariableValues(const std::string &dev) {
        return values_of(list("VAR", dev));
}

std::map<std::string, std::map<std::string, Words>>
TcpClient::getDevicesVariableValues(const std::set<std::string> &devs) {
        std::map<std::string, std::map<std::string, Words>> values;

        for (auto sent = devs.begin(), received = sent; received != devs.end();) {
                Words requests;

                for (; sent != devs.end() && requests.size() < REQUESTS_AHEAD; ++sent)
                        requests.push_back("LIST VAR " + *sent);
                sendAsyncQueries(requests);

                for (; received != sent; ++received)
                        try {
                                values[*received] = values_of(parseList("VAR " + *received));
                        } catch (const IOException &) {
                                throw;
                        } catch (const NutException &) {
                                /* This one cannot be read; the answers for the others follow. */
                                values.erase(*received);
                        }
        }

        if (values.empty() && !devs.empty())
                throw NutException("Invalid device");
        return values;
}

TrackingID TcpClient::setDeviceVariable(const std::string &dev, const std::string &name,
                const std::string &value) {
        return setDeviceVariable(dev, name, Words(1, value));
}

TrackingID TcpClient::setDeviceVariable(const std::string &dev, const std::string &name,
                const Words &values) {
        std::string request = "SET VAR " + dev + " " + name;

        for (const std::string &value : values)
                request += " " + escape(value);
        return sendTrackingQuery(request);
}

std::set<std::string> TcpClient::getDeviceCommandNames(const std::string &dev) {
        return names_of(list("CMD", dev));
}

std::string TcpClient::getDeviceCommandDescription(const std::string &dev, const std::string &name) {
        return first(get("CMDDESC", dev + " " + name));
}

TrackingID TcpClient::executeDeviceCommand(const std::string &dev, const std::string &name,
                const std::string &param) {
        const std::string request = "INSTCMD " + dev + " " + name;

        return sendTrackingQuery(param.empty() ? request : request + " " + quoteIfNeeded(param));
}

}
