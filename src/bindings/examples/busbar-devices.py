#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power devices from the system bus, in Python, with nothing but GLib's bindings (python3-gi).

    busbar-devices.py                          one line for each device
    busbar-devices.py watch                    each change, as it comes
    busbar-devices.py set DEVICE VARIABLE VALUE
    busbar-devices.py run DEVICE COMMAND [ARGUMENT]
"""

import sys

from gi.repository import Gio, GLib

MARKER = "org.busbar.Driver"
DEVICE = "org.busbar.Device1"
VARIABLES = "org.busbar.Variables1"
COMMANDS = "org.busbar.Commands1"
# A device may take its time for an order.
ORDER_TIMEOUT_MS = 120000


class Devices:
    """All devices: name, sender and path of the object, and its variables, kept by signals."""

    def __init__(self, bus, on_change=None):
        self.bus = bus
        self.on_change = on_change
        self.devices = {}  # (unique name of the driver, path): {"name", "revision", "variables"}
        # First follow, then look: what comes in between is not missed. Two rules are enough for any number.
        bus.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                             "/org/freedesktop/DBus", MARKER, Gio.DBusSignalFlags.MATCH_ARG0_NAMESPACE,
                             self._on_owner)
        bus.signal_subscribe(None, VARIABLES, "Changed", None, None, Gio.DBusSignalFlags.NONE,
                             self._on_changed)
        bus.signal_subscribe(None, "org.freedesktop.DBus.ObjectManager", None, "/org/busbar", None,
                             Gio.DBusSignalFlags.NONE, self._on_objects)
        names = self._call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                           "ListNames", None)[0]
        for name in names:
            if name.startswith(MARKER + "."):
                self._read_driver(self._call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                             "org.freedesktop.DBus", "GetNameOwner",
                                             GLib.Variant("(s)", (name,)))[0])

    def _call(self, sender, path, interface, method, arguments, timeout=5000):
        return self.bus.call_sync(sender, path, interface, method, arguments, None,
                                  Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, timeout, None).unpack()

    def _read_driver(self, sender):
        objects = self._call(sender, "/org/busbar", "org.freedesktop.DBus.ObjectManager",
                             "GetManagedObjects", None)[0]
        for path, interfaces in objects.items():
            if DEVICE in interfaces:
                self._read_device(sender, path, interfaces[DEVICE]["Name"])

    def _read_device(self, sender, path, name):
        revision, variables = self._call(sender, path, VARIABLES, "GetAll", None)
        self.devices[sender, path] = {"name": name, "revision": revision, "variables": variables}
        self._tell(name, variables, [])

    def _tell(self, name, changed, removed):
        if self.on_change:
            self.on_change(name, changed, removed)

    def _on_changed(self, _bus, sender, path, _interface, _signal, arguments):
        revision, changed, removed = arguments.unpack()
        device = self.devices.get((sender, path))
        if not device or revision <= device["revision"]:
            return
        if revision != device["revision"] + 1:
            self._read_device(sender, path, device["name"])
            return
        device["revision"] = revision
        device["variables"].update(changed)
        for variable in removed:
            device["variables"].pop(variable, None)
        self._tell(device["name"], changed, removed)

    def _on_objects(self, _bus, sender, _path, _interface, signal, arguments):
        path, interfaces = arguments.unpack()
        if signal == "InterfacesAdded" and DEVICE in interfaces:
            self._read_device(sender, path, interfaces[DEVICE]["Name"])
        elif signal == "InterfacesRemoved" and DEVICE in interfaces:
            self._forget(lambda key: key == (sender, path))

    def _on_owner(self, _bus, _sender, _path, _interface, _signal, arguments):
        name, old, new = arguments.unpack()
        if name == MARKER:  # all drivers queue for it
            return
        if old:
            self._forget(lambda key: key[0] == old)
        # A process may have several of these names, and go on with the others.
        for owner in filter(None, (old, new)):
            try:
                self._read_driver(owner)
            except GLib.Error:  # it is gone, or goes
                pass

    def _forget(self, which):
        for key in [key for key in self.devices if which(key)]:
            self._tell(self.devices.pop(key)["name"], {}, None)

    def find(self, name):
        """Sender and path of a device."""
        for (sender, path), device in self.devices.items():
            if device["name"].lower() == name.lower():
                return sender, path
        raise KeyError(name)

    def set(self, name, variable, value):
        """Returns when the device has it; what it refuses raises GLib.Error."""
        self._call(*self.find(name), VARIABLES, "Set", GLib.Variant("(ssa{sv})", (variable, value, {})),
                   ORDER_TIMEOUT_MS)

    def run(self, name, command, argument=""):
        self._call(*self.find(name), COMMANDS, "Run", GLib.Variant("(ssa{sv})", (command, argument, {})),
                   ORDER_TIMEOUT_MS)


def print_change(name, changed, removed):
    if removed is None:
        print(f"{name} is gone", flush=True)
        return
    for variable, value in sorted(changed.items()):
        print(f"{name}: {variable} = {value}", flush=True)
    for variable in removed:
        print(f"{name}: {variable} is gone", flush=True)


def main(words):
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    if words == ["watch"]:
        devices = Devices(bus, print_change)
        GLib.MainLoop().run()
        return 0
    devices = Devices(bus)
    if not words:
        for device in sorted(devices.devices.values(), key=lambda device: device["name"].lower()):
            charge = device["variables"].get("battery.charge")
            print(f"{device['name']}: {device['variables'].get('ups.status', 'unknown')}"
                  + (f", {charge} %" if charge else ""))
    elif words[0] == "set" and len(words) == 4:
        devices.set(*words[1:])
    elif words[0] == "run" and len(words) in (3, 4):
        devices.run(*words[1:])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyError as e:
        sys.exit(f"There is no device {e.args[0]}.")
    except GLib.Error as e:
        kind = Gio.DBusError.get_remote_error(e) or "Failed"
        Gio.DBusError.strip_remote_error(e)
        sys.exit(f"{kind}: {e.message}")
