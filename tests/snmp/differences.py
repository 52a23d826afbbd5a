# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where our snmp-ups differs from the stock one, and why.

Agent and what it is about (both with * and ?): a variable, a command, or "rw:VARIABLE"; a function of what
stock and ours show that says whether this is that difference (None: any); and the reason.
"""

DIFFERENCES = [
    ('*', 'device.uptime', lambda stock, ours: ours is not None, 'it runs on'),
]
