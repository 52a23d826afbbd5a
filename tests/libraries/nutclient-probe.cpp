/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Does all that libnutclient can do with a server that has the devices "ups" and "second", and prints what
 * comes of it. Which libnutclient that is, is the caller's affair. */

#include <cstdio>
#include <cstdlib>
#include <functional>

#include <nutclient.h>
#include <nutclientmem.h>

using nut::Client;
using nut::Command;
using nut::Device;
using nut::TcpClient;
using nut::Variable;

static std::string text(const std::string &s) {
        return "<" + s + ">";
}

static std::string text(const Command &c) {
        return c.getName() + (c ? "" : " (none)");
}

static std::string text(const Variable &v) {
        return v.getName() + (v ? "" : " (none)");
}

static std::string text(const Device &d) {
        return d.getName() + (d ? "" : " (none)");
}

template <typename Container> static std::string text(const Container &items) {
        std::string s;

        for (const auto &item : items)
                s += " " + text(item);
        return s;
}

template <typename Value> static std::string text(const std::map<std::string, Value> &items) {
        std::string s;

        for (const auto &item : items)
                s += " " + item.first + "={" + text(item.second) + "}";
        return s;
}

static const char *kind(const nut::NutException &e) {
        return dynamic_cast<const nut::TimeoutException *>(&e) ? "timeout" :
               dynamic_cast<const nut::UnknownHostException *>(&e) ? "unknown host" :
               dynamic_cast<const nut::NotConnectedException *>(&e) ? "not connected" :
               dynamic_cast<const nut::IOException *>(&e) ? "I/O" : "refused";
}

static void show(const char *what, const std::function<std::string()> &action) {
        std::string s;

        try {
                s = action();
        } catch (const nut::NutException &e) {
                s = std::string("exception (") + kind(e) + "): " + e.what() + " " + e.str();
        }
        printf("%s: %s\n", what, s.c_str());
}

/* What is done changes nothing that is shown. */
static void run(const char *what, const std::function<void()> &action) {
        show(what, [&] {
                action();
                return "done";
        });
}

static void show_client(TcpClient &c) {
        show("names", [&] { return text(c.getDeviceNames()); });
        show("devices", [&] { return text(c.getDevices()); });
        show("has", [&] { return std::to_string(c.hasDevice("ups")) + std::to_string(c.hasDevice("no")); });
        show("description", [&] { return text(c.getDeviceDescription("ups")); });
        show("description of none", [&] { return text(c.getDeviceDescription("no")); });
        show("variables", [&] { return text(c.getDeviceRWVariableNames("ups")); });
        show("variable", [&] { return text(c.getDeviceVariableValue("ups", "ups.model")); });
        show("no variable", [&] { return text(c.getDeviceVariableValue("ups", "no.such")); });
        show("has variable", [&] { return std::to_string(c.hasDeviceVariable("ups", "ups.model")); });
        show("about variable", [&] { return text(c.getDeviceVariableDescription("ups", "ups.model")); });
        show("second", [&] { return text(c.getDeviceVariableValues("second")); });
        show("some", [&] { return text(c.getDevicesVariableValues({ "second", "no" })["second"]); });
        show("none", [&] { return text(c.getDevicesVariableValues({ "no" })); });
        show("empty", [&] { return text(c.getDevicesVariableValues({})); });
        show("commands", [&] { return text(c.getDeviceCommandNames("ups")); });
        show("has command", [&] { return std::to_string(c.hasDeviceCommand("ups", "no.such")); });
        show("about command", [&] { return text(c.getDeviceCommandDescription("ups", "load.off")); });
        show("logins", [&] { return std::to_string(c.deviceGetNumLogins("ups")); });
}

static void show_session(TcpClient &c) {
        show("set", [&] { return text(c.setDeviceVariable("ups", "ups.id", "a b")); });
        run("authenticate", [&] { c.authenticate("admin", "secret"); });
        run("authenticate again", [&] { c.authenticate("admin", "secret"); });
        show("set", [&] { return text(c.setDeviceVariable("ups", "ups.id", "a b")); });
        show("set no variable", [&] { return text(c.setDeviceVariable("ups", "no.such", "x")); });
        show("execute", [&] { return text(c.executeDeviceCommand("ups", "no.such")); });
        run("login", [&] { c.deviceLogin("ups"); });
        run("master", [&] { c.deviceMaster("ups"); });
        run("primary", [&] { c.devicePrimary("ups"); });
        show("features", [&] {
                return std::to_string(c.hasFeature(Client::TRACKING)) +
                       std::to_string(c.hasFeature("NONE")) +
                       std::to_string(c.isFeatureEnabled(Client::TRACKING));
        });
        run("track", [&] { c.setFeature(Client::TRACKING, true); });
        show("tracked", [&] { return std::to_string(c.setDeviceVariable("ups", "ups.id", "x").size()); });
        show("result", [&] { return std::to_string(c.getTrackingResult("no such id")); });
        show("result of none", [&] { return std::to_string(c.getTrackingResult("")); });
        run("logout", [&] { c.logout(); });
        show("connected", [&] { return std::to_string(c.isConnected()); });
        show("after logout", [&] { return text(c.getDeviceNames()); });
}

