/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nutclient.h"

namespace nut {

/* The client of a device, which one that does not exist has not. */
static Client *client_of(Device *device) {
        if (!device || !device->isOk())
                throw NutException("Invalid device");
        return device->getClient();
}

/*** Devices ***/

Device::Device(Client *client, const std::string &name) : _client(client), _name(name) {
}

Device::Device(const Device &dev) = default;
Device &Device::operator=(const Device &dev) = default;

Device::~Device() {
}

std::string Device::getName() const {
        return _name;
}

const Client *Device::getClient() const {
        return _client;
}

Client *Device::getClient() {
        return _client;
}

bool Device::isOk() const {
        return _client && !_name.empty();
}

Device::operator bool() const {
        return isOk();
}

bool Device::operator!() const {
        return !isOk();
}

bool Device::operator==(const Device &dev) const {
        return _client == dev._client && _name == dev._name;
}

bool Device::operator<(const Device &dev) const {
        return _name < dev._name;
}

std::string Device::getDescription() {
        return client_of(this)->getDeviceDescription(_name);
}

std::vector<std::string> Device::getVariableValue(const std::string &name) {
        return client_of(this)->getDeviceVariableValue(_name, name);
}

std::map<std::string, std::vector<std::string>> Device::getVariableValues() {
        return client_of(this)->getDeviceVariableValues(_name);
}

std::set<std::string> Device::getVariableNames() {
        return client_of(this)->getDeviceVariableNames(_name);
}

std::set<std::string> Device::getRWVariableNames() {
        return client_of(this)->getDeviceRWVariableNames(_name);
}

void Device::setVariable(const std::string &name, const std::string &value) {
        client_of(this)->setDeviceVariable(_name, name, value);
}

void Device::setVariable(const std::string &name, const std::vector<std::string> &values) {
        client_of(this)->setDeviceVariable(_name, name, values);
}

Variable Device::getVariable(const std::string &name) {
        return client_of(this)->hasDeviceVariable(_name, name) ? Variable(this, name) :
                                                                 Variable(nullptr, "");
}

std::set<Variable> Device::getVariables() {
        std::set<Variable> variables;

        for (const std::string &name : getVariableNames())
                variables.insert(Variable(this, name));
        return variables;
}

std::set<Variable> Device::getRWVariables() {
        std::set<Variable> variables;

        for (const std::string &name : getRWVariableNames())
                variables.insert(Variable(this, name));
        return variables;
}

std::set<std::string> Device::getCommandNames() {
        return client_of(this)->getDeviceCommandNames(_name);
}

std::set<Command> Device::getCommands() {
        std::set<Command> commands;

        for (const std::string &name : getCommandNames())
                commands.insert(Command(this, name));
        return commands;
}

Command Device::getCommand(const std::string &name) {
        return client_of(this)->hasDeviceCommand(_name, name) ? Command(this, name) : Command(nullptr, "");
}

TrackingID Device::executeCommand(const std::string &name, const std::string &param) {
        return client_of(this)->executeDeviceCommand(_name, name, param);
}

void Device::login() {
        client_of(this)->deviceLogin(_name);
}

void Device::master() {
        client_of(this)->deviceMaster(_name);
}

void Device::primary() {
        client_of(this)->devicePrimary(_name);
}

void Device::forcedShutdown() {
        client_of(this)->deviceForcedShutdown(_name);
}

int Device::getNumLogins() {
        return client_of(this)->deviceGetNumLogins(_name);
}

/*** Variables ***/

Variable::Variable(Device *dev, const std::string &name) : _device(dev), _name(name) {
}

Variable::Variable(const Variable &var) = default;
Variable &Variable::operator=(const Variable &var) = default;

Variable::~Variable() {
}

std::string Variable::getName() const {
        return _name;
}

const Device *Variable::getDevice() const {
        return _device;
}

Device *Variable::getDevice() {
        return _device;
}

bool Variable::isOk() const {
        return _device && !_name.empty();
}

Variable::operator bool() const {
        return isOk();
}

bool Variable::operator!() const {
        return !isOk();
}

bool Variable::operator==(const Variable &var) const {
        return _device == var._device && _name == var._name;
}

bool Variable::operator<(const Variable &var) const {
        return _name < var._name;
}

std::vector<std::string> Variable::getValue() {
        return client_of(_device)->getDeviceVariableValue(_device->getName(), _name);
}

std::string Variable::getDescription() {
        return client_of(_device)->getDeviceVariableDescription(_device->getName(), _name);
}

void Variable::setValue(const std::string &value) {
        client_of(_device)->setDeviceVariable(_device->getName(), _name, value);
}

void Variable::setValues(const std::vector<std::string> &values) {
        client_of(_device)->setDeviceVariable(_device->getName(), _name, values);
}

/*** Commands ***/

Command::Command(Device *dev, const std::string &name) : _device(dev), _name(name) {
}

Command::Command(const Command &cmd) = default;
Command &Command::operator=(const Command &cmd) = default;

Command::~Command() {
}

std::string Command::getName() const {
        return _name;
}

const Device *Command::getDevice() const {
        return _device;
}

Device *Command::getDevice() {
        return _device;
}

bool Command::isOk() const {
        return _device && !_name.empty();
}

Command::operator bool() const {
        return isOk();
}

bool Command::operator!() const {
        return !isOk();
}

bool Command::operator==(const Command &cmd) const {
        return _device == cmd._device && _name == cmd._name;
}

bool Command::operator<(const Command &cmd) const {
        return _name < cmd._name;
}

std::string Command::getDescription() {
        return client_of(_device)->getDeviceCommandDescription(_device->getName(), _name);
}

void Command::execute(const std::string &param) {
        client_of(_device)->executeDeviceCommand(_device->getName(), _name, param);
}

}
