/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NUT_SCAN_H_SEEN
#define NUT_SCAN_H_SEEN 1

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <nutscan-device.h>
#include <nutscan-init.h>
#include <nutscan-ip.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Hosts that are asked at the same time. */
extern size_t max_threads, curr_threads, max_threads_netxml, max_threads_oldnut, max_threads_netsnmp;

typedef struct nutscan_snmp {
        char *community; /* version 1, and 2c where that is not answered */
        char *secLevel;  /* version 3: "noAuthNoPriv", "authNoPriv", "authPriv" */
        char *secName;
        char *authPassword;
        char *privPassword;
        char *authProtocol;
        char *privProtocol;
        char *peername;  /* not used, likewise: */
        void *handle;
} nutscan_snmp_t;

typedef struct nutscan_ipmi {
        char *username;
        char *password;
        int authentication_type;
        int cipher_suite_id;
        char *K_g_BMC_key;
        int privilege_level;
        unsigned int workaround_flags;
        int ipmi_version;
} nutscan_ipmi_t;

#ifndef IPMI_AUTHENTICATION_TYPE_NONE
#define IPMI_AUTHENTICATION_TYPE_NONE 0x00
#define IPMI_AUTHENTICATION_TYPE_MD2 0x01
#define IPMI_AUTHENTICATION_TYPE_MD5 0x02
#define IPMI_AUTHENTICATION_TYPE_STRAIGHT_PASSWORD_KEY 0x04
#define IPMI_AUTHENTICATION_TYPE_OEM_PROP 0x05
#define IPMI_AUTHENTICATION_TYPE_RMCPPLUS 0x06
#endif
#ifndef IPMI_PRIVILEGE_LEVEL_ADMIN
#define IPMI_PRIVILEGE_LEVEL_ADMIN 0x04
#endif

#define IPMI_1_5 1
#define IPMI_2_0 0

typedef struct nutscan_xml {
        uint16_t port_http;      /* not used */
        uint16_t port_udp;       /* 0: 4679 */
        unsigned int usec_timeout; /* 0: that of the call */
        char *peername;          /* not used */
} nutscan_xml_t;

/* The searches. They wait until they are over, and return the first of a list, or NULL when there is nothing
 * or something went wrong, as more than 2^20 addresses. stop_ip may be NULL: one address. Without start_ip
 * nobody is asked, but for XML, which then asks the networks of this machine by broadcast. */
nutscan_device_t *nutscan_scan_snmp(const char *start_ip, const char *stop_ip, unsigned int usec_timeout,
                nutscan_snmp_t *sec);
nutscan_device_t *nutscan_scan_usb(void);
nutscan_device_t *nutscan_scan_xml_http_range(const char *start_ip, const char *end_ip,
                unsigned int usec_timeout, nutscan_xml_t *sec);
nutscan_device_t *nutscan_scan_nut(const char *startIP, const char *stopIP, const char *port,
                unsigned int usec_timeout);
nutscan_device_t *nutscan_scan_avahi(unsigned int usec_timeout);
nutscan_device_t *nutscan_scan_ipmi(const char *startIP, const char *stopIP, nutscan_ipmi_t *sec);
nutscan_device_t *nutscan_scan_eaton_serial(const char *ports_list);

/* Serial ports by "auto", "0", "0-9" or "/dev/ttyS0,/dev/ttyS1": strings and array are the caller's to free;
 * NULL for none. */
char **nutscan_get_serial_ports_list(const char *ports_range);

/* One for the program to use as it likes: it starts with max_threads, and the searches do not look at it. */
sem_t *nutscan_semaphore(void);

/* The whole list that a device is in, on standard output. */
void nutscan_display_ups_conf(nutscan_device_t *device);
void nutscan_display_parsable(nutscan_device_t *device);

#ifdef __cplusplus
}
#endif

#endif