static void show_device(TcpClient &c) {
        Device d = c.getDevice("ups"), none = c.getDevice("no"), copy = none;

        copy = d;
        printf("device: %s %d %d %d %d\n", text(d).c_str(), d == copy, none < d, !none, d.getClient() == &c);
        show("device", [&] { return text(none); });
        show("nothing", [&] { return text(none.getVariableNames()); });
        show("description", [&] { return text(d.getDescription()); });
        show("value", [&] { return text(d.getVariableValue("battery.charge")); });
        show("values", [&] { return text(d.getVariableValues()["battery.charge"]); });
        show("variables", [&] {
                return std::to_string(d.getVariables().size() == d.getVariableNames().size());
        });
        show("writable", [&] { return text(d.getRWVariables()) + text(d.getRWVariableNames()); });
        show("variable", [&] { return text(d.getVariable("ups.id")) + text(d.getVariable("no.such")); });
        show("about", [&] { return text(d.getVariable("ups.mfr").getDescription()); });
        show("its value", [&] { return text(d.getVariable("ups.mfr").getValue()); });
        run("set", [&] { d.getVariable("ups.id").setValue("x"); });
        show("commands", [&] { return text(d.getCommands()) + text(d.getCommandNames()); });
        show("command", [&] { return text(d.getCommand("load.off")) + text(d.getCommand("no.such")); });
        show("about", [&] { return text(d.getCommand("load.off").getDescription()); });
        run("execute", [&] { d.getCommand("load.off").execute(); });
        run("login", [&] { d.login(); });
        run("primary", [&] { d.primary(); });
        run("master", [&] { d.master(); });
        show("logins", [&] { return std::to_string(d.getNumLogins()); });
}

static void print_strings(const char *what, strarr strings) {
        printf("%s:", what);
        for (strarr s = strings; s && *s; s++)
                printf(" %s", *s);
        printf("%s\n", strings ? "" : " none");
        if (strings)
                strarr_free(strings);
}

static void print_string(const char *what, char *s) {
        printf("%s: %s\n", what, s ? s : "none");
        free(s);
}

static void show_functions(const char *host, uint16_t port) {
        NUTCLIENT_t c = nutclient_tcp_create_client(host, port);

        printf("connected: %d %d %d\n", nutclient_tcp_is_connected(c), nutclient_has_device(c, "ups"),
               nutclient_has_device(c, "no"));
        print_strings("devices", nutclient_get_devices(c));
        print_string("description", nutclient_get_device_description(c, "ups"));
        print_string("description", nutclient_get_device_description(c, "no"));
        print_strings("writable", nutclient_get_device_rw_variables(c, "ups"));
        print_strings("variables", nutclient_get_device_variables(c, "no"));
        print_strings("values", nutclient_get_device_variable_values(c, "ups", "ups.model"));
        print_string("about", nutclient_get_device_variable_description(c, "ups", "ups.model"));
        print_strings("commands", nutclient_get_device_commands(c, "ups"));
        print_string("about", nutclient_get_device_command_description(c, "ups", "load.off"));
        printf("has: %d %d\n", nutclient_has_device_variable(c, "ups", "ups.model"),
               nutclient_has_device_command(c, "ups", "no.such"));
        nutclient_authenticate(c, "admin", "secret");
        nutclient_set_device_variable_value(c, "ups", "ups.id", "y");
        nutclient_execute_device_command(c, "ups", "no.such", "");
        nutclient_device_login(c, "ups");
        nutclient_device_primary(c, "ups");
        printf("logins: %d\n", nutclient_get_device_num_logins(c, "ups"));
        nutclient_tcp_set_timeout(c, 7);
        printf("timeout: %ld\n", (long) nutclient_tcp_get_timeout(c));
        nutclient_tcp_disconnect(c);
        printf("connected: %d\n", nutclient_tcp_is_connected(c));
        print_strings("devices", nutclient_get_devices(c));
        printf("reconnect: %d\n", nutclient_tcp_reconnect(c));
        printf("connected: %d\n", nutclient_tcp_is_connected(c));
        nutclient_logout(c);
        nutclient_destroy(c);
        printf("nothing: %d %d\n", nutclient_tcp_create_client(host, 1) == nullptr,
               nutclient_tcp_is_connected(nullptr));
}

static void show_memory() {
        nut::MemClientStub c;

        show("stub", [&] { return text(c.getDeviceNames()); });
        (void) c.setDeviceVariable("ups", "ups.id", "z");
        show("stub", [&] { return text(c.getDeviceVariableValue("ups", "ups.id")); });
        show("stub", [&] { return text(c.getDevicesVariableValues({ "ups", "no" })); });
        show("stub", [&] { return text(c.getDeviceVariableValue("no", "ups.id")); });

        NUTCLIENT_t m = nutclient_mem_create_client();
        nutclient_set_device_variable_value(m, "ups", "ups.id", "m");
        print_strings("stub", nutclient_get_device_variable_values(m, "ups", "ups.id"));
        nutclient_destroy(m);
}

int main(int argc, char **argv) {
        if (argc != 3)
                return 2;

        const char *host = argv[1];
        const uint16_t port = (uint16_t) atoi(argv[2]);
        TcpClient c, other(host, port);

        printf("%s %u %ld %d\n", c.getHost().c_str(), c.getPort(), (long) c.getTimeout(), c.isConnected());
        show("not connected", [&] { return text(c.getDeviceNames()); });
        run("unknown", [&] { c.connect("no such host", port); });
        run("refused", [&] { c.connect(host, 1); });
        run("connect", [&] { c.connect(host, port); });
        show_client(c);
        show_session(c);
        run("connect", [&] { c.connect(); });
        show_device(c);
        c.disconnect();
        show_device(other);
        show_functions(host, port);
        show_memory();
        return 0;
}
