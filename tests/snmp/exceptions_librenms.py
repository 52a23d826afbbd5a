# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where LibreNMS shows another value than we do, and why: agent and object (with * and ?), the reason."""

EXCEPTIONS = [
    ('librenms/conteg-pdu', '1.3.6.1.4.1.28402.12.1.1.2.6.1.1.4.*', 'a power factor in percent'),
    ('librenms/deltaups_*', '1.3.6.1.2.1.33.1.[345].*', 'tenths of a volt, which it takes for volts'),
    ('librenms/gepulsar_alarms', '1.3.6.1.4.1.10520.2.1.3.1.4.0', 'the sign is that of the positive earth'),
    ('librenms/hpe-mapdu_pdu2', '1.3.6.1.4.1.232.165.7.5.1.1.17.0.*', 'it drops the sign'),
    # 58500 W are 39 % of its 150 kVA, and what 495 A in all make at 208 V between the lines.
    ('librenms/sinetica', '1.3.6.1.4.1.13891.101.[34].*', 'whole volts and watts, which it divides by ten'),
]
