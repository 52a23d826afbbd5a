/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <new>

#include "nutclientmem.h"

namespace nut {

[[noreturn]] static void refuse() {
        throw NutException("Not implemented");
}

/*** Variables ***/

ListValue MemClientStub::getDeviceVariableValue(const std::string &dev, const std::string &name) {
        const ListObject values = getDeviceVariableValues(dev);
        const auto found = values.find(name);

        return found == values.end() ? ListValue() : found->second;
}

ListObject MemClientStub::getDeviceVariableValues(const std::string &dev) {
        const auto found = _values.find(dev);

        return found == _values.end() ? ListObject() : found->second;
}

ListDevice MemClientStub::getDevicesVariableValues(const std::set<std::string> &devs) {
        ListDevice values;

        for (const auto &device : _values)
                if (devs.count(device.first) > 0)
                        values.insert(device);
        return values;
}

TrackingID MemClientStub::setDeviceVariable(const std::string &dev, const std::string &name,
                const std::string &value) {
        return setDeviceVariable(dev, name, ListValue(1, value));
}

TrackingID MemClientStub::setDeviceVariable(const std::string &dev, const std::string &name,
                const ListValue &values) {
        _values[dev][name] = values;
        return "";
}

/*** What it has not ***/

Device MemClientStub::getDevice(const std::string &) {
        refuse();
}

std::set<std::string> MemClientStub::getDeviceNames() {
        refuse();
}

std::string MemClientStub::getDeviceDescription(const std::string &) {
        refuse();
}

std::set<std::string> MemClientStub::getDeviceVariableNames(const std::string &) {
        refuse();
}

std::set<std::string> MemClientStub::getDeviceRWVariableNames(const std::string &) {
        refuse();
}

std::string MemClientStub::getDeviceVariableDescription(const std::string &, const std::string &) {
        refuse();
}

std::set<std::string> MemClientStub::getDeviceCommandNames(const std::string &) {
        refuse();
}

std::string MemClientStub::getDeviceCommandDescription(const std::string &, const std::string &) {
        refuse();
}

TrackingID MemClientStub::executeDeviceCommand(const std::string &, const std::string &,
                const std::string &) {
        refuse();
}

void MemClientStub::deviceLogin(const std::string &) {
        refuse();
}

void MemClientStub::deviceMaster(const std::string &) {
        refuse();
}

void MemClientStub::devicePrimary(const std::string &) {
        refuse();
}

void MemClientStub::deviceForcedShutdown(const std::string &) {
        refuse();
}

int MemClientStub::deviceGetNumLogins(const std::string &) {
        refuse();
}

TrackingResult MemClientStub::getTrackingResult(const TrackingID &) {
        refuse();
}

bool MemClientStub::isFeatureEnabled(const Feature &) {
        refuse();
}

void MemClientStub::setFeature(const Feature &, bool) {
        refuse();
}

}

extern "C" NUTCLIENT_MEM_t nutclient_mem_create_client(void) {
        return static_cast<nut::Client *>(new (std::nothrow) nut::MemClientStub);
}
