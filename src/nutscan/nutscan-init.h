/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NUTSCAN_INIT_H_SEEN
#define NUTSCAN_INIT_H_SEEN 1

#ifdef __cplusplus
extern "C" {
#endif

/* Which kinds can be searched, after nutscan_init(). */
extern int nutscan_avail_avahi;
extern int nutscan_avail_ipmi;
extern int nutscan_avail_nut;
extern int nutscan_avail_snmp;
extern int nutscan_avail_usb;
extern int nutscan_avail_xml_http;

/* Before anything else, and after everything else. */
void nutscan_init(void);
void nutscan_free(void);

/* Hosts that are asked at the same time, unless max_threads says otherwise. */
#define DEFAULT_THREAD 512

#ifdef __cplusplus
}
#endif

#endif
