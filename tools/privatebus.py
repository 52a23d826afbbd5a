# SPDX-License-Identifier: LGPL-2.1-or-later
"""The private bus of the launcher."""

import re

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.busbar.Driver"/>
    <allow send_destination="org.busbar.Gateway1"/>
    <allow send_destination="org.busbar.Monitor1"/>
  </policy>
  <policy user="{user}">
    <allow own="*"/>
    <allow send_type="method_call"/>
  </policy>
</busconfig>
"""

# The bus says so where it may not raise a limit, and goes on with what it has.
HARMLESS = re.compile(r"dbus-daemon\[\d+\]: .*Failed to set fd limit to \d+: Operation not permitted")
