/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nutclient.h"

/* What can be said of any client by the functions that it must have. */
namespace nut {

const Feature Client::TRACKING = "TRACKING";

Client::Client() {
}

Client::~Client() {
}

Device Client::getDevice(const std::string &name) {
        return hasDevice(name) ? Device(this, name) : Device(nullptr, "");
}

std::set<Device> Client::getDevices() {
        std::set<Device> devices;

        for (const std::string &name : getDeviceNames())
                devices.insert(Device(this, name));
        return devices;
}

bool Client::hasDevice(const std::string &dev) {
        return getDeviceNames().count(dev) > 0;
}

bool Client::hasDeviceVariable(const std::string &dev, const std::string &name) {
        return getDeviceVariableNames(dev).count(name) > 0;
}

bool Client::hasDeviceCommand(const std::string &dev, const std::string &name) {
        return getDeviceCommandNames(dev).count(name) > 0;
}

std::map<std::string, std::vector<std::string>> Client::getDeviceVariableValues(const std::string &dev) {
        std::map<std::string, std::vector<std::string>> values;

        for (const std::string &name : getDeviceVariableNames(dev))
                values[name] = getDeviceVariableValue(dev, name);
        return values;
}

std::map<std::string, std::map<std::string, std::vector<std::string>>>
Client::getDevicesVariableValues(const std::set<std::string> &devs) {
        std::map<std::string, std::map<std::string, std::vector<std::string>>> values;

        for (const std::string &dev : devs)
                values[dev] = getDeviceVariableValues(dev);
        return values;
}

/* One that is not known cannot be asked for. */
bool Client::hasFeature(const Feature &feature) {
        try {
                (void) isFeatureEnabled(feature);
                return true;
        } catch (const NutException &) {
                return false;
        }
}

}
