/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libnutclientstub: a client without a server, for the tests of programs. */

#ifndef NUTCLIENTMEM_HPP_SEEN
#define NUTCLIENTMEM_HPP_SEEN

#include "nutclient.h"

#ifdef __cplusplus

namespace nut {

typedef std::vector<std::string> ListValue;
typedef std::map<std::string, ListValue> ListObject;
typedef std::map<std::string, ListObject> ListDevice;

/* Keeps the variables that it is told and hands them out again. All else throws "Not implemented". */
class MemClientStub : public Client {
public:
        MemClientStub() {}
        ~MemClientStub() override {}

        virtual void authenticate(const std::string &user, const std::string &passwd) override {
                NUT_UNUSED_VARIABLE(user);
                NUT_UNUSED_VARIABLE(passwd);
        }
        virtual void logout() override {}

        virtual Device getDevice(const std::string &name) override;
        virtual std::set<std::string> getDeviceNames() override;
        virtual std::string getDeviceDescription(const std::string &name) override;

        virtual std::set<std::string> getDeviceVariableNames(const std::string &dev) override;
        virtual std::set<std::string> getDeviceRWVariableNames(const std::string &dev) override;
        virtual std::string getDeviceVariableDescription(const std::string &dev,
                        const std::string &name) override;
        virtual ListValue getDeviceVariableValue(const std::string &dev, const std::string &name) override;
        virtual ListObject getDeviceVariableValues(const std::string &dev) override;
        virtual ListDevice getDevicesVariableValues(const std::set<std::string> &devs) override;
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const std::string &value) override;
        virtual TrackingID setDeviceVariable(const std::string &dev, const std::string &name,
                        const ListValue &values) override;

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

private:
        ListDevice _values;
};

}

extern "C" {
#endif

typedef NUTCLIENT_t NUTCLIENT_MEM_t;

NUTCLIENT_MEM_t nutclient_mem_create_client(void);

#ifdef __cplusplus
}
#endif

#endif
