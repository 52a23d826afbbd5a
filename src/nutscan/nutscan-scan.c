/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <netdb.h>

#include "nut-scan.h"
#include "parse-util.h"
#include "scan.h"
#include "string-util.h"

/*** From our devices to theirs ***/

static nutscan_device_type_t type_of(ScanKind kind) {
        static const nutscan_device_type_t types[_SCAN_KIND_MAX] = {
                [SCAN_USB] = TYPE_USB,
                [SCAN_SNMP] = TYPE_SNMP,
                [SCAN_XML] = TYPE_XML,
                [SCAN_NUT] = TYPE_NUT,
                [SCAN_IPMI] = TYPE_IPMI,
                [SCAN_AVAHI] = TYPE_AVAHI,
                [SCAN_SERIAL] = TYPE_EATON_SERIAL,
        };

        return types[kind];
}

static nutscan_device_t *translate(const ScanDevice *d) {
        nutscan_device_t *device = nutscan_new_device();

        if (!device)
                return NULL;
        device->type = type_of(d->kind);
        device->driver = strdup(d->driver);
        device->port = strdup(d->port);
        for (size_t i = 0; i < d->n_options; i++)
                if (!d->options[i].tag)
                        nutscan_add_option_to_device(device, d->options[i].name, d->options[i].value);
        return device;
}

static unsigned parallel(size_t of_kind) {
        size_t n = of_kind > 0 ? MIN(of_kind, max_threads) : max_threads;

        return (unsigned) MIN(n, (size_t) UINT16_MAX);
}

static nutscan_device_t *search(ScanSettings *settings, size_t n_parallel) {
        _cleanup_(scan_devices_done) ScanDevices found = {};
        _cleanup_free_ char *why = NULL;
        nutscan_device_t *list = NULL;

        settings->parallel = parallel(n_parallel);
        if (scan_run(settings, &found, &why) < 0)
                return NULL;
        for (size_t i = 0; i < found.n_devices; i++)
                list = nutscan_add_device_to_device(list, translate(found.devices[i]));
        return nutscan_rewind_device(list);
}

static nutscan_device_t *search_range(ScanSettings *settings, const char *first, const char *last,
                size_t n_parallel) {
        _cleanup_(scan_ranges_done) ScanRanges ranges = {};

        if (first && scan_ranges_add(&ranges, first, last, NULL) < 0)
                return NULL;
        settings->ranges = &ranges;
        return search(settings, n_parallel);
}

/*** The searches ***/

static bool read_level(const nutscan_snmp_t *sec, SnmpCredentials *c) {
        static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv" };

        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                if (streq(sec->secLevel, levels[i])) {
                        c->level = (SnmpLevel) i;
                        return sec->secName && (i < SNMP_LEVEL_AUTH || sec->authPassword) &&
                                (i < SNMP_LEVEL_PRIV || sec->privPassword);
                }
        return false;
}

nutscan_device_t *nutscan_scan_snmp(const char *start_ip, const char *stop_ip, unsigned int usec_timeout,
                nutscan_snmp_t *sec) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_SNMP), .timeout_usec = usec_timeout };
        SnmpCredentials *c = &settings.snmp;

        if (sec && (sec->community || !sec->secLevel))
                c->community = sec->community;
        else if (sec) {
                *c = (SnmpCredentials) {
                        .version = SNMP_V3,
                        .user = sec->secName,
                        .auth_protocol = sec->authProtocol,
                        .auth_password = sec->authPassword,
                        .priv_protocol = sec->privProtocol,
                        .priv_password = sec->privPassword,
                };
                if (!read_level(sec, c))
                        return NULL;
        }
        return search_range(&settings, start_ip, stop_ip, max_threads_netsnmp);
}

nutscan_device_t *nutscan_scan_usb(void) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_USB), .place = SCAN_PLACE_NONE };

        return search(&settings, 0);
}

nutscan_device_t *nutscan_scan_xml_http_range(const char *start_ip, const char *end_ip,
                unsigned int usec_timeout, nutscan_xml_t *sec) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_XML), .timeout_usec = usec_timeout };

        if (sec && sec->usec_timeout > 0)
                settings.timeout_usec = sec->usec_timeout;
        if (sec)
                settings.xml_port = sec->port_udp;
        return search_range(&settings, start_ip, end_ip, max_threads_netxml);
}

nutscan_device_t *nutscan_scan_nut(const char *startIP, const char *stopIP, const char *port,
                unsigned int usec_timeout) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_NUT), .timeout_usec = usec_timeout };
        uint64_t number;

        if (port && parse_uint64(port, 1, UINT16_MAX, &number) < 0)
                return NULL;
        settings.nut_port = port ? (uint16_t) number : 0;
        return search_range(&settings, startIP, stopIP, max_threads_oldnut);
}

nutscan_device_t *nutscan_scan_avahi(unsigned int usec_timeout) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_AVAHI), .timeout_usec = usec_timeout };

        return search(&settings, 0);
}

nutscan_device_t *nutscan_scan_ipmi(const char *startIP, const char *stopIP, nutscan_ipmi_t *sec) {
        return NULL;
}

nutscan_device_t *nutscan_scan_eaton_serial(const char *ports_list) {
        ScanSettings settings = { .kinds = SCAN_KIND(SCAN_SERIAL), .serial_ports = ports_list };

        return search(&settings, 0);
}

char **nutscan_get_serial_ports_list(const char *ports_range) {
        char **ports = NULL;

        return scan_serial_ports(ports_range ?: "auto", &ports) < 0 ? NULL : ports;
}
